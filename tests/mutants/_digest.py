"""
Digest by RFC 7616, right, and in steps so small that each can be got wrong by itself.

Where Twisted puts all that a nonce is into its opaque, this one has a table of nonces, refuses replays, and knows
more algorithms than MD5.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import hashlib
import re
from binascii import hexlify
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from twisted.cred.checkers import FilePasswordDB, ICredentialsChecker
from twisted.cred.credentials import IUsernameHashedPassword
from twisted.cred.error import LoginFailed
from twisted.cred.portal import Portal
from twisted.python.randbytes import secureRandom
from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.iweb import ICredentialFactory
from twisted.web.server import Request
from zope.interface import implementer

from reference_impl import http_auth, site
from reference_impl.repairs import digest
from tests.mutants import Reference

Answer = dict[bytes, bytes]

HASHES = {b"MD5": hashlib.md5, b"SHA": hashlib.sha1, b"SHA-256": hashlib.sha256}

TEXT = re.compile(rb"[^\r\n]+")
FORMS = {
    **dict.fromkeys((b"username", b"realm", b"nonce", b"uri", b"cnonce"), TEXT),
    b"response": re.compile(rb"[0-9a-f]+"),
    b"qop": re.compile(rb"auth"),
    b"nc": re.compile(rb"[0-9a-f]{8}"),
}


def but(**forms: bytes) -> dict[bytes, re.Pattern[bytes]]:
    """The forms of parameters, but for these."""
    return {**FORMS, **{name.encode(): re.compile(form) for name, form in forms.items()}}


@implementer(IUsernameHashedPassword)
class Login:
    """An answer to a challenge, to be compared with what the user's password makes of it."""

    def __init__(self, factory: Digest, answer: Answer, request: Request) -> None:
        self.username = answer[b"username"]
        self.answer = answer
        self._factory, self._request = factory, request

    def checkPassword(self, password: bytes) -> Any:
        """Whether it lets the user in."""
        return self._factory.admits(self.answer, self._request, password)


