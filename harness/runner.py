"""
The engine: every spec at once, each on its own, and what came of it.

Waiting overlaps: all specs start together, so that a run costs about its single longest wait.  What would disturb
others runs apart: a spec that wants to be `alone` holds its page or the whole target, only a few `busy` ones run side
by side, and what failed on time alone is repeated after everything else, in the end with nobody beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from typing import Any

from attrs import Factory, define, evolve, field
from twisted.internet.defer import Deferred

from harness import offers
from harness.baselines import Baseline
from harness.catalogue import Spec
from harness.clocks import Clock, Heartbeat, gather, shared, started
from harness.company import KNOWN, Company
from harness.controls import Control
from harness.errors import Misbehaved
from harness.locks import Shared
from harness.probes import ANYTHING, Probe
from harness.repeats import result_of_all
from harness.results import Result
from harness.targets import Target
from harness.trying import PATIENCE, Running, Tried, Tries, result_of, unasked

#: How often a failure on time alone is repeated.
REPEATS = 3

#: Seconds that the loop is given between two starts, and how often at most.
PACE = 0.002
PACES = 25


@define(eq=False, repr=False)
class Runner:
    """
    Runs specs against one target.

    `result` of a spec fires when its verdict stands; `on_result` hears of every result as it comes, in the order in
    which they come.  Nothing starts before `start`.  Several in one process share their `company`.
    """

    target: Target
    specs: Sequence[Spec]
    clock: Clock
    reactor: Any
    baseline: Baseline = Factory(Baseline)
    on_result: Callable[[Result], None] = lambda _: None
    control: Control | None = None
    company: Company = Factory(lambda runner: Company(runner.reactor), takes_self=True)
    results: dict[str, Result] = field(init=False, factory=dict)
    _heart: Heartbeat = field(init=False)
    _tries: Tries = field(init=False)
    _waiting: dict[str, Deferred[Result]] = field(init=False, factory=dict)
    _all: Deferred[Any] | None = field(init=False, default=None)
    _stopped: bool = field(init=False, default=False)
    _pages: dict[str, Shared] = field(init=False, factory=dict)
    _warm: dict[str, Deferred[Any]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._heart = Heartbeat(self.clock)
        self._tries = Tries(self.target, self.clock, self.reactor, self._heart)
        for spec in self.specs:
            self._waiting[spec.id] = Deferred()
            self._pages.setdefault(spec.page, Shared())

    @property
    def running(self) -> dict[str, Running]:
        """The specs that are under way, by ID."""
        return self._tries.running

    def start(self) -> Deferred[Any]:
        """Begin; the Deferred fires when every verdict stands.  A second call gives the same Deferred."""
        if self._all is None:
            self._heart.start()
            self._all = started(self._run_all())
            self._all.addBoth(self._over)
        return self._all

    def stop(self) -> None:
        """Begin nothing more and leave what is under way; results that stand are kept."""
        self._stopped = True
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
        async with self.company.at_work():
            again = await self._first_attempts()
        await self.company.rest()
        await self._repeat_all(again)

    async def _first_attempts(self) -> list[tuple[Spec, Tried]]:
        """One attempt at every spec; those that failed on time alone are given back, to be repeated."""
        # Those that want the target for themselves go first, one by one: later they would wait for the longest.
        first = [spec for spec in self.specs if spec.alone == "target"]
        rest = [spec for spec in self.specs if spec.alone != "target"]
        again: list[tuple[Spec, Tried]] = []
        warm = [self._warmed(page) for page in dict.fromkeys(spec.page for spec in self.specs)]
        if first:
            await gather(*warm)
        for spec in first:
            again += await self._run(spec)
        # The longest first, so that the shorter ones fit under them; and those that want their page alone before the
        # others of it, behind whom they would wait.
        rest.sort(key=lambda spec: (not spec.alone, -self._lasts(spec)))
        under_way = []
        try:
            async with self.company.beginning():
                for spec in rest:
                    under_way.append(started(self._run(spec)))
                    await self._settled()
            for more in await gather(*under_way):
                again += more
        finally:
            # Stopped before all had begun: those that had must end as well.
            for one in under_way:
                if not one.called:
                    one.addErrback(lambda _: None)
                    one.cancel()
        return again

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
        tried = unasked(spec, self.target) or await self._in_its_place(spec, self._tries.attempt)
        if tried.on_time_alone:
            return [(spec, tried)]
        self._settle(spec, result_of(spec, tried))
        return []

    async def _in_its_place(self, spec: Spec, attempt: Callable[[Spec, float], Awaitable[Tried]]) -> Tried:
        """One attempt, beside those whom it may run beside."""
        page = self._pages[spec.page]
        await self._warmed(spec.page)
        async with page.alone() if spec.alone else page.together():
            lasts = self._lasts(spec)
            async with self._turn(spec, lasts):
                return await attempt(spec, lasts)

    def _turn(self, spec: Spec, lasts: float) -> AbstractAsyncContextManager[None]:
        """Who waits for a timer needs no turn; who works has one beside few others."""
        if lasts and not spec.busy:
            return nullcontext()
        turns = self.company.busy if spec.busy else self.company.quick
        return turns.turn(KNOWN if spec.id in self.baseline.entries else None)

    async def _beside_control(self, spec: Spec, lasts: float) -> Tried:
        """One attempt, while the control is asked the same."""
        if self.control is None:
            return await self._tries.attempt(spec, lasts)
        tried: Tried
        tried, control = await gather(self._tries.attempt(spec, lasts), self.control.ask(spec, self._heart))
        return evolve(tried, control=control)

    async def _repeat_all(self, again: list[tuple[Spec, Tried]]) -> None:
        """
        Repeat what failed on time alone: first with only each other beside them, then what failed again by itself.

        The first round sorts out what our own crowd made late, at the price of the longest of them and not of all.
        """
        seconds = await gather(*(self._second(spec, first) for spec, first in again))
        for (spec, first), second in zip(again, seconds, strict=True):
            self._settle(spec, await self._repeat(spec, [first, second]))

    async def _second(self, spec: Spec, first: Tried) -> Tried:
        """The second attempt, beside those that are repeated as well."""
        foreseen = self._is_foreseen(spec, first)
        return await self._in_its_place(spec, self._tries.attempt if foreseen else self._beside_control)

    async def _repeat(self, spec: Spec, tries: list[Tried]) -> Result:
        """
        Repeat alone what has failed on time alone twice.

        What its deadline has ended twice has had nobody in its way, and what the baseline foresees surprises nobody:
        for them twice is enough.
        """
        enough = 1 + REPEATS
        if all(tried.given_up for tried in tries) or self._is_foreseen(spec, tries[0]):
            enough = len(tries)
        while len(tries) < enough and tries[-1].on_time_alone:
            tries.append(await self._beside_control(spec, self._lasts(spec)))
        return result_of_all(spec, tries)

    def _is_foreseen(self, spec: Spec, tried: Tried) -> bool:
        return self.baseline.foresees(result_of(spec, tried))

    def _warmed(self, page: str) -> Deferred[None]:
        """The page has been asked once before anything about it is timed; all who ask wait for the same."""
        if page not in self._warm:
            self._warm[page] = started(self._warm_up(page))
        return shared(self._warm[page])

    async def _warm_up(self, page: str) -> None:
        if self.target.page(page) is None:
            return
        for _ in range(self.target.profile.server.warmup):
            await gather(*(self._asked_once(path) for path in offers.paths(self.target.page(page))))

    async def _asked_once(self, path: str) -> None:
        # Whether it answers well is for the specs to say.
        with suppress(Misbehaved):
            await Probe(self.clock, self.target.dialer, self.target.limit).get(path, PATIENCE, **ANYTHING)

    def _settle(self, spec: Spec, result: Result) -> None:
        if self._stopped:
            # What being stopped did to a spec says nothing about the target.
            return
        result = self.baseline.apply(result)
        self.results[spec.id] = result
        self.on_result(result)
        self._waiting[spec.id].callback(result)

    def again(self, specs: Sequence[Spec]) -> Runner:
        """A runner of some specs on the same target; it tells nobody of their results."""
        return Runner(
            self.target, specs, self.clock, self.reactor, self.baseline, control=self.control, company=self.company
        )

    def stale(self) -> list[str]:
        """The entries of the baseline that no longer apply."""
        return self.baseline.stale(self.results.values())

    def unfinished(self) -> Iterator[Spec]:
        """The specs that have no result yet."""
        return (spec for spec in self.specs if spec.id not in self.results)
