"""
Session basics: the cookie on its way there and back, and what must not get in its way.
"""

import re

from harness import MUST, SHOULD, NotOffered, gather, rfc, spec, tutorial
from specs.test_session_basics import GARBAGE, SAME, SEVERAL, carrying, pairs, shown

ANY_CASE = rfc(9110, "5.1", "Field names are case-insensitive")
GRAMMAR = rfc(6265, "4.1.1", "SHOULD NOT send Set-Cookie headers that fail to conform to the following grammar")
ONCE = rfc(6265, "4.1.1", "SHOULD NOT include more than one Set-Cookie header field in the same response with")
OPAQUE = tutorial("session-basics", "a (rather opaque) session identifier that remains the same across reloads")
UNIQUE = tutorial("session-basics", "tells a user what their unique session identifier is")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
EXPIRE = tutorial("session-basics", "visit the expire child and go back to the top page")

#: How a client may write the name of the field; some write it all small, and HTTP/2 always does.
CASES = ("cookie", "COOKIE", "cOoKiE")

#: A cookie with its attributes (RFC 6265 section 4.1.1): a token, octets without blanks, quotes, commas, semicolons and
#: backslashes, and attributes without controls.
COOKIE = re.compile(
    r"""[!#$%&'*+\-.^_`|~0-9A-Za-z]+=(?P<quote>"?)[!#-+\--:<-\[\]-~]*(?P=quote)(; [ -:<-~]+)*""",
)

#: What names no page below the session's own.
NOWHERE = "/web60-no-such-page"


def set_cookies(answer):
    """The names of the cookies that an answer sets."""
    return [pair.partition("=")[0] for pair in pairs(answer)]


@spec("session-basics/the-name-of-the-field-may-be-written-in-any-case", MUST, ANY_CASE)
async def test_the_session_is_found_however_the_name_of_the_field_is_written(page, wire):
    """
    The session is found whether the client writes `Cookie`, `cookie` or `COOKIE`.

    Sends:      a GET that obtains a cookie, then one with each way to write the field's name.
    Observes:   the IDs shown: the same.
    Look at:    a lookup by the exact name behind the parser.
    """
    first = await wire.get(page.show)
    cookie = "; ".join(pairs(first))

    answers = await gather(*(wire.get(page.show, fields=[(name, cookie)]) for name in CASES))

    assert [shown(page, answer) for answer in answers] == [shown(page, first)] * len(CASES)


@spec("session-basics/visits-elsewhere-change-no-session", MUST, SAME)
async def test_visits_elsewhere_change_no_session(target, page, client):
    """
    Who visits other pages with the cookie, also such as there are not, comes back to the same session.

    Sends:      with one cookie jar: a GET of the page, of `ping`, of a page that there is not, a HEAD of the page, and
                the page again.
    Observes:   the IDs shown first and last.
    Look at:    error pages that begin a session of their own, or take the cookie back.
    """
    visitor = client.visitor()
    before = shown(page, await visitor.get(page.show))
    await visitor.get(target.alive.path)
    await visitor.get(page.show + NOWHERE)
    await visitor.request("HEAD", page.show)
    after = shown(page, await visitor.get(page.show))

    assert after == before


@spec("session-basics/garbage-of-others-leaves-the-session-alone", MUST, UNIQUE)
async def test_garbage_of_others_leaves_the_session_alone(page, client, wire):
    """
    Whatever others send for a cookie, who has a session keeps it, and nobody is given it.

    Sends:      with one cookie jar a GET of the page; then, each on its own connection, GETs with broken Cookie
                fields; then the page again.
    Observes:   the IDs shown to the visitor: the same; and that none of the others was shown it.
    Differs:    a broken field is answered with a session of its own, or with 4xx.
    Look at:    an empty name, or no name, under which a session is kept.
    """
    visitor = client.visitor()
    before = shown(page, await visitor.get(page.show))
    answers = [await wire.get(page.show, fields=carrying(garbage)) for garbage in GARBAGE]
    after = shown(page, await visitor.get(page.show))
    others = [shown(page, answer) for answer in answers if answer.status == 200]

    assert after == before
    assert before not in others


@spec("session-basics/who-sends-garbage-is-alone", MUST, UNIQUE)
async def test_who_sends_garbage_for_a_cookie_shares_a_session_with_nobody(page, wire):
    """
    Two clients that send the same broken cookie are two strangers.

    Sends:      twice each, on their own connections, GETs with Cookie fields that are empty, or have no name or value.
    Observes:   the IDs shown: all of them different.
    Differs:    4xx is fine, too.
    Look at:    a session under the empty name, or under None.
    """
    empty = ("", "=", ";", "no-equals-sign", "=no-name", "no-value=")
    answers = [await wire.get(page.show, fields=carrying(garbage)) for garbage in empty * 2]
    ids = [shown(page, answer) for answer in answers if answer.status < 400]

    for answer in answers:
        assert answer.status < 500
    assert len(set(ids)) == len(ids)


@spec("session-basics/an-empty-value-is-no-session", MUST, UNIQUE)
async def test_the_cookie_with_an_empty_value_is_no_session(page, wire):
    """
    The session's cookie with nothing in it opens no session that others have, too.

    Sends:      a GET that obtains a cookie; then eight GETs together with the same name and an empty value.
    Observes:   the IDs shown: all of them different.
    Differs:    4xx is fine, too.
    Look at:    an empty ID that is looked up, found missing, and made a session of that name.
    """
    first = await wire.get(page.show)
    emptied = [f"{name}=" for name in set_cookies(first)]
    answers = await gather(*(wire.get(page.show, fields=carrying(*emptied)) for _ in range(SEVERAL)))
    ids = [shown(page, answer) for answer in (first, *answers) if answer.status < 400]

    for answer in answers:
        assert answer.status < 500
    assert len(set(ids)) == len(ids)


