"""
One whole run in this process, over loopback: targets up, specs run, results on disk, targets down.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.task import deferLater
from twisted.web.resource import Resource

from harness import crews, results
from harness.addresses import Address
from harness.catalogue import Spec
from harness.clocks import started
from harness.errors import UsageError
from harness.levels import MUST
from harness.profiles import Profile, parse
from harness.results import Report, Result, our_version
from harness.runner import Runner
from harness.session import Session, Wanted, apart, result_file
from harness.sources import rfc
from harness.verdicts import Exit, Verdict


class Page(Resource):
    """Answers every path alike."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def render_GET(self, request: Any) -> bytes:
        """The path."""
        return bytes(request.path)


def make(reactor: Any) -> Page:
    """A target."""
    return Page()


class Watching:
    """An audience that takes notes."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def ready(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        self.heard.append(f"ready {report.target.name}")

    def result(self, runner: Runner, result: Result) -> None:
        """See `harness.session.Audience`."""
        self.heard.append(f"{result.id} {result.verdict.value}")

    def over(self, runner: Runner, report: Report) -> None:
        """See `harness.session.Audience`."""
        self.heard.append(f"over {report.target.name}")

    def missing(self, profile: Profile, why: str) -> None:
        """See `harness.session.Audience`."""
        self.heard.append(f"missing {profile.server.name}: {why}")


async def answers(wire: Any) -> None:
    """It answers."""
    answer = await wire.get("/hello")
    assert answer.body == b"/hello"


async def sleeps(clock: Any) -> None:
    """It takes for ever."""
    await clock.sleep(1000.0)


QUICK = Spec("cgi/quick", MUST, rfc(9110, "1"), answers)
SLOW = Spec("cgi/slow", MUST, rfc(9110, "1"), sleeps, lasts=lambda _: 1000.0)


def answers_at(url: str) -> bool:
    """Whether anybody listens where a target was."""
    address = Address.parse(url)
    try:
        socket.create_connection((address.host, address.port), timeout=5.0).close()
    except ConnectionRefusedError:
        return False
    return True


def names(directory: Path) -> list[str]:
    """The names of the files in a directory."""
    return sorted(path.name for path in directory.iterdir())


def wanted(*specs: Spec, names: tuple[str, ...] = ("mine",), factory: str = "make", **more: Any) -> Wanted:
    """A run of these specs against a target for each name."""
    server = {"factory": f"{__name__}:{factory}", "warmup": 0}
    profiles = [parse({"cgi": {}, "server": {**server, "name": name}}, Path()) for name in names]
    return Wanted(profiles, specs, frozenset(spec.id for spec in (QUICK, SLOW)), **more)


@pytest_twisted.ensureDeferred
async def test_a_run_tells_its_audience_and_writes_its_file(loop: Any, tmp_path: Path) -> None:
    """The report that is given is the one on disk."""
    path = tmp_path / "r.json"
    audience = Watching()

    (report,) = await Session(wanted(QUICK, json=path), loop, audience).run()

    assert audience.heard == ["ready mine", "cgi/quick pass", "over mine"]
    assert report.exit() is Exit.OK
    assert report.target.software.startswith("TwistedWeb/")
    assert [result.verdict for result in results.read(path).results] == [Verdict.PASS]
    assert report.web60 == our_version()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("workers", [0, 2])
async def test_a_run_in_virtual_time_is_told_and_written_in_the_same_way(
    loop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Here or in processes of their own: 1,000 s are nothing, and the report says which clock it was."""
    monkeypatch.setattr(crews, "cores", lambda: workers)
    path = tmp_path / "r.json"
    audience = Watching()

    (report,) = await Session(wanted(QUICK, SLOW, json=path, virtual=True), loop, audience).run()

    assert (audience.heard[0], audience.heard[-1]) == ("ready mine", "over mine")
    assert sorted(audience.heard[1:-1]) == ["cgi/quick pass", "cgi/slow pass"]
    assert report.exit() is Exit.OK
    assert {result.id: result.seconds for result in report.results}["cgi/slow"] == 1000.0
    assert results.read(path).clock == "virtual"


@pytest_twisted.ensureDeferred
async def test_a_run_in_virtual_time_needs_a_factory(loop: Any, tmp_path: Path) -> None:
    """Nothing has begun then."""
    asked = wanted(QUICK, virtual=True, json=tmp_path / "r.json")
    elsewhere = evolve(asked.profiles[0].server, factory=None, url="http://127.0.0.1:1/")
    run = Session(evolve(asked, profiles=[evolve(asked.profiles[0], server=elsewhere)]), loop, Watching())

    with pytest.raises(UsageError, match="virtual time is for a server that is built in this process"):
        await run.run()

    assert names(tmp_path) == []


@pytest_twisted.ensureDeferred
async def test_several_targets_have_a_file_each(loop: Any, tmp_path: Path) -> None:
    """With the target's name in it."""
    found = await Session(wanted(QUICK, names=("One A!", "two"), json=tmp_path / "r.json"), loop, Watching()).run()

    assert [report.target.name for report in found] == ["One A!", "two"]
    assert names(tmp_path) == ["r-one-a.json", "r-two.json"]


