"""
Properties: one example after another, and the smallest that fails is told.
"""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from harness import assertions, properties
from harness.catalogue import Spec
from harness.clocks import started
from harness.levels import MUST
from harness.properties import EXAMPLES, get_ready, hold_for_examples, how_drawn
from harness.sources import rfc
from harness.timing import MEASURING, Window


def spec(function: Any) -> Spec:
    """A property about whole numbers."""
    return Spec("cgi/one", MUST, rfc(9110, "1"), function, examples=lambda: st.integers(0, 1000))


class Parts:
    """Who hears of the examples, as parts of something."""

    def __init__(self) -> None:
        self.heard = ""

    def anew(self) -> None:
        """One begins."""
        self.heard += "("

    def got_on(self) -> None:
        """It has held."""
        self.heard += ")"


@pytest_twisted.ensureDeferred
async def test_a_property_is_awaited_for_each_example_one_at_a_time(loop: Any) -> None:
    """With the other arguments as given; the same examples in every run."""
    get_ready()
    inside: list[int] = []
    seen: list[int] = []

    async def check(page: str, example: int) -> None:
        assert page == "page"
        assert inside == []
        inside.append(example)
        await deferLater(loop, 0.0)
        inside.remove(example)
        seen.append(example)

    await hold_for_examples(loop, spec(check), {"page": "page"}, Parts())
    first = list(seen)
    seen.clear()
    await hold_for_examples(loop, spec(check), {"page": "page"}, Parts())

    assert 1 < len(first) <= EXAMPLES
    assert seen == first


@pytest_twisted.ensureDeferred
async def test_the_smallest_example_that_fails_is_told(loop: Any) -> None:
    """With the values of its assert."""

    async def check(example: int) -> None:
        await deferLater(loop, 0.0)
        assert example <= 10

    with pytest.raises(AssertionError) as caught:
        await hold_for_examples(loop, spec(check), {}, Parts())

    why = assertions.failed(caught.value)
    assert why.reason.startswith("example: 11 > 10")
    assert "example=11" in why.reason
    assert "reproduce" not in why.reason


@pytest_twisted.ensureDeferred
async def test_of_two_things_wrong_one_is_told(loop: Any) -> None:
    """All of them together would be an error of another kind."""

    async def check(example: int) -> None:
        assert example <= 10
        assert example != 5, "five"

    with pytest.raises(AssertionError):
        await hold_for_examples(loop, spec(check), {}, Parts())


@pytest_twisted.ensureDeferred
async def test_what_fails_once_and_not_again_has_failed(loop: Any) -> None:
    """With its own reason: Hypothesis' complaint about it would look like an error of ours."""
    asked: list[int] = []

    async def check(example: int) -> None:
        asked.append(example)
        assert len(asked) != 3, "the third time was one too many"

    with pytest.raises(AssertionError, match="the third time was one too many"):
        await hold_for_examples(loop, spec(check), {}, Parts())


@pytest_twisted.ensureDeferred
async def test_giving_up_a_property_ends_it(loop: Any) -> None:
    """The example under way is cancelled, and no other begins."""
    begun: list[int] = []
    gone: list[object] = []

    async def check(example: int) -> None:
        begun.append(example)
        await Deferred(gone.append)

    waiting = started(hold_for_examples(loop, spec(check), {}, Parts()))
    while not begun:
        await deferLater(loop, 0.01)
    waiting.cancel()

    with pytest.raises(CancelledError):
        await waiting
    while loop.getThreadPool().working:
        await deferLater(loop, 0.01)

    assert (len(begun), len(gone)) == (1, 1)


@pytest_twisted.ensureDeferred
async def test_who_makes_the_attempt_hears_of_each_example(loop: Any) -> None:
    """When it begins, and when it has held; of the last, which failed, that it began."""
    parts = Parts()

    async def check(example: int) -> None:
        assert example < 1

    with pytest.raises(AssertionError):
        await hold_for_examples(loop, spec(check), {}, parts)

    assert set(parts.heard.replace("()", "")) == {"("}
    assert parts.heard.endswith("(")
    assert "()" in parts.heard


@pytest_twisted.ensureDeferred
async def test_each_example_measures_in_the_context_of_the_attempt(loop: Any) -> None:
    """Although a thread begins it."""
    told: list[float] = []

    async def check(example: int) -> None:
        assert example in Window.until(1000)

    async def work() -> None:
        MEASURING.set(lambda seconds, *_: told.append(seconds))
        await hold_for_examples(loop, spec(check), {}, Parts())

    await started(work())

    assert 1 < len(told) <= EXAMPLES


@pytest_twisted.ensureDeferred
async def test_a_seed_gives_other_examples_and_the_same_ones_again(loop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says how to have them."""
    seen: list[int] = []

    async def check(example: int) -> None:
        seen.append(example)

    async def examples(seed: int | None) -> list[int]:
        monkeypatch.setattr(properties, "SEED", seed)
        seen.clear()
        await hold_for_examples(loop, spec(check), {}, Parts())
        return list(seen)

    told = how_drawn()
    usual, other, again = await examples(None), await examples(7), await examples(7)

    assert usual != other
    assert other == again
    assert (told, how_drawn()) == (
        "the same examples in every run (--seed N: others)",
        "the same examples: --seed 7",
    )
