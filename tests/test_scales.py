"""
Scales have a place for every moment, and name the round ones.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reports.scales import Scale, spread


def test_a_moment_has_its_place() -> None:
    """What is beyond an end is at it."""
    scale = Scale(5.0, 15.0)

    assert [scale.place(moment) for moment in (5.0, 7.5, 15.0, 0.0, 20.0, float("inf"))] == [0, 0.25, 1, 0, 1, 1]
    assert scale.length == 10.0


@settings(deadline=None)
@given(begin=st.floats(-1e6, 1e9), length=st.floats(1e-3, 1e9))
def test_an_axis_has_some_round_ticks(begin: float, length: float) -> None:
    """In their order, each on the axis."""
    scale = Scale(begin, begin + length)

    ticks = list(scale.ticks(7))

    places = [place for place, _ in ticks]
    assert 1 <= len(ticks) <= 7 + 2
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)


@pytest.mark.parametrize(
    ("scale", "labels"),
    [
        (Scale(0.0, 5.2), ["0 s", "1 s", "2 s", "3 s", "4 s", "5 s"]),
        (Scale(0.0, 0.6), ["0 ms", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms", "600 ms"]),
        (Scale(51.0, 51.0042), ["51000 ms", "51001 ms", "51002 ms", "51003 ms", "51004 ms"]),
        (Scale(0.0, 1805.0), ["0 s", "500 s", "1000 s", "1500 s"]),
    ],
)
def test_ticks_are_in_the_unit_that_people_would_say(scale: Scale, labels: list[str]) -> None:
    """Milliseconds below one second."""
    assert [label for _, label in scale.ticks(7)] == labels


@settings(deadline=None)
@given(wanted=st.lists(st.integers(0, 99), max_size=20).map(sorted))
def test_marks_are_spread_near_their_places(wanted: list[int]) -> None:
    """In their order, so far apart, and none beyond an end."""
    places = spread(wanted, 2, 99)

    assert all(after - before >= 2 for before, after in pairwise(places))
    assert all(0 <= place <= 99 for place in places)
    if all(after - before >= 2 for before, after in pairwise(wanted)):
        assert places == wanted
