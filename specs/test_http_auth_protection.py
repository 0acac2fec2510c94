"""
HTTP authentication: no other way in, and what the outside may keep of what is within.
"""

from base64 import b64encode

from harness import MUST, SHOULD, NotObservable, digest, rfc, spec, tutorial
from specs.authentication import CLIENT_ERRORS, challenged, challenges_again, first, shown

ERROR = tutorial("http-auth", "If the headers contain invalid credentials, an error resource is returned.")
CONTROL = tutorial("http-auth", "basic or digest HTTP authentication to control access to these resources.")
PRECONDITIONS = rfc(
    9110, "13.2.1", "A server MUST ignore all received preconditions if its response to the same request"
)
SHARED = rfc(9111, "3.5", "A shared cache MUST NOT use a cached response to a request with an Authorization")
NAMES = rfc(9110, "5.1", "Field names are case-insensitive")
ADDRESS = rfc(2617, "3.2.1", "limit the reuse of the nonce to the same client that originally got it")

SUCCESS = range(200, 300)

#: Fields by which a part is asked for, or nothing where nothing has changed.
CONDITIONS = (
    ("If-None-Match", "*"),
    ("If-Modified-Since", "Fri, 31 Dec 2199 23:59:59 GMT"),
    ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ("If-Match", "*"),
    ("Range", "bytes=0-3"),
)

#: Methods that do something; OPTIONS is left out, for who asks from elsewhere must be told before they log in.
METHODS = ("POST", "PUT", "DELETE", "PATCH", "PROPFIND", "get", "GETX")

#: What is put before or behind the path of a page, and means the same page to somebody.
SPELLINGS = (
    "?",
    "?a=b",
    "#x",
    ".",
    "./",
    "/",
    "%2e",
    "%2F",
    ";a=b",
    "%00",
    "index",
    "index.html",
    "~",
    ".html",
    "%20",
    "..%2f",
)

#: Names that are no ASCII, in UTF-8 and in another alphabet.
BEYOND_ASCII = ("älice", "日本", "alice\u0301", "😀")


def closed(page, answer, who):
    """Nothing of a user's page, and no success."""
    assert answer.status not in SUCCESS, f"{who} was answered {answer.status}"
    assert answer.status < 500, f"{who} was answered {answer.status}"
    for user in page.users:
        assert shown(page, user) not in answer.text, f"{who} was shown the page of {user}"


@spec("http-auth/basic-preconditions-open-nothing", MUST, PRECONDITIONS, needs=["basic"])
async def test_preconditions_open_nothing(page, wire):
    """
    Who asks for a part, or whether anything has changed, needs the password as well.

    Sends:      GETs without credentials, with If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Match or Range;
                where the page has an ETag or a date for who is in, with those.
    Observes:   401 each time.
    Look at:    conditions that are answered before the credentials are looked at: 304 tells who has seen the page
                before that it is the same.
    """
    opened = await wire.get(page.basic, fields=[digest.basic(*first(page))])
    tags = [("If-None-Match", tag) for tag in opened.fields.all("etag")]
    dates = [("If-Modified-Since", date) for date in opened.fields.all("last-modified")]
    for field in (*CONDITIONS, *tags, *dates):
        answer = await wire.get(page.basic, fields=[field])
        assert answer.status == 401, f"with {field[0]} it was answered {answer.status}"


@spec("http-auth/basic-every-method-is-protected", MUST, CONTROL, needs=["basic"])
async def test_every_method_is_protected(page, wire):
    """
    The password is asked for whatever the method: none opens the page.

    Sends:      POST, PUT, DELETE, PATCH, PROPFIND, "get" in small letters and GETX, without credentials.
    Observes:   no 2xx, and nobody's page.
    Differs:    401, or a method that is refused for itself: 400, 405, 501.
    Look at:    protection that is written for GET and POST alone (Apache's <Limit>).
    """
    for method in METHODS:
        body = b"a=b" if method in ("POST", "PUT", "PATCH") else None
        answer = await wire.request(method, page.basic, body=body)
        assert answer.status not in SUCCESS, f"{method} was answered {answer.status}"
        for user in page.users:
            assert shown(page, user) not in answer.text, f"{method} was shown the page of {user}"


