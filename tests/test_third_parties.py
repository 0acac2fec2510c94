"""
The suite against servers that are not its own: each verdict about them is true, and says so run after run.

A divergence of a server's own stands in the baseline beside its profile, with its reason.
"""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness import baselines, profiles
from harness.baselines import Entry
from harness.catalogue import everything

HERE = Path(__file__).parent / "targets"

#: Runs at the same time.  They wait more than they work: three keep two cores busy without making each other late.
TOGETHER = 3

#: Seconds until a run hangs; the longest takes 12 on two idle cores, 25 on busy ones.
HANGS = 120.0

#: How often what came out inconclusive, because this machine was busy, is asked again with nothing beside it.
AGAIN = 2


class Party(NamedTuple):
    """A target: its profile, the pages on which it must be judged, and what else the run is given."""

    profile: str
    pages: set[str]
    factory: str = ""
    selection: tuple[str, ...] = ()


SESSIONS = {"session-basics", "session-store", "session-endings"}
POSTED = {"dynamic-content", "handling-posts", "other-request-bodies"}
DELAYED = {"asynchronous", "asynchronous-deferred", "interrupted", "logging-errors", "timeouts"}

#: Those that take longest first.
PARTIES = {
    "twistd-wsgi": Party("twistd_wsgi.toml", {"wsgi", "rpy-scripts"}),
    "aiohttp": Party("aiohttp.toml", {*DELAYED, *SESSIONS, *POSTED, "http", "http-auth"}),
    "klein": Party("klein.toml", {*DELAYED, *SESSIONS, *POSTED, "http", "http-auth"}),
    "klein-in-process": Party("klein.toml", DELAYED, "tests.targets.klein_site:make", tuple(sorted(DELAYED))),
    "http-server-cgi": Party("http_server_cgi.toml", {"cgi"}),
    "http-server-files": Party("http_server_files.toml", {"static-content", "static-dispatch"}),
    "twistd-path": Party(
        "twistd_path.toml", {"rpy-scripts", "asynchronous", "session-basics", "session-store", "http-auth"}
    ),
    "gunicorn": Party("gunicorn.toml", {"wsgi", "http"}),
    "stdlib-site": Party("stdlib_site.toml", {"dynamic-dispatch", "error-handling", "custom-codes", "access-logging"}),
    "waitress": Party("waitress.toml", {"wsgi", "http"}),
}

WRONG = Party("aiohttp_wrong.toml", {"asynchronous", "interrupted", "session-basics", "session-store"})

#: What is wrong with the wrong one, and nothing else: it answers early, never cancels, adopts invented session IDs.
FOUND_OUT = {
    "asynchronous/silent-until-the-delay-is-over": "fail",
    "asynchronous/whole-when-the-delay-is-over": "fail",
    "asynchronous/requests-at-once-do-not-queue": "fail",
    "asynchronous/each-request-waits-from-its-own-start": "fail",
    "asynchronous/the-delay-counts-from-the-whole-request": "fail",
    "asynchronous/a-request-sent-while-another-waits-is-answered-after-it": "fail",
    "asynchronous/delayed-requests-on-one-connection-are-each-answered-whole": "fail",
    "asynchronous/after-many-requests-it-answers-as-fast-as-before": "warn",
    "interrupted/leaving-is-noticed": "fail",
    "interrupted/resetting-is-noticed": "fail",
    "interrupted/leaving-at-a-second-delayed-request-cancels-only-it": "fail",
    "interrupted/of-many-leaving-at-once-each-is-noticed": "fail",
    "interrupted/leaving-later-on-a-connection-stops-the-work": "fail",
    "interrupted/leaving-amid-the-body-of-a-get-completes-nothing": "fail",
    "interrupted/leaving-later-on-a-connection-is-noticed": "fail",
    "interrupted/leaving-stops-the-work": "fail",
    "interrupted/resetting-stops-the-work": "fail",
    "session-basics/an-invented-id-is-not-adopted": "warn",
    "session-basics/an-expired-cookie-stays-dead": "warn",
}


#: Every spec, and what one of the clocks cannot show of anybody.
ALL = {spec.id for spec in everything()}
ONLY_REAL = {spec.id for spec in everything() if spec.only_real}
ONLY_VIRTUAL = {spec.id for spec in everything() if spec.only_virtual}


