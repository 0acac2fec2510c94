"""
What the mutants of sessions have in common: pages that are functions, and IDs that are made otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.resource import Resource

from reference_impl.session_basics import shown
from tests.mutants import Reference

COOKIE = b"TWISTED_SESSION"

#: What a page makes of a request.
Get = Callable[[Any], Any]


class Page(Resource):
    """A page that is a function."""

    def __init__(self, get: Get) -> None:
        super().__init__()
        self.render_GET = get


def show(request: Any) -> bytes:
    """Show the ID, as the reference does."""
    return shown(request.getSession().uid)


def expire(request: Any) -> bytes:
    """End the session, as the reference does."""
    request.getSession().expire()
    return b"Your session has been expired."


def put(reference: Reference, *, show: Get = show, expire: Get = expire) -> None:
    """Put these in the place of the page that shows the session, and of the one that ends it."""
    page = Page(show)
    page.putChild(b"expire", Page(expire))
    reference.root.putChild(b"session", page)


def identify(reference: Reference, make: Callable[[], bytes]) -> None:
    """Give new sessions the IDs that `make` makes."""
    site = reference.site

    def begin() -> Any:
        uid = make()
        session = site.sessions[uid] = site.sessionFactory(site, uid)
        session.startCheckingExpiration()
        return session

    site.makeSession = begin


def taken_back(end: Get, path: bytes = b"/") -> Get:
    """A page that takes the cookie back, too."""

    def ended(request: Any) -> bytes:
        answer: bytes = end(request)
        request.cookies.clear()
        request.addCookie(COOKIE, b"", path=path, max_age=b"0")
        return answer

    return ended
