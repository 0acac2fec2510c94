"""
`web60 matrix`: the tutorial and somebody's own site on several Twisteds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from harness import given
from harness.catalogue import Spec
from harness.environments import Environment
from harness.errors import UsageError
from harness.interpreters import Interpreter
from harness.levels import MAY, MUST
from harness.matrix import Doubts, Files, asked, directed, literal
from harness.profiles import Profile
from harness.releases import Release
from harness.results import UNSTEADY_VERDICT, Known, Report, Result, read
from harness.sources import rfc
from harness.tables import Server
from harness.verdicts import Verdict

SITE = Path(__file__).parent / "targets" / "small_klein"
ENVIRONMENT = Environment(Release.numbered("22.10.0"), Interpreter(Path("/opt"), 11), Path("/env"), "22.10.0")


# What is asked.


def test_without_a_server_it_is_the_tutorial_as_printed() -> None:
    """At its own pace, or fast; with the baseline of its divergences."""
    slow, fast = asked(None, None, fast=False), asked(None, None, fast=True)

    assert (slow.pages["asynchronous"].delay, fast.pages["asynchronous"].delay) == (5.0, 0.5)
    for profile in (slow, fast):
        assert profile.server.command is not None
        assert "--literal" in profile.server.command
        assert profile.file(profile.server.baseline).samefile(given.package() / "baselines" / "twisted-literal.toml")


@pytest.mark.parametrize("profile", [None, SITE / "web60.toml"])
def test_a_command_is_somebodys_own_server(profile: Path | None) -> None:
    """With the pages of its profile if it has one."""
    found = asked("{python} app.py {port}", profile, fast=False)

    assert found.server.command == ("{python}", "app.py", "{port}")
    assert set(found.pages) == ({"asynchronous"} if profile else set())


@pytest.mark.parametrize(
    ("command", "fast", "said"),
    [("serve", True, "--fast shortens the delays of the reference"), (None, False, "names no target")],
)
def test_what_no_matrix_can_ask_is_refused(command: str | None, fast: bool, said: str) -> None:  # noqa: FBT001
    """In words."""
    with pytest.raises(UsageError, match=said):
        asked(command, SITE / "web60.toml", fast=fast)


def test_a_server_that_runs_already_is_no_matrix(tmp_path: Path) -> None:
    """It has one Twisted."""
    (tmp_path / "p.toml").write_text('[server]\nurl = "http://127.0.0.1:1/"\n')

    with pytest.raises(UsageError, match="has no command"):
        asked(None, tmp_path / "p.toml", fast=False)


def test_a_log_that_all_versions_would_write_is_refused(tmp_path: Path) -> None:
    """A line of one would be taken for another's."""
    (tmp_path / "p.toml").write_text('[server]\ncommand = ["serve"]\nlog = "server.log"\n')

    with pytest.raises(UsageError, match="is one file for all versions"):
        asked(None, tmp_path / "p.toml", fast=False)


def test_a_command_runs_in_the_environment(tmp_path: Path) -> None:
    """Which it finds first; what its profile says of variables counts."""
    server = Server(command=("serve",), environment={"COLOUR": "blue"})
    found = directed(Profile(server, where=SITE), ENVIRONMENT, tmp_path).server

    assert (found.name, found.python) == ("Twisted 22.10.0", "/env/bin/python")
    assert found.environment["COLOUR"] == "blue"
    assert found.environment["PATH"].startswith("/env/bin" + os.pathsep)
    assert "PYTHONPATH" not in found.environment
    assert list(tmp_path.iterdir()) == []


def test_the_tutorial_brings_nothing_of_ours_into_the_environment(tmp_path: Path) -> None:
    """Our own Twisted stands beside the reference when both are installed."""
    for _ in range(2):
        found = directed(literal(), ENVIRONMENT, tmp_path)

    assert found.server.environment["PYTHONPATH"] == str(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["reference_impl"]
    assert (tmp_path / "reference_impl" / "__main__.py").exists()


@pytest.mark.parametrize("which", ["json", "html", "summary"])
def test_what_cannot_be_written_is_said_before_anything_is_installed(tmp_path: Path, which: str) -> None:
    """An hour's work would be lost."""
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="cannot write"):
        Files(**{which: tmp_path / "file" / "below"}).claim()


