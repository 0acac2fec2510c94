"""
Properties: one spec, many examples that Hypothesis thinks up.

Hypothesis is synchronous and our exchanges are not.  So it thinks in a thread of its own and hands one example after
another to the event loop; at any moment only one of the two is at work.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from threading import Event as Flag
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread, deferToThread

from harness.catalogue import Spec
from harness.clocks import started

#: Examples of a property in a run.  More find more but burn our processor while others wait.
EXAMPLES = 25

#: Schedules of a property over time, and steps of one at most: what is wrong in time takes few steps to show.
SCHEDULES, STEPS = 20, 10

#: What Hypothesis does with a property.  Whoever only asks whether it holds has no use for the last.
PHASES = ("explicit", "generate", "shrink")

#: What the examples are drawn from, set once before a run; without it they are the same in every run.
SEED: int | None = None


def get_ready() -> None:
    """Import Hypothesis, which takes half a second: before anything is timed."""
    import hypothesis.strategies  # noqa: F401, PLC0415


def chosen(**others: Any) -> Any:
    """Hypothesis' settings: without a seed the same examples in every run, for what it finds must not be luck."""
    # Hypothesis is slow to import, and most runs of single specs do without.
    from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415

    always = {
        "max_examples": EXAMPLES,
        "deadline": None,
        "derandomize": SEED is None,
        "database": None,
        "phases": [Phase[name] for name in PHASES],
        "suppress_health_check": list(HealthCheck),
        "print_blob": False,
        "report_multiple_bugs": False,
    }
    return settings(**{**always, **others})


def seeded(test: Any) -> Any:
    """The test, or what makes a machine, with the examples that the seed gives."""
    from hypothesis import seed  # noqa: PLC0415 - see above

    return test if SEED is None else seed(SEED)(test)


def how_drawn() -> str:
    """How to have the same examples again."""
    return "the same examples in every run (--seed N: others)" if SEED is None else f"the same examples: --seed {SEED}"


def for_examples(spec: Spec, each: Callable[[Any], None]) -> None:
    """Call this for every example of a property, and raise what it raises for the smallest one for which it does."""
    from hypothesis import given  # noqa: PLC0415 - see above
    from hypothesis.errors import Flaky  # noqa: PLC0415 - see above

    found: list[Exception] = []

    # One function for all properties and both clocks: Hypothesis draws its examples by what the function is.
    def of(example: Any) -> None:
        try:
            each(example)
        except Exception as wrong:
            found.append(wrong)
            raise

    assert spec.examples is not None
    try:
        chosen()(seeded(given(spec.examples())(of)))()
    except Flaky:
        # What fails once and not again has failed: Hypothesis' own complaint about it would look like an error of ours.
        raise found[0] from None


class Parts(Protocol):
    """What is told of its parts, one after another."""

    def anew(self) -> None:
        """One begins."""

    def got_on(self) -> None:
        """It is over, and has held."""


async def hold_for_examples(reactor: Any, spec: Spec, arguments: dict[str, Any], attempt: Parts) -> None:
    """
    Await the spec for each example, a part of this attempt; raises what the smallest failing one raised.

    When the waiting is cancelled, the example under way is cancelled too, and no other begins.
    """
    stopped = Flag()
    under_way: list[Deferred[Any]] = []
    # The event loop calls for a thread in a context of its own, which knows nothing of this attempt.
    context = copy_context()

    def begin(example: Any) -> Deferred[Any]:
        attempt.anew()
        deferred = context.run(started, spec.function(**arguments, example=example))
        under_way[:] = [deferred]

        def over(result: Any) -> Any:
            attempt.got_on()
            return result

        return deferred.addCallback(over)

    def each(example: Any) -> None:
        if not stopped.is_set():
            blockingCallFromThread(reactor, begin, example)

    thinking: Deferred[Any] = deferToThread(for_examples, spec, each)
    waiting: Deferred[None] = Deferred()
    thinking.addBoth(lambda outcome: None if waiting.called else waiting.callback(outcome))
    try:
        await waiting
    finally:
        stopped.set()
        for deferred in under_way:
            if not deferred.called:
                deferred.cancel()
