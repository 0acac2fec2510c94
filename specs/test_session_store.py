"""
Storing objects in the session: a counter that remembers who counts.
"""

import re

from harness import MUST, NotOffered, gather, spec, tutorial

COUNTS = tutorial("session-store", "plus some integer math to give you a session-based visit counter")
SAME = tutorial("session-store", "the same Session instance is returned as was returned previously")
LIVES = tutorial("session-store", "keep other objects around for as long as the session exists")
FIRST = tutorial("session-store", "if the session for the request is still active")

#: Visits of one session at the same time: enough for two threads to read the same number.
TOGETHER = 20


def count(page, answer):
    """The number of the visit that a page shows."""
    assert answer.status == 200
    found = re.search(page.count_pattern, answer.text)
    assert found is not None, f"no count ({page.count_pattern}) in {answer.text[:200]!r}"
    number = found["count"]
    assert re.fullmatch(r"\d{1,18}", number), f"the count is no number: {number[:50]!r}"
    return int(number)


@spec("session-store/visits-are-counted", MUST, COUNTS)
async def test_visits_are_counted(page, client):
    """
    The visits of one session are counted, from one on, without a gap.

    Sends:      four GETs of the counter, one after another, with one cookie jar.
    Observes:   the numbers shown.
    """
    visitor = client.visitor()

    counts = [count(page, await visitor.get(page.path)) for _ in range(4)]

    assert counts == [1, 2, 3, 4]


@spec("session-store/a-visit-without-the-cookie-is-the-first", MUST, FIRST)
async def test_a_visit_without_the_cookie_is_the_first(page, wire):
    """
    Who brings no cookie has not been here before.

    Sends:      three GETs of the counter without a cookie, from one address.
    Observes:   the numbers shown: one each time.
    """
    counts = [count(page, await wire.get(page.path)) for _ in range(3)]

    assert counts == [1, 1, 1]


@spec("session-store/each-session-counts-for-itself", MUST, SAME)
async def test_each_session_counts_for_itself(page, client):
    """
    Two sessions whose visits alternate are counted separately.

    Sends:      GETs of the counter by two visitors in turn: one, two, one, two, one.
    Observes:   the numbers shown to each.
    Look at:    the value kept on the class or the module instead of the session.
    """
    one, two = client.visitor(), client.visitor()

    counts = [count(page, await visitor.get(page.path)) for visitor in (one, two, one, two, one)]

    assert counts == [1, 1, 2, 2, 3]


@spec("session-store/counting-restarts-after-an-expiry", MUST, LIVES, needs=("session-basics.expire",))
async def test_counting_restarts_after_an_expiry(target, page, client):
    """
    What was stored in a session goes with it: after an explicit expiry the count restarts.

    Sends:      with one cookie jar: two GETs of the counter, the session page and its expire page, the
                counter again.
    Observes:   the number shown last.
    Differs:    where the two pages have sessions of their own (the session page, visited with the counter's
                cookie, sets another), ending the one does not concern the other: not offered.
    """
    visitor = client.visitor()
    before = [count(page, await visitor.get(page.path)) for _ in range(2)]
    of_counter = set(visitor.cookies.items())
    await visitor.get(target.session_basics.show)
    of_others = dict(set(visitor.cookies.items()) - of_counter)
    await visitor.get(target.session_basics.expire)

    after = count(page, await visitor.get(page.path))

    assert before == [1, 2]
    if after == before[-1] + 1 and of_others:
        raise NotOffered(f"[session-basics] has a session of its own (cookie {', '.join(sorted(of_others))})")
    assert after == 1


@spec("session-store/parallel-visits-are-all-counted", MUST, SAME, needs=("store=server",))
async def test_parallel_visits_are_all_counted(target, page, client):
    """
    Of visits of one session at the same time none gets lost.

    Sends:      one GET of the counter, then twenty together with its cookie, then one more.
    Observes:   the number shown last.
    Differs:    where the state lives in the cookie (`store = "client"`), each answer carries its own count.
    Look at:    reading, adding and writing back without a lock.
    """
    visitor = client.visitor()
    before = count(page, await visitor.get(page.path))
    together = min(target.parallel, TOGETHER)

    await gather(*(visitor.get(page.path) for _ in range(together)))
    after = count(page, await visitor.get(page.path))

    assert after == before + together + 1
