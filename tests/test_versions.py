"""
From versions as somebody wrote them to environments, and what is said of those that cannot be had.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import versions
from harness.environments import Environment, Shelf
from harness.errors import UsageError
from harness.installing import NotInstalled
from harness.interpreters import Interpreter
from harness.releases import Release
from harness.versions import Range, Versions

PYTHONS = {minor: Interpreter(Path(f"/opt/{minor}"), minor) for minor in (11, 13)}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A machine with two Pythons, and an index with five releases; what was installed on which."""
    installed: list[tuple[str, int]] = []

    def get(self: Shelf, release: Release, interpreter: Interpreter, requirements: Path | None) -> Environment:
        if release.name == "24.3.0":
            raise NotInstalled("no network")
        if requirements is not None:
            raise UsageError("cannot read the requirements")
        installed.append((release.name, interpreter.minor))
        return Environment(release, interpreter, self.directory / release.name, release.name)

    def releases(_: Shelf) -> list[str]:
        return ["26.10.0", "24.3.0", "22.10.0", "22.4.0", "20.3.0"]

    monkeypatch.setattr(Shelf, "get", get)
    monkeypatch.setattr(Shelf, "releases", releases)
    monkeypatch.setattr(versions, "here", lambda _: PYTHONS)
    return installed


def had(*numbers: str, **more: Any) -> tuple[Versions, list[str], list[str]]:
    """What came of a range: itself, the names of its environments, and what was said."""
    said: list[str] = []
    found = Versions(Range(numbers, **more), said.append)
    return found, [str(environment.release) for environment in found.environments()], said


def test_each_version_has_an_environment_in_order(machine: Sequence[tuple[str, int]]) -> None:
    """On one Python if one runs them all."""
    _, names, said = had("22.10.0", "22.4.0", "22.10.0")

    assert names == ["Twisted 22.4.0", "Twisted 22.10.0"]
    assert sorted(machine) == [("22.10.0", 11), ("22.4.0", 11)]
    assert said == []


def test_a_version_without_a_python_is_remarked_and_the_others_are_had() -> None:
    """With what would help."""
    found, names, said = had("20.3.0", "22.10.0")

    assert names == ["Twisted 22.10.0"]
    assert found.remarks == said
    (remark,) = said
    assert remark.startswith(
        "Twisted 20.3.0 runs on Python 3.7 to 3.10, and none of them is here (there is 3.11, 3.13)"
    )
    assert remark.endswith("; `uv python install 3.10` brings one")


def test_a_version_that_the_chosen_python_does_not_run_is_remarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was given counts, whatever else is here."""
    monkeypatch.setattr(versions, "named", lambda *_: PYTHONS[13])
    found, names, _ = had("22.10.0", "26.10.0", python="/opt/13")

    assert names == ["Twisted 26.10.0"]
    assert found.remarks == ["Twisted 22.10.0 runs on Python 3.7 to 3.12, not on --python /opt/13"]


def test_a_version_that_cannot_be_installed_is_remarked() -> None:
    """With the last words of whoever should have."""
    found, names, _ = had("24.3.0", "26.10.0")

    assert names == ["Twisted 26.10.0"]
    assert found.remarks == ["Twisted 24.3.0 cannot be installed on Python 3.13: no network"]


def test_a_range_has_every_release_between() -> None:
    """And those that are named beside it; each once."""
    _, names, _ = had("26.10.0", first="22.4.0", last="22.10.0")

    assert names == ["Twisted 22.4.0", "Twisted 22.10.0", "Twisted 26.10.0"]


def test_trunk_is_a_checkout_behind_them_all(tmp_path: Path) -> None:
    """Or where one can be fetched from."""
    _, names, _ = had("26.10.0", trunk=str(tmp_path))

    assert names == ["Twisted 26.10.0", "Twisted trunk"]
    assert Release.trunk(str(tmp_path)).requirement == str(tmp_path)
    assert Release.trunk("git+https://h/t").requirement == "twisted @ git+https://h/t"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Range(), "no version: give --twisted"),
        (Range(("trunk",)), "say where it is, with --trunk"),
        (Range(first="22.4.0"), "--from and --to go together"),
        (Range(last="22.4.0"), "--from and --to go together"),
        (Range(("22",), requirements=Path("r.txt")), "cannot read the requirements"),
    ],
)
def test_what_is_no_range_is_refused(wanted: Range, said: str) -> None:
    """In words."""
    with pytest.raises(UsageError, match=said):
        Versions(wanted, lambda _: None).environments()


def test_an_index_that_does_not_answer_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A range needs it; versions by their numbers do not."""

    def releases(_: Shelf) -> list[str]:
        raise NotInstalled("no network")

    monkeypatch.setattr(Shelf, "releases", releases)

    with pytest.raises(UsageError, match="cannot learn which releases there are: no network"):
        had(first="22.4.0", last="22.10.0")
    assert had("22.4.0")[1] == ["Twisted 22.4.0"]


def test_an_interrupt_ends_what_is_being_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is one still."""

    def get(*_: object) -> Environment:
        raise KeyboardInterrupt

    monkeypatch.setattr(Shelf, "get", get)
    found = Versions(Range(("22.4.0", "22.10.0")), lambda _: None)

    with pytest.raises(KeyboardInterrupt):
        found.environments()

    assert found._installer.is_stopped


def test_what_was_ended_is_not_told_as_what_cannot_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interrupt is told."""
    found = Versions(Range(("22.4.0", "22.10.0")), lambda _: None)

    def get(_: Shelf, release: Release, *__: object) -> Environment:
        if release.name == "22.4.0":
            raise KeyboardInterrupt
        while not found._installer.is_stopped:
            time.sleep(0.01)
        raise NotInstalled("exit code -15")

    monkeypatch.setattr(Shelf, "get", get)

    with pytest.raises(KeyboardInterrupt):
        found.environments()

    assert found.remarks == []


def test_environments_are_found_from_wherever_a_command_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """That is where its profile is."""
    monkeypatch.chdir(tmp_path)

    (found,) = Versions(Range(("22.4.0",), cache=Path("here")), lambda _: None).environments()

    assert found.directory.is_relative_to(tmp_path / "here")
