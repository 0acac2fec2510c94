"""
Mutants of the counter that is stored in the session: whose visits it counts, and which.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from twisted.web.server import NOT_DONE_YET

from reference_impl.session_store import ICounter
from tests.mutants import Reference, mutant, of
from tests.mutants._sessions import COOKIE, show
from tests.mutants._sessions import put as put_sessions
from tests.mutants.session_store import _put

#: Bytes of a Cookie field that are taken.
TAKEN = 2048


def _count(request: Any) -> int:
    counter = ICounter(request.getSession())
    counter.value += 1
    return int(counter.value)


@mutant(*of("session-store", "visits-elsewhere-are-not-counted"))
def counts_all_pages_with_a_session(reference: Reference) -> None:
    """Whoever asks for the session is counted, whatever page that is."""

    def shown(request: Any) -> bytes:
        _count(request)
        return show(request)

    put_sessions(reference, show=shown)


@mutant(*of("session-store", "first-visits-together-are-each-the-first"))
def begins_one_session_at_a_time(reference: Reference) -> None:
    """Who comes while a session is being begun, which takes a moment, is given that one."""
    begun: list[Any] = []

    class Slow(type(reference.page(b"counter"))):  # type: ignore[misc]
        def render_GET(self, request: Any) -> Any:
            if request.received_cookies.get(COOKIE) in reference.site.sessions:
                return super().render_GET(request)
            if not begun:
                begun.append(request.getSession())
                reference.reactor.callLater(0.001, begun.clear)
            else:
                request._insecureSession = begun[0]
                request.addCookie(COOKIE, begun[0].uid, path=b"/")
            reference.reactor.callLater(0.001, self.answer, request)
            return NOT_DONE_YET

        def answer(self, request: Any) -> None:
            request.write(super().render_GET(request))
            request.finish()

    reference.root.putChild(b"counter", Slow())


@mutant(*of("session-store", "a-hundred-visits-are-all-counted"))
def counts_in_two_digits(reference: Reference) -> None:
    """The number is kept as text of two digits: ninety-nine is followed by nothing."""
    _put(reference, lambda request: _count(request) % 100)


@mutant(*of("session-store", "garbage-of-others-spoils-no-count"))
def counts_garbage_together(reference: Reference) -> None:
    """All whose Cookie field holds no session's cookie are counted as one."""
    strangers: Counter[bool] = Counter()

    def count(request: Any) -> int:
        if request.getHeader(b"cookie") and COOKIE not in request.received_cookies:
            strangers[True] += 1
            return strangers[True]
        return _count(request)

    _put(reference, count)


@mutant(*of("session-store", "counting-restarts-after-an-expiry", "an-old-count-does-not-come-back"))
def counts_by_the_cookie(reference: Reference) -> None:
    """The number is kept under the cookie that came, in a table which knows nothing of the session's end."""
    visits: Counter[bytes] = Counter()

    def count(request: Any) -> int:
        uid = request.received_cookies.get(COOKIE) or request.getSession().uid
        visits[uid] += 1
        return visits[uid]

    _put(reference, count)


@mutant(*of("session-store", "long-cookies-beside-it-spoil-no-count"))
def drops_long_cookies(reference: Reference) -> None:
    """A Cookie field of more than 2,048 bytes is dropped without a word."""

    def count(request: Any) -> int:
        if len(request.getHeader(b"cookie") or b"") > TAKEN:
            request.received_cookies.clear()
        return _count(request)

    _put(reference, count)
