"""
Releases of Twisted, and the Pythons that run them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from attrs import frozen
from packaging.version import InvalidVersion, Version

from harness.errors import UsageError

#: What stands for a checkout of Twisted, wherever it is.
TRUNK = "trunk"

#: A minor version of Python 3.
Minor = int


@frozen
class _Era:
    """Releases from `first` on, until the next era begins, and the Pythons 3.`oldest` to 3.`newest` that run them."""

    first: Version
    oldest: Minor
    newest: Minor
    archive: bool = False


#: Tried, each with an environment of its own (November 2026).  `archive`: its source archive has a name or a form that
#: uv takes for none, and pip does not.
_ERAS = (
    _Era(Version("18.9"), 7, 10, archive=True),
    _Era(Version("21.2"), 6, 12),
    _Era(Version("22.8"), 7, 12),
    _Era(Version("23.10"), 8, 12),
    _Era(Version("24.3"), 8, 13),
    _Era(Version("26.4"), 9, 13),
    _Era(Version("26.10"), 10, 13),
)


@frozen
class Release:
    """
    A release of Twisted, or `trunk`: the name that people give it, and what pip is told to install.
    """

    name: str
    requirement: str

    @classmethod
    def numbered(cls, number: str) -> Release:
        """A release by its number.  Raises `UsageError` where that is none, or older than any that we can run."""
        try:
            version = Version(number)
        except InvalidVersion:
            message = f"{number!r} is no version of Twisted; one looks like 22.10.0 (or {TRUNK}, with --trunk)"
            raise UsageError(message) from None
        if version < _ERAS[0].first:
            message = f"Twisted {number} is too old: from {_ERAS[0].first} on it runs on Python 3 as the reference does"
            raise UsageError(message)
        return cls(number, f"twisted=={number}")

    @classmethod
    def trunk(cls, place: str) -> Release:
        """A checkout of Twisted, or where one can be fetched from."""
        path = Path(place)
        return cls(TRUNK, os.fspath(path.resolve()) if path.is_dir() else f"twisted @ {place}")

    @property
    def pythons(self) -> range:
        """The minor versions of Python 3 that run it."""
        return range(self._era.oldest, self._era.newest + 1)

    @property
    def is_archive(self) -> bool:
        """Whether only pip can install it."""
        return self._era.archive

    @property
    def is_fixed(self) -> bool:
        """Whether the name always means the same code."""
        return self.name != TRUNK

    @property
    def _era(self) -> _Era:
        if not self.is_fixed:
            return _ERAS[-1]
        version = Version(self.name)
        return [era for era in _ERAS if era.first <= version][-1]

    def __str__(self) -> str:
        return f"Twisted {self.name}"


def between(numbers: Iterable[str], first: str, last: str) -> list[str]:
    """The releases from `first` to `last`, both included, oldest first; those before a release are left out."""
    ends = [Version(Release.numbered(number).name) for number in (first, last)]
    if ends[0] > ends[1]:
        message = f"--from {first} is newer than --to {last}"
        raise UsageError(message)
    versions = sorted((Version(number), number) for number in numbers)
    found = [number for version, number in versions if ends[0] <= version <= ends[1] and not version.is_prerelease]
    if not found:
        message = f"there is no release of Twisted from {first} to {last}"
        raise UsageError(message)
    return found


def ordered(releases: Iterable[Release]) -> list[Release]:
    """The oldest first, each once, and trunk behind them all."""
    once = {release.name: release for release in releases}
    fixed = sorted((one for one in once.values() if one.is_fixed), key=lambda one: Version(one.name))
    return [*fixed, *(one for one in once.values() if not one.is_fixed)]


def assigned(releases: Sequence[Release], here: Collection[Minor]) -> Mapping[str, Minor]:
    """
    Which of the Pythons that are here runs which release, by name; a release that none of them runs is left out.

    As few Pythons as it takes, for what differs between two of them is no change of Twisted's; of those that do it as
    well the newest.
    """
    left = list(releases)
    found: dict[str, Minor] = {}
    while left:
        best = max(here, key=lambda minor: (sum(minor in one.pythons for one in left), minor), default=None)
        runs = [one for one in left if best is not None and best in one.pythons]
        if best is None or not runs:
            break
        found |= {one.name: best for one in runs}
        left = [one for one in left if one not in runs]
    return found
