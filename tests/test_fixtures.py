"""
The fixture `web60` as a stranger meets it: pytest in a process of its own, on small files.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Seconds until a process hangs; the longest takes 5.
HANGS = 60.0

#: Two sites: one that is as it should be, one that answers everything at once.
SITES = """
from twisted.internet.task import deferLater
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Session, Site

class Report(Resource):
    def __init__(self, reactor):
        super().__init__()
        self.reactor = reactor
    def render_GET(self, request):
        deferLater(self.reactor, 5.0, request.write, b"Sorry to keep you waiting.").addCallback(
            lambda _: request.finish()
        )
        return NOT_DONE_YET

def make(reactor):
    root = Resource()
    root.putChild(b"report", Report(reactor))
    return Site(root, reactor=reactor)

class Hasty(Resource):
    isLeaf = True
    def render_GET(self, request):
        return b"Sorry to keep you waiting."

def hasty(reactor):
    return Hasty()

REPORT = {"asynchronous": {"path": "/report", "delay": 5.0}}
SILENT = "asynchronous/silent-until-the-delay-is-over"
"""

#: Everything that a person may get wrong, each in a test of its own.
WRONG = """
from pathlib import Path
from sites import REPORT, SILENT, hasty, make

def test_site(web60):
    web60.check(hasty, REPORT, [SILENT])

def test_page(web60):
    web60.check(make, REPORT, ["cgi"])

def test_no_page(web60):
    web60.check(make, {})

def test_selection(web60):
    web60.check(make, REPORT, ["asynchronous/silent-until-the-delay"])

def test_profile(web60):
    web60.check(make, {"asynchronous": {"delay": "long", "pth": "/report"}, "asynchron": {}, "cgi": 5})

def test_file(web60):
    web60.check(make, Path("no-such.toml"))

def test_text(web60):
    web60.check(make, "wrong.toml")

def test_factory(web60):
    def broken(reactor):
        return {}["a key that is missing"]
    web60.check(broken, REPORT)

def test_second_factory(web60):
    made = []
    def once(reactor):
        made.append(reactor)
        if len(made) > 1:
            raise RuntimeError("the port is taken")
        return make(reactor)
    web60.check(once, REPORT, SILENT)

def test_never(web60):
    from twisted.internet.defer import Deferred
    async def never(reactor):
        await Deferred()
    web60.check(never, REPORT)

def test_product(web60):
    web60.check(lambda reactor: None, REPORT)

def test_baseline(web60):
    web60.check(make, REPORT, baseline="no-such.toml")

def test_stale(web60):
    web60.check(make, REPORT, [SILENT], baseline="known.toml")

def test_named_stale(web60):
    web60.check(make, "names.toml", SILENT)

def test_strict(web60):
    web60.check(hasty, {"cgi": {}}, ["cgi/a-missing-script-is-not-found"], strict=True)

def test_second_of_two(web60):
    web60.check(make, REPORT, [SILENT])
    web60.check(hasty, REPORT, [SILENT])
"""

#: What works, whatever the options of pytest.
RIGHT = """
import os, sys, tempfile, threading, unittest, warnings
from pathlib import Path

import pytest
from sites import REPORT, SILENT, hasty, make

REFERENCE = Path("{root}/reference_impl/profiles/profile.toml")

def test_site(web60):
    report = web60.check(make, REPORT, ["asynchronous/silent-*", "asynchronous/*-answers-*", "session-store"])
    assert {{result.id: result.verdict.value for result in report.results}}[SILENT] == "pass"
    assert report.clock == "virtual"

def test_two(web60):
    web60.check(make, REPORT, [SILENT])
    web60.check(make, REPORT, SILENT)

@pytest.mark.parametrize("delay", [0.25, 3600.0])
def test_parameters(web60, delay):
    from twisted.internet.task import deferLater
    from twisted.web.resource import Resource
    from twisted.web.server import NOT_DONE_YET
    class Later(Resource):
        def render_GET(self, request):
            deferLater(request.channel.site.reactor, delay, request.finish)
            return NOT_DONE_YET
    def later(reactor):
        root = Resource()
        root.putChild(b"later", Later())
        return root
    web60.check(later, {{"asynchronous": {{"path": "/later", "delay": delay}}}}, SILENT)

class TestClass:
    def test_method(self, web60):
        web60.check(make, REPORT, SILENT)

