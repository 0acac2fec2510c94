"""
Facts are steady: what names a run is put into words, what names the server stays.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.messages import Fields
from specs.facts import body, fields, printed, steady

TARGET = SimpleNamespace(url="http://127.0.0.1:8123/", assets=Path("/srv/mine/assets"))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"http://127.0.0.1:8123/x", "http://(authority)/x"),
        ("8123", "(port)"),
        ("81234", "81234"),
        ("w60-0123456789abcdef", "(token)"),
        ("Sat, 21 Nov 2026 20:50:17 GMT", "(date)"),
        ("Saturday, 21-Nov-26 20:50:17 GMT", "(date)"),
        ("Sat Nov 21 20:50:17 2026", "(date)"),
        ("2026-11-21T20:50:17Z", "(date)"),
        ("<object at 0x7f0ea083e530>", "<object at (address)>"),
        ("/tmp/web60-abcdef/events.jsonl", "(workspace)/events.jsonl"),
        ("/srv/mine/assets/cgi-bin/a.sh", "(assets)/cgi-bin/a.sh"),
        (
            b"HTTP/1.1 200 OK\r\nServer: Werkzeug/3.0 Python/3.12\r\n\r\nb/1",
            "HTTP/1.1 200 OK\r\nServer: Werkzeug/(version) Python/(version)\r\n\r\nb/1",
        ),
        (404, "404"),
        (b"caf\xe9", "café"),
    ],
)
def test_what_names_a_run_is_put_into_words(value: object, shown: str) -> None:
    """And nothing else."""
    assert steady(value, TARGET) == shown


def test_fields_keep_their_order_and_spelling() -> None:
    """Of the software it is the name that counts: its version differs in every comparison of two."""
    answer = SimpleNamespace(
        fields=Fields(((b"server", b"TwistedWeb/26.10.0rc1"), (b"Date", b"Sat, 21 Nov 2026 20:50:17 GMT")))
    )

    assert fields(answer, TARGET) == ["server: TwistedWeb/(version)", "Date: (date)"]


def test_a_long_body_is_begun() -> None:
    """And its length told, for what follows may differ too."""
    short, long = (SimpleNamespace(body=body_of) for body_of in (b"at 127.0.0.1:8123", b"x" * 1000))

    assert body(short, TARGET) == "at (authority)"
    assert body(long, TARGET) == "x" * 600 + "… (1000 bytes)"


def test_what_a_command_prints_names_no_version_and_no_run() -> None:
    """Neither Twisted's nor Python's, nor its place, nor the connection that was served; an address is no version."""
    lines = (
        f"2026-11-21T21:06:36+0000 [-] twistd 26.10.0rc1 ({sys.executable} 3.11.7) starting up.",
        "Site starting on 8123",
        '"127.0.0.1" - - [21/Nov/2026:21:06:36 +0000] "GET / HTTP/1.1" 200 6 "-" "-"',
        "REMOTE_PORT = '40714'",
        "2026-11-21T21:06:36+0000 [-] twistd 22.4.0 (/srv/envs/22.4.0/bin/python3.10 3.10.12) starting up.",
        "2026-11-21T21:06:36+0000 [_GenericHTTPChannelProtocol,0,127.0.0.1] Received SIGTERM, shutting down.",
    )

    assert printed(SimpleNamespace(url=TARGET.url, assets=None, lines=lines)) == [
        "(date) [-] twistd (version) ((python) (version)) starting up.",
        "Site starting on (port)",
        '"127.0.0.1" - - [(date)] "GET / HTTP/1.1" 200 6 "-" "-"',
        "REMOTE_PORT = '(port)'",
        "(date) [-] twistd (version) ((python) (version)) starting up.",
        "(date) [-] Received SIGTERM, shutting down.",
    ]
