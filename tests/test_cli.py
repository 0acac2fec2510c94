"""
The command line: what needs no reactor in this process, what runs in a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from harness import results
from harness.catalogue import everything
from harness.cli import main
from harness.levels import MUST
from harness.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[1]

#: A server whose counter is right or wrong, and takes its time or not.
SERVER = """
from twisted.web.resource import Resource

class Counter(Resource):
    isLeaf = True
    def render_GET(self, request):
        if request.path != b"/counter":
            return b"pong"
        session = request.getSession()
        session.touch()
        session.count = getattr(session, "count", 0) + 1
        return b"Visit #%d" % session.count

class Broken(Counter):
    def render_GET(self, request):
        return b"Visit #7" if request.path == b"/counter" else b"pong"

class Slow(Counter):
    def render_GET(self, request):
        from twisted.web.server import NOT_DONE_YET
        return b"pong" if request.path == b"/ping" else NOT_DONE_YET

right = lambda reactor: Counter()
wrong = lambda reactor: Broken()
slow = lambda reactor: Slow()
"""
PROFILE = """
[server]
name = "mine"
warmup = 0
[session-store]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a server and its profile, in which commands are run."""
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "server.toml").write_text(PROFILE)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*words: str) -> Result:
    """What a command says in this process."""
    return CliRunner().invoke(main, list(words))


WEB60 = (sys.executable, "-m", "harness")


def web60(*words: str) -> subprocess.CompletedProcess[str]:
    """What a command says in a process of its own."""
    return subprocess.run([*WEB60, *words], capture_output=True, text=True, timeout=120, check=False)


def test_list_shows_every_spec() -> None:
    """ID, level, source; a line each."""
    said = invoke("list")

    assert said.exit_code == 0
    lines = said.output.splitlines()
    assert len(lines) == len(everything())
    assert lines[0].split()[:2] == [everything()[0].id, everything()[0].level.value]


def test_list_as_json_can_be_scripted_against() -> None:
    """For the specs that were chosen."""
    said = invoke("list", "--json", "session-store")

    rows = json.loads(said.output)
    assert [set(row) for row in rows] == [{"id", "level", "source", "promise"}] * len(rows)
    assert {row["id"].partition("/")[0] for row in rows} == {"session-store"}


def test_explain_tells_everything_about_a_spec() -> None:
    """By its headings; several are told apart by an empty line."""
    one = invoke("explain", "interrupted/leaving-stops-the-work")
    many = invoke("explain", "session-store")

    assert one.exit_code == 0
    assert one.output.startswith("interrupted/leaving-stops-the-work  (")
    for heading in ("Promise", "Source", "Sends", "Observes", "Needs", "Witness"):
        assert f"\n  {heading}" in one.output
    assert "\n\nsession-store/" in many.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "no/such"), "no spec is called 'no/such'"),
        (("list", "nosuchpage*"), "no spec is called 'nosuchpage*'"),
        (("run", "nosuchpage*"), "no spec is called 'nosuchpage*'"),
    ],
)
def test_what_cannot_be_meant_is_said_and_exits_with_4(words: tuple[str, ...], said: str) -> None:
    """Without a traceback."""
    told = invoke(*words)

    assert told.exit_code == 4
    assert told.stderr.startswith("web60: ")
    assert said in told.stderr


def test_assets_are_written_and_named(tmp_path: Path) -> None:
    """A line for each file."""
    said = invoke("assets", str(tmp_path / "a"))

    assert said.exit_code == 0
    assert all(Path(line).is_file() for line in said.output.splitlines())
    assert (tmp_path / "a" / "cgi-bin").is_dir()


#: A spec that is in every catalogue.
COUNTED = "session-store/visits-are-counted"

#: What `web60 baseline` says of a run of one spec.
PARTIAL = f"web60: the run was of a selection: {len(everything()) - 1} of {len(everything())} specs have no result, "


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the results of a run, `r.json`, in which one spec was asked and failed."""
    monkeypatch.chdir(tmp_path)
    failed = [results.Result(COUNTED, MUST, Verdict.FAIL, reason="7 != 1")]
    known = results.Known("mine", "http://h/", "")
    results.Writer(Path("r.json"), results.Report("1", "2026", "real", known, results=failed)).finish()
    return tmp_path


