"""
HTTP, chunks: a body in chunks is read as it is cut, and refused where the cuts are unclear.
"""

from harness import MUST, SHOULD, rfc, spec
from specs.raw_requests import (
    CHUNKS,
    chunked,
    never_answered,
    read,
    refused,
    sized,
)

PARSES = rfc(9112, "7.1", "A recipient MUST be able to parse and decode the chunked transfer coding")
SIZE = rfc(9112, "7.1", "The chunk-size field is a string of hex digits")
FRAMED = rfc(9112, "7.1", "chunk-data CRLF")
CLOSES = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")
BARE_CR = rfc(9112, "2.2", "A recipient of such a bare CR MUST consider that element to be invalid")
OVERFLOW = rfc(9112, "7.1", "prevent parsing errors due to integer conversion overflows")


@spec("http/chunks-make-one-body", MUST, PARSES)
async def test_chunks_make_one_body(wire, clock, page):
    """
    Chunks of any size are put together again, and the next request begins behind the last.

    Sends:      POSTs of the same body in one chunk, in several, with sizes in small and in capital hexadecimal digits
                and with zeros before them, with CRLFs, zeros and sizes in the data itself; behind each another POST.
    Observes:   that each is answered with what the chunks hold; that what follows is a request of its own.
    Look at:    a size that is read as decimal; data that is searched for its end instead of being counted.
    """
    text = b"0\r\n\r\n5\r\nabcdefghijklmnopqrst"
    one = b"%x\r\n%s\r\n" % (len(text), text)
    bodies = {
        "one": one,
        "capital": one.replace(b"1c", b"1C"),
        "zeros": b"0000" + one,
        "many": b"".join(b"1\r\n%c\r\n" % byte for byte in text),
        "two": b"10\r\n%s\r\nA\r\n%s\r\n2\r\n%s\r\n" % (text[:16], text[16:26], text[26:]),
    }

    await read(
        wire,
        clock,
        page,
        text,
        last=chunked(wire, page, one + b"000\r\n\r\n"),
        **{name: chunked(wire, page, chunks + b"0\r\n\r\n") for name, chunks in bodies.items()},
    )
    await read(wire, clock, page, b"", nothing=chunked(wire, page, b"0\r\n\r\n"))


@spec("http/a-chunk-size-with-a-sign-is-refused", MUST, SIZE)
async def test_a_chunk_size_with_a_sign_is_refused(wire, clock, page):
    """
    A chunk's size has no sign.

    Sends:      POSTs whose chunk's size is +5 or -5, and whose last chunk's is -0 or +0; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    `int(size, 16)` (CVE-2022-24801).
    """
    await refused(
        wire,
        clock,
        page,
        minus_zero=chunked(wire, page, b"5\r\nhello\r\n-0\r\n\r\n"),
        plus_zero=chunked(wire, page, b"5\r\nhello\r\n+0\r\n\r\n"),
        **sized(wire, page, plus=b"+5", minus=b"-5"),
    )


@spec("http/a-chunk-size-in-another-notation-is-refused", MUST, SIZE)
async def test_a_chunk_size_in_another_notation_is_refused(wire, clock, page):
    """
    A chunk's size is hexadecimal digits of ASCII, and nothing else.

    Sends:      POSTs whose chunk's size is 0x5, 0X5, 0_5, 5h, 5.0, five, 5 in quotes, and a full-width 5; behind each
                another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    `int(size, 16)` (CVE-2022-24801); a reading that stops at the first character that is no digit.
    """
    notations = {
        "prefixed": b"0x5",
        "capital": b"0X5",
        "grouped": b"0_5",
        "suffixed": b"5h",
        "point": b"5.0",
        "word": b"five",
        "quoted": b'"5"',
        "wide": "\uff15".encode(),
    }

    await refused(wire, clock, page, **sized(wire, page, **notations))


@spec("http/a-missing-chunk-size-is-refused", MUST, SIZE)
async def test_a_missing_chunk_size_is_refused(wire, clock, page):
    """
    A chunk without a size is not the last one.

    Sends:      POSTs whose first chunk's size is missing: an empty line before the data, one before another size,
                and an extension alone; and one whose last chunk's is; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    `int(size or "0", 16)`.
    """
    await refused(
        wire,
        clock,
        page,
        last=chunked(wire, page, b"5\r\nhello\r\n\r\n\r\n"),
        **sized(wire, page, empty=b"", before=b"\r\n5", extension=b";a=b"),
    )


