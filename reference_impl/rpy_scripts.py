"""
rpy scripts: a directory whose `.rpy` files are executed for every request, as `twistd web --path` does.
"""

from __future__ import annotations

from twisted.web.script import ResourceScript
from twisted.web.static import File


def page(directory: str) -> File:
    """
    Serves `directory` with the processor that `twistd web --path` sets up for `.rpy`.
    """
    resource = File(directory)
    resource.processors = {".rpy": ResourceScript}
    return resource
