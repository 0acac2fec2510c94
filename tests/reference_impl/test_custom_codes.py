"""
Custom codes: a page that wants to be paid.
"""


def test_the_page_wants_to_be_paid(connect):
    """402, in the tutorial's words."""
    asked = connect().request("/buy")
    assert asked.status == 402
    assert asked.body == b"<html><body>Please swipe your credit card.</body></html>"
