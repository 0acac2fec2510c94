"""
The tutorial's session page: shows the session's id; its child `expire` ends the session.

It needs no cache(): sessions are kept by the site, not by the script.
"""

from twisted.web.resource import Resource


class ShowSession(Resource):
    def render_GET(self, request):
        return b"Your session id is: " + request.getSession().uid


class ExpireSession(Resource):
    def render_GET(self, request):
        request.getSession().expire()
        return b"Your session has been expired."


resource = ShowSession()
resource.putChild(b"", resource)
resource.putChild(b"expire", ExpireSession())
