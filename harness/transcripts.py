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

#: Bytes of all entries of a transcript, and of each that comes after those: all specs' transcripts are kept until the
#: end of a run, and 300 of 1.6 MB, which a server that floods would fill, are half a gigabyte.
MOST_DATA = 256 * 1024
SHORT = 80

#: Characters of a reason, and how many of them are its end.
LONGEST_REASON = 6000
END = 1000

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    r"\ufeff\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)

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
    """A reason, which may quote what a target said: credentials and digest responses struck out, and not endless."""
    if len(text) > LONGEST_REASON:
        text = f"{text[: LONGEST_REASON - END]} … ({len(text)} characters) … {text[-END:]}"
    return _PARAMETERS_IN_TEXT.sub(r"\1=***", _SCHEME.sub(r"\1 ***", text))


def safe(text: str) -> str:
    """Text from a target with nothing in it that a terminal would obey; newlines and tabs stay."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


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
    bytes), redacted.  `on` is the number of the connection on which it happened, from 1; 0 where there was none.
    """

    t: float
    who: str
    what: str
    data: str = ""
    on: int = 0


@define
class Transcript:
    """The entries of one spec, bounded: a target that floods fills memory with nothing."""

    began: float
    entries: list[Entry] = field(factory=list)
    dropped: int = 0
    _size: int = field(init=False, default=0)

    def forget(self) -> None:
        """Begin again with an empty page, at the same time zero."""
        self.entries.clear()
        self.dropped = self._size = 0

    def add(self, at: float, who: str, what: str, data: bytes | str = b"", on: int = 0) -> None:
        """Write down what happened at `at` (the clock's scale, seconds)."""
        if len(self.entries) >= MOST_ENTRIES:
            self.dropped += 1
            return
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        longest = min(LONGEST_DATA, max(SHORT, MOST_DATA - self._size))
        kept = redacted(data[:longest]).decode("latin-1")
        if len(data) > longest:
            kept += f" … ({len(data)} bytes)"
        self._size += len(kept)
        self.entries.append(Entry(round(at - self.began, 6), who, what, kept, on))
