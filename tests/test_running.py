"""
A session on the reactor, with the reactor and the session played by the test.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from harness import running
from harness.errors import UsageError
from harness.levels import MUST
from harness.results import Known, Report, Result
from harness.verdicts import Exit, Verdict

OPTIONS: dict[str, Any] = {
    "url": "http://127.0.0.1:1/", "command": None, "factory": None, "profiles": (), "fast": False, "ca": None,
    "clock": "real", "insecure": False, "baseline": None, "json_file": None, "junit": None, "seed": None,
    "html_file": None, "strict": False,
}  # fmt: skip


class Reactor:
    """As much of a reactor as a run in a terminal uses."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.meanwhile = meanwhile
        self.stopped = False

    def callWhenRunning(self, call: Callable[[], None]) -> None:  # noqa: N802 - Twisted's name
        """Call this once it runs."""
        self.begin = call

    def callFromThread(self, call: Callable[[], None]) -> None:  # noqa: N802 - Twisted's name
        """Call this soon."""
        call()

    def run(self) -> None:
        """Begin, and let the test do what happens meanwhile."""
        self.begin()
        self.meanwhile()
        assert self.stopped

    def stop(self) -> None:
        """Run no more."""
        self.stopped = True


class Ticking:
    """A looping call that does not loop."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call

    def start(self, interval: float) -> None:
        """Call it once."""
        self.call()


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Report]]:
    """The reports that the session will have; nothing really runs."""
    found: list[Report] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    class Session:
        def __init__(self, wanted: Any, reactor: Any, audience: Any) -> None:
            self.reports = found
            self.interrupted = False
            self.waiting: Deferred[None] = Deferred()

        async def run(self) -> None:
            if not found:
                message = "no target"
                raise UsageError(message)
            if found[0].clock == "waits":
                await self.waiting
            if found[0].clock == "breaks":
                raise KeyError("ours")

        def interrupt(self) -> None:
            self.interrupted = True
            self.waiting.callback(None)

    monkeypatch.setattr(running, "Session", Session)
    monkeypatch.setattr(running, "LoopingCall", Ticking)
    monkeypatch.setattr(running, "be_quiet", lambda: None)
    monkeypatch.setattr(running, "reactor", Reactor())
    yield found
    for number, handler in before.items():
        signal.signal(number, handler)


def report(verdict: Verdict, clock: str = "real") -> Report:
    """A run with one result."""
    return Report("1", "2026", clock, Known("t", "http://h/", ""), results=[Result("cgi/one", MUST, verdict)])


def run(**options: Any) -> Exit:
    """What a run with these options exits with."""
    return running.run_in_terminal({**OPTIONS, **options}, (), ())


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.PASS], Exit.OK),
        ([Verdict.PASS, Verdict.FAIL], Exit.FAILED),
        ([Verdict.NOT_OFFERED, Verdict.FAIL], Exit.FAILED),
        ([Verdict.PASS, Verdict.NOT_OFFERED], Exit.NOTHING),
        ([Verdict.PASS, Verdict.WARN], Exit.OK),
    ],
)
def test_of_several_targets_the_worst_decides(reports: list[Report], verdicts: list[Verdict], code: Exit) -> None:
    """One target of a matrix that shows nothing is not green either."""
    reports += [report(verdict) for verdict in verdicts]

    assert run() is code


def test_strict_is_asked_of_every_report(reports: list[Report]) -> None:
    """A warning fails then."""
    reports.append(report(Verdict.WARN))

    assert run(strict=True) is Exit.FAILED


def test_junit_is_written_at_the_end(reports: list[Report], tmp_path: Path) -> None:
    """Where it was wanted."""
    reports.append(report(Verdict.PASS))

    run(junit=tmp_path / "j.xml")

    assert "cgi/one" in (tmp_path / "j.xml").read_text()


def test_a_report_for_browsers_is_written_at_the_end(reports: list[Report], tmp_path: Path) -> None:
    """Where it was wanted; an interrupted run has one as well."""
    reports.append(report(Verdict.FAIL))

    run(html_file=tmp_path / "r.html")

    assert "cgi/one" in (tmp_path / "r.html").read_text("utf-8")


def test_a_report_that_cannot_be_written_is_known_before_the_run(reports: list[Report], tmp_path: Path) -> None:
    """Minutes later it would be a pity."""
    reports.append(report(Verdict.PASS, "breaks"))

    with pytest.raises(UsageError, match="cannot write the report"):
        run(html_file=tmp_path / "none" / "r.html")


def test_trusting_anybody_is_said_aloud(reports: list[Report], capsys: pytest.CaptureFixture[str]) -> None:
    """A green run says nothing about who answered."""
    reports.append(report(Verdict.PASS))

    run(insecure=True)

    assert "any certificate is accepted" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_in_order(
    reports: list[Report], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """It exits with 2, whatever was found."""
    monkeypatch.setattr(running, "reactor", Reactor(lambda: signal.raise_signal(number)))
    reports.append(report(Verdict.FAIL, "waits"))

    assert run() is Exit.INTERRUPTED
    assert "Interrupted" in capsys.readouterr().out


def test_a_usage_error_is_raised_as_itself(reports: list[Report]) -> None:
    """The command line tells it."""
    with pytest.raises(UsageError, match="no target"):
        run()


def test_a_fault_of_ours_is_told_with_its_traceback(reports: list[Report], capsys: pytest.CaptureFixture[str]) -> None:
    """And is no green run."""
    reports.append(report(Verdict.PASS, "breaks"))

    with pytest.raises(SystemExit) as left:
        run()

    assert left.value.code == 1
    assert "KeyError: 'ours'" in capsys.readouterr().err


def test_options_become_what_the_session_wants(tmp_path: Path) -> None:
    """The profile, the files, and whom to trust."""
    asked = running.wanted({**OPTIONS, "json_file": tmp_path, "ca": tmp_path}, (), ())

    assert asked.profiles[0].server.url == OPTIONS["url"]
    assert (asked.json, asked.tls.ca, asked.tls.insecure) == (tmp_path, tmp_path, False)