def test_a_baseline_is_printed_and_what_it_lacks_is_told_beside_it(ran: Path) -> None:
    """The one can be redirected, the other is still read."""
    said = invoke("baseline", "r.json")

    assert said.exit_code == 0
    assert tomllib.loads(said.stdout)["known"] == [
        {"id": COUNTED, "verdict": "fail", "reason": "not yet explained: 7 != 1"}
    ]
    assert said.stderr.startswith(PARTIAL)


def test_a_baseline_is_written_where_it_is_wanted(ran: Path) -> None:
    """The same text, and nothing on the terminal but what it lacks."""
    printed = invoke("baseline", "r.json").stdout

    said = invoke("baseline", "r.json", "--output", "known.toml")

    assert (said.exit_code, said.stdout) == (0, "")
    assert Path("known.toml").read_text("utf-8") == printed


def test_a_baseline_is_brought_up_to_date_in_its_place(ran: Path) -> None:
    """What a person wrote into it stays."""
    text = f'# Ours.\n[[known]]\nid = "{COUNTED}"\nverdict = "fail"\nreason = "issue 7"\n'
    Path("known.toml").write_text(text)

    said = invoke("baseline", "r.json", "--update", "known.toml", "--output", "known.toml")

    assert said.exit_code == 0
    assert Path("known.toml").read_text() == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no.json",), "cannot read the results no.json: No such file"),
        (("r.json", "--update", "no.toml"), "cannot read the baseline no.toml: No such file"),
        (("r.json", "--output", "no/known.toml"), "cannot write the baseline no/known.toml: No such file"),
    ],
)
def test_a_baseline_of_nothing_or_to_nowhere_exits_with_4(ran: Path, words: tuple[str, ...], said: str) -> None:
    """With what is wrong."""
    told = invoke("baseline", *words)

    assert told.exit_code == 4
    assert f"web60: {said}" in told.stderr


def test_a_run_with_its_own_baseline_is_green(here: Path) -> None:
    """And exits with 1 once what is foreseen is over."""
    words = ("--profile", "server.toml", "--clock", "virtual", "session-store/*")
    first = web60("run", *words, "--factory", "server:wrong", "--json", "r.json")

    web60("baseline", "r.json", "--output", "known.toml")

    again = web60("run", *words, "--factory", "server:wrong", "--baseline", "known.toml", "--strict")
    mended = web60("run", *words, "--factory", "server:right", "--baseline", "known.toml")
    assert (first.returncode, again.returncode, mended.returncode) == (1, 0, 1), again.stdout
    assert "STALE  session-store/" in mended.stdout


def test_the_baseline_shown_in_the_document_is_what_is_written(tmp_path: Path) -> None:
    """By the two commands above it; but for the moment, and the version of Twisted."""
    document = (ROOT / "docs" / "profile.md").read_text("utf-8")
    run, baseline, shown = re.search(r"```console\n\$ web60 (.+)\n\$ web60 (.+)\n(?s:(.+?))```", document).groups()
    where = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}

    subprocess.run([*WEB60, *run.split()], capture_output=True, timeout=120, check=False, **where)
    said = subprocess.run([*WEB60, *baseline.split()], capture_output=True, text=True, check=True, **where)

    passing = re.compile(r"run of \S+|TwistedWeb/[^)]+")
    assert passing.sub("…", said.stdout) == passing.sub("…", shown)


