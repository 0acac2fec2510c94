"""
CGI: a directory of executables, and one of scripts that an interpreter runs.
"""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Dict

from twisted.web.resource import Resource
from twisted.web.server import Request
from twisted.web.static import File

# What runs a script that is not executable itself, by the end of its name.
FILTERS: Dict[str, str] = {".sh": "/bin/sh", ".py": sys.executable}

MakeScript = Callable[..., Any]


class Scripts(Resource):
    """
    One CGI script per file of `directory`: looked up at every request, never listed, never served as source.

    `make(path, reactor=reactor)` gives the resource that runs the script, CGIScript for example.
    """

    def __init__(self, directory: str, make: MakeScript, reactor: object) -> None:
        super().__init__()
        self._directory = directory
        self._make = make
        self._reactor = reactor

    def getChild(self, path: bytes, request: Request) -> Any:
        # Only a name that the directory itself tells is opened, so no path leads out of it.
        for name in os.listdir(self._directory) if os.path.isdir(self._directory) else ():
            script = os.path.join(self._directory, name)
            if os.fsencode(name) == path and os.path.isfile(script):
                return self._script(script)
        return File.childNotFound

    def _script(self, path: str) -> Any:
        return self._make(path, reactor=self._reactor)


class FilteredScripts(Scripts):
    """
    The same for FilteredScript, with the interpreter from `FILTERS`; files of other kinds do not exist.
    """

    def _script(self, path: str) -> Any:
        interpreter = FILTERS.get(os.path.splitext(path)[1])
        if interpreter is None:
            return File.childNotFound
        resource = super()._script(path)
        resource.filter = interpreter
        return resource
