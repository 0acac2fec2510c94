"""
Mutants of the WSGI container: what it makes of an application's mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from email.parser import HeaderParser
from typing import Any

from twisted.internet.defer import DeferredSemaphore
from twisted.internet.threads import blockingCallFromThread
from twisted.python.failure import Failure

from reference_impl.repairs.wsgi import ApplicationError, Call
from tests.mutants import Reference, mutant, of
from tests.mutants._wsgi import Answer, Headers, answering, put, watching

NEVER = "wsgi/exception-before-the-first-byte-is-never-a-success"
ERROR = "wsgi/exception-before-the-first-byte-is-a-server-error"
SHOWS = "wsgi/exception-after-the-first-bytes-shows-in-an-announced-length"
TOO_LATE = "wsgi/exc-info-cannot-replace-headers-that-left"
REPLACED = of(
    "wsgi",
    "exc-info-replaces-the-unsent-status",
    "exc-info-replaces-all-unsent-fields",
    "empty-blocks-hold-the-header-back",
)
TOO_FEW = "wsgi/missing-bytes-of-an-announced-length-show"
SURVIVES = "wsgi/server-survives-a-misbehaving-application"


# Exceptions.


@mutant(NEVER, ERROR)
def keeps_the_status_after_an_exception(reference: Reference) -> None:
    """An exception ends the answer early, with the status and the fields that the application had set."""

    class Keeping(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if not started and hasattr(self, "status") and not failure.check(ApplicationError):
                self.finish(started)
            else:
                super().fail(failure, started)

    put(reference, Keeping)


@mutant(
    "wsgi/an-application-cannot-end-the-server",
    "wsgi/an-exceptions-words-stay-inside",
    "wsgi/text-beyond-latin-one-is-refused",
    NEVER,
    ERROR,
)
def shows_exceptions_as_a_page(reference: Reference) -> None:
    """An exception is shown as a page like any other, with a status of 200."""

    class Shown(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started or failure.check(ApplicationError):
                super().fail(failure, started)
            else:
                self.request.write(failure.getTraceback().encode())
                self.request.finish()

    put(reference, Shown)


@mutant(ERROR)
def hangs_up_after_an_exception(reference: Reference) -> None:
    """An exception before the first byte closes the connection, as one after it does."""

    class Silent(Answer):
        def fail(self, _failure: Failure, _started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            self.request.loseConnection()

    put(reference, Silent)


@mutant("wsgi/an-application-cannot-end-the-server", ERROR)
def takes_an_exception_for_a_bad_request(reference: Reference) -> None:
    """An exception before the first byte is answered by 400."""

    class Blaming(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started:
                super().fail(failure, started)
            else:
                self.request.setResponseCode(400)
                self.request.finish()

    put(reference, Blaming)


@mutant("wsgi/empty-blocks-hold-the-header-back", ERROR)
def sends_the_header_before_it_iterates(reference: Reference) -> None:
    """The header leaves as soon as there is an iterable."""

    class Early(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            if hasattr(self, "status"):
                self.write(b"")
            super().send(blocks, call)

    put(reference, Early)


@mutant(SHOWS, TOO_LATE)
def fills_up_after_an_exception(reference: Reference) -> None:
    """After an exception the rest of the announced length is made up of spaces."""

    class Filling(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            lengths = [int(value) for name, value in getattr(self, "headers", ()) if name == "Content-Length"]
            if started and lengths and not failure.check(ApplicationError):
                self.request.write(b" " * (lengths[0] - self.request.sentLength))
                self.request.finish()
            else:
                super().fail(failure, started)

    put(reference, Filling)


@mutant(SHOWS, TOO_LATE)
def keeps_the_connection_after_an_exception(reference: Reference) -> None:
    """After an exception amid the answer the connection is kept for the next request."""

    class Kept(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started and not failure.check(ApplicationError):
                self.finish(started)
            else:
                super().fail(failure, started)

    put(reference, Kept)


@mutant(
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/content-length-counts-in-any-case",
    SHOWS,
    TOO_LATE,
    TOO_FEW,
    "wsgi/bytes-beyond-the-announced-length-stay-behind",
)
def sends_every_answer_in_chunks(reference: Reference) -> None:
    """The announced length is dropped, and every answer sent in chunks to a proper end, an exception or not."""

    class Chunked(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started:
                self.finish(started)
            else:
                super().fail(failure, started)

    class Unannounced(Call):
        def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            others = [(name, value) for name, value in headers if name.lower() != "content-length"]
            return super().start_response(status, others, exc_info)

    Chunked.watch = Unannounced
    put(reference, Chunked)


# start_response with exc_info, or twice.


@mutant(*REPLACED, TOO_LATE)
def ignores_exc_info(reference: Reference) -> None:
    """A second start_response changes nothing, if it has exc_info."""

    class Ignoring(Call):
        def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            if exc_info is not None and self._write is not None:
                return self.write
            return super().start_response(status, headers, exc_info)

    watching(reference, Ignoring)


@mutant(*REPLACED)
def refuses_every_second_start_response(reference: Reference) -> None:
    """A second start_response is an error, with exc_info too."""

    class Strict(Call):
        def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            if self._write is not None:
                raise ApplicationError("start_response was called twice")
            return super().start_response(status, headers, exc_info)

    watching(reference, Strict)


@mutant("wsgi/exc-info-replaces-all-unsent-fields")
def adds_the_new_fields_to_the_old(reference: Reference) -> None:
    """start_response with exc_info replaces the status, and adds its fields to those that were there."""

    class Adding(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.headers: Headers = []

        def startResponse(  # noqa: N802 - Twisted's name
            self,
            status: str,
            headers: Headers,
            excInfo: Any = None,  # noqa: N803 - Twisted's name
        ) -> Callable[[bytes], None]:
            return super().startResponse(status, [*self.headers, *headers], excInfo)

    put(reference, Adding)


@mutant("wsgi/exc-info-replaces-the-unsent-status", "wsgi/exc-info-replaces-all-unsent-fields")
def replaces_the_status_only(reference: Reference) -> None:
    """start_response with exc_info replaces the status, but not the fields."""

    class Half(Answer):
        def startResponse(  # noqa: N802 - Twisted's name
            self,
            status: str,
            headers: Headers,
            excInfo: Any = None,  # noqa: N803 - Twisted's name
        ) -> Callable[[bytes], None]:
            return super().startResponse(status, getattr(self, "headers", headers), excInfo)

    put(reference, Half)


@mutant(TOO_LATE)
def swallows_exc_info_that_comes_too_late(reference: Reference) -> None:
    """start_response with exc_info does nothing once the header has left, and the application goes on."""

    class Swallowing(Call):
        def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            try:
                return super().start_response(status, headers, exc_info)
            except ApplicationError:
                raise
            except Exception:  # noqa: BLE001 - whatever the application handed over
                return self.write

    watching(reference, Swallowing)


@mutant("wsgi/second-start-response-is-refused")
def accepts_a_second_start_response(reference: Reference) -> None:
    """A second start_response without exc_info replaces the first."""

    class Lenient(Call):
        def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            self._write = None
            return super().start_response(status, headers, exc_info)

    watching(reference, Lenient)


@mutant("wsgi/answer-without-start-response-is-refused")
def assumes_success(reference: Reference) -> None:
    """An application that gives a block and no status has meant 200."""

    class Assuming(Call):
        def checked(self, data: bytes) -> bytes:
            if data and self._write is None:
                self.start_response("200 OK", [])
            return super().checked(data)

    watching(reference, Assuming)


# Blocks and fields.


@mutant("wsgi/text-for-bytes-is-refused")
def encodes_text(reference: Reference) -> None:
    """A block of text is sent as UTF-8."""

    class Encoding(Call):
        def checked(self, data: Any) -> bytes:
            return super().checked(data.encode() if isinstance(data, str) else data)

    watching(reference, Encoding)


@mutant("wsgi/no-line-end-makes-a-new-field", "wsgi/line-end-in-a-field-makes-no-new-field")
def parses_the_fields_again(reference: Reference) -> None:
    """The fields are written one below the other, and parsed from that."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        written = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return status, list(HeaderParser().parsestr(written).items())

    answering(reference, change)


