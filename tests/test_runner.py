"""
The engine in virtual time: who runs beside whom, and what each outcome becomes.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from hypothesis import strategies as st
from twisted.internet import task
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionRefusedError as RefusedError

from harness import company, trying
from harness import runner as module
from harness.addresses import Address
from harness.attempts import Attempt
from harness.baselines import Baseline, Entry
from harness.catalogue import Spec
from harness.clocks import Clock
from harness.errors import Misbehaved, NotObservable, NotOffered, Overdue
from harness.levels import MAY, MUST, SHOULD, Level
from harness.profiles import parse
from harness.properties import how_drawn
from harness.results import Result
from harness.runner import PATIENCE, REPEATS, Runner
from harness.sources import rfc
from harness.targets import Target
from harness.timing import Measured, Window
from harness.trying import Tried, Tries
from harness.verdicts import Outcome, Verdict
from harness.wire import Ping
from harness.witnesses import Feed

TABLES = {"asynchronous": {}, "cgi": {}, "timeouts": {}, "server": {"name": "t"}}
STEP = module.PACE


class Nobody:
    """A target that refuses every connection; what specs here check needs none."""

    address = Address("http", "h", 80, "")

    def __init__(self) -> None:
        self.dialled = 0

    def dial(self, factory: object, source: str | None = None) -> Deferred[Any]:
        """See `harness.dialers.Dialer`."""
        self.dialled += 1
        return fail(RefusedError())


@pytest.fixture
def time() -> task.Clock:
    """Time that stands still until it is advanced."""
    return task.Clock()


@pytest.fixture
def target(time: task.Clock) -> Target:
    """A target that is there in name only."""
    clock = Clock(time, time.seconds)
    return Target(parse(TABLES, Path()), clock, Nobody(), Ping("/"), None, Feed(clock), frozenset())  # type: ignore[arg-type]


def spec(function: Callable[..., Any], name: str = "cgi/one", level: Level = MUST, **more: Any) -> Spec:
    """This function as a spec."""
    return Spec(name, level, rfc(9110, "1"), function, **more)


def run(target: Target, time: task.Clock, *specs: Spec, baseline: Baseline | None = None) -> dict[str, Result]:
    """All results, by ID, once every verdict stands."""
    runner = Runner(target, specs, target.clock, time, baseline or Baseline())
    done = runner.start()
    finish(done, time)
    return runner.results


def finish(done: Deferred[Any], time: task.Clock, most: int = 60_000) -> None:
    """Let time go by until this is over."""
    problems: list[Any] = []
    done.addErrback(problems.append)
    for _ in range(most):
        if done.called:
            break
        time.advance(STEP)
    assert done.called, "it hangs"
    if problems:
        problems[0].raiseException()


async def held() -> None:
    """Hold."""


async def broken() -> None:
    """Fail."""
    status = 500
    assert status == 200


async def misbehaved() -> None:
    """Meet a target that misbehaves."""
    message = "it sent nonsense"
    raise Misbehaved(message)


async def not_offered() -> None:
    """Find out that it is not offered."""
    message = "only the exchange can tell"
    raise NotOffered(message)


async def not_observable() -> None:
    """Find out that it cannot be seen."""
    message = "nothing shows it"
    raise NotObservable(message)


async def ours() -> None:
    """Have a fault of our own."""
    raise KeyError("ours")


async def exits() -> None:
    """Leave in the rudest way."""
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("function", "verdicts", "reason"),
    [
        (held, ("pass", "pass", "fact"), ""),
        (broken, ("fail", "warn", "fact"), "status: 500 != 200"),
        (misbehaved, ("fail", "warn", "fact"), "it sent nonsense"),
        (not_offered, ("not-offered",) * 3, "only the exchange can tell"),
        (not_observable, ("not-observable",) * 3, "nothing shows it"),
        (ours, ("error",) * 3, "KeyError: 'ours'"),
        (exits, ("error",) * 3, "SystemExit: 3"),
    ],
)
def test_what_happens_in_a_spec_decides_its_verdict(
    target: Target, time: task.Clock, function: Callable[..., Any], verdicts: tuple[str, ...], reason: str
) -> None:
    """By the table; the reason is kept, and no error ends the run."""
    specs = [spec(function, f"cgi/{level.value.lower()}", level) for level in (MUST, SHOULD, MAY)]

    results = run(target, time, *specs)

    assert tuple(result.verdict.value for result in results.values()) == verdicts
    failed = int(function in (broken, misbehaved, ours, exits))
    for result in results.values():
        assert result.reason.endswith(reason)
        assert (result.attempts, result.failed) == (1, failed)


@pytest.mark.parametrize(
    ("more", "verdict", "reason"),
    [
        ({"name": "wsgi/one"}, Verdict.NOT_OFFERED, "the profile has no [wsgi]"),
        ({"needs": ("filtered",)}, Verdict.NOT_OFFERED, "the profile has no [cgi] filtered"),
        ({"witnesses": ("log",)}, Verdict.NOT_OBSERVABLE, "nothing shows it here"),
        ({"only_virtual": "it takes an hour"}, Verdict.NOT_OBSERVABLE, "virtual-clock-only: it takes an hour"),
    ],
)
def test_what_the_profile_does_not_have_is_not_run(
    target: Target, time: task.Clock, more: dict[str, Any], verdict: Verdict, reason: str
) -> None:
    """The verdict stands without an exchange."""
    (result,) = run(target, time, spec(broken, **more)).values()

    assert (result.verdict, result.seconds, result.lag) == (verdict, 0.0, 0.0)
    assert result.reason.startswith(reason)


def test_a_spec_is_given_what_it_names(target: Target, time: task.Clock) -> None:
    """Each argument by its name; facts and what was noted are in the result."""
    seen: dict[str, Any] = {}

    async def looks(
        target: Any, page: Any, wire: Any, client: Any, events: Any, log: Any, clock: Any, facts: Any
    ) -> None:
        seen.update(locals())
        facts["framing"] = "chunked"
        clock.note("us", "bytes", b"GET")

    (result,) = run(target, time, spec(looks)).values()

    assert seen["target"] is target
    assert seen["page"] is target.cgi
    assert seen["wire"].address is target.dialer.address
    assert seen["client"].visitor()
    assert seen["events"].feed is target.feed
    assert seen["log"] is None
    assert result.facts == {"framing": "chunked"}
    assert result.transcript[0].data == "GET"


def test_what_a_spec_measures_stands_in_its_transcript_once(target: Target, time: task.Clock) -> None:
    """Although the reason has looked at it again; of several attempts it is the last one's."""

    async def is_late(clock: Any) -> None:
        began = clock.now()
        await clock.sleep(2.0, "an answer")
        assert clock.now() - began in Window.until(1.0)

    (result,) = run(target, time, spec(is_late)).values()

    assert result.attempts > 1
    assert [(entry.who, entry.what) for entry in result.transcript] == [("clock", "wait"), ("clock", "window")]
    measured = Measured.read(result.transcript[1].data)
    assert measured is not None
    assert (measured.since, measured.seconds, measured.held) == (0.0, pytest.approx(2.0, abs=2 * STEP), False)


