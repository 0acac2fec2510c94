"""
Changes in words: sorted, shortened to what differs, safe to print.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.comparing import NOTHING, Fact, compare
from harness.levels import MAY, MUST, SHOULD
from harness.reports.changes import LONGEST, apart, counted, told
from harness.results import Known, Report, Result, Writer
from harness.verdicts import Verdict


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (1, 2, ("1", "2")),
        ("a", NOTHING, ('"a"', "(none)")),
        ([1, 2, 3], [1, 3], ("[2] of 3", "[] of 2")),
        ([1, 1], [1], ("[1] of 2", "[] of 1")),
        (["x"], ["y"], ('["x"]', '["y"]')),
        ([1, 2], [2, 1], ("[1, 2]", "[2, 1]")),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}, ('{"b": 2}', '{"b": 3, "c": 4}')),
        ("\x1b[31m", "é", (r'"\u001b[31m"', '"é"')),
    ],
)
def test_only_what_differs_is_shown(old: Any, new: Any, shown: tuple[str, str]) -> None:
    """Of lists the items, of tables the names; the same items in another order are all shown."""
    assert apart(Fact("it", old, new)) == shown


def test_of_long_texts_the_place_where_they_part_is_shown() -> None:
    """With a little around it."""
    old, new = apart(Fact("it", "a" * 500 + "OLD" + "b" * 500, "a" * 500 + "NEW" + "b" * 500))

    assert old == '"…' + "a" * 40 + "OLD" + "b" * 40 + '…"'
    assert new == '"…' + "a" * 40 + "NEW" + "b" * 40 + '…"'


def test_what_differs_everywhere_is_cut() -> None:
    """A line is a line."""
    assert all(len(side) <= LONGEST for side in apart(Fact("it", "x" * 5000, "y" * 5000)))


def report(name: str, *results: Result) -> Report:
    """A run against a target of this name."""
    return Report("1", "2026", "real", Known(name, "http://h/", "Soft/1"), results=list(results))


OLD = report(
    "old\x1b",
    Result("cgi/one", MUST, Verdict.PASS),
    Result("cgi/two", SHOULD, Verdict.PASS),
    Result("cgi/three", MAY, Verdict.FACT, facts={"what\x1b it is": 1}),
)
NEW = report(
    "new",
    Result("cgi/one", MUST, Verdict.FAIL, reason="it did \x07not\nmore"),
    Result("cgi/two", SHOULD, Verdict.WARN, reason="hm"),
    Result("cgi/three", MAY, Verdict.FACT, facts={"what\x1b it is": 2}),
)


def test_a_change_is_told_with_its_reason_and_its_values() -> None:
    """Nothing in it moves a terminal."""
    assert list(told(OLD.target, NEW.target, compare(OLD, NEW))) == [
        r"old: old\x1b, Soft/1",
        "new: new, Soft/1",
        "",
        "BROKEN (2)",
        "  cgi/one  (MUST): pass → fail",
        r"      it did \x07not",
        "  cgi/two  (SHOULD): pass → warn",
        "      hm",
        "",
        "CHANGED (1)",
        "  cgi/three  (MAY)",
        r"      what\x1b it is: 1 → 2",
        "",
        "2 broken, 1 changed",
    ]


def test_no_change_is_said_so() -> None:
    """Silence could be anything."""
    assert counted(compare(OLD, OLD)) == "no difference"


def written(path: Path, report: Report) -> str:
    """A result file of this report."""
    writer = Writer(path, report)
    for result in report.results:
        writer.add(result)
    writer.finish()
    return str(path)


@pytest.mark.parametrize(
    ("results", "options", "code"),
    [
        (NEW.results, [], 1),
        (NEW.results[1:], [], 0),
        (NEW.results[1:], ["--strict"], 1),
        (OLD.results, ["--strict"], 0),
    ],
)
def test_the_exit_code_says_whether_something_broke(
    tmp_path: Path,
    results: list[Result],
    options: list[str],
    code: int,
) -> None:
    """A MUST; with --strict a SHOULD as well."""
    old, new = written(tmp_path / "old.json", OLD), written(tmp_path / "new.json", report("new", *results))

    done = CliRunner().invoke(main, ["compare", old, new, *options])

    assert done.exit_code == code, done.output
    assert "old: old" in done.output


def test_a_file_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    """With its name."""
    done = CliRunner().invoke(main, ["compare", str(tmp_path / "no.json"), str(tmp_path / "no.json")])

    assert done.exit_code == 4
    assert "no.json" in done.output
