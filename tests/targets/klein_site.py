"""
The pages of the suite as a Klein site: `python klein_site.py --port 8080`, or a factory, `klein_site:make`.

Klein cancels the Deferred of a page when its client leaves; sessions and HTTP authentication are Twisted's own.
"""
# ruff: noqa: D101, D102, D103, N803 - a handler is named for its page; the rest are Twisted's names

from __future__ import annotations

import argparse
import html
import json
import time

from klein import Klein
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet import defer
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.components import registerAdapter
from twisted.web.guard import BasicCredentialFactory, HTTPAuthSessionWrapper
from twisted.web.http import CACHED
from twisted.web.resource import IResource
from twisted.web.server import Session
from twisted.web.static import Data
from zope.interface import Attribute, Interface, implementer

DELAY = 1.0  # seconds until a delayed page answers
IDLE = 1.0  # seconds without a visit after which a session that was at /logme ends
AFTER = 0.8  # seconds after which slow work is given up

PAGE = "<!DOCTYPE html><html><head><meta charset='utf-8'><title></title></head><body>"
SORRY = "<html><body>Sorry to keep you waiting.</body></html>"


class ICounter(Interface):
    """What a session remembers of its visits."""

    value = Attribute("The visits so far.")


@implementer(ICounter)
class Counter:
    def __init__(self, session):
        self.value = 0


registerAdapter(Counter, Session, ICounter)


@implementer(IRealm)
class HomeRealm:
    """Gives every user a page of their own."""

    def requestAvatar(self, avatarId, mind, *interfaces):
        return IResource, Data(b"This is the home of %s.\n" % avatarId, "text/plain"), lambda: None


class WorkFailed(Exception):
    """The work came to a bad end of its own."""


def token(request):
    return request.args.get(b"id", [b""])[0].decode()


def session_of(request):
    """The visitor's session, which the visit keeps alive: `getSession` alone does not, since Twisted 18.9."""
    session = request.getSession()
    session.touch()
    return session


