"""
Requests go out as they are written; answers are read by name.
"""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.messages import Answer, Fields, as_bytes, request_bytes

TOKEN = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12).map(lambda name: f"x{name}")
VALUE = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


def answer(**changes: object) -> Answer:
    """An answer, with what a test is about."""
    values: dict[str, object] = {
        "status": 200,
        "reason": b"OK",
        "version": b"1.1",
        "fields": Fields(),
        "body": b"",
        "framing": "length",
        "complete": True,
        "problem": "",
        "sent_at": 10.0,
        "first_at": 11.5,
        "last_at": 14.0,
    }
    return Answer(**{**values, **changes})  # type: ignore[arg-type]


def test_names_of_fields_compare_without_case() -> None:
    """RFC 9110 section 5.1."""
    fields = Fields(((b"Content-TYPE", b"text/plain"),))

    assert fields.get("content-type") == "text/plain"
    assert "CONTENT-Type" in fields


def test_values_of_one_name_are_joined_in_order() -> None:
    """RFC 9110 section 5.3: a list may be spread over lines."""
    fields = Fields(((b"Vary", b"a"), (b"Other", b"x"), (b"vary", b"b")))

    assert fields.get("Vary") == "a, b"
    assert fields.all("vary") == ["a", "b"]


def test_a_field_that_is_not_there_is_none_and_not_empty() -> None:
    """An empty value is another thing than no value."""
    fields = Fields(((b"Empty", b""),))

    assert fields.get("Empty") == ""
    assert fields.get("Missing") is None
    assert "Missing" not in fields


def test_values_that_are_no_utf_8_are_text_all_the_same() -> None:
    """Fields are latin-1: no byte of a target's can stop us from reading them."""
    every = bytes(range(1, 256))

    assert Fields(((b"X", every),)).get("x") == every.decode("latin-1")


def test_times_of_an_answer_count_from_our_last_byte() -> None:
    """`waited` is up to its first byte, `took` up to its last."""
    measured = answer()

    assert (measured.waited, measured.took) == (1.5, 4.0)


def test_text_never_fails() -> None:
    """What is not UTF-8 in a body is replaced."""
    assert answer(body=b"caf\xc3\xa9 \xff").text == "café \ufffd"


def test_a_short_repr_says_what_matters() -> None:
    """A failing assert prints the status and whether the answer is whole."""
    assert repr(answer(body=b"12345")) == "<200, 5 bytes>"
    assert repr(answer(complete=False)) == "<200, 0 bytes, cut short>"
    assert repr(Fields(((b"a", b"b"),))) == "<1 fields>"


def test_text_on_the_wire_is_latin_1() -> None:
    """Bytes stay as they are; text has one byte a character."""
    assert as_bytes("é") == b"\xe9"
    assert as_bytes(b"\xc3\xa9") == b"\xc3\xa9"


def test_a_request_has_its_host_first() -> None:
    """RFC 9110 section 7.2 recommends Host as the first field."""
    made = request_bytes("GET", "/a?b", host="h:80", fields=[("X", "y")])

    assert made == b"GET /a?b HTTP/1.1\r\nHost: h:80\r\nX: y\r\n\r\n"


def test_a_body_gets_its_length() -> None:
    """RFC 9112 section 6.2; an empty body has the length 0."""
    assert b"\r\nContent-Length: 3\r\n\r\nabc" in request_bytes("POST", "/", host="h", body=b"abc")
    assert b"\r\nContent-Length: 0\r\n\r\n" in request_bytes("POST", "/", host="h", body=b"")


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", b"TRANSFER-ENCODING"])
def test_a_framing_of_the_specs_own_is_left_alone(name: str | bytes) -> None:
    """A spec that bends the framing gets what it wrote and nothing else."""
    made = request_bytes("POST", "/", host="h", body=b"abc", fields=[(name, "bent")])

    assert made.lower().count(b"content-length") + made.lower().count(b"transfer-encoding") == 1


def test_a_host_of_the_specs_own_is_left_alone() -> None:
    """Two Host fields would be another test than the one that was written."""
    made = request_bytes("GET", "/", host="h", fields=[("host", "other")])

    assert made == b"GET / HTTP/1.1\r\nhost: other\r\n\r\n"


def test_nothing_about_a_request_is_checked() -> None:
    """Specs send what no client would."""
    made = request_bytes(b"G\0T", " ", host="h", fields=[("a b", "c\nd")], version=b"9.9")

    assert made == b"G\0T   HTTP/9.9\r\nHost: h\r\na b: c\nd\r\n\r\n"


@settings(deadline=None)
@given(names=st.lists(st.tuples(TOKEN, VALUE), max_size=5), body=st.none() | st.binary(max_size=50))
def test_what_is_not_bent_is_well_formed(names: list[tuple[str, str]], body: bytes | None) -> None:
    """An independent server side, h11's, reads the same fields and the same body."""
    server = h11.Connection(h11.SERVER)

    server.receive_data(request_bytes("POST", "/x", host="h", fields=names, body=body))
    request = server.next_event()
    read = b""
    while isinstance(event := server.next_event(), h11.Data):
        read += event.data

    assert isinstance(request, h11.Request)
    assert isinstance(event, h11.EndOfMessage)
    assert read == (body or b"")
    assert [pair for pair in request.headers.raw_items() if pair[0].startswith(b"x")] == [
        (name.encode(), value.encode()) for name, value in names
    ]
