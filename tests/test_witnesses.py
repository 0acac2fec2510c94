"""
Witnesses: what a target says of itself, in whatever shape it comes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet import task
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.python.failure import Failure

from harness import processes, witnesses
from harness.attempts import Attempt
from harness.clocks import Clock, gather, started
from harness.errors import Misbehaved, NoAnswer, NotObservable, NotSeen
from harness.factories import LoggedLines
from harness.processes import Lines
from harness.transcripts import Transcript
from harness.witnesses import Event, Events, Feed, Journal, Log
from harness.worlds import World, WorldClock


@define
class Said:
    """A source that gives what a test puts there, each piece once."""

    pieces: list[Any] = field(factory=list)
    reads: int = 0

    async def read(self) -> bytes:
        """See `harness.witnesses.Source`."""
        self.reads += 1
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, Exception):
            raise piece
        return await piece if isinstance(piece, Deferred) else piece


@pytest.fixture
def time() -> task.Clock:
    """Time that stands still until it is advanced."""
    return task.Clock()


@pytest.fixture
def said() -> Said:
    """A source that a test fills."""
    return Said()


@pytest.fixture
def feed(time: task.Clock, said: Said) -> Feed:
    """A feed of that source."""
    return Feed(Clock(time, time.seconds), [said])


@pytest.fixture
def attempt(time: task.Clock) -> Attempt:
    """An attempt in that time."""
    return Attempt(Clock(time, time.seconds), Transcript(0.0), lambda: "token")


@pytest.fixture
def events(attempt: Attempt, feed: Feed) -> Events:
    """The events as a spec sees them."""
    return Events(attempt, feed)


def line(name: str, token: str = "a", **more: object) -> bytes:
    """One event as a line of JSON."""
    return json.dumps({"ev": name, "id": token, **more}).encode() + b"\n"


def outcome(awaited: Awaitable[Any]) -> list[Any]:
    """A list that holds the result, or the failure, once there is one."""
    found: list[Any] = []
    started(awaited).addBoth(found.append)
    return found


def result(awaited: Awaitable[Any]) -> Any:
    """What something ended in, which must have happened by now."""
    (found,) = outcome(awaited)
    if isinstance(found, Failure):
        found.raiseException()
    return found


# Feeds.


def test_events_are_known_by_their_id_and_name(feed: Feed, said: Said, time: task.Clock) -> None:
    """With when we learned of them and when they say they happened."""
    time.advance(3)
    said.pieces.append(line("start", t=7) + line("done", t=8.5) + line("start", "b"))

    result(feed.settle())

    assert feed.of("a") == (Event("start", "a", 3.0, 7.0), Event("done", "a", 3.0, 8.5))
    assert feed.of("a", "done") == (Event("done", "a", 3.0, 8.5),)
    assert feed.of("nobody") == ()


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\n\n",
        b"not JSON\n",
        b"[1]\n5\nnull\n",
        b'{"ev": 5, "id": "a"}\n',
        b'{"ev": "start"}\n',
        b'{"ev": "start", "id": ["a"]}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
    ],
)
def test_what_is_no_event_is_passed_over(feed: Feed, said: Said, noise: bytes) -> None:
    """Unknown events and keys are no reason to stop."""
    said.pieces.append(noise + line("later", new=[1]))

    result(feed.settle())

    assert [event.name for event in feed.of("a")] == ["later"]


@pytest.mark.parametrize("t", ["null", '"7"', "[]", "1" + "0" * 400, "-1e999", "NaN", "true"])
def test_a_time_that_is_none_does_no_harm(feed: Feed, said: Said, t: str) -> None:
    """A target that lies is no crash of the run."""
    said.pieces.append(f'{{"ev": "start", "id": "a", "t": {t}}}\n'.encode())

    result(feed.settle())

    assert [event.name for event in feed.of("a")] == ["start"]


@settings(deadline=None)
@given(
    data=st.binary(max_size=60)
    | st.dictionaries(st.sampled_from(["ev", "id", "t", "seq"]), st.text() | st.integers() | st.floats()).map(
        lambda one: json.dumps(one).encode()
    )
)
def test_whatever_a_feed_says_it_can_be_read(data: bytes) -> None:
    """The next look finds what comes after it."""
    feed = Feed(Clock(task.Clock(), lambda: 0.0), [Said([data + b"\n", line("after", "z")])])

    result(feed.settle())
    result(feed.settle())

    assert [event.name for event in feed.of("z")] == ["after"]


def test_an_event_that_two_sources_tell_counts_once(time: task.Clock) -> None:
    """A server may pass on what our scripts write, whose file we read ourselves."""
    feed = Feed(
        Clock(time, time.seconds), [Said([line("start", t=7.5)]), Said([line("start", t=7.5) + line("done", t=8)])]
    )

    result(feed.settle())

    assert [event.name for event in feed.of("a")] == ["start", "done"]


def test_an_event_that_one_source_tells_twice_counts_twice(feed: Feed, said: Said) -> None:
    """A server that calls back twice is found out."""
    said.pieces += [line("expire", t=7.5), line("expire", t=7.5)]

    result(feed.settle())
    result(feed.settle())

    assert len(feed.of("a")) == 2


def test_a_flood_of_events_is_not_kept(feed: Feed, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not fill our memory."""
    monkeypatch.setattr(witnesses, "MOST_EVENTS", 3)
    said.pieces.append(line("drip") * 10)

    result(feed.settle())

    assert len(feed.of("a")) == 3


