"""
Mutants of the CGI page, the way out: the body that a script prints, no output at all, and its standard error.
"""
# ruff: noqa: N802, N803 - Twisted's names

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import reading
from tests.mutants.cgi_output import Fields, Gateway

#: What is collected before it is sent.
PAGE = 4096

# What is no output.


class _Lenient(Gateway):
    def fields(self, lines: list[bytes]) -> Fields:
        return [found for line in lines for found in super(_Lenient, self).fields([line]) or ()]


@mutant(*of("cgi", "output-without-a-header-is-an-error"))
def skips_lines_that_are_no_fields(reference: Reference) -> None:
    """Lines without a colon in the header are skipped, and what follows them is sent with 200."""
    reading(reference, _Lenient)


class _Helpful(Gateway):
    def fields(self, lines: list[bytes]) -> Fields:
        found = super().fields(lines)
        if found is None:
            self.request.setHeader(b"content-type", b"text/plain")
            self.request.write(b"\n".join(lines) + b"\n\n")
        return found or []


@mutant(*of("cgi", "output-without-a-header-is-an-error"))
def sends_what_has_no_header_as_a_body(reference: Reference) -> None:
    """Output without a header is all body, and sent with 200."""
    reading(reference, _Helpful)


def ending(reference: Reference, code: int) -> None:
    """Have this be the status for scripts that end without having said a thing."""

    class Ending(Gateway):
        def processEnded(self, reason: Any) -> None:
            if not self._header:
                self.handling_headers = 0
                self.request.setResponseCode(code)
            super().processEnded(reason)

    reading(reference, Ending)


@mutant("cgi/a-script-that-fails-is-an-error", *of("cgi", "no-output-is-an-error"))
def takes_silence_for_success(reference: Reference) -> None:
    """A script that prints nothing is answered with 200 and an empty body."""
    ending(reference, 200)


@mutant("cgi/a-script-that-fails-is-an-error", *of("cgi", "no-output-is-an-error"))
def takes_silence_for_no_content(reference: Reference) -> None:
    """A script that prints nothing is answered with 204."""
    ending(reference, 204)


class _Patient(Gateway):
    def processEnded(self, reason: Any) -> None:
        if self._header:
            super().processEnded(reason)


@mutant("cgi/a-script-that-fails-is-an-error", *of("cgi", "no-output-is-an-error"))
def waits_for_the_first_word(reference: Reference) -> None:
    """An answer is begun at the script's first word, and so never where there is none."""
    reading(reference, _Patient)


# The body.


def sending(reference: Reference, sent: Callable[[Gateway, bytes], bytes]) -> None:
    """Have `sent(reader, piece)` sent for each piece of the body."""

    class Sending(Gateway):
        def body(self, data: bytes) -> None:
            super().body(sent(self, data))

    reading(reference, Sending)


@mutant(*of("cgi", "header-lines-may-end-with-lf", "a-body-reaches-the-script-exactly"))
def translates_line_ends_on_the_way_out(reference: Reference) -> None:
    """The output of a script is read in text mode, and CRLF becomes LF on the way."""
    sending(reference, lambda _, data: data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


class _Bodily(Gateway):
    def head(self, fields: Fields) -> None:
        self.request.method = b"GET"
        super().head(fields)


@mutant(*of("cgi", "head-has-no-body"))
def answers_head_as_it_does_get(reference: Reference) -> None:
    """The script leaves its body out at HEAD, so it is thought; whatever it prints is sent."""
    reading(reference, _Bodily)


class _Unending(Gateway):
    def processEnded(self, reason: Any) -> None:
        if self.handling_headers or self._requestFinished:
            super().processEnded(reason)
        else:
            self.request.transport.loseConnection()


@mutant(
    "cgi/a-header-alone-is-an-answer",
    "cgi/no-status-is-success",
    "cgi/what-follows-on-a-connection-is-its-own",
    *of(
        "cgi",
        "a-script-answers-with-the-output-of-its-command",
        "a-body-reaches-the-script-exactly",
        "a-large-output-arrives-whole",
        "a-script-that-ignores-its-body-is-answered",
        "output-leaves-as-it-is-made",
    ),
)
def closes_before_the_end(reference: Reference) -> None:
    """The connection is closed when the script has ended, though the client waits for the last chunk."""
    reading(reference, _Unending)


class _Paging(Gateway):
    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._page = b""

    def body(self, data: bytes) -> None:
        self._page += data
        if len(self._page) >= PAGE:
            super().body(self._page)
            self._page = b""

    def processEnded(self, reason: Any) -> None:
        if self._page:
            super().body(self._page)
        super().processEnded(reason)


@mutant(*of("cgi", "output-leaves-as-it-is-made"))
def sends_a_page_at_a_time(reference: Reference) -> None:
    """The body leaves in pieces of 4 KiB and more; less is sent at the end."""
    reading(reference, _Paging)


class _Collecting(Gateway):
    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._all: list[bytes] = []

    def connectionMade(self) -> None:
        super().connectionMade()
        self.request.unregisterProducer()

    def body(self, data: bytes) -> None:
        self._all.append(data)

    def processEnded(self, reason: Any) -> None:
        self.request.registerProducer(self, True)
        if not self.handling_headers:
            super().body(b"".join(self._all))
        super().processEnded(reason)


@mutant(*of("cgi", "output-leaves-as-it-is-made", "unread-output-is-not-hoarded"))
def collects_the_output(reference: Reference) -> None:
    """The answer is sent in one piece when the script has ended."""
    reading(reference, _Collecting)


# Standard error.


class _Blunt(Gateway):
    def errReceived(self, error: bytes) -> None:
        self.outReceived(error)


@mutant(*of("cgi", "standard-error-stays-out-of-the-answer", "standard-error-does-not-block"))
def reads_both_outputs_as_one(reference: Reference) -> None:
    """Standard error is read as standard output is."""
    reading(reference, _Blunt)


class _Mixing(Gateway):
    def errReceived(self, error: bytes) -> None:
        if not self.handling_headers:
            self.body(error)


@mutant(*of("cgi", "standard-error-stays-out-of-the-answer"))
def sends_complaints_behind_the_header(reference: Reference) -> None:
    """What comes on standard error once the header is through goes to the client."""
    reading(reference, _Mixing)


class _Deaf(Gateway):
    def connectionMade(self) -> None:
        super().connectionMade()
        self.transport.pipes[2].stopReading()

    def childConnectionLost(self, childFD: int) -> None:
        super().childConnectionLost(childFD)
        if childFD == 1 and 2 in self.transport.pipes:
            self.transport.pipes[2].startReading()


@mutant(*of("cgi", "standard-error-stays-out-of-the-answer", "standard-error-does-not-block"))
def reads_one_output_after_the_other(reference: Reference) -> None:
    """Standard error is read when standard output is at its end."""
    reading(reference, _Deaf)


class _Strung(Gateway):
    def errReceived(self, error: bytes) -> None:
        super().errReceived(error)
        self._refused = True


@mutant(*of("cgi", "standard-error-stays-out-of-the-answer", "standard-error-does-not-block"))
def takes_complaints_for_failure(reference: Reference) -> None:
    """A script that prints anything to its standard error before its header is taken for a broken one."""
    reading(reference, _Strung)
