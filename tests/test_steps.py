"""
A matrix in words, and in Markdown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from harness.errors import UsageError
from harness.levels import MAY, MUST
from harness.reports import steps, summary
from harness.results import Known, Report, Result
from harness.verdicts import Verdict

HOSTILE = "<script>alert(1)</script> | `x` **b** @everyone [l](http://h) \x1b]0;OWNED\x07"


def report(name: str, *results: Result) -> Report:
    """A run against this version."""
    return Report("1", "2026", "real", Known(name, "http://h/", ""), results=list(results))


def result(verdict: Verdict, id_: str = "cgi/one", **facts: Any) -> Result:
    """A result with this verdict and these facts."""
    return Result(id_, MAY if verdict is Verdict.FACT else MUST, verdict, facts=facts, reason="r" * facts.get("n", 0))


THREE = (
    report("Twisted 1", result(Verdict.PASS), result(Verdict.FACT, "cgi/fact", n=1)),
    report("Twisted 2", result(Verdict.FAIL), result(Verdict.FACT, "cgi/fact", n=2)),
    report("Twisted 3", result(Verdict.FAIL), result(Verdict.FACT, "cgi/fact", n=2)),
)


def test_a_step_is_what_changed_from_a_version_to_the_next() -> None:
    """Nothing, where nothing did."""
    found = steps.steps(THREE)

    assert [step.name for step in found] == ["Twisted 1 → Twisted 2", "Twisted 2 → Twisted 3"]
    assert [step.counted for step in found] == ["1 broken, 1 changed", "no difference"]


def test_one_version_has_no_steps() -> None:
    """There is nothing to compare it with."""
    assert steps.steps(THREE[:1]) == ()


def test_a_matrix_is_told_by_steps_and_overlooked_at_the_end() -> None:
    """Where a terminal leaves off."""
    assert list(steps.told(THREE)) == [
        "Twisted 1 → Twisted 2: 1 broken, 1 changed",
        "",
        "BROKEN (1)",
        "  cgi/one  (MUST): pass → fail",
        "",
        "CHANGED (1)",
        "  cgi/fact  (MAY)",
        "      n: 1 → 2",
        "",
        "Twisted 2 → Twisted 3: no difference",
        "",
        "            pass   fact   fail   warn  other  since the one before",
        "Twisted 1      1      1      0      0      0",
        "Twisted 2      0      1      1      0      0  1 broken, 1 changed",
        "Twisted 3      0      1      1      0      0  no difference",
    ]


def test_a_summary_has_a_row_for_each_version_and_the_changes_of_each_step() -> None:
    """Steps in which nothing changed have a row only."""
    told = list(summary.lines(THREE))

    assert "| version | verdicts | since the one before |" in told
    assert sum(line.startswith("| Twisted ") for line in told) == 3
    assert [line for line in told if line.startswith("<details>")] == [
        "<details><summary>Twisted 1 → Twisted 2: 1 broken, 1 changed</summary>"
    ]
    assert "- **broken** `cgi/one` (MUST)" in told
    assert "  - n: <code>1</code> → <code>2</code>" in told


def test_what_the_baseline_foresees_is_said_so() -> None:
    """In both."""
    known = report("Twisted 2", evolve(result(Verdict.FAIL), expected="since 18.9"))

    assert "      the baseline foresees it: since 18.9" in list(steps.told((THREE[0], known)))
    assert "- **broken**, as the baseline foresees `cgi/one` (MUST)" in list(summary.lines((THREE[0], known)))


def test_what_could_not_be_asked_stands_on_top_of_the_summary() -> None:
    """Also where nothing was."""
    assert list(summary.lines([], ["Twisted 18 runs nowhere"]))[:3] == [
        "## web60: what changed",
        "",
        "- **Twisted 18 runs nowhere**",
    ]


def test_what_a_target_said_is_text_in_a_summary() -> None:
    """Neither HTML nor Markdown, and it ends no cell of a table."""
    both = [report(HOSTILE, result(Verdict.FACT, at=value)) for value in ("a", HOSTILE)]
    text = "\n".join(summary.lines(both, [HOSTILE]))

    assert "<script" not in text
    assert "**b**" not in text
    assert "\x1b" not in text
    assert "@everyone" not in text
    assert "http://" not in text
    assert all(line.count("|") == 4 for line in text.splitlines() if line.startswith("| "))


def test_long_steps_are_cut_in_a_summary() -> None:
    """The report has all of them."""
    many = [
        report(str(n), *(result(Verdict.FACT, f"cgi/{m}", at=n) for m in range(summary.MOST + 5))) for n in range(2)
    ]

    assert "- … and 5 more" in list(summary.lines(many))


def test_a_summary_is_added_to_what_a_file_has(tmp_path: Path) -> None:
    """Other steps of a job write there, too; to claim it changes nothing."""
    path = tmp_path / "summary.md"
    path.write_text("# before\n")

    summary.claim(path)
    before = path.read_text()
    summary.write(path, THREE)

    assert before == "# before\n"
    assert path.read_text().startswith("# before\n## web60: what changed\n")


def test_a_summary_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match="cannot write the summary"):
        summary.claim(tmp_path / "none" / "summary.md")
