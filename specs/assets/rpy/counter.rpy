"""
The visit counter without cache().

Each request makes an interface of its own, another key in the session: so it never gets past one.
"""

import uuid

from twisted.python.components import registerAdapter
from twisted.web.resource import Resource
from twisted.web.server import Session
from zope.interface import Attribute, Interface, implementer

# A script has no module name of its own, and zope.interface takes interfaces with the same
# name and module for one: this line makes each one new and different, as the tutorial says.
__name__ = "counter-" + uuid.uuid4().hex


class ICounter(Interface):
    value = Attribute("An int value which counts up once per page view.")


@implementer(ICounter)
class Counter(object):
    def __init__(self, session):
        self.value = 0


registerAdapter(Counter, Session, ICounter)


class CounterResource(Resource):
    def render_GET(self, request):
        counter = ICounter(request.getSession())
        counter.value += 1
        request.setHeader(b"content-type", b"text/plain")
        return b"Visit #%d for you!" % (counter.value,)


resource = CounterResource()