@spec("http/whitespace-before-or-in-a-chunk-size-is-refused", MUST, SIZE)
async def test_whitespace_before_or_in_a_chunk_size_is_refused(wire, clock, page):
    """
    A chunk's size begins its line, and has no gap.

    Sends:      POSTs whose chunk's size has a blank, a tab or a vertical tab before it, or a blank within; behind each
                another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Differs:    whitespace behind the size is another matter: old clients fill up with blanks.
    Look at:    `strip()`, and `int()`, which strips by itself.
    """
    await refused(
        wire,
        clock,
        page,
        **sized(wire, page, blank=b" 5", tab=b"\t5", vertical_tab=b"\x0b5", within=b"0 5"),
    )


@spec("http/a-chunk-ends-where-its-size-says", MUST, FRAMED)
async def test_a_chunk_ends_where_its_size_says(wire, clock, page):
    """
    Behind the data of a chunk stands a CRLF, or the request is refused.

    Sends:      POSTs whose chunk has more data than its size says, or less, whose data is followed by two other bytes
                in the place of the CRLF, or by nothing; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    two bytes that are skipped unseen; data that is read up to the next CRLF.
    """
    await refused(
        wire,
        clock,
        page,
        more=chunked(wire, page, b"5\r\nhello world\r\n0\r\n\r\n"),
        less=chunked(wire, page, b"5\r\nhel\r\n0\r\n\r\n"),
        other=chunked(wire, page, b"5\r\nhelloXX0\r\n\r\n"),
        nothing=chunked(wire, page, b"5\r\nhello0\r\n\r\n"),
    )


@spec("http/a-bare-cr-ends-no-chunk", MUST, BARE_CR)
async def test_a_bare_cr_ends_no_chunk(wire, clock, page):
    """
    A CR without its LF ends no line of a body in chunks.

    Sends:      POSTs in chunks in which a CR alone stands behind the size, behind the data, within the size, and in the
                place of every CRLF; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    `splitlines()`; a CR whose next byte is not looked at.
    """
    await refused(
        wire,
        clock,
        page,
        size=chunked(wire, page, b"5\rhello\r\n0\r\n\r\n"),
        data=chunked(wire, page, b"5\r\nhello\r0\r\n\r\n"),
        within=chunked(wire, page, b"0\r5\r\nhello\r\n0\r\n\r\n"),
        every=chunked(wire, page, CHUNKS.replace(b"\n", b"")),
    )


@spec("http/a-bare-lf-ends-no-chunk", SHOULD, CLOSES)
async def test_a_bare_lf_ends_no_chunk(wire, clock, page):
    """
    That an LF alone may end a line holds for the lines of the header, and not for chunks.

    Sends:      POSTs in chunks in which an LF alone stands behind the size, behind the data, and in the place of both;
                behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Differs:    some servers take it, as they do in the header; whoever stands before them may see other chunks then.
    Look at:    lines read with `readline()`.
    """
    await refused(
        wire,
        clock,
        page,
        size=chunked(wire, page, b"5\nhello\r\n0\r\n\r\n"),
        data=chunked(wire, page, b"5\r\nhello\n0\r\n\r\n"),
        both=chunked(wire, page, b"5\nhello\n0\r\n\r\n"),
    )


@spec("http/a-very-large-chunk-size-does-not-wrap-around", MUST, OVERFLOW)
async def test_a_very_large_chunk_size_does_not_wrap_around(wire, page):
    """
    A chunk's size beyond what a machine word holds is not a small one.

    Sends:      POSTs of five bytes in a chunk of 2^32 + 5, of 2^64 + 5, and of a size of 500 digits; then no more, told
                by closing our side only.
    Observes:   that none is answered 2xx, and that each connection ends.
    Differs:    refused at once (400, 413), or waited for until we close.
    Look at:    a size kept in 32 or 64 bits.
    """
    large = sized(wire, page, word=b"%x" % (2**32 + 5), long=b"%x" % (2**64 + 5), huge=b"f" * 499 + b"5")

    await never_answered(wire, **large)


def _sizes_that_are_none():
    """Lines around the digit 5 that are no chunk's size."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    odd = st.sampled_from([b"+", b"-", b"_", b".", b"x", b"g", b"\x0b", b"\x0c", b"\0", b",", b"'", b"\xa0", b"\xb2"])
    maybe = st.one_of(st.just(b""), odd)
    line = st.tuples(maybe, st.sampled_from([b"0", b"5"]), maybe, st.sampled_from([b"", b"5"]), maybe).map(b"".join)
    return line.filter(lambda text: not text.isdigit())


@spec("http/no-chunk-size-is-guessed", MUST, SIZE, examples=_sizes_that_are_none)
async def test_no_chunk_size_is_guessed(wire, clock, page, example):
    """
    Whatever is no row of hexadecimal digits is no chunk's size.

    Sends:      POSTs of five bytes in a chunk whose size is a few digits and other characters; behind each another
                POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    the line that the reason shows, and what reads it as a number.
    """
    await refused(wire, clock, page, **sized(wire, page, size=example))
