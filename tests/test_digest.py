"""
The digest client against RFC vectors and httpx, and its parser against whatever may come.
"""

from __future__ import annotations

import base64
import hashlib

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import digest
from harness.digest import BadChallenge, Challenge, Login
from harness.errors import Misbehaved, NotObservable
from harness.messages import Answer, Fields

TCHAR = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NAMES = st.text(TCHAR.lower(), min_size=1, max_size=8)
TOKENS = st.text(TCHAR, min_size=1, max_size=12)
VALUES = TOKENS | st.text(st.characters(max_codepoint=255), max_size=20)
CHALLENGES = st.builds(
    Challenge,
    scheme=NAMES,
    parameters=st.dictionaries(NAMES, VALUES, min_size=1, max_size=5).map(lambda values: tuple(values.items())),
)

MUFASA = Challenge(
    "digest",
    (
        ("realm", "http-auth@example.org"),
        ("qop", "auth, auth-int"),
        ("nonce", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"),
        ("opaque", "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"),
    ),
)
DOE = Challenge(
    "digest",
    (
        ("realm", "api@example.org"),
        ("qop", "auth"),
        ("algorithm", "SHA-512-256"),
        ("nonce", "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"),
    ),
)
HOST = Challenge("digest", (("realm", "testrealm@host.com"), ("nonce", "dcd98b7102dd2f0e8b11d0f600bfb0c093")))
PLAIN = Challenge("digest", (("realm", "r"), ("nonce", "n"), ("qop", "auth")))


def answer(*lines: str, status: int = 401) -> Answer:
    """An answer with these WWW-Authenticate field lines."""
    fields = Fields(tuple((b"WWW-Authenticate", line.encode("latin-1")) for line in lines))
    return Answer(status, b"", b"1.1", fields, b"", b"", "length", True, "", 0.0, 0.0, 0.0)


def mufasa(algorithm: str) -> Login:
    """The login of RFC 7616 section 3.9.1."""
    challenge = MUFASA.bent(algorithm=algorithm)
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    return Login(challenge, "Mufasa", "Circle of Life", "/dir/index.html", cnonce=cnonce)


# Responses.


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_response_is_that_of_rfc_7616(algorithm: str, response: str) -> None:
    """The examples of RFC 7616 section 3.9.1."""
    assert mufasa(algorithm).response == response


@pytest.mark.skipif("sha512_256" not in hashlib.algorithms_available, reason="this Python is built without it")
def test_a_user_beyond_ascii_is_hashed_as_utf_8() -> None:
    """The example of RFC 7616 section 3.9.2 with SHA-512-256, as erratum 4897 corrects it."""
    login = Login(
        DOE,
        "Jäsøn Doe",
        "Secret, or not?",
        "/doe.json",
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )

    assert login.response == "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"


def test_the_response_is_that_of_rfc_2617() -> None:
    """The example of RFC 2617 section 3.5, where the password's "Of" has a capital letter."""
    login = Login(HOST.bent(qop="auth"), "Mufasa", "Circle Of Life", "/dir/index.html", cnonce="0a4f113b")

    assert login.response == "6629fae49393a05397450978507c4ef1"


def test_a_challenge_without_qop_is_answered_as_in_rfc_2069() -> None:
    """The example of RFC 2069 section 2.4, as its erratum 749 corrects it."""
    login = Login(HOST, "Mufasa", "CircleOfLife", "/dir/index.html")

    assert login.response == "1949323746fe6a43ef61f9606e7febea"
    assert {"qop", "nc", "cnonce"}.isdisjoint(dict(login.parameters))


LINE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='"\\'), max_size=20)
#: Without a qop httpx keeps its cnonce to itself, so nobody could check its "-sess" hashes.
KINDS = st.tuples(
    st.sampled_from(["MD5", "SHA", "SHA-256", "MD5-sess", "SHA-256-sess", None]), st.just("auth")
) | st.tuples(st.sampled_from(["MD5", "SHA", "SHA-256", None]), st.sampled_from(["auth,auth-int", None]))
LOGINS = st.builds(
    lambda kind, realm, nonce, **login: Login(
        Challenge("digest", (("realm", realm), ("nonce", nonce))).bent(algorithm=kind[0], qop=kind[1]),
        **login,
    ),
    kind=KINDS,
    realm=LINE,
    nonce=LINE,
    # httpx writes no field beyond ASCII; a password it only hashes.
    user=LINE.filter(lambda user: ":" not in user),
    password=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    uri=st.text("abc/-_", max_size=10).map(lambda rest: f"/{rest}"),
    method=st.sampled_from(["GET", "HEAD", "POST"]),
)


