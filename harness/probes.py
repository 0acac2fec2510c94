"""
Asking a target something before any spec does.
"""

from __future__ import annotations

from attrs import define

from harness.attempts import Attempt
from harness.clocks import Clock
from harness.dialers import Dialer
from harness.errors import Misbehaved, NotHTTP, Overdue
from harness.limits import Limit
from harness.messages import Answer
from harness.targets import Target
from harness.transcripts import Transcript
from harness.wire import Ping, Wire

#: Seconds that a target has to answer before any spec runs.
ANSWER_WITHIN = 10.0

#: What fills the placeholders of a path that is only looked at.
ANYTHING = {"s": 0, "year": 2009}


@define
class Probe:
    """One who asks, within the target's `limit` if given; each question is an attempt that nobody reports."""

    clock: Clock
    dialer: Dialer
    limit: Limit | None = None

    async def get(self, path: str, within: float = ANSWER_WITHIN, **values: object) -> Answer:
        """The answer to a GET.  Raises `Misbehaved`."""
        attempt = Attempt(self.clock, Transcript(self.clock.now()), Target.token)
        wire = Wire(attempt, self.dialer, self.limit or Limit(1), Ping(path))
        try:
            return await wire.get(path, within=within, **values)
        finally:
            attempt.finish()

    async def status(self, path: str, within: float) -> int | None:
        """The status of a page; None if it did not answer in time, 0 if it answered no HTTP."""
        try:
            return (await self.get(path, within, **ANYTHING)).status
        except Overdue:
            return None
        except Misbehaved:
            return 0

    async def lines(self, path: str, number: int) -> bytes:
        """The lines of an event feed after a number.  Raises `Misbehaved`."""
        answer = await self.get(path, n=number)
        if answer.status != 200:
            message = f"it answers {answer.status}"
            raise NotHTTP(message)
        return answer.body

    async def alive(self, ping: str) -> tuple[Ping, str]:
        """How to see that the target lives, and what software it says it is.  Raises `Misbehaved`."""
        answer = await self.get(ping)
        if answer.status >= 400:
            # No ping page: then the root, whatever it says, as long as it goes on saying it.
            ping, answer = "/", await self.get("/")
        return Ping(ping, answer.status), answer.fields.get("server") or ""
