"""
Mutants of the page that logs whose answer was interrupted: crowds, resets, and connections that are used again.
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
from tests.mutants import Reference, mutant, of
from tests.mutants.logging_errors import LINE, _put


@mutant(*of("logging-errors", "a-reset-answer-logs-a-line"), clock="real")
def logs_orderly_ends_only(reference: Reference) -> None:
    """A reset stops the work like any other end, and is not logged: it is taken for noise of the network."""

    class Page(logging_errors.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            page = logging_errors if failure.check(ConnectionDone) else interrupted
            page.DelayedResource._responseFailed(self, failure, call, id)

    _put(reference, Page)


@mutant(*of("logging-errors", "leaving-later-on-a-connection-logs-a-line"))
def logs_for_the_first_request_only(reference: Reference) -> None:
    """The error handler belongs to the connection, and is gone with its first request."""
    asked: dict[Any, int] = {}

    class Changed(reference.site.requestFactory):  # type: ignore[misc, name-defined]
        def process(self) -> None:
            self.channel.asked = getattr(self.channel, "asked", 0) + 1
            self.asked = self.channel.asked
            super().process()

    class Page(logging_errors.DelayedResource):
        def render_GET(self, request: Any) -> int:
            asked[request] = request.asked
            call = self._reactor.callLater(self._delay, self._delayedRender, request)
            request.notifyFinish().addErrback(self._left, call, request)
            self._events.record("start", request.args[b"id"][0].decode())
            return 1

        def _left(self, failure: Failure, call: IDelayedCall, request: Any) -> None:
            page = logging_errors if asked[request] == 1 else interrupted
            page.DelayedResource._responseFailed(self, failure, call, request.args[b"id"][0].decode())

    reference.site.requestFactory = Changed
    _put(reference, Page)


@mutant(*of("logging-errors", "among-others-only-the-interrupted-answer-logs"))
def logs_who_waits_when_they_are_answered(reference: Reference) -> None:
    """Whoever waits when a client leaves is marked as interrupted, too, and logged with their answer."""

    class Page(logging_errors.DelayedResource):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.waiting: set[Any] = set()
            self.marked: set[Any] = set()

        def render_GET(self, request: Request) -> int:
            self.waiting.add(request)
            request.notifyFinish().addErrback(lambda _: self.waiting.discard(request))
            return super().render_GET(request)

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            self.marked |= self.waiting

        def _delayedRender(self, request: Request) -> None:
            self.waiting.discard(request)
            if request in self.marked:
                err(Failure(ConnectionDone()), LINE)
            super()._delayedRender(request)

    _put(reference, Page)


@mutant(*of("logging-errors", "among-others-only-the-interrupted-answer-logs"))
def answers_nobody_after_it_has_logged(reference: Reference) -> None:
    """Once an error was logged, those who wait are answered by an error as well."""

    class Page(logging_errors.DelayedResource):
        failed_at = -1.0

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            self.failed_at = self._reactor.seconds()

        def _delayedRender(self, request: Request) -> None:
            if self._reactor.seconds() - self.failed_at <= self._delay:
                request.setResponseCode(500)
            super()._delayedRender(request)

    _put(reference, Page)


@mutant(*of("logging-errors", "many-leaving-at-once-log-a-line-each"))
def logs_five_lines_a_moment(reference: Reference) -> None:
    """Of what is logged in one moment the first five lines are written: the log is not to be flooded."""

    class Page(logging_errors.DelayedResource):
        written, at = 0, -1.0

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            if self._reactor.seconds() != self.at:
                self.written, self.at = 0, self._reactor.seconds()
            self.written += 1
            page = logging_errors if self.written <= 5 else interrupted
            page.DelayedResource._responseFailed(self, failure, call, id)

    _put(reference, Page)
