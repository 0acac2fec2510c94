"""
HTTP authentication: Digest answers that are not well-formed are the client's error, and never the server's.
"""

from harness import MAY, MUST, SHOULD, digest, rfc, spec, tutorial
from specs.authentication import CLIENT_ERRORS, challenged, first

ERROR = tutorial("http-auth", "If the headers contain invalid credentials, an error resource is returned.")
PARAMETERS = rfc(7616, "3.3")
IMPROPER = rfc(7616, "3.4", "or required parameters are missing, the proper response is a 4xx error code")


async def bent(target, client, page, wire, **bends):
    """
    Every one of these changes of a right answer is a client error, and the server lives on.

    A bend is a function from the login that would be right to one that is not, or to the field itself.
    """
    for name, bend in bends.items():
        visitor, login = await challenged(target, client, page, page.digest)
        wrong = bend(login)
        field = wrong.field if isinstance(wrong, digest.Login) else ("Authorization", wrong)
        answer = await visitor.get(page.digest, fields=[field])
        assert answer.status in CLIENT_ERRORS, f"{name}: answered {answer.status}, not 4xx"
    await wire.ping()


async def in_answers(target, client, page, *names):
    """Those of the parameters that an answer has here: without a qop (RFC 2069) there are no counts."""
    _, login = await challenged(target, client, page, page.digest)
    return [name for name in names if name in dict(login.parameters)]


@spec("http-auth/digest-refuses-an-answer-with-a-parameter-missing", MUST, IMPROPER, needs=["digest"])
async def test_an_answer_with_a_parameter_missing_is_refused(target, page, client, wire):
    """
    An answer that lacks what the hash was computed from, or the hash, is the client's error.

    Sends:      GETs with right answers that lack username, nonce, uri, response, nonce count or client nonce.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    Look at:    in Twisted, that DigestedCredentials hashes what may be None.
    """
    names = await in_answers(target, client, page, "username", "nonce", "uri", "response", "nc", "cnonce")
    bends = {f"without {name}": lambda login, name=name: login.bent(**{name: None}) for name in names}

    await bent(target, client, page, wire, **bends)


@spec("http-auth/digest-refuses-an-answer-with-an-empty-parameter", MUST, IMPROPER, needs=["digest"])
async def test_an_answer_with_an_empty_parameter_is_refused(target, page, client, wire):
    """
    A parameter that is there and empty is as good as missing.

    Sends:      GETs with right answers whose username, nonce, uri, response or client nonce is the empty
                string.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    names = await in_answers(target, client, page, "username", "nonce", "uri", "response", "cnonce")
    bends = {f"empty {name}": lambda login, name=name: login.bent(**{name: ""}) for name in names}

    await bent(target, client, page, wire, **bends)


@spec("http-auth/digest-refuses-an-answer-without-the-realm", SHOULD, IMPROPER, needs=["digest"])
async def test_an_answer_without_the_realm_is_refused(target, page, client, wire):
    """
    The realm is required too, though a server that has only one could do without.

    Sends:      a GET with a right answer that lacks the realm.
    Observes:   that it is answered 4xx.
    """
    await bent(target, client, page, wire, realm=lambda login: login.bent(realm=None))


@spec("http-auth/digest-refuses-an-unknown-algorithm", MUST, IMPROPER, needs=["digest"])
async def test_an_unknown_algorithm_is_refused(target, page, client, wire):
    """
    An answer in an algorithm that does not exist is the client's error, even if its hash is right in another.

    Sends:      GETs with right answers that name the algorithm SHA-9, and one of 300 characters.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    Look at:    a table of algorithms that is asked without being asked whether it has this one.
    """
    await bent(
        target,
        client,
        page,
        wire,
        unknown=lambda login: login.bent(algorithm="SHA-9"),
        long=lambda login: login.bent(algorithm="x" * 300),
    )


@spec("http-auth/digest-refuses-an-unknown-qop", MUST, IMPROPER, needs=["digest"])
async def test_an_unknown_qop_is_refused(target, page, client, wire):
    """
    A quality of protection that was not on offer is the client's error, even if it is in the hash.

    Sends:      GETs with right answers that name a quality which does not exist, hashed and only sent; and auth-int,
                where it is not on offer.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    offered = digest.challenge(await client.visitor().get(page.digest)).qops
    bends = {
        "hashed": lambda login: login.evolve(qop="fancy"),
        "sent": lambda login: login.bent(qop="fancy"),
    }
    if "auth-int" not in offered:
        bends["auth-int"] = lambda login: login.evolve(qop="auth-int")

    await bent(target, client, page, wire, **bends)


