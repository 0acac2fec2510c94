"""
Mutants of the calendar that handles errors: what its error page says.
"""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.web.server import Request
from twisted.web.static import Data

from tests.mutants import Reference, mutant, of
from tests.mutants._calendars import Missing, usual, years


def saying(told: bytes) -> bytes:
    """An error page with this in it."""
    return b"<html><body>There is no " + told + b" here.</body></html>"


def escaped(text: bytes) -> bytes:
    """Text of HTML."""
    return html.escape(text.decode("utf-8", "replace")).encode()


@mutant(*of("error-handling", "what-is-echoed-is-escaped", "any-segment-that-is-no-number-is-not-found"))
def echoes_the_path(reference: Reference) -> None:
    """The path is named as it was decoded."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(unquote_to_bytes(request.path))

    years(reference, usual, Page)


@mutant(*of("error-handling", "what-is-echoed-is-escaped"))
def echoes_the_query(reference: Reference) -> None:
    """The path is escaped, and the query behind it is not."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            path, _, query = request.uri.partition(b"?")
            return saying(escaped(unquote_to_bytes(path)) + unquote_to_bytes(query))

    years(reference, usual, Page)


@mutant(*of("error-handling", "what-is-echoed-is-escaped", "any-segment-that-is-no-number-is-not-found"))
def takes_scripts_out(reference: Reference) -> None:
    """What is echoed is not escaped: the word "script" is taken out of it."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(unquote_to_bytes(request.path).replace(b"script", b""))

    years(reference, usual, Page)


@mutant(*of("error-handling", "what-is-echoed-is-escaped"))
def echoes_the_target_as_it_was_sent(reference: Reference) -> None:
    """What is echoed is the target before it is decoded: browsers encode a tag, others need not."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(request.uri)

    years(reference, usual, Page)


def elsewhere(reference: Reference, page: Any) -> None:
    """Put a page in the place of all that the site does not have."""
    reference.root.getChild = lambda _path, _request: page


@mutant(*of("error-handling", "what-the-server-itself-echoes-is-escaped"))
def echoes_what_the_site_has_not(reference: Reference) -> None:
    """At the top of the site a missing page is named as it was decoded."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(unquote_to_bytes(request.path))

    elsewhere(reference, Page())


@mutant(*of("error-handling", "what-the-server-does-not-have-is-not-found"))
def has_a_page_for_everything(reference: Reference) -> None:
    """What the site does not have is its home page."""

    class Home(Data):
        def getChild(self, path: bytes, request: Request) -> Any:
            return self

    elsewhere(reference, Home(b"<html><body>Welcome!</body></html>", "text/html"))


@mutant(*of("error-handling", "a-line-break-in-a-path-adds-no-field"))
def names_what_is_missing_in_a_field(reference: Reference) -> None:
    """What is missing stands in a field as it was decoded: behind a line break another field begins."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            for line in request.prepath[-1].splitlines()[1:]:
                name, _, value = line.partition(b":")
                if name.strip():
                    request.setHeader(name.strip(), value.strip())
            return super().body(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "bytes-that-are-no-text-are-not-found"))
def decodes_where_nobody_expects_an_error(reference: Reference) -> None:
    """The page names what is missing, and fails where that is no UTF-8."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(html.escape(request.prepath[-1].decode()).encode())

    years(reference, usual, Page)


@mutant(*of("error-handling", "bytes-that-are-no-text-are-not-found"))
def opens_what_is_missing_as_a_file(reference: Reference) -> None:
    """What is no year is looked up as a file, whose name has no NUL."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            open(b"/nonexistent/" + request.prepath[-1]).close()  # noqa: PTH123
            return super().body(request)

        def render(self, request: Request) -> Any:
            try:
                return super().render(request)
            except OSError:
                return Missing.body(self, request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "a-long-path-is-not-found"))
def goes_down_with_every_segment(reference: Reference) -> None:
    """A path of more than a thousand segments is an error of the server's."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            if len(request.prepath) > 1000:
                raise RecursionError
            return super().body(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "a-missing-page-says-so"))
def says_nothing(reference: Reference) -> None:
    """An error has no body."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return b""

    years(reference, usual, Page)


@mutant(*of("error-handling", "the-type-of-an-error-page-is-told"))
def tells_no_type(reference: Reference) -> None:
    """An error has no Content-Type."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            request.responseHeaders.removeHeader(b"Content-Type")
            request.defaultContentType = None
            return super().body(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "the-type-of-an-error-page-is-told"))
def tells_no_charset(reference: Reference) -> None:
    """An error is HTML of whatever charset."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            request.setHeader(b"Content-Type", b"text/html")
            return super().body(request)

    years(reference, usual, Page)


@mutant(*of("error-handling", "an-error-page-repeats-no-fields"))
def links_back(reference: Reference) -> None:
    """An error has a link to the page that its visitor came from."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(b'page: <a href="%s">back</a>' % escaped(request.getHeader(b"referer") or b"/"))

    years(reference, usual, Page)


@mutant(*of("error-handling", "an-error-page-gives-no-code-away"))
def shows_what_was_caught(reference: Reference) -> None:
    """An error says by which exception it came about."""

    class Page(Missing):
        def body(self, request: Request) -> bytes:
            return saying(b"year: ValueError: invalid literal for int() with base 10, and no page")

    years(reference, usual, Page)
