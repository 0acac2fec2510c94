"""
Codings of a body (RFC 9110 section 8.4), undone as far as we keep what comes out.
"""

from __future__ import annotations

import zlib

from harness.errors import NotHTTP, TooMuch
from harness.messages import Answer

#: Codings of one body, and members of one gzip, that are undone: no server that we met sends more than one of each.
MOST_CODINGS = 3
MOST_MEMBERS = 64


def unpacked(answer: Answer, most: int) -> bytes:
    """
    The body of an answer as a browser shows it, gzip undone.

    Raises `NotHTTP` where it is not what its Content-Encoding says, `TooMuch` where it becomes more than `most` bytes.
    """
    body = answer.body
    codings = [coding.strip().lower() for coding in (answer.fields.get("content-encoding") or "").split(",")]
    for coding in codings[: -1 - MOST_CODINGS : -1]:
        if not body or coding not in ("gzip", "x-gzip"):
            break
        # At each step no more than the most: what is compressed twice becomes a million times as much.
        body = _unzipped(body, most)
    return body


def _unzipped(body: bytes, most: int) -> bytes:
    found = b""
    # What is gzip may be several of them, one after another (RFC 1952 section 2.2).
    for number in range(MOST_MEMBERS):
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            found += member.decompress(body, most + 1 - len(found))
        except zlib.error as wrong:
            if number:
                break  # what follows the end is nobody's: browsers take no notice of it
            message = f"the body is not the gzip that its Content-Encoding says: {wrong}"
            raise NotHTTP(message) from None
        if len(found) > most:
            message = f"a body of more than {most:,} bytes once it is decompressed"
            raise TooMuch(message)
        if not member.eof:
            message = f"the gzip of the body ends too soon, after {len(found):,} bytes"
            raise NotHTTP(message)
        body = member.unused_data
        if not body:
            break
    return found
