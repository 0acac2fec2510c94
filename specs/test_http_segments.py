"""
HTTP: the same request is the same request, however it is cut up on its way and however its fields are spelled.
"""

import json
from itertools import pairwise

from harness import MUST, rfc, spec
from specs.exchanges import NOWHERE, answers_to, exchange, in_chunks, sent_in_pieces

STREAM = rfc(9112, "9", "HTTP only presumes a reliable transport with in-order delivery of requests")
CHUNKED = rfc(9112, "7.1", "A recipient MUST be able to parse and decode the chunked transfer coding.")
IN_ORDER = rfc(
    9112,
    "9.3.2",
    "MUST send the corresponding responses in the same order that the requests were received",
)
ANY_CASE = rfc(9110, "5.1", "Field names are case-insensitive")
REPEATED = rfc(9110, "5.3", "The order in which field lines with the same name are received is therefore significant")

CONTENT = b"the content"


def with_lines(wire, page, *lines, body=CONTENT):
    """The bytes of a POST to `echo` with these field lines in place of its length."""
    whole = wire.bytes_of("POST", page.echo, fields=[("Transfer-Encoding", "none")])
    return whole.replace(b"Transfer-Encoding: none\r\n", b"".join(line + b"\r\n" for line in lines)) + body


def seen(answer, name):
    """What the page `asked` says of the fields with this name."""
    return [value for key, value in json.loads(answer.body)["fields"] if key.lower() == name.lower()]


@spec("http/byte-by-byte-is-the-same-request", MUST, STREAM)
async def test_byte_by_byte_is_the_same_request(target, page, wire, clock):
    """
    A request that arrives byte by byte is answered as it is in one piece.

    Sends:      a GET of `ping`, a POST to `echo` with a length and one in chunks, each byte by byte.
    Observes:   the answers.
    Look at:    a line, a number or a line end that is expected in one piece.
    """
    requests = (
        ("GET", wire.bytes_of("GET", target.alive.path)),
        ("POST", wire.bytes_of("POST", page.echo, body=CONTENT)),
        ("POST", in_chunks(wire, page.echo, CONTENT, CONTENT, trailer=b"X-Trailer: seen\r\n")),
    )
    answers = []
    for method, request in requests:
        conversation = await wire.open()
        await sent_in_pieces(conversation, clock, (request[place : place + 1] for place in range(len(request))))
        answers.append(await conversation.answer(method=method))

    assert answers[0].status == target.alive.status
    assert answers[1].body == CONTENT
    assert answers[2].body == CONTENT * 2


@spec("http/field-names-count-in-any-case", MUST, ANY_CASE)
async def test_field_names_count_in_any_case(page, wire):
    """
    A field means the same in lower case, in upper case and in both.

    Sends:      POSTs to `echo` with the length, the coding and the end of the connection in other cases.
    Observes:   the bodies of the answers, and that the connection with `close` ends.
    Look at:    names that are compared byte by byte.
    """
    requests = {
        "content-length": with_lines(wire, page, b"content-length: 11"),
        "CONTENT-LENGTH": with_lines(wire, page, b"CONTENT-LENGTH: 11"),
        "cOnTeNt-LeNgTh": with_lines(wire, page, b"cOnTeNt-LeNgTh: 11"),
        "transfer-encoding": with_lines(
            wire, page, b"transfer-encoding: chunked", body=b"b\r\n%s\r\n0\r\n\r\n" % CONTENT
        ),
        "host": wire.bytes_of("POST", page.echo, body=CONTENT).replace(b"\r\nHost:", b"\r\nhOST:"),
    }
    for name, request in requests.items():
        answer = await exchange(wire, request, "POST")
        assert answer is not None, f"{name}: the connection was closed without an answer"
        assert answer.status == 200, f"{name}: answered {answer.status}"
        assert answer.body == CONTENT, f"{name}: {answer.body!r} came back"
    conversation = await wire.open()
    conversation.send(with_lines(wire, page, b"CONNECTION: close", b"Content-Length: 11"))
    await conversation.answer(method="POST")
    await conversation.gone()


@spec("http/repeated-fields-keep-their-order", MUST, REPEATED, needs=["asked"])
async def test_repeated_fields_keep_their_order(page, wire):
    """
    The values of a name that occurs several times are those that were sent, in their order.

    Sends:      a GET of `asked` with three fields of one name, in different cases, and others between them.
    Observes:   the values that the page was given, joined by commas.
    Differs:    whether they come as one or as three.
    Look at:    a table that keeps the last one, or sorts them.
    """
    fields = [("X-Web60", "zebra"), ("X-Other", "o"), ("x-web60", "ant"), ("X-WEB60", "cat, dog")]
    answer = await wire.get(page.asked, fields=fields)

    assert answer.status == 200
    assert [one.strip() for one in ",".join(seen(answer, "X-Web60")).split(",")] == ["zebra", "ant", "cat", "dog"]


