"""
Mutants of the page that wants to be paid.
"""

from __future__ import annotations

from typing import Any

from twisted.web.http import CACHED
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.custom_codes import PaymentRequired
from reference_impl.repairs import requests
from tests.mutants import Reference, mutant, of
from tests.mutants._calendars import a_byte_too_many, read_again

#: The tutorial's page.
PAGE = b"<html><body>Please swipe your credit card.</body></html>"


def put(reference: Reference, page: type[PaymentRequired]) -> None:
    """Put a page in place of the right one."""
    reference.root.putChild(b"buy", page())


@mutant(
    *of(
        "custom-codes",
        "accept-changes-no-status",
        "neighbours-at-once-keep-their-own-status",
        "pipelined-neighbours-keep-their-own-status",
        "preconditions-change-nothing",
        "ranges-change-nothing",
        "the-status-is-as-set",
    )
)
def lets_in_who_comes_again(reference: Reference) -> None:
    """Who has been asked to pay is let in the next time."""
    asked: list[bytes] = []

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if asked:
                request.setResponseCode(200)
            asked.append(b"once")
            return body

    put(reference, Page)


@mutant(
    *of(
        "custom-codes",
        "a-browser-is-told-the-same",
        "http-1-0-has-the-same-status",
        "neighbours-at-once-keep-their-own-status",
        "next-answer-follows-on-the-same-connection",
        "pipelined-neighbours-keep-their-own-status",
        "preconditions-change-nothing",
        "ranges-change-nothing",
        "the-body-is-the-page-s-own",
        "whatever-is-asked-the-status-is-as-set",
    )
)
def has_words_of_its_own_for_each_status(reference: Reference) -> None:
    """The server's own page about a status stands in place of the application's."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            request.setResponseCode(402)
            return b"<html><body><h1>402 Payment Required</h1></body></html>"

    put(reference, Page)


@mutant(*of("custom-codes", "the-status-line-can-be-read"))
def has_no_reason_and_no_blank(reference: Reference) -> None:
    """The status line ends behind the digits: no reason is known for them."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            channel = request.channel
            write = channel.transport.writeSequence

            def sequence(parts: Any) -> None:
                channel.transport.writeSequence = write
                write([b"".join(parts).replace(b" 402 Payment Required\r\n", b" 402\r\n", 1)])

            channel.transport.writeSequence = sequence
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("custom-codes", "next-answer-follows-on-the-same-connection", "pipelined-neighbours-keep-their-own-status"))
def announces_characters(reference: Reference) -> None:
    """The length counts characters, and the page has one that takes three bytes."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> int:
            return a_byte_too_many(request, super().render_GET(request).decode() + "\N{EURO SIGN}")

    put(reference, Page)


@mutant(*of("custom-codes", "head-has-the-same-status-and-no-body", "whatever-is-asked-the-status-is-as-set"))
def asks_nobody_for_money_by_head(reference: Reference) -> None:
    """The status is set where the body is made, and HEAD makes none."""

    class Page(PaymentRequired):
        def render_HEAD(self, request: Request) -> bytes:
            request.setHeader(b"Content-Type", b"text/html")
            return b""

    put(reference, Page)


@mutant(*of("custom-codes", "head-has-the-same-status-and-no-body"))
def answers_head_as_get(reference: Reference) -> None:
    """HEAD is answered with the whole page."""

    class Page(PaymentRequired):
        def render_HEAD(self, request: Request) -> bytes:
            request.method = b"GET"
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("custom-codes", "head-says-what-get-says"))
def says_that_head_is_empty(reference: Reference) -> None:
    """HEAD says that the page has no bytes: nothing was rendered."""

    class Page(PaymentRequired):
        def render_HEAD(self, request: Request) -> bytes:
            request.setResponseCode(402)
            request.setHeader(b"Content-Length", b"0")
            request.setHeader(b"Content-Type", b"text/html")
            return b""

    put(reference, Page)


@mutant(
    *of(
        "custom-codes",
        "head-has-the-same-status-and-no-body",
        "next-answer-follows-on-the-same-connection",
        "pipelined-neighbours-keep-their-own-status",
    )
)
def sets_the_status_of_the_connection(reference: Reference) -> None:
    """A status that was set stays with the connection."""

    class Kept(requests.Request):
        def process(self) -> None:
            self.setResponseCode(getattr(self.channel, "kept", 200))
            super().process()

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            request.channel.kept = 402
            return super().render_GET(request)

    reference.site.requestFactory = Kept
    put(reference, Page)


@mutant(*of("custom-codes", "neighbours-at-once-keep-their-own-status"))
def keeps_the_status_where_all_share_it(reference: Reference) -> None:
    """The status is set in one place, which is read when the answer leaves, a little later."""
    shared = [200]

    class Late(Resource):
        def __init__(self, code: int, body: bytes) -> None:
            super().__init__()
            self._code, self._body = code, body

        def _late(self, request: Request) -> None:
            request.setResponseCode(shared[0])
            request.setHeader(b"Content-Length", b"%d" % len(self._body))
            request.write(self._body)
            request.finish()

        def render_GET(self, request: Request) -> int:
            shared[0] = self._code
            reference.reactor.callLater(0.01, self._late, request)
            return NOT_DONE_YET

        render_HEAD = render_GET

    reference.root.putChild(b"buy", Late(402, PAGE))
    reference.root.putChild(b"ping", Late(200, b"pong\n"))


@mutant(*of("custom-codes", "preconditions-change-nothing", "whatever-is-asked-the-status-is-as-set"))
def has_a_tag(reference: Reference) -> None:
    """The page has an ETag, and is not sent to who may have it."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            return b"" if request.setETag(b'"x"') is CACHED else body

    put(reference, Page)


