"""
The run behind the items of one pytest session: profiles, targets, reports, and what they make of the exit status.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_twisted
from attrs import define, evolve, field
from twisted.internet.defer import CancelledError

from harness import catalogue, spread
from harness.catalogue import Spec
from harness.clocks import started
from harness.errors import UsageError
from harness.fixtures import unrewritten
from harness.given import Given, targets
from harness.profiles import Profile
from harness.quiet import be_quiet
from harness.reports import words
from harness.results import Report, Result
from harness.runner import Runner
from harness.session import Session, Wanted, apart
from harness.tls import TlsOptions
from harness.transcripts import safe
from harness.verdicts import FAILING, STRICT, Exit, Verdict


class Asked(Protocol):
    """An item: a spec, and the number of the target that it is asked of."""

    spec: Spec
    number: int
    session: pytest.Session


@define(eq=False)
class SpecRun:
    """The run that the items of one pytest session share."""

    config: pytest.Config
    _specs: tuple[Spec, ...] = field(init=False, default=())
    _wanted: Wanted | None = field(init=False, default=None)
    _items: dict[str, int] = field(init=False, factory=dict)
    _sessions: list[Session] = field(init=False, factory=list)
    _runners: dict[int, Runner] = field(init=False, factory=dict)
    _before: Any = field(init=False, default=None)
    #: What the workers tell, where there are any.
    gathered: spread.Gathered | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        if spread.spreads(self.config):
            self.gathered = spread.Gathered(self.config, lambda: self.wanted, self.items)

    @property
    def specs(self) -> tuple[Spec, ...]:
        """The catalogue."""
        if not self._specs:
            try:
                with unrewritten():
                    self._specs = catalogue.everything()
            except UsageError as wrong:
                raise pytest.UsageError(str(wrong)) from None
        return self._specs

    @property
    def wanted(self) -> Wanted:
        """What the options ask for."""
        if self._wanted is None:
            option = self.config.option
            virtual = option.clock == "virtual"
            ways = (option.url, option.command, option.factory)
            given = Given(*ways, tuple(map(Path, option.profile)), option.fast, virtual)
            try:
                profiles = targets(given)
            except UsageError as wrong:
                raise pytest.UsageError(str(wrong)) from None
            self._wanted = Wanted(
                profiles=profiles,
                specs=(),
                known=frozenset(spec.id for spec in self.specs),
                baseline=Path(option.baseline) if option.baseline else None,
                json=Path(option.json) if option.json else None,
                tls=TlsOptions(Path(option.ca) if option.ca else None, option.insecure),
                virtual=virtual,
                seed=option.seed,
            )
        return self._wanted

    @property
    def suffixes(self) -> list[str]:
        """What the names of its items end with, for each target: nothing where there is but one."""
        servers = [profile.server for profile in self.wanted.profiles]
        if len(servers) == 1:
            return [""]
        return [f"[{name}]" for name in apart([server.name or str(number) for number, server in enumerate(servers)])]

    def items(self) -> dict[str, int]:
        """The number of the target by the name of an item."""
        if not self._items:
            self._items = {
                spec.id + suffix: number for number, suffix in enumerate(self.suffixes) for spec in self.specs
            }
        return self._items

    @property
    def reports(self) -> list[Report]:
        """What is known of each target."""
        if self.gathered is not None:
            return self.gathered.reports
        return [report for session in self._sessions for report in session.reports]

    @property
    def failing(self) -> frozenset[Verdict]:
        """The verdicts that fail an item."""
        return FAILING | STRICT if self.config.option.strict_verdicts else FAILING

    def result(self, item: Asked) -> Result:
        """The result of an item, once it is there; starts what has not started."""
        if item.number not in self._runners:
            self._begin(item)
        runner = self._runners[item.number]
        runner.start()
        try:
            result: Result = pytest_twisted.blockon(runner.result(item.spec))
            if len(runner.results) == len(runner.specs):
                self._over(runner)
        except CancelledError:
            raise KeyboardInterrupt from None
        return result

    def _begin(self, item: Asked) -> None:
        """Start the target of an item; without workers, all targets that there are items for."""
        # The reactor that pytest-twisted has installed; importing it before would install another.
        from twisted.internet import reactor  # noqa: PLC0415

        items = [one for one in item.session.items if isinstance(one, type(item))]
        channel = spread.channel_of(self.config)
        numbers = sorted({one.number for one in items}) if channel is None else [item.number]
        wanted = evolve(
            self.wanted,
            profiles=[self.wanted.profiles[number] for number in numbers],
            specs=tuple({one.spec.id: one.spec for one in items if one.number in numbers}.values()),
            json=self.wanted.json if channel is None else None,
            several=len(self.wanted.profiles) > 1,
        )
        audience = _Silent() if channel is None else spread.Telling(channel, item.number)
        session = Session(wanted, reactor, audience)
        self._sessions.append(session)
        be_quiet()
        self._heed_interrupts(reactor, channel)
        try:
            runners = pytest_twisted.blockon(started(session.prepare()))
        except UsageError as wrong:
            if channel is not None:
                spread.Telling(channel, item.number).refused(str(wrong))
            pytest.exit(f"web60: {wrong}", returncode=Exit.USAGE.value)
        except CancelledError:
            raise KeyboardInterrupt from None
        self._runners.update(zip(numbers, runners, strict=True))

    def _heed_interrupts(self, reactor: Any, channel: Any) -> None:
        """Have a signal, or the controller, interrupt what is under way."""
        if self._before is not None:
            return

        def interrupt(*_: object) -> None:
            if self._before is not None:
                reactor.callFromThread(self._interrupt)

        # pytest-twisted leaves SIGINT to Python's handler, whose KeyboardInterrupt the reactor's loop would swallow.
        self._before = signal.signal(signal.SIGINT, interrupt)
        if channel is not None:
            # A controller that is gone interrupts as well.
            channel.setcallback(interrupt, endmarker=None)

    def _interrupt(self) -> None:
        for session in self._sessions:
            session.interrupt()

    def _over(self, runner: Runner) -> None:
        """A worker is through with a target, and the next one should have the machine to itself."""
        if spread.channel_of(self.config) is not None:
            pytest_twisted.blockon(runner.start())
            pytest_twisted.blockon(started(self._sessions[-1].close()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the run; what only the whole run shows decides the exit status as well."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
        for one in self._sessions:
            if any(any(runner.unfinished()) for runner in one.runners):
                # pytest was told to stop early (-x), and nobody must take this for a whole run.
                one.interrupt()
            pytest_twisted.blockon(started(one.close()))
        if spread.channel_of(self.config) is not None:
            return
        if self.gathered is not None:
            self.gathered.finish()
        if session.exitstatus == pytest.ExitCode.OK:
            codes = {report.exit(strict=self.config.option.strict_verdicts) for report in self.reports}
            for code in (Exit.FAILED, Exit.INTERRUPTED, Exit.NOTHING):
                if code in codes:
                    session.exitstatus = code.value
                    break
        self._write_html()

    def _html(self) -> Path | None:
        """Where this process is to write a report for browsers."""
        path = getattr(self.config.option, "web60_html", None)
        if not path or self.config.option.collectonly or spread.channel_of(self.config) is not None:
            return None
        return Path(path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Tell mistakes before there are workers or targets: in profiles, and of the report for browsers."""
        option = self.config.option
        if option.profile or any(way is not None for way in (option.url, option.command, option.factory)):
            _ = self.wanted
        if (path := self._html()) is not None:
            from harness.reports import html  # noqa: PLC0415 - only whoever wants it pays for it

            try:
                html.claim(path)
            except UsageError as wrong:
                raise pytest.UsageError(str(wrong)) from None

    def _write_html(self) -> None:
        if (path := self._html()) is not None and self.reports:
            from harness.reports import html  # noqa: PLC0415 - as above

            try:
                html.write(path, self.reports, {spec.id: spec for spec in self.specs})
            except UsageError as wrong:
                pytest.exit(f"web60: {wrong}", returncode=Exit.USAGE.value)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell what no single item tells."""
        for report in self.reports:
            terminalreporter.write_sep("-", f"web60: {report.target.name} ({report.target.url})")
            for line in words.closing(report):
                terminalreporter.write_line(line)
            if report.exit() is Exit.NOTHING:
                terminalreporter.write_line(words.nothing_shown(report))
        for profile in self.gathered.unasked if self.gathered else ():
            terminalreporter.write_sep("-", f"web60: {safe(profile.server.name or profile.server.url or 'a target')}")
            terminalreporter.write_line("Nothing was asked of it.")


class _Silent:
    """pytest does the talking."""

    def ready(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""

    def result(self, runner: Runner, result: Result) -> None:
        """See `harness.session.Audience`."""

    def over(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""

    def missing(self, profile: Profile, why: str) -> None:
        """See `harness.session.Audience`."""