# What differs is asked again, once.


async def check() -> None:
    """It is so."""


SPECS = [Spec(f"cgi/{name}", MUST, rfc(9110, "1"), check) for name in ("steady", "chance", "late", "same")]
SPECS.append(Spec("cgi/alone", MAY, rfc(9110, "1"), check, alone="target"))


class Asked:
    """A session whose targets answer what the test says."""

    def __init__(self, reports: Sequence[Report], again: dict[str, Result]) -> None:
        self.reports = reports
        self.wanted = type("Wanted", (), {"specs": SPECS})
        self.again = again
        self.asked: list[list[str]] = []

    async def ask_again(self, specs: Sequence[Sequence[Spec]]) -> list[dict[str, Result]]:
        """See `harness.session.Session`."""
        self.asked = [[spec.id for spec in chosen] for chosen in specs]
        return [{spec.id: self.again[spec.id] for spec in chosen} for chosen in specs]


def result(name: str, verdict: Verdict = Verdict.PASS, attempts: int = 1, **facts: Any) -> Result:
    """A result with this verdict and these facts."""
    return Result(f"cgi/{name}", MAY if verdict is Verdict.FACT else MUST, verdict, attempts=attempts, facts=facts)


def report(*results: Result) -> Report:
    """A run with these."""
    return Report("1", "2026", "real", Known("t", "http://h/", ""), results=list(results))


@pytest_twisted.ensureDeferred
async def test_what_differs_is_asked_again_and_marked_if_it_does_by_itself() -> None:
    """What was late has been repeated before it counted; what is alike is not asked."""
    old = report(result("steady", n=1), result("chance", n=1), result("late"), result("same", n=1))
    new = report(
        result("steady", n=2),
        result("chance", n=2),
        result("late", Verdict.FAIL, attempts=4, n=2),
        result("same", n=1),
    )
    again = {"cgi/steady": result("steady", n=2), "cgi/chance": result("chance", Verdict.FAIL, n=3)}
    session: Any = Asked([report(*old.results), new], again)

    doubts = Doubts(session)
    await doubts.look(last=False)
    asked_first = session.asked
    await doubts.look(last=True)

    assert session.asked == [[], []]
    assert asked_first == [["cgi/chance", "cgi/steady"]] * 2
    marks = [{one.id: one.unsteady for one in each.results if one.unsteady} for each in session.reports]
    # The old one's answer differs from the new one's by right, so here it differs from itself as well.
    assert marks[1] == {"cgi/chance": [UNSTEADY_VERDICT, "n"]}


@pytest_twisted.ensureDeferred
async def test_what_was_inconclusive_in_the_crowd_is_what_it_is_without() -> None:
    """Of the one version as of the other; it is no difference then."""
    old, new = report(result("late", Verdict.INCONCLUSIVE)), report(result("late"))
    session: Any = Asked([old, new], {"cgi/late": result("late", attempts=2)})

    doubts = Doubts(session)
    await doubts.look(last=False)
    asked_first = session.asked
    await doubts.look(last=True)

    assert session.asked == [[], []]
    assert asked_first == [["cgi/late"]] * 2
    assert [one.results for one in session.reports] == [[result("late", attempts=2)], [result("late")]]


@pytest_twisted.ensureDeferred
async def test_what_wants_to_be_alone_is_asked_again_when_nothing_else_is_under_way() -> None:
    """Beside what is repeated it would see that."""
    one, other = (result("alone", Verdict.FACT, n=n) for n in (1, 2))
    session: Any = Asked([report(one), report(other)], {"cgi/alone": one})
    doubts = Doubts(session)

    await doubts.look(last=False)
    first = session.asked
    await doubts.look(last=True)

    assert first == [[], []]
    assert session.asked == [["cgi/alone"]] * 2


