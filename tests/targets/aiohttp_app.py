"""
The pages of the suite as an aiohttp application: `python aiohttp_app.py --port 8080`.

Handlers are cancelled when their client leaves (`handler_cancellation=True`); aiohttp's default is to let them finish.
"""
# ruff: noqa: D102, D103 - a handler is named for its page

from __future__ import annotations

import argparse
import asyncio
import hmac
import html
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import BasicAuth, hdrs, web

DELAY = 1.0  # seconds until a delayed page answers
IDLE = 1.0  # seconds without a visit after which a session that was at /logme ends
LONG = 900.0  # seconds without a visit after which any other session ends
AFTER = 0.8  # seconds after which slow work is given up

PAGE = "<!DOCTYPE html><html><head><meta charset='utf-8'><title></title></head><body>"
SORRY = "<html><body>Sorry to keep you waiting.</body></html>"
USERS = {"alice": "secret", "bob": "pass:word"}
COOKIE = "session"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger("pages")
routes = web.RouteTableDef()


class Events:
    """What happened, as the lines that /events answers."""

    def __init__(self) -> None:
        self._events: list[dict[str, object]] = []

    def record(self, name: str, token: str) -> None:
        self._events.append({"seq": len(self._events) + 1, "t": time.time(), "ev": name, "id": token})

    def since(self, number: int) -> str:
        return "".join(json.dumps(event) + "\n" for event in self._events[number:])


@dataclass(eq=False)
class Session:
    """What is remembered of one visitor."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    visits: int = 0
    lifetime: float = LONG
    ending: asyncio.TimerHandle | None = None


class Sessions:
    """Sessions in memory, each with a timer that every visit starts anew."""

    def __init__(self, ended: Callable[[Session], None]) -> None:
        self._open: dict[str, Session] = {}
        self._ended = ended

    def visit(self, session_id: str) -> Session:
        """The session of this ID, or a new one with an ID of its own."""
        session = self._open.get(session_id) or Session()
        self._open[session.id] = session
        self.touch(session)
        return session

    def touch(self, session: Session) -> None:
        self._stop(session)
        session.ending = asyncio.get_running_loop().call_later(session.lifetime, self.end, session.id)

    def end(self, session_id: str) -> None:
        session = self._open.pop(session_id, None)
        if session is not None:
            self._stop(session)
            self._ended(session)

    def _stop(self, session: Session) -> None:
        if session.ending is not None:
            session.ending.cancel()


EVENTS = web.AppKey("events", Events)
SESSIONS = web.AppKey("sessions", Sessions)
SESSION = web.RequestKey("session", Session)


def record(request: web.Request, name: str) -> None:
    request.app[EVENTS].record(name, request.query.get("id", ""))


def session_of(request: web.Request) -> Session:
    """The visitor's session; the middleware sends its cookie."""
    if SESSION not in request:
        request[SESSION] = request.app[SESSIONS].visit(request.cookies.get(COOKIE, ""))
    return request[SESSION]


@web.middleware
async def session_cookie(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if SESSION in request and request[SESSION].id != request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, request[SESSION].id, httponly=True, samesite="Lax")
    return response


@routes.get("/ping")
async def ping(request: web.Request) -> web.Response:
    return web.Response(text="pong\n")


@routes.route("*", "/echo")
async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), content_type="application/octet-stream")


@routes.get("/http/asked")
async def asked(request: web.Request) -> web.Response:
    fields = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in request.raw_headers]
    return web.json_response({"method": request.method, "target": request.raw_path, "fields": fields})


@routes.get("/http/no-content")
async def no_content(request: web.Request) -> web.Response:
    return web.Response(status=204)


@routes.get("/http/tagged")
async def tagged(request: web.Request) -> web.Response:
    response = web.Response(text="always the same\n")
    response.etag = "web60"
    known = request.if_none_match or ()
    if any(tag.value in ("web60", "*") for tag in known):
        response = web.Response(status=304)
        response.etag = "web60"
    return response


@routes.get("/http/redirect")
async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={hdrs.LOCATION: request.query.get("to", "/")})


@routes.get("/dynamic-content")
async def dynamic_content(request: web.Request) -> web.Response:
    return web.Response(text=PAGE + time.ctime(), content_type="text/html")


@routes.get("/form")
@routes.get("/other-request-bodies")
async def form(request: web.Request) -> web.Response:
    return web.Response(text=PAGE + "<form method='POST'><input name='the-field'></form>", content_type="text/html")


@routes.post("/form")
async def form_posted(request: web.Request) -> web.Response:
    values = (await posted(request)).get("the-field")
    if values is None:
        raise web.HTTPBadRequest(text="There is no the-field in the form.\n")
    return submitted(values[0])


@routes.post("/form/fields")
async def form_fields(request: web.Request) -> web.Response:
    return web.json_response(await posted(request))


@routes.post("/other-request-bodies")
async def other_request_bodies(request: web.Request) -> web.Response:
    try:
        text = (await request.read()).decode("utf-8")
    except UnicodeDecodeError:
        raise web.HTTPBadRequest(text="The body is no text.\n") from None
    return submitted(text)


def submitted(text: str) -> web.Response:
    return web.Response(text=f"{PAGE}You submitted: {html.escape(text)}", content_type="text/html")


