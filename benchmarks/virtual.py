"""
Virtual time: how many of its seconds go by in one of ours, and what a spec costs.

`python benchmarks/virtual.py [SELECTION…]` runs the specs one after another in this process against the reference.
"""

from __future__ import annotations

import gc
import sys
import time
from statistics import median, quantiles

from harness import catalogue
from harness.crews import SELDOM
from harness.given import Given, targets
from harness.quiet import be_quiet
from harness.scenes import Scenes
from harness.trying import unasked
from harness.virtual import tried

SLOWEST = 5


def main() -> None:
    """Measure once, and print."""
    be_quiet()
    gc.set_threshold(*SELDOM)  # as in a worker
    scenes = Scenes(targets(Given(virtual=True))[0])
    walls, virtual = {}, 0.0
    try:
        target = scenes.first()
        for spec in catalogue.select(catalogue.everything(), sys.argv[1:]):
            if unasked(spec, target, virtual=True):
                continue
            began = time.perf_counter()
            virtual += tried(spec, scenes).seconds
            walls[spec.id] = time.perf_counter() - began
    finally:
        scenes.close()
    wall = sum(walls.values())
    print(f"{len(walls)} specs, {virtual:,.0f} virtual seconds in {wall:.2f} s: {virtual / wall:,.0f} in one of ours")
    tenth = quantiles(walls.values(), n=10)[-1]
    print(f"a spec takes {1000 * median(walls.values()):.1f} ms (median), nine of ten at most {1000 * tenth:.1f} ms")
    for id_ in sorted(walls, key=walls.__getitem__, reverse=True)[:SLOWEST]:
        print(f"  {1000 * walls[id_]:7.0f} ms  {id_}")


if __name__ == "__main__":
    main()
