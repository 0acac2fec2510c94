"""
From options to profiles.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import given
from harness.errors import UsageError
from harness.factories import imported
from harness.given import Given, reference, targets


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A profile that names its target."""
    path = tmp_path / "server.toml"
    path.write_text('[server]\nname = "mine"\nurl = "http://127.0.0.1:1/"\n[asynchronous]\n')
    return path


def test_whoever_names_no_target_gets_the_reference() -> None:
    """The suite starts it by its command, like any other."""
    (found,) = targets(Given())

    assert Given().is_reference
    assert found.server.command is not None
    assert found.pages


def test_fast_shortens_the_delays_of_the_reference() -> None:
    """It is another profile of the same server."""
    (slow,), (fast,) = targets(Given()), targets(Given(fast=True))

    assert fast.pages["asynchronous"].delay < slow.pages["asynchronous"].delay
    assert set(fast.pages) == set(slow.pages)


@pytest.mark.parametrize(("fast", "name"), [(False, "make"), (True, "make_fast")])
def test_in_virtual_time_the_reference_is_built_here(*, fast: bool, name: str) -> None:
    """By its factory, which has the delays of the profile."""
    (elsewhere,), (here,) = targets(Given(fast=fast)), targets(Given(fast=fast, virtual=True))

    assert (here.server.factory, here.server.command) == (f"reference_impl.site:{name}", None)
    assert here.pages == elsewhere.pages
    assert callable(imported(here.server.factory))


def test_virtual_time_directs_no_other_target(profile: Path) -> None:
    """Whether it can be had there is found out when it is started."""
    (found,) = targets(Given(profiles=(profile,), virtual=True))

    assert (found.server.url, found.server.factory) == ("http://127.0.0.1:1/", None)


def test_fast_says_nothing_about_another_target() -> None:
    """Its delays are its own."""
    with pytest.raises(UsageError, match="--fast shortens the delays of the reference"):
        targets(Given(url="http://h/", fast=True))


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        ({"url": "http://h/"}, "url", "http://h/"),
        ({"command": "./serve --name 'a b' {port}"}, "command", ("./serve", "--name", "a b", "{port}")),
        ({"factory": "m:f"}, "factory", "m:f"),
    ],
)
def test_a_way_to_a_target_needs_no_profile(options: dict[str, str], key: str, value: Any) -> None:
    """Its pages are then found out."""
    (found,) = targets(Given(**options))  # type: ignore[arg-type]

    assert getattr(found.server, key) == value
    assert found.pages == {}


def test_an_option_overrides_the_profile(profile: Path) -> None:
    """The tables stay; the way to the target is the option's alone."""
    (found,) = targets(Given(factory="m:f", profiles=(profile,)))

    assert (found.server.url, found.server.factory, found.server.name) == (None, "m:f", "mine")
    assert set(found.pages) == {"asynchronous"}


def test_several_profiles_are_a_matrix(profile: Path) -> None:
    """One target each, in the order given."""
    assert len(targets(Given(profiles=(profile, profile)))) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "http://h/", "command": "c"}, "give one of --url, --command and --factory, not --url and --command"),
        ({"command": "a 'b"}, "cannot take --command apart"),
        ({"url": ""}, "--url is empty"),
        ({"command": " "}, "--command is empty"),
        ({"factory": ""}, "--factory is empty"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, str], said: str) -> None:
    """An empty option is a variable that somebody forgot to set; it must not turn into a green run of the reference."""
    with pytest.raises(UsageError, match=said):
        targets(Given(**options))  # type: ignore[arg-type]


def test_one_option_cannot_direct_two_profiles(profile: Path) -> None:
    """They would be one target under two names."""
    with pytest.raises(UsageError, match="--url goes with one --profile"):
        targets(Given(url="http://h/", profiles=(profile, profile)))


def test_a_profile_without_a_target_needs_an_option(tmp_path: Path) -> None:
    """It says which ones."""
    path = tmp_path / "nowhere.toml"
    path.write_text("[asynchronous]\n")

    with pytest.raises(UsageError, match=r"nowhere\.toml names no target: add url, command or factory"):
        targets(Given(profiles=(path,)))
    assert targets(Given(url="http://h/", profiles=(path,)))[0].server.url == "http://h/"


def test_a_missing_reference_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness can be installed without it."""
    monkeypatch.setattr(given, "REFERENCE", "no_such_package_anywhere")

    with pytest.raises(UsageError, match="the reference implementation is not installed here"):
        reference("profile.toml")