@spec("session-basics/an-error-page-shows-no-session", SHOULD, OPAQUE)
async def test_an_error_page_shows_no_session(page, client, wire):
    """
    A page that says what went wrong does not show the visitor's cookie: such pages are copied into letters for help.

    Sends:      with the session's cookie, GETs of a page that there is not, with a method that nobody knows, and of a
                broken target.
    Observes:   the bodies: the cookie's value does not stand there.
    Differs:    whatever the statuses are; a page that is found after all does not count.
    Look at:    error pages for developers, which show the whole request.
    """
    visitor = client.visitor()
    await visitor.get(page.show)
    carried = [f"{name}={value}" for name, value in visitor.cookies.items()]
    answers = await gather(
        wire.get(page.show + NOWHERE, fields=carrying(*carried)),
        wire.request("WEB60", page.show, fields=carrying(*carried)),
        wire.get(page.show + "/%zz%00", fields=carrying(*carried)),
    )

    for answer in answers:
        if answer.status >= 400:
            for value in visitor.cookies.values():
                assert value not in answer.text
    await wire.ping()


@spec("session-basics/the-cookie-keeps-to-its-grammar", SHOULD, GRAMMAR)
async def test_the_cookie_keeps_to_its_grammar(page, wire):
    """
    The cookies that are set can be read by every client.

    Sends:      a GET of the page without a cookie.
    Observes:   the Set-Cookie fields: a token, a value without blanks, commas, quotes or backslashes, and attributes.
    Look at:    a value that is encoded by nobody.
    """
    answer = await wire.get(page.show)
    lines = answer.fields.all("set-cookie")

    assert lines != []
    assert [line for line in lines if not COOKIE.fullmatch(line)] == []


@spec("session-basics/each-cookie-is-set-once", SHOULD, ONCE)
async def test_each_cookie_is_set_once_in_an_answer(page, client):
    """
    No answer sets two cookies of one name: clients differ in which of them they keep.

    Sends:      with one cookie jar: a GET of the page, the page again, its expire page, and the page twice.
    Observes:   the names of the cookies that each answer sets.
    Look at:    a cookie that is taken back and set anew in the same answer.
    """
    visitor = client.visitor()
    paths = (page.show, page.show, page.expire, page.show, page.show)
    named = [set_cookies(await visitor.get(path)) for path in paths]

    assert [sorted(names) for names in named] == [sorted(set(names)) for names in named]


@spec("session-basics/head-of-the-page-has-no-body", MUST, NO_CONTENT)
async def test_head_of_the_session_page_has_no_body(target, page, wire):
    """
    HEAD of the page that shows the session shows nothing.

    Sends:      on one connection, a HEAD of the page and, at once behind it, a GET of `ping`.
    Observes:   what comes after the fields of the first answer: the second one, or the end.
    Differs:    a page that refuses HEAD says so without a body as well; a server may close the connection after it.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("HEAD", page.show) + wire.bytes_of("GET", target.alive.path))
    head = await conversation.answer(method="HEAD")
    following = await conversation.answer_if_any(method="GET")

    assert head.status < 500
    assert conversation.received == head.raw + (b"" if following is None else following.raw)
    if following is not None:
        assert following.status == target.alive.status


@spec("session-basics/a-session-begun-by-head-is-there", MUST, SAME)
async def test_a_session_that_was_begun_by_head_is_there(page, client):
    """
    Where HEAD sets a cookie, it is that of a session: the visitor who follows it has one ID from then on.

    Sends:      with one cookie jar: a HEAD of the page, and two GETs.
    Observes:   the IDs shown, and whether the first GET sets the cookie again.
    Differs:    a HEAD that sets no cookie does not offer this.
    """
    visitor = client.visitor()
    head = await visitor.request("HEAD", page.show)
    if not pairs(head):
        raise NotOffered("HEAD sets no cookie")
    first, second = await visitor.get(page.show), await visitor.get(page.show)

    assert shown(page, second) == shown(page, first)
    # Who sets a cookie at the first GET only has not known the one that HEAD has set.
    assert set_cookies(first) == set_cookies(second)


@spec("session-basics/an-ended-session-comes-back-for-nobody", MUST, EXPIRE)
async def test_an_ended_session_comes_back_for_nobody(page, client, wire):
    """
    Visits that are made together after a session was ended all find it ended.

    Sends:      with one cookie jar: a GET of the page and of its expire page; then eight GETs of the page together,
                with whatever the jar holds then.
    Observes:   the IDs shown: none of them is the old one.
    Differs:    the jar may hold the old cookie still, a new one, or none.
    Look at:    a session that is written back by a request which had read it before.
    """
    visitor = client.visitor()
    first = await visitor.get(page.show)
    await visitor.get(page.expire)
    kept = [f"{name}={value}" for name, value in visitor.cookies.items()]
    answers = await gather(*(wire.get(page.show, fields=carrying(*kept) if kept else ()) for _ in range(SEVERAL)))

    assert shown(page, first) not in [shown(page, answer) for answer in answers]
