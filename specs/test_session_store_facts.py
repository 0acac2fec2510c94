"""
Storing objects in the session: what the counter says, and what else it counts.
"""

import re

from harness import MAY, spec
from specs.facts import fields, steady
from specs.paces import reason_line
from specs.test_session_basics import carrying, pairs
from specs.test_session_basics_facts import SEVERAL, in_words
from specs.test_session_store import COUNTS, FIRST, count

#: Bytes of a body that are recorded.
MOST = 1000


def looks(answer, target, values):
    """All of an answer that two runs have in common."""
    hidden = "|".join(map(re.escape, filter(None, values))) or "(?!)"
    return {
        "line": reason_line(answer),
        "fields": [re.sub(hidden, "(value)", line) for line in fields(answer, target)],
        "framing": answer.framing,
        "body": re.sub(hidden, "(value)", steady(answer.body[:MOST], target)),
    }


@spec("session-store/its-answers-in-full", MAY, COUNTS)
async def test_the_answers_in_full(target, page, client, wire, facts):
    """
    What a visitor of the counter is told the first and the second time, word for word, and what the cookie is made of.

    Sends:      two GETs of the counter with one cookie jar, and twenty without a cookie.
    Observes:   both answers, and the cookies that the others set.
    """
    visitor = client.visitor()
    values = []
    for name in ("first visit", "second visit"):
        answer = await visitor.get(page.path)
        values += visitor.cookies.values()
        facts[name] = looks(answer, target, values)
    given = {}
    for pair in [pair for _ in range(SEVERAL) for pair in pairs(await wire.get(page.path))]:
        given.setdefault(pair.partition("=")[0], []).append(pair.partition("=")[2])
    facts["cookies"] = {name: in_words(values) for name, values in given.items()}

    assert facts["cookies"] != {}


@spec("session-store/what-else-is-counted", MAY, FIRST)
async def test_what_else_is_counted(page, client, facts):
    """
    Whether a HEAD, a POST, or a GET of a part counts as a visit.

    Sends:      with one cookie jar for each: a GET of the counter, the request in question, and a GET again.
    Observes:   its status, and by how much the number that is shown has grown.
    """
    rows = {
        "HEAD": ("HEAD", None, ()),
        "POST": ("POST", b"web60", ()),
        "a GET of a part": ("GET", None, [("Range", "bytes=0-3")]),
        "a GET on a condition": ("GET", None, [("If-None-Match", "*")]),
    }
    for name, (method, body, extra) in rows.items():
        visitor = client.visitor()
        before = count(page, await visitor.get(page.path))
        between = await visitor.request(method, page.path, body=body, fields=extra)
        after = count(page, await visitor.get(page.path))
        facts[name] = {"status": between.status, "counts": after - before - 1}

    assert facts != {}


@spec("session-store/what-an-altered-cookie-is-told", MAY, FIRST)
async def test_what_an_altered_cookie_is_told(page, wire, facts):
    """
    The number that is shown for a cookie which was altered, cut short, or made longer.

    Sends:      GETs of the counter: without a cookie, and with what was set, its last character altered, its last
                character missing, and one more added.
    Observes:   the status, the number shown, and whether a new cookie is set.
    """
    first = await wire.get(page.path)
    given = [pair.partition("=") for pair in pairs(first)]
    rows = {
        "as it was given": lambda value: value,
        "altered at its end": lambda value: value[:-1] + ("0" if value[-1:] != "0" else "1"),
        "cut short": lambda value: value[:-1],
        "made longer": lambda value: value + "0",
    }
    for name, altered in rows.items():
        answer = await wire.get(page.path, fields=carrying(*(f"{key}={altered(value)}" for key, _, value in given)))
        found = re.search(page.count_pattern, answer.text)
        facts[name] = {
            "status": answer.status,
            "count": found["count"][:18] if found else None,
            "sets a cookie": pairs(answer) != [],
        }

    await wire.ping()
