"""
CGI: which files are scripts, what they are told, and what becomes of what they say.
"""

import pytest
from twisted.internet.error import ProcessDone
from twisted.python.failure import Failure


def end(protocol):
    """The script exits, content."""
    protocol.processEnded(Failure(ProcessDone(0)))


@pytest.fixture
def run(connect, world):
    """Requests a script; gives the connection and what was spawned for it."""

    def run(target="/cgi-bin/date", *fields, to=None, **kwargs):
        asked = (connect(to) if to else connect()).request(target, *fields, **kwargs)
        return (asked, *world.spawned[-1])

    return run


def test_a_script_answers_with_its_output(run):
    """Type and body are the script's."""
    asked, protocol, args, _ = run()
    protocol.outReceived(b"Content-Type: text/plain\n\nnow\n")
    end(protocol)
    assert asked.status == 200
    assert b"\r\nnow\n\r\n" in asked.received
    assert args[0].endswith("/cgi-bin/date")


def test_a_filtered_script_is_the_argument_of_its_interpreter(run, assets):
    """/bin/sh for *.sh, and the script's path behind it."""
    assert run("/cgi-filtered/date.sh")[2] == ["/bin/sh", str(assets / "cgi-filtered" / "date.sh")]


@pytest.mark.parametrize(
    "target",
    [
        "/cgi-bin/missing",
        "/cgi-bin/",
        "/cgi-bin/..%2fcgi-filtered%2fdate.sh",
        "/cgi-bin/%2e%2e/x",
        "/cgi-bin/date%00",
        "/cgi-bin/date/%00",
        "/cgi-filtered/x.pl",
    ],
)
def test_nothing_but_the_directorys_files_is_run(connect, world, assets, target):
    """404 for what is missing, outside, or not runnable."""
    (assets / "cgi-filtered" / "x.pl").write_text("print")
    assert connect().request(target).status == 404
    assert world.spawned == []


def test_the_environment_is_rfc_3875s(run):
    """The path behind the script decoded, the query raw, repeated fields joined, secrets withheld."""
    environment = run(
        "/cgi-bin/date/caf%C3%A9//x?a+b%20c",
        "X-One: 1",
        "x-one: 2",
        "Authorization: Basic c2VjcmV0",
        "Proxy: http://evil",
        "Cookie: a=1",
    )[3]
    assert environment[b"PATH_INFO"] == "/café//x".encode()
    assert environment[b"SCRIPT_NAME"] == b"/cgi-bin/date"
    assert environment[b"QUERY_STRING"] == b"a+b%20c"
    assert environment[b"HTTP_X_ONE"] == b"1, 2"
    assert environment[b"HTTP_COOKIE"] == b"a=1"
    assert environment[b"SERVER_NAME"] == b"web60"
    assert not {b"HTTP_AUTHORIZATION", b"HTTP_PROXY", b"PROXY"} & set(environment)


def test_the_query_is_defined_though_empty(run):
    """RFC 3875 section 4.1.7; and there is no PATH_INFO where no path goes on."""
    environment = run()[3]
    assert environment[b"QUERY_STRING"] == b""
    assert b"PATH_INFO" not in environment


def test_an_empty_host_still_gives_a_server_name(run):
    """The server's own address, where the client names none."""
    assert run("/cgi-bin/date", "Host:")[3][b"SERVER_NAME"] == b"127.0.0.1"


@pytest.mark.parametrize(("query", "words"), [("a+b%20c", [b"a", b"b c"]), ("a=b", []), ("a%00", []), ("", [])])
def test_a_query_without_equals_becomes_arguments(run, query, words):
    """RFC 3875 section 4.4, unless an argument could not hold it."""
    assert run("/cgi-bin/date?" + query)[2][1:] == words


@pytest.mark.parametrize(
    ("output", "status", "field"),
    [
        (b"Status: 303 See Other\nLocation: /x\n\n", 303, "Location: /x"),
        (b"Location: /x\nStatus: 303 See Other\n\n", 303, "Location: /x"),
        (b"Location: /x\n\n", 302, "Location: /x"),
        (b"Content-Type:text/plain\r\nX-A:1\r\n\r\n", 200, "X-A: 1"),
        (b"Set-Cookie: a=1\nSet-Cookie: b=2\n\n", 200, "Set-Cookie: b=2"),
    ],
)
@pytest.mark.parametrize("pieces", [1, 1000])
def test_the_header_block_is_understood(run, output, status, field, pieces):
    """Status wins over Location in either order; no space is needed; whole or byte by byte."""
    asked, protocol, _, _ = run()
    size = -(-len(output) // pieces)
    for at in range(0, len(output), size):
        protocol.outReceived(output[at : at + size])
    end(protocol)
    assert asked.status == status
    assert field.lower() in asked.head.lower()


@pytest.mark.parametrize(
    "output", [b"", b"just words\n\nand more\n", b"\n\nbody", b"x" * 70_000, b"A: b\nno field\n\n"]
)
def test_output_without_a_header_block_is_an_error(run, output):
    """500, and nothing of the output."""
    asked, protocol, _, _ = run()
    for at in range(0, len(output), 1000):
        protocol.outReceived(output[at : at + 1000])
    end(protocol)
    assert asked.status == 500
    assert b"more" not in asked.body


def test_stderr_is_kept_within_bounds(run):
    """A script that complains without end does not fill our memory, nor the answer."""
    asked, protocol, _, _ = run()
    for _ in range(300):
        protocol.errReceived(b"e" * 1000)
    assert len(protocol.errortext) == 65_536
    assert asked.received == b""


def test_a_slow_client_makes_the_script_wait(run):
    """Its output is not read until the client can take more."""
    _, protocol, _, _ = run()
    reader = protocol.transport.pipes[1]
    protocol.pauseProducing()
    assert not reader.reading
    protocol.resumeProducing()
    assert reader.reading


def test_a_client_that_left_is_no_error(run):
    """The script may go on talking and end; nobody listens."""
    asked, protocol, _, _ = run()
    asked.leave()
    protocol.outReceived(b"Content-Type: text/plain\n\nlate\n")
    end(protocol)
    assert asked.received == b""
