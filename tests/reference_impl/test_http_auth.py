"""
HTTP authentication: each user their own page, and nobody anybody's without the password.
"""

import base64
import hashlib
import re

import pytest


def md5(*parts):
    """RFC 7616's H() of the parts joined by colons."""
    return hashlib.md5(":".join(parts).encode("latin-1")).hexdigest()


def challenged(asked):
    """The parameters of the answer's challenge."""
    line = next(line for line in asked.head.splitlines() if line.lower().startswith("www-authenticate:"))
    return dict(re.findall(r'(\w+)="([^"]*)"', line))


def answer(challenge, path="/auth/digest/", user="alice", password="secret", method="GET", **changes):
    """A right answer to the challenge, then changed: a value of None leaves the parameter out."""
    # These two may differ in a right answer; the others are changed behind its back.
    uri, nc = changes.get("uri") or path, changes.get("nc") or "00000001"
    nonce, realm, cnonce = challenge["nonce"], challenge["realm"], "0a4f113b"
    parameters = {
        "username": user,
        "realm": realm,
        "nonce": nonce,
        "uri": uri,
        "qop": "auth",
        "nc": nc,
        "cnonce": cnonce,
        "opaque": challenge["opaque"],
        "algorithm": "MD5",
        "response": md5(md5(user, realm, password), nonce, nc, cnonce, "auth", md5(method, uri)),
        **changes,
    }
    return "Authorization: Digest " + ", ".join(f'{k}="{v}"' for k, v in parameters.items() if v is not None)


def basic(credentials):
    """The field for these credentials."""
    return "Authorization: Basic " + base64.b64encode(credentials.encode("latin-1")).decode("ascii")


@pytest.fixture
def challenge(connect):
    """What a client without credentials is told."""
    return challenged(connect().request("/auth/digest/"))


@pytest.mark.parametrize(("credentials", "user"), [("alice:secret", b"alice"), ("bob:pass:word", b"bob")])
def test_basic_lets_each_user_to_their_own_page(connect, credentials, user):
    """A colon in the password is the password's."""
    asked = connect().request("/auth/basic/", basic(credentials))
    assert asked.status == 200
    assert asked.body == b"This is the home of " + user + b".\n"


@pytest.mark.parametrize(
    "credentials", ["alice:secre", "alice:secrets", "alice:", ":", "alice", "bob:pass", "eve:secret", "alice\0:secret"]
)
def test_basic_refuses_all_others(connect, credentials):
    """401 with a challenge for wrong, missing and nonsensical credentials."""
    asked = connect().request("/auth/basic/", basic(credentials))
    assert asked.status == 401
    assert 'basic realm="web60"' in asked.head


@pytest.mark.parametrize("value", ["YWxpY!2U6c2VjcmV0", "!!!!", "a", "\xff\xfe", "YWxpY2U6c2VjcmV0, x=y"])
def test_basic_refuses_what_is_not_base64(connect, value):
    """Twisted skips the bytes that base64 does not have, and finds alice's password behind them."""
    assert connect().request("/auth/basic/", "Authorization: Basic " + value).status == 401


def test_the_logout_is_told_with_the_user(connect, told):
    """One logout at the end of each request."""
    connect().request("/auth/basic/", basic("bob:pass:word"))
    assert told("bob") == ["logout"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("user", "password"), [("alice", "secret"), ("bob", "pass:word")])
def test_digest_lets_each_user_to_their_own_page(connect, challenge, user, password, method):
    """The response that RFC 7616 section 3.4.1 defines, with the method in it."""
    right = answer(challenge, user=user, password=password, method=method)
    assert connect().request("/auth/digest/", right, method=method).status == 200


def test_digest_takes_the_next_nonce_count(connect, challenge):
    """One nonce serves several requests."""
    assert connect().request("/auth/digest/", answer(challenge)).status == 200
    assert connect().request("/auth/digest/", answer(challenge, nc="00000002")).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong"},
        {"user": "eve"},
        {"method": "POST"},
        {"response": "0" * 32},
        {"nonce": "0" * 24},
        *({name: None} for name in ("username", "realm", "nonce", "uri", "response", "opaque", "qop", "nc", "cnonce")),
        {"uri": "/elsewhere"},
        {"realm": "elsewhere"},
        {"algorithm": "FOO"},
        {"algorithm": "SHA-256"},
        {"algorithm": "MD5-sess"},
        {"qop": "auth-int"},
        {"qop": "auth-int", "response": "0" * 32},
        {"qop": ""},
        {"nc": "xyz"},
        {"opaque": "a-b"},
        {"opaque": ""},
        {"opaque": "\xff"},
        {"\xe9": "x"},
    ],
    ids=str,
)
def test_digest_refuses_whatever_is_not_the_whole_right_answer(connect, challenge, changes):
    """401 and never 500, for wrong, borrowed, incomplete and malformed answers."""
    assert connect().request("/auth/digest/", answer(challenge, **changes)).status == 401


@pytest.mark.parametrize("junk", ["!", "=", "\xff"])
def test_digest_refuses_an_opaque_with_something_added(connect, challenge, junk):
    """Lenient base64 would read the same time and address out of it."""
    altered = answer(challenge, opaque=challenge["opaque"] + junk)
    assert connect().request("/auth/digest/", altered).status == 401


def test_digest_reads_lists_as_they_may_be_written(connect, challenge):
    """Empty elements, spaces around `=` and names in any case say the same."""
    odd = answer(challenge).replace("Digest ", "Digest ,, ").replace('qop="auth"', 'QOP = "auth",, x=y')
    assert connect().request("/auth/digest/", odd).status == 200


def test_digest_refuses_a_parameter_given_twice(connect, challenge):
    """Nobody can say which one is meant."""
    assert connect().request("/auth/digest/", answer(challenge) + ', username="bob"').status == 401


def test_a_challenge_belongs_to_its_factory_and_its_client(connect, challenge):
    """Another page's factory, and another address, do not know it."""
    elsewhere = answer(challenge, path="/auth/digest-short/")
    assert connect().request("/auth/digest-short/", elsewhere).status == 401
    assert connect(host="127.0.0.2").request("/auth/digest/", answer(challenge)).status == 401


def test_an_expired_nonce_is_stale_to_whoever_knows_the_password(connect, world):
    """Valid for its lifetime of 3 s by the reactor's clock; then 401, `stale` only with the right password."""
    old = challenged(connect().request("/auth/digest-short/"))
    right = answer(old, path="/auth/digest-short/")
    world.advance(2.9)
    assert connect().request("/auth/digest-short/", right).status == 200
    world.advance(0.2)
    refused = connect().request("/auth/digest-short/", right)
    assert refused.status == 401
    assert challenged(refused)["stale"] == "true"
    wrong = connect().request("/auth/digest-short/", answer(old, path="/auth/digest-short/", password="wrong"))
    assert wrong.status == 401
    assert "stale" not in challenged(wrong)
    retried = answer(challenged(refused), path="/auth/digest-short/")
    assert connect().request("/auth/digest-short/", retried).status == 200
