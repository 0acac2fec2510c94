"""
People with browsers, against a real server on loopback that answers as a test says.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

import pytest
import pytest_twisted
from attrs import define, field
from twisted.internet.protocol import Factory, Protocol

from harness.addresses import Address
from harness.attempts import Attempt
from harness.client import MOST_COOKIES, Client
from harness.clocks import Clock
from harness.dialers import SocketDialer
from harness.errors import NoAnswer, NotHTTP, Overdue, Refused, TooMuch
from harness.limits import Limit
from harness.transcripts import Transcript
from harness.wire import Ping, Wire
from harness.worlds import World, WorldClock


@define
class Server:
    """What was asked, and what is answered next."""

    answers: list[bytes] = field(factory=list)
    asked: list[bytes] = field(factory=list)


class Scripted(Protocol):
    """Answers each request with the next answer, and closes; says nothing where there is none."""

    server: Server

    def dataReceived(self, data: bytes) -> None:
        """One request is one segment on loopback."""
        self.server.asked.append(data)
        if self.server.answers:
            transport: Any = self.transport
            transport.write(self.server.answers.pop(0))
            transport.loseConnection()


def answer(body: bytes = b"", *fields: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer as bytes."""
    head = (b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *fields)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.fixture
def server() -> Server:
    """What the server is to do."""
    return Server()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """Somebody who opens browsers to that server."""
    from twisted.internet import reactor  # noqa: PLC0415 - nobody imports it at module level

    loop: Any = reactor
    factory: Any = Factory.forProtocol(Scripted)
    Scripted.server = server
    port = loop.listenTCP(0, factory, interface="127.0.0.1")
    attempt = Attempt(Clock(loop), Transcript(0.0), lambda: "token")
    dialer = SocketDialer(loop, Address("http", "127.0.0.1", port.getHost().port, "/base"))
    yield Client(attempt, Wire(attempt, dialer, Limit(4), Ping("/")), loop)
    attempt.finish()
    pytest_twisted.blockon(port.stopListening())


@pytest_twisted.ensureDeferred
async def test_a_visitor_gets_answers_as_the_wire_gives_them(client: Client, server: Server) -> None:
    """Parsed, timed, and in the transcript; the path is filled in below the base."""
    server.answers.append(answer(b"hello", b"X-A: b", status=b"404 Nope"))

    got = await client.visitor().get("/p?id={id}", fields=[("X-Mine", "é")])

    assert (got.status, got.reason, got.body, got.framing, got.complete) == (404, b"Nope", b"hello", "length", True)
    assert got.fields.get("x-a") == "b"
    assert got.first_at >= got.sent_at > 0
    assert server.asked[0].startswith(b"GET /base/p?id=token HTTP/1.1\r\n")
    assert b"X-Mine: \xe9\r\n" in server.asked[0]
    assert "bytes" in [entry.what for entry in client.attempt.transcript.entries]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ((b"Set-Cookie: s=1; Path=/", b"Set-Cookie: s=; Path=/; Max-Age=0"), {}),
        ((b"Set-Cookie: s=; Path=/; Max-Age=0", b"Set-Cookie: s=1; Path=/"), {"s": "1"}),
        ((b"Set-Cookie: s=1; Path=/", b"Set-Cookie: t=2; Path=/", b"Set-Cookie: s=3; Path=/"), {"s": "3", "t": "2"}),
    ],
)
async def test_of_one_answer_the_last_word_about_a_cookie_counts(
    client: Client, server: Server, fields: tuple[bytes, ...], left: dict[str, str]
) -> None:
    """Also where it takes back what was said before."""
    server.answers.append(answer(b"", *fields))
    visitor = client.visitor()

    await visitor.get("/a")

    assert visitor.cookies == left


@pytest_twisted.ensureDeferred
async def test_cookies_come_back_and_the_newest_wins(client: Client, server: Server) -> None:
    """As in a browser; another visitor has none of them."""
    server.answers += [
        answer(b"", b"Set-Cookie: s=1; Path=/"),
        answer(b"", b"Set-Cookie: s=2; Path=/"),
        answer(),
        answer(),
    ]
    visitor = client.visitor()

    for _ in range(3):
        await visitor.get("/a")
    await client.visitor().get("/a")

    assert visitor.cookies == {"s": "2"}
    assert [b"cookie" in asked.lower() for asked in server.asked] == [False, True, True, False]
    assert b"s=2" in server.asked[2]


