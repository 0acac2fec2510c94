"""
Mutants of the page that tells the time: whose time it is, how old, and what else it answers.
"""

from __future__ import annotations

import time
from typing import Any

from twisted.web.http import datetimeToString
from twisted.web.server import Request

from reference_impl import dynamic_content
from tests.mutants import Reference, mutant, of

HEAD = b"<!DOCTYPE html><html><head><meta charset='utf-8'><title></title></head><body>"


def put(reference: Reference, page: type[dynamic_content.ClockPage]) -> None:
    """Put a page in place of the right one."""
    reference.root.putChild(b"dynamic-content", page(reference.reactor))


def going(reference: Reference, clock: Any) -> None:
    """Tell the time that this makes of the right one."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            return HEAD + time.ctime(clock(self._reactor.seconds())).encode()

    put(reference, Page)


def kept(reference: Reference, seconds: float) -> None:
    """Keep a page for so long."""

    class Page(dynamic_content.ClockPage):
        until, page = -1.0, b""

        def render_GET(self, request: Request) -> bytes:
            if self._reactor.seconds() >= self.until:
                self.until, self.page = self._reactor.seconds() + seconds, super().render_GET(request)
            return self.page

    put(reference, Page)


@mutant(
    *of(
        "dynamic-content",
        "a-query-changes-nothing",
        "each-visit-is-told-its-own-time",
        "the-clock-is-right-all-day",
        "the-next-visit-on-a-connection-is-told-its-own-time",
        "the-page-is-whole-and-framed",
        "the-time-is-told",
        "visits-at-once-are-told-the-same-time",
        "who-was-here-is-told-the-time-anew",
    )
)
def tells_the_time_in_seconds(reference: Reference) -> None:
    """The time is a number."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            return HEAD + b"%d" % self._reactor.seconds()

    put(reference, Page)


@mutant(
    *of(
        "dynamic-content",
        "a-query-changes-nothing",
        "each-visit-is-told-its-own-time",
        "the-clock-is-right-all-day",
        "the-next-visit-on-a-connection-is-told-its-own-time",
        "the-page-is-whole-and-framed",
        "the-time-is-told",
        "visits-at-once-are-told-the-same-time",
        "who-was-here-is-told-the-time-anew",
    )
)
def counts_months_from_nought(reference: Reference) -> None:
    """The day of the month is that of the list, which begins with nought."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            return HEAD + time.strftime("%a %b 00 %H:%M:%S %Y", time.localtime(self._reactor.seconds())).encode()

    put(reference, Page)


@mutant(
    *of(
        "dynamic-content",
        "each-visit-is-told-its-own-time",
        "the-clock-is-right-all-day",
        "the-next-visit-on-a-connection-is-told-its-own-time",
        "who-was-here-is-told-the-time-anew",
    )
)
def tells_when_the_server_was_started(reference: Reference) -> None:
    """The page was made when the server was started."""
    began = reference.reactor.seconds()
    going(reference, lambda _: began)


@mutant(
    *of(
        "dynamic-content",
        "each-visit-is-told-its-own-time",
        "the-next-visit-on-a-connection-is-told-its-own-time",
        "who-was-here-is-told-the-time-anew",
    )
)
def keeps_the_page_for_two_seconds(reference: Reference) -> None:
    """A page is kept for two seconds."""
    kept(reference, 2.0)


@mutant(*of("dynamic-content", "the-next-visit-on-a-connection-is-told-its-own-time"))
def tells_the_first_time_again_on_a_connection(reference: Reference) -> None:
    """A connection has one page."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            return request.transport.__dict__.setdefault("page", super().render_GET(request))

    put(reference, Page)


@mutant(
    *of(
        "dynamic-content",
        "a-query-changes-nothing",
        "the-clock-is-right-all-day",
        "visits-at-once-are-told-the-same-time",
    )
)
def counts_visits(reference: Reference) -> None:
    """Each visit is told a second more than the one before."""
    visits = [reference.reactor.seconds()]

    def clock(_: float) -> float:
        visits[0] += 1
        return visits[0]

    going(reference, clock)


@mutant(*of("dynamic-content", "the-clock-is-right-all-day"))
def goes_slow(reference: Reference) -> None:
    """The clock loses a minute in an hour."""
    began = reference.reactor.seconds()
    going(reference, lambda now: began + (now - began) * 59 / 60)


