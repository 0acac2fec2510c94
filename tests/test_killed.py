"""
A run that is killed keeps its results: whatever was told is in its file, which can be read.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.results import read
from harness.verdicts import Verdict

#: Runs that are killed by each clock, and how many at the same time.
KILLS = {"real": 35, "virtual": 15}
TOGETHER = 3

#: What is asked: some of it quick, some not, so that results come all the time.
ASKED = ("asynchronous", "session-store", "session-endings", "http-auth/basic-*")

#: Of the lines that a run says, some 90, those behind which it is killed, and the seconds in which that happens.
LINES, SOON = (2, 75), 0.2

#: Files that are killed while they are put in place.
FINISHED = 25

#: What ends a run that is killed while it puts its file in place.
FINISHING = """
import sys
from pathlib import Path
from harness.levels import MUST
from harness.results import Known, Report, Result, Writer
from harness.verdicts import Verdict
while True:
    report = Report.begun(Known("t", "http://h/", ""), "real")
    writer = Writer(Path(sys.argv[1]), report)
    for number in range(50):
        result = Result(f"cgi/n{number}", MUST, Verdict.PASS)
        writer.add(result)
        report.results.append(result)
    print("told", flush=True)
    writer.finish()
"""


def killed(command: list[str], output: Path, wait: float, begun: Callable[[str], bool]) -> list[str]:
    """What a command had told when it was killed, `wait` seconds after something that `begun` knows it by."""
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        until = time.monotonic() + 60
        while not begun(output.read_text("utf-8", "replace")) and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
    # The last line may have been cut off in the middle.
    return output.read_text("utf-8", "replace").split("\n")[:-1]


@pytest.mark.parametrize(("clock", "kills"), KILLS.items())
def test_a_run_that_is_killed_at_any_moment_keeps_what_it_told(clock: str, kills: int, tmp_path: Path) -> None:
    """Each verdict that somebody has read on the screen is in the file."""
    chance = random.Random(60)
    moments = [(chance.randint(*LINES), chance.uniform(0, SOON)) for _ in range(kills)]

    def run(number: int) -> tuple[set[str], set[str], bool]:
        results = tmp_path / f"{number}.json"
        command = [sys.executable, "-m", "harness", "run", "--fast", "--clock", clock, "--json", str(results), *ASKED]
        line, wait = moments[number]
        told = killed(command, tmp_path / f"{number}.txt", wait, lambda said: said.count("\n") >= line)
        words = [line.split() for line in told]
        verdicts = {verdict.value for verdict in Verdict}
        shown = {line[1] for line in words if len(line) == 4 and line[0] in verdicts}  # verdict, ID, seconds, "s"
        kept = {result.id for result in read(results).results}
        return shown, kept, results.exists()

    with ThreadPoolExecutor(TOGETHER) as pool:
        runs = list(pool.map(run, range(kills)))

    assert [shown - kept for shown, kept, _ in runs] == [set()] * kills
    assert all(kept for _, kept, _ in runs)
    cut_short = [kept for _, kept, is_over in runs if not is_over]
    assert len(cut_short) > kills / 2
    assert len({len(kept) for kept in cut_short}) > kills / 4


def test_a_file_that_is_being_put_in_place_is_whole_before_and_after(tmp_path: Path) -> None:
    """There is no moment at which all results are known and none can be read."""
    chance = random.Random(61)
    results = tmp_path / "r.json"
    found = []
    for number in range(FINISHED):
        command = [sys.executable, "-c", FINISHING, str(results)]
        killed(command, tmp_path / f"{number}.txt", chance.uniform(0, 0.02), lambda said: "told" in said)
        try:
            found.append(len(read(results).results))
        except UsageError as wrong:
            found.append(str(wrong))

    assert all(isinstance(count, int) and 0 <= count <= 50 for count in found), found
    assert 50 in found
