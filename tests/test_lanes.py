"""
Lanes: whatever a transcript holds, a bounded model of it in which everything has its place.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.levels import MUST
from harness.reports import lanes
from harness.reports.lanes import Bar, Lane, Mark, Timeline, merged, timeline
from harness.reports.scales import Scale
from harness.results import Result
from harness.timing import Measured, Pause, Vain
from harness.transcripts import Entry
from harness.verdicts import Verdict

MOMENTS = st.floats(0, 1e6)
SPANS = st.floats(0, 2e6)

MARKS = st.builds(
    Entry,
    st.one_of(MOMENTS, st.floats()),
    st.sampled_from(["us", "them", "witness", "stranger"]),
    st.sampled_from(["open", "bytes", "close", "reset", "half-close", "refused", "event", "line", "x\x1b<"]),
    st.text(max_size=80),
    st.integers(0, 20),
)
WINDOWS = st.builds(Measured, MOMENTS, SPANS, SPANS, st.one_of(SPANS, st.just(math.inf)), st.booleans())
SAID = st.one_of(
    st.tuples(st.just("window"), WINDOWS.map(str)),
    st.tuples(st.just("wait"), st.builds(Pause, MOMENTS, st.text(max_size=80)).map(str)),
    st.tuples(st.just("late"), st.builds(Vain, MOMENTS, st.text(max_size=80)).map(str)),
    st.tuples(st.sampled_from(["window", "wait", "late", "tick"]), st.text(max_size=80)),
)
MEASUREMENTS = st.builds(lambda t, said: Entry(t, "clock", *said), st.one_of(MOMENTS, st.floats()), SAID)

#: Any transcript, also one that nobody wrote.
TRANSCRIPTS = st.lists(st.one_of(MARKS, MEASUREMENTS), max_size=60)


def result(*entries: Entry) -> Result:
    """A result with this transcript."""
    return Result("cgi/one", MUST, Verdict.FAIL, transcript=list(entries))


def shown(*entries: Entry, connections: int = 8, rows: int = 6) -> Timeline:
    """What happened in it, of which there is something."""
    found = timeline(result(*entries), connections=connections, rows=rows, apart=0.0)
    assert found is not None
    return found


def window(t: float, text: str) -> Entry:
    """A measurement."""
    return Entry(t, "clock", "window", text)


@settings(deadline=None)
@given(entries=TRANSCRIPTS)
def test_of_any_transcript_there_is_a_bounded_model(entries: list[Entry]) -> None:
    """Lanes, marks and rows; every mark is on the axis, and no window that was missed is beyond it."""
    found = timeline(result(*entries), connections=3, rows=2, apart=0.0)

    if found is None:
        return
    assert found.scale.begin < found.scale.end
    assert len(found.lanes) <= 3 + 1 + 2
    for lane in found.lanes:
        assert len(lane.marks) <= lanes.MOST_MARKS
        for mark in lane.marks:
            assert found.scale.begin <= mark.at <= mark.until <= found.scale.end
        for bar in lane.bars:
            assert bar.at <= found.scale.end
            assert bar.held or bar.low <= found.scale.end


@settings(deadline=None)
@given(entries=TRANSCRIPTS)
def test_nothing_is_lost_between_the_lanes(entries: list[Entry]) -> None:
    """Each entry that has a moment counts once, in a mark, in a bar, or among those left out."""
    found = timeline(result(*entries), connections=3, rows=2, apart=0.0)

    marks = [entry for entry in entries if entry.who != "clock" and math.isfinite(entry.t)]
    counted = sum(mark.count for lane in found.lanes for mark in lane.marks) if found else 0
    bars = sum(bar.count for lane in found.lanes for bar in lane.bars) + found.left_out if found else 0
    assert counted == len(marks)
    assert bars <= sum(entry.who == "clock" for entry in entries)


def test_each_connection_has_its_lane_and_the_witness_one() -> None:
    """In the order of their numbers; what belongs to none, as in results of older runs, has one as well."""
    found = shown(
        Entry(0.2, "us", "bytes", "GET /b HTTP/1.1\r\nHost: h", 2), Entry(0.1, "us", "open", "", 1),
        Entry(0.3, "witness", "event", "start w"), Entry(0.0, "them", "refused", "no"),
    )  # fmt: skip

    assert [str(lane) for lane in found.lanes] == [
        "connection: 0.000 s: they refused no.",
        "connection 1: 0.100 s: we connected.",
        "connection 2: 0.200 s: we sent GET /b HTTP/1.1.",
        "witness: 0.300 s: event start w.",
    ]


def test_connections_beyond_the_most_share_the_last_lane() -> None:
    """Which says how many they are."""
    found = shown(*(Entry(float(number), "us", "open", "", number) for number in range(1, 7)), connections=3)

    assert [lane.name for lane in found.lanes] == ["connection 1", "connection 2", "4 more"]
    assert [mark.at for mark in found.lanes[2].marks] == [3.0, 4.0, 5.0, 6.0]


def test_what_is_too_near_to_be_told_apart_is_counted() -> None:
    """Only what is of one kind; the rest stays what it is."""
    entries = [Entry(0.001 * number, "them", "bytes", f"{number}", 1) for number in range(300)]

    (lane,) = shown(*entries, Entry(0.15, "us", "close", "", 1), Entry(9.0, "them", "bytes", "end", 1)).lanes

    assert [str(mark) for mark in lane.marks] == [
        "0.000 s to 0.299 s: they sent, 300 times",
        "0.150 s: we closed",
        "9.000 s: they sent end",
    ]


def test_too_many_marks_are_merged_until_they_are_few() -> None:
    """However they are spread."""
    marks = [Mark(("us", "bytes"), float(number), float(number)) for number in range(1000)]

    found = merged(marks, 0.0, 10)

    assert found == (Mark(("us", "bytes"), 0.0, 999.0, 1000),)
    assert merged(marks[:10], 0.0, 10) == tuple(marks[:10])


def test_a_window_has_its_place_on_the_scale() -> None:
    """Where it begins, what it allows, and the moment that was measured."""
    found = shown(Entry(1.0, "us", "bytes", "GET", 1), window(6.6, "5.6 s from 1 s; allowed: 4.99 to 5.5 s; missed"))

    (bar,) = found.lanes[1].bars
    assert (bar.what, bar.since, bar.at, bar.held) == ("window", 1.0, 6.6, False)
    assert (bar.low, bar.high) == pytest.approx((5.99, 6.5))
    assert str(bar) == "6.600 s: measured; allowed from 5.990 s to 6.500 s, missed"


def test_a_window_without_an_end_says_so() -> None:
    """It is no number."""
    (lane,) = shown(window(0.5, "0.5 s from 0 s; allowed: 0.1 s or later")).lanes

    assert str(lane) == "clock: 0.500 s: measured; allowed from 0.100 s or later."


def test_a_window_that_held_does_not_stretch_the_scale() -> None:
    """An hour that was allowed would leave nothing to see of the tenth of a second that it took."""
    held = shown(window(0.1, "0.1 s from 0 s; allowed: 0 to 3600 s"))
    missed = shown(window(0.1, "0.1 s from 0 s; allowed: 3000 to 3600 s; missed"))

    assert held.scale == Scale(0.0, pytest.approx(0.125))
    assert missed.scale == Scale(0.0, 3600.0)


def test_waits_say_what_they_were_for() -> None:
    """And those in vain, for what."""
    found = shown(
        Entry(1.0, "clock", "wait", "until 2.9 s: less than the idle time"),
        Entry(5.5, "clock", "late", "since 3 s: no event within 2.5 s"),
    )

    assert [str(bar) for bar in found.lanes[0].bars] == [
        "1.000 s to 2.900 s: waited for less than the idle time",
        "3.000 s to 5.500 s: waited in vain: no event within 2.5 s",
    ]


def test_bars_that_would_cover_each_other_have_rows_of_their_own() -> None:
    """The missed one first; those for which there is no row are counted."""
    windows = [window(5.0, f"{number} s from 0 s; allowed: 0 to 5 s") for number in range(1, 6)]

    found = shown(*windows, window(5.0, "5 s from 0 s; allowed: 0 to 2 s; missed"), rows=3)

    assert [[bar.at for bar in lane.bars] for lane in found.lanes] == [[5.0], [1.0], [2.0]]
    assert (found.lanes[0].bars[0].held, found.left_out) == (False, 3)


def test_beside_a_window_there_is_room() -> None:
    """For its seconds; waits need none."""
    entries = [
        Entry(0.0, "clock", "wait", "until 4 s: a"), Entry(4.5, "clock", "wait", "until 6 s: b"),
        window(10.0, "3.5 s from 6.5 s; allowed: 0 to 3.5 s"),
    ]  # fmt: skip

    found = timeline(result(*entries), connections=1, rows=3, apart=0.1)

    assert found is not None
    assert [[bar.what for bar in lane.bars] for lane in found.lanes] == [["wait", "window"], ["wait"]]
    assert [lane.bars[0].words for lane in found.lanes] == ["a", "b"]


def test_bars_in_one_place_are_one() -> None:
    """A crowd measures the same a hundred times."""
    found = shown(*(window(5.0, "5 s from 0 s; allowed: 4 to 6 s") for _ in range(100)))

    assert [bar.count for lane in found.lanes for bar in lane.bars] == [100]
    assert str(found.lanes[0].bars[0]).endswith(" (100 times)")


@pytest.mark.parametrize(
    ("first", "begins"), [(0.001, 0.0), (4.9, 0.0), (5.1, 5.1), (9.99, 9.99)], ids=["early", "half", "past", "late"]
)
def test_an_axis_begins_at_zero_unless_half_of_it_were_empty(first: float, begins: float) -> None:
    """The examples of a property come late in their attempt."""
    assert shown(Entry(first, "us", "bytes", "", 1), Entry(10.0, "us", "close", "", 1)).scale == Scale(begins, 10.0)


def test_what_happens_at_one_moment_has_a_place() -> None:
    """In virtual time that is usual."""
    found = shown(Entry(0.0, "us", "bytes", "", 1), Entry(0.0, "them", "bytes", "", 1))

    assert found.scale == Scale(0.0, lanes.SHORTEST)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [Entry(math.nan, "us", "bytes", "GET", 1)],
        [Entry(0.0, "clock", "window", "nan s from 0 s; allowed: 0 to 1 s; missed")],
        [Entry(0.0, "clock", "wait", "for ever")],
        [window(0.0, "1e308 s from 1e308 s; allowed: 0 to 1 s; missed")],
        [Entry(-1.7e308, "us", "open"), Entry(1.7e308, "us", "close")],
    ],
)
def test_of_nothing_that_has_a_moment_there_is_no_timeline(entries: list[Entry]) -> None:
    """Result files may come from anywhere."""
    assert timeline(result(*entries), connections=3, rows=2, apart=0.0) is None


def test_what_nobody_knows_is_told_as_it_is() -> None:
    """Safely."""
    (lane,) = shown(Entry(0.0, "stranger", "x\x1b", "a\nb\tc\u202e")).lanes

    assert lane == Lane("witness", (Mark(("stranger", "x\x1b"), 0.0, 0.0, 1, "a⏎b c\\u202e"),))
    assert str(lane) == "witness: 0.000 s: stranger x\\x1b a⏎b c\\u202e."


def test_a_bar_reaches_as_far_as_anything_of_it() -> None:
    """What lies beyond the axis is at its end."""
    scale = Scale(0.0, 10.0)

    assert Bar("window", 1.0, 9.0, 5.0, math.inf).extent(scale) == (0.1, 1.0)
    assert Bar("wait", 2.0, 4.0).extent(scale) == (0.2, 0.4)
