"""
HTTP: who asks before sending a content is told to go on, and who does not wait is served as well.
"""

from harness import MAY, MUST, rfc, spec
from specs.exchanges import answers_to, exchange, in_chunks, older, outcome

MUST_SEND = rfc(9110, "10.1.1", "MUST NOT wait for the content before sending the 100 (Continue) response")
ULTIMATELY = rfc(9110, "10.1.1", "MUST ultimately send a final status code")
MAY_PROCEED = rfc(9110, "10.1.1", "a client MAY proceed to send the content even if it has not yet received")
IGNORED = rfc(9110, "10.1.1", "receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation")
ANY_CASE = rfc(9110, "10.1.1", "The Expect field value is case-insensitive.")
IN_ORDER = rfc(9112, "9.2", "it relies on the order of response arrival to correspond exactly to the order")
UNKNOWN = rfc(9110, "10.1.1", "MAY respond with a 417 (Expectation Failed) status code")
NOT_FOR_NOTHING = rfc(9110, "10.1.1", "MAY omit sending a 100 (Continue) response")

CONTENT = b"sent as soon as it is welcome"


async def asked(wire, page, expectation="100-continue", content=CONTENT):
    """A connection on which a POST to `echo` asks whether it may go on, once the server has said a word."""
    head = wire.bytes_of("POST", page.echo, fields=[("Expect", expectation)], body=content)
    conversation = await wire.open()
    conversation.send(head.removesuffix(content))
    said = await conversation.seen(rb"HTTP/1.. (\d\d\d)")
    return conversation, said and int(said[1])


async def is_told_to_go_on(wire, page, expectation="100-continue"):
    """Whoever asks is told 100, sends, and gets an answer; or is refused at once."""
    conversation, status = await asked(wire, page, expectation)
    assert status is not None, "the connection ended without a word"
    if status != 100:
        assert status in range(400, 500)
        return
    conversation.send(CONTENT)
    answer = await conversation.answer(method="POST")

    assert answer.informational == (100,)
    assert answer.status == 200
    assert answer.body == CONTENT


@spec("http/continue-is-sent-before-the-content-comes", MUST, MUST_SEND)
async def test_continue_is_sent_before_the_content_comes(page, wire):
    """
    A client that waits to be told to go on is told so, and then gets its answer.

    Sends:      the header of a POST to `echo` with `Expect: 100-continue`; the content once 100 has come.
    Observes:   100 before the content, once; the final answer behind it.
    Differs:    a server may refuse the request instead (417, 413, 405), at once.
    Look at:    a server that waits for the content while the client waits for it: curl gives up after a second.
    """
    await is_told_to_go_on(wire, page)


@spec("http/expectation-counts-in-any-case", MUST, ANY_CASE)
async def test_an_expectation_counts_in_any_case(page, wire):
    """
    "100-Continue" is the same expectation.

    Sends:      the header of a POST to `echo` with `Expect: 100-Continue`; the content once 100 has come.
    Observes:   100 before the content, once; the final answer behind it.
    Differs:    a server may refuse the request instead, at once.
    Look at:    the value compared byte by byte.
    """
    await is_told_to_go_on(wire, page, "100-Continue")


@spec("http/content-that-does-not-wait-is-taken", MUST, MAY_PROCEED)
async def test_content_that_does_not_wait_is_taken(page, wire):
    """
    Who asks, and sends the content without waiting, is served all the same; so is the next request.

    Sends:      in one piece, a POST to `echo` with `Expect: 100-continue`, its content, and another POST.
    Observes:   the answers, with or without a 100 before the first.
    Differs:    a server may refuse the first with 417; it may close the connection after that answer.
    Look at:    a content that is taken for the next request, because nobody had been told to send it.
    """
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("POST", page.echo, fields=[("Expect", "100-continue")], body=CONTENT)
        + wire.bytes_of("POST", page.echo, body=b"the next one")
    )
    first, *others = await answers_to(conversation, "POST", "POST")

    assert first.status in (200, 417)
    if first.status == 200:
        assert first.body == CONTENT
    for following in others:
        assert following.body == b"the next one"
    assert conversation.received == first.raw + b"".join(following.raw for following in others)


