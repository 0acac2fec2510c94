"""
The Pythons that are here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from harness.errors import UsageError
from harness.installing import Installer, NotInstalled

#: What an interpreter is asked about itself.
_WHO = "import sys; print('%d %d' % sys.version_info[:2])"


@frozen
class Interpreter:
    """A Python 3: its executable, and its minor version."""

    path: Path
    minor: int

    def __str__(self) -> str:
        return f"Python 3.{self.minor}"


def here(installer: Installer) -> dict[int, Interpreter]:
    """
    The Pythons 3 of this machine, by minor version: those that uv finds, and those of pyenv.

    On the path, pyenv has commands that only say that a version is not active: its versions are looked at themselves.
    """
    path = os.pathsep.join((*_pyenv(), os.environ.get("PATH", os.defpath)))
    told = installer.uv("python", "list", "--only-installed", "--output-format", "json", PATH=path)
    found: dict[int, Interpreter] = {}
    for one in json.loads(told):
        version = one["version_parts"]
        usable = one["implementation"] == "cpython" and one.get("variant", "default") == "default"
        if usable and version["major"] == 3 and version["minor"] not in found:
            found[version["minor"]] = Interpreter(Path(one["path"]), version["minor"])
    return found


def _pyenv() -> Iterator[str]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(path.parent) for path in sorted(root.glob("versions/*/bin/python3"), reverse=True))


def named(wanted: str, installer: Installer) -> Interpreter:
    """The interpreter at a path, or of a version like 3.12.  Raises `UsageError` where there is none."""
    if os.sep in wanted or wanted == Path(sys.executable).name:
        path = Path(wanted)
        try:
            major, minor = map(int, installer.output([os.fspath(path), "-c", _WHO]).split())
        except (OSError, ValueError, NotInstalled):
            message = f"--python {wanted}: that is no Python"
            raise UsageError(message) from None
        if major != 3:
            message = f"--python {wanted}: that is Python {major}.{minor}; it takes a Python 3"
            raise UsageError(message)
        return Interpreter(path, minor)
    found = here(installer)
    for interpreter in found.values():
        if wanted.removeprefix("python") == f"3.{interpreter.minor}":
            return interpreter
    known = ", ".join(f"3.{minor}" for minor in sorted(found)) or "none"
    message = f"--python {wanted}: there is no such Python here (there is {known}); give a version or a path"
    raise UsageError(message)
