"""
The pages, put together into one `Site`: by default, fast, or literal.
"""

from __future__ import annotations

import os
from typing import Any, Optional

from twisted.web.guard import BasicCredentialFactory
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.static import Data, File
from twisted.web.twcgi import CGIScript, FilteredScript
from twisted.web.wsgi import WSGIResource

from reference_impl import (
    access_logging,
    asynchronous,
    asynchronous_deferred,
    cgi,
    custom_codes,
    dynamic_content,
    dynamic_dispatch,
    error_handling,
    handling_posts,
    http,
    http_auth,
    interrupted,
    logging_errors,
    other_request_bodies,
    rpy_scripts,
    session_basics,
    session_endings,
    session_store,
    static_content,
    static_dispatch,
    timeouts,
    wsgi,
)
from reference_impl.events import Feed, Recorder, shared_file
from reference_impl.repairs import answers, files, forms, framing
from reference_impl.repairs import cgi as repaired_cgi
from reference_impl.repairs.basic import BasicFactory
from reference_impl.repairs.digest import DigestFactory
from reference_impl.repairs.wsgi import repaired
from reference_impl.settings import FAST, LITERAL, TUTORIAL, Settings, default_assets

TWISTED_NONCE_LIFETIME = 900.0  # seconds: DigestCredentialFactory.CHALLENGE_LIFETIME_SECS


def make(reactor: Any) -> Site:
    """
    The reference with the tutorial's delays and all repairs.
    """
    return build(reactor, TUTORIAL)


def make_fast(reactor: Any) -> Site:
    """
    The reference with delays of a second and less.
    """
    return build(reactor, FAST)


def make_literal(reactor: Any) -> Site:
    """
    The tutorial as printed, on whatever Twisted is installed.
    """
    return build(reactor, LITERAL)


def build(reactor: Any, settings: Settings, pool: Any = None, recorder: Optional[Recorder] = None) -> Site:
    """
    A site whose root resource may still be changed with `putChild`.

    `reactor` offers time, threads and processes; `pool` runs the WSGI applications, by default the reactor's own
    thread pool.
    """
    events = recorder or Recorder(reactor, shared_file())
    pool = reactor.getThreadPool() if pool is None else pool
    root = Resource()

    _put_delayed(root, reactor, settings, events)
    _put_sessions(root, settings, events)
    _put_authentication(root, reactor, settings, events)
    _put_assets(root, reactor, settings, pool)
    _put_the_rest(root, reactor, settings)
    root.putChild(b"ping", Data(b"pong\n", "text/plain"))
    root.putChild(b"events", Feed(events))
    root.putChild(b"echo", http.Echo())
    root.putChild(b"http", http.pages())

    site = Site(root, reactor=reactor)
    site.sessionFactory = session_endings.session_factory(reactor)  # type: ignore[assignment]
    if not settings.literal:
        site.requestFactory = framing.Request
        site.protocol = answers.Channel  # type: ignore[assignment]
        site.displayTracebacks = False  # as 20.3 and later have it: on 18.9 every error page showed one
    return site


def _put_delayed(root: Resource, reactor: Any, settings: Settings, events: Recorder) -> None:
    pages = {
        b"asynchronous": asynchronous.DelayedResource,
        b"asynchronous-deferred": asynchronous_deferred.DelayedResource,
        b"interrupted": interrupted.DelayedResource,
        b"logging-errors": logging_errors.DelayedResource,
    }
    for name, page in pages.items():
        root.putChild(name, page(reactor, settings.delay, events))
    root.putChild(b"timeouts", timeouts.TimeoutResource(reactor, settings.after, events))


def _put_sessions(root: Resource, settings: Settings, events: Recorder) -> None:
    root.putChild(b"session", session_basics.page())
    root.putChild(b"counter", session_store.CounterResource())
    root.putChild(b"logme", session_endings.ExpirationLogger(settings.idle, events))


def _put_authentication(root: Resource, reactor: Any, settings: Settings, events: Recorder) -> None:
    basic = BasicCredentialFactory if settings.literal else BasicFactory
    digest = http_auth.digest_factory if settings.literal else DigestFactory
    factories = {
        b"basic": basic(http_auth.REALM),
        b"digest": digest(reactor, TWISTED_NONCE_LIFETIME),
        b"digest-short": digest(reactor, settings.nonce_lifetime),
    }
    auth = Resource()
    for name, factory in factories.items():
        auth.putChild(name, http_auth.page(factory, events))
    root.putChild(b"auth", auth)


def _put_assets(root: Resource, reactor: Any, settings: Settings, pool: Any) -> None:
    assets = settings.assets or default_assets()
    script: cgi.MakeScript = CGIScript if settings.literal else repaired_cgi.Script
    filtered: cgi.MakeScript = FilteredScript if settings.literal else repaired_cgi.FilteredScript
    watched = _as_it_is if settings.literal else repaired

    root.putChild(b"cgi-bin", cgi.Scripts(os.path.join(assets, "cgi-bin"), script, reactor))
    root.putChild(b"cgi-filtered", cgi.FilteredScripts(os.path.join(assets, "cgi-filtered"), filtered, reactor))
    root.putChild(b"rpy", rpy_scripts.page(os.path.join(assets, "rpy")))
    root.putChild(b"hello", WSGIResource(reactor, pool, watched(wsgi.hello)))
    application = os.path.join(assets, "application.py")
    if os.path.exists(application):
        root.putChild(b"wsgi", WSGIResource(reactor, pool, watched(wsgi.load(application))))


def _put_the_rest(root: Resource, reactor: Any, settings: Settings) -> None:
    assets = settings.assets or default_assets()
    file = File if settings.literal else files.File
    root.putChild(b"static", static_content.page(os.path.join(assets, "static"), file))
    root.putChild(b"dynamic-content", dynamic_content.ClockPage(reactor))
    root.putChild(b"static-dispatch", static_dispatch.page(os.path.join(assets, "static-dispatch"), file))
    root.putChild(b"dynamic-dispatch", dynamic_dispatch.Calendar())
    root.putChild(b"error-handling", error_handling.Calendar())
    root.putChild(b"buy", custom_codes.PaymentRequired())
    root.putChild(b"form", handling_posts.page(handling_posts.FormPage if settings.literal else forms.FormPage))
    root.putChild(b"other-request-bodies", (other_request_bodies.FormPage if settings.literal else forms.BodyPage)())
    root.putChild(b"access-logging", access_logging.page())


def _as_it_is(application: wsgi.Application) -> wsgi.Application:
    return application
