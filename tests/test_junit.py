"""
JUnit XML: failures are failures, and skipped is skipped.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.errors import UsageError
from harness.levels import MUST
from harness.reports import junit
from harness.results import Known, Report, Result
from harness.verdicts import Verdict


def written(directory: Path, *results: Result, stale: tuple[str, ...] = (), strict: bool = False) -> ET.Element:
    """The only suite of the file that these results make."""
    path = directory / "junit.xml"
    report = Report("1", "2026", "real", Known("mine", "http://h/", ""), stale=list(stale), results=list(results))
    junit.write(path, [report], strict=strict)
    (suite,) = ET.fromstring(path.read_bytes()).iter("testsuite")
    return suite


@pytest.mark.parametrize(
    ("verdict", "expected", "plain", "strict"),
    [
        (Verdict.PASS, "", [], []),
        (Verdict.FACT, "", [], []),
        (Verdict.FAIL, "", ["failure"], ["failure"]),
        (Verdict.ERROR, "", ["error"], ["error"]),
        (Verdict.WARN, "", ["skipped"], ["failure"]),
        (Verdict.INCONCLUSIVE, "", ["skipped"], ["failure"]),
        (Verdict.NOT_OFFERED, "", ["skipped"], ["skipped"]),
        (Verdict.NOT_OBSERVABLE, "", ["skipped"], ["skipped"]),
        (Verdict.FAIL, "known", ["skipped"], ["skipped"]),
    ],
)
def test_each_verdict_becomes_its_own_kind(
    tmp_path: Path, verdict: Verdict, expected: str, plain: list[str], strict: list[str]
) -> None:
    """h2spec files every failure as an error, and OCI's never contains a failure."""
    result = Result("cgi/one", MUST, verdict, 1.5, "why", expected)

    (case,) = written(tmp_path, result).iter("testcase")
    (strictly,) = written(tmp_path, result, strict=True).iter("testcase")

    assert [child.tag for child in case] == plain
    assert [child.tag for child in strictly] == strict
    assert (case.get("name"), case.get("classname"), float(case.get("time", "0"))) == ("cgi/one", "cgi", 1.5)
    for child in case:
        assert (expected or "why") in child.get("message", "")


def test_a_stale_entry_is_a_failure_of_the_baseline(tmp_path: Path) -> None:
    """It fails the run, so it has to stand somewhere."""
    suite = written(tmp_path, Result("cgi/one", MUST, Verdict.PASS), stale=("cgi/one",))

    assert suite.get("name") == "mine"
    assert [(case.get("name"), [child.tag for child in case]) for case in suite.iter("testcase")] == [
        ("cgi/one", []),
        ("baseline", ["failure"]),
    ]


@pytest.mark.parametrize("reason", ["\x00\x1b[31m", "a <b> & 'c'", "\ud800", "\ufffe"])
def test_whatever_a_target_says_the_file_is_xml(tmp_path: Path, reason: str) -> None:
    """A reason may quote any byte."""
    suite = written(tmp_path, Result("cgi/one", MUST, Verdict.FAIL, reason=reason))

    assert suite.find("testcase/failure") is not None


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(UsageError, match=r"cannot write .*: No such file"):
        junit.write(tmp_path / "none" / "junit.xml", [], strict=False)


def test_a_name_that_no_xml_may_hold_is_shown_as_escapes(tmp_path: Path) -> None:
    """A command that says its own URL may say what it likes."""
    path = tmp_path / "junit.xml"

    junit.write(path, [Report("1", "2026", "real", Known("http://h/\x1b\ud800", "http://h/", ""))], strict=False)

    (suite,) = ET.fromstring(path.read_bytes()).iter("testsuite")
    assert suite.get("name") == "http://h/\\x1b\\ud800"
