"""
From bytes to answers: any bytes, in any pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.errors import NotHTTP, TooMuch
from harness.messages import Answer
from harness.parsing import LONGEST_HEAD, MOST_INFORMATIONAL, MOST_LINES, MOST_PIECES, PIECE, Reader

OK = b"HTTP/1.1 200 OK\r\n"
LENGTH = OK + b"Content-Length: 3\r\n\r\nabc"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nTrailer: t\r\n\r\n"
CLOSE = OK + b"\r\nabc"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
ALL = [LENGTH, CHUNKED, CLOSE, EARLY + LENGTH, EARLY + EARLY + CHUNKED, LENGTH + LENGTH, CHUNKED + CLOSE]

#: Answers that are nearly right: whole ones with a piece overwritten, cut out or doubled, and plain noise.
NEARLY = st.builds(
    lambda data, at, cut, more: data[: at % (len(data) + 1)] + more + data[at % (len(data) + 1) + cut :],
    st.sampled_from(ALL),
    st.integers(0, 200),
    st.integers(0, 20),
    st.binary(max_size=5) | st.sampled_from([b"\r\n", b"\n", b"Content-Length: 7\r\n", b"9" * 5000, b"\0"]),
)
BYTES = st.binary(max_size=80) | NEARLY | st.sampled_from(ALL)
METHOD = st.sampled_from(["GET", "HEAD", "POST", "CONNECT", "OPTIONS"])
END = st.sampled_from(["fin", "rst", ""])


def read(pieces: Iterable[bytes], end: str = "", method: str = "GET") -> Reader:
    """A reader that was fed these pieces, one a second, as long as it wanted any."""
    reader = Reader(method, sent_at=100.0)
    for second, piece in enumerate(pieces):
        if reader.done:
            reader.left += piece
        else:
            reader.feed(101.0 + second, piece)
    if end:
        reader.end(end)
    return reader


def outcome(pieces: Iterable[bytes], end: str, method: str) -> object:
    """Everything about an answer that does not depend on how it was cut up."""
    try:
        reader = read(pieces, end, method)
        answer = reader.answer()
    except NotHTTP:
        return "not HTTP"
    what = (answer.status, answer.reason, answer.version, answer.fields, answer.body, answer.framing)
    # Nobody reads on where a body turns out broken, so how much came with the broken piece is the network's affair.
    came = (answer.raw, reader.left) if answer.complete else ()
    return (*what, answer.complete, answer.informational, reader.done, *came)


def bytewise(data: bytes) -> Iterator[bytes]:
    """The same, in the smallest pieces there are."""
    return (data[at : at + 1] for at in range(len(data)))


@settings(deadline=None)
@given(data=BYTES, end=END, method=METHOD)
def test_no_bytes_raise_anything_but_not_http(data: bytes, end: str, method: str) -> None:
    """Whatever a target sends is an answer, or is said to be none."""
    try:
        answer = read([data] if data else [], end, method).answer()
    except NotHTTP as wrong:
        assert str(wrong)  # noqa: PT017 - either is right
    else:
        assert isinstance(answer, Answer)


@settings(deadline=None)
@given(data=BYTES, end=END, method=METHOD)
@example(data=CHUNKED + CLOSE, end="fin", method="GET")
def test_whole_equals_byte_by_byte(data: bytes, end: str, method: str) -> None:
    """How the network cuts an answer up changes nothing about it but its times."""
    whole = outcome([data] if data else [], end, method)

    assert outcome(bytewise(data), end, method) == whole


@settings(deadline=None)
@given(data=st.sampled_from(ALL), cuts=st.lists(st.integers(1, 60), max_size=6))
def test_no_byte_is_lost_between_an_answer_and_what_follows_it(data: bytes, cuts: list[int]) -> None:
    """The raw bytes of the answer and what is left over are what came."""
    places = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    pieces = [data[low:high] for low, high in pairwise(places)]

    reader = read(pieces, "fin")
    answer = reader.answer()

    assert answer.raw + reader.left == data
    assert b"".join(chunk.data for chunk in answer.chunks) == answer.raw


@pytest.mark.parametrize(
    ("data", "framing", "body"),
    [
        (LENGTH, "length", b"abc"),
        (CHUNKED, "chunked", b"abc"),
        (CLOSE, "close", b"abc"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "none", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", "none", b""),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", "close", b"abc"),
    ],
)
def test_the_framing_says_how_the_end_was_told(data: bytes, framing: str, body: bytes) -> None:
    """RFC 9112 section 6.3."""
    answer = read([data], "fin").answer()

    assert (answer.framing, answer.body, answer.complete) == (framing, body, True)


@pytest.mark.parametrize("data", [LENGTH, CHUNKED, CLOSE])
def test_an_answer_to_head_has_no_body(data: bytes) -> None:
    """RFC 9112 section 6.3: whatever its fields say; a body that comes all the same is left over."""
    head, blank, body = data.partition(b"\r\n\r\n")

    reader = read([data], method="HEAD")

    assert reader.done
    assert reader.answer().framing == "none"
    assert reader.answer().raw == head + blank
    assert reader.left == body


def test_an_answer_until_the_close_is_not_done_before_it() -> None:
    """Only the end of the connection ends it."""
    reader = read([CLOSE])

    assert not reader.done


@pytest.mark.parametrize(("end", "problem"), [("fin", ""), ("rst", "the connection was reset")])
def test_only_a_fin_completes_an_answer_until_the_close(end: str, problem: str) -> None:
    """A reset may have eaten anything."""
    answer = read([CLOSE], end).answer()

    assert answer.body == b"abc"
    assert (answer.complete, answer.problem) == (not problem, problem)


@pytest.mark.parametrize("data", [LENGTH[:-1], CHUNKED[:-2], CHUNKED[:-20]])
@pytest.mark.parametrize("end", ["fin", "rst"])
def test_an_answer_that_is_cut_short_says_so(data: bytes, end: str) -> None:
    """It is given as far as it came, with its problem."""
    answer = read([data], end).answer()

    assert answer.status == 200
    assert not answer.complete
    assert answer.problem


def test_a_broken_body_is_an_incomplete_answer() -> None:
    """Its head stands; what is wrong is told."""
    answer = read([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"]).answer()

    assert (answer.status, answer.complete) == (200, False)
    assert answer.problem


def test_times_are_those_of_the_first_and_the_last_piece() -> None:
    """Whoever reads the socket says when each piece came."""
    answer = read([LENGTH[:5], LENGTH[5:30], LENGTH[30:]]).answer()

    assert (answer.sent_at, answer.first_at, answer.last_at) == (100.0, 101.0, 103.0)
    assert [chunk.at for chunk in answer.chunks] == [101.0, 102.0, 103.0]


def test_it_has_started_with_its_first_byte() -> None:
    """One byte of a status line is the beginning of an answer."""
    silent, begun = read([]), read([b"H"])

    assert (silent.started, silent.first_at) == (False, None)
    assert (begun.started, begun.first_at) == (True, 101.0)


def test_informational_answers_are_counted_and_passed_over() -> None:
    """RFC 9110 section 15.2: a client must be able to take one or more of them."""
    answer = read([EARLY + b"HTTP/1.1 100 Continue\r\n\r\n" + LENGTH]).answer()

    assert answer.informational == (103, 100)
    assert (answer.status, answer.body) == (200, b"abc")


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 099 Low\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_said_to_be_none(data: bytes) -> None:
    """The reason quotes its beginning."""
    with pytest.raises(NotHTTP, match=r"not an HTTP answer: .*HTTP|not an HTTP answer: .*SSH"):
        read([data])


def test_a_head_without_end_is_given_up() -> None:
    """A target that floods us with field lines does not fill our memory."""
    with pytest.raises(NotHTTP):
        read([OK, *[b"X: " + b"y" * 10_000 + b"\r\n"] * (LONGEST_HEAD // 10_000 + 1)])


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([OK, b"X: y\r\n" * (MOST_LINES + 1)], "a header of more than 1,000 lines"),
        ([EARLY * (MOST_INFORMATIONAL + 1)], "more than 100 informational answers"),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * (2 * MOST_PIECES)], "a body of .* in .* pieces"),
        ([OK + b"\r\n", *[b"x"] * (2 * MOST_PIECES)], "a body of .* in .* pieces"),
    ],
)
def test_what_would_keep_us_busy_is_too_much(pieces: list[bytes], said: str) -> None:
    """A few bytes that take long to read cost the target nothing, and all other specs their time."""
    with pytest.raises(TooMuch, match=said):
        read(pieces)


def test_what_is_large_and_not_cut_up_is_not_too_much() -> None:
    """Lines of a body are no lines of a header, and a large body may have many pieces."""
    lines = b"\n" * (2 * MOST_LINES)
    pieces = [b"x" * PIECE] * (2 * MOST_PIECES)

    assert read([OK + b"Content-Length: %d\r\n\r\n" % len(lines) + lines]).answer().body == lines
    assert read([OK + b"\r\n", *pieces], "fin").answer().body == b"".join(pieces)


@pytest.mark.parametrize("end", ["rst", ""])
def test_half_a_head_is_no_answer(end: str) -> None:
    """Without a whole header there is nothing to judge."""
    reader = read([OK], end)

    with pytest.raises(NotHTTP, match="cut short within its header"):
        reader.answer()


def test_a_connection_that_ends_before_any_byte_leaves_no_answer() -> None:
    """The reader is done, and has not started."""
    reader = read([], "fin")

    assert (reader.done, reader.started) == (True, False)


def test_what_ends_after_the_answer_changes_nothing() -> None:
    """A close after the last byte is no problem of the answer's."""
    assert read([LENGTH], "rst").answer().complete
