"""
What a spec opens conversations with.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field, frozen
from twisted.internet.defer import DeferredLock
from twisted.internet.error import ConnectError
from twisted.internet.protocol import Factory

from harness.addresses import Address
from harness.attempts import Attempt
from harness.clocks import gather
from harness.conversations import Conversation, Line, request_to
from harness.dialers import CONNECT_WITHIN, Dialer
from harness.errors import Misbehaved, Refused
from harness.limits import Limit
from harness.messages import Answer, Pairs


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
        with self.attempt.held_up("a free place among the requests outstanding at the target"):
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
            factory = Factory.forProtocol(lambda: Line(conversation))
            # What it said of its start and end would stand in the log of a target in this process.
            factory.noisy = False
            await self.attempt.wait(self.dialer.dial(factory, source), "connection", CONNECT_WITHIN)
        except (ConnectError, OSError) as wrong:
            self._leave()
            conversation.note("them", "refused", str(wrong))
            message = f"no connection to {self.address.authority}: {_plain(wrong)}"
            raise Refused(message) from None
        except BaseException:
            self._leave()
            raise
        conversation.on_end(self._leave)
        self.attempt.at_end(conversation.forget)
        self.attempt.at_end(conversation.hang_up)
        conversation.note("us", "open", f"from {source}" if source else "")
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
        return request_to(self.attempt, self.address, method, path, fields, body, values)

    async def ping(self) -> None:
        """The target lives and answers on a fresh connection; otherwise the spec fails."""
        answer = await self.get(self.alive.path)
        if answer.status != self.alive.status:
            message = f"afterwards {self.alive.path} answers {answer.status}; it answered {self.alive.status} before"
            raise Misbehaved(message)


def _plain(error: BaseException) -> str:
    """What stands in the way, without Twisted's class names and full stops."""
    return str(error).rstrip(".").replace("Connection was refused by other side: ", "").removeprefix("111: ")
