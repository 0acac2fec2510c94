"""
Serves the reference: `python -m reference_impl --port 0`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from typing import Any, List, Optional

from reference_impl.settings import TUTORIAL, Settings

GRACE = 0.5  # seconds for busy threads to come to an end after the reactor was told to stop


def parser() -> argparse.ArgumentParser:
    """
    The options; seconds may be fractions.
    """
    options = argparse.ArgumentParser(prog="python -m reference_impl", description=__doc__)
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    options.add_argument("--port", type=int, default=0, help="TCP port, 0 for a free one (default: %(default)s)")
    options.add_argument("--threads", type=int, default=10, help="WSGI calls side by side (default: %(default)s)")
    for name in ("delay", "idle", "after", "nonce_lifetime"):
        options.add_argument(
            "--" + name.replace("_", "-"),
            type=float,
            default=getattr(TUTORIAL, name),
            metavar="SECONDS",
            help="default: %(default)s",
        )
    options.add_argument("--assets", default="", metavar="DIR", help="the scripts and the application to host")
    options.add_argument("--literal", action="store_true", help="the tutorial as printed, without repairs")
    return options


def main(arguments: Optional[List[str]] = None) -> int:
    """
    Serves until SIGTERM or SIGINT; 0 then, 1 if the port cannot be had.
    """
    given = parser().parse_args(arguments)

    from twisted.internet import reactor as installed
    from twisted.internet.error import CannotListenError
    from twisted.python import log

    from reference_impl.site import build

    # `#!/usr/bin/env python3` shall find the Python that serves, and no launcher that takes five times as long.
    os.environ["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)))
    reactor: Any = installed
    settings = Settings(**{name: getattr(given, name) for name in Settings._fields})
    reactor.suggestThreadPoolSize(given.threads)
    try:
        port = reactor.listenTCP(given.port, build(reactor, settings), interface=given.host)
    except CannotListenError as error:
        sys.stderr.write("reference_impl: %s\n" % (error,))
        return 1

    log.startLogging(sys.stderr, setStdout=False)
    reactor.addSystemEventTrigger("before", "shutdown", _end_what_lingers)
    address = port.getHost()
    host = "[%s]" % (address.host,) if ":" in address.host else address.host
    ready = json.dumps({"url": "http://%s:%d/" % (host, address.port)})
    reactor.callWhenRunning(print, ready, flush=True)
    reactor.run()
    return 0


def _end_what_lingers() -> None:
    """
    Kills the CGI scripts that still run, and sees to it that no thread keeps the process alive beyond `GRACE`.
    """
    from twisted.internet.error import ProcessExitedAlready
    from twisted.internet.process import reapProcessHandlers

    for process in list(reapProcessHandlers.values()):
        try:
            process.signalProcess("KILL")
        except ProcessExitedAlready:
            continue
    # A thread cannot be stopped from outside, and the reactor joins its pool: a WSGI call that sleeps for a
    # minute would hold the process for that minute.
    threading.Thread(target=_exit_soon, daemon=True).start()


def _exit_soon() -> None:
    from reference_impl.events import forget_file

    time.sleep(GRACE)
    forget_file(os.environ.get("WEB60_EVENTS", ""))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
