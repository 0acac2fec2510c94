"""
The cooperator that all of Twisted shares, by which HTTP feeds its pull producers: within a world it is the world's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from twisted.internet import task


def cooperator(later: Callable[..., Any]) -> task.Cooperator:
    """A cooperator that works by this `callLater`: one piece of work at a time, however fast the machine is."""
    return task.Cooperator(lambda: lambda: True, lambda work: later(0.0, work))


@contextmanager
def shared(ours: task.Cooperator) -> Iterator[None]:
    """
    Let this be meanwhile the cooperator that all share.

    The shared one works by the global reactor, and nothing public says otherwise: a `static.File` would never be sent.
    """
    before = task._theCooperator  # noqa: SLF001 - see above
    task._theCooperator = ours  # noqa: SLF001
    try:
        yield
    finally:
        task._theCooperator = before  # noqa: SLF001
