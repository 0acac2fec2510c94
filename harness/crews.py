"""
Crews: forks of this process that check specs in worlds of their own, one for each core.

A server that ends its process, or never lets go of it, costs one spec its verdict and nobody else anything.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from harness.catalogue import Spec
from harness.results import Result
from harness.scenes import Scenes
from harness.trying import Tried, result_of
from harness.verdicts import Outcome

#: Real seconds after which a spec in virtual time has hung its process.  The slowest, a schedule that fails and is
#: shrunk, took 8 on a loaded machine.
ENDLESS = 60.0

#: How seldom a worker looks for garbage.
SELDOM = (50_000, 20, 20)

#: Processes at most: more worlds than that at once only take the processor from each other's scripts.
MOST = 4


def cores() -> int:
    """How many workers are worth having here; 0 where there is nothing to be had from them."""
    if sys.platform != "linux":
        return 0  # elsewhere a fork may not use what its parent has already used
    available = len(os.sched_getaffinity(0))
    return min(MOST, available) if available > 1 else 0


@define(eq=False, repr=False)
class Crew:
    """
    Checks specs with `check`, each in the next worker that is free.

    `check` is called in the worker, with the spec and with scenes of the worker's own; `done` here, with every result.
    """

    reactor: Any
    scenes: Scenes
    check: Callable[[Spec, Scenes], Result]
    done: Callable[[Spec, Result], None]
    specs: Sequence[Spec]
    _waiting: deque[Spec] = field(init=False, factory=deque)
    _workers: list[_Worker] = field(init=False, factory=list)
    _over: Deferred[None] = field(init=False)

    async def run(self, count: int) -> None:
        """Check all specs, with so many workers."""
        self._waiting.extend(sorted(self.specs, key=_place))
        self._over = Deferred()
        try:
            for _ in range(min(count, len(self.specs))):
                self._hire()
            if self._workers:
                await self._over
        finally:
            for worker in self._workers:
                worker.dismiss()

    def _hire(self) -> None:
        worker = _Worker(self, is_first=not any(one.is_first for one in self._workers))
        self._workers.append(worker)
        self.next(worker)

    def next(self, worker: _Worker) -> None:
        """Give a worker that is free something to do, or let it go."""
        if self._waiting:
            worker.begin(self._waiting.popleft() if worker.is_first else self._waiting.pop())
            return
        worker.dismiss()
        self._workers.remove(worker)
        if not self._workers:
            self._over.callback(None)

    def fail(self, reason: Failure) -> None:
        """An error of ours: the run is over."""
        if not self._over.called:
            self._over.errback(reason)

    def lost(self, worker: _Worker) -> None:
        """A worker has died."""
        self._workers.remove(worker)
        self._hire()


def _place(spec: Spec) -> int:
    """
    Where a spec stands in the line, from the front of which one worker is served, and from its back the others.

    What takes long is at its ends, so that nobody begins it last; and only one of them has to import Hypothesis.
    """
    return 0 if spec.schedules or spec.examples else 2 if spec.busy else 1


@implementer(IReadDescriptor)
class _Worker:
    """One process, and what it is at work on."""

    def __init__(self, crew: Crew, *, is_first: bool) -> None:
        self.is_first = is_first
        context = multiprocessing.get_context("fork")
        self._crew = crew
        self._scenes = crew.scenes.again()
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._pipe, crew, self._scenes))
        self._process.start()
        theirs.close()
        self._spec: Spec | None = None
        self._late = False
        self._alarm: Any = None
        crew.reactor.addReader(self)

    def begin(self, spec: Spec) -> None:
        """Give it a spec."""
        self._spec = spec
        self._alarm = self._crew.reactor.callLater(ENDLESS, self._hangs)
        self._pipe.send(self._crew.specs.index(spec))

    def dismiss(self) -> None:
        """End it, and the scripts of its servers."""
        self._crew.reactor.removeReader(self)
        self._quiet()
        self._kill()
        self._process.join()
        self._pipe.close()
        self._scenes.close()

    def _quiet(self) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()

    def _kill(self) -> None:
        # It may have ended by itself, and before that have had no time to lead a group of its own.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        self._process.kill()

    def _hangs(self) -> None:
        self._late = True
        self._kill()

    # IReadDescriptor.

    def fileno(self) -> int:
        """See Twisted's `IFileDescriptor`."""
        return self._pipe.fileno()

    def logPrefix(self) -> str:
        """See Twisted's `ILoggingContext`."""
        return "worker"

    def doRead(self) -> None:
        """See Twisted's `IReadDescriptor`."""
        assert self._spec is not None
        self._quiet()
        try:
            result = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            self._crew.done(self._spec, result_of(self._spec, Tried(Outcome.BROKEN, self._why())))
            self.dismiss()
            self._crew.lost(self)
            return
        self._crew.done(self._spec, result)
        self._crew.next(self)

    def connectionLost(self, reason: Failure) -> None:
        """See Twisted's `IFileDescriptor`: what we made of a result went wrong."""
        self._crew.fail(reason)

    def _why(self) -> str:
        self._process.join()
        if self._late:
            return f"the server did not let go of its process within {ENDLESS:g} s of real time"
        code = self._process.exitcode or 0
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        return f"the server ended the process that it ran in ({how})"


def _work(pipe: Any, parents: Any, crew: Crew, scenes: Scenes) -> None:
    """What a worker does until its parent is gone."""
    os.setpgid(0, 0)
    parents.close()
    # The parent's handlers would wake the parent's reactor.
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    # Its worlds are many and short: looking for cycles all the time took 15 % of it (CPython 3.11, November 2026).
    gc.freeze()
    gc.set_threshold(*SELDOM)
    with suppress(EOFError):
        while True:
            pipe.send(crew.check(crew.specs[pipe.recv()], scenes))
    scenes.close()