# The whole way, with environments as they are.


def web60(*words: str, timeout: float = 240.0) -> tuple[int, str]:
    """What a matrix exits with and says."""
    command = [sys.executable, "-m", "harness", "matrix", *words]
    process = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    return process.returncode, process.stdout + process.stderr


def test_somebodys_own_site_is_asked_on_two_twisteds(tmp_path: Path) -> None:
    """Up to 22.10 the second of two pipelined answers overtook the first, if that was delayed (CVE-2023-46137)."""
    code, printed = web60(
        *("--twisted", "22.10.0", "--twisted", "24.7.0", "--cache", str(tmp_path / "cache")),
        *("--command", f"{{python}} {SITE / 'app.py'} {{port}}", "--requirements", str(SITE / "requirements.txt")),
        *("--profile", str(SITE / "web60.toml"), "--json", str(tmp_path / "json"), "--html", str(tmp_path / "r.html")),
        *("--summary", str(tmp_path / "s.md"), "asynchronous/*"),
    )

    results = {path.name: read(path) for path in (tmp_path / "json").iterdir()}
    verdicts = {
        name: next(one.verdict for one in each.results if one.id == "asynchronous/pipelined-answers-keep-their-order")
        for name, each in results.items()
    }
    assert code == 0, printed
    assert verdicts == {"twisted-22.10.0.json": Verdict.FAIL, "twisted-24.7.0.json": Verdict.PASS}
    assert [results[name].target.software for name in sorted(results)] == ["TwistedWeb/22.10.0", "TwistedWeb/24.7.0"]
    assert "MENDED (1)\n  asynchronous/pipelined-answers-keep-their-order  (MUST): fail → pass" in printed
    assert "pipelined-answers-keep-their-order" in (tmp_path / "r.html").read_text()
    assert "- **mended** `asynchronous/pipelined-answers-keep-their-order` (MUST)" in (tmp_path / "s.md").read_text()


def test_a_version_that_cannot_be_had_fails_the_matrix_and_the_others_are_asked(tmp_path: Path) -> None:
    """No Python here runs it, nobody has released it, or the server does not start on it: a line each."""
    code, printed = web60(
        *("--python", sys.executable, "--cache", str(tmp_path)),
        *("--twisted", "20.3.0", "--twisted", "24.6.66", "--twisted", "24.7.0"),
        *("--command", f"{{python}} {SITE / 'app.py'} {{port}}", "--profile", str(SITE / "web60.toml")),
        "asynchronous/whole-when-the-delay-is-over",
    )

    assert code == 1
    assert f"NOT ASKED  Twisted 20.3.0 runs on Python 3.7 to 3.10, not on --python {sys.executable}" in printed
    assert f"NOT ASKED  Twisted 24.6.66 cannot be installed on Python 3.{sys.version_info.minor}" in printed
    # Without its requirements.
    assert "NOT ASKED  Twisted 24.7.0 did not start: the command ended at once with exit code 1" in printed
    assert "No module named 'klein'" in printed


def test_two_runs_of_the_tutorial_on_one_version_differ_in_nothing(tmp_path: Path) -> None:
    """In what it keeps of its environments either."""
    words = ["--twisted", "24.7.0", "--fast", "--cache", str(tmp_path), "session-basics", "http-auth/basic*"]
    runs = [web60(*words, "--json", str(tmp_path / name)) for name in ("one", "other")]
    compare = [sys.executable, "-m", "harness", "compare"]
    files = [str(tmp_path / name / "twisted-24.7.0.json") for name in ("one", "other")]
    compared = subprocess.run([*compare, *files], capture_output=True, text=True, check=False)

    assert [code for code, _ in runs] == [0, 0], runs
    assert "Twisted 24.7.0: installing" in runs[0][1]
    assert "Twisted 24.7.0: ready" in runs[1][1]
    assert compared.stdout.splitlines()[-1] == "no difference"
