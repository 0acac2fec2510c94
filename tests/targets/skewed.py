"""
The pages that take time, by timers that are wrong: too early or too late, or that fire never or twice.

Each server is a factory, `skewed:early` for one; all share the profile `skewed.toml`, which says what `right` does.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

import math
from typing import Any

from twisted.internet.base import DelayedCall
from twisted.python.failure import Failure
from twisted.web.server import Session, Site

from reference_impl import (
    asynchronous,
    asynchronous_deferred,
    http_auth,
    interrupted,
    logging_errors,
    session_endings,
    site,
    timeouts,
)
from reference_impl.events import Recorder, shared_file
from reference_impl.repairs.digest import DigestFactory
from reference_impl.settings import Settings

#: What `skewed.toml` says.  A nonce is asked about 1.1 s after its lifetime, so that a fifth of that must be more.
PROMISED = Settings(delay=2.0, idle=3.0, after=2.0, nonce_lifetime=10.0)

#: Seconds in which it is told that a client has left, a little less than the profile's `within`.
NOTICE = 1.25

#: The moments at which a timer fires, as parts of its delay.  Early is by more than a fifth: just then a session is
#: visited that must be alive, and chance would say which comes first.
RIGHT: tuple[float, ...] = (1.0,)
EARLY = (0.75,)
LATE = (1.2,)
NEVER = ()
TWICE = (1.0, 1.0)
AGAIN = (1.0, 1.3)


class Timer:
    """
    What stands for one delayed call where there may be none or two.

    It is active until the first has fired: whoever asked for one knows of no other.
    """

    def __init__(self, calls: list[tuple[float, DelayedCall]]) -> None:
        self._calls = calls

    def active(self) -> bool:
        """Whether it has not fired yet."""
        return all(call.active() for _, call in self._calls)

    def cancel(self) -> None:
        """Call off what is still to come."""
        for _, call in self._calls:
            if call.active():
                call.cancel()

    def reset(self, seconds: float) -> None:
        """Begin again, with a delay of `seconds`."""
        for part, call in self._calls:
            call.reset(part * seconds)


class Timers:
    """A reactor that tells the right time, but fires at the wrong moments."""

    def __init__(self, reactor: Any, moments: tuple[float, ...]) -> None:
        self._reactor = reactor
        self._moments = moments

    def seconds(self) -> float:
        """The time."""
        return float(self._reactor.seconds())

    def callLater(self, seconds: float, call: Any, *args: Any, **keywords: Any) -> Timer:
        """See Twisted's `IReactorTime`."""
        return Timer(
            [(part, self._reactor.callLater(part * seconds, call, *args, **keywords)) for part in self._moments]
        )


class _Telling:
    """Stops its work at once when a client leaves, and tells of it only after a while."""

    def _responseFailed(self, failure: Failure, call: Timer, id: str) -> None:
        call.cancel()
        self._reactor.callLater(NOTICE, super()._responseFailed, failure, call, id)  # type: ignore[attr-defined]


class Interrupted(_Telling, interrupted.DelayedResource):
    """The interrupted page, slow to tell."""


class LoggingErrors(_Telling, logging_errors.DelayedResource):
    """The same, with its line in the log."""


class RepeatableSession(Session):
    """A session that ends as often as its timer fires, where Twisted's own breaks at the second time."""

    def expire(self) -> None:
        """End, and tell whoever was told before."""
        self.site.sessions[self.uid] = self
        told = self.expireCallbacks
        super().expire()
        self.expireCallbacks = told


class ExpirationLogger(session_endings.ExpirationLogger):
    """Records each of these endings."""

    def _expired(self, uid: bytes) -> None:
        self.sessions.add(uid)
        super()._expired(uid)


def build(reactor: Any, moments: tuple[float, ...]) -> Site:
    """The reference, with timers that fire at these parts of their delays."""
    timers: Any = Timers(reactor, moments)
    events = Recorder(reactor, shared_file())
    built = site.build(reactor, PROMISED, recorder=events)
    root: Any = built.resource

    root.putChild(b"asynchronous", asynchronous.DelayedResource(timers, PROMISED.delay, events))
    root.putChild(b"asynchronous-deferred", asynchronous_deferred.DelayedResource(timers, PROMISED.delay, events))
    root.putChild(b"interrupted", Interrupted(timers, PROMISED.delay, events))
    root.putChild(b"logging-errors", LoggingErrors(timers, PROMISED.delay, events))

    root.putChild(b"logme", ExpirationLogger(PROMISED.idle, events))
    built.sessionFactory = lambda of, uid: RepeatableSession(of, uid, reactor=timers)  # type: ignore[assignment]

    # Only giving up is skewed: the work takes as long as whoever asks for it says.
    given_up = timeouts.TimeoutResource(timers, PROMISED.after, events)
    given_up._work = timeouts.TimeoutResource(reactor, PROMISED.after, events)._work  # type: ignore[method-assign]
    root.putChild(b"timeouts", given_up)

    # A nonce has an age and no timer: it is dead from the first moment on, and cannot die twice.
    lives = PROMISED.nonce_lifetime * min(moments, default=math.inf)
    root.children[b"auth"].putChild(b"digest-short", http_auth.page(DigestFactory(reactor, lives), events))
    return built


def right(reactor: Any) -> Site:
    """Keeps what it promises."""
    return build(reactor, RIGHT)


def early(reactor: Any) -> Site:
    """Does everything a quarter of its time too early."""
    return build(reactor, EARLY)


def late(reactor: Any) -> Site:
    """Does everything a fifth of its time too late."""
    return build(reactor, LATE)


def never(reactor: Any) -> Site:
    """Forgets whatever was to happen later."""
    return build(reactor, NEVER)


def twice(reactor: Any) -> Site:
    """Does everything twice, at its time."""
    return build(reactor, TWICE)


def again(reactor: Any) -> Site:
    """Does everything at its time, and three tenths of it later again."""
    return build(reactor, AGAIN)
