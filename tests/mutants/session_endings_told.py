"""
Mutants of the page whose sessions are short: when their ends are told.
"""

from __future__ import annotations

import math
from typing import Any

from tests.mutants import Reference, mutant, of
from tests.mutants._keepers import Teller, tell_by


@mutant(
    *of(
        "session-endings",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "an-explicit-ending-is-told-once",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def tells_half_a_millisecond_early(reference: Reference) -> None:
    """The end is told by a timer of its own, which is half a millisecond short."""

    def visited(teller: Teller, request: Any) -> None:
        teller.record_in(teller.idle - 0.0005, request.getSession().uid)

    tell_by(reference, visited=visited)


@mutant(
    *of(
        "session-endings",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "an-explicit-ending-is-told-once",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
        "many-visits-have-one-ending",
    )
)
def tells_a_millisecond_late(reference: Reference) -> None:
    """The end is told by whoever looks for it a millisecond later."""
    tell_by(reference, lambda teller, uid: teller.record_in(0.001, uid))


@mutant(
    *of(
        "session-endings",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def tells_twice_a_second(reference: Reference) -> None:
    """What has ended is told together, at every half second."""

    def tell(teller: Teller, uid: bytes) -> None:
        now = teller.reactor.seconds()
        teller.record_in(math.ceil(2 * now) / 2 - now, uid)

    tell_by(reference, tell)


@mutant(*of("session-endings", "a-visited-session-is-not-told-ended", "an-explicit-ending-is-told-once"))
def tells_an_idle_time_after_the_first_visit(reference: Reference) -> None:
    """Visits keep the session, but do not put off the timer by which its end is told."""
    begun: set[bytes] = set()

    def visited(teller: Teller, request: Any) -> None:
        uid = request.getSession().uid
        if uid not in begun:
            begun.add(uid)
            teller.record_in(teller.idle, uid)

    tell_by(reference, visited=visited)


@mutant(*of("session-endings", "an-explicit-ending-is-told-once"))
def tells_an_explicit_ending_only_when_it_would_be_due(reference: Reference) -> None:
    """The end is told by a timer, which knows nothing of visitors who end their sessions before."""
    tell_by(reference, visited=lambda teller, request: teller.record_in(teller.idle, request.getSession().uid))


@mutant(
    *of(
        "session-endings",
        "a-long-pause-ends-the-session",
        "what-was-stored-ends-with-the-session",
        "the-idle-time-counts-from-the-last-visit",
        "each-session-ends-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "an-ended-session-comes-back-for-nobody",
        "visits-of-others-keep-no-session",
        "a-session-that-follows-an-ended-one-lives-as-long",
    )
)
def tells_of_a_session_that_lives_on(reference: Reference) -> None:
    """The end is told when it is due, and a second later the session ends."""

    def visited(teller: Teller, request: Any) -> None:
        session = request.getSession()
        session.sessionTimeout = teller.idle + 1
        session.touch()
        teller.record_in(teller.idle, session.uid)

    def tell(teller: Teller, uid: bytes) -> None:
        if teller._timers[uid].active():
            teller.record_in(0, uid)

    tell_by(reference, tell, visited)
