"""
Storing objects in the session: a count for each.
"""


def test_the_counter_counts_each_session_and_restarts_with_it(visit):
    """1, 2, 3 for one visitor, 1 for another, and 1 again after the session was expired."""
    first, cookie = visit("/counter")
    assert first.body == b"Visit #1 for you!"
    assert visit("/counter", cookie)[0].body == b"Visit #2 for you!"
    assert visit("/counter", cookie)[0].body == b"Visit #3 for you!"
    assert visit("/counter")[0].body == b"Visit #1 for you!"
    visit("/session/expire", cookie)
    assert visit("/counter", cookie)[0].body == b"Visit #1 for you!"
