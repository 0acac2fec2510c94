"""
Results in words, safe to print.
"""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.catalogue import Spec
from harness.levels import MUST
from harness.reports import words
from harness.results import Known, Report, Result
from harness.sources import tutorial
from harness.transcripts import Entry, safe
from harness.verdicts import Verdict


async def check() -> None:
    """
    It is so.

    Sends:    a GET.
    Look at:  the handler.
    """


SPEC = Spec("cgi/one", MUST, tutorial("cgi", "a word"), check)


def report(*results: Result, stale: tuple[str, ...] = (), interrupted: bool = False) -> Report:
    """A run with these results."""
    return Report(
        "1", "2026", "real", Known("t", "http://h/", ""), 1.25, interrupted, list(stale), results=list(results)
    )


def result(verdict: Verdict, id_: str = "cgi/one", **more: object) -> Result:
    """A result with this verdict."""
    return Result(id_, MUST, verdict, **more)  # type: ignore[arg-type]


@settings(deadline=None)
@given(text=st.text())
def test_no_text_of_a_target_moves_a_terminal(text: str) -> None:
    """Control characters are shown as escapes; newlines and tabs stay; what is safe stays as it is."""
    shown = safe(text)

    assert all(letter.isprintable() or letter in "\n\t" or ord(letter) > 0x9F for letter in shown)
    assert safe(shown) == shown


@pytest.mark.parametrize("letter", ["\x1b", "\r", "\x07", "\x9b", "\u202e", "\u200b", "\u2066", "\ufeff", "\x7f"])
def test_what_a_terminal_would_obey_is_escaped(letter: str) -> None:
    """Colours, bells, overwriting, and text that runs the other way."""
    assert safe(f"a{letter}b") == f"a{letter!r}b".replace("'", "")


def test_verdicts_are_counted_in_one_order() -> None:
    """What was foreseen is counted apart."""
    results = [
        result(Verdict.NOT_OFFERED), result(Verdict.FAIL), result(Verdict.PASS), result(Verdict.PASS),
        result(Verdict.FAIL, expected="known"),
    ]  # fmt: skip

    assert words.counted(results) == "2 pass, 1 fail, 1 fail (expected), 1 not-offered"
    assert words.counted([]) == "nothing"


def test_every_verdict_has_its_place_in_that_order() -> None:
    """None would be left out of a count."""
    assert set(words.ORDER) == set(Verdict)


def test_results_are_grouped_by_page() -> None:
    """In the order in which the pages first occur."""
    pages = words.by_page(
        [result(Verdict.PASS, "wsgi/a"), result(Verdict.PASS, "cgi/b"), result(Verdict.FAIL, "wsgi/c")]
    )

    assert {page: [one.id for one in results] for page, results in pages.items()} == {
        "wsgi": ["wsgi/a", "wsgi/c"],
        "cgi": ["cgi/b"],
    }
    assert list(pages) == ["wsgi", "cgi"]


def test_what_needs_an_eye_is_told_the_worst_first() -> None:
    """What was foreseen comes last; what is fine does not come."""
    results = [
        result(Verdict.ERROR, "a/e", expected="x"), result(Verdict.INCONCLUSIVE, "a/i"), result(Verdict.PASS, "a/p"),
        result(Verdict.WARN, "a/w"), result(Verdict.FAIL, "a/f2"), result(Verdict.FAIL, "a/f1"),
        result(Verdict.ERROR, "a/e2"), result(Verdict.NOT_OFFERED, "a/n"), result(Verdict.FACT, "a/t"),
    ]  # fmt: skip

    assert [one.id for one in words.told(report(*results))] == ["a/e2", "a/f1", "a/f2", "a/w", "a/i", "a/e"]


