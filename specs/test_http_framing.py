"""
HTTP, framing: how long a request's body is has one meaning, or the request is refused.

Whoever reads it otherwise than the next one in the chain lets a request be smuggled past that one.
"""

from harness import MUST, SHOULD, rfc, spec
from specs.raw_requests import (
    CHUNKED,
    HELLO,
    LENGTH,
    bent,
    hidden,
    never_answered,
    read,
    refused,
    refused_or_read,
)

DECIMAL = rfc(9110, "8.6", "a decimal non-negative integer number of octets")
UNRECOVERABLE = rfc(9112, "6.3", "the recipient MUST treat it as an unrecoverable error")
SAME_VALUE = rfc(9110, "8.6", "MAY either reject the message as invalid or replace that invalid field value")
LARGE = rfc(9110, "8.6", "a recipient MUST anticipate potentially large decimal numerals")
NO_BODY = rfc(9112, "6.3", "the message body length is zero (no message body is present)")
INDEPENDENT = rfc(9112, "6", "Request message framing is independent of method semantics")
READ_OR_CLOSE = rfc(9112, "9.3", "A server MUST read the entire request message body or close the connection")
INCOMPLETE = rfc(9112, "6.3", "the recipient MUST consider the message to be incomplete and close the connection")
CLOSES = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")


def lengths(wire, page, **values):
    """A POST of `HELLO` for each of these values of Content-Length."""
    return {name: bent(wire, page.echo, b"Content-Length:" + value, body=HELLO) for name, value in values.items()}


@spec("http/a-length-ends-the-body", MUST, DECIMAL)
async def test_a_length_ends_the_body(wire, clock, page):
    """
    A body of announced length ends there, and the next request begins.

    Sends:      POSTs of five bytes whose length is written as 5, as 0005, and with blanks and tabs around it; one of
                ten bytes with the length 010; behind each on the same connection another POST.
    Observes:   that each is answered with its own body; that the other is answered with its own, or dropped with the
                connection.
    Look at:    a length that is taken for octal because it begins with a zero.
    """
    ten = bent(wire, page.echo, b"Content-Length: 010", body=b"0123456789")

    await read(
        wire, clock, page, HELLO, **lengths(wire, page, plain=b" 5", bare=b"5", zeros=b" 0005", blanks=b" \t 5 \t ")
    )
    await read(wire, clock, page, b"0123456789", zero=ten)


@spec("http/lengths-that-differ-are-refused", MUST, UNRECOVERABLE)
async def test_lengths_that_differ_are_refused(wire, clock, page):
    """
    A request with two different lengths is refused, whichever of them would fit.

    Sends:      POSTs of five bytes with the lengths 5 and 6 in two lines, 6 and 5, 0 and 5, 5 and 0, and with the list
                "5, 6" in one line; behind each another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    fields kept in a mapping that holds the first or the last of a name (CVE-2020-10108).
    """

    def twice(one, other):
        return bent(wire, page.echo, b"Content-Length: " + one, b"Content-Length: " + other, body=HELLO)

    await refused(
        wire,
        clock,
        page,
        fits_first=twice(b"5", b"6"),
        fits_last=twice(b"6", b"5"),
        nothing_first=twice(b"0", b"5"),
        nothing_last=twice(b"5", b"0"),
        **lengths(wire, page, listed=b" 5, 6", tight=b" 6,5"),
    )


