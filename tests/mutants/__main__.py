"""
Survey mutants from a terminal.

    python -m tests.mutants [NAME-OR-MODULE…]   which IDs fail on each, and what was pinned otherwise
    python -m tests.mutants --matrix            write the kill matrix anew from what is pinned

`tox -e mutants` surveys them all.
"""

from __future__ import annotations

import argparse
import sys

from tests.mutants import Mutant, _matrix, everything
from tests.mutants._surveys import Survey, settled, surveys


def main() -> int:
    """Survey, tell, and give 1 if anything is not as it is pinned."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME-OR-MODULE")
    parser.add_argument("--matrix", action="store_true")
    parser.add_argument("--why", action="store_true", help="the reason of each verdict")
    given = parser.parse_args()
    mutants = everything()
    if given.matrix:
        _matrix.FILE.write_text(_matrix.matrix(mutants.values()), "utf-8")
        return 0
    if unknown := [name for name in given.names if not any(_is(name, one) for one in mutants.values())]:
        parser.error(f"no mutant or module of mutants is called {' or '.join(unknown)}")
    chosen = [one for one in mutants.values() if not given.names or any(_is(name, one) for name in given.names)]
    wrong = 0
    begun = surveys((one.name for one in chosen), thorough=True)
    for one in chosen:
        wrong += not _told(one, begun[one.name].result(), why=given.why)
    caught = sum(1 for one in chosen if begun[one.name].result().failing)
    missing = _matrix.uncaught(chosen) if not given.names else []
    told = f"catch none: {', '.join(missing)}" if missing else "every MUST and SHOULD spec catches at least one"
    print(f"{len(chosen)} mutants, {caught} caught" + ("" if given.names else f", {told}"))
    return int(bool(wrong or missing or caught < len(chosen)))


def _is(name: str, mutant: Mutant) -> bool:
    return name in (mutant.name, mutant.module)


def _told(mutant: Mutant, survey: Survey, *, why: bool) -> bool:
    """Say what fails on it; whether that is what is pinned."""
    print(f"{mutant.name}: {mutant.wrong}")
    for id_ in sorted(survey.failing | mutant.caught_by):
        sign = "+" if id_ not in mutant.caught_by else "-" if id_ not in survey.failing else " "
        print(f"  {sign} {id_}" + (f": {survey.results[id_].reason}" if why and id_ in survey.results else ""))
    for id_, reason in survey.ours.items():
        print(f"  ! {id_}: an error of ours: {reason}")
    return settled(survey.failing) == settled(mutant.caught_by) and not survey.ours


if __name__ == "__main__":
    sys.exit(main())
