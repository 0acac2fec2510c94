"""
Witnesses: what shows an effect that the wire does not.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from harness.attempts import Attempt
from harness.clocks import POLL, Clock, started
from harness.errors import Misbehaved, NotObservable, NotSeen, Overdue
from harness.feeds import FileSource, Source, appended, objects, size
from harness.processes import Line, Lines

#: Events that are kept: 1,000 specs of 100 events each; and the characters of all their names and IDs.
MOST_EVENTS = 100_000
MOST_CHARACTERS = 16 * 1024 * 1024

#: Characters of a name and of an ID: longer ones are nobody's.  Some IDs are the value of a cookie, at most 4096.
LONGEST_NAME = 60
LONGEST_ID = 4096

#: Events that a reason names.
NAMED = 12


@frozen
class Event:
    """
    Something that happened inside the target.

    `t` is when by the target's wall clock (0 where it does not say), `at` when we learned of it, on our clock's scale.
    """

    name: str
    id: str
    at: float
    t: float

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


def _seconds(t: object) -> float:
    """A wall-clock time that a target says, 0 where it says none that could be one."""
    try:
        return float(t) if isinstance(t, int | float) else 0.0
    except OverflowError:
        return 0.0


@define(eq=False, repr=False)
class Feed:
    """All events of one target, whoever waits for them."""

    clock: Clock
    sources: list[Source] = field(factory=list)
    problem: str = ""
    _seen: dict[str, list[Event]] = field(init=False, factory=dict)
    _count: int = field(init=False, default=0)
    _characters: int = field(init=False, default=0)
    _origin: dict[tuple[str, str, float], int] = field(init=False, factory=dict)
    _looking: bool = field(init=False, default=False)
    _next: list[Deferred[Any]] = field(init=False, factory=list)

    def of(self, token: str, name: str | None = None) -> tuple[Event, ...]:
        """The events of an ID that are known by now."""
        return tuple(event for event in self._seen.get(token, ()) if name is None or event.name == name)

    @property
    def is_quiet(self) -> bool:
        """Whether looking makes nothing happen in the target."""
        return all(isinstance(source, FileSource) for source in self.sources)

    async def settle(self) -> None:
        """Read everything that the target has recorded by now."""
        # A look that is under way may have been answered already: only one that begins from here on will do.
        mine: Deferred[Any] = Deferred(lambda gone: self._next.remove(gone) if gone in self._next else None)
        self._next.append(mine)
        if not self._looking:
            # Set in here, not by the look itself: one that only reads files is over before this line is.
            self._looking = True
            started(self._look())
        await mine

    async def _look(self) -> None:
        while self._next:
            served, self._next = self._next, []
            ours = None
            try:
                problems = [await self._read(number, source) for number, source in enumerate(self.sources)]
                self.problem = next(filter(None, problems), "")
            except Exception:  # noqa: BLE001 - who waits must hear of it, or what is our fault would be the target's
                ours = Failure()
            for waiting in served:
                if not waiting.called:
                    waiting.callback(ours)
        self._looking = False

    async def _read(self, number: int, source: Source) -> str:
        """Take what a source has more; gives what is wrong with it, empty if nothing is."""
        if self._is_full:
            return f"the event feed has told more than we keep: {self._count:,} events"
        try:
            self._take(number, await source.read())
        except (Misbehaved, OSError) as wrong:
            return f"the event feed cannot be read: {wrong}"
        return ""

    @property
    def _is_full(self) -> bool:
        return self._count >= MOST_EVENTS or self._characters >= MOST_CHARACTERS

    def _take(self, number: int, data: bytes) -> None:
        for _, value in objects(data):
            name, token, t = value.get("ev"), value.get("id"), value.get("t")
            if not isinstance(name, str) or not isinstance(token, str) or self._is_full:
                continue
            if len(name) > LONGEST_NAME or len(token) > LONGEST_ID:
                continue
            event = Event(name, token, self.clock.now(), _seconds(t))
            # A server that hosts our scripts may pass their events on, and we read their file ourselves as well.
            key = (name, token, event.t)
            if event.t and self._origin.setdefault(key, number) != number:
                continue
            self._seen.setdefault(token, []).append(event)
            self._count += 1
            self._characters += len(name) + len(token)


@define(eq=False, repr=False)
class Events:
    """The events of the target, as one spec sees them."""

    attempt: Attempt
    feed: Feed

    async def wait(self, name: str, token: str, within: float, *, count: int = 1) -> Event:
        """The event `name` (the `count`th) of an ID, once it is there.  Raises `NotSeen` after `within` seconds."""
        what = f"event {name!r} of {token}"
        try:
            event = await self.attempt.wait(self._watch(name, token, count), what, within)
        except Overdue as late:
            names = [event.name for event in self.feed.of(token)]
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            known = (", ".join(names[:NAMED]) or "none") + more
            message = f"{late}; its events so far: {known}" + (f" ({self.feed.problem})" if self.feed.problem else "")
            raise NotSeen(message) from None
        self.attempt.note("witness", "event", str(event))
        return event

    async def _watch(self, name: str, token: str, count: int) -> Event:
        looks = self.attempt.looks(quiet=self.feed.is_quiet)
        while True:
            found = self.feed.of(token, name)
            if len(found) >= count:
                return found[count - 1]
            await looks.again()
            await self.feed.settle()

    async def settle(self) -> None:
        """
        A barrier: everything that the target has recorded by now is known afterwards.

        Raises `Misbehaved` where that cannot be said: of a feed that is silent, what it does not tell is no sign.
        """
        await self.attempt.wait(self.feed.settle(), "the event feed")
        if self.feed.problem:
            raise Misbehaved(self.feed.problem)

    def of(self, token: str, name: str | None = None) -> tuple[Event, ...]:
        """The events of an ID that are known by now; `settle` first."""
        return self.feed.of(token, name)


@define(eq=False, repr=False)
class Journal:
    """The log of one target: a command's output, a log file, or the log of this process."""

    lines: Lines
    file: Path | None = None
    _offset: int = 0

    def __attrs_post_init__(self) -> None:
        if self.file is not None:
            self._offset = size(self.file)

    def look(self) -> None:
        """Read what the log file has more."""
        if self.file is None:
            return
        if size(self.file) < self._offset:
            self._offset = 0  # rotated or truncated: what is there now is new
        # Gone between two looks, or not ours to read any more: then there is nothing new.
        with suppress(OSError):
            data = appended(self.file, self._offset)
            self._offset += len(data)
            self.lines.feed(data)


