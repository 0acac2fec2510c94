"""
Where the suite's WSGI application is, and what it says of the requests it was given.
"""

import json
from urllib.parse import quote

#: Seconds after which a page that neither sleeps nor waits is taken for hanging.
PATIENCE = 3.0


def below(page, path):
    """The path of the application's behaviour `path` at this target."""
    return page.mount.rstrip("/") + path


def saying(page, *fields, **said):
    """
    The path at which the application answers so: `fields` as "Name: value", `status`, `blocks`, `length`, `kind`, `by`.

    What stands for each of them in the application says what they mean.
    """
    pairs = [("field", field) for field in fields]
    pairs += [("block", block.hex()) for block in said.pop("blocks", ())]
    pairs += said.items()
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in pairs)
    return below(page, f"/answer?{query}")


def report(answer):
    """The JSON document that the application answered; anything else is a failure of the target."""
    assert answer.status == 200
    assert answer.complete, answer.problem
    try:
        return json.loads(answer.body)
    except ValueError:
        message = f"not the JSON that the application gave: {answer.body[:100]!r}"
        raise AssertionError(message) from None


async def answered(wire, path):
    """The answer to a GET on a connection that may be kept alive, or None where none came before it was closed."""
    conversation = await wire.open()
    conversation.request("GET", path)
    return await conversation.answer_if_any(within=PATIENCE)


def succeeded(answer):
    """Whether a client would take this for a whole and good answer."""
    return answer is not None and answer.complete and 200 <= answer.status < 300
