"""
Commands: their output as lines, their whole group, their end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import deferLater

from harness import processes
from harness.errors import UsageError
from harness.processes import LONGEST_LINE, Command, Line, Lines


def lines() -> Lines:
    """Lines whose time stands still."""
    return Lines(lambda: 5.0)


@settings(deadline=None)
@given(pieces=st.lists(st.binary(max_size=30) | st.just(b"\n") | st.just(b"x" * 9000), max_size=10))
def test_how_the_output_is_cut_up_changes_nothing(pieces: list[bytes]) -> None:
    """A pipe keeps no boundaries."""
    whole, cut = lines(), lines()

    whole.feed(b"".join(pieces))
    for piece in pieces:
        cut.feed(piece)

    assert cut.since(0) == whole.since(0)
    assert cut.last(99) == whole.last(99)


def test_a_line_is_given_once_it_is_whole() -> None:
    """With when it came, and without its end."""
    log = lines()

    log.feed(b"one\r\ntw")
    before = log.since(0)
    log.feed(b"o\n")

    assert before == (Line(5.0, "one"),)
    assert [line.text for line in log.since(0)] == ["one", "two"]


def test_a_line_that_is_not_finished_is_shown_among_the_last() -> None:
    """A command may die before it ends its line."""
    log = lines()

    log.feed(b"one\ntwo\nhalf")

    assert log.last(2) == ["two", "half"]
    assert lines().last(3) == []


def test_any_bytes_are_text() -> None:
    """What is not UTF-8 is shown as escapes."""
    log = lines()

    log.feed(b"caf\xc3\xa9 \xff\n")

    assert log.since(0)[0].text == "café \\xff"


def test_a_line_without_end_costs_no_memory() -> None:
    """Only its beginning is kept."""
    log = lines()

    for _ in range(5):
        log.feed(b"x" * LONGEST_LINE)
    log.feed(b"\nnext\n")

    assert [len(line.text) for line in log.since(0)] == [LONGEST_LINE, 4]


def test_a_mark_outlives_the_lines_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old lines are dropped; what came after a mark is still found there."""
    monkeypatch.setattr(processes, "MOST_LINES", 3)
    log = lines()
    log.feed(b"a\nb\n")
    mark = log.mark()

    log.feed(b"c\nd\ne\n")

    assert [line.text for line in log.since(mark)] == ["c", "d", "e"]
    assert [line.text for line in log.since(0)] == ["c", "d", "e"]
    assert (log.mark(), log.dropped) == (5, 2)


def test_lines_are_kept_by_the_memory_that_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wide character makes a whole line four times as large."""
    monkeypatch.setattr(processes, "MOST_MEMORY", 10_000)
    narrow, wide = lines(), lines()

    narrow.feed((b"x" * 1000 + b"\n") * 20)
    wide.feed((b"x" * 1000 + "\U0001f4a3\n".encode()) * 20)

    assert (len(narrow.since(0)), len(wide.since(0))) == (9, 2)
    assert narrow.mark() == wide.mark() == 20


# Real processes.


@pytest.fixture
def start(loop: Any, tmp_path: Path) -> Iterator[Any]:
    """Starts Python code as a command, which ends with the test."""
    commands = []

    def begin(code: str, **environment: str) -> Command:
        command = Command.start(loop, [sys.executable, "-uc", code], tmp_path, environment, Lines(loop.seconds))
        commands.append(command)
        return command

    yield begin
    for command in commands:
        command.stop()


def state(process: str) -> str:
    """The letter of a process's state, as Linux has it; X when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


async def printed(loop: Any, command: Command, count: int) -> list[str]:
    """The first lines that a command prints, once there are so many."""
    while command.lines.mark() < count:
        await deferLater(loop, 0.01)
    return [line.text for line in command.lines.since(0)]


@pytest_twisted.ensureDeferred
async def test_both_outputs_are_one_stream(loop: Any, start: Any, tmp_path: Path) -> None:
    """In the directory and with the environment given, and with an empty input."""
    code = """
import os, sys
print(os.getcwd()); print(os.environ["MINE"], file=sys.stderr); print(repr(sys.stdin.read()))
"""
    command = start(code, MINE="yes")

    assert await printed(loop, command, 3) == [str(tmp_path), "yes", "''"]


