"""
What every pytest run in this checkout shares.
"""

from __future__ import annotations

import inspect

import pytest

pytest_plugins = ("harness.plugin",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse coroutine tests that nobody would await: they would pass without having run."""
    for item in items:
        function = getattr(item, "obj", None)
        if inspect.iscoroutinefunction(function) and not hasattr(function, "_pytest_twisted_mark"):
            message = f"{item.nodeid} is an `async def` that nobody awaits: mark it @pytest_twisted.ensureDeferred"
            raise pytest.UsageError(message)
