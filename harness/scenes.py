"""
One world for each spec: a server of its own, built by the factory, and a clock of its own.
"""

from __future__ import annotations

import compileall
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define, evolve, field, frozen

from harness import profiles
from harness.errors import Stuck, UsageError
from harness.factories import Make
from harness.profiles import Profile
from harness.starting import start
from harness.targets import Target
from harness.workspaces import Workspace
from harness.worlds import World, WorldClock


@frozen
class Scene:
    """A world with a server in it."""

    world: World
    clock: WorldClock
    target: Target


@define(eq=False)
class Scenes:
    """Opens scenes with the server of one profile, or with what `make` builds."""

    profile: Profile
    make: Make | None = None
    workspace: Workspace = field(init=False)
    _known: Target | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        server = self.profile.server
        if server.url or server.command or not (server.factory or self.make):
            message = (
                "virtual time is for a server that is built in this process: give --factory package.module:make; "
                "what runs elsewhere keeps real time"
            )
            raise UsageError(message)
        self.profile = profiles.exact(self.profile)
        self.workspace = Workspace.make()
        # The application is read for every scene; its own process would keep what Python made of it as well.
        compileall.compile_dir(self.workspace.assets, maxlevels=0, quiet=2)

    @contextmanager
    def opened(self) -> Iterator[Scene]:
        """A scene, which is over afterwards.  Raises `UsageError` where the factory gives nothing that answers."""
        self.workspace.forget_events()
        with World() as world:
            clock = WorldClock(world)
            try:
                target = world.run(
                    start(self.profile, world, clock, workspace=self.workspace, make=self.make, known=self._known)
                )
            except Stuck as wrong:
                message = f"the factory gives no server: {wrong}, and it still waits for something"
                raise UsageError(message) from None
            try:
                yield Scene(world, clock, target)
            finally:
                _stop(world, target)

    def first(self) -> Target:
        """The server as it is found to be; what was found out about it holds for all the scenes that follow."""
        with self.opened() as scene:
            self.profile = profiles.exact(scene.target.profile)
            self._known = scene.target
            return scene.target

    def again(self) -> Scenes:
        """The same, with a workspace of its own."""
        other = evolve(self)
        other.profile, other._known = self.profile, self._known  # noqa: SLF001 - it is one of us
        return other

    def close(self) -> None:
        """Remove what the servers were given.  A second call does nothing."""
        self.workspace.remove()


def _stop(world: World, target: Target) -> None:
    """End a target.  Raises `UsageError` for a factory whose context manager cannot be left."""
    try:
        world.run(target.stop())
    except Exception as wrong:
        message = f"the factory's server failed while it was stopped: {type(wrong).__name__}: {wrong}"
        raise UsageError(message) from wrong
