"""
A timeline in a terminal: a line for each lane on one scale.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reports.strips import FINE, LEAST, PLAIN, drawn
from harness.transcripts import Entry, safe
from tests.test_lanes import TRANSCRIPTS, result, window


@settings(deadline=None)
@given(
    entries=TRANSCRIPTS, width=st.integers(0, 120), encoding=st.sampled_from(["utf-8", "ascii", "latin-1", "no such"])
)
def test_any_transcript_gives_lines_that_fit(entries: list[Entry], width: int, encoding: str) -> None:
    """Few, none too long, of letters that the terminal has, and none that it would obey."""
    lines = drawn(result(*entries), width, encoding)

    assert len(lines) < 25
    for line in lines:
        assert len(line) <= max(width, LEAST + len("connection 20  "), 60)
        assert safe(line) == line
        if encoding != "utf-8":
            assert line.isascii()


def test_where_nothing_happened_there_is_no_line() -> None:
    """Not even an axis."""
    assert drawn(result(), 80) == []


ANSWERED_LATE = [
    Entry(0.0, "us", "open", "", 1), Entry(0.0, "us", "bytes", "GET / HTTP/1.1\r\n", 1),
    Entry(0.0, "clock", "wait", "until 1 s: the next visitor's turn"),
    Entry(3.0, "witness", "event", "done w"), Entry(4.0, "them", "bytes", "HTTP/1.1 200 OK\r\n", 1),
    Entry(4.0, "us", "close", "", 1), window(4.0, "4 s from 0 s; allowed: 1 to 2 s; missed"),
]  # fmt: skip


def test_what_happened_stands_on_one_scale() -> None:
    """With what the signs mean, as far as they are used."""
    lines = drawn(result(*ANSWERED_LATE), 55)

    assert lines == [
        "connection 1  ▸──────────────────────────────────────◂✕",
        "witness                                     ●",
        "clock         ├─────────[=========]───────────────────!",
        "              ┄┄┄┄┄┄┄┄┄┄┄",
        "              ╵0 s      ╵1 s      ╵2 s      ╵3 s   4 s╵",
        "▸ we sent   ◂ they sent   ✕ we closed   ● event",
        "├ measured from   [=] allowed   ! measured, missed",
        "┄ waited",
    ]


def test_where_letters_are_few_there_are_other_signs() -> None:
    """Some terminals, and most logs of other machines."""
    lines = drawn(result(*ANSWERED_LATE), 55, "ascii")

    assert lines == [
        "connection 1  >--------------------------------------<x",
        "witness                                     *",
        "clock         +---------[=========]-------------------!",
        "              ...........",
        "              '0 s      '1 s      '2 s      '3 s   4 s'",
        "> we sent   < they sent   x we closed   * event",
        "+ measured from   [=] allowed   ! measured, missed",
        ". waited",
    ]


def test_both_kinds_of_signs_say_the_same() -> None:
    """Each has its own for everything that may happen, of one column."""
    assert FINE.marks.keys() == PLAIN.marks.keys()
    for signs in (FINE, PLAIN):
        assert len(set(signs.marks.values())) == len(signs.marks)
        assert {len(sign) for sign in (*signs.marks.values(), *signs.every())} == {1}
    assert PLAIN.every().isascii()


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("2 s from 0 s; allowed: 1 to 3 s", "├────────[========|====="),
        ("2 s from 0 s; allowed: 1 s or later", "├───────────[==========|"),
        ("0.5 s from 0 s; allowed: 1 to 3 s; missed", "├───!   [==============]"),
        ("0.999999 s from 0 s; allowed: 1 to 3 s; missed", "├──────![==============]"),
        ("1.000001 s from 0 s; allowed: 0 to 1 s; missed", "[======================!"),
        ("1.000001 s from 0 s; allowed: 0 to 1 s; missed|2", "[===========]!"),
        ("5 s from 0 s; allowed: 4.999999 to 5.000001 s", "├──────────────────────|"),
    ],
)
def test_a_window_shows_on_which_side_it_was_missed(said: str, row: str) -> None:
    """Also where that is less than a column; where it goes on beyond the scale, it has no end."""
    said, _, until = said.partition("|")
    more = [Entry(float(until), "us", "open", "", 1)] if until else []

    lines = drawn(result(window(0.0, said), *more), 0)

    assert next(line for line in lines if line.startswith("clock")).removeprefix("clock").strip() == row


def test_many_of_a_kind_are_counted_where_there_is_room() -> None:
    """The line goes on to the last of them."""
    entries = [Entry(0.001 * number, "them", "bytes", "x", 1) for number in range(300)]

    lines = drawn(result(*entries, Entry(0.6, "us", "reset", "", 1)), 44)

    assert lines[0] == "connection 1  ◂\N{MULTIPLICATION SIGN}300────────────────────────✖"


def test_a_wait_in_vain_ends_with_a_cross() -> None:
    """What it was for stands in the transcript."""
    lines = drawn(result(Entry(2.0, "clock", "late", "since 0 s: no answer within 2 s")), 40)

    assert lines[0] == "clock  " + "┄" * 32 + "✕"
    assert lines[-1] == "┄✕ waited in vain"


def test_what_finds_no_row_is_counted() -> None:
    """A terminal has few lines."""
    windows = [window(9.0, f"{number} s from 0 s; allowed: 0 to 9 s") for number in range(1, 9)]

    assert drawn(result(*windows), 60)[-1] == "(5 more windows and waits)"