@settings(deadline=None)
@given(login=LOGINS, count=st.integers(1, 3))
def test_the_response_is_that_of_httpx(login: Login, count: int) -> None:
    """For any challenge, user and request, and any nonce count, httpx sends what we send."""
    theirs = httpx_credentials(login, count)

    ours = login.evolve(count=count, cnonce=theirs.get("cnonce") or "")

    # httpx names the default algorithm too.
    assert {"algorithm": "MD5", **dict(ours.parameters)} == dict(theirs.parameters)


def httpx_credentials(login: Login, count: int) -> Challenge:
    """What httpx sends in its `count`th request on the challenge's nonce."""
    auth = httpx.DigestAuth(login.user, login.password)
    challenge = httpx.Headers(
        {"www-authenticate": digest.written(login.challenge.parameters, unquoted={"algorithm"})},
    )
    for _ in range(count):
        request = httpx.Request(login.method, f"http://host{login.uri}")
        flow = auth.sync_auth_flow(request)
        sent = next(flow)
        if "authorization" not in sent.headers:
            sent = flow.send(httpx.Response(401, headers=challenge, request=request))
    (value,) = (value for name, value in sent.headers.raw if name.lower() == b"authorization")
    (credentials,) = digest.read([value.decode("latin-1")])
    return credentials


@pytest.mark.parametrize("algorithm", ["", "MD5", "SHA", "SHA-256", "MD5-sess", "SHA-256-sess"])
def test_every_part_of_a_login_changes_the_response(algorithm: str) -> None:
    """None may be left out of the hash: whoever could change it unseen would be another."""
    login = Login(PLAIN.bent(algorithm=algorithm or None), "alice", "secret", "/")
    others = [
        login.evolve(user="bob"),
        login.evolve(password="Secret"),
        login.evolve(challenge=login.challenge.bent(realm="other")),
        login.evolve(challenge=login.challenge.bent(nonce="other")),
        login.evolve(method="POST"),
        login.evolve(uri="/other"),
        login.evolve(count=2),
        login.evolve(cnonce="other"),
        login.evolve(qop=None),
    ]

    assert len({other.response for other in (login, *others)}) == len(others) + 1


# What is sent.


