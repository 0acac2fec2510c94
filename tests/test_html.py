"""
The HTML report: what stands on it, and that nothing of a target's is markup.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from attrs import define, evolve, field

from harness.catalogue import Spec
from harness.errors import UsageError
from harness.levels import MAY, MUST, SHOULD, Level
from harness.reports import html, sheets
from harness.results import Known, Report, Result
from harness.sources import tutorial
from harness.transcripts import Entry
from harness.verdicts import Verdict

#: What has no end tag.
VOID = frozenset({"meta", "br", "input"})

#: What stands apart from what follows.
APART = frozenset({"caption", "td", "th", "dt", "dd", "p", "summary", "li"})

#: Each would be markup, a script, a template or a hidden sign somewhere.
HOSTILE = (
    '"><script>owned = 1</script>',
    "' onmouseover='owned = 1",
    '" onfocus="owned = 1" autofocus="',
    "</style></title></textarea></pre></svg><img src=x onerror=owned=1>",
    "javascript:owned=1",
    "{{ 7 * 191 }}{% raw %}",
    "<!-- ]]> <![CDATA[ &lt;b&gt; &#60;script&#62;",
    "\x00\x1b[31m\x9b\u202e\u2066\ud800\ufeff\x7f",
    "\r\n\r\n<base href=//h/>\n",
)

#: What no report may hold as it is.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@define
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(factory=list)

    def all(self, tag: str = "", **wanted: str) -> Iterator[Element]:
        """The elements below it, in order, with this tag and these attributes (`class_` is one of its classes)."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == (tag or child.tag) and child.has(**wanted):
                    yield child
                yield from child.all(tag, **wanted)

    def one(self, tag: str = "", **wanted: str) -> Element:
        """The first of them."""
        return next(self.all(tag, **wanted))

    def has(self, class_: str = "", **wanted: str) -> bool:
        """Whether it has these attributes."""
        ours = {name.replace("-", "_"): value for name, value in self.attributes.items()}
        return class_ in ("", *ours.get("class", "").split()) and wanted.items() <= ours.items()

    @property
    def text(self) -> str:
        """The text in it, its blanks as one."""
        return " ".join("".join(self.texts()).split())

    def texts(self) -> Iterator[str]:
        """The pieces of text in it."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child.texts()
                if child.tag in APART:
                    yield " "


class Page(HTMLParser):
    """Reads a page, and refuses one whose tags do not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    @classmethod
    def read(cls, text: str) -> Element:
        """The whole of it."""
        page = cls()
        page.feed(text)
        page.close()
        assert page.open == [page.root], [element.tag for element in page.open]
        return page.root

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        assert len(dict(attrs)) == len(attrs), attrs
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """See `HTMLParser`."""
        assert self.open.pop().tag == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        """See `HTMLParser`."""
        self.open[-1].children.append(data)


def promised(id_: str, level: Level = MUST) -> Spec:
    """A spec of this ID."""

    async def test() -> None:
        """
        It keeps what it promises.

        Sends:    nothing.
        Look at:  the server.
        """

    return Spec(id_, level, tutorial("cgi", "a few words"), test)


def result(fact: str, verdict: Verdict = Verdict.PASS, **more: Any) -> Result:
    """A result of the page cgi."""
    levels = {Verdict.WARN: SHOULD, Verdict.FACT: MAY}
    return Result(f"cgi/{fact}", levels.get(verdict, MUST), verdict, **more)


def report(name: str, *results: Result, **more: Any) -> Report:
    """A run against a target of this name."""
    return Report("1", "2026-11-22T00:00:00Z", "real", Known(name, "http://h/", "soft/1"), results=[*results], **more)


#: The catalogue of these tests.
SPECS = {f"cgi/{fact}": promised(f"cgi/{fact}") for fact in ("one", "two", "three", "four")}


def written(directory: Path, *reports: Report, **more: Any) -> Element:
    """The page that these reports make."""
    path = directory / "report.html"
    html.write(path, reports, more.pop("specs", SPECS), **more)
    return Page.read(path.read_text("utf-8"))


