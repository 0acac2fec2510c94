"""
Framing: lengths read in other ways than as a row of digits, and bodies that end elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.web.http import _IdentityTransferDecoder
from zope.interface import implementer

from reference_impl.repairs import answers
from tests.mutants import Reference, mutant, of
from tests.mutants._framing import channel, passes_over, reads

LENGTH = rb"^content-length:"


def read_by(reference: Reference, number: Any) -> None:
    """Lengths are read by this function, whose text and ValueError they are; what it cannot read is refused."""

    def length(found: re.Match[bytes]) -> bytes:
        try:
            return b"Content-Length: %d" % number(found[1])
        except (ValueError, UnicodeDecodeError):
            return found[0]

    reads(reference, LENGTH + rb"(.*)", length)


@mutant(*of("http", "a-length-beside-chunks-never-decides", "lengths-that-differ-are-refused"))
def takes_the_first_length(reference: Reference) -> None:
    """Of several lengths the first counts."""

    def header_received(self: Any, line: bytes) -> Any:
        if line.lower().startswith(b"content-length:") and self._transferDecoder is not None:
            return True
        return answers.Channel.headerReceived(self, line)

    channel(reference, headerReceived=header_received)


@mutant(*of("http", "lengths-that-differ-are-refused"))
def takes_the_last_length(reference: Reference) -> None:
    """Of several lengths the last counts, as in Twisted up to 19.10."""

    def header_received(self: Any, line: bytes) -> Any:
        if line.lower().startswith(b"content-length:") and isinstance(self._transferDecoder, _IdentityTransferDecoder):
            self._transferDecoder = None
        return answers.Channel.headerReceived(self, line)

    channel(reference, headerReceived=header_received)


@mutant(*of("http", "lengths-that-differ-are-refused"))
def takes_the_first_of_a_list(reference: Reference) -> None:
    """Of a list of lengths the first counts."""
    reads(reference, rb"^(content-length: *\d+)[ \t]*,.*", rb"\1")


@mutant(*of("http", "a-length-said-twice-alike-is-refused-or-meant-once", "lengths-that-differ-are-refused"))
def passes_over_the_comma(reference: Reference) -> None:
    """The comma between two lengths is passed over, so that 5,5 is 55."""
    reads(reference, rb"^(content-length:[ \t]*\d+),(\d+)$", rb"\1\2")


@mutant(
    *of(
        "http",
        "a-length-with-a-sign-is-refused",
        "a-refusal-leaves-the-answers-before-it-alone",
        "no-length-is-guessed",
    )
)
def takes_a_sign(reference: Reference) -> None:
    """A sign before a length is passed over."""
    reads(reference, LENGTH + rb" *[+-](?=\d+$)", b"Content-Length: ")


@mutant(
    *of(
        "http",
        "a-length-in-another-notation-is-refused",
        "a-length-with-a-sign-is-refused",
        "a-length-with-more-around-it-is-refused",
        "no-length-is-guessed",
    )
)
def reads_lengths_with_int(reference: Reference) -> None:
    """Lengths are read with Python's int(), as in Twisted up to 22.2."""
    read_by(reference, int)


@mutant(*of("http", "a-length-in-another-notation-is-refused"))
def knows_other_bases(reference: Reference) -> None:
    """A length may be hexadecimal or binary, as in the source of a program."""
    read_by(
        reference,
        lambda text: (
            int(re.fullmatch(rb"\s*(0[xb][0-9a-f]+)", text)[1], 0) if b"0x" in text or b"0b" in text else int("no")
        ),
    )


@mutant(*of("http", "a-length-in-other-digits-is-refused"))
def knows_the_digits_of_every_script(reference: Reference) -> None:
    """Lengths are read as text in UTF-8, in which other scripts have digits too."""

    def number(text: bytes) -> int:
        decoded = text.decode("utf-8").strip(" \t")
        return int(decoded) if decoded.isdecimal() else int("no")

    read_by(reference, number)


@mutant(
    *of(
        "http",
        "a-length-in-another-notation-is-refused",
        "a-length-with-more-around-it-is-refused",
        "no-length-is-guessed",
    )
)
def stops_at_what_is_no_digit(reference: Reference) -> None:
    """Of a length the digits at its start are read, and what follows is not looked at."""
    reads(reference, rb"^(content-length:[ \t]*\d+)[^\d,].*", rb"\1")


@mutant(*of("http", "a-length-with-more-around-it-is-refused", "no-length-is-guessed"))
def strips_all_whitespace(reference: Reference) -> None:
    """Whatever is whitespace to a language is taken from around a length."""
    reads(reference, LENGTH + rb"(.*)", lambda found: b"Content-Length: " + found[1].strip())


@mutant(*of("http", "an-empty-length-is-refused"))
def takes_nothing_for_zero(reference: Reference) -> None:
    """An empty length is none."""
    reads(reference, LENGTH + rb"[ \t]*$", b"Content-Length: 0")


