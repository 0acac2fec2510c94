"""
The reactor of a world: its own time, connections in memory, real threads and processes.

It is a reactor of Twisted's in all but these: `seconds()` stands still until nothing more can happen, and then is what
the next delayed call waits for; what listens and connects by TCP does so in memory, within the world.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self, TypeVar

from twisted.internet.abstract import isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError, ConnectionDone
from twisted.internet.pollreactor import PollReactor
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from harness.clocks import started
from harness.errors import Stuck
from harness.worlds import cooperation
from harness.worlds.memory import Address, Connector, Port, connect, nobody
from harness.worlds.strays import Strays
from harness.worlds.timers import Timers
from harness.worlds.work import Work

T = TypeVar("T")

#: The time at which a world begins, in seconds: not 0, which many take for "never", and a power of two, so that sums
#: with it lose nothing.
BEGINS = 2.0**20

#: The first port that is given to a server, and the first to a client.
SERVERS, CLIENTS = 8080, 49_152

#: Things that happen at one moment until somebody looks at the real clock, and the real seconds that are too many: a
#: server that calls itself again and again, without a delay, would keep time from getting on for ever.
MANY, ENDLESS = 10_000, 30.0

#: Pieces of what a process says that are taken at once; Twisted reads 8 KiB each.
PIECES = 16

#: What Twisted's Site does every second whatever else happens: it formats the time for its log.
_HOUSEKEEPING = "HTTPFactory._updateLogDateTime"

_log = Logger()


class World(PollReactor):
    """
    One world; `run` drives it, in the thread that made it, and `close` ends all that is in it.

    It runs beside an installed reactor, or without one, and never touches it.
    """

    def __init__(self) -> None:
        self._now = BEGINS
        self._timers, self._deadlines = Timers(self.seconds), Timers(self.seconds)
        self._moves: deque[Callable[[], None]] = deque()
        self._ports: dict[int, Port] = {}
        self._next_port = SERVERS
        self._next_client = CLIENTS
        self._waiting: list[tuple[float, Deferred[None]]] = []
        self._patient: list[tuple[float, Deferred[None]]] = []
        #: The latest moment at which something happened by itself.
        self.eventful = self._now
        self._steps = 0
        self._since = 0.0
        self._happened = self._heard = False
        self._cooperator = cooperation.cooperator(self.callLater)
        self.work = Work(self)
        self.thread = threading.get_ident()
        self.strays = Strays(self.thread)
        super().__init__()
        self.startRunning(installSignalHandlers=False)

    # Time.

    def seconds(self) -> float:
        """The world's time."""
        return self._now

    def callLater(self, delay: float, callable: Any, *args: Any, **kw: Any) -> DelayedCall:  # noqa: A002 - the interface has it
        """See Twisted's `IReactorTime`; calls of one moment come in the order in which they were asked for."""
        return self._timers.add(delay, callable, args, kw)

    def getThreadPool(self) -> ThreadPool:
        """See Twisted's `IReactorThreads`; whoever ends the process need not wait for its threads."""
        pool = super().getThreadPool()
        pool.threadFactory = _daemon  # type: ignore[assignment]
        return pool

    def getDelayedCalls(self) -> list[DelayedCall]:
        """See Twisted's `IReactorTime`."""
        return self._timers.active() + self._deadlines.active()

    def hold_up(self, seconds: float) -> None:
        """Let time go by while nothing can happen, as it does for all while one sleeps in the event loop."""
        self._now += seconds

    def deadline(self, seconds: float, call: Callable[[], None]) -> DelayedCall:
        """A delayed call that is no event: at its moment everything else comes first."""
        return self._deadlines.add(seconds, call, (), {})

    def is_stuck(self) -> bool:
        """Whether nothing but deadlines lies ahead."""
        return not (self._moves or self.threadCallQueue or self.work.outstanding) and all(
            map(_is_housekeeping, self._timers.active())
        )

    def moment(self, *, later: bool = False) -> Deferred[None]:
        """Fires once something has happened, and all that follows from it; if `later`, not before time has got on."""
        change: Deferred[None] = Deferred(self._forget)
        (self._patient if later else self._waiting).append((self._now, change))
        return change

    def _forget(self, change: Deferred[None]) -> None:
        for waiting in (self._waiting, self._patient):
            waiting[:] = [one for one in waiting if one[1] is not change]

    # What drives it.

    def run(self, awaitable: Awaitable[T]) -> T:  # type: ignore[override]  # nobody else runs this reactor
        """
        The result of `awaitable`, which is given as much time as it takes.

        Raises `Stuck` when nothing can happen any more and it still waits, or when time does not get on.
        """
        outcome: list[Any] = []
        threads = self.work.threads
        with (
            threads.counted(),
            self.strays.watched(threads.has),
            cooperation.shared(self._cooperator),
            _minding_ctrl_c() as pressed,
        ):
            awaited = started(awaitable).addBoth(outcome.append)
            try:
                while not outcome and not pressed:
                    self._step()
            except Stuck:
                awaited.cancel()
                self._put_in_order(outcome)
                raise
        if pressed:
            raise KeyboardInterrupt
        if isinstance(outcome[0], Failure):
            outcome[0].raiseException()
        return outcome[0]  # type: ignore[no-any-return]

    def _put_in_order(self, outcome: list[Any]) -> None:
        """Give who waited in vain, and was told so, the time to put things in order."""
        with suppress(Stuck):
            for _ in range(MANY):
                if outcome:
                    break
                self._step()

    def soon(self, call: Callable[[], None]) -> None:
        """Call this when what is happening now is over; in order."""
        self._moves.append(call)

    def _step(self) -> None:
        """Let happen what can happen now; if nothing can, wait for real work; if there is none, let time jump."""
        if self._now_happens() or self.listen(0):
            self._happened = True
            self._is_getting_on()
        elif self.work.outstanding and self.work.wait():
            # It may have shown its sign of life elsewhere, in a file.
            self._happened = not self.work.outstanding
        elif self._happened and self._waiting:
            self._happened = False
            _tell(self._waiting)
        elif self._patient and self._patient[0][0] < self._now:
            _tell(self._patient)
        elif (call := self._deadlines.due()) is not None:
            self._called(call)
        elif moments := [at for at in (self._timers.next(), self._deadlines.next()) if at is not None]:
            self._now = min(moments)
            self._steps = 0
        elif not (self.work.outstanding and self.listen(self.work.patience)):
            raise Stuck(f"nothing can happen any more{self.strays.told()}")

    def _now_happens(self) -> bool:
        """Whether there was something to be done at this moment; some of it is done now."""
        if self._moves:
            if self.work.has_processes:
                self._drain()
            for _ in range(len(self._moves)):
                try:
                    self._moves.popleft()()
                except Exception:  # noqa: BLE001 - as in any reactor: it is logged, and others go on
                    _log.failure("while something moved")
        elif self.threadCallQueue:
            self.runUntilCurrent()
        elif (call := self._timers.due()) is not None:
            if not _is_housekeeping(call):
                self.eventful = self._now
            self._called(call)
        else:
            return False
        return True

    @staticmethod
    def _called(call: DelayedCall) -> None:
        try:
            call.func(*call.args, **call.kw)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - as in any reactor: it is logged, and others go on
            _log.failure("while handling a delayed call")

    def _drain(self) -> None:
        """Take more of what processes say before it moves on: they say it in small pieces."""
        for _ in range(PIECES):
            if not self.listen(0):
                break

    def _is_getting_on(self) -> None:
        """Raise `Stuck` when one moment takes too long."""
        if not self._steps:
            self._since = time.monotonic()
        self._steps += 1
        if self._steps % MANY == 0 and time.monotonic() - self._since > ENDLESS:
            raise Stuck(f"time does not get on: {self._steps:,} things happened at one moment")

    def listen(self, timeout: float) -> bool:
        """Whether a process or a thread gave a sign of life within `timeout` real seconds."""
        self._heard = False
        self.doIteration(timeout)
        if self._heard or self.threadCallQueue:
            self.work.shows_life()
            self.eventful = self._now
            return True
        return False

    def _doReadOrWrite(self, selectable: Any, fd: int, event: int) -> None:
        self._heard = self._heard or selectable is not self.waker
        super()._doReadOrWrite(selectable, fd, event)

    def close(self) -> None:
        """End all that is in it.  A second call does nothing."""
        if not self.running:
            return
        for port in list(self._ports.values()):
            port.stopListening()
        self.strays.stop()
        if not self.work.stop() and self.threadpoolShutdownID is not None:
            # Threads that wait for something that never comes: they are left to themselves.
            self.removeSystemEventTrigger(self.threadpoolShutdownID)
            self.threadpool = None
        self.fireSystemEvent("shutdown")
        self.removeAll()
        self._moves.clear()
        self._timers.clear()
        self._deadlines.clear()
        for reader in list(self._internalReaders):
            self._removeInternalReader(reader)
            reader.connectionLost(Failure(ConnectionDone()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Processes, and connections.

    def spawnProcess(self, *arguments: Any, **keywords: Any) -> Any:
        """See Twisted's `IReactorProcess`; time stands still until the process has ended, or waits for us."""
        process = super().spawnProcess(*arguments, **keywords)
        self.work.started(process)
        return process

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Port:  # noqa: ARG002 - the interface has it
        """See Twisted's `IReactorTCP`; any port is free but those that somebody in this world has."""
        if not port:
            while self._next_port in self._ports:
                self._next_port += 1
            port = self._next_port
        if port in self._ports:
            raise CannotListenError(interface, port, OSError("somebody in this world listens there"))
        listening = Port(
            factory, _address(interface or "127.0.0.1", port), lambda number: self._ports.pop(number, None)
        )
        self._ports[port] = listening
        listening.startListening()
        return listening

    def connectTCP(
        self,
        host: str,
        port: int,
        factory: Any,
        timeout: float = 30,  # noqa: ARG002 - nobody has to wait here
        bindAddress: Any = None,
    ) -> Connector:
        """See Twisted's `IReactorTCP`; reaches what listens in this world, at any of its addresses."""
        here = self._client(host, bindAddress[0] if bindAddress else None)
        connector = Connector(self.soon, factory, here, _address(host, port), self._ports.get)
        connector.connect()
        return connector

    def dial(self, host: str, port: int, factory: Any, source: str | None = None) -> Deferred[Any]:
        """The factory's protocol, connected to what listens in this world; at once, and without a `Connector`."""
        here, there = self._client(host, source), _address(host, port)
        listening = self._ports.get(port)
        if listening is None:
            return fail(nobody(there))
        protocol = factory.buildProtocol(there)
        connect(self.soon, protocol, listening.accept(here), here, there, lambda _: None)
        return succeed(protocol)

    def _client(self, host: str, source: str | None) -> Address:
        """The address of the next client."""
        self._next_client += 1
        return _address(source or ("::1" if isIPv6Address(host) else "127.0.0.1"), self._next_client)


@contextmanager
def _minding_ctrl_c() -> Iterator[list[int]]:
    """
    Notes that Ctrl-C was pressed meanwhile.

    Python raises `KeyboardInterrupt` wherever the server's code is just then, and that may catch it like any other.
    """
    pressed: list[int] = []

    def note(number: int, frame: Any) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield pressed  # somebody else minds it
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _daemon(*arguments: Any, **keywords: Any) -> threading.Thread:
    return threading.Thread(*arguments, **keywords, daemon=True)


def _is_housekeeping(call: DelayedCall) -> bool:
    return getattr(call.func, "__qualname__", "") == _HOUSEKEEPING


def _tell(waiting: list[tuple[float, Deferred[None]]]) -> None:
    """Tell those who wait by now; who comes back for more waits for the next time."""
    now, waiting[:] = list(waiting), []
    for _, change in now:
        change.callback(None)


def _address(host: str, port: int) -> Address:
    return (IPv6Address if isIPv6Address(host) else IPv4Address)("TCP", host, port)
