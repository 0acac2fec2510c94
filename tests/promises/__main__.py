"""
`python -m tests.promises`: write `docs/coverage.md`; with pages' names, say what is wrong with those pages' promises.
"""

from __future__ import annotations

import sys

from harness.catalogue import everything
from tests import promises


def main(pages: list[str]) -> int:
    """The exit code: 1 if something is wrong."""
    if not pages:
        promises.DOCUMENT.write_text(promises.document(), "utf-8")
        return 0
    specs = everything()
    wrong = []
    for page in pages:
        found = promises.of(page)
        wrong += promises.mistakes(found, specs)
        wrong += (f"{id_} is named by no promise" for id_ in promises.untold(page, found, specs))
    sys.stdout.write("\n".join((*(wrong or ["complete"]), "")))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
