"""
Which releases of Twisted there are between two, and which Python runs which.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.releases import TRUNK, Release, assigned, between, ordered

NUMBERS = ("18.9.0", "20.3.0", "21.2.0", "22.4.0", "22.10.0", "23.10.0", "24.3.0", "25.5.0", "26.4.0", "26.10.0")
TEN = Release(TRUNK, "/checkout")


@pytest.mark.parametrize(
    ("number", "oldest", "newest"),
    [
        ("18.9.0", 7, 10),
        ("20.3.0", 7, 10),
        ("21.2.0", 6, 12),
        ("22.4.0", 6, 12),
        ("22.10.0", 7, 12),
        ("23.8.0", 7, 12),
        ("23.10.0", 8, 12),
        ("24.3.0", 8, 13),
        ("25.5.0", 8, 13),
        ("26.4.0", 9, 13),
        ("26.10.0", 10, 13),
        ("27.1.0", 10, 13),
        ("26.10.0rc1", 9, 13),
    ],
)
def test_a_release_runs_on_the_pythons_of_its_time(number: str, oldest: int, newest: int) -> None:
    """What comes after the last that was tried is taken to run where that does."""
    pythons = Release.numbered(number).pythons

    assert (pythons[0], pythons[-1]) == (oldest, newest)


def test_trunk_runs_where_the_newest_does() -> None:
    """And what its name means changes."""
    assert TEN.pythons == Release.numbered("26.10.0").pythons
    assert not TEN.is_fixed
    assert Release.numbered("26.10.0").is_fixed


def test_old_releases_are_archives_that_only_pip_takes() -> None:
    """Up to 20.3."""
    assert [Release.numbered(number).is_archive for number in ("18.9.0", "20.3.0", "21.2.0")] == [True, True, False]


@pytest.mark.parametrize(
    ("number", "said"), [("twenty", "no version of Twisted"), ("", "no version"), ("17.9.0", "too old: from 18.9 on")]
)
def test_what_is_no_release_that_we_can_run_is_refused(number: str, said: str) -> None:
    """In words."""
    with pytest.raises(UsageError, match=said):
        Release.numbered(number)


def test_the_releases_between_two_are_in_order_with_both_ends() -> None:
    """Whatever comes before a release is left out."""
    numbers = ["26.10.0", "22.10.0", "22.4.0", "22.10.0rc1", "9.0.0", "23.10.0"]

    assert between(numbers, "22.4.0", "23.10.0") == ["22.4.0", "22.10.0", "23.10.0"]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("23.8.0", "22.4.0", "is newer than"), ("22.5.0", "22.6.0", "no release of Twisted"), ("x", "y", "no version")],
)
def test_a_range_without_releases_is_refused(first: str, last: str, said: str) -> None:
    """In words."""
    with pytest.raises(UsageError, match=said):
        between(["22.4.0", "23.8.0"], first, last)


def test_releases_are_ordered_by_age_and_stand_once() -> None:
    """22.10 is newer than 22.4; trunk is the newest."""
    given = [TEN, *(Release.numbered(number) for number in ("22.10.0", "22.4.0", "22.10.0"))]

    assert [release.name for release in ordered(given)] == ["22.4.0", "22.10.0", TRUNK]


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        ({10, 11, 13}, dict.fromkeys(NUMBERS, 10)),
        ({11, 12}, dict.fromkeys(NUMBERS[2:], 12)),
        ({7, 13}, {"18.9.0": 7, "20.3.0": 7, "21.2.0": 7, "22.4.0": 7, "22.10.0": 7} | dict.fromkeys(NUMBERS[6:], 13)),
        ({14}, {}),
        (set(), {}),
    ],
)
def test_as_few_pythons_as_it_takes_run_the_releases(here: set[int], expected: dict[str, int]) -> None:
    """3.10 runs them all; a release that none of them runs is left out."""
    assert assigned([Release.numbered(number) for number in NUMBERS], here) == expected


@given(st.sets(st.sampled_from(NUMBERS)), st.sets(st.integers(5, 15)))
def test_every_release_that_can_run_is_assigned_a_python_that_runs_it(numbers: set[str], here: set[int]) -> None:
    """And no other is."""
    releases = [Release.numbered(number) for number in numbers]
    found = assigned(releases, here)

    for release in releases:
        assert (release.name in found) is bool(set(release.pythons) & here)
        assert found.get(release.name, release.pythons[0]) in release.pythons
