"""
Sources are short, and their words are really there.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

import pytest

from harness.catalogue import everything
from harness.errors import UsageError
from harness.sources import MOST_WORDS, Source, pep, rfc, tutorial

#: The documents that the project was made from; they lie beside a checkout, and are not part of it.
SEEDS = Path(__file__).resolve().parents[2] / "shared" / "seeds"

#: Which seed has a page, and under which heading of it; no heading: the whole document.
PLACES = {
    "asynchronous": [("000", "")],
    "asynchronous-deferred": [("001", ""), ("003", "asynchronous responses (via Deferred)")],
    "interrupted": [("002", ""), ("003", "interrupted responses")],
    "timeouts": [("004", "")],
    "logging-errors": [("003", "logging errors")],
    "wsgi": [("003", "WSGI")],
    "http-auth": [("003", "HTTP authentication")],
    "session-basics": [("003", "session basics")],
    "session-store": [("003", "storing objects in the session")],
    "session-endings": [("003", "session endings")],
    "cgi": [("003", "CGI")],
    # The tutorial shows its rpy scripts on the pages of what they return.
    "rpy-scripts": [("003", "CGI"), ("003", "WSGI")],
}
#: The rest of the tutorial stands in Twisted's own source: `$TWISTED_SOURCE` names a checkout, or an unpacked archive.
REST = {
    "access-logging", "custom-codes", "dynamic-content", "dynamic-dispatch", "error-handling", "handling-posts",
    "other-request-bodies", "rpy-scripts", "static-content", "static-dispatch",
}  # fmt: skip
HOWTO = Path(os.environ.get("TWISTED_SOURCE", "no such directory")) / "docs" / "web" / "howto" / "web-in-60"
HEADING = "Twisted Web in 60 seconds: "
QUOTING = [spec for spec in everything() if spec.source.kind == "tutorial"]


def plain(text: str) -> str:
    """Text with its white space and its quotation marks of one kind."""
    marks = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
    return " ".join(text.translate(marks).split())


@lru_cache
def section(seed: str, heading: str) -> str:
    """The words of a seed under one of its headings."""
    (path,) = SEEDS.glob(f"{seed}_*.txt")
    text = path.read_text("utf-8")
    if not heading:
        return plain(text)
    parts = re.split(rf"(?m)^{HEADING}(.*)$", text)
    found = [body for name, body in zip(parts[1::2], parts[2::2], strict=True) if name.strip() == heading]
    assert len(found) == 1, heading
    return plain(found[0])


def quoted(source: Source) -> bool:
    """Whether one of our documents has these words, under a heading of the page that the source names."""
    return any(plain(source.quote) in section(*place) for place in PLACES.get(source.document, ()))


def quoted_from_the_rest(source: Source) -> bool:
    """Whether the page in Twisted's source has these words, less its markup."""
    text = (HOWTO / f"{source.document}.rst").read_text("utf-8")
    text = re.sub(r":[\w:]+:`([^`<]*?)\s*(?:<[^>]*>)?`", r"\1", text)
    return plain(source.quote) in plain(text.replace("`", "").replace("*", ""))


@pytest.mark.skipif(not SEEDS.is_dir(), reason=f"the documents are not here: {SEEDS}")
def test_the_words_that_specs_quote_are_in_their_documents() -> None:
    """Whoever looks a promise up finds it, in the section of the page that the source names."""
    sources = {spec.source for spec in QUOTING if spec.source.document not in REST}

    assert [str(source) for source in sources if not source.quote or not quoted(source)] == []


@pytest.mark.skipif(not HOWTO.is_dir(), reason="$TWISTED_SOURCE does not say where Twisted's source is")
def test_the_words_quoted_from_the_rest_of_the_tutorial_are_there() -> None:
    """Of the rpy scripts some pages of our own documents speak as well."""
    sources = {spec.source for spec in QUOTING if spec.source.document in REST}
    unknown = [source for source in sources if not quoted(source)]

    assert [str(source) for source in unknown if not source.quote or not quoted_from_the_rest(source)] == []


@pytest.mark.parametrize("document", sorted({spec.source.document for spec in QUOTING}))
def test_a_quoted_page_is_one_that_we_can_look_up(document: str) -> None:
    """A page without a place would be quoted unread."""
    assert document in PLACES.keys() | REST


@pytest.mark.parametrize(
    "make",
    [lambda words: tutorial("cgi", words), lambda words: rfc(9110, "1", words), lambda words: pep(1, "a", words)],
)
def test_a_quotation_is_short(make: object) -> None:
    """It points at a sentence; it does not replace reading it."""
    assert callable(make)
    assert make(" ".join(["word"] * MOST_WORDS)).quote

    with pytest.raises(UsageError, match="a source quotes at most 15 words"):
        make(" ".join(["word"] * (MOST_WORDS + 1)))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (tutorial("cgi", "a word"), 'Twisted Web in 60 seconds, "cgi": “a word”'),
        (rfc(9112, "6.3", "a word"), "RFC 9112 section 6.3: “a word”"),
        (rfc(9112, "6.3"), "RFC 9112 section 6.3"),
        (pep(3333, "The start_response() Callable"), "PEP 3333, The start_response() Callable"),
    ],
)
def test_a_source_reads_as_a_reference(source: Source, said: str) -> None:
    """Reports say where a promise is written down."""
    assert str(source) == said


def test_there_are_three_kinds_of_source() -> None:
    """The tutorial, RFCs and PEPs."""
    with pytest.raises(ValueError, match="'kind' must be in"):
        Source("blog", "x", "", "y")  # type: ignore[arg-type]
