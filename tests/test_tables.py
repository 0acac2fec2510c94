"""
The tables of a profile are those of the contract.
"""

from __future__ import annotations

import attrs
import pytest

from harness.tables import PAGES, TABLES, HttpAuth, SessionBasics, usual


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_has_a_default_for_every_key(name: str) -> None:
    """A profile may leave out whatever the target does as the contract has it."""
    table = TABLES[name]()

    assert attrs.asdict(table) is not None


@pytest.mark.parametrize("name", sorted(TABLES))
def test_tables_do_not_change(name: str) -> None:
    """What a spec reads is what the profile says, whatever other specs did."""
    table = TABLES[name]()
    key = attrs.fields(TABLES[name])[0].name

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(table, key, "other")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_server_without_a_profile_is_asked_where_the_contract_has_its_pages(name: str) -> None:
    """Every optional key with a usual place has it then."""
    table = usual(PAGES[name])

    for key in attrs.fields(PAGES[name]):
        if "usual" in key.metadata:
            assert getattr(table, key.name) == key.metadata["usual"]


@pytest.mark.parametrize(
    ("given", "basic", "digest"),
    [
        ({}, "/auth/basic/", "/auth/digest/"),
        ({"basic": "/b"}, "/b", None),
        ({"digest": "/d"}, None, "/d"),
        ({"basic": "/b", "digest": "/d"}, "/b", "/d"),
    ],
)
def test_of_two_ways_to_log_in_one_may_be_offered_alone(
    given: dict[str, str], basic: str | None, digest: str | None
) -> None:
    """Without either, both are where the contract has them."""
    table = HttpAuth(**given)

    assert (table.basic, table.digest) == (basic, digest)


@pytest.mark.parametrize("table", [HttpAuth, SessionBasics])
def test_an_optional_key_may_be_a_number(table: type) -> None:
    """Without it nothing is claimed; a server that follows the contract has Twisted's default."""
    assert (table().lifetime, usual(table).lifetime, table(lifetime=60.0).lifetime) == (None, 900.0, 60.0)


@pytest.mark.parametrize("table", [HttpAuth, SessionBasics])
@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_a_lifetime_takes_time(table: type, seconds: float) -> None:
    """Nothing lives for less."""
    with pytest.raises(ValueError, match="'lifetime' must be > 0"):
        table(lifetime=seconds)