@define(eq=False, repr=False)
class Log:
    """The log of the target, as one spec sees it."""

    attempt: Attempt
    journal: Journal

    def mark(self) -> int:
        """The place in the log where it ends now."""
        self.journal.look()
        return self.journal.lines.mark()

    def since(self, mark: int) -> tuple[Line, ...]:
        """The lines after a mark that are known by now; `settle` first.  Raises `NotObservable` where some are lost."""
        lines = self.journal.lines
        if mark < lines.dropped:
            message = f"the log had {lines.mark() - mark:,} lines meanwhile, more than we keep: one of them may be lost"
            raise NotObservable(message)
        return lines.since(mark)

    async def wait(self, pattern: str, since: int, within: float) -> Line:
        """The first line after the mark in which `pattern` is found.  Raises `NotSeen` after `within` seconds."""
        expression = re.compile(pattern)
        try:
            line = await self.attempt.wait(self._watch(expression, since), f"log line matching {pattern!r}", within)
        except Overdue as late:
            message = f"{late}; the log has {self.journal.lines.mark() - since} lines since then"
            raise NotSeen(message) from None
        self.attempt.note("witness", "line", line.text)
        return line

    async def _watch(self, expression: re.Pattern[str], since: int) -> Line:
        looks = self.attempt.looks()
        while True:
            lines, since = self.journal.lines.since(since), self.journal.lines.mark()
            for line in lines:
                if expression.search(line.text):
                    return line
            await looks.again()
            self.journal.look()

    async def settle(self) -> None:
        """Give what has been printed the time to arrive, and read it."""
        # A pipe is emptied by the event loop; two turns of it, after a pause in which the writer gets the processor.
        await self.attempt.sleep(2 * POLL, "the log to arrive")
        self.journal.look()
