"""
Mutants of the page that logs whose answer was interrupted.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.python.log import err
from twisted.web.server import Request

from reference_impl import interrupted, logging_errors
from reference_impl.events import token
from tests.mutants import Reference, mutant, of

#: The tutorial's words.
LINE = "Async response demo interrupted response"

#: A pattern that tells of which request the line is.
NAMED = {"logging-errors": {"pattern": LINE + " {id}"}}


def _put(reference: Reference, page: type[interrupted.DelayedResource]) -> None:
    built = page(reference.reactor, reference.settings.delay, reference.events)
    reference.root.putChild(b"logging-errors", built)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    )
)
def logs_nothing(reference: Reference) -> None:
    """The work stops when a client leaves, and nothing is said."""
    _put(reference, interrupted.DelayedResource)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    )
)
def logs_in_two_layers(reference: Reference) -> None:
    """The page logs the failure, and so does what is around it."""

    class Page(logging_errors.DelayedResource):
        def render_GET(self, request: Request) -> int:
            request.notifyFinish().addErrback(err, LINE)
            return super().render_GET(request)

    _put(reference, Page)


@mutant(*of("logging-errors", "completed-answer-logs-no-line", "among-others-only-the-interrupted-answer-logs"))
def logs_success_too(reference: Reference) -> None:
    """The end of an answer is logged, whether it came whole or was interrupted."""

    class Page(interrupted.DelayedResource):
        def render_GET(self, request: Request) -> int:
            request.notifyFinish().addBoth(lambda why: err(why or Failure(ConnectionDone()), LINE))
            return super().render_GET(request)

    _put(reference, Page)


@mutant(*of("logging-errors", "completed-answer-logs-no-line"))
def logs_leaving_after_the_answer(reference: Reference) -> None:
    """The end of the connection is logged as that of an interrupted answer, whatever it has carried."""

    class Page(interrupted.DelayedResource):
        def render_GET(self, request: Request) -> int:
            over = request.channel.connectionLost

            def lost(reason: Failure) -> None:
                err(reason, LINE)
                over(reason)

            request.channel.connectionLost = lost
            return super().render_GET(request)

    _put(reference, Page)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    )
)
def logs_when_it_would_answer(reference: Reference) -> None:
    """That a client has left is noticed, and logged, when the delay is over."""

    class Page(interrupted.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            self._reactor.callLater(call.getTime() - self._reactor.seconds(), err, failure, LINE)
            super()._responseFailed(failure, call, id)

    _put(reference, Page)


@mutant(*of("logging-errors", "each-interrupted-answer-logs-its-own-line", "many-leaving-at-once-log-a-line-each"))
def logs_one_line_a_second(reference: Reference) -> None:
    """A line that is like the one before and comes within a second of it is left out."""

    class Page(logging_errors.DelayedResource):
        logged = -1.0

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            before, self.logged = self.logged, self._reactor.seconds()
            page = logging_errors if self.logged - before >= 1 else interrupted
            page.DelayedResource._responseFailed(self, failure, call, id)

    _put(reference, Page)


@mutant(
    *of(
        "logging-errors",
        "each-interrupted-answer-logs-its-own-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    )
)
def logs_all_who_wait(reference: Reference) -> None:
    """When one client leaves, a line is logged for each that waits."""

    class Page(interrupted.DelayedResource):
        waiting = 0

        def render_GET(self, request: Request) -> int:
            self.waiting += 1
            return super().render_GET(request)

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            for _ in range(self.waiting):
                err(failure, LINE)
            self.waiting -= 1

    _put(reference, Page)


@mutant(
    *of(
        "logging-errors",
        "each-interrupted-answer-logs-its-own-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    ),
    claims=NAMED,
)
def logs_the_newest_id(reference: Reference) -> None:
    """The line has the ID of the request that came last, whoever leaves."""

    class Page(interrupted.DelayedResource):
        newest = ""

        def render_GET(self, request: Request) -> int:
            self.newest = token(request)
            return super().render_GET(request)

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            err(failure, f"{LINE} {self.newest}")

    _put(reference, Page)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    ),
    claims=NAMED,
)
def leaves_the_id_out(reference: Reference) -> None:
    """The line does not say whose answer it was, as the profile has it."""
    _put(reference, logging_errors.DelayedResource)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    )
)
def fails_before_it_logs(reference: Reference) -> None:
    """The work is cancelled twice, which raises an error, before the line is written."""

    class Page(logging_errors.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            call.cancel()
            super()._responseFailed(failure, call, id)

    _put(reference, Page)


@mutant(*of("logging-errors", "server-lives-after-logging"))
def accepts_nobody_after_a_reset(reference: Reference) -> None:
    """A reset, once logged, is raised where clients are accepted, and ends the loop that does it."""

    class Page(logging_errors.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            if not failure.check(ConnectionDone):
                site: Any = reference.site
                site.buildProtocol = lambda _: None

    _put(reference, Page)


@mutant(*of("logging-errors", "completed-answer-logs-no-line", "among-others-only-the-interrupted-answer-logs"))
def looks_half_a_second_later_who_is_still_there(reference: Reference) -> None:
    """Who has gone when it is looked, half a second after the answer, is logged as interrupted."""

    class Page(logging_errors.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            super()._delayedRender(request)
            self._reactor.callLater(0.5, err, Failure(ConnectionDone()), LINE)

    _put(reference, Page)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "many-leaving-at-once-log-a-line-each",
    )
)
def writes_its_buffer_once_more(reference: Reference) -> None:
    """The line is written, and once more when the buffer is flushed that it still stands in, half a second later."""

    class Page(logging_errors.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            self._reactor.callLater(0.5, err, failure, LINE)

    _put(reference, Page)


@mutant(
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "server-lives-after-logging",
        "leaving-later-on-a-connection-logs-a-line",
        "many-leaving-at-once-log-a-line-each",
    )
)
def accepts_nobody_once_its_log_is_full(reference: Reference) -> None:
    """A second after a line was written the log is full, and who writes into it waits for ever."""
    site: Any = reference.site

    class Page(logging_errors.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            self._reactor.callLater(1.0, setattr, site, "buildProtocol", lambda _: None)

    _put(reference, Page)
