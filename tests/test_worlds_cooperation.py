"""
Pull producers in a world: what HTTP sends piece by piece is sent there, too.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.internet import task
from twisted.web.server import Site
from twisted.web.static import File

from harness.catalogue import Spec
from harness.levels import MUST
from harness.profiles import parse
from harness.sources import rfc
from harness.verdicts import Verdict
from harness.virtual import check
from harness.worlds import World

#: More than any pipe or buffer holds, and than a file is read at once.
CONTENT = bytes(range(256)) * 8000


def test_a_file_is_served_whole(tmp_path: Path) -> None:
    """Twisted's `static.File` is a pull producer, which its channel works off with the shared cooperator."""
    (tmp_path / "ping").write_bytes(b"pong")
    (tmp_path / "large").write_bytes(CONTENT)
    profile = parse({"asynchronous": {"path": "/large"}}, Path())

    async def fetched(page: object, wire: object) -> None:
        answer = await wire.get(page.path)  # type: ignore[attr-defined]
        assert answer.body == CONTENT

    spec = Spec("asynchronous/one", MUST, rfc(9110, "1"), fetched, reads=2 * len(CONTENT))
    report = check(lambda reactor: Site(File(str(tmp_path)), reactor=reactor), profile, [spec])

    assert [(result.verdict, result.reason) for result in report.results] == [(Verdict.PASS, "")]


def test_cooperative_work_takes_no_time_and_leaves_others_a_turn(world: World) -> None:
    """One piece of it at a time, between whatever else happens at that moment."""
    seen: list[str] = []

    def work(name: str) -> object:
        for _ in range(3):
            seen.append(name)
            yield None

    async def both() -> float:
        before = world.seconds()
        first, second = task.cooperate(work("a")), task.cooperate(work("b"))  # type: ignore[arg-type]
        await first.whenDone()
        await second.whenDone()
        return world.seconds() - before

    assert world.run(both()) == 0.0
    assert seen == ["a", "b"] * 3


@pytest.mark.parametrize("fails", [False, True])
def test_the_shared_cooperator_is_the_reactor_s_again_afterwards(world: World, *, fails: bool) -> None:
    """Whatever a run ends in."""
    before = task._theCooperator

    async def look() -> bool:
        if fails:
            raise LookupError
        return task._theCooperator is before

    try:
        assert not world.run(look())
    except LookupError:
        assert fails

    assert task._theCooperator is before
