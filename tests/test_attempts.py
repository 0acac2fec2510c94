"""
One attempt: its words, its evidence, its end.
"""

from __future__ import annotations

from contextvars import copy_context
from typing import Any

import pytest
from twisted.internet import task
from twisted.internet.defer import Deferred

from harness.attempts import MOST_GRANTED, Attempt
from harness.clocks import POLL, Clock, started
from harness.errors import Overdue
from harness.timing import Window
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


def test_of_several_things_at_once_the_one_that_still_comes_is_named(attempt: Attempt) -> None:
    """Whichever of them was begun first, and whichever is over."""
    first, second = Deferred[None](), Deferred[None]()
    started(attempt.wait(first, "the first"))
    started(attempt.wait(second, "the second"))

    said = [attempt.doing]
    second.callback(None)
    said.append(attempt.doing)
    first.callback(None)
    said.append(attempt.doing)

    assert said == ["the second", "the first", ""]


def test_what_does_not_come_in_time_is_named(time: task.Clock, attempt: Attempt) -> None:
    """In the words that were given for it."""
    found: list[Any] = []
    started(attempt.wait(Deferred(), "event 'start'", within=2.5)).addErrback(found.append)

    time.advance(2.5)

    assert found[0].check(Overdue)
    assert str(found[0].value) == "no event 'start' within 2.5 s"
    assert attempt.doing == ""


class Prophet(Clock):
    """A clock that knows what will come."""

    def prospect(self) -> str:
        """See `Clock.prospect`."""
        return "nothing can happen any more"


def given_up(time: task.Clock, clock: Clock, awaited: Any, within: float | None) -> tuple[str, str]:
    """What an attempt says that waits and is given up: of the whole, and of what it waited for."""
    attempt = Attempt(clock, Transcript(0.0), lambda: "token")
    found: list[Any] = []
    started(attempt.wait(awaited, "first byte", within=within)).addErrback(found.append)
    said = attempt.given_up(15.0)
    time.advance(3.0)
    return said, str(found[0].value) if found else ""


def test_who_has_waited_too_long_says_for_what(time: task.Clock) -> None:
    """And for how long."""
    said, late = given_up(time, Clock(time, time.seconds), Deferred(), 2.5)

    assert said == "after 15 s it still waited for first byte"
    assert late == "no first byte within 2.5 s"


def test_where_nothing_can_come_any_more_that_is_said(time: task.Clock) -> None:
    """Seconds would say nothing then; those of the profile are told all the same."""
    said, late = given_up(time, Prophet(time, time.seconds), Deferred(), 2.5)

    assert said == "nothing can happen any more; waiting for first byte"
    assert late == "no first byte within 2.5 s: nothing can happen any more"


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Clock, "after 15 s it still waited for its end"), (Prophet, "nothing can happen any more; waiting for its end")],
)
def test_who_waits_for_nothing_in_particular_waits_for_its_end(time: task.Clock, kind: type[Clock], said: str) -> None:
    """Such as a spec that awaits something of its own."""
    assert Attempt(kind(time, time.seconds), Transcript(0.0), lambda: "token").given_up(15.0) == said


def test_between_two_looks_is_a_moment_of_the_clocks(time: task.Clock, attempt: Attempt) -> None:
    """In real time a short while."""
    done = started(attempt.looks().again())
    early = done.called

    time.advance(POLL)

    assert (early, done.called) == (False, True)


def test_the_clock_is_told_how_many_looks_there_were_at_one_moment() -> None:
    """They are counted anew when time has got on, and for each who looks."""
    told: list[int] = []
    times = [0.0] * 4 + [2.0] * 3 + [2.0] * 2

    class Counting(Clock):
        async def moment(self, looks: int = 0) -> None:
            told.append(looks)

    clock = Counting(task.Clock(), lambda: times.pop(0))
    one, other = (Attempt(clock, Transcript(0.0), lambda: "token").looks(quiet=False) for _ in range(2))
    for looks in [one] * 7 + [other] * 2:
        started(looks.again())

    assert told == [0, 1, 2, 3, 0, 1, 2, 0, 1]


def test_looks_that_make_nothing_happen_are_not_counted() -> None:
    """However often one looks, it is as if it were the first time; unless it says so, a look is of this kind."""
    told: list[int] = []

    class Counting(Clock):
        async def moment(self, looks: int = 0) -> None:
            told.append(looks)

    looks = Attempt(Counting(task.Clock(), lambda: 1.0), Transcript(0.0), lambda: "token").looks()
    for _ in range(3):
        started(looks.again())

    assert told == [0, 0, 0]


def test_what_held_it_up_is_excused(time: task.Clock, attempt: Attempt) -> None:
    """While it lasts and afterwards, each time anew; it says what it was."""
    excused = [attempt.excused()]
    with attempt.held_up("a turn"):
        said = attempt.doing
        time.advance(2.0)
        excused.append(attempt.excused())
    time.advance(5.0)
    excused.append(attempt.excused())
    with attempt.held_up("a turn"):
        time.advance(1.0)
        excused.append(attempt.excused())
    excused.append(attempt.excused())

    assert excused == [0.0, 2.0, 2.0, 3.0, 3.0]
    assert (said, attempt.doing) == ("a turn", "")


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


