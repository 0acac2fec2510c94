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
from harness.clocks import Clock, Heartbeat, started
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
        try:
            profile = imitating(self.profile, spec.page)
        except UsageError:
            return None  # there is no reference here
        target = await self._running(profile)
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

    def _running(self, profile: Profile) -> Deferred[Target | None]:
        """The target of this profile, which is started once; all who ask wait for the same."""
        words = profile.server.command or ()
        if words not in self._begun:
            self._begun[words] = started(self._start(profile))
        waiting: Deferred[Target | None] = Deferred()

        def tell(target: Any) -> Any:
            waiting.callback(target if isinstance(target, Target) else None)
            return target

        self._begun[words].addBoth(tell)
        return waiting

    async def _start(self, profile: Profile) -> Target | None:
        try:
            return await start(profile, self.reactor, self.clock)
        except UsageError:
            # No control can be had here; the result of a target that was judged without one says nothing of any.
            return None


def imitating(profile: Profile, page: str) -> Profile:
    """The profile of a reference that takes as long as the target does on this page, with the target's tolerances."""
    own = profiles.load(reference("profile.toml"))
    options = {"--delay": (page, "delay"), **OPTIONS}
    pages = {name: _as_long(table, profile.pages.get(name)) for name, table in own.pages.items()}
    words = [
        word
        for option, (name, key) in options.items()
        if name in profile.pages and hasattr(profile.pages[name], key)
        for word in (option, str(getattr(profile.pages[name], key)))
    ]
    server = evolve(own.server, name="the control", command=(*(own.server.command or ()), *words))
    return evolve(own, server=server, timing=profile.timing, pages=pages)


def _as_long(own: Any, theirs: Any) -> Any:
    """A page of the reference with the seconds of the target's."""
    if theirs is None:
        return own
    seconds = {
        key.name: value for key in attrs.fields(type(own)) if isinstance(value := getattr(theirs, key.name), float)
    }
    return evolve(own, **seconds)