def test_waits_overlap(target: Target, time: task.Clock) -> None:
    """A run costs about its single longest spec."""

    async def sleeps(clock: Any) -> None:
        await clock.sleep(5.0)

    results = run(target, time, *(spec(sleeps, f"cgi/s{n}", lasts=lambda _: 5.0) for n in range(20)))

    assert time.seconds() < 8
    assert {result.verdict for result in results.values()} == {Verdict.PASS}
    for result in results.values():
        assert 5.0 <= result.seconds <= 5.1


class Company:
    """Specs that note who runs beside whom."""

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.met: dict[str, set[str]] = {}

    def member(self, name: str, **more: Any) -> Spec:
        """A spec that takes a second."""

        async def stays(clock: Any) -> None:
            for other in self.inside:
                self.met.setdefault(other, set()).add(name)
                self.met.setdefault(name, set()).add(other)
            self.inside.add(name)
            await clock.sleep(1.0)
            self.inside.remove(name)

        return spec(stays, name, lasts=lambda _: 1.0, **more)


def test_one_that_wants_its_page_alone_has_it(target: Target, time: task.Clock) -> None:
    """Specs of other pages run beside it."""
    company = Company()

    run(
        target, time, company.member("cgi/a"), company.member("cgi/b", alone="page"), company.member("cgi/c"),
        company.member("timeouts/d"),
    )  # fmt: skip

    assert company.met["cgi/b"] <= {"timeouts/d"}
    assert "cgi/c" in company.met["cgi/a"]


