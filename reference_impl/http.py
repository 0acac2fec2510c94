"""
HTTP, the ground under all pages: a page that says what was said to it.
"""

from __future__ import annotations

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
