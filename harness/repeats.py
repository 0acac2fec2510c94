"""
What several attempts at one spec say together, of which at least the first failed on time alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from harness.catalogue import Spec
from harness.levels import Level
from harness.results import Result
from harness.trying import Tried, result_of
from harness.verdicts import Outcome


def result_of_all(spec: Spec, tries: Sequence[Tried]) -> Result:
    """
    The result that they deserve.

    It is a failure if all of them failed, and a repetition among them did while our own clock and the control kept
    time.  What held once is no pass either: nobody knows what else was different.  A fact that could be recorded in the
    end is one: it is not judged; but it is unsteady if it was another before.
    """
    late = [tried for tried in tries if tried.outcome is Outcome.LATE]
    last = tries[-1]
    if last.outcome in (Outcome.BROKEN, Outcome.OURS) or (last.outcome is Outcome.HELD and spec.level is Level.MAY):
        said = last
    elif len(late) == len(tries) and (straight := [tried for tried in late[1:] if not _excuse(tried)]):
        said = evolve(straight[-1], reason=straight[-1].reason + _count(tries, late))
    else:
        excuses = [excuse for tried in late if (excuse := _excuse(tried))]
        why = excuses[-1] if len(late) == len(tries) else "; it held when it was repeated"
        said = evolve(late[-1], outcome=Outcome.UNSURE, reason=late[-1].reason + _count(tries, late) + why)
    failed = len(tries) if said is last and last.outcome is not Outcome.HELD else len(late)
    together = evolve(result_of(spec, said), attempts=len(tries), failed=failed, control=_control(tries))
    return evolve(together, unsteady=_unsteady(tries, together.facts))


def _unsteady(tries: Sequence[Tried], facts: Mapping[str, Any]) -> list[str]:
    """The facts that were others in another attempt; one that came to none says nothing of it."""
    return [name for name, value in facts.items() if any(tried.facts.get(name, value) != value for tried in tries)]


def _excuse(tried: Tried) -> str:
    """Why this failure says nothing of the target; empty where nothing excuses it."""
    if tried.control is not None and tried.control.outcome is Outcome.LATE:
        return f"; but so did the control, asked the same at the same time: {tried.control.reason}"
    return f"; but our own clock lagged {tried.lag:.3f} s meanwhile" if tried.is_bent else ""


def _count(tries: Sequence[Tried], late: Sequence[Tried]) -> str:
    held = "; the control held" if _control(tries) == "held" else ""
    return f" (failed {len(late)} of {len(tries)}{held})"


def _control(tries: Sequence[Tried]) -> str:
    """What came of the control: "failed" if it did once on time alone, "held" if it held; empty if it said nothing."""
    asked = [tried.control.outcome for tried in tries if tried.control is not None]
    return "failed" if Outcome.LATE in asked else "held" if Outcome.HELD in asked else ""
