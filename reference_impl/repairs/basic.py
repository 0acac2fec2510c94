"""
A repair to basic authentication (RFC 7617): credentials that are not base64 are not guessed at.
"""

from __future__ import annotations

import re

from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import LoginFailed
from twisted.web import guard
from twisted.web.server import Request

# Padding is left to the client: servers differ about it, and nothing depends on it.
BASE64 = re.compile(rb" *[A-Za-z0-9+/]+={0,2} *")


class BasicFactory(guard.BasicCredentialFactory):
    """
    Twisted's factory, for the base64 alphabet only.

    Seen on 18.9 to 26.10: `Authorization: Basic YWxpY!2U6c2VjcmV0` (alice:secret with a `!` inside), and 200 came;
    RFC 4648 section 3.3: "Implementations MUST reject the encoded data".
    """

    def decode(self, response: bytes, request: Request) -> UsernamePassword:
        if not BASE64.fullmatch(response):
            raise LoginFailed("not base64")
        credentials: UsernamePassword = super().decode(response, request)
        return credentials
