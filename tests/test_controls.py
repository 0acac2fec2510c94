"""
The control: a reference beside a target, as slow as the target says that it is itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from harness import catalogue, controls
from harness.clocks import Clock, Heartbeat, gather
from harness.controls import Control, imitating
from harness.errors import UsageError
from harness.profiles import Profile, parse
from harness.timing import Timing
from harness.verdicts import Outcome

SPECS = {spec.id: spec for spec in catalogue.everything()}

#: A target whose delays are none of the reference's own.
TABLES: dict[str, Any] = {
    "server": {"name": "theirs", "url": "http://127.0.0.1:1/", "parallel": 3},
    "timing": {"early": 0.02, "slack": 0.4, "quiet": 0.1},
    "asynchronous": {"path": "/theirs", "delay": 0.2, "body": "theirs"},
    "asynchronous-deferred": {"path": "/theirs", "delay": 0.2},
    "interrupted": {"path": "/theirs", "delay": 0.3, "within": 0.7, "notice": "rst"},
    "timeouts": {"path": "/theirs?s={s}", "after": 0.25, "status": [503]},
}


@pytest.fixture
def profile() -> Profile:
    """The target's profile."""
    return parse(TABLES, Path())


@asynccontextmanager
async def control_of(profile: Profile, reactor: Any) -> AsyncIterator[Control]:
    """A control, which is ended afterwards."""
    control = Control(profile, Clock(reactor), reactor)
    try:
        yield control
    finally:
        await control.stop()


def words(profile: Profile, page: str) -> str:
    """The command of the control for a page."""
    return " ".join(imitating(profile, page).server.command or ())


def test_a_control_takes_as_long_as_the_target_says_of_itself(profile: Profile) -> None:
    """Each page's own delay, for there is but one in the reference; what the target does not offer stays as it is."""
    assert "--delay 0.2 --after 0.25" in words(profile, "asynchronous")
    assert "--delay 0.3 --after 0.25" in words(profile, "interrupted")
    assert "--delay" not in words(profile, "timeouts")
    assert "--idle" not in words(profile, "asynchronous")


def test_a_control_has_the_target_s_seconds_and_tolerances_and_its_own_paths(profile: Profile) -> None:
    """It is asked the same, where it has it."""
    imitated = imitating(profile, "interrupted")

    assert imitated.timing == Timing(0.02, 0.4, 0.1)
    assert (imitated.pages["interrupted"].delay, imitated.pages["interrupted"].within) == (0.3, 0.7)
    assert imitated.pages["interrupted"].path == "/interrupted?id={id}"
    assert imitated.pages["interrupted"].notice == "idle"
    assert imitated.pages["timeouts"].status == (504,)
    assert imitated.server.url is None


@pytest_twisted.ensureDeferred
async def test_a_control_is_asked_the_same_spec(profile: Profile, loop: Any) -> None:
    """By a process of its own for each set of delays, which is started when it is needed and ended with the run."""
    heart = Heartbeat(Clock(loop))
    async with control_of(profile, loop) as control:
        assert not control._begun
        found = await gather(
            control.ask(SPECS["asynchronous/silent-until-the-delay-is-over"], heart),
            control.ask(SPECS["asynchronous-deferred/silent-until-the-delay-is-over"], heart),
            control.ask(SPECS["timeouts/giving-up-comes-at-its-time"], heart),
        )
        started = [await begun for begun in control._begun.values()]

    assert [tried.outcome for tried in found] == [Outcome.HELD] * 3, found
    assert 0.2 <= found[0].seconds < 5
    assert len(started) == 2
    assert not control._begun
    for target in started:
        assert not target._stops


@pytest_twisted.ensureDeferred
async def test_a_control_has_nothing_to_say_of_what_it_does_not_offer(profile: Profile, loop: Any) -> None:
    """A claim of the target's that the reference does not make."""
    heart = Heartbeat(Clock(loop))
    async with control_of(profile, loop) as control:
        assert await control.ask(SPECS["http-auth/digest-refuses-a-repeated-nonce-count"], heart) is None


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("missing", ["reference", "start"])
async def test_where_there_is_no_reference_there_is_no_control(
    profile: Profile, loop: Any, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's run fails for it."""

    def fails(*_: object) -> Any:
        message = "not installed here"
        raise UsageError(message)

    monkeypatch.setattr(controls, missing, fails)
    async with control_of(profile, loop) as control:
        assert await control.ask(SPECS["asynchronous/silent-until-the-delay-is-over"], Heartbeat(Clock(loop))) is None
