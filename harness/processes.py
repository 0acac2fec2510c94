"""
Commands that we start: their whole process group, their output as lines, their end.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from twisted.internet.abstract import FileDescriptor
from twisted.internet.fdesc import readFromFD, setNonBlocking
from twisted.internet.main import CONNECTION_DONE

from harness.errors import UsageError

#: Bytes of one line, and lines, that are kept of what a command prints: what a person or a pattern looks for is near
#: the end, and a server that prints without end costs us no memory.
LONGEST_LINE = 8192
MOST_LINES = 20_000

#: Bytes of memory that all lines together may take: one character beyond Unicode's first 65,536 makes a whole line
#: take four bytes a character.
MOST_MEMORY = 16 * 1024 * 1024

#: Seconds between SIGTERM and SIGKILL.
GRACE = 3.0

#: How often we look for processes that have left the group: each look finds the children of those found before.
LOOKS = 20

#: The environment variable by which a process is known as one of a command's, wherever it went.
MARK = "WEB60_COMMAND"

#: Reads what nobody writes, until the last who could is gone.
_GUARDIAN = 'read -r nothing; kill -9 "-$1"'


@frozen
class Line:
    """One line of a log; `at` is on the clock's scale."""

    at: float
    text: str


@define(eq=False, repr=False)
class Lines:
    """
    The lines of a log as they come, bounded.

    A mark is the number of lines so far; it stays valid when old lines are dropped.
    """

    now: Callable[[], float]
    dropped: int = 0
    _lines: deque[Line] = field(init=False, factory=deque)
    _memory: int = field(init=False, default=0)
    _rest: bytes = field(init=False, default=b"")

    def feed(self, data: bytes) -> None:
        """Take what was printed."""
        *whole, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:LONGEST_LINE]
        at = self.now()
        for line in whole:
            self.add(at, line[:LONGEST_LINE].decode("utf-8", "backslashreplace").rstrip("\r"))

    def add(self, at: float, text: str) -> None:
        """Take one whole line."""
        self._lines.append(Line(at, text))
        self._memory += sys.getsizeof(text)
        while len(self._lines) > MOST_LINES or self._memory > MOST_MEMORY:
            self._memory -= sys.getsizeof(self._lines.popleft().text)
            self.dropped += 1

    def mark(self) -> int:
        """The number of lines so far."""
        return self.dropped + len(self._lines)

    def since(self, mark: int) -> tuple[Line, ...]:
        """The lines after a mark."""
        return tuple(self._lines)[max(0, mark - self.dropped) :]

    def last(self, count: int) -> list[str]:
        """The text of the last lines."""
        unfinished = [self._rest.decode("utf-8", "backslashreplace")] if self._rest else []
        return ([line.text for line in self._lines] + unfinished)[-count:]


class _Output(FileDescriptor):
    """Reads a pipe into `Lines`."""

    def __init__(self, reactor: Any, descriptor: int, lines: Callable[[bytes], None]) -> None:
        super().__init__(reactor)
        self._descriptor = descriptor
        self._lines = lines
        self.is_open = True
        setNonBlocking(descriptor)

    def fileno(self) -> int:
        # Once it is closed, the number is another's, whose reading we would end.
        return self._descriptor if self.is_open else -1

    def doRead(self) -> Any:
        return readFromFD(self._descriptor, self._lines)

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        if self.is_open:
            self.is_open = False
            os.close(self._descriptor)


class _Guardian:
    """A process that kills a group when we are gone, however that came; nothing else ends what a SIGKILL leaves."""

    def __init__(self, group: int) -> None:
        reading, self._writing = os.pipe()
        try:
            # A session of its own: a Ctrl-C is for us to answer.
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                ["/bin/sh", "-c", _GUARDIAN, "web60-guardian", str(group)],
                stdin=reading,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(reading)

    def dismiss(self) -> None:
        """Let it go, which needs it no more."""
        self._process.kill()
        self._process.wait()
        os.close(self._writing)


@define(eq=False, repr=False)
class Command:
    """
    A running command in a process group of its own, which does not outlive this process.

    Standard output and standard error are one stream of `lines`; standard input is empty.  What it starts carries its
    `mark` in the environment, so that a daemon is found that has left the group.
    """

    lines: Lines
    mark: str
    _process: subprocess.Popen[bytes]
    _output: _Output
    _guardian: _Guardian | None

    @classmethod
    def start(
        cls, reactor: Any, arguments: Sequence[str], where: Path, environment: Mapping[str, str], lines: Lines
    ) -> Command:
        """Start it.  Raises `UsageError` when there is no such program."""
        mark = secrets.token_hex(16)
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603 - starting what the user says is the purpose
                arguments,
                cwd=where,
                env={**os.environ, **environment, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except OSError as wrong:
            os.close(reading)
            message = f"cannot start {arguments[0]!r}: {wrong.strerror}"
            raise UsageError(message) from None
        finally:
            os.close(writing)
        output = _Output(reactor, reading, lines.feed)
        output.startReading()
        return cls(lines, mark, process, output, _Guardian(process.pid))

    @property
    def code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    @property
    def is_read(self) -> bool:
        """Whether all has come that it printed, and nobody is left who could print more."""
        return not self._output.is_open

    def terminate(self) -> None:
        """Tell the whole group to end (SIGTERM), and wait for nothing."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """
        End the whole group: SIGTERM, and SIGKILL to what is left after a grace; and, on Linux, what has left the group.

        Blocks for little more than the grace: this is the end of a run, and it must work while an interrupt is handled.
        A second call does nothing.
        """
        if self._guardian is None:
            return
        self.terminate()
        until = time.monotonic() + GRACE
        while self._process.poll() is None and time.monotonic() < until:
            # Whoever writes to a full pipe does not get round to ending.
            if self._output.is_open:
                self._output.doRead()
            time.sleep(0.005)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._guardian.dismiss()
        for _ in range(LOOKS):
            if not self._end_strays():
                break
            time.sleep(0.005)
        self._guardian = None
        if self._output.is_open:
            self._output.stopReading()
            self._output.connectionLost(CONNECTION_DONE)

    def _end_strays(self) -> bool:
        """End the processes that carry the mark; whether there was one."""
        found = False
        for pid in _marked(f"{MARK}={self.mark}".encode()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                found = True
        return found

    def _signal(self, number: int) -> None:
        # The group may be gone already, which is what was wanted.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _marked(mark: bytes) -> Iterator[int]:
    """The processes that have this line in their environment; none where there is no /proc."""
    for place in Path("/proc").glob("[0-9]*"):
        # It may have ended meanwhile, or be somebody else's.
        with suppress(OSError):
            if mark in (place / "environ").read_bytes().split(b"\0"):
                yield int(place.name)
