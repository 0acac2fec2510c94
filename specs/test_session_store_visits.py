"""
Storing objects in the session: what counts as a visit, and whose.
"""

from harness import MUST, SHOULD, NotObservable, gather, spec, tutorial
from specs.test_session_basics import GARBAGE, carrying, pairs
from specs.test_session_store import COUNTS, FIRST, LIVES, SAME, TOGETHER, count

ONCE_A_VIEW = tutorial("session-store", "An int value which counts up once per page view.")

#: Visits one after another on one connection: more than digits, and more than a small cache would keep apart.
MANY = 110

NOWHERE = "/web60-no-such-page"


@spec("session-store/visits-elsewhere-are-not-counted", MUST, ONCE_A_VIEW)
async def test_visits_elsewhere_are_not_counted(target, page, client):
    """
    Visits of other pages, with the counter's cookie, are no visits of the counter.

    Sends:      with one cookie jar: a GET of the counter, of `ping`, of a page that there is not and, where there is
                one, of the session page; and the counter again.
    Observes:   the numbers shown: one and two.
    Look at:    counting in code that runs for every request.
    """
    visitor = client.visitor()
    first = count(page, await visitor.get(page.path))
    await visitor.get(target.alive.path)
    await visitor.get(page.path.partition("?")[0] + NOWHERE)
    if target.session_basics is not None:
        await visitor.get(target.session_basics.show)
    second = count(page, await visitor.get(page.path))

    assert (first, second) == (1, 2)


@spec("session-store/first-visits-together-are-each-the-first", MUST, FIRST)
async def test_first_visits_at_the_same_time_are_each_the_first(target, page, client):
    """
    Visitors who come at the same moment are each counted from one on.

    Sends:      twenty visitors' first GETs of the counter together (fewer if `parallel` is smaller), then a second one
                of each together.
    Observes:   the numbers shown.
    Look at:    a session that is begun for one visitor and found by the next before its cookie is out.
    """
    visitors = [client.visitor() for _ in range(min(target.parallel, TOGETHER))]
    first = [count(page, answer) for answer in await gather(*(one.get(page.path) for one in visitors))]
    second = [count(page, answer) for answer in await gather(*(one.get(page.path) for one in visitors))]

    assert first == [1] * len(visitors)
    assert second == [2] * len(visitors)


@spec("session-store/a-hundred-visits-are-all-counted", MUST, COUNTS)
async def test_a_hundred_visits_are_all_counted(page, wire):
    """
    A counter goes on counting, past nine, ninety-nine, and what a byte of text would hold.

    Sends:      110 GETs of the counter with one cookie, one after another; on one connection, where it stays open.
    Observes:   the numbers shown: each one more than the one before.
    Differs:    where a visit sets the cookie anew, the new one is sent.
    Look at:    numbers kept as text, a cookie or a store that is full.
    """
    counts, cookies = [], {}
    conversation = await wire.open()
    while len(counts) < MANY:
        if conversation.is_gone:
            conversation = await wire.open()
        carried = [f"{name}={value}" for name, value in cookies.items()]
        conversation.request("GET", page.path, fields=carrying(*carried) if carried else ())
        answer = await conversation.answer_if_any()
        if answer is None:
            raise NotObservable("the server closed the connection under a request: whether it was counted is not known")
        counts.append(count(page, answer))
        cookies.update((name, value) for name, _, value in (pair.partition("=") for pair in pairs(answer)))

    assert counts == list(range(1, MANY + 1))


@spec("session-store/garbage-of-others-spoils-no-count", MUST, SAME)
async def test_garbage_of_others_spoils_no_count(page, client, wire):
    """
    Whatever others send for a cookie, it is not counted to a visitor who has one.

    Sends:      with one cookie jar a GET of the counter; then, each on its own connection, GETs with broken Cookie
                fields; then the counter again.
    Observes:   the numbers shown to the visitor, one and two; and to the others, one each time.
    Differs:    a broken field may be answered with 4xx.
    Look at:    a count under an empty name, or under none.
    """
    visitor = client.visitor()
    first = count(page, await visitor.get(page.path))
    answers = [await wire.get(page.path, fields=carrying(garbage)) for garbage in GARBAGE]
    second = count(page, await visitor.get(page.path))

    assert (first, second) == (1, 2)
    for answer in answers:
        assert answer.status < 500
    assert {count(page, answer) for answer in answers if answer.status < 400} <= {1}


@spec("session-store/an-old-count-does-not-come-back", MUST, LIVES, needs=("store=server", "session-basics.expire"))
async def test_the_count_of_an_ended_session_does_not_come_back(target, page, client, wire):
    """
    The count of an ended session is gone for who kept a copy of its cookie, too.

    Sends:      with one cookie jar: three GETs of the counter, the session page and its expire page; then, with the
                cookies from before, two GETs of the counter.
    Observes:   the numbers shown last: no four.
    Differs:    where the two pages have sessions of their own, there is nothing to see: not observable.
    Look at:    what was stored, if it stays under the old ID and is found again.
    """
    visitor = client.visitor()
    before = [count(page, await visitor.get(page.path)) for _ in range(3)]
    kept = dict(visitor.cookies)
    await visitor.get(target.session_basics.show)
    if dict(visitor.cookies) != kept:
        raise NotObservable("[session-basics] has a session of its own")
    await visitor.get(target.session_basics.expire)
    copied = carrying(*(f"{name}={value}" for name, value in kept.items()))
    after = [count(page, await wire.get(page.path, fields=copied)) for _ in range(2)]

    assert before == [1, 2, 3]
    assert 4 not in after


@spec("session-store/long-cookies-beside-it-spoil-no-count", SHOULD, SAME)
async def test_cookies_of_others_beside_it_spoil_no_count(page, client):
    """
    Cookies that other pages of the host have set, many and long ones, do not hide the counter's.

    Sends:      with one cookie jar: a GET of the counter, one with thirty more cookies beside its own, one with a
                cookie of 3 KB beside it, and one with its own alone.
    Observes:   the numbers shown: one to four.
    Look at:    a limit that drops cookies silently.
    """
    visitor = client.visitor()
    counts = [count(page, await visitor.get(page.path))]
    counts.append(count(page, await visitor.get(page.path, cookies={f"web60_{n}": f"value-{n}" for n in range(30)})))
    counts.append(count(page, await visitor.get(page.path, cookies={"web60": "x" * 3000})))
    counts.append(count(page, await visitor.get(page.path)))

    assert counts == [1, 2, 3, 4]
