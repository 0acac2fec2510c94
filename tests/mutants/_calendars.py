"""
What the mutants of the two calendars have in common: both pages get the same broken year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import dynamic_dispatch, error_handling
from tests.mutants import Reference, of

#: Both profiles without the claim that a calendar is Python's own text.
ANY_LAYOUT = {"dynamic-dispatch": {"text": None}, "error-handling": {"text": None}}

Child = Callable[[bytes, Request], Any]


def both(*facts: str) -> tuple[str, ...]:
    """The IDs of these promises of both pages."""
    return of("dynamic-dispatch", *facts) + of("error-handling", *facts)


class Missing(Resource):
    """A page that says "not found", of its own making, and so does all below it."""

    def render(self, request: Request) -> Any:
        request.setResponseCode(404)
        request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
        return self.body(request)

    def body(self, request: Request) -> bytes:
        return b"<html><body>No such page.</body></html>"

    def getChild(self, path: bytes, request: Request) -> Any:
        return self


def children(reference: Reference, child: Child) -> None:
    """Let `child` find the pages of both; for what is no year it raises ValueError."""

    class Numbers(Resource):
        def getChild(self, path: bytes, request: Request) -> Any:
            return child(path, request)

    reference.root.putChild(b"dynamic-dispatch", Numbers())
    years(reference, child)


def years(reference: Reference, child: Child, missing: Callable[[], Any] = error_handling.notFound) -> None:
    """The same for the page that handles errors, by `missing`."""

    class Years(Resource):
        def getChild(self, path: bytes, request: Request) -> Any:
            try:
                return child(path, request)
            except ValueError:
                return missing()

    reference.root.putChild(b"error-handling", Years())


def usual(path: bytes, _: Request) -> Any:
    """The right page of a year."""
    return dynamic_dispatch.YearPage(int(path))


def pages(reference: Reference, page: Callable[[int], Any]) -> None:
    """Put a page in the place of every year."""
    children(reference, lambda path, _: page(int(path)))


def a_byte_too_many(request: Request, text: str) -> int:
    """Answer with a length that counts characters: those beyond ASCII have two bytes and more."""
    request.setHeader(b"Content-Length", b"%d" % len(text))
    request.write(text.encode())
    request.finish()
    return NOT_DONE_YET


def read_again(request: Request) -> None:
    """Take the body of a request for the next one, as who never read it would."""
    body = request.content.read()
    if body:
        channel = request.channel
        request.notifyFinish().addCallback(lambda _: channel.dataReceived(body))
