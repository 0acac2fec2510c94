"""
Mutants of the calendar that handles errors: what is found, and what is not.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from twisted.web.http import CACHED
from twisted.web.server import Request

from reference_impl.dynamic_dispatch import YearPage
from tests.mutants import Reference, mutant, of
from tests.mutants._calendars import Missing, a_byte_too_many, read_again, usual, years


@mutant(
    *of(
        "error-handling",
        "any-segment-that-is-no-number-is-not-found",
        "bytes-that-are-no-text-are-not-found",
        "what-is-no-year-is-not-found",
    )
)
def reads_a_number_up_to_its_end(reference: Reference) -> None:
    """What begins with digits is a year, as far as it goes."""

    def child(path: bytes, _: Request) -> Any:
        return YearPage(int(re.match(rb"\s*[+-]?[\d_]*", path)[0]))

    years(reference, child)


@mutant(
    *of("error-handling", "what-is-no-year-is-not-found"),
)
def reads_hexadecimal_numbers(reference: Reference) -> None:
    """A number may be written as in a program: 0x7d9."""
    years(reference, lambda path, _: YearPage(int(path, 0) if path[:1] == b"0" and path.strip(b"0") else int(path)))


@mutant(
    *of(
        "error-handling",
        "a-line-break-in-a-path-adds-no-field",
        "a-long-path-is-not-found",
        "a-missing-page-leaves-the-connection-usable",
        "a-year-is-found-beside-missing-pages",
        "any-segment-that-is-no-number-is-not-found",
        "below-a-missing-page-nothing-is-found",
        "bytes-that-are-no-text-are-not-found",
        "head-of-a-missing-page-is-not-found",
        "many-missing-pages-are-all-answered",
        "pipelined-missing-pages-keep-their-place",
        "preconditions-and-ranges-change-no-not-found",
        "the-body-of-a-post-is-no-request",
        "what-is-echoed-is-escaped",
        "what-is-no-year-is-not-found",
    )
)
def says_not_found_with_a_good_status(reference: Reference) -> None:
    """The page says "not found", and its status 200."""

    class Page(Missing):
        def render(self, request: Request) -> Any:
            body = super().render(request)
            request.setResponseCode(200)
            return body

    years(reference, usual, Page)


@mutant(
    *of(
        "error-handling",
        "a-missing-page-leaves-the-connection-usable",
        "many-missing-pages-are-all-answered",
        "pipelined-missing-pages-keep-their-place",
        "the-body-of-a-post-is-no-request",
    )
)
def announces_characters_of_errors(reference: Reference) -> None:
    """The length of an error counts characters, and the page has one that takes two bytes."""

    class Page(Missing):
        def body(self, request: Request) -> Any:
            return a_byte_too_many(request, "<html><body>No such page \N{EM DASH} sorry.</body></html>")

    years(reference, usual, Page)


@mutant(*of("error-handling", "head-of-a-missing-page-is-not-found"))
def finds_everything_for_head(reference: Reference) -> None:
    """HEAD renders nothing, and so does not find out that there is nothing."""

    class Page(Missing):
        def render(self, request: Request) -> Any:
            body = super().render(request)
            if request.method == b"HEAD":
                request.setResponseCode(200)
            return body

    years(reference, usual, Page)


@mutant(*of("error-handling", "head-of-a-missing-page-is-not-found"))
def answers_head_of_a_missing_page_as_get(reference: Reference) -> None:
    """HEAD of a missing page is answered with the whole page."""

    class Page(Missing):
        def render(self, request: Request) -> Any:
            request.method = b"GET"
            return super().render(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "below-a-missing-page-nothing-is-found"))
def finds_years_below_missing_pages(reference: Reference) -> None:
    """Below a missing page all years are found again."""

    class Page(Missing):
        def getChild(self, path: bytes, request: Request) -> Any:
            try:
                return usual(path, request)
            except ValueError:
                return self

    years(reference, usual, Page)


@mutant(*of("error-handling", "below-a-year-nothing-is-found"))
def looks_at_the_first_segment_only(reference: Reference) -> None:
    """Whatever stands below a year is that year."""

    class Page(YearPage):
        isLeaf = True  # noqa: N815 - Twisted's name

    years(reference, lambda path, _: Page(int(path)))


@mutant(*of("error-handling", "preconditions-and-ranges-change-no-not-found"))
def has_a_tag_for_what_is_missing(reference: Reference) -> None:
    """The page that says "not found" has an ETag, and is not sent to who may have it."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return b"" if request.setETag(b'"missing"') is CACHED else super().body(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "preconditions-and-ranges-change-no-not-found"))
def cuts_ranges_from_errors(reference: Reference) -> None:
    """Of the page that says "not found", a part can be had."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            body = super().body(request)
            if request.getHeader(b"range") is None:
                return body
            request.setResponseCode(206)
            request.setHeader(b"Content-Range", b"bytes 0-3/%d" % len(body))
            return body[:4]

    years(reference, usual, Page)


@mutant(*of("error-handling", "the-body-of-a-post-is-no-request"))
def leaves_the_body_of_a_missing_page_unread(reference: Reference) -> None:
    """What is missing is answered before the body is read, which is then taken for a request."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            read_again(request)
            return super().body(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "many-missing-pages-are-all-answered"))
def gives_up_after_a_hundred(reference: Reference) -> None:
    """Who asks for a hundred missing pages is taken for a scanner, and so are all who come from there."""
    asked: list[bytes] = []

    def child(path: bytes, request: Request) -> Any:
        try:
            return usual(path, request)
        except ValueError:
            asked.append(path)
            if len(asked) <= 100:
                raise
            page = Missing()
            page.render = lambda request: request.setResponseCode(429) or b"Slowly!"
            return page

    years(reference, child)


@mutant(*of("error-handling", "a-number-without-a-calendar-is-no-server-error"))
def fails_beyond_the_calendar(reference: Reference) -> None:
    """A whole number is a page, which fails when the number is no year of a date."""

    class Page(YearPage):
        def render_GET(self, request: Request) -> bytes:
            return super().render_GET(request) + date(self.year, 1, 1).strftime("%a").encode()

    years(reference, lambda path, _: Page(int(path)))


@mutant(
    *of(
        "error-handling",
        "a-line-break-in-a-path-adds-no-field",
        "any-segment-that-is-no-number-is-not-found",
        "bytes-that-are-no-text-are-not-found",
    )
)
def names_what_is_missing_in_latin_1(reference: Reference) -> None:
    """The page names what is missing, in the one alphabet that its author thought of: other text is an error."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            request.setHeader(b"X-Missing", request.prepath[-1].decode().encode("latin-1"))
            return super().body(request)

    years(reference, usual, Page)
