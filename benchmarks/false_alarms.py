"""
Whether the suite cries wolf: many runs against right servers while every core is busy.

    python benchmarks/false_alarms.py [--runs 100] [--busy 8] [--profile FILE…]

Each run asks everything of the fast reference and of three third-party servers, or of the profiles given instead, one
after another.  Prints each verdict that is no pass, then how much of each tolerance was used: the measured seconds,
beside what was allowed.  It starts the busy processes itself and ends them; Ctrl-C ends it with what was measured.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from harness.results import Result, read
from harness.verdicts import JUDGED, Verdict

TARGETS = Path(__file__).resolve().parents[1] / "tests" / "targets"
THIRD_PARTIES = tuple(TARGETS / name for name in ("aiohttp.toml", "klein.toml", "gunicorn.toml"))

#: `web60 run`, which writes down every time that it measures, with the window that it must fall into.
RECORDING = """
import atexit, json, os, sys
from harness.timing import Window
measured, inside = [], Window.__contains__
def noted(window, seconds):
    measured.append((sys._getframe(1).f_globals["__name__"], window.low, window.high, seconds))
    return inside(window, seconds)
Window.__contains__ = noted
atexit.register(lambda: open(os.environ["MEASURED"], "w").write(json.dumps(measured)))
from harness.__main__ import main
main()
"""

ALARMS = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.INCONCLUSIVE)

#: What all these profiles allow a timer to be early, in seconds.
EARLY = 0.010

#: For each spec module and what it allows: the parts of it that were used.
Measured = dict[tuple[str, str], list[float]]


def burn() -> None:
    """Keep a core busy until we are ended."""
    while True:
        sum(range(10_000))


def main() -> None:
    """Load, run, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--busy", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--profile", action="append", type=Path)
    given = parser.parse_args()
    profiles = [["--profile", str(path)] for path in given.profile or THIRD_PARTIES]
    targets = profiles if given.profile else [["--fast"], *profiles]
    busy = [multiprocessing.Process(target=burn, daemon=True) for _ in range(given.busy)]
    for process in busy:
        process.start()
    alarms: Counter[str] = Counter()
    verdicts: Counter[Verdict] = Counter()
    measured: Measured = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    lags: list[float] = []
    runs = 0
    with suppress(KeyboardInterrupt):
        for number in range(1, given.runs + 1):
            for options in targets:
                began = time.monotonic()
                results = run(options, measured)
                name = Path(options[-1]).stem
                seconds[name].append(time.monotonic() - began)
                runs += 1
                for result in results:
                    verdicts[result.verdict] += 1
                    lags.append(result.lag)
                    if result.verdict in ALARMS and not result.expected:
                        alarms[f"{result.verdict.value:<12} {name} {result.id}"] += 1
                        print(f"run {number:>3}  {result.verdict.value:<12} {name} {result.id}: {result.reason}")
                print(f"run {number:>3}  {name} over in {seconds[name][-1]:.0f} s", flush=True)
    for process in busy:
        process.terminate()
    print(f"{runs} runs with {given.busy} busy processes")
    tell(alarms, verdicts, measured, seconds, lags)


def run(options: list[str], measured: Measured) -> list[Result]:
    """The results of one run; what it measured is added."""
    with tempfile.TemporaryDirectory() as directory:
        results, times = Path(directory) / "results.json", Path(directory) / "times.json"
        command = [sys.executable, "-c", RECORDING, "run", "--json", str(results), *options]
        environment = {**os.environ, "MEASURED": str(times)}
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
        for module, low, high, seconds in json.loads(times.read_text("utf-8")):
            row = module.rpartition("test_")[2].replace("_", "-")
            if low == 0:
                measured[row, f"by {math.ceil(high * 2) / 2:g} s at most"].append(seconds / high)
            elif high < math.inf:
                nominal = low + EARLY
                measured[row, f"{high - nominal:.1f} s late at most"].append((seconds - nominal) / (high - nominal))
        return read(results).results


def tell(
    alarms: Counter[str],
    verdicts: Counter[Verdict],
    measured: Measured,
    seconds: dict[str, list[float]],
    lags: list[float],
) -> None:
    """Print what came of all runs."""
    judged = sum(count for verdict, count in verdicts.items() if verdict in {*JUDGED, Verdict.INCONCLUSIVE})
    print(", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.most_common()))
    print(f"inconclusive: {verdicts[Verdict.INCONCLUSIVE] / max(1, judged):.2%} of {judged} that were judged")
    for alarm, count in alarms.most_common():
        print(f"{count:>4} x {alarm}")
    for name, took in seconds.items():
        print(f"{name}: median {part(took, 0.5):.1f} s, most {max(took):.1f} s")
    print(f"lag of our own loop: median {part(lags, 0.5):.3f} s, 99 % {part(lags, 0.99):.3f} s, most {max(lags):.3f} s")
    print("| specs | allowed | measured | least used | median | 99 % | most |\n|---|---|---|---|---|---|---|")
    for (module, allowed), found in sorted(measured.items()):
        shares = " | ".join(f"{part(found, share):.1%}" for share in (0.0, 0.5, 0.99, 1.0))
        print(f"| {module} | {allowed} | {len(found)} | {shares} |")


def part(numbers: list[float], share: float) -> float:
    """The number below which this share of them lies."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
