"""
HTTP authentication, the scheme Digest: who knows the password gets in, and nothing that is computed wrongly
does.
"""

from harness import MUST, SHOULD, NotOffered, digest, gather, rfc, spec, tutorial
from specs.authentication import (
    CLIENT_ERRORS,
    WRONG,
    altered,
    challenged,
    challenges_again,
    first,
    shown,
)

ALICE = tutorial("http-auth", "made on behalf of Alice, then Alice's resource will be returned")
BOB = tutorial("http-auth", "If they indicate it was made on behalf of Bob, his will be returned")
CHALLENGES = rfc(9110, "15.5.2", "The server generating a 401 response MUST send a WWW-Authenticate header field")
PASSWORD = tutorial("http-auth", "any successful authentication attempt (ie, Alice supplied the right password)")
REALM = tutorial("http-auth", "The http authentication realm is mostly just a string that is presented to the user")
PROOF = rfc(2617, "3.2.2", "which proves that the user knows a password")
NONCE = rfc(2617, "3.2.1", "reject the request if it did not match the nonce from that header")
HASHED = rfc(7616, "3.4.3")
OPAQUE = rfc(7616, "3.3", "that SHOULD be returned by the client unchanged")
URI = rfc(2617, "3.2.2.5", "is the same as the resource specified in the Request-Line")

#: A user nobody knows.
NOBODY = "nobody-by-this-name"


def altered_first(text):
    """The text with its first character changed."""
    return altered(text[:1]) + text[1:]


def flipped(digits, at):
    """Hexadecimal digits, one of them changed."""
    places = list(digits)
    places[at] = format(int(places[at], 16) ^ 1, "x")
    return "".join(places)


@spec("http-auth/digest-challenge-has-what-an-answer-needs", MUST, CHALLENGES, needs=["digest"])
async def test_the_challenge_has_what_an_answer_needs(page, wire):
    """
    Without credentials the protected page answers 401, with a Digest challenge that has realm, nonce and qop
    "auth".

    Sends:      one GET of the page behind Digest, without Authorization.
    Observes:   the status, and the challenges in WWW-Authenticate.
    Differs:    the order of parameters, their quotes, their case; other challenges beside it.
    """
    answer = await wire.get(page.digest)

    assert answer.status == 401
    challenge = digest.challenge(answer)
    assert challenge.realm is not None
    assert challenge.nonce not in (None, "")
    assert "auth" in challenge.qops


@spec("http-auth/digest-challenge-names-the-realm", MUST, REALM, needs=["digest"])
async def test_the_challenge_names_the_realm(page, wire):
    """
    The realm of the challenge is the one that the profile claims.

    Sends:      one GET of the page behind Digest, without Authorization.
    Observes:   the parameter `realm`, which is compared with its case (RFC 9110 section 11.5).
    """
    challenge = digest.challenge(await wire.get(page.digest))

    assert challenge.realm == page.realm


@spec("http-auth/digest-right-answer-opens-the-users-own-page", MUST, ALICE, needs=["digest"])
async def test_a_right_answer_opens_the_own_page(target, page, client):
    """
    Every user who answers the challenge with the right password sees a page of their own.

    Sends:      for each user of the profile, a GET without credentials, and a GET with the answer to its
                challenge.
    Observes:   status 200, and what the profile says the user is shown.
    Look at:    in Twisted, that one DigestCredentialFactory lives as long as the server (in an rpy script:
                cache()).
    """
    for user, password in page.users.items():
        visitor, login = await challenged(target, client, page, page.digest)
        answer = await visitor.get(page.digest, fields=[login.evolve(user=user, password=password).field])
        assert answer.status == 200
        assert shown(page, user) in answer.text


@spec("http-auth/digest-shows-nobody-elses-page", MUST, BOB, needs=["digest"])
async def test_nobody_sees_the_page_of_another(target, page, client):
    """
    Alice never sees Bob's page, and Bob never Alice's, even when both answer the same challenge.

    Sends:      one GET without credentials; three GETs for each user with answers to its challenge, all at
                once, each with a nonce count of its own.
    Observes:   that no answer has what the profile says the others are shown.
    Differs:    a server may want a new challenge for each of them: then the answers are refused, and show
                nobody's.
    Look at:    a login that is remembered by its nonce.
    """
    if len(page.users) < 2:
        raise NotOffered("the profile has only one user")
    visitor, login = await challenged(target, client, page, page.digest)
    users = [*page.users] * 3
    logins = [
        login.evolve(user=user, password=page.users[user], count=count) for count, user in enumerate(users, start=1)
    ]
    answers = await gather(*(visitor.get(page.digest, fields=[one.field]) for one in logins))

    # Whichever answer came first was right.
    assert 200 in [answer.status for answer in answers]
    for user, answer in zip(users, answers, strict=True):
        assert answer.status in (200, 401)
        for other in page.users:
            # A user "al" is part of the page of "alice"; that shows nothing.
            if shown(page, other) not in shown(page, user):
                assert shown(page, other) not in answer.text


