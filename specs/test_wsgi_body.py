"""
WSGI, what the application reads: the body of the request, by each of the ways that PEP 3333 names.
"""

from harness import MUST, SHOULD, pep, spec
from specs.wsgi_reports import below, report

INPUT = pep(3333, "Input and Error Streams", "must support the following methods")
PAST_THE_END = pep(3333, "Input and Error Streams", "should simulate an end-of-file condition")

#: Lines, one of them empty, one of all bytes, one that ends in CR LF, one that is no text.
BODY = b"first line\n\n" + bytes(range(256)) + b"\r\nno text at all: \xff\xfe\x00\nthe last line\n"
LINES = [len(line) + 1 for line in BODY.split(b"\n")[:-1]]


def bodies_and_sizes():
    """Pairs of a body and the size of the pieces in which it is to be read."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    # Where streams go wrong is seldom met by chance.
    piece = st.binary(min_size=1, max_size=1000) | st.sampled_from((b"\r\n", b"\n", b"\0"))
    bodies = st.lists(piece, min_size=1, max_size=5).map(b"".join)
    return st.tuples(bodies, st.integers(min_value=1, max_value=4000))


@spec("wsgi/body-is-exact-by-read", MUST, INPUT)
async def test_body_is_exact_by_read(page, wire):
    """
    read(n) gives the next n bytes of the body, whatever they are, and all of it in the end.

    Sends:      one POST of binary data, read in pieces of one, of seven and of a thousand bytes, and one of 200 KB.
    Observes:   what the application read, and in which pieces.
    Differs:    a piece may be shorter than asked for; none may be longer, and none empty before the end.
    """
    large = BODY * 700
    cases = ((BODY, 1), (BODY, 7), (BODY, 1000), (large, 4096))
    answers = [await wire.post(below(page, f"/body/read?size={size}"), body) for body, size in cases]

    for (body, size), answer in zip(cases, answers, strict=True):
        seen = report(answer)
        assert seen["body"].encode("latin-1") == body
        assert max(seen["pieces"]) <= size


@spec("wsgi/body-is-exact-by-readline", MUST, INPUT)
async def test_body_is_exact_by_readline(page, wire):
    """
    readline() gives the body line by line, each with its line feed and nothing changed in it.

    Sends:      one POST of lines, among them an empty one, one that ends in CR LF, and one of all bytes.
    Observes:   what the application read, and in which pieces.
    """
    seen = report(await wire.post(below(page, "/body/readline"), BODY))

    assert seen["body"].encode("latin-1") == BODY
    assert seen["pieces"] == LINES


@spec("wsgi/body-is-exact-by-iteration", MUST, INPUT)
async def test_body_is_exact_by_iteration(page, wire):
    """
    Iterating over the input gives the body line by line, each with its line feed.

    Sends:      one POST of lines, among them an empty one, one that ends in CR LF, and one of all bytes.
    Observes:   what the application read, and in which pieces.
    """
    seen = report(await wire.post(below(page, "/body/iteration"), BODY))

    assert seen["body"].encode("latin-1") == BODY
    assert seen["pieces"] == LINES


@spec("wsgi/body-is-exact-by-readlines", MUST, INPUT)
async def test_body_is_exact_by_readlines(page, wire):
    """
    readlines() gives the lines of the body, each with its line feed.

    Sends:      one POST of lines, among them an empty one, one that ends in CR LF, and one of all bytes.
    Observes:   what the application read, and in which pieces.
    """
    seen = report(await wire.post(below(page, "/body/readlines"), BODY))

    assert seen["body"].encode("latin-1") == BODY
    assert seen["pieces"] == LINES


@spec("wsgi/reading-past-the-end-returns", SHOULD, PAST_THE_END)
async def test_reading_past_the_end_returns(page, wire):
    """
    An application that has read the whole body and reads on gets nothing, at once.

    Sends:      one POST, on a connection that stays open.
    Observes:   what a read beyond CONTENT_LENGTH gave the application.
    Look at:    whether the input is the connection itself.
    """
    answer = await wire.post(below(page, "/body/past-the-end"), b"all there is", within=2.0)
    seen = report(answer)

    assert seen["body"] == "all there is"
    assert seen["after"] == ""


@spec("wsgi/any-body-reaches-the-application", MUST, INPUT, examples=bodies_and_sizes)
async def test_any_body_reaches_the_application(page, wire, example):
    """
    Whatever the body, and in whichever pieces it is read, the application gets each byte of it once.

    Sends:      one POST, its body and the size of the pieces generated.
    Observes:   what the application read, in which pieces.
    """
    body, size = example
    seen = report(await wire.post(below(page, f"/body/read?size={size}"), body))

    assert seen["body"].encode("latin-1") == body
    assert max(seen["pieces"]) <= size
