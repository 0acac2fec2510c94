"""
The aiohttp application with three things wrong: an answer comes early, nothing is cancelled when a client leaves, and
whatever stands in the session cookie is taken for a session's ID.
"""
# ruff: noqa: D102, D103 - a handler is named for its page

from __future__ import annotations

import asyncio

import aiohttp_app
from aiohttp import web


@web.middleware
async def too_early(request: web.Request, handler: aiohttp_app.Handler) -> web.StreamResponse:
    if request.path != "/asynchronous":
        return await handler(request)
    await asyncio.sleep(aiohttp_app.DELAY / 2)
    return web.Response(text=aiohttp_app.SORRY, content_type="text/html")


class CredulousSessions(aiohttp_app.Sessions):
    """Anybody may choose an ID: session fixation."""

    def visit(self, session_id: str) -> aiohttp_app.Session:
        if session_id and session_id not in self._open:
            self._open[session_id] = aiohttp_app.Session(id=session_id)
        return super().visit(session_id)


def make_app() -> web.Application:
    app = aiohttp_app.make_app()
    app.middlewares.append(too_early)
    app[aiohttp_app.SESSIONS] = CredulousSessions(lambda session: None)
    return app


if __name__ == "__main__":
    aiohttp_app.serve(make_app(), cancels=False)