def test_the_lists_answer_without_loading_twisted(here: Path) -> None:
    """They must be quick."""
    code = (
        "import sys; from harness.cli import main; main(['list'], standalone_mode=False); "
        "sys.exit('twisted' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_a_run_that_holds_exits_with_0(here: Path) -> None:
    """Its result file and its JUnit file are there."""
    said = web60(
        "run", "--profile", "server.toml", "--factory", "server:right", "--json", "r.json", "--junit", "j.xml",
        "session-store/*",
    )  # fmt: skip

    assert said.returncode == 0, said.stdout + said.stderr
    assert "specs against mine" in said.stdout.splitlines()[0]
    document = json.loads((here / "r.json").read_text())
    assert {result["verdict"] for result in document["results"]} <= {"pass", "fact", "not-offered", "not-observable"}
    assert len(list(ET.parse(here / "j.xml").iter("testcase"))) == len(document["results"])


def test_a_run_in_which_a_promise_is_broken_exits_with_1(here: Path) -> None:
    """The promise and the reason are told."""
    said = web60("run", "--profile", "server.toml", "--factory", "server:wrong", "session-store/*")

    assert said.returncode == 1, said.stdout + said.stderr
    assert "\nFAIL  session-store/" in said.stdout


def test_a_run_in_which_nothing_is_offered_exits_with_5(here: Path) -> None:
    """Green is never vacuous."""
    said = web60("run", "--profile", "server.toml", "--factory", "server:right", "cgi")

    assert said.returncode == 5, said.stdout + said.stderr
    assert "Nothing was judged" in said.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--url", ""), "--url is empty"),
        (("--profile", "none.toml"), "cannot read the profile"),
        (("--profile", "server.toml"), "names no target"),
    ],
)
def test_options_that_name_no_target_exit_with_4(here: Path, words: tuple[str, ...], said: str) -> None:
    """Before anything runs."""
    told = invoke("run", *words)

    assert told.exit_code == 4
    assert said in told.stderr


def test_a_run_in_virtual_time_is_over_at_once(here: Path) -> None:
    """The answer is the same, and the result file says which clock it was."""
    words = ("--profile", "server.toml", "--factory", "server:right", "--clock", "virtual", "--json", "r.json")
    said = web60("run", *words, "session-store/*")

    assert said.returncode == 0, said.stdout + said.stderr
    document = json.loads((here / "r.json").read_text())
    assert document["clock"] == "virtual"
    assert {result["verdict"] for result in document["results"]} <= {"pass", "fact", "not-offered", "not-observable"}


def test_a_broken_promise_is_one_in_virtual_time_too(here: Path) -> None:
    """And a server that never answers is told so at once."""
    words = ("run", "--profile", "server.toml", "--clock", "virtual", "session-store/*")
    wrong, slow = (web60(*words, "--factory", f"server:{name}") for name in ("wrong", "slow"))

    assert wrong.returncode == slow.returncode == 1, wrong.stdout + slow.stdout + wrong.stderr + slow.stderr
    assert "\nFAIL  session-store/" in wrong.stdout
    assert "nothing can happen any more; waiting for" in slow.stdout


def test_an_interrupt_before_anything_ran_exits_with_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does later; click's own code for it is 1, which says that something failed."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.catalogue.everything", interrupted)

    told = CliRunner().invoke(main, ["run"])

    assert told.exit_code == 2
    assert "interrupted before anything ran" in told.output


@pytest.mark.parametrize("way", ["--url=http://127.0.0.1:1/", "--command=true {port}"])
def test_virtual_time_is_for_factories(here: Path, way: str) -> None:
    """What runs elsewhere keeps real time."""
    told = web60("run", way, "--clock", "virtual")

    assert told.returncode == 4
    assert told.stderr.startswith("web60: virtual time is for a server that is built in this process: give --factory")
    assert "Traceback" not in told.stderr


def test_a_target_that_is_not_there_exits_with_4(here: Path) -> None:
    """And says so, without a traceback."""
    told = web60("run", "--url", "http://127.0.0.1:1/")

    assert told.returncode == 4
    assert "nothing to test at http://127.0.0.1:1/" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_interrupted_run_exits_with_2(here: Path) -> None:
    """With the results so far in its file."""
    words = ["run", "--profile", "server.toml", "--factory", "server:slow", "--json", "r.json", "session-store/*"]
    process = subprocess.Popen([sys.executable, "-m", "harness", *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    head = process.stdout.readline()

    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)

    assert "specs against mine" in head
    assert process.returncode == 2, said
    assert "Interrupted: what was measured until then stands above." in said
    assert json.loads((here / "r.json").read_text())["interrupted"] is True


@pytest.mark.parametrize("words", [("nope",), ("--nope",), ("run", "--nope"), ("matrix", "--url", "http://h/")])
def test_a_command_or_option_that_there_is_not_exits_with_4(here: Path, words: tuple[str, ...]) -> None:
    """2 is that of an interrupt."""
    assert invoke(*words).exit_code == 4
