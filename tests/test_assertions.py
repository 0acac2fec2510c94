"""
A failed `assert` explains itself from its own source.
"""

from __future__ import annotations

import ast
import gc
import linecache
from pathlib import Path
from textwrap import dedent
from types import TracebackType

import pytest

from harness import assertions
from harness.assertions import LONGEST_VALUE, Failed, failed, is_ours
from harness.clocks import started
from harness.timing import Window


def failing(directory: Path, source: str, **names: object) -> Failed:
    """Why this source fails; it has `names` as its globals and is a file, as a spec is."""
    path = directory / "spec.py"
    path.write_text(dedent(source))
    linecache.checkcache()
    assertions._asserts.cache_clear()
    with pytest.raises(AssertionError) as caught:
        exec(compile(path.read_text(), str(path), "exec"), dict(names))
    return failed(caught.value)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a = 1\nassert a == 2", "a: 1 != 2"),
        ("a = b = 1\nassert a != b", "a and b: 1 == 1"),
        ("a = 2\nassert a < 1", "a: 2 >= 1"),
        ("a = 2\nassert a <= 1", "a: 2 > 1"),
        ("a = 0\nassert a > 1", "a: 0 <= 1"),
        ("a = 0\nassert a >= 1", "a: 0 < 1"),
        ("a = 'x'\nassert a in 'abc'", "a: 'x' not in 'abc'"),
        ("a = 'b'\nassert a not in 'abc'", "a: 'b' in 'abc'"),
        ("a = 1\nassert a is None", "a: 1 is not None"),
        ("a = None\nassert a is not None", "a: None is None"),
        ("assert 1 == 2", "1 != 2"),
        ("a = ''\nassert a", "a: ''"),
        ("a = 1\nassert not a", "not a: False"),
        ("a = 1\nassert 0 < a < 1", "0 < a < 1: False"),
    ],
)
def test_a_failed_assert_shows_both_of_its_sides(tmp_path: Path, source: str, reason: str) -> None:
    """Whatever the comparison is, its expressions and their values are told."""
    assert failing(tmp_path, source) == Failed(reason, on_time_alone=False)


def test_a_message_stands_for_the_values(tmp_path: Path) -> None:
    """Where the spec says what is wrong, that is what is told."""
    assert failing(tmp_path, "a = 1\nassert a == 2, 'a is odd'").reason == "a is odd"
    assert failing(tmp_path, "assert False, 'never'") == Failed("never", on_time_alone=False)


def test_an_assert_over_several_lines_is_found(tmp_path: Path) -> None:
    """The statement is looked up by any of its lines."""
    source = """
    a = 1
    assert (
        a
        == 2
    )
    """

    assert failing(tmp_path, source).reason == "a: 1 != 2"


def test_locals_of_the_failing_function_are_seen(tmp_path: Path) -> None:
    """The values are those of the frame in which it failed, not of the module."""
    source = """
    a = 0

    def spec(a):
        for b in (2, 3):
            assert [a + one for one in (b,)] == [4]

    spec(2)
    """

    assert failing(tmp_path, source).reason == "[a + one for one in (b,)] and [4]: [5] != [4]"


def test_seconds_outside_their_window_are_a_failure_on_time_alone(tmp_path: Path) -> None:
    """Only `assert seconds in window` is repeated before it counts."""
    why = failing(tmp_path, "waited = 1.23456\nassert waited in Window(5, 6)", Window=Window)

    assert why == Failed("waited was 1.235 s; allowed: 5.000 to 6.000 s", on_time_alone=True, missed_by=5 - 1.23456)


def test_a_window_with_a_message_is_a_failure_on_time_alone_too(tmp_path: Path) -> None:
    """A text beside the assert does not change its kind."""
    why = failing(tmp_path, "assert 1 in Window(5, 6), 'too soon'", Window=Window)

    assert why == Failed("too soon", on_time_alone=True, missed_by=4)


@pytest.mark.parametrize("source", ["assert 5.5 not in Window(5, 6)", "assert Window(5, 6) == 5.5"])
def test_nothing_else_about_a_window_is_time_alone(tmp_path: Path, source: str) -> None:
    """A wrong content never gets the benefit of a repetition."""
    assert not failing(tmp_path, source, Window=Window).on_time_alone


def test_what_cannot_be_evaluated_again_is_told_as_text(tmp_path: Path) -> None:
    """A value that is gone leaves the expression."""
    source = """
    items = [1]
    assert items.pop() == 2
    """

    assert failing(tmp_path, source).reason == "not so: items.pop() == 2"
    assert failing(tmp_path, "items = [0]\nassert items.pop()").reason == "not so: items.pop()"


