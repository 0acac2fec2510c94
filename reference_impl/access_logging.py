"""
Access logging: every request leaves a line in the combined log format, which `Site` writes.
"""

from __future__ import annotations

from twisted.web.static import Data


def page() -> Data:
    """
    A page that is there to be asked for: the log is the site's.
    """
    return Data(b"This visit has been logged.\n", "text/plain")
