"""
Mutants of the delayed page that waits for a Deferred: most are mistakes that only Deferreds allow.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import time
from typing import Any

from twisted.internet.defer import Deferred, DeferredQueue, DeferredSemaphore, succeed
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThreadPool
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import asynchronous_deferred
from reference_impl.asynchronous import SORRY
from tests.mutants import Reference, mutant, of


class Waiting(asynchronous_deferred.DelayedResource):
    """Answers when `wait` has fired, and says nothing of a callback that fails; subclasses wait otherwise."""

    def wait(self, request: Request) -> Deferred[Any]:
        """A Deferred that fires with the request when its answer is due."""
        return deferLater(self._reactor, self._delay, lambda: request)

    def render_GET(self, request: Request) -> int:
        """See Twisted's `Resource`."""
        self.wait(request).addCallback(self._delayedRender).addErrback(lambda _: None)
        return NOT_DONE_YET


class Ping(Resource):
    """The page `ping`, whose text a Deferred gives; `text` is called for each request."""

    def __init__(self, text: Any) -> None:
        super().__init__()
        self._text = text

    def render_GET(self, request: Request) -> int:
        """See Twisted's `Resource`."""

        def answer(text: bytes) -> None:
            request.write(text)
            request.finish()

        self._text().addCallback(answer)
        return NOT_DONE_YET


