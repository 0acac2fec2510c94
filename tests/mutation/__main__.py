"""
Mutation testing of the specs and of the rooms of the harness that judge: see the package.

    python -m tests.mutation [--sample N] [--seed TEXT] [--only OPERATOR]… [MODULE…]

A MODULE is a path such as harness/verdicts.py; without any, all of them.  Each survivor is shown with what is changed.
"""

from __future__ import annotations

import argparse
import compileall
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.mutation._killers import Fate, fate, get_ready, specs_hold, tests_pass
from tests.mutation._mutations import Mutation, mutations, operators

ROOT = Path(__file__).resolve().parents[2]

#: The rooms of the harness that have a say in a verdict.
ROOMS = (
    "verdicts", "timing", "assertions", "attempts", "trying", "repeats", "runner", "baselines", "offers", "catalogue",
    "results", "clocks", "properties",
)  # fmt: skip

#: How many times as long as it takes without a mutation it may take with one, and the seconds added for a busy machine.
PATIENCE = (5, 10.0)


def main() -> int:
    """Mutate, tell, and give 1 if what should notice fails without any mutation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", type=Path, metavar="MODULE")
    parser.add_argument("--sample", type=int, metavar="N", help="so many mutations of each module, drawn by the seed")
    parser.add_argument("--seed", default="web60")
    parser.add_argument("--only", action="append", choices=operators(), metavar="OPERATOR", help="see `_mutations`")
    given = parser.parse_args()
    chosen = given.modules or [*(Path(f"harness/{room}.py") for room in ROOMS), *_specs()]
    if unknown := [str(path) for path in chosen if not (ROOT / path).is_file()]:
        parser.error(f"no such module in {ROOT}: {', '.join(unknown)}")
    with tempfile.TemporaryDirectory(prefix="web60-mutation-") as directory:
        _move_to(Path(directory) / "checkout")
        get_ready()
        rows = [_row(path, given.only, given.sample, random.Random(f"{given.seed} {path}")) for path in chosen]
    print("\n| module | mutations | tried | killed | timed out | survived |\n|---|---|---|---|---|---|")
    print("\n".join(row or "" for row in rows))
    return int(None in rows)


def _specs() -> Iterator[Path]:
    return (path.relative_to(ROOT) for path in sorted((ROOT / "specs").glob("*.py")) if path.stem != "__init__")


def _move_to(copy: Path) -> None:
    """Work in a copy of the checkout from here on, for modules are changed in their place."""
    away = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    shutil.copytree(ROOT, copy, ignore=away)
    os.chdir(copy)
    sys.path[:] = [str(copy), *(place for place in sys.path if place not in ("", str(ROOT)))]
    for package in ("harness", "reference_impl", "specs", "tests"):
        compileall.compile_dir(package, quiet=1)


def _row(path: Path, only: list[str] | None, sample: int | None, luck: random.Random) -> str | None:
    """Try the mutations of a module; its row of the table."""
    text = path.read_text("utf-8")
    all_ = [one for one in mutations(path, text) if only is None or one.name in only]
    holds: dict[str, Callable[[], bool]] = {
        function: partial(specs_hold, path.stem, function)
        if path.parts[0] == "specs"
        else partial(tests_pass, path.stem)
        for function in {"", *(one.function for one in all_)}
    }
    began = time.monotonic()
    if fate(holds[""], 600.0) is not Fate.SURVIVED:
        print(f"{path}: what should notice a mutation fails without one")
        return None
    times, more = PATIENCE
    within = times * (time.monotonic() - began) + more
    print(f"{path}: {len(all_)} mutations; {time.monotonic() - began:.1f} s without one", flush=True)
    fates: Counter[Fate] = Counter()
    seen = {text}
    for one in luck.sample(all_, len(all_)):
        if sample is not None and fates.total() >= sample:
            break
        mutated = one.mutated
        if mutated in seen:
            continue
        seen.add(mutated)
        path.write_text(mutated, "utf-8")
        fates[found := fate(holds[one.function], within)] += 1
        if found is not Fate.KILLED:
            _tell(one, found)
    path.write_text(text, "utf-8")
    counts = " | ".join(str(fates[one]) for one in (Fate.KILLED, Fate.TIMED_OUT, Fate.SURVIVED))
    row = f"| `{path}` | {len(all_)} | {fates.total()} | {counts} |"
    print(f"{row} {time.monotonic() - began:.0f} s", flush=True)
    return row


def _tell(one: Mutation, found: Fate) -> None:
    print(f"{one.path}:{one.line}: {one.name} in {one.function or 'the module'} {found.value}\n{one.diff}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
