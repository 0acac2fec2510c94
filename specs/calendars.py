"""
What the specs of the two calendars have in common: where a year is, and whether its page is the right one.
"""

import html
from calendar import calendar

from harness import NotOffered

#: Requests side by side in one spec: enough to swap some, few enough for any server.
SIDE_BY_SIDE = 12

#: What nobody takes for a year, letters and digits mixed too; each is a path segment as it is sent.
NO_YEARS = ("abc", "twenty-nine", "2009x", "x2009", "20.09", "2009-01", "2oo9", "0x7d9", "--", "None")

#: Answers in which markup is only text, whatever a browser makes of it.
PLAIN = ("text/plain", "application/json", "application/problem+json")


def at(page, segment):
    """The path with this segment in the place of the year, sent as it is: what is to be quoted is quoted already."""
    return page.path.replace("{year}", segment.replace("{", "{{").replace("}", "}}"))


def shown(page, year):
    """What the page of a year contains."""
    return page.shows.replace("{year}", str(year))


def has_the_calendar(page, year, answer):
    """This is the whole page of that year: it shows the year, and its calendar where the profile says how it looks."""
    assert answer.status == 200
    assert answer.complete, answer.problem
    assert shown(page, year) in answer.text
    if page.text:
        assert calendar(year) in html.unescape(answer.text)


def is_missing(page, answer):
    """This is the whole answer that there is no such page."""
    assert answer.status == page.status
    assert answer.complete, answer.problem


def harmless(name, answer, *tags):
    """None of these tags stands in the answer as a browser would take it."""
    told = (answer.fields.get("content-type") or "").partition(";")[0].strip().lower()
    if told not in PLAIN:
        for tag in tags:
            assert tag not in answer.body, f"{name}: the answer has {tag!r} as it was sent"


def side_by_side(target, least=2):
    """How many requests may be outstanding together; raises `NotOffered` if that is not enough to tell anything."""
    most = min(target.parallel, SIDE_BY_SIDE)
    if most < least:
        message = f"[server] parallel = {target.parallel}: it takes {least} requests at once to see this"
        raise NotOffered(message)
    return most


async def pipelined(wire, *paths, method="GET"):
    """The answers to requests sent in one piece, None for each that the server did not answer before it closed."""
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of(method, path) for path in paths))
    return [await conversation.answer_if_any(method=method) for _ in paths]
