"""
Each repair is still needed: without it, the newest Twisted answers as its evidence says.

When one of these fails after an upgrade, the repair that it names can go.
"""

import pytest
from twisted.internet.error import ProcessDone
from twisted.python.failure import Failure

from reference_impl.site import build


@pytest.fixture
def literally(connect, literal):
    """Requests something of the site without repairs."""
    return lambda target, *fields: connect(literal).request(target, *fields)


@pytest.fixture
def application(world, settings, events, assets, connect):
    """Hosts an application without repairs; gives the answer to a request of it."""

    def application(text):
        (assets / "application.py").write_text(text)
        return connect(build(world, settings._replace(literal=True), recorder=events)).request("/wsgi")

    return application


def test_sessions_are_not_kept_alive_by_a_visit(literally, world):
    """`requests.Request.getSession`: visits at 0, 3 and 6 s of a session of 5 s, and the third has a new ID."""
    first = literally("/logme")
    cookie = "Cookie: TWISTED_SESSION=" + first.body.split()[-1].decode("ascii")
    world.advance(3)
    assert literally("/logme", cookie).body == first.body
    world.advance(3)
    assert literally("/logme", cookie).body != first.body


def test_finishing_for_a_client_that_left_is_an_error(literally, world):
    """`requests.Request.finish`: the tutorial's page, as printed, finishes a request that is over."""
    literally("/asynchronous").leave()
    with pytest.raises(RuntimeError, match="after its connection was lost"):
        world.advance(5)


def test_an_absolute_target_is_not_found(literally):
    """`requests.Request.requestReceived`."""
    assert literally("http://web60/ping").status == 404


def test_an_empty_host_gives_no_server_name(literally, world):
    """`requests.Request.getRequestHostname`."""
    literally("/cgi-bin/date", "Host:")
    assert world.spawned[-1][2]["SERVER_NAME"] == b""


def test_what_is_not_base64_is_taken_for_it(literally):
    """`basic.BasicFactory`."""
    assert literally("/auth/basic/", "Authorization: Basic YWxpY!2U6c2VjcmV0").status == 200


def test_a_digest_without_uri_is_an_internal_error(literally):
    """`digest.DigestFactory`."""
    head = literally("/auth/digest/").head
    nonce, opaque = (head.split(name + '="')[1].split('"')[0] for name in ("nonce", "opaque"))
    answer = f'Authorization: Digest username="alice", nonce="{nonce}", opaque="{opaque}", response="x"'
    assert literally("/auth/digest/", answer).status == 500


def test_a_path_behind_a_script_is_an_internal_error(literally):
    """`cgi.Script`."""
    assert literally("/cgi-bin/date/more").status == 500


def test_location_replaces_the_status_before_it(literally, world):
    """`cgi.Output`."""
    asked = literally("/cgi-bin/date")
    protocol = world.spawned[-1][0]
    protocol.outReceived(b"Status: 303 See Other\nLocation: /x\n\n")
    protocol.processEnded(Failure(ProcessDone(0)))
    assert asked.status == 302


def test_an_error_among_the_blocks_skips_close(application, tmp_path):
    """`wsgi.Blocks`."""
    application(f"""
class Blocks:
    def __iter__(self):
        raise ValueError

    def close(self):
        open({str(tmp_path / "closed")!r}, "x").close()


def application(environ, start_response):
    start_response("200 OK", [])
    return Blocks()
""")
    assert not (tmp_path / "closed").exists()


def test_a_second_start_response_is_taken(application):
    """`wsgi.Call`."""
    asked = application("""
def application(environ, start_response):
    start_response("200 First", [])
    start_response("200 Second", [])
    return [b"twice"]
""")
    assert b"200 Second" in asked.received


def test_close_among_other_options_is_overlooked(literally):
    """`answers.Channel.checkPersistence`."""
    assert not literally("/ping", "Connection: close, te").transport.disconnecting


def test_no_content_has_a_length(literally):
    """`answers.Channel.writeHeaders`."""
    assert "content-length: 0" in literally("/http/no-content").head.lower()


def test_a_long_line_ends_the_connection_without_a_word(connect, literal):
    """`answers.Channel.lineLengthExceeded`."""
    asked = connect(literal)
    asked.protocol.dataReceived(b"GET /" + b"x" * 17_000)
    assert asked.transport.disconnecting
    assert asked.received == b""


def test_a_refusal_is_a_line_and_nothing_else(connect, literal):
    """`answers.Transport`."""
    asked = connect(literal)
    asked.protocol.dataReceived(b"GET /ping HTTP/1.1\r\nno colon\r\n\r\n")
    assert asked.received == b"HTTP/1.1 400 Bad Request\r\n\r\n"


def test_a_host_is_not_looked_at(connect, literal):
    """`framing.Request`, its hosts."""
    for hosts in (b"", b"Host: a\r\nHost: b\r\n", b"Host: a/b\r\n"):
        asked = connect(literal)
        asked.protocol.dataReceived(b"GET /ping HTTP/1.1\r\n" + hosts + b"\r\n")
        assert asked.status == 200


def test_the_first_character_of_a_target_is_not_looked_at(literally):
    """`framing.Request`, its targets."""
    assert literally("xping").status == 200


def test_a_target_may_have_a_delete_in_it(literally):
    """`framing.Request`, its targets."""
    assert literally("/ping?\x7f").status == 200


def test_identity_is_taken_for_no_coding(literally):
    """`framing.Request`, its codings."""
    assert literally("/ping", "Transfer-Encoding: identity").status == 200
