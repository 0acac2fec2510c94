"""
Basic by RFC 7617, right, and in steps so small that each can be got wrong by itself.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request

from reference_impl import http_auth
from tests.mutants import Reference

OFFER = b'Basic realm="web60"'
USERS = {b"alice": b"secret", b"bob": b"pass:word"}


class Guard(Resource):
    """A page behind Basic without Twisted's guard, and right; what it is given by name, it does instead."""

    isLeaf = True  # noqa: N815 - Twisted's name
    users: Mapping[bytes, bytes] = MappingProxyType(USERS)
    offer = OFFER

    def __init__(self, **instead: Any) -> None:
        super().__init__()
        vars(self).update(instead)

    def render(self, request: Request) -> Any:
        """The user's home, or a challenge; 500 for what nobody has thought of."""
        try:
            return self.answer(request, request.getHeader(b"authorization"))
        except Exception:  # noqa: BLE001 - that is what a server has to catch
            request.setResponseCode(500)
            return b"Internal Server Error\n"

    def answer(self, request: Request, field: bytes | None) -> Any:
        """The answer to a request with this Authorization, or without any."""
        if field is None:
            return self.asked(request)
        login = self.login(field)
        return self.home(request, login[0]) if login and self.admits(*login) else self.refused(request)

    def login(self, field: bytes) -> tuple[bytes, bytes] | None:
        """User and password of a field."""
        scheme, _, encoded = field.partition(b" ")
        return self.read(encoded) if scheme.lower() == b"basic" else None

    def read(self, encoded: bytes) -> tuple[bytes, bytes] | None:
        """User and password of what stands behind the scheme."""
        try:
            return self.split(b64decode(encoded, validate=True))
        except binascii.Error:
            return None

    def split(self, decoded: bytes) -> tuple[bytes, bytes] | None:
        """User and password of what was encoded."""
        user, colon, password = decoded.partition(b":")
        return (user, password) if colon else None

    def admits(self, user: bytes, password: bytes) -> bool:
        """Whether they belong together."""
        return user in self.users and self.same(password, self.users[user])

    def same(self, given: bytes, kept: bytes) -> bool:
        """Whether a password is the one that is kept."""
        return given == kept

    def home(self, request: Request, user: bytes) -> Any:
        """What a user sees."""
        return http_auth.Home(user.decode()).render(request)

    def asked(self, request: Request) -> Any:
        """The answer to who sends no credentials."""
        return challenge(request, offer=self.offer)

    def refused(self, request: Request) -> Any:
        """The answer to who sends wrong ones."""
        return challenge(request, offer=self.offer)


def challenge(request: Request, status: int = 401, offer: bytes = OFFER) -> bytes:
    """A refusal."""
    request.setResponseCode(status)
    request.setHeader(b"www-authenticate", offer)
    return b"Unauthorized\n"


def put(reference: Reference, page: Resource) -> None:
    """Put a page in place of the one behind Basic."""
    reference.page(b"auth").putChild(b"basic", page)
