"""
What the mutants of forms and of other bodies have in common: pages and requests that read otherwise.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request

from reference_impl import handling_posts, http
from reference_impl.repairs import forms
from tests.mutants import Reference

Fields = dict[bytes, list[bytes]]

#: Makes the fields of a form from those that the reference found, the type and the body.
Read = Callable[[Fields, str, bytes], Fields]

#: Whether a mistake concerns a request of this type and body.
Concerned = Callable[[str, bytes], bool]

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"


def content_of(request: Any) -> tuple[str, bytes]:
    """The type and the body of a request, which can be read again."""
    content_type = request.requestHeaders.getRawHeaders(b"content-type", [b""])[0].decode("latin-1")
    if request.content is None:
        return content_type, b""
    request.content.seek(0, 0)
    body = request.content.read()
    request.content.seek(0, 0)
    return content_type, body


def is_of(content_type: str, wanted: str) -> bool:
    """Whether a type is this one, its parameters aside."""
    return content_type.partition(";")[0].strip().lower() == wanted


def put(
    reference: Reference,
    form: type[Resource] = forms.FormPage,
    fields: type[Resource] = handling_posts.FieldsPage,
) -> None:
    """Put these in place of the right pages."""
    page = form()
    page.putChild(b"fields", fields())
    reference.root.putChild(b"form", page)


def reading(reference: Reference, read: Read) -> None:
    """Let both pages have the fields that `read` makes."""

    class Form(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            request.args = read(request.args, *content_of(request))
            return super().render_POST(request)

    class All(handling_posts.FieldsPage):
        def render_POST(self, request: Request) -> bytes:
            request.args = read(request.args, *content_of(request))
            return super().render_POST(request)

    put(reference, Form, All)


def of_forms(reference: Reference, decode: Callable[[bytes], Fields]) -> None:
    """The same of the body of an urlencoded form."""

    def read(found: Fields, content_type: str, body: bytes) -> Fields:
        return decode(body) if is_of(content_type, FORM) else found

    reading(reference, read)


def of_parts(reference: Reference, decode: Callable[[str, bytes], Fields]) -> None:
    """The same of the type and the body of a form in parts."""

    def read(found: Fields, content_type: str, body: bytes) -> Fields:
        return decode(content_type, body) if is_of(content_type, PARTS) else found

    reading(reference, read)


def of_values(reference: Reference, change: Callable[[bytes], bytes], *, only: str = "") -> None:
    """Change every value, of forms of one type only if given."""

    def read(found: Fields, content_type: str, body: bytes) -> Fields:
        if only and not is_of(content_type, only):
            return found
        return {name: [change(value) for value in values] for name, values in found.items()}

    reading(reference, read)


def gathered(pairs: Any) -> Fields:
    """Fields by name, the values of each in their order."""
    found: Fields = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def boundary_of(content_type: str) -> bytes:
    """The boundary in a type, rightly."""
    found = re.search(r'boundary="?([^";]+)', content_type, re.IGNORECASE)
    return found.group(1).encode() if found else b"none"


def answering(reference: Reference, concerned: Concerned, status: int = 500, body: bytes = b"") -> None:
    """Let requests that are concerned be answered so."""
    base: Any = reference.site.requestFactory

    class Broken(base):  # type: ignore[misc] - the reference's own class, whichever it is
        broken = False

        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
            if command == b"POST" and concerned(*content_of(self)):
                self.broken = True
                self.requestHeaders.removeHeader(b"content-type")
            self.content.seek(0, 2)
            super().requestReceived(command, path, version)

        def process(self) -> None:
            if not self.broken:
                super().process()
                return
            self.setResponseCode(status)
            self.setHeader(b"content-type", b"text/html; charset=utf-8")
            self.setHeader(b"content-length", b"%d" % len(body))
            self.write(body)
            self.finish()

    reference.site.requestFactory = Broken


def showing(reference: Reference, change: Callable[[str], str]) -> None:
    """Let the page of other bodies show what `change` makes of the text."""

    class Page(forms.BodyPage):
        def render_POST(self, request: Request) -> bytes:
            _, body = content_of(request)
            request.content = _File(change(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"))
            return super().render_POST(request)

    reference.root.putChild(b"other-request-bodies", Page())


class _File:
    """A body that was changed; it can be read once."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self) -> bytes:
        """All of it."""
        return self._data

    def close(self) -> None:
        """See `io`."""


def echoing(reference: Reference, change: Callable[[Any, bytes], bytes]) -> None:
    """Let the echo answer with what `change` makes of the request and its body."""

    class Page(http.Echo):
        def render(self, request: Request) -> bytes:
            _, body = content_of(request)
            request.setHeader(b"content-type", b"application/octet-stream")
            return change(request, body)

    reference.root.putChild(b"echo", Page())
