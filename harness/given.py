"""
From what the person gave us to the profiles that it means.
"""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from pathlib import Path

from attrs import evolve, frozen

from harness import profiles
from harness.errors import UsageError
from harness.profiles import Profile
from harness.tables import Server

#: The package beside us that is the default target; it is asked like any other, never imported.
REFERENCE = "reference_impl"


@frozen
class Given:
    """The options that choose the targets, as they were written."""

    url: str | None = None
    command: str | None = None
    factory: str | None = None
    profiles: tuple[Path, ...] = ()
    fast: bool = False
    virtual: bool = False

    @property
    def is_reference(self) -> bool:
        """Whether nobody named a target."""
        return self.url is None and self.command is None and self.factory is None and not self.profiles


def targets(given: Given) -> tuple[Profile, ...]:
    """
    The profile of each target that was meant; the reference implementation if none was named.

    `url`, `command` and `factory` override what a profile says of them.  Raises `UsageError`.
    """
    if given.fast and not given.is_reference:
        message = "--fast shortens the delays of the reference; another target's are its own: say them in its profile"
        raise UsageError(message)
    if given.is_reference:
        shipped = profiles.load(reference("fast.toml" if given.fast else "profile.toml"))
        here = {"factory": f"{REFERENCE}.site:{'make_fast' if given.fast else 'make'}"}
        # The tolerances in the shipped profiles are for real time, in which it counts no coarser than any other.
        return (evolve(_directed(shipped, here), named=frozenset()) if given.virtual else shipped,)
    ways = {name: value for name in ("url", "command", "factory") if (value := getattr(given, name)) is not None}
    for name, value in ways.items():
        if not value.strip():
            # A variable that nobody set; the reference in its place would be green for nothing.
            message = f"--{name} is empty"
            raise UsageError(message)
    if len(ways) > 1:
        message = f"give one of --url, --command and --factory, not {' and '.join(f'--{way}' for way in ways)}"
        raise UsageError(message)
    if ways and len(given.profiles) > 1:
        message = f"--{next(iter(ways))} goes with one --profile; several profiles each need a target of their own"
        raise UsageError(message)
    loaded = [profiles.load(path) for path in given.profiles] or [Profile()]
    for path, profile in zip(given.profiles, loaded, strict=False):
        if not ways and not (profile.server.url or profile.server.command or profile.server.factory):
            message = f"{path} names no target: add url, command or factory to its [server], or give --url"
            raise UsageError(message)
    return tuple(_directed(profile, ways) for profile in loaded)


def _directed(profile: Profile, ways: dict[str, str]) -> Profile:
    if not ways:
        return profile
    elsewhere = {"url": None, "command": None, "factory": None}
    try:
        words = {way: tuple(shlex.split(value)) if way == "command" else value for way, value in ways.items()}
    except ValueError as wrong:
        message = f"cannot take --command apart: {wrong}"
        raise UsageError(message) from None
    server: Server = evolve(profile.server, **{**elsewhere, **words})  # type: ignore[arg-type]
    return evolve(profile, server=server)


def reference(name: str) -> Path:
    """
    A profile of the reference implementation, or what stands beside it.  Raises `UsageError` where there is none.

    They have a directory of their own, for a command runs where its profile is: of modules named `http` and `cgi`
    Python would take those in the package for its own.
    """
    return package() / "profiles" / name


def package() -> Path:
    """The directory of the reference implementation's package.  Raises `UsageError` where it is missing."""
    found = find_spec(REFERENCE)
    if found is None or not found.submodule_search_locations:
        message = "the reference implementation is not installed here: give a target"
        raise UsageError(message)
    return Path(found.submodule_search_locations[0])
