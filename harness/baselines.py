"""
Baselines: the known divergences of one target.

A divergence that is foreseen does not fail a run; one that no longer occurs does, so that the list cannot rot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from attrs import evolve, field, frozen

from harness import documents
from harness.errors import UsageError
from harness.profiles import Profile
from harness.results import Result
from harness.verdicts import FORESEEABLE, JUDGED, Verdict

_KEYS = {"id", "verdict", "reason"}


@frozen
class Entry:
    """One divergence: the spec, the verdict that it gets, and why that is so."""

    id: str
    verdict: Verdict
    reason: str


@frozen
class Baseline:
    """The divergences of one target, by spec ID."""

    entries: dict[str, Entry] = field(factory=dict)

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


def of(profile: Profile, given: Path | None, known: Collection[str]) -> Baseline:
    """The baseline that was given, else the one that the profile names, else one without entries; see `load`."""
    path = given or (profile.file(profile.server.baseline) if profile.server.baseline else None)
    return load(path, known) if path else Baseline()


def load(path: Path, known: Collection[str]) -> Baseline:
    """
    The baseline in a TOML file: `[[known]]` tables with `id`, `verdict` and `reason`.

    Raises `UsageError` with every mistake: an ID that no spec in `known` has, a verdict that is none, no reason.
    """
    _, tables = documents.read(path, "baseline")
    mistakes = [f"unknown table {name!r}; entries are [[known]]" for name in tables if name != "known"]
    entries: dict[str, Entry] = {}
    listed = tables.get("known", [])
    if not isinstance(listed, list):
        mistakes.append("'known' is no list; entries are [[known]]")
        listed = []
    for number, table in enumerate(listed, 1):
        here = list(_mistakes(table, known, entries))
        mistakes += (f"entry {number}: {what}" for what in here)
        if not here:
            entries[table["id"]] = Entry(table["id"], Verdict(table["verdict"]), table["reason"])
    if mistakes:
        raise UsageError("\n  ".join((f"the baseline {path} cannot be used:", *mistakes)))
    return Baseline(entries)


def _mistakes(table: object, known: Collection[str], before: Collection[str]) -> Iterable[str]:
    if (
        not isinstance(table, dict)
        or set(table) != _KEYS
        or not all(isinstance(value, str) for value in table.values())
    ):
        yield f"needs {', '.join(sorted(_KEYS))}, each text"
        return
    if table["id"] not in known:
        yield f"no spec is called {table['id']!r}"
    if table["id"] in before:
        yield f"{table['id']} stands twice"
    if table["verdict"] not in {verdict.value for verdict in FORESEEABLE}:
        yield f"verdict {table['verdict']!r} is none of {', '.join(sorted(v.value for v in FORESEEABLE))}"
    if not table["reason"].strip():
        yield f"{table['id']} has no reason"
