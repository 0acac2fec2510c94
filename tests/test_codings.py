"""
Codings: what is compressed becomes what it was, and never more than is kept.
"""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.codings import MOST_CODINGS, unpacked
from harness.errors import NotHTTP, TooMuch
from harness.messages import Answer, Fields


def coded(body: bytes, *codings: str) -> Answer:
    """An answer with this body, coded as these fields say."""
    fields = Fields(tuple((b"Content-Encoding", coding.encode()) for coding in codings))
    times = {"sent_at": 0.0, "first_at": 0.0, "last_at": 0.0}
    return Answer(200, b"OK", b"1.1", fields, body, "length", complete=True, problem="", **times)


@settings(deadline=None)
@given(body=st.binary(max_size=200), times=st.integers(0, MOST_CODINGS))
def test_what_was_compressed_becomes_what_it_was(body: bytes, times: int) -> None:
    """However often, within reason."""
    sent = body
    for _ in range(times):
        sent = gzip.compress(sent)

    assert unpacked(coded(sent, *["gzip"] * times), 1000) == body


@settings(deadline=None)
@given(body=st.binary(max_size=200), codings=st.text(max_size=20) | st.just("gzip"))
def test_whatever_a_target_says_it_is_an_answer_or_its_fault(body: bytes, codings: str) -> None:
    """A body that is not what it is said to be is no mistake of ours."""
    try:
        found = unpacked(coded(body, codings), 1000)
    except (NotHTTP, TooMuch):
        return
    assert len(found) <= 1000


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_bomb_does_not_go_off(times: int) -> None:
    """Each step costs at most what is kept."""
    sent = bytes(10_000_000)
    for _ in range(times):
        sent = gzip.compress(sent)

    with pytest.raises(TooMuch, match="more than 1,000 bytes"):
        unpacked(coded(sent, "gzip, " * (times - 1) + "gzip"), 1000)


def test_a_thousand_codings_are_not_undone() -> None:
    """A gzip can be made that becomes itself (research.swtch.com/zip), and a field that wants it undone for ever."""
    sent = gzip.compress(b"x")
    for _ in range(MOST_CODINGS):
        sent = gzip.compress(sent)

    assert unpacked(coded(sent, "gzip, " * 999 + "gzip"), 1000) == gzip.compress(b"x")
