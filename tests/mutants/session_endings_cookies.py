"""
Mutants of the page whose sessions are short: what its cookie says, and what is stored.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from reference_impl import session_endings
from tests.mutants import Reference, mutant, of
from tests.mutants._keepers import LONG
from tests.mutants._sessions import COOKIE, Page


class Dated(session_endings.ExpirationLogger):
    """The page, but its cookie says after how many seconds browsers are to forget it."""

    def __init__(self, reference: Reference, seconds: float, idle: float) -> None:
        super().__init__(idle, reference.events)
        self._seconds = b"%d" % seconds

    def render_GET(self, request: Any) -> bytes:
        """Answer as the reference does, and date the cookie if there is one."""
        answer = super().render_GET(request)
        if request.cookies:
            request.cookies.clear()
            request.addCookie(COOKIE, request.getSession().uid, path=b"/", max_age=self._seconds)
        return answer


@mutant(
    *of(
        "session-endings",
        "a-short-pause-keeps-the-session",
        "visiting-keeps-the-session",
        "the-idle-time-counts-from-the-last-visit",
        "each-session-ends-at-its-own-time",
        "a-visited-session-is-not-told-ended",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "a-session-that-follows-an-ended-one-lives-as-long",
    )
)
def lets_the_cookie_go_stale(reference: Reference) -> None:
    """The cookie says Max-Age=2, and the session lives five seconds."""
    reference.root.putChild(b"logme", Dated(reference, 2, reference.settings.idle))


@mutant(*of("session-endings", "visiting-keeps-the-session", "every-schedule-of-visits-ends-each-session-at-its-time"))
def does_not_renew_the_cookie(reference: Reference) -> None:
    """The cookie says Max-Age=5, and is not set again by the visits that keep the session."""
    idle = reference.settings.idle
    reference.root.putChild(b"logme", Dated(reference, idle, idle))


@mutant(
    *of(
        "session-endings",
        "a-long-pause-ends-the-session",
        "what-was-stored-ends-with-the-session",
        "visiting-keeps-the-session",
        "each-session-ends-at-its-own-time",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
        "an-ended-session-comes-back-for-nobody",
        "visits-of-others-keep-no-session",
        "a-session-that-follows-an-ended-one-lives-as-long",
        "many-visits-have-one-ending",
    )
)
def leaves_the_end_to_the_browser(reference: Reference) -> None:
    """The cookie says Max-Age=5, and the server itself ends nothing."""
    reference.root.putChild(b"logme", Dated(reference, reference.settings.idle, LONG))


# What is stored.


@mutant(*of("session-endings", "what-was-stored-ends-with-the-session"))
def counts_visits_to_other_pages(reference: Reference) -> None:
    """Whatever page of the site is visited, it is counted."""
    visits: Counter[bytes] = Counter()

    class Counting(reference.site.requestFactory):  # type: ignore[misc, name-defined]
        def process(self) -> None:
            self.sitepath: list[bytes] = []
            self.site = reference.site
            if self.path not in {b"/events", b"/ping"}:
                visits[self.getSession().uid] += 1
            super().process()

    reference.site.requestFactory = Counting
    reference.root.putChild(b"counter", Page(lambda request: b"Visit #%d for you!" % visits[request.getSession().uid]))
