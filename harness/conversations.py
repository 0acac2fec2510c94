"""
Conversations: exact bytes out, timed bytes in.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from harness.addresses import Address
from harness.attempts import Attempt
from harness.errors import Misbehaved, NoAnswer, TooMuch
from harness.messages import Answer, Chunk, Pairs, as_bytes, request_bytes
from harness.parsing import Reader


class Line(Protocol):
    """Hands what happens on a connection to its conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def connectionMade(self) -> None:
        """See Twisted's `Protocol`."""
        transport = self.transport
        assert transport is not None
        if ITCPTransport.providedBy(transport):
            # A request that is sent in pieces is meant to arrive in pieces.
            transport.setTcpNoDelay(True)
        self._conversation.opened(transport)

    def dataReceived(self, data: bytes) -> None:
        """See Twisted's `Protocol`."""
        self._conversation.arrived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """See Twisted's `Protocol`."""
        self._conversation.ended("fin" if reason.check(ConnectionDone) else "rst", reason)


@define(eq=False, repr=False)
class Conversation:
    """
    One connection to the target.

    It belongs to the spec that opened it and is closed with it.  All that goes over it stands in the transcript.
    """

    attempt: Attempt
    address: Address
    number: int = field(init=False)
    chunks: list[Chunk] = field(init=False, factory=list)
    sent_at: float = field(init=False, default=0.0)
    _transport: Any = field(init=False, default=None)
    _unread: deque[Chunk] = field(init=False, factory=deque)
    _asked: deque[tuple[str, float]] = field(init=False, factory=deque)
    _reader: Reader | None = field(init=False, default=None)
    _size: int = field(init=False, default=0)
    _how: Literal["", "fin", "rst"] = field(init=False, default="")
    _problem: str = field(init=False, default="")
    _left: bool = field(init=False, default=False)
    _waiting: list[Deferred[None]] = field(init=False, factory=list)
    _on_end: list[Callable[[], None]] = field(init=False, factory=list)
    _tap: Protocol | None = field(init=False, default=None)
    _tapped: str = field(init=False, default="")
    _wrong: Misbehaved | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.number = self.attempt.connected()

    def note(self, who: str, what: str, data: bytes | str = b"") -> None:
        """Put into the transcript what happens here and now."""
        self.attempt.note(who, what, data, self.number)

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
        self.note("them", "bytes", data)
        self.chunks.append(chunk)
        self._unread.append(chunk)
        if self._size > self.attempt.most_bytes:
            message = f"more than {self.attempt.most_bytes:,} bytes came on one connection"
            self._give_up(TooMuch(message))
        elif self._tap is not None and self._is_readable():
            self._tap.dataReceived(data)
        self._wake()

    def _is_readable(self) -> bool:
        """Whether the answer on a tapped connection can be read on; the connection is reset where it cannot."""
        reader = self._next(self._tapped)
        try:
            while self._unread and not reader.done:
                reader.feed(*self._unread.popleft())
        except Misbehaved as wrong:
            self._give_up(wrong)
            return False
        return True

    def _give_up(self, wrong: Misbehaved) -> None:
        """Reset a connection whose target sends what we do not go on reading; whoever waits here is told so."""
        self._wrong = wrong
        self._transport.abortConnection()
        self.forget()

    def forget(self) -> None:
        """Let go of what came: frames that nobody collects yet may hold many of us."""
        self.chunks.clear()
        self._unread.clear()
        if self._reader is not None:
            self._reader.forget()

    def ended(self, how: Literal["fin", "rst"], reason: Failure) -> None:
        """The connection is over."""
        self._how = how
        self._problem = reason.getErrorMessage()
        if self._tap is not None:
            self._tap.connectionLost(reason)
        if not self._left:
            self.note("them", "close" if how == "fin" else "reset")
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
        """All that came so far.  Raises `TooMuch` where that was more than we keep."""
        self._check()
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def is_gone(self) -> bool:
        """Whether the connection is over."""
        return bool(self._how)

    def tap(self, protocol: Protocol, method: str) -> None:
        """
        Let a Twisted protocol speak and listen here as well; what it says goes through `send`.

        It hears of the answer to its one request, of this method, as long as that can be read: what h11 refuses, or
        finds too much, would keep another parser busy for longer than the target takes to send it.
        """
        self._tap, self._tapped = protocol, method
        protocol.makeConnection(_Tapped(self, self._transport))

    # What we do.

    def send(self, data: bytes) -> None:
        """Exactly these bytes."""
        self._transport.write(data)
        self.sent_at = self.attempt.now()
        self.note("us", "bytes", data)

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
        self.send(request_to(self.attempt, self.address, method, path, fields, body, values))
        self._asked.append((method, self.sent_at))

    def close(self) -> None:
        """End the connection in the ordinary way (FIN)."""
        self._left = True
        self.note("us", "close")
        self._transport.loseConnection()

    def abort(self) -> None:
        """Reset the connection (RST)."""
        self._left = True
        self.note("us", "reset")
        self._transport.abortConnection()

    def half_close(self) -> None:
        """Say that no more will be sent, and go on reading."""
        self.note("us", "half-close")
        self._transport.loseWriteConnection()

    def pause(self) -> None:
        """Read nothing more: what the target goes on sending fills the buffers on the way, and then its own."""
        self.note("us", "pause")
        self._transport.pauseProducing()

    def resume(self) -> None:
        """Read again, after `pause`."""
        self.note("us", "resume")
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
            raise NoAnswer(self._no_answer())
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

    async def seen(self, pattern: bytes, within: float | None = None) -> re.Match[bytes] | None:
        """The first place where a regular expression is found in what has come; None once the connection is over."""
        expression = re.compile(pattern)
        await self.attempt.wait(self._come(expression), f"{pattern!r}", within)
        return expression.search(self.received)

    async def gone(self, within: float | None = None) -> Literal["fin", "rst"]:
        """How the target ends the connection, once it does."""
        await self.attempt.wait(self._over(), "end of the connection", within)
        assert self._how
        return self._how

    def _no_answer(self) -> str:
        message = f"the connection was {_OVER[self._how]} without one byte of an answer"
        if self.address.scheme == "https" and not self.chunks and self._problem:
            return f"{message}: {self._problem} (see --ca and --insecure)"
        return message

    def _next(self, method: str | None) -> Reader:
        if self._reader is None:
            asked = self._asked.popleft() if self._asked else ("GET", self.sent_at)
            self._reader = Reader(method or asked[0], asked[1])
        return self._reader

    async def _begin(self, reader: Reader) -> None:
        while not reader.started and not reader.done:
            await self._step(reader)
        if not reader.started:
            raise NoAnswer(self._no_answer())

    async def _read(self, reader: Reader) -> Answer | None:
        while not reader.done:
            await self._step(reader)
        self._check()
        self._reader = None
        if not reader.started:
            return None
        answer = reader.answer()
        if reader.left:
            self._unread.appendleft(Chunk(answer.last_at, reader.left))
        return answer

    async def _step(self, reader: Reader) -> None:
        """Feed the reader what there is, or wait for more."""
        self._check()
        if self._unread:
            reader.feed(*self._unread.popleft())
        elif self._how:
            reader.end(self._how)
        else:
            await self._change()
        self._check()

    def _check(self) -> None:
        if self._wrong is not None:
            # A fresh one for each who waits: one that is raised twice would hold the frames of both.
            raise type(self._wrong)(str(self._wrong)) from None

    async def _come(self, expression: re.Pattern[bytes]) -> None:
        while not self._how and not expression.search(self.received):
            await self._change()
        self._check()

    async def _over(self) -> None:
        while not self._how:
            await self._change()
        self._check()


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


def request_to(  # noqa: PLR0913 - the parts of a request
    attempt: Attempt,
    address: Address,
    method: str,
    path: str,
    fields: Pairs,
    body: bytes | None,
    values: dict[str, object],
) -> bytes:
    """The bytes of a request, to the target that `target_of` makes of `path` and `values`."""
    target = target_of(attempt, address, path, values)
    return request_bytes(method, as_bytes(target), host=address.authority, fields=fields, body=body)


def target_of(attempt: Attempt, address: Address, path: str, values: dict[str, object]) -> str:
    """A request target; `path` is a template that `values` fill, with a fresh `id` unless they have one."""
    given = {name: value for name, value in values.items() if value is not None}
    return address.path(path, **{"id": attempt.token(), **given})
