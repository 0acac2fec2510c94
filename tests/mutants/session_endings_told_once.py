"""
Mutants of the page whose sessions are short: how often their ends are told, and of whom.
"""

from __future__ import annotations

from typing import Any

from tests.mutants import Reference, mutant, of
from tests.mutants._keepers import Teller, tell_by
from tests.mutants._sessions import COOKIE

# How often.


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
def tells_twice(reference: Reference) -> None:
    """The end is told by the session, and once more by the store that it is taken out of."""

    def tell(teller: Teller, uid: bytes) -> None:
        teller.record(uid)
        teller.record(uid)

    tell_by(reference, tell)


@mutant(
    *of(
        "session-endings",
        "a-visited-session-is-not-told-ended",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "many-visits-have-one-ending",
    )
)
def tells_once_for_each_visit(reference: Reference) -> None:
    """Each visit asks for the end to be told, not only the first."""

    def visited(teller: Teller, request: Any) -> None:
        session = request.getSession()
        session.notifyOnExpire(lambda: teller.record(session.uid))

    tell_by(reference, visited=visited)


@mutant(
    *of("session-endings", "an-explicit-ending-is-told-once", "every-schedule-of-visits-ends-each-session-at-its-time")
)
def tells_an_explicit_ending_again_when_it_would_be_due(reference: Reference) -> None:
    """Who ends a session has it told, but the timer that would have told it goes on."""
    due: dict[bytes, float] = {}

    def tell(teller: Teller, uid: bytes) -> None:
        teller.record(uid)
        if due[uid] > teller.reactor.seconds():
            teller.record_in(due[uid] - teller.reactor.seconds(), uid)

    def visited(teller: Teller, request: Any) -> None:
        due[request.getSession().uid] = teller.reactor.seconds() + teller.idle

    tell_by(reference, tell, visited)


@mutant(
    *of("session-endings", "an-explicit-ending-is-told-once", "every-schedule-of-visits-ends-each-session-at-its-time")
)
def tells_no_explicit_ending(reference: Reference) -> None:
    """Only what ends by itself is told."""
    due: dict[bytes, float] = {}

    def tell(teller: Teller, uid: bytes) -> None:
        if teller.reactor.seconds() >= due[uid]:
            teller.record(uid)

    def visited(teller: Teller, request: Any) -> None:
        due[request.getSession().uid] = teller.reactor.seconds() + teller.idle

    tell_by(reference, tell, visited)


@mutant(
    *of(
        "session-endings",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def tells_only_the_first_ending(reference: Reference) -> None:
    """Who waits for endings is forgotten when the first has been told."""
    told: list[bytes] = []

    def tell(teller: Teller, uid: bytes) -> None:
        if not told:
            told.append(uid)
            teller.record(uid)

    tell_by(reference, tell)


@mutant(*of("session-endings", "every-schedule-of-visits-ends-each-session-at-its-time"))
def tells_one_ending_of_a_moment(reference: Reference) -> None:
    """Of sessions that end at one moment only one is told."""
    told: set[float] = set()

    def tell(teller: Teller, uid: bytes) -> None:
        now = teller.reactor.seconds()
        if now not in told:
            told.add(now)
            teller.record(uid)

    tell_by(reference, tell)


@mutant(*of("session-endings", "in-a-crowd-each-ending-is-told-at-its-own-time"))
def tells_nothing_of_the_hundredth(reference: Reference) -> None:
    """Of a hundred endings that are to be told the last is lost."""
    told: list[bytes] = []

    def tell(teller: Teller, uid: bytes) -> None:
        told.append(uid)
        if len(told) % 100:
            teller.record(uid)

    tell_by(reference, tell)


# Of whom.


@mutant(
    *of(
        "session-endings",
        "each-ending-is-told-at-its-own-time",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    )
)
def tells_of_whoever_began_last(reference: Reference) -> None:
    """Which session has ended is looked up in an attribute of the page, which each new one sets."""
    latest: list[bytes] = []

    def visited(_: Teller, request: Any) -> None:
        if request.cookies:
            latest[:] = [request.getSession().uid]

    tell_by(reference, lambda teller, _: teller.record(latest[0]), visited)


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
def tells_only_who_comes_back(reference: Reference) -> None:
    """An end is noticed, and told, when somebody comes with the cookie; its profile does not say so."""
    ended: set[bytes] = set()

    def visited(teller: Teller, request: Any) -> None:
        uid = request.getCookie(COOKIE)
        if uid in ended:
            ended.remove(uid)
            teller.record(uid)

    tell_by(reference, lambda _, uid: ended.add(uid), visited)


# By whom it is asked: stores that notice an ended session only when its cookie comes back.

LAZY = {"session-endings": {"poke_after": True}}


@mutant(*of("session-endings", "an-explicit-ending-is-told-once"), claims=LAZY)
def tells_again_whenever_the_cookie_comes_back(reference: Reference) -> None:
    """Whoever comes with the cookie of a session that is over has its end told, be it told already or not."""
    ended: set[bytes] = set()
    due: dict[bytes, float] = {}

    def tell(teller: Teller, uid: bytes) -> None:
        ended.add(uid)
        if teller.reactor.seconds() < due[uid]:
            teller.record(uid)

    def visited(teller: Teller, request: Any) -> None:
        due[request.getSession().uid] = teller.reactor.seconds() + teller.idle
        uid = request.getCookie(COOKIE)
        if uid in ended:
            teller.record(uid)

    tell_by(reference, tell, visited)


@mutant(
    *of(
        "session-endings",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "an-explicit-ending-is-told-once",
        "many-visits-have-one-ending",
    ),
    claims=LAZY,
)
def tells_of_the_session_that_begins(reference: Reference) -> None:
    """When the cookie of an ended session comes back, what is told is the ID of the new one."""
    ended: set[bytes] = set()

    def visited(teller: Teller, request: Any) -> None:
        uid = request.getCookie(COOKIE)
        if uid in ended:
            ended.remove(uid)
            teller.record(request.getSession().uid)

    tell_by(reference, lambda _, uid: ended.add(uid), visited)
