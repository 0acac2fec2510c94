"""
The catalogue: how specs are found and chosen, and what every real one must be.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from harness import offers
from harness.catalogue import HEADINGS, Spec, everything, select
from harness.errors import UsageError
from harness.levels import MAY
from harness.tables import PAGES

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = everything()
MODULES = sorted((ROOT / "specs").glob("*.py"))

HEAD = """
from harness import MUST, rfc, spec

@spec("cgi/{}", MUST, rfc(9110, "1"))
async def test_it():
    assert True
"""


def package(directory: Path, monkeypatch: pytest.MonkeyPatch, **modules: str) -> str:
    """The name of a package of specs with these modules, which can be imported while the test runs."""
    name = f"specs_of_{directory.name}"
    (directory / name).mkdir()
    (directory / name / "__init__.py").touch()
    for module, text in modules.items():
        (directory / name / f"{module}.py").write_text(dedent(text))
    monkeypatch.syspath_prepend(directory)
    return name


@cache
def nodes(function: Callable[..., object]) -> tuple[ast.AST, ...]:
    """All nodes of a function, as it is written."""
    return tuple(ast.walk(ast.parse(dedent(inspect.getsource(function)))))


def statements(spec: Spec) -> tuple[ast.AST, ...]:
    """All nodes of a spec's function."""
    return nodes(spec.function)


# What every real spec must be: each test lists those that are not.


def test_every_spec_states_its_promise_and_how_it_looks() -> None:
    """The docstring has a promise, what is sent, and what is observed."""
    wanting = [
        spec.id
        for spec in EVERYTHING
        if not spec.promise.endswith(".") or not spec.text.get("Sends") or not spec.text.get("Observes")
    ]

    assert wanting == []


def test_the_parts_of_a_docstring_stand_in_one_order() -> None:
    """Whoever has read one spec finds everything in the next."""
    wanting = [
        spec.id for spec in EVERYTHING if list(spec.text) != ["", *(name for name in HEADINGS if name in spec.text)]
    ]

    assert wanting == []


def test_every_spec_that_measures_says_with_which_tolerance() -> None:
    """A window without a word about its bounds would be an argument waiting to happen."""
    wanting = [
        spec.id
        for spec in EVERYTHING
        if not spec.text.get("Tolerance")
        and any(isinstance(node, ast.Assert) and "Window" in ast.unparse(node.test) for node in statements(spec))
    ]

    assert wanting == []


def test_the_needs_of_every_spec_are_keys_of_a_profile() -> None:
    """A misspelt need would make it not offered everywhere, which nobody would notice."""
    assert [spec.id for spec in EVERYTHING if not offers.known(spec)] == []


def test_every_spec_takes_what_the_engine_has_to_give() -> None:
    """An argument of another name would be an error of ours in every run."""
    known = {"target", "page", "wire", "client", "events", "log", "clock", "facts", "example", "commands"}

    wanting = [
        spec.id
        for spec in EVERYTHING
        if (spec.arguments != ("schedule",) if spec.schedules else set(spec.arguments) - known)
        or ("example" in spec.arguments) != (spec.examples is not None)
    ]

    assert wanting == []


def test_every_spec_that_waits_for_a_witness_declares_it() -> None:
    """Without it, a target that has none would fail instead of being not observable."""
    asked = {"events.wait", "log.wait", "log.mark"}

    wanting = [
        spec.id
        for spec in EVERYTHING
        if not spec.witnesses
        and any(isinstance(node, ast.Call) and ast.unparse(node.func) in asked for node in statements(spec))
    ]

    assert wanting == []


def _can_fail(node: ast.AST) -> bool:
    # A witness that does not show what was waited for fails the spec; so does the ping of a dead target.
    waits = {"events.wait", "log.wait", "wire.ping", "first_lines"}
    return isinstance(node, ast.Assert | ast.Raise) or (isinstance(node, ast.Call) and ast.unparse(node.func) in waits)


def _with_called(spec: Spec) -> Iterator[ast.AST]:
    """The nodes of a spec, of its machine, and of the functions of `specs` that it calls by name, however deep."""
    if spec.schedules:
        yield from nodes(spec.schedules())
    seen: set[Callable[..., object]] = set()
    left = [spec.function]
    while left:
        function = left.pop()
        if function in seen:
            continue
        seen.add(function)
        for node in nodes(function):
            yield node
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = function.__globals__.get(node.func.id)
                if inspect.isfunction(called) and called.__module__.startswith("specs."):
                    left.append(called)


def test_every_spec_can_fail() -> None:
    """One that asserts nothing would be green for nothing; it may leave the asserting to a function of `specs`."""
    judged = [spec for spec in EVERYTHING if spec.level is not MAY]
    assert [spec.id for spec in judged if not any(map(_can_fail, _with_called(spec)))] == []


def test_every_may_records_a_fact() -> None:
    """It is not judged: without a fact nobody would have any use for it."""
    assert [spec.id for spec in EVERYTHING if spec.level is MAY and "facts" not in spec.arguments] == []


def test_no_spec_returns_before_it_has_asserted() -> None:
    """It would pass without having looked."""
    wanting = []
    for spec in EVERYTHING:
        asserted = min((node.lineno for node in statements(spec) if _can_fail(node)), default=sys.maxsize)
        returned = [node.lineno for node in statements(spec) if isinstance(node, ast.Return) and node.value is None]
        wanting += [spec.id for line in returned if line < asserted]

    assert wanting == []


