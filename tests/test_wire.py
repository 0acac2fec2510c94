"""
Conversations: against a scripted target first, then over a real loopback socket.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import pytest_twisted
from attrs import define, field
from twisted.internet import task
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.error import ConnectionRefusedError as RefusedError
from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from harness.addresses import Address
from harness.attempts import Attempt
from harness.clocks import Clock, started
from harness.conversations import Conversation
from harness.dialers import CONNECT_WITHIN, SocketDialer
from harness.errors import Misbehaved, NoAnswer, NotHTTP, Overdue, Refused, TooMuch
from harness.limits import Limit
from harness.transcripts import Transcript
from harness.wire import Ping, Wire

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"


class Transport(StringTransport):
    """A transport that remembers how it was ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[str] = []

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's names here and below
        """The connection is ended in order."""
        self.ended.append("close")

    def abortConnection(self) -> None:  # noqa: N802
        """The connection is reset."""
        self.ended.append("abort")

    def loseWriteConnection(self) -> None:  # noqa: N802
        """Our half of the connection is ended."""
        self.ended.append("half")


@define
class Target:
    """A scripted target: a test says what it does, on which connection."""

    address: Address = field(factory=lambda: Address("http", "h", 8080, "/base"))
    problem: BaseException | None = None
    slow: bool = False
    lines: list[Any] = field(factory=list)
    sources: list[str | None] = field(factory=list)

    def dial(self, factory: IProtocolFactory, source: str | None = None) -> Deferred[Any]:
        """See `harness.dialers.Dialer`."""
        self.sources.append(source)
        if self.slow:
            return Deferred()
        if self.problem is not None:
            return fail(self.problem)
        protocol: Any = factory.buildProtocol(None)  # type: ignore[arg-type]
        self.lines.append(protocol)
        protocol.makeConnection(Transport())
        return succeed(protocol)

    def says(self, data: bytes, line: int = -1) -> None:
        """It sends these bytes."""
        self.lines[line].dataReceived(data)

    def ends(self, how: str = "fin", line: int = -1) -> None:
        """It ends the connection."""
        self.lines[line].connectionLost(Failure(ConnectionDone() if how == "fin" else ConnectionLost()))

    def heard(self, line: int = -1) -> bytes:
        """All that it was sent."""
        return bytes(self.lines[line].transport.value())

    def ended(self, line: int = -1) -> list[str]:
        """How we ended the connection."""
        return list(self.lines[line].transport.ended)


@pytest.fixture
def time() -> task.Clock:
    """Time that stands still until it is advanced."""
    return task.Clock()


@pytest.fixture
def target() -> Target:
    """A target that a test drives."""
    return Target()


@pytest.fixture
def limit() -> Limit:
    """Two requests at once."""
    return Limit(2)


@pytest.fixture
def wire(time: task.Clock, target: Target, limit: Limit) -> Wire:
    """The wire of one attempt."""
    attempt = Attempt(Clock(time, time.seconds), Transcript(0.0), lambda: "tok en")
    return Wire(attempt, target, limit, Ping("/ping", 204))


def result(awaited: Awaitable[Any]) -> Any:
    """What something ended in, which must have happened by now; an error is raised."""
    found = outcome(awaited)
    assert found, "it still waits"
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]


def outcome(awaited: Awaitable[Any]) -> list[Any]:
    """A list that holds the result, or the failure, once there is one."""
    found: list[Any] = []
    started(awaited).addBoth(found.append)
    return found


def happened(wire: Wire) -> list[tuple[str, str]]:
    """Who did what, by the transcript."""
    return [(entry.who, entry.what) for entry in wire.attempt.transcript.entries]


# What goes out.


def test_a_request_goes_out_whole_and_below_the_base(wire: Wire, target: Target) -> None:
    """Its path is filled in, with a fresh ID unless one is given."""
    conversation = result(wire.open())

    conversation.request("GET", "/a?id={id}&s={s}", s=2, fields=[("X", "y")])
    conversation.request("POST", "/b?id={id}", id="mine", body=b"abc")

    assert target.heard() == (
        b"GET /base/a?id=tok%20en&s=2 HTTP/1.1\r\nHost: h:8080\r\nX: y\r\n\r\n"
        b"POST /base/b?id=mine HTTP/1.1\r\nHost: h:8080\r\nContent-Length: 3\r\n\r\nabc"
    )


