"""
Session basics: the cookie is the session, and everybody can end their own.
"""

import math
import re

from harness import MAY, MUST, SHOULD, NotObservable, NotOffered, gather, rfc, spec, tutorial

SAME = tutorial("session-basics", "a (rather opaque) session identifier that remains the same across reloads")
FLUSHED = tutorial("session-basics", "at least until you flush the TWISTED_SESSION cookie from your browser")
UNIQUE = tutorial("session-basics", "tells a user what their unique session identifier is")
EXPIRE = tutorial("session-basics", "visit the expire child and go back to the top page")
OWN = tutorial("session-basics", "let the client expire their own session before it times out")
ORDER = rfc(6265, "4.2.2", "servers SHOULD NOT rely upon the serialization order")
FIXATION = rfc(6265, "8.4", 'take care to avoid "session fixation" vulnerabilities')
NONCE = rfc(6265, "8.4", 'servers commonly store a nonce (or "session identifier") in a cookie')
LIMITS = rfc(6265, "6.1")
SECURE = rfc(6265, "8.3", "If the server does not set the Secure attribute on its cookies")

#: Visitors at the same time; enough to mix up two of them, too few to burden anybody.
SEVERAL = 8

#: IDs compared with each other, and the bits that they must have room for (OWASP's least for a session ID).
MANY = 1000
LEAST_BITS = 64

#: Connections on which they are asked for; each is kept for as long as the server keeps it.
AT_ONCE = 20

#: Bytes of a long cookie: with its name still below 8190, the longest field that many servers take at all.
LONG = 8000

#: What a broken or hostile client sends as its Cookie field.
GARBAGE = (
    "",
    ";",
    "=",
    ";;; = ;",
    "no-equals-sign",
    "=no-name",
    "no-value=",
    'quote="never closed',
    "two=signs=here",
    "space in name=1",
    "comma=1,comma=2",
    "$Version=1; $Path=/",
    "percent=%zz%00%ff",
    "latin=\xe4\xf6\xfc",
    "escape=\\\\\\",
    "brace={}[]()<>@",
)

#: Each digit and letter becomes another of its kind, so that what comes out still looks like what went in.
_KINDS = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")
INVENTED = str.maketrans("".join(_KINDS), "".join(kind[1:] + kind[0] for kind in _KINDS))


def shown(page, answer):
    """The session's ID that a page shows."""
    assert answer.status == 200
    found = re.search(page.id_pattern, answer.text)
    assert found is not None, f"no session ID ({page.id_pattern}) in {answer.text[:200]!r}"
    return found["id"]


def pairs(answer):
    """The cookies that an answer sets, each as name=value."""
    return [line.partition(";")[0].strip() for line in answer.fields.all("set-cookie")]


def attributes(answer):
    """The attributes of each cookie that an answer sets, by its name: small letters, without their values."""
    lines = [line.split(";") for line in answer.fields.all("set-cookie")]
    return {
        pair.partition("=")[0].strip(): sorted(part.partition("=")[0].strip().lower() for part in parts)
        for pair, *parts in lines
    }


def carrying(*cookies):
    """The field that sends these name=value cookies."""
    return [("Cookie", "; ".join(cookies))]


@spec("session-basics/first-visit-sets-a-cookie", MUST, FLUSHED)
async def test_first_visit_sets_a_cookie(page, wire):
    """
    Who comes without a cookie is given one, and shown an ID.

    Sends:      one GET of the page that shows the session, without a cookie.
    Observes:   the Set-Cookie fields of the answer.
    """
    answer = await wire.get(page.show)

    assert shown(page, answer) != ""
    assert pairs(answer) != []


