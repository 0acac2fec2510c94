"""
Paces: seconds in words that two runs have in common.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from specs.paces import coarse, reason_line


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-0.005, "within 0.5 s"),
        (0.0, "within 0.5 s"),
        (0.5, "within 0.5 s"),
        (0.6, "within 1 s"),
        (4.0, "within 5 s"),
        (60.0, "later"),
    ],
)
def test_seconds_are_told_in_steps(seconds: float, said: str) -> None:
    """Each in the lowest step that holds it."""
    assert coarse(seconds) == said


def test_the_first_line_of_an_answer_is_told_as_it_came() -> None:
    """Also with a reason that is no ASCII."""
    answer = SimpleNamespace(version=b"1.1", status=404, reason=b"Nicht gef\xfcgt")

    assert reason_line(answer) == "HTTP/1.1 404 Nicht gefügt"