def test_the_bytes_of_a_request_can_be_had_without_sending_it(wire: Wire, target: Target) -> None:
    """To be bent or cut up."""
    conversation = result(wire.open())

    data = wire.bytes_of("GET", "/a", fields=[("X", "y")])
    conversation.send(data[:5])

    assert data == b"GET /base/a HTTP/1.1\r\nHost: h:8080\r\nX: y\r\n\r\n"
    assert target.heard() == b"GET /"


@pytest.mark.parametrize(
    ("leave", "how", "what"),
    [
        (Conversation.close, "close", "close"),
        (Conversation.abort, "abort", "reset"),
        (Conversation.half_close, "half", "half-close"),
    ],
)
def test_every_way_to_leave_is_its_own(
    wire: Wire, target: Target, leave: Callable[[Conversation], None], how: str, what: str
) -> None:
    """And stands in the transcript."""
    conversation = result(wire.open())

    leave(conversation)

    assert target.ended() == [how]
    assert happened(wire)[-1] == ("us", what)


def test_whoever_pauses_reads_nothing_until_resumed(wire: Wire, target: Target) -> None:
    """What the target sends then fills its buffers."""
    conversation = result(wire.open())

    conversation.pause()
    paused = target.lines[0].transport.producerState
    conversation.resume()

    assert (paused, target.lines[0].transport.producerState) == ("paused", "producing")
    assert happened(wire)[-2:] == [("us", "pause"), ("us", "resume")]


def test_a_spec_that_ends_leaves_no_connection_open(wire: Wire, target: Target) -> None:
    """Those that are over are left alone."""
    result(wire.open_many(2))
    target.ends(line=0)

    wire.attempt.finish()

    assert (target.ended(0), target.ended(1)) == ([], ["abort"])


# What comes in.


def test_an_answer_is_given_once_it_is_whole(wire: Wire, target: Target, time: task.Clock) -> None:
    """Its times count from our last byte."""
    conversation = result(wire.open())
    conversation.request("GET", "/a")
    found = outcome(conversation.answer())

    time.advance(1.0)
    target.says(ANSWER[:10])
    time.advance(1.0)
    target.says(ANSWER[10:-1])
    early = list(found)
    target.says(ANSWER[-1:])

    assert early == []
    assert (found[0].status, found[0].body, found[0].waited, found[0].took) == (200, b"abc", 1.0, 2.0)


def test_answers_to_pipelined_requests_come_in_order(wire: Wire, target: Target, time: task.Clock) -> None:
    """Each is read as the answer to its own request, however their bytes came together."""
    conversation = result(wire.open())
    conversation.request("HEAD", "/a")
    time.advance(1.0)
    conversation.request("GET", "/b")
    time.advance(1.0)
    target.says(ANSWER[:-3] + ANSWER)

    first, second = result(conversation.answer()), result(conversation.answer())

    assert (first.body, first.framing, first.sent_at) == (b"", "none", 0.0)
    assert (second.body, second.framing, second.sent_at) == (b"abc", "length", 1.0)
    assert first.raw + second.raw == conversation.received == ANSWER[:-3] + ANSWER


def test_bytes_that_came_before_anybody_asked_are_kept(wire: Wire, target: Target) -> None:
    """So is how the connection ended."""
    conversation = result(wire.open())
    target.says(ANSWER)
    target.ends()

    assert result(conversation.answer()).body == b"abc"
    assert conversation.is_gone
    assert result(conversation.gone()) == "fin"


@pytest.mark.parametrize(
    ("how", "said"), [("fin", "was closed without one byte"), ("rst", "was reset without one byte")]
)
def test_no_byte_at_all_is_no_answer(wire: Wire, target: Target, how: str, said: str) -> None:
    """The error says how the connection ended."""
    conversation = result(wire.open())
    conversation.request("GET", "/a")
    target.ends(how)

    with pytest.raises(NoAnswer, match=said):
        result(conversation.answer())
    with pytest.raises(NoAnswer, match=said):
        result(conversation.first_byte())
    assert result(conversation.answer_if_any()) is None


