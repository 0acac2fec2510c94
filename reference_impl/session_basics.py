"""
Session basics: a page that shows your session's ID, and one that expires it.
"""

from __future__ import annotations

from twisted.web.resource import Resource
from twisted.web.server import Request


def shown(uid: bytes) -> bytes:
    """
    The sentence that tells visitors their session's ID.
    """
    return b"Your session id is: " + uid


class ShowSession(Resource):
    """
    Shows the ID; a visitor without a session gets one.
    """

    def render_GET(self, request: Request) -> bytes:
        return shown(request.getSession().uid)


class ExpireSession(Resource):
    """
    Expires the session now.  A visitor without one gets one that is expired already.
    """

    def render_GET(self, request: Request) -> bytes:
        request.getSession().expire()
        return b"Your session has been expired."


def page() -> Resource:
    """
    The shown session, with `expire` below it.
    """
    resource = ShowSession()
    resource.putChild(b"expire", ExpireSession())
    return resource
