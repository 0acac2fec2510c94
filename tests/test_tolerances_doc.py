"""
docs/tolerances.md names every tolerance as it is.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import attrs
import pytest

from harness.tables import TABLES

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs" / "tolerances.md").read_text("utf-8")
KEYS = re.findall(r"^\| `\[(\S+)\] (\S+)` \| (\S+) s \|", DOCUMENT, re.MULTILINE)
CONSTANTS = re.findall(r"^\| `(harness\.\S+)\.([A-Z]+)` \| (\S+)(?: s)? \|", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize(("table", "key", "seconds"), KEYS)
def test_a_key_has_the_default_that_is_told(table: str, key: str, seconds: str) -> None:
    """Whoever writes a profile starts from these."""
    defaults = {field.name: field.default for field in attrs.fields(TABLES[table])}

    assert f"{defaults[key]:g}" == seconds


def test_every_tolerance_of_a_profile_is_told() -> None:
    """Those of the page `timing`, and whatever a page calls its own."""
    known = {("timing", field.name) for field in attrs.fields(TABLES["timing"])}
    for name, table in TABLES.items():
        known |= {(name, field.name) for field in attrs.fields(table) if "tolerance" in field.metadata}
        known |= {(name, field.name) for field in attrs.fields(table) if field.name == "within"}

    assert {(table, key) for table, key, _ in KEYS} == known


@pytest.mark.parametrize(("module", "name", "value"), CONSTANTS)
def test_a_constant_has_the_value_that_is_told(module: str, name: str, value: str) -> None:
    """It is read here and changed there."""
    assert f"{getattr(importlib.import_module(module), name):g}" == value


def test_constants_are_told_at_all() -> None:
    """The table is found."""
    assert len(CONSTANTS) == 9
