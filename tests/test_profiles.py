"""
Profiles: what is right is read, and all that is wrong is told at once.
"""

from __future__ import annotations

import math
from pathlib import Path
from textwrap import dedent
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.profiles import Profile, ProfileMistakes, exact, load, parse
from harness.tables import PAGES, TABLES
from harness.timing import EXACT, Timing

#: What TOML can give.
TOML: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
KEYS = sorted({key.name for table in TABLES.values() for key in attrs.fields(table)})


def mistakes(tables: dict[str, Any]) -> list[str]:
    """Everything that is wrong with these tables, each as `table.key: what`."""
    with pytest.raises(ProfileMistakes) as caught:
        parse(tables, Path())
    return [f"{one.table}.{one.key}: {one.what}" for one in caught.value.mistakes]


def written(directory: Path, text: str) -> Path:
    """A profile with this text."""
    path = directory / "server.toml"
    path.write_text(dedent(text), "utf-8")
    return path


def test_a_missing_table_is_a_page_that_is_not_offered() -> None:
    """Only what stands in the profile is promised."""
    profile = parse({"asynchronous": {}}, Path())

    assert set(profile.pages) == {"asynchronous"}
    assert profile.pages["asynchronous"].delay == 5.0


def test_a_whole_number_of_seconds_is_a_number_of_seconds() -> None:
    """TOML tells 5 from 5.0; people do not."""
    profile = parse({"timing": {"slack": 2}}, Path())

    assert profile.timing == Timing(slack=2.0)
    assert isinstance(profile.timing.slack, float)


def test_lists_and_tables_are_read() -> None:
    """Words of a command, statuses and users keep their types."""
    profile = parse(
        {
            "server": {"command": ["./serve", "{port}"]},
            "timeouts": {"status": [503]},
            "http-auth": {"users": {"a": "b"}},
        },
        Path(),
    )

    assert profile.server.command == ("./serve", "{port}")
    assert profile.pages["timeouts"].status == (503,)
    assert profile.pages["http-auth"].users == {"a": "b"}


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"asynchronus": {}}, "asynchronus.: no such table; did you mean 'asynchronous'?"),
        ({"asynchronous": 5}, "asynchronous.: must be a table, not 5"),
        ({"asynchronous": {"dely": 5.0}}, "asynchronous.dely: no such key; did you mean 'delay'?"),
        ({"asynchronous": {"zzzzz": 5.0}}, "asynchronous.zzzzz: no such key; known are path, delay, body"),
        ({"asynchronous": {"delay": "5"}}, "asynchronous.delay: must be a number, not '5'"),
        ({"asynchronous": {"delay": True}}, "asynchronous.delay: must be a number, not True"),
        ({"asynchronous": {"delay": 0.0}}, "asynchronous.delay: must be more than 0, not 0.0"),
        ({"asynchronous": {"delay": math.nan}}, "asynchronous.delay: must be more than 0, not nan"),
        ({"asynchronous": {"path": 1}}, "asynchronous.path: must be text, not 1"),
        ({"timing": {"early": -1}}, "timing.early: must be at least 0, not -1"),
        ({"server": {"parallel": 1.5}}, "server.parallel: must be a whole number, not 1.5"),
        ({"server": {"parallel": 0}}, "server.parallel: must be at least 1, not 0"),
        ({"interrupted": {"stops_work": 1}}, "interrupted.stops_work: must be true or false, not 1"),
        (
            {"interrupted": {"notice": "writes"}},
            "interrupted.notice: must be one of 'idle', 'write', 'rst', 'never', not 'writes'",
        ),
        ({"timeouts": {"status": 504}}, "timeouts.status: must be a list, not 504"),
        ({"timeouts": {"status": ["504"]}}, "timeouts.status: every item must be a whole number, not ['504']"),
        ({"server": {"command": "./serve"}}, "server.command: must be a list, not './serve'"),
        ({"server": {"command": ["./serve", 1]}}, "server.command: every item must be text, not ['./serve', 1]"),
        ({"http-auth": {"users": {"a": 1}}}, "http-auth.users: every item must be text, not {'a': 1}"),
        ({"http-auth": {"basic": 1}}, "http-auth.basic: must be text, not 1"),
        ({"asynchronous": {"path": "/{ident}"}}, "asynchronous.path: unknown placeholder {ident}; known are {id}"),
        ({"asynchronous": {"path": "/{id"}}, "asynchronous.path: not a template: expected '}' before end of string"),
        (
            {"server": {"url": "http://h/", "factory": "m:f"}},
            "server.factory: give one of url, command and factory, not url and factory",
        ),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(tables: dict[str, Any], said: str) -> None:
    """Where it stands, what was expected, what came, and the nearest right name."""
    assert mistakes(tables) == [said]


def test_a_pattern_that_does_not_compile_is_a_mistake() -> None:
    """It would be found out in the middle of a run otherwise."""
    (said,) = mistakes({"session-basics": {"id_pattern": "("}})

    assert said.startswith("session-basics.id_pattern: not a regular expression: ")