@mutant(*of("http", "a-length-ends-the-body", "a-length-with-more-around-it-is-refused", "no-length-is-guessed"))
def reads_a_zero_as_octal(reference: Reference) -> None:
    """A length that begins with a zero is octal."""
    read_by(
        reference,
        lambda text: int(text, 8 if text.strip().startswith(b"0") else 10) if text.strip().isdigit() else int("no"),
    )


@mutant(*of("http", "a-very-large-length-does-not-wrap-around"))
def keeps_lengths_in_32_bits(reference: Reference) -> None:
    """Of a length the lowest 32 bits are kept."""
    reads(reference, LENGTH + rb" *(\d{10,4000})$", lambda found: b"Content-Length: %d" % (int(found[1]) & 0xFFFFFFFF))


@mutant(*of("http", "a-very-large-length-does-not-wrap-around"))
def keeps_few_digits_of_a_length(reference: Reference) -> None:
    """A length of very many digits is taken for zero, as if it was none."""
    reads(reference, LENGTH + rb" *\d{4000,}$", b"Content-Length: 0")


@implementer(IHalfCloseableProtocol)
class Contented(answers.Channel):
    """A connection that takes its end for the end of the body."""

    def readConnectionLost(self) -> None:  # noqa: N802 - Twisted's name
        """See Twisted's `IHalfCloseableProtocol`."""
        if self._transferDecoder is not None and not self._handlingRequest:
            self._finishRequestBody(b"")
        self.loseConnection()

    def writeConnectionLost(self) -> None:  # noqa: N802 - Twisted's name
        """See Twisted's `IHalfCloseableProtocol`."""


@mutant(
    *of(
        "http",
        "a-body-that-stops-short-is-never-taken-for-a-whole-one",
        "a-very-large-chunk-size-does-not-wrap-around",
        "a-very-large-length-does-not-wrap-around",
    )
)
def takes_the_end_of_the_connection_for_the_end_of_the_body(reference: Reference) -> None:
    """A body that stops short is taken for a whole one."""
    reference.site.protocol = Contented


@mutant(*of("http", "a-request-without-a-length-has-no-body", "identity-is-no-transfer-coding"))
def waits_for_the_body_of_every_post(reference: Reference) -> None:
    """A POST without a length goes on until its connection ends."""

    def all_headers_received(self: Any) -> None:
        answers.Channel.allHeadersReceived(self)
        if self._command == b"POST" and self._transferDecoder is None:
            self.length = None
            request = self.requests[-1]
            self._transferDecoder = _IdentityTransferDecoder(None, request.handleContentChunk, self._finishRequestBody)

    channel(reference, allHeadersReceived=all_headers_received)


def bodiless(reference: Reference, which: Any) -> None:
    """Requests of which this is true have no body, whatever they say."""

    def all_headers_received(self: Any) -> None:
        if which(self):
            self._transferDecoder, self.length = None, 0
        answers.Channel.allHeadersReceived(self)

    channel(reference, allHeadersReceived=all_headers_received)


@mutant(*of("http", "a-body-is-no-request-whatever-the-method"))
def reads_no_body_of_a_get(reference: Reference) -> None:
    """GET has no body, so what follows its header is the next request."""
    bodiless(reference, lambda self: self._command == b"GET")


@mutant(*of("http", "a-body-is-no-request-whatever-the-method"))
def reads_no_chunks_of_a_delete(reference: Reference) -> None:
    """Chunks are read of POST, PUT and GET only."""
    bodiless(reference, lambda self: self._command in (b"DELETE", b"OPTIONS") and self.length is None)


@mutant(*of("http", "the-body-of-a-page-not-found-is-no-request"))
def reads_no_body_for_a_page_not_found(reference: Reference) -> None:
    """The body that is sent to a page that does not exist is not read."""
    known = reference.root.children

    def unknown(self: Any) -> bool:
        return self._path.startswith(b"/") and re.split(rb"[/?]", self._path)[1] not in known

    bodiless(reference, unknown)


@mutant(*of("http", "a-refusal-leaves-the-answers-before-it-alone"))
def looks_at_all_of_a_piece_before_it_answers(reference: Reference) -> None:
    """What comes in one piece is refused as one."""

    def data_received(self: Any, data: bytes) -> None:
        if re.search(rb"(?i)\ncontent-length: *-", data):
            self.persistent = False
            self.transport.write(answers.REFUSAL)
            self.transport.loseConnection()
        else:
            answers.Channel.dataReceived(self, data)

    channel(reference, dataReceived=data_received)


@mutant(*of("http", "a-length-said-twice-alike-is-refused-or-meant-once", "lengths-that-differ-are-refused"))
def passes_over_lengths_in_a_list(reference: Reference) -> None:
    """A length that is a list is none."""
    passes_over(reference, LENGTH + rb".*,")
