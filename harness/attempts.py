"""
One attempt at one spec: its time, its evidence, and what it is doing right now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from attrs import define, field

from harness.catalogue import SMALL
from harness.timing import MEASURING, Moment, Span, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.clocks import Clock
    from harness.transcripts import Transcript

T = TypeVar("T")

#: Seconds that the parts of an attempt are granted in all.  The slowest property takes 25 on two cores with eight busy
#: processes and the tests of this suite beside it (November 2026).
MOST_GRANTED = 60.0


@define
class Looks:
    """Somebody's looks at something that does not tell when it changes."""

    _clock: Clock
    _quiet: bool
    _at: float = field(init=False, default=-1.0)
    _count: int = field(init=False, default=0)

    async def again(self) -> None:
        """Wait until something may have changed since the last look."""
        mark = self._clock.mark()
        self._at, self._count = mark, self._count + 1 if mark == self._at else 0
        await self._clock.moment(0 if self._quiet else self._count)


@define
class Attempt:
    """
    What all that a spec is given shares.

    Specs know it as `clock`.  `token` gives fresh IDs; `most_bytes` is how much one connection may bring before we hang
    up.
    """

    _clock: Clock
    transcript: Transcript
    token: Callable[[], str]
    most_bytes: int = SMALL
    _waits: dict[object, str] = field(init=False, factory=dict)
    _granted: float = field(init=False, default=0.0)
    _held_up: float = field(init=False, default=0.0)
    _held_up_since: float = field(init=False, default=0.0)
    _holding: int = field(init=False, default=0)
    _connections: int = field(init=False, default=0)
    _cleanups: list[Callable[[], None]] = field(init=False, factory=list)

    @property
    def doing(self) -> str:
        """What is being waited for, in words for people; of several things the one that was begun last."""
        return next(reversed(self._waits.values()), "")

    def now(self) -> Moment:
        """Seconds on a scale that only moves forward."""
        return self._clock.now()

    async def sleep(self, seconds: float, why: str = "time to pass") -> None:
        """Let `seconds` go by."""
        if seconds > 0:
            self.transcript.paused(now := self.now(), now + seconds, why)
        with self.waiting_for(why):
            await self._clock.sleep(seconds)

    async def until(self, moment: float, why: str = "time to pass") -> None:
        """Sleep until `now()` is `moment`."""
        await self.sleep(moment - self.now(), why)

    async def wait(self, awaited: Awaitable[T], what: str, within: float | None = None) -> T:
        """The result of `awaited`, which people know as `what`; `Overdue` after `within` seconds if given."""
        began = self.now()

        def late() -> str:
            said = f"no {what} within {within:g} s"
            self.transcript.waited_in_vain(self.now(), began, said)
            prospect = self._clock.prospect()
            return f"{said}: {prospect}" if prospect else said

        with self.waiting_for(what):
            return await self._clock.give_up(awaited, within, late)

    def looks(self, *, quiet: bool = True) -> Looks:
        """For who looks again and again whether something has come; `quiet` where looking makes nothing happen."""
        return Looks(self._clock, quiet)

    def given_up(self, within: float) -> str:
        """What to say when the whole attempt has waited for too long."""
        prospect = self._clock.prospect()
        waiting = self.doing or "its end"
        self.transcript.waited_in_vain(self.now(), self.transcript.began, f"still waiting for {waiting}")
        return f"{prospect}; waiting for {waiting}" if prospect else f"after {within:g} s it still waited for {waiting}"

    @contextmanager
    def waiting_for(self, what: str) -> Iterator[None]:
        """Say what is being waited for meanwhile."""
        wait = object()
        self._waits[wait] = what
        try:
            yield
        finally:
            # Not always the latest: a spec may wait for several things at once.
            del self._waits[wait]

    @contextmanager
    def held_up(self, why: str) -> Iterator[None]:
        """Wait for something that is no fault of the target's, nor of the spec's: its deadline moves on."""
        if not self._holding:
            self._held_up_since = self.now()
        self._holding += 1
        with self.waiting_for(why):
            try:
                yield
            finally:
                # What of it overlaps, because a spec waits for several things at once, counts once.
                self._holding -= 1
                if not self._holding:
                    self._held_up += self.now() - self._held_up_since

    def got_on(self) -> None:
        """
        One part of many is over, and has held: its seconds count no more, up to `MOST_GRANTED` of all parts.

        So a target that hangs in one of them is given up as soon as anywhere else, and one that is only slow is not.
        """
        self._granted = min(MOST_GRANTED, self.now() - self.transcript.began - self._held_up)

    def excused(self) -> float:
        """The seconds until now that do not count: it was held up in them, or got on."""
        since = self.now() - self._held_up_since if self._holding else 0.0
        return self._held_up + since + self._granted

    def measures(self) -> None:
        """Put into the transcript what is compared with a window from here on, in this context and those made of it."""
        MEASURING.set(self._measured)

    def _measured(self, seconds: float, window: Window, held: bool) -> None:  # noqa: FBT001 - see `MEASURING`
        now = self.now()
        # A target may have said the number: one that no float can be is no evidence, and no error of ours either.
        with suppress(OverflowError):
            since = seconds.since if isinstance(seconds, Span) else now - seconds
            self.transcript.measured(now, since, seconds, window, held=held)

    def connected(self) -> int:
        """The number of the next connection."""
        self._connections += 1
        return self._connections

    def note(self, who: str, what: str, data: bytes | str = b"", on: int = 0) -> None:
        """Put into the transcript what happens now, on the connection with the number `on` if on any."""
        self.transcript.add(self.now(), who, what, data, on)

    def anew(self) -> None:
        """The next of many parts begins: the evidence is its own."""
        self._connections = 0
        self.transcript.forget()

    def at_end(self, cleanup: Callable[[], None]) -> None:
        """Call this when the attempt is over, however it ends."""
        self._cleanups.append(cleanup)

    def finish(self) -> None:
        """Clean up, last first."""
        while self._cleanups:
            self._cleanups.pop()()
