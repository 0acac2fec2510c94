"""
HTTP authentication, the scheme Basic: the right password opens the user's own page, and nothing else does.
"""

from harness import MUST, NotObservable, NotOffered, digest, gather, rfc, spec, tutorial
from specs.authentication import WRONG, first, shown

CHALLENGES = rfc(9110, "15.5.2", "The server generating a 401 response MUST send a WWW-Authenticate header field")
INVALID = rfc(9110, "11.4", "contains invalid credentials (e.g., a bad password) or partial credentials")
SCHEME = rfc(9110, "11.1", "It uses a case-insensitive token to identify the authentication scheme")
COLON = rfc(7617, "2", "text after the first colon is part of the password")
REALM = tutorial("http-auth", "The http authentication realm is mostly just a string that is presented to the user")
ALICE = tutorial("http-auth", "made on behalf of Alice, then Alice's resource will be returned")
BOB = tutorial("http-auth", "If they indicate it was made on behalf of Bob, his will be returned")
REQUEST = tutorial("http-auth", "The selection is based on the authentication headers in the request.")
PASSWORD = tutorial("http-auth", "any successful authentication attempt (ie, Alice supplied the right password)")


async def refused(wire, page, **samples):
    """The answers to these Authorization fields, each of which is refused with 401 and a new challenge."""
    answers = await gather(*(wire.get(page.basic, fields=[sample]) for sample in samples.values()))
    for name, answer in zip(samples, answers, strict=True):
        assert answer.status == 401, f"{name}: answered {answer.status}, not 401"
        assert digest.challenge(answer, "basic").realm is not None, f"{name}: the challenge has no realm"
    return answers


async def one_more(conversation, page, *fields):
    """The answer to one more GET on the same connection."""
    if not conversation.is_gone:
        conversation.request("GET", page.basic, fields=fields)
        answer = await conversation.answer_if_any()
        if answer is not None:
            return answer
    raise NotObservable("the target closes the connection after the answer")


@spec("http-auth/basic-challenges-whoever-shows-no-credentials", MUST, CHALLENGES, needs=["basic"])
async def test_without_credentials_there_is_a_challenge(page, wire):
    """
    Without credentials the protected page answers 401, with a challenge of the scheme Basic that has a realm.

    Sends:      a GET and a HEAD of the page behind Basic, without Authorization.
    Observes:   the statuses, and the challenges in WWW-Authenticate.
    Differs:    other schemes may be on offer beside it, in one field line or several, in any order and case.
    Look at:    in Twisted, that HTTPAuthSessionWrapper stands before the resource, with a
                BasicCredentialFactory; elsewhere, whether the protection is one of GET alone.
    """
    for method in ("GET", "HEAD"):
        answer = await wire.request(method, page.basic)
        assert answer.status == 401, f"{method} was answered {answer.status}, not 401"
        assert digest.challenge(answer, "basic").realm is not None, f"{method}: the challenge has no realm"


@spec("http-auth/basic-challenge-names-the-realm", MUST, REALM, needs=["basic"])
async def test_the_challenge_names_the_realm(page, wire):
    """
    The realm of the challenge is the one that the profile claims.

    Sends:      one GET of the page behind Basic, without Authorization.
    Observes:   the parameter `realm`, which is compared with its case (RFC 9110 section 11.5).
    """
    challenge = digest.challenge(await wire.get(page.basic), "basic")

    assert challenge.realm == page.realm


@spec("http-auth/basic-right-password-opens-the-users-own-page", MUST, ALICE, needs=["basic"])
async def test_the_right_password_opens_the_own_page(page, wire):
    """
    Every user gets in with the right password, and sees a page of their own.

    Sends:      one GET for each user of the profile, with Basic credentials, all at once.
    Observes:   status 200, and what the profile says the user is shown.
    Look at:    whether the password file is read with the right delimiter, and passwords are compared as
                bytes.
    """
    answers = await gather(*(wire.get(page.basic, fields=[digest.basic(*login)]) for login in page.users.items()))

    for user, answer in zip(page.users, answers, strict=True):
        assert answer.status == 200, f"{user} was answered {answer.status}"
        assert shown(page, user) in answer.text


@spec("http-auth/basic-shows-nobody-elses-page", MUST, BOB, needs=["basic"])
async def test_nobody_sees_the_page_of_another(page, wire):
    """
    Alice never sees Bob's page, and Bob never Alice's.

    Sends:      three GETs for each user of the profile, with Basic credentials, all at once and mixed.
    Observes:   that no answer has what the profile says the others are shown.
    Look at:    where the avatar is kept between the login and the answer: one place for all users mixes them
                up.
    """
    if len(page.users) < 2:
        raise NotOffered("the profile has only one user")
    logins = [*page.users.items()] * 3
    answers = await gather(*(wire.get(page.basic, fields=[digest.basic(*login)]) for login in logins))

    for (user, _), answer in zip(logins, answers, strict=True):
        assert answer.status == 200, f"{user} was answered {answer.status}"
        for other in page.users:
            # A user "al" is part of the page of "alice"; that shows nothing.
            if shown(page, other) not in shown(page, user):
                assert shown(page, other) not in answer.text


