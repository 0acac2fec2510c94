"""
The HTML report: one file that needs nothing else, for one target or for several side by side.

Nothing from a target is markup here: every expression of the templates is made visible and escaped by the environment,
and should that ever fail, the page's own policy lets nothing run but the script that came with it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.catalogue import Spec
from harness.errors import UsageError
from harness.reports import grids, sheets
from harness.results import Report
from harness.transcripts import safe


def claim(path: Path) -> None:
    """
    Make sure, before a run, that its report can be written there.  Raises `UsageError` where it cannot.

    An older report is taken away, so that nobody takes it for this run's.
    """
    try:
        with path.open("ab"):
            pass
        if path.is_file():
            path.unlink()
    except OSError as wrong:
        raise _unwritable(path, wrong) from None


def write(
    path: Path,
    reports: Sequence[Report],
    specs: Mapping[str, Spec],
    *,
    steps: bool = False,
    remarks: Sequence[str] = (),
) -> None:
    """
    Write the report of one target, or of several side by side.

    With `steps` they are versions of one thing in their order, and what changed from each to the next is told.
    `remarks` are sentences that stand on top.  Raises `UsageError` when it cannot be written.
    """
    page = _page(reports, specs, steps=steps, remarks=remarks)
    try:
        if path.exists() and not path.is_file():
            # A pipe or a terminal, in whose place no other file can be put.
            path.write_text(page, "utf-8")
            return
        whole = path.with_name(path.name + ".whole")
        whole.write_text(page, "utf-8")
        whole.replace(path)
    except OSError as wrong:
        raise _unwritable(path, wrong) from None


def _unwritable(path: Path, wrong: OSError) -> UsageError:
    return UsageError(f"cannot write the report {path}: {wrong.strerror}")


def _page(reports: Sequence[Report], specs: Mapping[str, Spec], *, steps: bool, remarks: Sequence[str]) -> str:
    environment = Environment(
        loader=PackageLoader("harness.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = _linked
    style, script = (_own(environment, name) for name in ("report.css", "report.js"))
    common: dict[str, Any] = {
        "style": style,
        "script": script,
        "policy": _policy(style, script),
        "remarks": remarks,
        "meanings": sheets.MEANINGS,
        "kinds": grids.KINDS,
    }
    if len(reports) == 1:
        return environment.get_template("sheet.html.jinja").render(common, sheet=sheets.Sheet.of(reports[0], specs))
    grid = grids.Grid.of(reports, specs, are_versions=steps)
    return environment.get_template("grid.html.jinja").render(common, grid=grid)


def _visible(value: Any) -> Any:
    """Text with nothing hidden in it; what is markup is ours."""
    return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _linked(anchor: str) -> str:
    """An anchor, which stands on the page as everything does, as links name it."""
    return quote(safe(anchor))


def _own(environment: Environment, name: str) -> Markup:
    """A text of ours as it stands."""
    assert environment.loader is not None
    source, *_ = environment.loader.get_source(environment, name)
    return Markup(source)  # noqa: S704 - it is part of this package


def _policy(style: str, script: str) -> str:
    """What a browser may do with the page: show it, with this style, and run this script."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
