"""
Where events come from, and what may be there instead.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed

from harness import feeds
from harness.clocks import started
from harness.feeds import FileSource, HttpSource


def line(name: str, token: str = "a", **more: object) -> bytes:
    """One event as a line of JSON."""
    return json.dumps({"ev": name, "id": token, **more}).encode() + b"\n"


def result(awaited: Awaitable[Any]) -> Any:
    """What comes of it at once."""
    found: list[Any] = []
    started(awaited).addBoth(found.append)
    return found[0]


@pytest.mark.parametrize("kind", ["pipe", "directory", "device"])
def test_what_is_no_file_is_empty(tmp_path: Path, kind: str) -> None:
    """A target may put what it likes where its events should be; whoever opens a pipe waits for a writer."""
    path = tmp_path / "events.jsonl"
    {
        "pipe": lambda: os.mkfifo(path),
        "directory": path.mkdir,
        "device": lambda: path.symlink_to("/dev/zero"),
    }[kind]()

    assert result(FileSource(path).read()) == b""


def test_a_line_without_end_does_not_hide_what_follows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed over a look at a time."""
    monkeypatch.setattr(feeds, "MOST_AT_ONCE", 10)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * 25 + b"\nshort\n")
    source = FileSource(path)

    assert [result(source.read()) for _ in range(4)] == [b"", b"", b"xxxxx\n", b"short\n"]


def test_a_file_is_read_by_whole_lines(tmp_path: Path) -> None:
    """Half a line is read once it is whole; a file that is not there yet is empty."""
    path = tmp_path / "events.jsonl"
    source = FileSource(path)

    read = [result(source.read())]
    for more in (b"one\ntw", b"o\n", b""):
        with path.open("ab") as file:
            file.write(more)
        read.append(result(source.read()))

    assert read == [b"", b"one\n", b"two\n", b""]


@settings(deadline=None)
@given(pieces=st.lists(st.binary(max_size=20), max_size=6))
def test_no_byte_of_a_file_is_read_twice_or_lost(pieces: list[bytes]) -> None:
    """However it grows."""
    with TemporaryDirectory() as directory:
        source = FileSource(Path(directory) / "events.jsonl")
        read = b""
        for piece in pieces:
            with source.path.open("ab") as file:
                file.write(piece)
            read += result(source.read())

    whole = b"".join(pieces)
    assert read == whole[: whole.rfind(b"\n") + 1]


def test_a_feed_over_http_is_asked_for_what_is_new() -> None:
    """By the highest number seen."""
    asked: list[int] = []
    answers = [line("a", seq=1) + line("b", seq=4), b"", line("c", seq=5)]

    def fetch(since: int) -> Deferred[bytes]:
        asked.append(since)
        return succeed(answers.pop(0))

    source = HttpSource(fetch)
    read = [result(source.read()) for _ in range(3)]

    assert asked == [0, 4, 4]
    assert read == [line("a", seq=1) + line("b", seq=4), b"", line("c", seq=5)]


def test_a_feed_that_repeats_itself_is_heard_once() -> None:
    """One that takes no notice of `since` gives everything each time; lines without a number are none of ours."""
    source = HttpSource(lambda _: succeed(line("a", seq=1) + line("b", seq=2) + line("x") + line("y", seq="3")))

    assert result(source.read()) == line("a", seq=1) + line("b", seq=2)
    assert result(source.read()) == b""
