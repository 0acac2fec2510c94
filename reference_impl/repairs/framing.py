"""
Repairs to what is refused: requests whose Host, target or framing RFC 9112 does not allow.

Seen on 18.9 to 26.10 (POST of "hello" to /echo, one line wrong):
no Host at all, `Host:` twice, `Host: a/b`: 200 (section 3.2 wants 400);
`POST xecho HTTP/1.1`: the page of /echo, whatever the first character is;
`POST /echo?<DEL> HTTP/1.1`: 200;
`Transfer-Encoding: identity`: taken for none, so that the body is the next request (section 6.3 wants 400).
"""

from __future__ import annotations

import re
from typing import Any, Optional, Sequence

from twisted.web.http import BAD_REQUEST

from reference_impl.repairs import requests

# uri-host [ ":" port ]: RFC 9110 section 7.2, RFC 3986 section 3.2.2.
HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?")

# origin-form, asterisk-form, and absolute-form, whose authority is a group.
TARGET = re.compile(rb"(?:/|[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*))[^\x00-\x20\x7f]*|\*")


class Request(requests.Request):
    """
    A request that answers itself with 400, and is the last on its connection, where it has to be refused.
    """

    problem: Optional[str] = None

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        hosts = self.requestHeaders.getRawHeaders(b"host") or []
        codings = self.requestHeaders.getRawHeaders(b"transfer-encoding") or []
        self.problem = why_not(path, version, hosts, codings)
        super().requestReceived(command, path, version)

    def process(self) -> None:
        if self.problem is None:
            super().process()
            return
        # What follows may be the body of this one.
        channel: Any = self.channel
        channel.persistent = False
        body = self.problem.encode("ascii") + b"\n"
        self.setResponseCode(BAD_REQUEST)
        self.setHeader(b"connection", b"close")
        self.setHeader(b"content-type", b"text/plain")
        self.setHeader(b"content-length", b"%d" % len(body))
        self.write(body)
        self.finish()


def why_not(target: bytes, version: bytes, hosts: Sequence[bytes], codings: Sequence[bytes]) -> Optional[str]:
    """
    Why a request cannot be taken, None if it can.
    """
    found = TARGET.fullmatch(target)
    if found is None or not HOST.fullmatch((found.group(1) or b"").rpartition(b"@")[2]):
        return "not a request target"
    if len(hosts) > 1 or (not hosts and version == b"HTTP/1.1"):
        return "not one Host"
    if any(not HOST.fullmatch(host) for host in hosts):
        return "not a Host"
    if codings and codings[-1].lower() != b"chunked":
        return "no transfer coding that tells the end"
    return None
