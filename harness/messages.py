"""
Requests as bytes, answers as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from attrs import field, frozen

#: Field lines as a spec writes them: text is latin-1.
Pairs = Sequence[tuple["bytes | str", "bytes | str"]]


class Chunk(NamedTuple):
    """Bytes as they arrived together; `at` is on the clock's scale, in seconds."""

    at: float
    data: bytes


@frozen(repr=False)
class Fields:
    """The fields of a message in their order, as bytes; names compare without case (RFC 9110 section 5.1)."""

    raw: tuple[tuple[bytes, bytes], ...] = ()

    def all(self, name: str) -> list[str]:
        """Every value of this name in order, as latin-1 text."""
        wanted = name.lower().encode("latin-1")
        return [value.decode("latin-1") for key, value in self.raw if key.lower() == wanted]

    def get(self, name: str) -> str | None:
        """The values of this name joined by a comma (RFC 9110 section 5.3), or None.  Not for Set-Cookie."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def __repr__(self) -> str:
        return f"<{len(self.raw)} fields>"


@frozen(repr=False)
class Answer:
    """
    One answer of a target, with when it came.

    Times are in seconds on the clock's scale; `sent_at` is when the last byte of the request left, `first_at` and
    `last_at` when the first and the last byte of the answer arrived.  `framing` says how the end of the body was
    told: "length", "chunked", "close" or "none" (RFC 9112 section 6.3).  An answer that was cut short is not
    `complete`, and `problem` says how.
    """

    status: int
    reason: bytes
    version: bytes
    fields: Fields
    body: bytes
    framing: str
    complete: bool
    problem: str
    sent_at: float
    first_at: float
    last_at: float
    chunks: tuple[Chunk, ...] = ()
    informational: tuple[int, ...] = field(default=())

    @property
    def raw(self) -> bytes:
        """All of it, as it came."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def waited(self) -> float:
        """Seconds from our last byte sent to the first byte received."""
        return self.first_at - self.sent_at

    @property
    def took(self) -> float:
        """Seconds from our last byte sent to the last byte of the answer."""
        return self.last_at - self.sent_at

    @property
    def text(self) -> str:
        """The body as UTF-8, with what is not UTF-8 replaced."""
        return self.body.decode("utf-8", "replace")

    def __repr__(self) -> str:
        short = "" if self.complete else ", cut short"
        return f"<{self.status}, {len(self.body)} bytes{short}>"


def as_bytes(text: bytes | str) -> bytes:
    """Wire data as bytes; text is taken as latin-1, the alphabet of fields."""
    return text if isinstance(text, bytes) else text.encode("latin-1")


def request_bytes(  # noqa: PLR0913 - a request has so many parts, each given by name
    method: bytes | str,
    target: bytes | str,
    *,
    host: bytes | str,
    fields: Pairs = (),
    body: bytes | None = None,
    version: bytes = b"1.1",
) -> bytes:
    """
    A request, exactly as it goes out: nothing is checked, so that a spec can bend all of it.

    Host, and Content-Length where there is a body, are added unless `fields` has them or, for the length, a
    Transfer-Encoding.
    """
    given = [(as_bytes(name), as_bytes(value)) for name, value in fields]
    names = {name.lower() for name, _ in given}
    added: list[tuple[bytes, bytes]] = []
    if b"host" not in names:
        added.append((b"Host", as_bytes(host)))
    if body is not None and not names & {b"content-length", b"transfer-encoding"}:
        given.append((b"Content-Length", b"%d" % len(body)))
    return b"".join(
        (
            as_bytes(method) + b" " + as_bytes(target) + b" HTTP/" + version + b"\r\n",
            *lines((*added, *given)),
            b"\r\n",
            body or b"",
        )
    )


def lines(fields: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Field lines, each with its CRLF."""
    return [name + b": " + value + b"\r\n" for name, value in fields]
