"""
Worlds of virtual time: a server and its clients in this process, with a clock that jumps to whatever is next.
"""

from harness.worlds.clock import WorldClock
from harness.worlds.dialer import WorldDialer
from harness.worlds.reactor import World

__all__ = ["World", "WorldClock", "WorldDialer"]