@pytest_twisted.ensureDeferred
async def test_targets_of_one_name_do_not_share_a_file(loop: Any, tmp_path: Path) -> None:
    """One would overwrite the other; names without a letter that a file name keeps are alike too."""
    await Session(wanted(QUICK, names=("a", "a", "сервер", "سرور"), json=tmp_path / "r.json"), loop, Watching()).run()

    assert len(names(tmp_path)) == 4


@pytest_twisted.ensureDeferred
async def test_a_part_of_a_run_over_several_has_its_target_s_name(loop: Any, tmp_path: Path) -> None:
    """Whether the others are asked beside it, elsewhere, or not at all."""
    await Session(wanted(QUICK, json=tmp_path / "r.json", several=True), loop, Watching()).run()

    assert names(tmp_path) == ["r-mine.json"]


def test_names_are_told_apart_by_numbers() -> None:
    """Those that somebody gave are kept as far as may be."""
    assert apart(["a", "b", "a", "a-2", "a"]) == ["a", "b", "a-2", "a-2-2", "a-3"]


def test_a_file_s_name_hangs_on_the_targets_before_it() -> None:
    """Not on who is through first."""
    assert result_file(Path("d/r.json"), ["A!", "b", "a"]) == Path("d/r-a-2.json")


@pytest_twisted.ensureDeferred
async def test_an_interrupted_run_keeps_what_stands(loop: Any, tmp_path: Path) -> None:
    """In the file too; the targets are down."""
    path = tmp_path / "r.json"
    run = Session(wanted(QUICK, SLOW, json=path), loop, Watching())
    running = started(run.run())
    while "cgi/slow" not in (run.runners[0].running if run.runners else {}) or not run.runners[0].results:
        await deferLater(loop, 0.01)

    run.interrupt()
    (report,) = await running

    assert report.exit() is Exit.INTERRUPTED
    assert [result.id for result in results.read(path).results] == ["cgi/quick"]
    assert not answers_at(report.target.url)


@pytest_twisted.ensureDeferred
async def test_an_interrupt_while_targets_start_ends_the_run(loop: Any) -> None:
    """There is no report then."""
    run = Session(wanted(QUICK, factory="never"), loop, Watching())
    running = started(run.run())

    run.interrupt()

    assert await running == []
    assert run.interrupted


def never(reactor: Any) -> Any:
    """A target that is never ready."""
    return deferLater(reactor, 1000.0)


@pytest_twisted.ensureDeferred
async def test_a_target_that_does_not_start_ends_those_that_did(loop: Any) -> None:
    """Nothing is left running."""
    both = wanted(QUICK, names=("good", "bad"))
    bad = evolve(both.profiles[1], server=evolve(both.profiles[1].server, factory=f"{__name__}:no_such"))
    run = Session(evolve(both, profiles=[both.profiles[0], bad]), loop, Watching())

    with pytest.raises(UsageError, match="cannot import the factory"):
        await run.run()

    assert not answers_at(run.reports[0].target.url)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("where", ["option", "profile"])
async def test_a_baseline_is_that_of_the_option_or_of_the_profile(loop: Any, tmp_path: Path, where: str) -> None:
    """An entry that is over fails the run."""
    path = tmp_path / "known.toml"
    path.write_text('[[known]]\nid = "cgi/quick"\nverdict = "fail"\nreason = "r"\n')
    asked = wanted(QUICK, baseline=path if where == "option" else None)
    if where == "profile":
        server = evolve(asked.profiles[0].server, baseline="known.toml")
        asked = evolve(asked, profiles=[evolve(asked.profiles[0], server=server, where=tmp_path)])

    (report,) = await Session(asked, loop, Watching()).run()

    assert report.stale == ["cgi/quick"]
    assert report.exit() is Exit.FAILED


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("twisted", "stale"), [(">=18.9", ["cgi/quick"]), ("<18.9", [])])
async def test_of_a_baseline_counts_what_is_about_the_target_s_version(
    loop: Any, tmp_path: Path, twisted: str, stale: list[str]
) -> None:
    """It is known once the target is up."""
    path = tmp_path / "known.toml"
    path.write_text(f'[[known]]\nid = "cgi/quick"\nverdict = "fail"\ntwisted = "{twisted}"\nreason = "r"\n')

    (report,) = await Session(wanted(QUICK, baseline=path), loop, Watching()).run()

    assert report.stale == stale
    assert report.notes == []


class Shy(Page):
    """Says nothing of itself."""

    def render_GET(self, request: Any) -> bytes:
        """The path."""
        request.responseHeaders.removeHeader("Server")
        return super().render_GET(request)


def make_shy(reactor: Any) -> Shy:
    """A target without a version."""
    return Shy()


