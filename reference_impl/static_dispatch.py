"""
Static dispatch: what stands at which URL is said once, when the server is put together.
"""

from __future__ import annotations

import os

from twisted.web.resource import Resource
from twisted.web.static import File

NAMES = ("foo", "bar", "baz")


def page(directory: str) -> Resource:
    """
    Three directories at three URLs, each the one of its name in `directory`.
    """
    root = Resource()
    for name in NAMES:
        root.putChild(name.encode("ascii"), File(os.path.join(directory, name)))
    return root
