"""
`twistd` with one thing wrong: started as a program, with the name of what is wrong before the words of the command.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.scripts.twistd import run
from twisted.web import script, tap
from twisted.web.http import HTTPFactory


def _processing(processors: dict[str, Any]) -> None:
    """Have files by these endings processed so."""
    path = tap.Options.opt_path

    def opt_path(self: Any, given: str) -> None:
        path(self, given)
        self["root"].processors = processors

    tap.Options.opt_path = opt_path


def starts_elsewhere() -> None:
    """Go away from where it was started."""
    os.chdir(tempfile.mkdtemp(dir=Path.cwd()))


def looks_beside_itself() -> None:
    """Look for modules where the program is, and not where it was started."""
    del sys.path[0]


def runs_no_scripts() -> None:
    """Serve scripts as they are."""
    _processing({})


def runs_all_python() -> None:
    """Run whatever is Python."""
    _processing({".rpy": script.ResourceScript, ".py": script.PythonScript})


def logs_what_it_finds() -> None:
    """Log nothing of what is missing."""
    log = HTTPFactory.log

    def found(self: Any, request: Any) -> None:
        if request.code < 400:
            log(self, request)

    HTTPFactory.log = found  # type: ignore[method-assign]


def forgives_options() -> None:
    """Pass over options that do not exist, and tell of none."""
    parse = tap.Options.parseOptions

    def parseOptions(self: Any, options: Any = None) -> None:
        if options and "--help" in options:
            sys.stdout.write("Usage: twistd web\n")
            raise SystemExit(0)
        parse(self, [one for one in options or () if one != "--no-such-option"])

    tap.Options.parseOptions = parseOptions


def ends_with_an_error() -> None:
    """End with the exit code of a failure."""
    from twisted.internet import reactor  # noqa: PLC0415 - only here, for the command chooses its reactor

    reactor.addSystemEventTrigger("after", "shutdown", os._exit, 1)  # type: ignore[attr-defined]


WRONG: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (
        starts_elsewhere,
        looks_beside_itself,
        runs_no_scripts,
        runs_all_python,
        logs_what_it_finds,
        forgives_options,
        ends_with_an_error,
    )
}

if __name__ == "__main__":
    sys.path[0] = ""
    WRONG[sys.argv.pop(1)]()
    run()
