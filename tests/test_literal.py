"""
The tutorial as printed: Twisted's own divergences are those that its baseline names, no more and no fewer.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from harness.catalogue import everything
from harness.given import reference
from harness.results import read
from harness.verdicts import Verdict

HERE = ("--factory", "reference_impl.site:make_literal", "--clock", "virtual")


def diverging(results: Path, *options: str) -> dict[str, str]:
    """The verdicts of the specs that diverge in a run of the literal tutorial, all of them foreseen."""
    command = [sys.executable, "-m", "harness", "run", "--profile", reference("literal.toml"), "--json", results]

    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=180, check=False)

    report = read(results)
    diverged = [result for result in report.results if result.verdict in (Verdict.FAIL, Verdict.WARN)]
    unforeseen = [result for result in diverged if not result.expected]
    assert (unforeseen, report.stale, done.returncode) == ([], [], 0), done.stdout[-3000:]
    return {result.id: result.verdict.value for result in diverged}


def test_the_literal_tutorial_diverges_as_its_baseline_says(tmp_path: Path) -> None:
    """A divergence that is new fails the run, and so does an entry whose divergence is over; by both clocks alike."""
    real = diverging(tmp_path / "real.json")
    virtual = diverging(tmp_path / "virtual.json", *HERE)

    only_virtual = {spec.id for spec in everything() if spec.only_virtual}
    assert real == {id_: verdict for id_, verdict in virtual.items() if id_ not in only_virtual}
    assert "session-endings/visiting-keeps-the-session" in real


def test_the_property_finds_the_literal_tutorial_s_session_by_itself(tmp_path: Path) -> None:
    """The schedule that it shrinks to has the three visits that it takes, and nothing else."""
    results = tmp_path / "property.json"

    diverging(results, *HERE, "session-endings/every-*")

    reason = read(results).results[0].reason
    assert re.fullmatch(
        r"visitor 1 was to find session 1.*\n +time +event(\n +[0-9.]+ s  visitor 1 visits: session (1|2)){3}\n"
        r"the same examples .*",
        reason,
    )
