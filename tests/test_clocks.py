"""
Time passes when the test says so.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable
from typing import Any

import pytest
from twisted.internet import task
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectingCancelledError
from twisted.python.failure import Failure

from harness import gather as front_door
from harness.clocks import BEAT, POLL, Clock, Heartbeat, gather, started
from harness.errors import Overdue


@pytest.fixture
def time() -> task.Clock:
    """Time that stands still until it is advanced."""
    return task.Clock()


@pytest.fixture
def clock(time: task.Clock) -> Clock:
    """A clock of that time."""
    return Clock(time, time.seconds)


def outcome(awaited: Awaitable[Any]) -> list[Any]:
    """A list that holds the result, or the failure, once there is one."""
    found: list[Any] = []
    started(awaited).addBoth(found.append)
    return found


def raised(found: list[Any]) -> BaseException:
    """The exception that something ended in."""
    (failure,) = found
    assert isinstance(failure, Failure)
    return failure.value


def test_sleeping_takes_as_long_as_it_says(time: task.Clock, clock: Clock) -> None:
    """Not less, and not more."""
    found = outcome(clock.sleep(2.0))

    time.advance(1.9)
    early = list(found)
    time.advance(0.1)

    assert (early, found) == ([], [None])


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_sleeping_for_nothing_is_over_at_once(time: task.Clock, clock: Clock, seconds: float) -> None:
    """A moment that has passed is not waited for."""
    assert outcome(clock.sleep(seconds)) == [None]
    assert time.getDelayedCalls() == []


def test_sleeping_until_a_moment_ends_then(time: task.Clock, clock: Clock) -> None:
    """On the scale of `now`."""
    time.advance(10)
    found = outcome(clock.until(12.0))

    time.advance(1.9)
    early = list(found)
    time.advance(0.1)

    assert (early, found, clock.now()) == ([], [None], 12.0)


def test_a_moment_is_a_short_while(time: task.Clock, clock: Clock) -> None:
    """Long enough that looking costs little."""
    found = outcome(clock.moment())

    time.advance(POLL * 0.9)
    early = list(found)
    time.advance(POLL * 0.2)

    assert (early, found) == ([], [None])


def test_a_mark_moves_with_time(time: task.Clock, clock: Clock) -> None:
    """In real time anything may have changed by the next look."""
    time.advance(1.0)
    first = clock.mark()
    time.advance(1.0)

    assert (first, clock.mark()) == (1.0, 2.0)


def test_of_what_will_come_real_time_knows_nothing(clock: Clock) -> None:
    """Whoever waits may be answered yet."""
    assert clock.prospect() == ""


def test_a_deadline_comes_unless_it_is_called_off(time: task.Clock, clock: Clock) -> None:
    """As any delayed call."""
    found: list[str] = []
    clock.deadline(1.0, lambda: found.append("one"))
    clock.deadline(1.0, lambda: found.append("other")).cancel()

    time.advance(1.0)

    assert found == ["one"]


def test_what_was_no_fault_of_its_own_is_granted_once_more(time: task.Clock, clock: Clock) -> None:
    """Seconds that others took do not count; each only once."""
    excused = [2.0]
    found = outcome(clock.give_up(Deferred(), 1.0, lambda: "late", lambda: excused[0]))

    time.advance(1.0)
    first = list(found)
    excused[0] = 2.5
    time.pump([0.5] * 4)
    second = list(found)
    time.advance(0.5)

    assert (first, second) == ([], [])
    assert str(raised(found)) == "late"


def test_what_comes_in_time_is_given(time: task.Clock, clock: Clock) -> None:
    """And no timer stays behind."""
    coming: Deferred[int] = Deferred()
    found = outcome(clock.give_up(coming, 1.0, lambda: "late"))

    coming.callback(5)

    assert found == [5]
    assert time.getDelayedCalls() == []


def test_what_comes_late_is_given_up(time: task.Clock, clock: Clock) -> None:
    """It is cancelled, and the reason is that of the moment of giving up."""
    gone: list[object] = []
    never: Deferred[int] = Deferred(gone.append)
    doing = ["a"]
    found = outcome(clock.give_up(never, 1.0, lambda: f"waited for {doing[0]}"))

    doing[0] = "b"
    time.advance(1.0)

    assert isinstance(raised(found), Overdue)
    assert str(raised(found)) == "waited for b"
    assert gone == [never]


def test_a_connection_that_does_not_open_in_time_is_given_up_too(time: task.Clock, clock: Clock) -> None:
    """Twisted's endpoints have an error of their own for being cancelled."""
    never: Deferred[int] = Deferred(lambda mine: mine.errback(ConnectingCancelledError(None)))
    found = outcome(clock.give_up(never, 1.0, lambda: "late"))

    time.advance(1.0)

    assert isinstance(raised(found), Overdue)


def test_without_a_limit_it_waits_for_ever(time: task.Clock, clock: Clock) -> None:
    """And sets no timer."""
    found = outcome(clock.give_up(Deferred(), None, lambda: "late"))

    time.advance(1e9)

    assert found == []


def test_what_fails_fails_as_itself(clock: Clock) -> None:
    """An error is never taken for lateness."""
    failing: Deferred[int] = Deferred()
    found = outcome(clock.give_up(failing, 1.0, lambda: "late"))

    failing.errback(KeyError("x"))

    assert isinstance(raised(found), KeyError)


