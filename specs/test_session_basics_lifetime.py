"""
Session basics: how long a session lives that nobody has given another lifetime.
"""

from harness import MUST, spec, tutorial
from specs.test_session_basics import shown

LASTS = tutorial("session-endings", "The default is 15 minutes.")

LONG = "a server's default lifetime is a quarter of an hour"

#: Seconds until the session begins, neither whole minutes nor whole seconds: who ends all sessions together, at set
#: times, would end by chance on time one that is as old as the server.
HEAD_START = 100.25


def lifetime(target):
    """Seconds until the session is over for certain."""
    return HEAD_START + target.session_basics.lifetime + target.timing.slack


@spec(
    "session-basics/an-unvisited-session-lives-its-lifetime",
    MUST,
    LASTS,
    needs=("lifetime",),
    lasts=lifetime,
    only_virtual=LONG,
)
async def test_an_unvisited_session_lives_its_lifetime(target, page, client, clock):
    """
    A session that nobody visits is still there just before its lifetime is over.

    Sends:      some minutes after the server has started, two GETs of the page with one cookie jar, the lifetime
                apart, less `early`.
    Observes:   the IDs shown: the same.
    Tolerance:  the profile's `early`.
    Differs:    who has another default than Twisted's 900 seconds says it in `lifetime` of [session-basics]; who counts
                whole seconds, or promises none, leaves it out.
    Look at:    the unit of the setting; a store or a cookie that is shorter-lived than the session.
    """
    await clock.sleep(HEAD_START, "the server is to be older than the session")
    visitor = client.visitor()
    first = await visitor.get(page.show)

    await clock.until(first.sent_at + page.lifetime - target.timing.early, "the last moment of the session")
    second = await visitor.get(page.show)

    before, after, seconds = shown(page, first), shown(page, second), second.sent_at - first.sent_at
    assert after == before, (
        f"{seconds:.6f} s after its only visit the session was gone; it is to live {page.lifetime:g} s"
    )


@spec(
    "session-basics/an-unvisited-session-ends-with-its-lifetime",
    MUST,
    LASTS,
    needs=("lifetime",),
    lasts=lifetime,
    only_virtual=LONG,
)
async def test_an_unvisited_session_ends_with_its_lifetime(target, page, client, clock):
    """
    A session that nobody visits is gone when its lifetime is over; the visitor is given a new one.

    Sends:      some minutes after the server has started, two GETs of the page with one cookie jar, the lifetime
                and `slack` apart.
    Observes:   the IDs shown: another.
    Tolerance:  the profile's `slack`.
    Differs:    as for `session-basics/an-unvisited-session-lives-its-lifetime`.
    Look at:    whether anything ends sessions that nobody asks for, and how often it looks; the unit of the setting.
    """
    await clock.sleep(HEAD_START, "the server is to be older than the session")
    visitor = client.visitor()
    first = await visitor.get(page.show)

    await clock.until(first.last_at + page.lifetime + target.timing.slack, "the end of the session")
    second = await visitor.get(page.show)

    before, after, seconds = shown(page, first), shown(page, second), second.sent_at - first.sent_at
    assert after != before, (
        f"{seconds:.6f} s after its only visit the session lives on; it is to live {page.lifetime:g} s"
    )
