"""
The terminal: live where somebody watches, plain lines where nobody does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from harness.catalogue import Spec
from harness.profiles import Profile
from harness.reports import words
from harness.results import Report, Result
from harness.transcripts import safe
from harness.verdicts import FAILING, Exit, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from harness.runner import Runner
    from harness.trying import Running

#: Seconds without a word after which plain output says what is being waited for.
SILENCE = 5.0

#: Specs under way that the live view names.
SHOWN = 8

_COLOURS = {
    Verdict.PASS: "green",
    Verdict.FACT: "green",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.WARN: "yellow",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.NOT_OBSERVABLE: "dim",
    Verdict.NOT_OFFERED: "dim",
}


@define(eq=False)
class Plain:
    """One line for each result, a summary by page, and the details of what is no pass."""

    console: Console
    strict: bool = False
    _specs: dict[str, Spec] = field(init=False, factory=dict)
    _runners: list[Runner] = field(init=False, factory=list)
    _spoke: float = field(init=False, default=0.0)

    def say(self, text: str, style: str = "") -> None:
        """Print one line as it is: nothing in it is markup."""
        self.console.print(text, style=style or None, markup=False, emoji=False, highlight=False, soft_wrap=True)

    def ready(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        self._specs.update({spec.id: spec for spec in runner.specs})
        self._runners.append(runner)
        self._spoke = runner.clock.now()
        software = f", {safe(report.target.software)}" if report.target.software else ""
        where = f"{safe(report.target.name)} ({safe(report.target.url)}{software})"
        self.say(f"web60 {report.web60}: {len(runner.specs)} specs against {where}")

    def result(self, runner: Runner, result: Result) -> None:
        """See `harness.session.Audience`."""
        self._spoke = runner.clock.now()
        self._line(result)

    def _line(self, result: Result) -> None:
        verdict = result.verdict.value + (" (expected)" if result.expected else "")
        style = "dim" if result.expected else _COLOURS[result.verdict]
        why = f"  {safe(result.reason).splitlines()[0]}" if result.reason else ""
        self.say(f"{verdict:<15} {result.id}  {result.seconds:.2f} s{why}", style)

    def tick(self) -> None:
        """Time goes by; called a few times a second."""
        for runner in self._runners:
            if runner.running and runner.clock.now() - self._spoke > SILENCE:
                self._spoke = runner.clock.now()
                self.say(f"…               {waited_for(runner.running.values())}", "dim")

    def over(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        self._runners.remove(runner)
        self.summary(report)

    def missing(self, profile: Profile, why: str) -> None:
        """See `harness.session.Audience`."""
        self.say(f"{safe(profile.server.name) or 'a target'} did not start: {why}", "bold red")

    def summary(self, report: Report) -> None:
        """Everything that a person reads when the run is over."""
        self.say("")
        for page, results in words.by_page(report.results).items():
            bad = any(result.verdict in FAILING and not result.expected for result in results)
            self.say(f"{page:<22} {words.counted(results)}", "red" if bad else "")
        for result in words.told(report):
            self.say("")
            head, *rest = words.detail(result, self._specs[result.id])
            self.say(head, "dim" if result.expected else _COLOURS[result.verdict])
            for line in rest:
                self.say(line)
        self.say("")
        for line in words.closing(report):
            self.say(line, "bold")
        if report.exit(strict=self.strict) is Exit.NOTHING:
            self.say(words.nothing_shown(report), "bold")

    def stop(self) -> None:
        """Nothing more will be shown."""


@define(eq=False)
class Live(Plain):
    """What is being waited for and how long still, below; above it only what is no pass."""

    _live: Any = field(init=False, default=None)

    def ready(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        from rich.live import Live as View  # noqa: PLC0415 - only a terminal pays for it

        super().ready(runner, report)
        if self._live is None:
            self._live = View(console=self.console, auto_refresh=False, transient=True)
            self._live.start()

    def _line(self, result: Result) -> None:
        if result.verdict in words.TOLD and not result.expected:
            super()._line(result)

    def tick(self) -> None:
        """Time goes by; called a few times a second."""
        if self._live is not None:
            self._live.update(self._view(), refresh=True)

    def _view(self) -> Any:
        from rich.text import Text  # noqa: PLC0415 - only a terminal pays for it

        return Text("\n".join(line[: self.console.width - 1] for line in self._under_way()))

    def _under_way(self) -> list[str]:
        """What the view shows, line by line."""
        lines = []
        for runner in self._runners:
            done, total = len(runner.results), len(runner.specs)
            lines.append("; ".join(filter(None, (f"{done} of {total} done", waited_for(runner.running.values())))))
            under_way = sorted(runner.running.values(), key=lambda running: -running.left)
            for running in under_way[:SHOWN]:
                left = f"{running.left:4.0f} s" if running.left > 0 else "   now"
                lines.append(f"  {left}  {running.spec.id}: {safe(running.attempt.doing) or 'at work'}")
        return lines

    def over(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        if len(self._runners) == 1:
            self.stop()
        super().over(runner, report)

    def stop(self) -> None:
        """Nothing more will be shown."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def waited_for(running: Iterable[Running]) -> str:
    """What is under way, in a line; empty where nothing is, or nobody here knows."""
    under_way = sorted(running, key=lambda one: -one.left)
    if not under_way:
        return ""
    longest = under_way[0]
    left = f"{longest.left:.0f} s more" if longest.left > 0 else "any moment"
    return f"{len(under_way)} under way, the longest {left}: {longest.spec.id}"
