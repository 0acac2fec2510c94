"""
How a spec reaches the server in its world.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory

from harness.addresses import Address
from harness.worlds.reactor import World


@frozen
class WorldDialer:
    """Opens connections in memory; see `harness.dialers.Dialer`."""

    world: World
    address: Address

    def dial(self, factory: IProtocolFactory, source: str | None = None) -> Deferred[Any]:
        """See `Dialer.dial`."""
        return self.world.dial(self.address.host, self.address.port, factory, source)
