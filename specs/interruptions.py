"""
How clients are brought to where they leave: their work has begun, on a connection that may have carried more.
"""

from harness import NotOffered, Window, gather

#: The part of the delay within which a client must have left, if its leaving is to stop anything.
STILL_AT_WORK = 0.9


async def begun(target, page, events, clock, *tokens):
    """Wait until the work for these requests has begun: the `start` events say so; without a feed, time must do."""
    if "events" in target.witnesses:
        within = page.delay + target.timing.slack
        await gather(*(events.wait("start", token, within=within) for token in tokens))
    else:
        await clock.sleep(min(0.3, page.delay / 10), "the work to begin")


def assert_at_work(conversation, page, clock):
    """Who leaves when the work is over interrupts nothing: then the news that it had begun came too late."""
    assert clock.now() - conversation.sent_at in Window.until(STILL_AT_WORK * page.delay)


def must_go_on(conversation, first):
    """Raise `NotOffered` where a connection ends with its first answer."""
    if conversation.is_gone or first.framing == "close" or "close" in (first.fields.get("connection") or "").lower():
        message = "the connection ends after its first answer"
        raise NotOffered(message)


async def at_its_second(target, page, wire, events, clock, path):
    """A conversation in the middle of its second request, which is for `path`, and that request's token."""
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", target.alive.path)
    must_go_on(conversation, await conversation.answer())
    conversation.request("GET", path, id=token)
    await begun(target, page, events, clock, token)
    assert_at_work(conversation, page, clock)
    return conversation, token
