"""
Serve one hostile target: `python -m tests.hostile answers:never --port 8080`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any

from twisted.internet import reactor as installed
from twisted.python import log

from tests.hostile import Hostile


def main() -> int:
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", metavar="MODULE:NAME")
    parser.add_argument("--port", type=int, default=8080)
    given = parser.parse_args()
    module, _, name = given.name.partition(":")
    target: Hostile = getattr(importlib.import_module(f"tests.hostile.{module}"), name)
    reactor: Any = installed
    log.startLogging(sys.stderr, setStdout=False)
    scene = target.start(reactor, given.port)
    if scene.serves:
        reactor.listenTCP(given.port, scene.site, interface="127.0.0.1")
    reactor.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
