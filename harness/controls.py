"""
The control: the reference, asked the same as a target in the same moment on the same machine.

What is late there as well was made late by the machine.  It costs nothing until something fails.
"""

from __future__ import annotations

from typing import Any

import attrs
from attrs import define, evolve, field
from twisted.internet.defer import Deferred

from harness import profiles
from harness.catalogue import Spec
from harness.clocks import Clock, Heartbeat, shared, started
from harness.errors import UsageError
from harness.given import reference
from harness.profiles import Profile
from harness.starting import start
from harness.targets import Target
from harness.trying import Tried, Tries, unasked

#: The seconds of a profile's pages that the reference can be told, by its options.
OPTIONS = {
    "--idle": ("session-endings", "idle"),
    "--after": ("timeouts", "after"),
    "--nonce-lifetime": ("http-auth", "nonce_lifetime"),
}


@define(eq=False, repr=False)
class Control:
    """
    Asks the reference what a target with this profile is asked.

    Its processes, one for each set of delays that is wanted, begin when they are needed for the first time; `stop`
    ends them.
    """

    profile: Profile
    clock: Clock
    reactor: Any
    _begun: dict[tuple[str, ...], Deferred[Target | None]] = field(init=False, factory=dict)

    async def ask(self, spec: Spec, heart: Heartbeat) -> Tried | None:
        """What the control comes to now, by the clock that this heart beats for; None where it cannot be asked this."""
        target = await self._running(spec.page)
        if target is None or unasked(spec, target):
            return None
        tries = Tries(target, self.clock, self.reactor, heart)
        return await tries.attempt(spec, spec.lasts(target))

    async def stop(self) -> None:
        """End what was started.  A second call does nothing."""
        while self._begun:
            _, begun = self._begun.popitem()
            if not begun.called:
                begun.cancel()
            elif (target := await begun) is not None:
                await target.stop()

    def _running(self, page: str) -> Deferred[Target | None]:
        """The target for a page, which is started once for all pages of the same delays."""
        delays = options(self.profile, page)
        if delays not in self._begun:
            self._begun[delays] = started(self._start(page))
        return shared(self._begun[delays])

    async def _start(self, page: str) -> Target | None:
        try:
            return await start(imitating(self.profile, page), self.reactor, self.clock)
        except UsageError:
            # No control can be had here; the result of a target that was judged without one says nothing of any.
            return None


def imitating(profile: Profile, page: str) -> Profile:
    """The profile of a reference that takes as long as the target does on this page, with the target's tolerances."""
    own = profiles.load(reference("profile.toml"))
    pages = {name: _as_long(table, profile.pages.get(name)) for name, table in own.pages.items()}
    command = (*(own.server.command or ()), *options(profile, page))
    server = evolve(own.server, name="the control", command=command)
    return evolve(own, server=server, timing=profile.timing, pages=pages)


def options(profile: Profile, page: str) -> tuple[str, ...]:
    """The options by which the reference takes as long as this page does, and as the pages that it may need."""
    return tuple(
        word
        for option, (name, key) in {"--delay": (page, "delay"), **OPTIONS}.items()
        if name in profile.pages and hasattr(profile.pages[name], key)
        for word in (option, str(getattr(profile.pages[name], key)))
    )


def _as_long(own: Any, theirs: Any) -> Any:
    """A page of the reference with the seconds of the target's."""
    if theirs is None:
        return own
    seconds = {
        key.name: value for key in attrs.fields(type(own)) if isinstance(value := getattr(theirs, key.name), float)
    }
    return evolve(own, **seconds)