def test_cookies_age_by_the_clock_of_their_world(server: Server) -> None:
    """A quarter of an hour of a world's, which takes none of ours, is all that is given; to the second, or one more."""
    server.answers += [answer(b"", b"Set-Cookie: s=1; Max-Age=900"), answer(), answer()]
    Scripted.server = server

    async def visits() -> None:
        visitor = Client(attempt, Wire(attempt, dialer, Limit(4), Ping("/")), world).visitor()
        await visitor.get("/a")
        await clock.sleep(899.0)
        await visitor.get("/a")
        await clock.sleep(3.0)
        await visitor.get("/a")

    with World() as world:
        port = world.listenTCP(0, Factory.forProtocol(Scripted))
        dialer = SocketDialer(world, Address("http", "127.0.0.1", port.getHost().port, ""))
        clock = WorldClock(world)
        attempt = Attempt(clock, Transcript(0.0), lambda: "token")
        world.run(visits())
        attempt.finish()

    assert [b"s=1" in asked for asked in server.asked] == [False, True, False]


@pytest_twisted.ensureDeferred
async def test_cookies_age_by_the_real_clock_where_that_is_the_visitor_s(client: Client, server: Server) -> None:
    """What is given until a date of its own is kept until then; what is over by then is not sent."""
    lifetimes = {
        b"long": b"Max-Age=900",
        b"over": b"Max-Age=0",
        b"until": b"Expires=" + formatdate(time.time() + 900.0, usegmt=True).encode(),
        b"past": b"Expires=" + formatdate(time.time() - 900.0, usegmt=True).encode(),
    }
    fields = [b"Set-Cookie: %s=1; %s" % lifetime for lifetime in lifetimes.items()]
    server.answers += [answer(b"", *fields), answer()]
    visitor = client.visitor()

    for _ in range(2):
        await visitor.get("/a")

    assert visitor.cookies.keys() == {"long", "until"}
    assert [name for name in lifetimes if name + b"=1" in server.asked[1]] == [b"long", b"until"]


@pytest_twisted.ensureDeferred
async def test_a_visitor_may_log_in_post_and_bring_cookies(client: Client, server: Server) -> None:
    """Basic credentials are treq's; they do not get into the transcript."""
    server.answers.append(answer(b"ok"))

    got = await client.visitor().post("/a", b"body", auth=("alice", "secret"), cookies={"c": "d"})

    assert got.body == b"ok"
    assert server.asked[0].endswith(b"\r\n\r\nbody")
    assert b"Basic YWxpY2U6c2VjcmV0" in server.asked[0]
    assert b"c=d" in server.asked[0]
    assert not any("YWxpY2U6c2VjcmV0" in entry.data for entry in client.attempt.transcript.entries)


@pytest_twisted.ensureDeferred
async def test_redirects_are_not_followed(client: Client, server: Server) -> None:
    """The spec sees the redirect itself."""
    server.answers.append(answer(b"", b"Location: /elsewhere", status=b"302 Found"))

    got = await client.visitor().get("/a")

    assert (got.status, len(server.asked)) == (302, 1)


@pytest_twisted.ensureDeferred
async def test_a_compressed_body_is_decoded_and_the_raw_bytes_stay(client: Client, server: Server) -> None:
    """A browser would show the text."""
    packed = gzip.compress(b"hello" * 100)
    server.answers.append(answer(packed, b"Content-Encoding: gzip"))

    got = await client.visitor().get("/a")

    assert got.body == b"hello" * 100
    assert got.raw.endswith(packed)


