"""
Mutants of the page that gives up work: when it does, whose work, and what becomes of the timer.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.web.server import Request

from reference_impl import timeouts
from tests.mutants import Reference, mutant, of
from tests.mutants.asynchronous import Ticking


class Timer:
    """Stands for a delayed call that cannot be cancelled by who holds it, who must not know."""

    def active(self) -> bool:
        """It says that it is over."""
        return False


class Timers:
    """
    What the page takes for the reactor: gives its timers, and hears of each that is set, with its ID.

    Only the timers go through here: work takes as long as whoever asks for it says.
    """

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor

    def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
        """See Twisted's `IReactorTime`."""
        return self.reactor.callLater(seconds, call, d, id)


def put(reference: Reference, page: Any = timeouts.TimeoutResource, timers: Any = None, part: float = 1.0) -> Any:
    """Put a page in place, with work of the right length and with timers of its own."""
    after = reference.settings.after
    built = page(reference.reactor, part * after, reference.events)
    if timers is not None:
        built._work = page(reference.reactor, after, reference.events)._work
        built._reactor = timers
    reference.root.putChild(b"timeouts", built)
    return built


@mutant(
    *of(
        "timeouts",
        "giving-up-comes-at-its-time",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "a-timeout-is-told-once",
        "every-schedule-of-work-answers-each-at-its-time",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
        "leaving-before-the-timeout-disturbs-nobody",
    )
)
def gives_up_early(reference: Reference) -> None:
    """The timer is set to four fifths of its time."""
    put(reference, part=0.8)


@mutant(
    *of(
        "timeouts",
        "giving-up-comes-at-its-time",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "a-timeout-is-told-once",
        "every-schedule-of-work-answers-each-at-its-time",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
        "leaving-before-the-timeout-disturbs-nobody",
    )
)
def looks_for_timeouts_now_and_then(reference: Reference) -> None:
    """Every seven tenths of a second it looks which work has taken too long."""
    put(reference, timers=Ticking(reference.reactor, 0.7))


@mutant(*of("timeouts", "quick-work-beside-slow-work-is-left-alone", "every-schedule-of-work-answers-each-at-its-time"))
def gives_up_all_with_the_first(reference: Reference) -> None:
    """There is one timer: it starts with the first work, and gives up all when it fires."""
    works: list[tuple[Deferred[bytes], str]] = []

    class One(Timers):
        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            if not works:
                self.reactor.callLater(seconds, self.fire, call)
            works.append((d, id))
            return Timer()

        def fire(self, call: Any) -> None:
            while works:
                d, told = works.pop(0)
                if not d.called:
                    call(d, told)

    put(reference, timers=One(reference.reactor))


