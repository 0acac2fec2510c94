"""
The clock of a world: for specs, what `harness.clocks.Clock` is in real time.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall

from harness.clocks import Clock
from harness.worlds.reactor import World

#: How often somebody looks while nothing is new: what they see happen may be what comes of their looks.
LOOKS = 6


class WorldClock(Clock):
    """The time of one world."""

    def __init__(self, world: World) -> None:
        super().__init__(world, world.seconds)
        self._world = world

    def mark(self) -> float:
        """See `Clock.mark`."""
        return self._world.eventful

    async def moment(self, looks: int = 0) -> None:
        """See `Clock.moment`."""
        # That they look may be all that happens: for ever, at one moment.
        await self._world.moment(later=looks >= LOOKS)

    def prospect(self) -> str:
        """See `Clock.prospect`."""
        return "nothing can happen any more" if self._world.is_stuck() else ""

    def deadline(self, seconds: float, call: Callable[[], None]) -> IDelayedCall:
        """See `Clock.deadline`."""
        return self._world.deadline(seconds, call)
