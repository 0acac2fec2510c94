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
    codings,
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

#: What the chunks are when they are not taken for chunks, with its length.
AS_THEY_ARE = b"Content-Length: %d" % len(CHUNKS)


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
