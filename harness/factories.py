"""
Servers that are built in this process: what a factory may give, and what becomes of it.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import define, field
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import ILogObserver, LogEvent, formatEventAsClassicLogText
from twisted.web.resource import IResource
from twisted.web.server import Site
from twisted.web.wsgi import WSGIResource
from zope.interface import implementer

from harness.errors import UsageError
from harness.processes import LONGEST_LINE, MOST_LINES, Line, Lines

#: Builds a server for the reactor that it is given.
Make = Callable[[Any], Any]

#: Events of the log that wait to be put into words at most.
MOST_EVENTS = MOST_LINES


async def made(make: Make, reactor: Any, name: str, leave: Callable[[Callable[[], Awaitable[Any]]], None]) -> Any:
    """
    What a factory gives for a reactor: a URL, or a protocol factory that answers HTTP.

    A context manager is entered, and `leave` is given the way out.  Raises `UsageError` for a factory that fails, or
    gives something else.
    """
    try:
        given = make(reactor)
        if hasattr(given, "__aenter__"):
            manager = given
            given = await manager.__aenter__()
            leave(lambda: manager.__aexit__(None, None, None))
        if inspect.isawaitable(given):
            given = await given
    except CancelledError:
        raise
    except Exception as wrong:
        hint = "; it is called with a reactor" if isinstance(wrong, TypeError) and "argument" in str(wrong) else ""
        message = f"the factory {name} failed: {type(wrong).__name__}: {wrong}{hint}"
        raise UsageError(message) from wrong
    return given if isinstance(given, str) else _served(given, reactor, name)


def _served(given: Any, reactor: Any, name: str) -> Any:
    if IProtocolFactory.providedBy(given):
        return given
    if IResource.providedBy(given):
        return Site(given, reactor=reactor)
    if callable(given):
        return Site(WSGIResource(reactor, reactor.getThreadPool(), given), reactor=reactor)
    kinds = "a resource, a Site, a WSGI application, a URL, or an awaitable or context manager of one"
    message = f"the factory {name} gave {given!r}, which is not {kinds}"
    raise UsageError(message)


def imported(name: str) -> Make:
    """The factory that `package.module:name` names.  Raises `UsageError`."""
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


def in_environment(values: dict[str, str]) -> Callable[[], None]:
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


@implementer(ILogObserver)
@define(eq=False, repr=False)
class LoggedLines(Lines):
    """
    The lines of Twisted's log in this process.

    An event is put into words when somebody wants to read: a server that logs each request does it far more often than
    anybody asks.
    """

    _events: deque[tuple[float, LogEvent]] = field(init=False, factory=deque)

    def __call__(self, event: LogEvent) -> None:
        """Something was logged."""
        self._events.append((self.now(), event))
        if len(self._events) > MOST_EVENTS:
            self._write()

    def _write(self) -> None:
        # Whoever logs in another thread may be here as well.
        with suppress(IndexError):
            while True:
                at, event = self._events.popleft()
                for line in _in_words(event).splitlines():
                    self.add(at, line[:LONGEST_LINE])

    def mark(self) -> int:
        """See `Lines.mark`."""
        self._write()
        return super().mark()

    def since(self, mark: int) -> tuple[Line, ...]:
        """See `Lines.since`."""
        self._write()
        return super().since(mark)

    def last(self, count: int) -> list[str]:
        """See `Lines.last`."""
        self._write()
        return super().last(count)


def _in_words(event: LogEvent) -> str:
    try:
        return formatEventAsClassicLogText(event) or ""
    except Exception as wrong:  # noqa: BLE001 - whatever a server logs, its other lines can be read
        return f"an event of the log that cannot be put into words: {wrong!r}"
