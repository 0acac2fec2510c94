"""
The directory that a server is given, and how it is told of it.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from harness.workspaces import Workspace


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place for temporary files that is this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_has_the_assets(tmp_path: Path) -> None:
    """In a directory of its own each time."""
    first, second = Workspace.make(), Workspace.make()

    assert first.directory != second.directory
    assert {first.directory, second.directory} == set(tmp_path.glob("web60-*"))
    for workspace in (first, second):
        assert (workspace.assets / "cgi-bin").is_dir()
        assert (workspace.assets / "application.py").is_file()
        assert workspace.events.parent == workspace.directory


def test_a_server_is_told_by_its_environment() -> None:
    """Where both are; for one in this process the Python that runs us comes first."""
    workspace = Workspace.make()

    assert workspace.environment["WEB60_EVENTS"] == str(workspace.events)
    assert str(workspace.assets) in workspace.environment.values()
    assert workspace.environment.items() <= workspace.environment_here.items()


def test_scripts_run_by_the_python_that_runs_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the path is, and if there is none."""
    workspace = Workspace.make()
    monkeypatch.setenv("PATH", "/a:/b")
    before = workspace.environment_here["PATH"]
    monkeypatch.delenv("PATH")

    here = str(Path(sys.executable).parent)
    assert before == f"{here}:/a:/b"
    assert workspace.environment_here["PATH"] == here


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives rights up")
def test_a_server_that_gives_roots_rights_up_finds_it_all() -> None:
    """And may write its events."""
    workspace = Workspace.make()

    assert stat.S_IMODE(workspace.directory.stat().st_mode) == 0o755
    assert stat.S_IMODE(workspace.events.stat().st_mode) == 0o666


def test_events_can_be_forgotten() -> None:
    """The file stays the one that it is, for who has it open; none is made."""
    workspace = Workspace.make()
    workspace.events.write_text("{}\n")
    number = workspace.events.stat().st_ino

    workspace.forget_events()
    kept = workspace.events.read_text(), workspace.events.stat().st_ino
    workspace.events.unlink()
    workspace.forget_events()

    assert kept == ("", number)
    assert not workspace.events.exists()


def test_it_is_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    """A second call does nothing."""
    workspace = Workspace.make()
    (workspace.directory / "more").write_text("x")

    workspace.remove()
    workspace.remove()

    assert list(tmp_path.iterdir()) == []
