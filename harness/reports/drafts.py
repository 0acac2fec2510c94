"""
The baseline of a run, as TOML: a draft, until a person has put the causes into it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import tomlkit
from attrs import evolve, frozen

from harness import baselines, documents
from harness.results import UNSTEADY_VERDICT, Report, Result
from harness.transcripts import safe
from harness.verdicts import FORESEEABLE, OPEN, Verdict

#: What stands before what was seen, until somebody knows why.
UNEXPLAINED = "not yet explained: "

#: Characters of what was seen.
LONGEST = 160


@frozen
class Draft:
    """A baseline as it stands in its file, and what to tell whoever asked for it; both safe to print."""

    text: str
    remarks: tuple[str, ...] = ()


def drawn(report: Report, known: Collection[str]) -> Draft:
    """The baseline of a run: all that it holds against its target, and nothing else.  `known` are the IDs of specs."""
    new = _diverging(report.results, known)
    document = tomlkit.document()
    for line in _heading(report, new):
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    _insert(document, [_table(result) for result in new])
    return Draft(tomlkit.dumps(document), tuple(_remarks(report, known)))


def updated(report: Report, known: Collection[str], path: Path) -> Draft:
    """
    The baseline in a file as a run shows it: without what is over, with what is new, and all else as it was written.

    What is about other versions of Twisted, or about specs that did not run, stays.  Raises `UsageError`.
    """
    before = baselines.load(path, known)
    here = before.at(report.target.software)
    results = [here.apply(evolve(result, expected="")) for result in report.results]
    stale = set(here.stale(results))
    over = {result.id: result for result in results if result.id in stale}
    document = tomlkit.parse(documents.read(path, "baseline")[0])
    gone = _remove(document, over, report)
    new = [_table(result) for result in _diverging(results, known) if not result.expected]
    added, unplaced = _placed(new, document, report)
    _insert(document, added)
    remarks = (
        *(safe(note) for note in here.notes),
        *(f"taken out: {id_} was foreseen to be {was}, and is {over[id_].verdict.value}" for id_, was in gone),
        *(f"new: {table['id']}, {table['verdict']}" for table in added),
        *(f"left out: {id_} has entries for some versions of Twisted, and this target tells none" for id_ in unplaced),
        *_remarks(report, known),
    )
    return Draft(tomlkit.dumps(document), remarks)


def _diverging(results: Iterable[Result], known: Collection[str]) -> list[Result]:
    """What a baseline can foresee of a run, by ID; what nothing was seen of only where somebody has foreseen it."""
    return sorted(
        (
            result
            for result in results
            if result.verdict in FORESEEABLE - OPEN
            and (result.expected or result.verdict is not Verdict.NOT_OBSERVABLE)
            and not _is_unsteady(result)
            and result.id in known
        ),
        key=lambda result: result.id,
    )


def _is_unsteady(result: Result) -> bool:
    return UNSTEADY_VERDICT in result.unsteady


def _table(result: Result) -> dict[str, str]:
    reason = safe(result.expected) if result.expected.strip() else UNEXPLAINED + _seen(result.reason)
    return {"id": result.id, "verdict": result.verdict.value, "reason": reason}


def _seen(reason: str) -> str:
    """The first line of a reason, no longer than it takes to recognise it."""
    line = next(filter(None, map(str.strip, safe(reason).splitlines())), "it gave no reason")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _heading(report: Report, new: list[Result]) -> Iterator[str]:
    target = report.target
    named = " ".join(safe(f"{target.name} ({target.software})" if target.software else target.name).split())
    yield f"The known divergences of {named}"
    yield f"in the run of {' '.join(safe(report.started).split())}."
    if any(not result.expected for result in new):
        yield f'A reason that begins with "{UNEXPLAINED.strip()}" is what was seen: put the cause in its place.'
    if not new:
        yield "Nothing is foreseen of it."


def _remove(document: Any, over: Collection[str], report: Report) -> list[tuple[str, str]]:
    """Take out the entries of these IDs that are about this target's version; gives their IDs and verdicts."""
    version = baselines.twisted(report.target.software)
    listed = document.get("known", [])
    gone = []
    for number in reversed(range(len(listed))):
        entry = baselines.entry(listed[number].unwrap())
        if entry.id in over and entry.holds_for(version):
            gone.append((entry.id, entry.verdict.value))
            del listed[number]
    return gone[::-1]


def _placed(new: list[dict[str, str]], document: Any, report: Report) -> tuple[list[dict[str, str]], list[str]]:
    """The new entries, with a condition where the ID has others; and the IDs of those that cannot have one."""
    version = baselines.twisted(report.target.software)
    there = {str(table["id"]) for table in document.get("known", [])}
    placed = [table | ({"twisted": f"=={version}"} if table["id"] in there else {}) for table in new]
    fitting = [table for table in placed if "twisted" not in table or version is not None]
    return fitting, [table["id"] for table in placed if table not in fitting]


def _insert(document: Any, tables: Iterable[dict[str, str]]) -> None:
    """Put in each entry before the first whose ID comes after its own."""
    for table in tables:
        if "known" not in document:
            document["known"] = tomlkit.aot()
        listed = document["known"]
        later = (number for number, one in enumerate(listed) if one["id"] > table["id"])
        listed.insert(next(later, len(listed)), table)


def _remarks(report: Report, known: Collection[str]) -> Iterator[str]:
    """What the baseline does not hold, and why."""
    ran = {result.id for result in report.results}
    if missing := len(set(known) - ran):
        how = "was interrupted" if report.interrupted else "was of a selection"
        yield (
            f"the run {how}: {missing} of {len(known)} specs have no result, "
            "and what they would hold against the target is not here"
        )
    if strangers := sorted(ran - set(known)):
        yield f"left out: no spec of this web60 is called {', '.join(map(safe, strangers))}"
    for verdict in OPEN:
        if ids := sorted(result.id for result in report.results if result.verdict is verdict):
            yield f"left out: {verdict.value}, which says nothing about the target: {', '.join(map(safe, ids))}"
    if unsteady := sorted(result.id for result in report.results if _is_unsteady(result)):
        yield f"left out: asked again, they got another verdict: {', '.join(map(safe, unsteady))}"
