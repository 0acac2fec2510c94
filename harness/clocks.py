"""
Time for specs: now, sleeping, waiting for several things, giving up.

A clock measures with what its reactor calls time when that is virtual, and with `time.monotonic` when it is real: the
reactor's own seconds are the wall clock, which may be set while we measure.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from attrs import define, field
from twisted.internet.defer import (
    CancelledError,
    Deferred,
    DeferredList,
    FirstError,
    ensureDeferred,
)
from twisted.internet.error import ConnectingCancelledError
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from harness.errors import Overdue
from harness.timing import Moment

T = TypeVar("T")

#: Seconds between two beats of the heartbeat.  10 beats fit into the smallest delay that `--fast` uses.
BEAT = 0.05

#: Seconds of lag that no tolerance in use would notice: a tenth of the usual `early`.
NEGLIGIBLE = 0.001

#: Seconds between two looks at something that does not tell us when it changes, such as an event feed: well below every
#: `within` of a profile.
POLL = 0.025


@define
class Clock:
    """The time of one run; `monotonic` is how it is read, in seconds."""

    reactor: IReactorTime
    monotonic: Callable[[], float] = time.monotonic

    def now(self) -> Moment:
        """Seconds on a scale that only moves forward; its zero means nothing."""
        return Moment(self.monotonic())

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` go by."""
        if seconds > 0:
            await deferLater(self.reactor, seconds)

    async def until(self, moment: float) -> None:
        """Sleep until `now()` is `moment`."""
        await self.sleep(moment - self.now())

    def mark(self) -> float:
        """A number that stays the same as long as nothing can have changed that nobody looked at."""
        return self.now()

    async def moment(self, looks: int = 0) -> None:  # noqa: ARG002 - see `WorldClock`
        """Let a little time go by, in which something may happen, for who has had so many looks in vain."""
        await self.sleep(POLL)

    def deadline(self, seconds: float, call: Callable[[], None]) -> IDelayedCall:
        """Do this after `seconds`, unless it is cancelled because what was awaited has come."""
        return self.reactor.callLater(seconds, call)

    def prospect(self) -> str:
        """What there is to say of what will come, to somebody who has waited too long; empty where nothing is known."""
        return ""

    async def give_up(
        self,
        awaited: Awaitable[T],
        within: float | None,
        late: Callable[[], str],
        excused: Callable[[], float] = lambda: 0.0,
    ) -> T:
        """
        The result of `awaited`; after `within` seconds it is cancelled, and `Overdue` says what `late` says then.

        `excused` gives the seconds that went by through no fault of its own; they are granted once more.
        """
        deferred = started(awaited)
        if within is None:
            return await deferred
        message = ""
        granted = 0.0
        call: IDelayedCall

        def cancel() -> None:
            nonlocal message, granted, call
            more = excused() - granted
            if more > 0:
                granted += more
                call = self.deadline(more, cancel)
                return
            message = late()
            deferred.cancel()

        call = self.deadline(within, cancel)
        try:
            return await deferred
        except (CancelledError, ConnectingCancelledError):
            # The second is what Twisted's endpoints make of the first.
            raise (Overdue(message) if message else CancelledError()) from None
        finally:
            if call.active():
                call.cancel()


@define(eq=False)
class Heartbeat:
    """
    The ruler's own error: how late our event loop wakes us, in seconds, and how long the garbage collector stops us.

    While it beats, `worst_since(moment)` tells the longest lag that any wait since then may have suffered.  A stall
    between two beats that is over before the next is due goes unseen, unless it is the garbage collector's.
    """

    clock: Clock
    _lags: list[tuple[float, float]] = field(init=False, factory=list)
    _due: float = field(init=False, default=0.0)
    _call: Any = field(init=False, default=None)
    _collecting: float = field(init=False, default=0.0)

    def start(self) -> None:
        """Begin to beat."""
        gc.callbacks.append(self._collected)
        self._next()

    def stop(self) -> None:
        """Beat no more.  A second call does nothing."""
        if self._call is not None and self._call.active():
            self._call.cancel()
            gc.callbacks.remove(self._collected)

    def _next(self) -> None:
        self._due = self.clock.now() + BEAT
        self._call = self.clock.reactor.callLater(BEAT, self._beat)

    def _beat(self) -> None:
        self._note(self.clock.now() - self._due)
        self._next()

    def _collected(self, phase: str, _: Any) -> None:
        if phase == "start":
            self._collecting = self.clock.now()
        else:
            self._note(self.clock.now() - self._collecting)

    def _note(self, lag: float) -> None:
        # Only lags that could matter are kept, so that an hour's run stays small.
        if lag > NEGLIGIBLE:
            self._lags.append((self.clock.now(), lag))

    def worst_since(self, moment: float) -> float:
        """The worst lag, in seconds, of the beats after `moment`, and of the one due now; 0 for a still heart."""
        if self._call is None:
            return 0.0
        overdue = self.clock.now() - self._due
        return max([0.0, overdue, *(lag for at, lag in self._lags if at >= moment)])


def started(awaited: Awaitable[T]) -> Deferred[T]:
    """The Deferred of a coroutine, which runs from here on; a Deferred as it is."""
    if isinstance(awaited, Deferred):
        return awaited
    assert isinstance(awaited, Coroutine), awaited
    return ensureDeferred(awaited)


def shared(source: Deferred[Any]) -> Deferred[Any]:
    """
    What one of several waits for who wait for the same: its result, None where it failed.

    Whoever cancels theirs leaves it to the others.
    """
    waiting: Deferred[Any] = Deferred()

    def tell(outcome: Any) -> Any:
        outcome = None if isinstance(outcome, Failure) else outcome
        waiting.callback(outcome)
        return outcome

    source.addBoth(tell)
    return waiting


async def gather(*awaited: Awaitable[Any]) -> list[Any]:
    """
    All results in order, waited for together.

    The first exception is raised as it is; the others are cancelled.
    """
    deferreds = [started(one) for one in awaited]
    together = DeferredList(deferreds, fireOnOneErrback=True, consumeErrors=True)
    try:
        return [value for _, value in await together]
    except FirstError as first:
        first.subFailure.raiseException()
        raise  # pragma: no cover - raiseException always raises; this is for the reader of types
    finally:
        for deferred in deferreds:
            if not deferred.called:
                deferred.cancel()
