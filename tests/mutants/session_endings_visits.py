"""
Mutants of the page whose sessions are short: what others do to a session, and what comes after its end.
"""

from __future__ import annotations

from typing import Any

from twisted.web.server import Request

from reference_impl import session_endings
from tests.mutants import Reference, mutant, of
from tests.mutants._sessions import COOKIE


def _put(reference: Reference, page: type[session_endings.ExpirationLogger]) -> None:
    reference.root.putChild(b"logme", page(reference.settings.idle, reference.events))


@mutant(*of("session-endings", "an-ended-session-comes-back-for-nobody"))
def brings_an_ended_session_back(reference: Reference) -> None:
    """The first who comes with the cookie of a session that is over is given a new one; then it is there again."""
    site = reference.site
    known: set[bytes] = set()

    class Page(session_endings.ExpirationLogger):
        def render_GET(self, request: Any) -> bytes:
            old = request.received_cookies.get(COOKIE)
            answer = super().render_GET(request)
            known.add(request.getSession().uid)
            if old in known and old not in site.sessions:
                session = site.sessions[old] = site.sessionFactory(site, old)
                session.startCheckingExpiration()
            return answer

    _put(reference, Page)


@mutant(
    *of(
        "session-endings",
        "each-session-ends-at-its-own-time",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
        "visits-of-others-keep-no-session",
    )
)
def keeps_all_sessions_with_one(reference: Reference) -> None:
    """Each visit puts the end of all sessions off."""

    class Page(session_endings.ExpirationLogger):
        def render_GET(self, request: Request) -> bytes:
            for session in list(reference.site.sessions.values()):
                session.touch()
            return super().render_GET(request)

    _put(reference, Page)


@mutant(
    *of(
        "session-endings",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "a-session-that-follows-an-ended-one-lives-as-long",
    )
)
def gives_who_comes_back_less(reference: Reference) -> None:
    """Who comes with the cookie of a session that is over is given one of half the time."""

    class Page(session_endings.ExpirationLogger):
        def render_GET(self, request: Any) -> bytes:
            old, whole = request.received_cookies.get(COOKIE), self._idle
            if old is not None and old not in reference.site.sessions:
                self._idle = whole / 2
            answer = super().render_GET(request)
            self._idle = whole
            return answer

    _put(reference, Page)


@mutant(*of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time", "many-visits-have-one-ending"))
def tells_the_end_once_for_each_third_visit(reference: Reference) -> None:
    """The callback is added again with every third visit: who visits often is told ended often."""

    class Page(session_endings.ExpirationLogger):
        def render_GET(self, request: Any) -> bytes:
            answer = super().render_GET(request)
            session = request.getSession()
            session.visits = getattr(session, "visits", 0) + 1
            if session.visits % 3 == 0:
                uid = session.uid.decode("ascii")
                session.notifyOnExpire(lambda: self._events.record("expire", uid))
            return answer

    _put(reference, Page)
