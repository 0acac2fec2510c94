"""
A right access log in steps, so that a mutant may break one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen
from twisted.python import log
from twisted.web.http import _escape
from twisted.web.server import Request

from tests.mutants import Reference


@frozen
class Entry:
    """The parts of an entry in the combined log format, as text in which nothing is escaped any more."""

    host: str
    time: str
    method: str
    target: str
    version: str
    status: str
    size: str
    referer: str
    agent: str

    @classmethod
    def of(cls, request: Request, time: str) -> Entry:
        """The entry of a request that was answered."""
        return cls(
            host=request.getClientAddress().host,
            time=time,
            method=_escape(request.method),
            target=_escape(request.uri),
            version=_escape(request.clientproto),
            status=str(request.code),
            size=str(request.sentLength or "-"),
            referer=_escape(request.getHeader(b"referer") or b"-"),
            agent=_escape(request.getHeader(b"user-agent") or b"-"),
        )

    @property
    def line(self) -> str:
        """The line of the log."""
        asked = f"{self.method} {self.target} {self.version}"
        return f'"{self.host}" - - {self.time} "{asked}" {self.status} {self.size} "{self.referer}" "{self.agent}"'


def write(line: str) -> None:
    """Write a line, as `Site` does."""
    log.logfile.write(line + "\n")


def entries(reference: Reference, change: Callable[[Request, Entry], dict[str, Any]]) -> None:
    """Log the parts that `change` gives in place of the right ones."""

    def line(time: str, request: Request) -> str:
        entry = Entry.of(request, time)
        return evolve(entry, **change(request, entry)).line

    reference.site._logFormatter = line


def lines(reference: Reference, logged: Callable[[Request, str], None]) -> None:
    """Let `logged` do what it likes with each line that is due."""
    site = reference.site
    site.log = lambda request: logged(request, Entry.of(request, site._logDateTime).line)


def raw(value: bytes | None) -> str:
    """Bytes of a client's as text, as they are."""
    return (value or b"-").decode("latin-1")