def contents():
    """Contents, among them many that look like what stands between requests."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    ends = (b"\r\n", b"\n", b"\r", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\0")
    piece = st.binary(min_size=1, max_size=40) | st.sampled_from(ends)
    return st.lists(st.lists(piece, min_size=1, max_size=4).map(b"".join), max_size=4)


def cut_requests():
    """Pieces of a content, whether they are chunks, a value of a field, and the places where the request is cut."""
    from hypothesis import strategies as st  # noqa: PLC0415 - as above

    value = st.text("abc XYZ:;,=\t\"'", max_size=20).map(str.strip)
    places = st.lists(st.integers(0, 400), max_size=12)
    return st.tuples(contents(), st.booleans(), value, places)


@spec("http/wherever-it-is-cut-it-is-the-same-request", MUST, STREAM, examples=cut_requests)
async def test_wherever_it_is_cut_it_is_the_same_request(page, wire, clock, example):
    """
    A request that is cut into segments anywhere is answered as it is in one piece.

    Sends:      a POST to `echo`, its content, its framing and one of its fields generated; once in one piece, once cut
                at generated places.
    Observes:   the status and the body of both answers.
    Look at:    what is kept of one segment until the next one comes.
    """
    pieces, chunks, value, places = example
    pieces = [piece for piece in pieces if piece]
    fields = [("X-Web60", value)]
    content = b"".join(pieces)
    request = (
        in_chunks(wire, page.echo, *pieces, fields=fields)
        if chunks
        else wire.bytes_of("POST", page.echo, fields=fields, body=content)
    )
    cuts = sorted({0, len(request), *(place % len(request) for place in places)})
    conversation = await wire.open()
    await sent_in_pieces(conversation, clock, (request[cut:end] for cut, end in pairwise(cuts)))
    in_pieces = await conversation.answer(method="POST")
    whole = await exchange(wire, request, "POST")

    assert whole is not None, "in one piece: the connection was closed without an answer"
    assert (whole.status, whole.body) == (200, content)
    assert (in_pieces.status, in_pieces.body) == (200, content)


@spec("http/any-content-in-any-chunks-arrives", MUST, CHUNKED, examples=contents)
async def test_any_content_in_any_chunks_arrives(page, wire, example):
    """
    Whatever the content, and into whichever chunks it is cut, it arrives as it was.

    Sends:      a POST to `echo` in the chunked coding, its chunks generated.
    Observes:   the body of the answer.
    Look at:    line ends in a chunk.
    """
    pieces = [piece for piece in example if piece]
    answer = await exchange(wire, in_chunks(wire, page.echo, *pieces), "POST")

    assert answer is not None, "the connection was closed without an answer"
    assert answer.status == 200
    assert answer.body == b"".join(pieces)


def sequences():
    """Kinds of requests, with a content each, and the places where their bytes are cut."""
    from hypothesis import strategies as st  # noqa: PLC0415 - as above

    request = st.tuples(st.sampled_from(("ping", "head", "length", "chunks", "nowhere")), st.binary(max_size=60))
    return st.tuples(st.lists(request, min_size=1, max_size=8), st.lists(st.integers(0, 2000), max_size=8))


@spec("http/any-sequence-of-requests-is-answered-in-order", MUST, IN_ORDER, examples=sequences)
async def test_any_sequence_of_requests_is_answered_in_order(target, page, wire, clock, example):
    """
    Whatever requests follow each other on a connection, each gets its own answer, in their order.

    Sends:      up to eight requests on one connection, without waiting for answers: GETs and HEADs of `ping`, POSTs to
                `echo` with a length and in chunks, GETs of a path that does not exist; their order, contents and where
                they are cut are generated.
    Observes:   the answers in their order, and every byte that comes.
    Differs:    a server may close the connection after any answer, and so leave the others out.
    Look at:    what is left of one request when the next one begins.
    """
    kinds, places = example
    made = {
        "ping": lambda _: ("GET", wire.bytes_of("GET", target.alive.path)),
        "head": lambda _: ("HEAD", wire.bytes_of("HEAD", target.alive.path)),
        "length": lambda content: ("POST", wire.bytes_of("POST", page.echo, body=content)),
        "chunks": lambda content: ("POST", in_chunks(wire, page.echo, *([content] if content else []))),
        "nowhere": lambda _: ("GET", wire.bytes_of("GET", NOWHERE)),
    }
    methods, requests = zip(*(made[kind](content) for kind, content in kinds), strict=True)
    sent = b"".join(requests)
    cuts = sorted({0, len(sent), *(place % len(sent) for place in places)})
    conversation = await wire.open()
    await sent_in_pieces(conversation, clock, (sent[cut:end] for cut, end in pairwise(cuts)))
    answers = await answers_to(conversation, *methods)

    assert len(answers) >= 1
    for (kind, content), answer in zip(kinds, answers, strict=False):
        assert answer.complete, answer.problem
        assert answer.status == {"ping": target.alive.status, "head": target.alive.status, "nowhere": 404}.get(
            kind, 200
        )
        if kind in ("length", "chunks"):
            assert answer.body == content
    assert conversation.received == b"".join(answer.raw for answer in answers)
