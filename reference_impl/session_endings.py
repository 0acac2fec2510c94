"""
Session endings: sessions with a short life, and a message when one expires.
"""

from __future__ import annotations

from typing import Callable, Set

from twisted.internet.interfaces import IReactorTime
from twisted.python import log
from twisted.web.resource import Resource
from twisted.web.server import Request, Session, Site

from reference_impl.events import Recorder
from reference_impl.session_basics import shown


def session_factory(reactor: IReactorTime) -> Callable[[Site, bytes], Session]:
    """
    A `Site.sessionFactory` whose sessions live by the given reactor's time.

    Session's default is the global reactor up to Twisted 21.2 and the site's from 21.7 on.
    """
    return lambda site, uid: Session(site, uid, reactor=reactor)


class ExpirationLogger(Resource):
    """
    Records `expire`, with the session's ID, when a session that has been here expires, however it does.

    The first visit makes the session a short one: `idle` seconds.  The tutorial shortens all sessions of its
    site by the class it makes them of; here other pages share the site, and their sessions stay long.
    It answers with the session's ID where the tutorial answers nothing, so that events can be told apart,
    and it logs where the tutorial prints.
    """

    isLeaf = True

    def __init__(self, idle: float, events: Recorder) -> None:
        super().__init__()
        self._idle = idle
        self._events = events
        self.sessions: Set[bytes] = set()

    def render_GET(self, request: Request) -> bytes:
        session = request.getSession()
        if session.uid not in self.sessions:
            self.sessions.add(session.uid)
            session.notifyOnExpire(lambda: self._expired(session.uid))
            session.sessionTimeout = self._idle
            session.touch()
        return shown(session.uid)

    def _expired(self, uid: bytes) -> None:
        log.msg("Session %s has expired." % (uid.decode("ascii"),))
        self.sessions.remove(uid)
        self._events.record("expire", uid.decode("ascii"))
