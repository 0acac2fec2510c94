"""
Dynamic content: a page that is made anew for each request, and tells the time.
"""

from __future__ import annotations

import time

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import Request


class ClockPage(Resource):
    """
    The local time, by the reactor's clock.
    """

    isLeaf = True

    def __init__(self, reactor: IReactorTime) -> None:
        super().__init__()
        self._reactor = reactor

    def render_GET(self, request: Request) -> bytes:
        now = time.ctime(self._reactor.seconds()).encode("utf-8")
        return b"<!DOCTYPE html><html><head><meta charset='utf-8'><title></title></head><body>" + now
