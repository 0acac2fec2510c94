"""
What fails on a mutant: its own pages' specs, asked by the clock that it names.
"""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zlib import crc32

import hypothesis
from attrs import frozen

from harness import catalogue
from harness.catalogue import Spec
from harness.quiet import be_quiet
from harness.results import Result, read
from harness.verdicts import Verdict
from tests.mutants import Mutant, everything
from tests.untraced import untraced

SPECS = catalogue.everything()

#: The Hypothesis whose examples were tried when the properties were pinned: another one draws others.
DRAWN_BY = "6.170.15"

FAILING = frozenset({Verdict.FAIL, Verdict.WARN})

#: How often what a busy machine left open about a mutant in real time is asked again.
AGAIN = 2

#: One of so many that need not catch a mutant is asked in CI all the same.
BESIDE = 8

#: Mutants in real time side by side, which wait more than they work.
WAITING = 2

#: Seconds until a run in real time hangs; the longest takes 15.
HANGS = 120.0

ROOT = Path(__file__).resolve().parents[2]


@frozen
class Survey:
    """The results about one mutant, by ID."""

    results: dict[str, Result]

    @classmethod
    def of(cls, results: Iterable[Result]) -> Survey:
        """The survey with these results."""
        return cls({result.id: result for result in results})

    @property
    def failing(self) -> frozenset[str]:
        """The IDs that fail on it."""
        return frozenset(id_ for id_, result in self.results.items() if result.verdict in FAILING)

    @property
    def ours(self) -> dict[str, str]:
        """The IDs that ended in an error of ours, and how."""
        return {id_: result.reason for id_, result in self.results.items() if result.verdict is Verdict.ERROR}


def asked(mutant: Mutant, *, thorough: bool) -> list[Spec]:
    """
    The specs that are asked of a mutant: those that catch it, and others that must not.

    `thorough` are all of its pages; else some of those that stand beside the ones that catch it and take no work.
    """
    specs = [spec for spec in SPECS if spec.page in mutant.pages]
    if thorough:
        return specs
    modules = {spec.module for spec in specs if spec.id in mutant.caught_by}
    return [
        spec
        for spec in specs
        if spec.id in mutant.caught_by
        or (spec.module in modules and not (spec.busy or spec.schedules) and _is_drawn(mutant, spec))
    ]


def _is_drawn(mutant: Mutant, spec: Spec) -> bool:
    """Whether this one is among the few that are asked beside those that must catch it: the same in every run."""
    return crc32(f"{mutant.name} {spec.id}".encode()) % BESIDE == 0


def settled(ids: Iterable[str]) -> frozenset[str]:
    """
    These IDs; without the properties where another Hypothesis draws other examples than those that were pinned.

    What a property catches beside plain specs depends on which examples it tries.
    """
    drawn = {spec.id for spec in SPECS if spec.examples or spec.schedules}
    return frozenset(ids) - (drawn if hypothesis.__version__ != DRAWN_BY else frozenset())


def surveys(names: Iterable[str], *, thorough: bool) -> dict[str, Future[Survey]]:
    """Survey these mutants, side by side; the futures of their surveys by name."""
    known = everything()
    mutants = [known[name] for name in names]
    virtual = [one for one in mutants if one.clock == "virtual"]
    virtual.sort(key=lambda one: _effort(asked(one, thorough=thorough)), reverse=True)
    real = [one for one in mutants if one.clock == "real"]
    # A mutant's mistakes may reach beyond itself: no worker has anything in common with this process.
    spawn = multiprocessing.get_context("spawn")
    with untraced(), ProcessPoolExecutor(mp_context=spawn, initializer=be_quiet) as computing:
        begun = {one.name: computing.submit(virtually, one.name, thorough=thorough) for one in virtual}
    with ThreadPoolExecutor(WAITING) as waiting:
        # Only when the others are over, for they would make these late.
        begun |= {one.name: waiting.submit(really, one, thorough=thorough) for one in real}
    return begun


def _effort(specs: list[Spec]) -> int:
    """How long a survey by these takes, about: those that take longest begin first."""
    return sum(10 if spec.busy or spec.schedules else 1 for spec in specs)


def virtually(name: str, *, thorough: bool) -> Survey:
    """Survey a mutant in virtual time, here and now."""
    from harness import properties, virtual  # noqa: PLC0415 - only workers need them

    properties.PHASES = ("explicit", "generate")
    mutant = everything()[name]
    return Survey.of(virtual.check(mutant, mutant.profile, asked(mutant, thorough=thorough)).results)


def really(mutant: Mutant, *, thorough: bool) -> Survey:
    """Survey a mutant in real time, by `web60 run`; what a busy machine has left open is asked again."""
    found = _run(mutant, [spec.id for spec in asked(mutant, thorough=thorough)])
    for _ in range(AGAIN):
        if unsure := [id_ for id_, result in found.results.items() if result.verdict is Verdict.INCONCLUSIVE]:
            found = Survey({**found.results, **_run(mutant, unsure).results})
    return found


def _run(mutant: Mutant, ids: Iterable[str]) -> Survey:
    with tempfile.TemporaryDirectory() as directory:
        profile, results = Path(directory) / "profile.toml", Path(directory) / "results.json"
        profile.write_text(_toml(mutant.tables), "utf-8")
        command = [sys.executable, "-m", "harness", "run", "--profile", str(profile), "--json", str(results), *ids]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL, timeout=HANGS)
        return Survey.of(read(results).results)


def _toml(tables: dict[str, dict[str, Any]]) -> str:
    """Tables as TOML, which writes text, numbers and lists as JSON does."""

    def written(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {written(one)}" for key, one in value.items()) + "}"
        return json.dumps(value, ensure_ascii=False)

    lines = []
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{key} = {written(value)}" for key, value in table.items())]
    return "\n".join(lines)
