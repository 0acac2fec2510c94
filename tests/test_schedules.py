"""
Schedules: many are tried, and the shortest that fails is told as a table, with its transcript.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import rule
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

import harness
from harness.catalogue import Spec
from harness.levels import MUST
from harness.profiles import parse
from harness.properties import SCHEDULES, STEPS, how_drawn
from harness.scenes import Scenes
from harness.schedules import Schedule, tried
from harness.sources import rfc
from harness.timing import Window
from harness.trying import PATIENCE, result_of
from harness.verdicts import Outcome, Verdict

PROFILE = parse({"server": {"name": "mine"}, "session-store": {}}, Path())

#: What the server does wrong shows after a pause of more than a minute.
PAUSES = st.sampled_from((0.0, 90.0, 10.0))


class Counts(Resource):
    """Answers /counter with the number of visits since it was built."""

    isLeaf = True  # noqa: N815 - Twisted's name
    built = 0

    def __init__(self, reactor: Any) -> None:
        super().__init__()
        type(self).built += 1
        self.reactor = reactor
        self.visits = 0
        self.last = 0.0

    def render_GET(self, request: Any) -> Any:
        """See the class."""
        if request.path == b"/never":
            return NOT_DONE_YET
        if request.path == b"/counter":
            self.count(self.reactor.seconds())
        return b"Visit #%d" % self.visits

    def count(self, now: float) -> None:
        """Another visit, which is now."""
        self.visits += 1
        self.last = now


class Forgets(Counts):
    """Begins again when nobody came for a minute."""

    def count(self, now: float) -> None:
        """Another visit, or the first again."""
        if now - self.last > 60:
            self.visits = 0
        super().count(now)


class Visits(Schedule):
    """Somebody visits again and again; the model counts along."""

    def __init__(self, stage: Any) -> None:
        super().__init__(stage)
        self.visits = 0

    @rule(pause=PAUSES)
    def visit(self, pause: float) -> None:
        """One more visit."""
        self.wait(pause)
        self.visits += 1
        self.tell("a visit")
        answer = self.do(self.wire.get(self.page.path))
        self.found(answer.text)
        assert answer.text == f"Visit #{self.visits}"


def machine(act: Callable[[Any], None]) -> Callable[[], Any]:
    """Schedules in which this happens after a first visit, again and again."""

    class Acts(Visits):
        """See `act`."""

        @rule()
        def visit(self) -> None:
            """A visit, and the act."""
            self.tell("a visit")
            self.do(self.wire.get(self.page.path))
            act(self)

    return lambda: Acts


async def nothing_more(schedule: Any) -> None:
    """There is nothing to be said at the end."""
    assert schedule.now >= 0.0


def spec(schedules: Any = lambda: Visits, function: Any = nothing_more, **more: Any) -> Spec:
    """A spec of these schedules."""
    return Spec(
        "session-store/one",
        MUST,
        rfc(9110, "1"),
        function,
        schedules=schedules,
        only_virtual="it takes minutes",
        **more,
    )


@pytest.fixture
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Scenes]]:
    """Makes scenes with a server; they are closed with the test, and leave nothing behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[Scenes] = []

    def of(make: Any = Counts) -> Scenes:
        opened.append(Scenes(PROFILE, make))
        return opened[-1]

    yield of
    for one in opened:
        one.close()


# What many schedules come to.


def test_schedules_that_hold_are_a_pass(scenes: Callable[..., Scenes]) -> None:
    """Each has a server and a time of its own, and has as many steps as there may be."""
    begun: list[float] = []
    ended: list[int] = []

    class Watched(Visits):
        """The same schedules, looked at."""

        def __init__(self, stage: Any) -> None:
            super().__init__(stage)
            begun.append(self.now)

    async def look(schedule: Any) -> None:
        ended.append(schedule.visits)

    before = Counts.built
    what = tried(spec(lambda: Watched, look), scenes())

    assert what.outcome is Outcome.HELD
    assert what.reason == ""
    assert Counts.built - before == len(begun) >= SCHEDULES
    assert set(begun) == {0.0}
    assert len(ended) >= SCHEDULES
    assert max(ended) == STEPS


def test_the_shortest_schedule_that_fails_is_told_as_a_table(scenes: Callable[..., Scenes]) -> None:
    """Behind what failed, with the values of its assert."""
    what = tried(spec(), scenes(Forgets))

    assert what.outcome is Outcome.BROKEN
    assert what.reason.splitlines() == [
        "answer.text and f'Visit #{self.visits}': 'Visit #1' != 'Visit #2'",
        "      time    event",
        "     0.000 s  a visit: Visit #1",
        "    90.000 s  a visit: Visit #1",
        how_drawn(),
    ]


def test_the_transcript_and_the_seconds_are_those_of_the_schedule_that_is_told(scenes: Callable[..., Scenes]) -> None:
    """And not of those that were tried before it."""
    what = tried(spec(), scenes(Forgets))
    result = result_of(spec(), what)

    assert what.seconds == 90.0
    assert [(entry.t, entry.who) for entry in what.transcript if "GET /counter" in str(entry)] == [
        (0.0, "us"),
        (90.0, "us"),
    ]
    assert result.verdict is Verdict.FAIL
    assert result.seconds == 90.0
    assert result.transcript == what.transcript


