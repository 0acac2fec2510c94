"""
HTTP: how long a connection lasts, who says so, and that nothing is lost when it ends.
"""

from re import fullmatch

from harness import MUST, SHOULD, NotOffered, gather, rfc, spec
from specs.exchanges import NOWHERE, announces_its_end, exchange, older, without_host

SAYS_SO = rfc(9112, "9.3", 'MUST send the "close" connection option in every response message')
HONOURED = rfc(9112, "9.6", "MUST initiate closure of the connection (see below) after it sends the final response")
SAID_BACK = rfc(9112, "9.6", 'SHOULD send a "close" connection option in its final response')
SAID = rfc(9112, "9.6", 'the "close" connection option when it intends to close a connection')
NOTHING_MORE = rfc(9112, "9.6", "MUST NOT process any further requests received on that connection")
IN_STAGES = rfc(9112, "9.6", "servers typically close a connection in stages")
ANY_CASE = rfc(9110, "7.6.1", "Connection options are case-insensitive")
A_LIST = rfc(9110, "7.6.1", "allows the sender to list desired control options for the current connection")
OTHERWISE = rfc(9112, "9.3", "The connection will close after the current response.")
NO_CHUNKS = rfc(9112, "6.1", "MUST NOT send a response containing Transfer-Encoding unless")
HOST = rfc(9112, "3.2", "to any HTTP/1.1 request message that lacks a Host header field")
ONE_CONNECTION = rfc(9112, "9.3", "HTTP implementations SHOULD support persistent connections.")

#: Requests one after the other on a connection.
IN_A_ROW = 20

#: Bytes of an answer that is still on its way when the connection is closed: more than sockets have room for.
ON_THE_WAY = 512 * 1024


@spec("http/connection-carries-one-request-after-another", SHOULD, ONE_CONNECTION)
async def test_a_connection_carries_one_request_after_another(target, page, wire, facts):
    """
    A connection carries several requests, one after the other, each with its own answer.

    Sends:      twenty requests on one connection, each when the one before is answered: POSTs to `echo` with contents
                of their own, and GETs of `ping`.
    Observes:   the answers, and how many come.
    Differs:    a server may limit how many requests it takes on one connection.
    Look at:    what is left of one request when the next one begins.
    """
    conversation = await wire.open()
    came = 0
    for number in range(IN_A_ROW):
        token = f"{number} {longer_and_longer(number)}".encode()
        if number % 3:
            conversation.request("POST", page.echo, body=token)
        else:
            conversation.request("GET", target.alive.path)
        answer = await conversation.answer_if_any()
        if answer is None:
            break
        came += 1
        if number % 3:
            assert answer.body == token
        else:
            assert answer.status == target.alive.status
        if announces_its_end(answer):
            break
    facts["requests on one connection"] = came if came < IN_A_ROW else f"{IN_A_ROW} or more"

    assert came > 1


def longer_and_longer(number):
    """Another word for each number, each longer than the one before."""
    return "tick tock " * number


@spec("http/connection-persists-unless-its-end-is-announced", MUST, SAYS_SO)
async def test_the_connection_persists_unless_its_end_is_announced(target, page, wire):
    """
    A server that ends the connection with an answer says so in that answer.

    Sends:      on connections of their own a GET of `ping`, of a path that does not exist, a HEAD of `ping`, and a POST
                to `echo`; when it is answered, a second POST to `echo` on the same connection.
    Observes:   `Connection: close`, an HTTP/1.0 answer or a body that ends with the connection; else a second answer.
    Look at:    error pages that end the connection; a client would find its next request lost.
    """
    ping = target.alive.path
    for method, path in (("GET", ping), ("GET", NOWHERE), ("HEAD", ping), ("POST", page.echo)):
        conversation = await wire.open()
        conversation.request(method, path, body=b"the first" if method == "POST" else None)
        first = await conversation.answer()
        if announces_its_end(first):
            continue
        conversation.request("POST", page.echo, body=b"the second")
        second = await conversation.answer_if_any()

        assert second is not None, f"the connection ended after {method} {path}, whose answer had not said so"
        assert second.body == b"the second"


