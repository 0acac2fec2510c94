"""
Which pages a server has that came without a profile.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
from attrs import evolve

from harness.clocks import gather
from harness.errors import UsageError
from harness.profiles import Profile
from harness.tables import PAGES, usual

#: Seconds after which a page that says nothing is there all the same: it takes its time, which many of ours do.
SILENT = 1.0

#: What a server answers for a path that it has no page for.  Not 405: that page takes another method.
ABSENT = frozenset({0, 404, 410, 501})

#: Nothing lives here.
_NOWHERE = "/web60-no-such-page?id={id}"

#: Where a server that follows the contract has its events.
_EVENTS = "/events?since={n}"

#: What to ask for below a path at which our assets are served, by page and key.
_PROBES = {
    ("cgi", "base"): "date-example.sh",
    ("cgi", "filtered"): "date-example.sh",
    ("rpy-scripts", "path"): "run.rpy",
    ("static-content", "path"): "plain.txt",
    ("static-dispatch", "path"): "foo/name.txt",
    ("wsgi", "mount"): "/environ",
}

Status = Callable[[str, float], Awaitable[int | None]]


async def discover(profile: Profile, status: Status) -> Profile:
    """
    The profile with a table for each page that answers where the contract has it, and the feed of events if any.

    Raises `UsageError` when no page is found: then there is nothing to check.
    """
    nowhere = await status(_NOWHERE, SILENT)
    if nowhere is not None and 0 < nowhere < 300:  # 0: no HTTP at all
        message = (
            f"the server answers {nowhere} whatever the path is, so its pages cannot be told apart: write a profile"
        )
        raise UsageError(message)

    async def there(path: str) -> bool:
        return await status(path, SILENT) not in {*ABSENT, nowhere}

    names = list(PAGES)
    found = await gather(*(_found(name, there) for name in names))
    pages = {name: table for name, table in zip(names, found, strict=True) if table is not None}
    if not pages:
        wanted = ", ".join(_main(name, usual(PAGES[name])) for name in names)
        message = f"none of the usual pages answers here ({wanted}): write a profile with the paths of yours"
        raise UsageError(message)
    server = profile.server
    if server.events is None and await status(_EVENTS.replace("{n}", "0"), SILENT) == 200:
        server = evolve(server, events=_EVENTS)
    return evolve(profile, server=server, pages=pages)


async def _found(name: str, there: Callable[[str], Awaitable[bool]]) -> Any:
    """The table of a page with what of it answers; None where the page itself does not."""
    table = usual(PAGES[name])
    if name != "http-auth" and not await there(_main(name, table)):
        return None
    # What is no path cannot be asked for: it is as the contract has it.
    can_be_missing = {key.name for key in attrs.fields(type(table)) if "usual" in key.metadata}
    optional = {key: path for key, path in questions(name, table).items() if key in can_be_missing}
    answers = await gather(*(there(path) for path in optional.values()))
    missing = {key: None for key, answered in zip(optional, answers, strict=True) if not answered}
    if name == "http-auth" and len(missing) == len(optional):
        return None
    return evolve(table, **missing)


def questions(page: str, table: Any) -> dict[str, str]:
    """What to ask for to see what of a page is there: for each of its keys that is a path."""
    values = {key.name: getattr(table, key.name) for key in attrs.fields(type(table))}
    return {
        key: value + _PROBES.get((page, key), "")
        for key, value in values.items()
        if isinstance(value, str) and value.startswith("/")
    }


def _main(name: str, table: Any) -> str:
    """The path whose answer shows that a page is there."""
    return next(iter(questions(name, table).values()))
