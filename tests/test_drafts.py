"""
The baseline of a run: what gets in, what is kept of an older one, and what a person is told.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import baselines
from harness.errors import UsageError
from harness.levels import MUST
from harness.reports.drafts import LONGEST, UNEXPLAINED, drawn, updated
from harness.results import UNSTEADY_VERDICT, Known, Report, Result
from harness.verdicts import Verdict

FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS
IDS = ("cgi/a", "cgi/b", "cgi/c", "cgi/d")
KNOWN = frozenset(IDS)

#: Any text, lone surrogates and control characters too: a result file may hold what a target sent.
TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def report(*results: Result, software: str = "TwistedWeb/22.10.0", **more: Any) -> Report:
    """A whole run with these results, passes for all other specs."""
    passes = [Result(id_, MUST, PASS) for id_ in IDS if id_ not in {result.id for result in results}]
    return Report("1", "2026", "real", Known("mine", "http://h/", software), results=[*results, *passes], **more)


def failed(id_: str, reason: str = "500 != 200", verdict: Verdict = FAIL, **more: Any) -> Result:
    """A result that is no pass."""
    return Result(id_, MUST, verdict, reason=reason, **more)


def entries(text: str) -> list[dict[str, str]]:
    """The entries of a baseline, as TOML has them."""
    known: list[dict[str, str]] = tomllib.loads(text).get("known", [])
    return known


def loaded(text: str, software: str = "TwistedWeb/22.10.0") -> baselines.Baseline:
    """What `web60 run` makes of this baseline."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "known.toml"
        path.write_text(text, "utf-8")
        return baselines.load(path, KNOWN).at(software)


def written(directory: Path, text: str) -> Path:
    """A baseline with this text."""
    path = directory / "known.toml"
    path.write_text(dedent(text).lstrip(), "utf-8")
    return path


def test_every_divergence_gets_in_by_id() -> None:
    """What failed and what was warned of, with what was seen; passes and facts do not diverge."""
    run = report(failed("cgi/c"), failed("cgi/a", "late", WARN), Result("cgi/b", MUST, Verdict.FACT))

    draft = drawn(run, KNOWN)

    assert entries(draft.text) == [
        {"id": "cgi/a", "verdict": "warn", "reason": UNEXPLAINED + "late"},
        {"id": "cgi/c", "verdict": "fail", "reason": UNEXPLAINED + "500 != 200"},
    ]
    assert draft.remarks == ()


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.ERROR])
@pytest.mark.parametrize("expected", ["", "known"])
def test_what_says_nothing_about_the_target_never_gets_in(verdict: Verdict, expected: str) -> None:
    """It may be otherwise in the next run, and then the entry would be over; the person is told which these are."""
    draft = drawn(report(failed("cgi/b", verdict=verdict, expected=expected)), KNOWN)

    assert entries(draft.text) == []
    assert draft.remarks == (f"left out: {verdict.value}, which says nothing about the target: cgi/b",)


def test_a_verdict_that_was_another_when_asked_again_does_not_get_in() -> None:
    """Half of the runs would find it over."""
    draft = drawn(report(failed("cgi/b", unsteady=[UNSTEADY_VERDICT])), KNOWN)

    assert entries(draft.text) == []
    assert draft.remarks == ("left out: asked again, they got another verdict: cgi/b",)


@pytest.mark.parametrize(("expected", "there"), [("", []), ("no log", ["no log"])])
def test_what_nobody_could_see_gets_in_only_where_it_was_foreseen(expected: str, there: list[str]) -> None:
    """Another clock or another profile shows it, and then the entry would be over."""
    draft = drawn(report(failed("cgi/b", verdict=Verdict.NOT_OBSERVABLE, expected=expected)), KNOWN)

    assert [entry["reason"] for entry in entries(draft.text)] == there


def test_a_reason_that_a_person_gave_is_kept() -> None:
    """What was foreseen carries it."""
    draft = drawn(report(failed("cgi/a", expected="issue 7,\nsince May")), KNOWN)

    assert entries(draft.text)[0]["reason"] == "issue 7,\nsince May"
    assert UNEXPLAINED.strip() not in draft.text


@pytest.mark.parametrize(
    ("reason", "seen"),
    [
        ("", "it gave no reason"),
        ("\n \n  the first\nthe second", "the first"),
        ("x" * 1000, "x" * (LONGEST - 1) + "…"),
        ("\x1b[31mred\u202e\udcff", r"\x1b[31mred\u202e\udcff"),
    ],
)
def test_what_was_seen_is_one_short_line_that_is_safe_to_print(reason: str, seen: str) -> None:
    """Whatever a target sent, and however much of it."""
    assert entries(drawn(report(failed("cgi/a", reason)), KNOWN).text)[0]["reason"] == UNEXPLAINED + seen


def test_a_run_without_divergences_has_an_empty_baseline_that_says_so() -> None:
    """It can be used as it is."""
    draft = drawn(report(), KNOWN)

    assert "Nothing is foreseen of it." in draft.text
    assert loaded(draft.text).entries == {}


