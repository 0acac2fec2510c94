"""
What the HTML report shows of several targets side by side: what changed from each to the next, and pages by targets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import combinations, groupby

from attrs import frozen

from harness.catalogue import Spec
from harness.comparing import NOTHING, Difference, Kind, compare
from harness.reports import changes, sheets
from harness.reports.sheets import Evidence, Shown
from harness.reports.steps import steps
from harness.results import Report, Result

#: What may become of a spec from one target to the next.
KINDS = {
    Kind.BROKEN: "It held before, and does not any more.",
    Kind.MENDED: "It did not hold before, and does now.",
    Kind.CHANGED: "What the server may do as it likes, it does otherwise now.",
    Kind.UNSETTLED: "One of the two runs could not tell.",
    Kind.ONLY_NEW: "Only the new run says anything about it.",
    Kind.ONLY_OLD: "Only the old run says anything about it.",
}

#: What stands in the table where a target was not asked.
NOT_THERE = "not there"


@frozen
class Change:
    """What became of one spec in one step; `anchor` is where the page tells it."""

    difference: Difference
    anchor: str

    @property
    def kinds(self) -> str:
        """The words by which it is filtered."""
        return _kinds((self.difference.old, self.difference.new))

    @property
    def was(self) -> str:
        """The old verdict."""
        return _word(self.difference.old)

    @property
    def now(self) -> str:
        """The new verdict."""
        return _word(self.difference.new)

    @property
    def why(self) -> str:
        """The first line of the reason of the one that is no pass."""
        result = self.difference.telling
        return sheets.first_line(result.reason) if result and self.was != self.now else ""

    @property
    def facts(self) -> list[tuple[str, str, str]]:
        """The names of the facts that are others now, their old values and their new ones."""
        return [(fact.name, *changes.apart(fact)) for fact in self.difference.facts]


@frozen
class Step:
    """From one target to the next; `old` and `new` are their names."""

    number: int
    old: str
    new: str
    told: str
    changes: Sequence[Change]

    @property
    def kinds(self) -> list[tuple[str, list[Change]]]:
        """The changes by kind, those that matter most first."""
        by_kind = {kind: [one for one in self.changes if one.difference.kind is kind] for kind in Kind}
        return [(kind.value, found) for kind, found in by_kind.items() if found]


@frozen
class Cell:
    """What one target said to one spec, and what became of it in the step before, if anything did."""

    result: Result | None
    change: Change | None = None

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return _word(self.result)

    @property
    def kind(self) -> str:
        """The word by which it is coloured."""
        return sheets.kind(self.result) if self.result else ""


@frozen
class Values:
    """A fact, and its values in words, in the order of a history."""

    name: str
    values: Sequence[str]

    @property
    def differ(self) -> bool:
        """Whether they are not all the same."""
        return len(set(self.values)) > 1


@frozen
class Row:
    """One spec and all targets; `history` has its results, once for all targets that are alike in it."""

    id: str
    cells: Sequence[Cell]
    history: Sequence[Shown]
    differs: bool

    @property
    def kinds(self) -> str:
        """The words by which it is filtered."""
        return _kinds(cell.result for cell in self.cells)

    @property
    def verdicts(self) -> list[Shown]:
        """Its history as far as verdicts go: the first result of each."""
        return [next(shown) for _, shown in groupby(self.history, key=lambda shown: shown.verdict)]

    @property
    def differs_in_facts_alone(self) -> bool:
        """Whether all got the same verdict, and yet they differ."""
        return self.differs and len({cell.verdict for cell in self.cells}) == 1

    @property
    def facts(self) -> tuple[list[Values], list[Values]]:
        """The facts that differ within the history, and those that do not."""
        told = [dict(shown.facts) for shown in self.history]
        names = dict.fromkeys(name for facts in told for name in facts)
        found = [Values(name, [facts.get(name, repr(NOTHING)) for facts in told]) for name in names]
        return [one for one in found if one.differ], [one for one in found if not one.differ]

    @property
    def spec(self) -> Spec | None:
        """Its promise, if the catalogue still has it."""
        return self.history[0].spec

    @property
    def look_at(self) -> str:
        """What to look at where it fails."""
        return next((shown.look_at for shown in self.history if shown.look_at), "")

    @property
    def level(self) -> str:
        """How much it binds."""
        return self.history[0].result.level.value


@frozen
class Page:
    """The specs of one page of the tutorial."""

    name: str
    rows: Sequence[Row]

    @property
    def differing(self) -> list[Row]:
        """Those in which something differs."""
        return [row for row in self.rows if row.differs]

    @property
    def alike(self) -> list[Row]:
        """Those in which nothing does, what needs a look first."""
        rows = (row for row in self.rows if not row.differs)
        return sorted(rows, key=lambda row: not sheets.needs_a_look(row.history[0].result))


@frozen
class Column:
    """One target; `step` led to it from the one before."""

    name: str
    report: Report
    step: Step | None

    @property
    def meaning(self) -> str:
        """What its run says about it."""
        return " ".join(sheets.meaning(self.report))

    @property
    def bar(self) -> list[tuple[str, int, int]]:
        """Kinds, where they begin and how many there are, for a bar."""
        return sheets.bar(self.report.results)

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {name: count for name, count, _ in sheets.counts(self.report.results)}


@frozen
class Grid:
    """Everything that is shown of several targets; `steps` are None where they are no versions of one thing."""

    columns: Sequence[Column]
    steps: Sequence[Step] | None
    pages: Sequence[Page]

    @classmethod
    def of(cls, reports: Sequence[Report], specs: Mapping[str, Spec], *, are_versions: bool) -> Grid:
        """The grid of these reports."""
        taken = _steps(reports) if are_versions else None
        names = [report.target.name for report in reports]
        rows = _Rows(reports, taken).of(specs)
        pages = sheets.by_page(row.history[0].result for row in rows)
        by_id = {row.id: row for row in rows}
        before = [None, *taken] if taken else [None] * len(reports)
        return cls(
            [Column(*one) for one in zip(names, reports, before, strict=True)],
            taken,
            [Page(page, [by_id[result.id] for result in found]) for page, found in pages.items()],
        )

    @property
    def title(self) -> str:
        """What all of it is about."""
        names = [column.name for column in self.columns]
        if self.steps:
            return f"{names[0]} to {names[-1]}"
        return ", ".join(names) or "No target"

    @property
    def kinds(self) -> list[str]:
        """The kinds that any target got, in order."""
        return [name for name, *_ in sheets.counts(one for column in self.columns for one in column.report.results)]

    @property
    def differing(self) -> int:
        """In how many specs the targets differ."""
        return sum(len(page.differing) for page in self.pages)

    @property
    def asked(self) -> int:
        """How many specs any target was asked."""
        return sum(len(page.rows) for page in self.pages)


def _steps(reports: Sequence[Report]) -> list[Step]:
    return [
        Step(
            number,
            step.old.target.name,
            step.new.target.name,
            step.counted,
            [Change(one, f"step-{number}:{one.id}") for one in step.differences],
        )
        for number, step in enumerate(steps(reports), 1)
    ]


@frozen
class _Rows:
    """Makes the rows of a grid: versions are alike with the one before, other targets with any."""

    reports: Sequence[Report]
    steps: Sequence[Step] | None

    def of(self, specs: Mapping[str, Spec]) -> list[Row]:
        """All rows in the catalogue's order; what it does not have comes last."""
        results = [{result.id: result for result in report.results} for report in self.reports]
        places = {id_: place for place, id_ in enumerate(specs)}
        ids = sorted({id_: None for one in results for id_ in one}, key=lambda id_: places.get(id_, len(places)))
        return [self._row(id_, [one.get(id_) for one in results], specs.get(id_)) for id_ in ids]

    def _row(self, id_: str, results: Sequence[Result | None], spec: Spec | None) -> Row:
        groups = self._groups(id_, results)
        differs = len(groups) > 1
        history = []
        for numbers in groups:
            # The newest of them speaks for all.
            result = results[numbers[-1]]
            if result is not None:
                evidence = Evidence.of(result) if differs or not sheets.is_plain(result) else Evidence.NONE
                history.append(Shown(result, spec, self._label(numbers), evidence))
        cells = [Cell(result, self._changes.get((number, id_))) for number, result in enumerate(results)]
        return Row(id_, cells, history, differs)

    def _groups(self, id_: str, results: Sequence[Result | None]) -> list[list[int]]:
        """The numbers of the targets that are alike in this spec."""
        groups: list[list[int]] = []
        for number, result in enumerate(results):
            for group in groups if self.steps is None else groups[-1:]:
                if _word(results[group[-1]]) == _word(result) and id_ not in self._apart[group[-1], number]:
                    group.append(number)
                    break
            else:
                groups.append([number])
        return groups

    def _label(self, numbers: Sequence[int]) -> str:
        names = [self.reports[number].target.name for number in numbers]
        if self.steps is not None and len(names) > 1:
            return f"{names[0]} to {names[-1]}"
        return ", ".join(names)

    @cached_property
    def _changes(self) -> dict[tuple[int, str], Change]:
        """The changes by the number of the target that they led to, and ID."""
        return {(step.number, one.difference.id): one for step in self.steps or () for one in step.changes}

    @cached_property
    def _apart(self) -> dict[tuple[int, int], set[str]]:
        """The IDs in which two targets differ, by their numbers."""
        if self.steps is not None:
            return {(step.number - 1, step.number): {one.difference.id for one in step.changes} for step in self.steps}
        return {
            (one, other): {difference.id for difference in compare(self.reports[one], self.reports[other])}
            for one, other in combinations(range(len(self.reports)), 2)
        }


def _kinds(results: Iterable[Result | None]) -> str:
    return " ".join(dict.fromkeys(sheets.kind(result) for result in results if result))


def _word(result: Result | None) -> str:
    return sheets.word(result) if result else NOT_THERE
