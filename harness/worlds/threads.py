"""
The functions that a world's servers have threads do: they count, and when they sleep, they sleep virtually.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import define, field
from twisted.python import log
from twisted.python.threadpool import ThreadPool

if TYPE_CHECKING:
    from harness.worlds.reactor import World

#: Real seconds that threads are given to end with their world.
GRACE = 1.0

#: Real seconds between two looks whether they have.
LOOK = 0.01

_slept = time.sleep


@define
class _Pool:
    """What the functions that one thread pool was given are doing, by number."""

    most: int
    queued: int = 0
    begun: int = 0
    asleep: int = 0

    @property
    def at_work(self) -> int:
        """How many work, or are about to; one for which there is no thread waits for the others."""
        return self.begun - self.asleep + min(self.queued, max(0, self.most - self.begun))


@define(eq=False, repr=False)
class Threads:
    """The functions in threads of one world, in whichever thread pool."""

    world: World
    _pools: dict[ThreadPool, _Pool] = field(init=False, factory=dict)
    _of_ours: dict[int, _Pool] = field(init=False, factory=dict)
    _sleepers: set[threading.Event] = field(init=False, factory=set)
    _over: bool = field(init=False, default=False)
    _lock: Any = field(init=False, factory=threading.Lock)

    @property
    def at_work(self) -> int:
        """How many are at work."""
        with self._lock:
            return sum(pool.at_work for pool in self._pools.values())

    def has(self, thread: int) -> bool:
        """Whether a thread is of this world; that which drives it is too."""
        return thread == self.world.thread or thread in self._of_ours

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Meanwhile every function that a thread pool is given counts, and sleeping is virtual."""
        original, slept = ThreadPool.callInThreadWithCallback, time.sleep

        def counting(pool: Any, on_result: Any, function: Any, *arguments: Any, **keywords: Any) -> None:
            if self._over:
                # A call that is over has let the next request begin, and nobody would answer what that asks the loop.
                return
            if pool.started:
                # One that waits for its pool to start is not at work yet, and may never be.
                counts = self._pools.setdefault(pool, _Pool(pool.max))
                with self._lock:
                    counts.queued += 1
                function, on_result = self._ours(function, counts), self._then_over(on_result, counts)
            original(pool, on_result, function, *arguments, **keywords)

        ThreadPool.callInThreadWithCallback = counting  # type: ignore[method-assign, assignment]
        time.sleep = self._sleep  # type: ignore[assignment]
        try:
            yield
        finally:
            ThreadPool.callInThreadWithCallback = original  # type: ignore[method-assign]
            time.sleep = slept

    def stop(self) -> bool:
        """Wake who sleeps, to end, and let nobody begin any more; whether all have ended."""
        self._over = True
        for awake in tuple(self._sleepers):
            awake.set()
        until = time.monotonic() + GRACE
        with self.counted():
            while self._some_are_left() and time.monotonic() < until:
                self.world.listen(LOOK)
                self.world.runUntilCurrent()
        return not self._some_are_left()

    def _some_are_left(self) -> bool:
        # Also of those that no thread has begun with: it may at any moment.
        with self._lock:
            return any(pool.begun or pool.queued for pool in self._pools.values())

    def _ours(self, function: Callable[..., Any], counts: _Pool) -> Callable[..., Any]:
        def run(*arguments: Any, **keywords: Any) -> Any:
            with self._lock:
                counts.queued -= 1
                counts.begun += 1
            self._of_ours[threading.get_ident()] = counts
            try:
                return function(*arguments, **keywords)
            finally:
                del self._of_ours[threading.get_ident()]

        return run

    def _then_over(self, on_result: Callable[[bool, Any], None] | None, counts: _Pool) -> Callable[[bool, Any], None]:
        def over() -> None:
            counts.begun -= 1

        def done(success: bool, result: Any) -> None:  # noqa: FBT001 - the pool calls it so
            try:
                if on_result is not None:
                    on_result(success, result)
                elif not success:
                    log.err(result)
            finally:
                if self._over:
                    over()  # the world is no more
                else:
                    # In the world's thread: only when all that was asked of it before has been done.
                    self.world.callFromThread(over)

        return done

    # Sleep.

    def _sleep(self, seconds: float) -> None:
        """What `time.sleep` is meanwhile."""
        if seconds < 0:
            message = "sleep length must be non-negative"
            raise ValueError(message)
        thread = threading.get_ident()
        counts = self._of_ours.get(thread)
        if thread == self.world.thread:
            # Whoever sleeps in the thread of the event loop holds everybody up.
            self.world.hold_up(seconds)
        elif counts is None:
            _slept(seconds)
        else:
            awake = threading.Event()
            self._sleepers.add(awake)
            self.world.callFromThread(self._fall_asleep, seconds, counts, awake)
            awake.wait()
            self._sleepers.discard(awake)
            if self._over:
                message = "the world in which this thread slept is over"
                raise RuntimeError(message)

    def _fall_asleep(self, seconds: float, counts: _Pool, awake: threading.Event) -> None:
        counts.asleep += 1
        self.world.callLater(seconds, self._wake, counts, awake)

    def _wake(self, counts: _Pool, awake: threading.Event) -> None:
        counts.asleep -= 1
        awake.set()