@spec("http-auth/digest-answer-holds-for-head", MUST, HASHED, needs=["digest"])
async def test_a_right_answer_to_head_is_accepted(target, page, client):
    """
    The method is part of the hash, and HEAD is a method like any other.

    Sends:      a HEAD without credentials, and a HEAD with the answer to its challenge.
    Observes:   401 with a challenge, then 200 without a body.
    Look at:    a hash that always says GET.
    """
    visitor = client.visitor()
    refused = await visitor.request("HEAD", page.digest)
    assert refused.status == 401
    login = digest.Login(digest.challenge(refused), *first(page), target.path(page.digest), "HEAD")
    answer = await visitor.request("HEAD", page.digest, fields=[login.field])

    assert answer.status == 200
    assert answer.body == b""


@spec("http-auth/digest-answer-holds-for-a-query", MUST, HASHED, needs=["digest"])
async def test_the_query_belongs_to_the_uri(target, page, client):
    """
    The query is part of the request target, and so of the hash.

    Sends:      GETs of the page with the query `?a=1,2&b=%20`, the second with the answer to the challenge of
                the first.
    Observes:   401, then 200.
    Look at:    a hash over the path alone, or over the query decoded; parameters that are split at every comma.
    """
    path = page.digest + "?a=1,2&b=%20"
    visitor, login = await challenged(target, client, page, path)
    answer = await visitor.get(path, fields=[login.field])

    assert answer.status == 200


@spec("http-auth/digest-refuses-a-wrong-password", MUST, PASSWORD, needs=["digest"])
async def test_a_wrong_password_is_refused(target, page, client):
    """
    An answer computed with a wrong password is refused: 401, and a new challenge.

    Sends:      a GET without credentials; GETs with answers computed with another word, with no password,
                with a beginning of the right one.
    Observes:   the status and the challenge of each.
    """
    for wrong in (WRONG, "", first(page)[1][:-1]):
        visitor, login = await challenged(target, client, page, page.digest)
        answer = await visitor.get(page.digest, fields=[login.evolve(password=wrong).field])
        assert answer.status == 401, f"the password {wrong!r} was answered {answer.status}"
        challenges_again(answer)


@spec("http-auth/digest-refuses-a-wrong-user", MUST, PASSWORD, needs=["digest"])
async def test_a_wrong_user_is_refused(target, page, client):
    """
    A password opens the page of its own user only: an unknown user, or another one, is refused.

    Sends:      GETs with answers computed with the first user's password for a user nobody knows, and for each
                other user; for the user nobody knows also with no password, and with "None".
    Observes:   401 and a new challenge each time.
    Look at:    the password that is hashed for a user who has none.
    """
    password = first(page)[1]
    logins = [(user, password) for user in page.users if page.users[user] != password]
    for user, wrong in (*logins, *((NOBODY, wrong) for wrong in (password, "", "None"))):
        visitor, login = await challenged(target, client, page, page.digest)
        answer = await visitor.get(page.digest, fields=[login.evolve(user=user, password=wrong).field])
        assert answer.status == 401, f"{user} with the password {wrong!r} was answered {answer.status}"
        challenges_again(answer)


@spec("http-auth/digest-refuses-an-answer-for-another-method", MUST, HASHED, needs=["digest"])
async def test_an_answer_for_another_method_is_refused(target, page, client):
    """
    An answer that was computed for one method does not open the page to another.

    Sends:      a GET with the answer for POST, and a HEAD with the answer for GET.
    Observes:   401 and a new challenge each time.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    challenges_again(await visitor.get(page.digest, fields=[login.evolve(method="POST").field]))

    visitor, login = await challenged(target, client, page, page.digest)
    challenges_again(await visitor.request("HEAD", page.digest, fields=[login.field]))


@spec("http-auth/digest-refuses-an-altered-response", MUST, PROOF, needs=["digest"])
async def test_an_altered_response_is_refused(target, page, client):
    """
    One wrong digit in the response is as wrong as all.

    Sends:      GETs with the right answer, its response changed in the first digit, in the middle, in the
                last; cut short; with a digit too many.
    Observes:   401 and a new challenge for a response that is hexadecimal and of the right length, 4xx for
                the others.
    """
    for place in (0, 16, -1):
        visitor, login = await challenged(target, client, page, page.digest)
        bent = login.bent(response=flipped(login.response, place))
        answer = await visitor.get(page.digest, fields=[bent.field])
        assert answer.status == 401, f"with its digit {place} changed, the response was answered {answer.status}"
        challenges_again(answer)

    for bend in (lambda right: right[:-1], lambda right: right[:1], lambda right: right + "0"):
        visitor, login = await challenged(target, client, page, page.digest)
        bent = login.bent(response=bend(login.response))
        answer = await visitor.get(page.digest, fields=[bent.field])
        assert answer.status in CLIENT_ERRORS, f"the response {bend(login.response)} for {login.response}"


@spec("http-auth/digest-refuses-a-made-up-nonce", MUST, NONCE, needs=["digest"])
async def test_a_made_up_nonce_is_refused(target, page, client):
    """
    Only a nonce of the server's own makes an answer right, even with the right password.

    Sends:      a GET with an answer that is computed with the right password over a nonce of ours.
    Observes:   4xx.
    Differs:    401 with or without stale=true, 400.
    Look at:    whether nonces are looked at at all: without that, one answer serves for ever.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    ours = login.challenge.bent(nonce="6d6164652d75702d6279207765623630")

    answer = await visitor.get(page.digest, fields=[login.evolve(challenge=ours).field])
    assert answer.status in CLIENT_ERRORS


