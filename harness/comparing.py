"""
What changed between two runs: which promises broke, which were mended, and which facts are others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any

from attrs import frozen

from harness.levels import Level
from harness.results import UNSTEADY_VERDICT, Report, Result
from harness.verdicts import OPEN, Verdict


class Kind(Enum):
    """What became of one spec, those that matter most first; the value is the word in reports."""

    BROKEN = "broken"
    MENDED = "mended"
    CHANGED = "changed"
    UNSETTLED = "unsettled"
    ONLY_NEW = "only in the new run"
    ONLY_OLD = "only in the old run"


#: Whether a verdict is a good one; of those that are not here nothing was said about the target.
_GOOD = {Verdict.PASS: True, Verdict.FACT: True, Verdict.FAIL: False, Verdict.WARN: False}

#: What it means that a good verdict (True), a bad one (False) or none becomes another.
_KINDS = {
    (True, False): Kind.BROKEN,
    (False, True): Kind.MENDED,
    (None, True): Kind.ONLY_NEW,
    (None, False): Kind.ONLY_NEW,
    (True, None): Kind.ONLY_OLD,
    (False, None): Kind.ONLY_OLD,
}

_IMPORTANT = {Level.MUST: 0, Level.SHOULD: 1, Level.MAY: 2}


class _Nothing:
    """Stands where one run has no such fact."""

    def __repr__(self) -> str:
        return "(none)"


NOTHING = _Nothing()


@frozen
class Fact:
    """A fact that is another now; `old` and `new` are JSON values, or `NOTHING`."""

    name: str
    old: Any
    new: Any


@frozen
class Difference:
    """What became of one spec between two runs."""

    kind: Kind
    id: str
    level: Level
    old: Result | None
    new: Result | None
    facts: tuple[Fact, ...] = ()

    @property
    def telling(self) -> Result | None:
        """The result whose reason says what the difference is about: the one that is no pass."""
        return self.old if self.kind in (Kind.MENDED, Kind.ONLY_OLD) else self.new

    @property
    def is_foreseen(self) -> bool:
        """Whether the baseline of the new run foresees that it is broken."""
        return self.kind is Kind.BROKEN and self.new is not None and bool(self.new.expected)

    def fails(self, *, strict: bool = False) -> bool:
        """Whether it fails a comparison: a MUST is broken (a SHOULD as well if `strict`), and nobody foresaw it."""
        return self.kind is Kind.BROKEN and not self.is_foreseen and (strict or self.level is Level.MUST)


def compare(old: Report, new: Report) -> list[Difference]:
    """
    The differences between two runs, those that matter most first.

    What is unsteady in either is left out: it would differ though nothing had changed.
    """
    before = {result.id: result for result in old.results}
    after = {result.id: result for result in new.results}
    found = (_difference(before.get(id_), after.get(id_)) for id_ in {**before, **after})
    kinds = list(Kind)
    return sorted(filter(None, found), key=lambda one: (kinds.index(one.kind), _IMPORTANT[one.level], one.id))


def unsteady(result: Result, again: Result) -> list[str]:
    """
    What is another where the same target is asked the same again: the names of facts, and `UNSTEADY_VERDICT`.

    An answer that is inconclusive, or an error of ours, says nothing of the one before.
    """
    if again.verdict in OPEN:
        return []
    difference = _difference(result, again)
    if difference is None:
        return []
    verdict = [UNSTEADY_VERDICT] if difference.kind is not Kind.CHANGED else []
    return [*verdict, *(fact.name for fact in difference.facts)]


def _difference(old: Result | None, new: Result | None) -> Difference | None:
    result = new or old
    assert result is not None
    unsteady = {name for one in (old, new) if one for name in one.unsteady}
    facts = _facts(old, new, unsteady) if old and new and {old.verdict, new.verdict} <= _GOOD.keys() else ()
    kind = None if UNSTEADY_VERDICT in unsteady else _kind(old, new)
    if kind is None and facts:
        kind = Kind.CHANGED
    return Difference(kind, result.id, result.level, old, new, facts) if kind else None


def _kind(old: Result | None, new: Result | None) -> Kind | None:
    """What became of the verdict; None where nothing did."""
    verdicts = [result.verdict if result else Verdict.NOT_OFFERED for result in (old, new)]
    if verdicts[0] is verdicts[1]:
        return None
    if OPEN & set(verdicts):
        return Kind.UNSETTLED
    return _KINDS.get((_GOOD.get(verdicts[0]), _GOOD.get(verdicts[1])))


def _facts(old: Result, new: Result, unsteady: Collection[str]) -> tuple[Fact, ...]:
    names: Iterable[str] = {**old.facts, **new.facts}
    pairs = ((name, old.facts.get(name, NOTHING), new.facts.get(name, NOTHING)) for name in names)
    return tuple(Fact(name, before, after) for name, before, after in pairs if before != after and name not in unsteady)
