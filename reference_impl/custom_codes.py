"""
Custom response codes: a page that wants to be paid.
"""

from __future__ import annotations

from twisted.web.resource import Resource
from twisted.web.server import Request


class PaymentRequired(Resource):
    """
    402, with a page of its own.
    """

    def render_GET(self, request: Request) -> bytes:
        request.setResponseCode(402)
        return b"<html><body>Please swipe your credit card.</body></html>"
