"""
What today's Twisted needs to keep what the tutorial and the standards promise, one room per kind.

Every repair stands on public API and brings its evidence: the versions it was seen on, what was sent and what
came.  `--literal` leaves them all out.
"""
