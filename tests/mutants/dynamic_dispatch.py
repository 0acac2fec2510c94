"""
Mutants of the calendar: which year is shown to whom.
"""

from __future__ import annotations

from calendar import calendar, isleap, weekday
from typing import Any

from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.dynamic_dispatch import YearPage
from tests.mutants import Reference, mutant, of
from tests.mutants._calendars import ANY_LAYOUT, a_byte_too_many, both, children, pages


def shown(year: int, text: str) -> bytes:
    """A page with this text under the year's number."""
    return f"<html><body><h1>{year}</h1><pre>{text}</pre></body></html>".encode()


@mutant(*both("different-years-have-different-calendars", "a-leap-day-makes-a-difference"), claims=ANY_LAYOUT)
def has_one_calendar_for_all_years(reference: Reference) -> None:
    """The heading has the year, and the calendar below it is always that of the first one asked for."""
    kept: list[str] = []

    class Page(YearPage):
        def render_GET(self, request: Request) -> bytes:
            kept.append(calendar(self.year))
            return shown(self.year, kept[0].replace(kept[0].split()[0], ""))

    pages(reference, Page)


@mutant(*both("a-leap-day-makes-a-difference"), claims=ANY_LAYOUT)
def knows_no_leap_years(reference: Reference) -> None:
    """February has 28 days, always."""

    def common(year: int) -> int:
        begins = weekday(year, 1, 1)
        return next(one for one in range(2001, 2020) if not isleap(one) and weekday(one, 1, 1) == begins)

    class Page(YearPage):
        def render_GET(self, request: Request) -> bytes:
            same = common(self.year)
            return shown(self.year, calendar(same).replace(str(same), ""))

    pages(reference, Page)


@mutant(*both("the-calendar-is-right", "every-year-has-its-page"))
def takes_every_fourth_year_for_a_leap_year(reference: Reference) -> None:
    """1900 and 2100 have a 29th of February, as in the Julian calendar."""

    class Page(YearPage):
        def render_GET(self, request: Request) -> bytes:
            if self.year % 4 == 0 and not isleap(self.year):
                return shown(self.year, calendar(self.year - 4).replace(str(self.year - 4), str(self.year)))
            return super().render_GET(request)

    pages(reference, Page)


@mutant(*both("the-calendar-is-right"))
def keeps_pages_under_two_digits(reference: Reference) -> None:
    """A page that was made is kept under the last two digits of its year."""
    made: dict[int, YearPage] = {}
    pages(reference, lambda year: made.setdefault(year % 100, YearPage(year)))


@mutant(*both("the-calendar-is-right", "every-year-has-its-page"))
def takes_two_digits_for_this_century(reference: Reference) -> None:
    """The year 24 is 2024."""
    pages(reference, lambda year: YearPage(year + 2000 if year < 100 else year))


@mutant(
    *both(
        "every-year-has-its-page",
        "pipelined-years-keep-their-order",
        "the-calendar-is-right",
        "the-year-of-the-path-is-shown",
    ),
    *of("dynamic-dispatch", "a-year-behind-what-is-none-is-not-swapped"),
    *of("error-handling", "pipelined-missing-pages-keep-their-place"),
)
def has_the_years_of_a_list(reference: Reference) -> None:
    """There are pages for 1990 to 2050, and for no other year."""

    def child(path: bytes, _: Request) -> Any:
        year = int(path)
        if year not in range(1990, 2051):
            raise ValueError
        return YearPage(year)

    children(reference, child)


@mutant(*both("the-calendar-is-right", "every-year-has-its-page"))
def needs_four_digits(reference: Reference) -> None:
    """The year 999 is no year."""

    def child(path: bytes, _: Request) -> Any:
        year = int(path)
        if 0 <= year < 1000:
            raise ValueError
        return YearPage(year)

    children(reference, child)


@mutant(*both("a-year-is-the-same-page-each-time"))
def links_to_the_year_before(reference: Reference) -> None:
    """A page has a link to whatever year was asked for last, by whoever it was."""
    last = [2009]

    class Page(YearPage):
        def render_GET(self, request: Request) -> bytes:
            link = b"<a href='%d'>back</a>" % last[0]
            last[0] = self.year
            return super().render_GET(request) + link

    pages(reference, Page)


