"""
HTTP, transfer codings: a body in chunks is announced in one way, and whoever announces it otherwise is refused.
"""

from harness import MUST, SHOULD, rfc, spec
from specs.raw_requests import (
    CHUNKED,
    CHUNKS,
    HELLO,
    LENGTH,
    bent,
    read,
    refused,
    refused_or_read,
)

ANY_CASE = rfc(9112, "7", "All transfer-coding names are case-insensitive")
EXCLUDED = rfc(9110, "5.5", "a field parsing implementation MUST exclude such whitespace")
BOTH = rfc(9112, "6.1", "Regardless, the server MUST close the connection after responding to such a request")
NOT_FINAL = rfc(9112, "6.3", "the server MUST respond with the 400 (Bad Request) status code and then close")
NOT_UNDERSTOOD = rfc(9112, "6.1", "a transfer coding it does not understand SHOULD respond with 501 (Not Implemented)")
ONCE = rfc(9112, "6.1", "chunking an already chunked message is not allowed")
NO_PARAMETERS = rfc(9112, "7.1", "Their presence SHOULD be treated as an error")
EMPTY_MEMBERS = rfc(9110, "5.6.1.2", "A recipient MUST parse and ignore a reasonable number of empty list elements")
OLD = rfc(9112, "6.1", "MUST treat the message as if the framing is faulty")
NO_SPACE = rfc(9112, "5.1", "No whitespace is allowed between the field name and colon")
NAMES = rfc(9110, "5.1", "A field name labels the corresponding field value")
FOLD = rfc(9112, "5.2", "replace each received obs-fold with one or more SP octets")
BARE_CR = rfc(9112, "2.2", "A recipient of such a bare CR MUST consider that element to be invalid")
FIRST_LINE = rfc(9112, "2.2", "MUST either reject the message as invalid or consume each whitespace-preceded line")

#: What the chunks are when they are not taken for chunks, with its length.
AS_THEY_ARE = b"Content-Length: %d" % len(CHUNKS)


def codings(wire, page, **values):
    """A POST in chunks for each of these values of Transfer-Encoding."""
    return {name: bent(wire, page.echo, b"Transfer-Encoding:" + value, body=CHUNKS) for name, value in values.items()}


def measured(wire, page, **lines):
    """For each of these field lines a POST with it that has a length, and whose body would do as chunks too."""
    return {name: bent(wire, page.echo, AS_THEY_ARE, *_lines(line), body=CHUNKS) for name, line in lines.items()}


def _lines(line):
    return line if isinstance(line, tuple) else (line,)


@spec("http/the-name-of-chunked-has-no-case", MUST, ANY_CASE)
async def test_the_name_of_chunked_has_no_case(wire, clock, page):
    """
    Chunked is chunked in any case, and so is the name of its field.

    Sends:      POSTs in chunks whose coding is "chunked", "Chunked" and "CHUNKED", and whose field is in small letters;
                behind each another POST.
    Observes:   that each is answered with what the chunks hold; that what follows is a request of its own.
    Look at:    names that are compared as they came.
    """
    small = bent(wire, page.echo, b"transfer-encoding: chunked", body=CHUNKS)
    cases = codings(wire, page, small=b" chunked", mixed=b" Chunked", capital=b" CHUNKED")

    await read(wire, clock, page, HELLO, field=small, **cases)


@spec("http/whitespace-around-chunked-is-no-part-of-it", MUST, EXCLUDED)
async def test_whitespace_around_chunked_is_no_part_of_it(wire, clock, page):
    """
    Blanks and tabs around the coding change nothing.

    Sends:      POSTs in chunks with no blank, several, and tabs before the coding, and with blanks and tabs behind it;
                behind each another POST.
    Observes:   that each is answered with what the chunks hold; that what follows is a request of its own.
    Look at:    a coding that is compared before its whitespace is taken away.
    """
    blanks = codings(
        wire,
        page,
        none=b"chunked",
        several=b"   chunked",
        tab=b"\tchunked",
        behind=b" chunked  ",
        tab_behind=b" chunked\t",
    )

    await read(wire, clock, page, HELLO, **blanks)


