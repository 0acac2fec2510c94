"""
One whole run: targets up, specs run, results on disk, targets down.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import CancelledError, Deferred

from harness import baselines, crews, properties
from harness.baselines import Baseline
from harness.catalogue import Spec
from harness.clocks import Clock, gather, started
from harness.controls import Control
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
    _names: set[str] = field(init=False, factory=set)
    _under_way: Deferred[Any] | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.clock = Clock(self.reactor)
        properties.SEED = self.wanted.seed

    async def prepare(self) -> list[Runner]:
        """
        Start every target and make its runner, which has not begun yet.

        Raises `UsageError`, when what was started has been ended again.
        """
        try:
            wanted = self.wanted
            found = [baselines.of(profile, wanted.baseline, wanted.known) for profile in wanted.profiles]
            for profile, baseline in zip(self.wanted.profiles, found, strict=True):
                if self.wanted.virtual:
                    scenes = Scenes(profile)
                    self._stops.append(scenes.close)
                    self.runners.append(self._runner(scenes.first(), baseline, scenes))
                else:
                    self.runners.append(self._runner(await self._started(profile), baseline))
        except BaseException:
            await self.close()
            raise
        # What is there by now stays: the garbage collector need not look through it again while we measure.
        gc.collect()
        gc.freeze()
        return self.runners

    async def run(self) -> list[Report]:
        """Prepare, run everything, and close.  Raises `UsageError`."""
        try:
            await self.prepare()
            await self._doing(gather(*(runner.start() for runner in self.runners)))
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

    async def _started(self, profile: Profile) -> Target:
        starting = started(start(profile, self.reactor, self.clock, self.wanted.tls))
        if any(spec.examples for spec in self.wanted.specs):
            properties.get_ready()  # while a command that was just started gets ready itself
        target: Target = await self._doing(starting)
        self._stops.append(target.stop)
        return target

    async def _doing(self, awaited: Any) -> Any:
        self._under_way = started(awaited)
        return await self._under_way

    def _runner(self, target: Target, baseline: Baseline, scenes: Scenes | None = None) -> Runner:
        known = Known(target.name, target.url, target.software)
        report = Report.begun(known, "virtual" if scenes else "real")
        writer = Writer(self._file(target), report) if self.wanted.json else None

        def on_result(result: Result) -> None:
            report.results.append(result)
            if writer is not None:
                writer.add(result)
            self.audience.result(runner, result)

        common = (target, self.wanted.specs, self.clock, self.reactor, baseline, on_result)
        runner = (
            VirtualRunner(*common, scenes=scenes, workers=crews.cores())
            if scenes
            else Runner(*common, self._control(target))
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

    def _control(self, target: Target) -> Control:
        control = Control(target.profile, self.clock, self.reactor)
        self._stops.append(control.stop)
        return control

    def _file(self, target: Target) -> Path:
        """The result file of a target: as given for one, with the target's name in it for several."""
        assert self.wanted.json is not None
        path = self.wanted.json
        if len(self.wanted.profiles) == 1:
            return path
        slug = re.sub(r"[^a-z0-9]+", "-", target.name.lower()).strip("-") or "target"
        name, number = slug, 1
        while name in self._names:
            number += 1
            name = f"{slug}-{number}"
        self._names.add(name)
        return path.with_name(f"{path.stem}-{name}{path.suffix}")
