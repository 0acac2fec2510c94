"""
Static dispatch: what stands at which URL is said once, when the server is put together.
"""

from __future__ import annotations

import os
from typing import Type

from twisted.web.resource import Resource
from twisted.web.static import File

NAMES = ("foo", "bar", "baz")


def page(directory: str, file: Type[File] = File) -> Resource:
    """
    Three directories at three URLs, each the one of its name in `directory`; each file is made a `file`.
    """
    root = Resource()
    for name in NAMES:
        root.putChild(name.encode("ascii"), file(os.path.join(directory, name)))
    return root
