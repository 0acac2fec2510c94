"""
How a spec is written down: the decorator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Literal

from harness.catalogue import SMALL, Spec
from harness.levels import Level
from harness.sources import Source


def spec(  # noqa: PLR0913 - each is one line of a spec's head, given by name
    id: str,  # noqa: A002 - the word of the contract
    level: Level,
    source: Source,
    *,
    needs: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    lasts: Callable[[Any], float] | None = None,
    alone: Literal["", "page", "target"] = "",
    busy: bool = False,
    examples: Callable[[], Any] | None = None,
    schedules: Callable[[], Any] | None = None,
    reads: int = SMALL,
    only_real: str = "",
    only_virtual: str = "",
) -> Callable[[Callable[..., Any]], Spec]:
    """Make a coroutine function a spec; what each argument means stands at `harness.catalogue.Spec`."""

    def decorate(function: Callable[..., Any]) -> Spec:
        return Spec(
            id=id,
            level=level,
            source=source,
            function=function,
            needs=tuple(needs),
            witnesses=tuple(witnesses),
            lasts=lasts or (lambda _: 0.0),
            alone=alone,
            # Hypothesis thinks while we wait for it: a property burns our processor like any other busy spec.
            busy=busy or examples is not None,
            examples=examples,
            schedules=schedules,
            reads=reads,
            only_real=only_real,
            only_virtual=only_virtual,
        )

    return decorate


def again(module: ModuleType, *, page: str, source: Source) -> tuple[Spec, ...]:
    """Every spec of a module, promised by another page too; assign it to a name of the page's own module."""
    return tuple(
        value.moved(page, source)
        for value in vars(module).values()
        if isinstance(value, Spec) and value.function.__module__ == module.__name__
    )