@spec("http-auth/basic-credentials-count-for-one-request", MUST, REQUEST, needs=["basic"])
async def test_credentials_count_for_the_request_that_has_them(page, wire):
    """
    Who a request is from is said by that request alone, not by one before it on the same connection.

    Sends:      on one connection, a GET with the credentials of each user, then a GET without any.
    Observes:   that each user is answered 200 and shown their own page, and that the last answer is 401.
    Differs:    a server that closes the connection after each answer cannot make this mistake.
    """
    conversation = await wire.open()
    (user, password), *others = page.users.items()
    conversation.request("GET", page.basic, fields=[digest.basic(user, password)])
    opened = await conversation.answer()
    assert opened.status == 200

    for other, theirs in others:
        opened = await one_more(conversation, page, digest.basic(other, theirs))
        assert opened.status == 200, f"{other}, after {user}, was answered {opened.status}"
        assert shown(page, other) in opened.text, f"{other}, after {user}, was shown another page"
    closed = await one_more(conversation, page)
    assert closed.status == 401, f"who shows no credentials, after {user}, was answered {closed.status}"


@spec("http-auth/basic-refuses-a-wrong-password", MUST, PASSWORD, needs=["basic"])
async def test_a_wrong_password_is_refused(page, wire):
    """
    A wrong password does not open the page: 401, and a new challenge.

    Sends:      a GET of a known user with the right password; GETs of the same user with another word, with the
                password in the other case, and with more behind it.
    Observes:   the status and the challenge of each wrong one, and that it does not have the page that the right
                one opened.
    Look at:    hashes that look only at the first eight characters (crypt); logins that are remembered by the
                user's name; handlers that go on after they have set the status.
    """
    user, password = first(page)
    opened = await wire.get(page.basic, fields=[digest.basic(user, password)])
    assert opened.status == 200

    answers = await refused(
        wire,
        page,
        another=digest.basic(user, WRONG),
        longer=digest.basic(user, f"{password}x"),
        case=digest.basic(user, password.swapcase() if password.swapcase() != password else f"x{password}"),
    )
    for answer in answers:
        assert opened.text not in answer.text, "the refusal has the page that only the right password opens"


@spec("http-auth/basic-refuses-the-password-of-another-user", MUST, PASSWORD, needs=["basic"])
async def test_the_password_of_another_is_refused(page, wire):
    """
    A password opens the page of its own user only.

    Sends:      GETs of each user with the password of each other user.
    Observes:   the status and the challenge of each.
    """
    pairs = {
        f"{user} with the password of {other}": digest.basic(user, password)
        for user in page.users
        for other, password in page.users.items()
        if page.users[user] != password
    }
    if not pairs:
        raise NotOffered("the profile has no two users with different passwords")

    await refused(wire, page, **pairs)


@spec("http-auth/basic-refuses-an-unknown-user", MUST, INVALID, needs=["basic"])
async def test_an_unknown_user_is_refused(page, wire):
    """
    A user whom nobody knows does not get in, whatever the password: 401, and a new challenge.

    Sends:      GETs of users who are not in the profile: one made up, and one whose name only begins like a
                known one, each with the known user's password.
    Observes:   the status and the challenge of each.
    Differs:    401 for an unknown user and a wrong password alike: any difference tells who exists.
    """
    user, password = first(page)
    unknown = [name for name in ("nobody-by-this-name", f"{user}x", user[:-1]) if name not in page.users]

    await refused(wire, page, **{repr(name): digest.basic(name, password) for name in unknown})


@spec("http-auth/basic-refuses-the-beginning-of-a-password", MUST, PASSWORD, needs=["basic"])
async def test_the_beginning_of_a_password_is_refused(page, wire):
    """
    A password must be whole: its beginning is a wrong password.

    Sends:      for each user, GETs with the first character of the password, and with all but the last; for a
                password with a colon, also with what stands before the colon.
    Observes:   the status and the challenge of each.
    Look at:    comparing with startswith, or taking the password apart at each colon.
    """
    beginnings = {
        f"{user} with the first {len(beginning)} characters": digest.basic(user, beginning)
        for user, password in page.users.items()
        for beginning in sorted({password[:1], password[:-1], password.partition(":")[0]} - {password, ""})
    }
    if not beginnings:
        raise NotOffered("the profile's passwords have one character at most")

    await refused(wire, page, **beginnings)


@spec("http-auth/basic-refuses-an-empty-password", MUST, PASSWORD, needs=["basic"])
async def test_an_empty_password_is_refused(page, wire):
    """
    A known user without a password does not get in.

    Sends:      one GET for each user of the profile, with an empty password.
    Observes:   the status and the challenge of each.
    """
    await refused(wire, page, **{user: digest.basic(user, "") for user, password in page.users.items() if password})


@spec("http-auth/basic-password-may-contain-a-colon", MUST, COLON, needs=["basic"])
async def test_a_password_may_contain_a_colon(page, wire):
    """
    The first colon ends the user; all others belong to the password.

    Sends:      a GET for each user of the profile whose password has a colon.
    Observes:   status 200, and the user's own page.
    Look at:    splitting at every colon, or at the last; in Twisted, FilePasswordDB with its usual delimiter.
    """
    logins = {user: password for user, password in page.users.items() if ":" in password}
    if not logins:
        raise NotOffered("no user of the profile has a password with a colon")

    for user, password in logins.items():
        answer = await wire.get(page.basic, fields=[digest.basic(user, password)])
        assert answer.status == 200, f"{user} was answered {answer.status}"
        assert shown(page, user) in answer.text


@spec("http-auth/basic-scheme-is-case-insensitive", MUST, SCHEME, needs=["basic"])
async def test_the_scheme_may_be_in_any_case(page, wire):
    """
    The name of the scheme means the same in any case.

    Sends:      GETs with right credentials whose scheme is spelled basic, BASIC and bAsIC.
    Observes:   status 200 of each.
    """
    name, value = digest.basic(*first(page))
    for scheme in ("basic", "BASIC", "bAsIC"):
        answer = await wire.get(page.basic, fields=[(name, value.replace("Basic", scheme))])
        assert answer.status == 200, f"{scheme}: answered {answer.status}"
