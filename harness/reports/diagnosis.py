"""
What `web60 doctor` found, in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.doctor import Finding
from harness.tables import PAGES
from harness.targets import Target
from harness.transcripts import safe

#: Pages for which a server has to host files of ours.
_HOSTED = ("cgi", "wsgi", "rpy-scripts", "static-content", "static-dispatch")


def diagnosis(target: Target, findings: Sequence[Finding]) -> Iterator[str]:
    """Everything there is to know before a run, line by line, safe to print."""
    software = f", {safe(target.software)}" if target.software else ""
    yield f"{safe(target.name)} ({safe(target.url)}{software})"
    yield f"ping       {target.alive.path} answers {target.alive.status}"
    yield f"witnesses  {', '.join(sorted(target.witnesses)) or 'none'}"
    yield ""
    for finding in findings:
        yield f"{finding.page:<22} {finding.judged} of {finding.specs} specs can be judged"
        for path, status in finding.answers.items():
            yield f"  {path:<40} {_came(status)}"
    yield from _advice(findings)


def _came(status: int | None) -> str:
    words = {None: "takes its time", 0: "answers no HTTP"}
    return words.get(status, f"answers {status}")


def _advice(findings: Sequence[Finding]) -> Iterator[str]:
    absent = [(finding.page, path) for finding in findings for path in finding.absent]
    if absent:
        yield ""
        yield "Offered, and not there: mend the path in the profile, or take the key out."
        yield from (f"  [{page}] {path}" for page, path in absent)
    missing: Counter[str] = sum((finding.missing for finding in findings), Counter())
    if missing:
        yield ""
        yield "What keeps specs from being judged (docs/profile.md has every key):"
        yield from (f"  {count:>4}  {why}" for why, count in missing.most_common())
    others = [page for page in PAGES if page not in {finding.page for finding in findings}]
    if others:
        yield ""
        yield f"Not offered: {', '.join(others)}."
        hosted = [page for page in _HOSTED if page in others]
        if hosted:
            yield f"`web60 assets DIR` writes what a server hosts for {', '.join(hosted)}."
