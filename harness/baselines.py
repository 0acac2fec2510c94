"""
Baselines: the known divergences of one target.

A divergence that is foreseen does not fail a run; one that no longer occurs does, so that the list cannot rot.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from harness import documents
from harness.errors import UsageError
from harness.profiles import Profile
from harness.results import Result
from harness.verdicts import FORESEEABLE, JUDGED, Verdict

#: The keys of an entry, and whether it needs them.
KEYS = {"id": True, "verdict": True, "reason": True, "evidence": False, "twisted": False}

#: Characters of what a target says of itself that a note shows.
LONGEST = 80

_TWISTED = re.compile(r"(?<!\S)TwistedWeb/(\S+)")


@frozen
class Entry:
    """
    One divergence: the spec, the verdict that it gets, and why that is so.

    `evidence` is what was sent and what came, or where it stands.  `twisted` says of which versions it is true; None:
    of whatever is asked.
    """

    id: str
    verdict: Verdict
    reason: str
    evidence: str = ""
    twisted: SpecifierSet | None = None

    def holds_for(self, version: Version | None) -> bool:
        """Whether it is about this version of Twisted; None is one that nobody knows."""
        # What trunk says of itself is a prerelease, which counts like any other version.
        return self.twisted is None or (version is not None and self.twisted.contains(version, prereleases=True))


@frozen
class Baseline:
    """
    The divergences of one target, by spec ID.

    `conditional` are those of some versions of Twisted only.  They foresee nothing until `at` has picked those of the
    version at hand; `notes` then says what a person should know of that.
    """

    entries: dict[str, Entry] = field(factory=dict)
    conditional: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()

    def at(self, software: str) -> Baseline:
        """The divergences of a target that says this of itself in its Server field."""
        version = twisted(software)
        here = {entry.id: entry for entry in self.conditional if entry.holds_for(version)}
        notes = self.notes
        if self.conditional and version is None:
            says = f"only {software[:LONGEST]!r}" if software else "nothing"
            note = (
                f"the baseline's entries for some versions of Twisted ({len(self.conditional)}) do not apply: "
                f"the target does not tell its own (its Server field says {says})"
            )
            notes += (note,)
        return Baseline({**self.entries, **here}, notes=notes)

    def apply(self, result: Result) -> Result:
        """The result, marked as expected where an entry foresees its verdict."""
        return evolve(result, expected=self.entries[result.id].reason) if self.foresees(result) else result

    def foresees(self, result: Result) -> bool:
        """Whether an entry says that this spec gets this verdict."""
        entry = self.entries.get(result.id)
        return entry is not None and entry.verdict is result.verdict

    def stale(self, results: Iterable[Result]) -> list[str]:
        """The IDs whose divergence is over: they ran, were judged, and got another verdict than foreseen."""
        return [
            result.id
            for result in results
            if result.id in self.entries and not result.expected and result.verdict in JUDGED
        ]


def twisted(software: str) -> Version | None:
    """The version of Twisted that a Server field tells, `TwistedWeb/26.10.0`; None where it tells none."""
    found = _TWISTED.search(software)
    try:
        return Version(found[1]) if found else None
    except ValueError:
        return None


def of(profile: Profile, given: Path | None, known: Collection[str]) -> Baseline:
    """The baseline that was given, else the one that the profile names, else one without entries; see `load`."""
    path = given or (profile.file(profile.server.baseline) if profile.server.baseline else None)
    return load(path, known) if path else Baseline()


def load(path: Path, known: Collection[str]) -> Baseline:
    """
    The baseline in a TOML file: `[[known]]` tables with the keys of `KEYS`.

    Raises `UsageError` with every mistake: an ID that no spec in `known` has, a verdict that is none, no reason, a
    condition that is none, two entries for one spec and one version.
    """
    _, tables = documents.read(path, "baseline")
    mistakes = [f"unknown table {name!r}; entries are [[known]]" for name in tables if name != "known"]
    listed = tables.get("known", [])
    if not isinstance(listed, list):
        mistakes.append("'known' is no list; entries are [[known]]")
        listed = []
    before: dict[int, Entry] = {}
    for number, table in enumerate(listed, 1):
        here = list(_mistakes(table, known))
        if not here:
            one = entry(table)
            here = list(_overlaps(one, before))
            before[number] = one
        mistakes += (f"entry {number}: {what}" for what in here)
    if mistakes:
        raise UsageError("\n  ".join((f"the baseline {path} cannot be used:", *mistakes)))
    always = {one.id: one for one in before.values() if one.twisted is None}
    return Baseline(always, tuple(one for one in before.values() if one.twisted is not None))


def entry(table: dict[str, Any]) -> Entry:
    """The entry that a table without mistakes is."""
    condition = SpecifierSet(table["twisted"]) if "twisted" in table else None
    return Entry(table["id"], Verdict(table["verdict"]), table["reason"], table.get("evidence", ""), condition)


def _mistakes(table: object, known: Collection[str]) -> Iterable[str]:
    """What is wrong with a table by itself."""
    if not isinstance(table, dict):
        yield f"is no table; an entry has the keys {', '.join(KEYS)}"
        return
    for key in table:
        if key not in KEYS:
            yield f"no such key {key!r}{_nearest(key, KEYS)}"
    for key, needed in KEYS.items():
        value = table.get(key)
        if value is None:
            if needed:
                yield f"has no {key}"
        elif not isinstance(value, str):
            yield f"{key} must be text, not {value!r}"
        elif not value.strip():
            yield f"its {key} is empty"
        elif key in _CHECKS:
            yield from _CHECKS[key](value, known)


def _wrong_id(value: str, known: Collection[str]) -> Iterable[str]:
    if value not in known:
        yield f"no spec is called {value!r}{_nearest(value, known)}"


def _wrong_verdict(value: str, _known: Collection[str]) -> Iterable[str]:
    verdicts = sorted(verdict.value for verdict in FORESEEABLE)
    if value not in verdicts:
        yield f"verdict {value!r} is none of {', '.join(verdicts)}"


def _wrong_condition(value: str, _known: Collection[str]) -> Iterable[str]:
    try:
        if SpecifierSet(value).is_unsatisfiable():
            yield f"twisted {value!r} holds for no version"
    except ValueError:
        yield f"twisted {value!r} is no version specifier; one is '>=22.4,<24.7'"


_CHECKS = {"id": _wrong_id, "verdict": _wrong_verdict, "twisted": _wrong_condition}


def _overlaps(one: Entry, before: dict[int, Entry]) -> Iterable[str]:
    """Entries for the same spec, of which one would hide the other."""
    for number, other in before.items():
        if one.id != other.id:
            continue
        if one.twisted is None or other.twisted is None:
            yield f"{one.id} stands in entry {number} as well; several need `twisted`, each for other versions"
        elif not (both := one.twisted & other.twisted).is_unsatisfiable():
            yield f"{one.id} stands in entry {number} as well, and there are versions that are both: {str(both)!r}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
