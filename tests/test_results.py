"""
Result files: written as they grow, read whole or half, and never taken for what they are not.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import results
from harness.errors import UsageError
from harness.levels import MUST, Level
from harness.results import FORMAT, Known, Report, Result, Writer, packed, read, unpacked
from harness.transcripts import Entry
from harness.verdicts import Exit, Verdict

#: Any text, lone surrogates too: a target may get them into a reason by way of JSON.
TEXT = st.text(st.characters(exclude_categories=[]), max_size=10)
SECONDS = st.integers(0, 10**7).map(lambda millis: millis / 1000)
FACTS = st.dictionaries(TEXT, st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=2), max_size=2)
RESULTS = st.builds(
    Result,
    id=TEXT,
    level=st.sampled_from(Level),
    verdict=st.sampled_from(Verdict),
    seconds=SECONDS,
    reason=TEXT,
    expected=TEXT,
    attempts=st.integers(1, 4),
    failed=st.integers(0, 4),
    lag=SECONDS,
    control=st.sampled_from(["", "held", "failed"]),
    facts=FACTS,
    transcript=st.lists(st.builds(Entry, SECONDS, TEXT, TEXT, TEXT), max_size=2),
)
REPORTS = st.builds(
    Report,
    web60=TEXT,
    started=TEXT,
    clock=st.just("real"),
    target=st.builds(Known, TEXT, TEXT, TEXT),
    seconds=SECONDS,
    interrupted=st.booleans(),
    stale=st.lists(TEXT, max_size=2),
    results=st.lists(RESULTS, max_size=3),
    notes=st.lists(TEXT, max_size=2),
)


def report(*verdicts: Verdict, expected: str = "", **more: object) -> Report:
    """A report with results of these verdicts."""
    results = [Result(f"cgi/{number}", MUST, verdict, expected=expected) for number, verdict in enumerate(verdicts)]
    return Report("1", "2026", "real", Known("t", "http://h/", ""), results=results, **more)  # type: ignore[arg-type]


def part(path: Path) -> Path:
    """Where the results are while the run goes on."""
    return path.with_name(path.name + ".part")


@settings(deadline=None)
@given(whole=REPORTS)
def test_what_is_written_is_read_again(whole: Report) -> None:
    """A finished file holds everything."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "r.json"
        Writer(path, whole).finish()

        assert read(path) == whole
        assert [one.name for one in path.parent.iterdir()] == ["r.json"]


@given(whole=REPORTS)
def test_what_is_packed_for_another_process_is_whole_there(whole: Report) -> None:
    """In ASCII, for not every way between processes takes lone surrogates."""
    assert packed(whole).isascii()
    assert unpacked(packed(whole), Report) == evolve(whole, seconds=round(whole.seconds, 3))
    assert [unpacked(packed(result), Result) for result in whole.results] == whole.results


@settings(deadline=None)
@given(whole=REPORTS, cut=st.integers(0, 30))
def test_a_run_that_was_killed_leaves_what_it_had(whole: Report, cut: int) -> None:
    """Every result whose line is whole is read; the one that was being written is not."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "r.json"
        writer = Writer(path, evolve(whole, results=[]))
        for result in whole.results:
            writer.add(result)
        data = part(path).read_bytes()
        writer.finish()
        killed = Path(directory) / "killed.json"
        part(killed).write_bytes(data + b'{"id": "cgi/half", "level": "MUST"}'[:cut])

        assert read(killed).results == whole.results
        assert read(killed).interrupted


def test_the_file_is_that_of_the_contract(tmp_path: Path) -> None:
    """People script against its keys."""
    path = tmp_path / "r.json"
    whole = report(seconds=12.3456)
    whole.results.append(Result("cgi/a", MUST, Verdict.PASS, transcript=[Entry(0.0, "us", "bytes", "GET")]))

    Writer(path, whole).finish()
    document = json.loads(path.read_text("utf-8"))

    assert document["format"] == FORMAT == 1
    assert document["seconds"] == 12.346
    assert {"web60", "started", "clock", "target", "results"} <= set(document)
    assert set(document["target"]) == {"name", "url", "software"}
    (result,) = document["results"]
    assert {
        "id", "level", "verdict", "seconds", "reason", "expected", "attempts", "failed", "facts", "transcript",
    } <= set(result)  # fmt: skip
    assert (result["level"], result["verdict"]) == ("MUST", "pass")
    assert (result["seconds"], result["lag"], result["attempts"], result["failed"]) == (0.0, 0.0, 1, 0)
    assert result["transcript"] == [{"t": 0.0, "who": "us", "what": "bytes", "data": "GET"}]


def test_results_are_on_disk_as_soon_as_they_are_known(tmp_path: Path) -> None:
    """Whoever pulls the plug keeps them; the file's own name appears only with the whole report."""
    path = tmp_path / "r.json"
    writer = Writer(path, report())

    writer.add(Result("cgi/a", MUST, Verdict.PASS))
    on_disk = part(path).read_text("utf-8").splitlines()
    there = path.exists()
    writer.finish()

    assert len(on_disk) == 2
    assert not there
    assert path.exists()
    assert not part(path).exists()


