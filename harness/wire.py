"""
Conversations: exact bytes out, timed bytes in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Literal, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP6ClientEndpoint,
    wrapClientTLS,
)
from twisted.internet.error import ConnectError, ConnectionDone
from twisted.internet.interfaces import (
    IProtocolFactory,
    IStreamClientEndpoint,
    ITCPTransport,
)
from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure

from harness.addresses import Address
from harness.attempts import Attempt
from harness.clocks import gather
from harness.errors import NoAnswer, Refused, TooMuch
from harness.limits import Limit
from harness.messages import Answer, Chunk, Pairs, as_bytes, request_bytes
from harness.parsing import Reader

#: Bytes that we read on one connection before we hang up: the largest answer that a spec asks for is 50 MB.
MOST_BYTES = 64 * 1024 * 1024

#: Seconds until a connection must be open.  Loopback takes microseconds; a full backlog retries after 1 and 3 s.
CONNECT_WITHIN = 8.0


class Dialer(Protocol):
    """How connections to a target are opened."""

    @property
    def address(self) -> Address:
        """Where the target is."""

    def dial(self, factory: IProtocolFactory, source: str | None = None) -> Deferred[Any]:
        """The factory's protocol once it is connected, from our address `source` if given."""


@frozen
class SocketDialer:
    """Opens real connections; `tls` is a context factory for https, None for http."""

    reactor: Any
    address: Address
    tls: Any = None

    def dial(self, factory: IProtocolFactory, source: str | None = None) -> Deferred[Any]:
        """See `Dialer.dial`."""
        host, port = self.address.host, self.address.port
        bind = (source, 0) if source else None
        endpoint: IStreamClientEndpoint
        if host.replace(".", "").isdigit():
            endpoint = TCP4ClientEndpoint(self.reactor, host, port, CONNECT_WITHIN, bind)
        elif ":" in host:
            endpoint = TCP6ClientEndpoint(self.reactor, host, port, CONNECT_WITHIN, bind)
        else:
            endpoint = HostnameEndpoint(self.reactor, host, port, CONNECT_WITHIN, bind)
        if self.tls is not None:
            endpoint = wrapClientTLS(self.tls, endpoint)
        return endpoint.connect(factory)


