"""
The same verdicts by both clocks: every spec that measures time, on servers that are early or late, forget, or repeat.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from harness import catalogue, profiles
from harness.catalogue import Spec
from harness.levels import MAY
from harness.results import Result, read
from harness.tables import PAGES
from harness.verdicts import JUDGED, Verdict
from tests.untraced import untraced

HERE = Path(__file__).parent / "targets"
PROFILE = HERE / "skewed.toml"

#: `web60 run` with 3.5 seconds of patience instead of 10: a server that never answers costs them again and again.
#: They are more than the longest spec takes, beyond its nominal time, where timeouts are what never comes.
WEB60 = "import harness.trying; harness.trying.PATIENCE = 3.5; from harness.__main__ import main; main()"

#: Runs at the same time: in virtual time they compute, in real time they wait.
COMPUTING, WAITING = 2, 4

#: Seconds until a run hangs; the longest, of a server that never does anything, takes 26.
HANGS = 100.0

#: By how many seconds this machine may be late before it is chance on which side of a bound a skewed server falls.
MARGIN = 0.1

#: Of all verdicts by the real clock, how many may be left open by a machine that was busy twice.
OPEN = 0.25

FAILING = {Verdict.FAIL, Verdict.WARN}


def of(page: str, *names: str) -> set[str]:
    """The IDs of these promises of a page."""
    return {f"{page}/{name}" for name in names}


def of_both(*names: str) -> set[str]:
    """The IDs of these promises of the two pages that promise the same."""
    return of("asynchronous", *names) | of("asynchronous-deferred", *names)


#: The promises that answers come, and end, neither too early nor too late.
AT_ITS_TIME = {
    *of_both(
        "silent-until-the-delay-is-over",
        "whole-when-the-delay-is-over",
        "requests-at-once-do-not-queue",
        "each-request-waits-from-its-own-start",
        "the-delay-counts-from-the-whole-request",
        "a-request-sent-while-another-waits-is-answered-after-it",
        "delayed-requests-on-one-connection-are-each-answered-whole",
        "after-many-requests-it-answers-as-fast-as-before",
    ),
    *of(
        "interrupted",
        "waiting-brings-the-answer",
        "many-leaving-at-once-disturb-nobody",
        "leaving-amid-a-request-body-disturbs-nobody",
        "leaving-cancels-no-other-request",
        "leaving-amid-the-header-disturbs-nobody",
        "after-many-have-left-it-answers-as-fast-as-before",
    ),
    *of("logging-errors", "among-others-only-the-interrupted-answer-logs"),
    *of(
        "timeouts",
        "giving-up-comes-at-its-time",
        "quick-work-beside-slow-work-is-left-alone",
        "slow-ones-time-out-together",
        "a-timeout-is-told-once",
        "each-request-of-a-connection-has-a-timeout-of-its-own",
        "leaving-before-the-timeout-disturbs-nobody",
    ),
    *of(
        "session-endings",
        "each-session-ends-at-its-own-time",
        "an-ending-is-told-once",
        "a-visited-session-is-not-told-ended",
        "each-ending-is-told-at-its-own-time",
        "a-session-that-follows-an-ended-one-lives-as-long",
    ),
}

#: The promises that something has happened, or is over, by a certain time.
IN_TIME = {
    *of(
        "interrupted",
        "leaving-is-noticed",
        "leaving-later-on-a-connection-is-noticed",
        "leaving-at-a-second-delayed-request-cancels-only-it",
        "of-many-leaving-at-once-each-is-noticed",
    ),
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "each-interrupted-answer-logs-its-own-line",
        "leaving-later-on-a-connection-logs-a-line",
        "many-leaving-at-once-log-a-line-each",
    ),
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-refuses-an-expired-nonce",
        "digest-lets-in-with-a-new-nonce",
        "digest-says-stale-to-who-knows-the-password",
    ),
    *of(
        "session-endings",
        "a-long-pause-ends-the-session",
        "what-was-stored-ends-with-the-session",
        "the-idle-time-counts-from-the-last-visit",
        "an-ended-session-comes-back-for-nobody",
        "visits-of-others-keep-no-session",
        "many-visits-have-one-ending",
    ),
}

#: The promises that something comes at all, at whatever time.
EVER = {
    *of_both(
        "body-is-whole-and-framed",
        "next-answer-follows-on-the-same-connection",
        "connection-persists-unless-its-end-is-announced",
        "other-pages-answer-at-once-meanwhile",
        "quick-and-slow-answers-are-not-swapped",
        "pipelined-answers-keep-their-order",
        "head-has-no-body",
        "a-length-said-to-head-is-that-of-the-body",
        "head-has-the-fields-of-get",
        "an-older-client-is-answered-without-chunks",
        "an-older-client-is-left-after-the-answer",
        "asked-for-a-part-it-sends-the-whole-or-marks-the-part",
        "asked-to-close-it-closes-after-the-answer",
        "asked-to-close-it-says-that-it-will",
    ),
    *of(
        "interrupted",
        "answered-request-is-a-success",
        "leaving-stops-the-work",
        "leaving-after-the-answer-cancels-nothing",
        "leaving-amid-the-body-of-a-get-completes-nothing",
    ),
    *of("logging-errors", "completed-answer-logs-no-line"),
    *of(
        "timeouts",
        "slow-work-is-given-up",
        "nothing-follows-a-timeout",
        "work-failing-after-its-timeout-adds-nothing",
        "a-timeout-in-front-keeps-its-place",
        "after-many-timeouts-it-answers-as-fast-as-before",
        "other-pages-answer-at-once-meanwhile",
    ),
}

#: The promises that something happens once, whose specs watch for a second time after the first.
ONCE = {
    *of(
        "interrupted",
        "answered-request-is-a-success",
        "leaving-at-a-second-delayed-request-cancels-only-it",
        "of-many-leaving-at-once-each-is-noticed",
    ),
    *of(
        "logging-errors",
        "interrupted-answer-logs-a-line",
        "among-others-only-the-interrupted-answer-logs",
        "leaving-later-on-a-connection-logs-a-line",
        "many-leaving-at-once-log-a-line-each",
    ),
    *of("timeouts", "a-timeout-is-told-once"),
    *of(
        "session-endings",
        "an-ending-is-told-once",
        "each-ending-is-told-at-its-own-time",
        "many-visits-have-one-ending",
    ),
}

#: The promises whose specs count once the first has come, and look no longer.
ONCE_AT_A_TIME = {
    *of(
        "logging-errors",
        "each-interrupted-answer-logs-its-own-line",
    ),
    *of("session-endings", "a-visited-session-is-not-told-ended"),
}

#: What none of them breaks: promises of what must not happen; and promises about shorter times than those that
#: are skewed, or about none.
UNBROKEN = {
    *of_both("a-method-that-is-refused-names-those-that-are-not", "the-body-of-a-post-is-not-taken-for-a-request"),
    *of(
        "interrupted",
        "leaving-logs-nothing",
        "leaving-later-on-a-connection-stops-the-work",
        "half-closing-is-answered-or-cut-off",
    ),
    *of("logging-errors", "server-lives-after-logging"),
    *of("http-auth", "digest-nonce-lives-its-lifetime", "digest-does-not-say-stale-to-who-guesses"),
    *of("session-basics", "ids-are-unguessable"),
    *of("session-endings", "visiting-keeps-the-session", "an-explicit-ending-is-told-once"),
    *of(
        "timeouts",
        "quick-work-gives-its-own-result",
        "failing-work-reports-its-own-failure",
        "nothing-follows-quick-work",
        "no-timeout-is-told-of-quick-work",
        "head-of-slow-work-has-no-body",
        "work-ending-at-its-limit-is-answered-once",
    ),
}

#: What each server breaks, of what is promised about time, and nothing else; those that take longest first.
BREAKS = {
    "never": AT_ITS_TIME | IN_TIME | EVER,
    "early": AT_ITS_TIME | of("session-endings", "a-short-pause-keeps-the-session"),
    "late": AT_ITS_TIME | IN_TIME,
    "twice": ONCE | ONCE_AT_A_TIME,
    "again": ONCE,
    "right": set(),
}


class Both(NamedTuple):
    """The results of one server by each clock."""

    virtual: dict[str, Result]
    real: dict[str, Result]

    def left_open(self) -> set[str]:
        """The IDs of which the real clock has said nothing, because this machine was busy."""
        return {
            id_
            for id_, result in self.real.items()
            if result.verdict is Verdict.INCONCLUSIVE
            or (result.verdict is not self.virtual[id_].verdict and result.lag > MARGIN)
        }

    def differences(self) -> dict[str, tuple[Verdict, Verdict]]:
        """What virtual time says, and then real time, of all that is not left open and that they judge differently."""
        settled = self.real.keys() - self.left_open()
        both = {id_: (self.virtual[id_].verdict, self.real[id_].verdict) for id_ in settled}
        return {id_: (virtual, real) for id_, (virtual, real) in both.items() if virtual is not real}


@pytest.fixture(scope="module", autouse=True)
def not_measured() -> Iterator[None]:
    """These runs are many, and what they do others do as well."""
    with untraced():
        yield


def timed() -> Iterable[Spec]:
    """The specs that the profile offers and that take time, or tell a tolerance, whatever the clock."""
    profile = profiles.load(PROFILE)
    tables = {name.replace("-", "_"): profile.pages.get(name) for name in PAGES}
    target = SimpleNamespace(timing=profile.timing, parallel=profile.server.parallel, **tables)
    for spec in catalogue.everything():
        if spec.page not in profile.pages or spec.only_real or spec.only_virtual:
            continue
        if spec.level is MAY or "stream" in spec.needs:
            # Facts are not judged, and the stream of the right one is not skewed.
            continue
        if spec.lasts(target) > 0 or "Tolerance" in spec.text:
            yield spec


def run(server: str, results: Path, ids: Collection[str], *options: str) -> dict[str, Result]:
    """The results of these specs about a server."""
    command = [sys.executable, "-c", WEB60, "run", "--factory", f"skewed:{server}", "--profile", str(PROFILE)]
    paths = os.pathsep.join((str(HERE), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [*command, "--json", str(results), *options, *ids],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert results.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    return {result.id: result for result in read(results).results}


def foreseen(path: Path, found: dict[str, Result]) -> Path:
    """A baseline of what failed: by the real clock, what is foreseen is repeated less often before it counts."""
    entries = (
        f'[[known]]\nid = "{id_}"\nverdict = "{result.verdict.value}"\nreason = "skewed"\n'
        for id_, result in found.items()
        if result.verdict in FAILING
    )
    path.write_text("\n".join(entries), "utf-8")
    return path


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    """The results of every server; what a busy machine left open, or answered otherwise, is asked a second time."""
    directory = tmp_path_factory.mktemp("skewed")
    everything = [spec.id for spec in timed()]

    def virtually(server: str) -> dict[str, Result]:
        return run(server, directory / f"{server}.virtual.json", everything, "--clock", "virtual")

    def really(server: str) -> Both:
        expected = virtual[server].result()
        baseline = foreseen(directory / f"{server}.toml", expected)
        return Both(expected, run(server, directory / f"{server}.json", everything, "--baseline", str(baseline)))

    def once_more(server: str) -> Both:
        first = real[server].result()
        # A server that is late is in time for a visit that this machine made later still: what differs does so twice.
        asked = {*first.left_open(), *first.differences()}
        if not asked:
            return first
        options = ("--baseline", str(directory / f"{server}.toml"))
        second = run(server, directory / f"{server}.again.json", asked, *options)
        return Both(first.virtual, {**first.real, **second})

    with ThreadPoolExecutor(COMPUTING) as computing, ThreadPoolExecutor(WAITING) as waiting:
        virtual = {server: computing.submit(virtually, server) for server in BREAKS}
        real = {server: waiting.submit(really, server) for server in BREAKS}
    with ThreadPoolExecutor(WAITING) as waiting:
        return dict(zip(BREAKS, waiting.map(once_more, BREAKS), strict=True))


@pytest.mark.parametrize("server", BREAKS)
def test_virtual_time_finds_what_is_wrong_and_nothing_else(found: dict[str, Both], server: str) -> None:
    """What a server does wrong in time is found wherever a spec bounds it, and held against nothing else."""
    virtual = {id_: result.verdict for id_, result in found[server].virtual.items()}

    assert {id_ for id_, verdict in virtual.items() if verdict in FAILING} == BREAKS[server]
    assert virtual.keys() == {spec.id for spec in timed()}
    assert not set(virtual.values()) & {Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.NOT_OFFERED}


@pytest.mark.parametrize("server", BREAKS)
def test_both_clocks_give_the_same_verdicts(found: dict[str, Both], server: str) -> None:
    """Where real and virtual time judge a server differently, one of them is wrong."""
    both = found[server]

    left_open = both.left_open()
    assert both.real.keys() == both.virtual.keys()
    assert both.differences() == {}, f"{len(left_open)} of {len(both.real)} were left open by real time"
    assert len(left_open) <= OPEN * len(both.real), sorted(left_open)


def test_every_promise_about_time_is_broken_by_somebody_or_bounds_nothing(found: dict[str, Both]) -> None:
    """A spec that no wrong server fails is one of those that bound nothing which these servers skew."""
    broken = set().union(*BREAKS.values())
    unbroken = {spec.id for spec in timed()} - broken

    assert unbroken == UNBROKEN
    assert all(found["right"].virtual[id_].verdict in JUDGED for id_ in unbroken | broken)
