"""
A running target, as specs read it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import task
from twisted.internet.defer import succeed

from harness.addresses import Address
from harness.clocks import Clock
from harness.dialers import SocketDialer
from harness.profiles import parse
from harness.targets import Target
from harness.wire import Ping
from harness.witnesses import Feed


@pytest.fixture
def target() -> Target:
    """A target with one page."""
    time = task.Clock()
    clock = Clock(time, time.seconds)
    profile = parse({"http-auth": {"realm": "r"}, "server": {"parallel": 3}, "timing": {"slack": 2}}, Path())
    dialer = SocketDialer(time, Address.parse("http://h:81/base"))
    return Target(profile, clock, dialer, Ping("/"), None, Feed(clock), frozenset())


def test_its_tables_are_attributes(target: Target) -> None:
    """With `_` where the page has `-`; None where it is not offered, and an error where there is no such page."""
    assert target.http_auth.realm == "r"
    assert target.cgi is None
    assert target.page("http-auth") is target.http_auth
    with pytest.raises(AttributeError, match="no_such_page"):
        _ = target.no_such_page


def test_what_specs_ask_for_comes_from_its_profile(target: Target) -> None:
    """Tolerances, limits, and where it is."""
    assert (target.timing.slack, target.parallel, target.limit.places) == (2.0, 3, 3)
    assert (target.url, target.name) == ("http://h:81/base/", "http://h:81/base/")
    assert target.path("/p?id={id}", id="a b") == "/base/p?id=a%20b"


def test_tokens_are_fresh(target: Target) -> None:
    """Unique over all runs, and safe in a URL, a log and a pattern."""
    tokens = {target.token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert all(token.replace("-", "").isalnum() for token in tokens)


@pytest_twisted.ensureDeferred
async def test_what_was_started_last_is_stopped_first(target: Target) -> None:
    """Whether stopping takes its time or not; a second stop does nothing."""
    stopped: list[int] = []
    target._stops.append(lambda: stopped.append(1))
    target._stops.append(lambda: succeed(stopped.append(2)))

    await target.stop()
    await target.stop()

    assert stopped == [2, 1]
