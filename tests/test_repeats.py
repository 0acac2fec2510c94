"""
What several attempts say together: pure, attempt by attempt.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from harness.catalogue import Spec
from harness.levels import MAY, MUST, Level
from harness.repeats import result_of_all
from harness.results import Result
from harness.sources import rfc
from harness.trying import BENT, Tried
from harness.verdicts import Outcome, Verdict


async def nothing() -> None:
    """Check nothing."""


def late(reason: str, lag: float = 0.0) -> Tried:
    """An attempt that failed on time alone, while our own clock lagged so much."""
    return Tried(Outcome.LATE, reason, lag=lag, on_time_alone=True)


def together(*tries: Tried, level: Level = MUST) -> Result:
    """What these attempts say together."""
    return result_of_all(Spec("cgi/one", level, rfc(9110, "1"), nothing), tries)


@pytest.mark.parametrize(
    ("lags", "told", "lag"),
    [
        ((0, 0, 0), "three", 0),
        ((0, 0.1, 0.2), "three", 0.2),
        ((0, 0, BENT), "two", 0),
        ((0, 0.1, BENT), "two", 0.1),
        ((BENT, BENT, 0.2), "three", 0.2),
    ],
)
def test_the_last_repetition_that_counts_is_told(lags: tuple[float, ...], told: str, lag: float) -> None:
    """With what was measured then, and not with what another one measured."""
    result = together(*map(late, ("one", "two", "three"), lags))

    assert (result.verdict, result.attempts, result.failed) == (Verdict.FAIL, 3, 3)
    assert (result.reason, result.lag) == (f"{told} (failed 3 of 3)", lag)


def test_where_none_counts_the_last_excuse_is_told() -> None:
    """That the first attempt has no excuse does not help: it was made in a crowd, and is no repetition."""
    assert together(late("one"), late("two", 0.5)).verdict is Verdict.INCONCLUSIVE

    result = together(late("one", 0.4), late("two", 0.5), late("three", 0.7))

    assert (result.verdict, result.lag) == (Verdict.INCONCLUSIVE, 0.7)
    assert result.reason == "three (failed 3 of 3); but our own clock lagged 0.700 s meanwhile"


def test_what_held_in_the_end_tells_its_last_failure() -> None:
    """Whatever excuse there may have been for it."""
    result = together(late("one"), late("two", 0.5), Tried(Outcome.HELD))

    assert (result.verdict, result.attempts, result.failed) == (Verdict.INCONCLUSIVE, 3, 2)
    assert (result.reason, result.lag) == ("two (failed 2 of 3); it held when it was repeated", 0.5)


@pytest.mark.parametrize(("outcome", "verdict"), [(Outcome.BROKEN, Verdict.FAIL), (Outcome.OURS, Verdict.ERROR)])
def test_what_ended_otherwise_than_by_lateness_is_told_as_it_ended(outcome: Outcome, verdict: Verdict) -> None:
    """However often it was late before."""
    result = together(late("one"), late("two"), Tried(outcome, "worse"))

    assert (result.verdict, result.attempts, result.failed, result.reason) == (verdict, 3, 3, "worse")


def test_a_fact_that_was_recorded_in_the_end_is_one() -> None:
    """Nothing was judged, so nothing is left open; without it a comparison would tell a change."""
    result = together(late("one"), Tried(Outcome.HELD, facts={"it": 1}), level=MAY)

    assert (result.verdict, result.facts) == (Verdict.FACT, {"it": 1})
    assert (result.attempts, result.failed) == (2, 1)


def test_a_fact_that_was_another_in_another_attempt_is_unsteady() -> None:
    """Whether it was recorded in the end or not; an attempt that came to none says nothing of it."""
    first = evolve(late("one"), facts={"at": 1, "kept": "a"})
    second = evolve(late("two"), facts={"at": 2, "kept": "a", "more": True})
    held = Tried(Outcome.HELD, facts={"at": 2, "kept": "a", "more": True})

    assert together(first, second).unsteady == ["at"]
    assert together(first, held, level=MAY).unsteady == ["at"]
    assert together(second, held, level=MAY).unsteady == []
