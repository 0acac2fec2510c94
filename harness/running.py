"""
`web60 run`: a session on the reactor, for somebody who watches and may press Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from rich.console import Console
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from harness.catalogue import Spec
from harness.clocks import Clock, started
from harness.errors import UsageError
from harness.given import Given, targets
from harness.profiles import Profile
from harness.quiet import be_quiet
from harness.reports.terminal import Live, Plain
from harness.session import Session, Wanted
from harness.starting import start
from harness.tls import TlsOptions
from harness.verdicts import Exit

#: Seconds between two looks of the live view.
TICK = 0.125

#: Which of several exit codes counts.
_WORST = (Exit.INTERRUPTED, Exit.FAILED, Exit.NOTHING, Exit.OK)


class Terminal(Console):
    """A console whose reader may leave: the run goes on, and its files are written."""

    def on_broken_pipe(self) -> None:
        """Say no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _profiles(options: dict[str, Any], *, virtual: bool = False) -> tuple[Profile, ...]:
    ways = (options["url"], options["command"], options["factory"])
    return targets(Given(*ways, tuple(options["profiles"]), options["fast"], virtual))


def wanted(options: dict[str, Any], specs: Sequence[Spec], chosen: Sequence[Spec]) -> Wanted:
    """What the options ask for.  Raises `UsageError`."""
    virtual = options["clock"] == "virtual"
    return Wanted(
        profiles=_profiles(options, virtual=virtual),
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
    console = Terminal()
    view = (Live if console.is_terminal else Plain)(console, strict=options["strict"])
    if options["insecure"]:
        view.say("--insecure: any certificate is accepted, so nothing here says who answered.", "yellow")
    session = Session(wanted(options, specs, chosen), reactor, view)
    if options["html_file"]:
        from harness.reports import html  # noqa: PLC0415 - only whoever wants it pays for it

        html.claim(options["html_file"])
    be_quiet()
    ticking = LoopingCall(view.tick)

    def begin() -> Awaitable[object]:
        ticking.start(TICK)
        return session.run()

    try:
        drive(begin, session.interrupt)
    finally:
        view.stop()
    if options["junit"]:
        from harness.reports import junit  # noqa: PLC0415 - only whoever wants it pays for it

        junit.write(options["junit"], session.reports, strict=options["strict"])
    if options["html_file"]:
        html.write(options["html_file"], session.reports, {spec.id: spec for spec in specs})
    codes = {report.exit(strict=options["strict"]) for report in session.reports}
    if session.interrupted:
        view.say("Interrupted: what was measured until then stands above.", "bold")
        codes.add(Exit.INTERRUPTED)
    return next(code for code in _WORST if code in codes)


def examine_in_terminal(options: dict[str, Any], specs: Sequence[Spec]) -> Exit:
    """Look at every target before any spec, and say what is found; gives the exit code.  Raises `UsageError`."""
    from harness.doctor import examine  # noqa: PLC0415 - only whoever wants it pays for it
    from harness.reports.diagnosis import diagnosis  # noqa: PLC0415 - as above

    console, clock = Terminal(), Clock(reactor)
    view = Plain(console)
    profiles, tls = _profiles(options), TlsOptions(options["ca"], options["insecure"])
    be_quiet()
    absent: list[str] = []
    under_way: list[Deferred[Any]] = []
    interrupted: list[bool] = []

    async def look(profile: Profile) -> None:
        target = await start(profile, reactor, clock, tls)
        try:
            findings = await examine(target, specs, clock)
            absent.extend(path for finding in findings for path in finding.absent)
            for line in (*diagnosis(target, findings), ""):
                view.say(line)
        finally:
            await target.stop()

    async def look_at_all() -> None:
        for profile in profiles:
            under_way[:] = [started(look(profile))]
            with suppress(CancelledError):
                await under_way[0]
            if interrupted:
                return

    def interrupt() -> None:
        interrupted.append(True)
        for one in under_way:
            one.cancel()

    drive(look_at_all, interrupt)
    if interrupted:
        return Exit.INTERRUPTED
    return Exit.FAILED if absent else Exit.OK


def drive(run: Callable[[], Awaitable[object]], stop: Callable[[], None]) -> None:
    """Turn the reactor until what `run` begins is over; Ctrl-C calls `stop`."""
    problems: list[Failure] = []
    react: Any = reactor

    def interrupt(*_: object) -> None:
        react.callFromThread(stop)

    def begin() -> None:
        # Twisted's own handlers are in place by now: SIGCHLD is left to it, for targets in this process that start
        # children; these two end the run in order.
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, interrupt)
        running = started(run())
        running.addErrback(problems.append)
        running.addBoth(lambda _: react.stop())

    react.callWhenRunning(begin)
    react.run()
    if problems:
        if problems[0].check(UsageError) is None:
            problems[0].printTraceback(sys.stderr)
            raise SystemExit(Exit.FAILED.value)
        problems[0].raiseException()
