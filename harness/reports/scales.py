"""
Scales of time: where a moment is on an axis, and which moments are named there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Scale(NamedTuple):
    """The seconds that an axis shows."""

    begin: float
    end: float

    @property
    def length(self) -> float:
        """In seconds."""
        return self.end - self.begin

    def place(self, moment: float) -> float:
        """Where a moment is on the axis, from 0 to 1; what is beyond an end is at it."""
        return min(1.0, max(0.0, (moment - self.begin) / self.length))

    def ticks(self, count: int) -> Iterator[tuple[float, str]]:
        """The places of about so many round moments, each with its label."""
        step = _round(self.length / count)
        unit, many = ("ms", 1e3) if self.length < 1 else ("s", 1.0)
        first, last = math.ceil(self.begin / step - 1e-9), math.floor(self.end / step + 1e-9)
        for number in range(first, last + 1):
            yield self.place(number * step), f"{number * step * many:.10g} {unit}"


def spread(wanted: Sequence[float], apart: float, last: float) -> list[float]:
    """Places from 0 to `last` in the order of those wanted, and near them, but so far apart; they must find room."""
    places: list[float] = []
    for place in wanted:
        places.append(max(place, places[-1] + apart) if places else place)
    for number in reversed(range(len(places))):
        places[number] = min(places[number], last)
        last = places[number] - apart
    return places


def seconds(moment: float) -> str:
    """A moment in words."""
    return f"{moment:.3f} s"


def _round(least: float) -> float:
    """The next 1, 2 or 5 with zeros that is no less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step for factor in (1, 2, 5, 10, 20) if (step := factor * power) >= least * (1 - 1e-9))
