"""
What `docs/upgrades.md` and the example for CI say is so.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import main
from harness.comparing import Kind
from harness.releases import Release

ROOT = Path(__file__).parent.parent
DOC = (ROOT / "docs" / "upgrades.md").read_text("utf-8")
EXAMPLE = (ROOT / "docs" / "examples" / "github-actions.yml").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> Iterator[str]:
    """Every `web60 matrix` that somebody is told to run."""
    for text in (DOC, README):
        yield from re.findall(r"^\$ (?:\.venv/bin/)?web60 (matrix .*)$", text, re.MULTILINE)
    (folded,) = re.findall(r"run: >\n((?: {10}.*\n)+)", EXAMPLE)
    yield " ".join(folded.split()).removeprefix("web60 ")


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_one(command: str) -> None:
    """Its options are there, and it asks for something."""
    name, *words = shlex.split(command, comments=True)
    with main.commands[name].make_context(name, words) as context:
        given = context.params

    assert given["numbers"] or (given["first"] and given["last"])
    assert bool(given["command"]) == bool(given["requirements"])


def test_the_site_is_the_one_that_is_tested() -> None:
    """Line by line, but for its heading."""
    _, *lines = (ROOT / "tests" / "targets" / "small_klein" / "web60.toml").read_text("utf-8").splitlines()

    assert "\n".join(lines) in DOC


def test_every_kind_of_change_is_explained() -> None:
    """As the word that reports use."""
    explained = set(re.findall(r"^\| `([^`]+)` \|", DOC, re.MULTILINE))

    assert {kind.value.partition(" in ")[0] for kind in Kind} == {word.partition(" in ")[0] for word in explained}


@pytest.mark.parametrize(
    ("minor", "number", "runs"),
    [
        (10, "18.9.0", True),
        (10, "26.10.0", True),
        (11, "21.2.0", True),
        (12, "21.2.0", True),
        (11, "20.3.0", False),
        (13, "24.3.0", True),
        (13, "23.10.0", False),
    ],
)
def test_which_python_runs_which_is_as_it_is_told(minor: int, number: str, runs: bool) -> None:  # noqa: FBT001
    """By the table that decides."""
    assert (minor in Release.numbered(number).pythons) is runs
