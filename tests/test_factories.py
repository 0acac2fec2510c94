"""
What a factory may give, and what becomes of it: asked in memory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.task import Clock, deferLater
from twisted.logger import Logger, LogPublisher
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import Site

from harness.clocks import started
from harness.errors import UsageError
from harness.factories import MOST_EVENTS, LoggedLines, imported, in_environment, made
from harness.processes import LONGEST_LINE, MOST_LINES
from harness.targets import unwind
from harness.worlds import World


class Page(Resource):
    """Answers every path alike."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def render_GET(self, request: Any) -> bytes:
        """The path."""
        return bytes(request.path)


class Asks(Protocol):
    """Asks for a page, and collects the answer."""

    def __init__(self) -> None:
        self.data = b""
        self.over: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        """See Twisted's `IProtocol`."""
        assert self.transport is not None
        self.transport.write(b"GET /hello HTTP/1.0\r\n\r\n")

    def dataReceived(self, data: bytes) -> None:
        """See Twisted's `IProtocol`."""
        self.data += data

    def connectionLost(self, reason: Any = None) -> None:
        """See Twisted's `IProtocol`."""
        self.over.callback(self.data)


def resource(reactor: Any) -> Any:
    """A resource."""
    return Page()


def site(reactor: Any) -> Any:
    """A protocol factory."""
    return Site(Page(), reactor=reactor)


def wsgi(reactor: Any) -> Any:
    """A WSGI application."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["PATH_INFO"].encode()]

    return application


def deferred(reactor: Any) -> Any:
    """An awaitable."""
    return succeed(Page())


async def coroutine(reactor: Any) -> Any:
    """Another awaitable, which takes its time."""
    await deferLater(reactor, 100.0)
    return Page()


async def coroutine_of_wsgi(reactor: Any) -> Any:
    """What is awaited may be any of them."""
    return wsgi(reactor)


@asynccontextmanager
async def managed(reactor: Any) -> AsyncIterator[Any]:
    """A context manager."""
    await deferLater(reactor, 100.0)
    yield Page()
    await deferLater(reactor, 100.0)


@asynccontextmanager
async def managed_wsgi(reactor: Any) -> AsyncIterator[Any]:
    """A context manager of something else."""
    yield wsgi(reactor)


not_callable = 5

#: Ways out that a factory has left.
Leaves = list[Callable[[], Awaitable[Any]]]


@pytest.fixture
def leaves(world: World) -> Iterator[Leaves]:
    """The ways out of what was entered; they are taken in the end."""
    found: Leaves = []
    yield found
    world.run(unwind(found))


def answer(world: World, served: Any) -> bytes:
    """What is served at /hello."""
    asks = Asks()
    port = world.listenTCP(0, served)
    world.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(lambda: asks))  # type: ignore[arg-type]
    data = world.run(asks.over)
    port.stopListening()
    return data


@pytest.mark.parametrize(
    "make",
    [resource, site, wsgi, deferred, coroutine, coroutine_of_wsgi, managed, managed_wsgi],
    ids=lambda m: m.__name__,
)
def test_whatever_can_be_served_is_served(world: World, leaves: Leaves, make: Any) -> None:
    """Whether it is there at once or is waited for."""
    served = world.run(made(make, world, "m:f", leaves.append))

    data = answer(world, served)

    assert data.startswith(b"HTTP/1.")
    assert data.endswith(b"\r\n\r\n/hello")


@pytest.mark.parametrize("given", ["http://127.0.0.1:8080/", succeed("http://127.0.0.1:8080/")])
def test_a_url_is_of_something_that_is_served_already(world: World, leaves: Leaves, given: Any) -> None:
    """It is given as it is."""
    assert world.run(made(lambda _: given, world, "m:f", leaves.append)) == "http://127.0.0.1:8080/"


def test_a_factory_is_given_the_reactor(world: World, leaves: Leaves) -> None:
    """And what it gives runs on it: an idle connection ends in that reactor's time."""
    given: list[Any] = []

    def make(reactor: Any) -> Page:
        given.append(reactor)
        return Page()

    served = world.run(made(make, world, "m:f", leaves.append))
    idle = Asks()
    idle.connectionMade = lambda: None  # type: ignore[method-assign]
    port = world.listenTCP(0, served)
    before = world.seconds()
    world.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(lambda: idle))  # type: ignore[arg-type]
    world.run(idle.over)

    assert given == [world]
    assert world.seconds() - before == 60.0