def closing(wire, page, *lines):
    """The bytes of a POST to `echo` with these fields."""
    return wire.bytes_of("POST", page.echo, fields=[("Connection", line) for line in lines], body=b"the last")


async def closes(wire, request):
    """The answer to the last request of a connection, once the server has ended that."""
    conversation = await wire.open()
    conversation.send(request)
    answer = await conversation.answer(method="POST")
    await conversation.gone()
    assert answer.status == 200
    assert answer.body == b"the last"
    assert conversation.received == answer.raw
    return answer


@spec("http/close-is-honoured", MUST, HONOURED)
async def test_close_is_honoured(page, wire):
    """
    Who asks for the end of the connection gets it, behind the whole answer.

    Sends:      a POST to `echo` with `Connection: close`.
    Observes:   the answer, and that the server ends the connection.
    Look at:    a connection that is kept for a client that will never use it again.
    """
    await closes(wire, closing(wire, page, "close"))


@spec("http/close-is-honoured-in-any-case", MUST, ANY_CASE)
async def test_close_is_honoured_in_any_case(page, wire):
    """
    "Close" and "CLOSE" are the same option.

    Sends:      POSTs to `echo` with `Connection: Close` and `Connection: CLOSE`.
    Observes:   the answers, and that the server ends the connections.
    Look at:    options that are compared byte by byte.
    """
    for spelling in ("Close", "CLOSE"):
        await closes(wire, closing(wire, page, spelling))


@spec("http/close-is-honoured-among-other-options", MUST, A_LIST)
async def test_close_is_honoured_among_other_options(page, wire):
    """
    Connection is a list: its option "close" counts wherever it stands.

    Sends:      POSTs to `echo` with `Connection: close, te`, with `te,close`, and with two Connection fields of which
                the second has it.
    Observes:   the answers, and that the server ends the connections.
    Look at:    the field compared as a whole, split at blanks, or only its first line.
    """
    for lines in (("close, te",), ("te,close",), ("te", "close")):
        await closes(wire, closing(wire, page, *lines))


@spec("http/close-is-said-back", SHOULD, SAID_BACK)
async def test_close_is_said_back(page, wire):
    """
    The last answer of a connection says that it is the last.

    Sends:      a POST to `echo` with `Connection: close`.
    Observes:   the Connection field of the answer.
    Look at:    a server that closes and does not say so: the next one on the way keeps a connection that is dead.
    """
    answer = await closes(wire, closing(wire, page, "close"))

    assert "close" in (answer.fields.get("connection") or "").lower()


@spec("http/nothing-is-answered-behind-close", MUST, NOTHING_MORE)
async def test_nothing_is_answered_behind_close(page, wire, clock):
    """
    What follows a request with "close" on its connection is not processed.

    Sends:      in one piece, a POST to `echo` with `Connection: close` and another one with a word of its own.
    Observes:   every byte until the connection ends.
    Look at:    a loop over the buffer that asks only afterwards whether to go on.
    """
    word = clock.token().encode()
    conversation = await wire.open()
    conversation.send(closing(wire, page, "close") + wire.bytes_of("POST", page.echo, body=word))
    answer = await conversation.answer(method="POST")
    await conversation.gone()

    assert answer.body == b"the last"
    assert conversation.received == answer.raw


