"""
Environments: one for each release of Twisted, made once and kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from attrs import define, frozen
from filelock import FileLock

from harness.errors import UsageError
from harness.installing import Installer, NotInstalled, python_of
from harness.interpreters import Interpreter
from harness.releases import Release

#: Stands in an environment that is whole.
_WHOLE = "web60.json"

#: What an environment is asked when it is taken from the shelf: it may have lost the Python that it was made with.
_WHICH = "import twisted; print(twisted.__version__)"


@frozen
class Environment:
    """A virtual environment with one Twisted in it; `version` is what that says of itself."""

    release: Release
    interpreter: Interpreter
    directory: Path
    version: str

    @property
    def python(self) -> str:
        """Its Python."""
        return python_of(self.directory)

    @property
    def variables(self) -> dict[str, str]:
        """What makes a command find it, as its `activate` does."""
        here = os.path.dirname(self.python)  # noqa: PTH120 - a word of a path
        path = os.pathsep.join((here, os.environ.get("PATH", os.defpath)))
        return {"VIRTUAL_ENV": str(self.directory), "PATH": path}


@define(eq=False)
class Shelf:
    """
    The environments in a directory.

    `say` hears what is going on, from any thread.  With `fresh` each is made anew.
    """

    directory: Path
    installer: Installer
    say: Callable[[str], None]
    fresh: bool = False

    def get(self, release: Release, interpreter: Interpreter, requirements: Path | None = None) -> Environment:
        """
        The environment of a release, with what a requirements file names beside it; from the shelf if it is there.

        Raises `NotInstalled`.  Two who want the same one wait for each other.
        """
        directory = self.directory / self._name(release, interpreter, requirements)
        directory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(directory.with_name(directory.name + ".lock")):
            if release.is_fixed and not self.fresh and (version := self._usable(directory)):
                self.say(f"{release}: ready, on {interpreter}")
                return Environment(release, interpreter, directory, version)
            self.say(f"{release}: installing, on {interpreter} …")
            if release.is_fixed or self.fresh or not self._usable(directory):
                shutil.rmtree(directory, ignore_errors=True)
                self.installer.uv(
                    "venv", "--quiet", "--python", os.fspath(interpreter.path), *_seed(release), str(directory)
                )
            self._install(release, directory, requirements)
            version = self.installer.output([python_of(directory), "-c", _WHICH]).strip()
            about = {"twisted": version, "requirement": release.requirement, "python": str(interpreter)}
            (directory / _WHOLE).write_text(json.dumps(about), "utf-8")
            self.say(f"{release}: installed{'' if release.is_fixed else f' ({version})'}")
        return Environment(release, interpreter, directory, version)

    def releases(self) -> list[str]:
        """The numbers of all releases that the package index has.  Raises `NotInstalled`."""
        directory = self.directory / "pip"
        self.directory.mkdir(parents=True, exist_ok=True)
        with FileLock(self.directory / "pip.lock"):
            if not Path(python_of(directory)).exists():
                self.installer.uv("venv", "--quiet", "--seed", str(directory))
        words = [python_of(directory), "-m", "pip", "index", "versions", "twisted", "--json"]
        told = json.loads(self.installer.output(words))
        return [str(number) for number in told["versions"]]

    def _name(self, release: Release, interpreter: Interpreter, requirements: Path | None) -> str:
        wanted = [release.requirement, os.fspath(interpreter.path), _text(requirements) if requirements else ""]
        digest = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:10]
        return f"twisted-{release.name}-python3.{interpreter.minor}-{digest}"

    def _usable(self, directory: Path) -> str | None:
        """The version of Twisted in an environment that is whole; None where there is none."""
        if not (directory / _WHOLE).exists():
            return None
        try:
            return self.installer.output([python_of(directory), "-c", _WHICH]).strip()
        except (OSError, NotInstalled):
            return None

    def _install(self, release: Release, directory: Path, requirements: Path | None) -> None:
        wanted = [release.requirement, *(("-r", os.fspath(requirements)) if requirements else ())]
        python = python_of(directory)
        if release.is_archive:
            self.installer.output([python, "-m", "pip", "install", "--quiet", *wanted])
            return
        again = () if release.is_fixed else ("--reinstall-package", "twisted")
        # Who starts a server again and again shall not compile all of Twisted each time.
        self.installer.uv("pip", "install", "--quiet", "--compile-bytecode", "--python", python, *again, *wanted)


def _seed(release: Release) -> tuple[str, ...]:
    """pip, where that will be needed."""
    return ("--seed",) if release.is_archive else ()


def _text(requirements: Path) -> str:
    try:
        return requirements.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        message = f"cannot read the requirements {requirements}: {wrong}"
        raise UsageError(message) from None
