"""
The engine of virtual time: what each spec comes to, in a world of its own.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from harness import MUST, SHOULD, Window, virtual
from harness.baselines import Baseline, Entry
from harness.catalogue import Spec
from harness.clocks import Clock
from harness.errors import NotObservable, UsageError
from harness.profiles import Profile, parse
from harness.results import Result
from harness.scenes import Scenes
from harness.sources import rfc
from harness.trying import PATIENCE
from harness.verdicts import Exit, Outcome, Verdict
from harness.virtual import VirtualRunner, attempt, check, tried

#: What the servers here offer.
PROFILE = parse({"server": {"name": "mine"}, "asynchronous": {"delay": 5.0}, "session-store": {}}, Path())


class Server(Resource):
    """Answers /asynchronous after its delay, /counter with the number of visits, and /never never."""

    isLeaf = True  # noqa: N815 - Twisted's name
    delay = 5.0

    def __init__(self, reactor: Any) -> None:
        super().__init__()
        self.reactor = reactor
        self.visits = 0

    def later(self, call: Callable[[], None]) -> None:
        """Do this after the delay."""
        self.reactor.callLater(self.delay, call)

    def render_GET(self, request: Any) -> Any:
        """See the class."""

        def answer() -> None:
            request.write(b"Sorry to keep you waiting.")
            request.finish()

        if request.path == b"/asynchronous":
            self.later(answer)
            return NOT_DONE_YET
        if request.path == b"/never":
            return NOT_DONE_YET
        self.visits += request.path == b"/counter"
        return b"Visit #%d" % self.visits


class Late(Server):
    """Answers a little too late."""

    delay = 5.001


class Astray(Server):
    """Waits with the reactor that everybody imports."""

    def later(self, call: Callable[[], None]) -> None:
        """Do this in another time."""
        from twisted.internet import reactor  # noqa: PLC0415 - as servers do

        reactor.callLater(self.delay, call)  # type: ignore[attr-defined]


class AstrayInThreads(Server):
    """Works in the threads of the reactor that everybody imports."""

    def later(self, call: Callable[[], None]) -> None:
        """Do this when a thread is done."""
        deferToThread(list).addCallback(lambda _: call())


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for temporary files that is this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def scenes() -> Iterator[Callable[..., Scenes]]:
    """Makes scenes with a server; they are closed with the test."""
    opened: list[Scenes] = []

    def of(make: Any = Server, profile: Profile = PROFILE) -> Scenes:
        opened.append(Scenes(profile, make))
        return opened[-1]

    yield of
    for one in opened:
        one.close()


def spec(function: Callable[..., Any], name: str = "asynchronous/one", **more: Any) -> Spec:
    """This function as a spec."""
    return Spec(name, more.pop("level", MUST), rfc(9110, "1"), function, **more)


async def waits(target: Any, wire: Any) -> None:
    """The page answers after its delay."""
    answer = await wire.get(target.asynchronous.path)
    assert answer.status == 200
    assert answer.waited in Window.around(target.asynchronous.delay, target.timing)


async def counts(wire: Any) -> None:
    """The server counts."""
    answer = await wire.get("/counter")
    assert answer.body == b"Visit #1"


async def asks_in_vain(wire: Any) -> None:
    """The page answers."""
    await wire.get("/never")


WAITS = spec(waits, lasts=lambda target: target.asynchronous.delay)


# One attempt.


def test_what_holds_holds_exactly(scenes: Callable[..., Scenes]) -> None:
    """After 5 s that are 5 s."""
    found = tried(WAITS, scenes())

    assert (found.outcome, found.reason, found.lag) == (Outcome.HELD, "", 0.0)
    assert found.seconds == 5.0


def test_what_is_a_millisecond_late_is_late(scenes: Callable[..., Scenes]) -> None:
    """There is no slack where nothing is late by accident."""
    found = tried(WAITS, scenes(Late))

    assert (found.outcome, found.on_time_alone) == (Outcome.LATE, True)
    assert "5.001" in found.reason


def test_every_attempt_has_a_server_of_its_own(scenes: Callable[..., Scenes]) -> None:
    """What it does there nobody else sees."""
    several = scenes()

    assert [tried(spec(counts), several).outcome for _ in range(3)] == [Outcome.HELD] * 3


def test_in_one_scene_the_server_stays_the_same(scenes: Callable[..., Scenes]) -> None:
    """For whoever makes two attempts in it."""
    with scenes().opened() as scene:
        found = [attempt(spec(counts), scene) for _ in range(2)]

    assert [one.outcome for one in found] == [Outcome.HELD, Outcome.BROKEN]


def test_who_never_answers_is_told_so_at_once(scenes: Callable[..., Scenes]) -> None:
    """With what was waited for; not with seconds, which would say nothing."""
    found = tried(spec(asks_in_vain), scenes())

    assert (found.outcome, found.given_up) == (Outcome.LATE, True)
    assert found.reason.startswith("nothing can happen any more; waiting for ")
    assert "it still waited" not in found.reason
    assert "global reactor" not in found.reason


def test_who_goes_on_for_too_long_is_given_up(scenes: Callable[..., Scenes]) -> None:
    """Something can happen still, but the spec has had its time."""

    async def sleeps(clock: Any) -> None:
        await clock.sleep(1000.0, "a miracle")

    found = tried(spec(sleeps), scenes())

    assert (found.outcome, found.given_up) == (Outcome.LATE, True)
    assert found.reason == f"after {PATIENCE:g} s it still waited for a miracle"


def test_an_error_of_ours_is_ours(scenes: Callable[..., Scenes]) -> None:
    """Not the server's."""

    async def breaks() -> None:
        raise ZeroDivisionError

    assert tried(spec(breaks), scenes()).outcome is Outcome.OURS


