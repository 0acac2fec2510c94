"""
What the repairs to framing refuse, and what they leave alone.
"""

import pytest

from reference_impl.repairs import framing

WRONG_HOSTS = [b"a b", b"a/b", b"a?b", b"u@a", b"a:b", b"a:1:2", b"[::1", b"<a>", b"\xe4", b"a%zz"]
RIGHT_HOSTS = [b"", b"a", b"a:", b"a:80", b"[::1]:80", b"a_b", b"%41", b"127.0.0.1:8080"]
WRONG_TARGETS = [
    b"ping",
    b"\\ping",
    b"127.0.0.1:80",
    b"",
    b"/a\x7f",
    b"/a b",
    b"*a",
    b"http://[::1/",
    b"http://a b/",
    b"http://u@a@b:x/",
]
RIGHT_TARGETS = [b"/", b"/ping?a=b#c", b"*", b"http://a/ping", b"HTTPS://a", b"/\xc3\xa4"]


@pytest.fixture
def say(connect):
    """Sends bytes to the repaired site."""

    def say(*lines, body=b""):
        connection = connect()
        connection.protocol.dataReceived(b"\r\n".join((*lines, b"", body)))
        return connection

    return say


@pytest.mark.parametrize("host", WRONG_HOSTS)
def test_a_host_that_is_none_is_a_problem(host):
    """What is no host, and perhaps a port, is refused."""
    assert framing.why_not(b"/", b"HTTP/1.1", [host], []) == "not a Host"


@pytest.mark.parametrize("host", RIGHT_HOSTS)
def test_a_host_is_no_problem(host):
    """Names, addresses, ports, and nothing at all are hosts."""
    assert framing.why_not(b"/", b"HTTP/1.1", [host], []) is None


@pytest.mark.parametrize(
    ("version", "hosts", "problem"),
    [
        (b"HTTP/1.1", [], "not one Host"),
        (b"HTTP/1.1", [b"a", b"a"], "not one Host"),
        (b"HTTP/1.0", [b"a", b"b"], "not one Host"),
        (b"HTTP/1.0", [], None),
    ],
)
def test_http_1_1_wants_one_host(version, hosts, problem):
    """HTTP/1.0 may do without, and nobody has two."""
    assert framing.why_not(b"/", version, hosts, []) == problem


@pytest.mark.parametrize("target", WRONG_TARGETS)
def test_a_target_that_is_none_is_a_problem(target):
    """A path begins with a slash, and has no blanks and control characters."""
    assert framing.why_not(target, b"HTTP/1.1", [b"a"], []) == "not a request target"


@pytest.mark.parametrize("target", RIGHT_TARGETS)
def test_a_target_is_no_problem(target):
    """Paths, whole URIs and the asterisk are targets."""
    assert framing.why_not(target, b"HTTP/1.1", [b"a"], []) is None


@pytest.mark.parametrize("codings", [[b"identity"], [b"chunked", b"identity"]])
def test_a_coding_that_tells_no_end_is_a_problem(codings):
    """Chunked is the last coding, or the request is refused."""
    assert framing.why_not(b"/", b"HTTP/1.1", [b"a"], codings) == "no transfer coding that tells the end"


def test_what_follows_a_refused_request_is_not_answered(say):
    """The connection ends with the refusal."""
    asked = say(
        b"POST /echo HTTP/1.1",
        b"Host: a",
        b"Transfer-Encoding: identity",
        body=b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n",
    )

    assert asked.status == 400
    assert b"pong" not in asked.received
    assert asked.transport.disconnecting


def test_a_refused_head_has_no_body(say):
    """An answer to HEAD has no body, whatever it says."""
    asked = say(b"HEAD /ping HTTP/1.1")

    assert asked.status == 400
    assert asked.body == b""
