"""
What changed between two runs: verdicts, facts, and what is only noise.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from harness.comparing import NOTHING, Fact, Kind, compare, unsteady
from harness.levels import MAY, MUST, SHOULD, Level
from harness.results import UNSTEADY_VERDICT, Known, Report, Result
from harness.verdicts import Verdict


def report(*results: Result) -> Report:
    """A run with these results."""
    return Report("1", "2026", "real", Known("t", "http://h/", ""), results=list(results))


def result(verdict: Verdict, id_: str = "cgi/one", level: Level = MUST, **facts: Any) -> Result:
    """A result with this verdict and these facts."""
    return Result(id_, level, verdict, facts=facts)


def kinds(old: Report, new: Report) -> dict[str, Kind]:
    """What became of which spec."""
    return {one.id: one.kind for one in compare(old, new)}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (Verdict.PASS, Verdict.FAIL, Kind.BROKEN),
        (Verdict.PASS, Verdict.WARN, Kind.BROKEN),
        (Verdict.FAIL, Verdict.PASS, Kind.MENDED),
        (Verdict.WARN, Verdict.PASS, Kind.MENDED),
        (Verdict.NOT_OFFERED, Verdict.PASS, Kind.ONLY_NEW),
        (Verdict.NOT_OFFERED, Verdict.FAIL, Kind.ONLY_NEW),
        (Verdict.PASS, Verdict.NOT_OBSERVABLE, Kind.ONLY_OLD),
        (Verdict.FAIL, Verdict.NOT_OFFERED, Kind.ONLY_OLD),
        (Verdict.PASS, Verdict.INCONCLUSIVE, Kind.UNSETTLED),
        (Verdict.INCONCLUSIVE, Verdict.FAIL, Kind.UNSETTLED),
        (Verdict.PASS, Verdict.ERROR, Kind.UNSETTLED),
    ],
)
def test_a_verdict_that_is_another_is_a_difference(old: Verdict, new: Verdict, kind: Kind) -> None:
    """An open one says nothing about the server, and an error of ours neither."""
    assert kinds(report(result(old)), report(result(new))) == {"cgi/one": kind}


@pytest.mark.parametrize("verdict", Verdict)
def test_the_same_verdict_is_none(verdict: Verdict) -> None:
    """Whatever it is."""
    assert compare(report(result(verdict)), report(result(verdict))) == []


def test_what_one_run_did_not_ask_is_not_offered_there() -> None:
    """It may have chosen other specs, or know fewer."""
    assert kinds(report(), report(result(Verdict.PASS))) == {"cgi/one": Kind.ONLY_NEW}
    assert kinds(report(result(Verdict.PASS)), report()) == {"cgi/one": Kind.ONLY_OLD}


def test_facts_that_are_others_are_named() -> None:
    """With both values; those that stay are not."""
    old = report(result(Verdict.FACT, level=MAY, same=1, other=[1, 2], gone="x"))
    new = report(result(Verdict.FACT, level=MAY, same=1, other=[2], come="y"))

    (difference,) = compare(old, new)

    assert difference.kind is Kind.CHANGED
    assert difference.facts == (Fact("other", [1, 2], [2]), Fact("gone", "x", NOTHING), Fact("come", NOTHING, "y"))


def test_facts_of_what_was_not_judged_are_none() -> None:
    """A spec that ran into its deadline may have noted half of them."""
    old = report(result(Verdict.INCONCLUSIVE, first=1))
    new = report(result(Verdict.INCONCLUSIVE, first=2))

    assert compare(old, new) == []


def test_what_matters_most_comes_first() -> None:
    """By kind, then by level, then by ID."""
    verdicts = {
        "cgi/a-fact": (Verdict.FACT, Verdict.FACT, MAY),
        "cgi/b-mended": (Verdict.FAIL, Verdict.PASS, MUST),
        "cgi/c-should": (Verdict.PASS, Verdict.WARN, SHOULD),
        "cgi/d-must": (Verdict.PASS, Verdict.FAIL, MUST),
        "cgi/b-must": (Verdict.PASS, Verdict.FAIL, MUST),
    }
    old = report(*(result(before, id_, level, n=1) for id_, (before, _, level) in verdicts.items()))
    new = report(*(result(after, id_, level, n=2) for id_, (_, after, level) in verdicts.items()))

    found = compare(old, new)

    assert [one.id for one in found] == ["cgi/b-must", "cgi/d-must", "cgi/c-should", "cgi/b-mended", "cgi/a-fact"]
    assert [one.fails() for one in found] == [True, True, False, False, False]
    assert [one.fails(strict=True) for one in found] == [True, True, True, False, False]


def test_what_the_baseline_foresees_fails_no_comparison() -> None:
    """It is told all the same."""
    old, new = report(result(Verdict.PASS)), report(evolve(result(Verdict.FAIL), expected="since 18.9"))

    (difference,) = compare(old, new)

    assert difference.kind is Kind.BROKEN
    assert difference.is_foreseen
    assert not difference.fails(strict=True)


def test_what_is_unsteady_in_either_run_is_no_difference() -> None:
    """A fact, or the verdict; what else there is to tell is told."""
    old = report(
        evolve(result(Verdict.FACT, "cgi/one", MAY, at=1, kept="a"), unsteady=["at"]), result(Verdict.PASS, "cgi/two")
    )
    new = report(
        result(Verdict.FACT, "cgi/one", MAY, at=3, kept="b"),
        evolve(result(Verdict.FAIL, "cgi/two"), unsteady=[UNSTEADY_VERDICT]),
    )

    (difference,) = compare(old, new)

    assert difference.facts == (Fact("kept", "a", "b"),)


def test_what_another_answer_of_the_same_target_differs_in_is_unsteady() -> None:
    """Names of facts, and the verdict."""
    one = result(Verdict.FACT, "cgi/one", MAY, at=1, kept="a")

    assert unsteady(one, one) == []
    assert unsteady(one, result(Verdict.FACT, "cgi/one", MAY, at=2, kept="a")) == ["at"]
    assert unsteady(one, result(Verdict.INCONCLUSIVE, "cgi/one", MAY)) == []
    assert unsteady(result(Verdict.PASS, n=1), result(Verdict.FAIL, n=2)) == [UNSTEADY_VERDICT, "n"]
