"""
Session endings: a session lives while it is visited, ends when it is not, and its end is told.
"""

import re
from itertools import pairwise

from harness import MUST, NotObservable, NotOffered, Window, gather, spec, tutorial
from specs.test_session_store import count

LASTS = tutorial("session-endings", "seconds a session may go without being accessed before it expires")
ENDS = tutorial("session-endings", "will use ShortSession and only last one minute without activity")
KEEP = tutorial("session-endings", "Keep visiting it to keep your session active")
STOP = tutorial("session-endings", "Stop visiting it for five seconds to see your session expiration message")
TOLD = tutorial("session-endings", "You can have arbitrary functions run when sessions expire, too")
WHENEVER = tutorial("session-endings", "prints a message whenever a session expires")
STORED = tutorial("session-store", "keep other objects around for as long as the session exists")

#: How the tutorial shows an ID, for targets without [session-basics].
ID_PATTERN = r"Your session id is: (?P<id>\S+)"

#: Parts of `idle`: a session must be alive after the first, and a visit must be answered by the second.
ALIVE, ANSWERED = 0.8, 0.95

#: The part of `idle` between two visits that keep a session: from the second visit on they are past `idle`,
#: seen from the start.
PAUSE = 0.6


def shown(target, answer):
    """The session's ID that the page shows, or None: the tutorial's own page shows nothing."""
    assert answer.status == 200
    basics = target.session_basics
    found = re.search(basics.id_pattern if basics else ID_PATTERN, answer.text)
    return found["id"] if found else None


def identity(target, visitor, answer):
    """What tells one session from another: the ID shown, or else the cookies held after the answer."""
    found = shown(target, answer) or carried(visitor)
    assert found != "", "the page shows no session ID and sets no cookie"
    return found


def told_as(target, visitor, answer):
    """The ID by which events speak of this session."""
    found = shown(target, answer)
    if found is not None:
        return found
    if len(visitor.cookies) != 1:
        raise NotObservable("the page shows no session ID, and not one cookie that would stand for it")
    return next(iter(visitor.cookies.values()))


def carried(visitor):
    """What the visitor's jar holds now, as a Cookie field."""
    return "; ".join(f"{name}={value}" for name, value in sorted(visitor.cookies.items()))


def _told(target):
    """Nominal seconds from a visit until its session's end has been told."""
    page = target.session_endings
    return page.idle + page.callback_slack + page.slack * page.poke_after


@spec(
    "session-endings/a-short-pause-keeps-the-session",
    MUST,
    LASTS,
    lasts=lambda target: ALIVE * target.session_endings.idle,
)
async def test_a_short_pause_keeps_the_session(target, page, client, clock):
    """
    A session that nobody visits for less than its idle time is still there.

    Sends:      two GETs with one cookie jar, 0.8 of the idle time apart.
    Observes:   the ID shown, or the cookies where the page shows none: the same.
    Tolerance:  none is needed: a fifth of the idle time is left.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    before = identity(target, visitor, first)

    await clock.until(first.sent_at + ALIVE * page.idle, "less than the idle time")
    second = await visitor.get(page.path)

    # Answered too late, it would say nothing: the visit may have come in when the session had ended.
    assert second.first_at - first.sent_at in Window.until(ANSWERED * page.idle)
    assert identity(target, visitor, second) == before


@spec(
    "session-endings/a-long-pause-ends-the-session",
    MUST,
    ENDS,
    lasts=lambda target: target.session_endings.idle + target.session_endings.slack,
)
async def test_a_long_pause_ends_the_session(target, page, client, clock):
    """
    A session that nobody visited for its idle time is gone; the visitor is given a new one.

    Sends:      two GETs with one cookie jar, the idle time and the profile's `slack` apart.
    Observes:   the ID shown, or the cookies where the page shows none: another.
    Tolerance:  `slack` of [session-endings].
    Look at:    the timer or the sweeper that ends sessions; a store that only the cookie's own age limits.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    before = identity(target, visitor, first)

    await clock.until(first.last_at + page.idle + page.slack, "the idle time and its slack")
    second = await visitor.get(page.path)

    assert identity(target, visitor, second) != before