def test_the_heading_says_whose_divergences_they_are_in_comments_only() -> None:
    """Whatever the target calls itself."""
    run = evolve(report(failed("cgi/a"), software="a\nb = 1\x1b"), started="now\n[x]")
    run.target = evolve(run.target, name='n"\n[[known]]')

    text = drawn(run, KNOWN).text

    assert text.startswith('# The known divergences of n" [[known]] (a b = 1\\x1b)\n# in the run of now [x].\n')
    assert len(entries(text)) == 1


@pytest.mark.parametrize(("interrupted", "how"), [(True, "was interrupted"), (False, "was of a selection")])
def test_a_partial_run_is_said_to_be_one(*, interrupted: bool, how: str) -> None:
    """Its baseline is not that of the target."""
    run = report(failed("cgi/a"), interrupted=interrupted)
    run.results = run.results[:1]

    (remark,) = drawn(run, KNOWN).remarks

    assert remark == (
        f"the run {how}: 3 of 4 specs have no result, and what they would hold against the target is not here"
    )


def test_a_spec_that_is_not_known_here_is_left_out_and_named() -> None:
    """A result file may be of another web60; an entry about it could not be loaded."""
    draft = drawn(report(failed("cgi/\x1bgone")), KNOWN)

    assert entries(draft.text) == []
    assert draft.remarks == (r"left out: no spec of this web60 is called cgi/\x1bgone",)


@settings(deadline=None, max_examples=60)
@given(
    results=st.lists(
        st.builds(failed, st.sampled_from(IDS), TEXT, st.sampled_from([FAIL, WARN]), expected=TEXT),
        unique_by=lambda result: result.id,
    ),
    name=TEXT,
    software=TEXT,
)
def test_what_is_written_can_be_loaded_and_foresees_the_run(results: list[Result], name: str, software: str) -> None:
    """Whatever the reasons and whoever the target."""
    run = report(*results)
    run.target = Known(name, "http://h/", software)

    baseline = loaded(drawn(run, KNOWN).text, software)

    assert all(baseline.foresees(result) for result in results)
    assert len(baseline.entries) == len(results)
    assert drawn(evolve(run, results=marked(baseline, run.results)), KNOWN).remarks == ()


def marked(baseline: baselines.Baseline, results: Iterable[Result]) -> list[Result]:
    """The results of the same run with this baseline."""
    return [baseline.apply(evolve(result, expected="")) for result in results]


OLD = """
    # What we know of it.

    [[known]]
    id = "cgi/a"     # it is the same with B
    verdict = "fail"
    reason = "issue 7"
    evidence = "GET /a: 500"

    # Until they mend it.
    [[known]]
    id = "cgi/c"
    verdict = "fail"
    reason = "issue 8"
    """


def test_an_update_of_what_still_holds_changes_nothing(tmp_path: Path) -> None:
    """Comments, evidence and all; the run itself need not have had the baseline."""
    path = written(tmp_path, OLD)

    draft = updated(report(failed("cgi/a"), failed("cgi/c")), KNOWN, path)

    assert draft.text == path.read_text("utf-8")
    assert draft.remarks == ()


def test_an_update_takes_out_what_is_over_and_puts_in_what_is_new(tmp_path: Path) -> None:
    """New entries stand where their IDs belong; both are told."""
    path = written(tmp_path, OLD)

    draft = updated(report(failed("cgi/c"), failed("cgi/b"), failed("cgi/d", verdict=WARN)), KNOWN, path)

    assert [(entry["id"], entry["verdict"]) for entry in entries(draft.text)] == [
        ("cgi/b", "fail"),
        ("cgi/c", "fail"),
        ("cgi/d", "warn"),
    ]
    assert entries(draft.text)[1]["reason"] == "issue 8"
    assert draft.text.startswith("# What we know of it.\n")
    assert draft.remarks == (
        "taken out: cgi/a was foreseen to be fail, and is pass",
        "new: cgi/b, fail",
        "new: cgi/d, warn",
    )


def test_an_update_replaces_what_got_another_verdict(tmp_path: Path) -> None:
    """Its reason was that of the other."""
    draft = updated(report(failed("cgi/a", verdict=WARN), failed("cgi/c")), KNOWN, written(tmp_path, OLD))

    assert [(entry["id"], entry["verdict"]) for entry in entries(draft.text)] == [("cgi/a", "warn"), ("cgi/c", "fail")]
    assert entries(draft.text)[0]["reason"] == UNEXPLAINED + "500 != 200"


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_OFFERED, None])
def test_an_update_keeps_what_the_run_says_nothing_about(tmp_path: Path, verdict: Verdict | None) -> None:
    """It was not asked, or could not be told."""
    run = report(failed("cgi/a", verdict=verdict or PASS), failed("cgi/c"))
    if verdict is None:
        run.results = run.results[1:]

    assert entries(updated(run, KNOWN, written(tmp_path, OLD)).text) == entries(dedent(OLD))


