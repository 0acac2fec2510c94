"""
The reference's connection, in steps so small that each can be got wrong by itself: lines, fields, chunks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twisted.web.http import _ChunkedTransferDecoder, _IdentityTransferDecoder

from reference_impl.repairs import answers, framing
from tests.mutants import Reference

Change = Callable[[re.Match[bytes]], bytes]


class Overriding(answers.Channel):
    """A connection on which chunks override a length, as they may; the connection ends then, as it has to."""

    keeps = False
    both = False

    def headerReceived(self, line: bytes) -> bool:  # noqa: N802 - Twisted's name
        """See Twisted's `HTTPChannel`."""
        name = line.split(b":", 1)[0].lower()
        chosen = self._transferDecoder
        if name == b"transfer-encoding" and isinstance(chosen, _IdentityTransferDecoder):
            self._transferDecoder = None
            self.both = True
        elif name == b"content-length" and isinstance(chosen, _ChunkedTransferDecoder):
            self.both = True
            return True
        return bool(super().headerReceived(line))

    def checkPersistence(self, request: Any, version: bytes) -> Any:  # noqa: N802 - Twisted's name
        """See Twisted's `HTTPChannel`."""
        both, self.both = self.both, False
        return super().checkPersistence(request, version) and (self.keeps or not both)


class Chunks(_ChunkedTransferDecoder):
    """Twisted's decoder of chunks, right, whose lines of sizes are put straight before they are read."""

    fields: Any = None

    def line(self, line: bytes) -> bytes:
        """What is read in the place of this line."""
        return line

    def find(self) -> None:
        """A look at the buffer before a line of a size is looked for."""

    def _dataReceived_CHUNK_LENGTH(self) -> bool:  # noqa: N802 - Twisted's name
        self.find()
        self._start = 0
        end = self._buffer.find(b"\r\n")
        if end >= 0:
            self._buffer[:end] = self.line(bytes(self._buffer[:end]))
        return super()._dataReceived_CHUNK_LENGTH()


def channel(reference: Reference, *, base: type = answers.Channel, **methods: Any) -> None:
    """Put a connection in place of the right one that does this instead."""
    reference.site.protocol = type("Channel", (base,), methods)


def reads(reference: Reference, pattern: bytes, instead: bytes | Change, base: type = answers.Channel) -> None:
    """Put a connection in place of the right one that reads something instead of what it finds in a line."""
    expression = re.compile(pattern, re.IGNORECASE)

    def line_received(self: Any, line: bytes) -> Any:
        return super(self.__class__, self).lineReceived(expression.sub(instead, line))

    channel(reference, base=base, lineReceived=line_received)


def passes_over(reference: Reference, pattern: bytes, base: type = answers.Channel) -> None:
    """Put a connection in place of the right one that does not see certain lines."""
    expression = re.compile(pattern, re.IGNORECASE)

    def line_received(self: Any, line: bytes) -> Any:
        return None if expression.search(line) else super(self.__class__, self).lineReceived(line)

    channel(reference, base=base, lineReceived=line_received)


def chunks(reference: Reference, **methods: Any) -> None:
    """Put a decoder of chunks in place of the right one that does this instead."""
    decoder = type("Decoder", (Chunks,), methods)

    def all_headers_received(self: Any) -> None:
        super(self.__class__, self).allHeadersReceived()
        if isinstance(self._transferDecoder, _ChunkedTransferDecoder):
            self._transferDecoder = decoder(self.requests[-1].handleContentChunk, self._finishRequestBody)
            self._transferDecoder.fields = self.requests[-1].requestHeaders

    channel(reference, allHeadersReceived=all_headers_received)


def sizes(reference: Reference, line: Callable[[bytes], bytes]) -> None:
    """Put a decoder of chunks in place of the right one that reads lines of sizes in this way."""
    chunks(reference, line=lambda self, text: line(text))


def requests(reference: Reference, **methods: Any) -> None:
    """Put a request in place of the right one that does this instead."""
    reference.site.requestFactory = type("Request", (framing.Request,), methods)
