"""
Other request bodies, byte by byte: as they are framed, cut and delayed on their way, by a page that answers with them.
"""

import gzip
import re

from harness import MAY, MUST, SHOULD, NotOffered, rfc, spec, tutorial
from specs.forms import FORM, HUGE, LARGE, PARTS, chunked, in_parts, in_segments, numbered

ANY = tutorial("other-request-bodies", "get any request body, regardless of its format")
DIRECTLY = tutorial("other-request-bodies", "uses request.content to get the request's body directly")
PUT = tutorial("other-request-bodies", "Or even PUT requests?")
FRAMED = rfc(9112, "6", "The presence of a message body in a request is signaled")
CHUNKED = rfc(9112, "7.1")
CONTINUE = rfc(9110, "10.1.1")

#: All specs here ask the page that answers with the body's own bytes.
ECHO = ("http.echo",)

#: Every byte, in an order in which none follows its neighbour, and what ends lines and texts.
ALL_BYTES = bytes(at * 167 % 256 for at in range(256)) + bytes(range(256)) + b"\r\n\0\r\n\r\n\x1a\xff"

#: Seconds that a slow body takes on its way, in so many pieces.
SLOWLY, PIECES = 1.0, 5


def bodies_and_framings():
    """A body, the sizes of its chunks (none for a length), and where it is cut on its way."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    # What means something in framing is seldom met by chance.
    piece = st.binary(max_size=300) | st.sampled_from((b"\r\n", b"0\r\n\r\n", b"\0", b"GET / HTTP/1.1\r\n\r\n"))
    bodies = st.lists(piece, max_size=6).map(b"".join)
    sizes = st.none() | st.lists(st.integers(min_value=1, max_value=200), max_size=5)
    return st.tuples(bodies, sizes, st.lists(st.integers(min_value=1, max_value=400), max_size=4))


def in_chunks(answer):
    """The answer to a body in chunks; one that asks for a length instead is not offered."""
    if answer.status == 411:
        raise NotOffered("a body in chunks is answered 411 Length Required")
    return answer


def whole(answer):
    """The body of an answer that came whole."""
    assert answer.complete, answer.problem
    assert answer.status == 200
    return answer.body


@spec("other-request-bodies/every-byte-comes-through", MUST, ANY, needs=ECHO)
async def test_every_byte_comes_through(target, wire):
    """
    A body is bytes: each of the 256 comes through as it is, in its place.

    Sends:      POSTs of all bytes, without a type, as binary data, as text, as JSON.
    Observes:   the same bytes in the answer.
    Look at:    a body that is taken for text on the way; line ends that are made alike; an end at a NUL or ^Z.
    """
    for type_ in (None, "application/octet-stream", "text/plain; charset=utf-8", "application/json"):
        lines = [("Content-Type", type_)] if type_ else []
        answer = await wire.post(target.http.echo, ALL_BYTES, fields=lines)

        assert whole(answer) == ALL_BYTES


@spec("other-request-bodies/a-form-s-bytes-are-left-to-be-read", MUST, DIRECTLY, needs=ECHO)
async def test_a_form_s_bytes_are_left_to_be_read(target, wire):
    """
    The bytes of a form can be read though it is a form, from its first byte to its last.

    Sends:      POSTs of a form, urlencoded and in parts.
    Observes:   the same bytes in the answer.
    Look at:    a body that is read for its fields, and not wound back.
    """
    form, parts = b"a=1&b=%20+c&a=2", in_parts(("a", "one\r\ntwo"), ("b", ""))

    first = await wire.post(target.http.echo, form, fields=[FORM])
    second = await wire.post(target.http.echo, parts, fields=[PARTS])

    assert whole(first) == form
    assert whole(second) == parts


@spec("other-request-bodies/an-empty-body-is-empty", MUST, FRAMED, needs=ECHO)
async def test_an_empty_body_is_empty(target, wire):
    """
    A length of zero, no length, and no chunk but the last are all an empty body, at once.

    Sends:      a POST with a length of zero, one without, one whose only chunk is the last.
    Observes:   that the answers are empty.
    Differs:    a server may ask for a length (411) where there is none.
    Look at:    a read that waits for bytes that nobody announced.
    """
    zero = await wire.post(target.http.echo, b"")
    none = await wire.request("POST", target.http.echo)
    last = await wire.request("POST", target.http.echo, fields=[("Transfer-Encoding", "chunked")], body=chunked(b""))

    for answer in (zero, *(one for one in (none, last) if one.status != 411)):
        assert whole(answer) == b""


@spec("other-request-bodies/a-large-body-is-exact", MUST, ANY, needs=ECHO)
async def test_a_large_body_is_exact(target, wire):
    """
    A body of 300 KB is exact, whatever a server keeps of it in memory.

    Sends:      POSTs of 99,999, of 100,000 and of 300,000 bytes (Twisted keeps less than 100,000 in memory, and more in
                a file).
    Observes:   the same bytes in the answers.
    Look at:    a body that is kept in a file, and not read from its beginning.
    """
    for length in (99_999, 100_000, LARGE):
        body = numbered(length)[:length].encode()
        found = whole(await wire.post(target.http.echo, body))

        assert len(found) == length
        assert found == body


@spec("other-request-bodies/a-huge-body-is-exact", SHOULD, ANY, needs=ECHO, reads=4 * HUGE)
async def test_a_huge_body_is_exact(target, wire):
    """
    So is a body of a megabyte.

    Sends:      one POST of a million bytes.
    Observes:   the same bytes in the answer.
    Differs:    a server may say that this is too much for it: 413.
    Look at:    a limit beyond which bytes are dropped without a word.
    """
    body = numbered(HUGE).encode()
    answer = await wire.post(target.http.echo, body)

    if answer.status != 413:
        assert len(whole(answer)) == HUGE
        assert answer.body == body


@spec("other-request-bodies/a-body-in-chunks-is-exact", MUST, CHUNKED, needs=ECHO)
async def test_a_body_in_chunks_is_exact(target, wire):
    """
    A body in chunks is their data, joined, and nothing of what is around them.

    Sends:      POSTs of all bytes in chunks of one, of sixteen and of a thousand bytes; one with sizes in capitals and
                with leading zeros, with an extension, and with a trailer field.
    Observes:   the same bytes in the answers.
    Differs:    a server may ask for a length (411): not offered.
    Look at:    sizes, line ends or trailer fields that become part of the body.
    """
    coded = [("Transfer-Encoding", "chunked")]
    bodies = [chunked(ALL_BYTES, *[size] * (len(ALL_BYTES) // size)) for size in (1, 16, 1000)]
    odd = (
        b"0010;a=b\r\n"
        + ALL_BYTES[:16]
        + b"\r\n%X\r\n" % (len(ALL_BYTES) - 16)
        + ALL_BYTES[16:]
        + b"\r\n0\r\nX-Web60: 1\r\n\r\n"
    )

    answers = [in_chunks(await wire.request("POST", target.http.echo, fields=coded, body=body)) for body in bodies]
    bent = await wire.request("POST", target.http.echo, fields=coded, body=odd)

    for answer in (*answers, bent):
        assert whole(answer) == ALL_BYTES


@spec("other-request-bodies/a-large-body-in-chunks-is-exact", MUST, CHUNKED, needs=ECHO)
async def test_a_large_body_in_chunks_is_exact(target, wire):
    """
    A large body in chunks, of which no length was told, is exact as well.

    Sends:      one POST of 300,000 bytes, in chunks of 7,000.
    Observes:   the same bytes in the answer.
    Differs:    a server may ask for a length (411): not offered.
    Look at:    a limit that is looked at only where a length is told.
    """
    body = numbered(LARGE).encode()
    coded = chunked(body, *[7000] * (LARGE // 7000))

    answer = in_chunks(
        await wire.request("POST", target.http.echo, fields=[("Transfer-Encoding", "chunked")], body=coded)
    )

    assert len(whole(answer)) == LARGE
    assert answer.body == body


@spec(
    "other-request-bodies/a-slow-body-is-waited-for",
    MUST,
    FRAMED,
    needs=ECHO,
    lasts=lambda _: 2 * SLOWLY,
)
async def test_a_slow_body_is_waited_for(target, wire, clock):
    """
    A body that comes slowly is waited for to its end, and nobody else waits with it.

    Sends:      one POST whose head comes alone and whose body comes in five pieces over a second; meanwhile a GET of
                `ping`.
    Observes:   the same bytes in the answer, which does not begin before the last piece has left; the ping's answer.
    Look at:    a body that is read once, as far as it has come; a server that reads it while others wait.
    """
    body = ALL_BYTES * 2
    data = wire.bytes_of("POST", target.http.echo, body=body)
    step = len(body) // PIECES + 1
    conversation = await wire.open()
    conversation.send(data[: -len(body)])
    for at in range(0, len(body), step):
        await clock.sleep(SLOWLY / PIECES, "the next piece's turn")
        if at:
            early = re.search(rb"HTTP/1\.\d [2-5]", conversation.received)
            assert early is None
        else:
            await wire.ping()
        conversation.send(body[at : at + step])
    answer = await conversation.answer(method="POST")

    assert whole(answer) == body


@spec("other-request-bodies/a-body-in-segments-is-exact", MUST, FRAMED, needs=ECHO)
async def test_a_body_in_segments_is_exact(target, wire, clock):
    """
    However the bytes of a body are cut on the way, it is the same body, with a length and in chunks.

    Sends:      a POST with a length, and one in chunks, each in two dozen pieces, a moment between them.
    Observes:   the same bytes in the answers.
    Look at:    the size of a chunk, or the line end behind it, in two pieces.
    """
    length = wire.bytes_of("POST", target.http.echo, body=ALL_BYTES)
    head = wire.bytes_of("POST", target.http.echo, fields=[("Transfer-Encoding", "chunked")])

    first = await in_segments(wire, clock, length, count=24)
    second = in_chunks(await in_segments(wire, clock, head + chunked(ALL_BYTES, 100, 20, 3), count=24))

    assert whole(first) == ALL_BYTES
    assert whole(second) == ALL_BYTES


@spec("other-request-bodies/a-body-may-wait-to-be-asked-for", MUST, CONTINUE, needs=ECHO)
async def test_a_body_may_wait_to_be_asked_for(target, wire):
    """
    A client that wants to be asked for its body is asked, or answered; then its body is read as any other.

    Sends:      the head of a POST with `Expect: 100-continue`; the body once 100 has come.
    Observes:   that an answer to the head comes; the same bytes in the answer to the body.
    Differs:    a server may answer at once instead, with a refusal.
    Look at:    a server that waits for the body while the client waits for it.
    """
    data = wire.bytes_of("POST", target.http.echo, fields=[("Expect", "100-continue")], body=ALL_BYTES)
    conversation = await wire.open()
    conversation.send(data[: -len(ALL_BYTES)])
    await conversation.seen(rb"\r\n\r\n")
    asked = conversation.received.split(b" ", 2)[1:2] == [b"100"]
    if asked:
        conversation.send(ALL_BYTES)
    answer = await conversation.answer(method="POST")

    if asked:
        assert whole(answer) == ALL_BYTES
    else:
        assert answer.status in range(400, 500)
    await wire.ping()


@spec("other-request-bodies/bytes-on-one-connection-do-not-mix", MUST, FRAMED, needs=ECHO)
async def test_bytes_on_one_connection_do_not_mix(target, wire):
    """
    Each body ends where its framing says, whatever follows it on the connection.

    Sends:      in one piece: a POST with a length, one in chunks, one that is empty, a large one, and a short one.
    Observes:   the answers in their order, each with its own bytes.
    Differs:    a server may close the connection after any answer.
    Look at:    a buffer that is not emptied between two requests.
    """
    path, coded = target.http.echo, [("Transfer-Encoding", "chunked")]
    large = numbered(LARGE // 2).encode()
    requests = [
        (ALL_BYTES, wire.bytes_of("POST", path, body=ALL_BYTES)),
        (b"in chunks\r\n", wire.bytes_of("POST", path, fields=coded, body=chunked(b"in chunks\r\n", 3))),
        (b"", wire.bytes_of("POST", path, body=b"")),
        (large, wire.bytes_of("POST", path, body=large)),
        (b"the last", wire.bytes_of("POST", path, body=b"the last")),
    ]
    conversation = await wire.open()
    conversation.send(b"".join(data for _, data in requests))
    first = await conversation.answer(method="POST")
    following = [await conversation.answer_if_any(method="POST") for _ in requests[1:]]

    assert whole(first) == ALL_BYTES
    for (body, _), answer in zip(requests[1:], following, strict=True):
        if answer is not None and answer.status != 411:
            assert whole(answer) == body


@spec("other-request-bodies/a-body-that-was-put-is-exact", SHOULD, PUT, needs=ECHO)
async def test_a_body_that_was_put_is_exact(target, wire):
    """
    The body of a PUT can be read like that of a POST.

    Sends:      one PUT of all bytes, and one in the clothes of a form.
    Observes:   the same bytes in the answers.
    Differs:    a page that takes no PUT refuses it (405, 501): not offered.
    Look at:    a body that is read for POST only.
    """
    plain = await wire.request("PUT", target.http.echo, body=ALL_BYTES)
    form = await wire.request("PUT", target.http.echo, fields=[FORM], body=b"a=1&b=2")
    if plain.status in (405, 501):
        raise NotOffered(f"a PUT is answered {plain.status}")

    assert whole(plain) == ALL_BYTES
    assert whole(form) == b"a=1&b=2"


@spec("other-request-bodies/any-bytes-come-through-in-any-framing", MUST, ANY, needs=ECHO, examples=bodies_and_framings)
async def test_any_bytes_come_through_in_any_framing(target, wire, clock, example):
    """
    Whatever the body, however it is framed and wherever it is cut, the page gets its bytes.

    Sends:      one POST, its body, framing and pieces generated.
    Observes:   the same bytes in the answer.
    Differs:    a server may ask for a length (411) where the body comes in chunks.
    Look at:    the smallest body for which it is not so, which the reason shows.
    """
    body, sizes, cuts = example
    if sizes is None:
        data = wire.bytes_of("POST", target.http.echo, body=body)
    else:
        coded = [("Transfer-Encoding", "chunked")]
        data = wire.bytes_of("POST", target.http.echo, fields=coded, body=chunked(body, *sizes))
    conversation = await wire.open()
    at = 0
    for cut in (*cuts, len(data)):
        conversation.send(data[at : at + cut])
        at += cut
        if at >= len(data):
            break
        await clock.sleep(0.005, "the next piece's turn")
    answer = await conversation.answer(method="POST")

    if sizes is None or answer.status != 411:
        assert whole(answer) == body


@spec("other-request-bodies/what-else-is-done-to-a-body", MAY, ANY, needs=ECHO)
async def test_what_else_is_done_to_a_body(target, wire, facts):
    """
    Whether codings are undone, and which methods may have a body, are facts.

    Sends:      POSTs that are compressed with gzip, and said to be; GET, PATCH, DELETE and OPTIONS with a body.
    Observes:   what comes back.
    """
    packed = gzip.compress(b"a body", mtime=0)
    zipped = await wire.post(target.http.echo, packed, fields=[("Content-Encoding", "gzip")])
    unknown = await wire.post(target.http.echo, b"a body", fields=[("Content-Encoding", "web60")])
    broken = await wire.post(target.http.echo, b"no gzip", fields=[("Content-Encoding", "gzip")])
    known = {packed: "as it was sent", b"a body": "undone"}
    facts["gzip"] = known.get(zipped.body, "something else") if zipped.status == 200 else zipped.status
    facts["a coding that nobody knows"] = unknown.body.decode("latin-1") if unknown.status == 200 else unknown.status
    facts["gzip that is none"] = broken.body.decode("latin-1") if broken.status == 200 else broken.status
    for method in ("GET", "PATCH", "DELETE", "OPTIONS"):
        answer = await wire.request(method, target.http.echo, body=b"a body")
        came = answer.body.decode("latin-1")
        facts[f"a body by {method}"] = came if answer.status == 200 else f"answered {answer.status}"
    await wire.ping()
