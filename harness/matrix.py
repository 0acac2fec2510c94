"""
`web60 matrix`: a server process for each Twisted, all asked in one run by one harness, and what changed between them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from attrs import define, evolve, field, frozen
from twisted.internet import reactor
from twisted.internet.task import LoopingCall

from harness import given, profiles
from harness.catalogue import Spec
from harness.comparing import Difference, compare, unsteady
from harness.environments import Environment
from harness.errors import UsageError
from harness.given import Given
from harness.profiles import Profile
from harness.quiet import be_quiet
from harness.reports import steps, summary
from harness.reports.watching import Watched
from harness.results import Report, Result
from harness.running import TICK, Terminal, drive
from harness.session import Session, Wanted
from harness.transcripts import safe
from harness.verdicts import Exit, Verdict
from harness.versions import Range, Versions

#: Where the baseline of the literal tutorial is, seen from the profiles.
_LITERAL = "../baselines/twisted-literal.toml"


@frozen
class Files:
    """What a matrix writes: a directory of result files, a report for a browser, a summary in Markdown."""

    json: Path | None = None
    html: Path | None = None
    summary: Path | None = None

    def claim(self) -> None:
        """See that they can be written, before an hour's work is lost.  Raises `UsageError`."""
        if self.json is not None:
            try:
                self.json.mkdir(parents=True, exist_ok=True)
            except OSError as wrong:
                message = f"cannot write results into {self.json}: {wrong.strerror}"
                raise UsageError(message) from None
        if self.html is not None:
            from harness.reports import html  # noqa: PLC0415 - only whoever wants it pays for it

            html.claim(self.html)
        if self.summary is not None:
            summary.claim(self.summary)

    def written(self, *, whole: bool) -> Iterator[Path]:
        """What there is to read; of a run that is not `whole`, its result files."""
        yield from filter(None, (self.json, *((self.html, self.summary) if whole else ())))

    def write(self, reports: Sequence[Report], specs: Mapping[str, Spec], remarks: Sequence[str]) -> None:
        """Write what is wanted beside the result files, which the run has written as it went."""
        if self.html is not None:
            from harness.reports import html  # noqa: PLC0415 - as above

            html.write(self.html, reports, specs, steps=True, remarks=remarks)
        if self.summary is not None:
            summary.write(self.summary, reports, remarks)


@define(eq=False)
class Matrix:
    """
    A run over several Twisteds.

    `profile` is what every one of them is asked by; its command is started once in each environment.
    """

    profile: Profile
    versions: Range
    specs: Sequence[Spec]
    chosen: Sequence[Spec]
    files: Files = field(factory=Files)
    baseline: Path | None = None
    strict: bool = False

    def run_in_terminal(self) -> Exit:
        """Install, ask, compare, show, write the files; gives the exit code.  Raises `UsageError`."""
        view = Watched(Terminal())
        self.files.claim()
        versions = Versions(self.versions, view.say)
        try:
            environments = versions.environments()
        except KeyboardInterrupt:
            view.say("Interrupted while environments were made: nothing was asked.", "bold")
            return Exit.INTERRUPTED
        with tempfile.TemporaryDirectory(prefix="web60-") as home:
            session = Session(self._wanted(environments, Path(home)), reactor, view)
            if environments:
                _drive(session, view)
        remarks = [*versions.remarks, *view.missed]
        self._show(session, remarks, view.say)
        if not session.interrupted:
            self.files.write(session.reports, {spec.id: spec for spec in self.specs}, remarks)
        for place in self.files.written(whole=not session.interrupted):
            view.say(f"written: {place}")
        return self._exit(session, remarks)

    def _wanted(self, environments: Sequence[Environment], home: Path) -> Wanted:
        return Wanted(
            profiles=[directed(self.profile, environment, home) for environment in environments],
            specs=self.chosen,
            known=frozenset(spec.id for spec in self.specs),
            baseline=self.baseline,
            directory=self.files.json,
            lenient=True,
        )

    def _show(self, session: Session, remarks: Sequence[str], say: Callable[[str], None]) -> None:
        say("")
        if session.interrupted:
            say("Interrupted: nothing is compared; the result files have what was measured until then.")
        elif session.reports:
            for line in steps.told(session.reports):
                say(line)
        for report in session.reports:
            for note in report.notes:
                say(f"NOTE  {report.target.name}: {safe(note)}")
            for id_ in report.stale:
                say(f"STALE  {report.target.name}: {id_}: the baseline foresees a divergence that is over")
        for remark in remarks:
            say(f"NOT ASKED  {remark}")

    def _exit(self, session: Session, remarks: Sequence[str]) -> Exit:
        """1 where something broke that nobody foresaw, where we erred, and where a version was not asked."""
        if session.interrupted:
            return Exit.INTERRUPTED
        results = [result for report in session.reports for result in report.results]
        differences = [one for step in steps.steps(session.reports) for one in step.differences]
        broken = any(one.fails(strict=self.strict) for one in differences)
        stale = any(report.stale for report in session.reports)
        if remarks or broken or stale or any(result.verdict is Verdict.ERROR for result in results):
            return Exit.FAILED
        if any(report.exit() is Exit.NOTHING for report in session.reports):
            return Exit.NOTHING
        return Exit.OK


