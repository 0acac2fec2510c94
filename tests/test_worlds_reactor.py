"""
The reactor of a world: time that jumps, in order and exactly, and ends when nothing can happen any more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.error import AlreadyCalled, AlreadyCancelled, CannotListenError
from twisted.internet.interfaces import IReactorCore, IReactorProcess, IReactorTCP, IReactorThreads, IReactorTime
from twisted.internet.protocol import ClientFactory, Factory, ProcessProtocol, Protocol
from twisted.internet.task import Clock, LoopingCall, deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.web.resource import Resource
from twisted.web.server import Site

from harness.attempts import Attempt
from harness.clocks import gather, started
from harness.errors import Stuck
from harness.transcripts import Transcript
from harness.worlds import World, WorldClock, reactor
from harness.worlds.clock import LOOKS

#: A command that ends only when it is told to.
SLEEPER = ["/bin/sh", "-c", "exec sleep 1000"]


def passing(world: World, seconds: float) -> None:
    """Let time go by."""
    world.run(deferLater(world, seconds))


async def in_thread(world: World, function: Callable[[], Any]) -> Any:
    """What a function gives in a thread of that world's."""
    return await deferToThreadPool(world, world.getThreadPool(), function)


# Time.


def test_calls_of_one_moment_come_in_the_order_in_which_they_were_asked_for(world: World) -> None:
    """First in, first out."""
    found: list[int] = []
    for number in range(100):
        world.callLater(5.0, found.append, number)

    passing(world, 5.0)

    assert found == list(range(100))


@pytest.mark.parametrize("seconds", [0.0, 1e-6, 0.1, 5.0, 900.0, 1e6, 1e9])
def test_times_are_exact(world: World, seconds: float) -> None:
    """5 s later is 5 s later, and a minute takes no time; what its clock cannot tell is later, and never earlier."""
    before = world.seconds()
    seen: list[float] = []
    world.callLater(seconds, lambda: seen.append(world.seconds()))

    passing(world, seconds)

    # A fraction, for a float near 2**20 has no room for the sum.
    late = Fraction(seen[0]) - Fraction(before) - Fraction(seconds)
    assert 0 <= late < Fraction(1, 2**30)
    assert not late or seconds % 1


def test_sums_of_seconds_lose_nothing(world: World) -> None:
    """As long as they are short enough, in binary."""
    before = world.seconds()

    for _ in range(1000):
        passing(world, 0.125)

    assert world.seconds() - before == 125.0


def test_time_stands_still_while_something_can_happen(world: World) -> None:
    """Calls without a delay belong to this moment."""
    before = world.seconds()
    found: list[float] = []

    def count(left: int) -> None:
        found.append(world.seconds())
        if left:
            world.callLater(0, count, left - 1)

    world.callLater(1e-9, found.append, -1.0)
    count(50)
    passing(world, 1.0)

    assert found == [before] * 51 + [-1.0]


def test_there_is_room_for_many_timers(world: World) -> None:
    """10,000, each at its time; a cancelled one never comes."""
    before = world.seconds()
    found: list[float] = []
    calls = [
        world.callLater(number * 7919 % 10_000 / 64, lambda: found.append(world.seconds() - before))
        for number in range(10_000)
    ]
    for call in calls[::2]:
        call.cancel()

    passing(world, 1000.0)

    assert len(found) == 5000
    assert found == sorted(found)


@pytest.mark.parametrize("seconds", [-1.0, -1e-9])
def test_nothing_happens_in_the_past(world: World, seconds: float) -> None:
    """As with any reactor of Twisted's."""
    with pytest.raises(AssertionError):
        world.callLater(seconds, list)


def test_a_delayed_call_tells_what_became_of_it(world: World) -> None:
    """As with any reactor of Twisted's."""
    gone, done = world.callLater(1.0, list), world.callLater(2.0, list)

    gone.cancel()
    passing(world, 2.0)

    assert not gone.active()
    assert not done.active()
    with pytest.raises(AlreadyCancelled):
        gone.cancel()
    with pytest.raises(AlreadyCalled):
        done.reset(1.0)


