"""
How fast, in words: steps so coarse that two runs on the same server say the same.
"""

from statistics import median

#: Seconds up to which something is said to have come within them.  The least is the default `slack`: what a busy
#: machine is late by was beyond 0.25 s in 3 of 16 runs on two cores with twelve busy processes (November 2026).
STEPS = (0.5, 1.0, 5.0)

#: Answers whose median is taken for what the server takes now: one that is held up by chance does not count.
PINGS = 15


def coarse(seconds):
    """These seconds in words."""
    return next((f"within {step:g} s" for step in STEPS if seconds <= step), "later")


async def pace(target, wire):
    """Seconds that an answer to `ping` takes at the moment, on a connection of its own: the median of some."""
    return median([(await wire.get(target.alive.path)).took for _ in range(PINGS)])


def reason_line(answer):
    """The first line of an answer: version, status and reason, as they stand on the wire."""
    return f"HTTP/{answer.version.decode('latin-1')} {answer.status} {answer.reason.decode('latin-1')}"
