"""
Mutants of the counter that is stored in the session.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.web.server import NOT_DONE_YET

from tests.mutants import Reference, mutant, of
from tests.mutants._sessions import COOKIE, Page


def _put(reference: Reference, count: Callable[[Any], int]) -> None:
    """Put a counter that shows these numbers in the place of the right one."""
    reference.root.putChild(b"counter", Page(lambda request: b"Visit #%d for you!" % count(request)))


def _by(reference: Reference, key: Callable[[Any], object], first: int = 1, step: int = 1) -> None:
    """Count those visits together that have the same key."""
    visits: Counter[object] = Counter()

    def count(request: Any) -> int:
        who = key(request)
        visits[who] += 1
        return first + (visits[who] - 1) * step

    _put(reference, count)


@mutant(
    *of(
        "session-store",
        "a-visit-without-the-cookie-is-the-first",
        "each-session-counts-for-itself",
        "counting-restarts-after-an-expiry",
        "first-visits-together-are-each-the-first",
        "garbage-of-others-spoils-no-count",
        "an-old-count-does-not-come-back",
    ),
    *of("session-endings", "what-was-stored-ends-with-the-session"),
)
def counts_for_the_whole_server(reference: Reference) -> None:
    """The counter is an attribute of the page: one for all sessions."""
    _by(reference, lambda request: request.getSession().site)


@mutant(
    *of(
        "session-store",
        "visits-are-counted",
        "each-session-counts-for-itself",
        "counting-restarts-after-an-expiry",
        "parallel-visits-are-all-counted",
        "visits-elsewhere-are-not-counted",
        "first-visits-together-are-each-the-first",
        "garbage-of-others-spoils-no-count",
        "an-old-count-does-not-come-back",
        "long-cookies-beside-it-spoil-no-count",
    ),
    *of("session-endings", "what-was-stored-ends-with-the-session"),
)
def counts_for_the_connection(reference: Reference) -> None:
    """The counter is an attribute of the connection."""
    _by(reference, lambda request: request.getSession() and request.channel)


@mutant(
    *of(
        "session-store",
        "visits-are-counted",
        "a-visit-without-the-cookie-is-the-first",
        "each-session-counts-for-itself",
        "counting-restarts-after-an-expiry",
        "visits-elsewhere-are-not-counted",
        "first-visits-together-are-each-the-first",
        "a-hundred-visits-are-all-counted",
        "garbage-of-others-spoils-no-count",
        "an-old-count-does-not-come-back",
        "long-cookies-beside-it-spoil-no-count",
    ),
    *of("session-endings", "what-was-stored-ends-with-the-session"),
)
def counts_from_nought(reference: Reference) -> None:
    """The number is shown before it is counted up."""
    _by(reference, lambda request: request.getSession().uid, first=0)


@mutant(
    *of(
        "session-store",
        "visits-are-counted",
        "each-session-counts-for-itself",
        "counting-restarts-after-an-expiry",
        "parallel-visits-are-all-counted",
        "visits-elsewhere-are-not-counted",
        "first-visits-together-are-each-the-first",
        "a-hundred-visits-are-all-counted",
        "garbage-of-others-spoils-no-count",
        "an-old-count-does-not-come-back",
        "long-cookies-beside-it-spoil-no-count",
    ),
    *of("session-endings", "what-was-stored-ends-with-the-session"),
)
def counts_later_visits_twice(reference: Reference) -> None:
    """Each visit but the first is counted when the session is found, and again when the page is rendered."""
    _by(reference, lambda request: request.getSession().uid, step=2)


@mutant(
    *of(
        "session-store",
        "visits-are-counted",
        "a-visit-without-the-cookie-is-the-first",
        "each-session-counts-for-itself",
        "counting-restarts-after-an-expiry",
        "parallel-visits-are-all-counted",
        "visits-elsewhere-are-not-counted",
        "first-visits-together-are-each-the-first",
        "a-hundred-visits-are-all-counted",
        "garbage-of-others-spoils-no-count",
        "an-old-count-does-not-come-back",
        "long-cookies-beside-it-spoil-no-count",
    )
)
def counts_strangers_by_their_address(reference: Reference) -> None:
    """Visits without a cookie are counted together, by the client's address."""

    def who(request: Any) -> object:
        known = request.getCookie(COOKIE)
        uid = request.getSession().uid
        return uid if known else request.getClientAddress().host

    _by(reference, who)