def test_a_context_manager_is_left_when_that_is_wanted(world: World) -> None:
    """And not before."""
    happened: list[str] = []
    leaves: Leaves = []

    @asynccontextmanager
    async def make(reactor: Any) -> AsyncIterator[Page]:
        happened.append("in")
        yield Page()
        happened.append("out")

    world.run(made(make, world, "m:f", leaves.append))
    inside = list(happened)
    world.run(unwind(leaves))

    assert (inside, happened) == (["in"], ["in", "out"])


def test_what_was_entered_is_left_though_it_gave_nothing_of_use(world: World) -> None:
    """The way out is known before what is inside is looked at."""
    happened: list[str] = []
    leaves: Leaves = []

    @asynccontextmanager
    async def make(reactor: Any) -> AsyncIterator[int]:
        yield 5
        happened.append("out")

    with pytest.raises(UsageError, match="which is not a resource"):
        world.run(made(make, world, "m:f", leaves.append))
    world.run(unwind(leaves))

    assert happened == ["out"]


def raises(reactor: Any) -> Any:
    """A factory with a fault."""
    message = "no database"
    raise RuntimeError(message)


async def raises_later(reactor: Any) -> Any:
    """The same, in its own time."""
    await deferLater(reactor, 1.0)
    raises(reactor)


@asynccontextmanager
async def raises_inside(reactor: Any) -> AsyncIterator[Any]:
    """The same, as a context manager."""
    raises(reactor)
    yield


@pytest.mark.parametrize("make", [raises, raises_later, raises_inside], ids=lambda make: make.__name__)
def test_a_factory_that_fails_is_said_so(world: World, leaves: Leaves, make: Any) -> None:
    """With its name and what it raised."""
    with pytest.raises(UsageError, match=r"^the factory m:f failed: RuntimeError: no database$") as caught:
        world.run(made(make, world, "m:f", leaves.append))

    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.parametrize("given", [5, None, b"http://h/", [Page()], succeed(5)])
def test_what_cannot_be_served_is_said_so(world: World, leaves: Leaves, given: Any) -> None:
    """With what would be right."""
    wanted = r"^the factory m:f gave .*, which is not a resource, a Site, a WSGI application, a URL, or an awaitable"

    with pytest.raises(UsageError, match=wanted):
        world.run(made(lambda _: given, world, "m:f", leaves.append))


def test_who_stops_waiting_for_a_factory_hears_no_complaint(world: World, leaves: Leaves) -> None:
    """Being cancelled is no fault of the factory's."""
    found: list[Any] = []
    waiting = started(made(lambda _: Deferred(), world, "m:f", leaves.append))
    waiting.addErrback(lambda failure: found.append(failure.type))

    waiting.cancel()

    assert found == [CancelledError]


def test_an_awaitable_that_fails_is_a_factory_that_fails(world: World, leaves: Leaves) -> None:
    """A Deferred as well as a coroutine."""
    with pytest.raises(UsageError, match="the factory m:f failed: KeyError: 'x'"):
        world.run(made(lambda _: fail(KeyError("x")), world, "m:f", leaves.append))


# By name.


def test_a_factory_is_imported_by_its_name() -> None:
    """A module and a name in it."""
    assert imported(f"{__name__}:resource") is resource


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nonsense", "a factory is given as package.module:name, not 'nonsense'"),
        (":make", "a factory is given as package.module:name, not ':make'"),
        ("module:", "a factory is given as package.module:name, not 'module:'"),
        ("no_such_module_anywhere:make", "cannot import the factory no_such_module_anywhere:make"),
        (f"{__name__}:no_such_name", "cannot import the factory"),
        (f"{__name__}:not_callable", "cannot be called"),
    ],
)
def test_a_name_that_is_none_of_a_factory_is_said_so(name: str, said: str) -> None:
    """In words."""
    with pytest.raises(UsageError, match=said):
        imported(name)


def test_the_current_directory_is_where_factories_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `python -m`."""
    (tmp_path / "web60_test_factory_here.py").write_text("make = lambda reactor: None\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])

    assert imported("web60_test_factory_here:make")(None) is None
    assert sys.path[0] == str(tmp_path)


# What it is told.


def test_an_environment_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there comes back, what was not goes."""
    monkeypatch.setenv("WEB60_A", "before")
    monkeypatch.delenv("WEB60_B", raising=False)

    restore = in_environment({"WEB60_A": "during", "WEB60_B": "during"})
    during = os.environ["WEB60_A"], os.environ["WEB60_B"]
    restore()

    assert during == ("during", "during")
    assert (os.environ["WEB60_A"], os.environ.get("WEB60_B")) == ("before", None)


