"""
The plugin's place among others.
"""

from __future__ import annotations

from typing import Any

import pytest

from harness import plugin


class Parser:
    """Takes notes of options."""

    def __init__(self) -> None:
        self.options: list[str] = []

    def getgroup(self, *_: str) -> Parser:
        """Here."""
        return self

    def addoption(self, name: str, **_: Any) -> None:
        """One more."""
        self.options.append(name)


class Manager:
    """Knows which plugins are blocked."""

    def __init__(self, *blocked: str) -> None:
        self.blocked = blocked

    def is_blocked(self, name: str) -> bool:
        """Whether `-p no:…` was given."""
        return name in self.blocked


@pytest.mark.parametrize(
    ("is_installed", "blocked", "ours"), [(False, (), True), (True, (), False), (True, ("html",), True)]
)
def test_the_report_for_browsers_gives_way_to_pytest_html(
    monkeypatch: pytest.MonkeyPatch, blocked: tuple[str, ...], *, is_installed: bool, ours: bool
) -> None:
    """Two plugins with one option would keep pytest from starting at all."""
    monkeypatch.setattr(plugin, "find_spec", lambda _: object() if is_installed else None)
    parser: Any = Parser()
    manager: Any = Manager(*blocked)

    plugin.pytest_addoption(parser, manager)

    assert ("--html" in parser.options) is ours
    assert {"--url", "--profile", "--json"} <= set(parser.options)
