"""
WSGI: applications that may block, in the threads of a pool.
"""

from __future__ import annotations

import importlib.util
from typing import Any, Callable, Dict, Iterable, List

Environ = Dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def hello(environ: Environ, start_response: StartResponse) -> List[bytes]:
    """
    The tutorial's application: the same greeting for every URL.
    """
    start_response("200 OK", [("Content-type", "text/plain")])
    return [b"Hello, world!"]


def load(path: str) -> Application:
    """
    The object named `application` in the Python file at `path`, which is executed anew by every call.
    """
    spec = importlib.util.spec_from_file_location("web60_application", path)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python file: %s" % (path,))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    application: Application = module.application
    return application
