"""
Storing objects in the session: a counter that lives as long as its session.
"""

from __future__ import annotations

from twisted.python.components import registerAdapter
from twisted.web.resource import Resource
from twisted.web.server import Request, Session
from zope.interface import Attribute, Interface, implementer


class ICounter(Interface):
    """
    What a session remembers of its visits.
    """

    value = Attribute("An int value which counts up once per page view.")


@implementer(ICounter)
class Counter:
    """
    Starts at 0 for every session.
    """

    def __init__(self, session: Session) -> None:
        self.value = 0


# A module is executed once, so this needs no `cache()`: one interface, one key in every session.
registerAdapter(Counter, Session, ICounter)


class CounterResource(Resource):
    """
    Counts the visits of each session.
    """

    def render_GET(self, request: Request) -> bytes:
        counter = ICounter(request.getSession())
        counter.value += 1
        return b"Visit #%d for you!" % (counter.value,)
