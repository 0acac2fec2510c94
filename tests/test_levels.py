"""
The three words of RFC 2119.
"""

from __future__ import annotations

from harness.levels import MAY, MUST, SHOULD, Level


def test_there_are_three_levels_in_the_words_of_the_standard() -> None:
    """A level is written as RFC 2119 writes it."""
    assert [level.value for level in Level] == ["MUST", "SHOULD", "MAY"]


def test_a_level_shows_as_its_word() -> None:
    """A failing assert prints the word, not the enumeration."""
    assert repr([MUST, SHOULD, MAY]) == "[MUST, SHOULD, MAY]"
