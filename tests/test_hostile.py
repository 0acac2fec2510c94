"""
The suite against targets that misbehave: a verdict about what is hostile, the right ones about all else, and no harm.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from harness import catalogue
from harness.verdicts import Exit, Verdict
from tests import hostile
from tests.hostile import Hostile

ROOT = Path(__file__).resolve().parents[1]

TARGETS = hostile.everything()

#: `web60 run` with less patience, with all specs and with who says nothing at all; what a busy machine does to it
#: excuses nothing here.  At its end it says how much memory it has had (what `wait4` says of a child begins with its
#: parent's).
WEB60 = """
import atexit, os, pathlib, re
import harness.trying, harness.probes
harness.trying.PATIENCE = harness.trying.BENT = float(os.environ["WEB60_TEST_PATIENCE"])
harness.probes.Probe.get.__defaults__ = (3.0,)
import harness.runner
harness.runner.REPEATS = 1
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    pathlib.Path(os.environ["WEB60_TEST_PEAK"]).write_text(re.search(r"VmHWM:\\s+(\\d+)", status)[1])
atexit.register(peak)
from harness.__main__ import main
main()
"""

#: Runs at the same time: they wait more than they work.
TOGETHER = 4

#: Seconds until a run hangs.
HANGS = 60.0

#: Bytes of memory that a run may have had.
MOST_MEMORY = 300 * 1000 * 1000

#: How often what came out inconclusive, because this machine was busy, is asked again.
AGAIN = 2

#: What a terminal would obey, or show as something that it is not.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

#: What our own live view tells a terminal: colours, lines to begin anew, the cursor hidden and shown.
_OWN = re.compile(r"\x1b\[(\?25[lh]|[0-9;]*m|[0-9]*[AK])|\r")


class Run(NamedTuple):
    """What a run ended in."""

    code: int
    printed: str
    results: dict[str, dict[str, Any]]
    junit: list[ET.Element]
    peak: int
    seconds: float
    left: list[str]
    visits: int

    def verdicts(self) -> dict[str, Verdict]:
        """The verdicts, by ID."""
        return {id_: Verdict(result["verdict"]) for id_, result in self.results.items()}


def left_behind(token: str) -> dict[int, str]:
    """The processes that carry this token in their environment, and their commands."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            with suppress(OSError):
                if token.encode() in (place / "environ").read_bytes():
                    found[int(place.name)] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode("latin-1")
    return found


def run(target: Hostile, directory: Path, selection: Iterable[str], *, watched: bool = False) -> Run:
    """`web60 run` against a target, in a process of its own; under a terminal if `watched`."""
    directory.mkdir()
    token = f"w60-hostile-{secrets.token_hex(8)}"
    files = {name: directory / name for name in ("run.json", "run.xml", "peak")}
    command = f"{sys.executable} -m tests.hostile {target.name} --port {{port}}"
    arguments = ["--profile", str(hostile.PROFILE), "--command", command, "--json", str(files["run.json"])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))),
        "WEB60_TEST_PEAK": str(files["peak"]),
        "WEB60_TEST_PATIENCE": str(target.patience),
        "WEB60_TEST_TOKEN": token,
        "TMPDIR": str(directory),
    }
    began = os.times().elapsed
    with socket.create_server(("127.0.0.2", 0)) as elsewhere:
        environment["WEB60_TEST_ELSEWHERE"] = str(elsewhere.getsockname()[1])
        reading, writing = os.openpty() if watched else os.pipe()
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                WEB60,
                "run",
                *arguments,
                "--junit",
                str(files["run.xml"]),
                *target.options,
                *selection,
            ],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
        os.close(writing)
        hanging = threading.Timer(HANGS, process.kill)
        hanging.start()
        try:
            printed = b"".join(_read(reading))
            process.wait()
        finally:
            hanging.cancel()
            os.close(reading)
            left = left_behind(token)
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        seconds = os.times().elapsed - began
        elsewhere.setblocking(False)
        visits = sum(1 for _ in _accepted(elsewhere))
    json_file, junit, peak = files.values()
    results = json.loads(json_file.read_text("utf-8"))["results"] if json_file.exists() else []
    return Run(
        process.returncode,
        printed.decode("utf-8"),
        {result["id"]: result for result in results},
        list(ET.parse(junit).iter("testcase")) if junit.exists() else [],
        int(peak.read_text()) * 1024 if peak.exists() else sys.maxsize,
        seconds,
        [*left.values(), *(place.name for place in directory.iterdir() if place not in files.values())],
        visits,
    )


