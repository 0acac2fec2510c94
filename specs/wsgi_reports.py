"""
Where the suite's WSGI application is, and what it says of the requests it was given.
"""

import json


def below(page, path):
    """The path of the application's behaviour `path` at this target."""
    return page.mount.rstrip("/") + path


def report(answer):
    """The JSON document that the application answered; anything else is a failure of the target."""
    assert answer.status == 200
    assert answer.complete, answer.problem
    try:
        return json.loads(answer.body)
    except ValueError:
        message = f"not the JSON that the application gave: {answer.body[:100]!r}"
        raise AssertionError(message) from None
