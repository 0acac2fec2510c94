"""
Which Pythons are here, and which is meant.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.installing import Installer
from harness.interpreters import Interpreter, here, named


class Told(Installer):
    """Knows what uv would say, and how it was asked."""

    def __init__(self, *pythons: dict[str, Any]) -> None:
        super().__init__()
        self.pythons = pythons
        self.path = ""

    def uv(self, *words: str, **environment: str) -> str:
        """See `harness.installing.Installer`."""
        assert words[:2] == ("python", "list")
        self.path = environment["PATH"]
        return json.dumps(self.pythons)


def python(minor: int, path: str, **more: Any) -> dict[str, Any]:
    """One of uv's list."""
    version = {"major": 3, "minor": minor, "patch": 1}
    return {"path": path, "implementation": "cpython", "variant": "default", "version_parts": version} | more


def test_the_first_of_each_version_counts() -> None:
    """Only what Twisted was tried on: CPython, with a lock, and no Python 2."""
    told = Told(
        python(13, "/opt/t", variant="freethreaded"),
        python(13, "/opt/13"),
        python(13, "/usr/bin/13"),
        python(10, "/opt/pypy", implementation="pypy"),
        python(7, "/opt/2", version_parts={"major": 2, "minor": 7, "patch": 18}),
        python(10, "/opt/10"),
    )

    assert here(told) == {13: Interpreter(Path("/opt/13"), 13), 10: Interpreter(Path("/opt/10"), 10)}


def test_pyenvs_own_versions_are_looked_at_before_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the path it has commands that only say that a version is not active."""
    for version in ("3.9.18", "3.10.13"):
        (tmp_path / "versions" / version / "bin").mkdir(parents=True)
        (tmp_path / "versions" / version / "bin" / "python3").touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin")
    told = Told()

    here(told)

    *ours, last = told.path.split(os.pathsep)
    assert [Path(one).parent.name for one in ours] == ["3.9.18", "3.10.13"]
    assert last == "/usr/bin"


def test_the_python_that_runs_us_is_here() -> None:
    """Asked of uv itself."""
    found = here(Installer())

    assert sys.version_info.minor in found
    assert all(interpreter.minor == minor for minor, interpreter in found.items())


def test_a_python_is_named_by_its_path() -> None:
    """It is asked for its version."""
    assert named(sys.executable, Installer()) == Interpreter(Path(sys.executable), sys.version_info.minor)


@pytest.mark.parametrize("wanted", ["3.10", "python3.10"])
def test_a_python_is_named_by_its_version(wanted: str) -> None:
    """As tox and uv name them."""
    assert named(wanted, Told(python(13, "/opt/13"), python(10, "/opt/10"))) == Interpreter(Path("/opt/10"), 10)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("3.9", r"there is no such Python here \(there is 3\.10, 3\.13\)"),
        ("/no/such/python", "that is no Python"),
        ("/bin/ls", "that is no Python"),
    ],
)
def test_a_python_that_is_not_here_is_said_so(wanted: str, said: str) -> None:
    """With those that are."""
    with pytest.raises(UsageError, match=said):
        named(wanted, Told(python(13, "/opt/13"), python(10, "/opt/10")))


def test_a_python_2_is_refused(tmp_path: Path) -> None:
    """By its own word."""
    two = tmp_path / "python2"
    two.write_text("#!/bin/sh\necho 2 7\n")
    two.chmod(0o755)

    with pytest.raises(UsageError, match=r"that is Python 2\.7; it takes a Python 3"):
        named(str(two), Installer())


def test_an_interpreter_is_told_by_its_version() -> None:
    """Not by its path."""
    assert str(Interpreter(Path("/x"), 12)) == "Python 3.12"
