"""
WSGI, the input: ways of reading beyond those that every application takes, and bodies that nobody reads.
"""

from harness import MUST, SHOULD, pep, spec
from specs.wsgi_reports import below, report

STREAMS = "Input and Error Streams"

MIXED = pep(3333, STREAMS, "The semantics of each method are as documented in the Python Library Reference")
REST = pep(3333, STREAMS, "allow read() to be called without an argument, and return the remainder")
EMPTY = pep(3333, STREAMS, "return empty bytestrings from any attempt to read from an empty or exhausted")
SIZES = pep(3333, STREAMS, 'should support the optional "size" argument to readline()')
NOT_REQUIRED = pep(3333, STREAMS, "The server is not required to read past the client's specified")
CODINGS = pep(3333, "Other HTTP Features", 'must handle any supported inbound "hop-by-hop" headers on their own')

#: Lines, one of them empty, one of all bytes, and one that is longer than what is asked for at a time.
BODY = b"first line\n\n" + bytes(range(256)) + b"\r\n" + b"long " * 500 + b"\nthe last line\n"

#: Seconds after which a read that has nothing to wait for is taken for hanging.
AT_ONCE = 2.0


@spec("wsgi/ways-of-reading-may-be-mixed", MUST, MIXED)
async def test_ways_of_reading_may_be_mixed(page, wire):
    """
    read(), readline() and iteration go on where the one before them stopped.

    Sends:      one POST of lines, read by 3 bytes, a line, a step of the iteration, and what is left.
    Observes:   what the application read.
    Look at:    a buffer that one way of reading fills, and another does not know of.
    """
    seen = report(await wire.post(below(page, "/body/mixed"), BODY, within=AT_ONCE))

    assert seen["body"].encode("latin-1") == BODY
    assert seen["pieces"][:3] == [3, 8, 1]


@spec("wsgi/read-without-a-size-gives-the-rest", SHOULD, REST)
async def test_read_without_a_size_gives_the_rest(page, wire):
    """
    read() without a size gives all there is of the body, and does not wait for more.

    Sends:      one POST, on a connection that stays open.
    Observes:   what the application read, within 2 s.
    Look at:    whether the input is the connection itself.
    """
    seen = report(await wire.post(below(page, "/body/all"), BODY, within=AT_ONCE))

    assert seen["body"].encode("latin-1") == BODY


@spec("wsgi/readline-takes-a-size", SHOULD, SIZES)
async def test_readline_takes_a_size(page, wire):
    """
    readline(n) gives the next line, or as much of it as n bytes are.

    Sends:      one POST of lines, read by readline(100).
    Observes:   what the application read, and in which pieces.
    Differs:    PEP 3333 lets a server do without the size.
    Look at:    a size that is taken for that of the buffer.
    """
    seen = report(await wire.post(below(page, "/body/readline-size?size=100"), BODY, within=AT_ONCE))

    expected = []
    for line in BODY[:-1].split(b"\n"):
        whole = len(line) + 1
        expected += [100] * (whole // 100) + ([whole % 100] if whole % 100 else [])
    assert seen["body"].encode("latin-1") == BODY
    assert seen["pieces"] == expected


@spec("wsgi/reading-nothing-gives-nothing", SHOULD, EMPTY)
async def test_reading_nothing_gives_nothing(page, wire):
    """
    Where there is no body every way of reading ends at once, with nothing.

    Sends:      a GET, and a POST of an empty body, on connections that stay open.
    Observes:   what read(), readline(), readlines() and iteration gave the application, within 2 s.
    Look at:    a length that is not there, and is taken for "up to the end of the connection".
    """
    path = below(page, "/body/nothing")
    answers = [await wire.get(path, within=AT_ONCE), await wire.post(path, b"", within=AT_ONCE)]

    for answer in answers:
        seen = report(answer)
        assert {way: "".join(pieces) for way, pieces in seen.items()} == dict.fromkeys(seen, "")


@spec("wsgi/a-body-that-nobody-reads-is-no-request", MUST, NOT_REQUIRED)
async def test_a_body_that_nobody_reads_is_no_request(page, wire):
    """
    What an application leaves unread of a body is never taken for the next request.

    Sends:      a POST, whose body is a request of its own, of a page that does not read it; then, on the same
                connection, unless the server closes it, a GET.
    Observes:   that what comes is the two answers, and nothing else.
    Look at:    who throws away what is left of a body before the connection is used again.
    """
    smuggled = wire.bytes_of("GET", below(page, "/status/418"))
    conversation = await wire.open()
    conversation.request("POST", below(page, "/hello"), body=smuggled * 3)
    first = await conversation.answer()
    conversation.request("GET", below(page, "/ping"))
    second = await conversation.answer_if_any()

    assert first.status == 200
    assert b"as asked" not in conversation.received
    if second is not None:
        assert second.body == b"pong\n"
    await wire.ping()


@spec("wsgi/chunks-never-reach-the-application", MUST, CODINGS)
async def test_chunks_never_reach_the_application(page, wire, facts):
    """
    A body that comes in chunks reaches the application without their sizes, or is refused.

    Sends:      one POST in three chunks, read by read() without a size.
    Observes:   what the application read, or a status of 4xx or 501; what it was told of the length is recorded.
    Differs:    a server need not take chunks.  One that tells no length should set wsgi.input_terminated, by which many
                applications know that they may read to the end: without either they find an empty body.
    """
    head = wire.bytes_of("POST", below(page, "/body/all"), fields=[("Transfer-Encoding", "chunked")])
    conversation = await wire.open()
    conversation.send(head + b"4\r\none\n\r\n4;a=b\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n\r\n")
    answer = await conversation.answer(method="POST", within=AT_ONCE)

    facts["status"] = answer.status
    if answer.status == 200:
        seen = report(answer)
        facts["told"] = {"CONTENT_LENGTH": seen["length"], **seen["flags"]}
        facts["read"] = seen["body"]
        assert seen["body"] in ("one\ntwo\nthree\n", "")
    else:
        assert answer.status in (*range(400, 500), 501)
    await wire.ping()