async def posted(request: web.Request) -> dict[str, list[str]]:
    """All values of all fields; a form that cannot be read is refused."""
    found: dict[str, list[str]] = {}
    try:
        for name, value in (await request.post()).items():
            text = value.file.read().decode("utf-8", "replace") if isinstance(value, web.FileField) else str(value)
            found.setdefault(name, []).append(text)
    except (ValueError, LookupError, AssertionError):
        raise web.HTTPBadRequest(text="The form cannot be read.\n") from None
    return found


@routes.get("/events")
async def events(request: web.Request) -> web.Response:
    lines = request.app[EVENTS].since(int(request.query.get("since", "0")))
    return web.Response(text=lines, content_type="application/x-ndjson")


@routes.get("/asynchronous")
async def asynchronous(request: web.Request) -> web.Response:
    await asyncio.sleep(DELAY)
    return web.Response(text=SORRY, content_type="text/html")


@routes.get("/asynchronous-deferred")
async def asynchronous_deferred(request: web.Request) -> web.Response:
    # asyncio's Deferred is a Future.
    loop = asyncio.get_running_loop()
    page: asyncio.Future[str] = loop.create_future()
    timer = loop.call_later(DELAY, page.set_result, SORRY)
    try:
        return web.Response(text=await page, content_type="text/html")
    finally:
        timer.cancel()


@routes.get("/interrupted")
async def interrupted(request: web.Request) -> web.Response:
    record(request, "start")
    try:
        await asyncio.sleep(DELAY)
    except asyncio.CancelledError:
        record(request, "cancel")
        raise
    record(request, "done")
    return web.Response(text=SORRY, content_type="text/html")


@routes.get("/interrupted/done")
async def interrupted_done(request: web.Request) -> web.Response:
    done = f'"ev": "done", "id": {json.dumps(request.query.get("id", ""))}}}'
    return web.Response(text="true" if done in request.app[EVENTS].since(0) else "false")


@routes.get("/logging-errors")
async def logging_errors(request: web.Request) -> web.Response:
    record(request, "start")
    try:
        await asyncio.sleep(DELAY)
    except asyncio.CancelledError:
        log.warning("the client of %s left before its answer", request.query.get("id", "?"))
        raise
    return web.Response(text=SORRY, content_type="text/html")


@routes.get("/auth/basic")
async def auth_basic(request: web.Request) -> web.Response:
    try:
        login = BasicAuth.decode(request.headers.get(hdrs.AUTHORIZATION, ""), encoding="utf-8")
    except ValueError:
        raise unauthorized() from None
    password = USERS.get(login.login)
    if password is None or not hmac.compare_digest(login.password.encode(), password.encode()):
        raise unauthorized()
    return web.Response(text=f"This is the home of {login.login}.\n")


def unauthorized() -> web.HTTPUnauthorized:
    return web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="web60", charset="UTF-8"'})


@routes.get("/session")
async def session_show(request: web.Request) -> web.Response:
    return web.Response(text=f"Your session id is: {session_of(request).id}")


@routes.get("/session/expire")
async def session_expire(request: web.Request) -> web.Response:
    request.app[SESSIONS].end(request.cookies.get(COOKIE, ""))
    response = web.Response(text="Your session has been expired.")
    response.del_cookie(COOKIE)
    return response


@routes.get("/counter")
async def counter(request: web.Request) -> web.Response:
    session = session_of(request)
    session.visits += 1
    return web.Response(text=f"Visit #{session.visits} for you!")


@routes.get("/logme")
async def logme(request: web.Request) -> web.Response:
    session = session_of(request)
    session.lifetime = IDLE
    request.app[SESSIONS].touch(session)
    return web.Response(text=f"Your session id is: {session.id}")


class WorkFailed(Exception):
    """The work came to a bad end of its own."""


async def work(seconds: float, *, fails: bool) -> str:
    await asyncio.sleep(seconds)
    if fails:
        raise WorkFailed
    return f"RESULT after {seconds} seconds\n"


@routes.get("/timeouts")
async def timeouts(request: web.Request) -> web.Response:
    record(request, "start")
    try:
        async with asyncio.timeout(AFTER):
            result = await work(float(request.query.get("s", "0")), fails="fail" in request.query)
    except TimeoutError:
        record(request, "timeout")
        raise web.HTTPGatewayTimeout(text="Timeout occurred\n") from None
    except WorkFailed:
        raise web.HTTPInternalServerError(text="The work failed\n") from None
    record(request, "done")
    return web.Response(text=result)


def make_app() -> web.Application:
    """The application; each call gives another, with events and sessions of its own."""
    app = web.Application(middlewares=[session_cookie])
    app[EVENTS] = Events()
    app[SESSIONS] = Sessions(lambda session: app[EVENTS].record("expire", session.id))
    app.add_routes(routes)
    return app


def serve(app: web.Application, *, cancels: bool = True) -> None:
    """Serve at the port that the command line gives; `cancels` says whether handlers end when their client leaves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080)
    logging.basicConfig(level=logging.INFO)
    web.run_app(app, host="127.0.0.1", port=parser.parse_args().port, handler_cancellation=cancels)


if __name__ == "__main__":
    serve(make_app())
