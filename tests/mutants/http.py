"""
Mutants of HTTP: contents that do not arrive, methods that are mistaken, answers that say something wrong.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from typing import Any

from twisted.web.http import HTTPChannel
from twisted.web.resource import Resource
from twisted.web.server import Request as TwistedRequest

from reference_impl import http
from tests.mutants import Reference, mutant, of
from tests.mutants._channels import Channel, Request, asks, connects, heads, tails


def echoes(reference: Reference, change: Any) -> None:
    """Let `change(content, request)` spoil what is echoed."""

    class Echo(http.Echo):
        def render(self, request: TwistedRequest) -> bytes:
            return change(super().render(request), request)

    reference.root.putChild(b"echo", Echo())


@mutant(
    *of(
        "http",
        "any-sequence-of-requests-is-answered-in-order",
        "get-and-head-are-supported",
        "head-has-the-fields-of-get",
    )
)
def has_no_head(reference: Reference) -> None:
    """A page's table of methods has GET only."""

    class Ping(Resource):
        def render_GET(self, _: TwistedRequest) -> bytes:
            return b"pong\n"

        def render_HEAD(self, request: TwistedRequest) -> bytes:
            request.setResponseCode(405)
            request.setHeader(b"allow", b"GET")
            return b""

    reference.root.putChild(b"ping", Ping())


@mutant(
    *of(
        "http",
        "a-folded-line-is-no-field",
        "answers-come-in-the-order-of-their-requests",
        "answers-keep-their-order-byte-by-byte",
        "any-content-in-any-chunks-arrives",
        "chunks-make-one-body",
        "content-arrives-byte-for-byte",
        "content-in-chunks-arrives-whole",
        "contents-end-where-they-end",
        "no-other-field-is-transfer-encoding",
        "wherever-it-is-cut-it-is-the-same-request",
    )
)
def reads_line_ends_as_text_has_them(reference: Reference) -> None:
    """Contents are read as text: CR LF becomes LF."""
    echoes(reference, lambda content, _: content.replace(b"\r\n", b"\n"))


@mutant(
    *of(
        "http",
        "any-content-in-any-chunks-arrives",
        "any-sequence-of-requests-is-answered-in-order",
        "content-arrives-byte-for-byte",
        "content-in-chunks-arrives-whole",
        "large-content-arrives-whole",
        "wherever-it-is-cut-it-is-the-same-request",
    )
)
def takes_contents_for_utf_8(reference: Reference) -> None:
    """Contents are decoded and encoded again; what is no UTF-8 is replaced."""
    echoes(reference, lambda content, _: content.decode("utf-8", "replace").encode())


@mutant(
    *of(
        "http",
        "any-sequence-of-requests-is-answered-in-order",
        "bytes-beyond-ascii-do-no-harm",
        "empty-content-arrives-empty",
        "refused-methods-come-with-those-allowed",
        "wherever-it-is-cut-it-is-the-same-request",
    )
)
def takes_a_length_of_zero_for_none(reference: Reference) -> None:
    """A length of zero is no length, and without a length a content may come."""

    class Waiting(Channel):
        def allHeadersReceived(self) -> None:
            super().allHeadersReceived()
            if self.request.requestHeaders.getRawHeaders(b"content-length") == [b"0"]:
                self.wait_for_more()

    connects(reference, Waiting)


@mutant(
    *of(
        "http",
        "close-loses-nothing",
        "large-content-arrives-whole",
        "much-that-waits-behind-a-slow-request-is-answered",
    )
)
def keeps_the_first_64_kb_of_a_content(reference: Reference) -> None:
    """A limit for contents cuts instead of refusing."""
    echoes(reference, lambda content, _: content[:65536])


