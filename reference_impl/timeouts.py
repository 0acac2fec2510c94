"""
Setting timeouts, after the recipe: a delayed call gives up on the work unless the work cancels it first.

The recipe as printed does not run: its `getDummyDeferred` returns nothing and `getTimeoutCancelFunction` is
called without its argument.  The structure and the names are the recipe's.
"""

from __future__ import annotations

import math
from typing import Callable, List, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.events import Recorder, token

T = TypeVar("T")


class WorkFailed(Exception):
    """
    The work came to its own bad end.
    """


def getTimeoutCancelFunction(delayedCall: IDelayedCall) -> Callable[[T], T]:
    """
    A callback that cancels `delayedCall` if it is still to come, and passes its result on.
    """

    def cancelTimeout(deferredResult: T) -> T:
        if delayedCall.active():
            delayedCall.cancel()
        return deferredResult

    return cancelTimeout


class TimeoutResource(Resource):
    """
    Works for `s` seconds; answers 200 if that is less than `after`, else 504 at `after`; 400 without a usable `s`.

    With `fail=1` the work fails at `s` and the answer is 500.  The abandoned work is cancelled, as it also is
    when the client leaves.  Events: `start`; then one of `done`, `timeout`, `cancel`, or none for work that failed.
    """

    isLeaf = True

    def __init__(self, reactor: IReactorTime, after: float, events: Recorder) -> None:
        super().__init__()
        self._reactor = reactor
        self._after = after
        self._events = events

    def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
        d: Deferred[bytes] = Deferred(lambda _: call.cancel())

        def end() -> None:
            if fails:
                d.errback(Failure(WorkFailed("after %s seconds" % (seconds,))))
            else:
                self._events.record("done", id)
                d.callback(b"RESULT after %r seconds\n" % (seconds,))

        call = self._reactor.callLater(seconds, end)
        return d

    def _timeoutHandler(self, d: Deferred[bytes], id: str) -> None:
        self._events.record("timeout", id)
        d.cancel()

    def render_GET(self, request: Request) -> object:
        request.setHeader(b"content-type", b"text/plain")
        id = token(request)
        arguments = request.args or {}
        try:
            seconds = _seconds(arguments.get(b"s", []))
        except ValueError:
            request.setResponseCode(400)
            return b"s is the number of seconds that the work takes\n"

        self._events.record("start", id)
        d = self._work(seconds, id, fails=arguments.get(b"fail", [b"0"])[0] == b"1")
        delayedCall = self._reactor.callLater(self._after, self._timeoutHandler, d, id)
        d.addBoth(getTimeoutCancelFunction(delayedCall))
        gone = request.notifyFinish()
        gone.addErrback(self._left, d, id)
        d.addErrback(self._explain, request)
        d.addCallback(self._answer, request, gone)
        return NOT_DONE_YET

    def _left(self, failure: Failure, d: Deferred[bytes], id: str) -> None:
        self._events.record("cancel", id)
        d.cancel()

    def _explain(self, failure: Failure, request: Request) -> bytes:
        if failure.check(CancelledError):
            request.setResponseCode(504)
            return b"Timeout occurred\n"
        failure.trap(WorkFailed)
        request.setResponseCode(500)
        return b"The work failed %s\n" % (failure.getErrorMessage().encode("ascii"),)

    def _answer(self, body: bytes, request: Request, gone: Deferred[None]) -> None:
        if gone.called:
            return
        request.setHeader(b"content-length", b"%d" % (len(body),))
        request.write(body)
        request.finish()


def _seconds(values: List[bytes]) -> float:
    seconds = float(values[0]) if values else math.nan
    if not 0 <= seconds < math.inf:
        raise ValueError(seconds)
    return seconds
