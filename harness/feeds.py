"""
Where events come from: files that grow, feeds over HTTP; whatever a target puts in their place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from attrs import define

#: Bytes that one look may bring.
MOST_AT_ONCE = 4 * 1024 * 1024

#: Lines of one look that may begin like a JSON object and be none: each costs us as much as an event.
MOST_OTHERS = 1000


class Source(Protocol):
    """Where events come from."""

    async def read(self) -> bytes:
        """The JSON lines that are new since the last call.  Raises `Misbehaved` where they cannot be had."""


def appended(path: Path, offset: int) -> bytes:
    """
    What a file has from there on, as much as one look may bring; nothing where there is no such file.

    A target may put something else in its place: a pipe, at which we would wait, or a device that never runs dry.
    """
    if not path.is_file():
        return b""
    # Whoever changes it just now shall not make us wait either.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        file.seek(offset)
        return file.read(MOST_AT_ONCE)


def size(path: Path) -> int:
    """The bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


@define
class FileSource:
    """A file of JSON lines that grows."""

    path: Path
    _offset: int = 0

    async def read(self) -> bytes:
        """What was appended, up to the last whole line."""
        data = appended(self.path, self._offset)
        whole = data[: data.rfind(b"\n") + 1]
        # A line that fills a whole look is no event, and would be looked at for ever.
        self._offset += len(data if len(data) == MOST_AT_ONCE and not whole else whole)
        return whole


@define
class HttpSource:
    """A feed of JSON lines over HTTP; `fetch` gets the lines after a sequence number."""

    fetch: Callable[[int], Awaitable[bytes]]
    _last: int = 0

    async def read(self) -> bytes:
        """The lines whose number is higher than any before."""
        data = await self.fetch(self._last)
        fresh = []
        for line, value in objects(data):
            number = value.get("seq")
            if not isinstance(number, int) or number <= self._last:
                # A feed that takes no notice of `since` repeats itself.
                continue
            fresh.append((number, line))
        if fresh:
            self._last = max(number for number, _ in fresh)
        return b"".join(line + b"\n" for _, line in fresh)


def objects(data: bytes) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """The lines that are JSON objects; whatever else a feed says is no event, and after much of it we stop looking."""
    others = 0
    for line in data.splitlines():
        if not line.lstrip().startswith(b"{"):
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            others += 1
            if others > MOST_OTHERS:
                return
        else:
            yield line, value
