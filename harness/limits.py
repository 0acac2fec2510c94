"""
How much may be outstanding at a target at once.
"""

from __future__ import annotations

from collections import deque

from attrs import define, field
from twisted.internet.defer import Deferred


@define
class Limit:
    """
    A number of places, handed out first come first served.

    Whoever already has places may `squeeze` in for more: were they made to wait, two specs that each hold what the
    other waits for would wait for ever.  So the limit is exact between specs, and soft within one.
    """

    places: int
    _taken: int = field(init=False, default=0)
    _waiting: deque[tuple[int, Deferred[None]]] = field(init=False, factory=deque)

    async def enter(self, count: int = 1) -> None:
        """Wait for `count` places, or for all there are if that is less."""
        if self._waiting or not self._fits(count):
            place: Deferred[None] = Deferred(self._forget)
            self._waiting.append((count, place))
            await place
        else:
            self._taken += count

    def squeeze(self, count: int = 1) -> None:
        """Take `count` places at once, free or not."""
        self._taken += count

    def leave(self, count: int = 1) -> None:
        """Give `count` places back."""
        self._taken -= count
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            count, place = self._waiting.popleft()
            self._taken += count
            place.callback(None)

    def _fits(self, count: int) -> bool:
        return self._taken == 0 or self._taken + count <= self.places

    def _forget(self, place: Deferred[None]) -> None:
        self._waiting = deque(one for one in self._waiting if one[1] is not place)
        # Those behind may fit where that one did not.
        self._admit()
