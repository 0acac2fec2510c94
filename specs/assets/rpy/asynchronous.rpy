"""
The tutorial's asynchronous response: it comes after five seconds, or after those in the query's `s`.
"""

from twisted.internet import reactor
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET


class DelayedResource(Resource):
    def _delayedRender(self, request):
        request.write(b"<html><body>Sorry to keep you waiting.</body></html>")
        request.finish()

    def render_GET(self, request):
        delay = float(request.args.get(b"s", [b"5"])[0])
        reactor.callLater(delay, self._delayedRender, request)
        return NOT_DONE_YET


resource = DelayedResource()
