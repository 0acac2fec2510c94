"""
Mutants of static files: what a path is taken for, and where a directory without its slash is sent.
"""
# ruff: noqa: D102, N815, PTH112, PTH114, PTH118, PTH123, RUF012 - Twisted's names, which has names on the disk as text or bytes

from __future__ import annotations

import os
import posixpath
import re
from html import unescape
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.web.http import FOUND
from twisted.web.resource import Resource
from twisted.web.server import Request

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Named, directory, serving


@mutant(
    *of(
        "static-content",
        "a-file-below-is-found-by-its-path",
        "a-listing-leads-to-directories",
        "the-redirect-of-a-directory-escapes-its-name",
    )
)
def gives_up_at_the_third_level(reference: Reference) -> None:
    """Files are found in the directory and in those in it, and not further below."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            return self.childNotFound if len(request.prepath) > 3 else super().getChild(path, request)

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-blank-in-a-name-is-escaped-in-the-target",
        "a-listing-leads-to-each-file",
        "names-in-a-listing-are-escaped",
        "the-redirect-of-a-directory-escapes-its-name",
    )
)
def ends_names_at_a_blank(reference: Reference) -> None:
    """A name ends where a blank is."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.partition(b" ")[0]

    serving(reference, File)


@mutant(*of("static-content", "a-listing-leads-to-each-file", "a-plus-is-no-blank"))
def takes_a_plus_for_a_blank(reference: Reference) -> None:
    """Paths are decoded as forms are."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.replace(b"+", b" ")

    serving(reference, File)


@mutant(*of("static-content", "a-plus-is-no-blank", "letters-may-be-escaped"))
def knows_escapes_in_capitals_only(reference: Reference) -> None:
    """%2E is an escape, and %2e is not."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            sent = request.uri.partition(b"?")[0].split(b"/")[len(request.prepath)]
            small = re.search(rb"%[0-9A-F]?[a-f]", sent)
            return self.childNotFound if small else super().getChild(path, request)

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-listing-leads-to-each-file",
        "an-escape-is-decoded-once",
        "the-redirect-of-a-directory-escapes-its-name",
    )
)
def decodes_names_twice(reference: Reference) -> None:
    """The name, which is decoded by then, is decoded once more."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return unquote_to_bytes(name)

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-listing-leads-to-each-file",
        "names-in-a-listing-are-escaped",
        "punctuation-in-a-name-is-part-of-it",
    )
)
def cuts_parameters_off(reference: Reference) -> None:
    """What follows a semicolon are parameters of the path, as RFC 2396 had them."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.partition(b";")[0]

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-listing-leads-to-each-file",
        "names-in-a-listing-are-escaped",
        "punctuation-in-a-name-is-part-of-it",
    )
)
def takes_names_for_html(reference: Reference) -> None:
    """A reference of HTML in a path is the character that it stands for."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return unescape(name.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    serving(reference, File)


@mutant(*of("static-content", "names-beyond-ascii-are-utf-8", "the-redirect-of-a-directory-escapes-its-name"))
def takes_names_for_latin_1(reference: Reference) -> None:
    """The bytes of a name are the letters of an alphabet with 256."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.decode("latin-1").encode("utf-8")

    serving(reference, File)


@mutant(*of("static-content", "any-character-of-a-name-may-be-escaped"))
def cuts_off_what_follows_a_hash(reference: Reference) -> None:
    """A fragment is cut off when the path is decoded already."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.partition(b"#")[0]

    serving(reference, File)


@mutant(*of("static-content", "any-character-of-a-name-may-be-escaped", "the-redirect-of-a-directory-escapes-its-name"))
def cuts_the_query_off_too_late(reference: Reference) -> None:
    """The query is cut off when the path is decoded already."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.partition(b"?")[0]

    serving(reference, File)


