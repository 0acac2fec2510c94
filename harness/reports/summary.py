"""
A matrix as Markdown, for the page of a job in somebody's CI.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.comparing import Difference
from harness.errors import UsageError
from harness.reports import changes, words
from harness.reports.steps import Step, steps
from harness.results import Report
from harness.transcripts import safe

#: Characters that mean something to Markdown.
_MARKS = frozenset(r"\`*_{}[]()#+-.!|~@:")

#: Changes of one step that are listed; a page of a job has room for a megabyte, and a reader for less.
MOST = 100


def write(path: Path, reports: Sequence[Report], remarks: Sequence[str] = ()) -> None:
    """Write the summary behind what the file has already: other steps of a job write there, too."""
    _append(path, "".join(f"{line}\n" for line in lines(reports, remarks)))


def claim(path: Path) -> None:
    """See that it can be written.  Raises `UsageError`."""
    _append(path, "")


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as wrong:
        message = f"cannot write the summary to {path}: {wrong.strerror}"
        raise UsageError(message) from None


def lines(reports: Sequence[Report], remarks: Sequence[str] = ()) -> Iterator[str]:
    """The summary, line by line.  Whatever a target said stands in it as text, not as Markdown or HTML."""
    found = steps(reports)
    yield "## web60: what changed"
    yield ""
    for remark in remarks:
        yield f"- **{_text(remark)}**"
    if remarks:
        yield ""
    if reports:
        yield "| version | verdicts | since the one before |"
        yield "|---|---|---|"
        for report, since in zip(reports, ("", *(step.counted for step in found)), strict=True):
            yield f"| {_text(report.target.name)} | {words.counted(report.results)} | {since} |"
        yield ""
    for step in found:
        yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    if not step.differences:
        return
    yield f"<details><summary>{_text(step.name)}: {step.counted}</summary>"
    yield ""
    for difference in step.differences[:MOST]:
        yield from _difference(difference)
    if len(step.differences) > MOST:
        yield f"- … and {len(step.differences) - MOST} more"
    yield ""
    yield "</details>"
    yield ""


def _difference(difference: Difference) -> Iterator[str]:
    foreseen = ", as the baseline foresees" if difference.is_foreseen else ""
    yield f"- **{difference.kind.value}**{foreseen} `{difference.id}` ({difference.level.value})"
    for fact in difference.facts:
        old, new = changes.apart(fact)
        yield f"  - {_text(fact.name)}: {_code(old)} → {_code(new)}"


def _text(text: str) -> str:
    """Text with nothing in it that is Markdown, HTML or the end of a table's cell."""
    characters = " ".join(safe(text).split())
    return "".join(f"&#{ord(one)};" if one in _MARKS else html.escape(one) for one in characters)


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"