def test_a_pattern_may_have_braces_of_its_own() -> None:
    """A pattern is no template, but for `{id}`."""
    profile = parse({"logging-errors": {"pattern": r"\d{3} {id}"}}, Path())

    assert profile.pages["logging-errors"].pattern == r"\d{3} {id}"


@pytest.mark.parametrize("body", ['{"status": "done"}', "{", "}{"])
def test_a_body_is_no_template(body: str) -> None:
    """A server may answer JSON."""
    profile = parse({"asynchronous": {"body": body}}, Path())

    assert profile.pages["asynchronous"].body == body


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever mends one does not find the next only then."""
    found = mistakes({"nonsense": {}, "timing": {"slack": "x", "early": -1}, "asynchronous": {"path": 3, "dely": 1}})

    assert len(found) == 5


@settings(deadline=None)
@given(
    tables=st.dictionaries(
        st.sampled_from([*TABLES, "other"]), st.dictionaries(st.sampled_from(KEYS), TOML, max_size=3) | TOML
    )
)
def test_whatever_stands_in_a_profile_is_a_profile_or_a_list_of_mistakes(tables: dict[str, Any]) -> None:
    """A person's slip never becomes a traceback."""
    try:
        profile = parse(tables, Path())
    except ProfileMistakes as wrong:
        assert wrong.mistakes  # noqa: PT017 - either is right
    else:
        assert set(profile.pages) == set(tables) & set(PAGES)


def test_a_file_is_read_with_where_it_is(tmp_path: Path) -> None:
    """Files that a profile names are beside it."""
    profile = load(written(tmp_path, '[server]\nname = "mine"\nlog = "server.log"\n[asynchronous]\n'))

    assert profile.file("server.log") == tmp_path / "server.log"
    assert repr(profile) == "<profile mine: 1 pages>"
    assert repr(Profile()) == "<profile without a name: 0 pages>"


def test_each_mistake_has_its_line(tmp_path: Path) -> None:
    """The line of the key, of its table, or the first where neither can be found."""
    path = written(
        tmp_path,
        """\
        # a comment
        timing.slack = "x"
        [server]
        parallel = 2
        [ "asynchronous" ]
        parallel = 3
          "delay" = 0
        [nonsense]
        """,
    )

    with pytest.raises(UsageError) as caught:
        load(path)

    assert str(caught.value).splitlines() == [
        f"{path} has 4 mistakes:",
        "  server.toml:1: [timing] slack: must be a number, not 'x'",
        "  server.toml:6: [asynchronous] parallel: "
        + str(caught.value).splitlines()[2].partition(": [asynchronous] parallel: ")[2],
        "  server.toml:7: [asynchronous] delay: must be more than 0, not 0",
        "  server.toml:8: [nonsense]: " + str(caught.value).splitlines()[4].partition(": [nonsense]: ")[2],
    ]


def test_one_mistake_is_told_as_one(tmp_path: Path) -> None:
    """The head of the message counts."""
    with pytest.raises(UsageError, match=r"has a mistake:\n  server\.toml:2: "):
        load(written(tmp_path, "[timing]\nslack = -1\n"))


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """With its name and the system's reason."""
    with pytest.raises(UsageError, match=r"cannot read the profile .*none\.toml: No such file"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("data", [b"[server", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_said_so(tmp_path: Path, data: bytes) -> None:
    """Whatever it is instead."""
    path = tmp_path / "server.toml"
    path.write_bytes(data)

    with pytest.raises(UsageError, match="is not TOML"):
        load(path)


def test_in_virtual_time_nothing_is_late_by_accident() -> None:
    """The profile's tolerances are for measuring; how long to watch is not one."""
    profile = parse(
        {"timing": {"early": 0.1, "slack": 2.0, "quiet": 3.0}, "timeouts": {}, "session-endings": {}}, Path()
    )

    found = exact(profile)

    assert found.timing == Timing(early=EXACT, slack=EXACT, quiet=3.0)
    assert found.pages["timeouts"].slack == EXACT
    assert (found.pages["session-endings"].slack, found.pages["session-endings"].callback_slack) == (EXACT, EXACT)
    assert found.pages["session-endings"].idle == profile.pages["session-endings"].idle


def test_a_pages_own_tolerance_stays_if_somebody_has_named_it() -> None:
    """It says how the server counts: a store may count whole seconds by any clock."""
    profile = parse({"session-endings": {"slack": 1.2}, "timeouts": {"slack": 1.0}}, Path())

    found = exact(exact(profile))

    assert found.named == {("session-endings", "slack"), ("timeouts", "slack")}
    assert (found.pages["session-endings"].slack, found.pages["session-endings"].callback_slack) == (1.2, EXACT)
    assert found.pages["timeouts"].slack == 1.0


def test_pages_without_a_tolerance_stay_as_they_are() -> None:
    """As do the server, and where the profile is."""
    profile = parse({"server": {"name": "mine"}, "asynchronous": {"delay": 2.0}, "interrupted": {}}, Path("/x"))

    found = exact(profile)

    assert (found.server, found.pages, found.where) == (profile.server, profile.pages, profile.where)
