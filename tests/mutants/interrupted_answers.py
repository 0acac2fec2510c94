"""
Mutants of the page whose clients may leave: what those get who stay.
"""
# ruff: noqa: A002, N802 - an event's id is called id; Twisted's names

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.web.server import Request

from reference_impl import interrupted
from reference_impl.asynchronous import SORRY
from reference_impl.events import token
from tests.mutants import Reference, mutant, of
from tests.mutants.interrupted import put


@mutant(
    *of(
        "interrupted",
        "waiting-brings-the-answer",
        "many-leaving-at-once-disturb-nobody",
        "leaving-amid-a-request-body-disturbs-nobody",
        "leaving-cancels-no-other-request",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
        "leaving-amid-the-header-disturbs-nobody",
        "after-many-have-left-it-answers-as-fast-as-before",
    )
)
def says_that_it_has_only_accepted(reference: Reference) -> None:
    """The delayed answer brings the result, and says 202 Accepted."""

    class Page(interrupted.DelayedResource):
        def render_GET(self, request: Request) -> int:
            request.setResponseCode(202)
            return super().render_GET(request)

    put(reference, Page)


@mutant(
    *of(
        "interrupted",
        "leaving-cancels-no-other-request",
        "many-leaving-at-once-disturb-nobody",
        "every-schedule-of-visits-answers-who-stays-and-only-them",
    )
)
def clears_the_answer_of_all(reference: Reference) -> None:
    """The answer is kept in one place, and cleared when a client leaves: who stays gets an empty one."""

    class Page(interrupted.DelayedResource):
        answer = SORRY

        def render_GET(self, request: Request) -> int:
            self.answer = SORRY
            return super().render_GET(request)

        def _responseFailed(self, failure: Failure, call: IDelayedCall, id: str) -> None:
            super()._responseFailed(failure, call, id)
            self.answer = b""

        def _delayedRender(self, request: Request) -> None:
            self._events.record("done", token(request))
            request.write(self.answer)
            request.finish()

    put(reference, Page)