def test_delayed_calls_can_be_told(world: World) -> None:
    """Those that are to come, each once."""
    kept, moved, gone = (world.callLater(seconds, list) for seconds in (1.0, 2.0, 3.0))

    moved.reset(0.5)
    moved.delay(4.0)
    gone.cancel()

    assert set(world.getDelayedCalls()) == {kept, moved}
    assert len(world.getDelayedCalls()) == 2
    assert moved.getTime() - world.seconds() == 4.5


#: What may be done with delayed calls: their times end in .25, the moments at which it is done are whole seconds, so
#: that neither ever waits for the other.
NUMBERS = st.integers(0, 12)
DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("later"), st.just(0), NUMBERS),
        st.tuples(st.just("reset"), NUMBERS, NUMBERS),
        st.tuples(st.just("delay"), NUMBERS, st.integers(-4, 12)),
        st.tuples(st.just("cancel"), NUMBERS, st.just(0)),
        st.tuples(st.just("pass"), st.just(0), st.integers(1, 9)),
    ),
    max_size=40,
)


async def done(timed: Any, doings: list[tuple[str, int, int]]) -> list[tuple[float, int]]:
    """When which of the delayed calls came, at a reactor that was told this."""
    before = timed.seconds()
    found: list[tuple[float, int]] = []
    calls: list[Any] = []
    for what, which, seconds in doings:
        call = calls[which % len(calls)] if calls else None
        if what == "pass":
            await deferLater(timed, float(seconds))
        elif what == "later":
            number = len(calls)
            calls.append(timed.callLater(seconds + 0.25, lambda n=number: found.append((timed.seconds() - before, n))))
        elif call is not None and call.active():
            {
                "reset": lambda call=call, seconds=seconds: call.reset(seconds + 0.25),
                "delay": lambda call=call, seconds=seconds: call.delay(float(seconds)),
                "cancel": lambda call=call, seconds=seconds: call.cancel(),
            }[what]()
    await deferLater(timed, 10_000.0)
    return sorted(found)


def by_clock(doings: list[tuple[str, int, int]]) -> list[tuple[float, int]]:
    """The same at Twisted's own clock for tests, which is advanced from one call to the next."""
    clock = Clock()
    clock.advance(reactor.BEGINS)
    found: list[list[tuple[float, int]]] = []
    started(done(clock, doings)).addCallback(found.append)
    while not found:
        clock.advance(max(0.0, min(call.getTime() for call in clock.getDelayedCalls()) - clock.seconds()))
    return found[0]


@settings(deadline=None, max_examples=300)
@given(doings=DOINGS)
def test_delayed_calls_come_when_twisteds_clock_has_them(doings: list[tuple[str, int, int]]) -> None:
    """Whatever was done with them: an independent judge of `reset`, `delay` and `cancel`."""
    with World() as world:
        found = world.run(done(world, doings))

    assert found == by_clock(doings)


@pytest.mark.parametrize("interval", [0.1, 0.2, 1 / 3, 0.5, 0.7, 0.9, 1.0, 5.0])
def test_what_is_called_again_and_again_is_called_once_each_time(world: World, interval: float) -> None:
    """As in real time, where no call ever comes early."""
    ticks: list[float] = []
    looping = LoopingCall(lambda: ticks.append(world.seconds()))
    looping.clock = world
    looping.start(interval, now=False)

    passing(world, 100.5 * interval)
    looping.stop()

    assert len(ticks) == 100


def test_who_sleeps_in_the_loop_holds_all_up(world: World) -> None:
    """What was due meanwhile comes late, and in order."""
    before = world.seconds()
    found: list[tuple[str, float]] = []
    for seconds in (2.0, 1.0, 8.0):
        world.callLater(seconds, lambda s=seconds: found.append((f"due {s:g}", world.seconds() - before)))

    world.hold_up(5.0)
    passing(world, 5.0)

    assert found == [("due 1", 5.0), ("due 2", 5.0), ("due 8", 8.0)]


# What drives it.


def test_it_gives_results(world: World) -> None:
    """Of coroutines and Deferreds, at once or later."""

    async def late() -> str:
        await deferLater(world, 100.0)
        return "late"

    assert world.run(succeed(5)) == 5
    assert world.run(late()) == "late"
    assert world.run(gather(late(), late())) == ["late", "late"]


