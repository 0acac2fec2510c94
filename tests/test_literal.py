"""
The tutorial as printed: Twisted's own divergences are those that its baseline names, no more and no fewer.

What it names of older versions of Twisted `web60 matrix` looks after.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import baselines, profiles
from harness.catalogue import everything
from harness.given import reference
from harness.results import read
from harness.verdicts import Verdict
from tests.untraced import untraced

HERE = ("--factory", "reference_impl.site:make_literal", "--clock", "virtual")


#: How often what came out inconclusive is asked again with less beside it: some requests keep the literal tutorial busy
#: for half a second, and whoever is timed meanwhile is late.
AGAIN = 3


@pytest.fixture(scope="module", autouse=True)
def not_measured() -> Iterator[None]:
    """These runs are many, and what they do others do as well."""
    with untraced():
        yield


def diverging(results: Path, *options: str) -> dict[str, str]:
    """The verdicts of the specs that diverge in a run of the literal tutorial, all of them foreseen."""
    command = [sys.executable, "-m", "harness", "run", "--profile", reference("literal.toml"), "--json", results]
    found: dict[str, str] = {}
    unsure: list[str] = []
    for _ in range(1 + AGAIN):
        subprocess.run([*command, *options, *unsure], capture_output=True, timeout=180, check=False)
        report = read(results)
        diverged = [result for result in report.results if result.verdict in (Verdict.FAIL, Verdict.WARN)]
        assert [result for result in diverged if not result.expected] == []
        assert report.stale == []
        found |= {result.id: result.verdict.value for result in diverged}
        unsure = [result.id for result in report.results if result.verdict is Verdict.INCONCLUSIVE]
        if not unsure:
            break
    assert unsure == []
    return found


def test_the_literal_tutorial_diverges_as_its_baseline_says(tmp_path: Path) -> None:
    """A divergence that is new fails the run, and so does an entry whose divergence is over; by both clocks alike."""
    real = diverging(tmp_path / "real.json")
    virtual = diverging(tmp_path / "virtual.json", *HERE)

    one_clock = {spec.id for spec in everything() if spec.only_virtual or spec.only_real}
    shared = [{id_: verdict for id_, verdict in found.items() if id_ not in one_clock} for found in (real, virtual)]
    assert shared[0] == shared[1]
    assert "session-endings/visiting-keeps-the-session" in real


def test_every_divergence_has_its_evidence() -> None:
    """A reason is what somebody thinks; who doubts it must find what was seen, and of which version it was true."""
    baseline = baselines.of(profiles.load(reference("literal.toml")), None, {spec.id for spec in everything()})

    entries = [*baseline.entries.values(), *baseline.conditional]

    assert baseline.conditional
    assert [entry.id for entry in entries if not re.search(r"\((\d+\.\d+\.\d+\b.*)\)", entry.evidence)] == []


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
