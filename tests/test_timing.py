"""
Windows have two sides, and both belong to them.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.timing import EXACT, Timing, Window

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
