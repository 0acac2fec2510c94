"""
What there is to know before a run: which pages answer, and what keeps specs from being judged.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from twisted.web.resource import Resource
from twisted.web.static import Data

from harness.catalogue import everything
from harness.doctor import Finding, examine
from harness.profiles import parse
from harness.reports.diagnosis import diagnosis
from harness.starting import start
from harness.worlds import World, WorldClock

SPECS = everything()


def site(_: Any) -> Resource:
    """A counter, and a page that takes its time for ever."""
    root = Resource()
    root.putChild(b"ping", Data(b"pong", "text/plain"))
    root.putChild(b"counter", Data(b"Visit #1", "text/plain"))
    return root


def examined(world: World, tables: dict[str, Any]) -> tuple[list[Finding], list[str]]:
    """What is found about the site with this profile, as values and in words."""
    clock = WorldClock(world)
    target = world.run(start(parse(tables, Path()), world, clock, make=site))
    try:
        findings = world.run(examine(target, SPECS, clock))
        return findings, list(diagnosis(target, findings))
    finally:
        world.run(target.stop())


def test_each_page_that_is_offered_is_asked_for(world: World) -> None:
    """And found there, or not; all of its specs are counted."""
    findings, told = examined(world, {"server": {"name": "mine"}, "session-store": {}, "asynchronous": {}})

    assert {finding.page: finding.answers for finding in findings} == {
        "asynchronous": {"/asynchronous?id={id}": 404},
        "session-store": {"/counter": 200},
    }
    assert [finding.absent for finding in findings] == [["/asynchronous?id={id}"], []]
    assert "  [asynchronous] /asynchronous?id={id}" in told
    assert any(line.startswith("mine (http://127.0.0.1:") for line in told)


def test_what_keeps_specs_from_being_judged_is_counted(world: World) -> None:
    """With the key that is missing, for all pages together."""
    (finding,), told = examined(world, {"interrupted": {"stops_work": False}})

    assert finding.specs == sum(spec.page == "interrupted" for spec in SPECS)
    assert finding.missing["the profile says [interrupted] stops_work = false"] > 0
    assert finding.judged == finding.specs - finding.missing.total()
    assert any("the profile says [interrupted] stops_work = false" in line for line in told)


def test_pages_that_are_not_offered_are_named(world: World) -> None:
    """And how to host those for which a server needs files of ours."""
    _, told = examined(world, {"session-store": {}})

    assert any(line.startswith("Not offered: asynchronous, ") for line in told)
    assert any(line.startswith("`web60 assets DIR` writes what a server hosts for cgi, wsgi") for line in told)


@pytest.mark.parametrize(
    ("status", "absent"),
    [(200, False), (402, False), (None, False), (500, False), (405, False), (404, True), (0, True)],
)
def test_a_page_is_there_unless_nothing_is(status: int | None, absent: bool) -> None:  # noqa: FBT001 - a row of a table
    """So is what fails, or takes another method: whether it should is for the specs to say."""
    assert bool(Finding("cgi", {"/": status}, 1, Counter()).absent) is absent


@pytest.mark.parametrize(("path", "code"), [("/counter", 0), ("/nowhere", 1)])
def test_the_exit_code_says_whether_all_is_there(tmp_path: Path, path: str, code: int) -> None:
    """For whoever runs it before the specs, in a script."""
    profile = tmp_path / "mine.toml"
    profile.write_text(f'[server]\nfactory = "tests.test_doctor:site"\n[session-store]\npath = "{path}"\n', "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "harness", "doctor", "--profile", profile],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent.parent, timeout=60,
    )  # fmt: skip

    assert done.returncode == code, done.stdout + done.stderr
    assert "session-store" in done.stdout


def test_a_target_that_is_not_there_is_wrong_usage() -> None:
    """As it is for a run."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", "doctor", "--url", "http://127.0.0.1:1/"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (4, "")
    assert "nothing to test at http://127.0.0.1:1/" in done.stderr
