"""
What we sent, as commands that a shell takes: what went wrong can be seen again without us.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.addresses import Address
from harness.transcripts import Entry

#: Seconds that the command waits for an answer.
PATIENCE = 5

#: Bytes of a command's text: a longer one is nothing to paste.
LONGEST = 2000

#: Bytes that stand for themselves between single quotes in a format of printf.
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"%'\\")

_SHORT = {0x0A: r"\n", 0x0D: r"\r", 0x09: r"\t", 0x25: "%%", 0x5C: r"\\"}


def again(entries: Iterable[Entry], address: Address) -> Iterator[str]:
    """
    One command for each connection on which we said something.

    Credentials are struck out in a transcript, so a command with `***` in it has to be filled in.
    """
    said: dict[int, list[str]] = {}
    for entry in entries:
        if entry.who == "us" and entry.what == "bytes":
            said.setdefault(entry.on, []).append(entry.data)
    for number, (_, parts) in enumerate(sorted(said.items())):
        told = command("".join(parts), address)
        yield f"{'to see it again:' if number == 0 else '           then:'} {told}"


def command(data: str, address: Address) -> str:
    """A command that sends these bytes, as latin-1 text, in one piece, and shows what comes back."""
    # The transcript itself has struck out the middle of what is very long, and says so in a sign that no byte gives.
    written = "…" if "…" in data else "".join(map(_written, data.encode("latin-1")))
    if "…" in written or len(written) > LONGEST:
        return "(more bytes than anybody would paste)"
    host = address.host
    to = f"nc -w {PATIENCE} {host} {address.port}"
    if address.scheme == "https":
        name = f"[{host}]" if ":" in host else host
        to = f"openssl s_client -quiet -connect {name}:{address.port}"
    return f"printf '{written}' | {to}"


def _written(byte: int) -> str:
    if byte in _PLAIN:
        return chr(byte)
    return _SHORT.get(byte) or rf"\{byte:03o}"
