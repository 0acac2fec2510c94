"""
From bytes to answers: h11 judges, and the raw bytes stay beside its opinion.

No I/O and no clock: whoever reads the socket says when each piece came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import h11
from attrs import define, field

from harness.errors import NotHTTP, TooMuch
from harness.messages import Answer, Chunk, Fields

#: Bytes of one status line and header.  The largest that the specs provoke are 8 KB cookies, echoed; h11's own 16 KB
#: is close to that.
LONGEST_HEAD = 256 * 1024

#: Lines of it: 10,000 take h11 and treq a tenth of a second.  Python's own http.client takes 100, curl 5,000.
MOST_LINES = 1000

#: Pieces of a body, beside one for each `PIECE` bytes: h11 takes 15 us for each, so that a body in chunks of one byte
#: keeps us busy for a tenth of a second and not for five.  The specs' own scripts send up to 1,000.
MOST_PIECES = 2048
PIECE = 512

#: Informational answers (1xx) before the one that counts; no server has use for more than a few.
MOST_INFORMATIONAL = 100

_BLANK = re.compile(rb"\n\r?\n")


@define
class Reader:
    """
    Reads the one answer that is due next on a connection.

    `method` is the method of the request that it answers: an answer to HEAD has no body whatever its fields say
    (RFC 9112 section 6.3).  Feed it with `feed` and, once, `end`; when `done`, what came after the answer is in
    `left`.
    """

    method: str
    sent_at: float
    done: bool = False
    left: bytes = b""
    _h11: h11.Connection = field(init=False)
    _body: list[bytes] = field(init=False, factory=list)
    _size: int = field(init=False, default=0)
    _chunks: list[Chunk] = field(init=False, factory=list)
    _head: h11.Response | None = field(init=False, default=None)
    _lines: int = field(init=False, default=0)
    _informational: list[int] = field(init=False, factory=list)
    _problem: str = field(init=False, default="")

    def __attrs_post_init__(self) -> None:
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
        # h11 reads an answer only after a request: a well-formed stand-in for the one that really went out, which
        # may be bent in ways that h11 would refuse to send.
        ours = h11.Request(method=self.method, target="/", headers=[("Host", "stand-in")])
        self._h11.send(ours)
        self._h11.send(h11.EndOfMessage())

    @property
    def started(self) -> bool:
        """Whether one byte of the answer has come."""
        return bool(self._chunks)

    @property
    def first_at(self) -> float | None:
        """When the first byte came."""
        return self._chunks[0].at if self._chunks else None

    def feed(self, at: float, data: bytes) -> None:
        """
        Take bytes that arrived at `at`.

        Raises `NotHTTP` when they cannot be the beginning of an answer, `TooMuch` when its header has too many lines
        or its body too many pieces.
        """
        self._chunks.append(Chunk(at, data))
        if self._head is None:
            blank = _BLANK.search(data)
            self._lines += data.count(b"\n", 0, blank.start() if blank else len(data))
            if self._lines > MOST_LINES:
                message = f"a header of more than {MOST_LINES:,} lines"
                raise TooMuch(message)
        self._advance(data)

    def end(self, how: str) -> None:
        """
        The connection is over (`how`: "fin" or "rst").

        An answer whose end only the close tells is complete by a "fin"; any other becomes incomplete, and `problem`
        says what was missing.
        """
        if self.done:
            return
        if how == "fin" and self.started:
            self._advance(b"")
        if not self.done:
            self._stop("the connection was reset" if how == "rst" else "the connection was closed")

    def _advance(self, data: bytes) -> None:
        try:
            self._h11.receive_data(data)
            self._take(iter(self._h11.next_event, h11.NEED_DATA))
        except h11.RemoteProtocolError as wrong:
            if self._head is None:
                message = f"not an HTTP answer: {wrong}; it begins {self._begins()}"
                raise NotHTTP(message) from None
            self._stop(str(wrong))

    def _take(self, events: Iterable[object]) -> None:
        for event in events:
            match event:
                case h11.InformationalResponse():
                    self._informational.append(event.status_code)
                    if event.status_code == 101:
                        message = "it switched protocols, unasked (101)"
                        raise NotHTTP(message)
                    if len(self._informational) > MOST_INFORMATIONAL:
                        message = f"more than {MOST_INFORMATIONAL} informational answers (1xx), and none that counts"
                        raise TooMuch(message)
                case h11.Response():
                    self._head = event
                case h11.Data():
                    self._keep(bytes(event.data))
                case h11.EndOfMessage():
                    self._finish()
                    return
                case _:  # PAUSED, ConnectionClosed: h11 waits for us, and we send nothing more on this one
                    return

    def _keep(self, data: bytes) -> None:
        self._body.append(data)
        self._size += len(data)
        if len(self._body) > MOST_PIECES + self._size // PIECE:
            message = f"a body of {self._size:,} bytes in {len(self._body):,} pieces"
            raise TooMuch(message)

    def _finish(self) -> None:
        self.done = True
        self.left = bytes(self._h11.trailing_data[0])
        if self.left:
            # What belongs to the next answer came with the last piece of this one.
            at, last = self._chunks.pop()
            self._chunks.append(Chunk(at, last[: len(last) - len(self.left)]))

    def _stop(self, problem: str) -> None:
        self.done = True
        self._problem = problem

    def forget(self) -> None:
        """Let go of what came; there will be no answer."""
        self._chunks.clear()
        self._body.clear()

    def _begins(self) -> str:
        """The first bytes, as a reason shows them."""
        return repr(b"".join(chunk.data[:60] for chunk in self._chunks[:60])[:60])

    def answer(self) -> Answer:
        """The answer as far as it came.  Raises `NotHTTP` when not even its header is whole."""
        if self._head is None:
            message = f"cut short within its header ({self._problem or 'no more came'}): {self._begins()}"
            raise NotHTTP(message)
        fields = Fields(tuple((bytes(name), bytes(value)) for name, value in self._head.headers.raw_items()))
        return Answer(
            status=self._head.status_code,
            reason=bytes(self._head.reason),
            version=bytes(self._head.http_version),
            fields=fields,
            body=b"".join(self._body),
            framing=self._framing(fields),
            complete=not self._problem,
            problem=self._problem,
            sent_at=self.sent_at,
            first_at=self._chunks[0].at,
            last_at=self._chunks[-1].at,
            chunks=tuple(self._chunks),
            informational=tuple(self._informational),
        )

    def _framing(self, fields: Fields) -> str:
        assert self._head is not None
        if self.method == "HEAD" or self._head.status_code in (204, 304):
            return "none"
        if "transfer-encoding" in fields:
            return "chunked"
        return "length" if "content-length" in fields else "close"
