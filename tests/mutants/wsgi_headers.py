"""
Mutants of the WSGI container: fields and statuses that are unusual, or that no application may give.
"""

from __future__ import annotations

import re

from twisted.python.failure import Failure

from reference_impl.repairs.wsgi import HOP_BY_HOP, STATUS, ApplicationError, Call
from tests.mutants import Reference, mutant
from tests.mutants._wsgi import Answer, Headers, answering, put, watching

DATE = "wsgi/one-date-is-enough"
BEYOND = "wsgi/text-beyond-latin-one-is-refused"
NO_STATUS = "wsgi/a-status-that-is-none-is-refused"


@mutant("wsgi/names-of-one-field-in-any-case-are-its-names")
def sorts_the_fields_by_their_names(reference: Reference) -> None:
    """Fields are sorted by their names as they were written, capitals first."""
    answering(reference, lambda status, headers: (status, sorted(headers, key=lambda header: header[0])))


@mutant("wsgi/content-length-counts-in-any-case")
def knows_a_length_by_its_usual_letters(reference: Reference) -> None:
    """A length in other letters than Content-Length is dropped, and the answer sent in chunks."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        usual = [one for one in headers if one[0] == "Content-Length" or one[0].lower() != "content-length"]
        return status, usual

    answering(reference, change)


@mutant("wsgi/content-type-counts-in-any-case", "wsgi/no-type-is-made-up")
def knows_a_type_by_its_usual_letters(reference: Reference) -> None:
    """A default type is added where there is no Content-Type in just these letters."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        return status, headers if "Content-Type" in dict(headers) else [*headers, ("Content-Type", "text/html")]

    answering(reference, change)


@mutant("wsgi/no-type-is-made-up")
def takes_what_has_no_type_for_html(reference: Reference) -> None:
    """An answer without a type is given one."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        typed = any(name.lower() == "content-type" for name, _ in headers)
        return status, headers if typed else [*headers, ("Content-Type", "text/html")]

    answering(reference, change)


@mutant("wsgi/latin-one-in-a-field-arrives-as-bytes", BEYOND)
def sends_fields_as_utf_8(reference: Reference) -> None:
    """Values of fields, and reasons, are encoded as UTF-8."""

    def encoded(text: str) -> str:
        return text.encode().decode("latin-1")

    answering(reference, lambda status, headers: (encoded(status), [(name, encoded(value)) for name, value in headers]))


@mutant(BEYOND)
def replaces_what_no_byte_stands_for(reference: Reference) -> None:
    """Characters beyond latin-1 become question marks."""

    def encoded(text: str) -> str:
        return text.encode("latin-1", "replace").decode("latin-1")

    answering(reference, lambda status, headers: (encoded(status), [(name, encoded(value)) for name, value in headers]))


@mutant("wsgi/an-empty-value-arrives")
def drops_fields_without_a_value(reference: Reference) -> None:
    """A field whose value is empty is not sent."""
    answering(reference, lambda status, headers: (status, [(name, value) for name, value in headers if value]))


@mutant("wsgi/a-date-is-added", DATE)
def leaves_the_date_to_the_application(reference: Reference) -> None:
    """The server adds no Date."""

    class Dateless(Answer):
        def _sendResponseHeaders(self) -> None:  # noqa: N802 - Twisted's name
            super()._sendResponseHeaders()
            self.request.responseHeaders.removeHeader(b"date")

    put(reference, Dateless)


@mutant(DATE)
def adds_the_applications_date_to_its_own(reference: Reference) -> None:
    """Date and Server of the application are sent beside the server's own."""

    class Dated(Answer):
        def _sendResponseHeaders(self) -> None:  # noqa: N802 - Twisted's name
            super()._sendResponseHeaders()
            for name, value in self.headers:
                if name.lower() in ("date", "server"):
                    self.request.responseHeaders.addRawHeader(name.encode(), value.encode())

    put(reference, Dated)


@mutant("wsgi/hop-by-hop-fields-stay-behind")
def lets_an_application_keep_the_connection(reference: Reference) -> None:
    """Of the connection's fields only Transfer-Encoding is refused, the others are sent on."""

    class Trusting(Call):
        servers_own = frozenset(("transfer-encoding",))

    watching(reference, Trusting)


@mutant("wsgi/a-transfer-coding-of-an-application-spoils-no-answer")
def believes_in_an_applications_chunks(reference: Reference) -> None:
    """A Transfer-Encoding of the application is sent on, and its blocks as they are, or beside a length."""

    class Trusting(Call):
        servers_own = HOP_BY_HOP - {"transfer-encoding"}

    watching(reference, Trusting)


@mutant("wsgi/no-line-end-in-a-status-makes-a-field")
def passes_a_reason_on_as_it_is(reference: Reference) -> None:
    """What follows a line end in a status stands on a line of its own in the answer."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        first, *more = re.split("[\r\n]+", status)
        return first, [*headers, *((name, value) for name, _, value in (line.partition(": ") for line in more))]

    answering(reference, change)


@mutant(NO_STATUS)
def takes_no_status_for_success(reference: Reference) -> None:
    """What is no status is taken for 200 OK."""
    answering(reference, lambda status, headers: (status if STATUS.match(status) else "200 OK", headers))


@mutant("wsgi/text-beyond-latin-one-is-refused", NO_STATUS)
def takes_any_number_for_a_status(reference: Reference) -> None:
    """The first three digits in a status are its code."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        found = re.search(r"\d{3}", status)
        return (f"{found[0]} Found" if found and "\n" not in status and "\r" not in status else status), headers

    answering(reference, change)


@mutant("wsgi/an-exceptions-words-stay-inside")
def shows_the_traceback(reference: Reference) -> None:
    """A 500 has the traceback in its body, for whoever caused it."""

    class Shown(Answer):
        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started or failure.check(ApplicationError):
                super().fail(failure, started)
            else:
                self.request.setResponseCode(500)
                self.request.write(failure.getTraceback().encode())
                self.request.finish()

    put(reference, Shown)
