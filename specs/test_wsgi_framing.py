"""
WSGI, where an answer ends: its length, its chunks, and what has no body whatever the application gives.
"""

from harness import MUST, SHOULD, NotOffered, pep, rfc, spec
from specs.wsgi_reports import PATIENCE, below, saying

LENGTH = "Handling the Content-Length Header"

ITERABLE = pep(
    3333, "Specification Details", "the application object must always return an iterable yielding zero or more"
)
ENDS = pep(3333, LENGTH, "The simplest of these is to close the client connection when the response is completed.")
ANNOUNCED = pep(3333, LENGTH, "If the application supplies a Content-Length header")
COMPLY = pep(3333, LENGTH, "fall back to one of the other strategies for dealing with the absence of Content-Length")
WRITTEN = pep(3333, "The write() Callable", "treated exactly as though it had been yielded by the output iterable")
HEAD = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
METHOD = pep(3333, "environ Variables", "This cannot ever be an empty string, and so is always required.")
CLOSE = pep(3333, "Specification Details", "must call that method upon completion of the current request")
OLDER = rfc(9112, "6.1", "A server MUST NOT send a response containing Transfer-Encoding unless")
NOT_MODIFIED = rfc(9110, "15.4.5")
CONTINUE = pep(3333, "HTTP 1.1 Expect/Continue", 'must provide transparent support for HTTP 1.1\'s "expect/continue"')
FILES = pep(3333, "Optional Platform-Specific File Handling", "should begin at the current position within the")
NO_DELAY = pep(3333, "Buffering and Streaming", "must not delay the transmission of any block")
CLOSED = pep(3333, "Specification Details", "whether the request was completed normally, or terminated early")

#: What /stream gives in a block, and how many of them are asked for: 4 MiB.
BLOCK, BLOCKS = 65536, 64


@spec("wsgi/an-answer-without-blocks-is-whole", MUST, ITERABLE)
async def test_an_answer_without_blocks_is_whole(page, wire):
    """
    An application that gives no block at all, or only empty ones, has given an empty body: the answer has an end.

    Sends:      one GET each of pages that return nothing, in several ways, with a length of 0 and without one.
    Observes:   status, body, and that the answer is whole within 3 s.
    Look at:    a header that leaves with the first byte of the body.
    """
    for said in (
        {"blocks": []},
        {"blocks": [b""]},
        {"blocks": [b"", b""], "by": "generator"},
        {"blocks": [], "length": 0},
        {"blocks": [b"", b""], "by": "write"},
    ):
        answer = await wire.get(saying(page, **said), within=PATIENCE)

        assert answer.status == 200
        assert answer.complete, answer.problem
        assert answer.body == b""


@spec("wsgi/every-kind-of-iterable-is-an-answer", MUST, ITERABLE)
async def test_every_kind_of_iterable_is_an_answer(page, wire):
    """
    Lists, tuples, iterators, generators, and what only has indices: whatever can be iterated over is a body.

    Sends:      one GET each of pages that return three blocks as such a thing.
    Observes:   status and body.
    Look at:    len() of what has no length; a type that is asked for.
    """
    for by in ("list", "tuple", "iterator", "generator", "steps"):
        answer = await wire.get(saying(page, blocks=[b"one\n", b"two\n", b"three\n"], by=by))

        assert answer.status == 200
        assert answer.body == b"one\ntwo\nthree\n"
        assert answer.complete, answer.problem


@spec("wsgi/an-answer-without-a-length-has-an-end", MUST, ENDS)
async def test_an_answer_without_a_length_has_an_end(page, wire):
    """
    Where no length was announced the end is told some other way, and what follows on the connection is not spoiled.

    Sends:      a GET of a page that gives blocks without a length; on the same connection, unless the server closes it,
                another.
    Observes:   both bodies, and that both are whole.
    Differs:    chunks, a length that the server finds out, or the end of the connection.
    """
    conversation = await wire.open()
    path = saying(page, blocks=[b"one\n", b"two\n"], by="generator")
    conversation.request("GET", path)
    first = await conversation.answer(within=PATIENCE)
    conversation.request("GET", path)
    second = await conversation.answer_if_any(within=PATIENCE)

    assert first.complete, first.problem
    assert first.body == b"one\ntwo\n"
    if second is not None:
        assert second.complete, second.problem
        assert second.body == b"one\ntwo\n"


