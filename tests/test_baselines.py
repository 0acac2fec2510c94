"""
Baselines: what is foreseen, what is over, and what is no baseline.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from harness import profiles
from harness.baselines import Baseline, Entry, load, of
from harness.errors import UsageError
from harness.levels import MUST
from harness.results import Result
from harness.verdicts import Verdict

KNOWN = {"cgi/one", "cgi/two"}


def written(directory: Path, text: str) -> Path:
    """A baseline with this text."""
    path = directory / "known.toml"
    path.write_text(dedent(text), "utf-8")
    return path


def test_a_foreseen_verdict_is_marked_with_its_reason() -> None:
    """The result stays what it is."""
    baseline = Baseline({"cgi/one": Entry("cgi/one", Verdict.FAIL, "issue 7")})
    result = Result("cgi/one", MUST, Verdict.FAIL)

    marked = baseline.apply(result)

    assert (marked.verdict, marked.expected) == (Verdict.FAIL, "issue 7")


@pytest.mark.parametrize(
    ("id_", "verdict"), [("cgi/one", Verdict.WARN), ("cgi/one", Verdict.ERROR), ("cgi/two", Verdict.FAIL)]
)
def test_nothing_else_is_foreseen(id_: str, verdict: Verdict) -> None:
    """Neither another verdict nor another spec."""
    baseline = Baseline({"cgi/one": Entry("cgi/one", Verdict.FAIL, "issue 7")})
    result = Result(id_, MUST, verdict)

    assert baseline.apply(result) is result


@pytest.mark.parametrize(
    ("verdict", "stale"),
    [
        (Verdict.PASS, True),
        (Verdict.WARN, True),
        (Verdict.FACT, True),
        (Verdict.FAIL, False),
        (Verdict.NOT_OFFERED, False),
        (Verdict.NOT_OBSERVABLE, False),
        (Verdict.INCONCLUSIVE, False),
        (Verdict.ERROR, False),
    ],
)
def test_an_entry_is_stale_when_its_spec_was_judged_otherwise(verdict: Verdict, *, stale: bool) -> None:
    """A run that could not tell says nothing about the entry."""
    baseline = Baseline({"cgi/one": Entry("cgi/one", Verdict.FAIL, "issue 7")})
    results = [baseline.apply(Result("cgi/one", MUST, verdict)), Result("cgi/two", MUST, Verdict.PASS)]

    assert baseline.stale(results) == (["cgi/one"] if stale else [])


def test_an_entry_whose_spec_did_not_run_is_not_stale() -> None:
    """A selection of specs does not make the rest of the baseline wrong."""
    assert Baseline({"cgi/one": Entry("cgi/one", Verdict.FAIL, "r")}).stale([]) == []


def test_a_file_has_an_entry_in_each_table(tmp_path: Path) -> None:
    """`[[known]]`, with `id`, `verdict` and `reason`."""
    path = written(
        tmp_path,
        """
        [[known]]
        id = "cgi/one"
        verdict = "fail"
        reason = "issue 7"

        [[known]]
        id = "cgi/two"
        verdict = "not-observable"
        reason = "no log"
        """,
    )

    assert load(path, KNOWN).entries == {
        "cgi/one": Entry("cgi/one", Verdict.FAIL, "issue 7"),
        "cgi/two": Entry("cgi/two", Verdict.NOT_OBSERVABLE, "no log"),
    }


@pytest.mark.parametrize(
    ("named", "given", "id_"), [(True, False, "cgi/one"), (True, True, "cgi/two"), (False, True, "cgi/two")]
)
def test_the_baseline_that_is_given_comes_before_the_one_that_the_profile_names(
    tmp_path: Path, *, named: bool, given: bool, id_: str
) -> None:
    """The profile's own stands beside it."""
    entry = '[[known]]\nid="{}"\nverdict="fail"\nreason="r"\n'
    written(tmp_path, entry.format("cgi/one"))
    other = tmp_path / "other.toml"
    other.write_text(entry.format("cgi/two"), "utf-8")
    profile = profiles.parse({"server": {"baseline": "known.toml"} if named else {}}, tmp_path)

    assert list(of(profile, other if given else None, KNOWN).entries) == [id_]


def test_without_any_baseline_nothing_is_foreseen(tmp_path: Path) -> None:
    """Most targets have none."""
    assert of(profiles.parse({}, tmp_path), None, KNOWN) == Baseline()


def test_an_empty_baseline_foresees_nothing(tmp_path: Path) -> None:
    """A target without divergences may have one."""
    assert load(written(tmp_path, ""), KNOWN) == Baseline()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[known]]\nid="cgi/thre"\nverdict="fail"\nreason="r"', "entry 1: no spec is called 'cgi/thre'"),
        ('[[known]]\nid="cgi/one"\nverdict="pass"\nreason="r"', "entry 1: verdict 'pass' is none of fail, "),
        ('[[known]]\nid="cgi/one"\nverdict="error"\nreason="r"', "verdict 'error' is none of"),
        ('[[known]]\nid="cgi/one"\nverdict="fail"\nreason=" "', "entry 1: cgi/one has no reason"),
        ('[[known]]\nid="cgi/one"\nverdict="fail"', "entry 1: needs id, reason, verdict, each text"),
        ('[[known]]\nid="cgi/one"\nverdict="fail"\nreason=1', "each text"),
        ('[[known]]\nid="cgi/one"\nverdict="fail"\nreason="r"\nsince="1"', "each text"),
        ("known = [1]", "entry 1: needs id"),
        ('[[knwon]]\nid="cgi/one"', "unknown table 'knwon'"),
        ('[known]\nid="cgi/one"\nverdict="fail"\nreason="r"', r"entries are \[\[known\]\]"),
        ("known = 5", r"entries are \[\[known\]\]"),
    ],
)
def test_a_mistake_in_a_baseline_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """An entry that foresees nothing would be a lie that nobody notices."""
    with pytest.raises(UsageError, match=said):
        load(written(tmp_path, text), KNOWN)


def test_an_entry_given_twice_is_refused(tmp_path: Path) -> None:
    """The second would hide the first."""
    entry = '[[known]]\nid="cgi/one"\nverdict="fail"\nreason="r"\n'

    with pytest.raises(UsageError, match="entry 2: cgi/one stands twice"):
        load(written(tmp_path, entry * 2), KNOWN)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends one does not find the next only then."""
    entry = '[[known]]\nid="cgi/x"\nverdict="x"\nreason=""\n'

    with pytest.raises(UsageError) as caught:
        load(written(tmp_path, entry + "[other]\n"), KNOWN)

    assert len(str(caught.value).splitlines()) == 5


def test_a_baseline_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """With its name and the system's reason."""
    with pytest.raises(UsageError, match=r"cannot read the baseline .*: No such file"):
        load(tmp_path / "none.toml", KNOWN)


@pytest.mark.parametrize("data", [b"[[known", b"\xff"])
def test_a_baseline_that_is_no_toml_is_said_so(tmp_path: Path, data: bytes) -> None:
    """Whatever it is instead."""
    path = tmp_path / "known.toml"
    path.write_bytes(data)

    with pytest.raises(UsageError, match="is not TOML"):
        load(path, KNOWN)
