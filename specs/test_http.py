"""
HTTP: what every page stands on.  Requests get answers, contents arrive as they were sent, an answer says what it is.
"""

from email.utils import parsedate_to_datetime
from re import fullmatch

from harness import MUST, SHOULD, NotOffered, rfc, spec
from specs.exchanges import NOWHERE, exchange, in_chunks

GET_AND_HEAD = rfc(9110, "9.1", "All general-purpose servers MUST support the methods GET and HEAD.")
LENGTH = rfc(9112, "6.3", "its decimal value defines the expected message body length in octets")
CHUNKED = rfc(9112, "7.1", "A recipient MUST be able to parse and decode the chunked transfer coding.")
DATE = rfc(9110, "6.6.1", "MUST generate a Date header field in all 2xx (Successful), 3xx (Redirection)")
UNKNOWN = rfc(9110, "9.1", "not implemented SHOULD respond with the 501 (Not Implemented) status code")
ALLOW = rfc(9110, "15.5.6", "The origin server MUST generate an Allow header field in a 405 response")
TYPE = rfc(9110, "8.3", "SHOULD generate a Content-Type header field in that message")
HTTP_DATE = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"


#: All bytes, and what a parser may take for the end of something.
BODY = bytes(range(256)) + b"\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n\n\n"

#: Bytes of a large body: more than any buffer on the way has room for.
LARGE = 1024 * 1024


@spec("http/get-and-head-are-supported", MUST, GET_AND_HEAD)
async def test_get_and_head_are_supported(target, wire):
    """
    A page is there for GET, and for HEAD as well.

    Sends:      a GET and a HEAD of `ping`.
    Observes:   the statuses: those that the run began with.
    Look at:    a table of methods per page in which HEAD was forgotten.
    """
    answers = [await wire.get(target.alive.path), await wire.head(target.alive.path)]

    assert [answer.status for answer in answers] == [target.alive.status] * 2
    for answer in answers:
        assert answer.complete, answer.problem


@spec("http/content-arrives-byte-for-byte", MUST, LENGTH)
async def test_content_arrives_byte_for_byte(page, wire):
    """
    A content with a length arrives as it was sent, whatever its bytes are.

    Sends:      one POST to `echo` of all 256 bytes, and of line ends that could be the end of something.
    Observes:   the body of the answer.
    Look at:    text where bytes belong; line ends that are translated; a body that is read line by line.
    """
    answer = await wire.post(page.echo, BODY)

    assert answer.status == 200
    assert answer.body == BODY


@spec("http/empty-content-arrives-empty", MUST, LENGTH)
async def test_empty_content_arrives_empty(page, wire):
    """
    A length of zero announces a content without bytes, and nothing is waited for.

    Sends:      one POST to `echo` with `Content-Length: 0`.
    Observes:   the answer and its body.
    Look at:    a zero that is taken for no length at all.
    """
    answer = await wire.post(page.echo, b"")

    assert answer.status == 200
    assert answer.body == b""


