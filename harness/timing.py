"""
Seconds, and the windows in which they are allowed to fall.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Self

from attrs import field, frozen
from attrs.validators import ge

#: What two times may differ by that are the same: sums of floats round.
EXACT = 1e-6


class Moment(float):
    """A reading of a clock, in seconds: the difference of two knows when it began."""

    __slots__ = ()

    def __sub__(self, other: float) -> float:
        difference = float.__sub__(self, other)
        return Span(difference, other) if isinstance(other, Moment) else difference


class Span(float):
    """Seconds that went by from the moment `since`.  Whatever is made of it, or of a copy of it, is a plain number."""

    __slots__ = ("since",)

    since: Moment

    def __new__(cls, seconds: float, since: Moment) -> Self:
        """So many seconds since then."""
        span = super().__new__(cls, seconds)
        span.since = since
        return span

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)


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
        held = self.low <= seconds <= self.high
        if (tell := MEASURING.get()) is not None:
            tell(seconds, self, held)
        return held

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


#: Who is told, in this context, of each number that is compared with a window, of the window, and whether it held.
MEASURING: ContextVar[Callable[[float, Window, bool], None] | None] = ContextVar("MEASURING", default=None)

#: A number as `_number` writes it.
_NUMBER = r"(-?\d[\d.]*(?:e[+-]?\d+)?)"
_MEASURED = re.compile(rf"{_NUMBER} s from {_NUMBER} s; allowed: {_NUMBER}(?: s or later| to {_NUMBER} s)(; missed)?")
_PAUSE = re.compile(rf"until {_NUMBER} s: (.*)", re.DOTALL)
_VAIN = re.compile(rf"since {_NUMBER} s: (.*)", re.DOTALL)


@frozen
class Measured:
    """
    What a spec measured: `seconds` from the moment `since`, which a window from `low` to `high` allowed or not.

    Moments are in seconds since the spec began.  As text it is what a transcript says of it; `read` takes that apart.
    """

    since: float
    seconds: float
    low: float
    high: float
    held: bool

    @classmethod
    def read(cls, text: str) -> Measured | None:
        """The measurement that this text tells; None where it tells none."""
        found = _MEASURED.fullmatch(text)
        if found is None:
            return None
        seconds, since, low, high, missed = found.groups()
        return cls(float(since), float(seconds), float(low), math.inf if high is None else float(high), not missed)

    def __str__(self) -> str:
        high = " s or later" if math.isinf(self.high) else f" to {_number(self.high)} s"
        allowed = f"{_number(self.low)}{high}"
        missed = "" if self.held else "; missed"
        return f"{_number(self.seconds)} s from {_number(self.since)} s; allowed: {allowed}{missed}"


@frozen
class Pause:
    """Why a spec let time go by, `until` a moment; as text it is what a transcript says of it."""

    until: float
    why: str

    @classmethod
    def read(cls, text: str) -> Pause | None:
        """The pause that this text tells; None where it tells none."""
        found = _PAUSE.fullmatch(text)
        return None if found is None else cls(float(found[1]), found[2])

    def __str__(self) -> str:
        return f"until {_number(self.until)} s: {self.why}"


@frozen
class Vain:
    """What did not come in time, `since` the moment from which it was waited for; as text as in a transcript."""

    since: float
    what: str

    @classmethod
    def read(cls, text: str) -> Vain | None:
        """The wait in vain that this text tells; None where it tells none."""
        found = _VAIN.fullmatch(text)
        return None if found is None else cls(float(found[1]), found[2])

    def __str__(self) -> str:
        return f"since {_number(self.since)} s: {self.what}"


def _number(seconds: float) -> str:
    """To the microsecond, as everything in a transcript, without zeros at its end."""
    return f"{round(seconds, 6):.12g}"
