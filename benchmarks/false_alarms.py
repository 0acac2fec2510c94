"""
Whether the suite cries wolf: many runs against the reference while every core is busy.

    python benchmarks/false_alarms.py [--runs 10] [--busy 2] [web60 run options]

It starts the busy processes itself and ends them.  Prints a line for each run, and each verdict that is no pass.
"""

from __future__ import annotations

import argparse
import multiprocessing
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from harness.results import Result, read
from harness.verdicts import Verdict


def burn() -> None:
    """Keep a core busy until we are ended."""
    while True:
        sum(range(10_000))


def main() -> None:
    """Load, run, count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--busy", type=int, default=multiprocessing.cpu_count())
    known, others = parser.parse_known_args()
    busy = [multiprocessing.Process(target=burn, daemon=True) for _ in range(known.busy)]
    for process in busy:
        process.start()
    alarms: Counter[str] = Counter()
    verdicts: Counter[Verdict] = Counter()
    try:
        for number in range(1, known.runs + 1):
            for result in run(others):
                verdicts[result.verdict] += 1
                if result.verdict in (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.INCONCLUSIVE):
                    alarms[f"{result.verdict.value:<12} {result.id}"] += 1
                    print(f"run {number:>3}  {result.verdict.value:<12} {result.id}: {result.reason}", flush=True)
            print(f"run {number:>3}  over", flush=True)
    finally:
        for process in busy:
            process.terminate()
    told = ", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.most_common())
    print(f"{known.runs} runs with {known.busy} busy processes: {told}")
    for alarm, count in alarms.most_common():
        print(f"{count:>4} x {alarm}")


def run(options: list[str]) -> list[Result]:
    """The results of one run."""
    with tempfile.TemporaryDirectory() as directory:
        results = Path(directory) / "results.json"
        command = [sys.executable, "-m", "harness", "run", "--json", str(results), *options]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        return read(results).results


if __name__ == "__main__":
    main()
