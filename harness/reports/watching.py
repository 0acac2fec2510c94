"""
A matrix while it runs: which versions are asked, and how far they are.
"""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from harness.profiles import Profile
from harness.reports import words
from harness.reports.terminal import Live, Plain, waited_for
from harness.results import Report, Result
from harness.runner import Runner
from harness.transcripts import safe
from harness.verdicts import Verdict

#: Seconds between two words about how far it is, where no terminal shows it.
SILENCE = 10.0


@define(eq=False)
class Watched(Live):
    """
    A line when a version is up and when it is over; how far each is, live in a terminal, and now and then elsewhere.

    Verdicts are told at the end, where they differ.  `missed` are those that did not start.
    """

    missed: list[str] = field(init=False, factory=list)
    _counts: Counter[str] = field(init=False, factory=Counter)

    def ready(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        if self.console.is_terminal:
            super().ready(runner, report)
        else:
            Plain.ready(self, runner, report)

    def result(self, runner: Runner, result: Result) -> None:
        """See `harness.session.Audience`."""
        self._counts[runner.target.name] += 1
        if result.verdict is Verdict.ERROR:
            self.say(f"error           {result.id}  {safe(result.reason).splitlines()[0]}", "bold magenta")

    def missing(self, profile: Profile, why: str) -> None:
        """See `harness.session.Audience`."""
        super().missing(profile, why)
        self.missed.append(f"{profile.server.name} did not start: {why}")

    def tick(self) -> None:
        """Time goes by; called a few times a second."""
        if self._live is not None:
            super().tick()
        elif self._runners and (now := self._runners[0].clock.now()) - self._spoke > SILENCE:
            self._spoke = now
            self.say(f"…               {self._so_far()}", "dim")

    def summary(self, report: Report) -> None:
        """One line: what differs is told when all of them are over."""
        self.say(f"{safe(report.target.name)}: {words.counted(report.results)}")

    def _under_way(self) -> list[str]:
        width = max(len(safe(runner.target.name)) for runner in self._runners)
        counts = ((runner, self._counts[runner.target.name]) for runner in self._runners)
        lines = (f"  {safe(runner.target.name):{width}}  {done:>5} of {len(runner.specs)}" for runner, done in counts)
        return [self._so_far(), *lines]

    def _so_far(self) -> str:
        done = sum(self._counts.values())
        total = sum(len(runner.specs) for runner in self._runners)
        under_way = [running for runner in self._runners for running in runner.running.values()]
        return "; ".join(filter(None, (f"{done:,} of {total:,} done", waited_for(under_way))))