@spec("http/a-length-beside-chunks-never-decides", MUST, BOTH)
async def test_a_length_beside_chunks_never_decides(wire, clock, page):
    """
    A request with a length and with chunks is refused, or read by its chunks; the connection ends in any case.

    Sends:      POSTs in chunks with a length as well: that of the content, that of the chunks, zero, and too large a
                one; the length first and last; behind each another POST.
    Observes:   a refusal, or the answer to what the chunks hold; then the end of the connection, with nothing that
                answers what follows.
    Look at:    whichever of the two fields comes last wins; a connection that is kept (CVE-2020-10109).
    """

    def both(*lines):
        return bent(wire, page.echo, *lines, body=CHUNKS)

    await refused_or_read(
        wire,
        clock,
        page,
        HELLO,
        last=True,
        content=both(LENGTH, CHUNKED),
        content_last=both(CHUNKED, LENGTH),
        chunks=both(AS_THEY_ARE, CHUNKED),
        nothing=both(b"Content-Length: 0", CHUNKED),
        nothing_last=both(CHUNKED, b"Content-Length: 0"),
        more=both(b"Content-Length: 1000", CHUNKED),
    )


@spec("http/a-coding-that-does-not-end-in-chunked-is-refused", MUST, NOT_FINAL)
async def test_a_coding_that_does_not_end_in_chunked_is_refused(wire, clock, page):
    """
    Where chunked is not the last coding nobody can tell where the body ends.

    Sends:      POSTs with the codings gzip, a made-up one, "chunked, gzip" and "chunked, identity"; behind each another
                POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Differs:    RFC 9112 wants 400; 501 says as much.
    Look at:    a search for the word chunked anywhere in the value; a coding that is passed over when it is not known.
    """
    await refused(
        wire,
        clock,
        page,
        **codings(
            wire,
            page,
            gzip=b" gzip",
            made_up=b" snail",
            then_gzip=b" chunked, gzip",
            then_identity=b" chunked, identity",
        ),
    )


@spec("http/identity-is-no-transfer-coding", MUST, NOT_FINAL)
async def test_identity_is_no_transfer_coding(wire, clock, page):
    """
    A request whose coding is identity is refused, as any that does not end in chunked.

    Sends:      POSTs with the coding identity: alone, with a length as well, and beside chunked in a line of its own;
                behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    identity, which RFC 2616 had, taken for no coding at all: a body without length is none, and is read as
                the next request.
    """

    def identity(*lines, body=CHUNKS):
        return bent(wire, page.echo, b"Transfer-Encoding: identity", *lines, body=body)

    await refused(
        wire,
        clock,
        page,
        alone=identity(),
        with_length=identity(LENGTH, body=HELLO),
        behind_chunked=bent(wire, page.echo, CHUNKED, b"Transfer-Encoding: identity", body=CHUNKS),
    )


@spec("http/an-empty-coding-is-refused", MUST, NOT_FINAL)
async def test_an_empty_coding_is_refused(wire, clock, page):
    """
    A Transfer-Encoding that names no coding does not end in chunked either.

    Sends:      POSTs with an empty Transfer-Encoding, with blanks, and with a comma alone; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    a field that counts as missing when its value is false.
    """
    await refused(wire, clock, page, **codings(wire, page, empty=b"", blank=b"  ", comma=b" ,"))


