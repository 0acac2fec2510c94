"""
Connections in memory: what TCP does between two protocols of one world, in order and without delay.

The reader sets the pace, an orderly end comes after the bytes before it, a reset before those that were not read yet,
and the reasons given are those that Twisted's own transports give.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from attrs import define, field
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost, NotConnectingError, UserError
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.interfaces import (
    IConnector,
    IConsumer,
    IHalfCloseableProtocol,
    IListeningPort,
    IPushProducer,
    ITCPTransport,
)
from twisted.internet.protocol import Protocol
from twisted.python import log
from twisted.python.failure import Failure
from zope.interface import implementer

#: Bytes that a reader is given at once, as many as Twisted's transports read.
AT_ONCE = 65_536

#: Bytes that are on their way without anybody waiting for them: what the buffers of a socket hold.
ON_THE_WAY = 131_072

#: Bytes beyond those that wait in the transport until its producer is told to pause, as in Twisted's transports.
FULL = 65_536

Address = IPv4Address | IPv6Address

#: Calls something as soon as what is happening now is over, in order.
Soon = Callable[[Callable[[], None]], None]


@define(eq=False)
class _Stream:
    """The bytes in one direction that nobody has read yet, and how it ends behind them."""

    data: bytearray = field(factory=bytearray)
    end: Literal["", "fin", "rst"] = ""


@implementer(ITCPTransport, IConsumer, IPushProducer)
@define(eq=False, repr=False)
class End:
    """One end of a connection: the transport of the protocol there."""

    disconnecting: bool = field(init=False, default=False)
    connected: bool = field(init=False, default=True)
    _soon: Soon
    _host: Address
    _peer: Address
    _incoming: _Stream
    _outgoing: _Stream
    _protocol: Any = field(init=False, default=None)
    _other: End = field(init=False)
    _reading: bool = field(init=False, default=True)
    _half_closing: bool = field(init=False, default=False)
    _aborting: bool = field(init=False, default=False)
    _stirred: bool = field(init=False, default=False)
    _unsent: int = field(init=False, default=0)
    _producer: Any = field(init=False, default=None)
    _streaming: bool = field(init=False, default=False)
    _producer_paused: bool = field(init=False, default=False)
    _on_over: Callable[[Failure], None] = field(init=False, default=lambda _: None)

    # What happens to it.

    def stir(self) -> None:
        """Have a turn soon."""
        if not self._stirred:
            self._stirred = True
            self._soon(self._turn)

    def _turn(self) -> None:
        self._stirred = False
        if not self.connected or self._aborting:
            return
        self._send()
        if not self._unsent:
            self._sent()
        # The protocol may have ended it meanwhile.
        if self.connected and not self._aborting:
            self._read()

    @property
    def _waits_for_room(self) -> bool:
        """Whether there is something that it does only when what it wrote has been read."""
        return bool(self._unsent or self._producer is not None or self.disconnecting or self._half_closing)

    def _send(self) -> None:
        """Put on its way what there is room for."""
        on_the_way = len(self._outgoing.data) - self._unsent
        sent = min(self._unsent, ON_THE_WAY - on_the_way)
        if sent:
            self._unsent -= sent
            self._other.stir()

    def _sent(self) -> None:
        """Everything written is on its way."""
        if self._producer is not None and (not self._streaming or self._producer_paused):
            self._producer_paused = False
            self._producer.resumeProducing()
        elif self.disconnecting:
            self._over(ConnectionDone())
        elif self._half_closing and not self._outgoing.end:
            self._outgoing.end = "fin"
            self._other.stir()
            if IHalfCloseableProtocol.providedBy(self._protocol):
                self._tell(self._protocol.writeConnectionLost)

    def _read(self) -> None:
        incoming = self._incoming
        arrived = len(incoming.data) - self._other._unsent  # noqa: SLF001 - each end is half of one thing
        if self._reading and arrived:
            data = bytes(incoming.data[: min(arrived, AT_ONCE)])
            del incoming.data[: len(data)]
            if self._other._waits_for_room:  # noqa: SLF001 - as above
                self._other.stir()
            if incoming.data or incoming.end:
                self.stir()
            self._tell(self._protocol.dataReceived, data)
        elif incoming.end == "rst" and (self._reading or self._outgoing.data):
            self._over(ConnectionLost())
        elif not self._reading:
            return
        elif incoming.end == "fin":
            self._reading = False
            if IHalfCloseableProtocol.providedBy(self._protocol):
                self._tell(self._protocol.readConnectionLost)
            else:
                self._over(ConnectionDone())

    def _tell(self, method: Callable[..., None], *arguments: Any) -> None:
        try:
            method(*arguments)
        except Exception as wrong:  # noqa: BLE001 - as in Twisted: whatever a protocol raises ends its connection
            log.err()
            self._discard(0)
            self._over(wrong)

    def _discard(self, kept: int) -> None:
        """Forget what is written and not yet read, but for the first bytes of it."""
        del self._outgoing.data[kept:]
        self._unsent = 0

    def _over(self, reason: BaseException) -> None:
        """The connection is over at this end; the other learns of it."""
        if not self.connected:
            return
        self.connected = self._reading = False
        if not self._outgoing.end:
            self._outgoing.end = "fin"
        self._other.stir()
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.stopProducing()
        why = Failure(reason)
        try:
            self._protocol.connectionLost(why)
        except Exception:  # noqa: BLE001 - as above, and there is nothing left to end
            log.err()
        self._on_over(why)

    # ITransport and ITCPTransport.

    def write(self, data: bytes) -> None:
        """See Twisted's `ITransport`."""
        if not isinstance(data, bytes | bytearray | memoryview):
            message = f"Data must be bytes, not {type(data).__name__}"
            raise TypeError(message)
        if not self.connected or self._aborting or self._half_closing or not data:
            return
        if not self._other.connected:
            # What is sent to who is gone comes back as a reset.
            self._incoming.end = "rst"
            self._reading = True
        else:
            self._outgoing.data += data
            self._unsent += len(data)
            if self._unsent > FULL and self._producer is not None and self._streaming and not self._producer_paused:
                self._producer_paused = True
                self._producer.pauseProducing()
        self.stir()

    def writeSequence(self, data: Any) -> None:
        """See Twisted's `ITransport`."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """See Twisted's `ITransport`."""
        if self.connected and not self.disconnecting and not self._aborting:
            self.disconnecting = True
            self._reading = False
            self.stir()

    def loseWriteConnection(self) -> None:
        """See Twisted's `ITCPTransport`."""
        if self.connected:
            self._half_closing = True
            self.stir()

    def abortConnection(self) -> None:
        """See Twisted's `ITCPTransport`."""
        if self.connected and not self._aborting:
            self._aborting = self.disconnecting = True
            self._reading = False
            # What has arrived can still be read there.
            self._discard(len(self._outgoing.data) - self._unsent)
            self._outgoing.end = "rst"
            self._soon(lambda: self._over(ConnectionAborted()))

    def getHost(self) -> Address:
        """See Twisted's `ITransport`."""
        return self._host

    def getPeer(self) -> Address:
        """See Twisted's `ITransport`."""
        return self._peer

    def getTcpNoDelay(self) -> bool:
        """See Twisted's `ITCPTransport`: nothing is ever held back here."""
        return True

    def setTcpNoDelay(self, enabled: bool) -> None:  # noqa: FBT001 - the interface has it
        """See `getTcpNoDelay`."""

    def getTcpKeepAlive(self) -> bool:
        """See Twisted's `ITCPTransport`: nobody has to be kept alive here."""
        return False

    def setTcpKeepAlive(self, enabled: bool) -> None:  # noqa: FBT001 - the interface has it
        """See `getTcpKeepAlive`."""

    # IPushProducer: it reads, or does not.

    def pauseProducing(self) -> None:
        """See Twisted's `IPushProducer`."""
        self._reading = False

    def resumeProducing(self) -> None:
        """See Twisted's `IPushProducer`."""
        if self.connected and not self.disconnecting:
            self._reading = True
            self.stir()

    def stopProducing(self) -> None:
        """See Twisted's `IProducer`."""
        self.loseConnection()

    # IConsumer.

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: FBT001 - the interface has it
        """See Twisted's `IConsumer`."""
        if self._producer is not None:
            message = f"{producer} cannot be registered, because {self._producer} still is"
            raise RuntimeError(message)
        if not self.connected:
            producer.stopProducing()
            return
        self._producer, self._streaming, self._producer_paused = producer, streaming, False
        if not streaming:
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """See Twisted's `IConsumer`."""
        self._producer = None
        self.stir()


