"""
What the specs of HTTP authentication have in common: who logs in, and how a refusal looks.
"""

from harness import digest

#: A refusal that is not about a wrong password may be any of these (RFC 7616 section 3.4).
CLIENT_ERRORS = range(400, 500)

#: Nobody's password.
WRONG = "not-the-password"


def first(page):
    """The profile's first user, with their password."""
    return next(iter(page.users.items()))


def shown(page, user):
    """What stands on the user's own page, and on nobody else's."""
    return page.shows.replace("{user}", user)


async def challenged(target, client, page, path):
    """
    A visitor who has been challenged at this path, and the first user's login that answers.

    A visitor, because one library keeps its nonce in a cookie.
    """
    visitor = client.visitor()
    answer = await visitor.get(path)
    assert answer.status == 401
    challenge = digest.challenge(answer)
    assert challenge.nonce, "the challenge has no nonce"
    return visitor, digest.Login(challenge, *first(page), target.path(path))


def challenges_again(answer):
    """A plain refusal: 401, and a new challenge."""
    assert answer.status == 401
    assert digest.challenge(answer).nonce is not None


def altered(text):
    """The text with one character changed, near its middle: the last one of base64 may mean nothing."""
    at = next((at for at in range(len(text) // 2, len(text)) if text[at].isalnum()), 0)
    return text[:at] + ("2" if text[at : at + 1] == "1" else "1") + text[at + 1 :]
