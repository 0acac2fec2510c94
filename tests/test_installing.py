"""
Running installers: what they print, how they fail, how they are ended.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from harness.installing import LAST_LINES, Installer, NotInstalled, python_of


@pytest.fixture
def installer() -> Installer:
    """One that nobody uses beside us."""
    return Installer()


def test_what_a_tool_prints_is_given(installer: Installer) -> None:
    """On standard output; the variables are its own."""
    words = [sys.executable, "-c", "import os, sys; print(os.environ['COLOUR']); print('noise', file=sys.stderr)"]

    assert installer.output(words, COLOUR="blue") == "blue\n"


def test_our_own_environment_is_not_its(installer: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would install there."""
    monkeypatch.setenv("VIRTUAL_ENV", "/ours")

    assert installer.output([sys.executable, "-c", "import os; print('VIRTUAL_ENV' in os.environ)"]) == "False\n"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_tool_that_fails_is_told_in_its_last_words(installer: Installer, stream: str) -> None:
    """The cause stands there."""
    code = f"import sys; [print(n, file=sys.{stream}) for n in range(30)]; sys.exit(2)"

    with pytest.raises(NotInstalled) as wrong:
        installer.output([sys.executable, "-c", code])

    assert str(wrong.value).splitlines() == [str(n) for n in range(30 - LAST_LINES, 30)]


def test_a_tool_that_fails_without_a_word_is_told_by_its_code(installer: Installer) -> None:
    """There is nothing else."""
    with pytest.raises(NotInstalled, match="exit code 3"):
        installer.output([sys.executable, "-c", "raise SystemExit(3)"])


def test_stopping_ends_what_runs_and_what_begins(installer: Installer) -> None:
    """An interrupt waits for nobody."""
    found: list[str] = []
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]

    def run() -> None:
        with pytest.raises(NotInstalled) as wrong:
            installer.output(sleeps)
        found.append(str(wrong.value))

    thread = threading.Thread(target=run)
    thread.start()
    while not installer._running:
        time.sleep(0.01)
    installer.stop()
    thread.join()
    run()

    assert found == ["exit code -15"] * 2


def test_uv_is_at_hand(installer: Installer) -> None:
    """It comes with us."""
    assert installer.uv("--version").startswith("uv ")


def test_the_python_of_an_environment_is_where_it_is_in_ours() -> None:
    """Its prefix and ours differ in nothing else."""
    assert Path(python_of("/env")) == Path("/env/bin/python")
