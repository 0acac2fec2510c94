"""
Mutants of HTTP: connections that end too early, too late or without a word, and clients that are told to go on.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from typing import Any

from tests.mutants import Reference, mutant, of
from tests.mutants._channels import Channel, Request, asks, connects

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def persists(reference: Reference, decide: Any) -> None:
    """Let `decide(options, version, usual)` say whether a connection goes on."""

    class Deciding(Channel):
        def checkPersistence(self, request: Any, version: bytes) -> Any:
            usual = super().checkPersistence(request, version)
            options = b", ".join(request.requestHeaders.getRawHeaders(b"connection") or [])
            goes_on = decide(options, version, usual)
            if goes_on:
                request.responseHeaders.removeHeader(b"connection")
            return goes_on

    connects(reference, Deciding)


@mutant(*of("http", "connection-carries-one-request-after-another", "connection-persists-unless-its-end-is-announced"))
def closes_in_silence(reference: Reference) -> None:
    """Every connection is closed after its first answer, and nobody is told."""
    persists(reference, lambda *_: False)


@mutant(*of("http", "connection-carries-one-request-after-another"))
def closes_after_every_answer(reference: Reference) -> None:
    """Every connection is closed after its first answer, which says so."""

    class Closing(Channel):
        def checkPersistence(self, request: Any, version: bytes) -> Any:
            request.responseHeaders.setRawHeaders(b"connection", [b"close"])
            return super().checkPersistence(request, version) and False

    connects(reference, Closing)


@mutant(*of("http", "connection-persists-unless-its-end-is-announced"))
def closes_after_an_error_in_silence(reference: Reference) -> None:
    """After an error the connection is closed, and nobody is told."""

    class Closing(Channel):
        def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
            self.persistent = self.persistent and code != b"404"
            super().writeHeaders(version, code, reason, headers)

    connects(reference, Closing)


@mutant(
    *of(
        "http",
        "close-is-honoured",
        "close-is-honoured-among-other-options",
        "close-is-honoured-in-any-case",
        "close-is-said-back",
        "close-loses-nothing",
        "field-names-count-in-any-case",
        "line-ends-do-not-split-a-page-s-own-fields",
        "line-ends-do-not-split-a-redirect",
        "line-ends-in-a-path-do-not-split-the-answer",
        "nothing-is-answered-behind-close",
    )
)
def never_closes(reference: Reference) -> None:
    """What the client wishes for its connection is not looked at."""
    persists(reference, lambda _, version, usual: usual or version == b"HTTP/1.1")


@mutant(*of("http", "close-is-honoured-in-any-case"))
def knows_one_spelling_of_close(reference: Reference) -> None:
    """Options are compared byte by byte."""
    persists(reference, lambda options, _, usual: usual or (b"close" not in options and b"close" in options.lower()))


@mutant(*of("http", "close-is-honoured-among-other-options"))
def knows_one_option(reference: Reference) -> None:
    """The Connection field is compared as a whole."""
    persists(reference, lambda options, _, usual: usual or b"," in options)


@mutant(*of("http", "close-is-honoured-among-other-options"))
def looks_at_the_first_line_only(reference: Reference) -> None:
    """Of several Connection fields the first counts, as in Twisted."""

    class First(Channel):
        def checkPersistence(self, request: Any, version: bytes) -> Any:
            lines = request.requestHeaders.getRawHeaders(b"connection") or []
            request.requestHeaders.setRawHeaders(b"connection", lines[:1])
            return super().checkPersistence(request, version)

    connects(reference, First)


@mutant(*of("http", "close-is-said-back"))
def closes_on_request_without_saying_so(reference: Reference) -> None:
    """Who asks for the end gets it, and is not told again."""

    class Silent(Channel):
        def checkPersistence(self, request: Any, version: bytes) -> Any:
            goes_on = super().checkPersistence(request, version)
            request.responseHeaders.removeHeader(b"connection")
            return goes_on

    connects(reference, Silent)


@mutant(*of("http", "chunks-in-http-1-0-end-the-connection", "nothing-is-answered-behind-close"))
def answers_what_it_has_read_before_it_closes(reference: Reference) -> None:
    """The connection is closed when all is answered that has come so far."""

    class Greedy(Channel):
        ends = False

        def checkPersistence(self, request: Any, version: bytes) -> Any:
            self.ends = self.ends or not super().checkPersistence(request, version)
            return True

        def requestDone(self, request: Any) -> None:
            super().requestDone(request)
            if self.ends:
                reference.reactor.callLater(0, self.loseConnection)

    connects(reference, Greedy)


@mutant(*of("http", "close-loses-nothing"))
def waits_for_slow_readers_for_a_moment_only(reference: Reference) -> None:
    """What has not been read a fifth of a second after the last answer is thrown away."""

    class Hasty(Channel):
        def loseConnection(self) -> None:
            reference.reactor.callLater(0.2, self.transport.abortConnection)
            super().loseConnection()

    connects(reference, Hasty)


@mutant(
    *of("http", "chunks-in-http-1-0-end-the-connection", "http-1-0-ends-with-its-answer", "http-1-0-gets-no-chunks")
)
def keeps_every_connection_alive(reference: Reference) -> None:
    """A connection of HTTP/1.0 is one of HTTP/1.1."""
    persists(reference, lambda options, _, usual: usual or b"close" not in options.lower())


@mutant(*of("http", "http-1-0-needs-no-host"))
def wants_a_host_from_everybody(reference: Reference) -> None:
    """A request without Host is refused, whatever its version."""

    class Strict(Request):
        def process(self) -> None:
            if not self.requestHeaders.hasHeader(b"host"):
                self.problem = "no Host"
            super().process()

    asks(reference, Strict)


@mutant(*of("http", "http-1-0-gets-no-chunks"))
def sends_chunks_to_everybody(reference: Reference) -> None:
    """Answers are of HTTP/1.1, whatever the request was."""

    class Modern(Request):
        def process(self) -> None:
            self.clientproto = b"HTTP/1.1"
            super().process()

    asks(reference, Modern)


@mutant(
    *of(
        "http",
        "continue-is-followed-by-a-final-answer",
        "continue-is-sent-before-the-content-comes",
        "expectation-counts-in-any-case",
    )
)
def tells_nobody_to_continue(reference: Reference) -> None:
    """Expect is a field that nobody knows."""

    class Silent(Channel):
        def _send100Continue(self) -> None:
            pass

    connects(reference, Silent)


@mutant(*of("http", "expectation-counts-in-any-case"))
def knows_one_spelling_of_continue(reference: Reference) -> None:
    """Expectations are compared byte by byte."""

    class Exact(Channel):
        def _send100Continue(self) -> None:
            if self.request.getHeader(b"expect") == b"100-continue":
                super()._send100Continue()

    connects(reference, Exact)


@mutant(*of("http", "http-1-0-is-not-told-to-continue"))
def tells_everybody_to_continue(reference: Reference) -> None:
    """The version is not looked at before 100 is sent."""

    class Modern(Channel):
        def allHeadersReceived(self) -> None:
            if self._version == b"HTTP/1.0" and self.request.requestHeaders.hasHeader(b"expect"):
                self._send100Continue()
            super().allHeadersReceived()

    connects(reference, Modern)


@mutant(*of("http", "continue-is-followed-by-a-final-answer"))
def says_continue_for_every_chunk(reference: Reference) -> None:
    """Each piece of a content is welcomed by a 100 of its own."""

    class Welcoming(Request):
        def handleContentChunk(self, data: bytes) -> None:
            super().handleContentChunk(data)
            if self.requestHeaders.hasHeader(b"expect") and self.requestHeaders.hasHeader(b"transfer-encoding"):
                self.channel.transport.write(CONTINUE)

    asks(reference, Welcoming)


@mutant(*of("http", "content-that-does-not-wait-is-taken"))
def drops_what_nobody_had_asked_for(reference: Reference) -> None:
    """What comes together with a header that expects 100 was sent too early, and is forgotten."""

    class Proper(Channel):
        def _send100Continue(self) -> None:
            super()._send100Continue()
            self.clearLineBuffer()

    connects(reference, Proper)


@mutant(*of("http", "continue-waits-for-its-turn"))
def says_continue_as_soon_as_it_reads_it(reference: Reference) -> None:
    """100 is sent by whoever reads, also while another request is answered."""

    class Eager(Channel):
        def rawDataReceived(self, data: bytes) -> None:
            if self.works and b"100-continue" in data:
                self.transport.write(CONTINUE)
            super().rawDataReceived(data)

    connects(reference, Eager)