@pytest_twisted.ensureDeferred
async def test_the_exit_code_is_known_once_it_is_over(loop: Any, start: Any) -> None:
    """And not before."""
    command = start("import sys; print(1); sys.exit(7)")

    await printed(loop, command, 1)
    while command.code is None:
        await deferLater(loop, 0.01)

    assert command.code == 7


@pytest_twisted.ensureDeferred
async def test_stopping_ends_the_children_too(loop: Any, start: Any) -> None:
    """The whole group; a second stop does no harm."""
    code = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid); child.wait()
"""
    command = start(code)
    (child,) = await printed(loop, command, 1)

    command.stop()

    assert command.code is not None
    # The child is nobody's now: whoever adopts it may not have reaped it yet.
    assert state(child) in "ZX"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux says what a process was given")
@pytest_twisted.ensureDeferred
async def test_stopping_ends_who_has_left_the_group(loop: Any, start: Any) -> None:
    """Daemons have a session of their own, and no parent."""
    code = """
import subprocess
print(subprocess.check_output("setsid sleep 600 >/dev/null 2>&1 & echo $!", shell=True, text=True), end="")
"""
    command = start(code)
    (daemon,) = await printed(loop, command, 1)
    before = state(daemon)

    command.stop()

    assert before not in "ZX"
    assert state(daemon) in "ZX"


@pytest_twisted.ensureDeferred
async def test_whoever_does_not_listen_is_killed(loop: Any, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a grace; a pipe that is full of output is emptied meanwhile."""
    monkeypatch.setattr(processes, "GRACE", 0.05)
    code = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf")
while True: time.sleep(1)
"""
    command = start(code)
    await printed(loop, command, 1)

    command.stop()

    assert command.code == -9


@pytest_twisted.ensureDeferred
async def test_what_we_started_does_not_outlive_us(loop: Any, start: Any) -> None:
    """Also when we are killed: the whole group, which listens to nobody."""
    code = """
import os, signal, sys
from pathlib import Path
from twisted.internet import reactor
from harness.processes import Command, Lines
deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid()); time.sleep(600)"
command = Command.start(reactor, [sys.executable, "-uc", deaf], Path(), {}, Lines(reactor.seconds))
def look():
    if command.lines.mark():
        print(command.lines.last(1)[0])
        os.kill(os.getpid(), signal.SIGKILL)
    reactor.callLater(0.01, look)
reactor.callWhenRunning(look)
reactor.run()
"""
    killed = start(code)
    (child,) = await printed(loop, killed, 1)

    for _ in range(500):
        if state(child) in "ZX":
            break
        await deferLater(loop, 0.01)

    assert state(child) in "ZX"
    assert killed.code == -9


def test_a_program_that_is_not_there_is_said_so(loop: Any, tmp_path: Path) -> None:
    """And leaves no file descriptors behind."""
    before = len(list(Path("/proc/self/fd").iterdir()))

    with pytest.raises(UsageError, match=r"cannot start '\./no-such-program': No such file"):
        Command.start(loop, ["./no-such-program"], tmp_path, {}, lines())

    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest_twisted.ensureDeferred
async def test_stopping_one_that_has_ended_leaves_the_others_output_alone(loop: Any, start: Any) -> None:
    """The number of a pipe that is closed is soon another pipe's."""
    ended = start("print(1)")
    while not ended.is_read:
        await deferLater(loop, 0.01)
    running = start("import time; print(1); time.sleep(0.2); print(2)")
    await printed(loop, running, 1)

    ended.stop()

    assert await printed(loop, running, 2) == ["1", "2"]


@pytest_twisted.ensureDeferred
async def test_who_is_told_to_end_may_take_their_time(loop: Any, start: Any) -> None:
    """`terminate` waits for nothing; all that was printed is read before it is said to be."""
    command = start("import signal; signal.signal(15, lambda *_: exit(print('bye') or 3)); print(1); signal.pause()")
    await printed(loop, command, 1)

    command.terminate()
    while command.code is None or not command.is_read:
        await deferLater(loop, 0.01)

    assert command.code == 3
    assert command.lines.last(1) == ["bye"]
