"""
TOML documents that people hand us.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from harness.errors import UsageError


def read(path: Path, what: str) -> tuple[str, dict[str, Any]]:
    """A TOML file, as text and as tables.  Raises `UsageError`, which calls it `what`, where it is none."""
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except OSError as wrong:
        message = f"cannot read the {what} {path}: {wrong.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        message = f"the {what} {path} is not TOML: {wrong}"
    raise UsageError(message)
