"""
Setting timeouts: slow work is given up, quick work and failing work tell their own result.
"""

import pytest


def test_slow_work_is_given_up_after_the_time_and_cancelled(connect, world, told):
    """504 at `after`, not before; one event; the work never completes."""
    asked = connect().request("/timeouts?s=10&id=a")
    world.advance(1.999)
    assert asked.received == b""
    world.advance(0.001)
    assert asked.status == 504
    world.advance(20)
    assert told("a") == ["start", "timeout"]


def test_quick_work_tells_its_own_result_and_cancels_the_timer(connect, world, told):
    """200 when the work is done, and no late event."""
    asked = connect().request("/timeouts?s=0.5&id=a")
    world.advance(0.5)
    assert asked.status == 200
    world.advance(20)
    assert told("a") == ["start", "done"]


def test_failing_work_tells_its_own_failure(connect, world, told):
    """500 with its reason, which is no timeout."""
    asked = connect().request("/timeouts?s=0.5&fail=1&id=a")
    world.advance(0.5)
    assert asked.status == 500
    assert b"The work failed after 0.5 seconds" in asked.body
    world.advance(20)
    assert told("a") == ["start"]


def test_leaving_cancels_the_work_and_its_timeout(connect, world, told):
    """Nobody is told about a timeout that nobody waited for."""
    connect().request("/timeouts?s=10&id=a").leave()
    world.advance(20)
    assert told("a") == ["start", "cancel"]


@pytest.mark.parametrize("seconds", ["", "s=", "s=x", "s=-1", "s=nan", "s=inf"])
def test_seconds_that_are_none_are_refused(connect, seconds):
    """400, and nothing begins."""
    assert connect().request("/timeouts?" + seconds).status == 400