def test_settling_looks_again_even_while_somebody_looks(feed: Feed, said: Said) -> None:
    """A look that is under way may have been answered before what happened last; all who ask meanwhile share one."""
    slow: Deferred[bytes] = Deferred()
    said.pieces += [slow, line("late")]

    first = outcome(feed.settle())
    second, third = outcome(feed.settle()), outcome(feed.settle())
    slow.callback(line("early"))

    assert (first, second, third, said.reads) == ([None], [None], [None], 2)
    assert [event.name for event in feed.of("a")] == ["early", "late"]


def test_whoever_stops_waiting_for_a_look_disturbs_nobody(feed: Feed, said: Said) -> None:
    """Neither the look that is under way, nor the next."""
    slow: Deferred[bytes] = Deferred()
    said.pieces.append(slow)
    one, two = started(feed.settle()), started(feed.settle())
    one.addErrback(lambda _: None)
    two.addErrback(lambda _: None)

    one.cancel()
    two.cancel()
    slow.callback(line("start"))

    assert len(feed.of("a")) == 1
    assert outcome(feed.settle()) == [None]


def test_a_source_that_can_be_read_hides_no_other_that_cannot(time: task.Clock) -> None:
    """What the other has to tell is missing, whichever of them is read last."""
    feed = Feed(Clock(time, time.seconds), [Said([NoAnswer("closed")]), Said([line("start")])])

    started(feed.settle())

    assert feed.problem == "the event feed cannot be read: closed"
    assert len(feed.of("a")) == 1


@pytest.mark.parametrize("problem", [NoAnswer("closed"), PermissionError(13, "Permission denied")])
def test_a_feed_that_cannot_be_read_is_told_and_read_again(feed: Feed, said: Said, problem: Exception) -> None:
    """It may work again later; until then whoever waits in vain learns why."""
    said.pieces += [problem, line("start")]

    result(feed.settle())
    told = feed.problem
    result(feed.settle())

    assert told.startswith("the event feed cannot be read: ")
    assert (feed.problem, len(feed.of("a"))) == ("", 1)


def test_what_a_feed_has_not_told_is_no_sign(events: Events, said: Said) -> None:
    """A barrier that the feed does not keep would let every spec pass that nothing may happen."""
    said.pieces += [NoAnswer("closed"), b""]

    assert outcome(events.settle())[0].check(Misbehaved)
    assert outcome(events.settle()) == [None]


