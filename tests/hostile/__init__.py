"""
Hostile targets: the reference with one thing in it that no server should do to its clients.

Each is started like any other command, so that one can be looked at by itself:

    web60 run --profile tests/hostile/profile.toml --command 'python -m tests.hostile answers:never --port {port}'
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from attrs import define, frozen
from twisted.internet.protocol import Protocol
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from harness import catalogue
from harness.catalogue import Spec
from harness.verdicts import FAILING, Exit, Outcome, Verdict, judge
from reference_impl import site
from reference_impl.events import Recorder, shared_file
from reference_impl.settings import FAST, Settings

PROFILE = Path(__file__).with_name("profile.toml")

#: What a hostile page says where it says anything: right for /asynchronous, and for the first visit of /counter.
BODY = b"<html><body>Sorry to keep you waiting. Visit #1 for you!</body></html>"

#: Bytes written at once by who floods.
PIECE = 64 * 1024

#: The pages that are taken over by who says nothing else, and what is asked of them.
RAW = (b"asynchronous", b"counter")
ASKED = ("asynchronous", "session-store")

#: Pages that stay as they are, of which these must hold meanwhile: one waits, one works, by wire and by treq.
HONEST = (
    "asynchronous-deferred/whole-when-the-delay-is-over",
    "asynchronous-deferred/body-is-whole-and-framed",
    "session-basics/first-visit-sets-a-cookie",
    "session-basics/following-the-cookie-keeps-the-id",
)


class Line(Protocol):
    """A connection taken away from the site: what is written is what goes out, and what comes in is ignored."""

    def __init__(self, scene: Scene, request: Any) -> None:
        self.reactor = scene.reactor
        self.request = request
        self.gone = False
        channel = request.channel
        channel.setTimeout(None)
        transport = channel.transport
        transport.unregisterProducer()
        transport.resumeProducing()
        transport.protocol = self
        self.transport: Any = transport

    def connectionLost(self, reason: Any = None) -> None:
        """See Twisted's `Protocol`."""
        self.gone = True

    def say(self, data: bytes) -> None:
        """Exactly these bytes."""
        if not self.gone:
            self.transport.write(data)

    def answer(self, *fields: bytes, body: bytes = BODY, status: bytes = b"HTTP/1.1 200 OK") -> None:
        """An answer with these fields and this body; nobody counts the body's bytes."""
        self.say(b"\r\n".join((status, *fields, b"", body)))

    def close(self) -> None:
        """End in the ordinary way."""
        self.transport.loseConnection()

    def reset(self) -> None:
        """End with a reset, once what was said has had the time to leave."""
        self.reactor.callLater(0.05, self.transport.abortConnection)

    def drip(self, pieces: Iterator[bytes], seconds: float) -> None:
        """Say one piece after the other, so many seconds apart."""
        piece = next(pieces, None)
        if piece is not None and not self.gone:
            self.say(piece)
            self.reactor.callLater(seconds, self.drip, pieces, seconds)

    def flood(self, pieces: Iterator[bytes]) -> None:
        """Say one piece after the other as fast as they are taken."""
        self.transport.registerProducer(_Flood(self, pieces), False)


class _Flood:
    """A pull producer that never runs dry on its own account."""

    def __init__(self, line: Line, pieces: Iterator[bytes]) -> None:
        self._line, self._pieces = line, pieces

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Give the next piece."""
        piece = next(self._pieces, None)
        if piece is None:
            self._line.transport.unregisterProducer()
        else:
            self._line.say(piece)

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Nobody listens any more."""


