"""
The run behind pytest's items, in one process: what it starts, what it leaves, and its exit status.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from harness.levels import MUST
from harness.results import Known, Report, Result, read
from harness.specrun import SpecRun
from harness.verdicts import Exit, Verdict
from tests.test_spread import FACTORY, QUICK, profile, ran

VIRTUAL = "--clock=virtual"

#: A factory in a module of its own, whose server keeps no promise.
EMPTY = "from twisted.web.resource import Resource\n\ndef make(reactor):\n    return Resource()\n"


def test_only_targets_that_there_are_items_for_are_started(tmp_path: Path) -> None:
    """What `-k` leaves out has no file, and does not make the run one that showed nothing."""
    targets = [profile(tmp_path, "first", "no_such_module:make"), profile(tmp_path, "second", FACTORY)]

    done = ran(tmp_path, *QUICK, *targets, VIRTUAL, "--json=r.json", "-k", "[second]")

    assert done.returncode == 0, done.stdout + done.stderr
    assert [file.name for file in tmp_path.glob("*.json")] == ["r-second.json"]
    assert not read(tmp_path / "r-second.json").interrupted


def test_a_run_that_was_stopped_early_is_not_whole(tmp_path: Path) -> None:
    """Its exit status is pytest's."""
    (tmp_path / "empty.py").write_text(EMPTY)

    done = ran(tmp_path, *QUICK, profile(tmp_path, "empty", "empty:make"), "--json=r.json", "-x")

    assert done.returncode == Exit.FAILED.value, done.stdout + done.stderr
    assert read(tmp_path / "r.json").interrupted
    assert " specs interrupted after " in done.stdout


def test_targets_of_one_name_have_items_of_their_own(tmp_path: Path) -> None:
    """No two items have one name, whatever the profiles say."""
    option = profile(tmp_path, "same")

    done = ran(tmp_path, *QUICK, option, option, "--collect-only")

    found = re.findall(r"::(session-basics/\S+)", done.stdout)
    assert len(found) == len(set(found)) > 0
    assert {name.partition("[")[2] for name in found} == {"same]", "same-2]"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--profile=none.toml"], "cannot read the profile none.toml"),
        (["--fast", "--html=none/r.html"], "cannot write the report none/r.html"),
    ],
)
def test_mistakes_are_told_before_anything_starts(tmp_path: Path, options: list[str], why: str) -> None:
    """With the exit status of wrong usage, as `web60 run` has it."""
    done = ran(tmp_path, *QUICK, *options)

    assert done.returncode == Exit.USAGE.value
    assert why in done.stderr
    assert "web60:" not in done.stdout


def finished(*reports: Report, status: int = 0, **option: Any) -> int:
    """The exit status of a session with these reports, which pytest itself would end with `status`."""
    options = {"collectonly": False, "strict_verdicts": False, "dist": "loadgroup", "tx": ["popen"], **option}
    config: Any = SimpleNamespace(option=SimpleNamespace(**options))
    run = SpecRun(config)
    gathered: Any = SimpleNamespace(reports=list(reports), finish=lambda: None)
    run.gathered = gathered
    session: Any = SimpleNamespace(exitstatus=status)

    run.pytest_sessionfinish(session)

    return int(session.exitstatus)


def report(verdict: Verdict = Verdict.PASS, **more: Any) -> Report:
    """A report with one result."""
    known = Known("t", "http://t/", "x")
    return evolve(Report.begun(known, "real"), results=[Result("cgi/a", MUST, verdict)], **more)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([report()], 0),
        ([report(), report(stale=["cgi/a"])], 1),
        ([report(), report(Verdict.NOT_OFFERED)], 5),
        ([report(Verdict.NOT_OFFERED), report(stale=["cgi/a"])], 1),
        ([report(Verdict.NOT_OFFERED), report(interrupted=True)], 2),
        ([], 0),
    ],
)
def test_what_only_the_whole_run_shows_decides_the_exit_status(found: list[Report], expected: int) -> None:
    """Where no item failed; the worst of all targets counts."""
    assert finished(*found) == expected


def test_what_pytest_says_of_the_exit_status_stands() -> None:
    """Unless it is that all is well."""
    assert finished(report(stale=["cgi/a"]), status=2) == 2
    assert finished(report(), status=1) == 1


def test_strict_verdicts_decide_as_well() -> None:
    """As they have failed the items that warned."""
    assert (finished(report(Verdict.WARN)), finished(report(Verdict.WARN), strict_verdicts=True)) == (0, 1)
