"""
Session basics: an ID that stays with its cookie, until it is expired.
"""


def test_the_id_stays_with_the_cookie(visit):
    """The second visit shows the first one's ID; a visitor without the cookie gets another."""
    first, cookie = visit("/session")
    again, _ = visit("/session", cookie)
    other, _ = visit("/session")
    assert first.body.startswith(b"Your session id is: ")
    assert again.body == first.body
    assert other.body != first.body


def test_expiring_ends_this_session_only(visit):
    """Mine is new after it, yours is not; expiring once more is harmless."""
    mine, my_cookie = visit("/session")
    yours, your_cookie = visit("/session")
    assert visit("/session/expire", my_cookie)[0].body == b"Your session has been expired."
    assert visit("/session/expire", my_cookie)[0].status == 200
    assert visit("/session", my_cookie)[0].body != mine.body
    assert visit("/session", your_cookie)[0].body == yours.body


def test_an_invented_id_is_not_adopted(visit):
    """The server chooses the ID."""
    assert b"invented" not in visit("/session", "TWISTED_SESSION=invented")[0].body
