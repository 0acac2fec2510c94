"""
Other request bodies: any of them is shown as text.
"""

import pytest


@pytest.mark.parametrize("type_", ["application/json", "application/x-www-form-urlencoded", "text/html"])
def test_any_body_is_shown(connect, type_):
    """Escaped, and as it came."""
    asked = connect().request("/other-request-bodies", f"Content-Type: {type_}", method="POST", body=b"<a=1+2&b>")
    assert asked.body.endswith(b"You submitted: &lt;a=1+2&amp;b&gt;")


def test_what_is_no_text_is_refused(connect, literal):
    """The printed page fails at it."""
    assert connect().request("/other-request-bodies", method="POST", body=b"\xff").status == 400
    assert connect(literal).request("/other-request-bodies", method="POST", body=b"\xff").status == 500


def test_the_form_is_that_of_the_other_page(connect):
    """It is the same tutorial's."""
    assert b"<form method='POST'>" in connect().request("/other-request-bodies").body
