"""
Which Twisteds a matrix asks: from what somebody wrote to an environment for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
from attrs import define, field, frozen

from harness.environments import Environment, Shelf
from harness.errors import UsageError
from harness.installing import Installer, NotInstalled
from harness.interpreters import Interpreter, here, named
from harness.releases import TRUNK, Release, assigned, between, ordered

#: Environments that are made side by side: they wait for the network most of the time.
TOGETHER = 4


@frozen
class Range:
    """Versions as they were asked for, and what they are to run on and beside."""

    numbers: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    trunk: str | None = None
    python: str | None = None
    requirements: Path | None = None
    cache: Path | None = None
    fresh: bool = False


@define(eq=False)
class Versions:
    """
    The environments of a range; `remarks` says of those that cannot be had why.

    `say` hears of each what is going on, from any thread.
    """

    wanted: Range
    say: Callable[[str], None]
    remarks: list[str] = field(init=False, factory=list)
    _installer: Installer = field(init=False, factory=Installer)
    _shelf: Shelf = field(init=False)

    def __attrs_post_init__(self) -> None:
        cache = self.wanted.cache or platformdirs.user_cache_path("web60")
        # A command runs in another directory than we do.
        self._shelf = Shelf(cache.resolve() / "environments", self._installer, self.say, self.wanted.fresh)

    def environments(self) -> list[Environment]:
        """An environment for each version that can be had, the oldest first.  Raises `UsageError`."""
        releases = self.releases()
        pythons = self._pythons()
        runs = assigned(releases, pythons)
        for release in releases:
            if release.name not in runs:
                self._remark(self._without(release, pythons))
        wanted = [(release, pythons[runs[release.name]]) for release in releases if release.name in runs]
        with ThreadPoolExecutor(TOGETHER) as pool:
            try:
                made = list(pool.map(self._made, *zip(*wanted, strict=True))) if wanted else []
            except BaseException:
                # An interrupt, or a mistake that all of them have: nothing more begins, and what runs is ended.
                self._installer.stop()
                pool.shutdown(cancel_futures=True)
                raise
        return [environment for environment in made if environment is not None]

    def releases(self) -> list[Release]:
        """The releases that are asked for, the oldest first.  Raises `UsageError`."""
        wanted = self.wanted
        found = [Release.numbered(number) for number in wanted.numbers if number != TRUNK]
        if TRUNK in wanted.numbers and not wanted.trunk:
            message = f"--twisted {TRUNK}: say where it is, with --trunk DIRECTORY or --trunk git+https://…"
            raise UsageError(message)
        if wanted.trunk:
            found.append(Release.trunk(wanted.trunk))
        if bool(wanted.first) != bool(wanted.last):
            message = "--from and --to go together"
            raise UsageError(message)
        if wanted.first and wanted.last:
            found += map(Release.numbered, between(self._all(), wanted.first, wanted.last))
        if not found:
            message = "no version: give --twisted 22.10.0 --twisted 26.10.0, or --from 22.10.0 --to 26.10.0"
            raise UsageError(message)
        return ordered(found)

    def _all(self) -> list[str]:
        try:
            return self._shelf.releases()
        except NotInstalled as wrong:
            message = f"cannot learn which releases there are: {wrong}"
            raise UsageError(message) from None

    def _pythons(self) -> Mapping[int, Interpreter]:
        if self.wanted.python is None:
            return here(self._installer)
        only = named(self.wanted.python, self._installer)
        return {only.minor: only}

    def _made(self, release: Release, interpreter: Interpreter) -> Environment | None:
        try:
            return self._shelf.get(release, interpreter, self.wanted.requirements)
        except NotInstalled as wrong:
            if not self._installer.is_stopped:
                self._remark(f"{release} cannot be installed on {interpreter}: {wrong}")
            return None

    def _without(self, release: Release, pythons: Mapping[int, Interpreter]) -> str:
        first, last = release.pythons[0], release.pythons[-1]
        needs = f"{release} runs on Python 3.{first} to 3.{last}"
        if self.wanted.python is not None:
            return f"{needs}, not on --python {self.wanted.python}"
        found = ", ".join(f"3.{minor}" for minor in sorted(pythons)) or "none"
        return f"{needs}, and none of them is here (there is {found}); `uv python install 3.{last}` brings one"

    def _remark(self, text: str) -> None:
        self.remarks.append(text)
        self.say(text)