def test_an_older_run_is_not_taken_for_one_that_was_killed(tmp_path: Path) -> None:
    """While a run goes on, and after it was killed, its own results are what is read under the file's name."""
    path = tmp_path / "r.json"
    Writer(path, report(Verdict.FAIL)).finish()

    writer = Writer(path, report())
    writer.add(Result("cgi/a", MUST, Verdict.PASS))

    there = path.exists()
    found = [result.id for result in read(path).results]
    writer.finish()

    assert not there
    assert found == ["cgi/a"]


@pytest.mark.parametrize("name", ["/dev/null", "pipe", "link"])
def test_no_device_is_replaced(tmp_path: Path, name: str) -> None:
    """The results are put in place of a file, which nothing else becomes by that."""
    path = tmp_path / name
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")

    with pytest.raises(UsageError, match="no ordinary file"):
        Writer(path, report())

    assert path.exists()
    assert not path.is_file()


def test_keys_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    """Adding a key is no breaking change."""
    path = tmp_path / "r.json"
    Writer(path, report(Verdict.PASS)).finish()
    document = json.loads(path.read_text("utf-8"))
    document["new"] = document["results"][0]["new"] = 1
    path.write_text(json.dumps(document))

    assert read(path) == report(Verdict.PASS)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    """Whatever it holds, it may mean something else by it."""
    path = tmp_path / "r.json"
    Writer(path, report(Verdict.PASS)).finish()
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": FORMAT + 1}))

    with pytest.raises(UsageError, match="its format is 2"):
        read(path)


def test_a_report_begins_now_with_nothing_in_it() -> None:
    """It says which web60 began it."""
    before = datetime.now(UTC).replace(microsecond=0)
    known = Known("t", "http://h/", "")

    begun = Report.begun(known, "virtual")

    assert (begun.web60, begun.clock, begun.target, begun.results) == (version("web60"), "virtual", known, [])
    assert before <= datetime.strptime(begun.started, "%Y-%m-%dT%H:%M:%S%z") <= datetime.now(UTC)


def test_who_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs all the same."""

    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(results, "version", missing)

    assert results.our_version() == "unknown"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"5",
        b"null",
        b"{}",
        b'{"format": 2}',
        b'{"format": 1}',
        b'{"format": 1, "results": 5}',
        b'{"format": 1}\n[]\n',
        b"not JSON",
        b"\xff\xfe",
        b'{"format": 1, "web60": "", "started": "", "clock": "", "target": {}, "results": []}',
    ],
)
def test_what_is_no_result_file_is_refused(tmp_path: Path, data: bytes) -> None:
    """With its name, whatever it is instead."""
    path = tmp_path / "r.json"
    path.write_bytes(data)

    with pytest.raises(UsageError, match=r"r\.json is not a result file of format 1"):
        read(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """With the system's reason."""
    with pytest.raises(UsageError, match=r"cannot read the results .*: No such file"):
        read(tmp_path / "none.json")


def test_a_place_that_cannot_be_written_is_said_so_before_anything_runs(tmp_path: Path) -> None:
    """Not at the end of a long run."""
    with pytest.raises(UsageError, match=r"cannot write the results to .*: No such file"):
        Writer(tmp_path / "none" / "r.json", report())


@pytest.mark.parametrize(
    ("verdicts", "plain", "strict"),
    [
        ([Verdict.PASS], Exit.OK, Exit.OK),
        ([Verdict.FACT], Exit.OK, Exit.OK),
        ([Verdict.PASS, Verdict.FAIL], Exit.FAILED, Exit.FAILED),
        ([Verdict.PASS, Verdict.ERROR], Exit.FAILED, Exit.FAILED),
        ([Verdict.PASS, Verdict.WARN], Exit.OK, Exit.FAILED),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], Exit.OK, Exit.FAILED),
        ([Verdict.PASS, Verdict.NOT_OFFERED, Verdict.NOT_OBSERVABLE], Exit.OK, Exit.OK),
        ([], Exit.NOTHING, Exit.NOTHING),
        ([Verdict.NOT_OFFERED, Verdict.NOT_OBSERVABLE], Exit.NOTHING, Exit.NOTHING),
        ([Verdict.INCONCLUSIVE], Exit.NOTHING, Exit.FAILED),
        ([Verdict.ERROR], Exit.FAILED, Exit.FAILED),
    ],
)
def test_the_exit_code_follows_from_the_verdicts(verdicts: list[Verdict], plain: Exit, strict: Exit) -> None:
    """Green is never vacuous, and `--strict` takes doubt for failure."""
    assert report(*verdicts).exit() is plain
    assert report(*verdicts).exit(strict=True) is strict


@pytest.mark.parametrize("strict", [False, True])
def test_a_foreseen_failure_does_not_fail_a_run(*, strict: bool) -> None:
    """It has been judged, and is no news."""
    assert report(Verdict.FAIL, expected="issue 7").exit(strict=strict) is Exit.OK


def test_a_stale_entry_fails_a_run() -> None:
    """The baseline must not rot."""
    assert report(Verdict.PASS, stale=["cgi/0"]).exit() is Exit.FAILED


def test_an_interrupted_run_is_no_run() -> None:
    """Whatever it found until then."""
    assert report(Verdict.PASS, interrupted=True).exit() is Exit.INTERRUPTED
    assert report(Verdict.FAIL, interrupted=True).exit() is Exit.INTERRUPTED


def test_a_result_shows_as_its_id_and_verdict() -> None:
    """A failing assert prints what matters."""
    assert repr(Result("cgi/a", MUST, Verdict.PASS)) == "<cgi/a: pass>"
