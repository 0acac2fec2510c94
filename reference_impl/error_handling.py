"""
Error handling: the calendar once more, and "not found" for what is no year.
"""

from __future__ import annotations

from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request

from reference_impl.dynamic_dispatch import YearPage

try:
    from twisted.web.pages import notFound
except ImportError:  # up to 22.8
    from twisted.web.resource import NoResource as notFound  # type: ignore[assignment]


class Calendar(Resource):
    """
    A page for every whole number, and for nothing else.
    """

    def getChild(self, path: bytes, request: Request) -> Any:
        try:
            year = int(path)
        except ValueError:
            return notFound()
        return YearPage(year)
