"""
Twisted's log of this process, kept off the terminal.
"""

from __future__ import annotations

from twisted.logger import ILogObserver, LogEvent, globalLogBeginner
from zope.interface import implementer


@implementer(ILogObserver)
class _Nobody:
    """Listens to nothing."""

    def __call__(self, event: LogEvent) -> None:
        """Let it go by."""


def be_quiet() -> None:
    """
    Print nothing of what Twisted logs here from now on.

    It is the harness's own, which speaks through results, or that of a target in this process, whose log is a witness
    and has an observer of its own.
    """
    globalLogBeginner.beginLoggingTo([_Nobody()], redirectStandardIO=False, discardBuffer=True)