@spec("http/close-loses-nothing", MUST, IN_STAGES, reads=4 * ON_THE_WAY, lasts=lambda _: 0.5)
async def test_close_loses_nothing(page, wire, clock):
    """
    The end of the connection comes behind the last byte of a long answer, and not before.

    Sends:      a POST of 512 KiB to `echo` with `Connection: close`; nothing is read for half a second.
    Observes:   the body of the answer.
    Differs:    a server may refuse so much (413), whole.
    Look at:    a socket that is closed with bytes still waiting for room.
    """
    body = b"0123456789abcdef" * (ON_THE_WAY // 16)
    conversation = await wire.open()
    conversation.pause()
    conversation.request("POST", page.echo, fields=[("Connection", "close")], body=body)
    await clock.sleep(0.5, "the answer to fill every buffer on its way")
    conversation.resume()
    answer = await conversation.answer()
    await conversation.gone()

    assert answer.complete, answer.problem
    assert answer.status in (200, 413)
    if answer.status == 200:
        assert len(answer.body) == len(body)
        assert answer.body == body


@spec("http/refusals-say-that-the-connection-ends", SHOULD, SAID)
async def test_refusals_say_that_the_connection_ends(target, wire):
    """
    A refusal after which the connection ends says so.

    Sends:      a GET of `ping` with a field line without a colon; once that is refused, a GET of `ping`.
    Observes:   `Connection: close` in a 4xx after which no answer comes.
    Differs:    a server may close the connection without a word, or go on.
    Look at:    a refusal that is written as a constant where requests are parsed.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", target.alive.path).replace(b"\r\n\r\n", b"\r\nno colon\r\n\r\n"))
    answer = await conversation.answer_if_any(method="GET")
    if answer is None or answer.status not in range(400, 500):
        message = "a field line without a colon is not answered 4xx"
        raise NotOffered(message)
    conversation.send(wire.bytes_of("GET", target.alive.path))
    following = await conversation.answer_if_any(method="GET")

    if following is None:
        assert "close" in (answer.fields.get("connection") or "").lower()


@spec("http/http-1-0-ends-with-its-answer", MUST, OTHERWISE)
async def test_http_1_0_ends_with_its_answer(target, wire):
    """
    A client of HTTP/1.0 that does not ask to go on gets one answer, and then the end of the connection.

    Sends:      a GET of `ping` in HTTP/1.0.
    Observes:   the answer, and that the server ends the connection.
    Differs:    the answer's version may be 1.0 or 1.1.
    Look at:    a client that reads to the end, as those of 1996 do, and waits for ever.
    """
    conversation = await wire.open()
    conversation.send(older(wire.bytes_of("GET", target.alive.path)))
    answer = await conversation.answer(method="GET")
    await conversation.gone()

    assert answer.status == target.alive.status
    assert answer.complete, answer.problem
    assert conversation.received == answer.raw


@spec("http/http-1-0-needs-no-host", SHOULD, HOST)
async def test_http_1_0_needs_no_host(target, wire):
    """
    Only from HTTP/1.1 on a request must name its host.

    Sends:      a GET of `ping` in HTTP/1.0 without Host.
    Observes:   the status.
    Differs:    a server with several sites may not know which one is meant.
    Look at:    probes of load balancers, which send no more than this.
    """
    answer = await exchange(wire, without_host(older(wire.bytes_of("GET", target.alive.path))))

    assert answer is not None, "the connection was closed without an answer"
    assert answer.status == target.alive.status


@spec(
    "http/http-1-0-gets-no-chunks",
    MUST,
    NO_CHUNKS,
    needs=["asynchronous.path"],
    lasts=lambda target: target.asynchronous.delay,
)
async def test_http_1_0_gets_no_chunks(target, page, wire):
    """
    A client of HTTP/1.0 does not know chunks: the end of the connection, or a length, ends its answer.

    Sends:      a GET of the delayed page, whose length is not known beforehand, and a POST to `echo`, in HTTP/1.0.
    Observes:   Transfer-Encoding, and the bodies.
    Look at:    marks of chunks in the middle of a page.
    """
    delayed, echoed = await gather(
        exchange(wire, older(wire.bytes_of("GET", target.asynchronous.path))),
        exchange(wire, older(wire.bytes_of("POST", page.echo, body=b"content")), "POST"),
    )

    for answer in (delayed, echoed):
        assert answer is not None, "the connection was closed without an answer"
        assert "transfer-encoding" not in answer.fields
        assert answer.complete, answer.problem
    assert target.asynchronous.body in delayed.text
    # "2f" in a line of its own would be the size of a chunk.
    assert fullmatch(rb"[0-9A-Fa-f]+\r\n", delayed.body[:6]) is None
    assert echoed.body == b"content"