def test_half_an_answer_is_given_as_cut_short(wire: Wire, target: Target) -> None:
    """The spec sees what came of it."""
    conversation = result(wire.open())
    conversation.request("GET", "/a")
    target.says(ANSWER[:-1])
    target.ends("rst")

    answer = result(conversation.answer())

    assert (answer.complete, answer.body) == (False, b"ab")
    assert result(conversation.gone()) == "rst"


def test_what_is_no_http_is_said_so(wire: Wire, target: Target) -> None:
    """As an error of the target's."""
    conversation = result(wire.open())
    found = outcome(conversation.answer())

    target.says(b"\0\0\0\0")

    assert found[0].check(NotHTTP)


@pytest.mark.parametrize(
    ("wait", "what"),
    [
        (lambda one: one.answer(within=2.0), "answer to GET"),
        (lambda one: one.answer(method="HEAD", within=2.0), "answer to HEAD"),
        (lambda one: one.first_byte(within=2.0), "first byte of the answer to GET"),
        (lambda one: one.gone(within=2.0), "end of the connection"),
    ],
)
def test_what_does_not_come_in_time_is_overdue(
    wire: Wire, time: task.Clock, wait: Callable[[Conversation], Awaitable[Any]], what: str
) -> None:
    """The error names what was waited for, and so does the attempt meanwhile."""
    conversation = result(wire.open())
    found = outcome(wait(conversation))
    doing = wire.attempt.doing

    time.advance(2.0)

    assert found[0].check(Overdue)
    assert str(found[0].value) == f"no {what} within 2 s"
    assert doing == what


def test_an_answer_that_stops_half_way_is_overdue_and_said_so(wire: Wire, target: Target, time: task.Clock) -> None:
    """A later wait goes on where this one gave up."""
    conversation = result(wire.open())
    target.says(ANSWER[:-1])
    conversation.request("GET", "/a")
    first = result(conversation.first_byte())
    found = outcome(conversation.answer(within=2.0))

    time.advance(2.0)
    target.says(ANSWER[-1:])

    assert first == 0.0
    assert str(found[0].value) == "no rest of the answer to GET within 2 s"
    assert result(conversation.answer()).body == b"abc"


def test_the_first_byte_is_timed_and_the_answer_still_whole(wire: Wire, target: Target, time: task.Clock) -> None:
    """Whoever waits for it loses nothing."""
    conversation = result(wire.open())
    conversation.request("GET", "/a")
    found = outcome(conversation.first_byte())

    time.advance(1.5)
    target.says(ANSWER)

    assert found == [1.5]
    assert result(conversation.answer()).body == b"abc"


def test_a_flood_is_cut_off(wire: Wire, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an error of the target's, and does not fill our memory."""
    wire.attempt.most_bytes = 1000
    conversation = result(wire.open())
    found = outcome(conversation.answer())

    target.says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000)

    assert found[0].check(TooMuch)
    assert target.ended() == ["abort"]


def test_a_flood_is_told_to_whoever_waits_for_something_else(wire: Wire, target: Target) -> None:
    """That we hung up is no end that the target chose, and what we let go of is not nothing."""
    wire.attempt.most_bytes = 1000
    conversation = result(wire.open())
    found = [*outcome(conversation.gone()), *outcome(conversation.seen(b"never"))]
    waiting = [outcome(conversation.gone()), outcome(conversation.seen(b"never"))]

    target.says(b"x" * 1001)
    target.ends("rst")

    assert found == []
    assert all(one[0].check(TooMuch) for one in waiting)
    with pytest.raises(TooMuch):
        assert conversation.received == b""


def test_the_transcript_has_both_sides(wire: Wire, target: Target) -> None:
    """In the order in which it happened."""
    conversation = result(wire.open())
    conversation.request("GET", "/a")
    target.says(ANSWER)
    target.ends()

    assert happened(wire) == [("us", "open"), ("us", "bytes"), ("them", "bytes"), ("them", "close")]


def test_an_end_that_we_asked_for_is_not_theirs(wire: Wire, target: Target) -> None:
    """The transcript says once who left."""
    conversation = result(wire.open())

    conversation.close()
    target.ends()

    assert happened(wire) == [("us", "open"), ("us", "close")]


# Whoever taps a conversation.


