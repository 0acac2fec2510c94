"""
The same verdicts by every way to a target: `web60 run` and `pytest specs`, by command, factory and URL.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import specs
from harness.catalogue import everything
from harness.given import reference
from harness.results import Result, read
from harness.verdicts import Verdict
from tests.untraced import untraced

#: Verdicts that depend on the moment, not on the target.
MOMENTARY = {Verdict.INCONCLUSIVE}

#: By ways other than its URL the reference is asked for these pages: they wait, compute, log, and run scripts.
SOME = ("interrupted", "logging-errors", "session-endings", "timeouts", "dynamic-content", "custom-codes")


@pytest.fixture(scope="module", autouse=True)
def not_measured() -> Iterator[None]:
    """These runs are many, and what they do others do as well."""
    with untraced():
        yield


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A profile by URL of the reference, which somebody else started, with its log and its assets."""
    directory = tmp_path_factory.mktemp("served")
    assets = directory / "assets"
    subprocess.run([sys.executable, "-m", "harness", "assets", assets], check=True, stdout=subprocess.DEVNULL)
    log = (directory / "server.log").open("wb")
    words = ["--port", "0", "--delay", "0.5", "--idle", "1", "--after", "0.5", "--nonce-lifetime", "1"]
    server = subprocess.Popen(
        [sys.executable, "-m", "reference_impl", "--assets", assets, *words],
        stdout=subprocess.PIPE,
        stderr=log,
        env={**os.environ, "WEB60_EVENTS": str(directory / "events.jsonl")},
    )
    assert server.stdout is not None
    url = json.loads(server.stdout.readline())["url"]
    yield profile(directory / "url.toml", f'url = "{url}"\nlog = "server.log"\nassets = "{assets}"')
    server.send_signal(signal.SIGTERM)
    server.wait(10)
    server.stdout.close()
    log.close()


def profile(path: Path, way: str) -> Path:
    """The fast reference's own profile, with another way to it."""
    lines = reference("fast.toml").read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("command", "baseline"))]
    kept.insert(kept.index("[server]") + 1, way)
    path.write_text("\n".join(kept), "utf-8")
    return path


Results = dict[str, Result]

RUN = (sys.executable, "-m", "harness", "run")

#: Where pytest finds the specs.
SPECS = Path(specs.__file__).parent


@pytest.fixture(scope="module")
def found(served: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    """The results by ID, by each way to the reference; by its URL twice."""
    directory = tmp_path_factory.mktemp("results")
    factory = profile(directory / "factory.toml", 'factory = "reference_impl.site:make_fast"')
    by_pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        os.devnull,
        "-p",
        "no:cacheprovider",
        "-p",
        "harness.plugin",
    ]
    modules = [str(path) for page in SOME for path in SPECS.glob(f"test_{page.replace('-', '_')}*.py")]
    ways = {
        "run by command": [*RUN, "--fast", *SOME],
        "pytest by command": [*by_pytest, *modules, "--fast"],
        "run by url": [*RUN, "--profile", str(served)],
        "run by url again": [*RUN, "--profile", str(served)],
        "run by factory": [*RUN, "--profile", str(factory), *SOME],
    }
    return {way: ran(command, directory / f"{way}.json") for way, command in ways.items()}


def ran(command: Iterable[str], results: Path) -> Results:
    """What a run says, by ID."""
    subprocess.run([*command, "--json", str(results)], check=False, stdout=subprocess.DEVNULL)
    return {result.id: result for result in read(results).results}


def settled(one: Results, other: Results) -> list[str]:
    """The IDs whose verdicts did not hang on the moment in either run."""
    ids = [id_ for id_ in one if not MOMENTARY & {one[id_].verdict, other[id_].verdict}]
    assert len(ids) > 0.8 * len(one)
    return ids


def test_every_way_gives_the_same_verdicts(found: dict[str, Results]) -> None:
    """Where two ways judge a spec differently, one of them is wrong."""
    first = found["run by command"]
    for way, other in found.items():
        assert set(other) == set(first if "url" not in way else (spec.id for spec in everything())), way
        pairs = {id_: (first[id_].verdict, other[id_].verdict) for id_ in settled(first, other)}
        assert {id_: pair for id_, pair in pairs.items() if pair[0] is not pair[1]} == {}, way


@pytest.mark.parametrize(
    ("one", "other"), [("run by url", "run by url again"), ("run by command", "pytest by command")]
)
def test_two_runs_on_the_same_server_give_the_same_facts(
    found: dict[str, Results], served: Path, tmp_path: Path, one: str, other: str
) -> None:
    """A fact that changes by itself would be told as a change of every new version."""
    ids = settled(found[one], found[other])
    facts = {id_: (found[one][id_].facts, found[other][id_].facts) for id_ in ids}
    differing = {id_: pair for id_, pair in facts.items() if pair[0] != pair[1]}
    if differing:
        # Some hang on when something happens, and this machine was busy: asked again with nothing beside them.
        alone = [*RUN, "--profile", str(served), *differing]
        again = [ran(alone, tmp_path / f"{number}.json") for number in range(2)]
        differing = {id_: pair for id_ in differing if (pair := tuple(run[id_].facts for run in again))[0] != pair[1]}

    assert sum(bool(pair[0]) for pair in facts.values()) > 10
    assert differing == {}
