"""
Mutants of the WSGI container: its input, read in less usual ways, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from twisted.web.server import Request

from reference_impl.wsgi import Environ
from tests.mutants import Reference, mutant
from tests.mutants._wsgi import Answer, put, reading, telling

#: What is read from a connection at a time.
PIECE = 1024


@mutant("wsgi/ways-of-reading-may-be-mixed")
def reads_ahead_while_iterating(reference: Reference) -> None:
    """Whoever iterates over the input gets its lines from a list, and nobody else gets them again."""

    class Stream(BytesIO):
        def __iter__(self) -> Iterator[bytes]:
            return iter(self.readlines())

    reading(reference, Stream)


@mutant("wsgi/read-without-a-size-gives-the-rest")
def reads_a_piece_where_no_size_is_given(reference: Reference) -> None:
    """read() gives what one look at the connection brings."""

    class Stream(BytesIO):
        def read(self, size: int | None = None, /) -> bytes:
            return super().read(PIECE if size is None else size)

    reading(reference, Stream)


@mutant("wsgi/readline-takes-a-size")
def ignores_the_size_of_a_line(reference: Reference) -> None:
    """readline(n) gives the whole line."""

    class Stream(BytesIO):
        def readline(self, _size: int | None = -1, /) -> bytes:
            return super().readline()

    reading(reference, Stream)


@mutant("wsgi/readline-takes-a-size")
def knows_no_size_of_a_line(reference: Reference) -> None:
    """readline() takes no argument."""

    class Stream(BytesIO):
        def readline(self) -> bytes:  # type: ignore[override]
            return super().readline()

    reading(reference, Stream)


@mutant("wsgi/reading-nothing-gives-nothing")
def raises_where_there_is_nothing(reference: Reference) -> None:
    """Reading a line where no body was sent is an error of the application's."""

    class Stream(BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            if not self.getvalue():
                raise EOFError
            return super().readline(size)

    reading(reference, Stream)


@mutant("wsgi/reading-nothing-gives-nothing")
def gives_a_line_that_is_not_there(reference: Reference) -> None:
    """readlines() gives an empty line where there is none."""

    class Stream(BytesIO):
        def readlines(self, hint: int | None = -1, /) -> list[bytes]:
            return super().readlines(hint) or [b"\n"]

    reading(reference, Stream)


# In real time: a request that nobody waits for keeps a thread waiting, for which a world in memory waits.
@mutant("wsgi/a-body-that-nobody-reads-is-no-request")
def leaves_the_body_on_the_connection(reference: Reference) -> None:
    """What the application has not read of a body is read as the next request."""

    class Leaving(Answer):
        def finish(self, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            channel, rest = self.request.channel, self.request.content.read()
            super().finish(started)
            # Only what is a request, or the connection would be refused before anything shows.
            if rest.startswith(b"GET ") and channel is not None:
                channel.dataReceived(rest)

    put(reference, Leaving)


@mutant("wsgi/chunks-never-reach-the-application")
def hands_chunks_over_as_they_came(reference: Reference) -> None:
    """A body in chunks is what came over the connection, sizes and all."""

    def tell(environ: Environ, request: Request) -> None:
        if request.getHeader(b"transfer-encoding"):
            body = request.content.read()
            environ["wsgi.input"] = BytesIO(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    telling(reference, tell)
