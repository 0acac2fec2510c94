"""
Repairs to what a connection says: the end that its client asked for, lengths of contents that are not there, and
refusals that are answers.

Seen on 18.9 to 26.10:
`Connection: close, te`, and `Connection: te` before `Connection: close`: the connection stayed open (the field is split
at blanks, and only its first line is looked at);
204 and 304 with `Content-Length: 0` (RFC 9110 section 8.6 forbids any length in a 204, and any but that of the content
which is not sent in a 304);
a line of more than 16,384 bytes: the connection was closed without a word (RFC 9112 section 3 wants 414, RFC 9110
section 5.4 some 4xx);
whatever else is refused: `HTTP/1.1 400 Bad Request` and an empty line, without Date (RFC 9110 section 6.6.1), and
without a word about the connection, which ends (RFC 9112 section 9.6).
"""

from __future__ import annotations

from typing import Any

from twisted.web.http import HTTPChannel, datetimeToString
from zope.interface import directlyProvides, providedBy

# How Twisted refuses what it cannot read.
REFUSAL = b"HTTP/1.1 400 Bad Request\r\n\r\n"


class Channel(HTTPChannel):
    """
    Twisted's connection.
    """

    def makeConnection(self, transport: Any) -> None:
        super().makeConnection(Transport(transport))

    def checkPersistence(self, request: Any, version: bytes) -> Any:
        """
        Whether the connection goes on after this request.
        """
        options = b",".join(request.requestHeaders.getRawHeaders(b"connection") or [])
        if b"close" in [option.strip().lower() for option in options.split(b",")]:
            request.responseHeaders.setRawHeaders(b"connection", [b"close"])
            return False
        return super().checkPersistence(request, version)

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
        if code in (b"204", b"304"):
            # Up to 22.10 or so these are pairs.
            if hasattr(headers, "removeHeader"):
                headers.removeHeader(b"content-length")
            else:
                headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        super().writeHeaders(version, code, reason, headers)

    def lineLengthExceeded(self, line: bytes) -> None:
        # A request is there from its first line on.
        status = b"431 Request Header Fields Too Large" if self.requests else b"414 URI Too Long"
        self.write(refusal(status))
        self.loseConnection()


class Transport:
    """
    A transport that makes an answer of a refusal, and passes on all else.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        directlyProvides(self, providedBy(transport))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """
        See Twisted's `ITransport`.
        """
        self._transport.write(refusal(b"400 Bad Request") if data == REFUSAL else data)


def refusal(status: bytes) -> bytes:
    """
    The last answer of a connection, which nobody has to read to know what is wrong.
    """
    body = status[4:] + b"\n"
    fields = (
        b"Date: " + datetimeToString(),
        b"Connection: close",
        b"Content-Type: text/plain",
        b"Content-Length: %d" % len(body),
    )
    return b"\r\n".join((b"HTTP/1.1 " + status, *fields, b"", body))
