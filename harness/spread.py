"""
A run whose targets pytest-xdist spreads over processes and hosts: what the workers tell, and what comes of it.

Every worker has a channel of its own to the controller, beside that of xdist, and tells each result as soon as it
stands: what a worker had told is kept when it dies, and no disk need be shared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any

import pytest
from attrs import define, evolve, field

from harness.errors import UsageError
from harness.profiles import Profile
from harness.results import Report, Result, Writer, packed, unpacked
from harness.runner import Runner
from harness.session import Wanted, result_file
from harness.verdicts import Exit

#: Where a worker finds its channel.
KEY = "web60"


def spreads(config: pytest.Config) -> bool:
    """Whether this process hands its items to workers."""
    option = config.option
    return getattr(option, "dist", "no") != "no" and bool(getattr(option, "tx", ())) and not option.collectonly


def channel_of(config: pytest.Config) -> Any:
    """The channel of a worker to its controller; None where this process is no worker."""
    return getattr(config, "workerinput", {}).get(KEY)


@define(eq=False)
class Telling:
    """The audience of a target's run in a worker: the controller hears it all."""

    channel: Any
    number: int

    def ready(self, runner: Runner, report: Report) -> None:  # noqa: ARG002 - see `harness.session.Audience`
        """See `harness.session.Audience`."""
        self._tell("ready", packed(report))

    def result(self, runner: Runner, result: Result) -> None:  # noqa: ARG002 - as above
        """See `harness.session.Audience`."""
        self._tell("result", packed(result))

    def over(self, runner: Runner, report: Report) -> None:  # noqa: ARG002 - as above
        """See `harness.session.Audience`."""
        self._tell("over", packed(evolve(report, results=[])))

    def missing(self, profile: Profile, why: str) -> None:  # noqa: ARG002 - as above
        """See `harness.session.Audience`."""
        self.refused(why)

    def refused(self, why: str) -> None:
        """The run cannot go on, for a mistake of the person's."""
        self._tell("refused", why.encode("utf-8", "backslashreplace").decode("utf-8"))

    def _tell(self, kind: str, text: str) -> None:
        # Who is gone need not be told: the end of this worker is under way.
        with suppress(OSError):
            self.channel.send((self.number, kind, text))


@define(eq=False)
class Gathered:
    """
    What the workers tell, in the controller: reports and result files, as if there were one process.

    `wanted` is what the run is to do, and `items` has the number of the target by the name of an item; both are asked
    for only where there are specs.  Messages come in threads of execnet's, one for each worker.
    """

    config: pytest.Config
    wanted: Callable[[], Wanted]
    items: Callable[[], dict[str, int]]
    asked: list[int] = field(init=False, factory=list)
    _reports: dict[int, Report] = field(init=False, factory=dict)
    _writers: dict[int, Writer] = field(init=False, factory=dict)
    _open: dict[int, Any] = field(init=False, factory=dict)
    _since: dict[int, float] = field(init=False, factory=dict)
    _channels: list[Any] = field(init=False, factory=list)
    _wrong: str = field(init=False, default="")
    _lock: Lock = field(init=False, factory=Lock)

    @property
    def reports(self) -> list[Report]:
        """The reports of the targets that came up, in the order in which they were given."""
        return [self._reports[number] for number in sorted(self._reports)]

    @property
    def unasked(self) -> list[Profile]:
        """The targets that should have been asked and never came up."""
        return [self.wanted().profiles[number] for number in self.asked if number not in self._reports]

    def target(self, nodeid: str) -> int | None:
        """The number of the target that an item is for; None for what is no spec."""
        name = nodeid.partition("::")[2]
        # A spec's name has its page before a slash, which no function's name has.
        return self.items().get(name) if "/" in name.partition("[")[0] else None

    def finish(self) -> None:
        """No worker is left: whatever none of them has ended is cut short."""
        with self._lock:
            for number in list(self._open):
                self._cut(number, "the run ended before its worker could say so")
        self._complain()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker its channel."""
        channel = node.gateway.newchannel()
        channel.setcallback(partial(self._hear, node))
        node.workerinput[KEY] = channel
        self._channels.append(channel)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep a target's specs together."""
        if config.option.dist != "loadgroup":
            return None
        from harness.scheduling import Together  # noqa: PLC0415 - xdist may not be installed

        return Together(config, log, self.target)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """See which targets there are items for."""
        if self.asked:
            return
        asked = sorted({number for id_ in ids if (number := self.target(id_)) is not None})
        if asked and self.config.option.dist != "loadgroup":
            message = "specs are spread by whole targets: give --dist loadgroup beside -n or --tx"
            raise pytest.UsageError(message)
        self.asked = asked

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object | None) -> None:
        """What a lost worker had begun ends with what it had told."""
        with self._lock:
            for number in [number for number, at in self._open.items() if at is node]:
                why = str(error or "it ended too early").strip().splitlines()[-1]
                self._cut(number, f"the worker that asked it was lost ({why})")
        self._complain()

    def pytest_runtest_logreport(self) -> None:
        """Look whether something was refused meanwhile."""
        self._complain()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Before xdist takes leave of the workers: those that are still at work end their servers first."""
        for channel in self._channels:
            with suppress(OSError):
                channel.send("stop")

    def _hear(self, node: Any, message: tuple[int, str, str]) -> None:
        number, kind, text = message
        with self._lock:
            try:
                self._take(node, number, kind, text)
            except UsageError as wrong:
                self._wrong = self._wrong or str(wrong)

    def _take(self, node: Any, number: int, kind: str, text: str) -> None:
        if kind == "refused":
            raise UsageError(text)
        if kind == "ready":
            report = self._reports[number] = unpacked(text, Report)
            self._open[number] = node
            self._since[number] = time.monotonic()
            if (path := self.wanted().json) is not None:
                several = len(self.wanted().profiles) > 1
                self._writers[number] = Writer(result_file(path, self._names(number)) if several else path, report)
        elif kind == "result" and number in self._open:
            result = unpacked(text, Result)
            self._reports[number].results.append(result)
            if number in self._writers:
                self._writers[number].add(result)
        elif kind == "over" and number in self._open:
            said, report = unpacked(text, Report), self._reports[number]
            report.seconds, report.stale, report.notes = said.seconds, said.stale, said.notes
            report.interrupted = said.interrupted
            self._end(number)

    def _names(self, number: int) -> list[str]:
        """What the targets up to this one are called."""
        servers = [self.wanted().profiles[before].server for before in self.asked if before < number]
        return [server.name or server.url or "" for server in servers] + [self._reports[number].target.name]

    def _cut(self, number: int, why: str) -> None:
        report = self._reports[number]
        report.interrupted = True
        report.seconds = round(time.monotonic() - self._since[number], 3)
        report.notes.append(f"Cut short: {why}.")
        self._end(number)

    def _end(self, number: int) -> None:
        del self._open[number]
        if number in self._writers:
            self._writers.pop(number).finish()

    def _complain(self) -> None:
        # Once: the rest of the session is there to tell what was had.
        wrong, self._wrong = self._wrong, ""
        if wrong:
            pytest.exit(f"web60: {wrong}", returncode=Exit.USAGE.value)
