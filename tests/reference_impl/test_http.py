"""
The pages of HTTP, and what the reference's own connections do beside Twisted's.
"""

import json

import pytest


def test_the_echo_says_what_it_was_told(connect):
    """Any method, any bytes."""
    asked = connect().request("/echo", method="POST", body=b"\x00\xff\r\n")
    assert asked.received.endswith(b"\r\n\r\n\x00\xff\r\n")


def test_a_page_says_how_it_was_asked(connect):
    """Each byte of a value is the character of its number."""
    said = json.loads(connect().request("/http/asked?a=b", "X-Web60: \xe4").received.partition(b"\r\n\r\n")[2])
    assert said["method"] == "GET"
    assert said["target"] == "/http/asked?a=b"
    assert [value for name, value in said["fields"] if name.lower() == "x-web60"] == ["\xe4"]


def test_a_page_has_nothing_to_say(connect):
    """204 has no length, which Twisted would add."""
    asked = connect().request("/http/no-content")
    assert asked.status == 204
    assert "content-length" not in asked.head.lower()


def test_a_page_is_not_sent_to_who_has_it(connect):
    """304 has the tag, and no length."""
    asked = connect().request("/http/tagged", 'If-None-Match: "web60"')
    assert asked.status == 304
    assert 'ETag: "web60"' in asked.head
    assert "content-length" not in asked.head.lower()


def test_a_page_redirects_to_where_it_is_told(connect):
    """Whatever that is."""
    asked = connect().request("/http/redirect?to=/else%20where")
    assert asked.status == 302
    assert "Location: /else where" in asked.head


@pytest.mark.parametrize("options", ["close, te", "te,CLOSE", "te\r\nConnection: close"])
def test_close_counts_wherever_it_stands(connect, options):
    """The connection ends, and the answer says so."""
    asked = connect().request("/ping", f"Connection: {options}")
    assert "Connection: close" in asked.head
    assert asked.transport.disconnecting


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"x" * 17_000, 414),
        (b"GET /ping HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 17_000, 431),
        (b"GET /ping HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
    ],
)
def test_a_refusal_is_an_answer(connect, request_, status):
    """It has a Date and a length, and says that the connection ends."""
    asked = connect()
    asked.protocol.dataReceived(request_)
    assert asked.status == status
    assert {"Date", "Connection", "Content-Length"} <= {line.partition(":")[0] for line in asked.head.splitlines()}
    assert asked.transport.disconnecting
