"""
Repairs to WSGI (PEP 3333), as middleware: `close()` is always called, and mistakes of an application end in
an error instead of a hanging or ambiguous answer.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Iterable, Iterator, List, Optional, Tuple

from reference_impl.wsgi import Application, Environ, StartResponse

CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class ApplicationError(Exception):
    """
    The application broke a rule of PEP 3333; the message says which.
    """


def repaired(application: Application) -> Application:
    """
    The application, watched.
    """

    def watched(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return Conversation(environ, start_response).run(application)

    return watched


class Conversation:
    """
    One call of the application.  All of it happens in the thread that Twisted chose for the call.

    Seen on 18.9 to 26.10: `close()` was not called when iterating raised; without start_response the client waited
    for ever; start_response twice, a `str` block... see the tests of this module for each.
    """

    def __init__(self, environ: Environ, start_response: StartResponse) -> None:
        self._environ = environ
        self._start_response = start_response
        self._write: Optional[Callable[[bytes], object]] = None
        self._announced: Optional[int] = None
        self._sent = 0

    def run(self, application: Application) -> Iterator[bytes]:
        """
        The blocks to be sent; `close()` of the application's iterable is called when this ends or is closed.
        """
        blocks = application(self._environ, self.start_response)
        return Blocks(self, blocks)

    def start_response(
        self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        if self._write is not None and exc_info is None:
            raise ApplicationError("start_response was called twice, without exc_info")
        for text in [status, *(text for header in headers for text in header)]:
            if isinstance(text, str) and CONTROLS.search(text):
                raise ApplicationError("control characters in the status or a header: %r" % (text,))
        self._write = self._start_response(status, headers, exc_info)
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        self._announced = int(lengths[0]) if lengths else None
        return self.write

    def write(self, data: bytes) -> None:
        assert self._write is not None
        if data:
            self._write(self.checked(data))

    def checked(self, data: bytes) -> bytes:
        """
        The block itself, if it may be sent now.
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
        bodiless = self._environ["REQUEST_METHOD"] == "HEAD"
        if not bodiless and self._announced is not None and self._sent < self._announced:
            raise ApplicationError("%d of the %d bytes announced" % (self._sent, self._announced))


class Blocks:
    """
    The application's blocks, checked; `close()` reaches the application once, after an error too.
    """

    def __init__(self, conversation: Conversation, blocks: Iterable[bytes]) -> None:
        self._conversation = conversation
        self._blocks = blocks
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            for block in self._blocks:
                yield self._conversation.checked(block)
            self._conversation.end()
        finally:
            self.close()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            close = getattr(self._blocks, "close", None)
            if close is not None:
                close()
