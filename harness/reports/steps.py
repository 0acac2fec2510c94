"""
A matrix in words: versions in order, and what changed from each to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import frozen

from harness.comparing import Difference, compare
from harness.reports import changes
from harness.results import Report
from harness.transcripts import safe
from harness.verdicts import Verdict

#: The verdicts that have a column of their own.
COLUMNS = (Verdict.PASS, Verdict.FACT, Verdict.FAIL, Verdict.WARN)


@frozen
class Step:
    """From one version to the next, and everything that changed, what matters most first."""

    old: Report
    new: Report
    differences: tuple[Difference, ...]

    @property
    def name(self) -> str:
        """The versions: "Twisted 22.10.0 → Twisted 23.8.0"."""
        return f"{safe(self.old.target.name)} → {safe(self.new.target.name)}"

    @property
    def counted(self) -> str:
        """How many changes of which kind: "1 broken, 12 changed"."""
        return changes.counted(self.differences)


def steps(reports: Sequence[Report]) -> tuple[Step, ...]:
    """The steps from each to the next."""
    return tuple(Step(old, new, tuple(compare(old, new))) for old, new in pairwise(reports))


def told(reports: Sequence[Report]) -> Iterator[str]:
    """Every step with its changes, and an overview at the end, where a terminal leaves off; safe to print."""
    found = steps(reports)
    for step in found:
        yield f"{step.name}: {step.counted}"
        yield from changes.lines(step.differences)
        yield ""
    yield from overview(reports, found)


def overview(reports: Sequence[Report], found: Sequence[Step]) -> Iterator[str]:
    """A line for each version: its verdicts, and what changed since the one before."""
    width = max(len(safe(report.target.name)) for report in reports)
    head = "  ".join(f"{verdict.value:>5}" for verdict in COLUMNS)
    yield f"{'':{width}}  {head}  {'other':>5}  since the one before"
    for report, since in zip(reports, ("", *(step.counted for step in found)), strict=True):
        counts = Counter(result.verdict for result in report.results)
        judged = [counts[verdict] for verdict in COLUMNS]
        numbers = [*judged, len(report.results) - sum(judged)]
        yield f"{safe(report.target.name):{width}}  {'  '.join(f'{number:>5}' for number in numbers)}  {since}".rstrip()
