"""
HTTP, refusals: what a server makes of requests that may be read or refused, and what its refusals look like.
"""

from harness import MAY, rfc, spec
from specs.facts import fields, steady
from specs.raw_requests import CHUNKED, HELLO, LENGTH, bent, hello

CONTROLS = rfc(9110, "5.5", "Field values containing other CTL characters are also invalid")
SINGLE_LF = rfc(9112, "2.2", "a recipient MAY recognize a single LF as a line terminator")
CLOSES = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")


@spec(
    "http/control-characters-in-a-value-are-taken-its-own-way",
    MAY,
    CONTROLS,
    lasts=lambda target: 3 * target.timing.quiet,
)
async def test_how_control_characters_in_a_value_are_taken(target, wire, clock, page, facts):
    """
    What becomes of control characters that are neither NUL, CR nor LF is a fact.

    Sends:      POSTs with a field whose value has a control character, an escape, a form feed and a DEL in it.
    Observes:   whether each is read or refused.
    """
    samples = {
        "U+0001": b"a\x01b",
        "escape": b"a\x1bb",
        "form feed": b"a\x0cb",
        "delete": b"a\x7fb",
    }
    requests = {name: hello(wire, page, b"X-Web60: " + value) for name, value in samples.items()}
    facts.update(await outcomes(target, wire, clock, requests))


@spec("http/odd-line-ends-are-taken-its-own-way", MAY, SINGLE_LF, lasts=lambda target: 3 * target.timing.quiet)
async def test_how_odd_line_ends_are_taken(target, wire, clock, page, facts):
    """
    Whether an LF alone ends a line of the header, and what may stand before the request line, are facts.

    Sends:      POSTs whose every line, or only one, or only the blank one, ends in LF; whose every line ends in CR; and
                behind an empty line, two, an LF, a CR, and a blank.
    Observes:   whether each is read, refused, or waited on for `quiet` seconds.
    """
    whole = hello(wire, page, b"X-Web60: a")
    requests = {
        "LF everywhere": whole.replace(b"\r\n", b"\n"),
        "LF after the request line": whole.replace(b"\r\n", b"\n", 1),
        "LF after a field": whole.replace(b"X-Web60: a\r\n", b"X-Web60: a\n"),
        "LF as the blank line": whole.replace(b"\r\n\r\n", b"\r\n\n"),
        "CR everywhere": whole.replace(b"\r\n", b"\r"),
        "behind an empty line": b"\r\n" + whole,
        "behind two empty lines": b"\r\n\r\n" + whole,
        "behind an LF": b"\n" + whole,
        "behind a CR": b"\r" + whole,
        "behind a blank": b" " + whole,
    }
    facts.update(await outcomes(target, wire, clock, requests))