def test_the_field_is_spelled_as_in_the_rfc() -> None:
    """The order of RFC 7616 section 3.9.1; only algorithm, qop and nc go without quotes (section 3.4)."""
    name, value = mufasa("MD5").field

    assert name == "Authorization"
    assert value == (
        'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
        'response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )


@pytest.mark.parametrize("name", [name for name, _ in mufasa("MD5").parameters])
def test_any_parameter_can_be_bent_or_left_out(name: str) -> None:
    """Other parameters, the response among them, stay as they were."""
    login = mufasa("MD5")
    others = [pair for pair in login.parameters if pair[0] != name]

    assert [pair for pair in login.bent(**{name: "bent"}).parameters if pair[0] != name] == others
    assert dict(login.bent(**{name: "bent"}).parameters)[name] == "bent"
    assert login.bent(**{name: None}).parameters == tuple(others)


def test_a_parameter_that_nobody_asked_for_can_be_added() -> None:
    """It stands at the end."""
    assert mufasa("MD5").bent(userhash="true").parameters[-1] == ("userhash", "true")


def test_a_new_challenge_starts_a_new_count() -> None:
    """The nonce count belongs to the nonce (RFC 7616 section 3.4), the rest to the user."""
    login = mufasa("MD5").evolve(count=7).bent(response="bent").answering(PLAIN)

    assert (login.count, login.user, login.bends) == (1, "Mufasa", ())
    assert dict(login.parameters)["nonce"] == "n"


def test_no_password_is_in_a_repr() -> None:
    """What a failing assert prints ends up in reports."""
    assert repr(mufasa("MD5").bent(nc="x")) == "<login of Mufasa, nonce count 1, nc bent>"
    assert repr(PLAIN) == "<digest challenge: realm nonce qop>"


@settings(deadline=None)
@given(CHALLENGES.filter(lambda challenge: challenge.parameters))
def test_what_is_written_can_be_read(challenge: Challenge) -> None:
    """Credentials in the usual spelling come back as they were."""
    line = digest.written(challenge.parameters, scheme=challenge.scheme, unquoted=())

    assert digest.read([line]) == (challenge,)


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_basic_credentials_are_user_and_password_in_base64(user: str, password: str) -> None:
    """The first colon parts them, so a password may have one (RFC 7617 section 2)."""
    name, value = digest.basic(user, password)
    scheme, _, encoded = value.partition(" ")

    assert (name, scheme) == ("Authorization", "Basic")
    assert base64.b64decode(encoded, validate=True).decode().split(":", 1) == [user, password]


def test_basic_credentials_are_those_of_the_rfc() -> None:
    """The examples of RFC 7617 sections 2 and 2.1."""
    assert digest.basic("Aladdin", "open sesame")[1] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert digest.basic("test", "123£")[1] == "Basic dGVzdDoxMjPCow=="


# Challenges.


@st.composite
def spellings(draw: st.DrawFn) -> tuple[tuple[Challenge, ...], list[str]]:
    """Challenges, and one of the many ways to spell them in one field line or several."""
    wanted = draw(st.lists(CHALLENGES, min_size=1, max_size=3))
    gap = st.sampled_from([",", ", ", " ,\t", ",, ,"])
    pieces = [_spelled(draw, challenge, gap) for challenge in wanted]
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if draw(st.booleans()):
            lines.append(piece)
        else:
            lines[-1] += draw(gap) + piece
    return tuple(wanted), lines


def _spelled(draw: st.DrawFn, challenge: Challenge, gap: st.SearchStrategy[str]) -> str:
    text = ""
    for name, value in challenge.parameters:
        case = draw(st.sampled_from([str.upper, str.title, str.lower]))
        around = draw(st.sampled_from(["", " ", "\t"]))
        bare = value and set(value) <= set(TCHAR) and draw(st.booleans())
        written = value if bare else "".join(_escaped(draw, char) for char in value).join('""')
        text += f"{draw(gap) if text else ''}{case(name)}{around}={around}{written}"
    scheme = draw(st.sampled_from([challenge.scheme, challenge.scheme.upper()]))
    return f"{scheme} {text}"


def _escaped(draw: st.DrawFn, char: str) -> str:
    must = char in '"\\'
    return "\\" + char if must or draw(st.sampled_from([False, False, True])) else char


@settings(deadline=None)
@given(spellings())
def test_a_challenge_is_read_however_it_is_spelled(spelled: tuple[tuple[Challenge, ...], list[str]]) -> None:
    """Any case of names, quoted or not, any blanks and empty list elements, in one line or several."""
    wanted, lines = spelled

    assert digest.read(lines) == wanted


def refused_or_read(lines: list[str]) -> None:
    """Either of the two, and no other exception."""
    try:
        found = digest.read(lines)
    except BadChallenge:
        return
    for one in found:
        assert isinstance(one, Challenge)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=3))