def test_one_that_wants_the_target_alone_has_it(target: Target, time: task.Clock) -> None:
    """Nobody at all runs beside it."""
    company = Company()

    specs = company.member("cgi/a"), company.member("timeouts/b", alone="target"), company.member("cgi/c")
    results = run(target, time, *specs)

    assert "timeouts/b" not in company.met
    assert list(results) == ["timeouts/b", "cgi/a", "cgi/c"]


def test_one_that_wants_the_target_alone_is_repeated_like_any_other(target: Target, time: task.Clock) -> None:
    """Its lateness counts no sooner."""
    (result,) = run(target, time, spec(late(99), alone="target")).values()

    assert (result.verdict, result.attempts) == (Verdict.FAIL, 1 + REPEATS)


def test_the_longest_begin_first_and_before_them_those_that_want_their_page_alone(
    target: Target, time: task.Clock
) -> None:
    """The shorter ones fit under them; who wants to be alone would wait for them all."""
    begun: list[str] = []

    def member(name: str, lasts: float, **more: Any) -> Spec:
        async def begins(clock: Any) -> None:
            begun.append(name)
            await clock.sleep(lasts)

        return spec(begins, name, lasts=lambda _: lasts, **more)

    run(
        target, time, member("cgi/short", 1.0), member("cgi/long", 3.0), member("timeouts/alone", 0.5, alone="page"),
        member("cgi/middle", 2.0),
    )  # fmt: skip

    assert begun == ["timeouts/alone", "cgi/long", "cgi/middle", "cgi/short"]


@pytest.mark.parametrize(("slower", "paces"), [(1.0, 1), (1.9, 1), (2.5, module.PACES)])
def test_nobody_begins_until_our_own_loop_turns_freely(time: task.Clock, slower: float, paces: int) -> None:
    """What begins in a crowd would measure the crowd; but nobody waits for ever."""
    time.advance(100.0)
    clock = Clock(time, lambda: slower * time.seconds())
    target = Target(parse(TABLES, Path()), clock, Nobody(), Ping("/"), None, Feed(clock), frozenset())  # type: ignore[arg-type]
    begun: list[float] = []

    async def begins() -> None:
        begun.append(time.seconds())

    run(target, time, spec(begins), spec(begins, "cgi/two"))

    assert begun[1] - begun[0] == pytest.approx(paces * STEP)


@pytest.mark.parametrize(
    ("more", "most"), [({"busy": True}, company.BUSY[0]), ({"lasts": lambda _: 0.0}, company.QUICK[0])]
)
def test_busy_and_quick_specs_are_few_at_once(
    target: Target, time: task.Clock, more: dict[str, Any], most: int
) -> None:
    """They would make the timed ones late."""
    inside: list[int] = []
    counts: list[int] = []

    async def works(clock: Any) -> None:
        inside.append(1)
        counts.append(len(inside))
        await clock.sleep(0.2)
        inside.pop()

    run(target, time, *(spec(works, f"cgi/w{n}", **more) for n in range(10)))

    assert max(counts) == most


def test_a_page_is_warmed_up_once_before_its_specs(target: Target, time: task.Clock) -> None:
    """Every path of it is asked; a refusal is for the specs to tell."""
    dialled: list[int] = []

    async def counts(target: Any) -> None:
        dialled.append(target.dialer.dialled)

    run(target, time, spec(counts, "timeouts/a"), spec(counts, "timeouts/b"))

    assert dialled == [1, 1]