def connect(  # noqa: PLR0913 - two ends, and what there is to say of each
    soon: Soon, client: Any, server: Any, here: Address, there: Address, over: Callable[[Failure], None]
) -> End:
    """Join two protocols: the client is at `here`, the server at `there`; `over` hears why the client's end is."""
    up, down = _Stream(), _Stream()
    ours = End(soon, here, there, down, up)
    theirs = End(soon, there, here, up, down)
    ours._other, theirs._other = theirs, ours  # noqa: SLF001 - each end is half of one thing
    ours._protocol, theirs._protocol = client, server  # noqa: SLF001 - as above
    ours._on_over = over  # noqa: SLF001 - as above
    try:
        server.makeConnection(theirs)
    except Exception:  # noqa: BLE001 - as in Twisted: whoever cannot be told goes on all the same
        log.err()
    ours._tell(client.makeConnection, ours)  # noqa: SLF001 - as above
    return ours


@implementer(IListeningPort)
@define(eq=False, repr=False)
class Port:
    """A place where a world's server listens."""

    factory: Any
    address: Address
    _gone: Callable[[int], object]

    def accept(self, client: Address) -> Any:
        """The protocol for a client."""
        try:
            return self.factory.buildProtocol(client) or _Unwanted()
        except Exception:  # noqa: BLE001 - as in Twisted: the client is connected, and hears nothing
            log.err()
            return Protocol()

    def startListening(self) -> None:
        """See Twisted's `IListeningPort`."""
        self.factory.doStart()

    def stopListening(self) -> Deferred[None]:
        """See Twisted's `IListeningPort`; a second call does nothing."""
        if self._gone(self.address.port) is not None:
            self.factory.doStop()
        return succeed(None)

    def getHost(self) -> Address:
        """See Twisted's `IListeningPort`."""
        return self.address


