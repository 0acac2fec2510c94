"""
Together or alone, first come first served.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred

from harness.clocks import started
from harness.locks import Shared


class Room:
    """A shared room, and a diary of who is in it."""

    def __init__(self) -> None:
        self.shared = Shared()
        self.inside: list[str] = []
        self.history: list[str] = []
        self.ends: dict[str, Deferred[None]] = {}

    def visit(self, name: str, *, alone: bool) -> Deferred[Any]:
        """Somebody who stays until told to go."""
        self.ends[name] = Deferred()
        return started(self._visit(name, alone=alone))

    async def _visit(self, name: str, *, alone: bool) -> None:
        async with self.shared.alone() if alone else self.shared.together():
            self.inside.append(name)
            self.history.append(name)
            try:
                await self.ends[name]
            finally:
                self.inside.remove(name)

    def leave(self, name: str) -> None:
        """Tell somebody to go."""
        self.ends[name].callback(None)


def test_many_are_together() -> None:
    """Nobody waits for anybody."""
    room = Room()

    room.visit("a", alone=False)
    room.visit("b", alone=False)

    assert room.inside == ["a", "b"]


def test_one_who_wants_to_be_alone_waits_until_the_room_is_empty() -> None:
    """And keeps the others out meanwhile."""
    room = Room()
    room.visit("a", alone=False)

    room.visit("b", alone=True)
    beside = list(room.inside)
    room.leave("a")
    alone = list(room.inside)
    room.visit("c", alone=False)
    room.visit("d", alone=True)
    still = list(room.inside)
    room.leave("b")

    assert (beside, alone, still, room.inside) == (["a"], ["b"], ["b"], ["c"])


def test_nobody_overtakes_one_who_wants_to_be_alone() -> None:
    """Otherwise that one might wait for ever."""
    room = Room()
    room.visit("a", alone=False)
    room.visit("b", alone=True)

    room.visit("c", alone=False)
    room.leave("a")
    room.leave("b")

    assert room.history == ["a", "b", "c"]


def test_an_error_inside_opens_the_room_again() -> None:
    """Whoever fails leaves."""
    room = Room()
    failing = room.visit("a", alone=True)
    failing.addErrback(lambda failure: failure.trap(KeyError))
    room.visit("b", alone=False)

    room.ends["a"].errback(KeyError("x"))

    assert room.inside == ["b"]


def test_those_behind_one_who_gives_up_do_not_wait_for_nothing() -> None:
    """They may be together with those inside."""
    room = Room()
    room.visit("a", alone=False)
    impatient = room.visit("b", alone=True)
    impatient.addErrback(lambda failure: failure.trap(CancelledError))
    room.visit("c", alone=False)

    impatient.cancel()

    assert room.inside == ["a", "c"]


@settings(deadline=None)
@given(visits=st.lists(st.booleans(), max_size=10), leaves=st.lists(st.integers(0, 9), max_size=40))
def test_one_alone_is_alone_and_everybody_gets_in(visits: list[bool], leaves: list[int]) -> None:
    """In whatever order they leave."""
    room = Room()
    for number, alone in enumerate(visits):
        room.visit(str(number), alone=alone)

    for choice in [*leaves, *[0] * len(visits)]:
        if any(visits[int(name)] for name in room.inside):
            assert len(room.inside) == 1
        if room.inside:
            room.leave(room.inside[choice % len(room.inside)])

    assert room.history == [str(number) for number in range(len(visits))]
    assert room.inside == []