@implementer(ICredentialFactory)
class Digest:
    """Gives challenges for one algorithm, and takes answers to them."""

    scheme = b"digest"
    realm = http_auth.REALM
    algorithm = b"MD5"
    forms = FORMS

    def __init__(self, reactor: Any, lifetime: float) -> None:
        self.now: Callable[[], float] = reactor.seconds
        self.lifetime = lifetime
        self.opaque = hexlify(secureRandom(16))
        self.born: dict[bytes, float] = {}
        self.counts: dict[bytes, set[bytes]] = defaultdict(set)
        self.stale: WeakSet[Request] = WeakSet()
        self.given: dict[bytes, str] = {}

    def getChallenge(self, request: Request) -> dict[str, bytes]:
        """A new challenge; stale, if the answer that came was right but for its nonce."""
        challenge = {
            "realm": self.realm,
            "nonce": self.new_nonce(request),
            "opaque": self.opaque,
            "qop": b"auth",
            "algorithm": self.algorithm,
        }
        self.given[challenge["nonce"]] = self.address(request)
        return {**challenge, "stale": b"true"} if request in self.stale else challenge

    def new_nonce(self, request: Request) -> bytes:
        """A nonce that begins to live."""
        nonce = hexlify(secureRandom(16))
        self.born[nonce] = self.now()
        return nonce

    def decode(self, response: bytes, request: Request) -> Login:
        """The answer, well-formed and to a challenge of ours for this target."""
        answer = self.read(response)
        self.refuse_malformed(answer)
        self.refuse_foreign(answer, request)
        here = self.address(request)
        refuse(self.given.get(answer[b"nonce"], here) != here)
        return Login(self, answer, request)

    def address(self, request: Request) -> str:
        """Where a request comes from, which is where its challenge must have gone to."""
        host: str = request.getClientAddress().host
        return host

    def read(self, response: bytes) -> Answer:
        """The parameters by name."""
        return digest.parse(response)

    def refuse_malformed(self, answer: Answer) -> None:
        """Refuse what is incomplete or no answer."""
        refuse(any(not form.fullmatch(answer.get(name, b"")) for name, form in self.forms.items()))
        refuse(answer.get(b"algorithm", b"MD5").upper() != self.algorithm.upper())

    def refuse_foreign(self, answer: Answer, request: Request) -> None:
        """Refuse the answer to a challenge that is not ours, or for another target."""
        refuse(answer[b"realm"] != self.realm)
        refuse(not self.is_target(answer[b"uri"], request.uri))
        refuse(answer[b"nonce"] not in self.born)
        refuse(answer.get(b"opaque") != self.opaque)

    def is_target(self, uri: bytes, target: bytes) -> bool:
        """Whether the answer's `uri` is the target of its request."""
        return uri == target

    def admits(self, answer: Answer, request: Request, password: bytes) -> Any:
        """Whether the answer is right, and not too late, and not used before."""
        if not self.is_right(answer, request, password):
            return False
        if self.is_old(answer, request):
            self.stale.add(request)
            return False
        return self.is_unused(answer)

    def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
        """Whether only this password makes this response."""
        return self.expected(answer, request.method, password) == answer[b"response"]

    def is_old(self, answer: Answer, request: Request) -> bool:
        """Whether the nonce's life is over."""
        return self.now() - self.born[answer[b"nonce"]] >= self.lifetime

    def is_unused(self, answer: Answer) -> bool:
        """Whether this count is used for the first time; from now on it is used."""
        counts = self.counts[answer[b"nonce"]]
        is_unused = answer[b"nc"] not in counts
        counts.add(answer[b"nc"])
        return is_unused

    def expected(self, answer: Answer, method: bytes, password: bytes) -> bytes:
        """The response that this password makes."""
        between = (answer[name] for name in (b"nonce", b"nc", b"cnonce", b"qop"))
        asked = self.hash(method, answer[b"uri"])
        return self.hash(self.secret(answer, password), *between, asked)

    def secret(self, answer: Answer, password: bytes) -> bytes:
        """H(A1): of the user, and for "-sess" of the session too."""
        secret = self.hash(answer[b"username"], self.realm, password)
        if self.algorithm.upper().endswith(b"-SESS"):
            return self.hash(secret, answer[b"nonce"], answer[b"cnonce"])
        return secret

    def hash(self, *parts: bytes) -> bytes:
        """H of these parts and colons, in hexadecimal digits."""
        return hexlify(HASHES[self.algorithm.upper().removesuffix(b"-SESS")](b":".join(parts)).digest())


def refuse(wrong: object) -> None:
    """Refuse an answer, if that is so."""
    if wrong:
        raise LoginFailed("refused")


class Passwords(FilePasswordDB):
    """The reference's users with their passwords, and the password that is everybody else's, if there is one."""

    def __init__(self, everybody_elses: bytes | None = None) -> None:
        super().__init__(http_auth.PASSWORDS, delim=b" ")
        self.everybody_elses = everybody_elses

    def getUser(self, username: bytes) -> tuple[bytes, bytes]:
        """The user and their password."""
        try:
            return super().getUser(username)
        except KeyError:
            if self.everybody_elses is None:
                raise
            return username, self.everybody_elses


def put(
    reference: Reference,
    *makes: Callable[[Any, float], Any],
    wrapper: type[HTTPAuthSessionWrapper] = HTTPAuthSessionWrapper,
) -> list[HTTPAuthSessionWrapper]:
    """Put both pages behind factories of these kinds, made of a reactor and the lifetime of nonces."""
    lifetimes = {b"digest": site.TWISTED_NONCE_LIFETIME, b"digest-short": reference.settings.nonce_lifetime}
    pages = []
    for name, lifetime in lifetimes.items():
        portal = Portal(http_auth.HomeRealm(reference.events), [Passwords()])
        pages.append(wrapper(portal, [make(reference.reactor, lifetime) for make in makes]))
        reference.page(b"auth").putChild(name, pages[-1])
    return pages


def check_by(page: HTTPAuthSessionWrapper, checker: ICredentialsChecker) -> None:
    """Let this checker say who gets in."""
    page._portal.checkers.clear()
    page._portal.registerChecker(checker)
