"""
Repairs to forms in parts: names in any script, files of any type, and an answer whatever the parts are.

Twisted takes such a form for a mail.  Seen on 24.7 and 26.10: the name `größe` came out with U+FFFD in
it; a file of the type message/rfc822 was None; `name*=utf-8''a` (AttributeError) and 1,500 parts within parts
(RecursionError) ended the connection without an answer.  On 24.7 the last of several parts of one name was all that
was left of them.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import Any, Dict, List

from twisted.web import server

#: What Twisted puts in the place of what it cannot read in a name: U+FFFD.
LOST = "\N{REPLACEMENT CHARACTER}".encode("utf-8")

_NAME = re.compile(r';\s*name\s*=\s*(?:"((?:\\"|[^"])*)"|([^\s;"]+))', re.IGNORECASE)
_ANOTHER = re.compile(r';(?!\s*name\s*=)[^=;"]+="(?:\\"|[^"])*"', re.IGNORECASE)

Fields = Dict[bytes, List[bytes]]


class Request(server.Request):
    """
    A request whose parts are read once more where Twisted loses something of them.
    """

    processed = False

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        try:
            super().requestReceived(command, path, version)
        except Exception:
            if self.processed or not self._content_type():
                raise
            # It was the parts: `process` reads them.
            self.process()

    def process(self) -> None:
        self.processed = True
        if self._content_type():
            kept = {name: values for name, values in self.args.items() if LOST not in name and None not in values}
            whole = self._parts()
            self.args = {**kept, **{name: whole[name] for name in whole if len(whole[name]) > len(kept.get(name, ()))}}
        super().process()

    def _content_type(self) -> str:
        """
        The type of a form in parts that was posted; empty for anything else.
        """
        given = self.requestHeaders.getRawHeaders(b"content-type", [b""])[0].decode("latin-1")
        in_parts = given.partition(";")[0].strip().lower() == "multipart/form-data"
        return given if in_parts and self.method == b"POST" else ""

    def _parts(self) -> Fields:
        content: Any = self.content
        content.seek(0, 0)
        found = fields(self._content_type(), content.read())
        content.seek(0, 0)
        return found


def fields(content_type: str, body: bytes) -> Fields:
    """
    The fields of a form in parts (RFC 7578), names and values as they came; none where the boundary never occurs.
    """
    boundary = _boundary(content_type)
    if not boundary:
        return {}
    # A value ends before the line end that belongs to the boundary.
    delimiters = re.split(rb"\r\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)", b"\r\n" + body)[1:]
    found: Fields = {}
    for closes, part in zip(delimiters[::2], delimiters[1::2]):  # noqa: B905 - Python 3.7 knows no strict
        if closes:
            break
        head, blank, value = part.partition(b"\r\n\r\n")
        name = _name(head)
        if name and blank:
            found.setdefault(name, []).append(value)
    return found


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_param("boundary")
    return boundary.encode("latin-1") if isinstance(boundary, str) else b""


def _name(head: bytes) -> bytes:
    for line in head.decode("utf-8", "surrogateescape").split("\r\n"):
        field, _, value = line.partition(":")
        if field.strip().lower() == "content-disposition":
            # What stands in the quotes of another parameter may look like a name.
            name = _NAME.search(_ANOTHER.sub("", value))
            if name:
                text = (name.group(1) or name.group(2) or "").replace('\\"', '"').replace("\\\\", "\\")
                return text.encode("utf-8", "surrogateescape")
    return b""
