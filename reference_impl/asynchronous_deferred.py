"""
Asynchronous responses (via Deferred): what `asynchronous` does, told as a Deferred.
"""

from __future__ import annotations

from twisted.internet.task import deferLater
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import asynchronous
from reference_impl.events import token


class DelayedResource(asynchronous.DelayedResource):
    """
    The same page, waiting with `deferLater` instead of `callLater`.
    """

    def render_GET(self, request: Request) -> int:
        self._events.record("start", token(request))
        d = deferLater(self._reactor, self._delay, lambda: request)
        d.addCallback(self._delayedRender)
        return NOT_DONE_YET