@mutant(*of("custom-codes", "preconditions-change-nothing"))
def is_as_old_as_the_server(reference: Reference) -> None:
    """The page has a date, and is not sent to who has seen it since."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            return b"" if request.setLastModified(1e9) is CACHED else body

    put(reference, Page)


@mutant(*of("custom-codes", "preconditions-change-nothing", "whatever-is-asked-the-status-is-as-set"))
def fails_conditions_that_do_not_hold(reference: Reference) -> None:
    """If-Match is answered 412, before the page is asked."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if request.getHeader(b"if-match"):
                request.setResponseCode(412)
            return body

    put(reference, Page)


@mutant(*of("custom-codes", "ranges-change-nothing", "whatever-is-asked-the-status-is-as-set"))
def cuts_ranges_from_every_page(reference: Reference) -> None:
    """A part of the page can be had: ranges are cut from all that leaves."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if request.getHeader(b"range") == b"bytes=0-3":
                request.setResponseCode(206)
                request.setHeader(b"Content-Range", b"bytes 0-3/%d" % len(body))
                return body[:4]
            return body

    put(reference, Page)


@mutant(*of("custom-codes", "ranges-change-nothing", "whatever-is-asked-the-status-is-as-set"))
def refuses_ranges_beyond_the_page(reference: Reference) -> None:
    """A part beyond the page's end is answered 416."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if (request.getHeader(b"range") or b"").startswith(b"bytes=1000"):
                request.setResponseCode(416)
            return body

    put(reference, Page)


@mutant(*of("custom-codes", "ranges-change-nothing"))
def names_the_range_that_it_does_not_cut(reference: Reference) -> None:
    """The whole page is sent, with its status, and with a Content-Range."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            if request.getHeader(b"range"):
                request.setHeader(b"Content-Range", b"bytes 0-55/56")
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("custom-codes", "accept-changes-no-status", "whatever-is-asked-the-status-is-as-set"))
def negotiates_first(reference: Reference) -> None:
    """Who takes no HTML is answered 406."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if request.getHeader(b"accept") == b"image/png":
                request.setResponseCode(406)
            return body

    put(reference, Page)


@mutant(*of("custom-codes", "the-type-is-told"))
def tells_no_type(reference: Reference) -> None:
    """What does not succeed has no Content-Type."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            request.defaultContentType = None
            return super().render_GET(request)

        render_HEAD = render_GET

    put(reference, Page)


@mutant(*of("custom-codes", "a-browser-is-told-the-same"))
def succeeds_when_it_compresses(reference: Reference) -> None:
    """For who takes gzip the answer is made anew, and succeeds."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if b"gzip" in (request.getHeader(b"accept-encoding") or b""):
                request.setResponseCode(200)
            return body

    put(reference, Page)


@mutant(*of("custom-codes", "is-not-said-to-be-fresh"))
def may_be_kept_for_an_hour(reference: Reference) -> None:
    """All pages may be kept for an hour, this one too."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            request.setHeader(b"Cache-Control", b"public, max-age=3600")
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("custom-codes", "is-not-said-to-be-fresh"))
def expires_in_years(reference: Reference) -> None:
    """All pages have an Expires in years to come, this one too."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            request.setHeader(b"Expires", b"Thu, 31 Dec 2037 23:55:55 GMT")
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("custom-codes", "http-1-0-has-the-same-status"))
def knows_no_402_for_http_1_0(reference: Reference) -> None:
    """Clients of HTTP/1.0, which has no such status, are told 400."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if request.clientproto == b"HTTP/1.0":
                request.setResponseCode(400)
            return body

    put(reference, Page)


@mutant(*of("custom-codes", "a-refused-method-names-those-allowed"))
def refuses_without_a_word(reference: Reference) -> None:
    """A method that is not allowed is answered 405, by hand."""

    class Page(PaymentRequired):
        def render_POST(self, request: Request) -> bytes:
            request.setResponseCode(405)
            return b"Not here."

    put(reference, Page)


@mutant(*of("custom-codes", "the-body-of-a-post-is-no-request"))
def leaves_the_body_unread(reference: Reference) -> None:
    """The page is answered before the body is read, which is then taken for a request."""

    class Page(PaymentRequired):
        def render_POST(self, request: Request) -> bytes:
            read_again(request)
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("custom-codes", "whatever-is-asked-the-status-is-as-set"))
def takes_a_cookie_for_a_payment(reference: Reference) -> None:
    """Who has a cookie, whichever, has paid."""

    class Page(PaymentRequired):
        def render_GET(self, request: Request) -> bytes:
            body = super().render_GET(request)
            if request.getHeader(b"cookie"):
                request.setResponseCode(200)
            return body

    put(reference, Page)