class TestCase(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def given(self, web60):
        self.web60 = web60

    def test_method(self):
        self.web60.check(make, REPORT, SILENT)

def test_expected_divergence(web60):
    report = web60.check(hasty, REPORT, SILENT, baseline=Path("known.toml"))
    assert report.results[0].expected == "our reports are quick"

def test_expected_by_profile(web60):
    web60.check(hasty, "names.toml", SILENT)

def test_lenient(web60):
    web60.check(hasty, {{"cgi": {{}}}}, "cgi/a-missing-script-is-not-found")

def test_threads_and_processes(web60):
    with warnings.catch_warnings():
        # Twisted 26.10 warns of itself: `twisted.web.static`.
        warnings.simplefilter("ignore", DeprecationWarning)
        from reference_impl.site import make
    chosen = ["wsgi/blocking-calls-*", "cgi/a-script-answers-*", "session-endings/an-ending-is-told-once"]
    web60.check(make, REFERENCE, chosen)

def test_missing_page(web60):
    from twisted.web.resource import Resource
    report = web60.check(lambda reactor: Resource(), {{"cgi": {{}}}}, "cgi/a-missing-script-is-not-found")
    assert report.results[0].verdict.value == "pass"

def test_imports_of_a_factory(web60):
    class Finder:
        def find_spec(self, *arguments):
            return None
    def importing(reactor):
        if finder not in sys.meta_path:
            sys.meta_path.append(finder)
        return make(reactor)
    finder, before = Finder(), list(sys.meta_path)
    web60.check(importing, REPORT, SILENT)
    assert sys.meta_path == [*before, finder]

def test_nothing_is_left():
    from twisted.internet import reactor
    assert threading.enumerate() == [threading.main_thread()]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert list(Path(tempfile.gettempdir()).glob("web60-*")) == []
    assert reactor.getDelayedCalls() == []
    assert "WEB60_ASSETS" not in os.environ
"""

#: The same within pytest-twisted.
TWISTED = """
import pytest_twisted
from sites import REPORT, SILENT, make
from twisted.internet import reactor
from twisted.internet.task import deferLater

@pytest_twisted.ensureDeferred
async def test_coroutine(web60):
    await deferLater(reactor, 0.0, lambda: None)
    web60.check(make, REPORT, SILENT)
    await deferLater(reactor, 0.0, lambda: None)

@pytest_twisted.inlineCallbacks
def test_generator(web60):
    web60.check(make, REPORT, SILENT)
    yield deferLater(reactor, 0.0, lambda: None)

@pytest_twisted.async_fixture
async def ready():
    await deferLater(reactor, 0.0, lambda: None)
    return make

def test_fixture(ready, web60):
    web60.check(ready, REPORT, SILENT)
    assert reactor.getDelayedCalls() == []
"""

KNOWN = """
[[known]]
id = "asynchronous/silent-until-the-delay-is-over"
verdict = "fail"
reason = "our reports are quick"
"""

#: A profile as `web60 run --profile` has it.
NAMES = """
[server]
url = "http://127.0.0.1:1/"
baseline = "known.toml"
[asynchronous]
path = "/report"
delay = 5.0
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stranger's own directory."""
    directory = tmp_path_factory.mktemp("mine")
    files = {
        "sites.py": SITES,
        "test_wrong.py": WRONG,
        "test_right.py": RIGHT.format(root=ROOT),
        "test_twisted.py": TWISTED,
        "known.toml": KNOWN,
        "names.toml": NAMES,
        "wrong.toml": "[asynchronous]\n\ndelay = -1\n",
    }
    for name, text in files.items():
        (directory / name).write_text(text, "utf-8")
    return directory


def ran(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What a module says when it is run there, with a directory for temporary files that was empty."""
    temporary = here / "-".join(re.findall(r"\w+", " ".join(words)))
    temporary.mkdir()
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=here,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


@pytest.fixture(scope="module")
def wrong(here: Path) -> dict[str, str]:
    """What a person is told of every mistake, by test."""
    done = ran(here, "pytest", "-q", "--junitxml", "wrong.xml", "test_wrong.py")
    assert done.returncode == 1, done.stdout + done.stderr
    return {name: "\n".join(lines) for name, lines in failures(here / "wrong.xml")}


def failures(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The tests in a file of pytest's, and what their failures say."""
    for case in ET.parse(path).iter("testcase"):
        yield case.attrib["name"], (case.findtext("failure") or "").splitlines()


def test_a_site_that_breaks_a_promise_fails_its_test_in_words(wrong: dict[str, str]) -> None:
    """The promise, the reason, what was said, and the line that asked; no traceback."""
    lines = wrong["test_site"].splitlines()

    assert lines[0] == "FAIL  asynchronous/silent-until-the-delay-is-over  (MUST)"
    assert lines[1] == "  promise   A delayed page keeps the line silent for its whole delay, then answers."
    assert "  reason    answer.waited was 0.000 s; allowed: exactly 5.000 s" in lines
    assert "  what was said" in lines
    assert re.fullmatch(r"1 specs in \d+\.\d s: 1 fail", lines[-2])


def test_every_failure_names_the_line_that_asked_and_none_of_ours(wrong: dict[str, str]) -> None:
    """A test may ask for several checks."""
    lines = WRONG.splitlines()
    asked = {name: last_line(lines, f"def {name}(") for name in wrong}

    assert len(wrong) == WRONG.count("def test_")
    for name, told in wrong.items():
        assert told.endswith(f"\nin test_wrong.py:{asked[name]}")
        assert "harness" not in told


def last_line(lines: list[str], head: str) -> int:
    """The number of the last line of a function."""
    first = next(number for number, line in enumerate(lines) if line.startswith(head))
    return next((number for number in range(first, len(lines)) if not lines[number]), len(lines))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("test_no_page", "web60: none of the usual pages answers here (/asynchronous?id={id}, "),
        (
            "test_selection",
            "web60: no spec is called 'asynchronous/silent-until-the-delay'; did you mean asynchronous/",
        ),
        ("test_profile", "[asynchronous] delay: must be a number, not 'long'\n"),
        ("test_profile", "[asynchronous] pth: no such key; did you mean 'path'?\n"),
        ("test_profile", "[asynchron]: no such table; did you mean 'asynchronous'?\n"),
        ("test_profile", "[cgi]: must be a table, not 5\n"),
        ("test_file", "web60: cannot read the profile no-such.toml: No such file or directory\n"),
        ("test_text", "wrong.toml:3: [asynchronous] delay: "),
        ("test_factory", "failed: KeyError: 'a key that is missing'\n"),
        ("test_factory", 'return {}["a key that is missing"]\n'),
        ("test_second_factory", "once failed: RuntimeError: the port is taken\n"),
        ("test_never", "web60: the factory gives no server: nothing can happen any more"),
        ("test_product", "gave None, which is not a resource, a Site, a WSGI application, "),
        ("test_baseline", "web60: cannot read the baseline no-such.toml: No such file or directory\n"),
        ("test_stale", "STALE  asynchronous/silent-until-the-delay-is-over: "),
        ("test_named_stale", "STALE  asynchronous/silent-until-the-delay-is-over: "),
        ("test_strict", "WARN  cgi/a-missing-script-is-not-found  (SHOULD)\n"),
    ],
)
def test_a_mistake_is_told_in_words(wrong: dict[str, str], name: str, told: str) -> None:
    """What is wrong, and where the person may look."""
    assert told in wrong[name]


