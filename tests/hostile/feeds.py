"""
Targets whose events are hostile: the feed lies, never ends, is none; the file that scripts append to is no file.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

from twisted.web.resource import Resource

from reference_impl.events import Recorder
from tests.hostile import HONEST, PIECE, Scene, hostile, of

#: What needs the feed, and what of the same page does not.
WITNESSED = of("interrupted", "leaving-is-noticed", "resetting-is-noticed", "answered-request-is-a-success")
UNWITNESSED = (*HONEST, *of("interrupted", "waiting-brings-the-answer"))

#: What the reasons of failures are that come of the feed.
SAID = r"no event|the event feed|event\.name"

#: What an event says that a terminal or a browser would obey.
MARKUP = "\x1b]0;OWNED\x07\x1b[2J[red]:bomb:</td><script>alert(1)</script>\u202e\ud800"


class _Feed(Resource):
    """A feed that says what a function makes of the events after a number."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, events: Recorder, said: Callable[[list[dict[str, Any]]], bytes]) -> None:
        super().__init__()
        self._events, self._said = events, said

    def render_GET(self, request: Any) -> bytes:
        """The lines, right or wrong; the number is as it was asked for, however long."""
        since = request.args[b"since"][0].decode()
        return self._said(list(self._events.since(int(since) if len(since) < 18 else 0)))


def _says(scene: Scene, said: Callable[[list[dict[str, Any]]], bytes]) -> None:
    scene.root.putChild(b"events", _Feed(scene.events, said))


def _lines(*events: dict[str, Any]) -> bytes:
    return "".join(json.dumps(event) + "\n" for event in events).encode()


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def tells_of_strangers(scene: Scene) -> None:
    """Every event is about an ID that nobody sent."""
    _says(scene, lambda events: _lines(*({**event, "id": f"not-{event['id']}"} for event in events)))


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def counts_backwards(scene: Scene) -> None:
    """The numbers of the events fall."""
    number = count(10**15, -1)
    _says(scene, lambda events: _lines(*({**event, "seq": next(number)} for event in events)))


@hostile(asked=(), honest=(*UNWITNESSED, *WITNESSED))
def tells_times_backwards(scene: Scene) -> None:
    """The times of the events fall, are infinite, or are no times; the events themselves are true."""
    times: tuple[Any, ...] = (-1.0, float("inf"), float("nan"), -float("inf"), "yesterday", 10**400, None, [], True)
    _says(
        scene,
        lambda events: _lines(*({**event, "t": times[index % len(times)]} for index, event in enumerate(events))),
    )


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def tells_numbers_without_end(scene: Scene) -> None:
    """The first event has a number of 4,000 digits, so that whoever asks for what came later asks with all of them."""
    _says(scene, lambda events: _lines({"seq": 10**4000, "ev": "start", "id": "x"}, *events[1:]))


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def never_ends(scene: Scene) -> None:
    """The feed never ends."""
    line = _lines({"seq": 1, "t": 1.0, "ev": "start", "id": "x"})
    flood = line * (PIECE // len(line))
    begin = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    scene.take(lambda taken: taken.flood(chain([begin], repeat(flood))), b"events")


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def always_has_news(scene: Scene) -> None:
    """Each look brings a hundred new events, with IDs of 5,000 characters, and none that is true."""
    number = count(1)
    token = "x" * 5000
    _says(
        scene,
        lambda _: _lines(*({"seq": n, "t": n, "ev": "done", "id": f"{n}{token}"} for _, n in zip(range(100), number))),  # noqa: B905
    )


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def is_no_json(scene: Scene) -> None:
    """The feed is random bytes, in lines."""
    noise = random.Random(60).randbytes(100_000)
    _says(scene, lambda _: noise)


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def is_deep_json(scene: Scene) -> None:
    """The feed is arrays within arrays, deeper than anybody descends."""
    _says(scene, lambda _: b"[" * 200_000 + b'\n{"seq":' * 50_000)


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID, patience=2.0)
def says_nothing(scene: Scene) -> None:
    """The feed never answers."""
    scene.take(lambda _: None, b"events")


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def hangs_up(scene: Scene) -> None:
    """The feed closes the connection."""
    scene.take(lambda line: line.close(), b"events")


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID, shown=True)
def names_are_markup(scene: Scene) -> None:
    """Every event is called what a terminal or a browser would obey."""
    _says(scene, lambda events: _lines(*({**event, "ev": MARKUP} for event in events)))


@hostile(asked=WITNESSED, honest=UNWITNESSED, because=SAID)
def names_are_long(scene: Scene) -> None:
    """Every event has a name of 50,000 characters."""
    _says(scene, lambda events: _lines(*({**event, "ev": "x" * 50_000} for event in events)))


@hostile(asked=(), honest=(*UNWITNESSED, *WITNESSED))
def file_is_a_pipe(scene: Scene) -> None:
    """The file that scripts append their events to becomes a named pipe, which whoever opens it waits at."""
    os.mkfifo(_without_file(scene))


@hostile(asked=(), honest=(*UNWITNESSED, *WITNESSED))
def file_is_a_directory(scene: Scene) -> None:
    """The file that scripts append their events to becomes a directory."""
    _without_file(scene).mkdir()


@hostile(asked=(), honest=(*UNWITNESSED, *WITNESSED))
def file_is_endless(scene: Scene) -> None:
    """The file that scripts append their events to leads to a device that never runs dry."""
    _without_file(scene).symlink_to("/dev/zero")


@hostile(asked=(), honest=(*UNWITNESSED, *WITNESSED))
def file_is_one_line(scene: Scene) -> None:
    """The file that scripts append their events to has one line, of a terabyte."""
    with _without_file(scene).open("wb") as file:
        file.truncate(1024**4)


def _without_file(scene: Scene) -> Path:
    """The path of the file, which is no more; the reference, which reads it as well, does so no longer."""
    path = Path(os.environ["WEB60_EVENTS"])
    path.unlink(missing_ok=True)
    scene.events._path = None
    return path
