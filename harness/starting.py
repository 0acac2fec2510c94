"""
From a profile to a running target: by URL, by command, by factory.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen
from twisted.logger import globalLogPublisher

from harness.addresses import Address
from harness.clocks import Clock
from harness.dialers import Dialer, SocketDialer
from harness.discovery import discover
from harness.errors import Misbehaved, UsageError
from harness.factories import LoggedLines, Make, imported, in_environment, made
from harness.feeds import FileSource, HttpSource
from harness.probes import Probe
from harness.processes import Command, Lines
from harness.profiles import Profile
from harness.targets import Stop, Target, unwind
from harness.tls import TlsOptions
from harness.transcripts import safe
from harness.witnesses import Feed, Journal
from harness.workspaces import Workspace
from harness.worlds import World, WorldDialer

#: Seconds between two looks whether a command is ready.
LOOK = 0.05

#: Lines of a command's output that an error shows.
LAST_LINES = 8


async def start(  # noqa: PLR0913 - what a target depends on
    profile: Profile,
    reactor: Any,
    clock: Clock,
    tls: TlsOptions | None = None,
    *,
    workspace: Workspace | None = None,
    make: Make | None = None,
    known: Target | None = None,
) -> Target:
    """
    The target that a profile describes, ready to be asked.

    Who gives a `workspace` keeps it; a `make` takes the place of the profile's factory; what is `known` of the same
    server is not asked again.  Raises `UsageError` where it cannot be reached, started or made ready; then nothing is
    left running.
    """
    starting = _Starting(profile, reactor, clock, tls or TlsOptions(), workspace, make, known)
    try:
        return await starting.target()
    except BaseException:
        await unwind(starting.stops)
        raise


@frozen
class _Found:
    """What a way to the target ended in: its URL, and its log where we see it."""

    url: str
    lines: Lines | None
    ours: bool


@define(eq=False)
class _Starting:
    """The steps from a profile to a running target."""

    profile: Profile
    reactor: Any
    clock: Clock
    tls: TlsOptions
    workspace: Workspace | None
    make: Make | None
    known: Target | None
    stops: list[Stop] = field(init=False, factory=list)

    async def target(self) -> Target:
        server = self.profile.server
        found = await self._found()
        address = Address.parse(found.url)
        dialer = self._dialer(address)
        probe = Probe(self.clock, dialer)
        try:
            known = self.known
            alive, software = (known.alive, known.software) if known else await probe.alive(server.ping)
        except Misbehaved as wrong:
            asked = f"asked for {server.ping} and /; [server] ping names a page that answers at once"
            message = f"nothing to test at {address.url}: {wrong} ({asked})"
            raise UsageError(_with_output(message, found.lines)) from None
        profile = evolve(self.profile, server=evolve(server, name=server.name or address.url))
        if not profile.pages:
            profile = await discover(profile, probe.status)
        events = profile.server.events
        feed = Feed(self.clock, list(self._sources(events, probe, found)))
        log_file = self.profile.file(server.log) if server.log else None
        lines = found.lines or (Lines(self.clock.now) if log_file else None)
        directory = Path(server.assets) if server.assets else (self._space.assets if found.ours else None)
        return Target(
            profile=profile,
            clock=self.clock,
            dialer=dialer,
            alive=alive,
            journal=Journal(lines, log_file) if lines else None,
            feed=feed,
            witnesses=self._witnesses(profile, events, lines, directory, found),
            assets=directory,
            software=software,
            stops=self.stops,
        )

    def _witnesses(
        self, profile: Profile, events: str | None, lines: Lines | None, directory: Path | None, found: _Found
    ) -> frozenset[str]:
        interrupted = profile.pages.get("interrupted")
        there = {
            "events": bool(events),
            "asset-events": bool(events) or found.ours,
            "log": lines is not None,
            "done": bool(interrupted and interrupted.done),
            "files": directory is not None,
        }
        return frozenset(name for name, seen in there.items() if seen)

    def _sources(self, events: str | None, probe: Probe, found: _Found) -> Any:
        if found.ours:
            yield FileSource(self._space.events)
        if events and events.startswith("file:"):
            yield FileSource(self.profile.file(events.removeprefix("file:")))
        elif events:
            yield HttpSource(lambda number: probe.lines(events, number))

    def _dialer(self, address: Address) -> Dialer:
        if isinstance(self.reactor, World):
            return WorldDialer(self.reactor, address)
        return SocketDialer(self.reactor, address, self.tls.factory(address))

    @property
    def _space(self) -> Workspace:
        """The workspace, made when it is wanted for the first time."""
        if self.workspace is None:
            self.workspace = Workspace.make()
            self.stops.append(self.workspace.remove)
        return self.workspace

    # The three ways.

    async def _found(self) -> _Found:
        server = self.profile.server
        if server.url:
            return _Found(server.url, None, ours=False)
        if server.command:
            return await self._command(server.command)
        if self.make or server.factory:
            return await self._factory(server.factory or str(getattr(self.make, "__qualname__", self.make)))
        message = "no target: give --url, --command, --factory or a profile with one of them"
        raise UsageError(message)

    async def _command(self, words: tuple[str, ...]) -> _Found:
        port = free_port()
        python = self.profile.server.python or sys.executable
        values = {"port": str(port), "python": python, "assets": str(self._space.assets)}
        arguments = [filled(word, values) for word in words]
        lines = Lines(self.clock.now)
        where = self.profile.where
        environment = {**self.profile.server.environment, **self._space.environment}
        command = Command.start(self.reactor, arguments, where, environment, lines)
        self.stops.append(command.stop)
        has_port = any("{port}" in word for word in words)
        shown = " ".join(arguments)
        until = self.clock.now() + self.profile.server.ready_timeout
        while self.clock.now() < until:
            code = command.code
            if (url := _ready_line(lines)) is not None:
                return _Found(url, lines, ours=True)
            if code is not None:
                await self.clock.sleep(LOOK)
                message = _with_output(f"the command ended at once with exit code {code}: {shown}", lines)
                raise UsageError(message)
            if has_port and await self._answers(f"http://127.0.0.1:{port}/"):
                # What it said of itself before it answered may not have been read yet.
                await self.clock.sleep(LOOK)
                return _Found(_ready_line(lines) or f"http://127.0.0.1:{port}/", lines, ours=True)
            await self.clock.sleep(LOOK)
        hint = f"port {port} does not answer, and" if has_port else "the command has no {port}, and"
        seconds = f"{self.profile.server.ready_timeout:g} s"
        message = _with_output(
            f"the command was not ready within {seconds} ({hint} no ready line came): {shown}", lines
        )
        raise UsageError(message)

    async def _answers(self, url: str) -> bool:
        address = Address.parse(url)
        try:
            answer = await Probe(self.clock, SocketDialer(self.reactor, address)).get(self.profile.server.ping)
        except Misbehaved:
            return False
        return answer.status < 500

    async def _factory(self, name: str) -> _Found:
        make = self.make or imported(name)
        lines = LoggedLines(self.clock.now)
        globalLogPublisher.addObserver(lines)
        self.stops.append(lambda: globalLogPublisher.removeObserver(lines))
        self.stops.append(in_environment(self._space.environment_here))
        served = await made(make, self.reactor, name, self.stops.append)
        if isinstance(served, str):
            return _Found(served, lines, ours=True)
        port = self.reactor.listenTCP(0, served, interface="127.0.0.1")
        self.stops.append(port.stopListening)
        return _Found(f"http://127.0.0.1:{port.getHost().port}/", lines, ours=True)


def free_port() -> int:
    """A port that nobody listens on, for whoever takes it at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def filled(word: str, values: dict[str, str]) -> str:
    """A word of a command with our placeholders filled in; other braces are the command's own."""
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _ready_line(lines: Lines) -> str | None:
    for line in lines.since(0):
        if line.text.startswith("{"):
            try:
                ready = json.loads(line.text)
            except (ValueError, RecursionError):
                continue
            url = ready.get("url") if isinstance(ready, dict) else None
            # A log in JSON has a `url` as well, of what was asked for.
            if isinstance(url, str) and url.startswith(("http://", "https://")):
                return url
    return None


def _with_output(message: str, lines: Lines | None) -> str:
    last = lines.last(LAST_LINES) if lines else []
    if not last:
        return safe(message) + ("\n(it printed nothing)" if lines else "")
    return "\n".join((safe(message), "its last lines:", *(f"  | {safe(line[:200])}" for line in last)))