@spec("wsgi/an-announced-length-is-the-answers", MUST, ANNOUNCED)
async def test_an_announced_length_is_the_answers(page, wire):
    """
    The length that an application announces is the answer's, whatever blocks make it up.

    Sends:      one GET each of pages that announce 8 bytes, and return, yield or write them.
    Observes:   Content-Length, framing and body.
    Look at:    chunks beside a length.
    """
    for by in ("list", "generator", "write"):
        answer = await wire.get(saying(page, blocks=[b"one\n", b"", b"two\n"], length=8, by=by))

        assert answer.fields.all("Content-Length") == ["8"]
        assert answer.framing == "length"
        assert answer.body == b"one\ntwo\n"


@spec("wsgi/empty-writes-leave-no-trace", MUST, WRITTEN)
async def test_empty_writes_leave_no_trace(page, wire):
    """
    write() of nothing adds nothing, before, between and after blocks.

    Sends:      one GET of a page that writes empty blocks among others.
    Observes:   status and body.
    Look at:    in chunked coding a chunk without bytes would end the answer.
    """
    blocks = [b"", b"one\n", b"", b"two\n", b"", b"three\n"]
    answer = await wire.get(saying(page, blocks=blocks, by="write"), within=PATIENCE)

    assert answer.status == 200
    assert answer.body == b"one\ntwo\nthree\n"
    assert answer.complete, answer.problem


@spec("wsgi/head-reaches-the-application-as-head", SHOULD, METHOD)
async def test_head_reaches_the_application_as_head(page, wire):
    """
    A HEAD is the application's to answer: it is called, told HEAD, and its status and fields are those of the answer.

    Sends:      one HEAD.
    Observes:   status and fields, one of which says the method that the application was told.
    Differs:    a server that needs the body to find the fields may tell the application GET (mod_wsgi does, with some
                filters).
    """
    answer = await wire.head(saying(page, status="503 As Asked", blocks=[b"body\n"], method=""))

    assert answer.status == 503
    assert answer.fields.get("X-Web60-Method") == "HEAD"


@spec("wsgi/head-has-no-body", MUST, HEAD)
async def test_head_has_no_body(page, wire):
    """
    Of a HEAD no byte of the body is sent, though the application gives one, in each of its ways.

    Sends:      HEADs of pages that return, yield and write a body; behind each, on the same connection, a GET.
    Observes:   that nothing stands between the answers; if the server closes, that nothing follows the first.
    Differs:    whether the connection is kept; whether HEAD has a Content-Length.
    """
    for said in ({"by": "list"}, {"by": "generator"}, {"by": "write"}, {"by": "list", "length": 10}):
        path = saying(page, blocks=[b"the ", b"body\n", b"\n"], **said)
        conversation = await wire.open()
        conversation.request("HEAD", path)
        head = await conversation.answer(within=PATIENCE)
        conversation.request("GET", path)
        after = await conversation.answer_if_any(within=PATIENCE)

        assert head.status == 200
        if after is None:
            assert conversation.received == head.raw
        else:
            assert after.body == b"the body\n\n"


@spec("wsgi/close-is-called-once-after-head", MUST, CLOSE, witnesses=("asset-events",))
async def test_close_is_called_once_after_head(target, page, wire, clock, events):
    """
    The iterable of an answer to HEAD is closed, once, whether it was used up or not.

    Sends:      one HEAD, on a connection that stays open.
    Observes:   the application's own record of its call, for the profile's `quiet` after the first close().
    """
    token = target.token()
    conversation = await wire.open()
    conversation.request("HEAD", below(page, "/drip?blocks=3&gap=0&id={id}"), id=token)
    await conversation.answer()
    await events.wait("close", token, within=PATIENCE)
    await clock.sleep(target.timing.quiet, "a second close()")
    await events.settle()

    assert [event.name for event in events.of(token) if event.name != "done"] == ["start", "close"]


@spec("wsgi/not-modified-has-no-body", SHOULD, NOT_MODIFIED)
async def test_not_modified_has_no_body(page, wire):
    """
    A 304 is sent without the body that the application gave with it.

    Sends:      a GET of such a page, and on the same connection another page.
    Observes:   that nothing stands between the answers; if the server closes, that nothing follows the first.
    Differs:    a server may answer the application's mistake with an error.
    """
    conversation = await wire.open()
    conversation.request("GET", saying(page, status="304 Not Modified", blocks=[b"nothing to see\n"]))
    first = await conversation.answer(within=PATIENCE)
    conversation.request("GET", below(page, "/ping"))
    after = await conversation.answer_if_any(within=PATIENCE)

    if first.status == 304:
        assert b"nothing to see" not in conversation.received
    if after is not None:
        assert after.body == b"pong\n"


