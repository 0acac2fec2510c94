"""
What the HTML report shows of one target: what needs a look, and everything by page.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from attrs import frozen
from markupsafe import Markup

from harness.catalogue import Spec
from harness.reports import timelines, words
from harness.results import Report, Result
from harness.tables import PAGES
from harness.transcripts import Entry
from harness.verdicts import Exit, Verdict

#: What the verdicts mean, in the order in which they are counted.
MEANINGS = {
    Verdict.PASS: "What was promised holds.",
    Verdict.FACT: "What the server does is written down; it may do as it likes.",
    Verdict.FAIL: "A promise that a server MUST keep is broken.",
    Verdict.ERROR: "A fault of the suite's own; it says nothing about the server.",
    Verdict.WARN: "A promise that a server SHOULD keep is broken.",
    Verdict.INCONCLUSIVE: "It came at the wrong time, but this machine may have been too busy to tell.",
    Verdict.NOT_OBSERVABLE: "The server offers it, but nothing here can show whether it holds.",
    Verdict.NOT_OFFERED: "The profile does not offer it, so it was not asked.",
}

#: Stands in place of the verdict where a baseline foresees it.
EXPECTED = "expected"

#: As many results that need a look are open from the start; more are a list to choose from.
MOST_OPEN = 12

#: Characters of a value, and of one entry of a transcript, that a page holds; entries of one transcript; and characters
#: of all of them, behind which each is short.  One run of 1,114 specs, of which 85 need a look, makes 2.5 MB, and ten
#: versions of Twisted make 3.3 MB (November 2026).
LONGEST_VALUE = 2000
LONGEST_ENTRY = 1000
MOST_ENTRIES = 60
MOST_SAID = 8000
SHORT_ENTRY = 80

_LINE_END = re.compile(r"(\r)?\n")


@frozen
class Line:
    """One entry of a transcript as it is shown; `data` has line ends that can be seen."""

    t: float
    who: str
    what: str
    on: int
    data: str


class Evidence(Enum):
    """How much is shown of what was said."""

    FULL = "the picture, and every entry"
    SHORT = "a few lines"
    NONE = "nothing"

    @classmethod
    def of(cls, result: Result) -> Evidence:
        """All of it, but for what is as one hopes: the result file has that, too."""
        return cls.SHORT if is_plain(result) else cls.FULL


@frozen
class Shown:
    """
    One result as it is shown.

    `label` names the targets that it stands for where there are several; `is_open` says whether it is unfolded from the
    start.
    """

    result: Result
    spec: Spec | None
    label: str = ""
    evidence: Evidence = Evidence.FULL
    is_open: bool = False

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return word(self.result)

    @property
    def kind(self) -> str:
        """The word by which it is coloured and filtered."""
        return kind(self.result)

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look at it."""
        return needs_a_look(self.result)

    @property
    def page(self) -> str:
        """The page of its promise."""
        return page_of(self.result.id)

    @property
    def promise(self) -> str:
        """The promise, empty where the catalogue has no such spec any more."""
        return self.spec.promise if self.spec else ""

    @property
    def source(self) -> str:
        """Where the promise is written down."""
        return str(self.spec.source) if self.spec else ""

    @property
    def look_at(self) -> str:
        """What to look at when it fails."""
        return self.spec.text.get("Look at", "") if self.spec and self.result.verdict in words.TOLD else ""

    @property
    def why(self) -> str:
        """The first line of the reason."""
        return first_line(self.result.reason)

    @property
    def trials(self) -> str:
        """How often it failed where it was asked more than once, if the reason does not say so already."""
        told = f"failed {self.result.failed} of {self.result.attempts}"
        return told if self.result.attempts > 1 and told not in self.result.reason else ""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The facts by name, their values as JSON."""
        return [(name, _value(value)) for name, value in self.result.facts.items()]

    @property
    def said(self) -> list[Line]:
        """What was said, without its middle if it is long."""
        entries = self.result.transcript if self.evidence is Evidence.FULL else []
        if len(entries) > MOST_ENTRIES:
            entries = [*entries[: MOST_ENTRIES // 2], *entries[-MOST_ENTRIES // 2 :]]
        left = MOST_SAID
        lines = []
        for entry in entries:
            lines.append(_line(entry, LONGEST_ENTRY if left > 0 else SHORT_ENTRY))
            left -= len(lines[-1].data)
        return lines

    @property
    def unsaid(self) -> int:
        """How many entries are left out, after the first half of what is shown."""
        return max(0, len(self.result.transcript) - MOST_ENTRIES) if self.evidence is Evidence.FULL else 0

    @property
    def outline(self) -> str:
        """What was said in a few lines, where no more is shown."""
        return "\n".join(words.said(self.result.transcript)) if self.evidence is Evidence.SHORT else ""

    @property
    def picture(self) -> Markup:
        """When what happened, as SVG; empty where there is nothing to draw."""
        drawn = timelines.picture(self.result) if self.evidence is Evidence.FULL else ""
        return Markup(drawn)  # noqa: S704 - it is safe to embed


@frozen
class Page:
    """The results of one page of the tutorial; `bar` has the kinds and how many there are of each."""

    name: str
    shown: Sequence[Shown]

    @property
    def told(self) -> str:
        """How many got which verdict."""
        return words.counted(shown.result for shown in self.shown)

    @property
    def bar(self) -> list[tuple[str, int, int]]:
        """Kinds, where they begin and how many there are, for a bar."""
        return bar(shown.result for shown in self.shown)


@frozen
class Sheet:
    """Everything that is shown of one target."""

    report: Report
    meaning: Sequence[str]
    look: Mapping[Verdict, Sequence[Shown]]
    pages: Sequence[Page]

    @classmethod
    def of(cls, report: Report, specs: Mapping[str, Spec]) -> Sheet:
        """The sheet of a report."""
        eyed = [result for result in words.told(report) if needs_a_look(result)]
        is_open = len(eyed) <= MOST_OPEN
        look: dict[Verdict, list[Shown]] = {}
        for result in eyed:
            look.setdefault(result.verdict, []).append(Shown(result, specs.get(result.id), is_open=is_open))
        pages = [
            Page(page, [Shown(result, specs.get(result.id), evidence=Evidence.of(result)) for result in found])
            for page, found in by_page(report.results).items()
        ]
        return cls(report, list(meaning(report)), look, pages)

    @property
    def counts(self) -> list[tuple[str, int, str]]:
        """The kinds that there are, how many of each, and what they mean."""
        return counts(self.report.results)

    @property
    def bar(self) -> list[tuple[str, int, int]]:
        """Kinds, where they begin and how many there are, for a bar."""
        return bar(self.report.results)

    @property
    def eyed(self) -> int:
        """How many results need a look."""
        return sum(map(len, self.look.values()))


def kind(result: Result) -> str:
    """The word by which a result is coloured and filtered."""
    return EXPECTED if result.expected else result.verdict.value


def page_of(id_: str) -> str:
    """The page of an ID."""
    return id_.partition("/")[0]


def needs_a_look(result: Result) -> bool:
    """Whether a person should look at it."""
    return result.verdict in words.TOLD and not result.expected


def is_plain(result: Result) -> bool:
    """Whether it is what one hopes for."""
    return result.verdict in (Verdict.PASS, Verdict.FACT)


def word(result: Result) -> str:
    """The verdict in words."""
    return f"{result.verdict.value} ({EXPECTED})" if result.expected else result.verdict.value


def first_line(text: str) -> str:
    """As it says."""
    return text.partition("\n")[0]


def by_page(results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results under their pages in the catalogue's order; pages of other versions of the suite come last."""
    pages: dict[str, list[Result]] = {page: [] for page in PAGES}
    for result in results:
        pages.setdefault(page_of(result.id), []).append(result)
    return {page: found for page, found in pages.items() if found}


