"""
From what happened to what it means: one table.
"""

from __future__ import annotations

from enum import Enum

from harness.levels import Level


class Outcome(Enum):
    """What happened when a spec ran."""

    HELD = "the assertions hold"
    BROKEN = "an assertion failed"
    LATE = "it failed on time alone, and again each time it was repeated alone"
    UNSURE = "it failed on time alone, and either our own clock was bent or it held when repeated alone"
    NOT_OFFERED = "the profile does not offer it"
    NOT_OBSERVABLE = "offered, but no witness can show it"
    OURS = "anything else raised"


class Verdict(Enum):
    """What it means; the value is the word in results and reports."""

    PASS = "pass"  # noqa: S105 - the other kind of pass
    FAIL = "fail"
    WARN = "warn"
    FACT = "fact"
    NOT_OFFERED = "not-offered"
    NOT_OBSERVABLE = "not-observable"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    def __repr__(self) -> str:
        return self.value


_HELD = {Level.MUST: Verdict.PASS, Level.SHOULD: Verdict.PASS, Level.MAY: Verdict.FACT}
_BROKEN = {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN, Level.MAY: Verdict.FACT}

TABLE: dict[Outcome, dict[Level, Verdict]] = {
    Outcome.HELD: _HELD,
    Outcome.BROKEN: _BROKEN,
    Outcome.LATE: _BROKEN,
    Outcome.UNSURE: dict.fromkeys(Level, Verdict.INCONCLUSIVE),
    Outcome.NOT_OFFERED: dict.fromkeys(Level, Verdict.NOT_OFFERED),
    Outcome.NOT_OBSERVABLE: dict.fromkeys(Level, Verdict.NOT_OBSERVABLE),
    Outcome.OURS: dict.fromkeys(Level, Verdict.ERROR),
}

#: These fail a run, unless the target's baseline foresees them; `--strict` adds the second set.
FAILING = frozenset({Verdict.FAIL, Verdict.ERROR})
STRICT = frozenset({Verdict.WARN, Verdict.INCONCLUSIVE})

#: These say something about the target.  A run without one of them has shown nothing.
JUDGED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.FACT})

#: Another run of the same might not give these.
OPEN = frozenset({Verdict.INCONCLUSIVE, Verdict.ERROR})

#: A baseline may foresee these; a foreseen pass would be no divergence, and an error is ours.
FORESEEABLE = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.NOT_OBSERVABLE, Verdict.INCONCLUSIVE})


def judge(outcome: Outcome, level: Level) -> Verdict:
    """The verdict that the table gives."""
    return TABLE[outcome][level]


class Exit(Enum):
    """The exit codes of a run: pytest's own."""

    OK = 0
    FAILED = 1
    INTERRUPTED = 2
    USAGE = 4
    NOTHING = 5