def test_what_holds_when_it_is_evaluated_again_is_told_as_such(tmp_path: Path) -> None:
    """It changed meanwhile; where the spec says what is wrong, that is what is told all the same."""
    source = "state = iter([False, True])\nassert next(state)"

    assert failing(tmp_path, source) == Failed("not so when it was checked: next(state)", on_time_alone=False)
    assert failing(tmp_path, f"{source}, 'it was off'") == Failed("it was off", on_time_alone=False)


@pytest.mark.parametrize("collecting", [True, False])
def test_no_garbage_is_collected_while_a_source_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, collecting: bool
) -> None:
    """Python 3.11 does not parse within parsing; afterwards it is as it was."""
    (tmp_path / "spec.py").write_text("assert 1 == 2\n")
    during: list[bool] = []

    def parse(source: str) -> ast.Module:
        during.append(gc.isenabled())
        return compile(source, "spec.py", "exec", ast.PyCF_ONLY_AST)

    monkeypatch.setattr(ast, "parse", parse)
    was = gc.isenabled()
    (gc.enable if collecting else gc.disable)()
    try:
        found = assertions._asserts(str(tmp_path / "spec.py"))
        after = gc.isenabled()
    finally:
        (gc.enable if was else gc.disable)()

    assert len(found) == 1
    assert (during, after) == ([False], collecting)


def test_a_long_value_is_shortened_in_its_middle(tmp_path: Path) -> None:
    """A body of megabytes does not become a reason of megabytes."""
    why = failing(tmp_path, "body = 'a' * 5000 + 'z'\nassert body == ''")

    beginning, end = "'" + 99 * "a", 48 * "a" + "z'"
    assert why.reason == f"body: {beginning} … {end} (5003 characters) != ''"


def test_a_value_that_is_no_longer_than_allowed_is_shown_whole(tmp_path: Path) -> None:
    """Nothing would be gained."""
    value = (LONGEST_VALUE - 2) * "a"

    assert failing(tmp_path, f"body = {value!r}\nassert body == ''").reason == f"body: {value!r} != ''"


def test_notes_on_the_error_are_told_too(tmp_path: Path) -> None:
    """Hypothesis notes the falsifying example on what it raises."""
    source = """
    try:
        assert 1 == 2
    except AssertionError as wrong:
        wrong.add_note("Falsifying example: 0")
        raise
    """

    assert failing(tmp_path, source).reason == "1 != 2\nFalsifying example: 0"


def test_an_assertion_error_that_was_raised_says_its_text(tmp_path: Path) -> None:
    """Without an assert statement there is only the message."""
    assert failing(tmp_path, "raise AssertionError('by hand')").reason == "by hand"


def test_a_source_that_cannot_be_read_is_said_so() -> None:
    """Code without a file still gives a reason."""
    with pytest.raises(AssertionError) as caught:
        exec("assert 1 == 2")

    assert failed(caught.value).reason == "an assertion failed, and its source cannot be read"


def test_a_file_that_is_no_python_any_more_does_no_harm(tmp_path: Path) -> None:
    """An editor may be half-way through the file while its specs run."""
    path = tmp_path / "edited.py"
    path.write_text("assert 1 == 2\n")
    code = compile(path.read_text(), str(path), "exec")
    path.write_text("assert ((\n")
    with pytest.raises(AssertionError) as caught:
        exec(code)

    assert "cannot be read" in failed(caught.value).reason


def test_an_error_without_a_traceback_is_explained_by_its_text() -> None:
    """Nobody raised it, so nothing can be read again."""
    error = AssertionError("as it is")
    traceback: TracebackType | None = error.__traceback__

    assert traceback is None
    assert failed(error) == Failed("as it is", on_time_alone=False)


def test_an_assert_of_the_harness_is_ours() -> None:
    """Wherever in it that one stands, it says nothing about a target."""
    with pytest.raises(AssertionError) as caught:
        started(5)  # type: ignore[arg-type]

    assert is_ours(caught.value)


@pytest.mark.parametrize("names", [{"__name__": "specs.test_cgi"}, {"__name__": "harness_of_others"}, {}])
def test_an_assert_elsewhere_is_none_of_ours(names: dict[str, str]) -> None:
    """Nor is one that stands nowhere."""
    with pytest.raises(AssertionError) as caught:
        exec("assert 1 == 2", names)

    assert not is_ours(caught.value)
    assert not is_ours(AssertionError("as it is"))