def everywhere(text: str) -> Report:
    """A report that has this text wherever a target, a profile or a file of results may put it."""
    said = [Entry(0.0, "us", "open", on=1), Entry(0.1, "them", "bytes", text, 1), Entry(0.2, text, text, text, 2)]
    kinds = [
        (Verdict.FAIL, ""), (Verdict.ERROR, ""), (Verdict.WARN, ""), (Verdict.INCONCLUSIVE, ""), (Verdict.PASS, ""),
        (Verdict.FACT, ""), (Verdict.NOT_OFFERED, ""), (Verdict.NOT_OBSERVABLE, ""), (Verdict.FAIL, text),
    ]  # fmt: skip
    results = [
        Result(
            f"cgi/{number}{text}", MUST, verdict, 1.0, f"x{text}\n{text}", expected, 3, 2, 0.01, text,
            unsteady=[text], facts={f"x{text}": text, "list": [text, {text: text}], "long": text * 300},
            transcript=said,
        )
        for number, (verdict, expected) in enumerate(kinds)
    ]  # fmt: skip
    known = Known(f"x{text}", text, text)
    return Report(text, text, text, known, 1.0, stale=[text], results=results, notes=[text])


def other(before: Report) -> Report:
    """The same with all verdicts in another order and other facts, so that everything changes."""
    verdicts = [one.verdict for one in before.results]
    results = [
        evolve(one, verdict=verdict, unsteady=[], facts={f"{name}": [value] for name, value in one.facts.items()})
        for one, verdict in zip(before.results, (*verdicts[1:], verdicts[0]), strict=True)
    ]
    return evolve(before, results=results)


def shape(element: Element) -> Counter[tuple[str, ...]]:
    """The tags of a page and the names of their attributes."""
    return Counter((one.tag, *one.attributes) for one in element.all())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", ["one", "versions", "servers"])
def test_what_a_target_says_is_text_everywhere(tmp_path: Path, text: str, kind: str) -> None:
    """The page has the elements and attributes that it has when all are polite, and nothing hidden is in it."""
    polite, hostile = (
        written(
            tmp_path,
            *((one,) if kind == "one" else (one, other(one))),
            steps=kind == "versions",
            remarks=[words],
            specs={},
        )
        for words in ("polite", text)
        for one in [evolve(everywhere(words))]
    )
    raw = (tmp_path / "report.html").read_text("utf-8")

    assert shape(hostile) == shape(polite)
    assert UNSEEN.search(raw) is None
    assert text.strip() not in raw or not set(text) & set("<>\"'&\x1b")
    assert hostile.text.count("x") >= polite.text.count("xpolite")
    for link in hostile.all("a"):
        assert link.attributes["href"].startswith("#")


@pytest.mark.parametrize("kind", ["one", "versions", "servers"])
def test_the_page_asks_for_nothing_and_runs_only_its_own_script(tmp_path: Path, kind: str) -> None:
    """Its policy names the style and the script that are in it, by what they are, and forbids everything else."""
    reports = [everywhere("x")] if kind == "one" else [everywhere("x"), other(everywhere("x"))]
    page = written(tmp_path, *reports, steps=kind == "versions")

    (style,), (script,) = page.all("style"), page.all("script")
    hashes = [base64.b64encode(hashlib.sha256("".join(one.texts()).encode()).digest()) for one in (style, script)]
    policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]

    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashes[0].decode()}'",
        f"script-src 'sha256-{hashes[1].decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    for element in page.all():
        # A style of an element's own would be refused by the policy, and what has a source would be fetched.
        assert not {"style", "src", "srcset", "action", "ping"} & element.attributes.keys(), element
        assert element.tag not in ("link", "img", "iframe", "object", "base", "use", "image")
        assert element.attributes.get("href", "#").startswith("#")
        assert not [name for name in element.attributes if name.startswith("on")]


@pytest.mark.parametrize("kind", ["one", "versions", "servers"])
def test_links_lead_somewhere_and_headings_stand_in_order(tmp_path: Path, kind: str) -> None:
    """No anchor stands twice, none is missing, and no level of headings is left out."""
    reports = [everywhere("x y/é")] if kind == "one" else [everywhere("x y/é"), other(everywhere("x y/é"))]
    page = written(tmp_path, *reports, steps=kind == "versions")

    anchors = Counter(element.attributes["id"] for element in page.all() if "id" in element.attributes)
    links = {unquote(link.attributes["href"][1:]) for link in page.all("a")}
    named = {name for element in page.all() for name in element.attributes.get("aria-labelledby", "").split()}
    levels = [int(element.tag[1]) for element in page.all() if re.fullmatch(r"h\d", element.tag)]

    assert anchors.most_common(1)[0][1] == 1
    assert links | named <= anchors.keys()
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), levels