@pytest_twisted.ensureDeferred
async def test_that_a_target_tells_no_version_is_noted_in_its_report(loop: Any, tmp_path: Path) -> None:
    """And in the file of its results."""
    path, file = tmp_path / "known.toml", tmp_path / "r.json"
    path.write_text('[[known]]\nid = "cgi/quick"\nverdict = "fail"\ntwisted = ">=18.9"\nreason = "r"\n')

    (report,) = await Session(wanted(QUICK, factory="make_shy", baseline=path, json=file), loop, Watching()).run()

    assert report.stale == []
    assert [note.partition("(")[2] for note in report.notes] == [
        "1) do not apply: the target does not tell its own (its Server field says nothing)"
    ]
    assert results.read(file).notes == report.notes


@pytest_twisted.ensureDeferred
async def test_a_baseline_that_cannot_be_used_is_told_before_anything_starts(loop: Any, tmp_path: Path) -> None:
    """Not after the targets are up."""
    audience = Watching()

    with pytest.raises(UsageError, match="cannot read the baseline"):
        await Session(wanted(QUICK, baseline=tmp_path / "none.toml"), loop, audience).run()

    assert audience.heard == []


def test_a_version_that_is_not_installed_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout can be run as it is."""

    def version(name: str) -> str:
        raise results.PackageNotFoundError(name)

    monkeypatch.setattr(results, "version", version)

    assert our_version() == "unknown"


@pytest_twisted.ensureDeferred
async def test_commands_start_at_the_same_time(loop: Any, tmp_path: Path) -> None:
    """Each waits until both have begun."""
    meeting = (
        "import http.server, pathlib, sys, time\n"
        "pathlib.Path(sys.argv[2]).touch()\n"
        "while len(list(pathlib.Path('.').glob('here-*'))) < 2: time.sleep(0.01)\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()"
    )
    profiles = [
        parse(
            {
                "server": {"command": [sys.executable, "-c", meeting, "{port}", f"here-{n}"], "ping": "/", "warmup": 0},
                "wsgi": {},
            },
            tmp_path,
        )
        for n in range(2)
    ]
    asked = evolve(wanted(QUICK), profiles=profiles)

    found = await Session(asked, loop, Watching()).run()

    assert [report.results[0].verdict for report in found] == [Verdict.NOT_OFFERED] * 2


@pytest_twisted.ensureDeferred
async def test_who_is_lenient_asks_the_others_when_a_target_does_not_start(loop: Any) -> None:
    """And is told why it did not."""
    both = wanted(QUICK, names=("bad", "good"), lenient=True)
    bad = evolve(both.profiles[0], server=evolve(both.profiles[0].server, factory=f"{__name__}:no_such"))
    audience = Watching()

    (report,) = await Session(evolve(both, profiles=[bad, both.profiles[1]]), loop, audience).run()

    assert report.target.name == "good"
    assert audience.heard == [
        f"missing bad: cannot import the factory {__name__}:no_such: module '{__name__}' has no attribute 'no_such'",
        "ready good",
        "cgi/quick pass",
        "over good",
    ]


@pytest_twisted.ensureDeferred
async def test_a_directory_has_a_file_for_each_target(loop: Any, tmp_path: Path) -> None:
    """Named after it, numbers and all."""
    await Session(wanted(QUICK, names=("Twisted 22.10.0", "сервер"), directory=tmp_path), loop, Watching()).run()

    assert names(tmp_path) == ["target.json", "twisted-22.10.0.json"]


@pytest_twisted.ensureDeferred
async def test_targets_are_asked_again_while_they_are_up(loop: Any, tmp_path: Path) -> None:
    """What they say then is nobody else's; the report is written afterwards."""
    audience = Watching()
    run = Session(wanted(QUICK, names=("one", "two"), json=tmp_path / "r.json"), loop, audience)
    again: list[Any] = []
    looks: list[bool] = []

    async def ask(*, last: bool) -> None:
        looks.append(last)
        again.extend(await run.ask_again([[], [QUICK]]))
        run.reports[1].results[0] = evolve(run.reports[1].results[0], unsteady=["at"])

    await run.run(ask)

    # Once beside what is repeated, once when all is said.
    assert looks == [False, True]
    assert [list(results) for results in again] == [[], ["cgi/quick"]] * 2
    assert sorted(audience.heard[2:4]) == ["cgi/quick pass"] * 2
    assert results.read(tmp_path / "r-two.json").results[0].unsteady == ["at"]


@pytest_twisted.ensureDeferred
async def test_targets_that_are_alike_share_a_control(loop: Any) -> None:
    """Another one's delays need another."""
    asked = wanted(QUICK, names=("one", "two", "three"))
    slower = evolve(asked.profiles[2], timing=evolve(asked.profiles[2].timing, slack=9.0))
    run = Session(evolve(asked, profiles=[*asked.profiles[:2], slower]), loop, Watching())

    await run.run()

    one, two, three = (runner.control for runner in run.runners)
    assert one is two
    assert one is not three
