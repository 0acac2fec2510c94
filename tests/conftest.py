"""
What tests of several rooms stand on: a reactor, a world, and the errors that nobody was told of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.logger import globalLogPublisher

from harness.worlds import World


@pytest.fixture
def loop() -> Any:
    """The reactor of this test run."""
    from twisted.internet import reactor  # noqa: PLC0415 - nobody imports it at module level

    return reactor


@pytest.fixture
def world() -> Iterator[World]:
    """A world of this test's own."""
    with World() as world:
        yield world


@pytest.fixture
def errors() -> Iterator[list[type[BaseException]]]:
    """The types of the errors that were logged."""
    found: list[type[BaseException]] = []

    def note(event: Any) -> None:
        failure = event.get("log_failure") or event.get("failure")
        if failure is not None:
            found.append(failure.type)

    globalLogPublisher.addObserver(note)
    yield found
    globalLogPublisher.removeObserver(note)
