"""
HTTP: answers come in the order of their requests, each once, and each as soon as its request is whole.
"""

from harness import MAY, MUST, SHOULD, rfc, spec
from specs.exchanges import NOWHERE, answers_to, in_chunks, outcome, sent_in_pieces

IN_ORDER = rfc(
    9112,
    "9.3.2",
    "MUST send the corresponding responses in the same order that the requests were received",
)
LENGTH = rfc(9112, "6.3", "its decimal value defines the expected message body length in octets")
NO_LENGTH = rfc(9112, "6.3", "the message body length is zero (no message body is present)")
LAST_CHUNK = rfc(9112, "7.1", "finally terminated by an empty line")
BODILESS = rfc(9112, "6.3", "is always terminated by the first empty line after the header fields")
EMPTY_LINE = rfc(9112, "2.2", "SHOULD ignore at least one empty line (CRLF) received prior to the request-line")
EXTRA = rfc(9112, "2.2", "might send an extra CRLF after a POST request")
PARALLEL = rfc(9112, "9.3.2", "MAY process a sequence of pipelined requests in parallel")

#: Requests that are sent at once on one connection.
MANY = 100

#: Bytes of requests behind one that is still being worked on: more than a server keeps in its buffers.
MUCH = 256 * 1024


def delay(target):
    """How long the delayed page takes."""
    return target.asynchronous.delay


def sequence(wire, target, page):
    """
    The bytes of requests of all kinds with the slowest in front, their methods, and what shows whose answer it is.

    What shows it is a function of the answer; true for its own.
    """
    slow = target.asynchronous
    return zip(
        *(
            (wire.bytes_of("GET", slow.path), "GET", lambda answer: slow.body in answer.text),
            (
                wire.bytes_of("POST", page.echo, body=b"one\r\n\r\n"),
                "POST",
                lambda answer: answer.body == b"one\r\n\r\n",
            ),
            (wire.bytes_of("GET", target.alive.path), "GET", lambda answer: answer.status == target.alive.status),
            (in_chunks(wire, page.echo, b"t", b"wo"), "POST", lambda answer: answer.body == b"two"),
            (wire.bytes_of("HEAD", target.alive.path), "HEAD", lambda answer: answer.body == b""),
            (wire.bytes_of("GET", NOWHERE), "GET", lambda answer: answer.status == 404),
            (wire.bytes_of("POST", page.echo, body=b""), "POST", lambda answer: answer.body == b""),
            (wire.bytes_of("POST", page.echo, body=b"three"), "POST", lambda answer: answer.body == b"three"),
        ),
        strict=True,
    )


async def in_order(conversation, methods, belongs):
    """The answers that come are those to these requests, in this order, and nothing is between them."""
    answers = await answers_to(conversation, *methods)
    assert len(answers) >= 1
    for number, answer in enumerate(answers):
        assert answer.complete, answer.problem
        assert belongs[number](answer), (
            f"answer {number + 1} is {answer!r} {answer.body[:60]!r}: that of another request"
        )
    assert conversation.received == b"".join(answer.raw for answer in answers)
    return answers


@spec("http/answers-come-in-the-order-of-their-requests", MUST, IN_ORDER, needs=["asynchronous.path"], lasts=delay)
async def test_answers_come_in_the_order_of_their_requests(target, page, wire, facts):
    """
    Whatever the first request costs, its answer comes first; those to all others follow in the order of the requests.

    Sends:      in one piece, a GET of the delayed page, and behind it requests of all kinds: with a content, with one
                in chunks, with an empty one, without any, HEAD, and one of a page that does not exist.
    Observes:   which answer is whose, and every byte that comes.
    Differs:    a server may close the connection after any answer, and so leave the others out.
    Look at:    answers written as they get ready.  Twisted did up to 23.8 (CVE-2023-46137).
    """
    requests, methods, belongs = sequence(wire, target, page)
    conversation = await wire.open()
    conversation.send(b"".join(requests))
    answers = await in_order(conversation, methods, belongs)
    facts["answered"] = "all of them" if len(answers) == len(methods) else len(answers)


