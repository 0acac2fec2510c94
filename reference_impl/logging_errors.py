"""
Logging errors: an interrupted response says so in the log, once.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.python.log import err

from reference_impl import interrupted


class DelayedResource(interrupted.DelayedResource):
    """
    The interrupted page, which also logs why the response failed, in the tutorial's words.
    """

    def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
        super()._responseFailed(failure, call, id)
        err(failure, "Async response demo interrupted response")
