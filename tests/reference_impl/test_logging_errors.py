"""
Logging errors: an interrupted response says so, once.
"""


def test_logging_errors_logs_one_line_for_each_interruption(connect, world, logged):
    """Two that leave log two lines; one that stays logs none."""
    connect().request("/logging-errors")
    connect().request("/logging-errors").leave()
    connect().request("/logging-errors").leave()
    world.advance(5)
    assert logged.count("Async response demo interrupted response") == 2
