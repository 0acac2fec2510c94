"""
What was said on the wire and when: the evidence of a result.

Credentials never get in: they are struck out as entries are made, so no report can forget to.
"""

from __future__ import annotations

import re

from attrs import define, evolve, field, frozen

from harness.timing import Measured, Pause, Vain, Window

#: Bytes of one entry, and entries of one transcript, that are kept; the rest is counted.
LONGEST_DATA = 4096
MOST_ENTRIES = 400

#: Entries of the clock, which are kept beside the others: what was measured pushes out nothing that was said.  The last
#: of their places are for what did not hold: a crowd measures thousands of times before one of it is late.
MOST_MOMENTS = 100
LAST_MOMENTS = 20

#: Seconds between two pauses for the same that are told as one: what a spec does between two turns of a crowd.
IN_A_ROW = 0.05

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

    `t` is in seconds since the spec began, `who` is "us", "them", "witness" or "clock", `what` is one of "open",
    "bytes", "close", "reset", "half-close", "pause", "resume", "refused", "event" or "line"; `data` is text (latin-1
    for bytes), redacted.  `on` is the number of the connection on which it happened, from 1; 0 where there was none.

    The clock says "window" where the spec measured, "wait" where it let time go by from here on, and "late" where it
    stopped waiting for what did not come; the data are the texts of `Measured`, `Pause` and `Vain` (`harness.timing`).
    """

    t: float
    who: str
    what: str
    data: str = ""
    on: int = 0


@define
class Transcript:
    """The entries of one spec, bounded: a target that floods fills memory with nothing."""

    # No moment: the difference to one would be a span, of which nobody makes use.
    began: float = field(converter=float)
    entries: list[Entry] = field(factory=list)
    dropped: int = 0
    _size: int = field(init=False, default=0)
    _moments: int = field(init=False, default=0)
    _latest: int = field(init=False, default=-1)

    def forget(self) -> None:
        """Begin again with an empty page, at the same time zero."""
        self.entries.clear()
        self.dropped = self._size = self._moments = 0
        self._latest = -1

    def add(self, at: float, who: str, what: str, data: bytes | str = b"", on: int = 0) -> None:
        """Write down what happened at `at` (the clock's scale, seconds)."""
        if len(self.entries) - self._moments >= MOST_ENTRIES:
            self.dropped += 1
            return
        if isinstance(data, str):
            data = data.encode("utf-8", "backslashreplace")
        longest = min(LONGEST_DATA, max(SHORT, MOST_DATA - self._size))
        kept = redacted(data[:longest]).decode("latin-1")
        if len(data) > longest:
            kept += f" … ({len(data)} bytes)"
        self._size += len(kept)
        self.entries.append(Entry(self._own(at), who, what, kept, on))

    def measured(self, at: float, since: float, seconds: float, window: Window, *, held: bool) -> None:
        """Write down, at `at`, that a spec compared the `seconds` since then with a window, which held or not."""
        if held and self._moments >= MOST_MOMENTS - LAST_MOMENTS:
            self.dropped += 1
        else:
            self._tell(at, "window", Measured(self._own(since), seconds, window.low, window.high, held))

    def paused(self, at: float, until: float, why: str) -> None:
        """Write down that from `at` on time goes by `until` then; of pauses in a row for the same, there is one."""
        pause = Pause(self._own(until), why)
        latest = self.entries[self._latest] if self._latest >= 0 else None
        before = Pause.read(latest.data) if latest is not None else None
        if latest is None or before is None or before.why != why or self._own(at) > before.until + IN_A_ROW:
            self._tell(at, "wait", pause)
        elif pause.until > before.until:
            self.entries[self._latest] = evolve(latest, data=str(pause))

    def waited_in_vain(self, at: float, since: float, what: str) -> None:
        """Write down that at `at` a spec stopped waiting, `since` then, for something."""
        # What was waited for may bear a target's words; a pause has ours, and a measurement none.
        self._tell(at, "late", Vain(self._own(since), discreet(what)))

    def _tell(self, at: float, what: str, said: Measured | Pause | Vain) -> None:
        if self._moments >= MOST_MOMENTS:
            self.dropped += 1
            return
        entry = Entry(self._own(at), "clock", what, str(said))
        self._moments += 1
        self._latest = len(self.entries)
        self.entries.append(entry)

    def _own(self, moment: float) -> float:
        return round(moment - self.began, 6)
