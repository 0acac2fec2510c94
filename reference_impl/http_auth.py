"""
HTTP authentication: every user's own page, behind basic or digest authentication.
"""

from __future__ import annotations

import os
from typing import Callable, Tuple, Type, Union

from twisted.cred import credentials
from twisted.cred.checkers import FilePasswordDB
from twisted.cred.portal import IRealm, Portal
from twisted.internet.interfaces import IReactorTime
from twisted.web.guard import DigestCredentialFactory, HTTPAuthSessionWrapper
from twisted.web.iweb import ICredentialFactory
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request
from zope.interface import Interface, implementer

from reference_impl.events import Recorder

REALM = b"web60"
PASSWORDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "httpd.password")


class Home(Resource):
    """
    What one user sees, and nobody else: their name.
    """

    isLeaf = True

    def __init__(self, user: str) -> None:
        super().__init__()
        self._user = user

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        return ("This is the home of %s.\n" % (self._user,)).encode("utf-8")


@implementer(IRealm)
class HomeRealm:
    """
    Gives every user a home; the logout, at the end of each request, is recorded with the user's name.
    """

    def __init__(self, events: Recorder) -> None:
        self._events = events

    def requestAvatar(
        self, avatarId: Union[bytes, Tuple[()]], mind: object, *interfaces: Type[Interface]
    ) -> Tuple[Type[Interface], object, Callable[[], None]]:
        if IResource in interfaces:
            user = bytes(avatarId).decode("utf-8", "replace")
            return IResource, Home(user), lambda: self._events.record("logout", user)
        raise NotImplementedError


class TimedDigest(credentials.DigestCredentialFactory):
    """
    Twisted's digest calculations by the given reactor's time, with nonces that live `lifetime` seconds.
    """

    def __init__(self, reactor: IReactorTime, lifetime: float) -> None:
        super().__init__(b"md5", REALM)
        self._reactor = reactor
        # Twisted compares ages with a constant of its class, in whole seconds.  A clock that runs faster
        # makes the lifetime a matter of the clock, and exact to a 900th.
        self._speed = self.CHALLENGE_LIFETIME_SECS / lifetime

    def _getTime(self) -> float:
        return self._reactor.seconds() * self._speed


def digest_factory(reactor: IReactorTime, lifetime: float) -> DigestCredentialFactory:
    """
    Twisted's digest authentication as it comes, but for its clock.
    """
    factory = DigestCredentialFactory(b"md5", REALM)
    factory.digest = TimedDigest(reactor, lifetime)
    return factory


def page(factory: ICredentialFactory, events: Recorder) -> HTTPAuthSessionWrapper:
    """
    The homes behind one way of authentication.

    The file's delimiter is a space: FilePasswordDB splits at every delimiter, and bob's password has a colon.
    """
    portal = Portal(HomeRealm(events), [FilePasswordDB(PASSWORDS, delim=b" ")])
    return HTTPAuthSessionWrapper(portal, [factory])
