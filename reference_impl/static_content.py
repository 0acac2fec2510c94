"""
Static content: a directory of files.
"""

from __future__ import annotations

from typing import Type

from twisted.web.static import File


def page(directory: str, file: Type[File] = File) -> File:
    """
    The files of `directory`, under the names that they have there; each is made a `file`.
    """
    return file(directory)