CONDITIONAL = """
    [[known]]
    id = "cgi/a"
    verdict = "fail"
    twisted = "<22.4"
    reason = "as it was"

    [[known]]
    id = "cgi/a"
    verdict = "warn"
    twisted = ">=24.7"
    reason = "as it is"
    """


def test_an_update_leaves_other_versions_alone(tmp_path: Path) -> None:
    """A run on one says nothing about the others."""
    path = written(tmp_path, CONDITIONAL)

    assert updated(report(), KNOWN, path).text == path.read_text("utf-8")


def test_what_is_new_beside_other_versions_is_about_this_one_only(tmp_path: Path) -> None:
    """Without a condition it would overlap with them."""
    draft = updated(report(failed("cgi/a")), KNOWN, written(tmp_path, CONDITIONAL))

    assert [entry["twisted"] for entry in entries(draft.text)] == ["<22.4", ">=24.7", "==22.10.0"]
    assert loaded(draft.text).foresees(failed("cgi/a"))
    assert loaded(draft.text, "TwistedWeb/20.3.0").entries["cgi/a"].reason == "as it was"


def test_an_update_takes_out_what_is_over_on_this_version_only(tmp_path: Path) -> None:
    """The entry of another version stays."""
    draft = updated(report(software="TwistedWeb/26.10.0"), KNOWN, written(tmp_path, CONDITIONAL))

    assert [entry["twisted"] for entry in entries(draft.text)] == ["<22.4"]
    assert draft.remarks == ("taken out: cgi/a was foreseen to be warn, and is pass",)


def test_nothing_is_put_beside_versions_where_the_target_tells_none(tmp_path: Path) -> None:
    """Nobody could say of which it is true; the person is told, and why."""
    path = written(tmp_path, CONDITIONAL)

    draft = updated(report(failed("cgi/a"), software="nginx"), KNOWN, path)

    assert draft.text == path.read_text("utf-8")
    note, left_out = draft.remarks
    assert "do not apply" in note
    assert left_out == "left out: cgi/a has entries for some versions of Twisted, and this target tells none"


def test_an_empty_baseline_can_be_updated(tmp_path: Path) -> None:
    """The first entry comes as any other."""
    draft = updated(report(failed("cgi/b")), KNOWN, written(tmp_path, "# nothing yet\n"))

    assert draft.text.startswith("# nothing yet\n")
    assert [entry["id"] for entry in entries(draft.text)] == ["cgi/b"]


def test_a_baseline_of_inline_tables_can_be_updated(tmp_path: Path) -> None:
    """TOML has two ways to write the same."""
    path = written(tmp_path, 'known = [{id = "cgi/a", verdict = "fail", reason = "r"}]\n')

    draft = updated(report(failed("cgi/b")), KNOWN, path)

    assert [entry["id"] for entry in entries(draft.text)] == ["cgi/b"]


def test_a_baseline_that_cannot_be_used_cannot_be_updated(tmp_path: Path) -> None:
    """Its mistakes are told."""
    with pytest.raises(UsageError, match="entry 1: has no verdict"):
        updated(report(), KNOWN, written(tmp_path, '[[known]]\nid = "cgi/a"\nreason = "r"\n'))


VERSIONS = st.sampled_from(["", "<22.4", ">=22.4,<24.7", ">=24.7"])


@settings(deadline=None, max_examples=40)
@given(
    before=st.dictionaries(st.tuples(st.sampled_from(IDS), VERSIONS), TEXT.map(lambda text: f"r{text!a}")),
    results=st.lists(st.sampled_from([*(failed(id_, "seen") for id_ in IDS)]), unique_by=lambda result: result.id),
    software=st.sampled_from(["TwistedWeb/20.3.0", "TwistedWeb/24.3.0", "TwistedWeb/26.10.0"]),
)
def test_an_updated_baseline_can_be_loaded_and_fits_the_run(
    before: dict[tuple[str, str], str], results: list[Result], software: str
) -> None:
    """Every divergence is foreseen and none is over, whatever stood there."""
    kept = {key: reason for key, reason in before.items() if not key[1] or (key[0], "") not in before}
    rows = [
        {"id": id_, "verdict": "fail", "reason": reason} | ({"twisted": when} if when else {})
        for (id_, when), reason in kept.items()
    ]
    run = report(*results, software=software)
    with TemporaryDirectory() as directory:
        path = written(Path(directory), "\n".join(map(as_toml, rows)))
        draft = updated(run, KNOWN, path)

    baseline = loaded(draft.text, software)

    now = marked(baseline, run.results)
    assert [result.id for result in now if result.verdict is FAIL and not result.expected] == []
    assert baseline.stale(now) == []


def as_toml(row: dict[str, str]) -> str:
    """One entry, by hand: what is tested must not be the only one to write it."""
    escaped = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in row.items()}
    return "\n".join(("[[known]]", *(f'{key} = "{value}"' for key, value in escaped.items()), ""))
