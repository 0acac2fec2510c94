"""
Windows have two sides, and both belong to them.
"""

from __future__ import annotations

import json
import math
import pickle
from contextvars import copy_context

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.timing import EXACT, MEASURING, Measured, Moment, Pause, Span, Timing, Vain, Window

SECONDS = st.floats(min_value=0, max_value=1e6)


@settings(deadline=None)
@given(nominal=SECONDS, early=SECONDS, slack=SECONDS)
def test_both_ends_of_a_window_are_inside(nominal: float, early: float, slack: float) -> None:
    """A timer that fires exactly `early` or exactly `slack` off is on time."""
    window = Window.around(nominal, Timing(early=early, slack=slack))

    assert nominal in window
    assert nominal - early in window
    assert nominal + slack in window


@settings(deadline=None)
@given(nominal=SECONDS, early=SECONDS, slack=SECONDS)
def test_beyond_either_end_is_outside(nominal: float, early: float, slack: float) -> None:
    """The next number below the low end and above the high end are out."""
    window = Window.around(nominal, Timing(early=early, slack=slack))

    assert math.nextafter(nominal - early, -math.inf) not in window
    assert math.nextafter(nominal + slack, math.inf) not in window


@pytest.mark.parametrize(("seconds", "by"), [(4.0, 1.0), (5.0, 0.0), (5.5, 0.0), (6.0, 0.0), (8.5, 2.5)])
def test_a_window_tells_by_how_much_it_is_missed(seconds: float, by: float) -> None:
    """On either side; inside it is not missed at all."""
    assert Window(5.0, 6.0).missed_by(seconds) == by


def test_a_window_may_be_given_by_its_own_margins() -> None:
    """Without a target's timing, `early` and `late` are taken as they are; each is nothing unless it is given."""
    assert Window.around(5.0, early=1.0, late=2.0) == Window(4.0, 7.0)
    assert Window.around(5.0, late=2.0) == Window(5.0, 7.0)
    assert Window.around(5.0, early=1.0) == Window(4.0, 5.0)


def test_until_begins_at_once() -> None:
    """`until` allows any time from zero."""
    assert Window.until(2.0) == Window(0.0, 2.0)


def test_no_number_is_never_on_time() -> None:
    """A measurement that failed is in no window."""
    missing = float("nan")

    assert missing not in Window.until(math.inf)


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (Window(1.0, 2.5), "1.000 to 2.500 s"),
        (Window(3.0), "3.000 s or later"),
        (Window.around(5.0, Timing(early=EXACT, slack=EXACT)), "exactly 5.000 s"),
    ],
)
def test_a_window_reads_as_seconds(window: Window, said: str) -> None:
    """A reason that quotes a window can be read by people."""
    assert str(window) == said
    assert repr(window) == said


@pytest.mark.parametrize("key", ["early", "slack", "quiet"])
def test_no_tolerance_is_negative(key: str) -> None:
    """A tolerance below zero would be a demand."""
    with pytest.raises(ValueError, match="must be >= 0"):
        Timing(**{key: -0.1})


def test_the_difference_of_two_moments_knows_when_it_began() -> None:
    """It is a number like any other, and what is made of it is a plain one."""
    began = Moment(100.0)

    span = Moment(102.5) - began

    assert span == 2.5
    assert isinstance(span, Span)
    assert span.since is began
    assert type(span + 1) is float
    assert type(began - 1.0) is float
    assert type(began + 1.0) is float
    assert type(round(span, 3)) is float


def test_what_leaves_this_process_is_a_plain_number() -> None:
    """A fact may be a span; a worker hands it on, and a file holds it."""
    span = Moment(2.5) - Moment(0.5)

    assert type(pickle.loads(pickle.dumps(span))) is float
    assert pickle.loads(pickle.dumps(span)) == 2.0
    assert (json.dumps(span), repr(span), f"{span:.3f}") == ("2.0", "2.0", "2.000")


def test_who_asks_is_told_of_each_measurement_of_its_context() -> None:
    """And of none of another's; the verdict is the same."""
    told: list[tuple[float, Window, bool]] = []
    context = copy_context()
    context.run(MEASURING.set, lambda *said: told.append(said))

    inside = context.run(lambda: (1.5 in Window(1.0, 2.0), 3.0 in Window(1.0, 2.0)))
    outside = 1.5 in Window(1.0, 2.0)

    assert (inside, outside) == ((True, False), True)
    assert told == [(1.5, Window(1.0, 2.0), True), (3.0, Window(1.0, 2.0), False)]


ROUGHLY = st.floats(-1e5, 1e5).map(lambda number: round(number, 6))


@settings(deadline=None)
@given(
    measured=st.builds(Measured, ROUGHLY, ROUGHLY, ROUGHLY, st.one_of(ROUGHLY, st.just(math.inf)), st.booleans()),
    pause=st.builds(Pause, ROUGHLY, st.text()),
    vain=st.builds(Vain, ROUGHLY, st.text()),
)
def test_what_a_transcript_says_can_be_read_again(measured: Measured, pause: Pause, vain: Vain) -> None:
    """To the microsecond; none is taken for another."""
    assert Measured.read(str(measured)) == measured
    assert Pause.read(str(pause)) == pause
    assert Vain.read(str(vain)) == vain
    assert [kind.read(str(pause)) for kind in (Measured, Vain)] == [None, None]
    assert [kind.read(str(measured)) for kind in (Pause, Vain)] == [None, None]


@settings(deadline=None)
@example(text="nan s from 0 s; allowed: 0 to 1 s")
@example(text="1 s from 0 s; allowed: 0 to 1 s or so")
@given(text=st.text())
def test_any_other_text_is_none_of_them(text: str) -> None:
    """A result file may say anything."""
    assert [kind.read(text) for kind in (Measured, Pause, Vain)] == [None] * 3


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (Measured(0.001, 5.6, 4.99, 5.5, held=False), "5.6 s from 0.001 s; allowed: 4.99 to 5.5 s; missed"),
        (Measured(0.0, 1 / 3, 0.0, math.inf, held=True), "0.333333 s from 0 s; allowed: 0 s or later"),
        (Pause(3.0, "the next visitor's turn"), "until 3 s: the next visitor's turn"),
        (Vain(0.5, "no answer within 2 s"), "since 0.5 s: no answer within 2 s"),
    ],
)
def test_what_the_clock_says_can_be_read_by_people(said: Measured | Pause | Vain, text: str) -> None:
    """Seconds without zeros at their end."""
    assert str(said) == text
