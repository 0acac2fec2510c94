"""
Which worker of pytest-xdist runs what.

xdist keeps together what a mark groups, but by way of a suffix to the names of items: names would be others than
without it, and with pytest 9.2 xdist 3.8 forgets the groups without a word (its issue 1386).  Here the names say it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling


class Together(LoadGroupScheduling):
    """
    All specs of a target to one worker, at once, and anything else as `--dist loadgroup` does it.

    `target` gives the number of the target that an item is for, and None where it is no spec's.
    """

    def __init__(self, config: pytest.Config, log: Any, target: Callable[[str], int | None]) -> None:
        super().__init__(config, log)
        self._target = target

    def remove_node(self, node: Any) -> str | None:
        """
        A worker is gone; gives the item that it was at.

        A target that it had begun to ask is asked by nobody else: half of its results would be another run's, and
        where the target's own code ended the worker it would end the next one too.
        """
        units = self.assigned_work[node]
        # xdist would hand what is done out again, as work with nothing in it, behind which a worker waits for ever.
        for scope in [scope for scope, items in units.items() if all(items.values())]:
            del units[scope]
        at: str | None = next((item for items in units.values() for item, done in items.items() if not done), None)
        if at is None or self._target(at) is None:
            return self._left(node)
        del units[self._split_scope(at)]
        self._left(node)
        return at

    def _left(self, node: Any) -> str | None:
        at: str | None = super().remove_node(node)
        return at

    def _split_scope(self, nodeid: str) -> str:
        number = self._target(nodeid)
        scope: str = super()._split_scope(nodeid) if number is None else f"web60's target {number}"
        return scope
