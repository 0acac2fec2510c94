"""
The ruler itself: a harness that stalls blames nobody, and a server that is late is blamed though everything is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.given import reference
from harness.results import Result, read
from harness.verdicts import Verdict

#: `web60 run`, in which something of our own blocks the event loop for a second now and then.
STALLING = """
import time
from twisted.internet import reactor, task
stalls = task.LoopingCall(time.sleep, 1.0)
reactor.callWhenRunning(lambda: stalls.start(2.3, now=False))
from harness.__main__ import main
main()
"""

PLAIN = "from harness.__main__ import main; main()"

#: Pages that are all about time.
TIMED = ("asynchronous", "interrupted", "timeouts", "session-endings")


def run(program: str, profile: Path, results: Path, *selection: str) -> list[Result]:
    """The results of a run by this program."""
    command = [sys.executable, "-c", program, "run", "--profile", str(profile), "--json", str(results), *selection]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert results.exists(), done.stdout + done.stderr
    return read(results).results


def test_a_stalled_harness_blames_nobody(tmp_path: Path) -> None:
    """A right server is never failed for it; what could not be told is inconclusive, and says why."""
    results = run(STALLING, reference("fast.toml"), tmp_path / "stalled.json", *TIMED)

    unsure = [result for result in results if result.verdict is Verdict.INCONCLUSIVE]
    against = {result.id: result.reason for result in results if result.verdict in (Verdict.FAIL, Verdict.WARN)}
    assert against == {}
    assert unsure
    assert max(result.lag for result in results) > 0.9
    assert all(
        "clock lagged" in one.reason or "when it was repeated" in one.reason or "control" in one.reason
        for one in unsure
    )


def test_a_slow_server_is_failed_though_others_are_right(tmp_path: Path) -> None:
    """It takes twice as long as it says; the control, asked the same beside it, does not."""
    profile = tmp_path / "slow.toml"
    slow = reference("fast.toml").read_text("utf-8").replace('"--delay", "0.5"', '"--delay", "1.7"')
    profile.write_text(slow, "utf-8")

    results = run(PLAIN, profile, tmp_path / "slow.json", "asynchronous/whole-*", "asynchronous/requests-at-once-*")

    for result in results:
        assert (result.verdict, result.control) == (Verdict.FAIL, "held"), result.reason
        assert "(failed 4 of 4; the control held)" in result.reason