@spec("http/continue-is-followed-by-a-final-answer", MUST, ULTIMATELY)
async def test_continue_is_followed_by_a_final_answer(page, wire):
    """
    After 100 the request goes on as any other: its content may come in chunks and in its own time.

    Sends:      the header of a POST to `echo` in the chunked coding, with `Expect: 100-continue`; once 100 has come,
                chunk after chunk.
    Observes:   the final answer, with one 100 before it.
    Differs:    a server may refuse the request instead, at once.
    Look at:    one 100 for every chunk; a framing that is chosen before the expectation is met and not after it.
    """
    head, _, coded = in_chunks(wire, page.echo, b"one", b"two", fields=[("Expect", "100-continue")]).partition(
        b"\r\n\r\n"
    )
    conversation = await wire.open()
    conversation.send(head + b"\r\n\r\n")
    said = await conversation.seen(rb"HTTP/1.. (\d\d\d)")
    assert said is not None, "the connection ended without a word"
    if int(said[1]) != 100:
        assert int(said[1]) in range(400, 500)
        return
    for piece in coded.splitlines(keepends=True):
        conversation.send(piece)
    answer = await conversation.answer(method="POST")

    assert answer.informational == (100,)
    assert answer.status == 200
    assert answer.body == b"onetwo"


@spec("http/http-1-0-is-not-told-to-continue", MUST, IGNORED)
async def test_http_1_0_is_not_told_to_continue(page, wire):
    """
    A client of HTTP/1.0 would take 100 for its answer: it never gets one.

    Sends:      a POST to `echo` with `Expect: 100-continue` in HTTP/1.0.
    Observes:   every byte that comes.
    Look at:    an expectation that is met before the version is looked at.
    """
    request = older(wire.bytes_of("POST", page.echo, fields=[("Expect", "100-continue")], body=CONTENT))
    answer = await exchange(wire, request, "POST")

    assert answer is not None, "the connection was closed without an answer"
    assert answer.informational == ()
    assert answer.status == 200
    assert answer.body == CONTENT


@spec(
    "http/continue-waits-for-its-turn",
    MUST,
    IN_ORDER,
    needs=["asynchronous.path"],
    lasts=lambda target: target.asynchronous.delay,
)
async def test_continue_waits_for_its_turn(target, page, wire):
    """
    100 belongs to its request: it does not come before the answer to the request ahead of it.

    Sends:      in one piece, a GET of the delayed page and the header of a POST to `echo` that expects 100; its content
                once the first is answered and 100 has come.
    Observes:   whether a 100 stands before the first answer.
    Differs:    a server may close the connection after the first answer.
    Look at:    100 sent by whoever reads, while the answers are sent by others.
    """
    post = wire.bytes_of("POST", page.echo, fields=[("Expect", "100-continue")], body=CONTENT)
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", target.asynchronous.path) + post.removesuffix(CONTENT))
    delayed = await conversation.answer(method="GET")

    assert delayed.informational == ()
    assert delayed.status == 200
    if not conversation.is_gone:
        conversation.send(CONTENT)
        answer = await conversation.answer_if_any(method="POST")
        if answer is not None:
            assert answer.body == CONTENT


@spec("http/unknown-expectations-are-met-its-own-way", MAY, UNKNOWN)
async def test_how_unknown_expectations_are_met(page, wire, facts):
    """
    What becomes of an expectation that nobody knows, or that is one of several, is a fact.

    Sends:      POSTs to `echo` with `Expect: web60`, with `100-continue, web60`, and with `web60, 100-continue`.
    Observes:   the statuses, informational ones too.
    """
    for expectation in ("web60", "100-continue, web60", "web60, 100-continue"):
        request = wire.bytes_of("POST", page.echo, fields=[("Expect", expectation)], body=CONTENT)
        answer = await exchange(wire, request, "POST")
        before = [] if answer is None else list(answer.informational)
        facts[expectation] = [*before, outcome(answer)]
    await wire.ping()


@spec("http/continue-is-sent-in-its-own-cases", MAY, NOT_FOR_NOTHING)
async def test_when_continue_is_sent(target, page, wire, facts):
    """
    Whether 100 is sent where it may be left out is a fact.

    Sends:      with `Expect: 100-continue`: a GET without content, a POST with an empty one, POSTs with their content
                in the same piece, to `echo` and to a path that does not exist.
    Observes:   the statuses, informational ones too; the bytes of the 100 itself.
    """
    expecting = [("Expect", "100-continue")]
    requests = {
        "no content": ("GET", wire.bytes_of("GET", target.alive.path, fields=expecting)),
        "empty content": ("POST", wire.bytes_of("POST", page.echo, fields=expecting, body=b"")),
        "content in the same piece": ("POST", wire.bytes_of("POST", page.echo, fields=expecting, body=CONTENT)),
        "an error": ("POST", wire.bytes_of("POST", "/web60-nowhere", fields=expecting, body=CONTENT)),
    }
    for name, (method, request) in requests.items():
        conversation = await wire.open()
        conversation.send(request)
        answer = await conversation.answer_if_any(method=method)
        before = [] if answer is None else list(answer.informational)
        facts[name] = [*before, outcome(answer)]
        if before:
            facts["the 100 itself"] = conversation.received.partition(b"\r\n\r\n")[0].decode("latin-1")
    await wire.ping()
