"""
Runners side by side on one machine: what they share so that they do not make each other late.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredLock

from harness.locks import Turns

#: Specs that wait for nothing, side by side, and the seconds after which one that is not over waits after all: more
#: gain nothing on two cores and make the timed ones late.
QUICK = (4, 1.0)

#: The same for busy specs: one that sleeps between two bursts leaves the processor to the others.
BUSY = (3, 5.0)

#: The seconds of a turn of a known divergence, which may hang to its deadline: on Twisted 20.3 sixty do (2026).
KNOWN = 0.1


@define(eq=False, repr=False)
class Company:
    """
    The runners of one process, each with a target of its own.

    Their waits overlap and their work does not: what is `busy` or `quick` in any of them takes turns with all of it,
    they begin one after the other, and none repeats what was late while another is still in the crowd of its first
    attempts.
    """

    reactor: Any
    busy: Turns = field(init=False)
    quick: Turns = field(init=False)
    _beginning: DeferredLock = field(init=False, factory=DeferredLock)
    _at_work: int = field(init=False, default=0)
    _resting: list[Deferred[None]] = field(init=False, factory=list)

    def __attrs_post_init__(self) -> None:
        self.busy, self.quick = Turns(self.reactor, *BUSY), Turns(self.reactor, *QUICK)

    @asynccontextmanager
    async def beginning(self) -> AsyncIterator[None]:
        """While one begins its specs, the next waits with its own."""
        await self._beginning.acquire()
        try:
            yield
        finally:
            self._beginning.release()

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """In the crowd of first attempts."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                resting, self._resting = self._resting, []
                for one in resting:
                    one.callback(None)

    async def rest(self) -> None:
        """Wait until nobody is at work any more."""
        if self._at_work:
            quiet: Deferred[None] = Deferred(lambda gone: self._resting.remove(gone) if gone in self._resting else None)
            self._resting.append(quiet)
            await quiet
