"""
The table of verdicts and the exit codes, row by row as the house has them.
"""

from __future__ import annotations

import pytest

from harness.levels import Level
from harness.verdicts import FAILING, FORESEEABLE, JUDGED, STRICT, TABLE, Exit, Outcome, Verdict, judge

ROWS = {
    "the assertions hold": ("pass", "pass", "fact"),
    "an assertion failed": ("fail", "warn", "fact"),
    "it failed on time alone, and again each time it was repeated alone": ("fail", "warn", "fact"),
    "it failed on time alone, and either our own clock was bent or it held when repeated alone": ("inconclusive",) * 3,
    "the profile does not offer it": ("not-offered",) * 3,
    "offered, but no witness can show it": ("not-observable",) * 3,
    "anything else raised": ("error",) * 3,
}


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize(("column", "level"), list(enumerate(Level)))
def test_every_row_of_the_table_is_as_the_house_has_it(outcome: Outcome, column: int, level: Level) -> None:
    """What happened and how much it binds decide the verdict, and nothing else does."""
    assert judge(outcome, level).value == ROWS[outcome.value][column]


def test_the_table_has_every_row_once() -> None:
    """No outcome is without a verdict, and no row is one that cannot happen."""
    assert {outcome.value for outcome in TABLE} == set(ROWS)
    assert set(TABLE) == set(Outcome)


def test_only_a_broken_must_and_an_error_fail_a_run() -> None:
    """Everything else is told, and does not fail by itself."""
    assert {verdict.value for verdict in FAILING} == {"fail", "error"}


def test_strict_adds_warnings_and_what_is_inconclusive() -> None:
    """`--strict` takes doubt for failure."""
    assert {verdict.value for verdict in STRICT} == {"warn", "inconclusive"}


def test_what_was_not_judged_is_not_green() -> None:
    """A run of only these has shown nothing about its target."""
    assert {verdict.value for verdict in set(Verdict) - JUDGED} == {
        "not-offered",
        "not-observable",
        "inconclusive",
        "error",
    }


def test_a_baseline_foresees_neither_passes_nor_our_own_errors() -> None:
    """A foreseen pass would be no divergence, and a foreseen error would hide a fault of ours."""
    assert {verdict.value for verdict in FORESEEABLE} == {"fail", "warn", "not-observable", "inconclusive"}


def test_exit_codes_are_those_of_pytest() -> None:
    """People script against them."""
    assert {code.name: code.value for code in Exit} == {
        "OK": 0,
        "FAILED": 1,
        "INTERRUPTED": 2,
        "USAGE": 4,
        "NOTHING": 5,
    }


def test_a_verdict_shows_as_its_word() -> None:
    """A failing assert prints the word of the reports."""
    assert repr(Verdict.NOT_OFFERED) == "not-offered"