def test_a_protocol_that_taps_speaks_and_hears_through_the_conversation(wire: Wire, target: Target) -> None:
    """So its bytes stand in the transcript and are timed like any others."""
    heard: list[bytes] = []

    class Tap(Protocol):
        def dataReceived(self, data: bytes) -> None:
            heard.append(data)

        def connectionLost(self, reason: Any = None) -> None:
            heard.append(b"lost")

    tap = Tap()
    conversation = result(wire.open())
    conversation.tap(tap, "GET")

    tap.transport.write(b"GET")  # type: ignore[union-attr]
    tap.transport.writeSequence([b" ", b"/"])  # type: ignore[union-attr]
    tap.transport.loseConnection()  # type: ignore[union-attr]
    target.says(ANSWER)
    target.ends()

    assert target.heard() == b"GET /"
    assert target.ended() == ["close"]
    assert heard == [ANSWER, b"lost"]
    assert result(conversation.answer()).body == b"abc"


def test_who_taps_does_not_hear_what_cannot_be_read(wire: Wire, target: Target) -> None:
    """Another parser might be busy with it for minutes."""
    heard: list[bytes] = []

    class Tap(Protocol):
        def dataReceived(self, data: bytes) -> None:
            heard.append(data)

    conversation = result(wire.open())
    conversation.tap(Tap(), "GET")

    target.says(b"HTTP/1.1 200 OK\r\n")
    target.says(b"X: y\r\n" * 2000)

    assert heard == [b"HTTP/1.1 200 OK\r\n"]
    assert target.ended() == ["abort"]
    assert outcome(conversation.answer())[0].check(TooMuch)


# Opening.


def test_one_request_is_one_connection(wire: Wire, target: Target) -> None:
    """Each is closed after its answer."""
    found = [outcome(wire.get("/a")), outcome(wire.head("/b"))]

    target.says(ANSWER, 0)
    target.says(ANSWER[:-3], 1)

    assert [one[0].status for one in found] == [200, 200]
    assert (target.ended(0), target.ended(1)) == (["close"], ["close"])


def test_a_target_that_closes_first_is_not_closed_again(wire: Wire, target: Target) -> None:
    """Its end may come with its answer."""
    found = outcome(wire.post("/a", b"x", source="127.0.0.2"))

    target.says(ANSWER[:-3].replace(b"3", b"0")[:-2])
    target.says(b"\r\n")
    target.ends()

    assert found[0].status == 200
    assert target.heard().endswith(b"\r\n\r\nx")
    assert target.sources == ["127.0.0.2"]


@pytest.mark.parametrize("problem", [RefusedError("111: Connection refused"), OSError("no route")])
def test_a_target_that_refuses_is_told_as_itself(wire: Wire, target: Target, limit: Limit, problem: Exception) -> None:
    """The place is free again."""
    target.problem = problem

    for _ in range(3):
        with pytest.raises(Refused, match="no connection to h:8080: "):
            result(wire.get("/a"))

    wire.attempt.finish()
    assert happened(wire)[-1] == ("them", "refused")
    assert result(limit.enter(2)) is None


def test_a_connection_that_does_not_open_is_overdue(wire: Wire, target: Target, limit: Limit, time: task.Clock) -> None:
    """A full backlog does not hold up the run; the place is free again."""
    target.slow = True
    found = outcome(wire.open())

    time.advance(CONNECT_WITHIN)
    wire.attempt.finish()

    assert found[0].check(Overdue)
    assert result(limit.enter(2)) is None


def test_requests_wait_for_a_place_at_the_target(wire: Wire, target: Target, limit: Limit) -> None:
    """`[server] parallel` bounds what is outstanding; what is over makes room."""
    result(limit.enter(2))
    found = outcome(wire.open())
    waiting = list(target.lines)

    limit.leave()

    assert waiting == []
    assert len(found) == 1
    assert wire.attempt.doing == ""


def test_a_spec_that_has_connections_gets_more(wire: Wire, target: Target, limit: Limit) -> None:
    """It must not wait for itself; all its places come back."""
    result(wire.open_many(2))

    result(wire.open_many(2))
    waiting = outcome(limit.enter(2))
    for line in range(4):
        target.ends(line=line)
    before = list(waiting)
    wire.attempt.finish()

    assert (before, waiting) == ([], [None])


