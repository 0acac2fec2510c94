"""
Mutants of the page that gives up work: what is answered and told, and what becomes of the abandoned work.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure
from twisted.web.server import Request

from reference_impl import timeouts
from reference_impl.events import token
from tests.mutants import Reference, mutant, of
from tests.mutants.timeouts import put


@mutant(*of("timeouts", "nothing-follows-a-timeout", "every-schedule-of-work-answers-each-at-its-time"))
def takes_no_time_for_no_number(reference: Reference) -> None:
    """Work of 0 seconds is refused with 400, as if nothing had been asked for."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Request) -> object:
            if not float(request.args[b"s"][0]):
                request.args[b"s"] = [b""]
            return super().render_GET(request)

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "slow-work-is-given-up",
        "giving-up-comes-at-its-time",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "nothing-follows-a-timeout",
        "work-failing-after-its-timeout-adds-nothing",
        "a-timeout-is-told-once",
        "every-schedule-of-work-answers-each-at-its-time",
        "other-pages-answer-at-once-meanwhile",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
        "leaving-before-the-timeout-disturbs-nobody",
        "a-timeout-in-front-keeps-its-place",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def says_200(reference: Reference) -> None:
    """That the time is over is told with the status 200."""

    class Page(timeouts.TimeoutResource):
        def _explain(self, failure: Failure, request: Request) -> bytes:
            body = super()._explain(failure, request)
            if request.code == 504:
                request.setResponseCode(200)
            return body

    put(reference, Page)


@mutant(
    *of("timeouts", "slow-work-is-given-up", "every-schedule-of-work-answers-each-at-its-time"),
    claims={"timeouts": {"status": [408]}},
)
def blames_the_client(reference: Reference) -> None:
    """A timeout of the server's own work is told with 408, which says that the client was too slow."""

    class Page(timeouts.TimeoutResource):
        def _explain(self, failure: Failure, request: Request) -> bytes:
            body = super()._explain(failure, request)
            if request.code == 504:
                request.setResponseCode(408)
            return body

    put(reference, Page)


@mutant(*of("timeouts", "failing-work-reports-its-own-failure", "every-schedule-of-work-answers-each-at-its-time"))
def takes_any_failure_for_a_timeout(reference: Reference) -> None:
    """Whatever the work fails with is told as a timeout."""

    class Page(timeouts.TimeoutResource):
        def _explain(self, failure: Failure, request: Request) -> bytes:
            return super()._explain(Failure(CancelledError()), request)

    put(reference, Page)


@mutant(*of("timeouts", "a-timeout-is-told-once", "every-schedule-of-work-answers-each-at-its-time"))
def tells_it_twice(reference: Reference) -> None:
    """A timeout is told when the timer fires, and again when the answer says so."""

    class Page(timeouts.TimeoutResource):
        def _explain(self, failure: Failure, request: Request) -> bytes:
            if failure.check(CancelledError):
                self._events.record("timeout", token(request))
            return super()._explain(failure, request)

    put(reference, Page)


@mutant(*of("timeouts", "a-timeout-is-told-once", "every-schedule-of-work-answers-each-at-its-time"))
def tells_it_late(reference: Reference) -> None:
    """A timeout is told a tenth of its time after the client has been."""

    class Page(timeouts.TimeoutResource):
        def _timeoutHandler(self, d: Deferred[bytes], id: str) -> None:
            self._reactor.callLater(self._after / 10, self._events.record, "timeout", id)
            d.cancel()

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "nothing-follows-a-timeout",
        "every-schedule-of-work-answers-each-at-its-time",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
    )
)
def adds_the_late_result(reference: Reference) -> None:
    """Abandoned work writes its result into the connection when it is over."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Request) -> object:
            seconds = float(request.args[b"s"][0])
            if seconds > self._after and b"fail" not in request.args:
                self._reactor.callLater(seconds, request.transport.write, b"RESULT after all\n")
            return super().render_GET(request)

    put(reference, Page)


@mutant(
    *of("timeouts", "work-failing-after-its-timeout-adds-nothing", "every-schedule-of-work-answers-each-at-its-time")
)
def adds_the_late_failure(reference: Reference) -> None:
    """Abandoned work that fails reports it in the connection, as an answer of its own."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Request) -> object:
            seconds = float(request.args[b"s"][0])
            if seconds > self._after and b"fail" in request.args:
                message = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
                self._reactor.callLater(seconds, request.transport.write, message)
            return super().render_GET(request)

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "slow-work-is-given-up",
        "every-schedule-of-work-answers-each-at-its-time",
        "leaving-before-the-timeout-disturbs-nobody",
        "a-timeout-in-front-keeps-its-place",
    )
)
def cuts_its_apology(reference: Reference) -> None:
    """The answer that tells of a timeout ends, with its connection, a byte before it should."""

    class Page(timeouts.TimeoutResource):
        def _answer(self, body: bytes, request: Request, gone: Deferred[None]) -> None:
            if request.code == 504 and not gone.called:
                request.setHeader(b"content-length", b"%d" % (len(body),))
                request.write(body[:-1])
                request.loseConnection()
            else:
                super()._answer(body, request, gone)

    put(reference, Page)


@mutant(*of("timeouts", "every-schedule-of-work-answers-each-at-its-time"))
def tells_done_twice(reference: Reference) -> None:
    """That the work is over is told by who did it, and again by who sent its result."""

    class Page(timeouts.TimeoutResource):
        def _answer(self, body: bytes, request: Request, gone: Deferred[None]) -> None:
            super()._answer(body, request, gone)
            if request.code == 200:
                self._events.record("done", token(request))

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "nothing-follows-a-timeout",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
        "head-of-slow-work-has-no-body",
    )
)
def keeps_the_connection_busy(reference: Reference) -> None:
    """After a timeout the connection stays open, and nothing is read from it any more."""

    class Page(timeouts.TimeoutResource):
        def _answer(self, body: bytes, request: Request, gone: Deferred[None]) -> None:
            transport, code = request.transport, request.code
            super()._answer(body, request, gone)
            if code == 504:
                transport.pauseProducing()

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "quick-work-gives-its-own-result",
        "quick-work-beside-slow-work-is-left-alone",
        "nothing-follows-quick-work",
        "nothing-follows-a-timeout",
        "no-timeout-is-told-of-quick-work",
        "every-schedule-of-work-answers-each-at-its-time",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def begins_with_the_worst(reference: Reference) -> None:
    """The status of a timeout is set before the work begins, and nobody takes it back when the work is over in time."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Request) -> object:
            request.setResponseCode(504)
            return super().render_GET(request)

    put(reference, Page)