@pytest_twisted.ensureDeferred
async def test_a_compressed_flood_is_cut_off(client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes on the wire may be a gigabyte of body."""
    client.attempt.most_bytes = 1000
    server.answers.append(answer(gzip.compress(b"x" * 100_000), b"Content-Encoding: gzip"))

    with pytest.raises(TooMuch, match="once it is decompressed"):
        await client.visitor().get("/a")


@pytest_twisted.ensureDeferred
async def test_a_bomb_within_a_bomb_does_not_go_off(client: Client, server: Server) -> None:
    """Each coding is undone by itself, as far as we keep what comes out."""
    inner = gzip.compress(bytes(10_000_000))
    server.answers.append(answer(gzip.compress(inner * 2), b"Content-Encoding: gzip", b"Content-Encoding: GZIP"))

    with pytest.raises(TooMuch, match="once it is decompressed"):
        await client.visitor().get("/a")


@pytest.mark.parametrize(
    ("sent", "codings", "body"),
    [
        (gzip.compress(b"a") + gzip.compress(b"b"), "gzip", b"ab"),
        (gzip.compress(b"a") + b"padding", "gzip", b"a"),
        (gzip.compress(gzip.compress(b"a")), "gzip, x-gzip", b"a"),
        (gzip.compress(b"a"), "gzip, br", gzip.compress(b"a")),
        (b"", "gzip", b""),
        (b"plain", "", b"plain"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_body_is_decoded_as_browsers_do(
    client: Client, server: Server, sent: bytes, codings: str, body: bytes
) -> None:
    """Several members are one body; what follows them, and what we cannot undo, stays as it is."""
    server.answers.append(answer(sent, b"Content-Encoding: " + codings.encode()))

    assert (await client.visitor().get("/a")).body == body


@pytest.mark.parametrize(("sent", "said"), [(b"plain", "not the gzip"), (gzip.compress(b"abc")[:-5], "ends too soon")])
@pytest_twisted.ensureDeferred
async def test_what_is_not_compressed_as_it_says_is_said_so(
    client: Client, server: Server, sent: bytes, said: str
) -> None:
    """It is the target's doing."""
    server.answers.append(answer(sent, b"Content-Encoding: gzip"))

    with pytest.raises(NotHTTP, match=said):
        await client.visitor().get("/a")


@pytest_twisted.ensureDeferred
async def test_a_cookie_beyond_ascii_comes_back_as_it_was(client: Client, server: Server) -> None:
    """RFC 6265 section 5.2 takes any bytes, and so do browsers."""
    server.answers += [answer(b"", "Set-Cookie: größe=42\u00b0; Path=/".encode()), answer()]
    visitor = client.visitor()

    await visitor.get("/a")
    await visitor.get("/a")

    assert "größe=42°".encode() in server.asked[1]
    assert visitor.cookies == {"größe".encode().decode("latin-1"): "42°".encode().decode("latin-1")}


@pytest_twisted.ensureDeferred
async def test_more_cookies_than_a_browser_keeps_are_not_kept(client: Client, server: Server) -> None:
    """A jar of thousands takes seconds to be looked through."""
    server.answers.append(answer(b"", *(b"Set-Cookie: c%d=v" % number for number in range(500))))
    visitor = client.visitor()

    got = await visitor.get("/a")

    assert len(visitor.cookies) == MOST_COOKIES
    assert len(got.fields.all("set-cookie")) == 500


@pytest_twisted.ensureDeferred
async def test_an_answer_that_is_cut_short_is_given_as_far_as_it_came(client: Client, server: Server) -> None:
    """By h11's reading of the same bytes."""
    server.answers.append(answer(b"hello")[:-2])

    got = await client.visitor().get("/a")

    assert (got.complete, got.body) == (False, b"hel")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("data", "kind"), [(b"", NoAnswer), (b"\0\1\2\3\r\n\r\n", NotHTTP)])
async def test_what_is_no_answer_is_the_targets_doing(
    client: Client, server: Server, data: bytes, kind: type[Exception]
) -> None:
    """In the same words as on the wire."""
    server.answers.append(data)

    with pytest.raises(kind):
        await client.visitor().get("/a")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("begun", [b"", answer(b"hello")[:-2]])
async def test_an_answer_that_does_not_come_in_time_is_overdue(client: Client, server: Server, begun: bytes) -> None:
    """And not taken for a connection that the target reset: giving up is our doing."""

    def hold(line: Scripted, data: bytes) -> None:
        line.transport.write(begun)  # type: ignore[union-attr]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scripted, "dataReceived", hold)

        with pytest.raises(Overdue, match=r"no answer to GET /a within 0\.1 s"):
            await client.visitor().get("/a", within=0.1)


@pytest_twisted.ensureDeferred
async def test_nobody_there_is_refused(client: Client) -> None:
    """As on the wire."""
    client.wire.dialer = SocketDialer(client.reactor, Address("http", "127.0.0.1", 1, ""))

    with pytest.raises(Refused):
        await client.visitor().get("/a")
