"""
Targets that put markup and terminal escapes into everything that a report shows.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from twisted.web.resource import Resource

from tests.hostile import BODY, HONEST, Line, Scene, hostile, of

#: A title for the terminal, a cleared screen, a link, rich's markup and emoji, HTML, the end of CDATA, a direction.
MARKUP = (
    "\x1b]0;OWNED\x07\x1b[2J\x9b31m\x1b]8;;http://127.0.0.2/\x1b\\[bold red]OWNED[/bold red] :bomb: "
    '</pre><script>alert("OWNED")</script><img src=x onerror=alert(1)> ]]> &owned; {{owned}} \u202e\u2066'
)


class _Ping(Resource):
    """Answers at once, by software with a telling name."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def render(self, request: Any) -> bytes:
        """The answer."""
        request.responseHeaders.setRawHeaders(b"server", [MARKUP.encode()])
        return b"pong"


@hostile(
    *of("asynchronous", "whole-when-the-delay-is-over", "connection-persists-unless-its-end-is-announced"), shown=True
)
def answers_with_markup(scene: Scene) -> None:
    """Reason, fields, cookies, body, log and the name of the software are markup and escapes."""
    markup = MARKUP.encode()

    def attack(line: Line) -> None:
        sys.stderr.write(MARKUP + "\n")
        line.answer(
            b"Server: " + markup,
            b"Set-Cookie: " + markup,
            b"Content-Type: " + markup,
            b"Location: " + markup,
            body=markup + BODY,
            status=b"HTTP/1.1 500 " + markup,
        )
        line.close()

    scene.root.putChild(b"ping", _Ping())
    scene.take(attack)


@hostile(because="not an HTTP answer", shown=True)
def answers_only_markup(scene: Scene) -> None:
    """The answer is no HTTP, but markup and escapes."""

    def attack(line: Line) -> None:
        line.say(MARKUP.encode() + b"\r\n\r\n")
        line.close()

    scene.take(attack)


@hostile(asked=HONEST, honest=(), shown=True)
def lives_at_markup(scene: Scene) -> None:
    """The address that it says is its own is markup and escapes; nothing is there."""
    scene.reactor.callWhenRunning(print, json.dumps({"url": f"http://127.0.0.1:{scene.port}/{MARKUP}/"}), flush=True)
