"""
What the mutants of files have in common: other kinds of files, other ways to find them, other listings.
"""
# ruff: noqa: N802, N803, N815, PTH112, PTH113, PTH118, PTH123 - Twisted's names, which has names on the disk as text or bytes

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import Any
from urllib.parse import quote

from twisted.web.resource import Resource
from twisted.web.server import Request
from twisted.web.static import Data, File, StaticProducer

from reference_impl.repairs import files
from tests.mutants import Reference

#: What a path below the directory, as it was sent, leads to on the disk, from that directory; None: what it always did.
Way = Callable[[bytes], "bytes | None"]


def serving(reference: Reference, file: type[File]) -> None:
    """Have the directory served by another kind of file."""
    reference.root.putChild(b"static", file(reference.page(b"static").path))


def directory(reference: Reference) -> bytes:
    """The directory that is served."""
    return os.fsencode(reference.page(b"static").path)


class Whole(Data):
    """A file that is answered whatever follows its name."""

    isLeaf = True


def finding(reference: Reference, way: Way, prefix: bytes = b"/static/") -> None:
    """Have paths below the directory lead to where `way` says, if there is a file."""
    usual = reference.site.getResourceFor
    root = directory(reference)

    def found(request: Request) -> Any:
        asked = request.uri.partition(b"?")[0]
        if asked.startswith(prefix):
            leads = way(asked[len(prefix) :])
            if leads is not None:
                name = os.path.join(root, leads)
                if b"\0" not in name and os.path.isfile(name):
                    with open(name, "rb") as stream:
                        return Whole(stream.read(), "text/plain")
        return usual(request)

    reference.site.getResourceFor = found


class Rewritten(files.File):
    """Files whose bytes are changed on the way."""

    def rewritten(self, data: bytes) -> bytes:
        """What is sent in place of these bytes."""
        return data

    def _data(self) -> bytes:
        with open(self.path, "rb") as stream:
            return self.rewritten(stream.read())

    def openForReading(self) -> Any:
        return BytesIO(self._data())

    def getFileSize(self) -> int:
        return len(self._data())


class Named(files.File):
    """Files that are found by another name than the one that was asked for."""

    def named(self, name: bytes) -> bytes:
        """The name that is looked for in place of this one."""
        return name

    def getChild(self, path: bytes, request: Request) -> Any:
        return super().getChild(self.named(path), request)


class Dated(files.File):
    """Files that ask a condition before Twisted does."""

    def before(self, request: Request) -> Any:
        """What is answered at once; None: what is always answered."""

    def render_GET(self, request: Request) -> Any:
        self.restat(False)
        answer = self.before(request) if self.isfile() else None
        return super().render_GET(request) if answer is None else answer

    render_HEAD = render_GET


class Parted(files.File):
    """Files whose ranges are read in another way."""

    def read(self, wanted: list[tuple[int, int]] | None, request: Request, size: int) -> list[tuple[int, int]] | None:
        """The ranges in place of these."""
        return wanted

    def _ranges(self, request: Request, size: int) -> Any:
        return self.read(super()._ranges(request, size), request, size)


class Sent(files.File):
    """Files that are sent in another way."""

    def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
        """The producer in place of this one; its fields have not left yet."""
        return producer

    def makeProducer(self, request: Request, fileForReading: Any) -> StaticProducer:
        return self.sent(super().makeProducer(request, fileForReading), request)


class Lister(Resource):
    """A list of links, of our own."""

    def __init__(self, path: str, names: list[str]) -> None:
        super().__init__()
        self.path = path
        self.names = names

    def href(self, name: str) -> str:
        """How a name stands in a link."""
        return escape(quote(name))

    def text(self, name: str) -> str:
        """How a name is shown."""
        return escape(name)

    def title(self, request: Request) -> str:
        """What stands above the list."""
        return "Files"

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        return self.page(request).encode("utf-8")

    def page(self, request: Request) -> str:
        """The whole of it."""
        items = []
        for name in self.names:
            slash = "/" if os.path.isdir(os.path.join(self.path, name)) else ""
            items.append(f'<li><a href="{self.href(name)}{slash}">{self.text(name)}</a></li>')
        return f"<h1>{self.title(request)}</h1><ul>{''.join(items)}</ul>"


def listing(reference: Reference, lister: type[Lister]) -> None:
    """Have directories listed in another way."""

    class Listed(files.File):
        def directoryListing(self) -> Any:
            return lister(self.path, self.listNames())

    serving(reference, Listed)
