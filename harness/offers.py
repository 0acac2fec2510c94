"""
Whether a target offers what a spec is about, and has a witness that can show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import attrs

from harness.catalogue import Spec
from harness.tables import PAGES

#: Values of a key by which a profile says: not this.
_NOT = (False, "", "never")

_WITNESSES = {
    "events": "an event feed or file ([server] events)",
    "asset-events": "our own scripts' events ($WEB60_EVENTS of a server that the suite starts, or [server] events)",
    "log": "a log ([server] log, or a server that the suite starts)",
    "done": "a page that says whether the work was done ([interrupted] done)",
    "files": "the directory of our assets that the server serves ([server] assets, or a server that the suite starts)",
}


class Offering(Protocol):
    """What is asked of a target here."""

    witnesses: frozenset[str]

    def page(self, name: str) -> Any:
        """The table of a page, None where it is not offered."""


def not_offered(spec: Spec, target: Offering) -> str:
    """Why the target does not claim this promise; empty where it does."""
    if target.page(spec.page) is None:
        return f"the profile has no [{spec.page}]"
    for need in spec.needs:
        name, _, allowed = need.partition("=")
        page, _, key = name.rpartition(".")
        page = page or spec.page
        table = target.page(page)
        if table is None:
            return f"the profile has no [{page}]"
        value = getattr(table, key)
        if value is None:
            return f"the profile has no [{page}] {key}"
        # A spec that names the values it is about may be about "never".
        if str(value) not in allowed.split("|") if allowed else value in _NOT:
            return f"the profile says [{page}] {key} = {str(value).lower()}"
    return ""


def not_observable(spec: Spec, target: Offering, *, virtual: bool = False) -> str:
    """Why nothing can show it here, by this clock; empty where something can."""
    if virtual and spec.only_real:
        return f"real-clock-only: {spec.only_real}"
    if spec.only_virtual and not virtual:
        return f"virtual-clock-only: {spec.only_virtual}"
    if not spec.witnesses or target.witnesses & set(spec.witnesses):
        return ""
    return "nothing shows it here: needs " + ", or ".join(_WITNESSES[name] for name in spec.witnesses)


def keys(spec: Spec) -> Iterator[tuple[str, str]]:
    """The tables and keys that a spec needs."""
    for need in spec.needs:
        page, _, key = need.partition("=")[0].rpartition(".")
        yield page or spec.page, key


def known(spec: Spec) -> bool:
    """Whether all keys that a spec needs are keys of a profile."""
    return all(page in PAGES and key in {one.name for one in attrs.fields(PAGES[page])} for page, key in keys(spec))


def paths(table: Any) -> list[str]:
    """The paths that a page's table has."""
    values = (getattr(table, key.name) for key in attrs.fields(type(table)))
    return [value for value in values if isinstance(value, str) and value.startswith("/")]
