"""
A matrix while it runs, in a terminal and elsewhere.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from twisted.internet import task

from harness.catalogue import Spec
from harness.clocks import Clock
from harness.levels import MUST
from harness.profiles import Profile
from harness.reports.watching import SILENCE, Watched
from harness.results import Known, Report, Result
from harness.sources import rfc
from harness.tables import Server
from harness.verdicts import Verdict


async def check() -> None:
    """It is so."""


SPECS = [Spec(f"cgi/s{number}", MUST, rfc(9110, "1"), check) for number in range(3)]


class Stage:
    """As much of a runner as is shown."""

    def __init__(self, name: str, time: task.Clock) -> None:
        self.clock = Clock(time, time.seconds)
        self.specs = SPECS
        self.running: dict[str, Any] = {}
        self.target = self
        self.name = name


@pytest.fixture
def time() -> task.Clock:
    """Time that stands still until it is advanced."""
    return task.Clock()


@pytest.fixture
def stages(time: task.Clock) -> Any:
    """Two versions that are asked."""
    return [Stage(name, time) for name in ("Twisted 1", "Twisted 22.10.0")]


def report(stage: Any, *results: Result) -> Report:
    """Its run."""
    return Report("1", "2026", "real", Known(stage.name, "http://h/", ""), results=list(results))


def watched(*, terminal: bool) -> Watched:
    """A view that writes into memory."""
    file = io.StringIO()
    return Watched(Console(file=file, force_terminal=terminal, width=100, color_system=None, legacy_windows=False))


def printed(view: Any) -> str:
    """What it has written."""
    return str(view.console.file.getvalue())


def test_a_version_has_a_line_when_it_is_up_and_one_when_it_is_over(stages: Any) -> None:
    """Verdicts have none, but for an error of ours."""
    view = watched(terminal=False)
    good, bad = Result("cgi/s0", MUST, Verdict.FAIL), Result("cgi/s1", MUST, Verdict.ERROR, reason="ours\nmore")
    for stage in stages:
        view.ready(stage, report(stage))
    view.result(stages[0], good)
    view.result(stages[0], bad)
    for stage in stages:
        view.over(stage, report(stage, good))

    assert printed(view).splitlines() == [
        "web60 1: 3 specs against Twisted 1 (http://h/)",
        "web60 1: 3 specs against Twisted 22.10.0 (http://h/)",
        "error           cgi/s1  ours",
        "Twisted 1: 1 fail",
        "Twisted 22.10.0: 1 fail",
    ]


def test_now_and_then_it_says_how_far_it_is(stages: Any, time: task.Clock) -> None:
    """Of all versions together."""
    view = watched(terminal=False)
    for stage in stages:
        view.ready(stage, report(stage))
    view.result(stages[1], Result("cgi/s0", MUST, Verdict.PASS))

    view.tick()
    before = printed(view)
    time.advance(SILENCE + 1)
    view.tick()
    view.tick()

    assert "of 6 done" not in before
    assert printed(view).count("1 of 6 done") == 1


def test_a_terminal_shows_how_far_each_is(stages: Any) -> None:
    """Until the last is over."""
    view = watched(terminal=True)
    for stage in stages:
        view.ready(stage, report(stage))
    view.result(stages[1], Result("cgi/s0", MUST, Verdict.PASS))
    view.tick()

    shown = str(view._view()).splitlines()
    for stage in stages:
        view.over(stage, report(stage))

    assert shown == ["1 of 6 done", "  Twisted 1            0 of 3", "  Twisted 22.10.0      1 of 3"]
    assert view._live is None


def test_a_version_that_does_not_start_is_said_so_and_kept(stages: Any) -> None:
    """It is told once more at the end."""
    view = watched(terminal=False)

    view.missing(Profile(Server(name="Twisted 2")), "the command ended at once")

    assert printed(view) == "Twisted 2 did not start: the command ended at once\n"
    assert view.missed == ["Twisted 2 did not start: the command ended at once"]
