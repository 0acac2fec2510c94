"""
Where a promise is written down.
"""

from __future__ import annotations

from typing import Literal

from attrs import field, frozen
from attrs.validators import in_

from harness.errors import UsageError

#: A quotation points at a sentence; it does not replace reading it.
MOST_WORDS = 15


@frozen
class Source:
    """
    A document, a place in it, and a few of its own words.

    `document` is the page of the tutorial, or the number of an RFC or PEP as text; `section` is empty for the tutorial.
    """

    kind: Literal["tutorial", "rfc", "pep"] = field(validator=in_(("tutorial", "rfc", "pep")))
    document: str
    section: str
    quote: str

    def __attrs_post_init__(self) -> None:
        if len(self.quote.split()) > MOST_WORDS:
            message = f"a source quotes at most {MOST_WORDS} words, not {self.quote!r}"
            raise UsageError(message)

    def __str__(self) -> str:
        place = {
            "tutorial": f'Twisted Web in 60 seconds, "{self.document}"',
            "rfc": f"RFC {self.document} section {self.section}",
            "pep": f"PEP {self.document}, {self.section}",
        }[self.kind]
        return f"{place}: “{self.quote}”" if self.quote else place


def tutorial(page: str, quote: str) -> Source:
    """The tutorial's page `page`, with at most 15 of its words."""
    return Source("tutorial", page, "", quote)


def rfc(number: int, section: str, quote: str = "") -> Source:
    """A section of an RFC, with at most 15 of its words if any."""
    return Source("rfc", str(number), section, quote)


def pep(number: int, section: str, quote: str = "") -> Source:
    """A section of a Python Enhancement Proposal, named by its heading."""
    return Source("pep", str(number), section, quote)
