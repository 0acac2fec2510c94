"""
Mutants of the delayed page that waits for a Deferred as it should, and then answers wrongly.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from twisted.internet.defer import succeed
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.asynchronous import SORRY
from tests.mutants import Reference, mutant, of
from tests.mutants.asynchronous_deferred import Waiting, put


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "body-is-whole-and-framed",
        "quick-and-slow-answers-are-not-swapped",
        "pipelined-answers-keep-their-order",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "an-older-client-is-answered-without-chunks",
        "asked-to-close-it-closes-after-the-answer",
        "asked-for-a-part-it-sends-the-whole-or-marks-the-part",
    )
)
def writes_what_its_callback_returned(reference: Reference) -> None:
    """The last callback writes what the one before it returned: the number of bytes, not the text."""

    class Page(Waiting):
        def _delayedRender(self, request: Request) -> None:
            def write(result: int) -> None:
                request.write(b"%d" % (result,))
                request.finish()

            succeed(SORRY).addCallback(len).addCallback(write)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "whole-when-the-delay-is-over",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
    )
)
def finishes_by_another_deferred(reference: Reference) -> None:
    """A Deferred writes the answer, and another one, which fires a little later, finishes it."""

    class Page(Waiting):
        def _delayedRender(self, request: Request) -> None:
            request.setHeader(b"content-length", b"%d" % (len(SORRY),))
            request.write(SORRY[:-1])
            deferLater(self._reactor, 0.001, request.write, SORRY[-1:]).addCallback(lambda _: request.finish())

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "whole-when-the-delay-is-over",
        "body-is-whole-and-framed",
        "connection-persists-unless-its-end-is-announced",
        "requests-at-once-do-not-queue",
        "quick-and-slow-answers-are-not-swapped",
        "pipelined-answers-keep-their-order",
        "the-delay-counts-from-the-whole-request",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "asked-to-close-it-closes-after-the-answer",
        "asked-for-a-part-it-sends-the-whole-or-marks-the-part",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def swallows_a_failure_before_the_end(reference: Reference) -> None:
    """The callback fails before the last chunk, and the errback does nothing but close the connection."""

    class Page(Waiting):
        def _delayedRender(self, request: Request) -> None:
            def write(_: None) -> None:
                request.write(SORRY)
                raise ValueError

            def swallow(_: Failure) -> None:
                request.loseConnection()

            succeed(None).addCallback(write).addErrback(swallow)

    put(reference, Page)


@mutant(*of("asynchronous-deferred", "head-has-no-body"))
def swallows_the_failure_of_head(reference: Reference) -> None:
    """The callback fails when no body was sent, and nobody hears of it: HEAD is never finished."""

    class Page(Waiting):
        def _delayedRender(self, request: Request) -> None:
            def write(_: None) -> None:
                request.write(SORRY)
                assert request.sentLength == len(SORRY)
                request.finish()

            succeed(None).addCallback(write).addErrback(lambda _: None)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "pipelined-answers-keep-their-order",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "an-older-client-is-answered-without-chunks",
        "an-older-client-is-left-after-the-answer",
        "asked-to-close-it-closes-after-the-answer",
        "asked-to-close-it-says-that-it-will",
    )
)
def answers_each_as_it_gets_ready(reference: Reference) -> None:
    """The connection is free for the next request while a Deferred is outstanding: that one is answered first."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(SORRY),)

    class Page(Waiting):
        def render_GET(self, request: Request) -> int:
            transport = request.transport
            body = b"" if request.method == b"HEAD" else SORRY
            deferLater(self._reactor, self._delay, transport.write, answer + body)
            # For Twisted this one is over, with nothing said.
            request.startedWriting = 1
            request.finish()
            return NOT_DONE_YET

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "next-answer-follows-on-the-same-connection",
        "connection-persists-unless-its-end-is-announced",
        "head-has-no-body",
    )
)
def reads_no_more_after_its_answer(reference: Reference) -> None:
    """Reading was paused for the Deferred and is not resumed: the connection stays open and never answers again."""

    class Page(Waiting):
        def _delayedRender(self, request: Request) -> None:
            transport = request.transport
            super()._delayedRender(request)
            transport.pauseProducing()

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "next-answer-follows-on-the-same-connection",
        "connection-persists-unless-its-end-is-announced",
        "head-has-no-body",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "asked-to-close-it-closes-after-the-answer",
    )
)
def adds_a_line_end(reference: Reference) -> None:
    """The last callback writes a line end, after the answer was finished."""

    class Page(Waiting):
        def _delayedRender(self, request: Request) -> None:
            transport = request.transport
            super()._delayedRender(request)
            transport.write(b"\r\n")

    put(reference, Page)


@mutant(*of("asynchronous-deferred", "connection-persists-unless-its-end-is-announced"))
def closes_when_its_deferred_is_done(reference: Reference) -> None:
    """A last callback puts things in order and closes the connection, of which the answer said nothing."""

    class Page(Waiting):
        def render_GET(self, request: Request) -> int:
            transport = request.transport
            self.wait(request).addCallback(self._delayedRender).addBoth(lambda _: transport.loseConnection())
            return NOT_DONE_YET

    put(reference, Page)