def test_it_raises_what_is_raised(world: World) -> None:
    """As itself, and can be run again."""

    async def breaks() -> None:
        await deferLater(world, 1.0)
        raise KeyError("x")

    with pytest.raises(KeyError):
        world.run(breaks())
    with pytest.raises(ZeroDivisionError):
        world.run(fail(ZeroDivisionError()))
    assert world.run(succeed(1)) == 1


def test_nothing_can_happen_any_more(world: World) -> None:
    """That is told at once, and not waited for; what comes afterwards is another thing."""
    coming: Deferred[None] = Deferred()
    before = world.seconds()

    with pytest.raises(Stuck, match=r"^nothing can happen any more$"):
        world.run(Deferred())
    stood = world.seconds()
    world.callLater(1.0, coming.callback, None)
    world.run(coming)

    assert (stood - before, world.seconds() - before) == (0.0, 1.0)


def test_who_waits_in_vain_puts_things_in_order(world: World) -> None:
    """It is cancelled before `Stuck` is raised; whatever it makes of that, `Stuck` it is."""
    found: list[str] = []

    async def waits() -> str:
        try:
            await Deferred()
        except CancelledError:
            found.append("cancelled")
            raise KeyError from None
        finally:
            found.append("in order")
        return "never"

    with pytest.raises(Stuck, match=r"^nothing can happen any more$"):
        world.run(waits())

    assert found == ["cancelled", "in order"]


def test_a_server_that_never_stops_does_not_keep_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who calls itself without a delay is told so."""
    monkeypatch.setattr(reactor, "MANY", 100)
    monkeypatch.setattr(reactor, "ENDLESS", 0.0)

    def again() -> None:
        world.callLater(0, again)

    again()
    with pytest.raises(Stuck, match=r"time does not get on: \d+00 things happened at one moment"):
        passing(world, 1.0)


def test_much_may_happen_in_all_if_time_gets_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one moment must not be endless."""
    monkeypatch.setattr(reactor, "MANY", 100)
    monkeypatch.setattr(reactor, "ENDLESS", 0.0)
    looping = LoopingCall(lambda: [world.callLater(0, list) for _ in range(50)])
    looping.clock = world
    looping.start(0.1)

    passing(world, 10.0)
    looping.stop()


def test_an_error_in_a_delayed_call_ends_nothing(world: World, errors: list[type[BaseException]]) -> None:
    """It is logged, and the world goes on."""
    found: list[int] = []
    world.callLater(1.0, lambda: {}["x"])
    world.callLater(1.0, found.append, 1)

    passing(world, 1.0)

    assert errors == [KeyError]
    assert found == [1]


