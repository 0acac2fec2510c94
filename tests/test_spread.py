"""
A run that pytest-xdist spreads is the run that it would have been: items, verdicts, files, exit status.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from xdist.workermanage import make_reltoroot

import specs
from harness import spread
from harness.given import reference
from harness.levels import MUST
from harness.profiles import Profile, parse
from harness.results import Known, Report, Result, packed, read
from harness.session import Wanted
from harness.spread import Gathered, Telling
from harness.verdicts import Exit, Verdict
from tests.test_session import answers_at

SPECS = Path(specs.__file__).parent
DOCUMENT = (Path(__file__).parent.parent / "docs" / "spread.md").read_text("utf-8")

#: A page that is over soon, and has some of everything: quick specs, properties, one that is not offered.
QUICK = ("-q", str(SPECS / "test_session_basics.py"))

#: How pytest is told to spread.
TWO = ("-n", "2", "--dist", "loadgroup")

#: Requests, of some 1,100 to the quick page, after which the deadly target takes its process with it.
ENOUGH = 600

#: A factory in a module of its own.
DEADLY = f"""
import os, signal
from reference_impl.site import make_fast

def make(reactor):
    site = make_fast(reactor)
    find, asked = site.getResourceFor, []
    def counted(request):
        asked.append(request)
        if len(asked) == {ENOUGH}:
            os.kill(os.getpid(), signal.SIGKILL)
        return find(request)
    site.getResourceFor = counted
    return site
"""

#: Seconds until a process hangs; the longest takes 10, and took 57 with six others at work on two processors.
HANGS = 300.0


def command(*words: str) -> list[str]:
    """Pytest on specs, with nothing of this checkout's own settings."""
    ours = ["-c", os.devnull, "-p", "no:cacheprovider", "-p", "harness.plugin"]
    return [sys.executable, "-m", "pytest", *ours, *words]


def environment() -> dict[str, str]:
    """Without what the pytest that runs this has put there for its own workers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}


def ran(where: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What such a run says and leaves."""
    return subprocess.run(
        command(*words), cwd=where, env=environment(), capture_output=True, text=True, timeout=HANGS, check=False
    )


def profile(where: Path, name: str, factory: str = "", *, shipped: str = "fast.toml") -> str:
    """The option for a profile of the reference under another name, and with another way to it."""
    others = ("name", "baseline", "warmup", *(["command"] if factory else []))
    kept = [line for line in reference(shipped).read_text("utf-8").splitlines() if not line.startswith(others)]
    way = f'factory = "{factory}"' if factory else ""
    kept.insert(kept.index("[server]") + 1, f'name = "{name}"\nwarmup = 0\n{way}')
    path = where / f"{name}.toml"
    path.write_text("\n".join(kept), "utf-8")
    return f"--profile={path}"


FACTORY = "reference_impl.site:make_fast"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, subprocess.CompletedProcess[str]]]:
    """The run that the document shows, in one process and in workers: where its files are, and what it said."""
    words = shlex.split(shown()[0])[1:]
    assert tuple(words[-len(TWO) :]) == TWO
    found = {}
    for way, spreading in {"one": words[: -len(TWO)], "workers": words}.items():
        where = tmp_path_factory.mktemp(way)
        for name in ("first", "second"):
            profile(where, name)
        found[way] = where, ran(where, *spreading, "--junitxml=j.xml")
    return found