@spec(
    "session-endings/what-was-stored-ends-with-the-session",
    MUST,
    STORED,
    needs=("session-store.path",),
    lasts=lambda target: target.session_endings.idle + target.session_endings.slack,
)
async def test_what_was_stored_ends_with_the_session(target, page, client, clock):
    """
    What a session kept is gone with it: after a long pause the visit counter restarts.

    Sends:      with one cookie jar: a GET of this page, two of the counter; after the idle time and `slack`,
                the counter.
    Observes:   the number shown last: one.
    Tolerance:  `slack` of [session-endings].
    Differs:    where the counter has a session of its own (it sets another cookie), its idle time is not
                known: not offered.
    """
    store = target.session_store
    visitor = client.visitor()
    await visitor.get(page.path)
    of_page = set(visitor.cookies.items())
    visits = [await visitor.get(store.path) for _ in range(2)]
    of_counter = dict(set(visitor.cookies.items()) - of_page)

    await clock.until(visits[-1].last_at + page.idle + page.slack, "the idle time and its slack")
    visits.append(await visitor.get(store.path))

    counts = [count(store, visit) for visit in visits]
    if counts == [1, 2, 3] and of_counter:
        raise NotOffered(f"[session-store] has a session of its own (cookie {', '.join(sorted(of_counter))})")
    assert counts == [1, 2, 1]


@spec(
    "session-endings/visiting-keeps-the-session",
    MUST,
    KEEP,
    needs=("sliding",),
    lasts=lambda target: 4 * PAUSE * target.session_endings.idle,
)
async def test_visiting_keeps_the_session(target, page, client, clock):
    """
    Each visit starts the idle time anew: who keeps visiting keeps the session, longer than any idle time.

    Sends:      five GETs with one cookie jar, 0.6 of the idle time apart: the last at 2.4 of it.
    Observes:   the ID shown, or the cookies where the page shows none: always the same.
    Tolerance:  each visit must be answered before the idle time since the last one is nearly over.
    Differs:    stores with a fixed lifetime say `sliding = false`.
    Look at:    Twisted from 18.9 on: `getSession()` does not touch the session; `Session.touch()` does.
    """
    visitor = client.visitor()
    visits = [await visitor.get(page.path)]
    identities = [identity(target, visitor, visits[0])]

    for number in range(1, 5):
        await clock.until(visits[0].sent_at + number * PAUSE * page.idle, "less than the idle time")
        visits.append(await visitor.get(page.path))
        identities.append(identity(target, visitor, visits[-1]))

    for earlier, later in pairwise(visits):
        # Answered too late, it would say nothing: the visit may have come in when the session had ended.
        assert later.first_at - earlier.sent_at in Window.until(ANSWERED * page.idle)
    assert [one == identities[0] for one in identities] == [True] * 5


