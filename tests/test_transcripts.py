"""
Transcripts hold what was said, and no secret.
"""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.transcripts import (
    LONGEST_DATA,
    LONGEST_REASON,
    MOST_DATA,
    MOST_ENTRIES,
    SHORT,
    Entry,
    Transcript,
    discreet,
    redacted,
)

SECRET = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=20).map(lambda text: f"Zz{text}")


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Proxy-Authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("colon", [": ", ":", " :\t"])
@pytest.mark.parametrize("scheme", ["Basic ", "Bearer ", "", "basic "])
def test_credentials_are_struck_out(name: str, colon: str, scheme: str) -> None:
    """Only the scheme of an Authorization field stays."""
    secret = base64.b64encode(b"alice:secret").decode()
    data = f"GET / HTTP/1.1\r\nHost: h\r\n{name}{colon}{scheme}{secret}\r\nX: y\r\n\r\n".encode()

    struck = redacted(data)

    assert secret.encode() not in struck
    assert struck.startswith(b"GET / HTTP/1.1\r\nHost: h\r\n")
    assert struck.endswith(b"***\r\nX: y\r\n\r\n")


def test_of_a_digest_only_what_an_attacker_could_use_is_struck_out() -> None:
    """The user, the address and the count help whoever reads a transcript, and give nothing away."""
    value = (
        'Digest username="alice", realm="r", nonce="N0nce", uri="/a", response="0123abcd", '
        'cnonce="Cn0nce", opaque="Opaque==", nc=00000001, qop=auth'
    )

    struck = redacted(f"Authorization: {value}\r\n".encode()).decode()

    for secret in ("N0nce", "0123abcd", "Cn0nce", "Opaque"):
        assert secret not in struck
    for shown in ('username="alice"', 'uri="/a"', "nc=00000001", "qop=auth"):
        assert shown in struck


@settings(deadline=None)
@given(secret=SECRET, more=SECRET)
def test_values_of_cookies_are_struck_out_and_their_names_stay(secret: str, more: str) -> None:
    """Whoever has a session's cookie has the session."""
    struck = redacted(f"Cookie: TWISTED_SESSION={secret}; other={more}\r\n".encode())

    assert struck == b"Cookie: TWISTED_SESSION=***; other=***\r\n"


@settings(deadline=None)
@given(secret=SECRET)
def test_the_attributes_of_a_set_cookie_stay(secret: str) -> None:
    """They are what a report about cookies is about."""
    struck = redacted(f"Set-Cookie: TWISTED_SESSION={secret}; Path=/; Max-Age=5; HttpOnly\r\n".encode())

    assert struck == b"Set-Cookie: TWISTED_SESSION=***; Path=/; Max-Age=5; HttpOnly\r\n"


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_can_be_redacted(data: bytes) -> None:
    """What has no such field stays byte for byte."""
    assume(b"auth" not in data.lower())
    assume(b"cookie" not in data.lower())

    assert redacted(data) == data


def test_an_entry_counts_from_when_the_spec_began() -> None:
    """Times in a transcript are seconds of the spec, to the microsecond."""
    transcript = Transcript(began=100.0)

    transcript.add(101.2345678, "us", "bytes", b"GET")

    assert transcript.entries == [Entry(1.234568, "us", "bytes", "GET")]


def test_bytes_are_latin_1_and_text_is_kept() -> None:
    """Every byte of a target's has a character of its own in the transcript."""
    transcript = Transcript(0.0)

    transcript.add(0.0, "them", "bytes", bytes(range(256)))
    transcript.add(0.0, "witness", "event", "start \ud800")

    assert transcript.entries[0].data == bytes(range(256)).decode("latin-1")
    assert transcript.entries[1].data == "start \\ud800"


def test_an_entry_is_redacted_as_it_is_made() -> None:
    """No report can forget to."""
    transcript = Transcript(0.0)

    transcript.add(0.0, "us", "bytes", b"GET / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n")

    assert "c2VjcmV0" not in transcript.entries[0].data


def test_a_long_piece_is_cut_and_its_size_told() -> None:
    """A megabyte of body is no evidence beyond its beginning."""
    transcript = Transcript(0.0)

    transcript.add(0.0, "them", "bytes", b"x" * (LONGEST_DATA + 1))

    assert transcript.entries[0].data == "x" * LONGEST_DATA + f" … ({LONGEST_DATA + 1} bytes)"


def test_a_flood_of_bytes_is_shortened() -> None:
    """What came first is the evidence; what follows is still seen to have come."""
    transcript = Transcript(0.0)

    for _ in range(200):
        transcript.add(0.0, "them", "bytes", b"x" * LONGEST_DATA)

    sizes = [len(entry.data) for entry in transcript.entries]
    assert sizes[0] == LONGEST_DATA
    assert transcript.entries[-1].data == "x" * SHORT + f" … ({LONGEST_DATA} bytes)"
    assert sum(sizes) < MOST_DATA + 200 * 2 * SHORT


def test_a_flood_of_entries_is_counted_and_not_kept() -> None:
    """A target that drips for ever does not fill our memory."""
    transcript = Transcript(0.0)

    for _ in range(MOST_ENTRIES + 3):
        transcript.add(0.0, "them", "bytes", b"x")

    assert len(transcript.entries) == MOST_ENTRIES
    assert transcript.dropped == 3


def test_a_long_reason_is_cut_in_its_middle() -> None:
    """Its beginning says what was expected, its end what to do; a target decides how long it is."""
    text = "begin" + "x" * 100_000 + "end"

    assert discreet("short") == "short"
    assert len(discreet(text)) < LONGEST_REASON + 100
    assert discreet(text).startswith("beginx")
    assert "(100008 characters)" in discreet(text)
    assert discreet(text).endswith("xend")
