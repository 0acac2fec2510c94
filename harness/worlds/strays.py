"""
What a server does with the global reactor instead of the one that it was given: there, time does not move.
"""

from __future__ import annotations

import importlib
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from attrs import define, field, frozen
from twisted.internet.base import DelayedCall

#: The ways to set something going with a reactor.
_WAYS = (
    "callLater",
    "callFromThread",
    "callInThread",
    "connectSSL",
    "connectTCP",
    "getThreadPool",
    "listenSSL",
    "listenTCP",
    "spawnProcess",
)

#: What a place that is Twisted's own is called by.
OWN = "Twisted's "

#: Where Python's own modules are.
_PYTHONS = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))


@frozen
class Stray:
    """One use of the global reactor, and the line of the server's that it comes from."""

    way: str
    where: str

    def __str__(self) -> str:
        return f"reactor.{self.way} {'by' if self.where.startswith(OWN) else 'at'} {self.where}"


@define(eq=False, repr=False)
class Strays:
    """All of them in the world that `thread` drives, each told once."""

    thread: int
    found: dict[Stray, None] = field(init=False, factory=dict)
    _calls: list[Any] = field(init=False, factory=list)

    def told(self) -> str:
        """What people should know of them, behind what it led to; empty where there were none."""
        if not self.found:
            return ""
        # The server's own lines first: they say where to begin.
        uses = ", ".join(map(str, sorted(self.found, key=lambda stray: stray.where.startswith(OWN))))
        return f"; the server used the global reactor, whose time stands still here, and not the one given: {uses}"

    @contextmanager
    def watched(self, has: Callable[[int], bool]) -> Iterator[None]:
        """Look out meanwhile, in the threads of which `has` says that they are the world's."""
        reactor: Any = importlib.import_module("twisted.internet.reactor")
        before = {way: vars(reactor)[way] for way in _WAYS if way in vars(reactor)}
        for way in _WAYS:
            setattr(reactor, way, self._noting(way, getattr(reactor, way), has))
        try:
            yield
        finally:
            for way in _WAYS:
                if way in before:
                    setattr(reactor, way, before[way])
                else:
                    delattr(reactor, way)

    def _noting(self, way: str, original: Any, has: Callable[[int], bool]) -> Any:
        def noting(*arguments: Any, **keywords: Any) -> Any:
            thread = threading.get_ident()
            if not has(thread):
                return original(*arguments, **keywords)
            self.found.setdefault(Stray(way, _where()))
            if thread != self.thread:
                # It would wait for an answer, and whoever ends the process would wait for it.
                raise RuntimeError(f"the global reactor does not run{self.told()}")
            done = original(*arguments, **keywords)
            if isinstance(done, DelayedCall):
                self._calls.append(done)
            return done

        return noting

    def stop(self) -> None:
        """Call off what was to happen later: its world is no more."""
        for call in self._calls:
            if call.active():
                call.cancel()
        self._calls.clear()


def _where() -> str:
    """The innermost line that is the server's own; what of Twisted's it was where there is none."""
    frame = innermost = sys._getframe(2)  # noqa: SLF001 - the way to ask without building a traceback
    # The server is called by its world: beyond that is whoever called us.
    while frame.f_back is not None and not _module(frame).startswith("harness."):
        if not _module(frame).startswith("twisted.") and not _is_python_s(frame.f_code.co_filename):
            return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} ({frame.f_code.co_name})"
        frame = frame.f_back
    return f"{OWN}{innermost.f_code.co_qualname.partition('.')[0]}, which was given no reactor"


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_python_s(file: str) -> bool:
    return file.startswith((*_PYTHONS, "<frozen")) and "-packages" not in file