def test_nothing_offered_counts_what_was_not(wrong: dict[str, str]) -> None:
    """Green is never vacuous."""
    assert re.match(
        r"Nothing was judged \(\d+ not-offered\): this run says nothing about the target\.", wrong["test_page"]
    )


def test_reasons_are_those_of_web60_run(here: Path, wrong: dict[str, str]) -> None:
    """Although pytest puts asserts of its own in the place of ours."""
    words = ("--factory", "sites:hasty", "--profile", "report.toml", "--clock", "virtual")
    (here / "report.toml").write_text('[asynchronous]\npath = "/report"\ndelay = 5.0\n', "utf-8")

    done = ran(here, "harness", "run", *words, "asynchronous/silent-until-the-delay-is-over")

    def block(text: str) -> list[str]:
        return list(takewhile(lambda line: "what was said" not in line, text[text.index("FAIL") :].splitlines()))

    assert done.returncode == 1
    assert block(done.stdout) == block(wrong["test_site"])


@pytest.mark.parametrize(
    ("options", "files", "count"),
    [
        ((), ("test_right.py", "test_twisted.py"), 16),
        (("-W", "error", "-p", "no:twisted"), ("test_right.py",), 13),
        (("-W", "error", "--assert", "plain"), ("test_twisted.py", "test_right.py"), 16),
    ],
    ids=["as it is", "without pytest-twisted", "asserts as they are"],
)
def test_it_works_in_every_kind_of_test(
    here: Path, options: tuple[str, ...], files: tuple[str, ...], count: int
) -> None:
    """Plain functions, methods, coroutines; warnings are errors; nothing stays behind."""
    done = ran(here, "pytest", "-q", *options, *files)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^{count} passed in ", done.stdout, re.MULTILINE), done.stdout
    assert done.stderr == ""


def test_pytest_lists_it_among_its_fixtures(here: Path) -> None:
    """With what it is for, and how it is called."""
    done = ran(here, "pytest", "--fixtures", "-q", "test_wrong.py")

    assert re.search(
        r"^web60 -- \S*harness/fixtures\.py:\d+\n"
        r"    Checks of a site that the test builds: `web60\.check\(make, profile\)`\.\n",
        done.stdout,
        re.MULTILINE,
    )
