"""
Every promise of the catalogue is looked after, and every spec is there for one.
"""

from __future__ import annotations

import pytest

from harness.catalogue import everything
from harness.tables import PAGES
from tests import promises
from tests.promises import Promise

SPECS = everything()


@pytest.mark.parametrize("page", PAGES)
def test_the_promises_of_a_page_are_looked_after(page: str) -> None:
    """Each has specs of its level, or a reason; each spec of the page is named."""
    found = promises.of(page)

    assert list(promises.mistakes(found, SPECS)) == []
    assert promises.untold(page, found, SPECS) == []


def test_the_document_is_as_it_would_be_written() -> None:
    """`python -m tests.promises` writes it."""
    assert promises.DOCUMENT.read_text("utf-8") == promises.document()


@pytest.mark.parametrize(
    ("promise", "wrong"),
    [
        (Promise("cgi", "X", "it", ("head-has-no-body",), ""), "has no level 'X'"),
        (Promise("cgi", "M", "it", (), ""), "has neither a spec nor a reason"),
        (Promise("cgi", "M", "it", ("no-such-spec",), ""), "names cgi/no-such-spec, which is no spec"),
        (Promise("cgi", "M", "it", ("credentials-are-withheld",), ""), "is looked after by nothing of its level"),
    ],
)
def test_what_is_wrong_with_a_promise_is_told(promise: Promise, wrong: str) -> None:
    """Each mistake in its own words."""
    assert [told for told in promises.mistakes([promise], SPECS) if wrong in told]
