"""
Delayed calls of a world, in the order in which they are due.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import Any

from attrs import define, field
from twisted.internet.base import DelayedCall

#: The parts of a second that a world's clock can tell: a power of two, so that sums with it lose nothing.
TICKS = 2.0**30


@define(eq=False, repr=False)
class Timers:
    """Calls that wait for their time; those of one moment come in the order in which they were asked for."""

    _seconds: Callable[[], float]
    _heap: list[tuple[float, int, DelayedCall]] = field(init=False, factory=list)
    _number: int = field(init=False, default=0)

    def add(
        self, delay: float, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: Mapping[str, Any]
    ) -> DelayedCall:
        """A call that is due `delay` seconds from now."""
        assert delay >= 0, f"{delay} is not greater than or equal to 0 seconds"
        # Rounded up: nothing may be called before its time by the error of a sum, or who counts intervals counts two.
        at = math.ceil((self._seconds() + delay) * TICKS) / TICKS
        call = DelayedCall(at, function, arguments, dict(keywords), lambda _: None, self._push, self._seconds)
        self._push(call)
        return call

    def _push(self, call: DelayedCall) -> None:
        self._number += 1
        heappush(self._heap, (call.time, self._number, call))

    def next(self) -> float | None:
        """When the next call is due, now or later; None where there is none."""
        while self._heap:
            at, _, call = self._heap[0]
            if call.active() and call.time == at and call.delayed_time <= 0:
                return at
            heappop(self._heap)
            if call.active() and call.time == at:
                call.activate_delay()
                self._push(call)
        return None

    def due(self) -> DelayedCall | None:
        """The next call whose time has come, which is taken out and counts as called."""
        at = self.next()
        if at is None or at > self._seconds():
            return None
        call = heappop(self._heap)[2]
        call.called = 1
        return call

    def active(self) -> list[DelayedCall]:
        """All calls that are still to come."""
        return list({id(call): call for _, _, call in self._heap if call.active()}.values())

    def clear(self) -> None:
        """Forget them."""
        self._heap.clear()
