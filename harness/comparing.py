"""
What changed between two runs: which promises broke, which were mended, and which facts are others.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from attrs import field, frozen

from harness.levels import Level
from harness.results import Report, Result
from harness.verdicts import Verdict


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

#: Verdicts that another run of the same might not give.
_OPEN = frozenset({Verdict.INCONCLUSIVE, Verdict.ERROR})

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
    def is_serious(self) -> bool:
        """Whether a MUST is broken that was kept before."""
        return self.kind is Kind.BROKEN and self.level is Level.MUST


@frozen
class Noise:
    """What differs between two runs of the same thing: facts by ID and name, and the IDs whose verdicts do."""

    facts: frozenset[tuple[str, str]] = field(default=frozenset())
    verdicts: frozenset[str] = field(default=frozenset())

    @classmethod
    def between(cls, one: Report, again: Report) -> Noise:
        """The noise that two runs of the same thing show."""
        found = compare(one, again)
        return cls(
            frozenset((difference.id, fact.name) for difference in found for fact in difference.facts),
            frozenset(difference.id for difference in found if difference.kind is not Kind.CHANGED),
        )

    def __or__(self, other: Noise) -> Noise:
        return Noise(self.facts | other.facts, self.verdicts | other.verdicts)


def compare(old: Report, new: Report, noise: Noise | None = None) -> list[Difference]:
    """
    The differences between two runs, those that matter most first.

    What `noise` names is left out: it would differ though nothing had changed.
    """
    noise = noise or Noise()
    before = {result.id: result for result in old.results}
    after = {result.id: result for result in new.results}
    found = (_difference(before.get(id_), after.get(id_), noise) for id_ in {**before, **after})
    kinds = list(Kind)
    return sorted(filter(None, found), key=lambda one: (kinds.index(one.kind), _IMPORTANT[one.level], one.id))


def _difference(old: Result | None, new: Result | None, noise: Noise) -> Difference | None:
    result = new or old
    assert result is not None
    facts = _facts(old, new, noise) if old and new and {old.verdict, new.verdict} <= _GOOD.keys() else ()
    kind = None if result.id in noise.verdicts else _kind(old, new)
    if kind is None and facts:
        kind = Kind.CHANGED
    return Difference(kind, result.id, result.level, old, new, facts) if kind else None


def _kind(old: Result | None, new: Result | None) -> Kind | None:
    """What became of the verdict; None where nothing did."""
    verdicts = [result.verdict if result else Verdict.NOT_OFFERED for result in (old, new)]
    if verdicts[0] is verdicts[1]:
        return None
    if _OPEN & set(verdicts):
        return Kind.UNSETTLED
    return _KINDS.get((_GOOD.get(verdicts[0]), _GOOD.get(verdicts[1])))


def _facts(old: Result, new: Result, noise: Noise) -> tuple[Fact, ...]:
    names: Iterable[str] = {**old.facts, **new.facts}
    pairs = ((name, old.facts.get(name, NOTHING), new.facts.get(name, NOTHING)) for name in names)
    return tuple(
        Fact(name, before, after)
        for name, before, after in pairs
        if before != after and (old.id, name) not in noise.facts
    )
