"""
A reference site in memory: time is stepped, connections are strings, threads and processes are played.
"""
# ruff: noqa: D102, N802 -- a reactor's methods have Twisted's names, and do what its interfaces say

import os

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.process import ProcessReader
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure

from reference_impl.events import Recorder
from reference_impl.settings import Settings
from reference_impl.site import build


class Pool:
    """Runs in the caller's thread what a thread pool would run in its own."""

    def callInThread(self, call, *args):
        call(*args)


class Child(StringTransport):
    """What a CGI protocol has for its process: takes input, and can be told to wait."""

    def __init__(self):
        super().__init__()
        self.pipes = {1: PausedReader()}

    def closeStdin(self):
        self.pipes.pop(0, None)


class PausedReader(ProcessReader):
    """A process's stdout without a process."""

    def __init__(self):
        self.reading = True

    def stopReading(self):
        self.reading = False

    def startReading(self):
        self.reading = True


class World(Clock):
    """A reactor with stepped time, no threads, and processes that do what the test says."""

    def __init__(self):
        super().__init__()
        self.spawned = []

    def callFromThread(self, call, *args, **kwargs):
        call(*args, **kwargs)

    def getThreadPool(self):
        return Pool()

    def spawnProcess(self, protocol, executable, args, env, path):
        child = Child()
        self.spawned.append((protocol, args, env))
        protocol.makeConnection(child)
        return child


class Connection:
    """One connection to a site, which counts as its peer 127.0.0.1 unless told otherwise."""

    def __init__(self, site, host="127.0.0.1"):
        peer = IPv4Address("TCP", host, 50000)
        self.transport = StringTransport(hostAddress=IPv4Address("TCP", "127.0.0.1", 8080), peerAddress=peer)
        self.protocol = site.buildProtocol(peer)
        self.protocol.makeConnection(self.transport)

    def request(self, target, *fields, method="GET", body=b""):
        """Sends a request; a `Host` among the fields stands in the place of the usual one."""
        host = [] if any(field.lower().startswith("host:") for field in fields) else ["Host: web60"]
        length = [f"Content-Length: {len(body)}"] if body else []
        head = "\r\n".join([f"{method} {target} HTTP/1.1", *host, *fields, *length, "", ""])
        self.protocol.dataReceived(head.encode("latin-1") + body)
        return self

    def leave(self):
        """Ends the connection from the client's side."""
        self.protocol.connectionLost(Failure(ConnectionDone()))

    @property
    def received(self):
        return self.transport.value()

    @property
    def status(self):
        return int(self.received.split(b" ", 2)[1])

    @property
    def head(self):
        return self.received.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self):
        """What follows the head, without the marks of chunks: for bodies that have no such lines themselves."""
        rest = self.received.partition(b"\r\n\r\n")[2]
        return b"".join(rest.split(b"\r\n")[1::2]) if "chunked" in self.head.lower() else rest


@pytest.fixture
def world():
    """The reactor of a test."""
    return World()


@pytest.fixture
def events(world):
    """The recorder that both sites tell their events."""
    return Recorder(world)


@pytest.fixture
def assets(tmp_path):
    """A directory of assets with one CGI script and no application."""
    for name in ("cgi-bin", "cgi-filtered", "rpy"):
        (tmp_path / name).mkdir()
    (tmp_path / "cgi-bin" / "date").write_text("#!/bin/sh\n")
    (tmp_path / "cgi-filtered" / "date.sh").write_text("echo\n")
    return tmp_path


@pytest.fixture
def settings(assets):
    """The tutorial's delays."""
    return Settings(assets=os.fspath(assets))


@pytest.fixture
def site(world, settings, events):
    """The reference, with its repairs."""
    return build(world, settings, recorder=events)


@pytest.fixture
def literal(world, settings, events):
    """The same without repairs."""
    return build(world, settings._replace(literal=True), recorder=events)


@pytest.fixture
def connect(site):
    """Opens a connection to the site."""
    return lambda to=site, **kwargs: Connection(to, **kwargs)


@pytest.fixture
def told(events):
    """The names of the events of an id."""
    return lambda token: [event["ev"] for event in events.since(0) if event["id"] == token]


@pytest.fixture
def logged():
    """The first line of each event that the test logs."""
    lines = []

    def observe(event):
        lines.append(str(event.get("log_text") or event.get("log_format")).partition("\n")[0])

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


@pytest.fixture
def visit(connect):
    """Asks for a page with a cookie or none; gives the connection and the cookie for next time."""

    def visit(target, cookie=""):
        asked = connect().request(target, *(["Cookie: " + cookie] if cookie else []))
        for line in asked.head.splitlines():
            if line.lower().startswith("set-cookie:"):
                cookie = line.split(":", 1)[1].split(";")[0].strip()
        return asked, cookie

    return visit
