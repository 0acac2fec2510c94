"""
From a profile to a running target: by URL, by command, by factory.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from attrs import define, evolve, field, frozen
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import globalLogPublisher, textFileLogObserver
from twisted.web.resource import IResource
from twisted.web.server import Site
from twisted.web.wsgi import WSGIResource

from harness import assets
from harness.addresses import Address
from harness.clocks import Clock
from harness.dialers import SocketDialer
from harness.discovery import discover
from harness.errors import Misbehaved, UsageError
from harness.probes import Probe
from harness.processes import Command, Lines
from harness.profiles import Profile
from harness.targets import Stop, Target, unwind
from harness.tls import TlsOptions
from harness.witnesses import Feed, FileSource, HttpSource, Journal

#: Seconds between two looks whether a command is ready.
LOOK = 0.05

#: Lines of a command's output that an error shows.
LAST_LINES = 8


async def start(profile: Profile, reactor: Any, clock: Clock, tls: TlsOptions | None = None) -> Target:
    """
    The target that a profile describes, ready to be asked.

    Raises `UsageError` where it cannot be reached, started or made ready; then nothing is left running.
    """
    starting = _Starting(profile, reactor, clock, tls or TlsOptions())
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
    stops: list[Stop] = field(init=False, factory=list)
    workspace: Path = field(init=False)

    async def target(self) -> Target:
        server = self.profile.server
        found = await self._found()
        address = Address.parse(found.url)
        dialer = SocketDialer(self.reactor, address, self.tls.factory(address))
        probe = Probe(self.clock, dialer)
        try:
            alive, software = await probe.alive(server.ping)
        except Misbehaved as wrong:
            message = f"nothing to test at {address.url}: {wrong}"
            raise UsageError(_with_output(message, found.lines)) from None
        profile = evolve(self.profile, server=evolve(server, name=server.name or address.url))
        events = server.events
        if not profile.pages:
            profile, events = await discover(profile, probe.status, events)
        feed = Feed(self.clock, list(self._sources(events, probe, found)))
        log_file = self.profile.file(server.log) if server.log else None
        lines = found.lines or (Lines(self.clock.now) if log_file else None)
        directory = Path(server.assets) if server.assets else (self.workspace / "assets" if found.ours else None)
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
            yield FileSource(self._events)
        if events and events.startswith("file:"):
            yield FileSource(self.profile.file(events.removeprefix("file:")))
        elif events:
            yield HttpSource(lambda number: probe.lines(events, number))

    # The three ways.

    async def _found(self) -> _Found:
        server = self.profile.server
        if server.url:
            return _Found(server.url, None, ours=False)
        self._make_workspace()
        if server.command:
            return await self._command(server.command)
        if server.factory:
            return await self._factory(server.factory)
        message = "no target: give --url, --command, --factory or a profile with one of them"
        raise UsageError(message)

    def _make_workspace(self) -> None:
        self.workspace = Path(tempfile.mkdtemp(prefix="web60-"))
        self.stops.append(lambda: shutil.rmtree(self.workspace, ignore_errors=True))
        assets.write(self.workspace / "assets")
        if os.geteuid() == 0:
            # A server that root starts gives its rights up, as a rule: its scripts must be found, and write, still.
            self.workspace.chmod(0o755)
            self._events.touch()
            self._events.chmod(0o666)

    @property
    def _events(self) -> Path:
        return self.workspace / "events.jsonl"

    @property
    def _environment(self) -> dict[str, str]:
        return assets.environment(self.workspace / "assets", self._events)

    async def _command(self, words: tuple[str, ...]) -> _Found:
        port = _free_port()
        values = {"port": str(port), "python": sys.executable, "assets": str(self.workspace / "assets")}
        arguments = [_filled(word, values) for word in words]
        lines = Lines(self.clock.now)
        where = self.profile.where
        command = Command.start(self.reactor, arguments, where, self._environment, lines)
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
                return _Found(f"http://127.0.0.1:{port}/", lines, ours=True)
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
        make = _imported(name)
        lines = Lines(self.clock.now)
        observer = textFileLogObserver(cast("IO[str]", _Written(lines)))
        globalLogPublisher.addObserver(observer)
        self.stops.append(lambda: globalLogPublisher.removeObserver(observer))
        self.stops.append(_in_environment(self._environment))
        try:
            made = await self._entered(make(self.reactor))
        except CancelledError:
            raise
        except Exception as wrong:
            message = f"the factory {name} failed: {type(wrong).__name__}: {wrong}"
            raise UsageError(message) from wrong
        if isinstance(made, str):
            return _Found(made, lines, ours=True)
        port = self.reactor.listenTCP(0, self._served(made, name), interface="127.0.0.1")
        self.stops.append(port.stopListening)
        return _Found(f"http://127.0.0.1:{port.getHost().port}/", lines, ours=True)

    async def _entered(self, made: Any) -> Any:
        """What a factory's awaitable or context manager ends in."""
        if hasattr(made, "__aenter__"):
            manager = made
            made = await manager.__aenter__()
            self.stops.append(lambda: manager.__aexit__(None, None, None))
        return await made if inspect.isawaitable(made) else made

    def _served(self, made: Any, name: str) -> Any:
        if IProtocolFactory.providedBy(made):
            return made
        if IResource.providedBy(made):
            return Site(made, reactor=self.reactor)
        if callable(made):
            return Site(WSGIResource(self.reactor, self.reactor.getThreadPool(), made), reactor=self.reactor)
        kinds = "a resource, a Site, a WSGI application, a URL, or an awaitable or context manager of one"
        message = f"the factory {name} gave {made!r}, which is not {kinds}"
        raise UsageError(message)


@define
class _Written:
    """What Twisted's log observer takes for a file."""

    lines: Lines

    def write(self, text: str) -> None:
        self.lines.feed(text.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Nothing is held back."""


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _filled(word: str, values: dict[str, str]) -> str:
    """A word of a command with our placeholders filled in; other braces are the command's own."""
    for name, value in values.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _ready_line(lines: Lines) -> str | None:
    for line in lines.since(0):
        if line.text.startswith("{"):
            try:
                ready = json.loads(line.text)
            except ValueError:
                continue
            if isinstance(ready, dict) and isinstance(ready.get("url"), str):
                return str(ready["url"])
    return None


def _with_output(message: str, lines: Lines | None) -> str:
    last = lines.last(LAST_LINES) if lines else []
    if not last:
        return message + ("\n(it printed nothing)" if lines else "")
    return "\n".join((message, "its last lines:", *(f"  | {line[:200]}" for line in last)))


def _imported(name: str) -> Callable[[Any], Any]:
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        message = f"a factory is given as package.module:name, not {name!r}"
        raise UsageError(message)
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        # A console script has no current directory on its path; people expect it as with `python -m`.
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as wrong:
        message = f"cannot import the factory {name}: {wrong}"
        raise UsageError(message) from None
    if not callable(found):
        message = f"the factory {name} cannot be called"
        raise UsageError(message)
    return found  # type: ignore[no-any-return]


def _in_environment(values: dict[str, str]) -> Callable[[], None]:
    """Put values into this process's environment; the function that is given puts the old ones back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)

    def restore() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    return restore
