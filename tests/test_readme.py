"""
What README and docs claim is true.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import attrs
from click.testing import CliRunner

from harness import catalogue
from harness.cli import main
from harness.profiles import parse
from harness.tables import PAGES, TABLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def commands(text: str) -> list[str]:
    """The commands in the console blocks of a document."""
    return re.findall(r"^\$ (.+)$", text, re.MULTILINE)


def test_ci_runs_the_readme_s_test_command() -> None:
    """CI has no step that the README lacks."""
    steps = [
        line
        for line in (ROOT / ".ci/run").read_text("utf-8").splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]

    assert steps == [command for command in commands(README) if command.endswith("tox")]


def test_both_set_up_commands_stand_above_line_30() -> None:
    """A newcomer need not scroll."""
    top = "\n".join(README.splitlines()[:30])

    set_up = [command for command in commands(top) if command.startswith("python3 -m venv")]
    assert [command.rpartition("/")[2] for command in set_up] == ["web60 run", "tox"]


def test_the_coverage_table_counts_right() -> None:
    """Each page stands in the table with the number of its specs by level."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (\d+) \|", README, re.MULTILINE)
    table = {page: tuple(map(int, counts)) for page, *counts in rows}

    found = Counter((spec.page, spec.level.value) for spec in catalogue.everything())
    pages = {page for page, _ in found}
    assert table == {page: tuple(found[page, level] for level in ("MUST", "SHOULD", "MAY")) for page in pages}


def test_the_shown_run_has_all_specs() -> None:
    """The last line of the output at the top counts the catalogue."""
    assert re.findall(r"^(\d+) specs in ", README, re.MULTILINE) == [str(len(catalogue.everything()))]


def test_the_readme_s_explain_output_is_real() -> None:
    """The block below `web60 explain` is what it prints."""
    shown = re.search(r"^\$ \.venv/bin/web60 (explain \S+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert shown is not None
    command, block = shown.groups()

    assert CliRunner().invoke(main, command.split()).output == block


def test_the_readme_s_profile_is_one() -> None:
    """The example profile has no mistake."""
    block = re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1]

    assert parse(tomllib.loads(block), ROOT).pages


def test_the_docs_name_every_key_with_its_default() -> None:
    """Uncommented, docs/profile.md's TOML is every table with its defaults."""
    block = re.search(r"```toml\n(.*?)```", (ROOT / "docs/profile.md").read_text("utf-8"), re.DOTALL)[1]
    whole = re.sub(r"^# (\w+ = )", r"\1", block, flags=re.MULTILINE)

    written = tomllib.loads(whole)

    assert {name: set(table) for name, table in written.items()} == {
        name: {key.name for key in attrs.fields(table)} - {"command", "factory"} for name, table in TABLES.items()
    }
    given = parse(tomllib.loads(block), ROOT)
    assert given.pages == {name: table() for name, table in PAGES.items()}


def test_list_imports_no_twisted() -> None:
    """`web60 list` answers at once because it loads nothing that it does not need."""
    code = (
        "import sys; from harness.cli import main; main(['list'], standalone_mode=False); "
        "print(sorted(sys.modules.keys() & {'twisted', 'treq', 'hypothesis', 'pytest', 'rich', 'asyncio'}))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