@spec("http/answers-keep-their-order-byte-by-byte", MUST, IN_ORDER, needs=["asynchronous.path"], lasts=delay)
async def test_answers_keep_their_order_byte_by_byte(target, page, wire, clock):
    """
    The order does not depend on how the requests arrive.

    Sends:      the same requests, the delayed page in front, byte by byte.
    Observes:   which answer is whose, and every byte that comes.
    Differs:    a server may close the connection after any answer, and so leave the others out.
    Look at:    what arrives while a request is worked on; a buffer that is looked at only when something new comes.
    """
    requests, methods, belongs = sequence(wire, target, page)
    sent = b"".join(requests)
    conversation = await wire.open()
    await sent_in_pieces(conversation, clock, (sent[place : place + 1] for place in range(len(sent))))
    await in_order(conversation, methods, belongs)


@spec("http/many-at-once-are-each-answered-once", MUST, IN_ORDER)
async def test_many_at_once_are_each_answered_once(page, wire, facts):
    """
    A hundred requests in one piece get a hundred answers, each its own.

    Sends:      in one piece, a hundred POSTs to `echo`, each with a content of its own.
    Observes:   the contents of the answers in their order, and every byte that comes.
    Differs:    a server may close the connection after any answer, and so leave the others out.
    Look at:    one call within the other for each request that waits; a request that is answered twice.
    """
    contents = [b"%d" % number + b", and something that makes it longer" * (number % 4) for number in range(MANY)]
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("POST", page.echo, body=content) for content in contents))
    answers = await answers_to(conversation, *["POST"] * MANY)
    facts["answered"] = "all of them" if len(answers) == MANY else len(answers)

    assert len(answers) >= 1
    assert [answer.body for answer in answers] == contents[: len(answers)]
    assert conversation.received == b"".join(answer.raw for answer in answers)
    await wire.ping()


@spec(
    "http/much-that-waits-behind-a-slow-request-is-answered",
    MUST,
    IN_ORDER,
    needs=["asynchronous.path"],
    lasts=delay,
    reads=4 * MUCH,
)
async def test_much_that_waits_behind_a_slow_request_is_answered(target, page, wire):
    """
    Requests behind a slow one are not lost when there are more of them than a buffer holds.

    Sends:      in one piece, a GET of the delayed page, a POST of 256 KiB to `echo`, and a short one.
    Observes:   the answers in their order.
    Differs:    a server may close the connection after any answer; the long content may be too long for it (413).
    Look at:    reading that is stopped while a request is worked on, and never begun again.
    """
    long = b"0123456789abcdef" * (MUCH // 16)
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("GET", target.asynchronous.path)
        + wire.bytes_of("POST", page.echo, body=long)
        + wire.bytes_of("POST", page.echo, body=b"short")
    )
    answers = await answers_to(conversation, "GET", "POST", "POST")

    assert len(answers) >= 1
    assert target.asynchronous.body in answers[0].text
    for answer, content in zip(answers[1:], (long, b"short"), strict=False):
        if answer.status != 413:
            assert len(answer.body) == len(content)
            assert answer.body == content


async def answered_before_the_rest(wire, page, whole, rest, content):
    """The first of two requests is answered though of the second only a part is there; then the second is."""
    second = wire.bytes_of("POST", page.echo, body=b"the second")
    place = second.index(rest) + len(rest)
    conversation = await wire.open()
    conversation.send(whole + second[:place])
    first = await conversation.answer(method=whole.split(b" ", 1)[0].decode())
    assert first.body == content
    if not conversation.is_gone:
        conversation.send(second[place:])
        following = await conversation.answer_if_any(method="POST")
        if following is not None:
            assert following.body == b"the second"
            assert conversation.received == first.raw + following.raw


@spec("http/a-whole-request-does-not-wait-for-half-of-the-next", MUST, LENGTH)
async def test_a_whole_request_does_not_wait_for_half_of_the_next(page, wire):
    """
    A request is answered when it is whole, though a part of the next one came with it.

    Sends:      POSTs to `echo`, each in one piece with a part of another: up to the middle of its request line, of a
                field, of a line end, of its content; when the first is answered, the rest.
    Observes:   that the first is answered before the rest is sent, and that the second is answered then.
    Differs:    a server may close the connection after the first answer.
    Look at:    answers that wait until the buffer is empty; a part that is forgotten because it was no request yet.
    """
    for rest in (b"P", b"POST /", b"HTTP/1.1\r", b"HTTP/1.1\r\nHo", b"\r\n\r", b"\r\n\r\n", b"the sec"):
        whole = wire.bytes_of("POST", page.echo, body=b"the first")
        await answered_before_the_rest(wire, page, whole, rest, b"the first")


