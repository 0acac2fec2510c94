"""
Results, and the file that they are kept in.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TypeVar

import cattrs
from attrs import define, field, frozen
from cattrs.gen import make_dict_unstructure_fn, override

from harness.errors import UsageError
from harness.levels import Level
from harness.transcripts import Entry
from harness.verdicts import FAILING, JUDGED, STRICT, Exit, Verdict

_T = TypeVar("_T")

#: The version of the result file.
FORMAT = 1

#: What stands for the verdict among what is unsteady.
UNSTEADY_VERDICT = "(verdict)"


@frozen
class Result:
    """
    What one spec said about one target.

    `seconds` is what the spec took; `attempts` how often it ran and `failed` how often of those it failed; `lag` is
    the worst lag of our own event loop meanwhile, in seconds; `control` says whether the control "held" or "failed" on
    time alone as well, and is empty if it was not asked.  `expected` is the reason of the baseline entry that
    foresees this verdict, else empty.  `unsteady` names the facts that were others when the same target was asked
    again, and is `UNSTEADY_VERDICT` among them where the verdict was.
    """

    id: str
    level: Level
    verdict: Verdict
    seconds: float = 0.0
    reason: str = ""
    expected: str = ""
    attempts: int = 1
    failed: int = 0
    lag: float = 0.0
    control: str = ""
    facts: dict[str, Any] = field(factory=dict)
    unsteady: list[str] = field(factory=list)
    transcript: list[Entry] = field(factory=list)

    def __repr__(self) -> str:
        return f"<{self.id}: {self.verdict.value}>"


@frozen
class Known:
    """What a result file says of its target."""

    name: str
    url: str
    software: str


@define
class Report:
    """One run against one target; `notes` are what a person should know of it, in words."""

    web60: str
    started: str
    clock: str
    target: Known
    seconds: float = 0.0
    interrupted: bool = False
    stale: list[str] = field(factory=list)
    results: list[Result] = field(factory=list)
    notes: list[str] = field(factory=list)

    @classmethod
    def begun(cls, target: Known, clock: str) -> Report:
        """The report of a run that begins now; `clock` is "real" or "virtual"."""
        return cls(our_version(), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), clock, target)

    def exit(self, *, strict: bool = False) -> Exit:
        """The exit code that this run deserves."""
        verdicts = {result.verdict for result in self.results if not result.expected}
        if self.interrupted:
            return Exit.INTERRUPTED
        if self.stale or verdicts & (FAILING | STRICT if strict else FAILING):
            return Exit.FAILED
        if not any(result.verdict in JUDGED or result.expected for result in self.results):
            # Inconclusive alone has shown nothing either; green is never vacuous.
            return Exit.NOTHING
        return Exit.OK


_converter = cattrs.Converter()
_converter.register_unstructure_hook(
    Entry, make_dict_unstructure_fn(Entry, _converter, on=override(omit_if_default=True))
)
_converter.register_unstructure_hook(Report, lambda report: {"format": FORMAT} | _plain(report))


def _plain(report: Report) -> dict[str, Any]:
    return {name: _converter.unstructure(value) for name, value in _head(report).items()} | {
        "results": [_converter.unstructure(result) for result in report.results]
    }


def _head(report: Report) -> dict[str, Any]:
    return {
        "web60": report.web60,
        "started": report.started,
        "clock": report.clock,
        "seconds": round(report.seconds, 3),
        "interrupted": report.interrupted,
        "target": report.target,
        "stale": report.stale,
        "notes": report.notes,
    }


def read(path: Path) -> Report:
    """
    The report in a result file; of a run that goes on or was killed, which counts as interrupted, what it had by then.

    Raises `UsageError` where there is none.
    """
    try:
        data = _bytes(path)
    except OSError as wrong:
        message = f"cannot read the results {path}: {wrong.strerror}"
        raise UsageError(message) from None
    try:
        report = _converter.structure(_joined(data.decode("utf-8")), Report)
    except (ValueError, KeyError, TypeError, cattrs.BaseValidationError) as wrong:
        message = f"{path} is not a result file of format {FORMAT}: {wrong}"
        raise UsageError(message) from None
    return report


def _bytes(path: Path) -> bytes:
    try:
        # Beside a whole file it is of a later run, or of the same one, killed while it tidied up.
        return _part(path).read_bytes()
    except FileNotFoundError:
        return path.read_bytes()


def _part(path: Path) -> Path:
    """Where the results are until the run is over."""
    return path.with_name(path.name + ".part")


def _joined(text: str) -> dict[str, Any]:
    """The whole document, or a header line and a line for each result as `Writer` leaves them when killed."""
    try:
        document = json.loads(text)
    except ValueError:
        head, *rest = text.split("\n")
        document = json.loads(head)
        # The last line may have been cut off in the middle of being written; whatever ended with a newline is whole.
        document |= {"results": [json.loads(line) for line in rest[:-1]], "interrupted": True}
    if not isinstance(document, dict):
        message = f"it holds {type(document).__name__}"
        raise TypeError(message)
    if document.get("format") != FORMAT:
        message = f"its format is {document.get('format')!r}"
        raise ValueError(message)
    return document if "results" in document else {**document, "results": [], "interrupted": True}


def packed(value: Report | Result) -> str:
    """It as text for another process of the same run: ASCII, whatever the target sent."""
    return json.dumps(_converter.unstructure(value), default=repr)


def unpacked(text: str, kind: type[_T]) -> _T:
    """What was `packed`."""
    return _converter.structure(json.loads(text), kind)


@define
class Writer:
    """
    Writes a report as it grows.

    While the run goes on, `PATH.part` has a header line and one line for each result, each written as soon as it is
    known, and there is no `path`, so that nobody takes an older run for this one; `finish` puts the whole document
    there in one step.
    """

    path: Path
    report: Report
    _file: TextIOWrapper = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.path = self.path.resolve()
        if self.path.exists() and not self.path.is_file():
            message = f"cannot write the results to {self.path}: it is no ordinary file, in whose place another is put"
            raise UsageError(message)
        try:
            # A lone surrogate, which JSON of a target's may hold, is written as the escape that JSON has for it.
            begun = self.path.with_name(self.path.name + ".new")
            self._file = begun.open("w", encoding="utf-8", errors="backslashreplace")
            head = {key: _converter.unstructure(value) for key, value in _head(self.report).items()}
            self._line({"format": FORMAT, **head})
            # With its first line in it: whoever finds it can read it.
            begun.replace(_part(self.path))
            self.path.unlink(missing_ok=True)
        except OSError as wrong:
            message = f"cannot write the results to {self.path}: {wrong.strerror}"
            raise UsageError(message) from None

    def add(self, result: Result) -> None:
        """Write down one more result."""
        self._line(_converter.unstructure(result))

    def finish(self) -> None:
        """Put the whole report in place."""
        self._file.close()
        whole = self.path.with_name(self.path.name + ".whole")
        with whole.open("w", encoding="utf-8", errors="backslashreplace") as file:
            json.dump(_converter.unstructure(self.report), file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self.path)
        _part(self.path).unlink()

    def _line(self, value: object) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False, default=repr) + "\n")
        self._file.flush()


def our_version() -> str:
    """The version of web60 that runs."""
    try:
        return version("web60")
    except PackageNotFoundError:
        return "unknown"