def shown() -> list[str]:
    """The first command of the document, and what it says."""
    block = re.search(r"^```console\n\$ (.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def test_the_document_shows_what_is_said(runs: dict[str, Any]) -> None:
    """But for times, ports and dashes, which the terminal's width makes more or fewer."""
    _, done = runs["workers"]

    def lines(text: str) -> list[str]:
        kept = [line for line in text.splitlines() if re.match(r"-+ web60|\d+ (specs|passed)", line)]
        return [re.sub(r"-{2,}|:\d+/|\d+\.\d+ ?s", "", line) for line in kept]

    assert lines(done.stdout) == lines("\n".join(shown()[1:]))


def test_the_document_s_refusal_of_files_is_still_xdist_s() -> None:
    """Once it takes them, options need no `=` any more."""
    with pytest.raises(ValueError, match="not relative to an rsync root"):
        make_reltoroot([], [__file__])

    assert make_reltoroot([], [f"--profile={__file__}"]) == [f"--profile={__file__}"]


def names(path: Path) -> list[str]:
    """The names of the items in JUnit's XML."""
    return sorted(case.get("name", "") for case in ET.parse(path).iter("testcase"))


def test_the_files_are_those_of_one_process(runs: dict[str, Any]) -> None:
    """One for each target, under the same names, with the same verdicts; and each says that its run was whole."""
    (one, _), (workers, _) = runs["one"], runs["workers"]

    assert sorted(file.name for file in workers.iterdir()) == sorted(file.name for file in one.iterdir())
    for name in ("r-first.json", "r-second.json"):
        before, after = read(one / name), read(workers / name)
        assert {result.id: result.verdict for result in after.results} == {
            result.id: result.verdict for result in before.results
        }
        assert (after.target.name, after.clock, after.interrupted, after.stale, after.notes) == (
            before.target.name, "real", False, [], [],
        )  # fmt: skip
        assert after.seconds > max(result.seconds for result in after.results)
        assert any(result.transcript for result in after.results)


def test_items_have_the_names_that_they_have_in_one_process(runs: dict[str, Any]) -> None:
    """In JUnit's XML each stands once, and xdist has appended nothing."""
    found = names(runs["workers"][0] / "j.xml")

    assert found == names(runs["one"][0] / "j.xml")
    assert len(found) == len(set(found)) == 2 * len(read(runs["workers"][0] / "r-first.json").results)


def test_the_terminal_tells_each_target_in_the_order_given(runs: dict[str, Any]) -> None:
    """As without workers, and with the same exit status."""
    said = [done.stdout for _, done in runs.values()]

    assert [re.findall(r"web60: (\w+) \(http", text) for text in said] == [["first", "second"]] * 2
    counted = [re.findall(r"^(\d+ specs) in .* s: (.*)$", text, re.MULTILINE) for text in said]
    assert counted[0] == counted[1]
    assert [done.returncode for _, done in runs.values()] == [0, 0]


def test_the_report_for_browsers_has_all_targets(runs: dict[str, Any]) -> None:
    """The controller writes it, with what the workers told."""
    for where, _ in runs.values():
        page = (where / "r.html").read_text("utf-8")
        assert "first" in page
        assert "second" in page


def test_what_a_worker_had_told_when_it_died_is_kept(tmp_path: Path) -> None:
    """Its file says that it is not whole, and why; the other target's run is whole, and nobody asks again."""
    (tmp_path / "deadly.py").write_text(DEADLY)
    targets = [profile(tmp_path, "deadly", "deadly:make"), profile(tmp_path, "sound", FACTORY)]

    done = ran(tmp_path, *QUICK, *targets, "--json=r.json", "--junitxml=j.xml", *TWO)

    dead, sound = read(tmp_path / "r-deadly.json"), read(tmp_path / "r-sound.json")
    assert done.returncode == Exit.FAILED.value, done.stdout + done.stderr
    assert (dead.interrupted, sound.interrupted) == (True, False)
    assert 0 < len(dead.results) < len(sound.results)
    assert dead.notes == ["Cut short: the worker that asked it was lost (Not properly terminated)."]
    assert dead.notes[0] in done.stdout
    assert len(re.findall(r"worker 'gw\d' crashed while running", done.stdout)) == 1
    found = names(tmp_path / "j.xml")
    assert len(found) == len(set(found))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_controller_that_is_ended_leaves_its_results_and_no_server(tmp_path: Path, how: signal.Signals) -> None:
    """Its workers are other processes, with servers of their own; they need no signal themselves."""
    # One is a process of its own, the other a part of its worker.
    ways = {"first": "", "second": "reference_impl.site:make"}
    targets = [profile(tmp_path, name, factory, shipped="profile.toml") for name, factory in ways.items()]
    words = command(str(SPECS / "test_session_endings.py"), *targets, "--json=r.json", *TWO)
    files = [tmp_path / "r-first.json", tmp_path / "r-second.json"]
    with (tmp_path / "said").open("w") as said:
        controller = subprocess.Popen(words, cwd=tmp_path, env=environment(), stdout=said, stderr=said)
        awaited(lambda: all(part_of(file).exists() and read(file).results for file in files))
        controller.send_signal(how)
        code = controller.wait(HANGS)

    found = [read(file) for file in files]
    awaited(lambda: not any(answers_at(report.target.url) for report in found))
    assert [report.interrupted for report in found] == [True, True]
    assert all(report.results for report in found)
    if how is signal.SIGINT:
        assert code == Exit.INTERRUPTED.value
        assert all(file.exists() for file in files)
        assert (tmp_path / "said").read_text().count(" specs interrupted after ") == 2


def part_of(file: Path) -> Path:
    """Where results are while their run goes on."""
    return file.with_name(file.name + ".part")


def awaited(there: Callable[[], bool]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + HANGS
    while not there():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.fixture(scope="module")
def in_turn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Two targets in virtual time for one worker; the second does not start."""
    where = tmp_path_factory.mktemp("in_turn")
    targets = [profile(where, "sound", FACTORY), profile(where, "absent", "no_such_module:make")]
    one = ("-n", "1", "--dist", "loadgroup")
    return where, ran(where, *QUICK, *targets, "--clock=virtual", "--json=r.json", "--html=r.html", *one)


def test_a_worker_is_through_with_a_target_before_it_starts_the_next(in_turn: tuple[Path, Any]) -> None:
    """What becomes of that one changes nothing for the first, and both clocks can be spread."""
    found = read(in_turn[0] / "r-sound.json")

    assert (found.clock, found.interrupted) == ("virtual", False)
    assert Verdict.PASS in {result.verdict for result in found.results}


def test_a_target_that_does_not_start_is_told_as_in_one_process(in_turn: tuple[Path, Any]) -> None:
    """The exit status is that of wrong usage, and what was had is told all the same."""
    where, done = in_turn

    assert done.returncode == Exit.USAGE.value
    assert "web60: cannot import the factory no_such_module:make" in done.stdout
    assert re.search(r"web60: sound \(.*\) -+\n\d+ specs in ", done.stdout)
    assert re.search(r"web60: absent -+\nNothing was asked of it\.", done.stdout)
    assert (where / "r.html").exists()


def test_targets_are_spread_whole_or_not_at_all(tmp_path: Path) -> None:
    """What xdist does by default would start every target in every worker, and ask it in pieces."""
    done = ran(tmp_path, *QUICK, "--fast", "-n", "1")

    assert done.returncode == Exit.USAGE.value
    assert "give --dist loadgroup beside -n or --tx" in done.stderr


def test_a_mistake_in_a_profile_is_told_before_there_are_workers(tmp_path: Path) -> None:
    """Once, and not by each of them."""
    done = ran(tmp_path, *QUICK, "--profile=none.toml", *TWO)

    assert done.returncode == Exit.USAGE.value
    assert "bringing up nodes" not in done.stdout
    assert done.stderr.count("cannot read the profile none.toml") == 1


# What follows plays a controller, or a worker, in this process.


class Channel:
    """A channel that keeps what is sent, and may be gone."""

    def __init__(self, *, gone: bool = False) -> None:
        self.sent: list[Any] = []
        self.gone = gone

    def send(self, message: Any) -> None:
        """To the other end."""
        if self.gone:
            message = "cannot send (already closed?)"
            raise OSError(message)
        self.sent.append(message)

    def setcallback(self, callback: Callable[[Any], None]) -> None:
        """What to do with what comes from there."""
        self.callback = callback


class Node:
    """A worker as xdist shows it."""

    def __init__(self, *, gone: bool = False) -> None:
        self.channel = Channel(gone=gone)
        self.gateway = SimpleNamespace(newchannel=lambda: self.channel)
        self.workerinput: dict[str, Any] = {}

    def tells(self, number: int, *told: Report | Result, over: Report | None = None) -> None:
        """As a worker does, of one target."""
        telling = Telling(self.channel, number)
        nobody: Any = None
        for one in told:
            (telling.ready if isinstance(one, Report) else telling.result)(nobody, one)  # type: ignore[arg-type]
        if over is not None:
            telling.over(nobody, over)
        for message in self.channel.sent:
            self.channel.callback(message)
        self.channel.sent.clear()


def begun(name: str, *, interrupted: bool = False) -> Report:
    """A report without results."""
    return evolve(Report.begun(Known(name, f"http://{name}/", "x"), "real"), interrupted=interrupted)


PASSED = Result("cgi/a", MUST, Verdict.PASS, facts={"odd": "\udcff", "list": [1]})


def gathered(path: Path | None, *names: str, workers: int = 1, **option: Any) -> tuple[Gathered, list[Node]]:
    """A controller with workers, for targets of these names, each of which has one spec."""
    profiles = [parse({"cgi": {}, "server": {"url": "http://h/", "name": name}}, Path()) for name in names]
    wanted = Wanted(profiles, (), frozenset(), json=path)
    config: Any = SimpleNamespace(option=SimpleNamespace(**{"dist": "loadgroup", **option}))
    items = {f"cgi/a[{number}]": number for number in range(len(names))}
    controller = Gathered(config, lambda: wanted, lambda: items)
    nodes = [Node() for _ in range(workers)]
    for node in nodes:
        controller.pytest_configure_node(node)
    controller.pytest_xdist_node_collection_finished([f"test_cgi.py::{item}" for item in items])
    return controller, nodes


def test_reports_stand_in_the_order_of_the_targets(tmp_path: Path) -> None:
    """Whoever is through first."""
    controller, (one, other) = gathered(tmp_path / "r.json", "a", "b", "c", workers=2)

    other.tells(2, begun("c"), PASSED, over=begun("c"))
    one.tells(0, begun("a"), over=begun("a"))

    assert [report.target.name for report in controller.reports] == ["a", "c"]
    assert [profile.server.name for profile in controller.unasked] == ["b"]
    assert read(tmp_path / "r-c.json") == controller.reports[1]
    assert controller.reports[1].results == [PASSED]


def test_targets_of_one_name_have_the_files_that_one_process_gives_them(tmp_path: Path) -> None:
    """By their order, not by who comes first."""
    _, (node,) = gathered(tmp_path / "r.json", "a", "a")

    node.tells(1, begun("a"), PASSED, over=begun("a"))
    node.tells(0, begun("a"), over=begun("a"))

    assert [len(read(tmp_path / name).results) for name in ("r-a.json", "r-a-2.json")] == [0, 1]


def test_results_are_on_disk_as_soon_as_they_are_told(tmp_path: Path) -> None:
    """A controller that is killed leaves what it had heard."""
    controller, (node,) = gathered(tmp_path / "r.json", "a")

    node.tells(0, begun("a"), PASSED)

    assert not (tmp_path / "r.json").exists()
    assert read(tmp_path / "r.json").results == [PASSED]
    controller.finish()


def test_a_worker_that_was_interrupted_says_so(tmp_path: Path) -> None:
    """And how long it took, and what is stale."""
    controller, (node,) = gathered(tmp_path / "r.json", "a")
    over = evolve(begun("a", interrupted=True), seconds=1.5, stale=["cgi/a"], notes=["n"])

    node.tells(0, begun("a"), PASSED, over=over)

    (report,) = controller.reports
    assert (report.interrupted, report.seconds, report.stale, report.notes) == (True, 1.5, ["cgi/a"], ["n"])
    assert report.results == [PASSED]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("Traceback:\n  many lines\nEOFError: gone", "the worker that asked it was lost (EOFError: gone)"),
        (None, "the worker that asked it was lost (it ended too early)"),
    ],
)
def test_what_a_lost_worker_had_begun_is_cut_short(tmp_path: Path, error: str | None, why: str) -> None:
    """And nothing else: what it was through with is whole, and so may be what others are at."""
    controller, (lost, other) = gathered(tmp_path / "r.json", "a", "b", "c", workers=2)
    lost.tells(0, begun("a"), over=begun("a"))
    lost.tells(1, begun("b"), PASSED)
    other.tells(2, begun("c"))

    controller.pytest_testnodedown(lost, error)

    assert [report.interrupted for report in controller.reports] == [False, True, False]
    assert controller.reports[1].notes == [f"Cut short: {why}."]
    assert read(tmp_path / "r-b.json") == controller.reports[1]
    assert not (tmp_path / "r-c.json").exists()
    controller.finish()


def test_whatever_a_worker_tells_after_it_was_given_up_changes_nothing(tmp_path: Path) -> None:
    """The file is in place."""
    controller, (node,) = gathered(tmp_path / "r.json", "a")
    node.tells(0, begun("a"))
    controller.finish()

    node.tells(0, PASSED, over=begun("a"))

    (report,) = controller.reports
    assert (report.interrupted, report.results) == (True, [])
    assert read(tmp_path / "r.json") == report


@pytest.mark.parametrize("asked", ["pytest_runtest_logreport", "finish"])
def test_what_was_refused_ends_the_session_once(asked: str) -> None:
    """With the exit status of wrong usage, and afterwards there is time to tell the rest."""
    controller, (node,) = gathered(None, "a", "b")
    Telling(node.channel, 0).refused("no such \udcff")
    node.tells(0)

    with pytest.raises(pytest.exit.Exception, match=r"web60: no such \\udcff") as ended:
        getattr(controller, asked)()

    assert ended.value.returncode == Exit.USAGE.value
    getattr(controller, asked)()


def test_a_file_that_cannot_be_written_ends_the_session(tmp_path: Path) -> None:
    """As soon as there is something to be written."""
    controller, (node,) = gathered(tmp_path / "none" / "r.json", "a")
    node.tells(0, begun("a"))

    with pytest.raises(pytest.exit.Exception, match="cannot write the results"):
        controller.pytest_runtest_logreport()


def test_a_target_that_a_worker_misses_is_a_refusal() -> None:
    """Nobody spreads a run that is lenient."""
    channel = Channel()

    Telling(channel, 3).missing(Profile(), "why")

    assert channel.sent == [(3, "refused", "why")]


def test_who_is_gone_is_not_told() -> None:
    """Neither by a worker nor by the controller, and the next one hears it all the same."""
    controller, (gone, there) = gathered(None, "a", "b", workers=2)
    gone.channel.gone = True

    Telling(gone.channel, 0).result(None, PASSED)  # type: ignore[arg-type]
    controller.pytest_sessionfinish()

    assert there.channel.sent == ["stop"]


def test_items_are_known_by_their_names() -> None:
    """And other tests are nobody's."""
    controller, _ = gathered(None, "a", "b")

    found = {id_: controller.target(id_) for id_ in ("specs/test_cgi.py::cgi/a[1]", "::cgi/a[0]", "t.py::test_x[a/b]")}

    assert list(found.values()) == [1, 0, None]


@pytest.mark.parametrize("dist", ["load", "each", "loadscope", "worksteal"])
def test_only_one_way_of_xdist_keeps_specs_together(dist: str) -> None:
    """With the others there is no run, unless there are no specs."""
    controller, _ = gathered(None, "a", "b")
    config: Any = SimpleNamespace(option=SimpleNamespace(dist=dist))
    other = Gathered(config, controller.wanted, controller.items)

    other.pytest_xdist_node_collection_finished(["test_x.py::test_y"])
    with pytest.raises(pytest.UsageError, match="loadgroup"):
        other.pytest_xdist_node_collection_finished(["test_cgi.py::cgi/a[0]"])

    assert other.pytest_xdist_make_scheduler(config, None) is None
    assert other.asked == []


def test_messages_are_plain_text() -> None:
    """No lone surrogate goes over a channel, and JSON has an escape for it."""
    assert packed(PASSED).isascii()
    assert json.loads(packed(PASSED))["facts"]["odd"] == "\udcff"


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ({}, False),
        ({"dist": "no", "tx": ["popen"]}, False),
        ({"dist": "load", "tx": []}, False),
        ({"dist": "load", "tx": ["popen"]}, True),
        ({"dist": "load", "tx": ["popen"], "collectonly": True}, False),
    ],
)
def test_only_a_controller_spreads(option: dict[str, Any], *, expected: bool) -> None:
    """Without xdist there are no such options."""
    config: Any = SimpleNamespace(option=SimpleNamespace(**{"collectonly": False, **option}))

    assert spread.spreads(config) is expected
    assert spread.channel_of(config) is None
