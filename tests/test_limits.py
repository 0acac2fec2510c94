"""
How many at once, and who comes next.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred

from harness.clocks import started
from harness.limits import Limit


def entering(limit: Limit, count: int = 1) -> Deferred[None]:
    """Somebody who wants places."""
    return started(limit.enter(count))


def test_places_are_handed_out_until_there_are_none() -> None:
    """The next one waits for a place that comes back."""
    limit = Limit(2)

    one, two, three = (entering(limit) for _ in range(3))
    before = three.called
    limit.leave()

    assert (one.called, two.called, before, three.called) == (True, True, False, True)


def test_whoever_came_first_goes_first() -> None:
    """One who wants many is not overtaken for ever by those who want few."""
    limit = Limit(2)
    entering(limit)

    many, few = entering(limit, 2), entering(limit)
    before = (many.called, few.called)
    limit.leave()
    then = (many.called, few.called)
    limit.leave(2)

    assert (before, then, few.called) == ((False, False), (True, False), True)


def test_more_than_there_are_means_all_there_are() -> None:
    """A spec that wants more connections than `parallel` gets its turn alone."""
    limit = Limit(2)

    assert entering(limit, 5).called
    assert not entering(limit).called


def test_whoever_is_inside_may_squeeze_in_for_more() -> None:
    """Two who each held what the other waits for would wait for ever."""
    limit = Limit(1)
    entering(limit)

    limit.squeeze(3)
    waiting = entering(limit)
    limit.leave(3)
    before = waiting.called
    limit.leave()

    assert (before, waiting.called) == (False, True)


def test_whoever_gives_up_waiting_takes_no_place() -> None:
    """The next in line gets it."""
    limit = Limit(1)
    entering(limit)
    gone, patient = entering(limit), entering(limit)
    gone.addErrback(lambda failure: failure.trap(CancelledError))

    gone.cancel()
    limit.leave()

    assert patient.called


def test_those_behind_one_who_gives_up_do_not_wait_for_nothing() -> None:
    """There was room for them all along."""
    limit = Limit(2)
    entering(limit)
    many, few = entering(limit, 2), entering(limit)
    many.addErrback(lambda failure: failure.trap(CancelledError))

    many.cancel()

    assert few.called


@settings(deadline=None)
@given(places=st.integers(1, 5), wants=st.lists(st.integers(1, 7), max_size=12))
def test_everybody_gets_in_once_and_never_too_many_at_once(places: int, wants: list[int]) -> None:
    """Whatever they want, in the order in which they came."""
    limit = Limit(places)
    waiting = [(want, entering(limit, want)) for want in wants]
    inside: list[int] = []
    order: list[int] = []

    for number, (want, place) in enumerate(waiting):
        place.addCallback(lambda _, number=number, want=want: (order.append(number), inside.append(want)))
    while inside:
        assert sum(inside) <= places or len(inside) == 1
        limit.leave(inside.pop(0))

    assert order == list(range(len(wants)))
