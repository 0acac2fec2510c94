"""
Real work that a world waits for: functions in threads, and processes.

Time in a world stands still while a thread computes or a script runs, so that what they do takes no virtual time.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from attrs import define, field
from twisted.internet.process import ProcessReader, reapAllProcesses

from harness.worlds.threads import Threads

if TYPE_CHECKING:
    from harness.worlds.reactor import World

#: Real seconds for which a world waits for real work that gives no sign of life.
PATIENCE = 10.0

#: Real seconds between two looks whether a process that has closed its pipes has ended.
LOOK = 0.001

#: Real seconds that one wait for a sign of life takes at most.
NAP = 0.1


@define(eq=False, repr=False)
class Work:
    """What is at work in one world."""

    world: World
    threads: Threads = field(init=False)
    _processes: list[Any] = field(init=False, factory=list)
    _waited: float = field(init=False, default=0.0)

    def __attrs_post_init__(self) -> None:
        self.threads = Threads(self.world)

    @property
    def outstanding(self) -> bool:
        """Whether anything is at work."""
        return bool(self.threads.at_work or self._running())

    @property
    def has_processes(self) -> bool:
        """Whether there are processes, at work or waiting."""
        return bool(self._processes)

    def _running(self) -> list[Any]:
        """The processes that have not ended, less those that wait for us to read on."""
        self._processes = [process for process in self._processes if process.pid is not None or process.pipes]
        return [process for process in self._processes if self._is_working(process)]

    def _is_working(self, process: Any) -> bool:
        outputs = _outputs(process)
        reading = self.world.getReaders()
        return not outputs or any(pipe in reading for pipe in outputs)

    @property
    def patience(self) -> float:
        """Real seconds that are left for who shows no sign of life; never none at all, for the last look."""
        return max(NAP, PATIENCE - self._waited)

    def shows_life(self) -> None:
        """Some of it has got on."""
        self._waited = 0.0

    def started(self, process: Any) -> None:
        """A process has begun."""
        self._processes.append(process)

    def wait(self) -> bool:
        """Wait until some of it has got on; False once it has given no sign of life for `PATIENCE` real seconds."""
        children = [process for process in self._processes if process.pid is not None]
        ending = any(not _outputs(process) for process in children)
        before = time.monotonic()
        got_on = self.world.listen(0.0 if self._waited >= PATIENCE else LOOK if ending else NAP)
        if children:
            reapAllProcesses()
            got_on = got_on or any(process.pid is None for process in children)
        self._waited = 0.0 if got_on else self._waited + time.monotonic() - before
        return self._waited < PATIENCE

    def stop(self) -> bool:
        """End what is left of it; False where a thread does not end."""
        for process in self._processes:
            if process.pid is not None:
                process.signalProcess("KILL")
        until = time.monotonic() + PATIENCE
        # A server may keep its processes from being reaped at all.
        while any(process.pid is not None for process in self._processes) and time.monotonic() < until:
            reapAllProcesses()
            self.world.listen(LOOK)
        self._processes.clear()
        return self.threads.stop()


def _outputs(process: Any) -> list[ProcessReader]:
    """The pipes on which a process may still say something."""
    return [pipe for pipe in process.pipes.values() if isinstance(pipe, ProcessReader)]
