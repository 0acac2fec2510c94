"""
The tutorial's WSGI application, in the reactor's own thread pool.
"""

from twisted.internet import reactor
from twisted.web.wsgi import WSGIResource


def application(environ, start_response):
    start_response("200 OK", [("Content-type", "text/plain")])
    return [b"Hello, world!"]


resource = WSGIResource(reactor, reactor.getThreadPool(), application)
