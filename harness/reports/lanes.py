"""
What happened in a result as lanes on one scale of time: the model behind every picture of it.

There is a lane for each connection, one for events and log lines, and rows for what was measured and waited for.
All of it is bounded: what is too near to be told apart is counted, what is too much shares a lane.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from attrs import evolve, frozen

from harness.reports.scales import Scale, seconds
from harness.results import Result
from harness.timing import Measured, Pause, Vain
from harness.transcripts import Entry, safe

#: Marks of one lane.
MOST_MARKS = 40

#: How far beyond the last thing that happened a window that held is shown: it may be allowed to last for hours.
BEYOND = 1.25

#: The part of an axis that is not left empty at its beginning.
EMPTY = 0.5

#: Characters of what a mark quotes.
LONGEST_QUOTE = 60

#: Seconds of the shortest axis: what happens at one moment has to have a place.
SHORTEST = 1e-3

#: What people call what happened.
SAID = {
    ("us", "open"): "we connected",
    ("us", "bytes"): "we sent",
    ("us", "close"): "we closed",
    ("us", "reset"): "we reset",
    ("us", "half-close"): "we half-closed",
    ("us", "pause"): "we stopped reading",
    ("us", "resume"): "we read again",
    ("them", "bytes"): "they sent",
    ("them", "close"): "they closed",
    ("them", "reset"): "they reset",
    ("them", "refused"): "they refused",
    ("witness", "event"): "event",
    ("witness", "line"): "log line",
}

#: Who, and what they did.
Kind = tuple[str, str]


@frozen
class Mark:
    """Something that happened, `count` times from `at` to `until`; `quote` is from the first time, safe to show."""

    kind: Kind
    at: float
    until: float
    count: int = 1
    quote: str = ""

    @property
    def said(self) -> str:
        """What people call it."""
        return SAID.get(self.kind) or _short(" ".join(self.kind))

    def __str__(self) -> str:
        if self.count > 1:
            return f"{seconds(self.at)} to {seconds(self.until)}: {self.said}, {self.count} times"
        return f"{seconds(self.at)}: {self.said}" + (f" {self.quote}" if self.quote else "")


@frozen
class Bar:
    """
    What the clock said, from the moment `since`.

    A "window" allows from `low` to `high`, which may be infinite, and `at` is what was measured; a "wait" ended `at`
    that moment, and so did one that was "late": in vain.  `count` of them are in the same place.
    """

    what: Literal["window", "wait", "late"]
    since: float
    at: float
    low: float = 0.0
    high: float = 0.0
    held: bool = True
    count: int = 1
    words: str = ""

    def extent(self, scale: Scale) -> tuple[float, float]:
        """The places that it reaches from and to."""
        ends = (self.since, self.at) if self.what != "window" else (self.since, self.at, self.low, self.high)
        places = [scale.place(moment) for moment in ends]
        return min(places), max(places)

    def __str__(self) -> str:
        times = f" ({self.count} times)" if self.count > 1 else ""
        match self.what:
            case "wait":
                return f"{seconds(self.since)} to {seconds(self.at)}: waited for {self.words}{times}"
            case "late":
                return f"{seconds(self.since)} to {seconds(self.at)}: waited in vain: {self.words}{times}"
        later = "or later" if math.isinf(self.high) else f"to {seconds(self.high)}"
        missed = "" if self.held else ", missed"
        return f"{seconds(self.at)}: measured; allowed from {seconds(self.low)} {later}{missed}{times}"


@frozen
class Lane:
    """What happened in one place, in the order of time; a lane of the clock has bars, any other has marks."""

    name: str
    marks: tuple[Mark, ...] = ()
    bars: tuple[Bar, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {'; '.join(map(str, (*self.marks, *self.bars)))}."


@frozen
class Timeline:
    """The lanes of a result on one scale; `left_out` counts the windows and waits for which there was no row."""

    scale: Scale
    lanes: tuple[Lane, ...]
    left_out: int = 0


def timeline(result: Result, *, connections: int, rows: int, apart: float) -> Timeline | None:
    """
    What happened in a result; None where nothing did that has a time.

    It has at most so many lanes of connections, those beyond share the last, and so many rows of windows and waits, in
    which windows are so far `apart` from others: a part of the whole scale.
    """
    entries = [entry for entry in result.transcript if math.isfinite(entry.t)]
    bars = [bar for entry in entries if entry.who == "clock" and (bar := _bar(entry)) is not None]
    marks = sorted((entry for entry in entries if entry.who != "clock"), key=lambda entry: entry.t)
    if not bars and not marks:
        return None
    scale = _scale([entry.t for entry in marks], bars)
    if not math.isfinite(scale.length):
        return None
    clock, left_out = _rows(_alike(bars, scale), scale, rows, apart)
    return Timeline(scale, (*_connections(marks, scale, connections), *_witnesses(marks, scale), *clock), left_out)


def merged(marks: Sequence[Mark], gap: float, most: int) -> tuple[Mark, ...]:
    """The marks in their order, of which those of one kind that are no `gap` seconds apart are one; at most `most`."""
    while True:
        latest: dict[Kind, int] = {}
        found: list[Mark] = []
        for mark in marks:
            place = latest.get(mark.kind)
            if place is None or mark.at - found[place].until > gap:
                latest[mark.kind] = len(found)
                found.append(mark)
            else:
                before = found[place]
                found[place] = evolve(before, until=max(before.until, mark.until), count=before.count + mark.count)
        if len(found) <= most or len(found) == len(latest):
            return tuple(found[:most])
        gap = 2 * gap or SHORTEST


def _bar(entry: Entry) -> Bar | None:
    """What an entry of the clock says; None where that has no place on any scale."""
    bar: Bar | None = None
    if entry.what == "wait" and (pause := Pause.read(entry.data)):
        bar = Bar("wait", entry.t, max(entry.t, pause.until), words=_short(pause.why))
    elif entry.what == "late" and (vain := Vain.read(entry.data)):
        bar = Bar("late", min(entry.t, vain.since), entry.t, words=_short(vain.what))
    elif entry.what == "window" and (measured := Measured.read(entry.data)):
        since = measured.since
        low, high = since + measured.low, since + max(measured.low, measured.high)
        bar = Bar("window", since, since + measured.seconds, low, high, measured.held)
    return bar if bar is not None and all(map(math.isfinite, (bar.since, bar.at, bar.low))) else None


def _scale(moments: Sequence[float], bars: Sequence[Bar]) -> Scale:
    """From the first to the last that happened, and to where it would have been in time."""
    happened = [*moments, *(bar.at for bar in bars), *(bar.since for bar in bars if bar.since >= 0)]
    begin, end = min(happened), max(happened)
    if 0 < begin <= EMPTY * end:
        begin = 0.0
    reach = begin + BEYOND * (end - begin)
    for bar in bars:
        if bar.what == "window":
            ends = [moment for moment in (bar.low, bar.high) if math.isfinite(moment)]
            end = max(end, max(ends) if not bar.held else min(max(ends), reach))
    return Scale(begin, max(end, begin + max(SHORTEST, 1e-9 * abs(begin))))


def _connections(marks: Sequence[Entry], scale: Scale, most: int) -> Iterator[Lane]:
    on: dict[int, list[Entry]] = {}
    for entry in marks:
        if entry.who in ("us", "them"):
            on.setdefault(entry.on, []).append(entry)
    numbers = sorted(on)
    alone = numbers if len(numbers) <= most else numbers[: most - 1]
    for number in alone:
        yield Lane(f"connection {number}" if number else "connection", _marks(on[number], scale))
    if len(alone) < len(numbers):
        rest = sorted((entry for number in numbers[len(alone) :] for entry in on[number]), key=lambda entry: entry.t)
        yield Lane(f"{len(numbers) - len(alone)} more", _marks(rest, scale))


def _witnesses(marks: Sequence[Entry], scale: Scale) -> Iterator[Lane]:
    if seen := [entry for entry in marks if entry.who not in ("us", "them")]:
        yield Lane("witness", _marks(seen, scale))


def _marks(entries: Iterable[Entry], scale: Scale) -> tuple[Mark, ...]:
    marks = [Mark((entry.who, entry.what), entry.t, entry.t, quote=_quote(entry)) for entry in entries]
    return merged(marks, scale.length / 100, MOST_MARKS)


def _alike(bars: Sequence[Bar], scale: Scale) -> list[Bar]:
    """The bars, of which those that would be drawn in the same place are one."""
    found: dict[object, Bar] = {}
    for bar in bars:
        ends = (bar.since, bar.at, bar.low, bar.high)
        key = (bar.what, bar.held, bar.words, *(round(scale.place(moment), 2) for moment in ends))
        before = found.get(key)
        found[key] = bar if before is None else evolve(before, count=before.count + 1)
    return list(found.values())


#: Which bars find their places first.
_FIRST = {"late": 1, "window": 2, "wait": 3}


def _rows(bars: Sequence[Bar], scale: Scale, most: int, apart: float) -> tuple[list[Lane], int]:
    """The bars in rows in which none covers another, and how many found no place; what was missed finds one first."""
    rows: list[list[Bar]] = []
    left_out = 0
    for bar in sorted(bars, key=lambda bar: (bar.held, _FIRST[bar.what])):
        for row in rows:
            if all(_are_apart(bar, one, scale, apart) for one in row):
                row.append(bar)
                break
        else:
            if len(rows) < most:
                rows.append([bar])
            else:
                left_out += bar.count
    return [Lane("clock", bars=tuple(sorted(row, key=lambda bar: bar.since))) for row in rows], left_out


def _are_apart(one: Bar, other: Bar, scale: Scale, apart: float) -> bool:
    """Whether neither covers the other; what is measured beside a window has to have room as well."""
    if "window" not in (one.what, other.what):
        apart = 0.0
    (begin, end), (others_begin, others_end) = one.extent(scale), other.extent(scale)
    return end + apart < others_begin or others_end + apart < begin


def _quote(entry: Entry) -> str:
    """The first line of what was said."""
    return _short(entry.data.partition("\r\n")[0])


def _short(text: str) -> str:
    """In one line, not endless, and safe to show."""
    short = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
    return safe(short).replace("\n", "⏎").replace("\t", " ")
