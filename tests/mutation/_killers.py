"""
Who notices a mutation: each asked in a process of its own, forked from one that has imported the libraries.

Nothing of the checkout may be imported in the process that is forked, or the mutation would not be seen.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path

#: Test modules beside `tests/test_<room>.py` that are about a room.
NEIGHBOURS = {
    "catalogue": ("spec",),
    "repeats": ("runner",),
    "trying": ("runner", "virtual"),
}

#: What takes long to import and is none of ours; none of them may install a reactor.
LIBRARIES = (
    "attrs", "cattrs", "click", "h11", "hypothesis.stateful", "jinja2", "junitparser", "pytest", "pytest_twisted",
    "rich.console", "treq", "twisted.web.client", "twisted.web.server", "twisted.web.wsgi",
)  # fmt: skip

#: Seconds between two looks whether a child is over.
LOOK = 0.01


class Fate(Enum):
    """What became of a mutation."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


def get_ready() -> None:
    """Import the libraries, here where processes are forked."""
    for name in LIBRARIES:
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    assert not any(name.partition(".")[0] in ("harness", "reference_impl", "specs") for name in sys.modules)
    gc.collect()
    gc.freeze()


def fate(holds: Callable[[], bool], within: float) -> Fate:
    """Whether all still holds, in a process of its own; that it raises or takes longer than `within` seconds is no."""
    child = os.fork()
    if not child:
        _child(holds)
    until = time.monotonic() + within
    status = None
    while status is None and time.monotonic() < until:
        ended, code = os.waitpid(child, os.WNOHANG)
        status = code if ended else None
        if status is None:
            time.sleep(LOOK)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
        return Fate.TIMED_OUT
    return Fate.KILLED if status else Fate.SURVIVED


def _child(holds: Callable[[], bool]) -> None:
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        # A changed module has a new time, so that what was compiled before all changes is not taken for it.
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        code = int(not holds())
    finally:
        os._exit(code)


def tests_pass(room: str) -> bool:
    """Whether the unit tests of a room of the harness pass."""
    import pytest  # noqa: PLC0415 - only where it has been imported already, or is to be
    from hypothesis import settings  # noqa: PLC0415

    settings.register_profile("mutation", deadline=None, derandomize=True, database=None)
    settings.load_profile("mutation")
    files = [f"tests/test_{name}.py" for name in (room, *NEIGHBOURS.get(room, ()))]
    quiet = ("-x", "-q", "--assert=plain", "-p", "no:anyio")
    return pytest.main([*quiet, *(file for file in files if Path(file).exists())]) == 0


def specs_hold(module: str, function: str) -> bool:
    """Whether the specs that a function of a module of `specs` is, or is used by, tell good servers from bad ones."""
    from tests.mutation import _judges  # noqa: PLC0415 - it imports what may be changed

    return _judges.specs_hold(module, function)
