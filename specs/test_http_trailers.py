"""
HTTP, chunk extensions and trailers: what stands beside the chunks of a body changes nothing about it.
"""

import json

from harness import MUST, SHOULD, rfc, spec
from specs.raw_requests import (
    CHUNKED,
    HELLO,
    REFUSALS,
    bent,
    chunked,
    read,
    refused,
    refused_or_read,
    sized,
    status_of,
)

CLOSES = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")
BARE_CR = rfc(9112, "2.2", "A recipient of such a bare CR MUST consider that element to be invalid")
IGNORED = rfc(9112, "7.1.1", "A recipient MUST ignore unrecognized chunk extensions")
LIMITED = rfc(9112, "7.1.1", "generate an appropriate 4xx (Client Error) response if that amount is exceeded")
RETAINED = rfc(9112, "7.1.2", "MAY selectively retain or discard the received trailer fields")
NOT_MERGED = rfc(9112, "7.1.2", "A recipient MUST NOT merge a received trailer field into the header section")

#: More than any server reads of one line.
LONG = 64 * 1024


@spec("http/chunk-extensions-are-ignored", MUST, IGNORED)
async def test_chunk_extensions_are_ignored(wire, clock, page):
    """
    What stands behind a semicolon in the line of a chunk's size changes nothing.

    Sends:      POSTs in chunks with an extension: a name, a name and a value, several, a value in quotes with a blank,
                a semicolon and a size in it, and one at the last chunk; behind each another POST.
    Observes:   that each is answered with what the chunks hold; that what follows is a request of its own.
    Look at:    a size that is read from the whole line.
    """
    extensions = {
        "name": b"5;a",
        "value": b"5;a=b",
        "several": b"5;a=b;c;d=e",
        "blank": b'5;a="b c"',
        "semicolon": b'5;a="b;9"',
    }

    await read(
        wire,
        clock,
        page,
        HELLO,
        last=chunked(wire, page, b"5\r\nhello\r\n0;a=b\r\n\r\n"),
        **sized(wire, page, **extensions),
    )


@spec("http/a-bare-cr-in-an-extension-ends-nothing", MUST, BARE_CR)
async def test_a_bare_cr_in_an_extension_ends_nothing(wire, clock, page):
    """
    A CR within a chunk's extension is refused, or is part of it.

    Sends:      POSTs in chunks with a CR in the extension, and behind it a letter, or another size that would fit as
                well; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or what the chunks hold, and what follows as a
                request of its own.
    Look at:    an extension that is read up to the first CR.
    """
    await refused_or_read(wire, clock, page, HELLO, **sized(wire, page, name=b"5;a\rb"))
    await refused_or_read(wire, clock, page, b"ab\r\n0", size=chunked(wire, page, b"5;a\r2\r\nab\r\n0\r\n0\r\n\r\n"))


@spec("http/an-extension-with-a-control-character-is-refused", SHOULD, CLOSES)
async def test_an_extension_with_a_control_character_is_refused(wire, clock, page):
    """
    An LF or a NUL within a chunk's extension is refused.

    Sends:      POSTs in chunks whose extension has an LF, and a size behind it, or a NUL; behind each another POST.
    Observes:   a refusal and the end of the connection, and that what follows is not answered.
    Look at:    an extension that is skipped without a look (CVE-2022-24801), or read up to the first LF.
    """
    await refused(wire, clock, page, **sized(wire, page, line=b"5;a\nb", size=b"5;a\n3", nul=b"5;a\0b"))


@spec("http/a-very-long-extension-is-refused-or-ignored", MUST, LIMITED)
async def test_a_very_long_extension_is_refused_or_ignored(wire, clock, page):
    """
    An extension may be too long; then the request is refused, and not cut somewhere.

    Sends:      a POST in chunks with an extension of 64 KiB; behind it another POST.
    Observes:   either a refusal, and that what follows is not answered; or what the chunks hold, and what follows as a
                request of its own.
    Look at:    a buffer for the line, whose end is taken for the end of the line.
    """
    await refused_or_read(wire, clock, page, HELLO, **sized(wire, page, long=b"5;a=" + b"b" * LONG))


@spec("http/trailers-end-the-body", MUST, RETAINED)
async def test_trailers_end_the_body(wire, clock, page):
    """
    Fields behind the last chunk belong to the request, and not to its body, nor to the next one.

    Sends:      POSTs in chunks with one, two and an empty trailer field; behind each another POST.
    Observes:   that each is answered with what the chunks hold; that what follows is a request of its own.
    Look at:    trailers that nobody reads, and that are then the next request's first line.
    """
    await read(
        wire,
        clock,
        page,
        HELLO,
        one=chunked(wire, page, b"5\r\nhello\r\n0\r\nX-One: 1\r\n\r\n"),
        two=chunked(wire, page, b"5\r\nhello\r\n0\r\nX-One: 1\r\nX-Two: 2\r\n\r\n"),
        empty=chunked(wire, page, b"5\r\nhello\r\n0\r\nX-One:\r\n\r\n"),
    )


@spec("http/trailers-frame-nothing", MUST, NOT_MERGED)
async def test_trailers_frame_nothing(wire, clock, page):
    """
    A length or a coding in a trailer says nothing of this body, nor of the next.

    Sends:      POSTs in chunks with the trailers `Content-Length: 1000`, `Content-Length: 0` and `Transfer-Encoding:
                chunked`; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or what the chunks hold, and what follows as a
                request of its own.
    Look at:    trailers that are merged into the fields.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        HELLO,
        length=chunked(wire, page, b"5\r\nhello\r\n0\r\nContent-Length: 1000\r\n\r\n"),
        zero=chunked(wire, page, b"5\r\nhello\r\n0\r\nContent-Length: 0\r\n\r\n"),
        coding=chunked(wire, page, b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    )


@spec("http/trailers-become-no-fields", MUST, NOT_MERGED, needs=["asked"])
async def test_trailers_become_no_fields(wire, clock, page):
    """
    A page is not told a trailer as if it had stood in the header.

    Sends:      a GET of the page that says how it was asked, in chunks, with the trailers X-Web60 and Authorization.
    Observes:   a refusal, or that the page was told neither.
    Look at:    trailers that are merged into the fields: what a gateway has checked there comes in by another door.
    """
    word = clock.token()
    body = b"0\r\nX-Web60: %s\r\nAuthorization: %s\r\n\r\n" % (word.encode(), word.encode())
    conversation = await wire.open()
    conversation.send(bent(wire, page.asked, CHUNKED, line=b"GET %s HTTP/1.1", body=body))
    answer = await conversation.answer_if_any()

    if status_of(answer) not in REFUSALS:
        assert answer.status == 200
        told = {name.lower() for name, _ in json.loads(answer.body)["fields"]}
        assert "x-web60" not in told
        assert "authorization" not in told
        assert word not in answer.text
    await wire.ping()