@pytest.mark.parametrize(
    ("server", "way", "where"),
    [(Astray, "callLater", "later"), (AstrayInThreads, "getThreadPool", "later")],
)
def test_a_server_in_another_time_is_told_where(
    scenes: Callable[..., Scenes], server: Any, way: str, where: str
) -> None:
    """It never answers, for the reactor that it imported stands still; the reason names its own line, once."""
    found = tried(WAITS, scenes(server))

    assert found.outcome is Outcome.LATE
    assert found.reason.startswith("nothing can happen any more")
    assert "; waiting for answer to GET" in found.reason
    assert re.search(rf"reactor\.{way} at test_virtual\.py:\d+ \({where}\)", found.reason)
    assert found.reason.count("the server used the global reactor") == 1


def test_what_a_server_does_in_another_time_is_told_with_any_failure(scenes: Callable[..., Scenes]) -> None:
    """But not with what holds."""

    class Both(Server):
        def render_GET(self, request: Any) -> Any:
            from twisted.internet import reactor  # noqa: PLC0415 - as servers do

            reactor.callLater(5.0, list)  # type: ignore[attr-defined]
            return super().render_GET(request)

    async def wrong(wire: Any) -> None:
        answer = await wire.get("/counter")
        assert answer.status == 500

    failed, held = tried(spec(wrong), scenes(Both)), tried(spec(counts), scenes(Both))

    assert failed.outcome is Outcome.BROKEN
    assert "reactor.callLater at test_virtual.py:" in failed.reason
    assert (held.outcome, held.reason) == (Outcome.HELD, "")


def test_nothing_of_another_time_stays_behind(scenes: Callable[..., Scenes], loop: Any) -> None:
    """What was to come there never comes."""
    before = set(loop.getDelayedCalls())

    tried(WAITS, scenes(Astray))

    assert set(loop.getDelayedCalls()) <= before


def test_a_server_that_cannot_be_built_twice_fails_in_words(scenes: Callable[..., Scenes]) -> None:
    """It is the server's fault, and the run goes on."""
    made: list[Server] = []

    def once(reactor: Any) -> Server:
        if made:
            message = "the database is open already"
            raise RuntimeError(message)
        made.append(Server(reactor))
        return made[0]

    of_once = scenes(once)
    of_once.first()
    found = tried(spec(counts), of_once)

    assert found.outcome is Outcome.BROKEN
    assert "failed: RuntimeError: the database is open already" in found.reason


# Properties.


def test_of_a_property_the_smallest_example_that_fails_is_told(scenes: Callable[..., Scenes]) -> None:
    """Each example has a server of its own."""
    made: list[Server] = []

    def make(reactor: Any) -> Server:
        made.append(Server(reactor))
        return made[-1]

    async def check(wire: Any, example: int) -> None:
        answer = await wire.get("/counter")
        assert answer.body == b"Visit #1"
        assert example <= 10

    found = tried(spec(check, examples=lambda: st.integers(0, 1000)), scenes(make))

    assert found.outcome is Outcome.BROKEN
    assert found.reason.startswith("example: 11 > 10")
    assert len(made) > 2


def test_the_example_is_told_though_the_assert_does_not_show_it(scenes: Callable[..., Scenes]) -> None:
    """With the whole of it, for whoever wants to send it again."""

    async def check(example: tuple[int, str]) -> None:
        assert example[0] <= 10

    found = tried(spec(check, examples=lambda: st.tuples(st.integers(0, 1000), st.just("rest"))), scenes())

    assert "example=(11, 'rest')" in found.reason


def test_what_fails_once_and_not_again_has_failed(scenes: Callable[..., Scenes]) -> None:
    """As by the real clock: neither an error of ours, as Hypothesis' complaint would be, nor good in the end."""
    asked: list[int] = []

    async def check(example: int) -> None:
        asked.append(example)
        assert len(asked) != 3, "the third time was one too many"

    found = tried(spec(check, examples=lambda: st.integers(0, 1000)), scenes())

    assert found.outcome is Outcome.BROKEN
    assert found.reason.startswith("the third time was one too many")


def test_a_property_that_holds_holds(scenes: Callable[..., Scenes]) -> None:
    """For all examples; the same in every run."""
    seen: list[int] = []

    async def check(example: int) -> None:
        seen.append(example)

    several = scenes()
    first = tried(spec(check, examples=lambda: st.integers(0, 1000)), several)
    once, _ = list(seen), seen.clear()
    tried(spec(check, examples=lambda: st.integers(0, 1000)), several)

    assert first.outcome is Outcome.HELD
    assert len(once) > 1
    assert seen == once


