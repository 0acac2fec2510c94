"""
Mutants of the WSGI container: the stream that the application reads the body from.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO

from twisted.web.server import Request

from reference_impl.wsgi import Environ
from tests.mutants import Reference, mutant, of
from tests.mutants._wsgi import reading, telling

READ = of("wsgi", "body-is-exact-by-read", "any-body-reaches-the-application")
LINES = of("wsgi", "body-is-exact-by-readline", "body-is-exact-by-iteration", "body-is-exact-by-readlines")
TYPES = "wsgi/required-variables-are-there-with-their-types"


# read().


@mutant("wsgi/ways-of-reading-may-be-mixed", *READ)
def reads_a_byte_more(reference: Reference) -> None:
    """read(n) gives n + 1 bytes where there are so many."""

    class Stream(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(-1 if size is None or size < 0 else size + 1)

    reading(reference, Stream)


@mutant("wsgi/ways-of-reading-may-be-mixed", *READ)
def reads_all_whatever_is_asked(reference: Reference) -> None:
    """read(n) gives all that has come of the body."""

    class Stream(BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            return super().read()

    reading(reference, Stream)


@mutant("wsgi/body-is-exact-by-read")
def cuts_a_large_body(reference: Reference) -> None:
    """Of a body only the first 64 KB are kept."""

    class Stream(BytesIO):
        def __init__(self, body: bytes) -> None:
            super().__init__(body[:65536])

    reading(reference, Stream)


@mutant("wsgi/body-is-exact-by-read")
def gives_nothing_when_a_buffer_is_used_up(reference: Reference) -> None:
    """After each 64 KB one read() gives nothing, though more is to come."""

    class Stream(BytesIO):
        used_up = False

        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() % 65536 == 0 and self.tell() and not self.used_up:
                self.used_up = True
                return b""
            self.used_up = False
            return super().read(size)

    reading(reference, Stream)


@mutant(
    "wsgi/read-without-a-size-gives-the-rest",
    "wsgi/readline-takes-a-size",
    "wsgi/ways-of-reading-may-be-mixed",
    *READ,
    *LINES,
)
def ends_a_body_at_a_zero_byte(reference: Reference) -> None:
    """The body is taken for a string that ends in a zero byte."""

    class Stream(BytesIO):
        def __init__(self, body: bytes) -> None:
            super().__init__(body.partition(b"\0")[0])

    reading(reference, Stream)


@mutant(
    "wsgi/chunks-never-reach-the-application",
    "wsgi/read-without-a-size-gives-the-rest",
    "wsgi/readline-takes-a-size",
    "wsgi/ways-of-reading-may-be-mixed",
    *READ,
    *LINES,
)
def strips_the_body(reference: Reference) -> None:
    """The body is stripped of the white space at its ends."""

    class Stream(BytesIO):
        def __init__(self, body: bytes) -> None:
            super().__init__(body.strip())

    reading(reference, Stream)


@mutant(
    "wsgi/read-without-a-size-gives-the-rest",
    "wsgi/readline-takes-a-size",
    "wsgi/ways-of-reading-may-be-mixed",
    *READ,
    *LINES,
)
def changes_the_ends_of_lines(reference: Reference) -> None:
    """The body is read as a text file is: CR LF becomes a line feed."""

    class Stream(BytesIO):
        def __init__(self, body: bytes) -> None:
            super().__init__(body.replace(b"\r\n", b"\n"))

    reading(reference, Stream)


@mutant("wsgi/body-is-exact-by-read")
def gives_the_body_of_the_request_before(reference: Reference) -> None:
    """One buffer is used for all bodies, and emptied only after the next one has been written to it."""
    kept = [b""]

    def tell(environ: Environ, request: Request) -> None:
        kept.append(request.content.read())
        environ["wsgi.input"] = BytesIO((kept.pop(0) or kept[0])[: len(kept[0])])

    telling(reference, tell)


# Past the end.


@mutant("wsgi/reading-nothing-gives-nothing", "wsgi/reading-past-the-end-returns")
def waits_past_the_end(reference: Reference) -> None:
    """read() at the end of the body waits for more, as on the connection itself."""

    class Stream(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            while not (piece := super().read(size)):
                time.sleep(1.0)
            return piece

    reading(reference, Stream)


@mutant("wsgi/reading-nothing-gives-nothing", "wsgi/reading-past-the-end-returns")
def raises_past_the_end(reference: Reference) -> None:
    """read() at the end of the body raises EOFError."""

    class Stream(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if not (piece := super().read(size)):
                raise EOFError
            return piece

    reading(reference, Stream)


@mutant("wsgi/reading-past-the-end-returns")
def begins_again_at_the_end(reference: Reference) -> None:
    """At its end the stream goes back to its beginning, to be read by another."""

    class Stream(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == len(self.getvalue()):
                self.seek(0)
            return super().read(size)

    reading(reference, Stream)


# Lines.


@mutant("wsgi/readline-takes-a-size", "wsgi/ways-of-reading-may-be-mixed", "wsgi/body-is-exact-by-readline")
def strips_line_feeds(reference: Reference) -> None:
    """readline() gives lines without their line feeds."""

    class Stream(BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            return super().readline(size).removesuffix(b"\n")

    reading(reference, Stream)


@mutant("wsgi/readline-takes-a-size", "wsgi/body-is-exact-by-readline")
def ends_a_line_at_a_carriage_return(reference: Reference) -> None:
    """readline() ends a line at any of the ends that lines of text have."""

    class Stream(BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            at = self.tell()
            line = super().readline(size).splitlines(keepends=True)[:1]
            self.seek(at + sum(map(len, line)))
            return b"".join(line)

    reading(reference, Stream)


@mutant("wsgi/readline-takes-a-size", "wsgi/body-is-exact-by-readline")
def cuts_long_lines(reference: Reference) -> None:
    """readline() gives no more than 80 bytes of a line at a time."""

    class Stream(BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            return super().readline(80)

    reading(reference, Stream)


@mutant("wsgi/ways-of-reading-may-be-mixed", "wsgi/body-is-exact-by-iteration")
def iterates_in_blocks(reference: Reference) -> None:
    """Iterating over the input gives blocks of 8 KB."""

    class Stream(BytesIO):
        def __iter__(self) -> Iterator[bytes]:
            return iter(lambda: self.read(8192), b"")

    reading(reference, Stream)


@mutant("wsgi/ways-of-reading-may-be-mixed", "wsgi/body-is-exact-by-iteration")
def ends_the_iteration_at_an_empty_line(reference: Reference) -> None:
    """Iterating over the input strips the lines, and ends at the first that is then empty."""

    class Stream(BytesIO):
        def __iter__(self) -> Iterator[bytes]:
            return iter(lambda: self.readline().rstrip(b"\r\n"), b"")

    reading(reference, Stream)


@mutant("wsgi/body-is-exact-by-readlines")
def reads_no_more_than_the_hint(reference: Reference) -> None:
    """readlines(hint) gives just so many bytes, and cuts the line in which they end."""

    class Stream(BytesIO):
        def readlines(self, hint: int | None = -1, /) -> list[bytes]:
            return self.read(hint).splitlines(keepends=True)

    reading(reference, Stream)


@mutant("wsgi/reading-nothing-gives-nothing", "wsgi/body-is-exact-by-readlines", TYPES)
def has_no_readlines(reference: Reference) -> None:
    """The input has read(), readline() and iteration only."""

    class Stream:
        def __init__(self, body: bytes) -> None:
            whole = BytesIO(body)
            self.read, self.readline = whole.read, whole.readline

        def __iter__(self) -> Iterator[bytes]:
            return iter(self.readline, b"")

    reading(reference, Stream)
