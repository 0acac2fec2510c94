"""
Strips: what happened in a result and when, as lines for a terminal; `harness.reports.timelines` is the same for a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import define, field, frozen

from harness.reports.lanes import Bar, Kind, Lane, Mark, merged, timeline
from harness.reports.scales import Scale, spread
from harness.results import Result

#: Lanes of connections, and rows of the clock: each is a line of a text that is long already.
CONNECTIONS = 5
ROWS = 3

#: Columns that a lane has at least, and how many there are for one mark and for one tick.
LEAST = 24
ROOMY = 4
TICK = 10


@frozen
class Signs:
    """What a strip is drawn with."""

    marks: dict[Kind, str]
    other: str = "?"
    line: str = "─"
    begin: str = "├"
    wait: str = "┄"
    vain: str = "✕"
    times: str = "×"  # noqa: RUF001 - it is the sign for times
    tick: str = "╵"

    def every(self) -> str:
        """All of them."""
        return "".join((*self.marks.values(), self.line, self.begin, self.wait, self.vain, self.times, self.tick))


FINE = Signs(
    {
        ("us", "open"): "○",
        ("us", "bytes"): "▸",
        ("us", "close"): "✕",
        ("us", "reset"): "✖",
        ("us", "half-close"): "▷",
        ("us", "pause"): "‖",
        ("us", "resume"): "»",
        ("them", "bytes"): "◂",
        ("them", "close"): "◇",
        ("them", "reset"): "◆",
        ("them", "refused"): "⊘",
        ("witness", "event"): "●",
        ("witness", "line"): "■",
    }
)

PLAIN = Signs(
    {
        ("us", "open"): "o",
        ("us", "bytes"): ">",
        ("us", "close"): "x",
        ("us", "reset"): "X",
        ("us", "half-close"): ")",
        ("us", "pause"): '"',
        ("us", "resume"): "~",
        ("them", "bytes"): "<",
        ("them", "close"): "c",
        ("them", "reset"): "r",
        ("them", "refused"): "/",
        ("witness", "event"): "*",
        ("witness", "line"): "#",
    },
    line="-",
    begin="+",
    wait=".",
    vain="x",
    times="x",
    tick="'",
)


def drawn(result: Result, width: int, encoding: str = "utf-8") -> list[str]:
    """
    A line for each lane, one for the scale, and what the signs mean; no line where nothing happened.

    None is longer than `width`, unless that is too narrow for any lane; all are of letters that the encoding has.
    """
    shown = timeline(result, connections=CONNECTIONS, rows=ROWS, apart=0.0)
    if shown is None:
        return []
    names = [lane.name for lane in shown.lanes]
    beside = max(map(len, names)) + 2
    pen = _Pen(shown.scale, max(LEAST, width - beside), FINE if _has(encoding, FINE.every()) else PLAIN)
    before = ["", *names]
    lines = [
        f"{lane.name if lane.name != before[number] else '':<{beside}}{pen.lane(lane)}"
        for number, lane in enumerate(shown.lanes)
    ]
    lines.append(" " * beside + pen.axis())
    lines += _filled([f"{sign} {meaning}" for sign, meaning in pen.used.items()], max(width, LEAST))
    if shown.left_out:
        lines.append(f"({shown.left_out} more windows and waits)")
    return [line.rstrip() for line in lines]


@define
class _Pen:
    """Draws lanes of one scale into so many columns, and keeps in `used` what its signs mean."""

    scale: Scale
    room: int
    signs: Signs
    used: dict[str, str] = field(init=False, factory=dict)

    def column(self, moment: float) -> int:
        """Where a moment is."""
        return round(self.scale.place(moment) * (self.room - 1))

    def lane(self, lane: Lane) -> str:
        """What happened in a lane."""
        cells = [" "] * self.room
        if lane.bars:
            for bar in lane.bars:
                self._window(cells, bar) if bar.what == "window" else self._wait(cells, bar)
        else:
            self._marks(cells, lane.marks)
        return "".join(cells)

    def axis(self) -> str:
        """The round moments, as far as their labels have room."""
        line = ""
        for place, label in self.scale.ticks(self.room // TICK):
            column, mark = round(place * (self.room - 1)), f"{self.signs.tick}{label}"
            if column + len(mark) > self.room:
                # At the end of the axis its label stands before it.
                column, mark = column - len(label), f"{label}{self.signs.tick}"
            if column > len(line) or (column >= 0 and not line):
                line = f"{line:<{column}}{mark}"
        return line

    def _marks(self, cells: list[str], marks: Sequence[Mark]) -> None:
        # That we connected is seen where the line begins.
        told = [mark for mark in marks if mark.kind != ("us", "open")] or marks
        told = merged(told, self.scale.length / self.room, self.room // ROOMY)
        first, last = self.column(marks[0].at), self.column(max(mark.until for mark in marks))
        cells[first : last + 1] = self.signs.line * (last + 1 - first)
        columns = [round(place) for place in spread([self.column(mark.at) for mark in told], 1, self.room - 1)]
        for mark, column, following in zip(told, columns, [*columns[1:], self.room], strict=True):
            sign = self._use(self.signs.marks.get(mark.kind, self.signs.other), mark.said)
            times = f"{self.signs.times}{mark.count}" if mark.count > 1 else ""
            said = sign + (times if column + len(times) < following else "")
            cells[column : column + len(said)] = said

    def _window(self, cells: list[str], bar: Bar) -> None:
        since, at, low = self.column(bar.since), self.column(bar.at), self.column(bar.low)
        high = self.column(bar.high)
        begin, end = min(since, at), max(since, at)
        cells[begin : end + 1] = self.signs.line * (end + 1 - begin)
        if since < low:
            cells[since] = self._use(self.signs.begin, "measured from")
        cells[low : high + 1] = "=" * (high + 1 - low)
        cells[low] = "["
        if bar.high <= self.scale.end:
            cells[high] = "]"
        self._use("[=]", "allowed")
        if not bar.held:
            # Outside, also where it missed by less than a column.
            at = max(0, min(at, low - 1)) if bar.at < bar.low else min(self.room - 1, max(at, high + 1))
        cells[at] = self._use("|", "measured") if bar.held else self._use("!", "measured, missed")

    def _wait(self, cells: list[str], bar: Bar) -> None:
        begin, end = self.column(bar.since), self.column(bar.at)
        cells[begin : end + 1] = self.signs.wait * (end + 1 - begin)
        if bar.what == "late":
            cells[end] = self.signs.vain
            self._use(self.signs.wait + self.signs.vain, "waited in vain")
        else:
            self._use(self.signs.wait, "waited")

    def _use(self, sign: str, meaning: str) -> str:
        self.used[sign] = meaning
        return sign


def _filled(parts: Iterable[str], width: int) -> Iterator[str]:
    """The parts in lines that are no longer than this, unless one part is."""
    line = ""
    for part in parts:
        if line and len(line) + 3 + len(part) > width:
            yield line
            line = ""
        line = f"{line}   {part}" if line else part
    yield line


def _has(encoding: str, letters: str) -> bool:
    """Whether an encoding has all these letters; one that nobody knows has none."""
    try:
        letters.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