@mutant(
    *of(
        "session-store",
        "visits-are-counted",
        "each-session-counts-for-itself",
        "counting-restarts-after-an-expiry",
        "parallel-visits-are-all-counted",
        "visits-elsewhere-are-not-counted",
        "first-visits-together-are-each-the-first",
        "a-hundred-visits-are-all-counted",
        "garbage-of-others-spoils-no-count",
        "an-old-count-does-not-come-back",
        "long-cookies-beside-it-spoil-no-count",
    )
)
def does_not_count_before_the_cookie_comes_back(reference: Reference) -> None:
    """A session is counted from the first visit on that brings its cookie; until then it is at its first."""
    visits: Counter[bytes] = Counter()

    def count(request: Any) -> int:
        uid = request.getSession().uid
        if request.cookies:
            return 1
        visits[uid] += 1
        return visits[uid]

    _put(reference, count)


@mutant(*of("session-store", "each-session-counts-for-itself", "first-visits-together-are-each-the-first"))
def counts_for_whoever_began_last(reference: Reference) -> None:
    """The counter of a new session is kept in an attribute of the page, where all later visits find it."""
    began: set[bytes] = set()
    visits = 0

    def count(request: Any) -> int:
        nonlocal visits
        uid = request.getSession().uid
        visits = 1 if uid not in began else visits + 1
        began.add(uid)
        return visits

    _put(reference, count)


@mutant(
    *of("session-store", "counting-restarts-after-an-expiry", "an-old-count-does-not-come-back"),
    *of("session-endings", "what-was-stored-ends-with-the-session"),
)
def hands_the_count_to_the_next_session(reference: Reference) -> None:
    """Whoever comes with the cookie of a session that is over has its count moved to the new one."""
    visits: Counter[bytes] = Counter()

    def count(request: Any) -> int:
        old, uid = request.getCookie(COOKIE), request.getSession().uid
        if old is not None and old != uid:
            visits[uid] += visits.pop(old, 0)
        visits[uid] += 1
        return visits[uid]

    _put(reference, count)


@mutant(*of("session-store", "parallel-visits-are-all-counted"))
def writes_back_a_moment_later(reference: Reference) -> None:
    """The count is read, and written back a hundredth of a second later: what others have counted meanwhile is lost."""
    visits: Counter[bytes] = Counter()

    def written(request: Any, uid: bytes, number: int) -> None:
        visits[uid] = number
        request.write(b"Visit #%d for you!" % number)
        request.finish()

    def count(request: Any) -> object:
        uid = request.getSession().uid
        reference.reactor.callLater(0.01, written, request, uid, visits[uid] + 1)
        return NOT_DONE_YET

    reference.root.putChild(b"counter", Page(count))


@mutant(*of("session-store", "parallel-visits-are-all-counted"))
def turns_away_who_comes_meanwhile(reference: Reference) -> None:
    """Counting takes a hundredth of a second, in which other visits of the session are answered with 503."""
    visits: Counter[bytes] = Counter()
    busy: set[bytes] = set()

    def counted(request: Any, uid: bytes) -> None:
        busy.remove(uid)
        visits[uid] += 1
        request.write(b"Visit #%d for you!" % visits[uid])
        request.finish()

    def count(request: Any) -> object:
        uid = request.getSession().uid
        if uid in busy:
            request.setResponseCode(503)
            return b"busy"
        busy.add(uid)
        reference.reactor.callLater(0.01, counted, request, uid)
        return NOT_DONE_YET

    reference.root.putChild(b"counter", Page(count))
