"""
How connections to a target are opened.
"""

from __future__ import annotations

from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint

from harness.addresses import Address

#: Seconds until a connection must be open.  Loopback takes microseconds; a full backlog retries after 1 and 3 s.
CONNECT_WITHIN = 8.0


class Dialer(Protocol):
    """How connections to a target are opened."""

    @property
    def address(self) -> Address:
        """Where the target is."""

    def dial(self, factory: IProtocolFactory, source: str | None = None) -> Deferred[Any]:
        """The factory's protocol once it is connected, from our address `source` if given."""


@frozen
class SocketDialer:
    """Opens real connections; `tls` is a context factory for https, None for http."""

    reactor: Any
    address: Address
    tls: Any = None

    def dial(self, factory: IProtocolFactory, source: str | None = None) -> Deferred[Any]:
        """See `Dialer.dial`."""
        host, port = self.address.host, self.address.port
        bind = (source, 0) if source else None
        endpoint: IStreamClientEndpoint
        if host.replace(".", "").isdigit():
            endpoint = TCP4ClientEndpoint(self.reactor, host, port, CONNECT_WITHIN, bind)
        elif ":" in host:
            endpoint = TCP6ClientEndpoint(self.reactor, host, port, CONNECT_WITHIN, bind)
        else:
            endpoint = HostnameEndpoint(self.reactor, host, port, CONNECT_WITHIN, bind)
        if self.tls is not None:
            endpoint = wrapClientTLS(self.tls, endpoint)
        return endpoint.connect(factory)
