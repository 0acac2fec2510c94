"""
HTTP, the ground under all pages: pages that say what was said to them, and answers that have no content.
"""

from __future__ import annotations

import json

from twisted.web.http import CACHED, FOUND, NO_CONTENT
from twisted.web.resource import Resource
from twisted.web.server import Request


class Echo(Resource):
    """
    Answers any method with the request's body.
    """

    isLeaf = True

    def render(self, request: Request) -> bytes:
        """
        The body as it came.
        """
        request.setHeader(b"content-type", b"application/octet-stream")
        return request.content.read() if request.content else b""


class Asked(Resource):
    """
    Says how it was asked, in JSON, each byte as the character of its number.
    """

    def render_GET(self, request: Request) -> bytes:
        fields = request.requestHeaders.getAllRawHeaders()
        said = {
            "method": request.method.decode("latin-1"),
            "target": request.uri.decode("latin-1"),
            "fields": [[name.decode("latin-1"), one.decode("latin-1")] for name, values in fields for one in values],
        }
        request.setHeader(b"content-type", b"application/json")
        return json.dumps(said).encode("ascii")


class NoContent(Resource):
    """
    Has nothing to say.
    """

    def render_GET(self, request: Request) -> bytes:
        request.setResponseCode(NO_CONTENT)
        return b""


class Tagged(Resource):
    """
    Never changes, and says so.
    """

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"text/plain")
        return b"" if request.setETag(b'"web60"') is CACHED else b"always the same\n"


class Redirect(Resource):
    """
    Sends everybody to where `to` says; that it is a place of ours is not looked at.
    """

    def render_GET(self, request: Request) -> bytes:
        request.setResponseCode(FOUND)
        request.setHeader(b"location", (request.args or {}).get(b"to", [b"/"])[0])
        return b""


def pages() -> Resource:
    """
    All of them but the echo.
    """
    root = Resource()
    root.putChild(b"asked", Asked())
    root.putChild(b"no-content", NoContent())
    root.putChild(b"tagged", Tagged())
    root.putChild(b"redirect", Redirect())
    return root