class _Line(TwistedProtocol):
    """Hands what happens on a connection to its conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def connectionMade(self) -> None:
        transport = self.transport
        assert transport is not None
        if ITCPTransport.providedBy(transport):
            # A request that is sent in pieces is meant to arrive in pieces.
            transport.setTcpNoDelay(True)
        self._conversation.opened(transport)

    def dataReceived(self, data: bytes) -> None:
        self._conversation.arrived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._conversation.ended("fin" if reason.check(ConnectionDone) else "rst", reason)


@define(eq=False, repr=False)
class Conversation:
    """
    One connection to the target.

    It belongs to the spec that opened it and is closed with it.  All that goes over it stands in the transcript.
    """

    attempt: Attempt
    address: Address
    chunks: list[Chunk] = field(init=False, factory=list)
    sent_at: float = field(init=False, default=0.0)
    _transport: Any = field(init=False, default=None)
    _unread: deque[Chunk] = field(init=False, factory=deque)
    _asked: deque[tuple[str, float]] = field(init=False, factory=deque)
    _reader: Reader | None = field(init=False, default=None)
    _size: int = field(init=False, default=0)
    _how: Literal["", "fin", "rst"] = field(init=False, default="")
    _left: bool = field(init=False, default=False)
    _waiting: list[Deferred[None]] = field(init=False, factory=list)
    _on_end: list[Callable[[], None]] = field(init=False, factory=list)
    _tap: TwistedProtocol | None = field(init=False, default=None)

    # What the target does.

    def opened(self, transport: Any) -> None:
        """The connection is there; `transport` is Twisted's."""
        self._transport = transport

    def on_end(self, call: Callable[[], None]) -> None:
        """Call this once the connection is over."""
        self._on_end.append(call)

    def arrived(self, data: bytes) -> None:
        """Bytes came."""
        chunk = Chunk(self.attempt.now(), data)
        self._size += len(data)
        self.attempt.note("them", "bytes", data)
        self.chunks.append(chunk)
        self._unread.append(chunk)
        if self._size > MOST_BYTES:
            self._transport.abortConnection()
        if self._tap is not None:
            self._tap.dataReceived(data)
        self._wake()

    def ended(self, how: Literal["fin", "rst"], reason: Failure) -> None:
        """The connection is over."""
        self._how = how
        if self._tap is not None:
            self._tap.connectionLost(reason)
        if not self._left:
            self.attempt.note("them", "close" if how == "fin" else "reset")
        for call in self._on_end:
            call()
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(None)

    def _change(self) -> Deferred[None]:
        """Fires when something more has come, or the connection has ended."""
        change: Deferred[None] = Deferred(self._forget)
        self._waiting.append(change)
        return change

    def _forget(self, change: Deferred[None]) -> None:
        if change in self._waiting:
            self._waiting.remove(change)

    @property
    def received(self) -> bytes:
        """All that came so far."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def is_gone(self) -> bool:
        """Whether the connection is over."""
        return bool(self._how)

    def tap(self, protocol: TwistedProtocol) -> None:
        """Let a Twisted protocol speak and listen here as well; what it says goes through `send`."""
        self._tap = protocol
        protocol.makeConnection(_Tapped(self, self._transport))

    # What we do.

    def send(self, data: bytes) -> None:
        """Exactly these bytes."""
        self._transport.write(data)
        self.sent_at = self.attempt.now()
        self.attempt.note("us", "bytes", data)

    def request(
        self,
        method: str,
        path: str,
        *,
        fields: Pairs = (),
        body: bytes | None = None,
        **values: object,
    ) -> None:
        """A whole request; `path` is a template of the profile, `values` fill it (`id` is fresh unless given)."""
        self.send(_request(self, method, path, fields, body, values))
        self._asked.append((method, self.sent_at))

    def close(self) -> None:
        """End the connection in the ordinary way (FIN)."""
        self._left = True
        self.attempt.note("us", "close")
        self._transport.loseConnection()

    def abort(self) -> None:
        """Reset the connection (RST)."""
        self._left = True
        self.attempt.note("us", "reset")
        self._transport.abortConnection()

    def half_close(self) -> None:
        """Say that no more will be sent, and go on reading."""
        self.attempt.note("us", "half-close")
        self._transport.loseWriteConnection()

    def pause(self) -> None:
        """Read nothing more: what the target goes on sending fills the buffers on the way, and then its own."""
        self.attempt.note("us", "pause")
        self._transport.pauseProducing()

    def resume(self) -> None:
        """Read again, after `pause`."""
        self.attempt.note("us", "resume")
        self._transport.resumeProducing()

    def hang_up(self) -> None:
        """Be gone at the end of a spec, quietly."""
        if not self._how:
            self._left = True
            self._transport.abortConnection()

    # What we wait for.

    async def answer(self, *, method: str | None = None, within: float | None = None) -> Answer:
        """
        The next answer, whole or cut short.

        `method` is that of the request which it answers: by default the oldest `request` that has no answer yet, or
        GET.  Raises `NoAnswer`, `NotHTTP`, `TooMuch`, and `Overdue` after `within` seconds.
        """
        answer = await self.answer_if_any(method=method, within=within)
        if answer is None:
            message = f"the connection was {_OVER[self._how]} without one byte of an answer"
            raise NoAnswer(message)
        return answer

    async def answer_if_any(self, *, method: str | None = None, within: float | None = None) -> Answer | None:
        """Like `answer`, but None when the target ends the connection without one byte."""
        reader = self._next(method)
        what = f"answer to {reader.method}" if not reader.started else f"rest of the answer to {reader.method}"
        return await self.attempt.wait(self._read(reader), what, within)

    async def first_byte(self, within: float | None = None) -> float:
        """Seconds from our last byte sent to the first byte of the answer due; `answer` still gives it whole."""
        reader = self._next(None)
        await self.attempt.wait(self._begin(reader), f"first byte of the answer to {reader.method}", within)
        assert reader.first_at is not None
        return reader.first_at - reader.sent_at

    async def gone(self, within: float | None = None) -> Literal["fin", "rst"]:
        """How the target ends the connection, once it does."""
        await self.attempt.wait(self._over(), "end of the connection", within)
        assert self._how
        return self._how

    def _next(self, method: str | None) -> Reader:
        if self._reader is None:
            asked = self._asked.popleft() if self._asked else ("GET", self.sent_at)
            self._reader = Reader(method or asked[0], asked[1])
        return self._reader

    async def _begin(self, reader: Reader) -> None:
        while not reader.started and not reader.done:
            await self._step(reader)
        if not reader.started:
            message = f"the connection was {_OVER[self._how]} without one byte of an answer"
            raise NoAnswer(message)

    async def _read(self, reader: Reader) -> Answer | None:
        while not reader.done:
            await self._step(reader)
        self._reader = None
        if not reader.started:
            return None
        answer = reader.answer()
        if reader.left:
            self._unread.appendleft(Chunk(answer.last_at, reader.left))
        return answer

    async def _step(self, reader: Reader) -> None:
        """Feed the reader what there is, or wait for more."""
        if self._size > MOST_BYTES:
            message = f"more than {MOST_BYTES // 2**20} MB came on one connection"
            raise TooMuch(message)
        if self._unread:
            reader.feed(*self._unread.popleft())
        elif self._how:
            reader.end(self._how)
        else:
            await self._change()

    async def _over(self) -> None:
        while not self._how:
            await self._change()


class _Tapped:
    """The transport of a conversation, for a protocol that taps it: all but writing is the real one's."""

    def __init__(self, conversation: Conversation, transport: Any) -> None:
        self._conversation = conversation
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._conversation.send(data)

    def writeSequence(self, data: list[bytes]) -> None:
        self._conversation.send(b"".join(data))


