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

from harness.addresses import Address
from harness.attempts import Attempt
from harness.clocks import Clock
from harness.dialers import SocketDialer
from harness.errors import Misbehaved
from harness.limits import Limit
from harness.probes import Probe
from harness.processes import Command, Lines
from harness.starting import LOOK, filled, free_port
from harness.wire import Ping, Wire

#: Seconds that a command has for what it does.  Python and Twisted need 0.3 to be there, and ten times that on two
#: cores with eight busy processes (November 2026).
WITHIN = 8.0


@frozen
class Started:
    """A command that was started in `directory`; `wire` talks to its port.  It has `WITHIN` seconds for each step."""

    attempt: Attempt
    directory: Path
    port: int
    url: str
    wire: Wire
    probe: Probe
    _command: Command
    assets: None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """What it has printed so far, standard output and standard error as they came."""
        return tuple(self._command.lines.last(400))

    async def listens(self, path: str = "/") -> bool:
        """Whether it answers on its port, as soon as that is known."""
        return await self.attempt.wait(self._listens(path), "command to listen", WITHIN)

    async def ends(self) -> int:
        """Its exit code, negative for a signal, once it has ended."""
        return await self.attempt.wait(self._ends(), "command to end", WITHIN)

    async def is_told_to_end(self) -> int:
        """Its exit code, after SIGTERM."""
        self._command.terminate()
        return await self.ends()

    async def _listens(self, path: str) -> bool:
        while self._command.code is None:
            try:
                await self.probe.get(path)
            except Misbehaved:
                await self.attempt.sleep(LOOK, "command to listen")
            else:
                return True
        return False

    async def _ends(self) -> int:
        while (code := self._command.code) is None or not self._command.is_read:
            await self.attempt.sleep(LOOK, "command to end")
        return code


@frozen
class Commands:
    """Runs what the profile names, for one attempt: each in a directory of its own, and not beyond the attempt."""

    attempt: Attempt
    reactor: Any
    clock: Clock
    assets: Path | None
    python: str = sys.executable

    def start(self, words: Sequence[str], files: Mapping[str, str] | None = None) -> Started:
        """Start these words, `{python}` and `{port}` filled in, among `files`: their names and what is in them."""
        directory = Path(tempfile.mkdtemp(prefix="web60-"))
        self.attempt.at_end(lambda: shutil.rmtree(directory, ignore_errors=True))
        for name, text in (files or {}).items():
            (directory / name).write_text(text, "utf-8")
        port = free_port()
        values = {"port": str(port), "python": self.python, "assets": os.fspath(self.assets or directory)}
        environment = {"HOME": os.fspath(directory), "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1"}
        arguments = [filled(word, values) for word in words]
        command = Command.start(self.reactor, arguments, directory, environment, Lines(self.clock.now))
        self.attempt.at_end(command.stop)
        url = f"http://127.0.0.1:{port}/"
        dialer = SocketDialer(self.reactor, Address.parse(url))
        wire = Wire(self.attempt, dialer, Limit(8), Ping("/"))
        return Started(self.attempt, directory, port, url, wire, Probe(self.clock, dialer), command)
