"""
Running the tools that install: uv, and pip where uv cannot.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from threading import Lock

from attrs import define, field

#: Lines of a tool's output that an error shows: the cause stands in the last.
LAST_LINES = 6


class NotInstalled(Exception):
    """A tool failed; the text is what it said last."""


@define(eq=False, repr=False)
class Installer:
    """Runs tools, in several threads if need be; `stop` ends those that run."""

    is_stopped: bool = field(init=False, default=False)
    _running: set[subprocess.Popen[str]] = field(init=False, factory=set)
    _lock: Lock = field(init=False, factory=Lock)

    def uv(self, *words: str, **environment: str) -> str:
        """What uv prints, told `words`.  Raises `NotInstalled`."""
        from uv import find_uv_bin  # noqa: PLC0415 - only who installs needs it

        # It brings certificates of its own unless told to trust the machine's, as pip does.
        return self.output([find_uv_bin(), *words], UV_SYSTEM_CERTS="true", UV_NO_PROGRESS="1", **environment)

    def output(self, words: Sequence[str], **environment: str) -> str:
        """What a tool prints on standard output.  Raises `NotInstalled` with its last words when it fails."""
        # Our own environment's variables would make it look there.
        inherited = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")}
        process = subprocess.Popen(  # noqa: S603 - installers, told by us what to do
            words,
            env={**inherited, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
        )
        with self._lock:
            self._running.add(process)
            if self.is_stopped:
                process.terminate()
        try:
            output, errors = process.communicate()
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            said = [line for line in (errors or output).splitlines() if line.strip()]
            raise NotInstalled("\n".join(said[-LAST_LINES:]) or f"exit code {process.returncode}")
        return output

    def stop(self) -> None:
        """End what runs, and what is still to begin."""
        with self._lock:
            self.is_stopped = True
            for process in self._running:
                process.terminate()


def python_of(directory: str | os.PathLike[str]) -> str:
    """The Python of a virtual environment."""
    if sys.platform == "win32":
        return os.path.join(directory, "Scripts", "python.exe")  # noqa: PTH118 - a word of a command
    return os.path.join(directory, "bin", "python")  # noqa: PTH118 - as above