@mutant(
    *both("years-asked-for-at-once-are-not-swapped"),
    *of("dynamic-dispatch", "a-huge-number-exhausts-nothing", "what-is-no-year-disturbs-no-other"),
    *of("error-handling", "a-year-is-found-beside-missing-pages"),
)
def keeps_the_year_where_all_share_it(reference: Reference) -> None:
    """There is one page, which is told its year when it is found, and reads it when it is rendered a little later."""

    class Page(YearPage):
        def _late(self, request: Request) -> None:
            request.write(YearPage.render_GET(self, request))
            request.finish()

        def render_GET(self, request: Request) -> int:
            reference.reactor.callLater(0.01, self._late, request)
            return NOT_DONE_YET

    only = Page(2009)

    def page(year: int) -> Page:
        only.year = year
        return only

    pages(reference, page)


@mutant(*both("a-year-that-comes-in-pieces-is-not-swapped"))
def takes_the_newest_request_line(reference: Reference) -> None:
    """Request lines are taken apart as they come, into one place: who comes in pieces is answered another's year."""
    newest = [b""]
    build = reference.site.buildProtocol

    def watched(address: Any) -> Any:
        protocol = build(address)
        channel = getattr(protocol, "_channel", protocol)
        received = channel.lineReceived

        def line(data: bytes) -> None:
            parts = data.split(b" ")
            if len(parts) == 3 and parts[1].count(b"/") == 2:
                newest[0] = parts[1].partition(b"?")[0].split(b"/")[2]
            received(data)

        channel.lineReceived = line
        return protocol

    reference.site.buildProtocol = watched

    def child(path: bytes, _: Request) -> Any:
        return YearPage(int(newest[0] if newest[0].isdigit() and path.isdigit() else path))

    children(reference, child)


@mutant(
    *both("pipelined-years-keep-their-order"),
    "error-handling/pipelined-missing-pages-keep-their-place",
    "dynamic-dispatch/a-year-behind-what-is-none-is-not-swapped",
)
def remembers_the_year_of_a_connection(reference: Reference) -> None:
    """The first year that is asked for on a connection is that of all others there."""

    def child(path: bytes, request: Request) -> Any:
        year = int(path)
        request.channel.year = getattr(request.channel, "year", year)
        return YearPage(request.channel.year)

    children(reference, child)


@mutant(
    *both("next-answer-follows-on-the-same-connection", "pipelined-years-keep-their-order"),
    *of("dynamic-dispatch", "a-year-behind-what-is-none-is-not-swapped"),
    *of("error-handling", "pipelined-missing-pages-keep-their-place", "the-body-of-a-post-is-no-request"),
)
def announces_characters(reference: Reference) -> None:
    """The length counts characters, and the page has one that takes two bytes."""

    class Page(YearPage):
        def render_GET(self, request: Request) -> int:
            return a_byte_too_many(request, super().render_GET(request).decode() + "\N{COPYRIGHT SIGN}")

    pages(reference, Page)


@mutant(*both("an-encoded-digit-is-the-same-year"))
def looks_at_the_path_as_it_was_sent(reference: Reference) -> None:
    """The year is cut from the path before that is decoded."""
    children(reference, lambda _, request: YearPage(int(request.path.split(b"/")[2])))


@mutant(*both("a-query-changes-no-year"))
def prefers_the_query(reference: Reference) -> None:
    """Parameters of the query and of the path stand in one dictionary, and the query comes last."""
    children(reference, lambda path, request: YearPage(int({b"year": [path], **request.args}[b"year"][0])))


@mutant(*both("head-has-no-body"))
def answers_head_as_get(reference: Reference) -> None:
    """HEAD is answered with the whole page."""

    class Page(YearPage):
        def render_HEAD(self, request: Request) -> Any:
            request.method = b"GET"
            return self.render_GET(request)

    pages(reference, Page)


@mutant(*both("head-says-what-get-says"))
def says_that_head_is_empty(reference: Reference) -> None:
    """HEAD says that the page has no bytes: nothing was rendered."""

    class Page(YearPage):
        def render_HEAD(self, request: Request) -> bytes:
            request.setHeader(b"Content-Length", b"0")
            request.setHeader(b"Content-Type", b"text/html")
            return b""

    pages(reference, Page)


@mutant(*both("the-type-of-a-calendar-is-told"))
def tells_no_type(reference: Reference) -> None:
    """A calendar has no Content-Type."""

    class Page(YearPage):
        def render_GET(self, request: Request) -> bytes:
            request.defaultContentType = None
            return super().render_GET(request)

        render_HEAD = render_GET

    pages(reference, Page)


@mutant(*both("a-refused-method-names-those-allowed"))
def refuses_without_a_word(reference: Reference) -> None:
    """A method that is not allowed is answered 405, by hand."""

    class Page(YearPage):
        def render_POST(self, request: Request) -> bytes:
            request.setResponseCode(405)
            return b"Not here."

    pages(reference, Page)
