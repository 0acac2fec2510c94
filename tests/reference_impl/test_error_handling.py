"""
Error handling: what is no year is not found.
"""

from calendar import calendar


def test_a_year_is_found(connect):
    """With its calendar."""
    assert calendar(2009).encode() in connect().request("/error-handling/2009").body


def test_what_is_no_year_is_not_found(connect):
    """Nor is anything below it."""
    assert connect().request("/error-handling/abc").status == 404
    assert connect().request("/error-handling/abc/2009").status == 404