def test_who_interrupts_ends_it(world: World) -> None:
    """It is for whoever runs the world, and not for a log."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    world.callLater(1.0, interrupt)

    with pytest.raises(KeyboardInterrupt):
        passing(world, 5.0)
    passing(world, 5.0)


def test_an_error_in_a_call_from_a_thread_ends_nothing(world: World, errors: list[type[BaseException]]) -> None:
    """It is logged, and the world goes on."""
    found: list[int] = []
    world.callFromThread(lambda: {}["x"])
    world.callFromThread(found.append, 1)

    passing(world, 1.0)

    assert errors == [KeyError]
    assert found == [1]


def test_what_threads_hand_over_is_called_in_order_in_the_loop(world: World) -> None:
    """And takes no time."""
    before = world.seconds()
    found: list[tuple[int, int]] = []

    def hand_over() -> None:
        for number in range(1000):
            world.callFromThread(lambda number=number: found.append((number, threading.get_ident())))

    world.run(in_thread(world, hand_over))

    assert found == [(number, threading.get_ident()) for number in range(1000)]
    assert world.seconds() == before


def test_who_waits_for_something_to_happen_hears_of_it(world: World) -> None:
    """Once all that follows from it has happened too."""
    found: list[str] = []

    async def look() -> None:
        while "late" not in found:
            await world.moment()
            found.append("looked")

    world.callLater(5.0, lambda: (found.append("early"), world.callLater(0, found.append, "late")))
    world.run(look())

    assert found[-2:] == ["late", "looked"]
    assert found.index("late") == found.index("early") + 1


def test_who_only_looks_lets_time_go_on(world: World) -> None:
    """Looking is something that happens, but nothing comes of it."""
    found: list[float] = []
    before = world.seconds()

    async def look() -> None:
        while not found:
            await world.moment()

    world.callLater(3600.0, lambda: found.append(world.seconds() - before))
    world.run(look())

    assert found == [3600.0]


def test_who_looks_for_what_never_comes_is_told(world: World) -> None:
    """Nothing can happen any more."""

    async def look() -> None:
        while True:
            await world.moment()

    with pytest.raises(Stuck, match="nothing can happen any more"):
        world.run(look())


def test_who_waits_for_time_to_get_on_hears_then(world: World) -> None:
    """However much happens at this moment; as often as time gets on, and once all that is due then has happened."""
    found: list[tuple[float, int]] = []
    before = world.seconds()
    happened: list[int] = []

    def happens(left: int) -> None:
        happened.append(left)
        if left:
            world.callLater(0, happens, left - 1)

    async def look() -> None:
        while len(found) < 2:
            await world.moment(later=True)
            found.append((world.seconds() - before, len(happened)))

    happens(50)
    world.callLater(1.0, happens, 10)
    world.callLater(2.0, happens, 0)
    world.run(look())

    assert found == [(1.0, 51 + 11), (2.0, 51 + 11 + 1)]


def test_who_waits_for_time_to_get_on_hears_later_than_who_does_not(world: World) -> None:
    """At the same moment."""
    found: list[tuple[str, float]] = []
    before = world.seconds()

    async def look(*, later: bool) -> None:
        await world.moment(later=later)
        found.append(("patient" if later else "eager", world.seconds() - before))

    for seconds in (0.0, 1.0):
        world.callLater(seconds, list)
    world.run(gather(look(later=True), look(later=False)))

    assert found == [("eager", 0.0), ("patient", 1.0)]


def test_that_time_got_on_before_is_nothing_new(world: World) -> None:
    """Whoever waits for it waits from now on."""
    passing(world, 5.0)
    before = world.seconds()
    world.callLater(1.0, list)

    world.run(world.moment(later=True))

    assert world.seconds() - before == 1.0


def test_who_does_not_wait_for_a_moment_any_more_is_not_told(world: World) -> None:
    """Whichever it was."""
    for later in (False, True):
        gone = world.moment(later=later)
        gone.addErrback(lambda _: None)
        gone.cancel()

    passing(world, 1.0)


def test_a_watcher_that_makes_things_happen_does_not_keep_time(world: World) -> None:
    """From its fourth look at one moment on it waits until time gets on: it may be all that happens."""
    clock = WorldClock(world)
    looked: list[float] = []
    found: list[float] = []
    before = world.seconds()

    async def watch() -> None:
        looks = Attempt(clock, Transcript(clock.now()), lambda: "token").looks(quiet=False)
        while not found:
            await deferLater(world, 0.0)
            looked.append(world.seconds() - before)
            await looks.again()

    world.callLater(3600.0, lambda: found.append(world.seconds() - before))
    world.run(watch())

    assert found == [3600.0]
    assert looked == [0.0] * (LOOKS + 1)


def test_a_deadline_is_nothing_that_can_happen(world: World) -> None:
    """It comes all the same; a call of the server's is something that can."""
    first: Deferred[bool] = Deferred()
    second: Deferred[bool] = Deferred()

    world.deadline(10.0, lambda: first.callback(world.is_stuck()))
    call = world.callLater(20.0, list)
    before = world.run(first)
    world.deadline(5.0, lambda: second.callback(world.is_stuck()))
    call.cancel()

    assert (before, world.run(second)) == (False, True)


def test_its_clock_is_its_time(world: World) -> None:
    """For specs, with its prospects."""
    clock = WorldClock(world)

    async def slept() -> float:
        before = clock.now()
        await clock.sleep(5.0)
        await clock.until(before + 7.0)
        return clock.now() - before

    assert world.run(slept()) == 7.0
    assert clock.prospect() == "nothing can happen any more"
    world.callLater(1.0, list)
    assert clock.prospect() == ""


# Ports.


