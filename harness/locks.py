"""
Who may run beside whom.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.interfaces import IReactorTime


@define(eq=False, repr=False)
class Turns:
    """
    At most `count` at a time, each for at most `seconds`.

    Whoever takes longer keeps going and lets the next one begin all the same: a crowd of those that hang costs about
    one of them.
    """

    reactor: IReactorTime
    count: int
    seconds: float
    _semaphore: DeferredSemaphore = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._semaphore = DeferredSemaphore(self.count)

    @asynccontextmanager
    async def turn(self, seconds: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn, and have it; for other `seconds` than the usual if they are given."""
        await self._semaphore.acquire()
        ending = self.reactor.callLater(self.seconds if seconds is None else seconds, self._semaphore.release)
        try:
            yield
        finally:
            if ending.active():
                ending.cancel()
                self._semaphore.release()


@define(eq=False, repr=False)
class Shared:
    """
    A room for many together or one alone, first come first served.

    First come first served keeps one that wants to be alone from waiting for ever; it lets those in first who came
    before it.
    """

    _inside: int = field(init=False, default=0)
    _alone: bool = field(init=False, default=False)
    _queue: deque[tuple[bool, Deferred[None]]] = field(init=False, factory=deque)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """In the room with others."""
        await self._enter(alone=False)
        try:
            yield
        finally:
            self._inside -= 1
            self._admit()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """In the room with nobody else."""
        await self._enter(alone=True)
        try:
            yield
        finally:
            self._alone = False
            self._admit()

    async def _enter(self, *, alone: bool) -> None:
        turn: Deferred[None] = Deferred(self._forget)
        self._queue.append((alone, turn))
        self._admit()
        await turn

    def _forget(self, turn: Deferred[None]) -> None:
        self._queue = deque(one for one in self._queue if one[1] is not turn)
        # Those behind may be let in where that one was not.
        self._admit()

    def _admit(self) -> None:
        while self._queue and not self._alone and not (self._queue[0][0] and self._inside):
            alone, turn = self._queue.popleft()
            if alone:
                self._alone = True
            else:
                self._inside += 1
            turn.callback(None)
