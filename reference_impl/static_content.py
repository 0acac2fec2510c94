"""
Static content: a directory of files.
"""

from __future__ import annotations

from twisted.web.static import File


def page(directory: str) -> File:
    """
    The files of `directory`, under the names that they have there.
    """
    return File(directory)
