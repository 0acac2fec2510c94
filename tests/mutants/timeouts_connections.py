"""
Mutants of the page that gives up work: the connection on which it does, and who else is there.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import timeouts
from tests.mutants import Reference, _delayed, mutant, of
from tests.mutants.timeouts import put


@mutant(*of("timeouts", "other-pages-answer-at-once-meanwhile"))
def answers_other_pages_between_work(reference: Reference) -> None:
    """One worker does all the waiting: other pages are answered when no work is under way."""
    waiting: list[Any] = []

    class Page(timeouts.TimeoutResource):
        under_way = 0

        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            self.under_way += 1
            return super()._work(seconds, id, fails=fails).addBoth(self.over)

        def over(self, result: Any) -> Any:
            self.under_way -= 1
            while waiting and not self.under_way:
                waiting.pop().finish()
            return result

    page = put(reference, Page)

    class Ping(Resource):
        def render_GET(self, request: Request) -> Any:
            if not page.under_way:
                return b"pong\n"
            waiting.append(request)
            return NOT_DONE_YET

    reference.root.putChild(b"ping", Ping())


@mutant(*of("timeouts", "each-request-of-a-connection-has-a-timeout-of-its-own"))
def times_the_connection(reference: Reference) -> None:
    """The timer belongs to the connection, and fires every `after` seconds from its first request."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Any) -> object:
            after, now = self._after, self._reactor.seconds()
            began = vars(request.channel).setdefault("began", now)
            self._after = after - (now - began) % after
            answer = super().render_GET(request)
            self._after = after
            return answer

    put(reference, Page)


@mutant(*of("timeouts", "work-ending-at-its-limit-is-answered-once"))
def answers_twice_at_the_limit(reference: Reference) -> None:
    """Where work and timer end in the same turn, each of them answers."""

    class Page(timeouts.TimeoutResource):
        def _answer(self, body: bytes, request: Any, gone: Deferred[None]) -> None:
            transport = request.channel.transport if request.channel else None
            super()._answer(body, request, gone)
            if transport and float(request.args[b"s"][0]) == self._after:
                transport.write(b"HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\n\r\n")

    put(reference, Page)


@mutant(*of("timeouts", "leaving-before-the-timeout-disturbs-nobody"))
def stops_the_timer_of_another(reference: Reference) -> None:
    """When a client leaves, the timer that was set first is stopped, whosever it is."""

    class Page(timeouts.TimeoutResource):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.waiting: list[Deferred[bytes]] = []

        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            d = super()._work(seconds, id, fails=fails)
            self.waiting.append(d)
            d.addBoth(lambda result: (self.waiting.remove(d), result)[1])
            return d

        def _left(self, failure: Failure, d: Deferred[bytes], id: str) -> None:
            self._events.record("cancel", id)
            self.waiting[0].cancel()

    put(reference, Page)


@mutant(*of("timeouts", "a-timeout-in-front-keeps-its-place"))
def is_overtaken_by_what_stands_behind(reference: Reference) -> None:
    """What stands behind slow work on its connection is answered by who reads it, at once."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Any) -> object:
            if float(request.args[b"s"][0]) > self._after:
                self._reactor.callLater(0, self.look_behind, request.channel)
            return super().render_GET(request)

        def look_behind(self, channel: Any) -> None:
            if b"".join(channel._dataBuffer).startswith(b"GET /ping "):
                channel._dataBuffer.clear()
                channel.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npong\n")

    put(reference, Page)


@mutant(*of("timeouts", "head-of-slow-work-has-no-body"))
def explains_itself_to_head(reference: Reference) -> None:
    """That the time is over is explained to HEAD as well."""

    class Page(timeouts.TimeoutResource):
        def _answer(self, body: bytes, request: Any, gone: Deferred[None]) -> None:
            transport, is_head = request.transport, request.method == b"HEAD"
            super()._answer(body, request, gone)
            if is_head and request.code == 504:
                transport.write(body)

    put(reference, Page)


@mutant(*of("timeouts", "after-many-timeouts-it-answers-as-fast-as-before"))
def leaves_something_behind(reference: Reference) -> None:
    """All work that was given up stands in a list that every later request goes through."""
    given_up: list[str] = []

    class Page(timeouts.TimeoutResource):
        def _timeoutHandler(self, d: Deferred[bytes], id: str) -> None:
            given_up.append(id)
            super()._timeoutHandler(d, id)

    put(reference, Page)
    _delayed.put_slow_ping(reference, lambda: 0.001 * len(given_up))


@mutant(*of("timeouts", "after-many-timeouts-it-answers-as-fast-as-before"))
def keeps_a_place_for_abandoned_work(reference: Reference) -> None:
    """There are sixty places for work, and what was given up keeps its own: then the next waits as long as it may."""
    places = [60]

    class Page(timeouts.TimeoutResource):
        def _timeoutHandler(self, d: Deferred[bytes], id: str) -> None:
            places[0] -= 1
            super()._timeoutHandler(d, id)

        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            return super()._work(seconds if places[0] > 0 else 10 * self._after, id, fails=fails)

    put(reference, Page)
