"""
The pytest plugin: `pytest specs --url …` is the same run as `web60 run --url …`.

Each spec and target is an item, which awaits the runner's result; the runner starts at its first item, so waiting
overlaps here as it does there.  Where pytest-xdist spreads the targets (`harness.spread`), a worker starts those that
it was given, one after another, and the controller has the results.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue import Spec
from harness.reports import words
from harness.results import Result
from harness.specrun import SpecRun
from harness.transcripts import safe
from harness.verdicts import Verdict


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
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
    if find_spec("pytest_html") is None or pluginmanager.is_blocked("html"):
        # pytest-html has an option of this name, and there cannot be two.
        group.addoption("--html", dest="web60_html", help="write a report for browsers here")
    group.addoption("--baseline", help="known divergences of the target")
    group.addoption("--ca", help="https: trust the certificates in this PEM file")
    group.addoption("--insecure", action="store_true", help="https: trust any certificate")
    group.addoption("--strict-verdicts", action="store_true", help="warn and inconclusive fail as well")


def pytest_configure(config: pytest.Config) -> None:
    """Have the run of specs at hand; it begins with the first item, if there is one."""
    run = SpecRun(config)
    config.pluginmanager.register(run, "web60-run")
    if run.gathered is not None:
        config.pluginmanager.register(run.gathered, "web60-gathered")


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """An item lasts as long as its spec, not as long as pytest waited for it."""
    report = yield
    if isinstance(item, SpecItem) and call.when == "call" and item.outcome is not None:
        report.duration = item.outcome.seconds
    return report


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
            for number, suffix in enumerate(run.suffixes):
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


def spec_run(config: pytest.Config) -> SpecRun:
    """The run of this pytest session."""
    run: SpecRun = config.pluginmanager.getplugin("web60-run")
    return run