def test_no_assert_hides_its_values_in_all_or_any() -> None:
    """`assert all(...)` fails with `False`; a loop of asserts says which, and an `any` says its text."""
    wanting = [
        spec.id
        for spec in EVERYTHING
        for node in _with_called(spec)
        if isinstance(node, ast.Assert)
        and node.msg is None
        and re.search(r"(?<![.\w])(all|any)\(", ast.unparse(node.test))
    ]

    assert wanting == []


def test_the_specs_of_the_catalogue_are_what_these_tests_read() -> None:
    """A list of wanting specs is only empty for a reason if there are specs."""
    assert len(EVERYTHING) > 200


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_of_specs_enters_by_the_front_door(path: Path) -> None:
    """
    At its top it imports the standard library, `harness` itself and other specs; so `web60 list` stays quick.

    The machines of schedules are Hypothesis', and are imported when they run.
    """
    allowed = {"harness", "hypothesis"} if path.stem.endswith("_schedules") else {"harness"}
    imported = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported.append(node.module or "")

    strangers = [
        name
        for name in imported
        if (name if name == "harness" else name.split(".")[0]) not in allowed
        and name.split(".")[0] != "specs"
        and name.split(".")[0] not in sys.stdlib_module_names
    ]

    assert strangers == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_specs(page: str) -> None:
    """No page is promised and not looked at."""
    assert any(spec.page == page for spec in EVERYTHING)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "door", ["reference_impl/{}.py", "specs/test_{}.py", "tests/mutants/{}.py", "tests/promises/{}.toml"]
)
def test_every_page_has_its_doors(page: str, door: str) -> None:
    """The page's name is the name of everything about it."""
    assert (ROOT / door.format(page.replace("-", "_"))).is_file()


def test_ids_are_unique_and_in_the_order_of_the_pages() -> None:
    """`web60 list` reads like a table of contents."""
    order = [list(PAGES).index(spec.page) for spec in EVERYTHING]

    assert order == sorted(order)
    assert len({spec.id for spec in EVERYTHING}) == len(EVERYTHING)


# How specs are found.


def test_specs_are_found_in_the_modules_of_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only in those called `test_…`, and each where it was written, not where it was imported."""
    name = package(
        tmp_path,
        monkeypatch,
        test_b=HEAD.format("second"),
        test_a=f"from specs_of_{tmp_path.name}.test_b import test_it as other\n" + HEAD.format("first"),
        other=HEAD.format("third"),
    )

    assert [spec.id for spec in everything(name)] == ["cgi/first", "cgi/second"]


def test_an_id_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its result would hide the other's."""
    name = package(tmp_path, monkeypatch, test_a=HEAD.format("one"), test_b=HEAD.format("one"))

    with pytest.raises(UsageError, match="two specs are called cgi/one"):
        everything(name)


def test_specs_that_another_page_promises_too_are_found_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in the module where they were written and once where they were moved to."""
    moved = f"""
    from harness import again, rfc
    from specs_of_{tmp_path.name} import test_a

    AGAIN = again(test_a, page="wsgi", source=rfc(9110, "2"))
    """
    name = package(tmp_path, monkeypatch, test_a=HEAD.format("one"), test_b=moved)

    found = {spec.id: spec.module for spec in everything(name)}

    assert found == {"cgi/one": f"{name}.test_a", "wsgi/one": f"{name}.test_b"}


def test_without_asserts_there_are_no_specs() -> None:
    """`python -O` drops them: every spec would pass."""
    code = "from harness.catalogue import everything; everything()"
    done = subprocess.run([sys.executable, "-O", "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "UsageError: python -O drops every assert" in done.stderr


# How specs are chosen.


def chosen(*selection: str) -> list[str]:
    """The IDs that a selection chooses."""
    return [spec.id for spec in select(EVERYTHING, selection)]


def test_an_empty_selection_is_everything() -> None:
    """Whoever asks for nothing in particular gets all there is."""
    assert len(chosen()) == len(EVERYTHING)


def test_an_id_chooses_one_spec() -> None:
    """The whole ID, and only it."""
    assert chosen(EVERYTHING[0].id) == [EVERYTHING[0].id]


@pytest.mark.parametrize("word", ["session-store", "session-store/", "session-store/*"])
def test_a_page_chooses_all_of_its_specs(word: str) -> None:
    """By its name or by a glob; not those of pages whose names begin alike."""
    assert chosen(word) == [spec.id for spec in EVERYTHING if spec.page == "session-store"]


def test_a_glob_chooses_over_pages_in_the_order_of_the_catalogue() -> None:
    """However the words are ordered."""
    pages = [spec_id.partition("/")[0] for spec_id in chosen("session-endings", "session-[bs]*/*")]

    assert list(dict.fromkeys(pages)) == [page for page in PAGES if page.startswith("session-")]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("session-stor", "did you mean session-store/"),
        ("asynchronos", "did you mean asynchronous"),
        ("zzzz", "`web60 list` shows all"),
        ("xyzzy-*/*", "`web60 list` shows all"),
    ],
)
def test_a_word_that_chooses_nothing_is_refused(word: str, hint: str) -> None:
    """h2spec succeeds when a selection matches nothing; that hid three real failures."""
    with pytest.raises(UsageError) as caught:
        chosen("cgi", word)

    assert f"no spec is called {word!r}" in str(caught.value)
    assert hint in str(caught.value)


def test_every_word_that_chooses_nothing_is_told() -> None:
    """Not only the first."""
    with pytest.raises(UsageError) as caught:
        chosen("zzzz", "yyyy")

    assert len(str(caught.value).splitlines()) == 2