# What it logs.


@pytest.fixture
def time() -> Clock:
    """Time that stands still until it is advanced."""
    return Clock()


@pytest.fixture
def lines(time: Clock) -> LoggedLines:
    """The lines of a log in that time."""
    return LoggedLines(time.seconds)


@pytest.fixture
def log(lines: LoggedLines) -> Logger:
    """Who logs to them, and to nobody else."""
    return Logger("server", observer=LogPublisher(lines))


def said(lines: LoggedLines, mark: int = 0) -> list[str]:
    """What was logged since a mark, without the time of the real clock before it."""
    return [line.text.partition("] ")[2] or line.text for line in lines.since(mark)]


def test_lines_are_kept_in_order_with_their_time(lines: LoggedLines, log: Logger, time: Clock) -> None:
    """That at which they were logged, whenever they are read."""
    for number in range(3):
        log.info("visit #{number}", number=number)
        time.advance(5.0)

    assert said(lines) == ["visit #0", "visit #1", "visit #2"]
    assert [line.at for line in lines.since(0)] == [0.0, 5.0, 10.0]


def test_what_is_logged_is_there_for_whoever_reads_first(time: Clock) -> None:
    """By whichever way, and once."""
    ways: list[Callable[[LoggedLines], object]] = [
        lambda lines: lines.mark(),
        lambda lines: len(lines.since(0)),
        lambda lines: len(lines.last(5)),
    ]
    for first in ways:
        lines = LoggedLines(time.seconds)
        Logger("server", observer=lines).info("once")

        assert first(lines) == 1
        assert [way(lines) for way in ways] == [1, 1, 1]


def test_a_mark_is_between_what_was_and_what_comes(lines: LoggedLines, log: Logger) -> None:
    """Though neither had been put into words."""
    log.info("before")
    mark = lines.mark()
    log.info("after")

    assert said(lines, mark) == ["after"]
    assert [text.partition("] ")[2] for text in lines.last(1)] == ["after"]


def test_an_event_may_have_several_lines(lines: LoggedLines, log: Logger) -> None:
    """Each is a line of the log: a traceback too."""
    log.info("one\ntwo")
    log.failure("it broke", Failure(ZeroDivisionError()))

    found = said(lines)

    assert [found[0], found[1].strip()] == ["one", "two"]
    assert found[2] == "it broke"
    assert any("ZeroDivisionError" in text for text in found[3:])


def test_a_long_line_is_cut(lines: LoggedLines, log: Logger) -> None:
    """As any line of a log."""
    log.info("x" * 2 * LONGEST_LINE)

    assert [len(line.text) for line in lines.since(0)] == [LONGEST_LINE]


def test_events_do_not_pile_up(lines: LoggedLines, log: Logger) -> None:
    """Nobody reads, and they are put into words all the same; the last lines are kept, in their order."""
    for number in range(MOST_EVENTS + 1):
        log.info("{number}", number=number)
    waiting = len(lines._events)
    log.info("last")

    assert waiting <= MOST_EVENTS
    assert said(lines) == [*map(str, range(MOST_EVENTS + 1)), "last"][-MOST_LINES:]
    assert lines.mark() == MOST_EVENTS + 2


class Unspeakable:
    """What cannot be put into words."""

    def __repr__(self) -> str:
        raise KeyError


@pytest.mark.parametrize(
    "event",
    [
        {"log_format": "{it}", "it": Unspeakable()},
        {"log_format": "{missing}"},
        {"log_format": "{"},
        {"log_format": b"\xff"},
        {"log_format": None},
        {"log_format": 5},
        {},
        {"log_failure": 5},
        {"log_time": "never", "log_format": "x"},
        {"log_system": Unspeakable(), "log_format": "x"},
    ],
    ids=lambda event: "-".join(f"{key}-{type(value).__name__}" for key, value in event.items()),
)
def test_what_cannot_be_put_into_words_keeps_nobody_from_reading(lines: LoggedLines, log: Logger, event: Any) -> None:
    """Neither what came before nor what comes after."""
    log.info("before")
    lines(event)
    log.info("after")

    found = said(lines)

    assert (found[0], found[-1]) == ("before", "after")