def test_a_mistake_of_ours_is_told_to_whoever_waits(feed: Feed, said: Said) -> None:
    """Else they would wait until it is the target that is late."""
    said.pieces += [ZeroDivisionError("ours"), line("start")]

    assert outcome(feed.settle())[0].check(ZeroDivisionError)
    assert outcome(feed.settle()) == [None]
    assert len(feed.of("a")) == 1


def test_names_and_ids_that_are_nobody_s_are_passed_over(feed: Feed, said: Said) -> None:
    """They would fill memory, and reasons."""
    said.pieces.append(line("x" * 61) + line("x" * 60) + line("start", "y" * 4097) + line("start", "y" * 4096))

    result(feed.settle())

    assert [event.name for event in feed.of("a")] == ["x" * 60]
    assert [len(feed.of("y" * length)) for length in (4096, 4097)] == [1, 0]


def test_a_feed_that_has_told_too_much_is_asked_no_more(
    feed: Feed, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever waits for an event learns why it does not come."""
    monkeypatch.setattr(witnesses, "MOST_CHARACTERS", 30)
    said.pieces.append(b"".join(line("start", "y" * 8) for _ in range(5)))

    result(feed.settle())
    result(feed.settle())

    assert len(feed.of("y" * 8)) == 3
    assert said.reads == 1
    assert feed.problem == "the event feed has told more than we keep: 3 events"


def test_only_so_much_that_is_no_json_is_looked_through(feed: Feed, said: Said) -> None:
    """It costs us more than it costs who sends it."""
    said.pieces.append(b"{" * 5000 + b"\n{" * 5000 + b"\n" + line("late"))

    result(feed.settle())

    assert feed.of("a") == ()


def test_only_the_latest_events_are_named_in_a_reason(events: Events, said: Said, time: task.Clock) -> None:
    """A feed that repeats itself makes no book of it."""
    said.pieces.append(b"".join(line("start", t=number) for number in range(1, 16)))
    found = outcome(events.wait("cancel", "a", within=1.0))

    time.pump([witnesses.POLL] * 41)

    assert str(found[0].value).endswith("start, start and 3 more")


# Events as a spec sees them.


def test_waiting_looks_until_the_event_is_there(events: Events, said: Said, time: task.Clock) -> None:
    """And it stands in the transcript."""
    found = outcome(events.wait("cancel", "a", within=1.0))
    said.pieces += [line("start"), line("cancel")]

    time.advance(witnesses.POLL)
    early = list(found)
    time.advance(witnesses.POLL)

    assert early == []
    assert (found[0].name, found[0].at) == ("cancel", 2 * witnesses.POLL)
    assert [entry.data for entry in events.attempt.transcript.entries] == ["cancel a"]


def test_the_second_of_two_can_be_waited_for(events: Events, said: Said, time: task.Clock) -> None:
    """By its count."""
    said.pieces.append(line("done", t=1) + line("done", t=2))
    result(events.settle())

    assert result(events.wait("done", "a", within=1.0, count=2)).t == 2.0


def test_an_event_that_does_not_come_is_told_with_those_that_did(events: Events, said: Said, time: task.Clock) -> None:
    """So a person sees how far the target got, or that its feed is broken."""
    said.pieces += [line("start"), *[NoAnswer("closed")] * 100]
    found = outcome(events.wait("cancel", "a", within=1.0))

    time.pump([witnesses.POLL] * 41)

    assert found[0].check(NotSeen)
    assert str(found[0].value) == (
        "no event 'cancel' of a within 1 s; its events so far: start (the event feed cannot be read: closed)"
    )
    assert events.of("a", "start")


# The same in a world, where nothing tells how long a moment is.


@define
class Fetched(Said):
    """A source that is asked over a connection: to look is something that happens."""

    world: World = field(kw_only=True)

    async def read(self) -> bytes:
        """See `harness.witnesses.Source`."""
        await deferLater(self.world, 0.0)
        return await super().read()


def source(kind: str, world: World) -> Said:
    """A source that is a file, or is asked over a connection."""
    return Fetched(world=world) if kind == "http" else Said()


def watched(world: World, source: Said) -> Events:
    """The events of a source as a spec sees them in a world."""
    clock = WorldClock(world)
    return Events(Attempt(clock, Transcript(clock.now()), lambda: "token"), Feed(clock, [source]))


BOTH = pytest.mark.parametrize("kind", ["file", "http"])


@BOTH
def test_what_happens_one_after_another_at_one_moment_is_seen_at_that_moment(world: World, kind: str) -> None:
    """Five waits, each for what is done once the one before has seen its event; the next timer is far away."""
    said = source(kind, world)
    events = watched(world, said)
    began = world.seconds()

    async def spec() -> list[float]:
        world.callLater(3600.0, list)
        seen = []
        await deferLater(world, 5.0)
        for number in range(5):
            world.callLater(0, said.pieces.append, line(f"event {number}"))
            seen.append((await events.wait(f"event {number}", "a", within=10.0)).at - began)
        return seen

    assert world.run(spec()) == [5.0] * 5


@BOTH
def test_what_several_wait_for_at_one_moment_is_seen_at_that_moment(world: World, kind: str) -> None:
    """Five who wait side by side, each for its event of that moment."""
    said = source(kind, world)
    events = watched(world, said)
    began = world.seconds()

    async def spec() -> list[float]:
        world.callLater(3600.0, list)
        world.callLater(5.0, lambda: said.pieces.append(b"".join(line(f"event {number}") for number in range(5))))
        found = await gather(*(events.wait(f"event {number}", "a", within=10.0) for number in range(5)))
        return [event.at - began for event in found]

    assert world.run(spec()) == [5.0] * 5


@BOTH
def test_what_several_do_for_each_other_at_one_moment_is_seen_at_that_moment(world: World, kind: str) -> None:
    """Five who wait side by side, each for what is done once another has seen its event."""
    said = source(kind, world)
    events = watched(world, said)
    began = world.seconds()

    async def one(number: int) -> float:
        event = await events.wait(f"event {number}", "a", within=10.0)
        world.callLater(0, said.pieces.append, line(f"event {number + 1}"))
        return event.at - began

    async def spec() -> list[float]:
        world.callLater(3600.0, list)
        world.callLater(5.0, said.pieces.append, line("event 0"))
        return await gather(*(one(number) for number in range(5)))

    assert world.run(spec()) == [5.0] * 5


@pytest.mark.xfail(reason="who has looked so often in vain at one moment looks again when time has got on")
def test_however_many_do_something_for_each_other_at_one_moment_it_is_seen(world: World) -> None:
    """Whoever reads a file makes nothing happen, and may look as often as something does."""
    said = Said()
    events = watched(world, said)

    async def one(number: int) -> None:
        await events.wait(f"event {number}", "a", within=10.0)
        world.callLater(0, said.pieces.append, line(f"event {number + 1}"))

    world.callLater(5.0, said.pieces.append, line("event 0"))

    world.run(gather(*(one(number) for number in range(10))))


@BOTH
def test_who_looks_in_vain_does_not_keep_time_from_getting_on(world: World, kind: str) -> None:
    """Though to look is all that happens; what did not come is told when its time is over."""
    said = source(kind, world)
    events = watched(world, said)
    began = world.seconds()

    with pytest.raises(NotSeen, match=r"^no event 'start' of a within 10 s: nothing can happen any more; its events"):
        world.run(events.wait("start", "a", within=10.0))

    assert world.seconds() - began == 10.0
    assert said.reads < 10


@BOTH
def test_who_looks_often_sees_what_comes_later(world: World, kind: str) -> None:
    """At its moment, though another watches in vain all the time, and time gets on in small steps."""
    said = source(kind, world)
    events = watched(world, said)
    began = world.seconds()
    looping = LoopingCall(list)
    looping.clock = world
    looping.start(0.5)
    world.callLater(7.25, said.pieces.append, line("start"))

    async def spec() -> float:
        vain = started(events.wait("never", "b", within=100.0))
        vain.addErrback(lambda _: None)
        event = await events.wait("start", "a", within=10.0)
        vain.cancel()
        return event.at - began

    assert world.run(spec()) == 7.25


def test_a_line_that_is_logged_later_is_seen_at_its_moment(world: World) -> None:
    """In the log as among the events."""
    clock = WorldClock(world)
    lines = LoggedLines(clock.now)
    log = Log(Attempt(clock, Transcript(clock.now()), lambda: "token"), Journal(lines))
    began = world.seconds()
    world.callLater(2.0, lines, {"log_format": "nothing of note"})
    world.callLater(5.0, lines, {"log_format": "an error"})

    found = world.run(log.wait("error", log.mark(), within=10.0))

    assert found.text.endswith("an error")
    assert (found.at - began, world.seconds() - began) == (5.0, 5.0)


# Logs.


def journal(time: task.Clock, file: Path | None = None) -> Journal:
    """The log of a target."""
    return Journal(Lines(time.seconds), file)


def test_what_stood_in_a_log_before_us_is_not_ours(time: task.Clock, attempt: Attempt, tmp_path: Path) -> None:
    """A log file is read from where it ended when the run began."""
    path = tmp_path / "server.log"
    path.write_text("old\n")
    log = Log(attempt, journal(time, path))
    mark = log.mark()

    with path.open("a") as file:
        file.write("new\n")
    settled = outcome(log.settle())
    time.advance(1)

    assert settled == [None]
    assert [entry.text for entry in log.since(mark)] == ["new"]


def test_a_log_that_was_rotated_is_read_anew(time: task.Clock, attempt: Attempt, tmp_path: Path) -> None:
    """What is there now is new; while there is none, there is nothing to read."""
    path = tmp_path / "server.log"
    path.write_text("a long old line\n")
    log = Log(attempt, journal(time, path))

    path.unlink()
    mark = log.mark()
    path.write_text("new\n")
    log.journal.look()

    assert [entry.text for entry in log.since(mark)] == ["new"]


def test_a_line_is_waited_for(time: task.Clock, attempt: Attempt) -> None:
    """The first after the mark in which the pattern is found; it stands in the transcript."""
    log = Log(attempt, journal(time))
    log.journal.lines.feed(b"error of before\n")
    found = outcome(log.wait(r"err\w+", log.mark(), within=1.0))

    log.journal.lines.feed(b"fine\nan error here\n")
    time.advance(witnesses.POLL)

    assert found[0].text == "an error here"
    assert [entry.data for entry in attempt.transcript.entries] == ["an error here"]


def test_a_line_that_does_not_come_is_told(time: task.Clock, attempt: Attempt) -> None:
    """With how much the log has otherwise."""
    log = Log(attempt, journal(time))
    found = outcome(log.wait("error", log.mark(), within=1.0))

    log.journal.lines.feed(b"fine\n")
    time.pump([witnesses.POLL] * 41)

    assert found[0].check(NotSeen)
    assert str(found[0].value) == "no log line matching 'error' within 1 s; the log has 1 lines since then"


def test_lines_that_were_lost_show_nothing(time: task.Clock, attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a log that says more than we keep, nobody knows what it did not say."""
    monkeypatch.setattr(processes, "MOST_LINES", 3)
    log = Log(attempt, journal(time))
    mark = log.mark()
    log.journal.lines.feed(b"a\nb\nc\n")
    before = log.since(mark)

    log.journal.lines.feed(b"d\n")

    assert len(before) == 3
    with pytest.raises(NotObservable, match="the log had 4 lines meanwhile"):
        log.since(mark)


def test_a_log_that_may_not_be_read_has_nothing_new(
    time: task.Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no mistake of ours."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "server.log"
    path.touch()
    log = journal(time, path)
    monkeypatch.setattr(os, "open", refuse)

    log.look()

    assert log.lines.since(0) == ()


@pytest.mark.parametrize("kind", ["pipe", "directory"])
def test_a_log_that_is_no_file_is_empty(time: task.Clock, tmp_path: Path, kind: str) -> None:
    """A target may put what it likes where its log should be."""
    path = tmp_path / "server.log"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    log = journal(time, path)

    log.look()

    assert log.lines.since(0) == ()
