"""
Environments on their shelf: made once, kept, made again when they are broken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.environments import Environment, Shelf
from harness.errors import UsageError
from harness.installing import Installer, NotInstalled, python_of
from harness.interpreters import Interpreter
from harness.releases import Release

NEW, OLD = Release.numbered("22.10.0"), Release.numbered("20.3.0")
PYTHON = Interpreter(Path("/opt/python"), 10)


class Tools(Installer):
    """Makes directories, and remembers what it was told to do."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[list[str]] = []
        self.fails = ""

    def uv(self, *words: str, **environment: str) -> str:
        """See `harness.installing.Installer`."""
        self.told.append(["uv", *words])
        if words[0] == "venv":
            Path(words[-1]).mkdir(parents=True)
        return self._done()

    def output(self, words: Sequence[str], **environment: str) -> str:
        """See `harness.installing.Installer`."""
        if "import twisted" in words[-1]:
            if self.fails == "python":
                raise NotInstalled("no such Python")
            return "22.10.0.post0\n"
        self.told.append(list(words))
        return self._done()

    def _done(self) -> str:
        if self.fails == "install" and self.told[-1][1] != "venv":
            raise NotInstalled("no network")
        return json.dumps({"name": "twisted", "versions": ["26.10.0", "22.10.0"]})


@pytest.fixture
def tools() -> Tools:
    """Tools that install nothing."""
    return Tools()


@pytest.fixture
def shelf(tools: Tools, tmp_path: Path) -> Callable[..., Shelf]:
    """The same shelf, each time as another run finds it."""
    return lambda **more: Shelf(tmp_path / "shelf", tools, lambda _: None, **more)


def test_an_environment_is_made_once(shelf: Callable[..., Shelf], tools: Tools) -> None:
    """A second run begins at once."""
    first = shelf().get(NEW, PYTHON)
    made = list(tools.told)
    again = shelf().get(NEW, PYTHON)

    assert first == again == Environment(NEW, PYTHON, first.directory, "22.10.0.post0")
    assert tools.told == made
    assert [words[:2] for words in made] == [["uv", "venv"], ["uv", "pip"]]
    assert made[1][-1] == "twisted==22.10.0"
    assert "--compile-bytecode" in made[1]


def test_pip_installs_what_uv_cannot(shelf: Callable[..., Shelf], tools: Tools) -> None:
    """In an environment that has one."""
    environment = shelf().get(OLD, PYTHON)

    assert "--seed" in tools.told[0]
    assert tools.told[1] == [environment.python, "-m", "pip", "install", "--quiet", "twisted==20.3.0"]


@pytest.mark.parametrize("what", ["release", "python", "requirements", "their text"])
def test_another_release_python_or_requirement_has_another_environment(
    shelf: Callable[..., Shelf], tmp_path: Path, what: str
) -> None:
    """By the text of the requirements, not by the name of their file."""
    requirements = tmp_path / "r.txt"
    requirements.write_text("klein\n")
    first = shelf().get(NEW, PYTHON, requirements if what == "their text" else None)
    requirements.write_text("klein>=24\n")
    other = {
        "release": lambda: shelf().get(Release.numbered("22.4.0"), PYTHON),
        "python": lambda: shelf().get(NEW, Interpreter(Path("/usr/bin/python"), 10)),
        "requirements": lambda: shelf().get(NEW, PYTHON, requirements),
        "their text": lambda: shelf().get(NEW, PYTHON, requirements),
    }[what]()

    assert other.directory != first.directory


def test_requirements_are_installed_together_with_twisted(
    shelf: Callable[..., Shelf], tools: Tools, tmp_path: Path
) -> None:
    """So that a conflict is one, and neither takes the other's place."""
    (tmp_path / "r.txt").write_text("klein\n")

    shelf().get(NEW, PYTHON, tmp_path / "r.txt")

    assert tools.told[1][-3:] == ["twisted==22.10.0", "-r", str(tmp_path / "r.txt")]


def test_requirements_that_cannot_be_read_are_said_so(shelf: Callable[..., Shelf], tmp_path: Path) -> None:
    """Before anything is made."""
    with pytest.raises(UsageError, match="cannot read the requirements"):
        shelf().get(NEW, PYTHON, tmp_path / "none.txt")


@pytest.mark.parametrize("how", ["half made", "its Python is gone", "asked for"])
def test_an_environment_that_is_no_good_is_made_anew(shelf: Callable[..., Shelf], tools: Tools, how: str) -> None:
    """Nothing of the one before stays."""
    tools.fails = "install" if how == "half made" else ""
    if how == "half made":
        with pytest.raises(NotInstalled, match="no network"):
            shelf().get(NEW, PYTHON)
    else:
        shelf().get(NEW, PYTHON)
    (directory,) = (path for path in shelf().directory.iterdir() if path.is_dir())
    (directory / "old").touch()
    tools.fails = "python" if how == "its Python is gone" else ""

    if how == "its Python is gone":
        with pytest.raises(NotInstalled):
            shelf().get(NEW, PYTHON)
    else:
        shelf(fresh=how == "asked for").get(NEW, PYTHON)

    assert not (directory / "old").exists()
    assert [words[1] for words in tools.told] == ["venv", "pip"] * 2


def test_trunk_is_installed_anew_each_time(shelf: Callable[..., Shelf], tools: Tools, tmp_path: Path) -> None:
    """Into the same environment: what it needs is there."""
    trunk = Release.trunk(str(tmp_path))

    shelf().get(trunk, PYTHON)
    shelf().get(trunk, PYTHON)

    assert [words[1] for words in tools.told] == ["venv", "pip", "pip"]
    assert all(words[-3:] == ["--reinstall-package", "twisted", str(tmp_path)] for words in tools.told[1:])


def test_the_releases_are_those_of_the_index(shelf: Callable[..., Shelf], tools: Tools) -> None:
    """Pip knows how; it is there after the first time."""
    numbers = shelf().releases()
    Path(python_of(shelf().directory / "pip")).parent.mkdir(parents=True)
    Path(python_of(shelf().directory / "pip")).touch()

    assert numbers == shelf().releases() == ["26.10.0", "22.10.0"]
    assert [words[1] for words in tools.told] == ["venv", "-m", "-m"]


def test_a_command_finds_the_environment_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `activate`."""
    monkeypatch.setenv("PATH", "/usr/bin")

    variables = Environment(NEW, PYTHON, Path("/shelf/one"), "22.10.0").variables

    assert variables == {"VIRTUAL_ENV": "/shelf/one", "PATH": "/shelf/one/bin:/usr/bin"}