class Slowly(Nobody):
    """It takes a second to refuse the first, two to refuse the second, and so on."""

    def __init__(self, time: task.Clock) -> None:
        super().__init__()
        self.time = time

    def dial(self, factory: object, source: str | None = None) -> Deferred[Any]:
        """See `harness.dialers.Dialer`."""
        self.dialled += 1
        return task.deferLater(self.time, self.dialled).addCallback(lambda _: fail(RefusedError()))


@pytest.mark.parametrize(("alone", "warm"), [("", 1.0), ("page", 1.0), ("target", 2.0)])
def test_nothing_is_timed_before_its_page_is_warm(target: Target, time: task.Clock, alone: Any, warm: float) -> None:
    """Who wants the target alone waits for all pages."""
    begun: list[float] = []

    async def begins(clock: Any) -> None:
        begun.append(clock.now())

    run(evolve(target, dialer=Slowly(time)), time, spec(begins, "timeouts/a", alone=alone), spec(held))

    assert begun == [pytest.approx(warm, abs=2 * STEP)]


def late(times: int) -> Callable[..., Any]:
    """A spec's function that is late so many times, and then in time."""
    left = [times]

    async def measures() -> None:
        left[0] -= 1
        waited = 9.0 if left[0] >= 0 else 1.0
        assert waited in Window.until(2.0)

    return measures


