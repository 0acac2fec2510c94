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

#: An entry, to which a reason is added.
ENTRY = '[[known]]\nid="cgi/one"\nverdict="fail"\n'


def about(*versions: str) -> str:
    """The text of a baseline with an entry for each specifier, its reason; no condition for an empty one."""
    condition = 'twisted="{0}"\n'
    return "".join(f'{ENTRY}reason="r{one}"\n{condition.format(one) if one else ""}' for one in versions)


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
        ('[[known]]\nid="cgi/thre"\nverdict="fail"\nreason="r"', "did you mean 'cgi/one'|did you mean 'cgi/two'"),
        (ENTRY + 'reason=" "', "entry 1: its reason is empty"),
        (ENTRY, "entry 1: has no reason"),
        (ENTRY + "reason=1", "entry 1: reason must be text, not 1"),
        (ENTRY + 'reason="r"\nevidense="e"', "entry 1: no such key 'evidense'; did you mean 'evidence'"),
        (ENTRY + 'reason="r"\nurl="7"', r"entry 1: no such key 'url'$"),
        (ENTRY + 'reason="r"\nevidence=""', "entry 1: its evidence is empty"),
        (ENTRY + 'reason="r"\ntwisted=22.4', "entry 1: twisted must be text, not 22.4"),
        (
            ENTRY + 'reason="r"\ntwisted="22.4"',
            "entry 1: twisted '22.4' is no version specifier; one is '>=22.4,<24.7'",
        ),
        (ENTRY + 'reason="r"\ntwisted=">=24.7,<22.4"', "entry 1: twisted '>=24.7,<22.4' holds for no version"),
        ("known = [1]", "entry 1: is no table; an entry has the keys id, verdict, reason, evidence, twisted"),
        ('[[knwon]]\nid="cgi/one"', "unknown table 'knwon'"),
        ('[known]\nid="cgi/one"\nverdict="fail"\nreason="r"', r"entries are \[\[known\]\]"),
        ("known = 5", r"entries are \[\[known\]\]"),
    ],
)
def test_a_mistake_in_a_baseline_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """An entry that foresees nothing would be a lie that nobody notices."""
    with pytest.raises(UsageError, match=said):
        load(written(tmp_path, text), KNOWN)


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        (("", ""), "entry 2: cgi/one stands in entry 1 as well; several need `twisted`, each for other versions"),
        ((">=22.4", ""), "entry 2: cgi/one stands in entry 1 as well; several need"),
        (("", "<22.4"), "entry 2: cgi/one stands in entry 1 as well; several need"),
        (
            ("<22.4", ">=21.7"),
            "entry 2: cgi/one stands in entry 1 as well, and there are versions that are both: '<22.4,>=",
        ),
        (
            ("==20.3.0", ">=24", "<21"),
            "entry 3: cgi/one stands in entry 1 as well, and there are versions that are both",
        ),
    ],
)
def test_two_entries_for_one_version_are_refused(tmp_path: Path, versions: tuple[str, ...], said: str) -> None:
    """One of them would hide the other."""
    with pytest.raises(UsageError, match=said):
        load(written(tmp_path, about(*versions)), KNOWN)


@pytest.mark.parametrize(
    ("software", "reason"),
    [
        ("TwistedWeb/22.2.0", "r<22.4"),
        ("TwistedWeb/22.4.0", "r>=22.4,<24.7"),
        ("nginx TwistedWeb/24.3.0 more", "r>=22.4,<24.7"),
        ("TwistedWeb/24.7.0", "r>=24.7"),
        ("TwistedWeb/26.10.0.post0", "r>=24.7"),
        ("TwistedWeb/27.1.0.dev0", "r>=24.7"),
        ("TwistedWeb/27.1.0rc1", "r>=24.7"),
        ("TwistedWeb/24.3.0+local", "r>=22.4,<24.7"),
    ],
)
def test_an_entry_may_be_about_some_versions_of_twisted(tmp_path: Path, software: str, reason: str) -> None:
    """The Server field says which it is; what trunk says of itself counts like any other version."""
    baseline = load(written(tmp_path, about("<22.4", ">=22.4,<24.7", ">=24.7")), KNOWN)

    here = baseline.at(software)

    assert here.apply(Result("cgi/one", MUST, Verdict.FAIL)).expected == reason
    assert here.notes == ()


def test_an_entry_about_another_version_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    """It foresees nothing, and it is not over."""
    here = load(written(tmp_path, about("<22.4")), KNOWN).at("TwistedWeb/22.4.0")

    assert not here.foresees(Result("cgi/one", MUST, Verdict.FAIL))
    assert here.stale([Result("cgi/one", MUST, Verdict.PASS)]) == []


def test_an_entry_about_this_version_goes_stale(tmp_path: Path) -> None:
    """As one does that is about all of them."""
    here = load(written(tmp_path, about("<22.4")), KNOWN).at("TwistedWeb/22.2.0")

    assert here.stale([Result("cgi/one", MUST, Verdict.PASS)]) == ["cgi/one"]


@pytest.mark.parametrize(
    ("software", "says"),
    [
        ("", "(its Server field says nothing)"),
        ("gunicorn", "(its Server field says only 'gunicorn')"),
        ("TwistedWeb/next", "(its Server field says only 'TwistedWeb/next')"),
        ("MyTwistedWeb/22.4.0", "(its Server field says only 'MyTwistedWeb/22.4.0')"),
        ("TwistedWeb/" + "9" * 5000, "(its Server field says only 'TwistedWeb/9999"),
    ],
)
def test_a_target_that_tells_no_version_is_noted_once(tmp_path: Path, software: str, says: str) -> None:
    """What hangs on the version does not apply then, and what does not hang on it does."""
    other = ENTRY.replace("one", "two") + 'reason="always"\n'
    here = load(written(tmp_path, about("<22.4", ">=22.4") + other), KNOWN).at(software)

    (note,) = here.notes

    assert list(here.entries) == ["cgi/two"]
    assert note.startswith("the baseline's entries for some versions of Twisted (2) do not apply")
    assert says in note


def test_without_conditions_no_version_is_missed(tmp_path: Path) -> None:
    """Most baselines are about one server that is not Twisted."""
    assert load(written(tmp_path, about("")), KNOWN).at("").notes == ()


def test_an_entry_keeps_its_evidence(tmp_path: Path) -> None:
    """It is for people."""
    text = ENTRY + 'reason="r"\nevidence="GET /: 500"\n'

    assert load(written(tmp_path, text), KNOWN).entries["cgi/one"].evidence == "GET /: 500"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends one does not find the next only then."""
    entry = '[[known]]\nid="cgi/x"\nverdict="x"\nreason=""\n'

    with pytest.raises(UsageError) as caught:
        load(written(tmp_path, entry + "[other]\n"), KNOWN)

    assert len(str(caught.value).splitlines()) == 5
    assert str(caught.value).count("entry 1: ") == 3


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
