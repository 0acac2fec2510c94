"""
What a target offers, and what can be seen of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from harness import offers
from harness.catalogue import WITNESSES, Spec
from harness.levels import MUST
from harness.profiles import parse
from harness.sources import rfc


async def nothing() -> None:
    """Check nothing."""


def spec(page: str = "interrupted", needs: tuple[str, ...] = (), witnesses: tuple[str, ...] = ()) -> Spec:
    """A spec with these needs."""
    return Spec(f"{page}/is-a-test", MUST, rfc(9110, "1"), nothing, needs=needs, witnesses=witnesses)


@frozen
class Offered:
    """A target with these tables and witnesses."""

    tables: dict[str, Any]
    witnesses: frozenset[str] = frozenset()

    def page(self, name: str) -> Any:
        """See `harness.offers.Offering`."""
        return parse(self.tables, Path()).pages.get(name)


@pytest.mark.parametrize(
    ("tables", "needs", "why"),
    [
        ({"interrupted": {}}, (), ""),
        ({}, (), "the profile has no [interrupted]"),
        ({"interrupted": {}}, ("stops_work",), ""),
        ({"interrupted": {"stops_work": False}}, ("stops_work",), "the profile says [interrupted] stops_work = false"),
        ({"interrupted": {}}, ("stream",), "the profile has no [interrupted] stream"),
        ({"interrupted": {"stream": "/s"}}, ("stream",), ""),
        ({"interrupted": {"stream": ""}}, ("stream",), "the profile says [interrupted] stream = "),
        ({"interrupted": {"notice": "never"}}, ("notice",), "the profile says [interrupted] notice = never"),
        ({"interrupted": {"notice": "never"}}, ("notice=never",), ""),
        ({"interrupted": {"notice": "rst"}}, ("notice=idle|write",), "the profile says [interrupted] notice = rst"),
        ({"interrupted": {"notice": "write"}}, ("notice=idle|write",), ""),
        ({"interrupted": {}}, ("session-store.path",), "the profile has no [session-store]"),
        ({"interrupted": {}, "session-store": {}}, ("session-store.path",), ""),
        (
            {"interrupted": {}, "session-store": {}},
            ("stops_work", "session-store.store=client"),
            "the profile says [session-store] store = server",
        ),
    ],
)
def test_a_promise_that_a_profile_does_not_make_is_not_offered(
    tables: dict[str, Any], needs: tuple[str, ...], why: str
) -> None:
    """The reason names the table and the key."""
    assert offers.not_offered(spec(needs=needs), Offered(tables)) == why


@pytest.mark.parametrize(
    ("only", "virtual", "why"),
    [
        ({"only_real": "it is a matter of sockets"}, True, "real-clock-only: it is a matter of sockets"),
        ({"only_real": "it is a matter of sockets"}, False, ""),
        ({"only_virtual": "it takes an hour"}, False, "virtual-clock-only: it takes an hour"),
        ({"only_virtual": "it takes an hour"}, True, ""),
        ({}, True, ""),
    ],
)
def test_what_only_the_other_clock_can_show_is_not_seen_by_this_one(
    only: dict[str, str], *, virtual: bool, why: str
) -> None:
    """Whatever witnesses there are."""
    one = evolve(spec(witnesses=("events",)), **only)

    assert offers.not_observable(one, Offered({}, WITNESSES), virtual=virtual) == why


def test_the_clock_is_the_real_one_unless_it_is_said() -> None:
    """Nobody is shown hours by mistake."""
    one = evolve(spec(), only_virtual="it takes an hour")

    assert offers.not_observable(one, Offered({})) == "virtual-clock-only: it takes an hour"


def test_one_witness_of_several_suffices() -> None:
    """They are alternatives."""
    target = Offered({}, frozenset({"log"}))

    assert offers.not_observable(spec(witnesses=("events", "log")), target) == ""


def test_a_spec_that_needs_no_witness_can_always_be_seen() -> None:
    """The wire is there in any case."""
    assert offers.not_observable(spec(), Offered({})) == ""


@pytest.mark.parametrize("witness", sorted(WITNESSES))
def test_a_missing_witness_is_told_with_how_to_add_it(witness: str) -> None:
    """Each kind of witness has its words."""
    why = offers.not_observable(spec(witnesses=(witness,)), Offered({}, WITNESSES - {witness}))

    assert why.startswith("nothing shows it here: needs ")
    assert len(why) > len("nothing shows it here: needs ")


def test_every_way_to_witness_it_is_told() -> None:
    """Whoever has none may choose."""
    why = offers.not_observable(spec(witnesses=("log", "done")), Offered({}))

    assert ", or " in why


@pytest.mark.parametrize(
    ("needs", "known"),
    [
        ((), True),
        (("stops_work", "session-store.store=server"), True),
        (("stop_work",), False),
        (("sessions.path",), False),
    ],
)
def test_needs_are_keys_of_a_profile_or_are_found_out(needs: tuple[str, ...], *, known: bool) -> None:
    """A misspelt need would make its spec not offered everywhere, which nobody would notice."""
    assert offers.known(spec(needs=needs)) is known


def test_the_paths_of_a_page_are_what_begins_with_a_slash() -> None:
    """Patterns and bodies are not asked for."""
    table = parse({"interrupted": {"done": "/done"}}, Path()).pages["interrupted"]

    assert offers.paths(table) == ["/interrupted?id={id}", "/done"]