def test_a_failure_is_told_with_everything_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The promise, its source, the reason, where to look, what happened when, and what was said."""
    monkeypatch.setenv("COLUMNS", "60")
    entries = [Entry(0.0, "us", "bytes", "GET / HTTP/1.1\r\n\r\n"), Entry(1.5, "them", "close")]

    lines = list(words.detail(result(Verdict.FAIL, reason="1 != 2\nmore\x1b", transcript=entries), SPEC))

    assert lines == [
        "FAIL  cgi/one  (MUST)",
        "  promise   It is so.",
        '  source    Twisted Web in 60 seconds, "cgi": “a word”',
        "  reason    1 != 2",
        "            more\\x1b",
        "  look at   the handler.",
        "  what happened when",
        "    connection  ▸──────────────────────────────────────────◇",
        "                ╵0 s          ╵0.5 s         ╵1 s     1.5 s╵",
        "    ▸ we sent   ◇ they closed",
        "  what was said",
        "       0.000 s  us      bytes      GET / HTTP/1.1⏎⏎",
        "       1.500 s  them    close",
    ]


def timed(verdict: Verdict, *entries: Entry, **more: object) -> bool:
    """Whether the details of such a result have a timeline."""
    return "  what happened when" in words.detail(result(verdict, transcript=list(entries), **more), SPEC)


@pytest.mark.parametrize("verdict", words.TOLD)
def test_where_time_is_part_of_it_there_is_a_timeline(verdict: Verdict) -> None:
    """Something was measured or waited for, or took its time; otherwise it would be lines for nothing."""
    sent, answered = Entry(0.0, "us", "bytes", "GET", 1), Entry(0.09, "them", "bytes", "HTTP/1.1 200 OK", 1)

    assert timed(verdict, sent, answered, Entry(words.LASTS, "them", "close", "", 1))
    assert timed(verdict, sent, answered, Entry(0.09, "clock", "late", "since 0 s: no answer within 0.09 s"))
    assert not timed(verdict, sent, answered)
    assert not timed(verdict)


def test_a_timeline_of_what_is_known_would_be_lines_for_nothing() -> None:
    """As for what passed, which is told nowhere in detail; nor is there one without a moment that can be drawn."""
    late = Entry(0.0, "us", "bytes", "GET", 1), Entry(5.0, "them", "close", "", 1)

    assert not timed(Verdict.FAIL, *late, expected="known")
    assert not timed(Verdict.PASS, *late)
    assert not timed(Verdict.FAIL, Entry(0.0, "clock", "wait", "for ever"))


def test_a_terminal_that_has_few_letters_gets_a_timeline_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of signs that it has."""
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    entries = [Entry(0.0, "us", "bytes", "GET", 1), Entry(5.0, "them", "close", "", 1)]

    lines = list(words.detail(result(Verdict.FAIL, transcript=entries), SPEC))

    begun = lines.index("  what happened when")
    assert "".join(lines[begun : lines.index("  what was said")]).isascii()


def test_what_held_is_not_among_what_was_said() -> None:
    """What was missed, and why nothing happens for a while, is."""
    entries = [
        Entry(0.0, "clock", "wait", "until 3 s: less than the idle time"),
        Entry(3.0, "clock", "window", "3 s from 0 s; allowed: 0 to 4 s"),
        Entry(3.0, "clock", "window", "3 s from 0 s; allowed: 0 to 2 s; missed"),
    ]

    assert list(words.said(entries)) == [
        "   0.000 s  clock   wait       until 3 s: less than the idle time",
        "   3.000 s  clock   window     3 s from 0 s; allowed: 0 to 2 s; missed",
    ]


def test_a_foreseen_failure_is_told_with_its_reason() -> None:
    """And without evidence that is known already."""
    lines = list(words.detail(result(Verdict.FAIL, expected="known", transcript=[Entry(0.0, "us", "close")]), SPEC))

    assert lines[0] == "FAIL (expected)  cgi/one  (MUST)"
    assert lines[-1] == "  expected  known"


def test_a_long_transcript_is_shortened_in_its_middle() -> None:
    """So is a long entry at its end."""
    entries = [Entry(float(number), "us", "bytes", "x" * 200) for number in range(words.MOST_ENTRIES + 5)]

    lines = list(words.said(entries))

    assert len(lines) == words.MOST_ENTRIES + 1
    assert lines[words.MOST_ENTRIES // 2] == "… 5 more …"
    assert lines[-1].startswith(f"  {words.MOST_ENTRIES + 4}.000 s")
    assert lines[0].endswith("x" * words.LONGEST_ENTRY + "…")


def test_the_last_lines_say_what_decides_the_exit_code() -> None:
    """Stale entries, an interruption, the count."""
    plain = list(words.closing(report(result(Verdict.PASS))))
    troubled = list(words.closing(report(result(Verdict.PASS), stale=("cgi/one",), interrupted=True)))

    assert plain == ["1 specs in 1.2 s: 1 pass"]
    assert troubled[0].startswith("STALE  cgi/one: ")
    assert troubled[1] == "1 specs interrupted after 1.2 s: 1 pass"


def test_what_a_person_should_know_of_a_run_is_told_first_of_its_last_lines() -> None:
    """It may quote a target."""
    noted = report(result(Verdict.PASS), stale=("cgi/one",))
    noted.notes = ["its Server field says '\x1b'"]

    assert next(iter(words.closing(noted))) == r"NOTE  its Server field says '\x1b'"


def test_a_run_that_shows_nothing_says_so() -> None:
    """It is not green."""
    assert words.nothing_shown(report(result(Verdict.NOT_OFFERED))).startswith("Nothing was judged (1 not-offered)")
