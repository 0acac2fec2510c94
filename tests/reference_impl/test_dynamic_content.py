"""
Dynamic content: the time, anew for each request.
"""

import time


def test_the_time_is_that_of_the_request(connect, world):
    """By the reactor's clock, in local time."""
    world.advance(1e9)
    assert connect().request("/dynamic-content").body.endswith(time.ctime(1e9).encode())
    world.advance(61)
    assert connect().request("/dynamic-content").body.endswith(time.ctime(1e9 + 61).encode())


def test_the_page_is_a_leaf(connect):
    """What stands below it is the page."""
    assert connect().request("/dynamic-content/more/and/more").status == 200
