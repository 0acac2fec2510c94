"""
The kill matrix: which specs catch which mutants, as it is pinned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness import catalogue
from harness.levels import Level
from harness.tables import PAGES
from tests.mutants import Mutant

FILE = Path(__file__).resolve().parents[2] / "docs" / "kill-matrix.md"

HEAD = """\
# The kill matrix

Each spec is known to be able to fail.
A *mutant* is the reference implementation with exactly one promise broken, as a real implementer would get it wrong.
Below stand, page by page, the mutants with the specs that catch them, and the specs with how many they catch.
`tox -e mutants` runs them all and fails on one catch more or one fewer than stands here.
CI, for time, runs those that show of each spec that it can fail.
"""


def uncaught(mutants: Iterable[Mutant]) -> list[str]:
    """The IDs of the MUST and SHOULD specs that catch none of these."""
    catching = {id_ for one in mutants for id_ in one.caught_by}
    return [spec.id for spec in catalogue.everything() if spec.level is not Level.MAY and spec.id not in catching]


def subtlest(mutants: Iterable[Mutant]) -> dict[str, Mutant]:
    """Mutants that show of each spec that it can fail, by name: for each the one that fewest others catch."""
    known = list(mutants)
    best: dict[str, Mutant] = {}
    for one in sorted(known, key=lambda one: (one.clock == "real", len(one.caught_by), one.name)):
        for id_ in one.caught_by:
            best.setdefault(id_, one)
    chosen = {one.name for one in best.values()}
    return {one.name: one for one in known if one.name in chosen}


def matrix(mutants: Iterable[Mutant]) -> str:
    """The document, in Markdown."""
    known = list(mutants)
    pages = [page for page in PAGES if any(page in one.pages for one in known)]
    judged = sum(spec.level is not Level.MAY for spec in catalogue.everything())
    lines = [HEAD, f"{len(known)} mutants, {judged} MUST and SHOULD specs.\n"]
    for page in pages:
        lines += _page(page, [one for one in known if page in one.pages])
    return "\n".join(lines)


def _page(page: str, mutants: list[Mutant]) -> Iterator[str]:
    yield f"## {page}\n"
    yield "| mutant | what is wrong with it | caught by |"
    yield "|---|---|---|"
    for one in mutants:
        facts = sorted(id_.partition("/")[2] for id_ in one.caught_by if id_.startswith(f"{page}/"))
        caught = "<br>".join(f"`{fact}`" for fact in facts)
        yield f"| `{one.name}` | {one.wrong.replace('|', '&#124;')} | {caught} |"
    yield ""
    yield "| spec | level | mutants |"
    yield "|---|---|---|"
    for spec in catalogue.everything():
        if spec.page == page and spec.level is not Level.MAY:
            yield f"| `{spec.id}` | {spec.level.name} | {sum(spec.id in one.caught_by for one in mutants)} |"
    yield ""
