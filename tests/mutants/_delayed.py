"""
What the mutants of both delayed pages have in common: mistakes about the connection on which the answer is to come.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import asynchronous
from reference_impl.asynchronous import SORRY
from tests.mutants import Reference

#: A class of pages made of another, which is right.
Change = Callable[[type[asynchronous.DelayedResource]], type[asynchronous.DelayedResource]]


def changed(reference: Reference, name: bytes, change: Change) -> None:
    """Put the page of this name with a change in place of the right one."""
    right = type(reference.page(name))
    reference.root.putChild(name, change(right)(reference.reactor, reference.settings.delay, reference.events))


def requests(reference: Reference, change: Callable[[Any], None]) -> None:
    """Have each request changed when its first line is there."""

    class Changed(reference.site.requestFactory):  # type: ignore[misc, name-defined]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            change(self)

    reference.site.requestFactory = Changed


def from_its_first_line(reference: Reference, name: bytes) -> None:
    """Count the delay from the first line of the request."""

    def note(request: Any) -> None:
        request.began = reference.reactor.seconds()

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def render_GET(self, request: Any) -> int:
                delay, gone = self._delay, self._reactor.seconds() - request.began
                self._delay = max(0.0, delay - gone)
                super().render_GET(request)
                self._delay = delay
                return NOT_DONE_YET

        return Page

    requests(reference, note)
    changed(reference, name, change)


def overtaken(reference: Reference, name: bytes) -> None:
    """What comes on a connection while its request waits is answered by who reads it, at once."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def render_GET(self, request: Any) -> int:
                channel = request.channel
                received = channel.dataReceived

                def read(data: bytes) -> None:
                    if data.startswith(b"GET /ping "):
                        channel.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npong\n")
                    else:
                        received(data)

                channel.dataReceived = read
                request.notifyFinish().addBoth(lambda _: vars(channel).pop("dataReceived", None))
                return int(super().render_GET(request))

        return Page

    changed(reference, name, change)


def once_a_connection(reference: Reference, name: bytes) -> None:
    """The body is given out once on each connection."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                channel = request.channel
                if channel is None or not hasattr(channel, "is_served"):
                    super()._delayedRender(request)
                else:
                    request.finish()
                if channel is not None:
                    channel.is_served = True

        return Page

    changed(reference, name, change)


def one_version(reference: Reference, name: bytes) -> None:
    """All clients are taken for such that speak HTTP/1.1."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                request.clientproto = b"HTTP/1.1"
                super()._delayedRender(request)

        return Page

    changed(reference, name, change)


def kept(reference: Reference, name: bytes, version: bytes) -> None:
    """The connection is kept after a delayed answer to a client of this version, whatever it has asked for."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                if request.channel is not None and request.clientproto == version:
                    request.channel.persistent = 1
                    request.setHeader(b"content-length", b"%d" % len(SORRY))
                super()._delayedRender(request)

        return Page

    changed(reference, name, change)


def silent_about_the_end(reference: Reference, name: bytes) -> None:
    """The answer does not say that the connection ends with it."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                request.responseHeaders.removeHeader(b"connection")
                super()._delayedRender(request)

        return Page

    changed(reference, name, change)


def bodies_unread(reference: Reference, name: bytes) -> None:
    """The body of a request for the page is not read, whatever the request says of it."""

    def note(request: Any) -> None:
        channel, announced = request.channel, request.gotLength

        def length(size: Any) -> None:
            if channel._path.partition(b"?")[0] == b"/" + name:
                channel.length, channel._transferDecoder = 0, None
                size = 0
            announced(size)

        request.gotLength = length

    requests(reference, note)


def without_allow(reference: Reference, name: bytes) -> None:
    """A POST is refused with 405 and not another word."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def render_POST(self, request: Request) -> bytes:
                request.setResponseCode(405)
                return b""

        return Page

    changed(reference, name, change)


def head_says(reference: Reference, name: bytes, length: int) -> None:
    """HEAD is told this length."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def render_HEAD(self, request: Request) -> int:
                request.setHeader(b"content-length", b"%d" % length)
                return int(self.render_GET(request))

        return Page

    changed(reference, name, change)


def head_is_less(reference: Reference, name: bytes) -> None:
    """The code that writes the body sets a field as well, and HEAD does not get there."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                if request.method != b"HEAD":
                    request.setHeader(b"cache-control", b"no-store")
                super()._delayedRender(request)

        return Page

    changed(reference, name, change)


def in_parts(reference: Reference, name: bytes, code: int) -> None:
    """Who asks for a part gets the first four bytes, with this status and without Content-Range."""

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                if request.getHeader(b"range") is None:
                    super()._delayedRender(request)
                    return
                request.setResponseCode(code)
                request.write(SORRY[:4])
                request.finish()

        return Page

    changed(reference, name, change)


def slower_each_time(reference: Reference, name: bytes) -> None:
    """Each delayed answer leaves something behind for `ping` to go through."""
    left = [0]

    def change(right: Any) -> Any:
        class Page(right):  # type: ignore[misc]
            def _delayedRender(self, request: Any) -> None:
                left[0] += 1
                super()._delayedRender(request)

        return Page

    changed(reference, name, change)
    put_slow_ping(reference, lambda: 0.001 * left[0])


def put_slow_ping(reference: Reference, seconds: Callable[[], float]) -> None:
    """Have `ping` take so many seconds."""

    class Ping(Resource):
        def render_GET(self, request: Request) -> int:
            def answer() -> None:
                if not getattr(request, "gone", False):
                    request.write(b"pong\n")
                    request.finish()

            reference.reactor.callLater(seconds(), answer)
            return NOT_DONE_YET

    reference.root.putChild(b"ping", Ping())
