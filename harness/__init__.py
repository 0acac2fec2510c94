"""
The front door: all that a spec may use.

Specs are read by `web60 list` too, so nothing behind this door is slow to open: what needs Twisted is imported when a
spec runs.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from harness.errors import Misbehaved, NotObservable, NotOffered, NotSeen, Overdue
from harness.levels import MAY, MUST, SHOULD
from harness.messages import Answer, Chunk, Fields
from harness.sources import pep, rfc, tutorial
from harness.spec import again, spec
from harness.timing import Window

__all__ = [
    "MAY",
    "MUST",
    "SHOULD",
    "Answer",
    "Chunk",
    "Fields",
    "Misbehaved",
    "NotObservable",
    "NotOffered",
    "NotSeen",
    "Overdue",
    "Schedule",
    "Window",
    "again",
    "gather",
    "pep",
    "rfc",
    "spec",
    "tutorial",
]


async def gather(*awaited: Awaitable[Any]) -> list[Any]:
    """All results in order, waited for together; the first exception cancels the others and is raised."""
    from harness.clocks import gather as together  # noqa: PLC0415 - see above

    return await together(*awaited)


def __getattr__(name: str) -> Any:
    """What takes a while to import, and only few specs need."""
    if name == "Schedule":
        from harness.schedules import Schedule  # noqa: PLC0415 - see above

        return Schedule
    raise AttributeError(name)
