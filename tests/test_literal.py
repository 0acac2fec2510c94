"""
The tutorial as printed: Twisted's own divergences are those that its baseline names, no more and no fewer.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.given import reference
from harness.results import read
from harness.verdicts import Verdict


def test_the_literal_tutorial_diverges_as_its_baseline_says(tmp_path: Path) -> None:
    """A divergence that is new fails the run, and so does an entry whose divergence is over."""
    results = tmp_path / "literal.json"
    command = [sys.executable, "-m", "harness", "run", "--profile", reference("literal.toml"), "--json", results]

    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    report = read(results)
    diverged = [result for result in report.results if result.verdict in (Verdict.FAIL, Verdict.WARN)]
    unforeseen = [result for result in diverged if not result.expected]
    assert (unforeseen, report.stale, done.returncode) == ([], [], 0), done.stdout[-3000:]
    assert diverged
