"""
Mutants of the page whose clients may leave: those who leave early, half way, in crowds, or amid an answer.
"""
# ruff: noqa: A001, A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from twisted.internet.interfaces import IDelayedCall, IHalfCloseableProtocol
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET, Request
from zope.interface import directlyProvides

from reference_impl import interrupted
from reference_impl.events import token
from tests.mutants import Reference, _delayed, mutant, of
from tests.mutants.interrupted import Keeping, put, put_stream

#: Clients whose leaving the page hears of in one moment.
QUEUE = 20


def channel_of(protocol: Any) -> Any:
    """The channel of a connection: Twisted puts it behind a protocol that may speak HTTP/2."""
    return getattr(protocol, "_channel", protocol)


@mutant(*of("interrupted", "leaving-amid-the-header-disturbs-nobody"))
def takes_who_said_nothing_for_who_said_most(reference: Reference) -> None:
    """The end of a connection that has asked for nothing is told to the request that waits longest."""
    page = put(reference, Keeping)
    build = reference.site.buildProtocol

    def ask(request: Any) -> None:
        request.channel.has_asked = True

    def built(address: Any) -> Any:
        protocol = build(address)
        lost = protocol.connectionLost

        def over(reason: Failure) -> None:
            if not hasattr(channel_of(protocol), "has_asked"):
                page.stop(list(page.works)[:1])
            lost(reason)

        protocol.connectionLost = over
        return protocol

    _delayed.requests(reference, ask)
    reference.site.buildProtocol = built


@mutant(*of("interrupted", "leaving-amid-the-body-of-a-get-completes-nothing"))
def begins_at_the_header(reference: Reference) -> None:
    """Work for a request with a body begins when its header is there, and is told of the end by nobody."""

    def note(request: Any) -> None:
        channel, announced = request.channel, request.gotLength

        def length(size: Any) -> None:
            target = urlsplit(channel._path.decode("latin-1"))
            if size and target.path == "/interrupted":
                id = parse_qs(target.query)["id"][0]
                reference.reactor.callLater(reference.settings.delay, reference.events.record, "done", id)
            announced(size)

        request.gotLength = length

    _delayed.requests(reference, note)


@mutant(*of("interrupted", "leaving-at-a-second-delayed-request-cancels-only-it"))
def tells_of_the_connections_first_request(reference: Reference) -> None:
    """The end of a connection is told under the ID of the first request that came over it."""

    class Page(Keeping):
        def watch(self, request: Any) -> None:
            if not hasattr(request.channel, "first_of_all"):
                request.channel.first_of_all = token(request)
            request.first_of_all = request.channel.first_of_all
            super().watch(request)

        def left(self, request: Any, reason: Failure) -> None:
            self.stop(self.chosen(request))
            self._events.record("cancel", request.first_of_all)

    put(reference, Page)


@mutant(*of("interrupted", "of-many-leaving-at-once-each-is-noticed"))
def hears_of_twenty_at_once(reference: Reference) -> None:
    """Who has left stands in a queue of twenty, which is emptied a moment later; what is too much is dropped."""

    class Page(Keeping):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.queue: list[str] = []

        def left(self, request: Request, reason: Failure) -> None:
            self.stop(self.chosen(request))
            if not self.queue:
                self._reactor.callLater(0, self.tell)
            if len(self.queue) < QUEUE:
                self.queue.append(token(request))

        def tell(self) -> None:
            queue, self.queue = self.queue, []
            for id in queue:
                self._events.record("cancel", id)

    put(reference, Page)


@mutant(*of("interrupted", "half-closing-is-answered-or-cut-off"))
def forgets_who_half_closes(reference: Reference) -> None:
    """The end of what a client sends stops the work, and the connection stays as it is."""
    page = put(reference, Keeping)
    build = reference.site.buildProtocol

    def built(address: Any) -> Any:
        protocol = build(address)
        directlyProvides(protocol, IHalfCloseableProtocol)

        def stop() -> None:
            waiting = [one for one in page.works if one.channel is channel_of(protocol)]
            for one in waiting:
                page.left(one, Failure(ConnectionError()))
            if not waiting:
                protocol.transport.loseConnection()

        protocol.readConnectionLost = stop
        protocol.writeConnectionLost = lambda: None
        return protocol

    reference.site.buildProtocol = built


class Watched(interrupted.Dripping):
    """The stream, where `watch` decides what becomes of it when its client leaves."""

    def render_GET(self, request: Request) -> int:
        """See Twisted's `Resource`."""
        id, ends = token(request), self._reactor.seconds() + self._delay

        def drip() -> None:
            if self._reactor.seconds() < ends:
                request.write(interrupted.DRIP)
                return
            dripping.stop()
            self._events.record("done", id)
            request.finish()

        self._events.record("start", id)
        dripping = LoopingCall(drip)
        dripping.clock = self._reactor
        self.watch(request, dripping)
        dripping.start(interrupted.DRIP_INTERVAL)
        return NOT_DONE_YET

    def watch(self, request: Request, dripping: Any) -> None:
        """What is to happen when the client leaves: nothing here."""
        request.notifyFinish().addErrback(lambda _: None)


@mutant(
    *of("interrupted", "leaving-amid-a-streamed-answer-is-noticed", "leaving-amid-a-streamed-answer-stops-the-work")
)
def streams_to_nobody(reference: Reference) -> None:
    """A streamed answer that has begun is not watched: it goes on until it is done."""
    put_stream(reference, Watched)


@mutant(*of("interrupted", "leaving-amid-a-streamed-answer-stops-the-work"))
def streams_on_after_it_told(reference: Reference) -> None:
    """That the client of a streamed answer has left is told, and the answer goes on."""

    class Stream(Watched):
        def watch(self, request: Request, dripping: Any) -> None:
            id = token(request)
            request.notifyFinish().addErrback(lambda _: self._events.record("cancel", id))

    put_stream(reference, Stream)


@mutant(*of("interrupted", "leaving-amid-a-streamed-answer-is-noticed"))
def streams_and_tells_nothing(reference: Reference) -> None:
    """The streamed answer stops when its client leaves, and nobody is told."""

    class Stream(Watched):
        def watch(self, request: Request, dripping: Any) -> None:
            request.notifyFinish().addErrback(lambda _: dripping.stop())

    put_stream(reference, Stream)


@mutant(*of("interrupted", "a-streamed-answer-is-completed-for-who-stays"))
def stops_all_streams(reference: Reference) -> None:
    """When the client of one streamed answer leaves, all that are under way end there."""

    class Stream(Watched):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.all: dict[Any, Any] = {}

        def watch(self, request: Any, dripping: Any) -> None:
            id = token(request)
            self.all[request] = dripping
            request.notifyFinish().addCallbacks(lambda _: self.all.pop(request), lambda _: self.left(request, id))

        def left(self, request: Any, id: str) -> None:
            self._events.record("cancel", id)
            self.all.pop(request).stop()
            for other, dripping in list(self.all.items()):
                dripping.stop()
                other.finish()

    put_stream(reference, Stream)


@mutant(*of("interrupted", "after-many-have-left-it-answers-as-fast-as-before"))
def leaves_something_behind(reference: Reference) -> None:
    """Each client that leaves leaves something in a list that every later request goes through."""
    gone: list[str] = []

    class Page(interrupted.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            gone.append(id)

    put(reference, Page)
    _delayed.put_slow_ping(reference, lambda: 0.001 * len(gone))