@spec("http-auth/digest-refuses-an-altered-nonce", SHOULD, NONCE, needs=["digest"])
async def test_an_altered_nonce_is_refused(target, page, client):
    """
    A nonce of the server's that was changed in one character is none of its own.

    Sends:      GETs with answers that are computed with the right password over the nonce, altered in its middle and
                in its first character.
    Observes:   4xx each time.
    Look at:    nonces that are recognised by a part of them.
    """
    for bend in (altered, altered_first):
        visitor, login = await challenged(target, client, page, page.digest)
        bent = login.challenge.bent(nonce=bend(login.challenge.nonce))
        answer = await visitor.get(page.digest, fields=[login.evolve(challenge=bent).field])
        assert answer.status in CLIENT_ERRORS


@spec("http-auth/digest-refuses-an-altered-opaque", SHOULD, OPAQUE, needs=["digest"])
async def test_an_altered_opaque_is_refused(target, page, client):
    """
    An opaque that comes back changed is refused.

    Sends:      GETs with right answers, the opaque changed in one character: near its middle, and the first.
    Observes:   4xx each time.
    Look at:    in an opaque that is signed, whether the signature is checked.
    """
    for bend in (altered, altered_first):
        visitor, login = await challenged(target, client, page, page.digest)
        if not login.challenge.opaque:
            raise NotOffered("the challenge has no opaque")
        answer = await visitor.get(page.digest, fields=[login.bent(opaque=bend(login.challenge.opaque)).field])
        assert answer.status in CLIENT_ERRORS


@spec("http-auth/digest-refuses-a-missing-opaque", SHOULD, OPAQUE, needs=["digest"])
async def test_a_missing_opaque_is_refused(target, page, client):
    """
    An opaque that was given and does not come back is missed.

    Sends:      a GET with the right answer, without the opaque.
    Observes:   4xx.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    if not login.challenge.opaque:
        raise NotOffered("the challenge has no opaque")

    answer = await visitor.get(page.digest, fields=[login.bent(opaque=None).field])
    assert answer.status in CLIENT_ERRORS


@spec("http-auth/digest-refuses-a-uri-that-is-not-the-target", SHOULD, URI, needs=["digest"])
async def test_a_uri_that_is_not_the_target_is_refused(target, page, client):
    """
    An answer for one resource does not open another: `uri` must name what the request line asks for.

    Sends:      GETs with right answers for another path, and for the same path with a query; a GET of the page with
                that query, with the right answer for the path without it.
    Observes:   4xx each time.
    Look at:    whether `uri` is only hashed, or also compared, and the whole of it: without that, who sees one answer
                can ask for anything.
    """
    query = "?delete=everything"
    for other in (target.path("/somewhere-else"), target.path(page.digest) + query):
        visitor, login = await challenged(target, client, page, page.digest)
        answer = await visitor.get(page.digest, fields=[login.evolve(uri=other).field])
        assert answer.status in CLIENT_ERRORS, f"an answer for {other} opens {page.digest}"

    visitor, login = await challenged(target, client, page, page.digest)
    answer = await visitor.get(page.digest + query, fields=[login.field])
    assert answer.status in CLIENT_ERRORS, f"an answer for {page.digest} opens it with {query}"


@spec("http-auth/digest-refuses-a-foreign-realm", SHOULD, REALM, needs=["digest"])
async def test_a_foreign_realm_is_refused(target, page, client):
    """
    An answer for another realm is refused, whether the hash was computed with it or it was only sent.

    Sends:      two GETs with the right password and another realm: in the hash too, and on the wire only.
    Observes:   4xx each time.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    hashed = login.evolve(challenge=login.challenge.bent(realm="elsewhere"))
    answer = await visitor.get(page.digest, fields=[hashed.field])
    assert answer.status in CLIENT_ERRORS

    visitor, login = await challenged(target, client, page, page.digest)
    only_sent = login.bent(realm="elsewhere")
    answer = await visitor.get(page.digest, fields=[only_sent.field])
    assert answer.status in CLIENT_ERRORS