def _drive(session: Session, view: Watched) -> None:
    ticking = LoopingCall(view.tick)
    be_quiet()

    async def begin() -> None:
        ticking.start(TICK)
        await session.run(Doubts(session).look)

    try:
        drive(begin, session.interrupt)
    finally:
        view.stop()


def literal(*, fast: bool = False) -> Profile:
    """The tutorial as printed; `fast` with delays of a second and less."""
    if not fast:
        return profiles.load(given.reference("literal.toml"))
    profile = profiles.load(given.reference("fast.toml"))
    command = (*(profile.server.command or ()), "--literal")
    return evolve(profile, server=evolve(profile.server, command=command, baseline=_LITERAL))


def asked(command: str | None, profile: Path | None, *, fast: bool) -> Profile:
    """The profile of what each version runs: a command, a profile's, or the literal tutorial.  Raises `UsageError`."""
    if command is None and profile is None:
        return literal(fast=fast)
    (found,) = given.targets(Given(command=command, profiles=(profile,) if profile else (), fast=fast))
    if not found.server.command:
        message = f"a matrix starts a server on each Twisted: {profile} has no command, and there is no --command"
        raise UsageError(message)
    if found.server.log:
        message = f"{profile}: [server] log is one file for all versions; leave it out, and what they print is watched"
        raise UsageError(message)
    return found


def directed(profile: Profile, environment: Environment, home: Path) -> Profile:
    """The profile, with a command that runs in this environment; `home` is an empty directory of ours."""
    variables = environment.variables | profile.server.environment
    if profile.where == given.reference(""):
        # The reference alone: in the directory where it is may be other packages, our own Twisted among them.
        link = home / given.REFERENCE
        if not link.is_symlink():
            link.symlink_to(given.package(), target_is_directory=True)
        variables["PYTHONPATH"] = os.fspath(home)
    name = str(environment.release)
    server = evolve(profile.server, name=name, python=environment.python, environment=variables)
    return evolve(profile, server=server)


@define(eq=False)
class Doubts:
    """
    What differs between neighbours is asked again, and what another answer of the same server differs in is marked.

    What failed on time has been repeated already, facts and all, and is not asked again.  What was inconclusive beside
    all the others has its verdict from then.
    """

    session: Session
    _asked: dict[int, set[str]] = field(init=False, factory=dict)

    async def look(self, *, last: bool) -> None:
        """
        Look at the verdicts that stand by now; each is asked again once.

        What wants a page or the target for itself is asked at the `last` look: then nothing else is under way.
        """
        session = self.session
        by_id = {spec.id: spec for spec in session.wanted.specs}
        doubtful = [ids - self._asked.setdefault(number, set()) for number, ids in enumerate(self._doubtful())]
        if not last:
            doubtful = [{id_ for id_ in ids if not by_id[id_].alone} for ids in doubtful]
        for number, ids in enumerate(doubtful):
            self._asked[number] |= ids
        again = await session.ask_again([[by_id[id_] for id_ in sorted(ids)] for ids in doubtful])
        for report, results in zip(session.reports, again, strict=True):
            report.results = [_confirmed(result, results.get(result.id)) for result in report.results]

    def _doubtful(self) -> list[set[str]]:
        """The IDs to ask again, for each version."""
        reports = self.session.reports
        found = [{result.id for result in report.results if _is_open(result)} for report in reports]
        for number, (old, new) in enumerate(pairwise(reports)):
            differing = (one for one in compare(old, new) if one.old and one.new and not _was_repeated(one))
            ids = {difference.id for difference in differing}
            found[number] |= ids
            found[number + 1] |= ids
        return found


def _is_open(result: Result) -> bool:
    return result.verdict is Verdict.INCONCLUSIVE


def _was_repeated(difference: Difference) -> bool:
    return any(result.attempts > 1 for result in (difference.old, difference.new) if result is not None)


def _confirmed(result: Result, again: Result | None) -> Result:
    if again is None:
        return result
    return again if _is_open(result) else evolve(result, unsteady=unsteady(result, again))