@spec("session-basics/following-the-cookie-keeps-the-id", MUST, SAME)
async def test_following_the_cookie_keeps_the_id(page, client):
    """
    The ID stays the same from visit to visit, each on a new connection.

    Sends:      four GETs of the page, one after another, with one cookie jar.
    Observes:   the IDs shown.
    Differs:    some servers send the cookie again at each visit; the newest one counts.
    Look at:    the path and the domain of the cookie, if it is set but does not come back.
    """
    visitor = client.visitor()
    first = shown(page, await visitor.get(page.show))

    later = [shown(page, await visitor.get(page.show)) for _ in range(3)]

    assert later == [first] * 3


@spec("session-basics/without-the-cookie-the-id-is-another", MUST, FLUSHED)
async def test_without_the_cookie_the_id_is_another(page, client, wire):
    """
    Who forgets the cookie is somebody else: the ID hangs on nothing but the cookie.

    Sends:      a GET that obtains a cookie, then two without any, from the same address.
    Observes:   the IDs shown: three different ones.
    Look at:    whatever else the server takes for an identity: the address, the User-Agent, a cache of
                answers.
    """
    visitor = client.visitor()
    mine = shown(page, await visitor.get(page.show))

    forgetful = [shown(page, await wire.get(page.show)) for _ in range(2)]

    assert len({mine, *forgetful}) == 3


@spec("session-basics/each-jar-has-an-id-of-its-own", MUST, UNIQUE)
async def test_each_jar_has_an_id_of_its_own(page, client):
    """
    Visitors at the same time have different IDs, and nobody is shown another's.

    Sends:      eight visitors' first GETs together, then a second one of each together.
    Observes:   the IDs shown.
    Look at:    session data in a global or in a thread's local storage.
    """
    visitors = [client.visitor() for _ in range(SEVERAL)]

    first = [shown(page, answer) for answer in await gather(*(one.get(page.show) for one in visitors))]
    second = [shown(page, answer) for answer in await gather(*(one.get(page.show) for one in visitors))]

    assert len(set(first)) == SEVERAL
    assert second == first


@spec("session-basics/the-id-belongs-to-the-cookie-not-the-connection", MUST, FLUSHED)
async def test_the_id_belongs_to_the_cookie_not_the_connection(page, wire):
    """
    Requests of two sessions on one connection are told apart: proxies share connections between people.

    Sends:      on one connection: a GET without a cookie, one without, one with the first one's cookie.
    Observes:   the IDs shown: another for the second, the first again for the third.
    Differs:    a server that closes after each answer cannot be asked.
    Look at:    a session kept on the connection instead of the request.
    """
    conversation = await wire.open()
    conversation.request("GET", page.show)
    mine = await conversation.answer()
    first = shown(page, mine)

    conversation.request("GET", page.show)
    other = await conversation.answer_if_any()
    if other is None:
        raise NotObservable("the server closes the connection after each answer")
    conversation.request("GET", page.show, fields=carrying(*pairs(mine)))
    back = await conversation.answer_if_any()
    if back is None:
        raise NotObservable("the server closes the connection after the second answer")

    assert shown(page, other) != first
    assert shown(page, back) == first


@spec("session-basics/other-cookies-do-not-hide-the-session", MUST, ORDER)
async def test_other_cookies_do_not_hide_the_session(page, wire):
    """
    The session is found wherever its cookie stands among others.

    Sends:      three GETs with the session's cookie and twenty foreign ones: it first, in the middle, and
                last.
    Observes:   the IDs shown.
    """
    first = await wire.get(page.show)
    foreign = [f"web60_{number}=value-{number}" for number in range(20)]
    rows = [foreign[:place] + pairs(first) + foreign[place:] for place in (0, 10, 20)]

    answers = await gather(*(wire.get(page.show, fields=carrying(*row)) for row in rows))

    assert [shown(page, answer) for answer in answers] == [shown(page, first)] * 3


@spec("session-basics/expiring-gives-a-new-id", MUST, EXPIRE)
async def test_expiring_gives_a_new_id(page, client):
    """
    After the visitor has ended the session, the next visit has a new one.

    Sends:      with one cookie jar: a GET of the page, of its expire page, and of the page again.
    Observes:   the IDs shown before and after.
    Differs:    the server may forget the session, take the cookie back, or both; expire may answer with a
                redirect.
    """
    visitor = client.visitor()
    before = shown(page, await visitor.get(page.show))

    expired = await visitor.get(page.expire)
    after = shown(page, await visitor.get(page.show))

    assert expired.status < 400
    assert after != before


