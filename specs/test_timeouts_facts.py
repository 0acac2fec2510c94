"""
Setting timeouts: what a client is told whose work took too long, or failed, or was done.
"""

from harness import MAY, gather, spec
from specs.facts import fields, steady
from specs.following import followed
from specs.paces import reason_line
from specs.test_timeouts import EITHER, PASSED, SOON, TELL, endless

#: Bytes of a body that are recorded.
MOST = 1000


def looks(answer, target):
    """All of an answer that two runs have in common."""
    return {
        "line": reason_line(answer),
        "fields": fields(answer, target),
        "framing": answer.framing,
        "body": steady(answer.body[:MOST], target),
    }


@spec("timeouts/its-answers-in-full", MAY, TELL, lasts=lambda target: target.timeouts.after)
async def test_the_answers_in_full(target, page, wire, facts):
    """
    What a client is told whose work took too long, and one whose work was done in time, word for word.

    Sends:      at once, a GET whose work takes more than twice `after` and a GET with quick work; then, on each of the
                connections, a GET of `ping`.
    Observes:   both answers, and whether the connections were kept.
    """
    conversations = await wire.open_many(2)
    for conversation, seconds in zip(conversations, (endless(page), SOON * page.after), strict=True):
        conversation.request("GET", page.path, s=seconds)
    answers = await gather(*(conversation.answer() for conversation in conversations))
    for name, answer, conversation in zip(("given up", "in time"), answers, conversations, strict=True):
        following = await followed(target, conversation)
        facts[name] = {**looks(answer, target), "connection kept": following is not None}

    for answer in answers:
        assert answer.complete, answer.problem


@spec(
    "timeouts/its-answer-to-failing-work-in-full",
    MAY,
    EITHER,
    needs=("fails",),
    lasts=lambda target: SOON * target.timeouts.after,
)
async def test_the_answer_to_failing_work_in_full(target, page, wire, facts):
    """
    What a client is told whose work failed in time, word for word.

    Sends:      one GET whose work fails after a quarter of `after`.
    Observes:   the answer.
    """
    answer = await wire.get(page.fails, s=SOON * page.after)
    facts.update(looks(answer, target))

    assert answer.complete, answer.problem


@spec("timeouts/its-answer-to-head", MAY, TELL, lasts=lambda target: target.timeouts.after)
async def test_the_answer_to_head(target, page, wire, facts):
    """
    What HEAD is told of work that takes too long, and whether it is begun at all.

    Sends:      one HEAD whose work takes more than twice `after`.
    Observes:   the answer, and whether it waits for the timeout.
    """
    answer = await wire.head(page.path, s=endless(page))
    facts.update(looks(answer, target))
    facts["waits"] = answer.waited > page.after / 2

    assert answer.complete, answer.problem


@spec(
    "timeouts/what-is-told-of-work",
    MAY,
    TELL,
    witnesses=("events",),
    lasts=lambda target: endless(target.timeouts) + target.timing.quiet,
)
async def test_what_is_told_of_work(target, page, wire, events, clock, facts):
    """
    The events of work that is done in time, that is given up, and whose client leaves.

    Sends:      three GETs at once: one with quick work, two whose work takes more than twice `after`; half way to the
                timeout, a FIN on the connection of one of these.
    Observes:   the events of all three, until all work would be over.
    """
    conversations = await wire.open_many(3)
    tokens = [target.token() for _ in conversations]
    for conversation, token, seconds in zip(
        conversations, tokens, (SOON * page.after, endless(page), endless(page)), strict=True
    ):
        conversation.request("GET", page.path, id=token, s=seconds)
    *stay, leaves = conversations
    await clock.sleep(page.after / 2, "half of the time that the work has")
    leaves.close()
    answers = await gather(*(conversation.answer() for conversation in stay))
    await clock.sleep(endless(page) - page.after + target.timing.quiet, "abandoned work that may go on")
    await events.settle()
    for name, token in zip(("in time", "given up", "client left"), tokens, strict=True):
        facts[name] = [event.name for event in events.of(token)]

    for answer in answers:
        assert answer.complete, answer.problem


@spec(
    "timeouts/what-work-ending-at-its-limit-is",
    MAY,
    PASSED,
    lasts=lambda target: target.timeouts.after,
    only_virtual="in real time nothing ends exactly when something else does",
)
async def test_what_work_that_ends_at_its_limit_is(page, wire, facts):
    """
    Whether work that takes exactly as long as it may is still in time.

    Sends:      one GET whose work takes exactly `after`.
    Observes:   whether its result comes or a timeout.
    """
    answer = await wire.get(page.path, s=page.after)
    facts["at its limit"] = "in time" if answer.status // 100 == 2 else "given up"

    assert answer.complete, answer.problem