@spec("http/a-request-without-content-waits-for-nothing", MUST, NO_LENGTH)
async def test_a_request_without_content_waits_for_nothing(target, wire, clock):
    """
    A request that announces no content is answered at the end of its header, however that comes.

    Sends:      GETs of `ping`, each cut into two pieces at another place of its last two line ends; a HEAD, a DELETE,
                an OPTIONS and a PUT without any content; all on connections that stay open.
    Observes:   that an answer comes.
    Look at:    the end of a header that is looked for in what is new; methods that are thought to have a content.
    """
    get = wire.bytes_of("GET", target.alive.path)
    for place in range(len(get) - 5, len(get)):
        conversation = await wire.open()
        await sent_in_pieces(conversation, clock, (get[:place], get[place:]))
        answer = await conversation.answer(method="GET")

        assert answer.status == target.alive.status
        assert answer.complete, answer.problem
    for method in ("HEAD", "DELETE", "OPTIONS", "PUT"):
        answer = await wire.request(method, target.alive.path)
        assert answer.complete, answer.problem


@spec("http/behind-the-last-chunk-nothing-is-waited-for", MUST, LAST_CHUNK)
async def test_behind_the_last_chunk_nothing_is_waited_for(page, wire, clock):
    """
    A content in chunks is over with the empty line behind its last chunk, wherever it is cut on its way.

    Sends:      POSTs to `echo` in the chunked coding, each cut into two pieces at another place behind the data.
    Observes:   that each is answered, and the body.
    Look at:    a line end that is expected in the same piece as the rest of its line.
    """
    request = in_chunks(wire, page.echo, b"content", trailer=b"X-Trailer: seen\r\n")
    for place in range(request.index(b"content") + 7, len(request)):
        conversation = await wire.open()
        await sent_in_pieces(conversation, clock, (request[:place], request[place:]))
        answer = await conversation.answer(method="POST")

        assert answer.status == 200
        assert answer.body == b"content"


@spec("http/contents-end-where-they-end", MUST, LENGTH)
async def test_contents_end_where_they_end(target, page, wire):
    """
    Where a content ends, the next request begins, whatever the content looks like.

    Sends:      in one piece: POSTs to `echo` whose contents are requests, begin with line ends or end with half of one,
                in chunks too, with GETs of `ping` in between.
    Observes:   the answers in their order, and every byte that comes.
    Differs:    a server may close the connection after any answer, and so leave the others out.
    Look at:    a search for the next request line where the end should be counted.
    """
    ping = wire.bytes_of("GET", target.alive.path)
    contents = [ping, b"\r\n" + ping, b"\r\n\r\n", b"abc\r", b"0\r\n\r\n" + ping, b"\n"]
    requests, methods, expected = [], [], []
    for content in contents:
        requests += [wire.bytes_of("POST", page.echo, body=content), ping, in_chunks(wire, page.echo, content)]
        methods += ["POST", "GET", "POST"]
        expected += [content, None, content]
    conversation = await wire.open()
    conversation.send(b"".join(requests))
    answers = await answers_to(conversation, *methods)

    assert len(answers) >= 1
    for answer, content in zip(answers, expected, strict=False):
        if content is None:
            assert answer.status == target.alive.status
        else:
            assert answer.body == content
    assert conversation.received == b"".join(answer.raw for answer in answers)


