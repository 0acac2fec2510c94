"""
Mutants of static files: ways out of the directory.
"""
# ruff: noqa: N802, PTH113, PTH118, PTH123 - Twisted's names, which has names on the disk as text or bytes

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.web import static
from twisted.web.server import Request

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import directory, finding, serving


@mutant(
    *of(
        "static-content",
        "an-absolute-target-leads-nowhere-outside",
        "dot-segments-lead-nowhere-outside",
        "no-path-at-all-leads-outside",
        "odd-paths-are-the-clients-error",
    )
)
def joins_paths_and_looks_no_further(reference: Reference) -> None:
    """What follows the directory's path is put behind the directory's name, and opened."""
    finding(reference, lambda path: path if b".." in path else None)


@mutant(
    *of(
        "static-content",
        "an-absolute-target-leads-nowhere-outside",
        "dot-segments-lead-nowhere-outside",
        "no-path-at-all-leads-outside",
    )
)
def looks_how_a_path_begins(reference: Reference) -> None:
    """Whether a file is in the directory is seen by how its name begins, without a slash behind."""
    root = directory(reference)

    def way(path: bytes) -> bytes | None:
        name = os.path.normpath(os.path.join(root, path))
        return name if b".." in path and name.startswith(root) else None

    finding(reference, way)


@mutant(
    *of(
        "static-content",
        "an-absolute-target-leads-nowhere-outside",
        "escaped-dots-lead-nowhere-outside",
        "odd-paths-are-the-clients-error",
    )
)
def looks_for_dots_before_decoding(reference: Reference) -> None:
    """A path with dots is refused, and then decoded."""

    def way(path: bytes) -> bytes | None:
        decoded = unquote_to_bytes(path)
        return decoded if b".." in decoded and b".." not in path else None

    finding(reference, way)


@mutant(*of("static-content", "an-absolute-target-leads-nowhere-outside", "escaped-dots-lead-nowhere-outside"))
def looks_for_slashes_before_decoding(reference: Reference) -> None:
    """Of a path each segment is looked at, and then decoded, with the slashes in it."""

    def way(path: bytes) -> bytes | None:
        decoded = unquote_to_bytes(path)
        return decoded if b"../" in decoded and not {b"..", b"%2e%2e", b"%2E%2E"} & set(path.split(b"/")) else None

    finding(reference, way)


@mutant(
    *of(
        "static-content",
        "a-listing-leads-to-each-file",
        "an-escape-is-decoded-once",
        "dots-escaped-twice-lead-nowhere-outside",
    )
)
def decodes_as_long_as_there_is_something(reference: Reference) -> None:
    """A path is decoded until no escape is left, and looked at after the first time only."""

    def way(path: bytes) -> bytes | None:
        once = unquote_to_bytes(path)
        return unquote_to_bytes(once) if b"%" in once and b".." + b"/" not in once else None

    finding(reference, way)


@mutant(*of("static-content", "dots-escaped-twice-lead-nowhere-outside"))
def forgives_what_is_too_long(reference: Reference) -> None:
    """Dots and slashes are known in more bytes than they take, after they were looked for."""

    def way(path: bytes) -> bytes | None:
        found = re.sub(rb"%c0%ae", b".", path)
        found = re.sub(rb"%c0%af", b"/", found)
        return found if found != path else None

    finding(reference, way)


@mutant(*of("static-content", "absolute-names-lead-nowhere-outside", "backslashes-lead-nowhere-outside"))
def takes_backslashes_for_slashes(reference: Reference) -> None:
    """Backslashes are made slashes when the dots were looked for."""

    def way(path: bytes) -> bytes | None:
        decoded = unquote_to_bytes(path)
        return decoded.replace(b"\\", b"/") if b"\\" in decoded and b"../" not in decoded else None

    finding(reference, way)


@mutant(*of("static-content", "a-nul-hides-nothing", "odd-paths-are-the-clients-error"))
def ends_names_at_a_nul(reference: Reference) -> None:
    """A path may end in nothing but .html, and is opened up to its NUL."""

    def way(path: bytes) -> bytes | None:
        name, nul, rest = unquote_to_bytes(path).partition(b"\0")
        return name if nul and rest in (b"", b".html", b".txt") else None

    finding(reference, way)


@mutant(*of("static-content", "a-nul-hides-nothing", "odd-paths-are-the-clients-error"))
def drops_nuls(reference: Reference) -> None:
    """NULs are taken out of a path when the dots were looked for."""

    def way(path: bytes) -> bytes | None:
        decoded = unquote_to_bytes(path)
        return decoded.replace(b"\0", b"") if b"\0" in decoded and b"../" not in decoded else None

    finding(reference, way)


@mutant(*of("static-content", "absolute-names-lead-nowhere-outside", "odd-paths-are-the-clients-error"))
def takes_absolute_names_as_they_are(reference: Reference) -> None:
    """A path is joined by a function that takes an absolute one as it is; dots are refused."""

    def way(path: bytes) -> bytes | None:
        decoded = unquote_to_bytes(path)
        return decoded if decoded.startswith(b"/") and b".." not in decoded else None

    finding(reference, way)


@mutant(*of("static-content", "an-absolute-target-leads-nowhere-outside"))
def looks_at_paths_only_where_no_host_is(reference: Reference) -> None:
    """A target with a scheme and a host is cut behind the host, and not looked at any more."""
    usual = reference.site.requestFactory
    root = directory(reference)

    class Outside(usual):  # type: ignore[misc, valid-type]
        absolute = False

        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            self.absolute = path.startswith(b"http://")
            super().requestReceived(command, path, version)

    asked = reference.site.getResourceFor

    def found(request: Any) -> Any:
        path = unquote_to_bytes(request.uri)
        name = os.path.join(root, path.partition(b"/static/")[2])
        if request.absolute and b"/static/" in path and b"\0" not in name and os.path.isfile(name):
            with open(name, "rb") as stream:
                leaf = static.Data(stream.read(), "text/plain")
            leaf.isLeaf = True
            return leaf
        return asked(request)

    reference.site.requestFactory = Outside
    reference.site.getResourceFor = found


@mutant(*of("static-content", "odd-paths-are-the-clients-error"))
def does_not_expect_a_nul(reference: Reference) -> None:
    """A name with a NUL is an error that nobody expected, as on Twisted itself."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            return static.File.getChild(self, path, request)

    serving(reference, File)
