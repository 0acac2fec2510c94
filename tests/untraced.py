"""
Whole runs in processes of their own, without their coverage being measured: it takes twice as long, and shows nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def untraced() -> Iterator[None]:
    """Let no process that is started meanwhile measure its coverage."""
    names = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)
