"""
Interrupted responses: leaving cancels the work of the one who left, silently.
"""

import pytest


@pytest.mark.parametrize("page", ["/interrupted", "/interrupted/stream"])
def test_leaving_cancels_the_work(connect, world, told, page):
    """`cancel` comes at once, and `done` never."""
    asked = connect().request(page + "?id=a")
    world.advance(1)
    asked.leave()
    assert told("a") == ["start", "cancel"]
    world.pump([0.1] * 100)
    assert told("a") == ["start", "cancel"]
    assert connect().request("/interrupted/done?id=a").body == b"false"


def test_leaving_cancels_nobody_elses_work(connect, world, told):
    """Of two clients the one that stays is answered."""
    staying = connect().request("/interrupted?id=stays")
    connect().request("/interrupted?id=leaves").leave()
    world.advance(5)
    assert staying.status == 200
    assert told("leaves") == ["start", "cancel"]
    assert connect().request("/interrupted/done?id=stays").body == b"true"


def test_leaving_after_the_answer_cancels_nothing(connect, world, told):
    """The notification was success; what comes later is no news."""
    asked = connect().request("/interrupted?id=a")
    world.advance(5)
    asked.leave()
    assert told("a") == ["start", "done"]


def test_the_stream_drips_for_the_delay_and_ends(connect, world, told):
    """A line at once, one every tenth of a second, and the end at the delay."""
    asked = connect().request("/interrupted/stream?id=a")
    assert asked.body.count(b"drip\n") == 1
    world.pump([0.1] * 60)
    assert asked.received.endswith(b"0\r\n\r\n")
    assert 49 <= asked.received.count(b"drip\n") <= 51
    assert told("a") == ["start", "done"]


def test_an_interrupted_page_logs_nothing(connect, world, logged):
    """The most boring demonstration ever: nothing in the server's log."""
    connect().request("/interrupted").leave()
    world.advance(5)
    assert logged == []
