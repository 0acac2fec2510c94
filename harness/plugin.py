"""
The pytest plugin: `pytest specs --url …` is the same run as `web60 run --url …`.

Each spec and target is an item, which awaits the runner's result; the runner starts at its first item, so waiting
overlaps here as it does there.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import define, evolve, field
from twisted.internet.defer import CancelledError

from harness import catalogue
from harness.catalogue import Spec
from harness.clocks import started
from harness.errors import UsageError
from harness.fixtures import unrewritten
from harness.given import Given, targets
from harness.quiet import be_quiet
from harness.reports import words
from harness.results import Report, Result
from harness.runner import Runner
from harness.session import Session, Wanted
from harness.tls import TlsOptions
from harness.transcripts import safe
from harness.verdicts import FAILING, STRICT, Exit, Verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `web60 run`, under the names that pytest has not taken."""
    group = parser.getgroup("web60", "web60: specs against a server")
    group.addoption("--url", help="a server that runs already")
    group.addoption("--command", help="a server that we start; {port} is a free port")
    group.addoption("--factory", help="a server built in this process: package.module:make")
    group.addoption(
        "--profile", action="append", default=[], help="what the server offers, and where; several: a matrix"
    )
    group.addoption("--clock", choices=["real", "virtual"], default="real", help="virtual: for a factory, in no time")
    group.addoption("--fast", action="store_true", help="shorten the reference's own delays")
    group.addoption("--seed", type=int, help="draw the examples of properties from this")
    group.addoption("--json", help="write the results here")
    group.addoption("--baseline", help="known divergences of the target")
    group.addoption("--ca", help="https: trust the certificates in this PEM file")
    group.addoption("--insecure", action="store_true", help="https: trust any certificate")
    group.addoption("--strict-verdicts", action="store_true", help="warn and inconclusive fail as well")


def pytest_configure(config: pytest.Config) -> None:
    """Have the run of specs at hand; it begins with the first item, if there is one."""
    config.pluginmanager.register(SpecRun(config), "web60-run")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The modules of the specs' package are collected from the catalogue."""
    if file_path.name.startswith("test_") and file_path.suffix == ".py" and file_path.parent == _package():
        collector: pytest.Collector = SpecFile.from_parent(parent, path=file_path)
        return collector
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """To pytest itself the modules of the specs' package are empty: a spec is no test function."""
    return Nothing.from_parent(parent, path=module_path) if module_path.parent == _package() else None


def _package() -> Path:
    found = find_spec("specs")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


class Nothing(pytest.File):
    """A file without items."""

    def collect(self) -> Iterator[pytest.Item]:
        """None."""
        return iter(())


class SpecFile(pytest.File):
    """One module of specs."""

    def collect(self) -> Iterator[SpecItem]:
        """An item for each spec of the module and each target."""
        run = spec_run(self.config)
        for spec in run.specs:
            if spec.module.rpartition(".")[2] != self.path.stem:
                continue
            for number, profile in enumerate(run.wanted.profiles):
                several = len(run.wanted.profiles) > 1
                suffix = f"[{profile.server.name or number}]" if several else ""
                yield SpecItem.from_parent(self, name=spec.id + suffix, spec=spec, number=number)


class SpecItem(pytest.Item):
    """One spec and one target."""

    def __init__(self, *, spec: Spec, number: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.spec = spec
        self.number = number
        self.outcome: Result | None = None

    def runtest(self) -> None:
        """Await the verdict, and be it."""
        run = spec_run(self.config)
        self.outcome = result = run.result(self)
        self.add_report_section("call", "transcript", "\n".join(words.said(result.transcript)))
        told = f"{result.verdict.value}: {safe(result.reason)}"
        if result.expected:
            pytest.xfail(f"{told} (expected: {safe(result.expected)})")
        if result.verdict in run.failing:
            raise Diverged(result)
        if result.verdict not in (Verdict.PASS, Verdict.FACT):
            pytest.skip(told)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What `web60 run` would tell."""
        if isinstance(excinfo.value, Diverged):
            return "\n".join(words.detail(excinfo.value.result, self.spec))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands, and its ID."""
        return self.path, self.spec.function.__code__.co_firstlineno, self.name


class Diverged(Exception):
    """A spec failed; the result says how."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.reason)
        self.result = result


@define(eq=False)
class SpecRun:
    """The run that the items of one pytest session share."""

    config: pytest.Config
    _specs: tuple[Spec, ...] = field(init=False, default=())
    _wanted: Wanted | None = field(init=False, default=None)
    _session: Session | None = field(init=False, default=None)
    _before: Any = field(init=False, default=None)

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
    def failing(self) -> frozenset[Verdict]:
        """The verdicts that fail an item."""
        return FAILING | STRICT if self.config.option.strict_verdicts else FAILING

    def result(self, item: SpecItem) -> Result:
        """The result of an item, once it is there; starts what has not started."""
        session = self._session or self._begin(item.session)
        runner = session.runners[item.number]
        runner.start()
        try:
            result: Result = pytest_twisted.blockon(runner.result(item.spec))
        except CancelledError:
            raise KeyboardInterrupt from None
        return result

    def _begin(self, pytest_session: pytest.Session) -> Session:
        # The reactor that pytest-twisted has installed; importing it before would install another.
        from twisted.internet import reactor  # noqa: PLC0415

        chosen = {item.spec.id: item.spec for item in pytest_session.items if isinstance(item, SpecItem)}
        session = Session(evolve(self.wanted, specs=tuple(chosen.values())), reactor, _Silent())
        be_quiet()
        interrupt: Callable[..., object] = lambda *_: reactor.callFromThread(session.interrupt)  # type: ignore[attr-defined]  # noqa: E731
        # pytest-twisted leaves SIGINT to Python's handler, whose KeyboardInterrupt the reactor's loop would swallow.
        self._before = signal.signal(signal.SIGINT, interrupt)
        try:
            pytest_twisted.blockon(started(session.prepare()))
        except UsageError as wrong:
            pytest.exit(f"web60: {wrong}", returncode=Exit.USAGE.value)
        except CancelledError:
            raise KeyboardInterrupt from None
        self._session = session
        return session

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the run; what only the whole run shows decides the exit status as well."""
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self._session is None:
            return
        pytest_twisted.blockon(started(self._session.close()))
        if session.exitstatus == pytest.ExitCode.OK:
            codes = {report.exit(strict=self.config.option.strict_verdicts) for report in self._session.reports}
            for code in (Exit.FAILED, Exit.NOTHING):
                if code in codes:
                    session.exitstatus = code.value
                    break

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """An item lasts as long as its spec, not as long as pytest waited for it."""
        report = yield
        if isinstance(item, SpecItem) and call.when == "call" and item.outcome is not None:
            report.duration = item.outcome.seconds
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell what no single item tells."""
        for report in self._session.reports if self._session else ():
            terminalreporter.write_sep("-", f"web60: {report.target.name} ({report.target.url})")
            for line in words.closing(report):
                terminalreporter.write_line(line)
            if report.exit() is Exit.NOTHING:
                terminalreporter.write_line(words.nothing_shown(report))


class _Silent:
    """pytest does the talking."""

    def ready(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""

    def result(self, runner: Runner, result: Result) -> None:
        """See `harness.session.Audience`."""

    def over(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""


def spec_run(config: pytest.Config) -> SpecRun:
    """The run of this pytest session."""
    run: SpecRun = config.pluginmanager.getplugin("web60-run")
    return run
