"""
Repairs to digest authentication (RFC 7616): malformed answers are refused, and so are borrowed ones.

Seen on 18.9 to 26.10, each with an otherwise right answer to a fresh challenge:
without `uri`, with algorithm=FOO, with qop=auth-int, with an opaque that is not base64: 500;
another `uri` than the target, a foreign `realm`, an opaque with a `!` inside: 200;
an expired nonce with the right password: 401 without `stale`.
"""

from __future__ import annotations

import base64
import re
import weakref
from typing import Any, Dict

from twisted.cred.credentials import DigestCredentialFactory, IUsernameHashedPassword
from twisted.cred.error import LoginFailed
from twisted.internet.interfaces import IReactorTime
from twisted.web import guard
from twisted.web.server import Request
from zope.interface import implementer

from reference_impl import http_auth
from reference_impl.repairs.requests import split_target

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PARAMETER = re.compile(rb'(%s)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(%s))\s*(?:,|$)' % (TOKEN, TOKEN), re.DOTALL)
SEPARATORS = b" \t\r\n,"  # several in a row too: lists may have empty elements (RFC 9110 section 5.6.1)

# What each parameter has to look like; a missing one is taken for empty.
EXPECTED = {
    b"username": re.compile(rb'[^"\\\r\n]+'),
    b"nonce": re.compile(rb"[0-9a-f]+"),
    b"opaque": re.compile(rb"[0-9a-f]{32}-[0-9A-Za-z+/=]+"),
    b"uri": re.compile(rb"[\x21\x23-\x5b\x5d-\x7e]+"),
    b"response": re.compile(rb"[0-9a-f]{32}"),
    b"algorithm": re.compile(rb"(?i:md5)?"),
}
WITH_QOP = {
    b"qop": re.compile(rb"auth"),
    b"nc": re.compile(rb"[0-9a-fA-F]{8}"),
    b"cnonce": re.compile(rb'[^"\\\r\n]+'),
}
# RFC 2069 clients send none of the three.
WITHOUT_QOP = dict.fromkeys(WITH_QOP, re.compile(rb""))


def parse(response: bytes) -> Dict[bytes, bytes]:
    """
    The parameters of a digest answer, names in lower case.  Raises LoginFailed for any other bytes.
    """
    fields: Dict[bytes, bytes] = {}
    rest = response.lstrip(SEPARATORS)
    while rest:
        found = PARAMETER.match(rest)
        if found is None or found.group(1).lower() in fields:
            raise LoginFailed("malformed, or a parameter given twice")
        name, quoted, bare = found.groups()
        fields[name.lower()] = re.sub(rb"(?s)\\(.)", rb"\1", quoted) if bare is None else bare
        rest = rest[found.end() :].lstrip(SEPARATORS)
    return fields


class Timeless(DigestCredentialFactory):
    """
    Knows the challenges of the same private key, however old they are.
    """

    def _getTime(self) -> float:
        return 0


@implementer(IUsernameHashedPassword)
class Expired:
    """
    Credentials that are never right; if the password is, the request's next challenge says `stale`.
    """

    def __init__(self, credentials: IUsernameHashedPassword, request: Request, stale: weakref.WeakSet[Request]) -> None:
        self.username = credentials.username
        self._credentials = credentials
        self._request = request
        self._stale = stale

    def checkPassword(self, password: bytes) -> bool:
        """
        False; what the credentials themselves would have said is remembered.
        """
        if self._credentials.checkPassword(password):
            self._stale.add(self._request)
        return False


class DigestFactory(guard.DigestCredentialFactory):
    """
    Twisted's factory behind a strict reader, for one realm and MD5.
    """

    def __init__(self, reactor: IReactorTime, lifetime: float) -> None:
        super().__init__(b"md5", http_auth.REALM)
        self.digest = http_auth.TimedDigest(reactor, lifetime)
        self._timeless = Timeless(b"md5", http_auth.REALM)
        self._timeless.privateKey = self.digest.privateKey
        self._stale: weakref.WeakSet[Request] = weakref.WeakSet()

    def getChallenge(self, request: Request) -> Dict[str, bytes]:
        """
        A fresh challenge, which says whether the password was right and only the nonce too old.
        """
        challenge: Dict[str, bytes] = super().getChallenge(request)
        if request in self._stale:
            challenge["stale"] = b"true"
        return challenge

    def decode(self, response: bytes, request: Request) -> Any:
        """
        Credentials for the checker of passwords.  Raises LoginFailed, and nothing else, for an answer to refuse.
        """
        fields = parse(response)
        self._refuse_malformed(fields)
        if fields.get(b"realm") != http_auth.REALM:
            raise LoginFailed("an answer for another realm")
        if split_target(fields[b"uri"])[1] != split_target(request.uri)[1]:
            raise LoginFailed("an answer for another target")
        # Twisted parses again; it is given what was understood here, so that both read the same.
        canonical = b", ".join(b'%s="%s"' % (name, fields[name]) for name in (*EXPECTED, *WITH_QOP) if name in fields)
        known = self._timeless.decode(canonical, request.method, request.getClientAddress().host)
        try:
            return super().decode(canonical, request)
        except LoginFailed:  # known, so only too old
            return Expired(known, request, self._stale)

    def _refuse_malformed(self, fields: Dict[bytes, bytes]) -> None:
        rules = {**EXPECTED, **(WITH_QOP if b"qop" in fields else WITHOUT_QOP)}
        for name, rule in rules.items():
            if not rule.fullmatch(fields.get(name, b"")):
                raise LoginFailed("%s is missing or malformed" % (name.decode("ascii"),))
        # Twisted decodes base64 leniently: other bytes would come to the same opaque.
        encoded = fields[b"opaque"].split(b"-")[1]
        try:
            canonical = base64.b64encode(base64.b64decode(encoded, validate=True))
        except ValueError:
            canonical = b""
        if canonical != encoded:
            raise LoginFailed("opaque is not base64")
