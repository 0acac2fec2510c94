"""
Mutants of Digest: the challenge, the users, and their passwords.
"""
# ruff: noqa: N802, N815 - Twisted's names

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernameHashedPassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, fail, succeed
from twisted.web._auth.wrapper import UnauthorizedResource
from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.resource import IResource
from twisted.web.server import Request
from twisted.web.util import DeferredResource
from zope.interface import implementer

from reference_impl import http_auth
from reference_impl.repairs.digest import DigestFactory
from tests.mutants import Reference, mutant, of
from tests.mutants._digest import Answer, Digest, Login, Passwords, check_by, put


@mutant(*of("http-auth", "digest-challenge-has-what-an-answer-needs"))
def offers_no_quality(reference: Reference) -> None:
    """The challenge is one of RFC 2069: it has no qop."""

    class Old(DigestFactory):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            challenge = super().getChallenge(request)
            del challenge["qop"]
            return challenge

    put(reference, Old)


@mutant(*of("http-auth", "digest-challenge-names-the-realm"))
def spells_the_realm_otherwise(reference: Reference) -> None:
    """The realm begins with a capital, in the challenge and in the hash."""

    class Capital(Digest):
        realm = b"Web60"

    put(reference, Capital)


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-right-answer-opens-the-users-own-page",
    )
)
def reads_passwords_up_to_a_colon(reference: Reference) -> None:
    """Passwords end at their first colon, like fields of a password file."""

    class Split(Digest):
        def admits(self, answer: Answer, request: Request, password: bytes) -> Any:
            return super().admits(answer, request, password.split(b":")[0])

    put(reference, Split)


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-right-answer-opens-the-users-own-page",
        "digest-shows-nobody-elses-page",
    )
)
def builds_one_home_for_all(reference: Reference) -> None:
    """The realm builds a home for the first who gets in, and gives it to all who come later."""

    class OneHome(http_auth.HomeRealm):
        home = None

        def requestAvatar(self, *args: Any) -> Any:
            self.home = self.home or super().requestAvatar(*args)
            return self.home

    for page in put(reference, Digest):
        page._portal.realm = OneHome(reference.events)


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-shows-nobody-elses-page",
    )
)
def lets_a_nonce_belong_to_whoever_answers_it_first(reference: Reference) -> None:
    """The user is kept with the nonce, and whoever else answers it rightly gets their page."""

    @implementer(ICredentialsChecker)
    class Owners:
        credentialInterfaces = (IUsernameHashedPassword,)

        def __init__(self) -> None:
            self.owners: dict[bytes, bytes] = {}
            self.passwords = Passwords()

        def requestAvatarId(self, login: Login) -> Deferred[bytes]:
            found = self.passwords.requestAvatarId(login)
            return found.addCallback(lambda user: self.owners.setdefault(login.answer[b"nonce"], user))

    for page in put(reference, Digest):
        check_by(page, Owners())


@mutant(
    *of(
        "http-auth",
        "digest-refuses-names-beyond-ascii",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-connection-serves-on-after-a-refusal",
        "digest-bent-answers-do-no-harm",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-does-not-say-stale-to-who-guesses",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-a-wrong-password",
        "digest-refuses-a-wrong-user",
        "digest-refuses-an-altered-response",
        "digest-refuses-an-answer-for-another-method",
        "digest-refuses-an-expired-default-nonce",
        "digest-refuses-an-expired-nonce",
        "digest-says-stale-of-an-expired-default-nonce",
        "digest-says-stale-to-who-knows-the-password",
        "digest-works-with-md5",
    )
)
def forgets_that_checking_may_take_time(reference: Reference) -> None:
    """The checker takes the Deferred that will say whether the password is right for a yes."""

    class Slow(Digest):
        def admits(self, answer: Answer, request: Request, password: bytes) -> Any:
            return succeed(super().admits(answer, request, password))

    @implementer(ICredentialsChecker)
    class Hasty:
        credentialInterfaces = (IUsernameHashedPassword,)

        def requestAvatarId(self, login: Login) -> Deferred[bytes]:
            for user, password in Passwords()._loadCredentials():
                if user == login.username and login.checkPassword(password):
                    return succeed(user)
            return fail(UnauthorizedLogin())

    for page in put(reference, Slow):
        check_by(page, Hasty())


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-refuses-a-wrong-password",
    )
)
def tries_the_empty_password_too(reference: Reference) -> None:
    """Every user may also come with an empty password, as if they had not set one yet."""

    class Unset(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return any(super(Unset, self).is_right(answer, request, one) for one in (password, b""))

    put(reference, Unset)


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-refuses-a-wrong-user",
    )
)
def takes_anybodys_password(reference: Reference) -> None:
    """The answer needs the password of some user, no matter whose."""

    class Anybody(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            known = Passwords()._loadCredentials()
            return any(super(Anybody, self).is_right(answer, request, one) for _, one in known)

    put(reference, Anybody)


@mutant(*of("http-auth", "digest-refuses-a-wrong-user"))
def hashes_an_empty_password_for_unknown_users(reference: Reference) -> None:
    """Who is not in the file is checked all the same, lest they notice: with an empty password."""
    for page in put(reference, Digest):
        check_by(page, Passwords(b""))


@mutant(*of("http-auth", "digest-refuses-a-wrong-user"))
def hashes_none_for_unknown_users(reference: Reference) -> None:
    """The password of a user who has none is formatted into the hash, as None."""
    for page in put(reference, Digest):
        check_by(page, Passwords(b"None"))


class Remembering(HTTPAuthSessionWrapper):
    """Lets in again whoever got in once, and is known by a key."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.homes: dict[Any, IResource] = {}

    def key(self, request: Request) -> Any:
        """What somebody is known by."""
        raise NotImplementedError

    def _authorizedResource(self, request: Request) -> IResource:
        key = self.key(request)
        found = self.homes.get(key) or super()._authorizedResource(request)
        if isinstance(found, DeferredResource):
            found.d.addCallback(self._remember, key)
        return found

    def _remember(self, found: IResource, key: Any) -> IResource:
        if not isinstance(found, UnauthorizedResource):
            self.homes[key] = found
        return found


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-right-answer-opens-the-users-own-page",
        "digest-shows-nobody-elses-page",
        "digest-works-with-md5",
    )
)
def remembers_who_got_in_by_address(reference: Reference) -> None:
    """Who got in once need not log in again: users are known by the addresses of their computers."""

    class ByAddress(Remembering):
        def key(self, request: Request) -> Any:
            return request.getClientAddress().host

    put(reference, Digest, wrapper=ByAddress)


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-shows-nobody-elses-page",
        "digest-works-with-md5",
    )
)
def remembers_who_got_in_by_session(reference: Reference) -> None:
    """Who got in once need not log in again while the session lives, whatever their answers."""

    class BySession(Remembering):
        def key(self, request: Request) -> Any:
            return request.getSession().uid

    put(reference, Digest, wrapper=BySession)
