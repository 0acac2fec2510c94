"""
What can go wrong, by whose fault.

Three families that must never be mixed up: the person who called us (`UsageError`), the server under test
(`Misbehaved`), and the limits of what this run can see (`Unjudged`).  Everything else that is raised is ours.
"""

from __future__ import annotations


class UsageError(Exception):
    """The command, the profile or the target as given cannot be used; the text says what to do.  Exit code 4."""


class Misbehaved(Exception):
    """The target did what no HTTP server should; the text is the reason in the result."""


class Refused(Misbehaved):
    """No connection could be opened."""


class NoAnswer(Misbehaved):
    """The target ended the connection without one byte of the answer that was due."""


class NotHTTP(Misbehaved):
    """What came cannot be read as an HTTP answer (RFC 9112)."""


class TooMuch(Misbehaved):
    """The target sent more than we are willing to keep."""


class Overdue(Misbehaved):
    """Nothing came within the time given.  A failure on time alone: repeated alone before it counts."""


class NotSeen(Overdue):
    """A witness did not show within the time given what it should have shown."""


class Stuck(Misbehaved):
    """Nothing can happen any more in a world of virtual time, and somebody still waits."""


class Unjudged(Exception):
    """The spec can say neither yes nor no; the text says why."""


class NotOffered(Unjudged):
    """The target does not claim the promise."""


class NotObservable(Unjudged):
    """The target claims the promise, but nothing that this run can see would show it."""
