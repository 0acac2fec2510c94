"""
The engine of virtual time: one spec after another, each in a world of its own.

Nothing overlaps, for nothing takes time; nothing is repeated, for the same would happen again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from attrs import define, evolve, field

from harness import assertions
from harness.baselines import Baseline
from harness.catalogue import Spec
from harness.clocks import Heartbeat
from harness.crews import Crew
from harness.errors import UsageError
from harness.factories import Make
from harness.profiles import Profile
from harness.properties import for_examples
from harness.results import Known, Report, Result
from harness.runner import Runner
from harness.scenes import Scene, Scenes
from harness.targets import Target
from harness.trying import Tried, Tries, came_of, result_of, unasked
from harness.verdicts import Outcome


@define(eq=False, repr=False)
class VirtualRunner(Runner):
    """
    Runs specs against the servers of `scenes`, by so many `workers`.

    Without any they run here, and between two of them the reactor gets a turn.
    """

    scenes: Scenes = field(kw_only=True)
    workers: int = field(default=0, kw_only=True)

    async def _run_all(self) -> None:
        if self.workers:
            await Crew(self.reactor, self.scenes, self._judged, self._settle, self.specs).run(self.workers)
            return
        for spec in self.specs:
            await self.clock.sleep(BREATH)
            self._settle(spec, self._judged(spec, self.scenes))

    def _judged(self, spec: Spec, scenes: Scenes) -> Result:
        return judged(spec, scenes, self.target)


def check(make: Make, profile: Profile, specs: Sequence[Spec], baseline: Baseline | None = None) -> Report:
    """
    The report of a run on what `make` builds, here and now, without any reactor.

    Raises `UsageError` where it builds nothing that answers.
    """
    scenes = Scenes(profile, make)
    try:
        began = time.monotonic()
        target = scenes.first()
        known = (baseline or Baseline()).at(target.software)
        report = Report.begun(Known(target.name, target.url, target.software), "virtual")
        report.notes = list(known.notes)
        report.results = [known.apply(judged(spec, scenes, target)) for spec in specs]
        report.stale = known.stale(report.results)
        report.seconds = time.monotonic() - began
    finally:
        scenes.close()
    return report


def judged(spec: Spec, scenes: Scenes, target: Target) -> Result:
    """The result of a spec, for a `target` that says what is offered and can be witnessed."""
    return result_of(spec, unasked(spec, target, virtual=True) or tried(spec, scenes))


def tried(spec: Spec, scenes: Scenes) -> Tried:
    """What came of a spec, in as many scenes as it takes."""
    try:
        if spec.schedules:
            from harness import schedules  # noqa: PLC0415 - Hypothesis' machines take a while to import

            return schedules.tried(spec, scenes)
        if spec.examples:
            return _for_examples(spec, scenes)
        with scenes.opened() as scene:
            return attempt(spec, scene)
    except UsageError as wrong:
        # It could be built before: a server that cannot be built twice.
        return Tried(Outcome.BROKEN, str(wrong))
    except Exception as wrong:  # noqa: BLE001 - an error of ours is a verdict too, never a crash of the run
        return came_of(wrong)


def _for_examples(spec: Spec, scenes: Scenes) -> Tried:
    """All examples of a property, or as many as it takes to find one that fails, and then the smallest."""
    last = Tried(Outcome.HELD)

    def each(example: Any) -> None:
        nonlocal last
        with scenes.opened() as scene:
            last = attempt(spec, scene, example)
        if last.outcome is not Outcome.HELD:
            raise _Found(last)

    try:
        for_examples(spec, each)
    except _Found as found:
        return evolve(found.tried, reason=assertions.noted(found.tried.reason, found))
    return last


class _Found(Exception):
    """An example for which the property does not hold, and what came of it."""

    def __init__(self, tried: Tried) -> None:
        super().__init__(tried.reason)
        self.tried = tried


#: Seconds of the real clock that others get between two specs.
BREATH = 1e-6


def attempt(spec: Spec, scene: Scene, *example: Any) -> Tried:
    """One attempt in a scene."""
    tries = Tries(scene.target, scene.clock, scene.world, Heartbeat(scene.clock))
    tried = scene.world.run(tries.attempt(spec, spec.lasts(scene.target), *example))
    if tried.outcome in (Outcome.BROKEN, Outcome.LATE):
        return evolve(tried, reason=tried.reason + scene.world.strays.told())
    return tried
