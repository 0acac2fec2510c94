"""
What the suite's CGI scripts say of the requests and of themselves, and how they are asked to say something.
"""

import json


def saying(page, *pieces, **then):
    """
    The path at which a script prints these pieces, and does more things then: see says.sh.

    A piece of bytes comes a moment after the one before it; a number is so many dots, which come at once.
    """
    things = []
    for piece in pieces:
        if isinstance(piece, int):
            things.append(f"dots={piece}")
        else:
            things += ["wait=0.05"] if things and not things[-1].startswith("dots") else []
            things.append("say=" + "".join(f"{byte:03o}" for byte in piece))
    things += (f"{name}={value}" for name, value in then.items())
    return f"{page.base}says.sh?{'&'.join(things)}"


def variables(answer):
    """The variables that variables.sh was given; a failed assertion where it did not come to say them."""
    assert answer.status == 200
    first, *lines = answer.body.decode("latin-1").split("\n")
    assert first == "variables", f"not what the script prints: {answer.body[:100]!r}"
    return dict(line.split("=", 1) for line in lines if "=" in line)


def document(answer):
    """The JSON that a script answered; a failed assertion where it did not come to say it."""
    assert answer.status == 200
    try:
        return json.loads(answer.body)
    except ValueError:
        message = f"not what the script prints: {answer.body[:100]!r}"
        raise AssertionError(message) from None