def test_a_port_is_there_for_one(world: World) -> None:
    """As with sockets."""
    world.listenTCP(8000, Factory.forProtocol(Protocol))

    with pytest.raises(CannotListenError):
        world.listenTCP(8000, Factory.forProtocol(Protocol))


def test_a_port_is_free_again(world: World) -> None:
    """Once its server has gone."""
    world.listenTCP(8000, Factory.forProtocol(Protocol)).stopListening()

    assert world.listenTCP(8000, Factory.forProtocol(Protocol)).getHost().port == 8000


def test_any_port_is_one_that_is_free(world: World) -> None:
    """Also when somebody has taken the first by name."""
    world.listenTCP(reactor.SERVERS, Factory.forProtocol(Protocol))

    ports = [world.listenTCP(0, Factory.forProtocol(Protocol)).getHost().port for _ in range(3)]

    assert len({reactor.SERVERS, *ports}) == 4


# Its end.


class Ended(ProcessProtocol):
    """Hears of the end of a process."""

    def __init__(self) -> None:
        self.signals: list[Any] = []

    def processEnded(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """See Twisted's `IProcessProtocol`."""
        self.signals.append(reason.value.signal)


def test_closing_ends_processes_and_threads() -> None:
    """Nothing stays behind; what listens stops."""
    before = threading.active_count()
    process, stopped = Ended(), []
    factory = Factory.forProtocol(Protocol)
    factory.stopFactory = lambda: stopped.append(True)  # type: ignore[method-assign]
    with World() as world:
        world.run(in_thread(world, list))
        world.spawnProcess(process, SLEEPER[0], SLEEPER)
        world.listenTCP(0, factory)
        during = threading.active_count()

    assert during > before
    assert threading.active_count() == before
    assert (process.signals, stopped) == ([9], [True])


def test_closing_is_the_end_of_all_that_was_to_come() -> None:
    """And a second time does nothing."""
    found: list[int] = []
    shut: list[int] = []
    world = World()
    world.addSystemEventTrigger("during", "shutdown", shut.append, 1)
    world.callLater(0, found.append, 1)

    world.close()
    world.close()

    assert (found, shut) == ([], [1])
    assert world.getDelayedCalls() == []


def test_closing_leaves_no_files_open(loop: Any) -> None:
    """Neither the waker's nor those of processes."""

    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with World():
        pass
    before = opened()
    for _ in range(3):
        with World() as world:
            world.spawnProcess(Ended(), SLEEPER[0], SLEEPER)

    assert opened() == before


def test_worlds_do_not_know_each_other() -> None:
    """Side by side, each has its time, its ports and its threads."""
    with World() as one, World() as other:
        for world in (one, other):
            world.listenTCP(8000, Factory.forProtocol(Protocol))
        one.callLater(0.0, list)

        passing(one, 100.0)
        passing(other, 1.0)
        passing(one, 100.0)

        assert one.seconds() - reactor.BEGINS == 200.0
        assert other.seconds() - reactor.BEGINS == 1.0
        assert one.getThreadPool() is not other.getThreadPool()


@pytest_twisted.ensureDeferred
async def test_the_real_reactor_goes_on_beside_it(loop: Any, world: World) -> None:
    """What was to happen there happens there, and only between two runs here."""
    found: list[str] = []
    loop.callLater(0, found.append, "real")

    passing(world, 3600.0)
    found.append("virtual")
    await deferLater(loop, 0.0)

    assert found == ["virtual", "real"]
    assert loop.running


def test_it_is_what_twisted_calls_a_reactor(world: World) -> None:
    """With the interfaces that a server may ask for."""
    for interface in (IReactorTime, IReactorTCP, IReactorThreads, IReactorProcess, IReactorCore):
        assert interface.providedBy(world)


def test_twisteds_own_site_runs_in_it(world: World) -> None:
    """Its timers too: an idle connection is closed after its 60 s."""
    lost: list[float] = []
    before = world.seconds()

    class Client(Protocol):
        def connectionLost(self, reason: Any = None) -> None:
            lost.append(world.seconds() - before)

    site = Site(Resource(), reactor=world)
    world.listenTCP(8000, site)
    world.connectTCP("127.0.0.1", 8000, ClientFactory.forProtocol(Client))  # type: ignore[arg-type]
    passing(world, 100.0)

    assert lost == [60.0]