def test_a_property_that_cannot_be_seen_is_not_broken(scenes: Callable[..., Scenes]) -> None:
    """One example that shows nothing says so of all."""

    async def check(example: int) -> None:
        message = "nobody can see that"
        raise NotObservable(message)

    found = tried(spec(check, examples=lambda: st.integers(0, 1000)), scenes())

    assert found.outcome is Outcome.NOT_OBSERVABLE
    assert found.reason.startswith("nobody can see that")


# A run.


def test_a_report_has_every_verdict() -> None:
    """Of what is offered and can be seen by this clock."""
    specs = [
        WAITS,
        spec(asks_in_vain, "asynchronous/two"),
        spec(counts, "wsgi/three"),
        spec(counts, "asynchronous/four", only_real="it is a matter of sockets"),
        spec(counts, "asynchronous/five", only_virtual="it takes an hour"),
        spec(asks_in_vain, "asynchronous/six", level=SHOULD),
    ]

    report = check(Server, PROFILE, specs)

    assert [(one.id, one.verdict) for one in report.results] == [
        ("asynchronous/one", Verdict.PASS),
        ("asynchronous/two", Verdict.FAIL),
        ("wsgi/three", Verdict.NOT_OFFERED),
        ("asynchronous/four", Verdict.NOT_OBSERVABLE),
        ("asynchronous/five", Verdict.PASS),
        ("asynchronous/six", Verdict.WARN),
    ]
    assert report.results[3].reason == "real-clock-only: it is a matter of sockets"
    assert (report.clock, report.target.name) == ("virtual", "mine")
    assert report.exit() is Exit.FAILED


def test_known_divergences_are_foreseen_in_virtual_time_too() -> None:
    """And told when they are over."""
    entries = {name: Entry(name, Verdict.FAIL, "known") for name in ("asynchronous/one", "asynchronous/two")}

    report = check(Server, PROFILE, [WAITS, spec(asks_in_vain, "asynchronous/two")], Baseline(entries))

    assert [one.expected for one in report.results] == ["", "known"]
    assert report.stale == ["asynchronous/one"]


def test_in_virtual_time_too_an_entry_may_be_about_some_versions_of_twisted() -> None:
    """The server is Twisted itself, which says its version."""
    entries = [
        Entry(name, Verdict.FAIL, "known", twisted=SpecifierSet(versions))
        for name, versions in (("asynchronous/one", "<18.9"), ("asynchronous/two", ">=18.9"))
    ]

    report = check(Server, PROFILE, [WAITS, spec(asks_in_vain, "asynchronous/two")], Baseline({}, tuple(entries)))

    assert [one.expected for one in report.results] == ["", "known"]
    assert report.stale == report.notes == []


def test_what_cannot_be_built_at_all_is_no_report(tmp_path: Path) -> None:
    """And leaves nothing behind."""
    with pytest.raises(UsageError, match="gave 5, which is not a resource"):
        check(lambda _: 5, PROFILE, [WAITS])

    assert list(tmp_path.iterdir()) == []


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("workers", [0, 2])
async def test_a_runner_tells_results_as_they_come(loop: Any, scenes: Callable[..., Scenes], workers: int) -> None:
    """Here, in the order of the specs, or by workers, in any order; the reactor gets its turns."""
    several = scenes()
    heard: list[Result] = []
    specs = [WAITS, spec(asks_in_vain, "asynchronous/two"), spec(counts, "wsgi/three")]
    runner = VirtualRunner(
        several.first(), specs, Clock(loop), loop, on_result=heard.append, scenes=several, workers=workers
    )
    turns: list[int] = []
    deferLater(loop, 0.0, turns.append, 1)

    await runner.start()

    wanted = {"asynchronous/one": "pass", "asynchronous/two": "fail", "wsgi/three": "not-offered"}
    assert {one.id: one.verdict.value for one in heard} == wanted
    assert {name: one.verdict.value for name, one in runner.results.items()} == wanted
    assert workers or [one.id for one in heard] == [one.id for one in specs]
    assert (await runner.result(specs[0])).seconds == 5.0
    assert turns == [1]


@pytest_twisted.ensureDeferred
async def test_a_run_that_is_stopped_keeps_what_stands(loop: Any, scenes: Callable[..., Scenes]) -> None:
    """And begins nothing more."""
    several = scenes()
    specs = [spec(counts, f"asynchronous/{name}") for name in ("one", "two", "three")]
    runner = VirtualRunner(several.first(), specs, Clock(loop), loop, on_result=lambda _: runner.stop(), scenes=several)

    done = runner.start()
    done.addErrback(lambda _: None)
    await done

    assert list(runner.results) == ["asynchronous/one"]


def test_a_breath_is_next_to_nothing() -> None:
    """It is for others that the reactor serves."""
    assert 0 < virtual.BREATH < 0.001
