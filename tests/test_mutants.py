"""
Every spec can fail, and fails on nothing else: each mutant is caught by exactly the specs that it names.
"""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from harness import catalogue
from harness.levels import Level
from harness.tables import PAGES
from tests import mutants
from tests.mutants import Mutant, _matrix
from tests.mutants._surveys import Survey, settled, surveys

MUTANTS = mutants.everything()

#: Those that are run here, for time; `tox -e mutants` runs them all.
SUBTLEST = _matrix.subtlest(MUTANTS.values())
LEVELS = {spec.id: spec.level for spec in catalogue.everything()}
PROMISED = sorted({spec.page for spec in catalogue.everything()}, key=list(PAGES).index)


@pytest.fixture(scope="module")
def begun(request: pytest.FixtureRequest) -> dict[str, Future[Survey]]:
    """The surveys of the mutants that were chosen to be tested."""
    chosen = (item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec"))
    names = set(chosen)
    return surveys((name for name in MUTANTS if name in names), thorough=False)


@pytest.mark.parametrize("name", SUBTLEST)
def test_a_mutant_is_caught_by_exactly_the_specs_that_it_names(name: str, begun: dict[str, Future[Survey]]) -> None:
    """One spec more would cry wolf; one fewer would be silent.  `tox -e mutants` asks all others of the page, too."""
    survey = begun[name].result()

    assert settled(survey.failing) == settled(MUTANTS[name].caught_by)
    assert survey.ours == {}


def test_every_must_and_should_catches_a_mutant() -> None:
    """A spec that was never seen to fail says nothing when it passes; that holds of those that are run here as well."""
    assert _matrix.uncaught(MUTANTS.values()) == []
    assert _matrix.uncaught(SUBTLEST.values()) == []


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_mutant_says_what_is_wrong_and_who_catches_it(mutant: Mutant) -> None:
    """What catches it is a MUST or a SHOULD that there is, of a page that the mutant's module is named for."""
    assert mutant.wrong.endswith(".")
    assert mutant.caught_by
    assert {id_ for id_ in mutant.caught_by if LEVELS.get(id_) in (None, Level.MAY)} == set()
    assert any(mutant.module.startswith(page.replace("-", "_")) for page in mutant.pages)


@pytest.mark.parametrize("page", PROMISED)
def test_every_page_has_mutants(page: str) -> None:
    """The page's name is the name of everything about it."""
    assert any(mutant.module == page.replace("-", "_") for mutant in MUTANTS.values())


def test_the_kill_matrix_is_what_the_mutants_say() -> None:
    """`python -m tests.mutants --matrix` writes it anew."""
    assert Path(_matrix.FILE).read_text("utf-8") == _matrix.matrix(MUTANTS.values())
