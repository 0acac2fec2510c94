"""
Mutants of the page that ends a session: whose, and whether it stays ended.
"""

from __future__ import annotations

from typing import Any

from tests.mutants import Reference, mutant, of
from tests.mutants._sessions import COOKIE, expire, identify, put, show, taken_back


@mutant(
    *of(
        "session-basics",
        "expiring-gives-a-new-id",
        "expiring-mine-leaves-yours",
        "expiring-twice-does-no-harm",
        "an-expired-cookie-stays-dead",
        "an-ended-session-comes-back-for-nobody",
    ),
    *of("session-store", "counting-restarts-after-an-expiry", "an-old-count-does-not-come-back"),
    *of("session-endings", "an-explicit-ending-is-told-once", "every-schedule-of-visits-ends-each-session-at-its-time"),
)
def takes_a_cookie_of_another_path_back(reference: Reference) -> None:
    """Expiring only takes the cookie back, and with another path than that by which it was set."""
    put(reference, expire=taken_back(lambda _: b"over", b"/session"))


@mutant(
    *of("session-basics", "an-expired-cookie-stays-dead"), *of("session-endings", "an-explicit-ending-is-told-once")
)
def takes_only_the_cookie_back(reference: Reference) -> None:
    """Expiring takes the cookie back, but the session lives on for whoever has a copy of it."""
    put(reference, expire=taken_back(lambda _: b"over"))


@mutant(
    *of(
        "session-basics",
        "expiring-gives-a-new-id",
        "expiring-mine-leaves-yours",
        "expiring-twice-does-no-harm",
        "an-expired-cookie-stays-dead",
        "an-ended-session-comes-back-for-nobody",
    ),
    *of("session-store", "counting-restarts-after-an-expiry", "an-old-count-does-not-come-back"),
    *of("session-endings", "an-explicit-ending-is-told-once", "every-schedule-of-visits-ends-each-session-at-its-time"),
)
def expires_at_the_next_sweep(reference: Reference) -> None:
    """Expiring marks the session, and what is marked ends a tenth of a second later."""

    def marked(request: Any) -> bytes:
        session = request.getSession()
        reference.reactor.callLater(0.1, lambda: session.uid in reference.site.sessions and session.expire())
        return b"over"

    put(reference, expire=marked)


@mutant(*of("session-basics", "the-id-after-an-expiry-stays", "each-cookie-is-set-once"))
def takes_the_new_cookie_back_with_the_old_one(reference: Reference) -> None:
    """Who brings the cookie of an ended session is given a new one, which in the same answer is emptied again."""

    def replaced(request: Any) -> bytes:
        answer = show(request)
        if request.getCookie(COOKIE) and request.cookies:
            request.addCookie(COOKIE, b"", path=b"/")
        return answer

    put(reference, show=replaced)


@mutant(
    *of("session-basics", "expiring-mine-leaves-yours"),
    *of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"),
)
def expires_everybody(reference: Reference) -> None:
    """Expiring empties the table of sessions."""

    def all_of_them(request: Any) -> bytes:
        request.getSession()
        for session in list(reference.site.sessions.values()):
            session.expire()
        return b"over"

    put(reference, expire=all_of_them)


@mutant(
    *of("session-basics", "expiring-mine-leaves-yours"),
    *of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"),
)
def expires_whoever_began_last(reference: Reference) -> None:
    """Expiring ends the session that was made last, be it mine or not."""

    def the_last(request: Any) -> bytes:
        request.getSession()
        list(reference.site.sessions.values())[-1].expire()
        return b"over"

    put(reference, expire=the_last)


@mutant(*of("session-basics", "expiring-twice-does-no-harm"))
def fails_to_expire_what_is_not_there(reference: Reference) -> None:
    """Expiring looks the session up, and breaks where there is none."""

    def looked_up(request: Any) -> bytes:
        reference.site.sessions[request.getCookie(COOKIE)].expire()
        return b"over"

    put(reference, expire=looked_up)


@mutant(*of("session-basics", "an-expired-cookie-stays-dead"))
def brings_an_expired_session_back(reference: Reference) -> None:
    """Expiring puts the session aside, and whoever still has its cookie gets it back."""
    aside: dict[bytes, Any] = {}

    def put_aside(request: Any) -> bytes:
        session = request.getSession()
        aside[session.uid] = session
        return expire(request)

    def brought_back(request: Any) -> bytes:
        uid = request.getCookie(COOKIE)
        if uid in aside:
            session = reference.site.sessions[uid] = aside.pop(uid)
            session.startCheckingExpiration()
        return show(request)

    put(reference, show=brought_back, expire=taken_back(put_aside))


@mutant(
    *of(
        "session-basics",
        "expiring-gives-a-new-id",
        "expiring-mine-leaves-yours",
        "expiring-twice-does-no-harm",
        "an-expired-cookie-stays-dead",
        "an-ended-session-comes-back-for-nobody",
    ),
    *of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"),
)
def gives_an_expired_id_out_again(reference: Reference) -> None:
    """IDs that have become free are given to the next who come."""
    free: list[bytes] = []
    usual = reference.site._mkuid

    def freed(request: Any) -> bytes:
        free.append(request.getSession().uid)
        return expire(request)

    identify(reference, lambda: free.pop() if free else usual())
    put(reference, expire=taken_back(freed))
