"""
Whether `docs/twisted-changes.md` is true: `python -m tests.twisted_changes DIR`, with the results of a matrix in DIR.

In DIR are the result files of the literal tutorial, as `web60 matrix --json DIR` leaves them: `twisted-VERSION.json`.
The document has a section for each step from one version to the next, and in its tables what becomes of which spec.
Of each step whose two files are there, every difference must stand in the document, and nothing that is none.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from harness.comparing import Kind, compare
from harness.errors import UsageError
from harness.results import Report, read
from harness.verdicts import Exit

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "twisted-changes.md"

#: The heading of a step's section: "## 22.10.0 → 23.10.0".
_STEP = re.compile(r"^## (\d[\w.]*) → (\d[\w.]*)$", re.MULTILINE)

#: One entry of the last cell of a row: "mended: `page/a-spec`, `page/another`".
_ENTRY = re.compile(
    rf"(?P<kind>{'|'.join(kind.value for kind in Kind)}): (?P<ids>`[a-z-]+/[a-z0-9-]+`(?:, `[a-z-]+/[a-z0-9-]+`)*)"
)


@frozen
class Step:
    """From one version to the next, what becomes of which spec; `claims` has kinds by IDs."""

    old: str
    new: str
    claims: Mapping[str, Kind]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


def steps(document: str) -> list[Step]:
    """The steps of the document.  Raises `ValueError` where it cannot be read, or says two things of one spec."""
    _, *parts = _STEP.split(document)
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return [Step(old, new, _claims(f"{old} → {new}", text)) for old, new, text in triples]


def _claims(step: str, section: str) -> dict[str, Kind]:
    claims: dict[str, Kind] = {}
    for entry in _entries(section):
        found = _ENTRY.fullmatch(entry)
        if found is None:
            message = f"{step}: not a kind of difference and IDs: {entry!r}"
            raise ValueError(message)
        kind = Kind(found["kind"])
        for id_ in re.findall(r"`(.+?)`", found["ids"]):
            if claims.setdefault(id_, kind) is not kind:
                message = f"{step}: {id_} is said to be {claims[id_].value}, and {kind.value}"
                raise ValueError(message)
    return claims


def _entries(section: str) -> Iterator[str]:
    """What stands in the columns of what is seen; other tables say why something is not."""
    seen = False
    for line in section.splitlines():
        *_, last = line.strip(" |").rpartition(" | ")
        if not line.startswith("| "):
            # The line below a table's head is of the table still.
            seen = seen and line.startswith("|-")
        elif last == "seen by":
            seen = True
        elif seen:
            yield from last.split("<br>")


def file_of(directory: Path, version: str) -> Path | None:
    """The result file of a version, if there is one."""
    names = (f"twisted-{version}.json", f"{version}.json")
    return next((path for name in names if (path := directory / name).is_file()), None)


def mistakes(step: Step, old: Report, new: Report) -> Iterator[str]:
    """
    Where the document and the two runs of a step disagree.

    What only one of the runs was asked, and what one of them could not settle, agrees with anything.
    """
    asked = {result.id for result in old.results} & {result.id for result in new.results}
    found = {one.id: one.kind for one in compare(old, new) if one.id in asked}
    for id_, kind in found.items():
        claim = step.claims.get(id_)
        if kind is Kind.UNSETTLED or kind is claim:
            continue
        yield f"{step}: {id_} is {kind.value}, and the document says {claim.value if claim else 'nothing of it'}"
    for id_, claim in step.claims.items():
        if id_ in asked and id_ not in found:
            yield f"{step}: {id_} is not {claim.value}, as the document says: there is no difference"


def checked(document: str, directory: Path) -> tuple[list[str], Exit]:
    """What is wrong with the document, and what could not be looked at, line by line; the exit code."""
    lines: list[str] = []
    looked = wrong = 0
    for step in steps(document):
        old, new = file_of(directory, step.old), file_of(directory, step.new)
        if old is None or new is None:
            lines.append(f"{step}: not looked at, for there is no result file of {step.new if old else step.old}")
            continue
        found = list(mistakes(step, read(old), read(new)))
        looked += 1
        wrong += len(found)
        lines += found or [f"{step}: as the document says, {len(step.claims)} differences"]
    if not looked:
        return lines, Exit.NOTHING
    return lines, Exit.FAILED if wrong else Exit.OK


def main(words: Sequence[str]) -> int:
    """The exit code: 1 if the document is wrong, 4 if there is something else to do first, 5 without result files."""
    if len(words) != 1:
        lines, end = ["usage: python -m tests.twisted_changes DIR"], Exit.USAGE
    else:
        try:
            lines, end = checked(DOCUMENT.read_text("utf-8"), Path(words[0]))
        except UsageError as wrong:
            lines, end = [str(wrong)], Exit.USAGE
    sys.stdout.write("\n".join((*lines, "")))
    return end.value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
