"""
Mutants of HTTP: what somebody wrote into a request does something in an answer.
"""
# ruff: noqa: N802, N815 - Twisted's names

from __future__ import annotations

import html
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from twisted.web.resource import Resource
from twisted.web.server import Request as TwistedRequest
from twisted.web.static import File

from reference_impl import http
from reference_impl.settings import default_assets
from tests.mutants import Reference, mutant, of
from tests.mutants._channels import Channel, Request, asks, heads


def misses(reference: Reference, page: Any) -> None:
    """Let `page(request)` give the text of what says that there is nothing at a path."""

    class Missing(Resource):
        isLeaf = True

        def render(self, request: TwistedRequest) -> bytes:
            request.setResponseCode(404)
            return page(request)

    reference.root.getChild = lambda *_: Missing()


@mutant(*of("http", "error-pages-escape-the-target"))
def repeats_what_was_not_found(reference: Reference) -> None:
    """The page for 404 says what was asked for, as it was."""
    misses(reference, lambda request: b"<p>There is nothing at " + request.uri + b".</p>")


@mutant(*of("http", "error-pages-escape-the-target"))
def escapes_before_it_decodes(reference: Reference) -> None:
    """The page for 404 says what was asked for, escaped, and decoded after that."""
    misses(reference, lambda request: unquote(html.escape(request.uri.decode("latin-1"))).encode("utf-8", "replace"))


@mutant(*of("http", "refusals-escape-what-they-refuse"))
def repeats_where_somebody_came_from(reference: Reference) -> None:
    """The page for 404 has a link back to the page that somebody came from."""
    misses(reference, lambda request: b"<a href='" + (request.getHeader(b"referer") or b"/") + b"'>Back</a>")


@mutant(*of("http", "refusals-escape-what-they-refuse"))
def repeats_the_target_of_a_method_that_is_not_allowed(reference: Reference) -> None:
    """The page for 405 and 501 says what was asked for, as it was."""

    class Talkative(Request):
        def write(self, data: bytes) -> None:
            uri, quoted = self.uri, html.escape(self.uri.decode("latin-1")).encode()
            if self.code in (405, 501) and not self.startedWriting and self.method != b"HEAD":
                data = data.replace(quoted, uri) + b"<p>" + uri + b"</p>"
                self.setHeader(b"content-length", b"%d" % len(data))
            super().write(data)

    asks(reference, Talkative)


def redirects(reference: Reference, answer: Any) -> None:
    """Let `answer(request)` redirect who asks for a directory without its slash."""

    class Files(File):
        def render_GET(self, request: TwistedRequest) -> Any:
            if self.isdir() and not request.path.endswith(b"/"):
                request.setResponseCode(302)
                return answer(request)
            return super().render_GET(request)

    reference.root.putChild(b"static", Files(str(Path(default_assets()) / "static")))


def location(request: TwistedRequest, value: bytes) -> None:
    """Set Location as it is: Twisted would make blanks of line ends."""
    request.responseHeaders._rawHeaders[b"Location"] = [value]


@mutant(*of("http", "redirects-escape-the-target"))
def links_to_the_new_place_of_a_directory_as_it_was_asked_for(reference: Reference) -> None:
    """The page of a redirect has a link that is put together from the target, as in Twisted up to 24.3."""

    def linked(request: TwistedRequest) -> bytes:
        path, _, query = request.uri.partition(b"?")
        place = path + b"/?" + query
        request.setHeader(b"location", place)
        return b'<a href="' + place + b'">click here</a>'

    redirects(reference, linked)


@mutant(*of("http", "a-redirect-page-escapes-its-target"))
def links_to_the_new_place_as_it_was_told(reference: Reference) -> None:
    """A page that redirects has a link to the new place, not escaped."""

    class Redirect(http.Redirect):
        def render_GET(self, request: TwistedRequest) -> bytes:
            super().render_GET(request)
            return b'<a href="' + request.args[b"to"][0] + b'">click here</a>'

    reference.page(b"http").putChild(b"redirect", Redirect())


@mutant(*of("http", "line-ends-do-not-split-a-page-s-own-fields"))
def writes_fields_as_they_are_given(reference: Reference) -> None:
    """A field is written as a page gives it, line ends and all, as in Twisted 18.9."""

    class Redirect(http.Redirect):
        def render_GET(self, request: TwistedRequest) -> bytes:
            super().render_GET(request)
            location(request, request.args[b"to"][0])
            return b""

    reference.page(b"http").putChild(b"redirect", Redirect())


@mutant(*of("http", "line-ends-do-not-split-a-redirect"))
def decodes_what_it_redirects(reference: Reference) -> None:
    """Location has the query decoded."""

    def decoded(request: TwistedRequest) -> bytes:
        location(request, request.path + b"/?" + unquote_to_bytes(request.uri.partition(b"?")[2]))
        return b""

    redirects(reference, decoded)


@mutant(
    *of("http", "encoded-nuls-do-no-harm", "head-has-the-fields-of-get", "line-ends-in-a-path-do-not-split-the-answer")
)
def says_what_was_not_found_in_a_field(reference: Reference) -> None:
    """404 names the decoded path in a field."""

    def named(request: TwistedRequest) -> bytes:
        request.responseHeaders._rawHeaders[b"X-Not-Found"] = [unquote_to_bytes(request.path)]
        return b""

    misses(reference, named)


@mutant(*of("http", "encoded-nuls-do-no-harm", "line-ends-in-a-path-do-not-split-the-answer"))
def remembers_a_query_in_a_cookie(reference: Reference) -> None:
    """Every answer sets a cookie with the decoded query."""

    def remembered(channel: Channel, _: bytes, fields: Any) -> None:
        query = channel.request.uri.partition(b"?x=")[2]
        if query:
            fields._rawHeaders[b"Set-Cookie"] = [b"last=" + unquote_to_bytes(query)]

    heads(reference, remembered)


@mutant(*of("http", "encoded-nuls-do-no-harm"))
def ends_names_at_a_nul(reference: Reference) -> None:
    """A path ends at its first NUL, as in C."""

    class Ended(Request):
        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            way, mark, query = path.partition(b"?")
            super().requestReceived(command, way.partition(b"%00")[0] + mark + query, version)

    asks(reference, Ended)


@mutant(*of("http", "bytes-beyond-ascii-do-no-harm"))
def decodes_the_target_for_its_log(reference: Reference) -> None:
    """The target is decoded as UTF-8 to be logged, and what is none fails."""

    class Logged(Request):
        def process(self) -> None:
            try:
                unquote_to_bytes(self.uri).decode("utf-8")
            except ValueError:
                self.setResponseCode(500)
                self.setHeader(b"content-length", b"0")
                self.finish()
                return
            super().process()

    asks(reference, Logged)


@mutant(*of("http", "trace-keeps-credentials-to-itself"))
def repeats_all_fields_to_trace(reference: Reference) -> None:
    """TRACE is answered with the whole request."""

    class Tracing(Request):
        def process(self) -> None:
            if self.method != b"TRACE":
                super().process()
                return
            fields = self.requestHeaders.getAllRawHeaders()
            body = b"\r\n".join(name + b": " + value for name, values in fields for value in values)
            self.setHeader(b"content-type", b"message/http")
            self.setHeader(b"content-length", b"%d" % len(body))
            self.write(body)
            self.finish()

    asks(reference, Tracing)