@pytest.mark.parametrize("kind", ["one", "versions", "servers"])
def test_tables_say_what_they_are(tmp_path: Path, kind: str) -> None:
    """Each has a caption, heads say what they head, and what may be wider than a screen can be moved by keys."""
    reports = [everywhere("x")] if kind == "one" else [everywhere("x"), other(everywhere("x"))]
    page = written(tmp_path, *reports, steps=kind == "versions")

    tables = list(page.all("table"))

    assert len(tables) > 3
    for table in tables:
        assert table.one("caption").text
        assert all("scope" in head.attributes for head in table.all("th"))
    assert all(region.has(tabindex="0") for region in page.all("div", role="region"))
    assert [one.attributes["lang"] for one in page.all("html")] == ["en"]
    assert all(list(page.all(landmark)) for landmark in ("header", "main", "footer"))


def test_everything_about_a_result_stands_in_it(tmp_path: Path) -> None:
    """The promise, its source, what came, what to look at, the facts and what was said."""
    failed = result(
        "one", Verdict.FAIL, reason="1 != 2\nmore", attempts=3, failed=2, facts={"a fact": [1, "é"]},
        transcript=[Entry(0.5, "us", "bytes", "GET / HTTP/1.1\r\n\r\n", 1), Entry(1.25, "them", "bytes", "a\nb\rc", 1)],
    )  # fmt: skip

    page = written(tmp_path, report("mine", failed))
    (shown,) = page.all("details", data_id="cgi/one")

    for text in (
        "fail", "cgi/one", "MUST", "It keeps what it promises.", 'Twisted Web in 60 seconds, "cgi": “a few words”',
        "1 != 2 more", "the server.", "Trials failed 2 of 3", 'a fact [1, "é"]',
        "2 entries", "0.500 1 us bytes GET / HTTP/1.1⏎ ⏎", "1.250 1 them bytes a␊ b\\rc",
    ):  # fmt: skip
        assert text in shown.text, text
    assert [picture.attributes["role"] for picture in shown.all("svg")] == ["img"]


def test_what_needs_a_look_stands_first_and_open(tmp_path: Path) -> None:
    """The worst first; what is as it should be, or foreseen, stands folded on its page."""
    results = (
        result("one"), result("two", Verdict.WARN), result("three", Verdict.FAIL),
        result("four", Verdict.FAIL, expected="known"),
    )  # fmt: skip

    page = written(tmp_path, report("mine", *results))
    details = [(one.attributes["data-id"], "open" in one.attributes) for one in page.all("details", class_="r")]

    assert details == [("cgi/three", True), ("cgi/two", True), ("cgi/one", False), ("cgi/four", False)]
    assert [one.text for one in page.one("section", id="looks").all("h3")] == ["fail (1)", "warn (1)"]
    assert "open" not in page.one("details", class_="page").attributes
    assert [one.attributes["href"] for one in page.all("p", class_="see") for one in one.all("a")] == [
        "#r:cgi/two",
        "#r:cgi/three",
    ]


def test_much_that_needs_a_look_is_a_list_to_choose_from(tmp_path: Path) -> None:
    """Folded, with the first line of each reason."""
    results = [result(f"number-{number}", Verdict.FAIL, reason=f"why {number}\nmore") for number in range(13)]

    page = written(tmp_path, report("mine", *results))
    shown = list(page.one("section", id="looks").all("details", class_="r"))

    assert len(shown) == sheets.MOST_OPEN + 1
    assert not [one for one in shown if "open" in one.attributes]
    assert [one.one("span", class_="why").text for one in shown][:2] == ["why 0", "why 1"]


def test_a_pass_has_a_few_lines_of_what_was_said(tmp_path: Path) -> None:
    """All of it would make the page too big."""
    said = [Entry(number / 10, "us", "bytes", f"line {number}", 1) for number in range(40)]

    page = written(tmp_path, report("mine", result("one", transcript=said)))
    (shown,) = page.all("details", data_id="cgi/one")

    assert "line 0" in shown.text
    assert "26 more" in shown.text
    assert list(shown.all("svg")) == []


