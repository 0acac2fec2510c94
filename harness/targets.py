"""
Targets: the server under test, running and reachable.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from attrs import define, field

from harness.clocks import Clock
from harness.dialers import Dialer
from harness.limits import Limit
from harness.profiles import Profile
from harness.tables import PAGES
from harness.timing import Timing
from harness.wire import Ping
from harness.witnesses import Feed, Journal

#: Ends something that was started; gives what to wait for, or None.
Stop = Callable[[], Awaitable[None] | None]


@define(eq=False, repr=False)
class Target:
    """
    A running target.

    Specs read its tables as attributes (`target.asynchronous`; None where it is not offered), and `timing`,
    `parallel`, `bound`, `url`, `assets`.
    """

    profile: Profile
    clock: Clock
    dialer: Dialer
    alive: Ping
    journal: Journal | None
    feed: Feed
    witnesses: frozenset[str]
    assets: Path | None = None
    software: str = ""
    limit: Limit = field(init=False)
    _stops: list[Stop] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.limit = Limit(self.parallel)

    def __getattr__(self, name: str) -> Any:
        page = name.replace("_", "-")
        if page in PAGES:
            return self.profile.pages.get(page)
        raise AttributeError(name)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.profile.server.name or self.url

    @property
    def url(self) -> str:
        """Its base URL."""
        return self.dialer.address.url

    @property
    def timing(self) -> Timing:
        """The tolerances of its profile."""
        return self.profile.timing

    @property
    def parallel(self) -> int:
        """How many requests may be outstanding at once."""
        return self.profile.server.parallel

    @property
    def bound(self) -> int | None:
        """The same where the profile names it; where it does not, virtual time knows no bound."""
        return self.parallel if ("server", "parallel") in self.profile.named else None

    @property
    def python(self) -> str:
        """The Python that `{python}` in a command stands for."""
        return self.profile.server.python or sys.executable

    @staticmethod
    def token() -> str:
        """A fresh ID, unique over all runs."""
        return f"w60-{secrets.token_hex(8)}"

    def path(self, template: str, **values: object) -> str:
        """A path of the profile, filled in, below the base URL."""
        return self.dialer.address.path(template, **values)

    def page(self, name: str) -> Any:
        """The table of a page, None where it is not offered."""
        return self.profile.pages.get(name)

    async def stop(self) -> None:
        """End what was started for it, last first.  A second call does nothing."""
        await unwind(self._stops)


async def unwind(stops: list[Stop]) -> None:
    """Call them, last first, and wait for those that take their time; none is left."""
    while stops:
        waiting = stops.pop()()
        if waiting is not None:
            await waiting