def counts(results: Iterable[Result]) -> list[tuple[str, int, str]]:
    """The kinds that there are, how many of each, and what they mean."""
    found = Counter(kind(result) for result in results)
    meanings = {verdict.value: text for verdict, text in MEANINGS.items()}
    meanings[EXPECTED] = "A divergence that the baseline foresees, with its reason."
    return [(name, found[name], text) for name, text in meanings.items() if found[name]]


def bar(results: Iterable[Result]) -> list[tuple[str, int, int]]:
    """Kinds, where they begin and how many there are, for a bar."""
    parts, begin = [], 0
    for name, count, _ in counts(results):
        parts.append((name, begin, count))
        begin += count
    return parts


def meaning(report: Report) -> Iterator[str]:
    """What a run says about its target, in sentences."""
    found = Counter(result.verdict for result in report.results if not result.expected)
    if report.interrupted:
        yield "The run was interrupted; here is what was known by then."
    if report.exit() is Exit.NOTHING:
        yield words.nothing_shown(report)
        return
    fails, warns, errors = found[Verdict.FAIL], found[Verdict.WARN], found[Verdict.ERROR]
    if fails:
        yield f"{_many(fails, 'promise')} that a server MUST keep {_are(fails)} broken."
    else:
        yield (
            "Every MUST that could be judged holds, but for what the baseline foresees."
            if any(result.expected for result in report.results)
            else "Every MUST that could be judged holds."
        )
    if warns:
        yield f"{_many(warns, 'promise')} that a server SHOULD keep {_are(warns)} broken."
    if errors:
        yield f"{_many(errors, 'spec')} ran into a fault of the suite's own, which says nothing about the server."
    if report.stale:
        yield f"{_many(len(report.stale), 'entry', 'entries')} of the baseline {_are(len(report.stale))} out of date."


def _many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _value(value: Any) -> str:
    return _shortened(json.dumps(value, ensure_ascii=False, default=repr), LONGEST_VALUE)


def _line(entry: Entry, longest: int) -> Line:
    # A line's end that is CRLF, as HTTP wants it, looks other than one that is not.
    data = _LINE_END.sub(lambda found: "⏎\n" if found[1] else "␊\n", entry.data)
    return Line(entry.t, entry.who, entry.what, entry.on, _shortened(data, longest))


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
