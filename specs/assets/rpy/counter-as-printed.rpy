"""
The visit counter as the tutorial prints it (Python 3 aside), without its cache().

The tutorial says that it never gets past one; Twisted 18.9 to 26.10 answer 500 from the second
request on: "an adapter (<class 'Counter'>) was already registered".
"""

from twisted.python.components import registerAdapter
from twisted.web.resource import Resource
from twisted.web.server import Session
from zope.interface import Attribute, Interface, implementer


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