def test_what_gets_on_is_given_its_time_anew(time: task.Clock, attempt: Attempt) -> None:
    """For each part that has held, up to a bound; a part that hangs has no more time than anybody else."""
    excused = []
    for seconds in (5.0, 0.0, 7.0, 100.0):
        time.advance(seconds)
        attempt.got_on()
        excused.append(attempt.excused())
    time.advance(3.0)

    assert excused == [5.0, 5.0, 12.0, MOST_GRANTED]
    assert attempt.excused() == MOST_GRANTED


def test_being_held_up_by_several_things_at_once_counts_once(time: task.Clock, attempt: Attempt) -> None:
    """From the first of them to the last, in whatever order they end."""
    first, second = attempt.held_up("a turn"), attempt.held_up("another")

    first.__enter__()
    time.advance(1.0)
    second.__enter__()
    time.advance(2.0)
    first.__exit__(None, None, None)
    time.advance(4.0)
    amid = attempt.excused()
    second.__exit__(None, None, None)
    time.advance(8.0)

    assert (amid, attempt.excused()) == (7.0, 7.0)


def test_what_got_on_while_it_was_held_up_is_excused_once(time: task.Clock, attempt: Attempt) -> None:
    """The seconds of a part are granted or held up, not both."""
    with attempt.held_up("a turn"):
        time.advance(3.0)
    time.advance(2.0)
    attempt.got_on()

    assert attempt.excused() == 5.0


def test_what_it_measures_stands_in_its_transcript(time: task.Clock, attempt: Attempt) -> None:
    """Once, with the moment from which it was measured; where nobody knows that, it ended now."""

    async def work() -> None:
        attempt.measures()
        began = attempt.now()
        await attempt.sleep(2.0, "what is measured")
        took = attempt.now() - began
        await attempt.sleep(1.0, "something else")
        assert took in Window(1.0, 2.0)
        assert float(took) not in Window.until(0.5)

    done = started(work())
    time.advance(2.0)
    time.advance(1.0)

    assert done.called
    assert attempt.transcript.entries == [
        Entry(0.0, "clock", "wait", "until 2 s: what is measured"),
        Entry(2.0, "clock", "wait", "until 3 s: something else"),
        Entry(3.0, "clock", "window", "2 s from 0 s; allowed: 1 to 2 s"),
        Entry(3.0, "clock", "window", "2 s from 1 s; allowed: 0 to 0.5 s; missed"),
    ]


def test_two_attempts_at_once_tell_their_own_measurements(time: task.Clock) -> None:
    """Also what is measured in what they began; nobody else's measurement is anybody's."""
    attempts = [Attempt(Clock(time, time.seconds), Transcript(0.0), lambda: "token") for _ in range(2)]

    async def measure(number: int) -> None:
        await attempts[number].sleep(1.0)
        assert number + 1 in Window.until(number + 1)

    async def work(number: int) -> None:
        attempts[number].measures()
        await started(measure(number))
        await measure(number)

    done = [started(work(number)) for number in range(2)]
    time.advance(1.0)
    assert 7.0 in Window.until(7.0)
    time.advance(1.0)

    assert all(one.called for one in done)
    told = [[entry.data for entry in one.transcript.entries if entry.what == "window"] for one in attempts]
    assert told == [
        ["1 s from 0 s; allowed: 0 to 1 s", "1 s from 1 s; allowed: 0 to 1 s"],
        ["2 s from -1 s; allowed: 0 to 2 s", "2 s from 0 s; allowed: 0 to 2 s"],
    ]


@pytest.mark.parametrize(
    ("number", "is_inside"),
    [(float("nan"), False), (float("inf"), True), (10**400, True)],
    ids=["no number", "infinite", "more than any float"],
)
def test_a_number_that_is_none_changes_no_verdict(attempt: Attempt, number: float, is_inside: bool) -> None:  # noqa: FBT001
    """A target may have said it."""
    context = copy_context()
    context.run(attempt.measures)

    assert context.run(lambda: number in Window(1.0)) is is_inside


def test_who_sleeps_for_no_time_has_not_waited(attempt: Attempt) -> None:
    """A moment that is over already is no wait."""
    started(attempt.sleep(0.0))
    started(attempt.until(99.0))

    assert attempt.transcript.entries == []


def test_what_did_not_come_stands_in_the_transcript(time: task.Clock, attempt: Attempt) -> None:
    """With the moment from which it was waited for; so does what a whole attempt was given up for."""
    time.advance(0.5)
    started(attempt.wait(Deferred(), "event 'start'", within=2.5)).addErrback(lambda _: None)
    time.advance(2.5)
    started(attempt.wait(Deferred(), "answer"))
    time.advance(1.0)

    attempt.given_up(4.0)

    assert attempt.transcript.entries == [
        Entry(3.0, "clock", "late", "since 0.5 s: no event 'start' within 2.5 s"),
        Entry(4.0, "clock", "late", "since 0 s: still waiting for answer"),
    ]
