"""
Witnesses: what shows an effect that the wire does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred

from harness.attempts import Attempt
from harness.clocks import POLL, Clock, started
from harness.errors import Misbehaved, NotSeen, Overdue
from harness.processes import Line, Lines

#: Bytes that one look may bring.
MOST_AT_ONCE = 4 * 1024 * 1024

#: Events that are kept: 1,000 specs of 100 events each.
MOST_EVENTS = 100_000


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


class Source(Protocol):
    """Where events come from."""

    async def read(self) -> bytes:
        """The JSON lines that are new since the last call.  Raises `Misbehaved` where they cannot be had."""


@define
class FileSource:
    """A file of JSON lines that grows."""

    path: Path
    _offset: int = 0

    async def read(self) -> bytes:
        """What was appended, up to the last whole line."""
        if not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(MOST_AT_ONCE)
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return whole


@define
class HttpSource:
    """A feed of JSON lines over HTTP; `fetch` gets the lines after a sequence number."""

    fetch: Callable[[int], Awaitable[bytes]]
    _last: int = 0

    async def read(self) -> bytes:
        """The lines whose number is higher than any before."""
        data = await self.fetch(self._last)
        fresh = []
        for line, value in _objects(data):
            number = value.get("seq")
            if not isinstance(number, int) or number <= self._last:
                # A feed that takes no notice of `since` repeats itself.
                continue
            fresh.append((number, line))
        if fresh:
            self._last = max(number for number, _ in fresh)
        return b"".join(line + b"\n" for _, line in fresh)


def _objects(data: bytes) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """The lines that are JSON objects; whatever else a feed says is no event."""
    for line in data.splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield line, value


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
    _origin: dict[tuple[str, str, float], int] = field(init=False, factory=dict)
    _looking: bool = field(init=False, default=False)
    _next: list[Deferred[None]] = field(init=False, factory=list)

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
        mine: Deferred[None] = Deferred(lambda gone: self._next.remove(gone) if gone in self._next else None)
        self._next.append(mine)
        if not self._looking:
            # Set in here, not by the look itself: one that only reads files is over before this line is.
            self._looking = True
            started(self._look())
        await mine

    async def _look(self) -> None:
        while self._next:
            served, self._next = self._next, []
            for number, source in enumerate(self.sources):
                try:
                    self._take(number, await source.read())
                    self.problem = ""
                except (Misbehaved, OSError) as wrong:
                    self.problem = f"the event feed cannot be read: {wrong}"
            for waiting in served:
                if not waiting.called:
                    waiting.callback(None)
        self._looking = False

    def _take(self, number: int, data: bytes) -> None:
        for _, value in _objects(data):
            name, token, t = value.get("ev"), value.get("id"), value.get("t")
            if not isinstance(name, str) or not isinstance(token, str) or self._count >= MOST_EVENTS:
                continue
            event = Event(name, token, self.clock.now(), _seconds(t))
            # A server that hosts our scripts may pass their events on, and we read their file ourselves as well.
            key = (name, token, event.t)
            if event.t and self._origin.setdefault(key, number) != number:
                continue
            self._seen.setdefault(token, []).append(event)
            self._count += 1


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
            known = ", ".join(str(event.name) for event in self.feed.of(token)) or "none"
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
        """A barrier: everything that the target has recorded by now is known afterwards."""
        await self.attempt.wait(self.feed.settle(), "the event feed")

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
        if self.file is not None and self.file.exists():
            self._offset = self.file.stat().st_size

    def look(self) -> None:
        """Read what the log file has more."""
        if self.file is None or not self.file.exists():
            return
        if self.file.stat().st_size < self._offset:
            self._offset = 0  # rotated or truncated: what is there now is new
        with self.file.open("rb") as file:
            file.seek(self._offset)
            data = file.read(MOST_AT_ONCE)
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
        """The lines after a mark that are known by now; `settle` first."""
        return self.journal.lines.since(mark)

    async def wait(self, pattern: str, since: int, within: float) -> Line:
        """The first line after the mark in which `pattern` is found.  Raises `NotSeen` after `within` seconds."""
        expression = re.compile(pattern)
        try:
            line = await self.attempt.wait(self._watch(expression, since), f"log line matching {pattern!r}", within)
        except Overdue as late:
            message = f"{late}; the log has {len(self.since(since))} lines since then"
            raise NotSeen(message) from None
        self.attempt.note("witness", "line", line.text)
        return line

    async def _watch(self, expression: re.Pattern[str], since: int) -> Line:
        looks = self.attempt.looks()
        while True:
            for line in self.since(since):
                if expression.search(line.text):
                    return line
            await looks.again()
            self.journal.look()

    async def settle(self) -> None:
        """Give what has been printed the time to arrive, and read it."""
        # A pipe is emptied by the event loop; two turns of it, after a pause in which the writer gets the processor.
        await self.attempt.sleep(2 * POLL, "the log to arrive")
        self.journal.look()
