"""
Interrupted responses: a client that leaves cancels the work, and nothing is logged.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import asynchronous
from reference_impl.events import Recorder, token

DRIP_INTERVAL = 0.1  # seconds: a tenth of the shortest `within` anybody has claimed
DRIP = b"drip\n"


class DelayedResource(asynchronous.DelayedResource):
    """
    The delayed page again; leaving before the answer records `cancel` and takes the answer off the timer.

    Children: `stream` drips for as long, `done` says whether the work of an id was completed.
    """

    def __init__(self, reactor: IReactorTime, delay: float, events: Recorder) -> None:
        super().__init__(reactor, delay, events)
        self.putChild(b"stream", Dripping(reactor, delay, events))
        self.putChild(b"done", Done(events))

    def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
        call.cancel()
        self._events.record("cancel", id)

    def render_GET(self, request: Request) -> int:
        self._events.record("start", token(request))
        call = self._reactor.callLater(self._delay, self._delayedRender, request)
        request.notifyFinish().addErrback(self._responseFailed, call, token(request))
        return NOT_DONE_YET


class Dripping(Resource):
    """
    Writes a line every `DRIP_INTERVAL` for `delay` seconds: for servers that notice leaving when they write.
    """

    isLeaf = True

    def __init__(self, reactor: IReactorTime, delay: float, events: Recorder) -> None:
        super().__init__()
        self._reactor = reactor
        self._delay = delay
        self._events = events

    def render_GET(self, request: Request) -> int:
        id = token(request)
        ends = self._reactor.seconds() + self._delay

        def drip() -> None:
            if self._reactor.seconds() < ends:
                request.write(DRIP)
                return
            dripping.stop()
            self._events.record("done", id)
            request.finish()

        def left(failure: Failure) -> None:
            dripping.stop()
            self._events.record("cancel", id)

        self._events.record("start", id)
        request.setHeader(b"content-type", b"text/plain")
        dripping = LoopingCall(drip)
        dripping.clock = self._reactor
        request.notifyFinish().addErrback(left)
        dripping.start(DRIP_INTERVAL)
        return NOT_DONE_YET


class Done(Resource):
    """
    Answers `true` once the work of the `id` in the query was completed, else `false`.
    """

    isLeaf = True

    def __init__(self, events: Recorder) -> None:
        super().__init__()
        self._events = events

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"text/plain")
        return b"true" if self._events.has("done", token(request)) else b"false"
