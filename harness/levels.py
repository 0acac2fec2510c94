"""
How much a promise binds: the words of RFC 2119.
"""

from __future__ import annotations

from enum import Enum


class Level(Enum):
    """What a failed assertion of a spec means: see `harness.verdicts`."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"

    def __repr__(self) -> str:
        return self.value


MUST = Level.MUST
SHOULD = Level.SHOULD
MAY = Level.MAY
