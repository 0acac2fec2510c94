"""
The same as run.rpy, but cached: every visit shows the first run.
"""

cache()

import uuid

from twisted.web.resource import Resource

RUN = uuid.uuid4().hex


class ShowRun(Resource):
    def render_GET(self, request):
        request.setHeader(b"content-type", b"text/plain")
        return b"Run: " + RUN.encode("ascii")


resource = ShowRun()
