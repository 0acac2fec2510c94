"""
Who begins, works and repeats beside whom, in stepped time.
"""

from __future__ import annotations

from typing import Any

from twisted.internet import task
from twisted.internet.defer import CancelledError, Deferred

from harness.clocks import started
from harness.company import Company


async def _at_work(company: Company, until: Deferred[None], told: list[str], name: str) -> None:
    async with company.at_work():
        await until
    told.append(f"{name} is done")
    await company.rest()
    told.append(f"{name} repeats")


def test_nobody_repeats_while_another_is_at_work() -> None:
    """What was late beside a crowd would be late beside another's."""
    company, told = Company(task.Clock()), []
    one, other = Deferred[None](), Deferred[None]()
    for until, name in ((one, "one"), (other, "other")):
        started(_at_work(company, until, told, name))

    one.callback(None)
    before = list(told)
    other.callback(None)

    assert before == ["one is done"]
    assert sorted(told[1:]) == ["one repeats", "other is done", "other repeats"]


def test_who_is_alone_waits_for_nobody() -> None:
    """A company of one is none."""
    company, told = Company(task.Clock()), []
    until = Deferred[None]()
    started(_at_work(company, until, told, "one"))

    until.callback(None)

    assert told == ["one is done", "one repeats"]


def test_who_is_stopped_at_work_holds_up_nobody() -> None:
    """Nor does who is stopped while it waits for the others."""
    company, told = Company(task.Clock()), []
    ends = [Deferred[None]() for _ in range(3)]
    running = [started(_at_work(company, until, told, str(n))) for n, until in enumerate(ends)]
    gone: list[Any] = []
    for one in running[:2]:
        one.addErrback(lambda failure: gone.append(failure.trap(CancelledError)))

    ends[0].callback(None)
    running[0].cancel()
    running[1].cancel()
    ends[2].callback(None)

    assert gone == [CancelledError, CancelledError]
    assert told == ["0 is done", "2 is done", "2 repeats"]


def test_they_begin_one_after_the_other() -> None:
    """Two crowds that begin at once would be late for each other."""
    company, told = Company(task.Clock()), []
    ends = [Deferred[None]() for _ in range(2)]

    async def begins(until: Deferred[None], name: str) -> None:
        async with company.beginning():
            told.append(f"{name} begins")
            await until

    for until, name in zip(ends, ("one", "other"), strict=True):
        started(begins(until, name))
    before = list(told)
    ends[0].callback(None)

    assert before == ["one begins"]
    assert told == ["one begins", "other begins"]
