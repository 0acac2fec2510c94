"""
One attempt at one spec: its time, its evidence, and what it is doing right now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clocks import Clock
    from harness.transcripts import Transcript

T = TypeVar("T")


@define
class Attempt:
    """
    What all that a spec is given shares.

    Specs know it as `clock`.  `token` gives fresh IDs; `doing` says what is being waited for, in words for people.
    """

    _clock: Clock
    transcript: Transcript
    token: Callable[[], str]
    doing: str = ""
    _cleanups: list[Callable[[], None]] = field(init=False, factory=list)

    def now(self) -> float:
        """Seconds on a scale that only moves forward."""
        return self._clock.now()

    async def sleep(self, seconds: float, why: str = "time to pass") -> None:
        """Let `seconds` go by."""
        with self.waiting_for(why):
            await self._clock.sleep(seconds)

    async def until(self, moment: float, why: str = "time to pass") -> None:
        """Sleep until `now()` is `moment`."""
        await self.sleep(moment - self.now(), why)

    async def wait(self, awaited: Awaitable[T], what: str, within: float | None = None) -> T:
        """The result of `awaited`, which people know as `what`; `Overdue` after `within` seconds if given."""
        with self.waiting_for(what):
            return await self._clock.give_up(awaited, within, lambda: f"no {what} within {within:g} s")

    @contextmanager
    def waiting_for(self, what: str) -> Iterator[None]:
        """Say what is being waited for meanwhile."""
        before, self.doing = self.doing, what
        try:
            yield
        finally:
            self.doing = before

    def note(self, who: str, what: str, data: bytes | str = b"") -> None:
        """Put into the transcript what happens now."""
        self.transcript.add(self.now(), who, what, data)

    def at_end(self, cleanup: Callable[[], None]) -> None:
        """Call this when the attempt is over, however it ends."""
        self._cleanups.append(cleanup)

    def finish(self) -> None:
        """Clean up, last first."""
        while self._cleanups:
            self._cleanups.pop()()