@mutant(
    *of(
        "http",
        "a-folded-framing-field-is-refused-or-unfolded",
        "answers-come-in-the-order-of-their-requests",
        "answers-keep-their-order-byte-by-byte",
        "any-content-in-any-chunks-arrives",
        "any-sequence-of-requests-is-answered-in-order",
        "behind-the-last-chunk-nothing-is-waited-for",
        "byte-by-byte-is-the-same-request",
        "chunk-extensions-are-ignored",
        "chunks-in-http-1-0-end-the-connection",
        "chunks-make-one-body",
        "content-in-chunks-arrives-whole",
        "contents-end-where-they-end",
        "continue-is-followed-by-a-final-answer",
        "field-names-count-in-any-case",
        "the-name-of-chunked-has-no-case",
        "trailers-end-the-body",
        "trailers-frame-nothing",
        "wherever-it-is-cut-it-is-the-same-request",
        "whitespace-around-chunked-is-no-part-of-it",
    )
)
def gives_pages_the_chunks_as_they_came(reference: Reference) -> None:
    """A page is given the content as it was on the wire, sizes and all."""

    def coded(content: bytes, request: TwistedRequest) -> bytes:
        chunked = request.requestHeaders.hasHeader(b"transfer-encoding")
        return b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content) if chunked else content

    echoes(reference, coded)


@mutant(
    *of(
        "http",
        "a-folded-framing-field-is-refused-or-unfolded",
        "answers-come-in-the-order-of-their-requests",
        "answers-keep-their-order-byte-by-byte",
        "any-content-in-any-chunks-arrives",
        "any-sequence-of-requests-is-answered-in-order",
        "behind-the-last-chunk-nothing-is-waited-for",
        "byte-by-byte-is-the-same-request",
        "chunk-extensions-are-ignored",
        "chunks-in-http-1-0-end-the-connection",
        "chunks-make-one-body",
        "content-in-chunks-arrives-whole",
        "contents-end-where-they-end",
        "continue-is-followed-by-a-final-answer",
        "field-names-count-in-any-case",
        "the-name-of-chunked-has-no-case",
        "trailers-end-the-body",
        "trailers-frame-nothing",
        "wherever-it-is-cut-it-is-the-same-request",
        "whitespace-around-chunked-is-no-part-of-it",
    )
)
def trusts_the_length_that_is_not_there(reference: Reference) -> None:
    """A page reads as much as Content-Length says, and chunks have none."""
    echoes(reference, lambda content, request: content[: int(request.getHeader(b"content-length") or 0)])


@mutant(*of("http", "answers-say-when-they-were-made"))
def tells_the_time_of_another_zone(reference: Reference) -> None:
    """Dates say UTC where HTTP wants GMT."""

    class Dated(Request):
        def setHeader(self, name: bytes, value: bytes) -> None:
            super().setHeader(name, value.replace(b"GMT", b"UTC") if name.lower() == b"date" else value)

    asks(reference, Dated)


@mutant(*of("http", "answers-say-when-they-were-made"))
def sends_no_date_with_errors(reference: Reference) -> None:
    """Error pages are made by another part, which knows no Date."""
    heads(reference, lambda _, code, fields: code >= b"400" and fields.removeHeader(b"date"))


@mutant(*of("http", "answers-say-when-they-were-made"))
def sends_two_dates_with_head(reference: Reference) -> None:
    """HEAD is a GET that is answered once more: the Date is there twice."""

    def twice(channel: Channel, _: bytes, fields: Any) -> None:
        if channel.request.method == b"HEAD":
            fields.addRawHeader(b"date", fields.getRawHeaders(b"date")[0])

    heads(reference, twice)


@mutant(*of("http", "refusals-say-when-they-were-made", "refusals-say-that-the-connection-ends"))
def refuses_with_a_constant(reference: Reference) -> None:
    """What cannot be read is refused by a line and nothing else, as Twisted does."""

    class Bare(Channel):
        def connectionMade(self) -> None:
            self.transport = self.transport._transport
            super().connectionMade()

    connects(reference, Bare)


@mutant(*of("http", "long-methods-are-refused", "unknown-methods-are-refused"))
def answers_unknown_methods_like_get(reference: Reference) -> None:
    """What is neither HEAD nor POST is a GET."""

    class Simple(Request):
        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            known = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE")
            super().requestReceived(command if command in known else b"GET", path, version)

    asks(reference, Simple)


@mutant(*of("http", "refused-methods-come-with-those-allowed"))
def forgets_what_is_allowed(reference: Reference) -> None:
    """405 is a status and a page, without Allow."""
    heads(reference, lambda _, code, fields: code == b"405" and fields.removeHeader(b"allow"))


