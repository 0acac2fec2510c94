"""
HTTP authentication: Basic credentials that are not well-formed are the client's error, and never the
server's.
"""

from base64 import b64encode

from harness import MAY, MUST, SHOULD, digest, gather, rfc, spec, tutorial
from specs.authentication import CLIENT_ERRORS, first

ERROR = tutorial("http-auth", "If the headers contain invalid credentials, an error resource is returned.")
SPELLING = rfc(7617, "2")
PASSWORD = tutorial("http-auth", "any successful authentication attempt (ie, Alice supplied the right password)")


def raw(user_pass):
    """The Authorization field of these bytes, which need not have a colon."""
    return "Authorization", b"Basic " + b64encode(user_pass)


async def unharmed(wire, page, **samples):
    """Every one of these Authorization fields is answered with a client error, and the server lives on."""
    answers = await gather(*(wire.get(page.basic, fields=[sample]) for sample in samples.values()))
    for name, answer in zip(samples, answers, strict=True):
        assert answer.status in CLIENT_ERRORS, f"{name}: answered {answer.status}, not 4xx"
    await wire.ping()


@spec("http-auth/basic-refuses-what-is-not-base64", MUST, ERROR, needs=["basic"])
async def test_credentials_that_are_not_base64_are_refused(page, wire):
    """
    Credentials that are not base64 are the client's error, not the server's.

    Sends:      GETs with Basic and the plain user and password, stray padding, half a group, other alphabets.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.  Decoders that pass over strange characters are common; none of these becomes
                right by it.
    """
    user, password = first(page)

    await unharmed(
        wire,
        page,
        plain=("Authorization", f"Basic {user}:{password}"),
        padding=("Authorization", "Basic ===="),
        half=("Authorization", "Basic Y"),
        punctuation=("Authorization", "Basic !$%&/()?"),
        bytes=("Authorization", b"Basic \xff\xfe\xe4"),
    )


@spec("http-auth/basic-refuses-credentials-without-a-colon", MUST, ERROR, needs=["basic"])
async def test_credentials_without_a_colon_are_refused(page, wire):
    """
    Credentials in base64 that have no colon are the client's error.

    Sends:      GETs with the base64 of a user alone, and of user and password without anything between.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    user, password = first(page)

    await unharmed(
        wire,
        page,
        user=raw(user.encode()),
        joined=raw((user + password).encode()),
    )


@spec("http-auth/basic-refuses-bytes-that-are-no-text", MUST, ERROR, needs=["basic"])
async def test_bytes_that_are_no_text_are_refused(page, wire):
    """
    Users and passwords that are no text in UTF-8 are wrong, and harmless.

    Sends:      GETs with a byte that no UTF-8 has in the user, in the password, and as the whole of both.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    user, password = (text.encode() for text in first(page))

    await unharmed(
        wire,
        page,
        user=raw(user + b"\xff:" + password),
        password=raw(user + b":" + password + b"\xff"),
        both=raw(b"\xff\xfe:\xfd"),
    )


@spec("http-auth/basic-refuses-empty-credentials", MUST, ERROR, needs=["basic"])
async def test_empty_credentials_are_refused(page, wire):
    """
    Nothing where credentials should stand opens nothing, and breaks nothing.

    Sends:      GETs with an empty Authorization, with "Basic" alone, with a blank behind it, with an empty
                user and password.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    await unharmed(
        wire,
        page,
        nothing=("Authorization", ""),
        scheme=("Authorization", "Basic"),
        blank=("Authorization", "Basic "),
        nobody=digest.basic("", ""),
    )


@spec("http-auth/basic-refuses-credentials-with-a-nul", MUST, ERROR, needs=["basic"])
async def test_credentials_with_a_nul_are_refused(page, wire):
    """
    Credentials with a NUL in them are wrong, and harmless.

    Sends:      GETs with a NUL in the middle of the user, in the middle of the password, and in the place of
                the colon.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.  None of these is right up to its NUL.
    """
    user, password = (text.encode() for text in first(page))

    await unharmed(
        wire,
        page,
        user=raw(user[:1] + b"\0" + user[1:] + b":" + password),
        password=raw(user + b":" + password[:1] + b"\0" + password[1:]),
        colon=raw(user + b"\0" + password),
    )


@spec("http-auth/basic-password-does-not-end-at-a-nul", SHOULD, PASSWORD, needs=["basic"])
async def test_a_right_password_does_not_end_at_a_nul(page, wire):
    """
    What follows a NUL belongs to the password, which is wrong then.

    Sends:      one GET with the right password, a NUL and more behind it.
    Observes:   that it is answered 4xx.
    Differs:    a server that keeps text as C does takes it for the right one (Apache httpd).
    """
    user, password = (text.encode() for text in first(page))

    await unharmed(wire, page, tail=raw(user + b":" + password + b"\0more"))


@spec("http-auth/basic-refuses-very-long-credentials", MUST, ERROR, needs=["basic"])
async def test_very_long_credentials_are_refused(page, wire):
    """
    A field line of 4 KB is a wrong login like any other.

    Sends:      GETs with a password, and with a user, of 3,000 characters: 4,000 in base64.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400, 401 or 431.
    """
    user, password = first(page)

    await unharmed(
        wire,
        page,
        password=digest.basic(user, password + "x" * 3000),
        user=digest.basic(user + "x" * 3000, password),
    )


@spec("http-auth/basic-refuses-other-schemes", MUST, ERROR, needs=["basic"])
async def test_other_schemes_are_refused(page, wire):
    """
    Right credentials under the name of another scheme are no credentials of Basic.

    Sends:      GETs with the right user and password in base64 as Bearer, as Negotiate, as a scheme whose
                name only begins with Basic, and without any scheme.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    name, value = digest.basic(*first(page))
    encoded = value.removeprefix("Basic ")

    await unharmed(
        wire,
        page,
        bearer=(name, f"Bearer {encoded}"),
        negotiate=(name, f"Negotiate {encoded}"),
        longer=(name, f"Basically {encoded}"),
        none=(name, encoded),
    )


@spec("http-auth/basic-takes-sloppy-spellings-its-own-way", MAY, SPELLING, needs=["basic"])
async def test_how_sloppy_spellings_are_taken(page, wire, facts):
    """
    Whether right credentials that are not spelled quite right are taken, and how broken ones are refused, is
    a fact.

    Sends:      GETs with right credentials: without padding, with two blanks or a tab before them, with a
                stray character in them; and one that is not base64 at all.
    Observes:   the statuses.
    """
    name, value = digest.basic(*first(page))
    encoded = value.removeprefix("Basic ")
    spellings = {
        "two blanks": f"Basic  {encoded}",
        "a tab": f"Basic\t{encoded}",
        "a stray character": f"Basic {encoded[:4]}*{encoded[4:]}",
        "not base64": "Basic !!!!",
    }
    padded = [login for login in page.users.items() if digest.basic(*login)[1].endswith("=")]
    if padded:
        spellings["unpadded"] = digest.basic(*padded[0])[1].rstrip("=")
    for spelling, sloppy in spellings.items():
        answer = await wire.get(page.basic, fields=[(name, sloppy)])
        facts[spelling] = answer.status
        assert answer.status < 500