@spec("wsgi/no-chunks-for-an-older-client", MUST, OLDER)
async def test_no_chunks_for_an_older_client(page, wire):
    """
    A client that speaks HTTP/1.0 gets no chunks, however long the application leaves the length open.

    Sends:      one GET of HTTP/1.0 each of pages that yield and that write their body.
    Observes:   the fields, and all bytes until the end of the connection.
    """
    for by in ("generator", "write"):
        request = wire.bytes_of("GET", saying(page, blocks=[b"one\n", b"two\n", b"three\n"], by=by))
        conversation = await wire.open()
        conversation.send(request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1))
        answer = await conversation.answer(within=PATIENCE)

        assert "Transfer-Encoding" not in answer.fields
        assert answer.body == b"one\ntwo\nthree\n"


@spec("wsgi/expect-continue-is-handled", MUST, CONTINUE, lasts=lambda target: target.timing.slack)
async def test_expect_continue_is_handled(target, page, wire, clock, facts):
    """
    A client that waits for 100 before it sends its body comes to its answer, and the application to the body.

    Sends:      a POST with Expect: 100-continue and a length; its body after the 100, or after the profile's `slack`.
    Observes:   the body that the application read, in the final answer.
    Differs:    a server may leave the client to find out that no 100 comes; which it does is recorded.
    """
    whole = wire.bytes_of("POST", below(page, "/echo"), body=b"at last", fields=[("Expect", "100-continue")])
    conversation = await wire.open()
    conversation.send(whole.removesuffix(b"at last"))
    patience = clock.now() + target.timing.slack
    while not (conversation.received or conversation.is_gone or clock.now() > patience):
        await clock.sleep(0.01, "100 Continue")
    facts["says 100"] = conversation.received.startswith(b"HTTP/1.1 100 ")
    if not conversation.is_gone:
        conversation.send(b"at last")
    answer = await conversation.answer(method="POST", within=PATIENCE)

    if answer.status != 417:
        assert answer.status == 200
        assert answer.body == b"at last"


@spec("wsgi/a-file-is-sent-from-where-it-stands", MUST, FILES)
async def test_a_file_is_sent_from_where_it_stands(page, wire):
    """
    wsgi.file_wrapper, where there is one, sends the rest of a file, from its current position to its end.

    Sends:      one GET each of a page that wraps a real file, and what is only like one, at its start and further on.
    Observes:   the bodies.
    Differs:    a server need not have it.
    Look at:    sendfile(), which begins where it is told to, and knows the file's whole length.
    """
    data = b"%06d\n" * 1000 % tuple(range(1000))
    for kind in ("real", "like"):
        for start in (0, 7, 3500, 7000):
            answer = await wire.get(below(page, f"/file?kind={kind}&start={start}"), within=PATIENCE)
            if answer.status == 404:
                message = "there is no wsgi.file_wrapper"
                raise NotOffered(message)

            assert answer.status == 200
            assert answer.body == data[start:]
            assert answer.complete, answer.problem


@spec("wsgi/a-large-answer-arrives-whole", MUST, NO_DELAY, busy=True, reads=8 * 2**20)
async def test_a_large_answer_arrives_whole(page, wire):
    """
    4 MiB in blocks of 64 KiB arrive, each of them once and in its place.

    Sends:      one GET of a page that gives numbered blocks.
    Observes:   the length of the body, and each block.
    Look at:    what is done with a block that the connection does not take at once.
    """
    answer = await wire.get(below(page, f"/stream?blocks={BLOCKS}"))

    assert answer.complete, answer.problem
    assert len(answer.body) == BLOCKS * BLOCK
    for number in range(BLOCKS):
        whole = answer.body.startswith(b"%015d\n" % number, number * BLOCK)
        assert whole, f"block {number} of {BLOCKS} is not in its place"


@spec("wsgi/an-application-cannot-end-the-server", SHOULD, CLOSED)
async def test_an_application_cannot_end_the_server(page, wire):
    """
    An application that calls sys.exit() ends its own call, and nothing else.

    Sends:      one GET of a page that raises SystemExit; then a ping.
    Observes:   that it is not answered with success, and that the application answers others afterwards.
    Look at:    `except Exception`, which SystemExit is none of.
    """
    conversation = await wire.open()
    conversation.request("GET", below(page, "/raise/exit"))
    answer = await conversation.answer_if_any(within=PATIENCE)

    assert answer is None or answer.status // 100 == 5
    await wire.ping()
    after = await wire.get(below(page, "/ping"))
    assert after.body == b"pong\n"