@mutant(*of("static-content", "an-escape-that-is-none-breaks-nothing"))
def does_not_expect_what_is_no_text(reference: Reference) -> None:
    """A name that is no UTF-8 is an error that nobody expected."""

    class File(Named):
        def named(self, name: bytes) -> bytes:
            return name.decode("utf-8").encode("utf-8")

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-directory-shows-its-index",
        "a-directory-without-its-slash-redirects",
        "the-redirect-of-a-directory-escapes-its-name",
    )
)
def lists_directories_with_an_index(reference: Reference) -> None:
    """A directory is listed, whatever stands in it."""

    class File(files.File):
        indexNames: list[str] = []

    serving(reference, File)


@mutant(
    *of("static-content", "a-directory-without-its-slash-redirects", "the-redirect-of-a-directory-escapes-its-name")
)
def shows_the_index_without_a_slash(reference: Reference) -> None:
    """A directory without its slash shows its index at once, whose links then lead one level too high."""

    class File(files.File):
        def redirect(self, request: Request) -> Any:
            index = self.child("index.html")
            if not index.exists():
                return super().redirect(request)
            with open(index.path, "rb") as stream:
                return stream.read()

    serving(reference, File)


class Sending(files.File):
    """Directories that are sent elsewhere in another way."""

    def leads(self, request: Request) -> bytes:
        """The place of a directory."""
        return request.uri.partition(b"?")[0] + b"/"

    def redirect(self, request: Request) -> Any:
        request.setResponseCode(FOUND)
        request.setHeader(b"location", self.leads(request))
        return b"There.\n"


@mutant(*of("static-content", "the-redirect-of-a-directory-escapes-its-name"))
def redirects_to_the_decoded_path(reference: Reference) -> None:
    """Location is made of the path as it was decoded."""

    class File(Sending):
        def leads(self, request: Request) -> bytes:
            return b"/" + b"/".join(request.prepath) + b"/"

    serving(reference, File)


@mutant(
    *of("static-content", "a-directory-without-its-slash-redirects", "the-redirect-of-a-directory-escapes-its-name")
)
def redirects_to_a_name_of_its_own(reference: Reference) -> None:
    """Location has the name that the server calls itself by, and not the one that it was called."""

    class File(Sending):
        def leads(self, request: Request) -> bytes:
            return b"http://localhost" + super().leads(request)

    serving(reference, File)


@mutant(
    *of("static-content", "a-directory-without-its-slash-redirects", "the-redirect-of-a-directory-escapes-its-name")
)
def redirects_to_the_same_path(reference: Reference) -> None:
    """Location is the path as it was asked for: the client goes round in circles."""

    class File(Sending):
        def leads(self, request: Request) -> bytes:
            return super().leads(request)[:-1]

    serving(reference, File)


@mutant(*of("static-content", "no-redirect-leads-away"))
def redirects_to_whoever_is_named(reference: Reference) -> None:
    """Dots are taken out to find the directory, and the path is sent back as it came, with two slashes in front."""
    usual = reference.site.getResourceFor
    root = directory(reference)

    class There(Resource):
        isLeaf = True

        def render_GET(self, request: Request) -> bytes:
            request.setResponseCode(FOUND)
            request.setHeader(b"location", request.uri + b"/")
            return b"There.\n"

    def found(request: Request) -> Any:
        path = posixpath.normpath(unquote_to_bytes(request.uri.partition(b"?")[0])).replace(b"//", b"/")
        if b".." in unquote_to_bytes(request.uri) and path.startswith(b"/static/"):
            name = os.path.join(root, path[8:])
            if b"\0" not in name and os.path.isdir(name):
                return There()
        return usual(request)

    reference.site.getResourceFor = found


@mutant(*of("static-content", "a-link-to-nothing-is-not-found"))
def does_not_expect_links_to_nothing(reference: Reference) -> None:
    """A name that is there and cannot be opened is an error that nobody expected."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            child = super().getChild(path, request)
            name = os.path.join(os.fsencode(self.path), path)
            if child is self.childNotFound and b"\0" not in name and os.path.islink(name):
                raise OSError(2, "No such file or directory")
            return child

    serving(reference, File)
