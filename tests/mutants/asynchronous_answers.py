"""
Mutants of the delayed page whose answers come at the right time, and are not right themselves.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import gzip
from itertools import count
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request

from reference_impl import asynchronous
from reference_impl.asynchronous import SORRY
from tests.mutants import Reference, mutant, of
from tests.mutants.asynchronous import put


@mutant(
    *of(
        "asynchronous",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def cuts_every_hundredth_answer_by_a_byte(reference: Reference) -> None:
    """Of a hundred answers one is a byte shorter than it says."""
    numbers = count(1)

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            request.setHeader(b"content-length", b"%d" % (len(SORRY),))
            request.write(SORRY[: -1 if next(numbers) % 100 == 0 else None])
            request.finish()

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "body-is-whole-and-framed",
        "quick-and-slow-answers-are-not-swapped",
        "pipelined-answers-keep-their-order",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "an-older-client-is-answered-without-chunks",
        "asked-to-close-it-closes-after-the-answer",
        "asked-for-a-part-it-sends-the-whole-or-marks-the-part",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def compresses_unasked(reference: Reference) -> None:
    """The body is compressed, whether or not the client has said that it could read that."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            request.setHeader(b"content-encoding", b"gzip")
            request.write(gzip.compress(SORRY, mtime=0))
            request.finish()

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "next-answer-follows-on-the-same-connection",
        "connection-persists-unless-its-end-is-announced",
        "pipelined-answers-keep-their-order",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "an-older-client-is-left-after-the-answer",
        "asked-to-close-it-closes-after-the-answer",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def announces_a_byte_too_few(reference: Reference) -> None:
    """Content-Length is one less than the bytes of the body."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            request.setHeader(b"content-length", b"%d" % (len(SORRY) - 1,))
            super()._delayedRender(request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "silent-until-the-delay-is-over",
        "whole-when-the-delay-is-over",
        "body-is-whole-and-framed",
        "next-answer-follows-on-the-same-connection",
        "connection-persists-unless-its-end-is-announced",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "pipelined-answers-keep-their-order",
        "the-delay-counts-from-the-whole-request",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "an-older-client-is-answered-without-chunks",
        "asked-to-close-it-closes-after-the-answer",
        "a-length-said-to-head-is-that-of-the-body",
        "head-has-the-fields-of-get",
        "asked-for-a-part-it-sends-the-whole-or-marks-the-part",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def counts_a_chunk_in_decimal(reference: Reference) -> None:
    """The size of a chunk is written in decimal digits."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            request.write(b"")
            if request.chunked:
                request.chunked = 0
                request.write(b"%d\r\n%b\r\n0\r\n\r\n" % (len(SORRY), SORRY))
            request.finish()

    put(reference, Page)


@mutant(*of("asynchronous", "connection-persists-unless-its-end-is-announced"))
def closes_without_a_word(reference: Reference) -> None:
    """The connection ends behind the answer, which does not say so."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            channel = request.channel
            super()._delayedRender(request)
            if channel is not None:
                channel.loseConnection()

    put(reference, Page)


@mutant(*of("asynchronous", "head-has-no-body"))
def takes_head_for_get(reference: Reference) -> None:
    """HEAD is served by calling it GET, so that its answer has a body."""

    class Page(asynchronous.DelayedResource):
        def render_HEAD(self, request: Request) -> int:
            request.method = b"GET"
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("asynchronous", "head-has-no-body"))
def works_on_after_head(reference: Reference) -> None:
    """HEAD is answered at once, and the work that it began writes its result when it is done."""

    class Page(asynchronous.DelayedResource):
        def render_HEAD(self, request: Request) -> bytes:
            self._reactor.callLater(self._delay, request.transport.write, SORRY)
            return b""

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "pipelined-answers-keep-their-order",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
    )
)
def forgets_what_is_pipelined(reference: Reference) -> None:
    """What came on a connection while its request was worked on is thrown away."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            if request.channel is not None:
                request.channel._dataBuffer.clear()
            super()._delayedRender(request)

    put(reference, Page)


@mutant(*of("asynchronous", "quick-and-slow-answers-are-not-swapped"))
def keeps_one_body_for_all_pages(reference: Reference) -> None:
    """The body is kept where all pages keep theirs until it is sent: the delayed answer is that of a later request."""
    body = bytearray()

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> int:
            body[:] = SORRY
            return super().render_GET(request)

        def _delayedRender(self, request: Request) -> None:
            request.write(bytes(body))
            request.finish()

    class Ping(Resource):
        def render_GET(self, request: Request) -> bytes:
            body[:] = b"pong\n"
            return bytes(body)

    put(reference, Page)
    reference.root.putChild(b"ping", Ping())


@mutant(
    *of(
        "asynchronous",
        "silent-until-the-delay-is-over",
        "body-is-whole-and-framed",
        "next-answer-follows-on-the-same-connection",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "pipelined-answers-keep-their-order",
        "the-delay-counts-from-the-whole-request",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "an-older-client-is-answered-without-chunks",
        "asked-to-close-it-closes-after-the-answer",
        "asked-for-a-part-it-sends-the-whole-or-marks-the-part",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def says_that_it_has_only_accepted(reference: Reference) -> None:
    """The delayed answer brings the result, and says 202 Accepted."""

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> int:
            request.setResponseCode(202)
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("asynchronous", "connection-persists-unless-its-end-is-announced", "asked-to-close-it-says-that-it-will"))
def keeps_alive_in_words_only(reference: Reference) -> None:
    """The answer is one of HTTP/1.0 that says keep-alive, and the connection ends behind it all the same."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            channel = request.channel
            request.clientproto = b"HTTP/1.0"
            request.setHeader(b"connection", b"keep-alive")
            request.setHeader(b"content-length", b"%d" % (len(SORRY),))
            super()._delayedRender(request)
            if channel is not None:
                channel.loseConnection()

    put(reference, Page)


@mutant(*of("asynchronous", "head-has-no-body"))
def closes_after_the_result_of_head(reference: Reference) -> None:
    """HEAD is answered at once; the work that it began writes its result when it is done, and closes the connection."""

    class Page(asynchronous.DelayedResource):
        def render_HEAD(self, request: Request) -> bytes:
            self._reactor.callLater(self._delay, self._late, request.transport)
            return b""

        def _late(self, transport: Any) -> None:
            transport.write(SORRY)
            transport.loseConnection()

    put(reference, Page)