def test_the_last_place_is_kept_until_the_attempt_is_over(wire: Wire, target: Target, limit: Limit) -> None:
    """Who pauses between two requests does not find it taken; all other places are given back."""
    result(wire.open_many(2))
    target.ends(line=0)
    target.ends(line=1)

    one, two = outcome(limit.enter()), outcome(limit.enter())
    again = outcome(wire.open())
    before = list(two)
    target.ends()
    wire.attempt.finish()

    assert (one, before, len(again), two) == ([None], [], 1, [None])


@pytest.mark.parametrize(("status", "holds"), [(b"204", True), (b"200", False), (b"500", False)])
def test_a_ping_wants_what_was_answered_before(wire: Wire, target: Target, status: bytes, *, holds: bool) -> None:
    """Whatever a target answers to it when it lives."""
    found = outcome(wire.ping())

    target.says(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 0\r\n\r\n")

    assert found[0] is None or found[0].check(Misbehaved)
    assert (found[0] is None) is holds


@pytest.mark.parametrize(("host", "wanted"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1")])
def test_an_address_is_dialled_as_it_is(host: str, wanted: str) -> None:
    """Without looking a name up; from our own address where one is given."""
    reactor = MemoryReactorClock()
    dialer = SocketDialer(reactor, Address("http", host, 8080, ""))

    dialer.dial(Factory.forProtocol(Protocol), "127.0.0.2")  # type: ignore[arg-type]

    ((dialled, port, _, timeout, bind),) = reactor.tcpClients
    assert (dialled, port, timeout, bind) == (wanted, 8080, CONNECT_WITHIN, ("127.0.0.2", 0))


# A real socket.


class Echoing(Protocol):
    """Answers each request with where it came from, then does as the path says."""

    def dataReceived(self, data: bytes) -> None:
        """One request is one segment on loopback."""
        transport: Any = self.transport
        if b"/silent" in data:
            return
        peer = transport.getPeer().host.encode()
        transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(peer), peer))
        if b"/rst" in data:
            transport.abortConnection()
        elif b"/fin" in data:
            transport.loseConnection()


@pytest.fixture
def real() -> Any:
    """A wire to a real server on loopback, and the attempt that it belongs to."""
    from twisted.internet import reactor  # noqa: PLC0415 - nobody imports it at module level

    loop: Any = reactor
    port = loop.listenTCP(0, Factory.forProtocol(Echoing), interface="127.0.0.1")
    attempt = Attempt(Clock(loop), Transcript(0.0), lambda: "token")
    dialer = SocketDialer(loop, Address("http", "127.0.0.1", port.getHost().port, ""))
    yield Wire(attempt, dialer, Limit(8), Ping("/", 200))
    attempt.finish()
    pytest_twisted.blockon(port.stopListening())


@pytest_twisted.ensureDeferred
async def test_over_a_real_socket_our_address_can_be_chosen(real: Wire) -> None:
    """All of 127.0.0.0/8 is ours on Linux."""
    plain = await real.get("/")
    chosen = await real.get("/", source="127.0.0.2")

    assert (plain.body, chosen.body) == (b"127.0.0.1", b"127.0.0.2")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("how", ["fin", "rst"])
async def test_over_a_real_socket_a_close_is_told_from_a_reset(real: Wire, how: str) -> None:
    """Which memory cannot show."""
    conversation = await real.open()

    conversation.request("GET", f"/{how}")

    assert await conversation.gone() == how


@pytest_twisted.ensureDeferred
async def test_over_a_real_socket_many_are_opened_at_once(real: Wire) -> None:
    """And each has its own answer."""
    conversations = await real.open_many(5)
    for conversation in conversations:
        conversation.request("GET", "/")

    answers = [await conversation.answer() for conversation in conversations]
    conversations[0].abort()
    await conversations[0].gone()

    assert [answer.body for answer in answers] == [b"127.0.0.1"] * 5
    await real.ping()


@pytest_twisted.ensureDeferred
async def test_over_a_real_socket_nobody_there_is_refused() -> None:
    """A port that was free a moment ago."""
    from twisted.internet import reactor  # noqa: PLC0415 - nobody imports it at module level

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        attempt = Attempt(Clock(reactor), Transcript(0.0), lambda: "token")  # type: ignore[arg-type]
        dialer = SocketDialer(reactor, Address("http", "localhost", free.getsockname()[1], ""))

        with pytest.raises(Refused, match=r"no connection to localhost:\d+: "):
            await Wire(attempt, dialer, Limit(1), Ping("/")).get("/")