class _Taken(Resource):
    """A page whose connections are taken over after a delay."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, scene: Scene, attack: Callable[[Line], None], delay: float) -> None:
        super().__init__()
        self._scene, self._attack, self._delay = scene, attack, delay

    def render(self, request: Any) -> int:
        """Take the connection."""
        line = Line(self._scene, request)
        self._scene.reactor.callLater(self._delay, lambda: line.gone or self._attack(line))
        return NOT_DONE_YET


@define(eq=False)
class Scene:
    """The reference as it was built, about to be spoilt; `port` is where it will listen."""

    reactor: Any
    settings: Settings
    events: Recorder
    site: Site
    port: int
    serves: bool = True

    @property
    def root(self) -> Any:
        """The root resource."""
        return self.site.resource

    def take(self, attack: Callable[[Line], None], *paths: bytes) -> None:
        """Do this on each connection that asks for one of these pages; the delayed one keeps its delay."""
        for path in paths or RAW:
            delay = self.settings.delay if path == b"asynchronous" else 0.0
            self.root.putChild(path, _Taken(self, attack, delay))

    def on_request(self, path: bytes, call: Callable[[], Any]) -> None:
        """Do this when that page is asked for, and leave it without an answer."""
        self.take(lambda _: call(), path)


@frozen(eq=False, repr=False)
class Hostile:
    """
    A target that does one hostile thing.

    `asked` and the honest pages are what a run is asked for.  Of `asked` everything fails but `holds`; the honest
    ones hold, or are, if `unseen`, lost among the rest.  `because` is a regular expression that the reason of each
    failure matches.  `exit` is USAGE where there is nothing to test; `because` is then what the run says.  `patience`
    is short where much is waited for in vain; `shown` is whether the live view of a terminal is looked at as well.
    """

    spoil: Callable[[Scene], Any]
    asked: tuple[str, ...] = ASKED
    holds: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    honest: tuple[str, ...] = HONEST
    because: str = "."
    exit: Exit | None = None
    options: tuple[str, ...] = ()
    patience: float = 6.0
    shown: bool = False

    @property
    def name(self) -> str:
        """What it is called, in all of them."""
        return f"{self.spoil.__module__.rpartition('.')[2]}:{self.spoil.__name__}"

    @property
    def wrong(self) -> str:
        """What is wrong with it, in a sentence."""
        return " ".join(inspect.cleandoc(self.spoil.__doc__ or "").split())

    @property
    def selection(self) -> tuple[str, ...]:
        """
        What a run is asked for.

        Of a page those specs that stand at its door: what they see of what is hostile the others see, too.
        """
        asked = (one for one in self.asked if "/" in one)
        return (*asked, *_at_the_door(self.asked), *self.honest) or HONEST

    def verdicts(self, specs: list[Spec]) -> dict[str, set[Verdict]]:
        """The verdicts that each of these specs may get."""
        return {spec.id: self._verdicts(spec) for spec in specs}

    def _verdicts(self, spec: Spec) -> set[Verdict]:
        if spec.only_virtual:
            return {Verdict.NOT_OBSERVABLE}
        held, broken = judge(Outcome.HELD, spec.level), judge(Outcome.BROKEN, spec.level)
        if spec.id in self.unseen:
            return {held, Verdict.NOT_OBSERVABLE}
        fails = any(fnmatchcase(spec.id, f"{asked}*") for asked in self.asked) and spec.id not in self.holds
        return {broken if fails and spec.id not in self.honest else held}

    def code(self, specs: list[Spec]) -> Exit:
        """What the run exits with."""
        if self.exit is not None:
            return self.exit
        expected = self.verdicts(specs).values()
        return Exit.FAILED if any(one <= FAILING for one in expected) else Exit.OK

    def start(self, reactor: Any, port: int) -> Scene:
        """The spoilt site, about to be served on this port."""
        events = Recorder(reactor, shared_file())
        built = site.build(reactor, FAST, recorder=events)
        scene = Scene(reactor, FAST, events, built, port)
        self.spoil(scene)
        return scene


def _at_the_door(pages: Collection[str]) -> list[str]:
    """The specs of these pages that are written in the first of their modules."""
    return [
        spec.id
        for spec in catalogue.everything()
        if spec.page in pages and spec.function.__module__.endswith(_DOORS.get(spec.page, spec.page).replace("-", "_"))
    ]


#: Whose door it is where two pages promise the same.
_DOORS = {"asynchronous-deferred": "asynchronous"}


def hostile(*holds: str, **more: Any) -> Callable[[Callable[[Scene], Any]], Hostile]:
    """Make a target of a function that spoils the reference; its docstring says in a sentence what is wrong with it."""

    def decorate(spoil: Callable[[Scene], Any]) -> Hostile:
        unseen = frozenset(more.pop("unseen", ()))
        return Hostile(spoil, holds=frozenset(holds), unseen=unseen, **more)

    return decorate


def of(page: str, *facts: str) -> tuple[str, ...]:
    """The IDs of these promises of a page."""
    return tuple(f"{page}/{fact}" for fact in facts)


def everything() -> dict[str, Hostile]:
    """All targets by name, in the order of their modules and of the text."""
    found: dict[str, Hostile] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(__path__) if not one.name.startswith("_")):
        values = vars(importlib.import_module(f"{__name__}.{module}")).values()
        found |= {one.name: one for one in values if isinstance(one, Hostile) and one.name.startswith(f"{module}:")}
    return found