@spec("http/large-content-arrives-whole", MUST, LENGTH, reads=4 * LARGE)
async def test_large_content_arrives_whole(page, wire):
    """
    A megabyte arrives whole, and comes back whole.

    Sends:      one POST of 1 MiB to `echo`.
    Observes:   the body of the answer.
    Differs:    a server may refuse it as too large (413), whole.
    Look at:    what is written only as far as the socket takes it at once; a limit that cuts instead of refusing.
    """
    body = (bytes(range(251)) * (LARGE // 251 + 1))[:LARGE]
    answer = await wire.post(page.echo, body)

    assert answer.complete, answer.problem
    assert answer.status in (200, 413)
    if answer.status == 200:
        assert len(answer.body) == LARGE
        assert answer.body == body


@spec("http/content-in-chunks-arrives-whole", MUST, CHUNKED)
async def test_content_in_chunks_arrives_whole(page, wire):
    """
    A content in chunks arrives as it was before it was cut, without the marks of the chunks.

    Sends:      POSTs to `echo` in the chunked coding: in one chunk, in chunks of one byte, in chunks with line ends
                in them, with a trailer behind them, with none at all.
    Observes:   the bodies of the answers.
    Look at:    an application that is given the body as it was on the wire, or none because there was no length.
    """
    cases = {
        "one chunk": ([BODY], b""),
        "chunks of one byte": ([BODY[place : place + 1] for place in range(len(BODY))], b""),
        "line ends": ([b"\r\n", b"0\r\n\r\n", b"\n"], b""),
        "a trailer": ([b"with a", b" trailer"], b"X-Trailer: one\r\nX-Other: two\r\n"),
        "no chunk": ([], b""),
    }
    answers = {
        name: await exchange(wire, in_chunks(wire, page.echo, *pieces, trailer=trailer), "POST")
        for name, (pieces, trailer) in cases.items()
    }

    for name, (pieces, _) in cases.items():
        answer = answers[name]
        assert answer is not None, f"{name}: the connection was closed without an answer"
        assert answer.status == 200, f"{name}: answered {answer.status}"
        assert answer.body == b"".join(pieces), f"{name}: {answer.body!r} came back"


@spec("http/answers-say-when-they-were-made", MUST, DATE)
async def test_answers_say_when_they_were_made(target, wire):
    """
    An answer has a Date, in the one form that is to be generated, and only one.

    Sends:      a GET and a HEAD of `ping`, a GET of a path that does not exist.
    Observes:   their Date.
    Differs:    a server without a clock has none; one that can tell a session's age has a clock.
    Look at:    local time, or a language, in the field; two parts of the server that each add one.
    """
    answers = {
        "GET": await wire.get(target.alive.path),
        "HEAD": await wire.head(target.alive.path),
        "an error": await wire.get(NOWHERE),
    }

    for name, answer in answers.items():
        dates = answer.fields.all("date")
        assert len(dates) == 1, f"{name}: {len(dates)} Date fields"
        assert fullmatch(HTTP_DATE, dates[0]) is not None, f"{name}: not a date of HTTP: {dates[0]!r}"
        assert parsedate_to_datetime(dates[0]) is not None


@spec("http/refusals-say-when-they-were-made", SHOULD, DATE)
async def test_refusals_say_when_they_were_made(target, wire):
    """
    The refusal of a malformed request is an answer like any other: it has a Date.

    Sends:      a GET of `ping` with a field line without a colon.
    Observes:   the Date of a 4xx.
    Differs:    a server may close the connection without a word; a clause about all 4xx is often forgotten here.
    Look at:    a refusal that is written as a constant where requests are parsed.
    """
    answer = await exchange(wire, wire.bytes_of("GET", target.alive.path).replace(b"\r\n\r\n", b"\r\nno colon\r\n\r\n"))
    if answer is None or answer.status not in range(400, 500):
        message = "a field line without a colon is not answered 4xx"
        raise NotOffered(message)

    assert len(answer.fields.all("date")) == 1


@spec("http/unknown-methods-are-refused", SHOULD, UNKNOWN)
async def test_unknown_methods_are_refused(target, wire):
    """
    A method that nobody has heard of is not taken for another one.

    Sends:      a request of `ping` with a method of our own.
    Observes:   the status: 501, 405 or 400, and never that of a GET.
    Look at:    a page that answers whatever it is asked.
    """
    answer = await wire.request("WEBSIXTY", target.alive.path)

    assert answer.status in (400, 405, 501)


@spec("http/refused-methods-come-with-those-allowed", MUST, ALLOW)
async def test_refused_methods_come_with_those_allowed(target, wire, facts):
    """
    Who is told that a method is not allowed is told which ones are.

    Sends:      POST, PUT, DELETE and PATCH to `ping`.
    Observes:   the Allow of each 405: it is there, and does not have the method that was just refused.
    Differs:    501 needs no Allow.
    Look at:    an error page for 405 that is only a page; a list that is the server's and not the page's.
    """
    answers = {method: await wire.request(method, target.alive.path, body=b"") for method in MODIFYING}
    facts["statuses"] = {method: answer.status for method, answer in answers.items()}
    refused = {method: answer.fields.get("allow") for method, answer in answers.items() if answer.status == 405}
    if not refused:
        message = "no method is answered 405"
        raise NotOffered(message)

    for method, allowed in refused.items():
        assert allowed is not None, f"405 for {method} without Allow"
        assert method not in [one.strip() for one in allowed.split(",")]


MODIFYING = ("POST", "PUT", "DELETE", "PATCH")


@spec("http/error-pages-have-a-type", SHOULD, TYPE)
async def test_error_pages_have_a_type(wire):
    """
    An error page says what kind of text it is, so that no browser has to guess.

    Sends:      a GET of a path that does not exist.
    Observes:   the Content-Type, where there is a body.
    Look at:    a body without a type, in which a browser finds a script by itself.
    """
    answer = await wire.get(NOWHERE)

    assert answer.status == 404
    if answer.body:
        assert "content-type" in answer.fields