@spec("http/odd-lengths-and-chunks-are-taken-its-own-way", MAY, CLOSES, lasts=lambda target: 3 * target.timing.quiet)
async def test_how_odd_lengths_and_chunks_are_taken(target, wire, clock, page, facts):
    """
    What becomes of lengths and chunks that may be read or refused is a fact.

    Sends:      POSTs with a length said twice alike, folded, very large; with a length and chunks; with chunks whose
                sizes have blanks behind them, whose extensions are quoted with a backslash, whose trailers are no
                fields.
    Observes:   whether each is read, refused, or waited on for `quiet` seconds.
    """

    def post(*lines, body=b"5\r\nhello\r\n0\r\n\r\n"):
        return bent(wire, page.echo, *lines, body=body)

    requests = {
        "a length in two lines": post(LENGTH, LENGTH, body=HELLO),
        "a length in a list": post(b"Content-Length: 5, 5", body=HELLO),
        "a folded length": post(b"Content-Length:\r\n 5", body=HELLO),
        "a length of 2^64 + 5": post(b"Content-Length: %d" % (2**64 + 5), body=HELLO),
        "a length of 5,000 digits": post(b"Content-Length: " + b"9" * 5000, body=HELLO),
        "a length and chunks": post(LENGTH, CHUNKED),
        "chunked twice": post(CHUNKED, CHUNKED),
        "identity, then chunked": post(b"Transfer-Encoding: identity, chunked"),
        "a list with an empty member": post(b"Transfer-Encoding: ,chunked"),
        "chunks in HTTP/1.0": bent(wire, page.echo, CHUNKED, line=b"POST %s HTTP/1.0", body=b"5\r\nhello\r\n0\r\n\r\n"),
        "a blank behind a size": post(CHUNKED, body=b"5 \r\nhello\r\n0\r\n\r\n"),
        "a blank before a semicolon": post(CHUNKED, body=b"5 ;a\r\nhello\r\n0\r\n\r\n"),
        "a blank behind a semicolon": post(CHUNKED, body=b"5; a\r\nhello\r\n0\r\n\r\n"),
        "a backslash in an extension": post(CHUNKED, body=b'5;a="\\""\r\nhello\r\n0\r\n\r\n'),
        "an extension of 900 bytes": post(CHUNKED, body=b"5;a=%s\r\nhello\r\n0\r\n\r\n" % (b"b" * 896)),
        "an extension of 8 KiB": post(CHUNKED, body=b"5;a=%s\r\nhello\r\n0\r\n\r\n" % (b"b" * 8188)),
        "a chunk of 2^64 + 5": post(CHUNKED, body=b"%x\r\nhello\r\n0\r\n\r\n" % (2**64 + 5)),
        "a trailer without a colon": post(CHUNKED, body=b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n"),
        "a trailer with a blank before its colon": post(CHUNKED, body=b"5\r\nhello\r\n0\r\nX-Web60 : a\r\n\r\n"),
        "a trailer with a NUL": post(CHUNKED, body=b"5\r\nhello\r\n0\r\nX-Web60: \0\r\n\r\n"),
        "a folded trailer": post(CHUNKED, body=b"5\r\nhello\r\n0\r\nX-Web60: a\r\n b\r\n\r\n"),
        "a length as trailer": post(CHUNKED, body=b"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"),
    }
    facts.update(await outcomes(target, wire, clock, requests))


async def outcomes(target, wire, clock, requests):
    """What became of each of these requests, in words; whatever comes later than `quiet` seconds is not waited for."""
    said = {}
    names = list(requests)
    for few in (names[start : start + 8] for start in range(0, len(names), 8)):
        conversations = await wire.open_many(len(few))
        for name, conversation in zip(few, conversations, strict=True):
            conversation.send(requests[name])
        for _ in range(10):
            if all(map(has_said_it, conversations)):
                break
            await clock.sleep(target.timing.quiet / 10, "an answer, which need not come")
        for name, conversation in zip(few, conversations, strict=True):
            said[name] = in_words(conversation)
            conversation.abort()
    return said


def has_said_it(conversation):
    """Whether nothing more is to be waited for."""
    came = conversation.received
    return conversation.is_gone or HELLO in came or (b"\r\n\r\n" in came and b" 200 " not in came.split(b"\r\n", 1)[0])


def in_words(conversation):
    """What a server made of a POST of `HELLO`, as far as one can tell from what has come."""
    came = conversation.received
    if not came:
        return "closed" if conversation.is_gone else "waited on"
    status = came.split(b"\r\n", 1)[0].split(b" ")[1:2]
    code = status[0].decode("latin-1") if status else "no status"
    if code == "200":
        return "read" if came.endswith(HELLO) or b"\r\nhello\r\n" in came else "read as something else"
    return code


@spec("http/a-refusal-looks-its-own-way", MAY, CLOSES)
async def test_what_a_refusal_looks_like(target, wire, page, facts):
    """
    How a request is refused that is none, and whether the connection ends with it, are facts.

    Sends:      POSTs with a length of -5, with a line that is no field, with a chunk that has no size, and with a
                request line that is none.
    Observes:   the status lines, the fields, the bodies.
    """
    requests = {
        "a length that is none": bent(wire, page.echo, b"Content-Length: -5", body=HELLO),
        "a line that is no field": hello(wire, page, b"nonsense"),
        "a chunk without a size": bent(wire, page.echo, CHUNKED, body=b"\r\nhello\r\n0\r\n\r\n"),
        "a request line that is none": hello(wire, page, line=b"nonsense"),
    }
    for name, request in requests.items():
        conversation = await wire.open()
        conversation.send(request)
        answer = await conversation.answer_if_any(method="POST")
        facts[name] = (
            "closed"
            if answer is None
            else {
                "status": answer.status,
                "reason": answer.reason.decode("latin-1"),
                "version": answer.version.decode("latin-1"),
                "fields": fields(answer, target),
                "body": steady(answer.body, target),
                "framing": answer.framing,
            }
        )