@spec("session-basics/the-id-after-an-expiry-stays", MUST, SAME)
async def test_the_id_after_an_expiry_stays(page, client):
    """
    The session that follows an ended one is as good as any: its ID stays.

    Sends:      with one cookie jar: a GET of the page, of its expire page, then of the page three times.
    Observes:   the three IDs shown last.
    Look at:    a cookie that is set and taken back in the same answer, or two of one name with different
                paths.
    """
    visitor = client.visitor()
    await visitor.get(page.show)
    await visitor.get(page.expire)

    after = [shown(page, await visitor.get(page.show)) for _ in range(3)]

    assert after == [after[0]] * 3


@spec("session-basics/expiring-mine-leaves-yours", MUST, OWN)
async def test_expiring_mine_leaves_yours(page, client):
    """
    Ending one's own session ends nobody else's.

    Sends:      first GETs of two visitors, then the expire page by the first, then the page by both.
    Observes:   the IDs shown: a new one for the first, the same for the second.
    """
    me, you = client.visitor(), client.visitor()
    mine, yours = await gather(me.get(page.show), you.get(page.show))

    await me.get(page.expire)
    my_next, your_next = await gather(me.get(page.show), you.get(page.show))

    assert shown(page, your_next) == shown(page, yours)
    assert shown(page, my_next) != shown(page, mine)


@spec("session-basics/expiring-twice-does-no-harm", SHOULD, OWN)
async def test_expiring_twice_does_no_harm(page, client, wire):
    """
    Ending a session that has ended, or that never was, is no error of the server's.

    Sends:      the expire page twice in a row with one cookie jar, and once without any cookie; then the
                page.
    Observes:   the statuses: none is 5xx; the page still shows an ID, and another client is served.
    """
    visitor = client.visitor()
    before = shown(page, await visitor.get(page.show))

    expired = [await visitor.get(page.expire), await visitor.get(page.expire), await wire.get(page.expire)]
    after = await visitor.get(page.show)

    for answer in expired:
        assert answer.status < 500
    assert shown(page, after) != before
    await wire.ping()


@spec("session-basics/an-expired-cookie-stays-dead", SHOULD, EXPIRE, needs=("session-store.store=server",))
async def test_an_expired_cookie_stays_dead(page, client, wire):
    """
    The cookie of an ended session opens nothing any more, also if somebody kept a copy.

    Sends:      a GET that obtains a cookie, the expire page, then a GET with the old cookie from outside the
                jar.
    Observes:   the ID shown last: not the old one.
    Differs:    where the state lives in the cookie (`store = "client"`), a copy cannot be called back.
    """
    visitor = client.visitor()
    first = await visitor.get(page.show)
    await visitor.get(page.expire)

    copied = await wire.get(page.show, fields=carrying(*pairs(first)))

    assert shown(page, copied) != shown(page, first)


@spec("session-basics/an-invented-id-is-not-adopted", SHOULD, FIXATION)
async def test_an_invented_id_is_not_adopted(page, wire):
    """
    An ID that the server never gave out makes no session: nobody can choose the ID that another will use.

    Sends:      a GET that shows what a cookie looks like here; then two with one made-up value of the same
                shape.
    Observes:   the IDs shown to the two: different ones, as for any two strangers.
    Differs:    a server may also refuse such a cookie with 4xx.
    """
    genuine = [pair.partition("=") for pair in pairs(await wire.get(page.show))]
    made_up = [f"{name}={value.translate(INVENTED)}" for name, _, value in genuine]

    answers = [await wire.get(page.show, fields=carrying(*made_up)) for _ in range(2)]

    for answer in answers:
        assert answer.status < 500
    ids = [shown(page, answer) for answer in answers if answer.status < 400]
    assert len(set(ids)) == len(ids)


