"""
Promises: what the catalogue of the design has of each page, line by line, and which specs look after it.

One TOML file a page.  A promise has a `level` (M for MUST, S for SHOULD, P for MUST if the profile claims it, m for a
fact), what it `says`, and the `ids` of the specs that look after it (of its own page without the page's name), or
`why` nothing can.  Both stand where the specs see a part only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from harness.catalogue import Spec, everything
from harness.levels import MUST, SHOULD
from harness.tables import PAGES

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "coverage.md"

LEVELS = {"M": "MUST", "S": "SHOULD", "P": "MUST, if the profile claims it", "m": "a fact"}

HEAD = """# What is covered

Each line of the catalogue of promises, page by page, with the specs that look after it, or the reason why nothing can.
**M** is a MUST, **S** a SHOULD, **P** a MUST for a server whose profile claims it.
*m* is a fact: recorded and compared, never judged.
Written by `python -m tests.promises` from `tests/promises/`; a test keeps it true and complete.
"""


@frozen
class Promise:
    """A line of the catalogue."""

    page: str
    level: str
    says: str
    ids: tuple[str, ...]
    why: str

    @property
    def whole_ids(self) -> tuple[str, ...]:
        """The IDs with their pages."""
        return tuple(id_ if "/" in id_ else f"{self.page}/{id_}" for id_ in self.ids)


def of(page: str) -> tuple[Promise, ...]:
    """The promises of a page; what two pages promise alike is written down once."""
    tables: dict[str, Any] = tomllib.loads((HERE / f"{page.replace('-', '_')}.toml").read_text("utf-8"))
    source = tables.get("like")
    promises = of(source) if source else ()
    return (
        *(Promise(page, one.level, one.says, one.ids, one.why) for one in promises),
        *(
            Promise(page, one["level"], one["says"], tuple(one.get("ids", ())), one.get("why", ""))
            for one in tables.get("promise", ())
        ),
    )


def mistakes(promises: Iterable[Promise], specs: Iterable[Spec]) -> Iterator[str]:
    """What is wrong with the promises of one page, beside the specs of all."""
    known = {spec.id: spec for spec in specs}
    for promise in promises:
        where = f"{promise.page}: {promise.says!r}"
        if promise.level not in LEVELS:
            yield f"{where} has no level {promise.level!r}"
        if not promise.ids and not promise.why:
            yield f"{where} has neither a spec nor a reason"
        missing = [id_ for id_ in promise.whole_ids if id_ not in known]
        yield from (f"{where} names {id_}, which is no spec" for id_ in missing)
        levels = {known[id_].level for id_ in promise.whole_ids if id_ in known}
        wanted = {"M": {MUST}, "P": {MUST}, "S": {MUST, SHOULD}}.get(promise.level)
        if levels and wanted and not levels & wanted:
            yield f"{where} is looked after by nothing of its level"


def untold(page: str, promises: Iterable[Promise], specs: Iterable[Spec]) -> list[str]:
    """The specs of a page that no promise names."""
    told = {id_ for promise in promises for id_ in promise.whole_ids}
    return [spec.id for spec in specs if spec.page == page and spec.id not in told]


def document() -> str:
    """The table for readers."""
    specs = everything()
    lines = [HEAD]
    for page in PAGES:
        promises = of(page)
        count = sum(spec.page == page for spec in specs)
        lines += [f"## {page}", "", f"{len(promises)} promises, {count} specs.", ""]
        lines += ["| | promise | looked after by |", "|---|---|---|"]
        for promise in promises:
            level = f"*{promise.level}*" if promise.level == "m" else f"**{promise.level}**"
            by = "<br>".join((*(f"`{id_}`" for id_ in promise.ids), *([promise.why] if promise.why else [])))
            lines.append(f"| {level} | {promise.says} | {by} |")
        lines.append("")
    return "\n".join(lines)
