"""
One whole run: targets up, specs run, results on disk, targets down.
"""

from __future__ import annotations

import gc
import re
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import CancelledError, Deferred

from harness import baselines, crews, properties
from harness.baselines import Baseline
from harness.catalogue import Spec
from harness.clocks import Clock, gather, started
from harness.company import Company
from harness.controls import Control
from harness.errors import UsageError
from harness.profiles import Profile
from harness.results import Known, Report, Result, Writer
from harness.runner import Runner
from harness.scenes import Scenes
from harness.starting import start
from harness.targets import Stop, Target, unwind
from harness.tls import TlsOptions
from harness.virtual import VirtualRunner


class Audience(Protocol):
    """Whoever is told how a run goes."""

    def ready(self, runner: Runner, report: Report) -> None:
        """A target is up; its specs begin."""

    def result(self, runner: Runner, result: Result) -> None:
        """A verdict stands."""

    def over(self, runner: Runner, report: Report) -> None:
        """A target's run is over."""

    def missing(self, profile: Profile, why: str) -> None:
        """A target did not start, and the others are asked all the same."""


class Look(Protocol):
    """Whoever looks at the verdicts while the targets are up."""

    def __call__(self, *, last: bool) -> Awaitable[None]:
        """Look."""


@frozen
class Wanted:
    """What a run is to do."""

    profiles: Sequence[Profile]
    specs: Sequence[Spec]
    known: frozenset[str]
    baseline: Path | None = None
    json: Path | None = None
    virtual: bool = False
    seed: int | None = None
    tls: TlsOptions = field(factory=TlsOptions)
    #: A directory for a result file of each target, named after it; instead of `json`.
    directory: Path | None = None
    #: Whether the others are asked when a target does not start.
    lenient: bool = False
    #: Whether its files have the targets' names in them where this is but a part of a run over several.
    several: bool = False


