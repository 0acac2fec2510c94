"""
What docs/virtual-time.md shows and claims is true.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import catalogue

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "virtual-time.md").read_text("utf-8")
EXAMPLE = ROOT / "docs" / "examples" / "test_my_site.py"

#: Characters of a line of output that the document shows.
SHOWN = 150

#: Seconds until a process hangs; the longest takes 4.
HANGS = 60.0


def block(language: str) -> str:
    """The one block of the document in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    return str(found)


def rows(heading: str) -> list[tuple[str, str]]:
    """The rows of the table under a heading."""
    _, _, rest = DOCUMENT.partition(f"\n## {heading}\n")
    section, _, _ = rest.partition("\n## ")
    return re.findall(r"^\| `(.+?)` \| (.+) \|$", section, re.MULTILINE)


def ran(*words: str, where: Path) -> subprocess.CompletedProcess[str]:
    """What a module says when it is run there."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=where,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


def test_the_example_shown_is_the_file() -> None:
    """To the letter: what people copy is what is tested."""
    assert block("python") == EXAMPLE.read_text("utf-8")


def test_the_example_passes_wherever_it_is_put(tmp_path: Path) -> None:
    """It is complete, as the document says, and leaves pytest nothing to warn of."""
    shutil.copy(EXAMPLE, tmp_path)

    done = ran("pytest", "-q", where=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"\.\. +\[100%\]\n2 passed in \d+\.\d+s\n", done.stdout), done.stdout


@pytest.mark.parametrize(
    ("heading", "field"),
    [("What only virtual time affords", "only_virtual"), ("What virtual time cannot show", "only_real")],
)
def test_the_tables_are_the_catalogue_s(heading: str, field: str) -> None:
    """Every spec that only one of the clocks can show, with the reason, in the catalogue's order."""
    specs = catalogue.everything()

    assert rows(heading) == [(spec.id, reason) for spec in specs if (reason := getattr(spec, field))]


def test_the_schedule_shown_is_what_is_found(tmp_path: Path) -> None:
    """On the tutorial's own code, with nothing foreseen: from verdict to where to look, as far as a line is shown."""
    nothing = tmp_path / "nothing.toml"
    nothing.touch()
    words = ["--profile", "reference_impl/profiles/literal.toml", "--factory", "reference_impl.site:make_literal"]
    virtually = ["--clock", "virtual", "--baseline", str(nothing), "session-endings/every*"]

    done = ran("harness", "run", *words, *virtually, where=ROOT)

    (found,) = re.findall(r"^FAIL .*?^  look at .*?$", done.stdout, re.MULTILINE | re.DOTALL)
    assert [line[:SHOWN] for line in found.splitlines()] == block("text").splitlines()


def test_its_links_lead_somewhere() -> None:
    """To files beside it."""
    links = re.findall(r"\]\(([^)#]+)", DOCUMENT)

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
