"""
One attempt at one spec, whatever happens in it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from attrs import Factory, define, evolve, field, frozen
from twisted.internet.defer import CancelledError

from harness import assertions, offers, pasting
from harness.attempts import Attempt
from harness.catalogue import Spec
from harness.client import Client
from harness.clocks import Clock, Heartbeat
from harness.commands import Commands
from harness.errors import Misbehaved, NotOffered, Overdue, Unjudged
from harness.properties import hold_for_examples, how_drawn
from harness.results import Result
from harness.targets import Target
from harness.transcripts import Entry, Transcript, discreet
from harness.verdicts import Outcome, judge
from harness.wire import Wire
from harness.witnesses import Events, Log

#: Seconds beyond its nominal time until a spec is given up.  The slowest honest answer seen, 50 MB of CGI output on a
#: loaded two-core machine, took 7.
PATIENCE = 10.0

#: Seconds that our own event loop may lag before something that did not come in time says nothing about the target.
#: On two busy cores the loop's 99th percentile is below 0.05; a stall of 0.25 is half of the default slack.
BENT = 0.25

#: Instead of one example of a property: all of them.
ALL = object()


@frozen
class Tried:
    """
    What one attempt came to; `given_up` is whether its deadline ended it.

    `missed_by` is by how many seconds a measured time missed its window, None where none was measured; `control` what
    the control came to that was asked the same at the same time, None where it was not asked.
    """

    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0
    lag: float = 0.0
    on_time_alone: bool = False
    missed_by: float | None = None
    given_up: bool = False
    control: Tried | None = None
    facts: dict[str, Any] = Factory(dict)
    transcript: list[Entry] = Factory(list)

    @property
    def is_bent(self) -> bool:
        """Whether our own clock lagged by as much as what it measured was wrong: then it says nothing of a target."""
        if self.missed_by is not None:
            return self.lag >= self.missed_by
        return self.lag >= (PATIENCE if self.given_up else BENT)


@define(eq=False, repr=False)
class Running:
    """A spec that is under way, for whoever shows progress."""

    spec: Spec
    attempt: Attempt
    since: float
    lasts: float

    @property
    def left(self) -> float:
        """Seconds until its nominal end; negative once that has passed."""
        return self.since + self.lasts - self.attempt.now()


@define(eq=False, repr=False)
class Tries:
    """Makes attempts at the specs of one target; those under way are in `running`, by ID."""

    target: Target
    clock: Clock
    reactor: Any
    heart: Heartbeat
    running: dict[str, Running] = field(init=False, factory=dict)

    async def attempt(self, spec: Spec, lasts: float, example: Any = ALL) -> Tried:
        """
        One attempt, given up `PATIENCE` after the `lasts` seconds that it nominally takes.

        Of a property it tries all examples, each with that patience, or the one that is given.
        """
        began = self.clock.now()
        attempt = Attempt(self.clock, Transcript(began), self.target.token, most_bytes=spec.reads)
        facts: dict[str, Any] = {}
        self.running[spec.id] = Running(spec, attempt, began, lasts)
        try:
            tried = await self._outcome(spec, attempt, facts, lasts + PATIENCE, example)
        finally:
            attempt.finish()
            del self.running[spec.id]
        return evolve(
            tried,
            seconds=self.clock.now() - began,
            lag=self.heart.worst_since(began),
            facts=facts,
            transcript=attempt.transcript.entries,
        )

    async def _outcome(self, spec: Spec, attempt: Attempt, facts: dict[str, Any], within: float, example: Any) -> Tried:
        given_up = False

        def waited() -> str:
            nonlocal given_up
            given_up = True
            return attempt.given_up(within)

        try:
            await self.clock.give_up(self._asked(spec, attempt, facts, example), within, waited, attempt.excused)
        except (CancelledError, GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as wrong:  # noqa: BLE001 - an error of ours is a verdict too, never a crash of the run
            tried = evolve(came_of(wrong), given_up=given_up)
            if spec.examples is None or tried.outcome not in (Outcome.BROKEN, Outcome.LATE):
                return tried
            again = pasting.again(attempt.transcript.entries, self.target.dialer.address)
            return evolve(tried, reason="\n".join((tried.reason, *again, how_drawn())))
        return Tried(Outcome.HELD)

    async def _asked(self, spec: Spec, attempt: Attempt, facts: dict[str, Any], example: Any) -> None:
        spec.lasts(self.target)  # see `_lasts`
        attempt.measures()
        given = props(spec.page, self.target, self.reactor, attempt, facts)
        arguments = {name: given[name]() for name in spec.arguments if name != "example"}
        if spec.examples is None:
            await spec.function(**arguments)
        elif example is ALL:
            await hold_for_examples(self.reactor, spec, arguments, attempt)
        else:
            await spec.function(**arguments, example=example)


def unasked(spec: Spec, target: Target, *, virtual: bool = False) -> Tried | None:
    """What there is to say of a spec that need not be tried: not offered, or nothing can show it by this clock."""
    if why := offers.not_offered(spec, target):
        return Tried(Outcome.NOT_OFFERED, why)
    if why := offers.not_observable(spec, target, virtual=virtual):
        return Tried(Outcome.NOT_OBSERVABLE, why)
    return None


def props(
    page: str, target: Target, reactor: Any, attempt: Attempt, facts: dict[str, Any]
) -> dict[str, Callable[[], Any]]:
    """What a spec may ask to be given, by name."""
    wire = Wire(attempt, target.dialer, target.limit, target.alive)
    return {
        "target": lambda: target,
        "page": lambda: target.page(page),
        "wire": lambda: wire,
        "client": lambda: Client(attempt, wire, reactor),
        "events": lambda: Events(attempt, target.feed),
        "log": lambda: Log(attempt, target.journal) if target.journal else None,
        "clock": lambda: attempt,
        "facts": lambda: facts,
        "commands": lambda: Commands(attempt, reactor, target.clock, target.assets, target.python),
    }


def came_of(wrong: BaseException) -> Tried:
    """What an attempt came to that ended with this exception."""
    if isinstance(wrong, AssertionError) and not assertions.is_ours(wrong):
        why = assertions.failed(wrong)
        outcome = Outcome.LATE if why.on_time_alone else Outcome.BROKEN
        return Tried(outcome, why.reason, on_time_alone=why.on_time_alone, missed_by=why.missed_by)
    match wrong:
        case Overdue():
            return Tried(Outcome.LATE, assertions.noted(str(wrong), wrong), on_time_alone=True)
        case Misbehaved():
            return Tried(Outcome.BROKEN, assertions.noted(str(wrong), wrong))
        case NotOffered():
            return Tried(Outcome.NOT_OFFERED, str(wrong))
        case Unjudged():
            return Tried(Outcome.NOT_OBSERVABLE, str(wrong))
    return _ours(wrong)


def _ours(error: BaseException) -> Tried:
    return Tried(Outcome.OURS, "".join(traceback.format_exception(error)[-4:]).strip())


def result_of(spec: Spec, tried: Tried) -> Result:
    """What an attempt says of its spec, if no other attempt is needed."""
    failed = tried.outcome in (Outcome.BROKEN, Outcome.LATE, Outcome.OURS)
    return Result(
        id=spec.id,
        level=spec.level,
        verdict=judge(tried.outcome, spec.level),
        seconds=round(tried.seconds, 6),
        reason=discreet(tried.reason),
        failed=int(failed),
        lag=round(tried.lag, 6),
        facts=tried.facts,
        transcript=tried.transcript,
    )