@mutant("wsgi/bytes-beyond-the-announced-length-stay-behind")
def sends_more_than_was_announced(reference: Reference) -> None:
    """Whatever the application gives is sent, beyond the length that it announced too."""

    class Generous(Call):
        def checked(self, data: bytes) -> bytes:
            announced, self._announced = self._announced, None
            try:
                return super().checked(data)
            finally:
                self._announced = announced

    watching(reference, Generous)


@mutant(TOO_FEW)
def waits_for_the_rest(reference: Reference) -> None:
    """When an application ends before it gave the announced length, the connection is kept as after any answer."""

    class Patient(Call):
        def end(self) -> None:
            self._announced = None
            super().end()

    watching(reference, Patient)


@mutant(TOO_FEW)
def fills_up_to_the_announced_length(reference: Reference) -> None:
    """When an application ends before it gave the announced length, the rest is made up of zero bytes."""

    class Filling(Call):
        def end(self) -> None:
            if self._announced is not None:
                self.write(bytes(self._announced - self._sent))
            super().end()

    watching(reference, Filling)


@mutant("wsgi/no-content-has-no-body")
def sends_a_body_whatever_the_status(reference: Reference) -> None:
    """The blocks of a 204 are sent as those of any other answer."""

    class Bodied(Answer):
        def write(self, data: bytes) -> None:
            super().write(data)
            if self.status.startswith("204"):
                blockingCallFromThread(self.reactor, self.request.channel.write, data)

    put(reference, Bodied)


# The server.


@mutant(SURVIVES)
def loses_a_thread_with_each_exception(reference: Reference) -> None:
    """Each call takes one of ten places, and gives it back at a normal end only."""
    places = DeferredSemaphore(10)

    class Placed(Answer):
        def start(self) -> None:
            places.acquire().addCallback(lambda _: super(Placed, self).start())

        def finish(self, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            places.release()
            super().finish(started)

    put(reference, Placed)


@mutant(SURVIVES)
def goes_away_when_there_is_no_iterable(reference: Reference) -> None:
    """Of an application's exceptions all are caught, but not those of a container that iterates over None."""

    class Fragile(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if failure.check(TypeError):
                reference.site.buildProtocol = lambda _: None
            super().fail(failure, started)

    put(reference, Fragile)
