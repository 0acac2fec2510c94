"""
Repairs to pages that show what was posted: what they cannot read is the client's error.
"""

from __future__ import annotations

from twisted.web import http
from twisted.web.server import Request

from reference_impl import handling_posts, other_request_bodies

CANNOT = b"The request's body is not what this page can read.\n"


def refuse(request: Request) -> bytes:
    """
    A client error, in plain words.
    """
    request.setResponseCode(http.BAD_REQUEST)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    return CANNOT


class FormPage(handling_posts.FormPage):
    """
    The form; a field that is missing, or is no UTF-8, is refused.

    Seen on 24.7 and 26.10: a POST of `another=1`, and of `the-field=%ff`, and 500 came (KeyError, UnicodeDecodeError).
    """

    def render_POST(self, request: Request) -> bytes:
        try:
            return super().render_POST(request)
        except (KeyError, UnicodeDecodeError):
            return refuse(request)


class BodyPage(other_request_bodies.FormPage):
    """
    The page that shows any body; one that is no UTF-8 is refused.

    Seen on 24.7 and 26.10: a POST of one byte, 0xFF, and 500 came (UnicodeDecodeError).
    """

    def render_POST(self, request: Request) -> bytes:
        try:
            return super().render_POST(request)
        except UnicodeDecodeError:
            return refuse(request)
