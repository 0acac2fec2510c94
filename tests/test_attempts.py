"""
One attempt: its words, its evidence, its end.
"""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet import task
from twisted.internet.defer import Deferred

from harness.attempts import Attempt
from harness.clocks import Clock, started
from harness.errors import Overdue
from harness.transcripts import Entry, Transcript


@pytest.fixture
def time() -> task.Clock:
    """Time that stands still until it is advanced."""
    return task.Clock()


@pytest.fixture
def attempt(time: task.Clock) -> Attempt:
    """An attempt that begins at 100 seconds."""
    time.advance(100)
    return Attempt(Clock(time, time.seconds), Transcript(100.0), lambda: "token")


def test_it_says_what_it_waits_for(time: task.Clock, attempt: Attempt) -> None:
    """The inner wait while it lasts, then the outer one, then nothing."""
    coming: Deferred[None] = Deferred()

    async def work() -> None:
        with attempt.waiting_for("the whole"):
            await attempt.wait(coming, "a part")
            await attempt.sleep(1.0, "a pause")
            await attempt.until(102.0)

    done = started(work())
    said = [attempt.doing]
    coming.callback(None)
    said.append(attempt.doing)
    time.advance(1.0)
    said.append(attempt.doing)
    time.advance(1.0)

    assert said == ["a part", "a pause", "time to pass"]
    assert (done.called, attempt.doing) == (True, "")


def test_what_does_not_come_in_time_is_named(time: task.Clock, attempt: Attempt) -> None:
    """In the words that were given for it."""
    found: list[Any] = []
    started(attempt.wait(Deferred(), "event 'start'", within=2.5)).addErrback(found.append)

    time.advance(2.5)

    assert found[0].check(Overdue)
    assert str(found[0].value) == "no event 'start' within 2.5 s"
    assert attempt.doing == ""


def test_a_note_counts_from_the_beginning(time: task.Clock, attempt: Attempt) -> None:
    """It stands in the transcript, with its time."""
    time.advance(1.5)

    attempt.note("us", "bytes", b"GET")

    assert attempt.transcript.entries == [Entry(1.5, "us", "bytes", "GET")]
    assert attempt.now() == 101.5


def test_what_was_opened_last_is_closed_first(attempt: Attempt) -> None:
    """And only once."""
    closed: list[int] = []
    for number in range(3):
        attempt.at_end(lambda number=number: closed.append(number))  # type: ignore[misc]

    attempt.finish()
    attempt.finish()

    assert closed == [2, 1, 0]