@pytest.mark.parametrize("error", [CancelledError(), ConnectingCancelledError(None)])
def test_being_cancelled_from_outside_is_not_lateness(clock: Clock, error: Exception) -> None:
    """Whoever stops a run gets no reasons about time."""
    inner: Deferred[int] = Deferred(lambda mine: mine.errback(error))
    waiting = started(clock.give_up(inner, 1.0, lambda: "late"))
    found: list[Any] = []
    waiting.addBoth(found.append)

    waiting.cancel()

    assert isinstance(raised(found), CancelledError)


def test_gathering_gives_results_in_order() -> None:
    """Whichever comes first."""
    first: Deferred[str] = Deferred()
    second: Deferred[str] = Deferred()
    found = outcome(gather(first, second))

    second.callback("b")
    first.callback("a")

    assert found == [["a", "b"]]


def test_gathering_nothing_is_nothing() -> None:
    """And does not wait for it."""
    assert outcome(gather()) == [[]]


def test_the_first_error_ends_a_gathering() -> None:
    """It is raised as it is; the others are cancelled."""
    gone: list[object] = []
    failing: Deferred[int] = Deferred()
    other: Deferred[int] = Deferred(gone.append)
    found = outcome(gather(other, failing))

    failing.errback(KeyError("x"))

    assert isinstance(raised(found), KeyError)
    assert gone == [other]


def test_no_error_of_a_gathering_is_told_as_forgotten(errors: list[type[BaseException]]) -> None:
    """Whoever gathers hears of the first; the others are of no interest any more."""
    failing: Deferred[int] = Deferred()
    other: Deferred[int] = Deferred()
    found = outcome(gather(other, failing))

    failing.errback(KeyError("x"))
    gathered = type(raised(found))
    del failing, other, found
    gc.collect()

    assert (gathered, errors) == (KeyError, [])


def test_cancelling_a_gathering_cancels_all_of_it() -> None:
    """Nothing goes on behind its back."""
    gone: list[object] = []
    one: Deferred[int] = Deferred(gone.append)
    two: Deferred[int] = Deferred(gone.append)
    waiting = started(gather(one, two))
    found: list[Any] = []
    waiting.addBoth(found.append)

    waiting.cancel()

    assert isinstance(raised(found), CancelledError)
    assert gone == [one, two]


def test_the_front_door_gathers_the_same() -> None:
    """`harness.gather` is this one, opened late."""
    coming: Deferred[int] = Deferred()
    found = outcome(front_door(coming))

    coming.callback(1)

    assert found == [[1]]


def test_a_heart_that_beats_in_time_has_no_lag(time: task.Clock, clock: Clock) -> None:
    """Nothing is held against an honest ruler."""
    heart = Heartbeat(clock)
    heart.start()

    time.pump([BEAT] * 20)

    assert heart.worst_since(0.0) == pytest.approx(0.0, abs=1e-9)


def test_a_late_beat_is_a_lag(time: task.Clock, clock: Clock) -> None:
    """It counts for every wait that was under way then."""
    heart = Heartbeat(clock)
    heart.start()

    time.advance(BEAT + 0.4)
    late = clock.now()
    time.pump([BEAT] * 4)

    assert heart.worst_since(0.0) == pytest.approx(0.4)
    assert heart.worst_since(late) == pytest.approx(0.4)
    assert heart.worst_since(late + BEAT) == pytest.approx(0.0, abs=1e-9)


def test_a_beat_that_is_overdue_is_a_lag_already() -> None:
    """The loop may hang right now."""
    moment = [0.0]
    heart = Heartbeat(Clock(task.Clock(), lambda: moment[0]))
    heart.start()

    moment[0] = BEAT + 2.0

    assert heart.worst_since(0.0) == pytest.approx(2.0)


def test_a_heart_that_never_beat_has_no_lag(time: task.Clock, clock: Clock) -> None:
    """Where nothing is measured by the wall, nothing lags."""
    heart = Heartbeat(clock)

    time.advance(1000.0)

    assert heart.worst_since(0.0) == 0.0


def test_a_heart_that_was_stopped_beats_no_more(time: task.Clock, clock: Clock) -> None:
    """No timer stays behind; stopping it twice, or before it began, does no harm."""
    heart = Heartbeat(clock)
    heart.stop()
    heart.start()

    heart.stop()
    heart.stop()

    assert time.getDelayedCalls() == []


def test_the_garbage_collector_s_stalls_are_lags_too() -> None:
    """Also those that are over before the next beat is due; what goes by between two of them is none."""
    moment = [5.0]
    heart = Heartbeat(Clock(task.Clock(), lambda: moment[0]))

    def takes_its_time(phase: str, _: object) -> None:
        moment[0] += 0.01 if phase == "start" else 0.3

    heart.start()
    gc.callbacks.append(takes_its_time)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(takes_its_time)
        heart.stop()
    stalled = heart._lags

    gc.collect()

    assert {round(lag, 9) for _, lag in stalled} == {0.01}
    assert not any(getattr(one, "__self__", None) is heart for one in gc.callbacks)
