"""
Repairs to WSGI (PEP 3333), as middleware: `close()` is always called, and an application's mistake ends in an error
that the client can see.

Seen on 18.9 to 26.10, application by application:
a generator that raises: its `close()` is not called;
no start_response and no blocks, or a status without a reason and no blocks: the client waits for ever;
start_response twice: 200, with the second status;
a block of text: 200 and a cut body; a line end in a header's value: a header of its own on 18.9;
Content-Length 5 and 13 bytes: all 13 on the wire; 1,000 and 8 bytes: the client waits for ever;
Transfer-Encoding: chunked: the field twice, and no end; Keep-Alive and Upgrade: sent on;
a POST: Content-Type as HTTP_CONTENT_TYPE too, at which wsgiref.validate gives up.
"""

from __future__ import annotations

import re
from http.client import responses
from typing import Any, Callable, Iterable, Iterator, List, Optional, Tuple

from reference_impl.wsgi import Application, Environ, StartResponse

# What may not stand in a status line or a field (RFC 9110 section 5.5).
CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
STATUS = re.compile(r"(\d{3})(?: +(.*))?")

# Fields of the connection, which is the server's (PEP 3333, "Other HTTP Features"; RFC 9110 section 7.6.1).
HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    )
)


class ApplicationError(Exception):
    """
    The application broke a rule of PEP 3333; the message says which.
    """


def repaired(application: Application) -> Application:
    """
    The application, watched.
    """

    def watched(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        for name in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
            environ.pop(name, None)
        call = Call(environ, start_response)
        return Blocks(call, application(environ, call.start_response))

    return watched


class Call:
    """
    What one call of the application has said so far.  All of it happens in the thread of the call.
    """

    # Fields that the application may not give, in small letters.
    servers_own = HOP_BY_HOP

    def __init__(self, environ: Environ, start_response: StartResponse) -> None:
        # Not looked up later: the application may change its environ.
        self._bodiless = environ["REQUEST_METHOD"] == "HEAD"
        self._start_response = start_response
        self._write: Optional[Callable[[bytes], object]] = None
        self._announced: Optional[int] = None
        self._sent = 0

    def start_response(
        self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        """
        Given to the application in the place of Twisted's own.
        """
        if self._write is not None and exc_info is None:
            raise ApplicationError("start_response was called twice, without exc_info")
        for text in [status, *(text for header in headers for text in header)]:
            if CONTROLS.search(text):
                raise ApplicationError("control characters in the status or a header: %r" % (text,))
            text.encode("latin-1")
        for name, _ in headers:
            if name.lower() in self.servers_own:
                raise ApplicationError("the connection is not the application's: %r" % (name,))
        self._write = self._start_response(_with_reason(status), headers, exc_info)
        lengths = [int(value) for name, value in headers if name.lower() == "content-length"]
        self._announced = lengths[0] if lengths else None
        return self.write

    def write(self, data: bytes) -> None:
        """
        Given to the application in the place of Twisted's own.
        """
        block = self.checked(data)
        if block and self._write is not None:
            self._write(block)

    def checked(self, data: bytes) -> bytes:
        """
        The block itself.  Raises ApplicationError if it may not be sent.
        """
        if not isinstance(data, bytes):
            raise ApplicationError("a block of %s, not bytes" % (type(data).__name__,))
        if data and self._write is None:
            raise ApplicationError("a block before start_response")
        self._sent += len(data)
        if self._announced is not None and self._sent > self._announced:
            raise ApplicationError("more than the %d bytes announced" % (self._announced,))
        return data

    def end(self) -> None:
        """
        Raises ApplicationError if the answer cannot be over yet.
        """
        if self._write is None:
            raise ApplicationError("start_response was never called")
        if not self._bodiless and self._announced is not None and self._sent < self._announced:
            raise ApplicationError("%d of the %d bytes announced" % (self._sent, self._announced))


class Blocks:
    """
    The application's blocks, checked; `close()` reaches the application once, after an error too.
    """

    def __init__(self, call: Call, blocks: Iterable[bytes]) -> None:
        self._call = call
        self._blocks = blocks
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            for block in self._blocks:
                yield self._call.checked(block)
            self._call.end()
        finally:
            self.close()

    def close(self) -> None:
        """
        Closes what the application returned.  A second call does nothing.
        """
        if not self._closed:
            self._closed = True
            close = getattr(self._blocks, "close", None)
            if close is not None:
                close()


def _with_reason(status: str) -> str:
    """
    The status with a reason phrase, which Twisted cannot do without.
    """
    found = STATUS.fullmatch(status)
    if found is None:
        raise ApplicationError("not a status: %r" % (status,))
    code, reason = found.groups()
    return "%s %s" % (code, reason or responses.get(int(code)) or "Unknown")
