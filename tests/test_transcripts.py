"""
Transcripts hold what was said, and no secret.
"""

from __future__ import annotations

import base64

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.timing import Window
from harness.transcripts import (
    IN_A_ROW,
    LAST_MOMENTS,
    LONGEST_DATA,
    LONGEST_REASON,
    MOST_DATA,
    MOST_ENTRIES,
    MOST_MOMENTS,
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


def test_the_clock_says_what_was_measured_and_waited_for() -> None:
    """In seconds since the spec began."""
    transcript = Transcript(100.0)

    transcript.paused(100.5, 101.0, "a moment")
    transcript.measured(106.0, 100.25, 5.75, Window(4.99, 5.5), held=False)
    transcript.waited_in_vain(108.0, 106.0, "no answer within 2 s")

    assert transcript.entries == [
        Entry(0.5, "clock", "wait", "until 1 s: a moment"),
        Entry(6.0, "clock", "window", "5.75 s from 0.25 s; allowed: 4.99 to 5.5 s; missed"),
        Entry(8.0, "clock", "late", "since 6 s: no answer within 2 s"),
    ]


def test_what_did_not_come_is_told_discreetly() -> None:
    """What was waited for may quote a target."""
    transcript = Transcript(0.0)

    transcript.waited_in_vain(2.0, 0.0, 'no Authorization: Basic c2VjcmV0, nonce="N0nce" ' + LONGEST_REASON * "x")

    assert transcript.entries[0].data.startswith("since 0 s: no Authorization: Basic *** nonce=***")
    assert len(transcript.entries[0].data) < LONGEST_REASON + 100


def test_pauses_in_a_row_for_the_same_are_one() -> None:
    """Whoever looks again and again pauses a hundred times; what is sent between two of them is seen all the same."""
    transcript = Transcript(0.0)

    transcript.paused(0.0, 1.0, "a byte")
    transcript.add(1.0, "us", "bytes", b"x", 1)
    transcript.paused(1.0 + IN_A_ROW, 2.0, "a byte")
    transcript.paused(1.5, 1.75, "a byte")
    transcript.paused(2.0, 3.0, "another byte")
    transcript.paused(3.1, 4.0, "another byte")

    assert [(entry.t, entry.data) for entry in transcript.entries] == [
        (0.0, "until 2 s: a byte"),
        (1.0, "x"),
        (2.0, "until 3 s: another byte"),
        (3.1, "until 4 s: another byte"),
    ]


def test_what_was_measured_pushes_out_nothing_that_was_said() -> None:
    """Both are bounded, each by itself; what is not kept is counted."""
    transcript = Transcript(0.0)

    for number in range(MOST_MOMENTS + 3):
        transcript.measured(float(number), 0.0, 1.0, Window(0.0, 2.0), held=False)
    for _ in range(MOST_ENTRIES + 4):
        transcript.add(0.0, "them", "bytes", b"x")

    kept = [entry.who for entry in transcript.entries]
    assert (kept.count("clock"), kept.count("them")) == (MOST_MOMENTS, MOST_ENTRIES)
    assert transcript.dropped == 7


def test_after_a_flood_of_what_held_there_is_room_for_what_did_not() -> None:
    """Of a thousand answers in time and one that is late, that one is the evidence."""
    transcript = Transcript(0.0)

    for _ in range(1000):
        transcript.measured(1.0, 0.0, 1.0, Window(0.0, 2.0), held=True)
    transcript.measured(3.0, 0.0, 3.0, Window(0.0, 2.0), held=False)

    assert len(transcript.entries) == MOST_MOMENTS - LAST_MOMENTS + 1
    assert transcript.entries[-1] == Entry(3.0, "clock", "window", "3 s from 0 s; allowed: 0 to 2 s; missed")
    assert transcript.dropped == 1000 - (MOST_MOMENTS - LAST_MOMENTS)


def test_what_cannot_be_written_leaves_no_trace() -> None:
    """A number that no float can be: the next entry has its place."""
    transcript = Transcript(0.0)

    with pytest.raises(OverflowError):
        transcript.measured(1.0, 0.0, 10**400, Window(0.0), held=True)
    for _ in range(MOST_ENTRIES + 1):
        transcript.add(0.0, "them", "bytes", b"x")

    assert len(transcript.entries) == MOST_ENTRIES


def test_a_page_that_is_forgotten_has_room_again() -> None:
    """The next example of a property has evidence of its own."""
    transcript = Transcript(0.0)
    for number in range(MOST_MOMENTS + 1):
        transcript.measured(float(number), 0.0, 1.0, Window(0.0, 2.0), held=True)

    transcript.forget()
    transcript.paused(1.0, 2.0, "a moment")

    assert transcript.entries == [Entry(1.0, "clock", "wait", "until 2 s: a moment")]
    assert transcript.dropped == 0


def test_a_long_reason_is_cut_in_its_middle() -> None:
    """Its beginning says what was expected, its end what to do; a target decides how long it is."""
    text = "begin" + "x" * 100_000 + "end"

    assert discreet("short") == "short"
    assert len(discreet(text)) < LONGEST_REASON + 100
    assert discreet(text).startswith("beginx")
    assert "(100008 characters)" in discreet(text)
    assert discreet(text).endswith("xend")
