"""
Mutants of the page whose sessions are short: when a session ends, and what a visit changes about that.
"""

from __future__ import annotations

import math

from tests.mutants import Reference, mutant, of
from tests.mutants._keepers import LONG, Keeper, keep

# How long they live.


@mutant(
    *of(
        "session-endings",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def ends_a_millisecond_early(reference: Reference) -> None:
    """The idle time is 4.999 seconds."""
    keep(reference, lambda keeper, uid: keeper.end_in(keeper.idle - 0.001, uid))


@mutant(
    *of(
        "session-endings",
        "a-long-pause-ends-the-session",
        "what-was-stored-ends-with-the-session",
        "the-idle-time-counts-from-the-last-visit",
        "each-session-ends-at-its-own-time",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
        "an-ended-session-comes-back-for-nobody",
        "visits-of-others-keep-no-session",
        "a-session-that-follows-an-ended-one-lives-as-long",
        "many-visits-have-one-ending",
    )
)
def ends_a_millisecond_late(reference: Reference) -> None:
    """The idle time is 5.001 seconds."""
    keep(reference, lambda keeper, uid: keeper.end_in(keeper.idle + 0.001, uid))


@mutant(
    *of(
        "session-endings",
        "a-short-pause-keeps-the-session",
        "visiting-keeps-the-session",
        "the-idle-time-counts-from-the-last-visit",
        "each-session-ends-at-its-own-time",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
        "a-session-that-follows-an-ended-one-lives-as-long",
    )
)
def takes_its_seconds_for_milliseconds(reference: Reference) -> None:
    """The idle time is 5 milliseconds."""
    keep(reference, lambda keeper, uid: keeper.end_in(keeper.idle / 1000, uid))


@mutant(
    *of(
        "session-endings",
        "each-session-ends-at-its-own-time",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def sweeps_every_second(reference: Reference) -> None:
    """What is over ends at the next whole second."""

    def visited(keeper: Keeper, uid: bytes) -> None:
        now = keeper.reactor.seconds()
        keeper.end_in(math.ceil(now + keeper.idle) - now, uid)

    keep(reference, visited)


@mutant(
    *of(
        "session-endings",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def keeps_the_visits_time_in_whole_seconds(reference: Reference) -> None:
    """The time of the last visit is kept without its fraction: the session ends too early by that."""

    def visited(keeper: Keeper, uid: bytes) -> None:
        now = keeper.reactor.seconds()
        keeper.end_in(int(now) + keeper.idle - now, uid)

    keep(reference, visited)


# What a visit changes.


@mutant(
    *of(
        "session-endings",
        "visiting-keeps-the-session",
        "a-visited-session-is-not-told-ended",
        "every-schedule-of-visits-ends-each-session-at-its-time",
    )
)
def ends_an_idle_time_after_the_first_visit(reference: Reference) -> None:
    """Later visits do not keep the session."""
    keep(reference, lambda keeper, uid: keeper.is_new(uid) and keeper.end_in(keeper.idle, uid))


@mutant(
    *of(
        "session-endings",
        "the-idle-time-counts-from-the-last-visit",
        "a-visited-session-is-not-told-ended",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "many-visits-have-one-ending",
    )
)
def stops_the_timer_at_the_second_visit(reference: Reference) -> None:
    """A visit stops the session's timer, and does not start it again."""
    keep(reference, lambda keeper, uid: keeper.end_in(keeper.idle if keeper.is_new(uid) else LONG, uid))


@mutant(*of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"))
def renews_after_half_the_time_only(reference: Reference) -> None:
    """A visit keeps the session only if more than half of its time is over, to save writing."""
    renewed: dict[bytes, float] = {}

    def visited(keeper: Keeper, uid: bytes) -> None:
        now = keeper.reactor.seconds()
        if now - renewed.get(uid, -math.inf) > keeper.idle / 2:
            renewed[uid] = now
            keeper.end_in(keeper.idle, uid)

    keep(reference, visited)


@mutant(*of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"))
def ends_however_often_it_is_visited(reference: Reference) -> None:
    """Visits keep the session, but not for longer than three idle times."""

    def visited(keeper: Keeper, uid: bytes) -> None:
        left = keeper.began[uid] + 3 * keeper.idle - keeper.reactor.seconds()
        keeper.end_in(min(keeper.idle, left), uid)

    keep(reference, visited)


@mutant(
    *of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time", "visits-of-others-keep-no-session")
)
def a_visit_keeps_the_oldest(reference: Reference) -> None:
    """A later visit keeps the session that is the oldest there is, and not the one that is visited."""

    def visited(keeper: Keeper, uid: bytes) -> None:
        keeper.end_in(keeper.idle, uid if keeper.is_new(uid) else next(iter(keeper.began)))

    keep(reference, visited)


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
def a_visit_keeps_everybody(reference: Reference) -> None:
    """A visit winds up the timers of all sessions that there are."""

    def visited(keeper: Keeper, _: bytes) -> None:
        for uid in keeper.began:
            keeper.end_in(keeper.idle, uid)

    keep(reference, visited)


@mutant(
    *of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"),
    claims={"session-endings": {"sliding": False}},
)
def slides_though_it_is_said_not_to(reference: Reference) -> None:
    """The server is said to end sessions an idle time after the first visit, but later visits keep them."""
