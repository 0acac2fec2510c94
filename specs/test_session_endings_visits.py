"""
Session endings: what comes after the end, and who has a part in it.
"""

from harness import MUST, Window, gather, spec
from specs.test_session_endings import ALIVE, ANSWERED, ENDS, LASTS, STOP, carried, identity, told_as

#: Visitors who come back together.
TOGETHER = 6


@spec(
    "session-endings/an-ended-session-comes-back-for-nobody",
    MUST,
    ENDS,
    lasts=lambda target: target.session_endings.idle + target.session_endings.slack,
)
async def test_an_ended_session_comes_back_for_nobody(target, page, client, clock):
    """
    A session that is over is over for all who have its cookie, also if they come back together.

    Sends:      a GET; when the session is over, six GETs together, each from a jar of its own with the old cookie.
    Observes:   the IDs shown, or the cookies held: none of them is the old one.
    Tolerance:  `slack` of [session-endings].
    Look at:    a session that is written back by a request which had read it before it ended.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    before, held = identity(target, visitor, first), dict(visitor.cookies)

    async def again():
        other = client.visitor()
        answer = await other.get(page.path, cookies=held)
        return identity(target, other, answer)

    await clock.until(first.last_at + page.idle + page.slack, "the idle time and its slack")
    found = await gather(*(again() for _ in range(TOGETHER)))

    assert before not in found


@spec(
    "session-endings/visits-of-others-keep-no-session",
    MUST,
    LASTS,
    lasts=lambda target: target.session_endings.idle + target.session_endings.slack,
)
async def test_visits_of_others_keep_nobodys_session(target, page, client, clock):
    """
    However many others visit: a session ends when its own visitor stays away.

    Sends:      a GET of one visitor; then, at every fifth of the idle time, one of a new visitor, and one of a third
                who keeps coming; when the first session is over, a GET of the first visitor.
    Observes:   the IDs shown to the first, or the cookies held: another.
    Tolerance:  `slack` of [session-endings].
    Look at:    one time of the last visit for the whole server.
    """
    visitor, regular = client.visitor(), client.visitor()
    first = await visitor.get(page.path)
    before = identity(target, visitor, first)
    for fifth in range(1, 5):
        await clock.until(first.last_at + fifth / 5 * page.idle, "the next visitor's turn")
        await gather(regular.get(page.path), client.visitor().get(page.path))
    await clock.until(first.last_at + page.idle + page.slack, "the idle time and its slack")
    last = await visitor.get(page.path)

    assert identity(target, visitor, last) != before


@spec(
    "session-endings/a-session-that-follows-an-ended-one-lives-as-long",
    MUST,
    LASTS,
    lasts=lambda target: (1 + ALIVE) * target.session_endings.idle + target.session_endings.slack,
)
async def test_a_session_that_follows_an_ended_one_lives_as_long(target, page, client, clock):
    """
    The session that a visitor is given after an ended one has the whole idle time before it.

    Sends:      with one cookie jar: a GET; one when the session is over; and one 0.8 of the idle time after that.
    Observes:   the IDs shown, or the cookies held: another at the second, and the same at the third.
    Tolerance:  `slack` of [session-endings], for the first session.
    Look at:    the timer or the date of the ended session, if the new one takes it over.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    before = identity(target, visitor, first)
    await clock.until(first.last_at + page.idle + page.slack, "the idle time and its slack")
    second = await visitor.get(page.path)
    follows = identity(target, visitor, second)
    await clock.until(second.sent_at + ALIVE * page.idle, "less than the idle time")
    third = await visitor.get(page.path)

    # Answered too late, it would say nothing: the visit may have come in when the session had ended.
    assert third.first_at - second.sent_at in Window.until(ANSWERED * page.idle)
    assert follows != before
    assert identity(target, visitor, third) == follows


@spec(
    "session-endings/many-visits-have-one-ending",
    MUST,
    STOP,
    needs=("callback",),
    witnesses=("events",),
    lasts=lambda target: (
        target.session_endings.idle
        + target.session_endings.callback_slack
        + target.session_endings.slack * target.session_endings.poke_after
        + target.timing.quiet
    ),
)
async def test_many_visits_of_one_session_have_one_ending(target, page, client, wire, events, clock):
    """
    Who visits often is told gone once: not once for each visit.

    Sends:      with one cookie jar: a GET, six more together, and one more; with `poke_after`, another with the old
                cookie once the session is due.
    Observes:   the `expire` events of the ID that was shown.
    Tolerance:  `callback_slack`; then watched for `quiet`.
    Look at:    a callback that is added at every visit.
    """
    visitor = client.visitor()
    told = told_as(target, visitor, await visitor.get(page.path))
    await gather(*(visitor.get(page.path) for _ in range(TOGETHER)))
    last = await visitor.get(page.path)
    old = carried(visitor)
    latest = page.idle + page.callback_slack
    if page.poke_after:
        await clock.until(last.last_at + page.idle + page.slack, "the session is due")
        await wire.get(page.path, fields=[("Cookie", old)])
        latest += page.slack
    await events.wait("expire", told, within=max(0.0, last.last_at + latest - clock.now()))
    await clock.sleep(target.timing.quiet, "no second event may come")
    await events.settle()

    assert len(events.of(told, "expire")) == 1
