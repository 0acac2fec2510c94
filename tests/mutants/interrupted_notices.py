"""
Mutants of the page whose clients may leave: when that is noticed, and what is told and logged of it.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import interrupted
from reference_impl.events import token
from reference_impl.repairs import requests
from tests.mutants import Reference, mutant, of
from tests.mutants.interrupted import Keeping, put, put_stream


@mutant(
    *of(
        "interrupted",
        "leaving-is-noticed",
        "leaving-later-on-a-connection-is-noticed",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-at-a-second-delayed-request-cancels-only-it",
        "of-many-leaving-at-once-each-is-noticed",
    )
)
def tells_late(reference: Reference) -> None:
    """That a client has left is told a quarter of the delay later."""

    class Page(Keeping):
        def left(self, request: Request, reason: Failure) -> None:
            self.stop([request])
            self._reactor.callLater(self._delay / 4, self._events.record, "cancel", token(request))

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-is-noticed",
        "leaving-later-on-a-connection-is-noticed",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-at-a-second-delayed-request-cancels-only-it",
        "of-many-leaving-at-once-each-is-noticed",
    )
)
def notices_when_it_answers(reference: Reference) -> None:
    """Whether the client is still there is looked at when the delay is over."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            """Nothing: whoever writes will see."""

        def _delayedRender(self, request: Any) -> None:
            if request.gone:
                self._events.record("cancel", token(request))
            else:
                super()._delayedRender(request)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-is-noticed",
        "leaving-later-on-a-connection-is-noticed",
        "leaving-stops-the-work",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-later-on-a-connection-stops-the-work",
        "leaving-at-a-second-delayed-request-cancels-only-it",
        "of-many-leaving-at-once-each-is-noticed",
    )
)
def notices_a_reset_only(reference: Reference) -> None:
    """An orderly end of the connection is no error, so that only a reset stops the work."""

    class Page(Keeping):
        def left(self, request: Request, reason: Failure) -> None:
            if not reason.check(ConnectionDone):
                super().left(request, reason)

    put(reference, Page)


@mutant(*of("interrupted", "resetting-is-noticed", "resetting-stops-the-work"), clock="real")
def notices_an_orderly_end_only(reference: Reference) -> None:
    """A reset is taken for an error of the network, and not for a client that has left."""

    class Page(Keeping):
        def left(self, request: Request, reason: Failure) -> None:
            if reason.check(ConnectionDone):
                super().left(request, reason)

    put(reference, Page)


@mutant(*of("interrupted", "every-schedule-of-visits-answers-who-stays-and-only-them"))
def looks_ever_more_rarely(reference: Reference) -> None:
    """Whether the client is still there is looked at after half a second, one, two and four."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            for seconds in (0.5, 1.0, 2.0, 4.0):
                self._reactor.callLater(seconds, self.look, request)

        def look(self, request: Any) -> None:
            if request.gone and request in self.works:
                self.left(request, Failure(ConnectionDone()))

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-later-on-a-connection-is-noticed",
        "leaving-later-on-a-connection-stops-the-work",
        "leaving-at-a-second-delayed-request-cancels-only-it",
    )
)
def watches_the_first_request_only(reference: Reference) -> None:
    """A connection is watched from its beginning to the end of its first request."""

    class Page(Keeping):
        def watch(self, request: Any) -> None:
            if request.is_first:
                super().watch(request)

    class Counted(requests.Request):
        def process(self) -> None:
            self.is_first = not hasattr(self.channel, "was_asked")
            self.channel.was_asked = True
            super().process()

    put(reference, Page)
    reference.site.requestFactory = Counted


@mutant(
    *of(
        "interrupted", "leaving-after-the-answer-cancels-nothing", "leaving-at-a-second-delayed-request-cancels-only-it"
    )
)
def watches_beyond_the_answer(reference: Reference) -> None:
    """The end of the connection is told as that of each request that it has carried, answered or not."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            channel = request.channel
            over = channel.connectionLost

            def lost(reason: Failure) -> None:
                self.left(request, reason)
                over(reason)

            channel.connectionLost = lost

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "answered-request-is-a-success",
        "leaving-after-the-answer-cancels-nothing",
        "leaving-cancels-no-other-request",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-at-a-second-delayed-request-cancels-only-it",
    )
)
def takes_success_for_an_error(reference: Reference) -> None:
    """The end of an answer calls the same function, whether it came whole or was interrupted."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            request.notifyFinish().addBoth(lambda reason: self.left(request, reason))

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "answered-request-is-a-success",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-at-a-second-delayed-request-cancels-only-it",
    )
)
def tells_done_twice(reference: Reference) -> None:
    """That the work is done is told by who did it, and again by who sent the answer."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            super().watch(request)
            request.notifyFinish().addCallbacks(lambda _: self._events.record("done", token(request)), lambda _: None)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "of-many-leaving-at-once-each-is-noticed",
    )
)
def tells_cancel_twice(reference: Reference) -> None:
    """Both the request and its connection tell that the client has left."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            super().watch(request)
            super().watch(request)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-cancels-no-other-request",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "of-many-leaving-at-once-each-is-noticed",
    )
)
def tells_the_newest_id(reference: Reference) -> None:
    """The right work stops, but what is told has the ID of the request that came last."""

    class Page(Keeping):
        def left(self, request: Request, reason: Failure) -> None:
            newest = list(self.works)[-1]
            self.stop([request])
            self._events.record("cancel", token(newest))

    put(reference, Page)


@mutant(*of("interrupted", "leaving-logs-nothing"))
def leaves_its_failure_to_nobody(reference: Reference) -> None:
    """The errback returns the failure, which nobody handles: it is logged."""

    class Page(interrupted.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> Failure:
            super()._responseFailed(failure, call, id)
            return failure

    put(reference, Page)


@mutant(*of("interrupted", "leaving-logs-nothing"), claims={"interrupted": {"stops_work": False}})
def writes_to_who_is_gone(reference: Reference) -> None:
    """Work that goes on writes its answer all the same, and the error that this gives stands in the log."""

    class Page(Keeping):
        def chosen(self, request: Request) -> list[Request]:
            return []

        def _delayedRender(self, request: Any) -> None:
            super()._delayedRender(request)
            if request.gone:
                message = "finished for nobody"
                raise RuntimeError(message)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-is-noticed",
        "leaving-later-on-a-connection-is-noticed",
        "leaving-stops-the-work",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-later-on-a-connection-stops-the-work",
        "leaving-amid-a-streamed-answer-is-noticed",
        "leaving-amid-a-streamed-answer-stops-the-work",
    ),
    claims={"interrupted": {"notice": "write"}},
)
def notices_nothing_by_writing(reference: Reference) -> None:
    """The stream drips to its end, whoever is there to see it."""

    class Dripping(interrupted.Dripping):
        def render_GET(self, request: Request) -> int:
            def drip() -> None:
                request.write(interrupted.DRIP)

            def end() -> None:
                dripping.stop()
                self._events.record("done", token(request))
                request.finish()

            self._events.record("start", token(request))
            dripping = LoopingCall(drip)
            dripping.clock = self._reactor
            dripping.start(interrupted.DRIP_INTERVAL)
            self._reactor.callLater(self._delay, end)
            return NOT_DONE_YET

    put_stream(reference, Dripping)
