"""
The decorator makes a coroutine function a spec, and moves it to a second page.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from harness.catalogue import Spec
from harness.errors import UsageError
from harness.levels import MUST, SHOULD
from harness.sources import tutorial
from harness.spec import again, spec

HERE = tutorial("asynchronous", "loading the page takes 5 seconds")
THERE = tutorial("asynchronous-deferred", "the same")


async def check(page: object, wire: object) -> None:
    """
    It is so.

    Sends:    one GET,
              on one connection.
    Look at:  the server.
    """


def test_the_decorator_takes_everything_down() -> None:
    """What the head of a spec says is what the engine reads."""
    made = spec(
        "asynchronous/is-so", SHOULD, HERE, needs=["delay"], witnesses=["log"], lasts=lambda _: 3.0, alone="page"
    )(check)

    assert isinstance(made, Spec)
    assert (made.id, made.page, made.level, made.source) == ("asynchronous/is-so", "asynchronous", SHOULD, HERE)
    assert (made.needs, made.witnesses, made.alone, made.busy) == (("delay",), ("log",), "page", False)
    assert made.lasts(None) == 3.0
    assert made.arguments == ("page", "wire")


def test_what_is_left_out_asks_for_nothing() -> None:
    """A plain spec waits for nothing, needs nothing, and runs beside others."""
    made = spec("asynchronous/is-so", MUST, HERE)(check)

    assert (made.lasts(None), made.needs, made.witnesses, made.alone, made.busy, made.examples) == (
        0.0,
        (),
        (),
        "",
        False,
        None,
    )


def test_a_property_is_busy() -> None:
    """Hypothesis thinks on our processor."""
    assert spec("asynchronous/is-so", MUST, HERE, examples=lambda: None)(check).busy


def test_the_docstring_is_read_by_its_headings() -> None:
    """The promise is what stands before the first of them."""
    made = spec("asynchronous/is-so", MUST, HERE)(check)

    assert made.promise == "It is so."
    assert made.text == {"": "It is so.", "Sends": "one GET, on one connection.", "Look at": "the server."}
    assert repr(made) == "<spec asynchronous/is-so>"


@pytest.mark.parametrize(
    "id_",
    [
        "is-so",
        "nowhere/is-so",
        "asynchronous/Is-So",
        "asynchronous/is_so",
        "asynchronous/",
        "asynchronous/1-so",
        "asynchronous/a--b",
    ],
)
def test_an_id_has_its_form(id_: str) -> None:
    """It is page/fact-in-kebab-case, and its page is one."""
    with pytest.raises(UsageError, match="an ID is page/fact-in-kebab-case"):
        spec(id_, MUST, HERE)(check)


def test_a_witness_that_nobody_knows_is_refused() -> None:
    """It would never be there."""
    with pytest.raises(UsageError, match=r"unknown witnesses \['logs'\]"):
        spec("asynchronous/is-so", MUST, HERE, witnesses=["logs"])(check)


def test_a_plain_function_is_refused() -> None:
    """Nobody would await it, and it would pass."""
    with pytest.raises(UsageError, match="a spec is an `async def`"):
        spec("asynchronous/is-so", MUST, HERE)(lambda page: page)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"schedules": lambda: None}, "schedules take hours: they are for virtual time only"),
        ({"only_real": "it is about sockets", "only_virtual": "it takes an hour"}, "no clock is left"),
    ],
)
def test_a_spec_that_no_clock_could_show_is_refused(more: dict[str, Any], said: str) -> None:
    """It would be not observable everywhere, or take hours."""
    with pytest.raises(UsageError, match=said):
        spec("asynchronous/is-so", MUST, HERE, **more)(check)


def test_a_second_page_gets_the_specs_of_the_first() -> None:
    """All but their ID and their source stays; what the module imported from elsewhere is not its own."""
    module = ModuleType(check.__module__)
    module.one = spec("asynchronous/is-so", MUST, HERE, needs=["delay"])(check)  # type: ignore[attr-defined]
    module.other = 5  # type: ignore[attr-defined]
    elsewhere = ModuleType("elsewhere")
    elsewhere.one = module.one  # type: ignore[attr-defined]

    (moved,) = again(module, page="asynchronous-deferred", source=THERE)

    assert (moved.id, moved.source, moved.needs) == ("asynchronous-deferred/is-so", THERE, ("delay",))
    assert moved.function is check
    assert again(elsewhere, page="asynchronous-deferred", source=THERE) == ()
