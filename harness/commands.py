"""
A command that the profile names, run by a spec: its words, what it prints, what it serves, its end.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from harness.attempts import Attempt
from harness.clocks import Clock
from harness.dialers import SocketDialer
from harness.errors import Misbehaved
from harness.limits import Limit
from harness.processes import Command, Lines
from harness.starting import LOOK, Address, filled, free_port
from harness.wire import Ping, Wire

#: Seconds that a command has for what it does.  Python and Twisted need 0.3 to be there, and ten times that on two
#: cores with eight busy processes (November 2026).
WITHIN = 8.0

#: Lines that are kept of what it prints.
MOST = 400


@frozen
class Started:
    """A command that runs: `wire` talks to the port that its words were given, in `directory` it was started."""

    attempt: Attempt
    directory: Path
    port: int
    wire: Wire
    _command: Command

    @property
    def lines(self) -> tuple[str, ...]:
        """What it has printed so far, standard output and standard error as they came."""
        return tuple(self._command.lines.last(MOST))

    async def listens(self, path: str = "/") -> bool:
        """Whether it answers on its port: once it does, or once it has ended; it has `WITHIN` seconds."""
        return await self.attempt.wait(self._listens(path), "command to listen", WITHIN)

    async def ends(self) -> int:
        """Its exit code, once it has ended; negative for a signal; it has `WITHIN` seconds."""
        return await self.attempt.wait(self._ends(), "command to end", WITHIN)

    async def is_told_to_end(self) -> int:
        """Its exit code, after SIGTERM."""
        self._command.terminate()
        return await self.ends()

    async def _listens(self, path: str) -> bool:
        while self._command.code is None:
            try:
                await self.wire.get(path)
            except Misbehaved:
                await self.attempt.sleep(LOOK, "command to listen")
            else:
                return True
        return False

    async def _ends(self) -> int:
        while self._command.code is None:
            await self.attempt.sleep(LOOK, "command to end")
        await self.attempt.sleep(LOOK, "last words")
        return self._command.code


@frozen
class Commands:
    """Runs what the profile names, for one attempt: each in a directory of its own, and not beyond the attempt."""

    attempt: Attempt
    reactor: Any
    clock: Clock
    assets: Path | None

    def start(self, words: Sequence[str], files: Mapping[str, str] | None = None) -> Started:
        """Start these words, `{python}` and `{port}` filled in, among `files`: their names and what is in them."""
        directory = Path(tempfile.mkdtemp(prefix="web60-"))
        self.attempt.at_end(lambda: shutil.rmtree(directory, ignore_errors=True))
        for name, text in (files or {}).items():
            (directory / name).write_text(text, "utf-8")
        port = free_port()
        values = {"port": str(port), "python": sys.executable, "assets": os.fspath(self.assets or directory)}
        environment = {"HOME": os.fspath(directory), "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"}
        arguments = [filled(word, values) for word in words]
        command = Command.start(self.reactor, arguments, directory, environment, Lines(self.clock.now))
        self.attempt.at_end(command.stop)
        dialer = SocketDialer(self.reactor, Address.parse(f"http://127.0.0.1:{port}/"))
        return Started(self.attempt, directory, port, Wire(self.attempt, dialer, Limit(8), Ping("/")), command)
