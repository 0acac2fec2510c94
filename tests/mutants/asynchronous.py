"""
Mutants of the delayed page: who waits how long, and whom that keeps waiting.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import math
import time
from itertools import count
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import asynchronous
from reference_impl.asynchronous import SORRY
from tests.mutants import Reference, mutant, of


class Ticking:
    """A reactor whose timers fire at the next tick of a clock that all of them share."""

    def __init__(self, reactor: Any, tick: float) -> None:
        self._reactor = reactor
        self._tick = tick

    def callLater(self, seconds: float, call: Any, *args: Any) -> Any:
        """See Twisted's `IReactorTime`."""
        now = self._reactor.seconds()
        due = math.ceil((now + seconds) / self._tick) * self._tick
        return self._reactor.callLater(due - now, call, *args)


def put(reference: Reference, page: type[asynchronous.DelayedResource], reactor: Any = None) -> None:
    """Put a page in place of the right one, with timers of `reactor`."""
    delay = reference.settings.delay
    reference.root.putChild(b"asynchronous", page(reactor or reference.reactor, delay, reference.events))


@mutant(
    *of(
        "asynchronous",
        "silent-until-the-delay-is-over",
        "whole-when-the-delay-is-over",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "the-delay-counts-from-the-whole-request",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def answers_early(reference: Reference) -> None:
    """The timer is set to four fifths of the delay."""
    page = asynchronous.DelayedResource(reference.reactor, 0.8 * reference.settings.delay, reference.events)
    reference.root.putChild(b"asynchronous", page)


@mutant(
    *of(
        "asynchronous",
        "requests-at-once-do-not-queue",
        "other-pages-answer-at-once-meanwhile",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def sleeps_in_the_event_loop(reference: Reference) -> None:
    """The delay is slept through where all requests are served."""

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> bytes:
            time.sleep(self._delay)
            return SORRY

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def works_on_one_at_a_time(reference: Reference) -> None:
    """The work for a request begins when that for the one before is over."""

    class Page(asynchronous.DelayedResource):
        free_at = 0.0

        def render_GET(self, request: Request) -> int:
            now = self._reactor.seconds()
            self.free_at = max(self.free_at, now) + self._delay
            self._reactor.callLater(self.free_at - now, self._delayedRender, request)
            return NOT_DONE_YET

    put(reference, Page)


@mutant(
    *of("asynchronous", "each-request-waits-from-its-own-start", "in-a-crowd-each-request-waits-from-its-own-start")
)
def answers_all_when_the_first_is_due(reference: Reference) -> None:
    """There is one timer: it starts with the first request, and answers all who wait when it fires."""
    waiting: list[Request] = []

    class Page(asynchronous.DelayedResource):
        def _all(self) -> None:
            while waiting:
                self._delayedRender(waiting.pop(0))

        def render_GET(self, request: Request) -> int:
            if not waiting:
                self._reactor.callLater(self._delay, self._all)
            waiting.append(request)
            return NOT_DONE_YET

    put(reference, Page)


@mutant(
    *of("asynchronous", "each-request-waits-from-its-own-start", "in-a-crowd-each-request-waits-from-its-own-start")
)
def answers_the_newest_first(reference: Reference) -> None:
    """Each request has a timer, but who waits stands in a stack: the one who came last is answered first."""
    stack: list[Request] = []

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> int:
            stack.append(request)
            self._reactor.callLater(self._delay, lambda: self._delayedRender(stack.pop()))
            return NOT_DONE_YET

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "requests-at-once-do-not-queue",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "a-length-said-to-head-is-that-of-the-body",
        "head-has-the-fields-of-get",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def loses_who_comes_at_the_same_moment(reference: Reference) -> None:
    """Requests are kept by the time when they are due: of several at one moment only the last is answered."""
    due: dict[float, Request] = {}

    class Page(asynchronous.DelayedResource):
        def _due(self) -> None:
            request = due.pop(self._reactor.seconds(), None)
            if request is not None:
                self._delayedRender(request)

        def render_GET(self, request: Request) -> int:
            due[self._reactor.callLater(self._delay, self._due).getTime()] = request
            return NOT_DONE_YET

    put(reference, Page)


@mutant(*of("asynchronous", "in-a-crowd-each-request-waits-from-its-own-start"))
def ticks_every_quarter_of_a_second(reference: Reference) -> None:
    """Timers fire at the next tick of a clock that ticks four times a second."""
    put(reference, asynchronous.DelayedResource, Ticking(reference.reactor, 0.25))


@mutant(
    *of(
        "asynchronous",
        "each-request-waits-from-its-own-start",
        "the-delay-counts-from-the-whole-request",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def rounds_up_to_whole_seconds(reference: Reference) -> None:
    """Answers are given on the full second."""
    put(reference, asynchronous.DelayedResource, Ticking(reference.reactor, 1.0))


@mutant(*of("asynchronous", "in-a-crowd-each-request-waits-from-its-own-start"))
def numbers_requests_with_a_byte(reference: Reference) -> None:
    """Who waits stands in a table of 256 places: the 257th takes the place of the first, who is never answered."""
    table: dict[int, Request] = {}
    numbers = count()

    class Page(asynchronous.DelayedResource):
        def _due(self, number: int) -> None:
            if number in table:
                self._delayedRender(table.pop(number))

        def render_GET(self, request: Request) -> int:
            number = next(numbers) % 256
            table[number] = request
            self._reactor.callLater(self._delay, self._due, number)
            return NOT_DONE_YET

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def slows_down_with_every_request(reference: Reference) -> None:
    """What it keeps of each request makes the next one take a twentieth of a microsecond longer."""

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> int:
            self._delay += 5e-8
            return super().render_GET(request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "silent-until-the-delay-is-over",
        "the-delay-counts-from-the-whole-request",
        "after-many-requests-it-answers-as-fast-as-before",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def sends_the_head_at_once(reference: Reference) -> None:
    """The status and the fields are flushed before the work begins."""

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> int:
            request.write(b"")
            return super().render_GET(request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous",
        "whole-when-the-delay-is-over",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def sends_the_end_late(reference: Reference) -> None:
    """The body comes in time, but its last chunk a tenth of the delay later."""

    class Page(asynchronous.DelayedResource):
        def _delayedRender(self, request: Request) -> None:
            request.write(SORRY)
            self._reactor.callLater(0.1 * self._delay, request.finish)

    put(reference, Page)


@mutant(*of("asynchronous", "other-pages-answer-at-once-meanwhile"))
def refuses_other_pages_while_ten_wait(reference: Reference) -> None:
    """Requests that merely wait count as load: beyond ten of them other pages answer 503."""
    waiting: list[Request] = []

    class Page(asynchronous.DelayedResource):
        def render_GET(self, request: Request) -> int:
            waiting.append(request)
            return super().render_GET(request)

        def _delayedRender(self, request: Request) -> None:
            waiting.remove(request)
            super()._delayedRender(request)

    class Ping(Resource):
        def render_GET(self, request: Request) -> bytes:
            if len(waiting) > 10:
                request.setResponseCode(503)
            return b"pong\n"

    put(reference, Page)
    reference.root.putChild(b"ping", Ping())
