"""
Mutants of the page whose clients may leave: whose work stops, and what that does to others.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import interrupted
from reference_impl.events import token
from reference_impl.repairs import requests
from tests.mutants import Reference, mutant, of
from tests.mutants.asynchronous import Ticking


class Keeping(interrupted.DelayedResource):
    """Keeps the work of all requests in one place, oldest first; subclasses take the wrong one from there."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.works: dict[Request, IDelayedCall] = {}

    def render_GET(self, request: Request) -> int:
        """See Twisted's `Resource`."""
        self._events.record("start", token(request))
        self.works[request] = self._reactor.callLater(self._delay, self._delayedRender, request)
        self.watch(request)
        return NOT_DONE_YET

    def _delayedRender(self, request: Request) -> None:
        self.works.pop(request, None)
        super()._delayedRender(request)

    def watch(self, request: Request) -> None:
        """Learn of it when the client leaves."""
        request.notifyFinish().addErrback(lambda reason: self.left(request, reason))

    def left(self, request: Request, reason: Failure) -> None:
        """The client of a request has left, before its answer."""
        self.stop(self.chosen(request))
        self._events.record("cancel", token(request))

    def chosen(self, request: Request) -> list[Request]:
        """The requests whose work is stopped when the client of this one leaves."""
        return [request] if request in self.works else []

    def stop(self, chosen: list[Request]) -> None:
        """Stop the work for these requests."""
        for one in chosen:
            self.works.pop(one).cancel()


def put(reference: Reference, page: type[interrupted.DelayedResource], reactor: Any = None) -> Any:
    """Put a page in place of the right one, with timers of `reactor`; the page itself."""
    built = page(reactor or reference.reactor, reference.settings.delay, reference.events)
    reference.root.putChild(b"interrupted", built)
    return built


def put_stream(reference: Reference, stream: type[interrupted.Dripping]) -> None:
    """Put a stream in place of the right one."""
    built = stream(reference.reactor, reference.settings.delay, reference.events)
    reference.page(b"interrupted").putChild(b"stream", built)


@mutant(
    *of(
        "interrupted",
        "leaving-stops-the-work",
        "leaving-cancels-no-other-request",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
    )
)
def cancels_the_newest(reference: Reference) -> None:
    """The work that stops when a client leaves is the latest that was begun."""

    class Page(Keeping):
        def chosen(self, request: Request) -> list[Request]:
            return list(self.works)[-1:]

    put(reference, Page)


@mutant(
    *of(
        "interrupted", "many-leaving-at-once-disturb-nobody", "every-schedule-of-visits-answers-who-stays-and-only-them"
    )
)
def cancels_the_oldest(reference: Reference) -> None:
    """The work that stops when a client leaves is that which has been going on longest."""

    class Page(Keeping):
        def chosen(self, request: Request) -> list[Request]:
            return list(self.works)[:1]

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-stops-the-work",
        "many-leaving-at-once-disturb-nobody",
        "leaving-cancels-no-other-request",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
    )
)
def cancels_all(reference: Reference) -> None:
    """All work stops when one client leaves."""

    class Page(Keeping):
        def chosen(self, request: Request) -> list[Request]:
            return list(self.works)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-amid-a-request-body-disturbs-nobody",
        "leaving-amid-the-header-disturbs-nobody",
        "leaving-amid-the-body-of-a-get-completes-nothing",
    )
)
def cancels_the_last_where_it_finds_none(reference: Reference) -> None:
    """The place of who has left is -1 when no work had begun for them, and at -1 stands the last of the list."""

    class Page(Keeping):
        def watch(self, request: Request) -> None:
            """Nothing: the connection says it, of all its requests."""

    class Lost(requests.Request):
        def connectionLost(self, reason: Failure) -> None:
            super().connectionLost(reason)
            kept = list(page.works)
            place = kept.index(self) if self in kept else -1
            page.stop(kept[place:][:1])
            page._events.record("cancel", token(self))

    page = put(reference, Page)
    reference.site.requestFactory = Lost


@mutant(
    *of(
        "interrupted",
        "leaving-stops-the-work",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-later-on-a-connection-stops-the-work",
    )
)
def works_on(reference: Reference) -> None:
    """That a client has left is told, but its work goes on to its end."""

    class Page(Keeping):
        def chosen(self, request: Request) -> list[Request]:
            return []

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-stops-the-work",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-later-on-a-connection-stops-the-work",
    )
)
def tells_done_in_any_case(reference: Reference) -> None:
    """Work that stops is told as done as well: that is said when it is cleared away, however it ended."""

    class Page(Keeping):
        def left(self, request: Request, reason: Failure) -> None:
            super().left(request, reason)
            self._events.record("done", token(request))

    put(reference, Page)


