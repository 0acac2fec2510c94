"""
Mutants of static files: what a listing is made of, and what it leaves out.
"""
# ruff: noqa: N802, N815 - Twisted's names

from __future__ import annotations

from html import escape, unescape
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Lister, listing, serving


@mutant(*of("static-content", "a-listing-is-html"))
def lists_as_plain_text(reference: Reference) -> None:
    """A listing is sent as text, which browsers show as it is written."""

    class Text(Lister):
        def render_GET(self, request: Request) -> bytes:
            page = super().render_GET(request)
            request.setHeader(b"content-type", b"text/plain; charset=utf-8")
            return page

    listing(reference, Text)


@mutant(*of("static-content", "a-listing-leads-to-each-file", "names-in-a-listing-are-escaped"))
def links_to_names_as_they_are(reference: Reference) -> None:
    """A name stands in a link as it is, escaped for HTML and not for a path."""

    class Bare(Lister):
        def href(self, name: str) -> str:
            return escape(name)

    listing(reference, Bare)


@mutant(*of("static-content", "a-listing-leads-to-each-file", "names-in-a-listing-are-escaped"))
def escapes_links_for_paths_only(reference: Reference) -> None:
    """A name stands in a link escaped for a path, in which ampersands are none, and not for HTML."""

    class Quoted(Lister):
        def href(self, name: str) -> str:
            return unescape(super().href(name)).replace("%26", "&").replace("%3B", ";")

    listing(reference, Quoted)


@mutant(
    *of(
        "static-content",
        "a-listing-shows-each-name",
        "names-in-a-listing-are-escaped",
        "names-in-a-listing-make-no-elements",
    )
)
def shows_names_as_they_are(reference: Reference) -> None:
    """A name is shown as it is, and so may be markup."""

    class Bare(Lister):
        def text(self, name: str) -> str:
            return name

    listing(reference, Bare)


@mutant(
    *of(
        "static-content",
        "a-listing-leads-to-each-file",
        "names-in-a-listing-are-escaped",
        "names-in-a-listing-make-no-elements",
    )
)
def escapes_brackets_only(reference: Reference) -> None:
    """Angle brackets are escaped, and nothing else, also within quotes."""

    class Brackets(Lister):
        def href(self, name: str) -> str:
            return name.replace("%", "%25").replace("<", "&lt;").replace(">", "&gt;")

    listing(reference, Brackets)


@mutant(
    *of(
        "static-content",
        "a-listing-shows-each-name",
        "a-listing-tells-its-alphabet",
        "names-in-a-listing-are-escaped",
        "names-in-a-listing-make-no-elements",
    )
)
def shows_names_escaped_for_paths(reference: Reference) -> None:
    """A name is shown as it stands in the link, with its escapes."""

    class Escaped(Lister):
        def text(self, name: str) -> str:
            return self.href(name)

    listing(reference, Escaped)


@mutant(*of("static-content", "a-listing-leads-to-directories", "names-in-a-listing-are-escaped"))
def lists_files_only(reference: Reference) -> None:
    """A listing has no directories."""

    class Files(Lister):
        def page(self, request: Request) -> str:
            self.names = [name for name in self.names if "." in name]
            return super().page(request)

    listing(reference, Files)


@mutant(*of("static-content", "head-of-a-listing-has-no-body"))
def sends_the_listing_with_head(reference: Reference) -> None:
    """HEAD of a listing is answered with the listing."""

    class Sent(Lister):
        def render_HEAD(self, request: Request) -> bytes:
            request.method = b"GET"
            return self.render_GET(request)

    listing(reference, Sent)


@mutant(*of("static-content", "a-file-that-comes-is-listed"))
def keeps_listings(reference: Reference) -> None:
    """What stands in a directory is looked up once."""
    kept: dict[str, list[str]] = {}

    class File(files.File):
        def listNames(self) -> list[str]:
            return kept.setdefault(self.path, super().listNames())

    serving(reference, File)


@mutant(*of("static-content", "the-path-in-a-listing-is-escaped"))
def shows_the_address_as_it_is(reference: Reference) -> None:
    """Above a listing stands the address, as it was asked for."""

    class Titled(Lister):
        def title(self, request: Request) -> str:
            return request.uri.decode("latin-1")

    listing(reference, Titled)


@mutant(*of("static-content", "a-missing-name-is-echoed-escaped", "the-path-in-a-listing-is-escaped"))
def shows_what_is_missing_as_it_is(reference: Reference) -> None:
    """A page about a missing file shows its name, decoded, as it is."""

    class Missing(Resource):
        isLeaf = True

        def __init__(self, name: bytes) -> None:
            super().__init__()
            self.name = name

        def render_GET(self, request: Request) -> bytes:
            request.setResponseCode(404)
            return b"<p>There is no " + self.name + b" here.</p>"

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            child = super().getChild(path, request)
            return Missing(path) if child is self.childNotFound else child

    serving(reference, File)


@mutant(*of("static-content", "a-listing-tells-its-alphabet"))
def says_no_alphabet(reference: Reference) -> None:
    """A listing is UTF-8, and nothing says so."""

    class Guessed(Lister):
        def render_GET(self, request: Request) -> bytes:
            page = super().render_GET(request)
            request.setHeader(b"content-type", b"text/html")
            return page

    listing(reference, Guessed)


@mutant(*of("static-content", "a-name-that-is-no-text-breaks-no-listing"))
def lists_names_that_are_no_text(reference: Reference) -> None:
    """A name that is no UTF-8 is put into a link like any other, which is an error that nobody expected."""

    class File(files.File):
        def listNames(self) -> list[str]:
            return sorted(self.listdir())

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-file-that-comes-is-listed",
        "a-listing-is-html",
        "a-listing-leads-to-directories",
        "a-listing-leads-to-each-file",
        "a-listing-shows-each-name",
        "a-listing-tells-its-alphabet",
        "a-name-that-is-no-text-breaks-no-listing",
        "head-of-a-listing-has-no-body",
        "names-in-a-listing-are-escaped",
        "names-in-a-listing-make-no-elements",
    )
)
def says_that_listings_are_forbidden(reference: Reference) -> None:
    """A directory without an index is refused, although the profile says that it is listed."""

    class Refused(Lister):
        def render_GET(self, request: Request) -> bytes:
            request.setResponseCode(403)
            return b"Forbidden.\n"

    listing(reference, Refused)
