"""
What a report shows of one target: what it means, what is shown of each result, and how much.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.levels import MUST
from harness.reports import sheets
from harness.reports.sheets import Evidence, Sheet, Shown
from harness.results import Report, Result
from harness.tables import PAGES
from harness.transcripts import Entry
from harness.verdicts import Verdict
from tests.test_html import SPECS, report, result


def meaning(*results: Result, **more: object) -> list[str]:
    """What a run with these results means."""
    return list(sheets.meaning(report("mine", *results, **more)))


@pytest.mark.parametrize(
    ("verdicts", "means"),
    [
        ([Verdict.PASS, Verdict.FACT], ["Every MUST that could be judged holds."]),
        ([Verdict.FAIL], ["1 promise that a server MUST keep is broken."]),
        (
            [Verdict.FAIL, Verdict.FAIL, Verdict.WARN],
            ["2 promises that a server MUST keep are broken.", "1 promise that a server SHOULD keep is broken."],
        ),
        (
            [Verdict.PASS, Verdict.ERROR],
            [
                "Every MUST that could be judged holds.",
                "1 spec ran into a fault of the suite's own, which says nothing about the server.",
            ],
        ),
    ],
)
def test_a_run_means_what_its_verdicts_mean(verdicts: list[Verdict], means: list[str]) -> None:
    """In sentences, with numbers that agree with their verbs."""
    assert meaning(*(result(f"n{number}", verdict) for number, verdict in enumerate(verdicts))) == means


def test_a_run_that_shows_nothing_claims_nothing() -> None:
    """Nothing offered is not everything kept."""
    (told,) = meaning(result("one", Verdict.NOT_OFFERED))

    assert told.startswith("Nothing was judged (1 not-offered)")


def test_what_a_baseline_foresees_is_not_held_against_the_target() -> None:
    """And is not passed over in silence."""
    assert meaning(result("one", Verdict.FAIL, expected="known"), result("two")) == [
        "Every MUST that could be judged holds, but for what the baseline foresees."
    ]


def test_an_interrupted_run_says_so_first() -> None:
    """What is missing might have failed."""
    assert meaning(result("one"), interrupted=True)[0].startswith("The run was interrupted")


def test_every_verdict_has_a_meaning() -> None:
    """A reader can look each of them up."""
    assert set(sheets.MEANINGS) == set(Verdict)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("expected", ["", "known"])
def test_every_result_is_shown_with_its_evidence(verdict: Verdict, expected: str) -> None:
    """In full, but for what is as one hopes."""
    plain = verdict in (Verdict.PASS, Verdict.FACT)
    found = result("one", verdict, expected=expected, transcript=[Entry(0.0, "us", "open")])

    shown = Shown(found, None, evidence=Evidence.of(found))

    assert bool(shown.said) is bool(shown.picture) is not plain
    assert bool(shown.outline) is plain


@pytest.mark.parametrize(
    ("attempts", "reason", "told"),
    [(1, "bad", ""), (3, "bad", "failed 2 of 3"), (3, "late (failed 2 of 3; the control held)", "")],
)
def test_how_often_it_failed_is_told_once(attempts: int, reason: str, told: str) -> None:
    """Most reasons say it themselves."""
    found = result("one", Verdict.FAIL, reason=reason, attempts=attempts, failed=2)

    assert Shown(found, None).trials == told


def test_line_ends_can_be_told_apart() -> None:
    """HTTP's own are others than a lone LF; a lone CR is left to whoever makes it visible."""
    said = [Entry(0.0, "them", "bytes", "a\r\nb\nc\rd\r\r\n")]

    (line,) = Shown(result("one", Verdict.FAIL, transcript=said), None).said

    assert line.data == "a⏎\nb␊\nc\rd\r⏎\n"


@given(
    st.lists(st.builds(Entry, st.just(0.0), st.just("them"), st.just("bytes"), st.text(max_size=2000)), max_size=100),
    st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.floats(), st.lists), max_size=5),
)
def test_what_is_shown_is_bounded_and_counted(said: list[Entry], facts: dict[str, object]) -> None:
    """Whatever was said, and however much."""
    shown = Shown(result("one", Verdict.FAIL, transcript=said, facts=facts), None)

    assert len(shown.said) + shown.unsaid == len(said)
    assert sum(len(line.data) for line in shown.said) < sheets.MOST_SAID + sheets.MOST_ENTRIES * 200 + 2000
    assert [name for name, _ in shown.facts] == list(facts)


def test_values_of_facts_are_json() -> None:
    """A text is told from a number; what is no JSON is told as it would be in Python."""
    shown = Shown(result("one", facts={"a": "1", "b": [1, None], "c": {1}, "d": "x" * 5000}), None)

    assert [value for _, value in shown.facts][:3] == ['"1"', "[1, null]", json.dumps("{1}")]
    assert shown.facts[3][1].endswith("x… (5002 characters)")


def test_pages_stand_in_the_order_of_the_catalogue() -> None:
    """Those of other versions of the suite come last."""
    results = [Result(f"{page}/one", MUST, Verdict.PASS) for page in ("gone", *reversed(PAGES))]

    assert list(sheets.by_page(results)) == [*PAGES, "gone"]


def test_a_bar_has_all_results_side_by_side() -> None:
    """Each kind begins where the one before ends."""
    results = [result("one"), result("two"), result("three", Verdict.FAIL), result("four", Verdict.FAIL, expected="so")]

    assert sheets.bar(results) == [("pass", 0, 2), ("fail", 2, 1), ("expected", 3, 1)]


def test_what_to_look_at_stands_where_something_is_to_be_looked_at() -> None:
    """A pass needs no advice."""
    shown = [Shown(result("one", verdict), SPECS["cgi/one"]).look_at for verdict in (Verdict.FAIL, Verdict.PASS)]

    assert shown == ["the server.", ""]


def test_a_report_without_results_is_a_sheet() -> None:
    """Interrupted at once."""
    sheet = Sheet.of(Report("1", "2026", "real", report("mine").target, interrupted=True), {})

    assert (sheet.eyed, sheet.counts, sheet.pages) == (0, [], [])