@spec("http/a-coding-that-only-looks-like-chunked-is-refused", MUST, NOT_FINAL)
async def test_a_coding_that_only_looks_like_chunked_is_refused(wire, clock, page):
    """
    Only chunked is chunked.

    Sends:      POSTs with the codings xchunked, chunkedx, chunk-ed, "chunked" in quotes, chunked with the Kelvin sign
                for its k, and chunked behind a vertical tab, before a form feed, a NUL and a no-break space; behind
                each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    a search within the value; `strip()` and `lower()` on decoded text, which know more whitespace and
                letters than HTTP does.
    """
    lookalikes = {
        "before": b" xchunked",
        "behind": b" chunkedx",
        "hyphen": b" chunk-ed",
        "quoted": b' "chunked"',
        "kelvin": " chun\u212aed".encode(),
        "vertical_tab": b" \x0bchunked",
        "form_feed": b" chunked\x0c",
        "nul": b" chunked\0",
        "no_break_space": b" chunked\xa0",
    }

    await refused(wire, clock, page, **codings(wire, page, **lookalikes))


@spec("http/an-unknown-coding-before-chunked-is-refused", SHOULD, NOT_UNDERSTOOD)
async def test_an_unknown_coding_before_chunked_is_refused(wire, clock, page):
    """
    Content that is coded in a way which the server does not know is not taken for plain.

    Sends:      POSTs in chunks with "snail, chunked" and "gzip, chunked", whose content is no gzip; behind each another
                POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Differs:    501 is the right status, 400 is common; a server that knows gzip finds out that this is none.
    Look at:    a value that is only looked at from its end.
    """
    await refused(wire, clock, page, **codings(wire, page, snail=b" snail, chunked", gzip=b" gzip, chunked"))


@spec("http/chunked-with-parameters-is-refused", SHOULD, NO_PARAMETERS)
async def test_chunked_with_parameters_is_refused(wire, clock, page):
    """
    Chunked has no parameters.

    Sends:      a POST in chunks with the coding "chunked;q=1"; behind it another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    a value that is cut at its semicolon.
    """
    await refused(wire, clock, page, **codings(wire, page, parameter=b" chunked;q=1"))


@spec("http/chunked-twice-is-refused", SHOULD, ONCE)
async def test_chunked_twice_is_refused(wire, clock, page):
    """
    Nobody chunks twice, so who says so is not believed.

    Sends:      POSTs in chunks with the coding "chunked, chunked" in one line and in two; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Differs:    some servers read such a body by its chunks, once.
    Look at:    a field of which only one line counts.
    """
    lines = bent(wire, page.echo, CHUNKED, CHUNKED, body=CHUNKS)

    await refused(wire, clock, page, lines=lines, **codings(wire, page, listed=b" chunked, chunked"))


@spec("http/empty-members-beside-chunked-change-nothing", MUST, EMPTY_MEMBERS)
async def test_empty_members_beside_chunked_change_nothing(wire, clock, page):
    """
    A list of codings with an empty member is refused, or read by its chunks.

    Sends:      POSTs in chunks with the codings ",chunked", "chunked," and "chunked ,"; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or what the chunks hold, and what follows as a
                request of its own.
    Differs:    RFC 9110 has empty members ignored; that most servers refuse them harms nobody.
    Look at:    a coding that is not recognized, and is then passed over.
    """
    await refused_or_read(
        wire, clock, page, HELLO, **codings(wire, page, before=b" ,chunked", behind=b" chunked,", blank=b" chunked ,")
    )


@spec("http/chunks-in-http-1-0-end-the-connection", MUST, OLD)
async def test_chunks_in_http_1_0_end_the_connection(wire, clock, page):
    """
    HTTP/1.0 knows no transfer codings: after a request in chunks its connection ends.

    Sends:      a POST in chunks in HTTP/1.0 with `Connection: keep-alive`, alone and with a length; behind each another
                POST.
    Observes:   a refusal, or the answer to what the chunks hold; then the end of the connection, with nothing more.
    Look at:    `Connection: keep-alive`, granted to whoever asks; a coding that is passed over, so that the chunks are
                read as the next request.
    """

    def old(*lines):
        return bent(wire, page.echo, b"Connection: keep-alive", *lines, line=b"POST %s HTTP/1.0", body=CHUNKS)

    await refused_or_read(wire, clock, page, HELLO, last=True, alone=old(CHUNKED), both=old(AS_THEY_ARE, CHUNKED))


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
