"""
Session endings: what keeps a session, and what a visitor is told when it is over.
"""

import re

from harness import MAY, NotObservable, gather, spec
from specs.facts import fields, steady
from specs.paces import reason_line
from specs.test_session_basics import pairs
from specs.test_session_endings import ALIVE, ENDS, KEEP, PAUSE, carried, identity

#: Bytes of a body that are recorded.
MOST = 1000


async def keeps(target, client, clock, between):
    """Whether the session is still there 1.2 idle times after its first visit, if this is done half way."""
    page, visitor = target.session_endings, client.visitor()
    first = await visitor.get(page.path)
    before = identity(target, visitor, first)
    await clock.until(first.sent_at + PAUSE * page.idle, "half way")
    await between(visitor)
    # The end, and what a server may take beyond it, must have passed since the first visit, but not since the second.
    await clock.until(first.last_at + page.idle + min(page.slack, 0.5 * PAUSE * page.idle), "the end of the session")
    return identity(target, visitor, await visitor.get(page.path)) == before


@spec(
    "session-endings/which-visits-keep-the-session",
    MAY,
    KEEP,
    needs=("sliding",),
    lasts=lambda target: (1 + 0.5 * PAUSE) * target.session_endings.idle,
)
async def test_which_visits_keep_the_session(target, page, client, clock, facts):
    """
    Whether visits of other pages, with the cookie, keep a session as those of its own page do.

    Sends:      with one cookie jar for each: a GET of the page, 0.6 of the idle time later the visit in question, and,
                soon after the idle time since the first is over, the page: with nothing between, with a visit of the
                page itself, a HEAD of it, of `ping`, of a page that there is not, of the session page, of the counter.
    Observes:   whether the ID is the same.
    """
    basics, store = target.session_basics, target.session_store
    rows = {
        "nothing": lambda _: gather(),
        "the page itself": lambda one: one.get(page.path),
        "HEAD of the page": lambda one: one.request("HEAD", page.path),
        "another page": lambda one: one.get(target.alive.path),
        "a page that there is not": lambda one: one.get("/web60-no-such-page"),
    }
    if basics is not None:
        rows["the session page"] = lambda one: one.get(basics.show)
    if store is not None:
        rows["the counter"] = lambda one: one.get(store.path)
    kept = await gather(*(keeps(target, client, clock, between) for between in rows.values()))
    for name, is_kept in zip(rows, kept, strict=True):
        facts[name] = "keeps it" if is_kept else "does not keep it"

    assert facts["the page itself"] == "keeps it"


@spec(
    "session-endings/its-answers-in-full",
    MAY,
    ENDS,
    lasts=lambda target: target.session_endings.idle + target.session_endings.slack,
)
async def test_the_answers_in_full(target, page, client, clock, facts):
    """
    What a visitor is told, word for word, at the first visit, at the second, and at one after the end.

    Sends:      with one cookie jar: two GETs, 0.8 of the idle time apart, and one when the session is over.
    Observes:   the answers, without what names the session.
    """
    visitor = client.visitor()
    values = set()

    async def visit(name):
        answer = await visitor.get(page.path)
        values.update(pair.partition("=")[2] for pair in pairs(answer))
        hidden = "|".join(map(re.escape, filter(None, values))) or "(?!)"
        facts[name] = {
            "line": reason_line(answer),
            "fields": [re.sub(hidden, "(value)", line) for line in fields(answer, target)],
            "framing": answer.framing,
            "body": re.sub(hidden, "(value)", steady(answer.body[:MOST], target)),
        }
        return answer

    first = await visit("first visit")
    await clock.until(first.sent_at + ALIVE * page.idle, "less than the idle time")
    second = await visit("second visit")
    await clock.until(second.last_at + page.idle + page.slack, "the idle time and its slack")
    await visit("after the end")

    assert values != set()


@spec(
    "session-endings/what-an-old-cookie-is-told",
    MAY,
    ENDS,
    lasts=lambda target: target.session_endings.idle + target.session_endings.slack,
)
async def test_what_an_old_cookie_is_told(page, client, wire, clock, facts):
    """
    Whether two visits with the cookie of a session that is over begin one session or two, and set a cookie anew.

    Sends:      a GET; when the session is over, two GETs together with its cookie.
    Observes:   whether the cookies are set, and whether the two are the same.
    """
    visitor = client.visitor()
    first = await visitor.get(page.path)
    old = carried(visitor)
    if not old:
        raise NotObservable("the cookie went out in plain sight of nobody: the jar is empty")
    await clock.until(first.last_at + page.idle + page.slack, "the idle time and its slack")
    answers = await gather(*(wire.get(page.path, fields=[("Cookie", old)]) for _ in range(2)))
    cookies = [pairs(answer) for answer in answers]
    facts["statuses"] = [answer.status for answer in answers]
    facts["set a cookie"] = [given != [] for given in cookies]
    facts["the same cookie"] = cookies[0] == cookies[1]

    await wire.ping()
