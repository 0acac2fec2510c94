"""
Mutants of the WSGI container: where an answer ends, and what has no body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from twisted.internet.threads import blockingCallFromThread
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.repairs.wsgi import Call
from reference_impl.wsgi import Environ
from tests.mutants import Reference, mutant
from tests.mutants._wsgi import Answer, Container, put, telling, watching

HEAD = "wsgi/head-reaches-the-application-as-head"
FILE = "wsgi/a-file-is-sent-from-where-it-stands"

#: What is kept for a connection that is slow.
BUFFER = 2**20


@mutant("wsgi/any-blocks-make-the-body", "wsgi/an-answer-without-blocks-is-whole")
def sends_the_header_with_the_first_byte_only(reference: Reference) -> None:
    """The header leaves with the first block, and so never where there is none."""

    class Waiting(Answer):
        def finish(self, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started:
                super().finish(started)

    put(reference, Waiting)


@mutant("wsgi/every-kind-of-iterable-is-an-answer")
def wants_a_method_for_iterating(reference: Reference) -> None:
    """What has no __iter__() is no iterable."""

    class Strict(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            super().send(blocks.__iter__(), call)

    put(reference, Strict)


@mutant(
    "wsgi/a-large-answer-arrives-whole",
    "wsgi/any-blocks-make-the-body",
    "wsgi/empty-blocks-leave-no-trace",
    "wsgi/empty-writes-leave-no-trace",
    "wsgi/every-kind-of-iterable-is-an-answer",
    "wsgi/the-environ-may-be-changed",
    "wsgi/written-blocks-come-before-the-iterables",
    "wsgi/an-answer-without-a-length-has-an-end",
)
def forgets_the_last_chunk(reference: Reference) -> None:
    """An answer in chunks ends with the connection, and without the chunk that says so."""

    class Hanging(Answer):
        def finish(self, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started and getattr(self.request, "chunked", 0):
                self.request.loseConnection()
            else:
                super().finish(started)

    put(reference, Hanging)


@mutant("wsgi/any-blocks-make-the-body", "wsgi/empty-writes-leave-no-trace")
def takes_an_empty_write_for_the_end(reference: Reference) -> None:
    """What is handed to write() after it was called with nothing is dropped."""

    class Ending(Call):
        ended = False

        def write(self, data: bytes) -> None:
            self.ended = self.ended or not data
            super().write(b"" if self.ended else data)

    watching(reference, Ending)


@mutant(HEAD)
def tells_head_as_get(reference: Reference) -> None:
    """A HEAD is a GET to the application, and its body is dropped."""

    def tell(environ: Environ, _: Request) -> None:
        environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"].replace("HEAD", "GET")

    telling(reference, tell)


@mutant("wsgi/close-is-called-once-after-head", HEAD)
def answers_head_itself(reference: Reference) -> None:
    """HEAD never reaches the application: what there is can be had."""

    class Own(Container):
        def render(self, request: Request) -> Any:
            if request.method != b"HEAD":
                return super().render(request)
            request.finish()
            return NOT_DONE_YET

    reference.root.putChild(b"wsgi", Own(reference, Answer))


# In real time: a request that nobody waits for keeps a thread waiting, for which a world in memory waits.
@mutant("wsgi/head-has-no-body")
def answers_head_as_it_does_get(reference: Reference) -> None:
    """The application leaves its body out at HEAD, so it is thought; whatever it gives is sent."""

    class Bodied(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.request.method = self.request.method.replace(b"HEAD", b"GET")

    put(reference, Bodied)


@mutant("wsgi/close-is-called-once-after-head")
def forgets_the_iterable_of_head(reference: Reference) -> None:
    """An answer to HEAD is over with its header, and its iterable is dropped."""

    class Dropping(Answer):
        def close(self, blocks: Any) -> None:
            if self.request.method != b"HEAD":
                super().close(blocks)

    put(reference, Dropping)


@mutant("wsgi/not-modified-has-no-body")
def sends_a_body_with_not_modified(reference: Reference) -> None:
    """The blocks of a 304 are sent as those of any other answer."""

    class Bodied(Answer):
        def write(self, data: bytes) -> None:
            super().write(data)
            if self.status.startswith("304"):
                blockingCallFromThread(self.reactor, self.request.channel.write, data)

    put(reference, Bodied)


@mutant("wsgi/no-chunks-for-an-older-client")
def sends_chunks_to_everybody(reference: Reference) -> None:
    """An answer without a length is sent in chunks, whatever the client speaks."""

    class Chunked(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.request.clientproto = b"HTTP/1.1"

    put(reference, Chunked)


@mutant("wsgi/expect-continue-is-handled")
def reads_no_body_of_who_waits(reference: Reference) -> None:
    """Who waits for 100 Continue has sent no body yet, so none is given to the application."""

    def tell(environ: Environ, _: Request) -> None:
        if "HTTP_EXPECT" in environ:
            environ["wsgi.input"] = BytesIO()

    telling(reference, tell)


class _Whole:
    """A file's blocks, from its beginning."""

    def __init__(self, file: Any, size: int = 8192) -> None:
        self._file, self._size, self.close = file, size, file.close

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return iter(lambda: self._file.read(self._size), b"")


@mutant(FILE)
def sends_a_file_from_its_beginning(reference: Reference) -> None:
    """wsgi.file_wrapper sends the whole of a file, wherever it stands."""
    telling(reference, lambda environ, _: environ.update({"wsgi.file_wrapper": _Whole}))


class _Measured(_Whole):
    """A file's blocks, as many bytes as the file is long."""

    def __iter__(self) -> Iterator[bytes]:
        here = self._file.tell()
        length = self._file.seek(0, 2)
        self._file.seek(here)
        yield self._file.read(length).ljust(length, b"\0")


@mutant(FILE)
def sends_as_much_as_a_file_is_long(reference: Reference) -> None:
    """wsgi.file_wrapper sends from where a file stands, and fills up to the length of all of it."""
    telling(reference, lambda environ, _: environ.update({"wsgi.file_wrapper": _Measured}))


@mutant("wsgi/a-large-answer-arrives-whole")
def drops_what_no_buffer_holds(reference: Reference) -> None:
    """Of an answer a megabyte is kept for the connection; what comes beyond that is dropped."""

    class Dropping(Answer):
        kept = 0

        def write(self, data: bytes) -> None:
            self.kept += len(data)
            if self.kept <= BUFFER:
                super().write(data)

    put(reference, Dropping)


@mutant("wsgi/an-application-cannot-end-the-server")
def waits_for_who_has_left_the_program(reference: Reference) -> None:
    """SystemExit is nobody's to handle, and so its client is never answered."""

    class Leaving(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if not failure.check(SystemExit):
                super().fail(failure, started)

    put(reference, Leaving)