@define(eq=False)
class Session:
    """
    A run over one or several targets; `reports` has one for each that came up, in the order given.

    `interrupt` stops it wherever it is: `run` then ends soon, with the results that stand.
    """

    wanted: Wanted
    reactor: Any
    audience: Audience
    clock: Clock = field(init=False)
    reports: list[Report] = field(init=False, factory=list)
    runners: list[Runner] = field(init=False, factory=list)
    interrupted: bool = field(init=False, default=False)
    _stops: list[Stop] = field(init=False, factory=list)
    _finishing: list[Callable[[], None]] = field(init=False, factory=list)
    _names: list[str] = field(init=False, factory=list)
    _company: Company = field(init=False)
    _controls: list[Control] = field(init=False, factory=list)
    _under_way: Deferred[Any] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.clock = Clock(self.reactor)
        self._company = Company(self.reactor)
        properties.SEED = self.wanted.seed

    async def prepare(self) -> list[Runner]:
        """
        Start every target and make its runner, which has not begun yet.

        Raises `UsageError`, when what was started has been ended again.
        """
        starting: deque[Deferred[Target] | None] = deque()
        try:
            wanted = self.wanted
            found = [baselines.of(profile, wanted.baseline, wanted.known) for profile in wanted.profiles]
            starting.extend(self._begun(profile) for profile in wanted.profiles)
            for profile, baseline in zip(self.wanted.profiles, found, strict=True):
                begun = starting.popleft()
                if self.wanted.virtual:
                    scenes = Scenes(profile)
                    self._stops.append(scenes.close)
                    self.runners.append(self._runner(scenes.first(), baseline, scenes))
                elif target := await self._started(profile, begun):
                    self.runners.append(self._runner(target, baseline))
        except BaseException:
            for one in filter(None, starting):
                one.addErrback(lambda _: None)
                one.cancel()
            await self.close()
            raise
        # What is there by now stays: the garbage collector need not look through it again while we measure.
        gc.collect()
        gc.freeze()
        return self.runners

    async def run(self, look: Look | None = None) -> list[Report]:
        """
        Prepare, run everything, and close.  Raises `UsageError`.

        While the targets are up, `look` is called twice: when all first attempts are over, beside whatever is
        repeated, and at `last`, when every verdict stands.
        """

        async def first_look() -> None:
            await self._company.rest()
            if look is not None:
                await look(last=False)

        try:
            await self.prepare()
            await self._doing(gather(*(runner.start() for runner in self.runners), first_look()))
            if look is not None:
                await self._doing(look(last=True))
        except CancelledError:
            if not self.interrupted:
                raise
        finally:
            await self.close()
        return self.reports

    def interrupt(self) -> None:
        """Stop."""
        self.interrupted = True
        for runner in self.runners:
            runner.stop()
        if self._under_way is not None and not self._under_way.called:
            self._under_way.cancel()

    async def close(self) -> None:
        """Finish the result files and end the targets.  A second call does nothing."""
        try:
            while self._finishing:
                self._finishing.pop(0)()
        finally:
            # Whatever a report ran into, no server that we started stays behind.
            await unwind(self._stops)

    async def ask_again(self, specs: Sequence[Sequence[Spec]]) -> list[dict[str, Result]]:
        """What each target says once more to these of its specs, by ID; nobody else is told."""
        again = [runner.again(chosen) for runner, chosen in zip(self.runners, specs, strict=True)]
        await gather(*(runner.start() for runner in again))
        return [runner.results for runner in again]

    def _begun(self, profile: Profile) -> Deferred[Target] | None:
        """A command starts while others do; what is built in this process waits for its turn."""
        if self.wanted.virtual or not profile.server.command:
            return None
        return self._starting(profile)

    def _starting(self, profile: Profile) -> Deferred[Target]:
        def keep(target: Target) -> Target:
            self._stops.append(target.stop)
            return target

        return started(start(profile, self.reactor, self.clock, self.wanted.tls)).addCallback(keep)

    async def _started(self, profile: Profile, begun: Deferred[Target] | None) -> Target | None:
        """The target, once it is up; None where it is left out."""
        starting = begun or self._starting(profile)
        if any(spec.examples for spec in self.wanted.specs):
            properties.get_ready()  # while a command that was just started gets ready itself
        try:
            target: Target = await self._doing(starting)
        except UsageError as wrong:
            if not self.wanted.lenient:
                raise
            self.audience.missing(profile, str(wrong))
            return None
        return target

    async def _doing(self, awaited: Any) -> Any:
        self._under_way = started(awaited)
        return await self._under_way

    def _runner(self, target: Target, baseline: Baseline, scenes: Scenes | None = None) -> Runner:
        known = Known(target.name, target.url, target.software)
        baseline = baseline.at(target.software)
        report = Report.begun(known, "virtual" if scenes else "real")
        report.notes = list(baseline.notes)
        writer = Writer(self._file(target), report) if self.wanted.json or self.wanted.directory else None

        def on_result(result: Result) -> None:
            report.results.append(result)
            if writer is not None:
                writer.add(result)
            self.audience.result(runner, result)

        common = (target, self.wanted.specs, self.clock, self.reactor, baseline, on_result)
        runner = (
            VirtualRunner(*common, scenes=scenes, workers=crews.cores())
            if scenes
            else Runner(*common, self._control(target.profile), self._company)
        )
        began = self.clock.now()

        def finish() -> None:
            report.seconds = self.clock.now() - began
            report.interrupted = self.interrupted
            report.stale = runner.stale()
            if writer is not None:
                writer.finish()
            self.audience.over(runner, report)

        self._finishing.append(finish)
        self.reports.append(report)
        self.audience.ready(runner, report)
        return runner

    def _control(self, profile: Profile) -> Control:
        """The control of a target: one for all whose profiles take as long and are as tolerant."""
        for control in self._controls:
            if (control.profile.pages, control.profile.timing) == (profile.pages, profile.timing):
                return control
        control = Control(profile, self.clock, self.reactor)
        self._controls.append(control)
        self._stops.append(control.stop)
        return control

    def _file(self, target: Target) -> Path:
        """The result file of a target: as given for one, with the target's name in it for several."""
        if (directory := self.wanted.directory) is not None:
            name = re.sub(r"[^a-z0-9.]+", "-", target.name.lower()).strip("-.")
            return directory / f"{name or 'target'}.json"
        assert self.wanted.json is not None
        path = self.wanted.json
        if len(self.wanted.profiles) == 1 and not self.wanted.several:
            return path
        self._names.append(target.name)
        return result_file(path, self._names)


def result_file(path: Path, names: Sequence[str]) -> Path:
    """Where the last of several targets with these names, in their order, has its results."""
    slugs = [re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "target" for name in names]
    return path.with_name(f"{path.stem}-{apart(slugs)[-1]}{path.suffix}")


def apart(names: Sequence[str]) -> list[str]:
    """The names; whichever was there before has a number: a, a-2."""
    given: list[str] = []
    for one in names:
        name, number = one, 1
        while name in given:
            number += 1
            name = f"{one}-{number}"
        given.append(name)
    return given
