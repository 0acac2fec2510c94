"""
Mutants of the calendar: what is no year.
"""
# ruff: noqa: D102 - Twisted's names

from __future__ import annotations

import re
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import dynamic_dispatch, error_handling
from reference_impl.dynamic_dispatch import YearPage
from tests.mutants import Reference, mutant, of
from tests.mutants._calendars import Child, usual


class Silent(Resource):
    """Never answers."""

    def render(self, request: Request) -> int:
        return NOT_DONE_YET


def numbers(reference: Reference, child: Child) -> None:
    """Let `child` find the pages of the calendar that punts."""

    class Numbers(Resource):
        def getChild(self, path: bytes, request: Request) -> Any:
            return child(path, request)

    reference.root.putChild(b"dynamic-dispatch", Numbers())


@mutant(
    *of(
        "dynamic-dispatch",
        "a-huge-number-exhausts-nothing",
        "a-year-behind-what-is-none-is-not-swapped",
        "any-segment-leaves-the-server-alive",
        "lives-after-what-is-no-year",
        "what-is-no-year-disturbs-no-other",
        "what-is-no-year-gives-no-code-away",
        "what-is-no-year-has-no-calendar",
    )
)
def holds_its_lock_after_an_error(reference: Reference) -> None:
    """A lock is taken for each year, and not given back after what is none: nobody gets a year any more."""
    locked: list[bytes] = []

    def child(path: bytes, request: Request) -> Any:
        if locked:
            return Silent()
        locked.append(path)
        page = usual(path, request)
        locked.clear()
        return page

    numbers(reference, child)


@mutant(*of("dynamic-dispatch", "lives-after-what-is-no-year"))
def says_nothing_to_bytes_that_are_no_text(reference: Reference) -> None:
    """What cannot be decoded is lost between two layers, and never answered."""

    def child(path: bytes, request: Request) -> Any:
        try:
            path.decode()
        except UnicodeDecodeError:
            return Silent()
        return usual(path, request)

    numbers(reference, child)


@mutant(*of("dynamic-dispatch", "any-segment-leaves-the-server-alive"))
def says_nothing_to_private_characters(reference: Reference) -> None:
    """A worker that is given anything beyond the 16 bits of a character dies of it, and nobody is answered."""

    def child(path: bytes, request: Request) -> Any:
        return Silent() if max(path.decode("utf-8", "ignore"), default="") > "\uffff" else usual(path, request)

    numbers(reference, child)


@mutant(*of("dynamic-dispatch", "what-is-no-year-has-no-calendar"))
def reads_a_number_up_to_its_end(reference: Reference) -> None:
    """What begins with digits is a number, as far as it goes."""
    numbers(reference, lambda path, _: YearPage(int(re.match(rb"[+\- \w]?\d*", path)[0])))


@mutant(*of("dynamic-dispatch", "what-is-no-year-has-no-calendar"))
def takes_everything_else_for_this_year(reference: Reference) -> None:
    """What is no number is answered with the current year."""

    def child(path: bytes, _: Request) -> Any:
        try:
            return YearPage(int(path))
        except ValueError:
            return YearPage(2026)

    numbers(reference, child)


@mutant(*of("dynamic-dispatch", "what-is-no-year-gives-no-code-away"))
def shows_tracebacks(reference: Reference) -> None:
    """An error is shown with the lines of code that led to it."""
    reference.site.displayTracebacks = True


@mutant(*of("dynamic-dispatch", "an-error-is-explained"))
def fails_without_a_word(reference: Reference) -> None:
    """What is no year is answered 500, and nothing else."""

    class Nothing(Resource):
        def render(self, request: Request) -> bytes:
            request.setResponseCode(500)
            return b""

    def child(path: bytes, request: Request) -> Any:
        try:
            return usual(path, request)
        except ValueError:
            return Nothing()

    numbers(reference, child)


@mutant(
    *of("dynamic-dispatch", "a-huge-number-exhausts-nothing", "what-is-no-year-disturbs-no-other"),
    *of("error-handling", "a-year-is-found-beside-missing-pages"),
)
def fails_all_who_wait(reference: Reference) -> None:
    """Pages are rendered a little later, and an error meanwhile is the answer to all of them."""
    waiting: list[Request] = []

    class Page(YearPage):
        def _late(self, request: Request) -> None:
            if request in waiting:
                waiting.remove(request)
            else:
                request.setResponseCode(500)
            request.write(YearPage.render_GET(self, request))
            request.finish()

        def render_GET(self, request: Request) -> int:
            waiting.append(request)
            reference.reactor.callLater(0.01, self._late, request)
            return NOT_DONE_YET

    def child(path: bytes, _: Request) -> Any:
        try:
            return Page(int(path))
        except ValueError:
            waiting.clear()
            raise

    class Years(error_handling.Calendar):
        def getChild(self, path: bytes, request: Request) -> Any:
            try:
                return child(path, request)
            except ValueError:
                return error_handling.notFound()

    numbers(reference, child)
    reference.root.putChild(b"error-handling", Years())


@mutant(*of("dynamic-dispatch", "a-year-behind-what-is-none-is-not-swapped"))
def repeats_an_error_on_its_connection(reference: Reference) -> None:
    """What went wrong once on a connection goes wrong with every other year there."""

    def child(path: bytes, request: Request) -> Any:
        if getattr(request.channel, "failed", False):
            return dynamic_dispatch.YearPage(2009)
        request.channel.failed = True
        page = usual(path, request)
        request.channel.failed = False
        return page

    numbers(reference, child)


@mutant(*of("dynamic-dispatch", "a-huge-number-exhausts-nothing"))
def counts_up_to_the_year(reference: Reference) -> None:
    """A number beyond all calendars is worked on for ever."""
    numbers(reference, lambda path, request: Silent() if len(path) > 300 else usual(path, request))


@mutant(*of("dynamic-dispatch", "a-huge-number-exhausts-nothing"))
def keeps_who_asks_beside_a_huge_number_waiting(reference: Reference) -> None:
    """Once somebody has asked for a huge number, nobody else is answered."""
    huge: list[int] = []

    def child(path: bytes, request: Request) -> Any:
        if len(path) > 5000:
            huge.append(len(path))
        return Silent() if huge and len(path) <= 300 else usual(path, request)

    numbers(reference, child)
