"""
Mutants of the WSGI container: what becomes of what an application reports, and of its exceptions.
"""

from __future__ import annotations

from collections.abc import Iterable

from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure
from twisted.web.wsgi import _ErrorStream

from tests.mutants import Reference, mutant
from tests.mutants._wsgi import Answer, put, telling

TAKES = "wsgi/errors-take-what-is-written"
ANY_TEXT = "wsgi/errors-take-any-text"
LOGGED = "wsgi/errors-end-in-the-log"
EXCEPTIONS = "wsgi/exceptions-are-logged"


def reporting(reference: Reference, stream: type[_ErrorStream]) -> None:
    """Put a container in place that gives the application such a stream to report to."""
    telling(reference, lambda environ, _: environ.update({"wsgi.errors": stream()}))


@mutant(TAKES, ANY_TEXT, LOGGED)
def wants_bytes_for_the_log(reference: Reference) -> None:
    """wsgi.errors is a file of bytes."""

    class Stream(_ErrorStream):
        def write(self, data: str) -> None:
            super().write(bytes(memoryview(data)).decode())  # type: ignore[arg-type]

    reporting(reference, Stream)


@mutant(TAKES, ANY_TEXT)
def wants_one_text_for_several_lines(reference: Reference) -> None:
    """writelines() is another name of write()."""

    class Stream(_ErrorStream):
        def writelines(self, iovec: list[str]) -> None:
            self.write(iovec)  # type: ignore[arg-type]

    reporting(reference, Stream)


@mutant(ANY_TEXT)
def takes_text_for_a_format(reference: Reference) -> None:
    """What is written to wsgi.errors is a format, of no arguments."""

    class Stream(_ErrorStream):
        def write(self, data: str) -> None:
            super().write(data % ())

    reporting(reference, Stream)


@mutant(ANY_TEXT)
def knows_ascii_only(reference: Reference) -> None:
    """The log is in ASCII, and whoever reports anything else gets an exception."""

    class Stream(_ErrorStream):
        def write(self, data: str) -> None:
            super().write(data.encode("ascii").decode())

    reporting(reference, Stream)


@mutant(LOGGED)
def drops_what_is_reported(reference: Reference) -> None:
    """Nothing that is written to wsgi.errors is kept."""

    class Stream(_ErrorStream):
        def write(self, data: str) -> None:
            """Keep nothing."""

    reporting(reference, Stream)


@mutant(LOGGED)
def drops_several_lines_that_are_reported(reference: Reference) -> None:
    """What is written by writelines() waits for a flush() that does nothing."""

    class Stream(_ErrorStream):
        def writelines(self, iovec: Iterable[str]) -> None:
            """Keep nothing."""

    reporting(reference, Stream)


@mutant(EXCEPTIONS)
def tells_nobody_of_exceptions(reference: Reference) -> None:
    """An exception ends in a 500, and nowhere else."""

    class Quiet(Answer):
        def report(self, failure: Failure) -> None:
            """Keep it to itself."""

    put(reference, Quiet)


@mutant(EXCEPTIONS)
def takes_a_late_exception_for_a_lost_connection(reference: Reference) -> None:
    """An exception amid an answer is taken for the client's doing, and logged as a lost connection."""

    class Blaming(Answer):
        def report(self, failure: Failure) -> None:
            super().report(Failure(ConnectionLost()) if self.started else failure)

    put(reference, Blaming)