@spec(
    "session-endings/the-idle-time-counts-from-the-last-visit",
    MUST,
    LASTS,
    needs=("sliding",),
    lasts=lambda target: (1 + PAUSE) * target.session_endings.idle + target.session_endings.slack,
)
async def test_the_idle_time_counts_from_the_last_visit(target, page, client, clock):
    """
    A session that was visited again still ends, one idle time after the last visit.

    Sends:      with one cookie jar: a GET, another 0.6 of the idle time later, and a third an idle time and
                `slack` after that.
    Observes:   the ID shown, or the cookies where the page shows none: the same at the second, another at the
                third.
    Tolerance:  `slack` of [session-endings].
    Look at:    a visit that cancels the timer without starting it again.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    before = identity(target, visitor, first)

    await clock.until(first.sent_at + PAUSE * page.idle, "less than the idle time")
    second = await visitor.get(page.path)
    between = identity(target, visitor, second)
    await clock.until(second.last_at + page.idle + page.slack, "the idle time and its slack")
    third = await visitor.get(page.path)

    assert second.first_at - first.sent_at in Window.until(ANSWERED * page.idle)
    assert between == before
    assert identity(target, visitor, third) != before


@spec(
    "session-endings/each-session-ends-at-its-own-time",
    MUST,
    ENDS,
    lasts=lambda target: 1.5 * target.session_endings.idle + target.session_endings.slack,
)
async def test_each_session_ends_at_its_own_time(target, page, client, clock):
    """
    Of two sessions the older ends while the younger lives on, and the younger ends in its turn.

    Sends:      first GETs of an older visitor and, half an idle time later, of two younger ones.  Second GETs,
                once each: of one younger 0.8 of the idle time after its first; of the older and of the other
                younger an idle time and `slack` after theirs.
    Observes:   the IDs shown, or the cookies where the page shows none: the same for the one, another for the
                others.
    Tolerance:  `slack` of [session-endings].
    Look at:    one timer for all sessions, started or stopped by each new one.
    """

    async def first(visitor):
        visit = await visitor.get(page.path)
        return visit, identity(target, visitor, visit)

    async def again(visitor, moment):
        await clock.until(moment, "the other sessions' time")
        visit = await visitor.get(page.path)
        return visit, identity(target, visitor, visit)

    older, younger, youngest = (client.visitor() for _ in range(3))
    begun, was_older = await first(older)
    await clock.until(begun.sent_at + 0.5 * page.idle, "the head start of the older session")
    (early, was_younger), (late, was_youngest) = await gather(first(younger), first(youngest))

    (alive, is_younger), (_, is_older), (_, is_youngest) = await gather(
        again(younger, early.sent_at + ALIVE * page.idle),
        again(older, begun.last_at + page.idle + page.slack),
        again(youngest, late.last_at + page.idle + page.slack),
    )

    # Answered too late, it would say nothing: the visit may have come in when the session had ended.
    assert alive.first_at - early.sent_at in Window.until(ANSWERED * page.idle)
    assert is_younger == was_younger
    assert is_older != was_older
    assert is_youngest != was_youngest


@spec(
    "session-endings/an-ending-is-told-once",
    MUST,
    STOP,
    needs=("callback",),
    witnesses=("events",),
    lasts=lambda target: _told(target) + target.timing.quiet,
)
async def test_an_ending_is_told_once(target, page, client, wire, events, clock):
    """
    When a session ends by itself, an `expire` event says so: one, neither too early nor too late.

    Sends:      one GET; with `poke_after`, another one with the old cookie once the session is due.
    Observes:   the `expire` events of the ID that was shown (of the cookie's value where none is).
    Tolerance:  not before the idle time; `callback_slack` after it, or after the old cookie came back.
    Differs:    stores that sweep lazily notice an ended session only when somebody asks for it: `poke_after =
                true`.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    told = told_as(target, visitor, first)
    old = carried(visitor)

    latest = page.idle + page.callback_slack
    if page.poke_after:
        await clock.until(first.last_at + page.idle + page.slack, "the session is due")
        await wire.get(page.path, fields=[("Cookie", old)])
        latest += page.slack
    event = await events.wait("expire", told, within=max(0.0, first.last_at + latest - clock.now()))
    await clock.sleep(target.timing.quiet, "no second event may come")
    await events.settle()

    assert len(events.of(told, "expire")) == 1
    assert event.at - first.sent_at in Window(page.idle - target.timing.early, latest + first.took)


@spec(
    "session-endings/a-visited-session-is-not-told-ended",
    MUST,
    KEEP,
    needs=("sliding", "callback"),
    witnesses=("events",),
    lasts=lambda target: PAUSE * target.session_endings.idle + _told(target),
)
async def test_a_visited_session_is_not_told_ended(target, page, client, wire, events, clock):
    """
    A visit puts the announcement off, too: it comes an idle time after the last visit, not after the first.

    Sends:      two GETs with one cookie jar, 0.6 of the idle time apart; with `poke_after`, a third with the
                old cookie once the session is due.
    Observes:   the `expire` events of the ID that was shown.
    Tolerance:  not before an idle time after the second visit; `callback_slack` after it, or after the poke.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    told = told_as(target, visitor, first)

    await clock.until(first.sent_at + PAUSE * page.idle, "less than the idle time")
    second = await visitor.get(page.path)
    latest = page.idle + page.callback_slack
    if page.poke_after:
        await clock.until(second.last_at + page.idle + page.slack, "the session is due")
        await wire.get(page.path, fields=[("Cookie", carried(visitor))])
        latest += page.slack
    event = await events.wait("expire", told, within=max(0.0, second.last_at + latest - clock.now()))
    await events.settle()

    # Answered too late, it would say nothing: the visit may have come in when the session had ended.
    assert second.first_at - first.sent_at in Window.until(ANSWERED * page.idle)
    assert told_as(target, visitor, second) == told
    assert len(events.of(told, "expire")) == 1
    assert event.at - second.sent_at in Window(page.idle - target.timing.early, latest + second.took)


@spec(
    "session-endings/each-ending-is-told-at-its-own-time",
    MUST,
    WHENEVER,
    needs=("callback",),
    witnesses=("events",),
    lasts=lambda target: 0.5 * target.session_endings.idle + _told(target),
)
async def test_each_ending_is_told_at_its_own_time(target, page, client, events, clock):
    """
    Of two sessions, each has its own announcement, an idle time after its own visit.

    Sends:      a GET of one visitor, and half an idle time later one of another.
    Observes:   the `expire` events of both IDs.
    Tolerance:  not before the idle time; `callback_slack` after it.
    Differs:    stores that sweep lazily (`poke_after = true`) have no time of their own: not offered.
    """
    if page.poke_after:
        raise NotOffered("poke_after is true: endings are told when the old cookie comes back, not on time")
    told, visits = [], []
    for number in range(2):
        visitor = client.visitor()
        await clock.until(visits[0].sent_at + 0.5 * page.idle if number else 0.0, "half an idle time")
        visits.append(await visitor.get(page.path))
        told.append(told_as(target, visitor, visits[-1]))

    latest = page.idle + page.callback_slack
    came = await gather(
        *(
            events.wait("expire", name, within=max(0.0, visit.last_at + latest - clock.now()))
            for name, visit in zip(told, visits, strict=True)
        )
    )
    await events.settle()

    for name in told:
        assert len(events.of(name, "expire")) == 1
    for event, visit in zip(came, visits, strict=True):
        assert event.at - visit.sent_at in Window(page.idle - target.timing.early, latest + visit.took)


@spec(
    "session-endings/an-explicit-ending-is-told-once",
    MUST,
    TOLD,
    needs=("callback", "session-basics.expire"),
    witnesses=("events",),
    lasts=lambda target: _told(target) + target.session_endings.slack,
)
async def test_an_explicit_ending_is_told_once(target, page, client, wire, events, clock):
    """
    A session that the visitor ends is told ended at once, and never again: not when it would have been due
    either.

    Sends:      with one cookie jar: a GET of this page and of the expire page; with `poke_after`, another GET
                with the old cookie when the session would have been due.
    Observes:   the `expire` events of the ID that was shown, until it would have been due.
    Tolerance:  `callback_slack`.
    Differs:    where [session-basics] has a session of its own, its expire page does not concern this one:
                not offered.
    Look at:    the timer of an ended session, if it is not cancelled.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    told = told_as(target, visitor, first)
    old = carried(visitor)
    session_page = await visitor.get(target.session_basics.show)
    if carried(visitor) != old and shown(target, session_page) != told:
        raise NotOffered("[session-basics] has a session of its own")

    ended = await visitor.get(target.session_basics.expire)
    event = await events.wait("expire", told, within=page.callback_slack)
    await clock.until(ended.last_at + page.idle + page.slack, "the ended session would have been due")
    if page.poke_after:
        await wire.get(page.path, fields=[("Cookie", old)])
    await clock.sleep(page.callback_slack, "no second event may come")
    await events.settle()

    assert len(events.of(told, "expire")) == 1
    assert event.at - ended.sent_at in Window.until(page.callback_slack + ended.took)


def schedules():
    """Visits, pauses and endings in any order."""
    from specs.session_schedules import Sessions  # noqa: PLC0415 - the catalogue is read without Hypothesis

    return Sessions


@spec(
    "session-endings/every-schedule-of-visits-ends-each-session-at-its-time",
    MUST,
    LASTS,
    lasts=lambda target: _told(target) + target.session_endings.slack,
    schedules=schedules,
    only_virtual="it tries schedules of minutes by the dozen",
)
async def test_every_schedule_of_visits_ends_each_session_at_its_time(schedule):
    """
    However many visitors come, come again, wait and end what they have: each visit finds the session that it must.

    Sends:      schedules of up to ten events: a new visitor, a visit, an explicit ending, a pause of up to a little
                more than the idle time.
    Observes:   that a living session is found again, that one that is over is not, that nobody gets a session that
                somebody had before; in the end, where `callback` is promised and there are events, one `expire` each.
    Tolerance:  none; where the profile names a `slack`, either is right within it.
    Differs:    stores with a fixed lifetime say `sliding = false`.
    Look at:    the schedule that is shown: it is the shortest that fails.
    """
    if schedule.page.callback and not schedule.page.poke_after and "events" in schedule.target.witnesses:
        await schedule.all_have_ended()
