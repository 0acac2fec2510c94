"""
Shows the run: a name made when the script is executed.

Twisted executes a script anew for each request, so no two visits show the same run.
"""

import uuid

from twisted.web.resource import Resource

RUN = uuid.uuid4().hex


class ShowRun(Resource):
    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/plain")
        return b"Run: " + RUN.encode("ascii")


resource = ShowRun()
