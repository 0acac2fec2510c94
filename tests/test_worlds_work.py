"""
Real work in a world: threads and processes are waited for, and take no virtual time.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.internet.threads import blockingCallFromThread, deferToThreadPool
from twisted.python.threadpool import ThreadPool

from harness.clocks import gather, started
from harness.errors import Stuck
from harness.worlds import World, threads, work

#: Bytes that no pipe holds.
MUCH = 1_000_000

SLEEP, CALL = time.sleep, ThreadPool.callInThreadWithCallback


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    """Three threads that are not the reactor's."""
    pool = ThreadPool(0, 3)
    pool.start()
    yield pool
    pool.stop()


class Output(ProcessProtocol):
    """Collects what a process says, until it has ended."""

    def __init__(self) -> None:
        self.data = b""
        self.said: Deferred[None] = Deferred()
        self.ended: Deferred[Any] = Deferred()

    def outReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """See Twisted's `ProcessProtocol`."""
        self.data += data
        if not self.said.called:
            self.said.callback(None)

    def processEnded(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """See Twisted's `ProcessProtocol`."""
        self.ended.callback(reason.value.exitCode)


def spawned(world: World, script: str) -> Output:
    """A process that runs a script of the shell's; for calls while the world runs."""
    output = Output()
    output.process = world.spawnProcess(output, "/bin/sh", ["/bin/sh", "-c", script])  # type: ignore[attr-defined]
    return output


def elapsed(world: World, awaitable: Callable[[], Any]) -> tuple[Any, float]:
    """What something gives, and the virtual seconds that it took."""
    before = world.seconds()

    async def begun() -> Any:
        return await awaitable()

    return world.run(begun()), world.seconds() - before


def in_threads(world: World, count: int, function: Callable[[], Any], pool: ThreadPool | None = None) -> Any:
    """The results of a function that is run so many times in the threads of a pool: the world's unless given."""
    return gather(*(deferToThreadPool(world, pool or world.getThreadPool(), function) for _ in range(count)))


# Threads.


def test_what_a_thread_does_takes_no_time(world: World) -> None:
    """Not even when a timer waits that is due in next to none."""
    found: list[str] = []

    def work() -> int:
        threading.Event().wait(0.05)
        found.append("worked")
        return 5

    async def both() -> Any:
        world.callLater(1e-6, found.append, "timer")
        return await deferToThreadPool(world, world.getThreadPool(), work)

    assert elapsed(world, both) == (5, 0.0)
    world.run(deferLater(world, 1.0))
    assert found == ["worked", "timer"]


def test_what_a_thread_raises_is_raised(world: World) -> None:
    """And it is at work no more."""
    with pytest.raises(ZeroDivisionError):
        elapsed(world, lambda: in_threads(world, 1, lambda: 1 // 0))
    world.run(deferLater(world, 1.0))

    assert not world.work.outstanding


def test_sleeping_in_threads_is_virtual(world: World) -> None:
    """Ten that sleep for 5 s do so side by side."""
    assert elapsed(world, lambda: in_threads(world, 10, lambda: time.sleep(5.0)))[1] == 5.0


def test_a_pool_has_only_so_many_threads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds none free waits, in virtual time too."""
    monkeypatch.setattr(work, "PATIENCE", 0.5)
    monkeypatch.setattr(work, "NAP", 0.01)

    assert elapsed(world, lambda: in_threads(world, 25, lambda: time.sleep(5.0)))[1] == 15.0


def test_who_waits_for_a_thread_is_not_at_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all that have one sleep, time goes on at once."""
    monkeypatch.setattr(work, "PATIENCE", 0.5)
    monkeypatch.setattr(work, "NAP", 0.01)
    patient: list[bool] = []
    wait = work.Work.wait

    def waits(self: work.Work) -> bool:
        patient.append(wait(self))
        return patient[-1]

    monkeypatch.setattr(work.Work, "wait", waits)

    assert elapsed(world, lambda: in_threads(world, 11, lambda: time.sleep(5.0)))[1] == 10.0
    assert all(patient)


def test_threads_sleep_each_for_its_time(world: World) -> None:
    """Exactly; time goes on when the last of them sleeps."""
    before = world.seconds()
    found: list[tuple[float, float]] = []

    def sleeper(seconds: float) -> Callable[[], None]:
        def sleeps() -> None:
            for _ in range(3):
                time.sleep(seconds)
            found.append((seconds, world.seconds() - before))

        return sleeps

    elapsed(world, lambda: gather(*(in_threads(world, 1, sleeper(seconds)) for seconds in (3.0, 1.0, 2.0))))

    assert sorted(found) == [(1.0, 3.0), (2.0, 6.0), (3.0, 9.0)]


def test_a_thread_may_ask_the_loop(world: World) -> None:
    """And waits for its answer, which may take its time."""

    def asks() -> Any:
        answer = blockingCallFromThread(world, lambda: deferLater(world, 7.0, lambda: "answer"))
        threading.Event().wait(0.02)
        return answer

    # It waits in a way that nobody can see: time goes on only when the world's patience is over.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "PATIENCE", 0.5)
        assert elapsed(world, lambda: in_threads(world, 1, asks)) == (["answer"], 7.0)


def test_who_sleeps_in_the_loop_holds_the_world_up(world: World) -> None:
    """As one who blocks the event loop does."""
    before = world.seconds()
    found: list[float] = []

    async def blocks() -> None:
        world.callLater(1.0, lambda: found.append(world.seconds() - before))
        time.sleep(3.0)  # noqa: ASYNC251 - it is what servers do
        found.append(world.seconds() - before)
        await deferLater(world, 1.0)

    assert elapsed(world, blocks)[1] == 4.0
    assert found == [3.0, 3.0]


def test_a_pool_of_the_servers_own_counts_too(world: World, pool: ThreadPool) -> None:
    """Whoever made it, and whenever."""

    def works() -> int:
        threading.Event().wait(0.02)
        time.sleep(5.0)
        return 5

    assert elapsed(world, lambda: in_threads(world, 3, works, pool)) == ([5] * 3, 5.0)


def test_a_pool_that_was_never_started_is_not_waited_for(world: World) -> None:
    """What it was given is not at work, and time goes on."""
    never = ThreadPool(0, 1)

    async def gives() -> None:
        never.callInThread(list)
        await deferLater(world, 5.0)

    assert elapsed(world, gives)[1] == 5.0
    assert not world.work.outstanding


def test_who_waits_for_a_pool_that_was_never_started_is_stuck(world: World) -> None:
    """At once."""
    never = ThreadPool(0, 1)

    with pytest.raises(Stuck, match="nothing can happen any more"):
        elapsed(world, lambda: in_threads(world, 1, list, never))


def test_threads_of_others_sleep_in_real_time(world: World) -> None:
    """They are none of the world's."""
    awake: list[bool] = []

    def sleeps() -> None:
        time.sleep(0.001)
        awake.append(True)

    thread = threading.Thread(target=sleeps)

    async def meanwhile() -> None:
        thread.start()
        thread.join()

    assert elapsed(world, meanwhile)[1] == 0.0
    assert awake == [True]


def test_sleep_and_pools_are_as_before_when_a_run_is_over(world: World) -> None:
    """Also when it ends with an exception; only while it runs they are the world's."""
    during: list[bool] = []

    async def looks() -> None:
        during.append(time.sleep is SLEEP or ThreadPool.callInThreadWithCallback is CALL)
        raise KeyError

    with pytest.raises(KeyError):
        world.run(looks())
    first = time.sleep, ThreadPool.callInThreadWithCallback
    with pytest.raises(Stuck):
        world.run(Deferred())

    assert during == [False]
    assert first == (time.sleep, ThreadPool.callInThreadWithCallback) == (SLEEP, CALL)


def test_a_world_within_another_leaves_it_sleep_and_pools(world: World) -> None:
    """While the outer one runs they are still its own when the inner one has run."""

    async def outer() -> Any:
        before = time.sleep, ThreadPool.callInThreadWithCallback
        with World() as inner:
            inner.run(deferLater(inner, 1.0))
        assert (time.sleep, ThreadPool.callInThreadWithCallback) == before
        return await in_threads(world, 2, lambda: time.sleep(5.0))

    assert elapsed(world, outer)[1] == 5.0
    assert (time.sleep, ThreadPool.callInThreadWithCallback) == (SLEEP, CALL)


def test_a_thread_that_sleeps_when_its_world_ends_is_ended() -> None:
    """An application is slow, and its client has left; it is told by an exception in its thread."""
    awake: list[str] = []

    def sleeps() -> None:
        try:
            time.sleep(1000.0)
        except RuntimeError as wrong:
            awake.append(str(wrong))
            raise

    with World() as world:

        async def leaves() -> None:
            started(in_threads(world, 1, sleeps)).addErrback(lambda _: None)
            await deferLater(world, 1.0)

        world.run(leaves())
        during = list(awake)

    assert (during, awake) == ([], ["the world in which this thread slept is over"])


@pytest.mark.parametrize(
    "noise",
    [
        False,
        pytest.param(
            True,
            marks=pytest.mark.xfail(reason="it wakes a world that is closed: an AttributeError in the log of others"),
        ),
    ],
)
def test_a_thread_that_never_ends_is_left_to_itself(
    monkeypatch: pytest.MonkeyPatch, errors: list[type[BaseException]], *, noise: bool
) -> None:
    """After a grace: neither the world waits for it, nor whoever ends the process; if it ends, nobody hears of it."""
    monkeypatch.setattr(threads, "GRACE", 0.05)
    monkeypatch.setattr(work, "PATIENCE", 0.05)
    monkeypatch.setattr(work, "NAP", 0.01)
    never = threading.Event()
    found: list[threading.Thread] = []

    def waits() -> None:
        found.append(threading.current_thread())
        never.wait()

    with World() as world:

        async def leaves() -> None:
            started(in_threads(world, 1, waits)).addErrback(lambda _: None)
            await deferLater(world, 1.0)

        world.run(leaves())
        pool: Any = world.getThreadPool()
    (thread,) = found
    left = thread.is_alive()
    never.set()
    # The thread goes back to its pool; what it has to say it has said by then.
    while pool._team.statistics().busyWorkerCount:
        SLEEP(0.001)

    assert (left, thread.daemon) == (True, True)
    if noise:
        assert errors == []


def test_a_thread_that_has_only_been_asked_for_is_waited_for() -> None:
    """It begins while the world ends, and asks its event loop for something: nobody else would answer it."""
    answers: list[int] = []

    for number in range(50):
        with World() as world:

            async def asks(world: World = world, number: int = number) -> None:
                world.callInThread(lambda: answers.append(blockingCallFromThread(world, lambda: number)))

            world.run(asks())

    assert answers == list(range(50))


def test_nobody_begins_in_a_thread_of_a_world_that_ends() -> None:
    """The end of one call lets the next request begin; its question to the event loop would never be answered."""
    begun: list[str] = []

    with World() as world:

        def goes_on(_: object) -> None:
            world.callInThread(lambda: begun.append(blockingCallFromThread(world, lambda: "answer")))

        async def leaves() -> None:
            started(in_threads(world, 1, lambda: time.sleep(1000.0))).addBoth(goes_on)
            await deferLater(world, 1.0)

        world.run(leaves())

    assert begun == []


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The real seconds for which worlds were ready to wait, each time that they listened; they have little patience."""
    found: list[float] = []
    listen = World.listen

    def listens(self: World, timeout: float) -> bool:
        found.append(timeout)
        return listen(self, timeout)

    monkeypatch.setattr(work, "PATIENCE", 0.05)
    monkeypatch.setattr(work, "NAP", 0.01)
    monkeypatch.setattr(World, "listen", listens)
    return found


def test_what_is_silent_for_too_long_costs_no_more_time(world: World, naps: list[float]) -> None:
    """Once the world's patience is over."""
    holding = threading.Event()

    async def waits() -> int:
        started(in_threads(world, 1, holding.wait))
        await deferLater(world, 1.0)
        first = sum(map(bool, naps))
        for _ in range(1000):
            await deferLater(world, 1.0)
        holding.set()
        assert first > 1
        return sum(map(bool, naps)) - first

    assert elapsed(world, waits) == (0, 1001.0)


@pytest.mark.xfail(reason="a sign of life that comes while the world does not wait for one counts for nothing")
def test_a_sign_of_life_brings_patience_back(world: World, naps: list[float]) -> None:
    """What was silent for too long, and then says something, is waited for once more."""
    holding, ending = threading.Event(), threading.Event()
    alive: list[bool] = []

    def works() -> None:
        holding.wait()
        world.callFromThread(alive.append, True)
        ending.wait()

    async def waits() -> None:
        started(in_threads(world, 1, works))
        await deferLater(world, 1.0)
        holding.set()
        while not alive:
            threading.Event().wait(0.001)
            await deferLater(world, 1.0)
        naps.clear()
        await deferLater(world, 1.0)
        ending.set()

    elapsed(world, waits)

    assert sum(map(bool, naps)) > 1


def test_nobody_sleeps_for_less_than_nothing_in_the_loop(world: World) -> None:
    """As with Python's own."""

    async def sleeps() -> None:
        time.sleep(-1.0)  # noqa: ASYNC251 - see above

    with pytest.raises(ValueError, match="non-negative"):
        world.run(sleeps())


def test_nobody_sleeps_for_less_than_nothing_in_a_thread(world: World) -> None:
    """As with Python's own."""
    with pytest.raises(ValueError, match="non-negative"):
        elapsed(world, lambda: in_threads(world, 1, lambda: time.sleep(-1.0)))


# Processes.


def test_what_a_process_does_takes_no_time(world: World) -> None:
    """Its output is whole, its exit code its own."""

    async def runs() -> tuple[bytes, int]:
        output = spawned(world, f"printf 'a\\n'; sleep 0.05; head -c {MUCH} /dev/zero; echo z; exit 3")
        world.callLater(1e-6, list)
        code = await output.ended
        return output.data, code

    (data, code), took = elapsed(world, runs)

    assert data == b"a\n" + bytes(MUCH) + b"z\n"
    assert (code, took) == (3, 0.0)


def test_a_process_that_reads_is_waited_for(world: World) -> None:
    """It has the end of its input only once we have written it."""

    async def runs() -> bytes:
        output = spawned(world, "cat")
        output.transport.write(b"x" * MUCH)  # type: ignore[union-attr]
        output.transport.closeStdin()  # type: ignore[union-attr]
        await output.ended
        return output.data

    assert elapsed(world, runs) == (b"x" * MUCH, 0.0)


def test_processes_run_side_by_side(world: World) -> None:
    """Each has its own output."""

    async def runs() -> list[bytes]:
        outputs = [spawned(world, f"echo {number}") for number in range(5)]
        await gather(*(output.ended for output in outputs))
        return [output.data for output in outputs]

    assert elapsed(world, runs) == ([b"%d\n" % number for number in range(5)], 0.0)


def test_a_process_that_waits_for_us_does_not_hold_time_up(world: World) -> None:
    """Whoever does not read on lets time go by; what it says is whole all the same."""

    async def runs() -> int:
        output = spawned(world, f"head -c {MUCH} /dev/zero")
        await output.said
        output.process.pauseProducing()  # type: ignore[attr-defined]
        before = len(output.data)
        await deferLater(world, 3600.0)
        assert len(output.data) == before < MUCH
        output.process.resumeProducing()  # type: ignore[attr-defined]
        await output.ended
        return len(output.data)

    assert elapsed(world, runs) == (MUCH, 3600.0)


def test_a_process_that_is_silent_for_long_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time goes on beside it; it ends with its world at the latest."""
    monkeypatch.setattr(work, "PATIENCE", 0.02)
    monkeypatch.setattr(work, "NAP", 0.01)

    async def runs() -> Any:
        output = spawned(world, "exec sleep 1000")
        await deferLater(world, 5.0)
        assert world.work.outstanding
        return output

    output, took = elapsed(world, runs)
    before = output.ended.called
    world.close()

    assert took == 5.0
    assert (before, output.ended.called) == (False, True)


@pytest.mark.xfail(reason="who ends later than a nap after the world has given up on it is not waited for")
def test_a_process_that_we_signal_ends_at_that_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is waited for as any other sign of life."""
    monkeypatch.setattr(work, "PATIENCE", 0.5)
    monkeypatch.setattr(work, "NAP", 0.01)

    async def runs() -> Any:
        output = spawned(world, "trap 'sleep 0.05; exit 3' TERM; echo ready; while :; do sleep 0.01; done")
        await output.said
        await deferLater(world, 5.0)
        output.process.signalProcess("TERM")  # type: ignore[attr-defined]
        return await output.ended

    assert elapsed(world, runs) == (3, 5.0)


def test_a_process_that_nobody_may_reap_does_not_keep_a_world_from_ending(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never waits for its scripts leaves zombies, here as elsewhere."""
    monkeypatch.setattr(work, "PATIENCE", 0.1)

    async def unburied() -> Output:
        # One that has ended by the time that it is known is reaped then and there.
        output = spawned(world, "sleep 0.1; echo ready")
        output.process.reapProcess = lambda: None  # type: ignore[attr-defined]
        await output.said
        return output

    output = world.run(unburied())
    world.close()

    assert output.process.pid is not None  # type: ignore[attr-defined]
    os.waitpid(output.process.pid, 0)  # type: ignore[attr-defined]


def test_a_process_that_closes_its_output_is_waited_for_still(world: World) -> None:
    """Until it has ended."""

    async def runs() -> Any:
        output = spawned(world, "exec >&- 2>&-; sleep 0.05; exit 3")
        return await output.ended

    assert elapsed(world, runs) == (3, 0.0)


def test_processes_that_others_start_are_none_of_the_worlds(world: World) -> None:
    """It neither waits for them nor reaps them."""
    process = subprocess.Popen(["/bin/sh", "-c", "exit 4"])

    async def runs() -> Any:
        return await spawned(world, "exit 3").ended

    assert elapsed(world, runs) == (3, 0.0)
    assert process.wait() == 4