def test_a_long_transcript_is_cut_in_its_middle_and_says_so(tmp_path: Path) -> None:
    """What a target floods us with does not fill the page."""
    said = [Entry(float(number), "them", "bytes", f"<{number}>" + "y" * 4096, 1) for number in range(400)]

    page = written(tmp_path, report("mine", result("one", Verdict.FAIL, transcript=said)))
    (table,) = page.one("details", data_id="cgi/one").one("div", role="region").all("table")

    assert "400 entries" in page.text
    assert "340 more entries" in table.text
    assert len(list(table.all("pre"))) == sheets.MOST_ENTRIES
    assert "<399>" in table.text
    assert len(table.text) < 20_000


def test_the_counts_are_those_of_the_results(tmp_path: Path) -> None:
    """Each verdict with its number, and what it means; what the baseline foresees is counted by itself."""
    results = (result("one"), result("two"), result("three", Verdict.FAIL), result("four", Verdict.FAIL, expected="so"))

    page = written(tmp_path, report("mine", *results))
    rows = [row.text for row in page.one("table", class_="counts").one("tbody").all("tr")]

    assert rows == [
        "pass 2 What was promised holds.",
        "fail 1 A promise that a server MUST keep is broken.",
        "expected 1 A divergence that the baseline foresees, with its reason.",
    ]


def test_the_head_says_who_when_and_what_it_means(tmp_path: Path) -> None:
    """In the words of a person, with what else should be known."""
    page = written(
        tmp_path,
        report("mine", result("one", Verdict.FAIL), seconds=1.25, interrupted=True, stale=["cgi/two"], notes=["Note."]),
        remarks=["Another could not be asked."],
    )
    head = page.one("header").text

    for text in (
        "mine", "1 promise that a server MUST keep is broken.", "The run was interrupted", "http://h/", "soft/1",
        "real", "2026-11-22T00:00:00Z", "1.2 s, interrupted", "Note.", "1 entry of the baseline is out of date.",
        "Remarks Another could not be asked.",
    ):  # fmt: skip
        assert text in head, text
    assert "Take these entries out. cgi/two" in page.text


def test_a_step_tells_what_changed_and_marks_it_where_it_happened(tmp_path: Path) -> None:
    """Broken and mended, facts with both values; a step without a change says so."""
    first = report("v1", result("one"), result("two", Verdict.FAIL, reason="no"), result("three", facts={"a": 1}))
    second = report("v2", result("one", Verdict.FAIL, reason="bad"), result("two"), result("three", facts={"a": 2}))

    page = written(tmp_path, first, second, evolve(second, target=Known("v3", "http://h/", "")), steps=True)
    broken, mended, changed = page.one("table", class_="changes").all("tr", data_p="cgi")
    headings = [one.text for one in page.all("h3") if one.attributes.get("id", "").startswith("step-")]
    cells = [[cell.text for cell in row.all("td")] for row in page.one("table", class_="grid").one("tbody").all("tr")]

    assert headings == ["v1 → v2", "v2 → v3"]
    assert broken.text == "cgi/one MUST pass → fail bad"
    assert mended.text == "cgi/two MUST fail → pass no"
    assert changed.text == "cgi/three MUST pass a: 1 → 2"
    assert len(list(page.all("table", class_="changes"))) == 1
    assert page.text.count("Nothing that can be observed changed.") == 1
    assert cells == [
        ["pass", "fail broken", "fail"],
        ["fail", "pass mended", "pass"],
        ["pass", "pass changed", "pass"],
    ]
    assert [row.text for row in page.one("table", class_="targets").one("tbody").all("td", class_="since")] == [
        "the first",
        "1 broken, 1 mended, 1 changed",
        "no difference",
    ]


def test_facts_of_several_targets_stand_side_by_side(tmp_path: Path) -> None:
    """Those that differ first; those that do not are folded."""
    facts = ({"a": 1, "b": 2}, {"a": 1, "b": 3})

    page = written(tmp_path, *(report(f"s{number}", result("one", facts=one)) for number, one in enumerate(facts)))
    differing, alike = page.one("details", data_id="cgi/one").all("table", class_="values")

    assert differing.text == "Facts that differ Fact s0 s1 b 2 3"
    assert alike.text == "Facts that are alike Fact s0 s1 a 1 1"
    assert page.one("details", data_id="cgi/one").one("details", class_="more").one("summary").text == "1 fact alike"


