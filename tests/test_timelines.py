"""
A picture stands in a page as it is: well formed, bounded, and nothing in it is markup of a target's.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reports.timelines import AXIS, HEIGHT, LEFT, LONGEST_DESCRIPTION, RIGHT, WIDTH, picture
from harness.results import Result
from harness.transcripts import MOST_ENTRIES, Entry, safe
from tests.test_lanes import TRANSCRIPTS, result, window

#: How long the axis is.
ROOM = WIDTH - LEFT - RIGHT

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*entries: Entry) -> ET.Element:
    """The picture of this transcript."""
    return ET.fromstring(picture(result(*entries)))


def titles(svg: ET.Element) -> list[str]:
    """What is said of each thing in it."""
    return [title.text or "" for title in svg.findall(f"{SVG}g/{SVG}title")]


def numbers(svg: ET.Element) -> Iterator[tuple[float, float]]:
    """The place of each thing in it, across and down."""
    for element in svg.iter():
        if element.tag in (f"{SVG}text", f"{SVG}rect"):
            yield float(element.attrib["x"]), float(element.attrib["y"])
        elif where := re.fullmatch(r"translate\((\S+) (\S+)\)", element.attrib.get("transform", "")):
            yield float(where[1]), float(where[2])


@settings(deadline=None)
@given(entries=TRANSCRIPTS)
def test_any_transcript_gives_a_well_formed_picture(entries: list[Entry]) -> None:
    """Or none; no control character is in it, and everything is within it."""
    text = picture(result(*entries))

    if not text:
        return
    svg = ET.fromstring(text)
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    assert (left, top, width) == (0, 0, WIDTH)
    assert safe(text) == text
    assert "\n" not in text
    assert all(0 <= x <= width and 0 <= y <= height for x, y in numbers(svg))


def test_a_long_transcript_gives_a_picture_of_bounded_size() -> None:
    """Hundreds of them stand in one page."""
    many = [
        Entry(0.01 * number, who, "bytes", "<" * 4096, number % 40)
        for number in range(MOST_ENTRIES)
        for who in ("us", "them")
    ]
    measured = [window(4.0, f"{number / 10} s from 0 s; allowed: 0 to 5 s") for number in range(100)]

    assert len(picture(result(*many, *measured))) < 150_000


def test_where_nothing_happened_there_is_no_picture() -> None:
    """A spec that was not offered has none."""
    assert picture(result()) == ""


def test_it_says_in_words_what_it_shows() -> None:
    """For who does not see it, and for who points at a mark."""
    svg = drawn(
        Entry(0.0, "us", "bytes", "GET / HTTP/1.1\r\n\r\n", 1), Entry(5.7, "them", "bytes", "HTTP/1.1 200 OK\r\n", 1),
        window(5.7, "5.7 s from 0 s; allowed: 4.99 to 5.5 s; missed"), Entry(5.7, "us", "close", "", 1),
    )  # fmt: skip

    told = [
        "0.000 s: we sent GET / HTTP/1.1",
        "5.700 s: they sent HTTP/1.1 200 OK",
        "5.700 s: we closed",
        "5.700 s: measured; allowed from 4.990 s to 5.500 s, missed",
    ]
    assert svg.attrib["role"] == "img"
    assert svg.findtext(f"{SVG}title") == "What happened in cgi/one, and when"
    assert svg.findtext(f"{SVG}desc") == f"connection 1: {'; '.join(told[:3])}. clock: {told[3]}."
    assert titles(svg) == told


def test_a_long_description_is_cut() -> None:
    """What is left out of the picture is counted in it."""
    entries = [Entry(float(number), "us", "bytes", "x" * 50, number % 9) for number in range(300)]
    windows = [window(300.0, f"{10 * number} s from 0 s; allowed: 0 to 299 s") for number in range(1, 30)]

    said = drawn(*entries, *windows).findtext(f"{SVG}desc") or ""

    assert re.search(r"… \d+ more windows and waits\.$", said)
    assert len(said) < LONGEST_DESCRIPTION + 100


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x>', "</title></svg><b>", "&lt;", "\x00\x1b[2J"]
)
def test_nothing_of_a_target_is_markup(hostile: str) -> None:
    """Nor in the name of a spec, which a result file may have from anywhere."""
    entries = [Entry(0.0, "them", "bytes", hostile, 1), Entry(0.0, "clock", "wait", f"until 1 s: {hostile}")]
    usual = [Entry(0.0, "them", "bytes", "x", 1), Entry(0.0, "clock", "wait", "until 1 s: x")]
    hostile_result = Result(hostile, result().level, result().verdict, transcript=entries)

    svg = ET.fromstring(picture(hostile_result))

    def tags(of: ET.Element) -> list[str]:
        return sorted({element.tag for element in of.iter()})

    assert tags(svg) == tags(drawn(*usual))
    assert titles(svg)[0] == f"0.000 s: they sent {safe(hostile)}"


def test_it_needs_nothing_else_and_clashes_with_nothing() -> None:
    """No id, no style of its own, no address; the colours are variables of the page with a fallback."""
    text = picture(
        result(
            Entry(0.0, "us", "bytes", "GET", 1), Entry(0.5, "them", "reset", "", 1),
            Entry(0.6, "witness", "event", "e"), window(0.7, "0.7 s from 0 s; allowed: 0 to 0.6 s; missed"),
            Entry(0.9, "clock", "late", "since 0.8 s: no"),
        )
    )  # fmt: skip

    assert not re.search(r"\b(id|style|href|src|onload)=|url\(|<style|<script", text)
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) == {
        "currentColor", "none", "var(--timeline-us, #3b82d6)", "var(--timeline-them, #c9741a)",
        "var(--timeline-witness, #8b62d0)", "var(--timeline-allowed, #2f9e62)", "var(--timeline-missed, #d8433b)",
    }  # fmt: skip


def test_a_window_is_shaded_and_the_measured_moment_stands_where_it_was() -> None:
    """Inside it or outside; the seconds stand beside it."""
    svg = drawn(window(10.0, "10 s from 0 s; allowed: 5 to 7.5 s; missed"))

    shade = svg.find(f"{SVG}g/{SVG}rect")
    paths = [path.attrib["d"] for path in svg.findall(f"{SVG}g/{SVG}path")]
    assert shade is not None
    assert float(shade.attrib["x"]) == LEFT + ROOM / 2
    assert float(shade.attrib["width"]) == ROOM / 4
    assert paths[1].startswith(f"M{LEFT + ROOM:g} ")
    assert svg.findtext(f"{SVG}g/{SVG}text") == "10.000 s"


@pytest.mark.parametrize(
    ("said", "x"),
    [
        ("2 s from 0 s; allowed: 0 to 3 s", LEFT + ROOM * 3.0 / 10.0 + 6),
        ("9 s from 0 s; allowed: 8.9 to 20 s", LEFT + ROOM * 8.9 / 12.5 - 4),
        ("5 s from 0 s; allowed: 0 to 20 s", LEFT + ROOM * 5.0 / 12.5 + 6),
        ("10 s from 0 s; allowed: 0 to 5 s; missed", LEFT + ROOM - 6),
    ],
    ids=["behind it", "before it", "in it", "before the moment"],
)
def test_what_was_measured_is_said_where_there_is_room(said: str, x: float) -> None:
    """Beside the window, or else beside its moment; with how often, if it is more than once."""
    svg = drawn(Entry(0.0, "us", "open"), Entry(10.0, "us", "close"), window(10.0, said), window(10.0, said))

    (text,) = svg.findall(f"{SVG}g/{SVG}text")
    assert (text.text or "").endswith(".000 s (2 times)")
    assert float(text.attrib["x"]) == pytest.approx(x, abs=0.1)


def test_marks_at_one_moment_stand_beside_each_other() -> None:
    """In the order in which they came; also at the end of the axis."""
    entries = [Entry(0.0, "us", "open", "", 1), Entry(0.0, "us", "bytes", "a", 1), Entry(1.0, "them", "bytes", "b", 1)]

    svg = drawn(*entries, Entry(1.0, "them", "close", "", 1))

    places = [x for x, y in numbers(svg) if y == HEIGHT / 2]
    assert [after - before >= 10 for before, after in pairwise(places)] == [True] * 3
    assert places[-1] <= WIDTH


def test_one_lane_of_the_clock_is_named_once() -> None:
    """Its rows are one lane to people."""
    svg = drawn(*(window(5.0, f"{number} s from 0 s; allowed: 0 to 5 s") for number in (1, 3, 5)))

    names = [text.text for text in svg.findall(f"{SVG}text") if text.attrib["text-anchor"] == "end"]
    assert names == ["clock"]
    assert svg.attrib["viewBox"].endswith(f" {3 * HEIGHT + AXIS:g}")


@settings(deadline=None)
@given(count=st.integers(2, 300))
def test_what_is_merged_tells_how_much_it_is(count: int) -> None:
    """On the picture and in its words."""
    svg = drawn(*(Entry(0.0, "them", "bytes", "x", 1) for _ in range(count)), Entry(5.0, "them", "close", "", 1))

    assert svg.findtext(f"{SVG}g/{SVG}text") == f"{count}\N{MULTIPLICATION SIGN}"
    assert titles(svg)[0] == f"0.000 s to 0.000 s: they sent, {count} times"