@spec("session-basics/garbage-cookies-do-no-harm", SHOULD, ORDER)
async def test_garbage_cookies_do_no_harm(page, wire):
    """
    Whatever stands in the Cookie field, the server answers, and not with an error of its own.

    Sends:      GETs with a Cookie field that is empty, has no name, no value, open quotes, or foreign bytes.
    Observes:   the statuses: none is 5xx; another client is served.
    Differs:    200 with a new session, or 400.
    """
    for garbage in GARBAGE:
        answer = await wire.get(page.show, fields=carrying(garbage))
        assert answer.status < 500, f"Cookie: {garbage!r} was answered with {answer.status}"
    await wire.ping()


@spec("session-basics/many-and-long-cookies-do-no-harm", SHOULD, LIMITS)
async def test_many_and_long_cookies_do_no_harm(page, wire):
    """
    A hundred cookies, or one of eight thousand bytes, are served or refused, but break nothing.

    Sends:      a GET with a hundred cookies, and one with one long one.
    Observes:   the statuses: none is 5xx; another client is served.
    Differs:    200, 400 and 431 are all correct.
    """
    hundred = [f"web60_{number}=value-{number}" for number in range(100)]

    many, long = await gather(
        wire.get(page.show, fields=carrying(*hundred)),
        wire.get(page.show, fields=carrying("web60=" + "x" * LONG)),
    )

    assert many.status < 500
    assert long.status < 500
    await wire.ping()


@spec("session-basics/ids-are-unguessable", SHOULD, NONCE, busy=True, lasts=lambda _: 10.0)
async def test_ids_are_unguessable(target, page, wire):
    """
    Of a thousand sessions no two share a cookie, and the cookies have room for 64 bits of chance.

    Sends:      a thousand GETs without a cookie.
    Observes:   the cookies set: all different; and, for each place in them, how many different characters
                stood there.
    Differs:    nobody can see from outside that an ID is random; only that it is too short or hardly varies.
    Look at:    counters, times and process IDs that an ID is made of.
    """
    cookies = []

    async def collect():
        conversation = await wire.open()
        while len(cookies) < MANY:
            if conversation.is_gone:
                conversation = await wire.open()
            conversation.request("GET", page.show)
            answer = await conversation.answer_if_any()
            if answer is not None:
                cookies.append("; ".join(pairs(answer)))

    await gather(*(collect() for _ in range(min(target.parallel, AT_ONCE))))

    assert len(set(cookies)) == len(cookies)
    bits = sum(math.log2(len(set(place))) for place in zip(*cookies, strict=False))
    assert bits >= LEAST_BITS


@spec("session-basics/over-https-the-cookie-is-secure", MUST, SECURE)
async def test_over_https_the_cookie_is_secure(target, page, wire):
    """
    A session that began over https has a cookie which browsers keep from plain http.

    Sends:      one GET without a cookie, over https.
    Observes:   the attributes of the cookies set: at least one is Secure.
    """
    if not target.url.startswith("https:"):
        raise NotOffered("the target is not served over https")
    answer = await wire.get(page.show)

    assert shown(page, answer) != ""
    assert "secure" in [name for names in attributes(answer).values() for name in names]


@spec("session-basics/the-cookie-has-attributes", MAY, FLUSHED)
async def test_the_cookie_has_attributes(page, client, facts):
    """
    The names and attributes of the cookies, whether they are set again at the second visit, and how long an
    ID is.

    Sends:      two GETs with one cookie jar.
    Observes:   the Set-Cookie fields of both answers.
    """
    visitor = client.visitor()
    first, second = await visitor.get(page.show), await visitor.get(page.show)

    facts["cookies"] = attributes(first)
    facts["set_again"] = pairs(second) != []
    facts["id_characters"] = len(shown(page, first))
    assert facts["cookies"] != {}
