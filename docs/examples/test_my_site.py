"""
A site of one's own, and its tests: `pytest test_my_site.py`.
"""

from twisted.internet.task import deferLater
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Session, Site


class Report(Resource):
    """Takes five seconds to make; nobody makes it for a client who has left."""

    def __init__(self, reactor):
        super().__init__()
        self.reactor = reactor

    def render_GET(self, request):
        making = deferLater(self.reactor, 5.0, lambda: b"Sorry to keep you waiting.")
        request.notifyFinish().addErrback(lambda _: making.cancel())
        making.addCallback(request.write).addCallback(lambda _: request.finish())
        making.addErrback(lambda _: None)
        return NOT_DONE_YET


class Me(Resource):
    """Who you are; every visit keeps you logged in for a quarter of an hour."""

    def render_GET(self, request):
        session = request.getSession()
        session.touch()
        return b"Your session id is: " + session.uid


def make_site(reactor):
    root = Resource()
    root.putChild(b"report", Report(reactor))
    root.putChild(b"me", Me())
    site = Site(root, reactor=reactor)
    site.sessionFactory = lambda site, uid: Session(site, uid, reactor=reactor)
    return site


def test_the_report_takes_its_time_and_blocks_nobody(web60):
    web60.check(make_site, {"asynchronous": {"path": "/report", "delay": 5.0}})


def test_sessions_last_a_quarter_of_an_hour(web60):
    web60.check(make_site, {"session-endings": {"path": "/me", "idle": 900.0, "callback": False}})
