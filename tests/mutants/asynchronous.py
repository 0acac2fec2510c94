"""
Mutants of the delayed page.
"""

from __future__ import annotations

from reference_impl import asynchronous
from tests.mutants import Reference, mutant, of


@mutant(
    *of(
        "asynchronous",
        "silent-until-the-delay-is-over",
        "whole-when-the-delay-is-over",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "in-a-crowd-each-request-waits-from-its-own-start",
    )
)
def answers_early(reference: Reference) -> None:
    """The timer is set to four fifths of the delay."""
    page = asynchronous.DelayedResource(reference.reactor, 0.8 * reference.settings.delay, reference.events)
    reference.root.putChild(b"asynchronous", page)
