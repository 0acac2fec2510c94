"""
HTTP, framing fields: only a field of that very name says how long a body is, however its line is bent.
"""

from harness import MUST, rfc, spec
from specs.raw_requests import (
    CHUNKS,
    HELLO,
    bent,
    codings,
    refused,
    refused_or_read,
)

NO_SPACE = rfc(9112, "5.1", "No whitespace is allowed between the field name and colon")
NAMES = rfc(9110, "5.1", "A field name labels the corresponding field value")
FOLD = rfc(9112, "5.2", "replace each received obs-fold with one or more SP octets")
BARE_CR = rfc(9112, "2.2", "A recipient of such a bare CR MUST consider that element to be invalid")
FIRST_LINE = rfc(9112, "2.2", "MUST either reject the message as invalid or consume each whitespace-preceded line")

#: What the chunks are when they are not taken for chunks, with its length.
AS_THEY_ARE = b"Content-Length: %d" % len(CHUNKS)


def measured(wire, page, **lines):
    """For each of these field lines a POST with it that has a length, and whose body would do as chunks too."""
    return {name: bent(wire, page.echo, AS_THEY_ARE, *_lines(line), body=CHUNKS) for name, line in lines.items()}


def _lines(line):
    return line if isinstance(line, tuple) else (line,)


@spec("http/no-other-field-is-transfer-encoding", MUST, NAMES)
async def test_no_other_field_is_transfer_encoding(wire, clock, page):
    """
    A field of another name says nothing about the body.

    Sends:      POSTs with a length and Transfer_Encoding, TransferEncoding, X-Transfer-Encoding or
                Transfer-Encoding-X: chunked; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or the body by its length, and what follows as
                a request of its own.
    Look at:    names turned into variables, where - and _ are the same.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        CHUNKS,
        **measured(
            wire,
            page,
            underscore=b"Transfer_Encoding: chunked",
            joined=b"TransferEncoding: chunked",
            before=b"X-Transfer-Encoding: chunked",
            behind=b"Transfer-Encoding-X: chunked",
        ),
    )


@spec("http/whitespace-before-the-colon-of-a-framing-field-is-refused", MUST, NO_SPACE)
async def test_whitespace_before_the_colon_of_a_framing_field_is_refused(wire, clock, page):
    """
    A length or a coding whose name is followed by whitespace is refused, not read and not passed over.

    Sends:      POSTs whose Transfer-Encoding has a blank or a tab before its colon, beside a length; and whose
                Content-Length has; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    names that are stripped, or fields that are not known because they are not.
    """
    await refused(
        wire,
        clock,
        page,
        length_blank=bent(wire, page.echo, b"Content-Length : 5", body=HELLO),
        length_tab=bent(wire, page.echo, b"Content-Length\t: 5", body=HELLO),
        **measured(wire, page, blank=b"Transfer-Encoding : chunked", tab=b"Transfer-Encoding\t: chunked"),
    )


@spec("http/a-framing-field-with-a-strange-name-decides-nothing", MUST, NAMES)
async def test_a_framing_field_with_a_strange_name_decides_nothing(wire, clock, page):
    """
    A name with a control character in it is not that name.

    Sends:      POSTs with a length and a Transfer-Encoding whose name has a vertical tab, a no-break space or a CR
                before it, a NUL behind or within it; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or the body by its length, and what follows as
                a request of its own.
    Differs:    refusing is what RFC 9112 section 2.2 wants.
    Look at:    `strip()` on names; text that ends at a NUL.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        CHUNKS,
        **measured(
            wire,
            page,
            vertical_tab=b"\x0bTransfer-Encoding: chunked",
            no_break_space=b"\xa0Transfer-Encoding: chunked",
            carriage_return=b"\rTransfer-Encoding: chunked",
            nul_behind=b"Transfer-Encoding\0: chunked",
            nul_within=b"Transfer-\0Encoding: chunked",
        ),
    )


@spec("http/a-folded-framing-field-is-refused-or-unfolded", MUST, FOLD)
async def test_a_folded_framing_field_is_refused_or_unfolded(wire, clock, page):
    """
    A length or a coding that stands in the next line, behind a blank, is refused or counts.

    Sends:      POSTs whose Content-Length, and whose Transfer-Encoding, is folded before its value; behind each another
                POST.
    Observes:   either a refusal, and that what follows is not answered; or the body, and what follows as a request of
                its own.
    Differs:    both are right, and both are met.
    Look at:    a field that is empty because its value stands in the next line, or lines that are passed over.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        HELLO,
        length=bent(wire, page.echo, b"Content-Length:\r\n 5", body=HELLO),
        length_tab=bent(wire, page.echo, b"Content-Length:\r\n\t5", body=HELLO),
        **codings(wire, page, coding=b"\r\n chunked"),
    )


@spec("http/a-folded-line-is-no-field", MUST, FOLD)
async def test_a_folded_line_is_no_field(wire, clock, page):
    """
    What stands behind a blank at the start of a line belongs to the field before it.

    Sends:      POSTs with a length and another field that is folded, and in whose second line stands
                `Transfer-Encoding: chunked`, or another length; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or the body by its length, and what follows as
                a request of its own.
    Look at:    lines that are stripped before they are looked at.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        CHUNKS,
        **measured(
            wire,
            page,
            coding=(b"X-Folded: a", b" Transfer-Encoding: chunked"),
            tab=(b"X-Folded: a", b"\tTransfer-Encoding: chunked"),
            length=(b"X-Folded: a", b" Content-Length: 0"),
        ),
    )


@spec("http/a-blank-before-the-first-field-hides-no-framing", MUST, FIRST_LINE)
async def test_a_blank_before_the_first_field_hides_no_framing(wire, clock, page):
    """
    A first field line that begins with whitespace is refused or passed over, and never counts.

    Sends:      POSTs with a length whose first line is a blank or a tab and `Transfer-Encoding: chunked`; behind each
                another POST.
    Observes:   either a refusal, and that what follows is not answered; or the body by its length, and what follows as
                a request of its own.
    Look at:    a line that continues nothing, and is then stripped.
    """
    (host,) = (line for line in wire.bytes_of("POST", page.echo).split(b"\r\n") if line.lower().startswith(b"host:"))

    def first(line):
        return bent(wire, page.echo, AS_THEY_ARE, hosts=(line, host), body=CHUNKS)

    await refused_or_read(
        wire,
        clock,
        page,
        CHUNKS,
        blank=first(b" Transfer-Encoding: chunked"),
        tab=first(b"\tTransfer-Encoding: chunked"),
    )


@spec("http/a-bare-cr-begins-no-field", MUST, BARE_CR)
async def test_a_bare_cr_begins_no_field(wire, clock, page):
    """
    A CR without its LF ends no line.

    Sends:      POSTs with a length and a field in whose value a CR is followed by `Transfer-Encoding: chunked`, or by
                another length; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or the body by its length, and what follows as
                a request of its own.
    Look at:    `splitlines()`, which takes more for the end of a line than HTTP does.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        CHUNKS,
        **measured(
            wire,
            page,
            coding=b"X-Field: a\rTransfer-Encoding: chunked",
            length=b"X-Field: a\rContent-Length: 0",
            twice=b"X-Field: a\r\rTransfer-Encoding: chunked",
        ),
    )
