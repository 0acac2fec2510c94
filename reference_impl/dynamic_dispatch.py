"""
Dynamic dispatch: which page it is follows from the URL, for as many pages as there are years.
"""

from __future__ import annotations

from calendar import calendar
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request


class YearPage(Resource):
    """
    The calendar of one year.
    """

    def __init__(self, year: int) -> None:
        super().__init__()
        self.year = year

    def render_GET(self, request: Request) -> bytes:
        whole = calendar(self.year).encode("utf-8")
        return b"<!DOCTYPE html><html><head><meta charset='utf-8'><title></title></head><body><pre>" + whole + b"</pre>"


class Calendar(Resource):
    """
    A page for every whole number; it punts on everything else.
    """

    def getChild(self, path: bytes, request: Request) -> Any:
        return YearPage(int(path))
