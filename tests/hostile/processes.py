"""
Targets whose process is hostile: dies, restarts, hangs, will not end, leaves children, never gets ready.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from twisted.internet.protocol import Factory, Protocol

from harness.verdicts import Exit
from tests.hostile import Scene, hostile

#: Seconds after the first request for the page until it happens: the honest ones are over by then.
LATER = 2.5

SLEEPER = ("sleep", "600")


@hostile(asked=("asynchronous",), because="reset|closed|refused|no connection")
def dies(scene: Scene) -> None:
    """The process ends in the middle of the run."""
    scene.on_request(b"asynchronous", lambda: scene.reactor.callLater(LATER, os._exit, 7))


@hostile(asked=("asynchronous",), because="reset|closed|refused|no connection")
def restarts(scene: Scene) -> None:
    """The process begins anew in the middle of the run."""
    again = [sys.executable, "-m", "tests.hostile", *sys.argv[1:]]
    scene.on_request(b"asynchronous", lambda: scene.reactor.callLater(LATER, os.execv, sys.executable, again))


@hostile(asked=("asynchronous",), patience=3.5)
def stands_still(scene: Scene) -> None:
    """The process is stopped in the middle of the run, and so takes notice of nothing."""
    scene.on_request(b"asynchronous", lambda: scene.reactor.callLater(LATER, os.kill, os.getpid(), signal.SIGSTOP))


@hostile(asked=())
def leaves_children(scene: Scene) -> None:
    """Children go on when their parent has ended."""
    for _ in range(5):
        subprocess.Popen(SLEEPER)


@hostile(asked=())
def leaves_daemons(scene: Scene) -> None:
    """Children in process groups and sessions of their own go on when their parent has ended."""
    for _ in range(3):
        subprocess.Popen(SLEEPER, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # One whose parent has ended as well, as daemons do.
    subprocess.run(["/bin/sh", "-c", "setsid sleep 600 & exit 0"], check=True)


@hostile(asked=())
def begets_when_it_ends(scene: Scene) -> None:
    """Whoever ends it starts another."""

    def once_more(*_: object) -> None:
        subprocess.Popen(SLEEPER, start_new_session=True)
        os._exit(0)

    scene.reactor.callWhenRunning(signal.signal, signal.SIGTERM, once_more)


@hostile(asked=())
def takes_no_notice_of_sigterm(scene: Scene) -> None:
    """SIGTERM is ignored, by it and by its child."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen(SLEEPER)
    scene.reactor.callWhenRunning(signal.signal, signal.SIGTERM, signal.SIG_IGN)


@hostile(asked=())
def says_wrong_addresses(scene: Scene) -> None:
    """Lines that look like the one that says where it is name no address, or are deeper than anybody descends."""
    for line in ('{"url": "/ping", "status": 200}', '{"url": 5}', '{"url": "ftp://127.0.0.1/"}', '{"a":' + "[" * 8000):
        print(line, flush=True)  # noqa: T201


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="ended at once with exit code 3")
def ends_at_once(scene: Scene) -> None:
    """The process ends before it serves anything, with last words that a terminal would obey."""
    sys.stderr.write("\x1b]0;OWNED\x07\x1b[2J[bold red]last words\u202e\n")
    sys.stderr.flush()
    os._exit(3)


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="not ready within")
def never_gets_ready(scene: Scene) -> None:
    """It serves nothing, prints without end, and leaves a child."""
    scene.serves = False
    subprocess.Popen(["/bin/sh", "-c", "while :; do echo not yet; done"])


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="not ready within")
def closes_every_connection(scene: Scene) -> None:
    """Every connection is closed as soon as it is accepted."""

    class Closing(Protocol):
        def connectionMade(self) -> None:
            assert self.transport is not None
            self.transport.loseConnection()

    scene.serves = False
    scene.reactor.listenTCP(scene.port, Factory.forProtocol(Closing), interface="127.0.0.1")


@hostile(asked=(), honest=(), exit=Exit.USAGE, because="not ready within")
def accepts_and_says_nothing(scene: Scene) -> None:
    """Every connection is accepted, and nothing else happens."""
    scene.serves = False
    scene.reactor.listenTCP(scene.port, Factory.forProtocol(Protocol), interface="127.0.0.1")
