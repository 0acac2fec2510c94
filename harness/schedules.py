"""
Schedules: properties over time.  Hypothesis thinks up what happens and when, a model says what must come of it.

Only virtual time affords them: hours, in a world of its own for each schedule.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable
from contextlib import ExitStack
from contextvars import copy_context
from typing import Any, TypeVar

from attrs import define, evolve, field, frozen
from hypothesis import Verbosity
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from harness.attempts import Attempt
from harness.catalogue import Spec
from harness.properties import SCHEDULES, STEPS, chosen, how_drawn, seeded
from harness.scenes import Scenes
from harness.transcripts import Transcript
from harness.trying import PATIENCE, Tried, came_of, props
from harness.verdicts import Outcome

T = TypeVar("T")

#: By these Hypothesis leaves a schedule that leads nowhere.
_ABANDONED = (StopTest, UnsatisfiedAssumption)


@frozen
class Row:
    """Something that happened; `t` is in seconds since its schedule began."""

    t: float
    event: str

    def __str__(self) -> str:
        return f"{self.t:10.3f} s  {self.event}"


@define(eq=False, repr=False)
class Stage:
    """Where the schedules of one spec take place; `last` is the latest that failed, or else the latest."""

    spec: Spec
    scenes: Scenes
    last: Schedule | None = field(init=False, default=None)


class Schedule(RuleBasedStateMachine):
    """
    One schedule: rules make something happen, and assert what the model says of it.

    What a spec may ask to be given is here as attributes: `target`, `page`, `wire`, `client`, `events`, `log`, `clock`.
    When a schedule is over, the spec's own function is awaited with it.
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._stack = ExitStack()
        self._scene = self._stack.enter_context(stage.scenes.opened())
        self._began = self._scene.clock.now()
        self._attempt = Attempt(
            self._scene.clock, Transcript(self._began), self._scene.target.token, most_bytes=stage.spec.reads
        )
        self._given = props(stage.spec.page, self._scene.target, self._scene.world, self._attempt, {})
        self.rows: list[Row] = []
        self.problem: BaseException | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._given:
            raise AttributeError(name)
        setattr(self, name, self._given[name]())
        return getattr(self, name)

    @property
    def now(self) -> float:
        """Seconds since the schedule began."""
        return self._scene.clock.now() - self._began

    def tell(self, event: str) -> None:
        """Write down what happens now."""
        self.rows.append(Row(self.now, event))

    def found(self, what: str) -> None:
        """Write behind the last event what came of it."""
        self.rows[-1] = evolve(self.rows[-1], event=f"{self.rows[-1].event}: {what}")

    def do(self, awaitable: Awaitable[T], lasts: float = 0.0) -> T:
        """The result of something that nominally takes `lasts` seconds, and is given up `PATIENCE` after them."""
        clock, within = self._scene.clock, lasts + PATIENCE
        context = copy_context()
        context.run(self._attempt.measures)
        whole = clock.give_up(awaitable, within, lambda: self._attempt.given_up(within))
        return context.run(self._scene.world.run, whole)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self._scene.world.run(self._attempt.sleep(seconds, "what happens next"))

    def teardown(self) -> None:
        """See Hypothesis: the schedule is over, whatever has become of it."""
        why = sys.exc_info()[1]
        if not isinstance(why, _ABANDONED):
            self.problem = why
        try:
            if why is None:
                self._end()
        finally:
            if self.problem or self._stage.last is None or self._stage.last.problem is None:
                self._stage.last = self
            self._attempt.finish()
            self._stack.close()

    def _end(self) -> None:
        try:
            spec = self._stage.spec
            self.do(spec.function(schedule=self), spec.lasts(self.target))
        except BaseException as wrong:
            self.problem = wrong
            raise

    @property
    def told(self) -> Tried:
        """What it came to: the reason with the schedule as a table, and its transcript as evidence."""
        tried = Tried(Outcome.HELD) if self.problem is None else came_of(self.problem)
        reason = tried.reason
        if self.problem is not None:
            head = f"{'time':>10}    event"
            reason = "\n".join((reason + self._scene.world.strays.told(), head, *map(str, self.rows), how_drawn()))
        return evolve(tried, reason=reason, seconds=self.now, transcript=self._attempt.transcript.entries)


def tried(spec: Spec, scenes: Scenes) -> Tried:
    """What many schedules of a spec came to: all held, or the shortest one that Hypothesis found did not."""
    assert spec.schedules is not None
    machine, stage = spec.schedules(), Stage(spec, scenes)
    # Hypothesis takes a function too, and says that it takes a class.
    begin: Any = lambda: machine(stage)  # noqa: E731
    told = chosen(max_examples=SCHEDULES, stateful_step_count=STEPS, verbosity=Verbosity.quiet)
    try:
        run_state_machine_as_test(seeded(begin), settings=told)
    except BaseException as wrong:
        if stage.last is None or stage.last.problem is None or isinstance(wrong, KeyboardInterrupt):
            raise
    assert stage.last is not None
    return stage.last.told
