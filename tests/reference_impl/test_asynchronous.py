"""
The delayed pages: silent for the delay, then whole; clients that left disturb nobody.
"""

import pytest

PAGES = ["/asynchronous", "/asynchronous-deferred", "/interrupted", "/logging-errors"]


@pytest.mark.parametrize("page", PAGES)
def test_a_delayed_page_is_silent_for_its_delay_and_then_whole(connect, world, told, page):
    """Nothing is written a moment before the delay is over, everything when it is."""
    asked = connect().request(page + "?id=a")
    world.advance(4.999)
    assert asked.received == b""
    assert told("a") == ["start"]
    world.advance(0.001)
    assert asked.status == 200
    assert asked.body == b"<html><body>Sorry to keep you waiting.</body></html>"
    assert told("a") == ["start", "done"]


@pytest.mark.parametrize("page", PAGES)
def test_delays_overlap(connect, world, page):
    """A second request takes its own delay, not the sum."""
    first = connect().request(page)
    world.advance(2)
    second = connect().request(page)
    world.advance(3)
    assert first.status == 200
    assert second.received == b""
    world.advance(2)
    assert second.status == 200


@pytest.mark.parametrize("page", PAGES)
def test_the_head_of_a_delayed_page_has_no_body(connect, world, page):
    """HEAD waits as GET does, and ends with the header."""
    asked = connect().request(page, method="HEAD")
    world.advance(5)
    assert asked.received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("page", PAGES[:2])
def test_a_client_that_left_early_is_no_error(connect, world, told, page):
    """The pages that do not watch for leaving finish their work and say nothing to nobody."""
    asked = connect().request(page + "?id=a")
    asked.leave()
    world.advance(5)
    assert asked.received == b""
    assert told("a") == ["start", "done"]
