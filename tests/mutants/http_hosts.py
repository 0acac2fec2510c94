"""
Hosts: requests that do not say once, and properly, whom they are meant for, and are answered.
"""

from __future__ import annotations

import re
from typing import Any

from reference_impl.repairs import framing
from tests.mutants import Reference, mutant, of
from tests.mutants._framing import channel, reads, requests


def excused(reference: Reference, problem: str) -> None:
    """Requests with this problem have none."""

    def process(self: Any) -> None:
        if self.problem == problem:
            self.problem = None
        framing.Request.process(self)

    requests(reference, process=process)


@mutant(*of("http", "host-has-no-case"))
def compares_host_as_it_comes(reference: Reference) -> None:
    """A Host in capital letters is not known."""
    reads(reference, rb"^(?-i:HOST):", b"X-Host:")


@mutant(*of("http", "a-request-with-two-hosts-is-refused", "host-has-no-case"))
def wants_host_first(reference: Reference) -> None:
    """A Host behind another field is not known."""

    def line_received(self: Any, line: bytes) -> Any:
        first, self.first = self.first, line.endswith(b" HTTP/1.1")
        late = not first and line.lower().startswith(b"host:")
        return super(self.__class__, self).lineReceived(b"X-" + line if late else line)

    channel(reference, first=False, lineReceived=line_received)


@mutant(*of("http", "a-request-without-host-is-refused"))
def takes_itself_for_the_host(reference: Reference) -> None:
    """A request without Host is meant for whoever gets it, as in Twisted up to 26.10."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        if not self.requestHeaders.hasHeader(b"host"):
            self.requestHeaders.setRawHeaders(b"host", [b""])
        framing.Request.requestReceived(self, command, path, version)

    requests(reference, requestReceived=request_received)


@mutant(*of("http", "a-request-without-host-is-refused"))
def takes_the_host_of_the_target(reference: Reference) -> None:
    """Where the target is a whole URI no Host is wanted."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        if re.match(rb"https?://", path) and not self.requestHeaders.hasHeader(b"host"):
            self.requestHeaders.setRawHeaders(b"host", [b""])
        framing.Request.requestReceived(self, command, path, version)

    requests(reference, requestReceived=request_received)


def one_host(reference: Reference, which: int) -> None:
    """Of several hosts this one counts."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        hosts = self.requestHeaders.getRawHeaders(b"host") or []
        if hosts:
            self.requestHeaders.setRawHeaders(b"host", [hosts[which]])
        framing.Request.requestReceived(self, command, path, version)

    requests(reference, requestReceived=request_received)


@mutant(*of("http", "a-request-with-two-hosts-is-refused"))
def takes_the_first_host(reference: Reference) -> None:
    """Of several hosts the first counts."""
    one_host(reference, 0)


@mutant(*of("http", "a-request-with-two-hosts-is-refused"))
def takes_a_host_said_twice_alike(reference: Reference) -> None:
    """The same host twice is that host."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        hosts = self.requestHeaders.getRawHeaders(b"host") or []
        if len(hosts) > 1 and len(set(hosts)) == 1:
            self.requestHeaders.setRawHeaders(b"host", hosts[:1])
        framing.Request.requestReceived(self, command, path, version)

    requests(reference, requestReceived=request_received)


@mutant(*of("http", "a-host-that-is-none-is-refused"))
def takes_any_host(reference: Reference) -> None:
    """A host is whatever it is, as in Twisted up to 26.10."""
    excused(reference, "not a Host")


@mutant(*of("http", "a-host-that-is-none-is-refused"))
def takes_any_port(reference: Reference) -> None:
    """Of a host what stands behind the first colon is not looked at."""
    reads(reference, rb"^(host: *[\w.]+):[^\d].*$", rb"\1")


@mutant(*of("http", "the-authority-of-an-absolute-target-counts"))
def compares_the_host_with_the_target(reference: Reference) -> None:
    """Where the target is a whole URI its authority and the Host have to be the same."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        whole = re.match(rb"(?i)https?://([^/?#]*)", path)
        hosts = self.requestHeaders.getRawHeaders(b"host") or []
        if whole and hosts and hosts[0] != whole[1]:
            self.requestHeaders.addRawHeader(b"host", b"another")
        framing.Request.requestReceived(self, command, path, version)

    requests(reference, requestReceived=request_received)