@spec("http/a-length-said-twice-alike-is-refused-or-meant-once", MUST, SAME_VALUE)
async def test_a_length_said_twice_alike_is_refused_or_meant_once(wire, clock, page):
    """
    The same length twice is refused, or means that length.

    Sends:      POSTs of five bytes with the length 5 in two lines, as the lists "5, 5" and "5,5", and as lists with an
                empty member; behind each another POST.
    Observes:   either a refusal, and that what follows is not answered; or the body of five bytes, and what follows
                as a request of its own.
    Differs:    both are right, and both are met.
    Look at:    a list whose comma is passed over, so that 5,5 becomes 55.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        HELLO,
        lines=bent(wire, page.echo, LENGTH, LENGTH, body=HELLO),
        **lengths(wire, page, listed=b" 5, 5", tight=b" 5,5", begun=b" ,5", ended=b" 5,"),
    )


@spec("http/a-length-with-a-sign-is-refused", MUST, UNRECOVERABLE)
async def test_a_length_with_a_sign_is_refused(wire, clock, page):
    """
    A length has no sign.

    Sends:      POSTs of five bytes with the lengths +5, -5 and -0; behind each another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    a language's own reading of integers, as `int()` (CVE-2022-24801).
    """
    await refused(wire, clock, page, **lengths(wire, page, plus=b" +5", minus=b" -5", zero=b" -0"))


@spec("http/a-length-in-another-notation-is-refused", MUST, UNRECOVERABLE)
async def test_a_length_in_another_notation_is_refused(wire, clock, page):
    """
    A length is digits and nothing else.

    Sends:      POSTs of five bytes with the lengths 0x5, 0b101, 0_5, 5.0, 5e0, 5L, five, and 5 in quotes; behind each
                another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    a language's own reading of numbers; one that stops at the first character that is no digit.
    """
    notations = {
        "hexadecimal": b" 0x5",
        "binary": b" 0b101",
        "grouped": b" 0_5",
        "point": b" 5.0",
        "exponent": b" 5e0",
        "long": b" 5L",
        "word": b" five",
        "quoted": b' "5"',
    }

    await refused(wire, clock, page, **lengths(wire, page, **notations))


@spec("http/a-length-in-other-digits-is-refused", MUST, UNRECOVERABLE)
async def test_a_length_in_other_digits_is_refused(wire, clock, page):
    """
    Digits are those of ASCII.

    Sends:      POSTs of five bytes whose length is a full-width five and an Arabic-Indic five in UTF-8, and one of two
                bytes whose length is the superscript two of latin-1; behind each another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    `str.isdigit` and `int` on decoded text, which take the digits of every script.
    """
    digits = {"wide": " \uff15".encode(), "arabic": " \u0665".encode(), "superscript": b" \xb2"}

    await refused(wire, clock, page, **lengths(wire, page, **digits))


@spec("http/an-empty-length-is-refused", MUST, UNRECOVERABLE)
async def test_an_empty_length_is_refused(wire, clock, page):
    """
    A length that says nothing is not zero.

    Sends:      POSTs of five bytes whose Content-Length is empty, or only blanks and tabs; behind each another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    `int(value or 0)`.
    """
    await refused(wire, clock, page, **lengths(wire, page, empty=b"", blank=b" \t "))


@spec("http/a-length-with-more-around-it-is-refused", MUST, UNRECOVERABLE)
async def test_a_length_with_more_around_it_is_refused(wire, clock, page):
    """
    Only blanks and tabs may stand around a length, and nothing within it.

    Sends:      POSTs of five bytes with the length 5 behind a vertical tab, before a form feed, a NUL, a semicolon and
                the no-break space of latin-1, and as "5 5" and "5 bytes"; behind each another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    `strip()`, which takes away more than blanks and tabs (CVE-2022-24801).
    """
    around = {
        "vertical_tab": b" \x0b5",
        "form_feed": b" 5\x0c",
        "nul": b" 5\0",
        "semicolon": b" 5;",
        "no_break_space": b" 5\xa0",
        "two": b" 5 5",
        "unit": b" 5 bytes",
    }

    await refused(wire, clock, page, **lengths(wire, page, **around))


@spec("http/a-very-large-length-does-not-wrap-around", MUST, LARGE)
async def test_a_very_large_length_does_not_wrap_around(wire, page):
    """
    A length beyond what a machine word holds is not a small one.

    Sends:      POSTs of five bytes with the lengths 2^32 + 5, 2^64 + 5 and one of 5,000 digits; then no more, told by
                closing our side only.
    Observes:   that none is answered 2xx, and that each connection ends.
    Differs:    refused at once (400, 413), or waited for until we close.
    Look at:    a length kept in 32 or 64 bits; what a language does with a number of too many digits.
    """
    large = lengths(wire, page, word=b" %d" % (2**32 + 5), long=b" %d" % (2**64 + 5), huge=b" " + b"9" * 5000)

    await never_answered(wire, **large)


@spec("http/a-body-that-stops-short-is-never-taken-for-a-whole-one", MUST, INCOMPLETE)
async def test_a_body_that_stops_short_is_never_taken_for_a_whole_one(wire, page):
    """
    A request whose body ends too early is not answered as if it were whole.

    Sends:      POSTs with a length of ten and five bytes; in chunks, without the last chunk, within a chunk, and
                without the blank line at the end; then no more, told by closing our side only.
    Observes:   that none is answered 2xx, and that each connection ends.
    Look at:    the end of a connection that is taken for the end of the body.
    """
    await never_answered(
        wire,
        length=bent(wire, page.echo, b"Content-Length: 10", body=HELLO),
        last_chunk=bent(wire, page.echo, CHUNKED, body=b"5\r\nhello\r\n"),
        within=bent(wire, page.echo, CHUNKED, body=b"a\r\nhello"),
        blank_line=bent(wire, page.echo, CHUNKED, body=b"5\r\nhello\r\n0\r\n"),
    )


@spec("http/a-request-without-a-length-has-no-body", MUST, NO_BODY)
async def test_a_request_without_a_length_has_no_body(wire, clock, page):
    """
    Without a length and a transfer coding a request ends with its blank line.

    Sends:      a POST and a PUT without either; behind each another POST.
    Observes:   either a refusal (411); or an empty body, and what follows as a request of its own.
    Differs:    a server may want a length of whoever posts.
    Look at:    a body that is read up to the end of the connection.
    """
    await refused_or_read(
        wire,
        clock,
        page,
        b"",
        post=bent(wire, page.echo),
        put=bent(wire, page.echo, line=b"PUT %s HTTP/1.1"),
    )


@spec("http/a-body-is-no-request-whatever-the-method", MUST, INDEPENDENT)
async def test_a_body_is_no_request_whatever_the_method(target, wire, clock, page):
    """
    The body of a method that has no use for one is a body all the same.

    Sends:      GET, DELETE and OPTIONS of `ping`, each with a body, by length and in chunks, that looks like a request.
    Observes:   that what the body asks for is never answered: the connection goes on with our next request, or ends.
    Differs:    4xx is fine, and so is ending the connection.
    Look at:    a body that is read for POST and PUT only.
    """
    await body_stays_unanswered(
        wire, clock, page, target.alive.path, b"GET %s HTTP/1.1", b"DELETE %s HTTP/1.1", b"OPTIONS %s HTTP/1.1"
    )


@spec("http/the-body-of-a-page-not-found-is-no-request", MUST, READ_OR_CLOSE)
async def test_the_body_of_a_page_not_found_is_no_request(wire, clock, page):
    """
    What is posted to a page that does not exist is read all the same, or the connection ends.

    Sends:      POST and PUT to a path that nothing stands at, each with a body, by length and in chunks, that looks
                like a request.
    Observes:   that what the body asks for is never answered: the connection goes on with our next request, or ends.
    Look at:    an error that is answered before the body was read, on a connection that is kept.
    """
    await body_stays_unanswered(wire, clock, page, "/no-such-page-{id}", b"POST %s HTTP/1.1", b"PUT %s HTTP/1.1")


async def body_stays_unanswered(wire, clock, page, path, *request_lines):
    """A request hidden in the body of each of these is not answered; the request behind it is, or is dropped."""
    inner, outer = clock.token(), clock.token()
    body = hidden(wire, page, inner)
    lines = {
        "length": (b"Content-Length: %d" % len(body), body),
        "chunks": (CHUNKED, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)),
    }
    for request_line in request_lines:
        for name, (line, content) in lines.items():
            conversation = await wire.open()
            conversation.send(bent(wire, path, line, line=request_line, body=content) + hidden(wire, page, outer))
            first = await conversation.answer_if_any()
            second = None if first is None else await conversation.answer_if_any()
            shown = f"{request_line.decode()} by {name}"
            assert inner.encode() not in conversation.received, f"{shown}: its body was answered as a request"
            if second is not None:
                assert second.body == outer.encode(), f"{shown}: what followed was not read as it was meant"
    await wire.ping()


@spec("http/a-refusal-leaves-the-answers-before-it-alone", SHOULD, CLOSES)
async def test_a_refusal_leaves_the_answers_before_it_alone(wire, clock, page):
    """
    A bent request behind a right one costs that one nothing, and saves what follows nothing.

    Sends:      in one piece a POST, a POST whose length is -5, and another POST.
    Observes:   the answer to the first, whole; then a refusal or the end; and nothing that answers the last.
    Differs:    a server that reads all of a piece before it answers any of it has only the refusal to give (aiohttp).
    Look at:    a connection that is cut off before what was written to it has left.
    """
    before, behind = clock.token(), clock.token()
    conversation = await wire.open()
    bad = bent(wire, page.echo, b"Content-Length: -5", body=HELLO)
    conversation.send(hidden(wire, page, before) + bad + hidden(wire, page, behind))
    first = await conversation.answer(method="POST")
    for _ in range(2):
        await conversation.answer_if_any(method="POST")

    assert first.status == 200
    assert first.body == before.encode()
    assert behind.encode() not in conversation.received, "what followed the refused request was answered"
    await wire.ping()


def _lengths_that_are_none():
    """Values around the digit 5 that are no length, and no list of lengths either."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    odd = st.sampled_from([b"+", b"-", b"_", b".", b"x", b"e", b" ", b"\x0b", b"\x0c", b"\0", b";", b"\xa0", b"\xb2"])
    maybe = st.one_of(st.just(b""), odd)
    value = st.tuples(maybe, st.sampled_from([b"0", b"5"]), maybe, st.sampled_from([b"", b"5"]), maybe).map(b"".join)
    return value.filter(lambda text: not text.strip(b" \t").isdigit())


@spec("http/no-length-is-guessed", MUST, UNRECOVERABLE, examples=_lengths_that_are_none)
async def test_no_length_is_guessed(wire, clock, page, example):
    """
    Whatever is no row of digits is no length.

    Sends:      POSTs of five bytes with lengths of a few digits and other characters; behind each another POST.
    Observes:   a status of 4xx or the end of the connection, and that what follows is not answered.
    Look at:    the value that the reason shows, and what reads it as a number.
    """
    await refused(wire, clock, page, **lengths(wire, page, value=b" " + example))