def test_what_is_alike_everywhere_is_folded_and_there(tmp_path: Path) -> None:
    """A row in which nothing differs needs no table."""
    same = (result("one"), result("two", Verdict.WARN, reason="so it is"))

    page = written(tmp_path, report("v1", *same), report("v2", *same), steps=True)

    assert "They are alike in all 2 specs." in page.text
    assert list(page.all("table", class_="grid")) == []
    assert [one.attributes["data-id"] for one in page.all("details", class_="r")] == ["cgi/two", "cgi/one"]
    assert "v1 to v2" in page.one("details", data_id="cgi/two").text
    assert "so it is" in page.one("details", data_id="cgi/two").text


def test_a_change_that_a_baseline_foresees_says_so(tmp_path: Path) -> None:
    """It is broken, and nobody need look at it."""
    page = written(
        tmp_path,
        report("v1", result("one")),
        report("v2", result("one", Verdict.FAIL, expected="we know it")),
        steps=True,
    )

    assert "pass → fail (expected)" in page.one("table", class_="changes").text
    assert "The baseline foresees it: we know it" in page.one("table", class_="changes").text


def test_many_facts_of_a_change_are_folded(tmp_path: Path) -> None:
    """The first ones tell enough to choose."""
    page = written(
        tmp_path,
        *(report(f"v{n}", result("one", Verdict.FACT, facts={f"f{i}": n for i in range(7)})) for n in (1, 2)),
        steps=True,
    )
    (row,) = page.one("table", class_="changes").all("tr", data_id="cgi/one")

    assert row.one("details").one("summary").text == "3 more facts"
    assert row.text.count("→") == 7


def test_a_spec_that_the_catalogue_does_not_have_is_shown_all_the_same(tmp_path: Path) -> None:
    """A result file may be of another version of the suite, with pages that are gone."""
    old = Result("gone/for-good", MUST, Verdict.FAIL, reason="why")

    alone = written(tmp_path, report("v1", old))
    page = written(tmp_path, report("v1", old), report("v2", result("one")), steps=True)

    assert "why" in alone.one("details", data_id="gone/for-good").text
    assert [one.one("h3").text for one in page.all("details", class_="page")] == ["cgi", "gone"]
    assert [one.one("tbody").text for one in page.all("table", class_="grid")] == [
        "one MUST not there pass only in the new run",
        "for-good MUST fail not there only in the old run",
    ]


def test_no_target_at_all_is_said(tmp_path: Path) -> None:
    """Interrupted before anything was up."""
    page = written(tmp_path, remarks=["v1 did not start."], steps=True)

    assert "Nothing was asked." in page.text
    assert "v1 did not start." in page.text


def test_one_version_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    """It is shown like any single target."""
    page = written(tmp_path, report("v1", result("one")), steps=True)

    assert page.one("h1").text == "v1"
    assert list(page.all("table", class_="targets")) == []


def test_a_claim_takes_an_older_report_away(tmp_path: Path) -> None:
    """Nobody takes it for that of a run that was killed."""
    path = tmp_path / "report.html"
    path.write_text("old")

    html.claim(path)
    html.claim(path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["none/report.html", "", "file/report.html"])
def test_a_place_where_nothing_can_be_written_is_said_so(tmp_path: Path, place: str) -> None:
    """Before the run, and after it if things have changed since."""
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="cannot write the report"):
        html.claim(tmp_path / place)
    with pytest.raises(UsageError, match="cannot write the report"):
        html.write(tmp_path / place, [report("mine", result("one"))], SPECS)


def test_what_is_no_file_stays_what_it_is() -> None:
    """A pipe's reader gets the report, and no file is put in its place."""
    path = Path(os.devnull)

    html.claim(path)
    html.write(path, [report("mine", result("one"))], SPECS)

    assert path.is_char_device()


def test_a_report_takes_its_place_whole(tmp_path: Path) -> None:
    """Nothing else is left behind."""
    written(tmp_path, report("mine", result("one")))

    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
