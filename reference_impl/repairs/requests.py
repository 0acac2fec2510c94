"""
Repairs to requests: sessions that a visit keeps alive, clients that have left, absolute-form targets.
"""

from __future__ import annotations

import re
from typing import Any, Tuple

from twisted.python.failure import Failure

from reference_impl.repairs import parts

# absolute-form, in its parts, without a fragment: RFC 9112 section 3.2.2.
ABSOLUTE = re.compile(rb"https?://([^/?#]*)(/[^?#]*)?(\?[^#]*)?", re.IGNORECASE)


class Request(parts.Request):
    """
    Twisted's request; `gone` is whether its client left before the answer's end.
    """

    gone = False

    def getSession(self, *args: Any, **kwargs: Any) -> Any:
        """
        The visitor's session, which this visit keeps active ("Keep visiting it to keep your session active").

        Seen on 18.9 to 26.10 with a session of 5 s: visits at 0, 3 and 6 s, and the third had a new ID.
        """
        session = super().getSession(*args, **kwargs)
        session.touch()
        return session

    def connectionLost(self, reason: Failure) -> None:
        self.gone = True
        super().connectionLost(reason)

    # Whatever is still said to a client that left is dropped.
    #
    # Seen on 18.9 to 26.10: GET /asynchronous, leave after 1 s; at 5 s "Unhandled Error ... RuntimeError:
    # Request.finish called on a request after its connection was lost" in the log.
    # Seen on 18.9: the same with "AttributeError: 'NoneType' object has no attribute 'writeHeaders'" (pages),
    # 'writeSequence' (WSGI, which then skips close()) and 'unregisterProducer' (CGI).

    def write(self, data: bytes) -> None:
        if not self.gone:
            super().write(data)

    def unregisterProducer(self) -> None:
        if not self.gone:
            super().unregisterProducer()

    def finish(self) -> None:
        if not self.gone:
            super().finish()

    def getRequestHostname(self) -> Any:
        """
        The host that the client asked for, bytes; the server's own address if it named none.

        Seen on 26.10: with an empty `Host:` CGI and WSGI got an empty SERVER_NAME (RFC 3875 section 4.1.14 wants a
        name or an address, PEP 3333 says "can never be empty strings").
        """
        return super().getRequestHostname() or self.getHost().host.encode("ascii")

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """
        Takes an absolute-form target for the path that it names (RFC 9112 section 3.2.2: a server MUST accept it).

        Seen on 18.9 to 26.10: `GET http://127.0.0.1/ping HTTP/1.1`, and 404 came.
        """
        authority, path = split_target(path)
        if authority:
            self.requestHeaders.setRawHeaders(b"host", [authority])
        super().requestReceived(command, path, version)


def split_target(target: bytes) -> Tuple[bytes, bytes]:
    """
    The authority (empty in origin-form) and the path with its query.
    """
    found = ABSOLUTE.match(target)
    if found is None:
        return b"", target
    authority, path, query = found.groups()
    return authority, (path or b"/") + (query or b"")
