"""
Mutants of the page whose sessions are short: many sessions that live together.
"""

from __future__ import annotations

from typing import Any

from tests.mutants import Reference, mutant, of
from tests.mutants._keepers import LONG, Keeper, keep


@mutant(
    *of(
        "session-endings",
        "each-session-ends-at-its-own-time",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
        "visits-of-others-keep-no-session",
    )
)
def ends_all_by_one_timer(reference: Reference) -> None:
    """There is one timer, which the first session starts, and which ends all that there are."""

    def end_all(keeper: Keeper) -> None:
        running.clear()
        for uid in list(keeper.began):
            keeper.end(uid)

    def visited(keeper: Keeper, _: bytes) -> None:
        if running:
            running[0].reset(keeper.idle)
        else:
            running.append(keeper.reactor.callLater(keeper.idle, end_all, keeper))

    running: list[Any] = []
    keep(reference, visited)


@mutant(
    *of(
        "session-endings",
        "the-idle-time-counts-from-the-last-visit",
        "each-session-ends-at-its-own-time",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def winds_its_timer_at_visits_only(reference: Reference) -> None:
    """A timer ends what is over an idle time after the visit that started it; only another visit starts it again."""
    visits: dict[bytes, float] = {}
    running: list[Any] = []

    def sweep(keeper: Keeper) -> None:
        running.clear()
        for uid in list(keeper.began):
            if visits[uid] + keeper.idle <= keeper.reactor.seconds():
                keeper.end(uid)

    def visited(keeper: Keeper, uid: bytes) -> None:
        visits[uid] = keeper.reactor.seconds()
        if not running:
            running.append(keeper.reactor.callLater(keeper.idle, sweep, keeper))

    keep(reference, visited)


@mutant(*of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"))
def keeps_one_session_for_each_deadline(reference: Reference) -> None:
    """A table says which session ends when, and has room for one at a time."""
    due: dict[float, bytes] = {}

    def visited(keeper: Keeper, uid: bytes) -> None:
        for at in [at for at, one in due.items() if one == uid]:
            del due[at]
        at = keeper.reactor.seconds() + keeper.idle
        due[at] = uid
        keeper.reactor.callLater(keeper.idle, lambda: keeper.end(due.pop(at, b"")))

    keep(reference, visited)


@mutant(*of("session-endings", "in-a-crowd-each-session-ends-at-its-own-time"))
def forgets_the_oldest_of_five_hundred(reference: Reference) -> None:
    """There is room for five hundred sessions; the next one ends the oldest."""

    def visited(keeper: Keeper, uid: bytes) -> None:
        keeper.end_in(keeper.idle, uid)
        if len(keeper.began) > 500:
            keeper.end(next(iter(keeper.began)))

    keep(reference, visited)


@mutant(*of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"))
def ends_whoever_has_the_place_now(reference: Reference) -> None:
    """A session has the first free place; who ends it frees that, but the timer goes on, and ends who is there then."""
    places: dict[int, bytes] = {}

    def run_down(keeper: Keeper, place: int) -> None:
        if place in places:
            keeper.end(places[place])

    def visited(keeper: Keeper, uid: bytes) -> None:
        for place in [place for place, one in places.items() if one not in keeper.began]:
            del places[place]
        mine = [place for place, one in places.items() if one == uid]
        if mine:
            timers[mine[0]].reset(keeper.idle)
            return
        place = next(number for number in range(LONG) if number not in places)
        places[place] = uid
        timers[place] = keeper.reactor.callLater(keeper.idle, run_down, keeper, place)

    timers: dict[int, Any] = {}
    keep(reference, visited)
