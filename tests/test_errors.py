"""
Whose fault something is can be read off its class.
"""

from __future__ import annotations

import pytest

from harness import errors

FAMILIES = (errors.UsageError, errors.Misbehaved, errors.Unjudged)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_family_of_errors_belongs_to_another(family: type[Exception]) -> None:
    """Catching one family never catches somebody else's fault."""
    others = [other for other in FAMILIES if other is not family]

    assert not issubclass(family, tuple(others))


@pytest.mark.parametrize("kind", [errors.Refused, errors.NoAnswer, errors.NotHTTP, errors.TooMuch, errors.Overdue])
def test_what_a_target_does_wrong_is_booked_on_the_target(kind: type[Exception]) -> None:
    """Every misdeed on the wire is a `Misbehaved`."""
    assert issubclass(kind, errors.Misbehaved)


def test_a_witness_that_shows_nothing_failed_on_time_alone() -> None:
    """`NotSeen` is an `Overdue`: it is repeated alone before it counts."""
    assert issubclass(errors.NotSeen, errors.Overdue)


@pytest.mark.parametrize("kind", [errors.NotOffered, errors.NotObservable])
def test_what_cannot_be_judged_is_no_misdeed(kind: type[Exception]) -> None:
    """Neither a missing offer nor a missing witness is held against the target."""
    assert issubclass(kind, errors.Unjudged)
