"""
Interrupted responses: what leaving by halves, or with more still to be read, comes to.
"""

from harness import MAY, gather, spec
from specs.facts import fields
from specs.interruptions import begun
from specs.paces import reason_line
from specs.test_interrupted import LOST_BEFORE, TOLD, WAITED, visit

#: Bytes that stand behind a delayed request when its client leaves: one small request, and those below and above the
#: 16 KiB after which Twisted stops reading.
BEHIND = {"a request": 0, "4 KiB": 4 << 10, "32 KiB": 32 << 10}


def told(events, token):
    """The names of what was told of a request, in their order."""
    return [event.name for event in events.of(token)]


@spec(
    "interrupted/what-half-closing-comes-to",
    MAY,
    LOST_BEFORE,
    witnesses=("events",),
    lasts=lambda target: target.interrupted.delay + target.timing.quiet,
)
async def test_what_half_closing_comes_to(target, page, wire, events, clock, facts):
    """
    Whether a client that sends no more, but reads on, is answered, taken for one that has left, or both.

    Sends:      a GET of the delayed page; after its `start`, the end of what we send.
    Observes:   whether an answer comes, how the connection ends, and the events of the request.
    """
    conversation, token = await visit(target, page, wire, events, clock, page.path)
    conversation.half_close()
    await clock.sleep(page.delay + target.timing.slack + target.timing.quiet, "an answer, or the connection's end")
    await events.settle()
    facts["bytes come"] = conversation.received != b""
    facts["the connection"] = (await conversation.gone()) if conversation.is_gone else "stays open"
    facts["events"] = told(events, token)

    await wire.ping()


@spec(
    "interrupted/what-leaving-with-unread-bytes-comes-to",
    MAY,
    TOLD,
    witnesses=("events",),
    lasts=lambda target: target.interrupted.delay + target.timing.quiet,
)
async def test_what_leaving_with_unread_bytes_comes_to(target, page, wire, events, clock, facts):
    """
    Whether leaving is noticed behind more requests than a server reads ahead, and what becomes of those.

    Sends:      on three connections, a GET of the delayed page and at once behind it GETs of it again: one, and so many
                that they are 4 and 32 KiB; after the `start` of the first, a FIN.
    Observes:   the events of the first request of each, until `quiet` after the delay; whether any other was begun.
    """

    async def leaves(size):
        first, last = target.token(), target.token()
        asked = wire.bytes_of("GET", page.path, id=last)
        conversation = await wire.open()
        conversation.request("GET", page.path, id=first)
        conversation.send(asked * max(1, size // len(asked)))
        await begun(target, page, events, clock, first)
        conversation.close()
        return first, last

    tokens = await gather(*map(leaves, BEHIND.values()))
    await clock.sleep(page.delay + target.timing.quiet, "what comes of it")
    await events.settle()
    for size, (first, last) in zip(BEHIND, tokens, strict=True):
        behind = "begun" if events.of(last, "start") else "not begun"
        facts[size] = {"in front": told(events, first), "behind it": behind}

    await wire.ping()


@spec(
    "interrupted/what-is-told-of-a-close",
    MAY,
    TOLD,
    witnesses=("events",),
    lasts=lambda target: target.interrupted.delay + target.timing.quiet,
)
async def test_what_is_told_of_a_close(target, page, wire, events, clock, facts):
    """
    The events of a request whose client closes its connection, and of one whose client stays.

    Sends:      two GETs of the delayed page; after their `start`s, a FIN on one of the connections.
    Observes:   the events of both requests, until `quiet` after the delay.
    """
    (leaving, left), (staying, stayed) = await gather(
        *(visit(target, page, wire, events, clock, page.path) for _ in range(2))
    )
    leaving.close()
    answer = await staying.answer()
    await clock.sleep(target.timing.quiet, "what comes of it")
    await events.settle()
    facts["who leaves"], facts["who stays"] = told(events, left), told(events, stayed)

    assert answer.complete, answer.problem


@spec(
    "interrupted/what-is-told-of-a-reset",
    MAY,
    TOLD,
    witnesses=("events",),
    lasts=lambda target: target.interrupted.delay + target.timing.quiet,
    only_real="memory has no reset of its own: it would show what we make of one",
)
async def test_what_is_told_of_a_reset(target, page, wire, events, clock, facts):
    """
    The events of a request whose client resets its connection.

    Sends:      a GET of the delayed page; after its `start`, a RST.
    Observes:   the events of the request, until `quiet` after the delay.
    """
    leaving, left = await visit(target, page, wire, events, clock, page.path)
    leaving.abort()
    await clock.sleep(page.delay + target.timing.quiet, "what comes of it")
    await events.settle()
    facts["who resets"] = told(events, left)

    await wire.ping()


@spec("interrupted/its-answer-in-full", MAY, WAITED, lasts=lambda target: target.interrupted.delay)
async def test_the_answer_of_who_stays_in_full(target, page, wire, facts):
    """
    What a client that stays is told: the first line of the answer, its fields in their order, and its framing.

    Sends:      one GET of the delayed page.
    Observes:   the answer.
    """
    answer = await wire.get(page.path)
    facts.update(line=reason_line(answer), fields=fields(answer, target), framing=answer.framing)

    assert answer.complete, answer.problem


@spec(
    "interrupted/its-streamed-answer-in-full",
    MAY,
    WAITED,
    needs=("stream",),
    lasts=lambda target: target.interrupted.delay,
)
async def test_the_streamed_answer_of_who_stays_in_full(target, page, wire, facts):
    """
    What a client that stays is told by `stream`: the first line of the answer, its fields in their order, its framing.

    Sends:      one GET of `stream`.
    Observes:   the answer, and whether it comes in more than one piece.
    """
    answer = await wire.get(page.stream, within=2 * page.delay + target.timing.slack)
    facts.update(line=reason_line(answer), fields=fields(answer, target), framing=answer.framing)
    facts["pieces"] = "several" if len(answer.chunks) > 1 else "one"

    assert answer.complete, answer.problem
