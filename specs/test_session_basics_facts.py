"""
Session basics: what the cookie looks like, and how the server reads those that look otherwise.
"""

import re

from harness import MAY, NotObservable, gather, rfc, spec, tutorial
from specs.facts import fields, steady
from specs.paces import reason_line
from specs.test_session_basics import FLUSHED, GARBAGE, LIMITS, carrying, pairs, shown
from specs.test_session_basics_cookies import NOWHERE, set_cookies

EXPIRED = tutorial("session-basics", "visit the expire child and go back to the top page")
COOKIES = rfc(6265, "4.2.2", "servers SHOULD NOT rely upon the serialization order")
SYNTAX = rfc(6265, "4.2.1")

#: Alphabets, the narrowest first.
ALPHABETS = (
    ("decimal digits", r"\d+"),
    ("hex digits in small letters", r"[0-9a-f]+"),
    ("hex digits in capitals", r"[0-9A-F]+"),
    ("letters and digits", r"[0-9A-Za-z]+"),
    ("base64url characters", r"[0-9A-Za-z_-]+"),
    ("characters of a UUID", r"[0-9A-Fa-f-]+"),
    ("characters of a token", r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"),
)

#: IDs of which one alone might look as if it were of a narrower alphabet.
SEVERAL = 20

#: Bytes of a body that are recorded.
MOST = 1000


def in_words(values):
    """What values are made of, and how long they are."""
    alphabet = next(
        (name for name, expression in ALPHABETS if all(re.fullmatch(expression, value) for value in values)),
        "other characters",
    )
    lengths = sorted({len(value) for value in values})
    length = f"{lengths[0]}" if len(lengths) == 1 else "of different length:"
    return f"{length} {alphabet}"


def hidden(text, page, answer):
    """A text without what is the session's own."""
    for pair in pairs(answer):
        value = pair.partition("=")[2]
        if value:
            text = text.replace(value, "(value)")
    found = re.search(page.id_pattern, answer.text)
    return text.replace(found["id"], "(id)") if found else text


def looks(page, answer, target):
    """All of an answer that two runs have in common."""
    return {
        "line": reason_line(answer),
        "fields": [hidden(line, page, answer) for line in fields(answer, target)],
        "framing": answer.framing,
        "body": hidden(steady(answer.body[:MOST], target), page, answer),
    }


async def asked(page, wire, cookies):
    """The answer to a GET with this Cookie field, and the ID it shows, if it does."""
    answer = await wire.get(page.show, fields=carrying(*cookies))
    found = re.search(page.id_pattern, answer.text) if answer.status == 200 else None
    return answer.status, found["id"] if found else None


@spec("session-basics/its-cookie-in-words", MAY, FLUSHED)
async def test_the_cookie_in_words(page, wire, facts):
    """
    What the cookies and the IDs that are shown are made of, how long they are, and whether they are the same.

    Sends:      twenty GETs of the page without a cookie.
    Observes:   the Set-Cookie fields and the IDs shown.
    """
    answers = [await wire.get(page.show) for _ in range(SEVERAL)]
    values = {}
    for pair in (pair for answer in answers for pair in pairs(answer)):
        name, _, value = pair.partition("=")
        values.setdefault(name, []).append(value)
    ids = [shown(page, answer) for answer in answers]
    facts["cookies"] = {name: in_words(given) for name, given in values.items()}
    facts["id"] = in_words(ids)
    facts["the id is the cookie"] = ids in values.values()

    assert values != {}


@spec("session-basics/its-answers-in-full", MAY, EXPIRED)
async def test_the_answers_in_full(target, page, client, facts):
    """
    What a visitor is told, word for word, with all attributes of the cookies: first, again, and around an ending.

    Sends:      with one cookie jar: the page twice, its expire page twice, and the page.
    Observes:   the answers; what the jar holds at the end of each.
    """
    visitor = client.visitor()
    paths = {
        "first visit": page.show,
        "second visit": page.show,
        "expiring": page.expire,
        "expiring again": page.expire,
        "visit afterwards": page.show,
    }
    for name, path in paths.items():
        answer = await visitor.get(path)
        values = "|".join(map(re.escape, filter(None, visitor.cookies.values()))) or "(?!)"
        facts[name] = {
            key: [re.sub(values, "(value)", line) for line in value]
            if isinstance(value, list)
            else re.sub(values, "(value)", value)
            for key, value in looks(page, answer, target).items()
        }
        facts[name]["jar"] = sorted(visitor.cookies)

    assert facts["first visit"]["jar"] != []


@spec("session-basics/its-answers-to-other-methods", MAY, FLUSHED)
async def test_what_the_session_page_makes_of_other_methods(page, client, wire, facts):
    """
    Whether a HEAD or a POST begins a session, or finds it.

    Sends:      a HEAD and a POST of the page without a cookie; then, with one cookie jar, a HEAD and a POST between
                two GETs.
    Observes:   the statuses, whether cookies are set, and whether the ID stays.
    """
    for method in ("HEAD", "POST"):
        body = b"web60" if method == "POST" else None
        alone = await wire.request(method, page.show, body=body)
        visitor = client.visitor()
        before = shown(page, await visitor.get(page.show))
        between = await visitor.request(method, page.show, body=body)
        facts[method] = {
            "status": alone.status,
            "sets a cookie": pairs(alone) != [],
            "sets it again": pairs(between) != [],
            "the id stays": shown(page, await visitor.get(page.show)) == before,
        }

    await wire.ping()


@spec("session-basics/how-its-cookie-may-be-written", MAY, SYNTAX)
async def test_how_the_cookie_may_be_written(page, wire, facts):
    """
    Which ways to write the session's cookie find the session: each is "found", "not found" or a status.

    Sends:      GETs with the session's cookie in quotes, with blanks, with its name in another case, in a second field,
                and behind an attribute.
    Observes:   the IDs shown.
    """
    first = await wire.get(page.show)
    given = pairs(first)
    if not given:
        raise NotObservable("the page sets no cookie")
    name, _, value = given[0].partition("=")
    others = given[1:]
    ways = {
        "as it was given": [("Cookie", f"{name}={value}")],
        "in quotes": [("Cookie", f'{name}="{value}"')],
        "name in small letters": [("Cookie", f"{name.lower()}={value}")],
        "name in capitals": [("Cookie", f"{name.upper()}={value}")],
        "blanks around the sign": [("Cookie", f"{name} = {value}")],
        "a blank behind it": [("Cookie", f"{name}={value} ; web60=1")],
        "a semicolon behind it": [("Cookie", f"{name}={value};")],
        "semicolons without blanks": [("Cookie", f"web60=1;{name}={value};web61=2")],
        "commas between cookies": [("Cookie", f"web60=1,{name}={value},web61=2")],
        "a tab between cookies": [("Cookie", f"web60=1;\t{name}={value}")],
        "in a second field": [("Cookie", "web60=1"), ("Cookie", f"{name}={value}")],
        "in the first of two fields": [("Cookie", f"{name}={value}"), ("Cookie", "web60=1")],
        "with attributes as of RFC 2965": [("Cookie", f"$Version=1; {name}={value}; $Path=/")],
        "with an attribute of a Set-Cookie": [("Cookie", f"{name}={value}; Path=/")],
    }
    mine = shown(page, first)
    for way, written in ways.items():
        answer = await wire.get(page.show, fields=[*written, *carrying(*others)] if others else written)
        found = re.search(page.id_pattern, answer.text) if answer.status == 200 else None
        facts[way] = answer.status if found is None else "found" if found["id"] == mine else "not found"

    await wire.ping()


@spec("session-basics/which-of-two-cookies-counts", MAY, COOKIES)
async def test_which_of_two_cookies_of_one_name_counts(page, wire, facts):
    """
    Which session is found where the Cookie field has two cookies of its name: the first, the last, or none.

    Sends:      GETs with the cookies of two sessions in one field and in two, and with one beside an invented value.
    Observes:   the IDs shown.
    """
    one, two = await gather(wire.get(page.show), wire.get(page.show))
    names = {shown(page, one): "the first", shown(page, two): "the last"}
    first, last = pairs(one), pairs(two)
    invented = [f"{pair.partition('=')[0]}=web60" for pair in first]
    rows = {
        "two sessions in one field": [("Cookie", "; ".join([*first, *last]))],
        "two sessions in two fields": [*carrying(*first), *carrying(*last)],
        "an invented value behind": [("Cookie", "; ".join([*first, *invented]))],
        "an invented value in front": [("Cookie", "; ".join([*invented, *last]))],
    }
    for row, written in rows.items():
        answer = await wire.get(page.show, fields=written)
        found = re.search(page.id_pattern, answer.text) if answer.status == 200 else None
        facts[row] = answer.status if found is None else names.get(found["id"], "none of them")

    await wire.ping()


@spec("session-basics/what-garbage-hides-the-cookie", MAY, COOKIES)
async def test_what_garbage_hides_the_cookie(page, wire, facts):
    """
    Behind which broken cookies the session is found no more, and before which.

    Sends:      GETs with the session's cookie behind and before each of some broken ones.
    Observes:   the statuses and the IDs shown: "not found" or a status, where it is not the session's.
    """
    first = await wire.get(page.show)
    mine, given = shown(page, first), pairs(first)
    for place in ("behind", "before"):
        hides = {}
        for garbage in filter(None, GARBAGE):
            status, found = await asked(page, wire, [garbage, *given] if place == "behind" else [*given, garbage])
            if found != mine:
                hides[garbage] = "not found" if status == 200 else status
        facts[f"the cookie {place} it"] = hides

    await wire.ping()


@spec("session-basics/how-garbage-is-answered", MAY, LIMITS)
async def test_how_garbage_is_answered(page, wire, facts):
    """
    The statuses of requests with broken, many and long cookies.

    Sends:      GETs with each of some broken Cookie fields, with a hundred cookies, with long ones, and with a control
                character.
    Observes:   the statuses; "none" where the connection just ends.
    """
    rows = {repr(garbage): garbage for garbage in GARBAGE}
    rows["a hundred"] = "; ".join(f"web60_{number}=value-{number}" for number in range(100))
    rows |= {f"{kib} KiB": "web60=" + "x" * (kib << 10) for kib in (4, 8, 15, 17, 64)}
    rows["a tab"] = "web60=a\tb"
    rows["a NUL"] = "web60=a\0b"
    for name, cookie in rows.items():
        conversation = await wire.open()
        conversation.request("GET", page.show, fields=[("Cookie", cookie)])
        answer = await conversation.answer_if_any()
        facts[name] = "none" if answer is None else answer.status
        conversation.hang_up()

    await wire.ping()


@spec("session-basics/what-a-page-that-there-is-not-sets", MAY, FLUSHED)
async def test_what_a_page_that_there_is_not_does_to_the_session(target, page, client, wire, facts):
    """
    Whether a page that there is not, or one that needs no session, sets a cookie.

    Sends:      without a cookie, GETs of a page that there is not and of `ping`; with the session's, the same.
    Observes:   the statuses and the names of the cookies that are set.
    """
    visitor = client.visitor()
    await visitor.get(page.show)
    for name, path in (("nowhere", page.show + NOWHERE), ("ping", target.alive.path)):
        stranger, known = await wire.get(path), await visitor.get(path)
        facts[name] = {
            "status": stranger.status,
            "sets": set_cookies(stranger),
            "sets again": set_cookies(known),
        }

    await wire.ping()