def test_a_property_is_tried_by_its_examples(target: Target, time: task.Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spec is not called without one."""

    async def for_two(reactor: object, spec: Spec, arguments: dict[str, Any], attempt: Attempt) -> None:
        for example in (1, 2):
            await spec.function(**arguments, example=example)

    async def small(page: Any, example: int) -> None:
        assert example <= 1

    monkeypatch.setattr(trying, "hold_for_examples", for_two)

    (result,) = run(target, time, spec(small, examples=lambda: None)).values()

    assert (result.verdict, result.reason) == (Verdict.FAIL, f"example: 2 > 1\n{how_drawn()}")


def test_what_is_late_each_time_it_is_repeated_counts(target: Target, time: task.Clock) -> None:
    """And the result says how often it was tried."""
    (result,) = run(target, time, spec(late(99))).values()

    assert result.verdict is Verdict.FAIL
    assert (result.attempts, result.failed) == (1 + REPEATS, 1 + REPEATS)
    assert result.reason == "waited was 9.000 s; allowed: 0.000 to 2.000 s (failed 4 of 4)"


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_holds_when_it_is_repeated_is_no_pass(target: Target, time: task.Clock, times: int) -> None:
    """A failure is never silently retried into one."""
    (result,) = run(target, time, spec(late(times))).values()

    assert result.verdict is Verdict.INCONCLUSIVE
    assert (result.attempts, result.failed) == (times + 1, times)
    assert result.reason.endswith("it held when it was repeated")


def test_lateness_under_a_bent_ruler_is_inconclusive(
    target: Target, time: task.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own loop may have been what was late, if it lagged by as much as what it measured was wrong."""
    monkeypatch.setattr(module.Heartbeat, "worst_since", lambda *_: 7.0)

    (result,) = run(target, time, spec(late(99))).values()

    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.lag == 7.0
    assert result.reason.endswith("(failed 4 of 4); but our own clock lagged 7.000 s meanwhile")


def test_a_run_measures_its_own_lag(target: Target, time: task.Clock) -> None:
    """From its beginning: here the loop wakes us only every ten seconds."""

    async def measures(clock: Any) -> None:
        began = clock.now()
        await clock.sleep(1.0)
        waited = clock.now() - began
        assert waited in Window.until(2.0)

    runner = Runner(target, (spec(measures, lasts=lambda _: 1.0),), target.clock, time)
    done = runner.start()
    while not done.called:
        time.advance(10.0)

    (result,) = runner.results.values()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "our own clock lagged" in result.reason


def test_no_bent_ruler_excuses_what_is_later_than_it_is_bent(
    target: Target, time: task.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven seconds too late are a failure also while our own loop lags by half of one now and then."""
    monkeypatch.setattr(module.Heartbeat, "worst_since", lambda *_: 0.5)

    (result,) = run(target, time, spec(late(99))).values()

    assert (result.verdict, result.failed) == (Verdict.FAIL, 4)


@pytest.mark.parametrize(("lag", "verdict"), [(0.2, Verdict.FAIL), (0.3, Verdict.INCONCLUSIVE)])
def test_what_never_came_is_excused_by_a_ruler_bent_more_than_the_margin(
    target: Target, time: task.Clock, monkeypatch: pytest.MonkeyPatch, lag: float, verdict: Verdict
) -> None:
    """Nobody knows by how much it would have been late."""
    monkeypatch.setattr(module.Heartbeat, "worst_since", lambda *_: lag)

    async def overdue() -> None:
        message = "no answer within 1 s"
        raise Overdue(message)

    (result,) = run(target, time, spec(overdue)).values()

    assert result.verdict is verdict


class Beside:
    """A control that is as late as it is told."""

    def __init__(self, *outcomes: Outcome | None) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[str] = []

    async def ask(self, spec: Spec, heart: object) -> Tried | None:
        """See `harness.controls.Control`."""
        self.asked.append(spec.id)
        outcome = self.outcomes.pop(0)
        return Tried(outcome, "as late") if outcome else None


def controlled(target: Target, time: task.Clock, control: Beside, *specs: Spec, **more: Any) -> dict[str, Result]:
    """All results of a run with this control."""
    runner = Runner(target, specs, target.clock, time, control=control, **more)  # type: ignore[arg-type]
    finish(runner.start(), time)
    return runner.results


def test_the_control_is_not_asked_while_nothing_fails_on_time_alone(target: Target, time: task.Clock) -> None:
    """It costs nothing then."""
    control = Beside()

    controlled(target, time, control, spec(held), spec(broken, "cgi/two"))

    assert control.asked == []


def test_what_is_late_while_the_control_is_not_counts(target: Target, time: task.Clock) -> None:
    """Each repetition asks it the same; the result says so."""
    control = Beside(Outcome.HELD, Outcome.HELD, Outcome.HELD)

    (result,) = controlled(target, time, control, spec(late(99))).values()

    assert control.asked == ["cgi/one"] * REPEATS
    assert (result.verdict, result.control) == (Verdict.FAIL, "held")
    assert result.reason.endswith("(failed 4 of 4; the control held)")


def test_what_is_late_together_with_the_control_is_inconclusive(target: Target, time: task.Clock) -> None:
    """Then it is the machine that is late."""
    control = Beside(Outcome.LATE, Outcome.LATE, Outcome.LATE)

    (result,) = controlled(target, time, control, spec(late(99))).values()

    assert (result.verdict, result.control) == (Verdict.INCONCLUSIVE, "failed")
    assert result.reason.endswith("(failed 4 of 4); but so did the control, asked the same at the same time: as late")


def test_one_repetition_beside_a_control_that_held_is_enough(target: Target, time: task.Clock) -> None:
    """The others prove nothing, but do not undo it either."""
    control = Beside(Outcome.LATE, Outcome.HELD, Outcome.LATE)

    (result,) = controlled(target, time, control, spec(late(99))).values()

    assert (result.verdict, result.failed) == (Verdict.FAIL, 4)


@pytest.mark.parametrize("outcome", [None, Outcome.BROKEN, Outcome.OURS])
def test_a_control_that_cannot_tell_changes_nothing(target: Target, time: task.Clock, outcome: Outcome | None) -> None:
    """It does not offer this, or fails for another reason."""
    (result,) = controlled(target, time, Beside(*[outcome] * REPEATS), spec(late(99))).values()

    assert (result.verdict, result.control) == (Verdict.FAIL, "")
    assert result.reason.endswith("(failed 4 of 4)")


def test_the_control_is_not_asked_what_the_baseline_foresees(target: Target, time: task.Clock) -> None:
    """It surprises nobody."""
    control = Beside()
    known = Baseline({"cgi/one": Entry("cgi/one", Verdict.FAIL, "known")})

    (result,) = controlled(target, time, control, spec(late(99)), baseline=known).values()

    assert control.asked == []
    assert result.expected == "known"


def test_what_turns_out_broken_when_it_is_repeated_is_broken(target: Target, time: task.Clock) -> None:
    """Time was not all that was wrong."""
    tries: list[int] = []

    async def worse() -> None:
        tries.append(1)
        if len(tries) == 1:
            message = "no answer within 1 s"
            raise Overdue(message)
        assert len(tries) == 0

    (result,) = run(target, time, spec(worse)).values()

    assert (result.verdict, result.attempts, result.failed) == (Verdict.FAIL, 2, 2)


def test_repetitions_run_alone_at_the_end(target: Target, time: task.Clock) -> None:
    """With nobody beside them."""
    order: list[str] = []
    measure = late(2)

    async def first() -> None:
        order.append("late")
        await measure()

    async def second(clock: Any) -> None:
        await clock.sleep(1.0)
        order.append("other")

    run(target, time, spec(first), spec(second, "cgi/two", lasts=lambda _: 1.0))

    assert order == ["late", "other", "late", "late"]


def test_a_spec_that_hangs_is_given_up(target: Target, time: task.Clock) -> None:
    """After its time and our patience; the reason says what it waited for."""

    async def hangs(clock: Any) -> None:
        await clock.wait(Deferred(), "Godot")

    (result,) = run(target, time, spec(hangs, lasts=lambda _: 2.0)).values()

    assert result.verdict is Verdict.FAIL
    assert result.reason.startswith(f"after {2.0 + PATIENCE:g} s it still waited for Godot")


@pytest_twisted.ensureDeferred
async def test_a_slow_property_is_not_given_up_while_its_examples_hold(
    loop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its deadline is for each example; the one that hangs is given up."""
    monkeypatch.setattr("harness.trying.PATIENCE", 1.0)
    seen: list[int] = []

    async def slow(clock: Any, example: int) -> None:
        seen.append(example)
        await clock.sleep(0.1)
        if len(seen) == 12:
            await clock.wait(Deferred(), "Godot")

    clock = Clock(loop)
    target = Target(parse(TABLES, Path()), clock, Nobody(), Ping("/"), None, Feed(clock), frozenset())  # type: ignore[arg-type]
    tries = Tries(target, clock, loop, module.Heartbeat(clock))
    property_ = spec(slow, examples=lambda: st.integers(0, 1000))

    tried = await tries.attempt(property_, 0.0)

    assert len(seen) >= 12
    assert tried.given_up
    assert "waited for Godot" in tried.reason


def test_a_spec_whose_nominal_time_cannot_be_told_is_an_error_of_its_own(target: Target, time: task.Clock) -> None:
    """It does not end the run of the others."""
    results = run(target, time, spec(held, lasts=lambda target: target.wsgi.delay), spec(held, "cgi/two"))

    assert results["cgi/one"].verdict is Verdict.ERROR
    assert results["cgi/two"].verdict is Verdict.PASS


def test_a_foreseen_divergence_is_marked_and_one_that_is_over_is_stale(target: Target, time: task.Clock) -> None:
    """The baseline is applied as verdicts come."""
    entries = [Entry("cgi/one", Verdict.FAIL, "known"), Entry("cgi/two", Verdict.FAIL, "known")]
    specs = (spec(broken), spec(held, "cgi/two"))
    runner = Runner(target, specs, target.clock, time, Baseline({entry.id: entry for entry in entries}))

    finish(runner.start(), time)

    assert runner.results["cgi/one"].expected == "known"
    assert runner.stale() == ["cgi/two"]


def test_results_are_heard_of_as_they_come(target: Target, time: task.Clock) -> None:
    """And each can be waited for by itself."""

    async def sleeps(clock: Any) -> None:
        await clock.sleep(1.0)

    heard: list[str] = []
    slow, quick = spec(sleeps, "cgi/slow", lasts=lambda _: 1.0), spec(held, "cgi/quick")
    runner = Runner(target, (slow, quick), target.clock, time, on_result=lambda result: heard.append(result.id))
    mine: list[Result] = []
    runner.result(quick).addCallback(mine.append)

    done = runner.start()
    finish(done, time)

    assert heard == ["cgi/quick", "cgi/slow"]
    assert [result.id for result in mine] == ["cgi/quick"]
    assert runner.start() is done
    assert list(runner.unfinished()) == []
    assert time.getDelayedCalls() == []


def test_stopping_keeps_the_results_that_stand(target: Target, time: task.Clock) -> None:
    """What is under way is left, with its connections and timers."""
    closed: list[str] = []

    async def sleeps(clock: Any) -> None:
        clock.at_end(lambda: closed.append("closed"))
        await clock.sleep(100.0)

    slow, quick = spec(sleeps, "cgi/slow", lasts=lambda _: 100.0), spec(held, "cgi/quick")
    runner = Runner(target, (slow, quick), target.clock, time)
    done = runner.start()
    problems: list[Any] = []
    done.addErrback(problems.append)
    unknown: list[Any] = []
    runner.result(slow).addErrback(unknown.append)
    time.pump([STEP] * 50)
    under_way = list(runner.running)
    left = runner.running["cgi/slow"].left

    runner.stop()
    runner.stop()

    assert under_way == ["cgi/slow"]
    assert 99 < left < 100
    assert problems[0].check(CancelledError)
    assert unknown[0].check(CancelledError)
    assert set(runner.results) == {"cgi/quick"}
    assert [one.id for one in runner.unfinished()] == ["cgi/slow"]
    assert closed == ["closed"]
    assert time.getDelayedCalls() == []


def stopped(target: Target, time: task.Clock, *specs: Spec, after: float) -> Runner:
    """A runner of these specs that was stopped after so many seconds."""
    runner = Runner(target, specs, target.clock, time)
    runner.start().addErrback(lambda failure: failure.trap(CancelledError))
    time.advance(after)
    runner.stop()
    return runner


def test_stopping_while_specs_are_still_being_begun_ends_those_that_were(
    target: Target, time: task.Clock, errors: list[type[BaseException]]
) -> None:
    """Nothing of them stays behind, and nobody is told of what was to be expected."""

    async def sleeps(clock: Any) -> None:
        await clock.sleep(100.0)

    specs = [spec(sleeps, f"cgi/s{n}", lasts=lambda _: 100.0) for n in range(3)]
    runner = stopped(target, time, *specs, after=0.0)
    results, left = runner.results, time.getDelayedCalls()
    del runner
    gc.collect()

    assert (results, left, errors) == ({}, [], [])


def test_what_being_stopped_does_to_a_spec_is_no_verdict(target: Target, time: task.Clock) -> None:
    """It says nothing about the target."""

    async def checks_all_the_same(clock: Any) -> None:
        count = 0
        try:
            await clock.sleep(100.0)
            count = 1
        finally:
            assert count == 1

    assert stopped(target, time, spec(checks_all_the_same, lasts=lambda _: 100.0), after=1.0).results == {}


def test_a_spec_that_does_not_stop_is_cleaned_up_after(target: Target, time: task.Clock) -> None:
    """Its connections must not outlive the run."""
    closed: list[str] = []

    async def goes_on(clock: Any) -> None:
        clock.at_end(lambda: closed.append("closed"))
        with suppress(CancelledError):
            await Deferred()
        await Deferred()

    stopped(target, time, spec(goes_on, lasts=lambda _: 100.0), after=1.0)

    assert closed == ["closed"]


def test_stopping_before_it_began_does_no_harm(target: Target, time: task.Clock) -> None:
    """There is nothing to stop."""
    Runner(target, (spec(held),), target.clock, time).stop()

    assert time.getDelayedCalls() == []


def test_an_interrupt_in_a_spec_is_no_verdict(target: Target, time: task.Clock) -> None:
    """Whoever presses Ctrl-C ends the run."""

    async def interrupted() -> None:
        raise KeyboardInterrupt

    runner = Runner(target, (spec(interrupted),), target.clock, time)

    with pytest.raises(KeyboardInterrupt):
        finish(runner.start(), time)

    assert runner.results == {}


def test_the_engine_is_no_asyncio(target: Target, time: task.Clock) -> None:
    """A future of another loop in a spec is an error of ours."""

    async def foreign() -> None:
        await asyncio.sleep(1)

    (result,) = run(target, time, spec(foreign)).values()

    assert result.verdict is Verdict.ERROR
