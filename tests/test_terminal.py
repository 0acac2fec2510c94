"""
The terminal: a line for each result, what is being waited for, and the details at the end.
"""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from twisted.internet import task

from harness.attempts import Attempt
from harness.catalogue import Spec
from harness.clocks import Clock
from harness.levels import MUST
from harness.reports.terminal import SHOWN, SILENCE, Live, Plain, waited_for
from harness.results import Known, Report, Result
from harness.runner import Running
from harness.sources import rfc
from harness.transcripts import Transcript
from harness.verdicts import Verdict


async def check() -> None:
    """It is so."""


SPECS = [Spec(f"cgi/s{number}", MUST, rfc(9110, "1"), check) for number in range(12)]


class Stage:
    """As much of a runner as is shown."""

    def __init__(self) -> None:
        self.time = task.Clock()
        self.clock = Clock(self.time, self.time.seconds)
        self.specs = SPECS
        self.running: dict[str, Running] = {}
        self.results: dict[str, Result] = {}

    def begins(self, spec: Spec, lasts: float) -> None:
        """A spec is under way."""
        attempt = Attempt(self.clock, Transcript(0.0), lambda: "t")
        attempt._waits[spec.id] = "answer\x1b"
        self.running[spec.id] = Running(spec, attempt, self.time.seconds(), lasts)


def report(*results: Result) -> Report:
    """A run with these results."""
    return Report("1", "2026", "real", Known("mine", "http://h/", "Soft\x1bware"), results=list(results))


def console(*, terminal: bool) -> Console:
    """A console that writes into memory."""
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None, legacy_windows=False)


def printed(view: Plain) -> str:
    """All that a view wrote."""
    file: Any = view.console.file
    return str(file.getvalue())


@pytest.fixture
def stage() -> Stage:
    """A runner to be shown."""
    return Stage()


def play(view: Plain, stage: Any, *results: Result) -> None:
    """A whole run."""
    whole = report()
    view.ready(stage, whole)
    for result in results:
        whole.results.append(result)
        stage.results[result.id] = result
        view.result(stage, result)
        view.tick()
    view.over(stage, whole)
    view.stop()


RESULTS = (
    Result("cgi/s0", MUST, Verdict.PASS, 1.0),
    Result("cgi/s1", MUST, Verdict.FAIL, 1.0, "[bold]why\x1b[0m\nmore"),
    Result("cgi/s2", MUST, Verdict.FAIL, 1.0, "why", expected="known"),
)


def test_plain_output_has_a_line_for_each_result(stage: Stage) -> None:
    """Then a count by page, the details of what is no pass, and the whole count."""
    view = Plain(console(terminal=False))

    play(view, stage, *RESULTS)

    lines = printed(view).splitlines()
    assert lines[0] == "web60 1: 12 specs against mine (http://h/, Soft\\x1bware)"
    assert lines[1] == "pass            cgi/s0  1.00 s"
    assert lines[2] == "fail            cgi/s1  1.00 s  [bold]why\\x1b[0m"
    assert lines[3].startswith("fail (expected)")
    assert "cgi                    1 pass, 1 fail, 1 fail (expected)" in lines
    assert "FAIL  cgi/s1  (MUST)" in lines
    assert lines[-1].startswith("3 specs in 0.0 s: ")


def test_nothing_that_a_target_says_reaches_the_terminal_raw(stage: Stage) -> None:
    """Neither control characters nor markup of ours."""
    view = Plain(console(terminal=False))

    play(view, stage, *RESULTS)

    assert "\x1b" not in printed(view)


def test_a_run_that_judged_nothing_says_so(stage: Stage) -> None:
    """It exits with 5, and a person learns why."""
    view = Plain(console(terminal=False))

    play(view, stage, Result("cgi/s0", MUST, Verdict.NOT_OFFERED))

    assert "Nothing was judged" in printed(view)


def test_a_long_silence_is_broken_with_what_is_waited_for(stage: Any) -> None:
    """A log without a word for minutes looks like a hang."""
    view = Plain(console(terminal=False))
    view.ready(stage, report())
    stage.begins(SPECS[0], 60.0)

    view.tick()
    before = printed(view)
    stage.time.advance(SILENCE + 1)
    view.tick()
    view.tick()

    assert "under way" not in before
    assert printed(view).count("1 under way, the longest 54 s more: cgi/s0") == 1


def test_a_live_view_shows_only_what_is_no_pass_above(stage: Stage) -> None:
    """What passes is a number in the lines below, which vanish."""
    view = Live(console(terminal=True))
    for number, spec in enumerate(SPECS):
        stage.begins(spec, 10.0 + number)

    play(view, stage, *RESULTS)

    shown = printed(view)
    assert "pass            cgi/s0" not in shown
    assert "fail            cgi/s1" in shown
    assert "fail (expected)" not in shown.partition("cgi    ")[0]


def test_a_live_view_names_the_longest_waits(stage: Any) -> None:
    """And what each waits for; no more than fit."""
    view = Live(console(terminal=True))
    view.ready(stage, report())
    view.tick()
    for number, spec in enumerate(SPECS):
        stage.begins(spec, float(number))

    lines = str(view._view()).splitlines()
    view.stop()
    view.stop()
    view.tick()

    assert lines[0] == "0 of 12 done; 12 under way, the longest 11 s more: cgi/s11"
    assert lines[1] == "    11 s  cgi/s11: answer\\x1b"
    assert len(lines) == 1 + SHOWN


def test_several_targets_share_one_live_view(stage: Any) -> None:
    """It stands until the last is over."""
    view = Live(console(terminal=True))
    other: Any = Stage()
    view.ready(stage, report())
    view.ready(other, report())
    live = view._live

    view.over(stage, report())
    between = view._live
    view.over(other, report())

    assert between is live
    assert view._live is None


def test_what_is_under_way_is_told_in_a_line(stage: Stage) -> None:
    """Nothing, something that should be over, something that takes its time."""
    nothing = waited_for([])
    stage.begins(SPECS[0], 0.0)

    assert nothing == ""
    assert waited_for(stage.running.values()) == "1 under way, the longest any moment: cgi/s0"


def test_where_a_target_says_it_is_does_not_reach_the_terminal_raw(stage: Stage) -> None:
    """A command says its own URL, which is its name as well where it has no other."""
    view = Plain(console(terminal=False))
    whole = Report("1", "2026", "real", Known("http://h/\x1b[2J", "http://h/\x1b[2J", ""))

    view.ready(stage, whole)

    assert "\x1b" not in printed(view)
    assert printed(view).count("http://h/\\x1b[2J") == 2


def test_what_a_target_says_becomes_no_picture(stage: Stage) -> None:
    """Rich would make one of a word between colons."""
    view = Plain(console(terminal=False))

    play(view, stage, Result("cgi/s1", MUST, Verdict.FAIL, 1.0, "it said :bomb:"))

    assert "it said :bomb:" in printed(view)