@spec("http-auth/basic-no-spelling-of-the-path-opens-it", MUST, CONTROL, needs=["basic"])
async def test_no_spelling_of_the_path_opens_the_page(page, wire):
    """
    However the page's path is spelled, nobody gets in without the password.

    Sends:      GETs without credentials: with a query, dots, slashes, escaped letters, parameters or a NUL behind the
                path; with two slashes, a dot or an escaped letter in it; in capitals.
    Observes:   no 2xx, no 5xx, and nobody's page.
    Differs:    401 or 404, 400, or a redirect.
    Look at:    a path that is compared before it is cleaned up, and found after.
    """
    path = page.basic.partition("?")[0]
    letter = next((at for at, one in enumerate(path) if one.isalpha()), 0)
    escaped = f"{path[:letter]}%{ord(path[letter]):02x}{path[letter + 1 :]}"
    spelled = [
        f"/{path}",
        f"/.{path}",
        f"/x/..{path}",
        escaped,
        path.upper(),
        path.rstrip("/"),
        *(path + end for end in SPELLINGS),
    ]
    for one in spelled:
        closed(page, await wire.get(one), one)


@spec("http-auth/basic-field-name-is-in-any-case", MUST, NAMES, needs=["basic"])
async def test_the_name_of_the_field_is_in_any_case(page, wire):
    """
    Authorization is the same field in any case.

    Sends:      GETs with right credentials in authorization, AUTHORIZATION and aUtHoRiZaTiOn.
    Observes:   status 200 of each.
    """
    _, value = digest.basic(*first(page))
    for name in ("authorization", "AUTHORIZATION", "aUtHoRiZaTiOn"):
        answer = await wire.get(page.basic, fields=[(name, value)])
        assert answer.status == 200, f"{name}: answered {answer.status}"


@spec("http-auth/basic-refuses-names-beyond-ascii", MUST, ERROR, needs=["basic"])
async def test_names_beyond_ascii_are_refused(page, wire):
    """
    Users and passwords beyond ASCII are wrong where nobody has them, and harmless.

    Sends:      GETs with umlauts, Han characters, a combining accent and an emoji in UTF-8 as the user, and as the
                password of a known user.
    Observes:   401 and a new challenge; that the server answers its ping afterwards.
    Look at:    names that are decoded, looked up or logged as ASCII.
    """
    user, password = first(page)
    for text in BEYOND_ASCII:
        for login in ((text, password), (user, text)):
            answer = await wire.get(page.basic, fields=[digest.basic(*login)])
            assert answer.status == 401, f"{login} was answered {answer.status}"
            assert digest.challenge(answer, "basic").realm is not None
    await wire.ping()


@spec("http-auth/digest-refuses-names-beyond-ascii", MUST, ERROR, needs=["digest"])
async def test_names_beyond_ascii_are_refused_by_digest(target, page, client, wire):
    """
    Users and passwords beyond ASCII are wrong where nobody has them, and harmless.

    Sends:      GETs with answers for umlauts, Han characters, a combining accent and an emoji in UTF-8 as the user, and
                as the password of a known user.
    Observes:   4xx; that the server answers its ping afterwards.
    Look at:    names that are decoded, looked up or logged as ASCII.
    """
    user, password = first(page)
    for text in BEYOND_ASCII:
        for name, word in ((text, password), (user, text)):
            visitor, login = await challenged(target, client, page, page.digest)
            answer = await visitor.get(page.digest, fields=[login.evolve(user=name, password=word).field])
            assert answer.status in CLIENT_ERRORS, f"{name} with {word!r} was answered {answer.status}"
    await wire.ping()


async def not_for_shared_caches(answer):
    """What a shared cache takes for leave to give a user's page to others is not said of it."""
    said = (answer.fields.get("cache-control") or "").lower().replace(" ", "")
    directives = {one.partition("=")[0] for one in said.split(",")}
    assert answer.status == 200
    assert not directives & {"public", "s-maxage"}, f"Cache-Control: {said}"


@spec("http-auth/basic-page-is-not-for-shared-caches", SHOULD, SHARED, needs=["basic"])
async def test_a_page_is_not_for_shared_caches(page, wire):
    """
    A user's own page is not given to shared caches to show to others.

    Sends:      one GET with right credentials.
    Observes:   that Cache-Control says neither `public` nor `s-maxage`.
    Differs:    without Cache-Control, caches keep what was asked for with credentials to themselves.
    """
    await not_for_shared_caches(await wire.get(page.basic, fields=[digest.basic(*first(page))]))


@spec("http-auth/digest-page-is-not-for-shared-caches", SHOULD, SHARED, needs=["digest"])
async def test_a_page_behind_digest_is_not_for_shared_caches(target, page, client):
    """
    A user's own page is not given to shared caches to show to others, behind Digest too.

    Sends:      a GET without credentials, and one with the right answer.
    Observes:   that Cache-Control says neither `public` nor `s-maxage`.
    Differs:    without Cache-Control, caches keep what was asked for with credentials to themselves.
    """
    visitor, login = await challenged(target, client, page, page.digest)

    await not_for_shared_caches(await visitor.get(page.digest, fields=[login.field]))


