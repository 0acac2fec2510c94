"""
`docs/twisted-changes.md` names specs that exist, and is held against the results of a matrix.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.catalogue import everything
from harness.comparing import Kind
from harness.levels import MUST
from harness.results import Known, Report, Result, Writer
from harness.verdicts import Exit, Verdict
from tests.twisted_changes import DOCUMENT, Step, checked, file_of, main, mistakes, steps

TEXT = DOCUMENT.read_text("utf-8")

SMALL = """# A document

| `cgi/one` | before the first step | changed: `cgi/nothing` |

## 20.3.0 → 21.2.0

| release | note | seen by |
|---|---|---|
| 21.2.0 | what it says (#1) | mended: `cgi/one`, `cgi/two`<br>changed: `wsgi/three` |

| release | note | why not |
|---|---|---|
| 21.2.0 | what else (#2), see `cgi/five` | a client's side: `cgi/six` |

## 21.2.0 → 22.4.0

Nothing differs.
"""


def report(**verdicts: Verdict) -> Report:
    """A run in which specs of `cgi` came to these verdicts."""
    results = [Result(f"cgi/{name}", MUST, verdict) for name, verdict in verdicts.items()]
    return Report("1", "2026", "real", Known("t", "http://h/", ""), results=results)


def written(directory: Path, name: str, run: Report) -> None:
    """A result file of a run."""
    writer = Writer(directory / name, run)
    writer.finish()


def test_a_step_s_tables_say_what_becomes_of_which_spec() -> None:
    """In the column of what is seen by them; not where the table says why not, nor before the first step."""
    assert steps(SMALL) == [
        Step("20.3.0", "21.2.0", {"cgi/one": Kind.MENDED, "cgi/two": Kind.MENDED, "wsgi/three": Kind.CHANGED}),
        Step("21.2.0", "22.4.0", {}),
    ]


def test_what_is_no_claim_is_told() -> None:
    """A word with a mistake in it would claim nothing otherwise."""
    with pytest.raises(
        ValueError, match=r"^20\.3\.0 → 21\.2\.0: not a kind of difference and IDs: 'chnaged: `wsgi/three`'$"
    ):
        steps(SMALL.replace("changed: `wsgi/three`", "chnaged: `wsgi/three`"))


def test_a_spec_cannot_become_two_things_in_one_step() -> None:
    """Two rows may name it, but they say the same."""
    with pytest.raises(ValueError, match=r"^20\.3\.0 → 21\.2\.0: cgi/one is said to be mended, and broken$"):
        steps(SMALL.replace("changed: `wsgi/three`", "broken: `cgi/one`"))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (Verdict.FAIL, Verdict.PASS, []),
        (Verdict.FAIL, Verdict.FAIL, ["a → b: cgi/one is not mended, as the document says: there is no difference"]),
        (Verdict.PASS, Verdict.FAIL, ["a → b: cgi/one is broken, and the document says mended"]),
        (Verdict.FAIL, Verdict.INCONCLUSIVE, []),
    ],
)
def test_what_is_claimed_must_be_there(before: Verdict, after: Verdict, told: list[str]) -> None:
    """What a run could not settle says nothing against it."""
    step = Step("a", "b", {"cgi/one": Kind.MENDED})

    assert list(mistakes(step, report(one=before), report(one=after))) == told


def test_what_is_there_must_be_claimed() -> None:
    """A difference that the document does not name is told."""
    told = list(mistakes(Step("a", "b", {}), report(one=Verdict.PASS), report(one=Verdict.FAIL)))

    assert told == ["a → b: cgi/one is broken, and the document says nothing of it"]


def test_what_only_one_run_was_asked_is_no_difference() -> None:
    """A claim is not wrong because nobody asked, nor is a spec new because it was not selected before."""
    step = Step("a", "b", {"cgi/one": Kind.MENDED})

    assert list(mistakes(step, report(), report(one=Verdict.PASS, two=Verdict.PASS))) == []


def test_steps_without_their_files_are_told(tmp_path: Path) -> None:
    """And are nothing if there is no step with both."""
    written(tmp_path, "twisted-20.3.0.json", report())

    lines, end = checked(SMALL, tmp_path)

    assert lines == [
        "20.3.0 → 21.2.0: not looked at, for there is no result file of 21.2.0",
        "21.2.0 → 22.4.0: not looked at, for there is no result file of 21.2.0",
    ]
    assert end is Exit.NOTHING


@pytest.mark.parametrize(("after", "end"), [(Verdict.PASS, Exit.OK), (Verdict.FAIL, Exit.FAILED)])
def test_two_result_files_are_compared(tmp_path: Path, after: Verdict, end: Exit) -> None:
    """Whichever of their two names they have."""
    written(tmp_path, "20.3.0.json", report(one=Verdict.FAIL, two=Verdict.FAIL))
    written(tmp_path, "twisted-21.2.0.json", report(one=after, two=Verdict.PASS))

    lines, found = checked(SMALL, tmp_path)

    assert found is end
    assert len(lines) == 2
    assert ("20.3.0 → 21.2.0: as the document says, 3 differences" in lines) is (end is Exit.OK)


def test_the_name_that_a_matrix_gives_comes_first(tmp_path: Path) -> None:
    """Before the version alone; without either there is none."""
    assert file_of(tmp_path, "20.3.0") is None
    written(tmp_path, "20.3.0.json", report())
    assert file_of(tmp_path, "20.3.0") == tmp_path / "20.3.0.json"
    written(tmp_path, "twisted-20.3.0.json", report())
    assert file_of(tmp_path, "20.3.0") == tmp_path / "twisted-20.3.0.json"


def test_the_command_tells_and_gives_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also of a file that is none of ours, and of wrong words."""
    assert main([str(tmp_path)]) == Exit.NOTHING.value
    assert "20.3.0 → 21.2.0: not looked at" in capsys.readouterr().out

    for version in ("20.3.0", "21.2.0"):
        (tmp_path / f"{version}.json").write_text("[]")
    assert main([str(tmp_path)]) == Exit.USAGE.value
    assert "is not a result file" in capsys.readouterr().out

    assert main([]) == Exit.USAGE.value
    assert capsys.readouterr().out == "usage: python -m tests.twisted_changes DIR\n"


def test_the_document_s_steps_follow_one_another() -> None:
    """Each begins where the one before it ends, and the document claims something of most."""
    found = steps(TEXT)

    assert [step.old for step in found[1:]] == [step.new for step in found[:-1]]
    assert (found[0].old, found[-1].new) == ("20.3.0", "26.10.0")
    assert [str(step) for step in found if not step.claims] == ["25.5.0 → 26.4.0"]


def test_each_spec_that_the_document_names_exists() -> None:
    """Wherever it stands."""
    known = {spec.id for spec in everything()}
    pages = "|".join(sorted({spec.page for spec in everything()}))
    named = set(re.findall(rf"`((?:{pages})/[a-z0-9-]+)`", TEXT))

    assert named
    assert sorted(named - known) == []
    assert all(id_ in named for step in steps(TEXT) for id_ in step.claims)


def test_each_release_between_the_first_and_the_last_is_worked_through() -> None:
    """Each has a row, if only to say that nothing in it concerns these pages."""
    releases = (
        *("21.2.0", "21.7.0", "22.1.0", "22.2.0", "22.4.0", "22.8.0", "22.10.0", "23.8.0", "23.10.0", "24.3.0"),
        *("24.7.0", "24.10.0", "24.11.0", "25.5.0", "26.4.0", "26.10.0"),
    )

    assert [release for release in releases if not re.search(rf"^\| {re.escape(release)} \|", TEXT, re.MULTILINE)] == []


def test_its_links_lead_somewhere() -> None:
    """To files beside it."""
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)

    assert [link for link in links if not (DOCUMENT.parent / link).exists()] == []
