"""
Several targets side by side: which of them are alike in a spec, and what became of it from one to the next.
"""

from __future__ import annotations

import pytest

from harness.comparing import Kind
from harness.reports import grids
from harness.reports.grids import Grid, Row
from harness.reports.sheets import Evidence
from harness.results import UNSTEADY_VERDICT, Result
from harness.transcripts import Entry
from harness.verdicts import Verdict
from tests.test_html import SPECS, report, result

PASS, FAIL = Verdict.PASS, Verdict.FAIL


def grid(*results: Result | None, are_versions: bool = True) -> Grid:
    """Targets a, b, c …, each with one result or none."""
    reports = [report(name, *filter(None, [one])) for name, one in zip("abcdef", results, strict=False)]
    return Grid.of(reports, SPECS, are_versions=are_versions)


def row(*results: Result | None, are_versions: bool = True) -> Row:
    """Their only row."""
    ((only,),) = (page.rows for page in grid(*results, are_versions=are_versions).pages)
    return only


@pytest.mark.parametrize(
    ("are_versions", "labels"),
    [(True, ["a to b", "c", "d to e"]), (False, ["a, b, d, e", "c"])],
)
def test_targets_that_are_alike_are_told_once(labels: list[str], *, are_versions: bool) -> None:
    """Versions as a history, others by what they have in common."""
    verdicts = (PASS, PASS, FAIL, PASS, PASS)

    told = row(*(result("one", verdict) for verdict in verdicts), are_versions=are_versions)

    assert [shown.label for shown in told.history] == labels
    assert told.differs
    assert told.kinds == "pass fail"


@pytest.mark.parametrize("are_versions", [True, False])
def test_facts_alone_make_a_difference(*, are_versions: bool) -> None:
    """All pass, and yet they are not the same."""
    told = row(*(result("one", facts={"a": number}) for number in (1, 1, 2)), are_versions=are_versions)

    assert told.differs
    assert told.differs_in_facts_alone
    assert [shown.result.facts["a"] for shown in told.history] == [1, 2]


def test_a_row_is_headed_by_its_verdicts() -> None:
    """Each once as long as it lasts."""
    told = row(*(result("one", verdict, facts={"a": n}) for n, verdict in enumerate((PASS, PASS, FAIL, FAIL, PASS))))

    assert len(told.history) == 5
    assert [shown.verdict for shown in told.verdicts] == ["pass", "fail", "pass"]


def test_facts_stand_side_by_side() -> None:
    """Those that differ, and those that do not; where there is none, it says so."""
    told = row(result("one", facts={"a": 1, "b": "x"}), result("one", FAIL, facts={"b": "x", "c": None}))
    differing, alike = told.facts

    assert [(fact.name, fact.values) for fact in differing] == [("a", ["1", "(none)"]), ("c", ["(none)", "null"])]
    assert [(fact.name, fact.values) for fact in alike] == [("b", ['"x"', '"x"'])]


@pytest.mark.parametrize("are_versions", [True, False])
def test_what_is_unsteady_makes_no_difference(*, are_versions: bool) -> None:
    """The same target would say something else when asked again."""
    told = row(
        result("one", facts={"a": 1}, unsteady=["a"]),
        result("one", facts={"a": 2}),
        are_versions=are_versions,
    )

    assert not told.differs


def test_a_verdict_that_is_unsteady_is_shown_and_marked_as_nothing() -> None:
    """Two words in one row are two words; they are no change."""
    told = row(result("one"), result("one", FAIL, unsteady=[UNSTEADY_VERDICT]))

    assert told.differs
    assert [cell.change for cell in told.cells] == [None, None]


def test_changes_are_marked_where_they_happened() -> None:
    """In the cell of the target that the step led to."""
    told = row(result("one"), result("one", FAIL), result("one", FAIL), result("one"))
    marks = [cell.change.difference.kind if cell.change else None for cell in told.cells]

    assert marks == [None, Kind.BROKEN, None, Kind.MENDED]
    assert [cell.verdict for cell in told.cells] == ["pass", "fail", "fail", "pass"]


def test_where_a_target_was_not_asked_it_says_so() -> None:
    """A hole is not a pass."""
    told = row(None, result("one"))

    assert [cell.verdict for cell in told.cells] == [grids.NOT_THERE, "pass"]
    assert [cell.kind for cell in told.cells] == ["", "pass"]
    assert told.cells[1].change is not None


def test_the_newest_speaks_for_those_that_are_alike() -> None:
    """Its reason and its evidence are the freshest."""
    told = row(result("one", FAIL, reason="old"), result("one", FAIL, reason="new"))

    assert [shown.why for shown in told.history] == ["new"]


def test_passes_have_evidence_where_others_differ() -> None:
    """What passes everywhere needs none."""
    said = [Entry(0.0, "us", "open")]

    alike = row(result("one", transcript=said), result("one", transcript=said))
    apart = row(result("one", transcript=said), result("one", FAIL, transcript=said))

    assert [shown.evidence for shown in alike.history] == [Evidence.NONE]
    assert [shown.evidence for shown in apart.history] == [Evidence.SHORT, Evidence.FULL]


def test_what_needs_a_look_stands_first_among_what_is_alike() -> None:
    """A promise that is broken everywhere is still broken."""
    same = (result("one"), result("two", FAIL), result("three", FAIL, expected="known"))

    (page,) = Grid.of([report("a", *same), report("b", *same)], SPECS, are_versions=True).pages

    assert [told.id for told in page.alike] == ["cgi/two", "cgi/one", "cgi/three"]
    assert page.differing == []


def test_every_kind_of_change_has_a_meaning() -> None:
    """A reader can look each of them up."""
    assert set(grids.KINDS) == set(Kind)


def test_the_first_line_of_the_bad_one_says_why() -> None:
    """Of what is mended the old reason, of what broke the new."""
    (step,) = grid(result("one", FAIL, reason="was\nmore"), result("one")).steps or ()
    (other,) = grid(result("one"), result("one", FAIL, reason="is\nmore")).steps or ()

    assert [change.why for change in step.changes] == ["was"]
    assert [change.why for change in other.changes] == ["is"]


def test_servers_have_no_steps() -> None:
    """None of them comes before another."""
    told = grid(result("one"), result("one", FAIL), are_versions=False)

    assert told.steps is None
    assert (told.title, told.differing, told.asked, told.kinds) == ("a, b", 1, 1, ["pass", "fail"])
    assert [cell.change for page in told.pages for one in page.rows for cell in one.cells] == [None, None]