@mutant(*of("http", "refused-methods-come-with-those-allowed"))
def allows_what_it_refuses(reference: Reference) -> None:
    """Allow has what the server knows, and not what the page does."""

    def known(_: Channel, code: bytes, fields: Any) -> None:
        if code == b"405":
            fields.setRawHeaders(b"allow", [b"GET, HEAD, POST, PUT, DELETE"])

    heads(reference, known)


@mutant(*of("http", "error-pages-have-a-type"))
def sends_errors_without_a_type(reference: Reference) -> None:
    """Error pages do not say that they are HTML."""
    heads(reference, lambda _, code, fields: code == b"404" and fields.removeHeader(b"content-type"))


@mutant(*of("http", "answers-without-content-keep-the-order", "head-has-no-content"))
def sends_error_pages_to_head(reference: Reference) -> None:
    """An error page does not look at the method."""
    tails(reference, b"404", b"HEAD", b"<p>Sorry. No luck finding that resource.</p>")


@mutant(*of("http", "answers-without-content-keep-the-order", "head-has-no-content"))
def ends_the_answer_to_head_with_an_empty_chunk(reference: Reference) -> None:
    """A page that has no length ends its content, though it was not sent, with the last chunk."""
    tails(reference, b"200", b"HEAD", b"0\r\n\r\n", b"/echo")


@mutant(*of("http", "head-has-the-fields-of-get"))
def has_a_handler_of_its_own_for_head(reference: Reference) -> None:
    """HEAD is answered by another part, which does not know the type."""

    def typeless(channel: Channel, code: bytes, fields: Any) -> None:
        if channel.request.method == b"HEAD" and code == b"200":
            fields.removeHeader(b"content-type")

    heads(reference, typeless)


@mutant(*of("http", "head-has-the-fields-of-get"))
def has_everything_for_head(reference: Reference) -> None:
    """HEAD does not look whether there is such a page."""

    class Ready(Request):
        def setResponseCode(self, code: int, message: Any = None) -> None:
            super().setResponseCode(200 if code == 404 and self.method == b"HEAD" else code, message)

    asks(reference, Ready)


@mutant(*of("http", "head-tells-the-length-of-get"))
def counts_what_head_sends(reference: Reference) -> None:
    """The length in the answer to HEAD is that of what is sent: nothing."""

    def counted(channel: Channel, _: bytes, fields: Any) -> None:
        if channel.request.method == b"HEAD":
            fields.setRawHeaders(b"content-length", [b"0"])

    heads(reference, counted)


@mutant(*of("http", "no-content-has-no-content", "answers-without-content-keep-the-order"))
def ends_no_content_with_the_last_chunk(reference: Reference) -> None:
    """What has no length ends with the last chunk, also where there were none."""
    tails(reference, b"204", b"GET", b"0\r\n\r\n")


@mutant(*of("http", "no-content-has-no-length", "not-modified-tells-no-other-length"))
def gives_every_answer_a_length(reference: Reference) -> None:
    """Whatever is finished without a length gets one, as in Twisted."""

    class Measured(Channel):
        def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
            HTTPChannel.writeHeaders(self, version, code, reason, headers)

    connects(reference, Measured)


@mutant(*of("http", "no-content-has-no-length"))
def announces_chunks_of_nothing(reference: Reference) -> None:
    """What has no length is announced in chunks, 204 too."""

    def announced(_: Channel, code: bytes, fields: Any) -> None:
        if code == b"204":
            fields.setRawHeaders(b"transfer-encoding", [b"chunked"])

    heads(reference, announced)


@mutant(*of("http", "not-modified-has-no-content", "answers-without-content-keep-the-order"))
def sends_what_was_not_modified(reference: Reference) -> None:
    """304 is only another status: the content follows."""
    tails(reference, b"304", b"GET", b"always the same\n")


@mutant(*of("http", "not-modified-has-the-fields-for-caches"))
def forgets_the_tag_of_what_was_not_modified(reference: Reference) -> None:
    """304 has no ETag: the cache has it already."""
    heads(reference, lambda _, code, fields: code == b"304" and fields.removeHeader(b"etag"))
