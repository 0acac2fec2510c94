"""
What happened, as one JSON object a line: the recorder, its HTTP feed, and the file that scripts append to.
"""

from __future__ import annotations

import atexit
import json
import os
import tempfile
from collections import deque
from itertools import islice
from typing import Any, Deque, Dict, Iterator, List, Optional

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import Request

# A full run of the suite records some 3,000 events; the feed is read all the time, so what is
# forgotten was seen long ago.
REMEMBERED = 20_000


def token(request: Request) -> str:
    """
    The `id` that the client put into the query, or "".
    """
    values: List[bytes] = (request.args or {}).get(b"id", [b""])
    return values[0].decode("utf-8", "replace")


def shared_file() -> str:
    """
    The path in $WEB60_EVENTS.  If it is unset, it becomes that of a new temporary file, removed at exit.

    CGI scripts inherit the variable, and a WSGI application in this process reads it, so all append there.
    """
    path = os.environ.get("WEB60_EVENTS")
    if not path:
        handle, path = tempfile.mkstemp(prefix="web60-events-", suffix=".jsonl")
        os.close(handle)
        os.environ["WEB60_EVENTS"] = path
        atexit.register(forget_file, path)
    return path


def forget_file(path: str) -> None:
    """
    Removes a file that `shared_file` made, and the variable that names it.  A second call does nothing.
    """
    if os.environ.get("WEB60_EVENTS") == path:
        del os.environ["WEB60_EVENTS"]
    if os.path.exists(path):
        os.remove(path)


class Recorder:
    """
    Numbers events from 1 and remembers the latest `REMEMBERED`.  Used in the reactor's thread only.

    With a `path`, whole lines that others append to that file from now on are folded in when events are read.
    """

    def __init__(self, reactor: IReactorTime, path: Optional[str] = None) -> None:
        self._reactor = reactor
        self._path = path
        self._read = os.path.getsize(path) if path and os.path.exists(path) else 0
        self._last = 0
        self._events: Deque[Dict[str, Any]] = deque(maxlen=REMEMBERED)

    def record(self, ev: str, id: str) -> None:
        """
        Adds an event that happens now.
        """
        self._add({"t": self._reactor.seconds(), "ev": ev, "id": id})

    def since(self, seq: int) -> Iterator[Dict[str, Any]]:
        """
        The remembered events numbered above `seq`, oldest first; 0 gives all.
        """
        self._fold()
        forgotten = self._last - len(self._events)
        return islice(self._events, max(0, seq - forgotten), None)

    def has(self, ev: str, id: str) -> bool:
        """
        Whether such an event is remembered.
        """
        return any(event.get("ev") == ev and event.get("id") == id for event in self._events)

    def _add(self, event: Dict[str, Any]) -> None:
        self._last += 1
        self._events.append(dict(event, seq=self._last))

    def _fold(self) -> None:
        if not self._path or not os.path.exists(self._path):
            return
        with open(self._path, "rb") as appended:
            appended.seek(self._read)
            for line in appended:
                if not line.endswith(b"\n"):  # its writer is not done; the next reader takes it whole
                    break
                self._read += len(line)
                try:
                    event = json.loads(line.decode("utf-8"))
                except ValueError:
                    continue
                if isinstance(event, dict):
                    self._add(event)


class Feed(Resource):
    """
    GET with `since=n`: the events numbered above n as application/x-ndjson; without it, all.
    """

    isLeaf = True

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def render_GET(self, request: Request) -> bytes:
        values: List[bytes] = (request.args or {}).get(b"since", [b"0"])
        request.setHeader(b"content-type", b"application/x-ndjson")
        if not values[0].isdigit():
            request.setResponseCode(400)
            return b'{"error": "since is a number: the last seq that you have seen"}\n'
        lines = [json.dumps(event) + "\n" for event in self._recorder.since(int(values[0]))]
        return "".join(lines).encode("utf-8")