@spec("http/answers-without-content-keep-the-order", MUST, BODILESS, needs=["no_content", "tagged"])
async def test_answers_without_content_keep_the_order(target, page, wire):
    """
    Answers that have no content do not take that of the next one, and have no end of their own.

    Sends:      in one piece: HEADs of `ping`, `echo` and a path that does not exist, GETs that are answered 204 and
                304, and between each two of them a POST to `echo` with a content of its own.
    Observes:   the answers in their order, and every byte that comes.
    Differs:    a server may close the connection after any answer, and so leave the others out.
    Look at:    a last chunk, or an empty line, behind an answer that has no body.
    """
    etag = (await wire.get(page.tagged)).fields.get("etag") or ""
    bodiless = (
        ("HEAD", wire.bytes_of("HEAD", target.alive.path)),
        ("HEAD", wire.bytes_of("HEAD", page.echo)),
        ("HEAD", wire.bytes_of("HEAD", NOWHERE)),
        ("GET", wire.bytes_of("GET", page.no_content)),
        ("GET", wire.bytes_of("GET", page.tagged, fields=[("If-None-Match", etag)])),
        ("HEAD", wire.bytes_of("HEAD", page.tagged, fields=[("If-None-Match", etag)])),
    )
    methods, requests = [], []
    for number, (method, request) in enumerate(bodiless):
        methods += [method, "POST"]
        requests += [request, wire.bytes_of("POST", page.echo, body=b"%d" % number)]
    conversation = await wire.open()
    conversation.send(b"".join(requests))
    answers = await answers_to(conversation, *methods)

    assert len(answers) >= 1
    assert [answer.body for answer in answers[::2]] == [b""] * len(answers[::2])
    assert [answer.body for answer in answers[1::2]] == [b"%d" % number for number in range(len(answers[1::2]))]
    assert conversation.received == b"".join(answer.raw for answer in answers)


@spec("http/an-empty-line-before-a-request-is-ignored", SHOULD, EMPTY_LINE)
async def test_an_empty_line_before_a_request_is_ignored(target, wire, clock):
    """
    An empty line where a request line is due is passed over.

    Sends:      an empty line and a GET of `ping`, in one piece and in two.
    Observes:   the answers.
    Look at:    a request line that is taken for granted.
    """
    request = wire.bytes_of("GET", target.alive.path)
    for pieces in ((b"\r\n" + request,), (b"\r\n", request), (b"\r", b"\n" + request)):
        conversation = await wire.open()
        await sent_in_pieces(conversation, clock, pieces)
        answer = await conversation.answer_if_any(method="GET")

        assert answer is not None, "the connection was closed without an answer"
        assert answer.status == target.alive.status


@spec("http/an-empty-line-behind-a-content-is-ignored", SHOULD, EXTRA)
async def test_an_empty_line_behind_a_content_is_ignored(target, page, wire):
    """
    An empty line that old clients send behind a POST does not spoil the next request.

    Sends:      in one piece, a POST to `echo`, an empty line that is not part of it, and a GET of `ping`.
    Observes:   both answers.
    Differs:    a server may close the connection after the first answer.
    Look at:    a request line that is taken for granted, from the second request on.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("POST", page.echo, body=b"content") + b"\r\n")
    first = await conversation.answer(method="POST")
    assert first.body == b"content"
    if not conversation.is_gone:
        conversation.send(wire.bytes_of("GET", target.alive.path))
        following = await conversation.answer_if_any(method="GET")
        if following is not None:
            assert following.status == target.alive.status


@spec("http/several-empty-lines-are-taken-its-own-way", MAY, EMPTY_LINE)
async def test_how_several_empty_lines_are_taken(target, wire, facts):
    """
    How many empty lines before a request are passed over, and which kinds of them, is a fact.

    Sends:      before a GET of `ping`: two, three, ten and a hundred empty lines, a bare LF, a bare CR, a blank.
    Observes:   the statuses.
    """
    prefixes = {f"{count} empty lines": b"\r\n" * count for count in (2, 3, 10, 100)}
    prefixes |= {"a bare LF": b"\n", "a bare CR": b"\r", "a blank": b" ", "a line of a blank": b" \r\n"}
    for name, prefix in prefixes.items():
        conversation = await wire.open()
        conversation.send(prefix + wire.bytes_of("GET", target.alive.path) + wire.bytes_of("GET", target.alive.path))
        facts[name] = outcome(await conversation.answer_if_any(method="GET"))
    await wire.ping()


@spec(
    "http/what-waits-is-worked-on-its-own-way",
    MAY,
    PARALLEL,
    needs=["asynchronous.path"],
    lasts=lambda target: 3 * target.asynchronous.delay,
)
async def test_whether_pipelined_delays_add_up(target, wire, facts):
    """
    Whether the delays of pipelined requests add up, or run side by side, is a fact.

    Sends:      in one piece, three GETs of the delayed page.
    Observes:   how many delays it takes until the last of them is answered.
    """
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("GET", target.asynchronous.path) for _ in range(3)))
    answers = await answers_to(conversation, "GET", "GET", "GET")
    facts["answered"] = len(answers)
    facts["delays until the last"] = round((answers[-1].last_at - answers[0].sent_at) / delay(target)) if answers else 0
    await wire.ping()
