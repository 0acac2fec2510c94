"""
`web60 serve`: the reference, in a process below ours.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from harness import serving

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(("number", "tell"), [(signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)])
def test_it_prints_its_url_and_ends_when_it_is_told_to(number: int, tell: Callable[[int, int], None]) -> None:
    """One line of JSON; then it answers. A terminal tells its group to end, a supervisor it alone; no child stays."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "serve", "--port", "0", "--delay", "0.1"],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        with urlopen(f"{ready['url']}ping") as answer:
            status = answer.status
    finally:
        tell(process.pid, number)
        process.communicate(timeout=60)

    assert status == 200
    with pytest.raises(URLError, match="refused"):
        urlopen(ready["url"])


@pytest.mark.parametrize("interrupted", [False, True])
def test_what_is_given_is_handed_on(monkeypatch: pytest.MonkeyPatch, *, interrupted: bool) -> None:
    """What is not given is left to the reference; its exit code is ours, even when both are interrupted."""
    begun: list[list[str]] = []

    class Child:
        def __init__(self, words: list[str], env: dict[str, str]) -> None:
            begun.append(words)
            self.waits = 0
            assert Path(words[words.index("--assets") + 1], "cgi-bin").is_dir()
            assert str(ROOT / "reference_impl") not in env["PYTHONPATH"].split(os.pathsep)

        def wait(self) -> int:
            self.waits += 1
            if interrupted and self.waits == 1:
                raise KeyboardInterrupt
            return 7

    monkeypatch.setattr(serving.subprocess, "Popen", Child)
    options: dict[str, Any] = {"host": "::1", "port": 0, "delay": None, "idle": 2.0, "literal": interrupted}

    with pytest.raises(SystemExit) as left:
        serving.serve(options)

    (words,) = begun
    assert left.value.code == 7
    assert words[words.index("--host") + 1] == "::1"
    assert words[words.index("--port") + 1] == "0"
    assert words[words.index("--idle") + 1] == "2.0"
    assert "--delay" not in words
    assert ("--literal" in words) is interrupted