def nobody(there: Address) -> Refused:
    """The error of who connects to where nobody listens."""
    return Refused(f"nobody listens at {there.host}:{there.port} in this world")


class _Unwanted(Protocol):
    """What answers where the server wants no connection."""

    def connectionMade(self) -> None:
        """End it."""
        assert self.transport is not None
        self.transport.loseConnection()


@implementer(IConnector)
@define(eq=False, repr=False)
class Connector:
    """One attempt to connect, from `here`; `find` gives the port that listens at `there`, or None."""

    soon: Soon
    factory: Any
    here: Address
    there: Address
    find: Callable[[int], Port | None]
    _stopped: bool = field(init=False, default=False)
    _end: End | None = field(init=False, default=None)

    def connect(self) -> None:
        """See Twisted's `IConnector`."""
        self._stopped = False
        self.factory.doStart()
        self.factory.startedConnecting(self)
        self.soon(self._connect)

    def _connect(self) -> None:
        if self._stopped:
            return
        port = self.find(self.there.port)
        if port is None:
            self._failed(nobody(self.there))
            return
        server = port.accept(self.here)
        client = self.factory.buildProtocol(self.there)
        if client is None:
            self._lost(Failure(ConnectionDone()))
            return
        self._end = connect(self.soon, client, server, self.here, self.there, self._lost)

    def _lost(self, reason: Failure) -> None:
        self.factory.clientConnectionLost(self, reason)
        self.factory.doStop()

    def _failed(self, reason: Exception) -> None:
        self.factory.clientConnectionFailed(self, Failure(reason))
        self.factory.doStop()

    def stopConnecting(self) -> None:
        """See Twisted's `IConnector`."""
        if self._end is not None and self._end.connected:
            raise NotConnectingError
        self._stopped = True
        self._failed(UserError())

    def disconnect(self) -> None:
        """See Twisted's `IConnector`."""
        if self._end is None:
            self.stopConnecting()
        else:
            self._end.loseConnection()

    def getDestination(self) -> Address:
        """See Twisted's `IConnector`."""
        return self.there
