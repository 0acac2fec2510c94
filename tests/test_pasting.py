"""
What we sent, as something to paste: a shell makes the same bytes of it.
"""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.addresses import Address
from harness.pasting import LONGEST, again, command
from harness.transcripts import Entry

HERE = Address("http", "127.0.0.1", 8080, "")


@settings(deadline=None, max_examples=25)
@given(st.binary(max_size=200))
def test_a_shell_prints_exactly_the_bytes(data: bytes) -> None:
    """Whatever they are: quotes, percent signs, backslashes, NUL."""
    written, _, to = command(data.decode("latin-1"), HERE).rpartition(" | ")
    printed = subprocess.run(["/bin/sh", "-c", written], capture_output=True, check=True)

    assert printed.stdout == data
    assert to == "nc -w 5 127.0.0.1 8080"


def test_a_request_is_readable() -> None:
    """Line ends are the only escapes of an ordinary one."""
    assert command("GET /a%20b HTTP/1.1\r\nHost: h\r\n\r\n", HERE) == (
        r"printf 'GET /a%%20b HTTP/1.1\r\nHost: h\r\n\r\n' | nc -w 5 127.0.0.1 8080"
    )


@pytest.mark.parametrize(("host", "name"), [("h", "h"), ("::1", "[::1]")])
def test_https_needs_another_tool(host: str, name: str) -> None:
    """It is on every machine that has TLS."""
    told = command("x", Address("https", host, 8443, ""))
    assert told == f"printf 'x' | openssl s_client -quiet -connect {name}:8443"


@pytest.mark.parametrize("data", ["x" * (LONGEST + 1), "GET … (50000 bytes)"])
def test_what_is_too_long_is_said_to_be(data: str) -> None:
    """Also what the transcript has cut."""
    assert command(data, HERE) == "(more bytes than anybody would paste)"


def test_each_connection_has_a_command_of_its_own() -> None:
    """With all that we said on it, and nothing of what they said."""
    entries = [
        Entry(0.0, "us", "open", "", 1),
        Entry(0.0, "us", "bytes", "GE", 1),
        Entry(0.0, "us", "open", "", 2),
        Entry(0.0, "us", "bytes", "other", 2),
        Entry(0.0, "us", "bytes", "T", 1),
        Entry(0.0, "them", "bytes", "HTTP", 1),
        Entry(0.0, "us", "open", "", 3),
    ]

    assert list(again(entries, HERE)) == [
        "to see it again: printf 'GET' | nc -w 5 127.0.0.1 8080",
        "           then: printf 'other' | nc -w 5 127.0.0.1 8080",
    ]
