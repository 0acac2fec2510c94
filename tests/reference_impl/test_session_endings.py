"""
Session endings: short sessions, kept alive by visits, told about when they end.
"""


def test_a_session_that_was_never_at_logme_lives_900_seconds(visit, world):
    """Twisted's lifetime, which the short sessions of another page do not change."""
    first, cookie = visit("/session")
    world.advance(899)
    assert visit("/session", cookie)[0].body == first.body
    world.advance(900)
    assert visit("/session", cookie)[0].body != first.body


def test_a_short_session_expires_once_when_it_is_left_alone(visit, world, told):
    """`expire` comes `idle` seconds after the visit, once, and the ID is gone."""
    first, cookie = visit("/logme")
    session = first.body.split()[-1].decode("ascii")
    world.advance(4.999)
    assert told(session) == []
    world.advance(0.001)
    assert told(session) == ["expire"]
    world.advance(20)
    assert told(session) == ["expire"]
    assert visit("/logme", cookie)[0].body != first.body


def test_visiting_keeps_a_short_session_alive(visit, world, told):
    """Any page that asks for the session counts as a visit, every time."""
    first, cookie = visit("/logme")
    for page in ("/logme", "/counter", "/session", "/logme"):
        world.advance(3)
        visit(page, cookie)
    assert visit("/logme", cookie)[0].body == first.body
    assert told(first.body.split()[-1].decode("ascii")) == []


def test_expiring_a_short_session_is_told_once(visit, world, told):
    """Explicitly, and never again when its time would have come."""
    first, cookie = visit("/logme")
    visit("/session/expire", cookie)
    world.advance(10)
    assert told(first.body.split()[-1].decode("ascii")) == ["expire"]
