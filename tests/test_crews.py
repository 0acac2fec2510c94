"""
Crews: every spec gets its result, whatever a server does to the process that it runs in, and nothing stays behind.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import CancelledError
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.web.twcgi import CGIScript

from harness import catalogue, crews
from harness.catalogue import Spec
from harness.clocks import Clock
from harness.levels import MUST
from harness.profiles import parse
from harness.results import Result, read
from harness.scenes import Scenes
from harness.sources import rfc
from harness.verdicts import Verdict
from harness.virtual import VirtualRunner

ROOT = Path(__file__).resolve().parents[1]

#: From Python 3.12 on a fork warns of threads, such as those that other tests have left in the reactor's pool.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

PROFILE = parse({"cgi": {}}, Path())

#: `web60` with so many workers.
WEB60 = "import harness.crews as crews; crews.cores = lambda: {}; from harness.__main__ import main; main()"

#: Seconds until a run hangs; the longest takes 4.
HANGS = 60.0

#: Seconds of a real clock between two looks.
LOOK = 0.01


class Page(Resource):
    """Answers where it was built; what a path has to be done first, it does."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, deeds: dict[bytes, Callable[[], object]]) -> None:
        super().__init__()
        self.deeds = deeds

    def render_GET(self, request: Any) -> bytes:
        """The assets that this server was given."""
        if request.path in self.deeds:
            self.deeds[request.path]()
        return os.environ["WEB60_ASSETS"].encode()


def visiting(number: int, **options: Any) -> Spec:
    """A spec that visits its own page."""

    async def visits(wire: Any, facts: dict[str, Any]) -> None:
        """It answers."""
        answer = await wire.get(f"/{number}")
        facts["assets"] = answer.body.decode()
        assert answer.status == 200

    return Spec(f"cgi/visit-{'abcdefgh'[number]}", MUST, rfc(9110, "1"), visits, **options)


SPECS = tuple(map(visiting, range(5)))


def ending() -> None:
    """End this process, as a server may that finds its configuration amiss."""
    os._exit(3)


def killing() -> None:
    """End this process in the way of a kernel that is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def turning() -> None:
    """Never let go of this process."""
    while True:
        pass


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files of this test, and of the processes that it starts."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


async def watched(clock: Clock, happened: Callable[[], object]) -> None:
    """Wait for that while the reactor turns."""
    while not happened():
        await clock.sleep(LOOK)


async def results(
    loop: Any, specs: Sequence[Spec] = SPECS, deeds: dict[bytes, Callable[[], object]] | None = None, workers: int = 2
) -> list[Result]:
    """The results, as they come."""
    found: list[Result] = []
    scenes = Scenes(PROFILE, lambda reactor: Page(deeds or {}))
    try:
        runner = VirtualRunner(
            scenes.first(), specs, Clock(loop), loop, on_result=found.append, scenes=scenes, workers=workers
        )
        await runner.start()
    finally:
        scenes.close()
    return found


def reasons(found: list[Result]) -> dict[str, str]:
    """Why specs failed, by ID."""
    return {result.id: result.reason for result in found if result.verdict is not Verdict.PASS}


def remains(directory: Path) -> list[str]:
    """What workers have left of their workspaces."""
    return [path.name for path in directory.glob("web60-*")]


def lives(process: int) -> bool:
    """Whether a process has not ended; who should reap it is none of its business."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "XZ"
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(happened: Callable[[], object]) -> None:
    """Wait for that."""
    hangs = time.monotonic() + HANGS
    while not happened():
        assert time.monotonic() < hangs
        time.sleep(LOOK)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("workers", [1, 2, 4, 7])
async def test_every_spec_gets_one_result(loop: Any, temporary: Path, workers: int) -> None:
    """From fewer workers than specs, and from more."""
    found = await results(loop, workers=workers)

    assert sorted(result.id for result in found) == [spec.id for spec in SPECS]
    assert {result.verdict for result in found} == {Verdict.PASS}
    assert remains(temporary) == []


