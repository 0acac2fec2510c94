"""
The suite's own scripts and application, for whoever hosts them.
"""

from __future__ import annotations

import os
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from harness.errors import UsageError

_EXECUTABLE = 0o755
_PLAIN = 0o644


def write(directory: Path, package: str = "specs") -> list[Path]:
    """
    Write the assets of a package of specs into a directory, which is made if need be; gives the files written.

    What lies in `cgi-bin` becomes executable, whatever unpacked the package made of it.  Raises `UsageError` when the
    directory cannot be written.
    """
    written = []
    with as_file(files(package) / "assets") as source:
        for path in sorted(source.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            target = directory / path.relative_to(source)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            except OSError as wrong:
                message = f"cannot write the assets to {directory}: {wrong.strerror}"
                raise UsageError(message) from None
            target.chmod(_EXECUTABLE if "cgi-bin" in path.parts else _PLAIN)
            written.append(target)
    return written


def environment(directory: Path, events: Path) -> dict[str, str]:
    """What a server that hosts the assets finds in its environment."""
    return {"WEB60_ASSETS": os.fspath(directory), "WEB60_EVENTS": os.fspath(events)}
