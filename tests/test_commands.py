"""
Commands that specs run: where, with which words, and not beyond the attempt.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve

from harness.attempts import Attempt
from harness.clocks import Clock
from harness.commands import Commands
from harness.errors import Misbehaved, Overdue, UsageError
from harness.transcripts import Transcript

PRINTS = "import os, sys; print(os.getcwd(), sorted(os.listdir()), sys.argv[1:], file=sys.stderr); sys.exit(3)"
SERVES = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""


@pytest.fixture
def attempt(loop: Any) -> Iterator[Attempt]:
    """An attempt that is over with the test."""
    clock = Clock(loop)
    attempt = Attempt(clock, Transcript(clock.now()), lambda: "token")
    yield attempt
    attempt.finish()


@pytest.fixture
def commands(loop: Any, attempt: Attempt) -> Commands:
    """The room."""
    return Commands(attempt, loop, Clock(loop), Path("/assets"))


@pytest_twisted.ensureDeferred
async def test_a_command_runs_among_its_files_with_its_words(commands: Commands) -> None:
    """In a directory of its own; the words are filled in, and no shell reads them."""
    started = commands.start(["{python}", "-c", PRINTS, "{port}", "{assets}", "$HOME; {}"], {"b.txt": "b", "a": ""})

    assert await started.ends() == 3
    assert started.lines == (f"{started.directory} ['a', 'b.txt'] ['{started.port}', '/assets', '$HOME; {{}}']",)


@pytest_twisted.ensureDeferred
async def test_a_command_runs_on_the_python_of_its_target(commands: Commands) -> None:
    """Not on ours, if the profile names one."""
    started = evolve(commands, python="/bin/echo").start(["{python}", "hello"])

    assert await started.ends() == 0
    assert started.lines == ("hello",)


@pytest_twisted.ensureDeferred
async def test_a_command_that_serves_is_talked_to_and_told_to_end(commands: Commands) -> None:
    """By its port; -15 is SIGTERM, which Python's server does not handle."""
    started = commands.start(["{python}", "-c", SERVES, "{port}"], {"a.txt": "text"})

    assert await started.listens()
    answer = await started.wire.get("/a.txt")
    code = await started.is_told_to_end()

    assert answer.body == b"text"
    assert started.url == f"http://127.0.0.1:{started.port}/"
    assert code == -15
    with pytest.raises(Misbehaved):
        await started.wire.get("/a.txt")


@pytest_twisted.ensureDeferred
async def test_a_command_that_ends_does_not_listen(commands: Commands) -> None:
    """And nobody waits for it any longer."""
    started = commands.start(["{python}", "-c", "print('one'); print('two', end='')"])

    assert not await started.listens()
    assert await started.ends() == 0
    assert started.lines == ("one", "two")


@pytest_twisted.ensureDeferred
async def test_a_command_that_does_nothing_has_a_deadline(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its listening nor its end is waited for without one."""
    monkeypatch.setattr("harness.commands.WITHIN", 0.2)
    started = commands.start(["{python}", "-c", "import time; time.sleep(60)"])

    with pytest.raises(Overdue, match=r"no command to listen within 0\.2 s"):
        await started.listens()
    with pytest.raises(Overdue, match=r"no command to end within 0\.2 s"):
        await started.ends()


@pytest_twisted.ensureDeferred
async def test_nothing_is_left_when_the_attempt_is_over(commands: Commands, attempt: Attempt) -> None:
    """Neither the process nor its directory."""
    started = commands.start([sys.executable, "-c", "import time; time.sleep(60)"])

    attempt.finish()

    assert await started.ends() == -15
    assert not started.directory.exists()


def test_a_program_that_does_not_exist_is_the_profiles_mistake(commands: Commands) -> None:
    """It is told, and no verdict about anything."""
    with pytest.raises(UsageError, match="cannot start '/no/such/program'"):
        commands.start(["/no/such/program"])