class Run(NamedTuple):
    """What a run ended in: its exit code, what it printed, its results by ID, what the target says of itself."""

    code: int
    printed: str
    results: dict[str, dict[str, Any]]
    software: str

    def ids(self, *verdicts: str) -> set[str]:
        """The IDs that got one of these verdicts."""
        return {id_ for id_, result in self.results.items() if result["verdict"] in verdicts}

    @property
    def judged(self) -> set[str]:
        """The pages of which something was said."""
        return {id_.partition("/")[0] for id_ in self.ids("pass", "fact", "fail", "warn")}

    @property
    def against(self) -> dict[str, str]:
        """Every verdict that is not simply good, by ID."""
        good = ("pass", "fact", "not-offered")
        return {id_: result["verdict"] for id_, result in self.results.items() if result["verdict"] not in good}


def run(party: Party, json_file: Path, selection: Iterable[str], *options: str) -> Run:
    """`web60 run` against a party, in a process of its own."""
    command = [sys.executable, "-m", "harness", "run", "--profile", str(HERE / party.profile), "--json", str(json_file)]
    if party.factory:
        command += ["--factory", party.factory]
    done = subprocess.run(
        [*command, *options, *selection],
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    document = json.loads(json_file.read_text("utf-8")) if json_file.exists() else {}
    unseen = ONLY_REAL if "virtual" in options else ONLY_VIRTUAL
    seen = {result["id"]: result for result in document.get("results", []) if result["id"] not in unseen}
    return Run(done.returncode, done.stdout + done.stderr, seen, document.get("target", {}).get("software", ""))


def foreseen(party: Party, seen: Run) -> list[Entry]:
    """What its baseline says of it, in the version that it is of."""
    profile = profiles.load(HERE / party.profile)
    return list(baselines.of(profile, None, ALL).at(seen.software).entries.values())


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A run against each party; what this machine was too busy to tell has been asked again, alone."""
    directory = tmp_path_factory.mktemp("third-parties")
    parties = {"wrong": WRONG, **PARTIES}
    if not hasattr(http.server, "CGIHTTPRequestHandler"):
        del parties["http-server-cgi"]
    with ThreadPoolExecutor(TOGETHER) as pool:
        began = {
            name: pool.submit(run, party, directory / f"{name}.json", party.selection)
            for name, party in parties.items()
        }
        ended = {name: one.result() for name, one in began.items()}
    for number in range(AGAIN):
        for name, first in ended.items():
            if unsure := first.ids("inconclusive"):
                again = run(parties[name], directory / f"{name}-{number}.json", unsure)
                first.results.update(again.results)
    return ended


@pytest.mark.parametrize("name", PARTIES)
def test_the_verdicts_about_a_third_party_are_true(name: str, runs: dict[str, Run]) -> None:
    """Every page that it offers is judged, and nothing is held against it but what its baseline gives a reason for."""
    if name not in runs:
        pytest.skip("http.server has no CGI any more in this Python")
    party, seen = PARTIES[name], runs[name]
    known = [entry for entry in foreseen(party, seen) if entry.id in seen.results]

    assert seen.code == 0, seen.printed
    assert seen.judged == party.pages
    assert seen.against == {entry.id: entry.verdict.value for entry in known}, seen.printed
    for entry in known:
        assert seen.results[entry.id]["expected"] == entry.reason


def test_a_wrong_server_is_found_out_for_exactly_what_is_wrong(runs: dict[str, Run]) -> None:
    """Three mistakes in an otherwise right application fail the specs about them, and no other."""
    seen = runs["wrong"]

    assert seen.code == 1, seen.printed
    assert seen.judged == WRONG.pages
    assert seen.against == FOUND_OUT, seen.printed


def test_a_site_of_somebody_else_s_is_as_good_in_virtual_time(tmp_path: Path) -> None:
    """Klein's resources use the reactor that they are given: all its pages, crowds and schedules too."""
    party = PARTIES["klein-in-process"]

    seen = run(party, tmp_path / "klein.json", (), "--clock", "virtual")

    assert seen.code == 0, seen.printed
    assert seen.judged == PARTIES["klein"].pages
    assert seen.against == {entry.id: entry.verdict.value for entry in foreseen(party, seen)}, seen.printed
    assert seen.ids("pass") > {id_ for id_ in ONLY_VIRTUAL if id_.startswith("session-endings/")}