_OVER = {"fin": "closed", "rst": "reset", "": "not closed"}


@frozen
class Ping:
    """The page that shows that a target lives, and the status that it answered when the run began."""

    path: str
    status: int = 200


@define(eq=False, repr=False)
class Wire:
    """Opens conversations with one target, for one attempt."""

    attempt: Attempt
    dialer: Dialer
    limit: Limit
    alive: Ping
    _open: int = field(init=False, default=0)
    _places: int = field(init=False, default=0)
    _least: int = field(init=False, default=1)
    _door: DeferredLock = field(init=False, factory=DeferredLock)

    @property
    def address(self) -> Address:
        """Where the target is."""
        return self.dialer.address

    async def open(self, *, source: str | None = None) -> Conversation:
        """A new connection, from our address `source` if given.  Raises `Refused`."""
        await self._room(1)
        return await self._dial(source)

    async def open_many(self, count: int) -> list[Conversation]:
        """So many new connections at once."""
        await self._room(count)
        return list(await gather(*(self._dial(None) for _ in range(count))))

    async def _room(self, count: int) -> None:
        with self.attempt.waiting_for("a free place among the requests outstanding at the target"):
            # One after another: of those that open together, only the first waits for a place.
            await self._door.acquire()
            try:
                if not self._places:
                    await self.limit.enter(count)
                    self._places = count
                    self.attempt.at_end(self._over)
                elif (more := self._open + count - self._places) > 0:
                    self.limit.squeeze(more)
                    self._places += more
                self._open += count
            finally:
                self._door.release()

    def _leave(self) -> None:
        self._open -= 1
        self._give_back()

    def _over(self) -> None:
        self._least = 0
        self._give_back()

    def _give_back(self) -> None:
        # The last place is kept until the attempt is over: who pauses between two requests must not find it taken, and
        # the second one held up by us.
        while self._places > max(self._open, self._least):
            self._places -= 1
            self.limit.leave()

    async def _dial(self, source: str | None) -> Conversation:
        conversation = Conversation(self.attempt, self.address)
        try:
            factory = Factory.forProtocol(lambda: _Line(conversation))
            # What it said of its start and end would stand in the log of a target in this process.
            factory.noisy = False
            await self.attempt.wait(self.dialer.dial(factory, source), "connection", CONNECT_WITHIN)
        except (ConnectError, OSError) as wrong:
            self._leave()
            self.attempt.note("them", "refused", str(wrong))
            message = f"no connection to {self.address.authority}: {_plain(wrong)}"
            raise Refused(message) from None
        except BaseException:
            self._leave()
            raise
        conversation.on_end(self._leave)
        self.attempt.at_end(conversation.hang_up)
        self.attempt.note("us", "open", f"from {source}" if source else "")
        return conversation

    async def request(  # noqa: PLR0913 - each is one thing about a request, given by name
        self,
        method: str,
        path: str,
        *,
        fields: Pairs = (),
        body: bytes | None = None,
        within: float | None = None,
        source: str | None = None,
        **values: object,
    ) -> Answer:
        """One request on a connection of its own, which is closed after the answer."""
        conversation = await self.open(source=source)
        conversation.request(method, path, fields=fields, body=body, **values)
        answer = await conversation.answer(within=within)
        if not conversation.is_gone:
            conversation.close()
        return answer

    async def get(self, path: str, **options: Any) -> Answer:
        """A GET; the options are those of `request`."""
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Any) -> Answer:
        """A HEAD; the options are those of `request`."""
        return await self.request("HEAD", path, **options)

    async def post(self, path: str, body: bytes, **options: Any) -> Answer:
        """A POST of `body`; the options are those of `request`."""
        return await self.request("POST", path, body=body, **options)

    def bytes_of(
        self, method: str, path: str, *, fields: Pairs = (), body: bytes | None = None, **values: object
    ) -> bytes:
        """The bytes of a request, to be bent or cut up."""
        return _request(self, method, path, fields, body, values)

    async def ping(self) -> None:
        """The target lives and answers on a fresh connection; otherwise the spec fails."""
        answer = await self.get(self.alive.path)
        was = f"{self.alive.path} answered {self.alive.status} before"
        assert answer.status == self.alive.status, f"afterwards the server answers {answer.status}; {was}"


def _request(  # noqa: PLR0913 - the parts of a request
    speaker: Wire | Conversation, method: str, path: str, fields: Pairs, body: bytes | None, values: dict[str, object]
) -> bytes:
    given = {"id": speaker.attempt.token(), **{name: value for name, value in values.items() if value is not None}}
    target = speaker.address.path(path, **given)
    return request_bytes(method, as_bytes(target), host=speaker.address.authority, fields=fields, body=body)


def _plain(error: BaseException) -> str:
    """What stands in the way, without Twisted's class names and full stops."""
    return str(error).rstrip(".").replace("Connection was refused by other side: ", "").removeprefix("111: ")
