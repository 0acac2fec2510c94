"""
Mutants of the session page: how long a session lives that nobody has given another lifetime.
"""

from __future__ import annotations

from typing import Any

from twisted.web.server import Session

from tests.mutants import Reference, mutant, of
from tests.mutants._sessions import COOKIE, put, show


def _live(reference: Reference, seconds: float) -> None:
    """Give sessions another default lifetime."""
    lasting = type("Lasting", (Session,), {"sessionTimeout": seconds})
    reference.site.sessionFactory = lambda site, uid: lasting(site, uid, reactor=reference.reactor)


@mutant(*of("session-basics", "an-unvisited-session-lives-its-lifetime"))
def lives_a_second_less(reference: Reference) -> None:
    """The default lifetime is 899 seconds."""
    _live(reference, 899)


@mutant(*of("session-basics", "an-unvisited-session-ends-with-its-lifetime"))
def lives_a_second_more(reference: Reference) -> None:
    """The default lifetime is 901 seconds."""
    _live(reference, 901)


@mutant(*of("session-basics", "an-unvisited-session-lives-its-lifetime"))
def takes_its_minutes_for_seconds(reference: Reference) -> None:
    """The default lifetime is a setting in minutes, which is used as seconds."""
    _live(reference, 15)


@mutant(*of("session-basics", "an-unvisited-session-ends-with-its-lifetime"))
def takes_its_seconds_for_minutes(reference: Reference) -> None:
    """The default lifetime is a setting in seconds, which is used as minutes."""
    _live(reference, 900 * 60)


@mutant(*of("session-basics", "an-unvisited-session-lives-its-lifetime"))
def dies_a_millisecond_early(reference: Reference) -> None:
    """The default lifetime is a millisecond short of 900 seconds."""
    _live(reference, 899.999)


@mutant(*of("session-basics", "an-unvisited-session-lives-its-lifetime"))
def lets_the_cookie_go_stale(reference: Reference) -> None:
    """The session lives 900 seconds, but its cookie says Max-Age=600."""

    def shorter(request: Any) -> bytes:
        answer = show(request)
        if request.cookies:
            request.cookies.clear()
            request.addCookie(COOKIE, request.getSession().uid, path=b"/", max_age=b"600")
        return answer

    put(reference, show=shorter)


class Unwatched(Session):
    """A session that nothing ends while it has the default lifetime."""

    def startCheckingExpiration(self) -> None:  # noqa: N802 - Twisted's name
        """Do not."""

    def touch(self) -> None:
        """Watch a session that has been given another lifetime."""
        if self.sessionTimeout != Session.sessionTimeout and self._expireCall is None:
            super().startCheckingExpiration()
        super().touch()


def _sweep(reference: Reference, every: float, least: float) -> None:
    """End sessions of the default lifetime every so many seconds, if nobody has visited them for at least so long."""
    now = reference.reactor.seconds

    def sweep() -> None:
        for session in list(reference.site.sessions.values()):
            if session.sessionTimeout == Session.sessionTimeout and now() - session.lastModified >= least:
                session.expire()
        reference.reactor.callLater(every, sweep)

    reference.site.sessionFactory = lambda site, uid: Unwatched(site, uid, reactor=reference.reactor)
    reference.reactor.callLater(every, sweep)


@mutant(*of("session-basics", "an-unvisited-session-ends-with-its-lifetime"))
def never_ends_unless_it_is_ended(reference: Reference) -> None:
    """Nothing ends sessions by itself but on the page that makes them short."""
    reference.site.sessionFactory = lambda site, uid: Unwatched(site, uid, reactor=reference.reactor)


@mutant(*of("session-basics", "an-unvisited-session-ends-with-its-lifetime"))
def sweeps_every_minute(reference: Reference) -> None:
    """Once a minute those sessions end that nobody has visited for 900 seconds."""
    _sweep(reference, 60, 900)


@mutant(*of("session-basics", "an-unvisited-session-lives-its-lifetime"))
def clears_the_table_every_quarter_of_an_hour(reference: Reference) -> None:
    """Once in 900 seconds all sessions end, however old they are."""
    _sweep(reference, 900, 0)
