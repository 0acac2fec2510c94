"""
The fixture `web60`: one's own site, checked inside one's own tests, in virtual time.

pytest knows it as soon as this package is installed; what it needs is imported when a test uses it.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, frozen

if TYPE_CHECKING:
    from harness.profiles import Profile
    from harness.results import Report


@pytest.fixture
def web60() -> Site:
    """Checks of a site that the test builds: `web60.check(make, profile)`."""
    return Site()


@frozen
class Site:
    """Checks a site; every spec gets one of its own, built by `make` in a world of virtual time."""

    def check(
        self,
        make: Callable[[Any], Any],
        profile: Mapping[str, Any] | Path | str,
        select: Sequence[str] | str = (),
        *,
        baseline: Path | str | None = None,
        strict: bool = False,
    ) -> Report:
        """
        Fail the test unless the site keeps the promises of the pages that `profile` offers.

        `make(reactor)` gives a resource, a Site, a WSGI application, or an awaitable or context manager of one.
        `profile` is a file, or its tables as a mapping; `select` are IDs, globs or pages, and without it all specs but
        crowds and properties, which take seconds and not milliseconds.  `baseline` is a file of known divergences, in
        place of the one that the profile names; with `strict` a SHOULD that is not kept fails as well.  Gives the
        report, with every result.  A profile, a selection or a site that cannot be used fails the test, too.
        """
        __tracebackhide__ = True
        from harness import baselines, catalogue, virtual  # noqa: PLC0415 - see the module's docstring
        from harness.errors import UsageError  # noqa: PLC0415 - as above
        from harness.reports import words  # noqa: PLC0415 - as above
        from harness.verdicts import Exit  # noqa: PLC0415 - as above

        try:
            with unrewritten(), warnings.catch_warnings():
                # Twisted 26.10 warns of its own page for 404; where warnings are errors that page would be a 500.
                warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"twisted\.")
                specs = catalogue.everything()
                chosen = catalogue.select(specs, [select] if isinstance(select, str) else select)
                if not select:
                    chosen = tuple(spec for spec in chosen if not (spec.busy or spec.schedules))
                described = _described(profile)
                given = Path(baseline) if baseline else None
                known = baselines.of(described, given, frozenset(spec.id for spec in specs))
                report = virtual.check(make, described, chosen, known)
        except UsageError as wrong:
            told = [f"web60: {wrong}", *_trace(wrong.__cause__)]
        else:
            if report.exit(strict=strict) is Exit.OK:
                return report
            told = list(words.whole(report, chosen))
        return pytest.fail("\n".join((*told, f"in {_caller()}")), pytrace=False)


def _described(given: Mapping[str, Any] | Path | str) -> Profile:
    """The profile, without its own way to the server: what the test builds is what it is about."""
    from harness import profiles  # noqa: PLC0415 - see the module's docstring

    if isinstance(given, Mapping):
        tables = {name: dict(table) if isinstance(table, Mapping) else table for name, table in given.items()}
        profile = profiles.parse(tables, Path())
    else:
        profile = profiles.load(Path(given))
    return evolve(profile, server=evolve(profile.server, url=None, command=None, factory=None))


def _trace(wrong: BaseException | None) -> list[str]:
    """Where in the person's own code that was raised: a traceback, less the lines of ours."""
    ours = os.path.dirname(__file__) + os.sep  # noqa: PTH120 - as a frame has it
    frames = traceback.extract_tb(wrong.__traceback__) if wrong else []
    return "".join(traceback.format_list([one for one in frames if not one.filename.startswith(ours)])).splitlines()


def _caller() -> str:
    """The line that asked for the check: a test may ask for several."""
    code = sys._getframe(2)  # noqa: SLF001 - the way to ask without building a traceback
    path = Path(code.f_code.co_filename)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown}:{code.f_lineno}"


@contextmanager
def unrewritten() -> Iterator[None]:
    """
    Meanwhile modules are imported as they are.

    With the asserts that pytest puts in their place specs would give other reasons than in `web60 run`, and format
    bodies of 50 MB.
    """
    hooks = [finder for finder in sys.meta_path if type(finder).__name__ == "AssertionRewritingHook"]
    for hook in hooks:
        sys.meta_path.remove(hook)
    try:
        yield
    finally:
        # Where pytest has them.  What others have put there meanwhile stays: whoever imports `six`, say.
        sys.meta_path[:0] = hooks
