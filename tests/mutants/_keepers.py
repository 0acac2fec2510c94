"""
What the mutants of short sessions have in common: a page that ends them itself, and one that tells their ends itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_impl import session_endings
from tests.mutants import Reference

#: Seconds that no spec waits for.
LONG = 10**6


class Keeper(session_endings.ExpirationLogger):
    """The page, but what a visit does about its session's end is up to `visited`."""

    def __init__(self, reference: Reference, visited: Callable[[Keeper, bytes], object]) -> None:
        super().__init__(LONG, reference.events)
        self.reactor = reference.reactor
        self.idle = reference.settings.idle
        self._site = reference.site
        self._visited = visited
        self._timers: dict[bytes, Any] = {}
        #: When each session began, in this order.
        self.began: dict[bytes, float] = {}

    def render_GET(self, request: Any) -> bytes:
        """Answer as the reference does, and then see to the session's end."""
        answer = super().render_GET(request)
        uid = request.getSession().uid
        self.began.setdefault(uid, self.reactor.seconds())
        self._visited(self, uid)
        return answer

    def is_new(self, uid: bytes) -> bool:
        """Whether it is the session's first visit, as long as nothing has been seen to."""
        return uid not in self._timers

    def end_in(self, seconds: float, uid: bytes) -> None:
        """End a session in so many seconds, and not when it was to end."""
        self.keep(uid)
        self._timers[uid] = self.reactor.callLater(seconds, self.end, uid)

    def keep(self, uid: bytes) -> None:
        """Do not end a session when it was to end."""
        timer = self._timers.get(uid)
        if timer is not None and timer.active():
            timer.cancel()

    def end(self, uid: bytes) -> None:
        """End a session now, if there still is one."""
        if uid in self._site.sessions:
            self._site.sessions[uid].expire()

    def _expired(self, uid: bytes) -> None:
        super()._expired(uid)
        self.keep(uid)
        del self.began[uid]


def keep(reference: Reference, visited: Callable[[Keeper, bytes], object]) -> None:
    """Put a page in the place of the right one that does this about its sessions' ends."""
    reference.root.putChild(b"logme", Keeper(reference, visited))


class Teller(session_endings.ExpirationLogger):
    """The page, but what is done when a session ends is up to `tell`, and what at a visit to `visited`."""

    def __init__(
        self,
        reference: Reference,
        tell: Callable[[Teller, bytes], object] = lambda _teller, _uid: None,
        visited: Callable[[Teller, Any], object] = lambda _teller, _request: None,
    ) -> None:
        super().__init__(reference.settings.idle, reference.events)
        self.reactor = reference.reactor
        self.idle = reference.settings.idle
        self.site = reference.site
        self._tell = tell
        self._visited = visited
        self._timers: dict[bytes, Any] = {}

    def render_GET(self, request: Any) -> bytes:
        """Answer as the reference does, and do what is to be done at a visit."""
        answer = super().render_GET(request)
        self._visited(self, request)
        return answer

    def _expired(self, uid: bytes) -> None:
        self.sessions.discard(uid)
        self._tell(self, uid)

    def record(self, uid: bytes) -> None:
        """Tell of an end now."""
        self._events.record("expire", uid.decode("ascii"))

    def record_in(self, seconds: float, uid: bytes) -> None:
        """Tell of an end in so many seconds, and not when it was to be told."""
        timer = self._timers.get(uid)
        if timer is not None and timer.active():
            timer.cancel()
        self._timers[uid] = self.reactor.callLater(seconds, self.record, uid)


def tell_by(reference: Reference, *what: Any, **named: Any) -> None:
    """Put a page in the place of the right one that tells its sessions' ends like this."""
    reference.root.putChild(b"logme", Teller(reference, *what, **named))
