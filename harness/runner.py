"""
The engine: every spec at once, each on its own, and what came of it.

Waiting overlaps: all specs start together, so that a run costs about its single longest wait.  What would disturb
others runs apart: a spec that wants to be `alone` holds its page or the whole target, `busy` ones follow each other,
and what failed on time alone is repeated after everything else, with nobody beside it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import Factory, define, evolve, field, frozen
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore

from harness import assertions, offers
from harness.attempts import Attempt
from harness.baselines import Baseline
from harness.catalogue import Spec
from harness.client import Client
from harness.clocks import Clock, Heartbeat, gather, started
from harness.errors import Misbehaved, NotOffered, Overdue, Unjudged
from harness.locks import Shared
from harness.properties import get_ready, hold_for_examples
from harness.results import Result
from harness.targets import Target
from harness.transcripts import Transcript, discreet
from harness.verdicts import Outcome, judge
from harness.wire import Wire
from harness.witnesses import Events, Log

#: Seconds beyond its nominal time until a spec is given up.  The slowest honest answer seen, 50 MB of CGI output on a
#: loaded two-core machine, took 7.
PATIENCE = 10.0

#: How often a failure on time alone is repeated.
REPEATS = 3

#: Seconds that our own event loop may lag before a failure on time alone says nothing about the target.
#: On two busy cores the loop's 99th percentile is below 0.05; a stall of 0.25 is half of the default slack.
BENT = 0.25

#: Specs that wait for nothing, side by side.  More gain nothing on two cores and make the timed ones late.
QUICK = 4

#: Busy specs side by side: one that sleeps between two bursts leaves the processor to the other.
BUSY = 2

#: Seconds that the loop is given between two starts, and how often at most.
PACE = 0.002
PACES = 25


@frozen
class Tried:
    """What one attempt came to."""

    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0
    lag: float = 0.0
    on_time_alone: bool = False
    facts: dict[str, Any] = Factory(dict)
    transcript: list[Any] = Factory(list)


@define(eq=False, repr=False)
class Running:
    """A spec that is under way, for whoever shows progress."""

    spec: Spec
    attempt: Attempt
    since: float
    lasts: float

    @property
    def left(self) -> float:
        """Seconds until its nominal end; negative once that has passed."""
        return self.since + self.lasts - self.attempt.now()


@define(eq=False, repr=False)
class Runner:
    """
    Runs specs against one target.

    `result` of a spec fires when its verdict stands; `on_result` hears of every result as it comes, in the order in
    which they come.  Nothing starts before `start`.
    """

    target: Target
    specs: Sequence[Spec]
    clock: Clock
    reactor: Any
    baseline: Baseline = Factory(Baseline)
    on_result: Callable[[Result], None] = lambda _: None
    running: dict[str, Running] = field(init=False, factory=dict)
    results: dict[str, Result] = field(init=False, factory=dict)
    _heart: Heartbeat = field(init=False)
    _waiting: dict[str, Deferred[Result]] = field(init=False, factory=dict)
    _all: Deferred[Any] | None = field(init=False, default=None)
    _whole: Shared = field(init=False, factory=Shared)
    _pages: dict[str, Shared] = field(init=False, factory=dict)
    _foreground: DeferredSemaphore = field(init=False, factory=lambda: DeferredSemaphore(BUSY))
    _quick: DeferredSemaphore = field(init=False, factory=lambda: DeferredSemaphore(QUICK))
    _warm: dict[str, Deferred[Any]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._heart = Heartbeat(self.clock)
        for spec in self.specs:
            self._waiting[spec.id] = Deferred()
            self._pages.setdefault(spec.page, Shared())

    def start(self) -> Deferred[Any]:
        """Begin; the Deferred fires when every verdict stands.  A second call gives the same Deferred."""
        if self._all is None:
            if any(spec.examples for spec in self.specs):
                get_ready()
            self._heart.start()
            self._all = started(self._run_all())
            self._all.addBoth(self._over)
        return self._all

    def stop(self) -> None:
        """Begin nothing more and leave what is under way; results that stand are kept."""
        if self._all is not None and not self._all.called:
            self._all.cancel()

    def result(self, spec: Spec) -> Deferred[Result]:
        """Fires with the result of a spec, once."""
        return self._waiting[spec.id]

    def _over(self, outcome: Any) -> Any:
        self._heart.stop()
        for running in list(self.running.values()):
            running.attempt.finish()
        for deferred in self._waiting.values():
            if not deferred.called:
                # Nobody need be listening: a run that was stopped is told so by other means.
                deferred.addErrback(lambda _: None)
                deferred.cancel()
        return outcome

    async def _run_all(self) -> None:
        # Those that want the target for themselves go first, one by one: later they would wait for the longest.
        first = [spec for spec in self.specs if spec.alone == "target"]
        rest = [spec for spec in self.specs if spec.alone != "target"]
        again: list[tuple[Spec, Tried]] = []
        for spec in first:
            again += await self._run(spec)
        # The longest first, so that the shorter ones fit under them; and those that want their page alone before the
        # others of it, behind whom they would wait.
        rest.sort(key=lambda spec: (not spec.alone, -self._lasts(spec)))
        under_way = []
        for spec in rest:
            under_way.append(started(self._run(spec)))
            await self._settled()
        for more in await gather(*under_way):
            again += more
        for spec, tried in again:
            self._settle(spec, await self._repeat(spec, tried))

    def _lasts(self, spec: Spec) -> float:
        """A spec's nominal seconds here; nothing for one that will not run, or that cannot tell them."""
        try:
            return 0.0 if offers.not_offered(spec, self.target) else spec.lasts(self.target)
        except Exception:  # noqa: BLE001 - a mistake of that spec's: its own attempt fails on it, and no other
            return 0.0

    async def _settled(self) -> None:
        """Wait until our own loop turns freely again: what starts in a crowd measures the crowd."""
        for _ in range(PACES):
            before = self.clock.now()
            await self.clock.sleep(PACE)
            if self.clock.now() - before < 2 * PACE:
                return

    async def _run(self, spec: Spec) -> list[tuple[Spec, Tried]]:
        """Run a spec; settle its verdict, or give it back to be repeated alone."""
        if why := offers.not_offered(spec, self.target):
            tried = Tried(Outcome.NOT_OFFERED, why)
        elif why := offers.not_observable(spec, self.target):
            tried = Tried(Outcome.NOT_OBSERVABLE, why)
        else:
            tried = await self._in_its_place(spec)
        if tried.on_time_alone:
            return [(spec, tried)]
        self._settle(spec, _of(spec, tried))
        return []

    async def _in_its_place(self, spec: Spec) -> Tried:
        """One attempt, beside those whom it may run beside."""
        page = self._pages[spec.page]
        await self._warmed(spec.page)
        async with page.alone() if spec.alone else page.together():
            if not spec.busy and self._lasts(spec):
                return await self._try(spec)
            queue = self._foreground if spec.busy else self._quick
            await queue.acquire()
            try:
                return await self._try(spec)
            finally:
                queue.release()

    async def _repeat(self, spec: Spec, first: Tried) -> Result:
        """
        Repeat alone what failed on time alone.

        It counts as a failure only if it fails each time with a straight ruler.
        """
        tries = [first]
        while len(tries) <= REPEATS and tries[-1].on_time_alone:
            tries.append(await self._try(spec))
        late = [tried for tried in tries if tried.outcome is Outcome.LATE]
        told = f" (failed {len(late)} of {len(tries)})"
        last = tries[-1]
        if last.outcome in (Outcome.BROKEN, Outcome.OURS):
            return evolve(_of(spec, last), attempts=len(tries), failed=len(tries))
        straight = [tried for tried in late[1:] if tried.lag <= BENT]
        if len(late) == len(tries) and straight:
            return evolve(
                _of(spec, straight[-1]), reason=straight[-1].reason + told, attempts=len(tries), failed=len(late)
            )
        bent = max(tried.lag for tried in late)
        why = (
            f"; but our own clock lagged {bent:.3f} s meanwhile"
            if bent > BENT
            else "; it held when it was repeated with nothing beside it"
        )
        unsure = evolve(late[-1], outcome=Outcome.UNSURE, reason=late[-1].reason + told + why)
        return evolve(_of(spec, unsure), attempts=len(tries), failed=len(late))

    async def _try(self, spec: Spec) -> Tried:
        """One attempt, whatever happens in it."""
        began = self.clock.now()
        attempt = Attempt(self.clock, Transcript(began), self.target.token)
        facts: dict[str, Any] = {}
        lasts = self._lasts(spec)
        self.running[spec.id] = Running(spec, attempt, began, lasts)
        try:
            tried = await self._outcome(spec, attempt, facts, lasts + PATIENCE)
        finally:
            attempt.finish()
            del self.running[spec.id]
        return evolve(
            tried,
            seconds=self.clock.now() - began,
            lag=self._heart.worst_since(began),
            facts=facts,
            transcript=attempt.transcript.entries,
        )

    async def _outcome(self, spec: Spec, attempt: Attempt, facts: dict[str, Any], within: float) -> Tried:
        try:
            waited = lambda: f"after {within:g} s it still waited for {attempt.doing or 'its end'}"  # noqa: E731
            await self.clock.give_up(self._asked(spec, attempt, facts), within, waited)
        except AssertionError as wrong:
            why = assertions.failed(wrong)
            outcome = Outcome.LATE if why.on_time_alone else Outcome.BROKEN
            return Tried(outcome, why.reason, on_time_alone=why.on_time_alone)
        except Overdue as late:
            return Tried(Outcome.LATE, str(late), on_time_alone=True)
        except Misbehaved as wrong:
            return Tried(Outcome.BROKEN, str(wrong))
        except Unjudged as why:
            return Tried(Outcome.NOT_OFFERED if isinstance(why, NotOffered) else Outcome.NOT_OBSERVABLE, str(why))
        except (CancelledError, GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as ours:  # noqa: BLE001 - an error of ours is a verdict too, never a crash of the run
            where = traceback.format_exception(ours)[-4:]
            return Tried(Outcome.OURS, "".join(where).strip())
        return Tried(Outcome.HELD)

    async def _asked(self, spec: Spec, attempt: Attempt, facts: dict[str, Any]) -> None:
        spec.lasts(self.target)  # see `_lasts`
        wire = Wire(attempt, self.target.dialer, self.target.limit, self.target.alive)
        given: dict[str, Callable[[], Any]] = {
            "target": lambda: self.target,
            "page": lambda: self.target.page(spec.page),
            "wire": lambda: wire,
            "client": lambda: Client(attempt, wire, self.reactor),
            "events": lambda: Events(attempt, self.target.feed),
            "log": lambda: Log(attempt, self.target.journal) if self.target.journal else None,
            "clock": lambda: attempt,
            "facts": lambda: facts,
        }
        arguments = {name: given[name]() for name in spec.arguments if name != "example"}
        if spec.examples is None:
            await spec.function(**arguments)
        else:
            await hold_for_examples(self.reactor, spec, arguments)

    async def _warmed(self, page: str) -> None:
        """The page has been asked once before anything about it is timed."""
        if page not in self._warm:
            self._warm[page] = started(self._warm_up(page))
        waiting: Deferred[None] = Deferred()
        self._warm[page].chainDeferred(waiting)
        self._warm[page].addErrback(lambda _: None)
        await waiting

    async def _warm_up(self, page: str) -> None:
        for _ in range(self.target.profile.server.warmup):
            await gather(*(self._asked_once(path) for path in offers.paths(self.target.page(page))))

    async def _asked_once(self, path: str) -> None:
        attempt = Attempt(self.clock, Transcript(self.clock.now()), self.target.token)
        wire = Wire(attempt, self.target.dialer, self.target.limit, self.target.alive)
        try:
            await wire.get(path, within=PATIENCE, s=0)
        except Misbehaved:
            pass  # Whether it answers well is for the specs to say.
        finally:
            attempt.finish()

    def _settle(self, spec: Spec, result: Result) -> None:
        result = self.baseline.apply(result)
        self.results[spec.id] = result
        self.on_result(result)
        self._waiting[spec.id].callback(result)

    def stale(self) -> list[str]:
        """The entries of the baseline that no longer apply."""
        return self.baseline.stale(self.results.values())

    def unfinished(self) -> Iterator[Spec]:
        """The specs that have no result yet."""
        return (spec for spec in self.specs if spec.id not in self.results)


def _of(spec: Spec, tried: Tried) -> Result:
    failed = tried.outcome in (Outcome.BROKEN, Outcome.LATE, Outcome.OURS)
    return Result(
        id=spec.id,
        level=spec.level,
        verdict=judge(tried.outcome, spec.level),
        seconds=round(tried.seconds, 6),
        reason=discreet(tried.reason),
        failed=int(failed),
        lag=round(tried.lag, 6),
        facts=tried.facts,
        transcript=tried.transcript,
    )
