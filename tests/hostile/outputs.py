"""
Targets whose output is hostile: a gigabyte of it, no line ever ended, no text, none at all.
"""

from __future__ import annotations

import os
import random
import sys
import threading

from tests.hostile import HONEST, Scene, hostile, of

#: Bytes that are printed, if anybody takes them.
GIGABYTE = 1024**3

#: Bytes that a pipe takes whole, so that a line of the log stays one.
PIPE = 4096

LOGGED = of("logging-errors", "interrupted-answer-logs-a-line", "completed-answer-logs-no-line")


def _prints(scene: Scene, piece: bytes) -> None:
    """Print a gigabyte from now on, as fast as it is taken."""

    def keep_on() -> None:
        printed = 0
        while printed < GIGABYTE:
            printed += os.write(1, piece)

    scene.reactor.callWhenRunning(threading.Thread(target=keep_on, daemon=True).start)


@hostile(asked=(), honest=(*HONEST, *LOGGED), unseen=LOGGED)
def prints_a_gigabyte(scene: Scene) -> None:
    """A gigabyte of lines is printed, among which those that matter must be found."""
    _prints(scene, (b"x" * 99 + b"\n") * 40)


@hostile(asked=(), honest=HONEST)
def prints_short_lines(scene: Scene) -> None:
    """A gigabyte of empty lines is printed."""
    _prints(scene, b"\n" * PIPE)


@hostile(asked=(), honest=HONEST)
def prints_no_newline(scene: Scene) -> None:
    """A gigabyte is printed that is one line."""
    _prints(scene, b"x" * PIPE)


@hostile(asked=(), honest=HONEST)
def prints_long_lines(scene: Scene) -> None:
    """A gigabyte of lines is printed, each long, and of characters that take four bytes each."""
    _prints(scene, ("\U0001f4a3".encode() + b"x" * 4000 + b"\n"))


@hostile(asked=(), honest=HONEST)
def prints_no_text(scene: Scene) -> None:
    """A gigabyte of random bytes is printed."""
    _prints(scene, random.Random(60).randbytes(PIPE))


@hostile(asked=(), honest=(*HONEST, *LOGGED))
def prints_escapes(scene: Scene) -> None:
    """Each line that is printed sets the title of a terminal and clears it."""
    sys.stderr.write("\x1b]0;OWNED\x07\x1b[2J\x1b[31m\u202e\n" * 100)


@hostile(asked=(), honest=HONEST)
def closes_its_output(scene: Scene) -> None:
    """Standard output and standard error are closed at once."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