@mutant(
    *of(
        "timeouts",
        "slow-ones-time-out-together",
        "every-schedule-of-work-answers-each-at-its-time",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def cancels_the_newest_timer(reference: Reference) -> None:
    """The timer is kept in an attribute: work that is over cancels the timer that was set last."""

    class Last(Timers):
        timer: Any

        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            self.timer = super().callLater(seconds, call, d, id)
            return self

        def active(self) -> bool:
            return bool(self.timer.active())

        def cancel(self) -> None:
            self.timer.cancel()

    put(reference, timers=Last(reference.reactor))


@mutant(
    *of(
        "timeouts",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "every-schedule-of-work-answers-each-at-its-time",
        "leaving-before-the-timeout-disturbs-nobody",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def keeps_one_timer_for_a_moment(reference: Reference) -> None:
    """Timers are kept by the time when they fire: of several for one moment there is only the last."""
    due: dict[float, IDelayedCall] = {}

    class Table(Timers):
        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            timer = super().callLater(seconds, call, d, id)
            before = due.get(timer.getTime())
            if before is not None and before.active():
                before.cancel()
            due[timer.getTime()] = timer
            return timer

    put(reference, timers=Table(reference.reactor))


@mutant(*of("timeouts", "no-timeout-is-told-of-quick-work", "every-schedule-of-work-answers-each-at-its-time"))
def leaves_the_timer_running(reference: Reference) -> None:
    """The timer is not cancelled when the work is over, and a timeout is told of it."""

    class Uncancelled(Timers):
        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            super().callLater(seconds, call, d, id)
            return Timer()

    put(reference, timers=Uncancelled(reference.reactor))


@mutant(*of("timeouts", "every-schedule-of-work-answers-each-at-its-time"))
def leaves_the_timer_of_failures_running(reference: Reference) -> None:
    """The timer is cancelled by a callback, which is not called when the work fails."""

    class Uncancelled(Timers):
        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            timer = super().callLater(seconds, call, d, id)
            d.addCallback(timeouts.getTimeoutCancelFunction(timer))
            return Timer()

    put(reference, timers=Uncancelled(reference.reactor))


@mutant(*of("timeouts", "nothing-follows-quick-work", "every-schedule-of-work-answers-each-at-its-time"))
def tells_the_client_of_a_timeout_after_all(reference: Reference) -> None:
    """The timer is not cancelled when the work is over, and writes its answer into the connection."""
    answer = b"HTTP/1.1 504 Gateway Time-out\r\nContent-Length: 0\r\n\r\n"

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Request) -> object:
            if float(request.args[b"s"][0]) < self._after:
                self._reactor.callLater(self._after, request.transport.write, answer)
            return super().render_GET(request)

    put(reference, Page)


@mutant(*of("timeouts", "nothing-follows-quick-work", "each-request-of-a-connection-has-a-timeout-of-its-own"))
def counts_from_the_first_request(reference: Reference) -> None:
    """The time runs from the first request of a connection, for all of them."""

    class Page(timeouts.TimeoutResource):
        def render_GET(self, request: Request) -> object:
            now = self._reactor.seconds()
            if not hasattr(request.channel, "began"):
                request.channel.began = now
            whole, self._after = self._after, max(0.0, request.channel.began + self._after - now)
            answered = super().render_GET(request)
            self._after = whole
            return answered

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "giving-up-comes-at-its-time",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "a-timeout-is-told-once",
        "every-schedule-of-work-answers-each-at-its-time",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
        "leaving-before-the-timeout-disturbs-nobody",
    )
)
def refuses_long_work_at_once(reference: Reference) -> None:
    """Work that would take too long is not begun: its timeout is told without waiting for it."""

    class Page(timeouts.TimeoutResource):
        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            d = super()._work(seconds, id, fails=fails)
            if seconds > self._after:
                self._reactor.callLater(0, self._timeoutHandler, d, id)
            return d

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "quick-work-gives-its-own-result",
        "quick-work-beside-slow-work-is-left-alone",
        "failing-work-reports-its-own-failure",
        "every-schedule-of-work-answers-each-at-its-time",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def answers_on_the_timer_only(reference: Reference) -> None:
    """What has become of the work is looked at when the time is over, not before."""

    class Page(timeouts.TimeoutResource):
        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            return super()._work(self._after - 0.001 if seconds < self._after else seconds, id, fails=fails)

    put(reference, Page)


@mutant(
    *of("timeouts", "work-failing-after-its-timeout-adds-nothing", "every-schedule-of-work-answers-each-at-its-time")
)
def waits_for_failing_work(reference: Reference) -> None:
    """Work that is going to fail has no timer: its failure is told when it comes."""

    class Page(timeouts.TimeoutResource):
        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            d = super()._work(seconds, id, fails=fails)
            if fails:
                d.cancel = lambda: None
            return d

        def _timeoutHandler(self, d: Deferred[bytes], id: str) -> None:
            if "cancel" not in vars(d):
                super()._timeoutHandler(d, id)

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "every-schedule-of-work-answers-each-at-its-time",
        "leaving-before-the-timeout-disturbs-nobody",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def gives_up_the_newest_work(reference: Reference) -> None:
    """When a timer fires, the work that is given up is that which was begun last."""

    class Page(timeouts.TimeoutResource):
        newest: Deferred[bytes]

        def _work(self, seconds: float, id: str, *, fails: bool) -> Deferred[bytes]:
            self.newest = super()._work(seconds, id, fails=fails)
            return self.newest

        def _timeoutHandler(self, d: Deferred[bytes], id: str) -> None:
            super()._timeoutHandler(self.newest, id)

    put(reference, Page)


@mutant(
    *of(
        "timeouts",
        "slow-ones-time-out-together",
        "every-schedule-of-work-answers-each-at-its-time",
        "after-many-timeouts-it-answers-as-fast-as-before",
    )
)
def gives_up_one_after_another(reference: Reference) -> None:
    """The time of slow work begins when that of the slow work before it is over."""

    class Queue(Timers):
        free_at = 0.0

        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            now = self.reactor.seconds()
            self.free_at = max(self.free_at, now) + seconds
            return super().callLater(self.free_at - now, call, d, id)

    put(reference, timers=Queue(reference.reactor))


@mutant(*of("timeouts", "quick-work-beside-slow-work-is-left-alone", "every-schedule-of-work-answers-each-at-its-time"))
def begins_anew_with_each_request(reference: Reference) -> None:
    """Any request is taken for a sign of life: it sets all timers back to their beginning."""
    running: list[Any] = []

    class Alive(Timers):
        def callLater(self, seconds: float, call: Any, d: Deferred[bytes], id: str) -> Any:
            for timer in running:
                if timer.active():
                    timer.reset(seconds)
            running.append(super().callLater(seconds, call, d, id))
            return running[-1]

    put(reference, timers=Alive(reference.reactor))
