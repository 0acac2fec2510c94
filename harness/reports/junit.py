"""
JUnit XML, for continuous integration.

`pytest specs --junitxml` writes pytest's own; this is the same for `web60 run`, with the same names.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from harness.errors import UsageError
from harness.results import Report, Result
from harness.transcripts import safe
from harness.verdicts import FAILING, STRICT, Verdict


def write(path: Path, reports: Iterable[Report], *, strict: bool) -> None:
    """One suite for each target, one case for each spec.  Raises `UsageError` when the file cannot be written."""
    xml = JUnitXml("web60")
    for report in reports:
        suite = TestSuite(safe(report.target.name))
        for result in report.results:
            suite.add_testcase(_case(result, strict=strict))
        if report.stale:
            suite.add_testcase(_stale(report))
        xml.add_testsuite(suite)
    try:
        xml.write(str(path), pretty=True)
    except OSError as wrong:
        message = f"cannot write {path}: {wrong.strerror}"
        raise UsageError(message) from None


def _case(result: Result, *, strict: bool) -> TestCase:
    page = result.id.partition("/")[0]
    case = TestCase(result.id, classname=page, time=result.seconds)
    reason = safe(result.reason)
    if result.expected:
        case.result = [Skipped(f"{result.verdict.value}, expected: {safe(result.expected)}")]
    elif result.verdict is Verdict.ERROR:
        case.result = [Error(reason, result.verdict.value)]
    elif result.verdict in (FAILING | STRICT if strict else FAILING):
        case.result = [Failure(reason, result.verdict.value)]
    elif result.verdict not in (Verdict.PASS, Verdict.FACT):
        case.result = [Skipped(f"{result.verdict.value}: {reason}")]
    return case


def _stale(report: Report) -> TestCase:
    case = TestCase("baseline", classname="baseline")
    case.result = [Failure(f"divergences that are over: {', '.join(report.stale)}", "stale")]
    return case
