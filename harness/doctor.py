"""
Before any spec: what a target offers, whether it answers there, and what of it can be witnessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from attrs import frozen

from harness import offers
from harness.catalogue import Spec
from harness.clocks import Clock, gather
from harness.discovery import ABSENT, SILENT, questions
from harness.probes import Probe
from harness.tables import PAGES
from harness.targets import Target


@frozen
class Finding:
    """
    What was found out about one page that the target offers.

    `answers` has the status for each path that was asked for: None where nothing came within `SILENT` seconds, 0 where
    what came was no HTTP.  `missing` says why specs cannot be judged here, and how many.
    """

    page: str
    answers: dict[str, int | None]
    specs: int
    missing: Counter[str]

    @property
    def judged(self) -> int:
        """How many of its specs can be judged."""
        return self.specs - self.missing.total()

    @property
    def absent(self) -> list[str]:
        """The paths at which there is no such page."""
        return [path for path, status in self.answers.items() if status in ABSENT]


async def examine(target: Target, specs: Sequence[Spec], clock: Clock) -> list[Finding]:
    """A finding for each page that the target offers, all asked at the same time."""
    offered = [page for page in PAGES if target.page(page) is not None]
    probe = Probe(clock, target.dialer, target.limit)

    async def answers(page: str) -> dict[str, int | None]:
        paths = list(questions(page, target.page(page)).values())
        return dict(zip(paths, await gather(*(probe.status(path, SILENT) for path in paths)), strict=True))

    found = await gather(*map(answers, offered))
    return [
        Finding(page, answered, sum(spec.page == page for spec in specs), _missing(page, specs, target))
        for page, answered in zip(offered, found, strict=True)
    ]


def _missing(page: str, specs: Iterable[Spec], target: Target) -> Counter[str]:
    unseen = (
        offers.not_offered(spec, target) or offers.not_observable(spec, target) for spec in specs if spec.page == page
    )
    return Counter(filter(None, unseen))
