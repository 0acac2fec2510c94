"""
Seconds, and the windows in which they are allowed to fall.
"""

from __future__ import annotations

import math

from attrs import field, frozen
from attrs.validators import ge

#: What two times may differ by that are the same: sums of floats round.
EXACT = 1e-6


@frozen
class Timing:
    """The tolerances of a target, in seconds: the profile's `[timing]` table."""

    early: float = field(default=0.010, validator=ge(0))
    slack: float = field(default=0.5, validator=ge(0))
    quiet: float = field(default=1.0, validator=ge(0))


@frozen
class Window:
    """
    The seconds from `low` to `high`, both included.

    `number in window` is how a spec measures: the harness takes a failed `assert seconds in window` for a failure on
    time alone, and repeats it before it counts.
    """

    low: float
    high: float = math.inf

    @classmethod
    def around(cls, nominal: float, timing: Timing | None = None, *, early: float = 0.0, late: float = 0.0) -> Window:
        """From `nominal` less what may be early, to `nominal` plus what may be late; `timing` gives both at once."""
        if timing is not None:
            early, late = timing.early, timing.slack
        return cls(nominal - early, nominal + late)

    @classmethod
    def until(cls, high: float) -> Window:
        """Any time up to `high`."""
        return cls(0.0, high)

    def __contains__(self, seconds: float) -> bool:
        return self.low <= seconds <= self.high

    def missed_by(self, seconds: float) -> float:
        """How far outside these seconds are; 0 for any inside."""
        return max(0.0, self.low - seconds, seconds - self.high)

    def __str__(self) -> str:
        if math.isinf(self.high):
            return f"{self.low:.3f} s or later"
        if self.high - self.low < 3 * EXACT:
            return f"exactly {(self.low + self.high) / 2:.3f} s"
        return f"{self.low:.3f} to {self.high:.3f} s"

    __repr__ = __str__