@spec("http-auth/digest-refuses-another-address", SHOULD, ADDRESS, needs=["digest", "bound"])
async def test_another_address_is_refused(target, page, wire):
    """
    Where a challenge is bound to the address that it was given to, nobody else can answer it.

    Sends:      a GET without credentials from our usual address; a GET with the right answer from 127.0.0.2;
                both from the usual address.
    Observes:   401 and a new challenge for the one, 200 for the other.
    Differs:    a server whose users come by several proxies leaves `bound` of [http-auth] false.
    Look at:    the address of a proxy in front, which is the same for all.
    """
    if "//127.0.0.1" not in target.url:
        raise NotObservable("only a target on 127.0.0.1 can be reached from two addresses of ours")
    login = digest.Login(digest.challenge(await wire.get(page.digest)), *first(page), target.path(page.digest))

    challenges_again(await wire.get(page.digest, fields=[login.field], source="127.0.0.2"))
    again = login.answering(digest.challenge(await wire.get(page.digest)))
    answer = await wire.get(page.digest, fields=[again.field])
    assert answer.status == 200


@spec("http-auth/digest-forwarded-addresses-are-not-believed", SHOULD, ADDRESS, needs=["digest", "bound"])
async def test_forwarded_addresses_are_not_believed(target, page, wire):
    """
    Who says in a field that they are somebody else is still who they are.

    Sends:      a GET without credentials from our usual address; a GET with the right answer from 127.0.0.2, which says
                in X-Forwarded-For, X-Real-IP and Forwarded that it comes from the usual one.
    Observes:   401 and a new challenge.
    Look at:    addresses that are taken from fields although no proxy is in front.
    """
    if "//127.0.0.1" not in target.url:
        raise NotObservable("only a target on 127.0.0.1 can be reached from two addresses of ours")
    login = digest.Login(digest.challenge(await wire.get(page.digest)), *first(page), target.path(page.digest))
    claims = [("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("Forwarded", "for=127.0.0.1")]

    challenges_again(await wire.get(page.digest, fields=[login.field, *claims], source="127.0.0.2"))


#: Users that a proxy in front may have let in, in the fields by which it says so.
INTRODUCTIONS = ("X-Remote-User", "X-Forwarded-User", "Remote-User", "X-Authenticated-User", "Proxy-Authorization")


@spec("http-auth/basic-other-fields-open-nothing", MUST, CONTROL, needs=["basic"])
async def test_other_fields_open_nothing(page, wire):
    """
    Only Authorization says who somebody is: no other field does, nor the user in the target.

    Sends:      GETs without Authorization: with the user's name in fields by which proxies introduce users, with right
                credentials in Proxy-Authorization, in a cookie and in the query.
    Observes:   401 each time.
    Look at:    fields that are believed because a proxy usually sets them.
    """
    user, password = first(page)
    name, value = digest.basic(user, password)
    tried = {field: (page.basic, [(field, value if "Proxy" in field else user)]) for field in INTRODUCTIONS}
    tried["a cookie"] = (page.basic, [("Cookie", f"{name}={value}; user={user}; REMOTE_USER={user}")])
    tried["a query"] = (f"{page.basic}?user={user}&password={password}&{name}={value.replace(' ', '%20')}", [])
    for how, (path, fields) in tried.items():
        answer = await wire.get(path, fields=fields)
        assert answer.status == 401, f"{how}: answered {answer.status}"


#: What an answer consists of.
NAMES_OF_PARAMETERS = (
    "username", "realm", "nonce", "uri", "response", "cnonce", "nc", "qop", "opaque", "algorithm",
)  # fmt: skip


def anything(scheme):
    """Authorization as nobody means it: a scheme or another, base64, parameters and bytes, whole and in pieces."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    visible = st.binary(max_size=60).map(lambda data: bytes(32 + byte % 95 for byte in data))
    beyond = st.binary(max_size=40).map(lambda data: bytes(byte | 128 for byte in data))
    token = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=12).map(str.encode)
    token68 = st.text("aZ09-._~+/=", max_size=40).map(str.encode)
    known = st.sampled_from((*NAMES_OF_PARAMETERS, "charset", "userhash", "username*", "stale")).map(str.encode)
    values = st.one_of(
        token, visible, beyond, st.sampled_from([b"", b'""', b'"', b'"\\"', b'"a\\', b"auth", b"00000001"])
    )
    quoted = values.map(lambda value: b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"')
    parameter = st.builds(
        lambda name, equals, value: name + equals + value,
        st.one_of(known, token),
        st.sampled_from([b"=", b"=", b"=", b" = ", b"", b"=="]),
        st.one_of(values, quoted),
    )
    comma = st.sampled_from([b", ", b",", b" ", b",,", b"\t,"])
    soup = st.builds(lambda joint, parts: joint.join(parts), comma, st.lists(parameter, max_size=15))
    encoded = st.binary(max_size=60).map(b64encode)
    # Most are read further than their scheme.
    schemes = st.sampled_from((*[scheme] * 6, scheme.upper(), b"Bearer", b"Negotiate", b"", b"X%s", b"!#$%&'*+.^_`|~"))
    gap = st.sampled_from((*[b" "] * 6, b"  ", b"\t", b""))
    rest = st.one_of(soup, encoded, soup, token68, soup, visible, beyond)
    return st.builds(lambda *parts: b"".join(parts), schemes, gap, rest)


async def withstands(page, wire, path, field):
    """A client error, nobody's page, and the server lives."""
    answer = await wire.get(path, fields=[("Authorization", field)])
    assert answer.status in CLIENT_ERRORS, f"Authorization: {field!r} was answered {answer.status}"
    for user in page.users:
        assert shown(page, user) not in answer.text
    await wire.ping()


@spec("http-auth/basic-withstands-any-credentials", MUST, ERROR, needs=["basic"], examples=lambda: anything(b"Basic"))
async def test_any_credentials_are_withstood(page, wire, example):
    """
    Whatever stands in Authorization is a client error unless it is right, and never the server's.

    Sends:      GETs with Authorization made of schemes, base64, parameters and bytes, whole and in pieces.
    Observes:   that each is answered 4xx; that the server answers its ping after each.
    Differs:    400, 401 or 431.
    Look at:    the field that is shown: it is the smallest that fails.
    """
    await withstands(page, wire, page.basic, example)


@spec(
    "http-auth/digest-withstands-any-credentials", MUST, ERROR, needs=["digest"], examples=lambda: anything(b"Digest")
)
async def test_any_answer_is_withstood(page, wire, example):
    """
    Whatever stands in Authorization is a client error unless it is right, and never the server's.

    Sends:      GETs with Authorization made of schemes, base64, parameters and bytes, whole and in pieces.
    Observes:   that each is answered 4xx; that the server answers its ping after each.
    Differs:    400, 401 or 431.
    Look at:    the field that is shown: it is the smallest that fails.
    """
    await withstands(page, wire, page.digest, example)


def bends():
    """Ways to bend a right answer: for some of its parameters another value, or none."""
    from hypothesis import strategies as st  # noqa: PLC0415 - see above

    names = st.sampled_from(NAMES_OF_PARAMETERS)
    wild = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
    tame = st.sampled_from(
        ["", "0", "a", "auth", "auth-int", "MD5", "MD5-sess", "00000000", "ffffffff", "x" * 2000, "%", "==="]
    )
    values = st.one_of(st.none(), tame, wild)
    return st.dictionaries(names, values, min_size=1, max_size=4)


@spec("http-auth/digest-bent-answers-do-no-harm", MUST, ERROR, needs=["digest"], examples=bends)
async def test_bent_answers_do_no_harm(target, page, client, wire, example):
    """
    A right answer that is changed in some of its parameters is never the server's error; where what the hash is made of
    is changed, it opens nothing.

    Sends:      a GET without credentials; one with the right answer, in which up to four parameters have other
                values or are gone.
    Observes:   2xx or 4xx, never 2xx where username, nonce, uri, response or the counts are others; that the server
                answers its ping afterwards.
    Differs:    whether the realm, the algorithm and the opaque are looked at.
    Look at:    the parameters that are shown: they are the fewest that fail.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    before, bent = dict(login.parameters), login.bent(**example)
    after = dict(bent.parameters)
    answer = await visitor.get(page.digest, fields=[bent.field])
    hashed = ("username", "nonce", "uri", "response", *(("nc", "cnonce", "qop") if login.qop else ()))

    if any(before.get(name) != after.get(name) for name in hashed):
        assert answer.status in CLIENT_ERRORS, f"with another {sorted(example)} it was answered {answer.status}"
    else:
        assert answer.status in (200, *CLIENT_ERRORS), f"with another {sorted(example)} it was answered {answer.status}"
    await wire.ping()
