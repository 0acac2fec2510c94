"""
Timelines: a picture of what happened in a result and when, for a page (`harness.reports.strips` is for a terminal).

A picture takes its colours from these variables of the page, each of which has a fallback that light and dark bear:
`--timeline-us`, `--timeline-them`, `--timeline-witness`, `--timeline-allowed`, `--timeline-missed`; lines and
letters are `currentColor`.  Its element has the class `timeline`; nothing in it has an id, or a style of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from harness.reports.lanes import Bar, Lane, Mark, Timeline, timeline
from harness.reports.scales import Scale, seconds, spread
from harness.results import Result
from harness.transcripts import safe

#: Lanes of connections, and rows of the clock; of the whole scale, what two windows in a row are apart: their labels.
CONNECTIONS = 8
ROWS = 6
APART = 0.12

#: Units of a picture's own scale: its width, where its axis begins, how far from the end it stops, the height of a
#: lane and of the axis, how far apart marks are, and how wide a letter is.
WIDTH = 760.0
LEFT = 96.0
RIGHT = 24.0
HEIGHT = 22.0
AXIS = 20.0
MARK = 10.0
LETTER = 5.6

#: Ticks of the axis, about.
TICKS = 7

#: Characters of a picture's description.
LONGEST_DESCRIPTION = 800

_ALLOWED = "var(--timeline-allowed, #2f9e62)"
_MISSED = "var(--timeline-missed, #d8433b)"
_WITNESS = "var(--timeline-witness, #8b62d0)"
_COLOURS = {"us": "var(--timeline-us, #3b82d6)", "them": "var(--timeline-them, #c9741a)"}

_CROSS = "M-4-4 4 4M4-4-4 4"
_DOT = "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"

#: The areas of marks around their middle, and below them what is drawn with a pen.
_AREAS = {
    ("us", "open"): "M-1-5h2v10h-2z",
    ("us", "bytes"): "M-4.5-4.5 4.5 0-4.5 4.5z",
    ("them", "bytes"): "M4.5-4.5-4.5 0 4.5 4.5z",
    ("us", "half-close"): "M-3-5h2.5v10h-2.5zM1-5l5 5-5 5z",
    ("us", "pause"): "M-4-4.5h3v9h-3zM1-4.5h3v9h-3z",
    ("us", "resume"): "M-4-4.5h2v9h-2zM-1-4.5 5 0-1 4.5z",
    ("witness", "line"): "M-4-4h8v8h-8z",
}
_LINES = {
    ("us", "close"): _CROSS,
    ("them", "close"): _CROSS,
    ("us", "reset"): f"{_CROSS}M-6 0h12",
    ("them", "reset"): f"{_CROSS}M-6 0h12",
    ("them", "refused"): f"{_CROSS}M-6-6h12v12h-12z",
}


def picture(result: Result) -> str:
    """An SVG element to stand in a page, safe as it is; empty where nothing happened."""
    shown = timeline(result, connections=CONNECTIONS, rows=ROWS, apart=APART)
    if shown is None:
        return ""
    foot = len(shown.lanes) * HEIGHT
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="timeline" role="img" width="100%" font-size="11" ',
        f'viewBox="0 0 {WIDTH:g} {foot + AXIS:g}" font-family="system-ui, sans-serif" fill="currentColor">',
        f"<title>What happened in {_escaped(result.id)}, and when</title><desc>{_escaped(_description(shown))}</desc>",
    ]
    for place, label in shown.scale.ticks(TICKS):
        x = _x(place)
        parts.append(f'<path d="M{x:g} 0V{foot + 3:g}" stroke="currentColor" stroke-opacity=".15"/>')
        parts.append(_text(x, foot + 15, label, "middle", "currentColor"))
    for number, lane in enumerate(shown.lanes):
        middle = (number + 0.5) * HEIGHT
        named = number and shown.lanes[number - 1].name == lane.name
        parts.append("" if named else _text(LEFT - 14, middle + 4, lane.name, "end", "currentColor"))
        parts += _bars(lane, shown.scale, middle) if lane.bars else _marks(lane, shown.scale, middle)
    parts.append("</svg>")
    return "".join(parts)


def _description(shown: Timeline) -> str:
    text = " ".join(map(str, shown.lanes))
    more = f" {shown.left_out} more windows and waits." if shown.left_out else ""
    return (text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION]}…") + more


def _marks(lane: Lane, scale: Scale, middle: float) -> Iterator[str]:
    begin, end = scale.place(lane.marks[0].at), scale.place(max(mark.until for mark in lane.marks))
    yield f'<path d="M{_x(begin):g} {middle:g}H{_x(end):g}" stroke="currentColor" stroke-opacity=".35"/>'
    places = spread([_x(scale.place(mark.at)) for mark in lane.marks], MARK, WIDTH - MARK)
    for mark, x, following in zip(lane.marks, places, [*places[1:], WIDTH], strict=True):
        words = f"{mark.count}×" if mark.count > 1 else ""  # noqa: RUF001 - it is the sign for times
        has_room = x + MARK + LETTER * len(words) < following - MARK / 2
        yield (
            f"<g><title>{_escaped(str(mark))}</title>{_mark(mark, x, _x(scale.place(mark.until)), middle)}"
            f"{_text(x + 7, middle - 3, words, 'start', _colour(mark)) if words and has_room else ''}</g>"
        )


def _colour(mark: Mark) -> str:
    return _COLOURS.get(mark.kind[0], _WITNESS)


def _mark(mark: Mark, x: float, end: float, middle: float) -> str:
    colour = _colour(mark)
    lasting = f'<path d="M{x:g} {middle:g}H{end:g}" stroke="{colour}" stroke-width="5" stroke-opacity=".4"/>'
    where = f'transform="translate({x:g} {middle:g})"'
    if line := _LINES.get(mark.kind):
        sign = f'<path {where} d="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    else:
        sign = f'<path {where} d="{_AREAS.get(mark.kind, _DOT)}" fill="{colour}"/>'
    return (lasting if end > x else "") + sign


def _bars(lane: Lane, scale: Scale, middle: float) -> Iterator[str]:
    for bar in lane.bars:
        parts = _window(bar, scale, middle) if bar.what == "window" else _wait(bar, scale, middle)
        yield f"<g><title>{_escaped(str(bar))}</title>{parts}</g>"


def _window(bar: Bar, scale: Scale, middle: float) -> str:
    since, at, low, high = (_x(scale.place(moment)) for moment in (bar.since, bar.at, bar.low, bar.high))
    colour = _ALLOWED if bar.held else _MISSED
    return (
        f'<path d="M{since:g} {middle - 3:g}v6m0-3H{at:g}" stroke="{colour}" fill="none"/>'
        f'<rect x="{low:g}" y="{middle - 7:g}" width="{max(1.0, high - low):g}" height="14" rx="2" '
        f'fill="{_ALLOWED}" fill-opacity=".3"/>'
        f'<path d="M{at:g} {middle - 8:g}v16" stroke="{colour}" stroke-width="3"/>'
        f"{_measured(bar, at, (min(low, at), max(high, at)), middle, colour)}"
    )


def _wait(bar: Bar, scale: Scale, middle: float) -> str:
    begin, end = _x(scale.place(bar.since)), _x(scale.place(bar.at))
    colour = "currentColor" if bar.what == "wait" else _MISSED
    words = _counted(bar, bar.words)
    label = _text((begin + end) / 2, middle - 3, words, "middle", colour) if LETTER * len(words) <= end - begin else ""
    cross = f'<path transform="translate({end:g} {middle:g})" d="{_CROSS}" fill="none" stroke="{colour}"/>'
    return (
        f'<path d="M{begin:g} {middle:g}H{end:g}" stroke="{colour}" stroke-width="1.5" stroke-dasharray="2 3"/>'
        f"{cross if bar.what == 'late' else ''}{label}"
    )


def _measured(bar: Bar, at: float, extent: tuple[float, float], middle: float, colour: str) -> str:
    """The seconds that were measured, where there is room: behind everything, before it, or beside their moment."""
    words = _counted(bar, seconds(bar.at - bar.since))
    begin, end = extent
    wide = LETTER * len(words)
    if end + 6 + wide <= WIDTH:
        return _text(end + 6, middle + 4, words, "start", colour)
    # What ends before something stands above the line that comes from where it was measured.
    if begin - 4 - wide >= LEFT:
        return _text(begin - 4, middle - 3, words, "end", colour)
    if at + 6 + wide <= end:
        return _text(at + 6, middle + 4, words, "start", colour)
    return _text(at - 6, middle - 3, words, "end", colour)


def _counted(bar: Bar, words: str) -> str:
    return f"{words} ({bar.count} times)" if bar.count > 1 else words


def _text(x: float, y: float, words: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{_escaped(words)}</text>'


def _x(place: float) -> float:
    """Where a place of a scale is in a picture."""
    return round(LEFT + place * (WIDTH - LEFT - RIGHT), 1)


def _escaped(text: str) -> str:
    return escape(safe(text))