@spec("http-auth/digest-refuses-a-broken-nonce-count", MUST, IMPROPER, needs=["digest"])
async def test_a_broken_nonce_count_is_refused(target, page, client, wire):
    """
    A nonce count that is no count is the client's error.

    Sends:      GETs with right answers whose nonce count, only sent, is no number, is negative, and has 300
                digits.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401.
    """
    await bent(
        target,
        client,
        page,
        wire,
        word=lambda login: login.bent(nc="first"),
        negative=lambda login: login.bent(nc="-0000001"),
        long=lambda login: login.bent(nc="f" * 300),
    )


@spec("http-auth/digest-survives-a-broken-opaque", MUST, IMPROPER, needs=["digest"])
async def test_a_broken_opaque_breaks_nothing(target, page, client, wire):
    """
    An opaque that cannot be any of the server's breaks nothing.

    Sends:      GETs with right answers whose opaque is empty, is no base64, has bytes that are no text, has
                3,000 characters.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    a server that gave no opaque may pass over ours; whether an altered one is refused is another
                spec.
    Look at:    an opaque that is taken apart before it is checked.
    """
    for opaque in ("", "-", "a-b", "0-*=", "0-AAAA=AAA", "\xff\xfe", "x" * 3000):
        visitor, login = await challenged(target, client, page, page.digest)
        answer = await visitor.get(page.digest, fields=[login.bent(opaque=opaque).field])
        assert answer.status in (200, *CLIENT_ERRORS), f"opaque {opaque[:9]!r}: answered {answer.status}"
    await wire.ping()


@spec("http-auth/digest-refuses-garbage", MUST, ERROR, needs=["digest"])
async def test_garbage_is_refused(target, page, client, wire):
    """
    What is no answer at all opens nothing, and breaks nothing.

    Sends:      GETs with an empty Authorization; Digest alone, with a word, with commas, with names without
                values, with a quote that is never closed, with 1,000 parameters; Basic credentials, where Basic
                is not on offer.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    400 or 401; 431 for the long one.
    """
    bends = {
        "nothing": lambda _: "",
        "scheme": lambda _: "Digest",
        "word": lambda _: "Digest garbage",
        "commas": lambda _: "Digest , ,,",
        "names": lambda _: "Digest username, nonce=, =uri, response",
        "quote": lambda login: login.field[1].replace('", ', ", ", 1),
        "bytes": lambda _: b'Digest username="\xff\xfe", nonce=\xe4',
        "many": lambda _: "Digest " + ",".join(["a=b"] * 1000),
    }
    offered = digest.challenges(await client.visitor().get(page.digest))
    if "basic" not in [one.scheme for one in offered]:
        bends["basic"] = lambda _: digest.basic(*first(page))[1]

    await bent(target, client, page, wire, **bends)


@spec("http-auth/digest-has-ways-of-its-own", MAY, PARAMETERS, needs=["digest"])
async def test_what_digest_is_like_here(target, page, client, facts):
    """
    How the challenge looks, and what else is taken for an answer, are facts.

    Sends:      GETs with right answers: in the usual spelling, with names of parameters in capitals, with
                everything quoted, with a parameter that nobody knows, in the style of RFC 2069 (without qop).
    Observes:   the challenge's parameters in their order, the length of its nonce, Authentication-Info, the
                statuses.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    facts["challenge"] = [name for name, _ in login.challenge.parameters]
    facts["algorithm"] = login.challenge.algorithm
    facts["qops"] = list(login.challenge.qops)
    facts["nonce characters"] = len(login.challenge.nonce or "")
    answer = await visitor.get(page.digest, fields=[login.field])
    facts["Authentication-Info"] = answer.fields.get("authentication-info") is not None
    spellings = {
        "names in capitals": lambda login: digest.written((name.upper(), value) for name, value in login.parameters),
        "everything quoted": lambda login: digest.written(login.parameters, unquoted=()),
        "no blanks": lambda login: digest.written(login.parameters, separator=","),
        "an unknown parameter": lambda login: login.bent(favourite="colour").field[1],
        "without qop": lambda login: login.evolve(qop=None).field[1],
    }
    for name, spelled in spellings.items():
        visitor, login = await challenged(target, client, page, page.digest)
        answer = await visitor.get(page.digest, fields=[("Authorization", spelled(login))])
        facts[name] = answer.status
        assert answer.status < 500
