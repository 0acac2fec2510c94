"""
How well waiting overlaps: the whole run against its longest single spec.

    python benchmarks/overlap.py [web60 run options]

Prints the ratio of one run, and whether it keeps the promise of 1.25 x the longest spec + 3 s.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from harness.results import read


def main() -> None:
    """Run once and print."""
    with tempfile.TemporaryDirectory() as directory:
        results = Path(directory) / "results.json"
        command = [sys.executable, "-m", "harness", "run", "--json", str(results), *sys.argv[1:]]
        code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
        report = read(results)
    longest = max(report.results, key=lambda result: result.seconds)
    total = sum(result.seconds for result in report.results)
    bound = 1.25 * longest.seconds + 3
    print(f"exit code          {code}")
    print(f"specs              {len(report.results)}")
    print(f"whole run          {report.seconds:7.2f} s")
    print(f"longest spec       {longest.seconds:7.2f} s  {longest.id}")
    print(f"sum of all specs   {total:7.2f} s")
    print(f"run / longest      {report.seconds / longest.seconds:7.2f}")
    print(f"sum / run          {total / report.seconds:7.2f}")
    print(f"1.25 x longest + 3 {bound:7.2f} s  {'kept' if report.seconds <= bound else 'NOT kept'}")


if __name__ == "__main__":
    main()