class Pages:
    """The site; `reactor` offers time."""

    app = Klein()
    log = Logger()

    def __init__(self, reactor):
        self._reactor = reactor
        self._events = []
        users = InMemoryUsernamePasswordDatabaseDontUse(alice=b"secret", bob=b"pass:word")
        portal = Portal(HomeRealm(), [users])
        self._home = HTTPAuthSessionWrapper(portal, [BasicCredentialFactory(b"web60")])

    def record(self, name, token):
        event = {"seq": len(self._events) + 1, "t": self._reactor.seconds(), "ev": name, "id": token}
        self._events.append(event)

    def later(self, seconds):
        return deferLater(self._reactor, seconds, lambda: SORRY)

    @app.route("/ping", methods=["GET", "HEAD"])
    def ping(self, request):
        return "pong\n"

    @app.route("/echo", methods=["GET", "HEAD", "POST", "PUT"])
    def echo(self, request):
        request.setHeader("content-type", "application/octet-stream")
        return request.content.read()

    @app.route("/http/asked")
    def asked(self, request):
        request.setHeader("content-type", "application/json")
        fields = [[name, value] for name, values in request.requestHeaders.getAllRawHeaders() for value in values]
        told = {"method": request.method, "target": request.uri, "fields": fields}
        return json.dumps(told, default=lambda text: text.decode("latin-1"))

    @app.route("/http/no-content")
    def no_content(self, request):
        request.setResponseCode(204)
        return b""

    @app.route("/http/tagged")
    def tagged(self, request):
        return b"" if request.setETag(b'"web60"') is CACHED else b"always the same\n"

    @app.route("/http/redirect")
    def redirect(self, request):
        request.setResponseCode(302)
        request.setHeader(b"location", request.args.get(b"to", [b"/"])[0])
        return b""

    @app.route("/dynamic-content", methods=["GET"])
    def dynamic_content(self, request):
        return PAGE + time.ctime(self._reactor.seconds())

    @app.route("/form", methods=["GET"])
    @app.route("/other-request-bodies", methods=["GET"])
    def form(self, request):
        return PAGE + "<form method='POST'><input name='the-field'></form>"

    @app.route("/form", methods=["POST"])
    def form_posted(self, request):
        return self.submitted(request, request.args.get(b"the-field", [None])[0])

    @app.route("/form/fields", methods=["POST"])
    def form_fields(self, request):
        request.setHeader("content-type", "application/json")
        args = request.args.items()
        return json.dumps({name.decode(): [value.decode("utf-8", "replace") for value in all_] for name, all_ in args})

    @app.route("/other-request-bodies", methods=["POST"])
    def other_request_bodies(self, request):
        return self.submitted(request, request.content.read())

    def submitted(self, request, value):
        try:
            return PAGE + "You submitted: " + html.escape(value.decode())
        except (AttributeError, UnicodeDecodeError):
            request.setResponseCode(400)
            return "There is nothing to show.\n"

    @app.route("/events")
    def events(self, request):
        request.setHeader("content-type", "application/x-ndjson")
        since = int(request.args.get(b"since", [b"0"])[0])
        return "".join(json.dumps(event) + "\n" for event in self._events[since:])

    @app.route("/asynchronous")
    def asynchronous(self, request):
        page = defer.Deferred()
        self._reactor.callLater(DELAY, page.callback, SORRY)
        return page

    @app.route("/asynchronous-deferred")
    def asynchronous_deferred(self, request):
        return self.later(DELAY)

    @app.route("/interrupted")
    def interrupted(self, request):
        def done(page):
            self.record("done", token(request))
            return page

        self.record("start", token(request))
        # The Deferred itself is cancelled by Klein.
        request.notifyFinish().addErrback(lambda _: self.record("cancel", token(request)))
        return self.later(DELAY).addCallback(done)

    @app.route("/logging-errors")
    def logging_errors(self, request):
        def failed(failure):
            self.log.failure("Async response demo interrupted response", failure)

        self.record("start", token(request))
        request.notifyFinish().addErrback(failed)
        return self.later(DELAY)

    @app.route("/auth/basic")
    def auth_basic(self, request):
        return self._home

    @app.route("/session")
    def session(self, request):
        return "Your session id is: " + session_of(request).uid.decode()

    @app.route("/session/expire")
    def expire(self, request):
        request.getSession().expire()
        return "Your session has been expired."

    @app.route("/counter")
    def counter(self, request):
        counter = ICounter(session_of(request))
        counter.value += 1
        return f"Visit #{counter.value} for you!"

    @app.route("/logme")
    def logme(self, request):
        session = request.getSession()
        uid = session.uid.decode()
        if session.sessionTimeout != IDLE:
            session.sessionTimeout = IDLE
            session.notifyOnExpire(lambda: self.record("expire", uid))
        session.touch()
        return "Your session id is: " + uid

    @app.route("/timeouts")
    def timeouts(self, request):
        def finished(_):
            if b"fail" in request.args:
                raise WorkFailed
            self.record("done", token(request))
            return "RESULT\n"

        self.record("start", token(request))
        work = deferLater(self._reactor, float(request.args[b"s"][0])).addCallback(finished)
        return work.addTimeout(AFTER, self._reactor)

    @app.handle_errors(defer.TimeoutError)
    def timed_out(self, request, failure):
        self.record("timeout", token(request))
        request.setResponseCode(504)
        return "Timeout occurred\n"

    @app.handle_errors(WorkFailed)
    def work_failed(self, request, failure):
        request.setResponseCode(500)
        return "The work failed\n"


def make(reactor):
    """A factory for `--factory`: the site as a resource, on the given reactor's time."""
    return Pages(reactor).app.resource()


if __name__ == "__main__":
    from twisted.internet import reactor

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080)
    Pages(reactor).app.run("127.0.0.1", parser.parse_args().port)
