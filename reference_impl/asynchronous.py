"""
Asynchronous responses: the page answers after a delay, and meanwhile the server serves others.
"""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.events import Recorder, token

SORRY = b"<html><body>Sorry to keep you waiting.</body></html>"


class DelayedResource(Resource):
    """
    Records `start` when asked and `done` when it answers, `delay` seconds later, client or no client.
    """

    def __init__(self, reactor: IReactorTime, delay: float, events: Recorder) -> None:
        super().__init__()
        self._reactor = reactor
        self._delay = delay
        self._events = events

    def _delayedRender(self, request: Request) -> None:
        self._events.record("done", token(request))
        request.write(SORRY)
        request.finish()

    def render_GET(self, request: Request) -> int:
        self._events.record("start", token(request))
        self._reactor.callLater(self._delay, self._delayedRender, request)
        return NOT_DONE_YET