@mutant(*of("interrupted", "every-schedule-of-visits-answers-who-stays-and-only-them"))
def cannot_go_back_near_the_end(reference: Reference) -> None:
    """Once three quarters of the delay are over, the work can no longer be stopped."""

    class Page(Keeping):
        def left(self, request: Request, reason: Failure) -> None:
            if self.works[request].getTime() - self._reactor.seconds() > self._delay / 4:
                super().left(request, reason)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "many-leaving-at-once-disturb-nobody",
        "of-many-leaving-at-once-each-is-noticed",
        "after-many-have-left-it-answers-as-fast-as-before",
    )
)
def takes_many_who_leave_for_an_attack(reference: Reference) -> None:
    """Once ten clients have left within a second, everybody is refused for the rest of the minute."""
    left: list[float] = []
    now = reference.reactor.seconds

    class Guarded(requests.Request):
        def process(self) -> None:
            if len(left) >= 10 and left[-1] - left[-10] < 1 and now() - left[-1] < 60:
                self.setResponseCode(503)
                self.finish()
            else:
                super().process()

        def connectionLost(self, reason: Failure) -> None:
            left.append(now())
            super().connectionLost(reason)

    reference.site.requestFactory = Guarded


@mutant(
    *of(
        "interrupted",
        "waiting-brings-the-answer",
        "many-leaving-at-once-disturb-nobody",
        "leaving-amid-a-request-body-disturbs-nobody",
        "leaving-cancels-no-other-request",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-amid-the-header-disturbs-nobody",
        "leaving-amid-a-streamed-answer-is-noticed",
        "a-streamed-answer-is-completed-for-who-stays",
        "after-many-have-left-it-answers-as-fast-as-before",
    )
)
def answers_at_its_next_look(reference: Reference) -> None:
    """Every seven tenths of a second it looks who is still there, and only then answers who is."""
    put(reference, interrupted.DelayedResource, Ticking(reference.reactor, 0.7))


@mutant(
    *of(
        "interrupted",
        "leaving-stops-the-work",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-later-on-a-connection-stops-the-work",
        "leaving-amid-a-streamed-answer-stops-the-work",
    ),
    claims={"interrupted": {"notice": "write"}},
)
def works_on_behind_its_stream(reference: Reference) -> None:
    """The stream dries up when its client leaves, but the work behind it goes on to its end."""

    class Dripping(interrupted.Dripping):
        def render_GET(self, request: Request) -> int:
            ends = self._reactor.seconds() + self._delay

            def left(_: Failure) -> None:
                self._reactor.callLater(ends - self._reactor.seconds(), self._events.record, "done", token(request))

            request.notifyFinish().addErrback(left)
            return super().render_GET(request)

    put_stream(reference, Dripping)


@mutant(*of("interrupted", "leaving-stops-the-work", "leaving-later-on-a-connection-stops-the-work"))
def tells_done_on_its_page_only(reference: Reference) -> None:
    """The work of who has left goes on to its end, of which only the page `done` tells."""
    finished: set[str] = set()

    class Page(interrupted.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            self._reactor.callLater(call.getTime() - self._reactor.seconds(), finished.add, id)

    class Done(interrupted.Done):
        def render_GET(self, request: Request) -> bytes:
            return b"true\n" if token(request) in finished else super().render_GET(request)

    put(reference, Page).putChild(b"done", Done(reference.events))


@mutant(
    *of(
        "interrupted",
        "many-leaving-at-once-disturb-nobody",
        "of-many-leaving-at-once-each-is-noticed",
        "after-many-have-left-it-answers-as-fast-as-before",
    )
)
def takes_many_who_hang_up_for_an_attack(reference: Reference) -> None:
    """Once five clients have closed their connections in order within a second, everybody else is refused."""
    site: Any = reference.site
    gone: list[float] = []

    class Page(interrupted.DelayedResource):
        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            if failure.check(ConnectionDone):
                gone.append(self._reactor.seconds())
            if len([at for at in gone if at > self._reactor.seconds() - 1]) >= 5:
                site.buildProtocol = lambda _: None

    put(reference, Page)