def test_no_bytes_raise_anything_but_the_documented_error(lines: list[bytes]) -> None:
    """What a target sends is its own affair, never a crash of ours."""
    refused_or_read([line.decode("latin-1") for line in lines])


@settings(deadline=None)
@given(st.lists(st.text('Digest Basic,="\\ \t=realm;', max_size=40), max_size=3))
def test_nor_does_text_that_looks_like_a_challenge(lines: list[str]) -> None:
    """The same, closer to the grammar."""
    refused_or_read(lines)


@pytest.mark.parametrize(
    "line",
    [
        'realm="a"',
        'Digest realm="a',
        'Digest realm="a" nonce="b"',
        "Digest realm=a b",
        "Digest nonce=ab/=, realm=c",
        'Digest realm="a", Realm="b"',
        'Digest realm="a"x',
        "Digest =a",
        '"Digest"',
        "Digest realm=\N{PILCROW SIGN}",
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(line: str) -> None:
    """Each is booked on the target: `BadChallenge` is a misbehaviour."""
    with pytest.raises(BadChallenge) as caught:
        digest.read([line])

    assert isinstance(caught.value, Misbehaved)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", ()),
        (" , ,", ()),
        ("Negotiate", (Challenge("negotiate"),)),
        (
            "Negotiate YII=, Basic realm=x",
            (Challenge("negotiate", token="YII="), Challenge("basic", (("realm", "x"),))),
        ),
        (
            "Negotiate, NTLM , Basic realm=x",
            (Challenge("negotiate"), Challenge("ntlm"), Challenge("basic", (("realm", "x"),))),
        ),
        (
            'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
            (
                Challenge("newauth", (("realm", "apps"), ("type", "1"), ("title", 'Login to "apps"'))),
                Challenge("basic", (("realm", "simple"),)),
            ),
        ),
    ],
)
def test_schemes_without_parameters_are_read_too(line: str, wanted: tuple[Challenge, ...]) -> None:
    """The last one is the example of RFC 9110 section 11.6.1."""
    assert digest.read([line]) == wanted


def test_a_challenge_says_what_it_offers() -> None:
    """Its own properties, and the defaults where it is silent."""
    full = Challenge(
        "digest", (("qop", "AUTH ,auth-int"), ("stale", "TRUE"), ("algorithm", "SHA-256"), ("opaque", "o"))
    )
    empty = Challenge("digest")

    assert (full.qops, full.stale, full.algorithm, full.opaque) == (
        ("auth", "auth-int"),
        True,
        "SHA-256",
        "o",
    )
    assert (empty.qops, empty.stale, empty.algorithm, empty.opaque, empty.nonce) == (
        (),
        False,
        "MD5",
        None,
        None,
    )


def test_the_first_digest_challenge_that_we_can_answer_is_chosen() -> None:
    """A challenge of an unknown algorithm is passed over (RFC 7616 section 3.7)."""
    lines = (
        "Basic realm=a",
        "Digest realm=b, algorithm=SHA-9",
        "Digest realm=c, algorithm=sha-256-SESS, Digest realm=d",
    )

    assert digest.challenge(answer(*lines)).realm == "c"
    assert digest.challenge(answer(*lines), "basic").realm == "a"


def test_a_missing_challenge_is_the_targets_fault() -> None:
    """The reason says what came instead."""
    with pytest.raises(BadChallenge, match="expected a Digest challenge, came 200 with <basic challenge: realm>"):
        digest.challenge(answer("Basic realm=a", status=200))


def test_unknown_algorithms_alone_leave_us_without_an_opinion() -> None:
    """We cannot compute them; that is no fault of the target's."""
    with pytest.raises(NotObservable, match="SHA-9"):
        digest.challenge(answer("Digest realm=b, algorithm=SHA-9"))
    with pytest.raises(NotObservable, match="SHA-9"):
        _ = Login(PLAIN.bent(algorithm="SHA-9"), "alice", "secret", "/").response
