"""
`web60 run`: a session on the reactor, for somebody who watches and may press Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from twisted.internet import reactor
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from harness.catalogue import Spec
from harness.clocks import started
from harness.errors import UsageError
from harness.given import Given, targets
from harness.quiet import be_quiet
from harness.reports.terminal import Live, Plain
from harness.session import Session, Wanted
from harness.tls import TlsOptions
from harness.verdicts import Exit

#: Seconds between two looks of the live view.
TICK = 0.125

#: Which of several exit codes counts.
_WORST = (Exit.INTERRUPTED, Exit.FAILED, Exit.NOTHING, Exit.OK)


class _Console(Console):
    """A console whose reader may leave: the run goes on, and its files are written."""

    def on_broken_pipe(self) -> None:
        """Say no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wanted(options: dict[str, Any], specs: Sequence[Spec], chosen: Sequence[Spec]) -> Wanted:
    """What the options ask for.  Raises `UsageError`."""
    virtual = options["clock"] == "virtual"
    given = Given(
        options["url"], options["command"], options["factory"], tuple(options["profiles"]), options["fast"], virtual
    )
    return Wanted(
        profiles=targets(given),
        specs=chosen,
        known=frozenset(spec.id for spec in specs),
        baseline=options["baseline"],
        json=options["json_file"],
        tls=TlsOptions(options["ca"], options["insecure"]),
        virtual=virtual,
        seed=options["seed"],
    )


def run_in_terminal(options: dict[str, Any], specs: Sequence[Spec], chosen: Sequence[Spec]) -> Exit:
    """Run, show, write the files; gives the exit code.  Raises `UsageError`."""
    console = _Console()
    view = (Live if console.is_terminal else Plain)(console, strict=options["strict"])
    if options["insecure"]:
        view.say("--insecure: any certificate is accepted, so nothing here says who answered.", "yellow")
    session = Session(wanted(options, specs, chosen), reactor, view)
    be_quiet()
    try:
        _drive(session, view)
    finally:
        view.stop()
    if options["junit"]:
        from harness.reports import junit  # noqa: PLC0415 - only whoever wants it pays for it

        junit.write(options["junit"], session.reports, strict=options["strict"])
    codes = {report.exit(strict=options["strict"]) for report in session.reports}
    if session.interrupted:
        view.say("Interrupted: what was measured until then stands above.", "bold")
        codes.add(Exit.INTERRUPTED)
    return next(code for code in _WORST if code in codes)


def _drive(session: Session, view: Plain) -> None:
    """Turn the reactor until the session is over."""
    problems: list[Failure] = []
    ticking = LoopingCall(view.tick)
    react: Any = reactor

    def interrupt(*_: object) -> None:
        react.callFromThread(session.interrupt)

    def begin() -> None:
        # Twisted's own handlers are in place by now: SIGCHLD is left to it, for targets in this process that start
        # children; these two end the run in order.
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, interrupt)
        ticking.start(TICK)
        running = started(session.run())
        running.addErrback(problems.append)
        running.addBoth(lambda _: react.stop())

    react.callWhenRunning(begin)
    react.run()
    if problems:
        if problems[0].check(UsageError) is None:
            problems[0].printTraceback(sys.stderr)
            raise SystemExit(Exit.FAILED.value)
        problems[0].raiseException()
