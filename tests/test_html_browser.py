"""
The HTML report in a real browser: it opens, filters, can be read by everybody, and runs nothing of a target's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.reports import html
from harness.verdicts import Exit, Verdict
from tests import chromium, hostile
from tests.chromium import Chromium
from tests.test_html import HOSTILE, SPECS, everywhere, other, report, result

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    chromium.found() is None, reason=f"there is no browser here: none of {', '.join(chromium.NAMES)} is on the PATH"
)

#: The IDs of the results that are shown, in order, each once.
SHOWN = """[...new Set([...document.querySelectorAll('[data-id]')]
    .filter((item) => !item.closest('[hidden]')).map((item) => item.dataset.id))]"""

#: The texts that are too faint: WCAG 2.2 asks for 4.5 to 1, which is told for each colour beside its background.
FAINT = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const bytes = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colours) => {
    const [r, g, b] = bytes(colours).map((byte) => byte / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('svg')) continue;
    seen += 1;
    const under = [];
    for (let at = element; at; at = at.parentElement) under.unshift(getComputedStyle(at).backgroundColor);
    const [one, two] = [light([...under, getComputedStyle(element).color]), light(under)].sort((a, b) => b - a);
    if ((one + 0.05) / (two + 0.05) < 4.5) found.add(`${element.outerHTML.slice(0, 100)}`);
  }
  return [seen, [...found]];
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all of these tests."""
    with Chromium.started(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of one target with verdicts of several kinds."""
    path = tmp_path_factory.mktemp("sheet") / "report.html"
    kinds = (Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.FACT)
    results = [result(name, verdict) for name, verdict in zip(("one", "two", "three", "four"), kinds, strict=True)]
    html.write(path, [report("mine", *results, *everywhere("x").results)], SPECS)
    return path


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of two versions, of which one spec differs, and of more in which many do."""
    path = tmp_path_factory.mktemp("grid") / "report.html"
    first = [result("one"), result("two"), result("three", Verdict.FAIL)]
    second = [result("one", Verdict.FAIL), result("two"), result("three", Verdict.FAIL)]
    html.write(path, [report("v1", *first), report("v2", *second)], SPECS, steps=True)
    return path


@pytest.fixture(autouse=True)
def as_it_was(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins with a browser that nobody has set up otherwise."""
    yield
    browser: Chromium = request.getfixturevalue("browser")
    browser.do("Emulation.setScriptExecutionDisabled", value=False)
    browser.do("Emulation.setEmulatedMedia", media="", features=[])
    browser.do("Emulation.clearDeviceMetricsOverride")


def like(browser: Chromium, **features: str) -> None:
    """Have the browser prefer this."""
    media = features.pop("media", "")
    given = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    browser.do("Emulation.setEmulatedMedia", media=media, features=given)


@pytest.mark.parametrize("kind", ["sheet", "grid"])
def test_it_opens_without_a_word_and_asks_for_nothing(
    browser: Chromium, request: pytest.FixtureRequest, kind: str
) -> None:
    """Nothing is on the console, and no address but its own is asked for."""
    page: Path = request.getfixturevalue(kind)

    browser.open(page)

    assert browser.told == []
    assert browser.asked == [page.as_uri()]
    assert browser.say("document.compatMode") == "CSS1Compat"
    assert browser.say("document.getElementById('filter').checkVisibility()")


def test_it_filters_by_verdict_page_and_words(browser: Chromium, sheet: Path) -> None:
    """What is left is said, groups with nothing left go, folded ones open; the address has it all."""
    browser.open(sheet)
    everything = browser.say(SHOWN)

    browser.say("document.querySelector('#filter [value=fail]').click()")
    failed = browser.say(SHOWN)
    browser.say("document.querySelector('#filter [value=warn]').click()")
    either = browser.say(SHOWN)
    browser.say("document.querySelector('#filter [type=search]').focus()")
    browser.type("ONE cgi")
    one = browser.say(SHOWN)

    assert len(everything) == 13
    assert failed == ["cgi/0x", "cgi/one"]
    assert set(either) == {"cgi/0x", "cgi/one", "cgi/2x", "cgi/two"}
    assert one == ["cgi/one"]
    assert browser.say("document.getElementById('shown').value") == "1 of 13 shown"
    assert browser.say("document.querySelector('.page').open")
    assert browser.say("document.getElementById('look-warn').checkVisibility()") is False
    assert browser.say("location.hash") == "#?v=fail&v=warn&q=ONE+cgi"

    browser.say("document.querySelector('#filter [type=reset]').click()")
    browser.say("new Promise((done) => setTimeout(done))")

    assert browser.say(SHOWN) == everything
    assert browser.say("document.querySelector('.page').open") is False
    assert browser.say("location.hash") == ""
    assert browser.told == []


def test_an_address_with_a_filter_shows_the_same_again(browser: Chromium, sheet: Path) -> None:
    """It can be sent to somebody."""
    browser.open(sheet, "#?v=pass&p=cgi&q=three")

    assert browser.say(SHOWN) == ["cgi/three"]
    assert browser.say("document.querySelector('#filter [value=pass]').checked")
    assert browser.say("document.querySelector('#filter select').value") == "cgi"


def test_what_differs_can_be_seen_alone(browser: Chromium, grid: Path) -> None:
    """Of several targets that is what one came for."""
    browser.open(grid)
    assert len(browser.say(SHOWN)) == 3

    browser.say("document.querySelector('#filter [name=c]').click()")

    assert browser.say(SHOWN) == ["cgi/one"]
    assert browser.told == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_link_to_a_folded_result_unfolds_it(browser: Chromium, grid: Path, *, scripts: bool) -> None:
    """With scripts and without."""
    browser.do("Emulation.setScriptExecutionDisabled", value=not scripts)
    browser.open(grid)
    assert browser.say("document.getElementById('r:cgi/one').checkVisibility()") is False

    browser.say("document.querySelector('.changes th a').focus()")
    browser.press("Enter", "\r")

    assert browser.say("location.hash") == "#r:cgi/one"
    assert browser.say("document.getElementById('r:cgi/one').checkVisibility({ contentVisibilityAuto: true })")


def test_a_link_to_what_is_filtered_away_shows_it(browser: Chromium, grid: Path) -> None:
    """The filter gives way."""
    browser.open(grid, "#?q=two")

    browser.say("""new Promise((done) => {
      addEventListener('hashchange', () => done(), { once: true });
      location.hash = '#r:cgi/one';
    })""")

    assert browser.say("document.getElementById('r:cgi/one').checkVisibility()")
    assert len(browser.say(SHOWN)) == 3


def test_without_scripts_everything_is_there(browser: Chromium, sheet: Path) -> None:
    """Only the filter is not, which would do nothing."""
    browser.do("Emulation.setScriptExecutionDisabled", value=True)

    browser.open(sheet)

    assert browser.told == []
    assert browser.say("document.getElementById('filter').checkVisibility()") is False
    assert len(browser.say(SHOWN)) == 13
    assert browser.say("document.querySelectorAll('#looks details.r[open]').length") == 6


def test_a_keyboard_is_enough(browser: Chromium, sheet: Path) -> None:
    """First comes a way past everything, then the filter, then what can be unfolded; what has the focus shows it."""
    browser.open(sheet)
    seen = []
    for _ in range(60):
        browser.press("Tab")
        seen.append(browser.say("((at) => [at.tagName, at.type || '', at.className])(document.activeElement)"))
        assert browser.say("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
        if seen[-1][0] == "SUMMARY":
            break

    browser.press("Enter", "\r")

    assert seen[0] == ["A", "", "skip"]
    assert [kind for tag, kind, _ in seen if tag == "INPUT"][-1] == "search"
    assert seen[-1][0] == "SUMMARY"
    assert browser.say("document.activeElement.parentElement.open") is False


@pytest.mark.parametrize("kind", ["sheet", "grid"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_in_light_and_dark(
    browser: Chromium, request: pytest.FixtureRequest, scheme: str, kind: str
) -> None:
    """With everything unfolded."""
    like(browser, prefers_color_scheme=scheme)
    browser.open(request.getfixturevalue(kind))
    browser.say("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    ground = browser.say("getComputedStyle(document.body).backgroundColor")
    seen, faint = browser.say(FAINT)

    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    assert seen > 50
    assert faint == []


@pytest.mark.parametrize("kind", ["sheet", "grid"])
def test_a_small_screen_shows_it_without_moving_sideways(
    browser: Chromium, request: pytest.FixtureRequest, kind: str
) -> None:
    """Wide tables move within themselves."""
    browser.do("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=1, mobile=False)
    browser.open(request.getfixturevalue(kind))
    browser.say("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    assert browser.say("document.scrollingElement.scrollWidth") <= 320


@pytest.mark.parametrize("kind", ["sheet", "grid"])
def test_a_screen_reader_has_a_name_for_everything(
    browser: Chromium, request: pytest.FixtureRequest, kind: str
) -> None:
    """Controls, pictures, regions and tables are called something."""
    browser.open(request.getfixturevalue(kind))
    browser.say("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    nodes = [node for node in browser.do("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    roles = {"button", "checkbox", "combobox", "searchbox", "link", "image", "region", "search", "table", "group"}
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if node["role"]["value"] in roles
    ]

    assert {"checkbox", "combobox", "searchbox", "search", "table", "region", "button"} <= {role for role, _ in found}
    assert [role for role, name in found if not name.strip() and role != "group"] == []


def test_on_paper_stands_what_needs_a_look(browser: Chromium, sheet: Path) -> None:
    """Unfolded while it is printed, in light colours' words, and without the filter."""
    browser.open(sheet)
    browser.say("document.getElementById('fold').click()")
    opened = "document.querySelectorAll('#looks details.r[open]').length"
    browser.say(f"window.before = {opened}; addEventListener('beforeprint', () => {{ window.during = {opened}; }})")

    browser.do("Page.printToPDF")
    like(browser, media="print")

    assert browser.say("[before, during]") == [0, 6]
    assert browser.say(opened) == 0
    assert browser.say("document.getElementById('filter').checkVisibility()") is False


def test_ten_versions_are_as_wide_as_a_page(browser: Chromium, tmp_path: Path) -> None:
    """Of paper, on which nothing can be moved sideways: A4 less its margins is 718 pixels wide."""
    page = tmp_path / "report.html"
    verdicts = [Verdict.PASS, Verdict.FAIL] * 5
    reports = [
        report(f"Twisted 26.{number}.0", result("a-fact-with-rather-a-long-name-of-its-own", verdict), *others)
        for number, verdict in enumerate(verdicts)
        for others in [[result(kind.value, kind) for kind in Verdict]]
    ]
    html.write(page, reports, {}, steps=True)
    like(browser, media="print")
    browser.do("Emulation.setDeviceMetricsOverride", width=718, height=1000, deviceScaleFactor=1, mobile=False)

    browser.open(page)

    assert browser.say("[...document.querySelectorAll('table')].filter((one) => one.offsetWidth).length") == 11
    assert browser.say("document.scrollingElement.scrollWidth") <= 718


@pytest.mark.parametrize("kind", ["one", "versions", "servers"])
def test_nothing_that_a_target_says_runs(browser: Chromium, tmp_path: Path, kind: str) -> None:
    """Whatever it is, wherever it stands, and whatever is unfolded."""
    page = tmp_path / "report.html"
    texts = "".join(HOSTILE)
    reports = [everywhere(texts)] if kind == "one" else [everywhere(texts), other(everywhere(texts))]
    html.write(page, reports, {}, steps=kind == "versions", remarks=[texts])

    browser.open(page)
    browser.say("document.getElementById('unfold').click()")
    browser.say("document.querySelectorAll('a').forEach((link) => link.click())")

    assert browser.say("typeof owned") == "undefined"
    assert browser.told == []
    assert browser.asked == [page.as_uri()]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>owned = 1</script>",
        "<img src=x onerror='owned = 1'>",
        "<svg onload='owned = 1'></svg>",
        "<iframe srcdoc='<script>parent.owned = 1</script>'></iframe>",
        "<link rel=stylesheet href='http://127.0.0.1:9/'>",
        "<style onload='owned = 1'>body { display: none }</style>",
    ],
)
def test_even_unescaped_markup_would_not_run(browser: Chromium, sheet: Path, tmp_path: Path, markup: str) -> None:
    """The page's policy forbids it; the browser says that it refused something."""
    page = tmp_path / "report.html"
    text = sheet.read_text("utf-8")
    page.write_text(text.replace("<h1>", f"{markup}<h1>", 1), "utf-8")

    browser.open(page)

    assert browser.say("typeof owned") == "undefined"
    assert browser.say("document.body.checkVisibility()")
    assert browser.asked == [page.as_uri()]
    assert any("Content Security Policy" in told for told in browser.told)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, Path]]:
    """The exit codes and reports of `web60 run` against the targets whose every word is markup."""
    directory = tmp_path_factory.mktemp("attacked")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = {}
    for name, target in hostile.everything().items():
        if name.startswith("shows:") and target.exit is None:
            page = directory / f"{name.partition(':')[2]}.html"
            command = f"{sys.executable} -m tests.hostile {name} --port {{port}}"
            arguments = ["--profile", str(hostile.PROFILE), "--command", command, "--html", str(page)]
            running[name] = page, subprocess.Popen(
                [sys.executable, "-m", "harness", "run", *arguments, *target.asked[:1], *target.honest[:1]],
                cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )  # fmt: skip
    ended: dict[str, tuple[int, Path]] = {}
    for name, (page, process) in running.items():
        _, told = process.communicate(timeout=120)
        assert page.exists(), told.decode()
        ended[name] = process.returncode, page
    return ended


def test_a_run_against_a_target_that_shows_markup_makes_a_harmless_report(
    browser: Chromium, attacked: dict[str, tuple[int, Path]]
) -> None:
    """By the command line, with what really came over the wire."""
    seen: dict[str, Any] = {}

    for name, (code, page) in attacked.items():
        browser.open(page)
        browser.say("document.getElementById('unfold').click()")
        seen[name] = (
            code,
            [*browser.told],
            browser.asked == [page.as_uri()],
            "OWNED" in browser.say("document.body.textContent"),
            browser.say("document.querySelectorAll('script').length"),
        )

    assert len(seen) >= 2
    assert set(map(str, seen.values())) == {str((Exit.FAILED.value, [], True, True, 1))}, seen