@mutant(*of("dynamic-content", "the-clock-is-right-all-day"))
def counts_hours_to_twelve(reference: Reference) -> None:
    """Noon is nought: the hours are those of half a day."""
    going(reference, lambda now: now - 43200 * (now // 43200 % 2))


@mutant(
    *of(
        "dynamic-content",
        "a-query-changes-nothing",
        "each-visit-is-told-its-own-time",
        "the-clock-is-right-all-day",
        "the-next-visit-on-a-connection-is-told-its-own-time",
        "visits-at-once-are-told-the-same-time",
    )
)
def has_two_clocks(reference: Reference) -> None:
    """Every other visit is answered by a process whose clock is five seconds slow."""
    visits = [0]

    def clock(now: float) -> float:
        visits[0] += 1
        return now - 5 * (visits[0] % 2)

    going(reference, clock)


@mutant(*of("dynamic-content", "who-was-here-is-told-the-time-anew"))
def has_a_tag_that_never_changes(reference: Reference) -> None:
    """The page has an ETag of its name, and answers 304 to who has it."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            page = super().render_GET(request)
            return b"" if request.setETag(b'"clock"') else page

    put(reference, Page)


@mutant(*of("dynamic-content", "no-cache-may-keep-it", "who-was-here-is-told-the-time-anew"))
def has_not_changed_since_the_server_was_started(reference: Reference) -> None:
    """The page was last modified when the server was started, and answers 304 to who has been here since."""
    began = reference.reactor.seconds()

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            page = super().render_GET(request)
            return b"" if request.setLastModified(began - 3600) else page

    put(reference, Page)


@mutant(*of("dynamic-content", "no-cache-may-keep-it"))
def may_be_kept_for_a_minute(reference: Reference) -> None:
    """Cache-Control allows a minute."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            request.setHeader(b"cache-control", b"public, max-age=60")
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "no-cache-may-keep-it"))
def expires_in_an_hour(reference: Reference) -> None:
    """Expires is an hour ahead."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            now = time.time() if request.responseHeaders.hasHeader(b"date") else self._reactor.seconds()
            request.setHeader(b"expires", datetimeToString(now + 3600))
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "the-next-visit-on-a-connection-is-told-its-own-time", "the-page-is-whole-and-framed"))
def measures_the_page_before_it_is_written(reference: Reference) -> None:
    """Content-Length is that of the page without its last byte."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            page = super().render_GET(request)
            request.write(page + b"\n")
            return b""

        def render(self, request: Request) -> Any:
            request.setHeader(b"content-length", b"%d" % (len(HEAD) + 24))
            return super().render(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "the-page-is-html-and-tells-its-charset"))
def is_plain_text(reference: Reference) -> None:
    """The page says that it is text/plain."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            request.setHeader(b"content-type", b"text/plain; charset=utf-8")
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "the-page-is-html-and-tells-its-charset"))
def tells_no_charset(reference: Reference) -> None:
    """Neither the type nor the page says that it is UTF-8."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            return super().render_GET(request).replace(b"<meta charset='utf-8'>", b"")

    put(reference, Page)


@mutant(*of("dynamic-content", "a-query-changes-nothing"))
def takes_the_time_from_the_query(reference: Reference) -> None:
    """With `time` in the query, that is the time."""

    class Page(dynamic_content.ClockPage):
        def render_GET(self, request: Request) -> bytes:
            if b"time" in request.args:
                return HEAD + time.ctime(int(request.args[b"time"][0])).encode()
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "head-has-no-body"))
def answers_head_as_get(reference: Reference) -> None:
    """HEAD gets the page."""

    class Page(dynamic_content.ClockPage):
        def render_HEAD(self, request: Request) -> bytes:
            request.method = b"GET"
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "head-tells-what-get-would"))
def refuses_head(reference: Reference) -> None:
    """HEAD is a method that the page does not have."""

    class Page(dynamic_content.ClockPage):
        def render_HEAD(self, request: Request) -> bytes:
            request.setResponseCode(405)
            request.setHeader(b"allow", b"GET")
            return b""

    put(reference, Page)


@mutant(*of("dynamic-content", "head-tells-what-get-would"))
def tells_another_type_to_head(reference: Reference) -> None:
    """HEAD does not run the page, and has the server's usual type."""

    class Page(dynamic_content.ClockPage):
        def render_HEAD(self, request: Request) -> bytes:
            request.setHeader(b"content-type", b"application/octet-stream")
            return b""

    put(reference, Page)


@mutant(*of("dynamic-content", "other-methods-are-refused"))
def takes_a_post_for_a_get(reference: Reference) -> None:
    """A POST is told the time as well."""

    class Page(dynamic_content.ClockPage):
        def render_POST(self, request: Request) -> bytes:
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("dynamic-content", "a-refusal-names-the-methods-that-are-allowed"))
def refuses_posts_without_naming_others(reference: Reference) -> None:
    """A 405 has no Allow."""

    class Page(dynamic_content.ClockPage):
        def render_POST(self, request: Request) -> bytes:
            request.setResponseCode(405)
            return b""

    put(reference, Page)


@mutant(*of("dynamic-content", "a-refusal-names-the-methods-that-are-allowed"))
def allows_what_it_refuses(reference: Reference) -> None:
    """Allow has all methods that the server knows, the refused one among them."""

    class Page(dynamic_content.ClockPage):
        def render_POST(self, request: Request) -> bytes:
            request.setResponseCode(405)
            request.setHeader(b"allow", b"GET, HEAD, POST")
            return b""

    put(reference, Page)


@mutant(*of("dynamic-content", "a-refused-post-does-no-harm"))
def reads_no_body_of_a_post(reference: Reference) -> None:
    """The body of a POST to the page is not read: it stands where the next request should."""
    build: Any = reference.site.buildProtocol

    def built(address: Any) -> Any:
        protocol = build(address)
        received = protocol.dataReceived
        protocol.dataReceived = lambda data: received(
            data.replace(b"Content-Length", b"X-No-Length") if data.startswith(b"POST /dynamic") else data
        )
        return protocol

    reference.site.buildProtocol = built  # type: ignore[method-assign]
