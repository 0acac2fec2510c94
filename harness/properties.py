"""
Properties: one spec, many examples that Hypothesis thinks up.

Hypothesis is synchronous and our exchanges are not.  So it thinks in a thread of its own and hands one example after
another to the event loop; at any moment only one of the two is at work.
"""

from __future__ import annotations

from threading import Event as Flag
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread, deferToThread

from harness.catalogue import Spec
from harness.clocks import started

#: Examples of a property in a run.  More find more but burn our processor while others wait.
EXAMPLES = 25


def get_ready() -> None:
    """Import Hypothesis, which takes half a second: before anything is timed."""
    import hypothesis.strategies  # noqa: F401, PLC0415


async def hold_for_examples(reactor: Any, spec: Spec, arguments: dict[str, Any]) -> None:
    """
    Await the spec for each example; raises what the smallest failing example raised.

    The same examples in every run: what a run finds must not depend on luck.  When the waiting is cancelled, the
    example under way is cancelled too, and no other begins.
    """
    # Hypothesis is slow to import, and most runs of single specs do without.
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415
    from hypothesis.errors import Flaky  # noqa: PLC0415

    assert spec.examples is not None
    stopped = Flag()
    under_way: list[Deferred[Any]] = []
    found: list[Exception] = []

    def begin(example: Any) -> Deferred[Any]:
        deferred = started(spec.function(**arguments, example=example))
        under_way[:] = [deferred]
        return deferred

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    @given(spec.examples())
    def each(example: Any) -> None:
        if stopped.is_set():
            return
        try:
            blockingCallFromThread(reactor, begin, example)
        except Exception as wrong:
            found.append(wrong)
            raise

    thinking: Deferred[Any] = deferToThread(each)
    waiting: Deferred[None] = Deferred()
    thinking.addBoth(lambda outcome: None if waiting.called else waiting.callback(outcome))
    try:
        await waiting
    except Flaky:
        # What fails once and not again has failed: Hypothesis' own complaint about it would look like an error of ours.
        raise found[0] from None
    finally:
        stopped.set()
        for deferred in under_way:
            if not deferred.called:
                deferred.cancel()
