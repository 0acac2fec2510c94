"""
What was said on the wire and when: the evidence of a result.

Credentials never get in: they are struck out as entries are made, so no report can forget to.
"""

from __future__ import annotations

import re

from attrs import define, field, frozen

#: Bytes of one entry, and entries of one transcript, that are kept; the rest is counted.
LONGEST_DATA = 4096
MOST_ENTRIES = 400

_SECRETS = re.compile(
    rb"(?im)^(authorization|proxy-authorization|cookie|set-cookie)(\s*:\s*)([^\r\n]*)",
)
_PAIR = re.compile(rb"(^|;\s*)([^=;\s]+)=[^;]*")
_PARAMETERS = re.compile(rb'(?i)\b(response|cnonce|nonce|opaque)="?[^",\r\n]*"?')

_SCHEME = re.compile(r"(?i)(authorization\W{1,6}(?:basic|bearer))\s+[^\s'\"]+")
_PARAMETERS_IN_TEXT = re.compile(r'(?i)\b(response|cnonce|nonce|opaque)="[^"]*"')


def redacted(data: bytes) -> bytes:
    """The bytes with the credentials, cookie values and digest responses in their fields struck out."""
    return _SECRETS.sub(_struck, data)


def discreet(text: str) -> str:
    """Text, such as a reason that quotes what a target said, with credentials and digest responses struck out."""
    return _PARAMETERS_IN_TEXT.sub(r"\1=***", _SCHEME.sub(r"\1 ***", text))


def _struck(found: re.Match[bytes]) -> bytes:
    name, colon, value = found.groups()
    if b"cookie" in name.lower():
        # Of Set-Cookie only the first pair is the cookie; what follows are its attributes.
        pairs = 1 if name.lower() == b"set-cookie" else 0
        return name + colon + _PAIR.sub(rb"\1\2=***", value, count=pairs)
    if value[:7].lower() == b"digest ":
        return name + colon + _PARAMETERS.sub(rb'\1="***"', value)
    scheme = value.split(b" ", 1)[0]
    return name + colon + (scheme + b" ***" if scheme != value else b"***")


@frozen
class Entry:
    """
    One thing that happened.

    `t` is in seconds since the spec began, `who` is "us", "them" or "witness", `what` is one of "open", "bytes",
    "close", "reset", "half-close", "pause", "resume", "refused", "event" or "line"; `data` is text (latin-1 for
    bytes), redacted.
    """

    t: float
    who: str
    what: str
    data: str = ""


@define
class Transcript:
    """The entries of one spec, bounded: a target that floods fills memory with nothing."""

    began: float
    entries: list[Entry] = field(factory=list)
    dropped: int = 0

    def add(self, at: float, who: str, what: str, data: bytes | str = b"") -> None:
        """Write down what happened at `at` (the clock's scale, seconds)."""
        if len(self.entries) >= MOST_ENTRIES:
            self.dropped += 1
            return
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        kept = redacted(data[:LONGEST_DATA]).decode("latin-1")
        if len(data) > LONGEST_DATA:
            kept += f" … ({len(data)} bytes)"
        self.entries.append(Entry(round(at - self.began, 6), who, what, kept))