@pytest_twisted.ensureDeferred
async def test_no_specs_need_no_workers(loop: Any) -> None:
    """Nothing is over at once."""
    assert await results(loop, specs=()) == []


def test_what_takes_long_stands_at_the_ends_of_the_line() -> None:
    """Nobody begins it last; and what needs Hypothesis is at one end, for one worker to import it."""
    line = [visiting(0), visiting(1, busy=True), evolve(visiting(2), examples=list), visiting(3)]

    placed = sorted(line, key=crews._place)

    assert [spec.id for spec in placed] == ["cgi/visit-c", "cgi/visit-a", "cgi/visit-d", "cgi/visit-b"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("position", range(len(SPECS)))
async def test_a_server_that_ends_its_process_fails_one_spec_in_words(
    loop: Any, temporary: Path, position: int
) -> None:
    """Wherever that is in the run, all others keep their verdicts."""
    found = await results(loop, deeds={b"/%d" % position: ending})

    assert reasons(found) == {
        SPECS[position].id: "the server ended the process that it ran in (exit code 3)",
    }
    assert sorted(result.id for result in found) == [spec.id for spec in SPECS]
    assert remains(temporary) == []


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("workers", [1, 3])
async def test_a_server_may_end_every_process(loop: Any, workers: int) -> None:
    """There is always another."""
    found = await results(loop, deeds={b"/%d" % number: ending for number in range(len(SPECS))}, workers=workers)

    assert set(reasons(found)) == {spec.id for spec in SPECS}
    assert {(result.verdict, result.attempts, result.failed) for result in found} == {(Verdict.FAIL, 1, 1)}


@pytest_twisted.ensureDeferred
async def test_a_server_that_is_killed_fails_one_spec_with_the_signal_s_name(loop: Any) -> None:
    """As after a segmentation fault."""
    found = await results(loop, deeds={b"/1": killing})

    assert reasons(found) == {"cgi/visit-b": "the server ended the process that it ran in (signal SIGKILL)"}
    assert len(found) == len(SPECS)


@pytest_twisted.ensureDeferred
async def test_a_server_that_hangs_its_process_fails_one_spec(
    loop: Any, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker takes over what it had not come to."""
    monkeypatch.setattr(crews, "ENDLESS", 2.0)

    found = await results(loop, deeds={b"/0": turning})

    assert reasons(found) == {"cgi/visit-a": "the server did not let go of its process within 2 s of real time"}
    assert sorted(result.id for result in found) == [spec.id for spec in SPECS]
    assert remains(temporary) == []


@pytest_twisted.ensureDeferred
async def test_every_worker_has_a_workspace_of_its_own(loop: Any, temporary: Path) -> None:
    """Events of one server's scripts are not told of another's; the first two specs meet two workers."""
    found = await results(loop, SPECS[:2])

    places = {Path(result.facts["assets"]) for result in found}
    assert len(places) == 2
    assert {place.parent.parent for place in places} == {temporary}
    assert not any(place.exists() for place in places)


@pytest_twisted.ensureDeferred
async def test_a_run_that_is_stopped_leaves_nothing_behind(loop: Any, temporary: Path) -> None:
    """No worker, no script of its server's, no directory."""
    script = temporary / "waits.sh"
    script.write_text(f"#!/bin/sh\necho $$ $PPID > {temporary}/$$.part\nmv $$.part $$.process\nexec sleep 100\n")
    script.chmod(0o755)

    def make(reactor: Any) -> Site:
        root = Resource()
        for number in range(len(SPECS)):
            root.putChild(b"%d" % number, CGIScript(str(script), reactor=reactor))
        return Site(root, reactor=reactor)

    def begun() -> list[Path]:
        return list(temporary.glob("*.process"))

    clock, heard = Clock(loop), []
    scenes = Scenes(PROFILE, make)
    runner = VirtualRunner(scenes.first(), SPECS, clock, loop, on_result=heard.append, scenes=scenes, workers=2)
    over = runner.start()
    await clock.give_up(watched(clock, lambda: len(begun()) == 2), HANGS, lambda: "no script has begun")
    runner.stop()
    with pytest.raises(CancelledError):
        await over
    scenes.close()

    processes = [int(word) for path in begun() for word in path.read_text("utf-8").split()]
    assert len(set(processes)) == 4
    until(lambda: not any(map(lives, processes)))
    assert heard == []
    assert remains(temporary) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_leaves_nothing_behind(temporary: Path, number: signal.Signals) -> None:
    """The results that stand are written; the workers do not outlive the run."""
    (temporary / "endless.py").write_text(
        "import os, pathlib\n"
        "from twisted.web.resource import Resource\n"
        "class Page(Resource):\n"
        "    def getChild(self, name, request):\n"
        "        return self\n"
        "    def render_GET(self, request):\n"
        "        while request.path == b'/counter':\n"
        "            pathlib.Path(f'{os.getpid()}.process').touch()\n"
        "        return b'pong'\n"
        "make = lambda reactor: Page()\n",
        "utf-8",
    )
    (temporary / "endless.toml").write_text("[session-store]\n", "utf-8")
    words = ["run", "--factory", "endless:make", "--profile", "endless.toml", "--clock", "virtual", "--json", "r.json"]
    command = [sys.executable, "-c", WEB60.format(2), *words, "session-store", "cgi"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=temporary, env=environment, stdout=subprocess.DEVNULL) as run:
        try:
            until(lambda: len(list(temporary.glob("*.process"))) == 2 or run.poll() is not None)
            run.send_signal(number)
            code = run.wait(HANGS)
        finally:
            run.kill()

    processes = [int(path.stem) for path in temporary.glob("*.process")]
    assert (code, len(processes)) == (2, 2)
    assert read(temporary / "r.json").interrupted
    assert run.pid not in processes
    assert not any(map(lives, processes))
    assert remains(temporary) == []


def test_there_are_as_many_workers_as_cores_up_to_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """On one core, or where a fork may not go on, there are none."""

    def workers(cores: int, platform: str = "linux") -> int:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
        monkeypatch.setattr(sys, "platform", platform)
        return crews.cores()

    assert [workers(1), workers(2), workers(64), workers(64, "darwin")] == [0, 2, crews.MOST, 0]


def chosen() -> list[str]:
    """Every third spec, so that no page is missing, and one that tries schedules; none that takes a second."""
    specs = [spec for spec in catalogue.everything() if not (spec.only_virtual or spec.examples or spec.busy)]
    return [*(spec.id for spec in specs[::3]), "session-endings/every-schedule-of-visits-ends-each-session-at-its-time"]


def test_workers_find_what_is_found_without_them(temporary: Path) -> None:
    """The same verdicts of the reference, after as many attempts and virtual seconds, twice each."""

    def found(name: str, workers: int) -> dict[str, tuple[object, ...]]:
        path = temporary / f"{name}.json"
        options = ["run", "--factory", "reference_impl.site:make", "--profile", str(profile)]
        command = [sys.executable, "-c", WEB60.format(workers), *options, "--clock", "virtual", "--json", str(path)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [*command, *chosen()], env=environment, capture_output=True, text=True, timeout=HANGS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        results = json.loads(path.read_text("utf-8"))["results"]
        by_id = {result["id"]: tuple(result[name] for name in ("verdict", "attempts", "seconds")) for result in results}
        assert len(by_id) == len(results)
        return by_id

    profile = ROOT / "reference_impl" / "profiles" / "profile.toml"
    with ThreadPoolExecutor(2) as pool:
        alone, crew, again, crew_again = pool.map(found, ("alone", "crew", "again", "crew again"), (0, 3, 0, 3))

    assert set(crew) == set(chosen())
    assert alone == again == crew == crew_again
    assert remains(temporary) == []
