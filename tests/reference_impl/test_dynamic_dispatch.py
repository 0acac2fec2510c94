"""
Dynamic dispatch: every whole number is a page, and what is none an error.
"""

from calendar import calendar


def test_a_year_is_its_calendar(connect):
    """As Python prints it."""
    assert calendar(2009).encode() in connect().request("/dynamic-dispatch/2009").body


def test_what_is_no_number_is_an_internal_error(connect):
    """The tutorial punts on error handling."""
    assert connect().request("/dynamic-dispatch/abc").status == 500