def test_what_a_schedule_measures_and_waits_for_stands_in_its_transcript(scenes: Callable[..., Scenes]) -> None:
    """With the pauses between what happens."""

    async def is_in_time(schedule: Any) -> None:
        began = schedule.clock.now()
        await schedule.clock.sleep(2.0, "an answer")
        assert schedule.clock.now() - began in Window.until(1.0)

    def act(schedule: Any) -> None:
        schedule.wait(3.0)
        schedule.do(is_in_time(schedule))

    what = tried(spec(machine(act)), scenes(Counts))

    assert [(entry.t, entry.what, entry.data) for entry in what.transcript if entry.who == "clock"] == [
        (0.0, "wait", "until 3 s: what happens next"),
        (3.0, "wait", "until 5 s: an answer"),
        (5.0, "window", "2 s from 3 s; allowed: 0 to 1 s; missed"),
    ]


def test_the_same_comes_out_each_time(scenes: Callable[..., Scenes]) -> None:
    """What a run finds does not depend on luck."""
    first, second = (tried(spec(), scenes(Forgets)) for _ in range(2))

    assert first.reason == second.reason
    assert first.seconds == second.seconds


# The end of a schedule.


def test_the_spec_is_awaited_with_the_schedule_when_it_is_over(scenes: Callable[..., Scenes]) -> None:
    """What fails then is told like what fails before, with what the spec itself has told."""

    async def at_the_end(schedule: Any) -> None:
        schedule.tell("the end")
        await schedule.clock.sleep(1.0)
        assert schedule.visits == 0

    what = tried(spec(function=at_the_end), scenes())

    assert what.outcome is Outcome.BROKEN
    assert what.reason.splitlines() == [
        "schedule.visits: 1 != 0",
        "      time    event",
        "     0.000 s  a visit: Visit #1",
        "     0.000 s  the end",
        how_drawn(),
    ]
    assert what.seconds == 1.0


@pytest.mark.parametrize(("lasts", "outcome"), [(0.0, Outcome.LATE), (PATIENCE, Outcome.HELD)])
def test_the_end_is_given_up_some_time_after_its_nominal_seconds(
    scenes: Callable[..., Scenes], lasts: float, outcome: Outcome
) -> None:
    """Which the spec says of itself."""

    async def takes_its_time(schedule: Any) -> None:
        await schedule.clock.sleep(PATIENCE + 1.0, "the end of all things")

    what = tried(spec(function=takes_its_time, lasts=lambda _: lasts), scenes())

    assert what.outcome is outcome
    if outcome is Outcome.LATE:
        assert what.reason.startswith(f"after {PATIENCE:g} s it still waited for the end of all things\n")


# What else may come of a step.


def test_what_takes_too_long_says_what_it_waited_for(scenes: Callable[..., Scenes]) -> None:
    """It is given up, and that is a failure on time alone."""

    def asks_in_vain(schedule: Any) -> None:
        schedule.wait(60.0)
        schedule.tell("a question")
        schedule.do(schedule.wire.get("/never"))

    what = tried(spec(machine(asks_in_vain)), scenes())

    assert what.outcome is Outcome.LATE
    assert what.reason.splitlines() == [
        "nothing can happen any more; waiting for answer to GET",
        "      time    event",
        "     0.000 s  a visit",
        "    60.000 s  a question",
        how_drawn(),
    ]


def test_what_takes_its_time_is_given_it(scenes: Callable[..., Scenes]) -> None:
    """`lasts` says how much is nominal; patience begins after that."""

    def sleeps(schedule: Any) -> None:
        schedule.do(schedule.clock.sleep(PATIENCE + 1.0), lasts=2.0)

    assert tried(spec(machine(sleeps)), scenes()).outcome is Outcome.HELD


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda schedule: schedule.nonsense, "AttributeError: nonsense"),
    ],
)
def test_an_error_of_the_model_is_no_failure_of_the_server(
    scenes: Callable[..., Scenes], act: Callable[[Any], None], said: str
) -> None:
    """It is told as ours, with the schedule that leads to it."""
    what = tried(spec(machine(act)), scenes())

    assert what.outcome is Outcome.OURS
    assert said in what.reason
    assert what.reason.endswith(f"\n      time    event\n     0.000 s  a visit\n{how_drawn()}")
    assert result_of(spec(), what).verdict is Verdict.ERROR


def test_a_schedule_that_is_abandoned_is_no_failure(scenes: Callable[..., Scenes]) -> None:
    """Hypothesis leaves what leads nowhere, and tries others."""
    left: list[int] = []

    class Assumes(Visits):
        """Nobody comes more than three times."""

        @rule(goes_on=st.booleans())
        def visit(self, goes_on: bool) -> None:  # noqa: FBT001 - a rule's arguments have names
            """One more visit, or the end of it."""
            self.tell("a visit")
            left.append(goes_on)
            assume(goes_on)

    what = tried(spec(lambda: Assumes), scenes())

    assert what.outcome is Outcome.HELD
    assert False in left


def test_an_interruption_passes_through(scenes: Callable[..., Scenes]) -> None:
    """Whoever runs us wants to stop, and is not told that the server failed."""

    def interrupts(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tried(spec(machine(interrupts)), scenes())


def test_specs_find_schedules_at_the_front_door() -> None:
    """Where Hypothesis is imported only when they ask."""
    assert harness.Schedule is Schedule
    with pytest.raises(AttributeError):
        harness.nonsense  # noqa: B018 - looking is what fails