def _read(descriptor: int) -> Iterator[bytes]:
    """All that is written at the other end, until that is closed."""
    # A terminal whose other end is closed is an error to read.
    with suppress(OSError):
        while data := os.read(descriptor, 65536):
            yield data


def _accepted(listener: socket.socket) -> Iterator[None]:
    """Once for each connection that somebody has opened."""
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            yield


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Run]]]:
    """The runs against the targets that were chosen to be tested, and "watched" those that a terminal shows live."""
    directory = tmp_path_factory.mktemp("hostile")

    def asked(name: str, *, watched: bool) -> Run:
        target = TARGETS[name]
        for number in range(AGAIN + 1):
            place = directory / f"{name.replace(':', '-')}-{number}{'-watched' * watched}"
            seen = run(target, place, target.selection, watched=watched)
            if not set(seen.verdicts().values()) & {Verdict.INCONCLUSIVE}:
                break
        return seen

    chosen = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    names = [(params["name"], bool(params.get("watched"))) for params in chosen if params.get("name") in TARGETS]
    # Those that take longest first.
    names.sort(key=lambda one: TARGETS[one[0]].patience)
    pool = ThreadPoolExecutor(TOGETHER)
    yield {f"{name}{' watched' * watched}": pool.submit(asked, name, watched=watched) for name, watched in names}
    pool.shutdown(cancel_futures=True)


def chosen(target: Hostile) -> list[catalogue.Spec]:
    """The specs that a run of this target is asked for."""
    return list(catalogue.select(catalogue.everything(), target.selection))


@pytest.mark.parametrize("name", TARGETS)
def test_a_hostile_target_gets_its_verdicts_and_does_no_harm(name: str, runs: dict[str, Future[Run]]) -> None:
    """What is hostile fails and all else holds; every result is on disk, nothing stays, and no terminal obeys."""
    target, seen = TARGETS[name], runs[name].result()
    specs = chosen(target) if target.exit is None else []
    expected, verdicts = target.verdicts(specs), seen.verdicts()
    failed = [result["reason"] for result in seen.results.values() if result["verdict"] in ("fail", "warn")]

    assert seen.code == target.code(specs).value, seen.printed
    assert verdicts.keys() == expected.keys()
    assert {id_: told for id_, told in verdicts.items() if told not in expected[id_]} == {}, seen.printed
    assert [why for why in failed or [seen.printed] if not re.search(target.because, why, re.DOTALL)] == []
    assert [case.get("name") for case in seen.junit] == list(verdicts)
    assert seen.peak < MOST_MEMORY
    assert seen.left == []
    assert seen.visits == 0
    assert _OBEYED.search(seen.printed) is None


@pytest.mark.parametrize("watched", [True])
@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.shown])
def test_a_terminal_that_shows_a_run_live_obeys_nobody_but_us(
    name: str, runs: dict[str, Future[Run]], *, watched: bool
) -> None:
    """What a target says of itself is text to the live view as well."""
    seen = runs[f"{name} watched"].result()

    assert seen.code == Exit.FAILED.value, seen.printed
    assert "\x1b[" in seen.printed
    assert _OBEYED.search(_OWN.sub("", seen.printed)) is None


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_hostile_target_says_what_is_wrong_with_it(target: Hostile) -> None:
    """In a sentence; and what it is said to hold is asked of it."""
    asked = {spec.id for spec in chosen(target)}

    assert target.wrong.endswith(".")
    assert target.holds | target.unseen | set(target.honest) <= asked


def test_there_are_enough_of_them() -> None:
    """Of every kind that we know to have hurt somebody."""
    assert len(TARGETS) >= 40
