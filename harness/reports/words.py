"""
Results in words: what every report for people says alike.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from harness.catalogue import Spec
from harness.reports import strips
from harness.results import Report, Result
from harness.tables import PAGES
from harness.timing import Measured
from harness.transcripts import Entry, safe
from harness.verdicts import Exit, Verdict

#: The order in which verdicts are counted and told.
ORDER = (
    Verdict.PASS,
    Verdict.FACT,
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.WARN,
    Verdict.INCONCLUSIVE,
    Verdict.NOT_OBSERVABLE,
    Verdict.NOT_OFFERED,
)

#: Verdicts that are told one by one at the end.
TOLD = (Verdict.ERROR, Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE)

#: Entries of a transcript, and characters of one, that a terminal is shown.
MOST_ENTRIES = 14
LONGEST_ENTRY = 96

#: Columns of a timeline at most, and the seconds from its first to its last moment from which on it is worth its lines.
WIDEST = 100
LASTS = 0.1


def counted(results: Iterable[Result]) -> str:
    """How many got which verdict: "12 pass, 1 fail, 1 fail (expected)"."""
    counts = Counter((result.verdict, bool(result.expected)) for result in results)
    parts = (
        f"{counts[verdict, expected]} {verdict.value}{' (expected)' if expected else ''}"
        for verdict in ORDER
        for expected in (False, True)
        if counts[verdict, expected]
    )
    return ", ".join(parts) or "nothing"


def by_page(results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results under their pages, in the catalogue's order."""
    pages: dict[str, list[Result]] = {page: [] for page in PAGES}
    for result in results:
        pages[result.id.partition("/")[0]].append(result)
    return {page: found for page, found in pages.items() if found}


def told(report: Report) -> list[Result]:
    """The results that need a person's eye, the worst first."""
    return sorted(
        (result for result in report.results if result.verdict in TOLD),
        key=lambda result: (bool(result.expected), TOLD.index(result.verdict), result.id),
    )


def detail(result: Result, spec: Spec) -> Iterator[str]:
    """What a person wants to know of a result that is no pass: line by line, safe to print."""
    expected = " (expected)" if result.expected else ""
    yield f"{result.verdict.value.upper()}{expected}  {result.id}  ({result.level.value})"
    yield f"  promise   {spec.promise}"
    yield f"  source    {spec.source}"
    first, *more = safe(result.reason).splitlines() or [""]
    yield f"  reason    {first}"
    yield from (f"            {line}" for line in more)
    if result.expected:
        yield f"  expected  {safe(result.expected)}"
    elif look := spec.text.get("Look at"):
        yield f"  look at   {look}"
    if _is_about_time(result) and (drawn := _drawn(result)):
        yield "  what happened when"
        yield from (f"    {line}" for line in drawn)
    if result.transcript and not result.expected:
        yield "  what was said"
        yield from (f"    {line}" for line in said(result.transcript))


def _is_about_time(result: Result) -> bool:
    """Whether a timeline says more than the words do: something was waited for or measured, or took its time."""
    if result.verdict not in TOLD or result.expected or not result.transcript:
        return False
    moments = [entry.t for entry in result.transcript]
    return any(entry.who == "clock" for entry in result.transcript) or max(moments) - min(moments) >= LASTS


def _drawn(result: Result) -> list[str]:
    width = min(WIDEST, shutil.get_terminal_size().columns) - 4
    return strips.drawn(result, width, getattr(sys.stdout, "encoding", None) or "utf-8")


def said(entries: list[Entry]) -> Iterator[str]:
    """A transcript as lines, shortened in its middle; a measurement that held says nothing that is not seen anyhow."""
    entries = [entry for entry in entries if not _held(entry)]
    kept = entries
    several = any(entry.on > 1 for entry in entries)
    if len(entries) > MOST_ENTRIES:
        half = MOST_ENTRIES // 2
        kept = [*entries[:half], *entries[-half:]]
    for number, entry in enumerate(kept):
        if kept is not entries and number == len(kept) // 2:
            yield f"… {len(entries) - len(kept)} more …"
        data = safe(entry.data.replace("\r\n", "⏎").replace("\n", "⏎"))
        short = data if len(data) <= LONGEST_ENTRY else f"{data[:LONGEST_ENTRY]}…"
        where = f" {entry.on or '':<3}" if several else ""
        yield f"{entry.t:8.3f} s {where} {entry.who:<7} {entry.what:<10} {short}".rstrip()


def _held(entry: Entry) -> bool:
    measured = Measured.read(entry.data) if (entry.who, entry.what) == ("clock", "window") else None
    return measured is not None and measured.held


def closing(report: Report) -> Iterator[str]:
    """The last lines: the count, and what else decides the exit code."""
    for note in report.notes:
        yield f"NOTE  {safe(note)}"
    for id_ in report.stale:
        yield f"STALE  {id_}: the baseline foresees a divergence that is over; take its entry out"
    how = "interrupted after" if report.interrupted else "in"
    yield f"{len(report.results)} specs {how} {report.seconds:.1f} s: {counted(report.results)}"


def whole(report: Report, specs: Iterable[Spec]) -> Iterator[str]:
    """All that a person wants to know of a run that is not as it should be."""
    by_id = {spec.id: spec for spec in specs}
    for result in told(report):
        yield from detail(result, by_id[result.id])
        yield ""
    if report.exit() is Exit.NOTHING:
        yield nothing_shown(report)
    yield from closing(report)


def nothing_shown(report: Report) -> str:
    """Why a run without one judged spec is not green."""
    unseen = counted(report.results)
    return (
        f"Nothing was judged ({unseen}): this run says nothing about the target.  Does its profile offer these pages?"
    )