def put(reference: Reference, page: type[asynchronous_deferred.DelayedResource]) -> Any:
    """Put a page in place of the right one; the page itself."""
    built = page(reference.reactor, reference.settings.delay, reference.events)
    reference.root.putChild(b"asynchronous-deferred", built)
    return built


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "silent-until-the-delay-is-over",
        "whole-when-the-delay-is-over",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "other-pages-answer-at-once-meanwhile",
        "the-delay-counts-from-the-whole-request",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def forgets_to_return_the_inner_deferred(reference: Reference) -> None:
    """A callback begins to wait and does not return the Deferred that it waits for: the next one answers at once."""

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            def work(request: Request) -> Request:
                deferLater(self._reactor, self._delay, lambda: None)
                return request

            return succeed(request).addCallback(work)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "each-request-waits-from-its-own-start",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def waits_for_what_has_fired(reference: Reference) -> None:
    """One Deferred is made for all requests: once it has fired, who comes is answered at once."""

    class Page(Waiting):
        shared: Deferred[Any] | None = None

        def wait(self, request: Request) -> Deferred[Any]:
            self.shared = self.shared or deferLater(self._reactor, self._delay, lambda: None)
            return self.shared.addCallback(lambda _: request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "requests-at-once-do-not-queue",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "a-length-said-to-head-is-that-of-the-body",
        "head-has-the-fields-of-get",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def passes_one_request_along(reference: Reference) -> None:
    """Requests of one moment share a Deferred, whose second callback gets what the first one returned: nothing."""
    shared: dict[float, Deferred[Any]] = {}

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            now = self._reactor.seconds()
            if now not in shared:
                shared[now] = super().wait(request)
            return shared[now]

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "a-length-said-to-head-is-that-of-the-body",
        "head-has-the-fields-of-get",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def looks_up_the_request_when_it_fires(reference: Reference) -> None:
    """The callback takes the request from an attribute, which the latest request has overwritten."""

    class Page(Waiting):
        request: Request

        def wait(self, request: Request) -> Deferred[Any]:
            self.request = request
            return super().wait(request).addCallback(lambda _: self.request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "each-request-waits-from-its-own-start",
    )
)
def waits_until_all_have_fired(reference: Reference) -> None:
    """Answers are given together, as those of a DeferredList are: when nobody's Deferred is outstanding any more."""
    outstanding: list[Request] = []
    fired: list[Deferred[None]] = []

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            def one(_: Request) -> Deferred[None]:
                outstanding.remove(request)
                fired.append(Deferred())
                mine = fired[-1]
                if not outstanding:
                    together = fired[:]
                    fired.clear()
                    for deferred in together:
                        deferred.callback(None)
                return mine

            outstanding.append(request)
            return super().wait(request).addCallback(one).addCallback(lambda _: request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "requests-at-once-do-not-queue",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def waits_in_ten_threads(reference: Reference) -> None:
    """The delay is slept through in the reactor's ten threads: the eleventh request waits for one of them."""

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            pool = self._reactor.getThreadPool()
            return deferToThreadPool(self._reactor, pool, time.sleep, self._delay).addCallback(lambda _: request)

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "requests-at-once-do-not-queue",
        "other-pages-answer-at-once-meanwhile",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def shares_its_semaphore_with_other_pages(reference: Reference) -> None:
    """Ten places are for all pages together: those who wait leave none for `ping`."""
    places = DeferredSemaphore(10)

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            return places.run(super().wait, request)

    put(reference, Page)
    reference.root.putChild(b"ping", Ping(lambda: places.run(succeed, b"pong\n")))


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def never_releases_its_semaphore(reference: Reference) -> None:
    """Each request takes one of a hundred places and keeps it: the 101st waits for ever."""
    places = DeferredSemaphore(100)

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            return places.acquire().addCallback(lambda _: super(Page, self).wait(request))

    put(reference, Page)


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def refuses_what_its_queue_cannot_hold(reference: Reference) -> None:
    """Who waits stands in a DeferredQueue of sixteen; for one more it raises, and the answer is 500."""
    queue: DeferredQueue[Request] = DeferredQueue(size=16)

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            queue.put(request)
            return super().wait(request).addCallback(lambda _: queue.get())

    put(reference, Page)


@mutant(*of("asynchronous-deferred", "other-pages-answer-at-once-meanwhile"))
def looks_for_others_ten_times_a_second(reference: Reference) -> None:
    """While somebody waits, other pages' Deferreds are looked at ten times a second only."""

    class Page(Waiting):
        waiting = 0

        def wait(self, request: Request) -> Deferred[Any]:
            self.waiting += 1
            return super().wait(request)

        def _delayedRender(self, request: Request) -> None:
            self.waiting -= 1
            super()._delayedRender(request)

    page = put(reference, Page)
    text = b"pong\n"
    ping = Ping(lambda: deferLater(reference.reactor, 0.1, lambda: text) if page.waiting else succeed(text))
    reference.root.putChild(b"ping", ping)


@mutant(*of("asynchronous-deferred", "quick-and-slow-answers-are-not-swapped"))
def asks_everybody_to_wait(reference: Reference) -> None:
    """While somebody waits, other pages are answered with the text that they wait for."""

    class Page(Waiting):
        text = b"pong\n"

        def wait(self, request: Request) -> Deferred[Any]:
            self.text = SORRY
            return super().wait(request)

        def _delayedRender(self, request: Request) -> None:
            self.text = b"pong\n"
            super()._delayedRender(request)

    page = put(reference, Page)
    reference.root.putChild(b"ping", Ping(lambda: succeed(page.text)))


@mutant(
    *of(
        "asynchronous-deferred",
        "in-a-crowd-each-request-waits-from-its-own-start",
        "silent-until-the-delay-is-over",
        "the-delay-counts-from-the-whole-request",
        "after-many-requests-it-answers-as-fast-as-before",
    )
)
def writes_half_at_half_time(reference: Reference) -> None:
    """The first of two Deferreds in a chain writes half of the answer."""

    class Page(Waiting):
        def wait(self, request: Request) -> Deferred[Any]:
            first = deferLater(self._reactor, self._delay / 2, request.write, SORRY[:20])
            return first.addCallback(lambda _: deferLater(self._reactor, self._delay / 2, lambda: request))

        def _delayedRender(self, request: Request) -> None:
            request.write(SORRY[20:])
            request.finish()

    put(reference, Page)
