"""
Interrupted responses: leaving early, half way, late, in crowds and in the middle of an answer.
"""

from harness import MUST, SHOULD, NotOffered, Window, gather, spec, tutorial
from specs.interruptions import at_its_second, begun, must_go_on
from specs.paces import pace
from specs.test_interrupted import (
    LEAVING,
    LOST_BEFORE,
    STOPPED,
    TOLD,
    WAITED,
    leave,
    long_enough,
    noticed,
    places_kept,
    visit,
    was_completed,
    work,
)

ABANDONED = tutorial("interrupted", "it is often desirable to abandon the response generation entirely")

#: Times that clients come and leave, each time as many as `LEAVING` and `parallel` allow.
ROUNDS = 3

#: Bytes of a request's body that are announced, and that come before its client leaves.
ANNOUNCED, BROUGHT = 1000, 100


def moment(page):
    """Seconds in which a server reads what there is to read."""
    return min(0.3, page.delay / 10)


async def flowing(target, page, wire):
    """A conversation whose streamed answer has begun, and that request's token."""
    conversation, token = await wire.open(), target.token()
    conversation.request("GET", page.stream, id=token)
    began = conversation.sent_at
    found = await conversation.seen(rb"\r\n\r\n(?s:.)", within=page.delay)
    assert found is not None, "the connection ended before the stream began"
    assert conversation.chunks[0].at - began in Window.until(page.delay / 2)
    return conversation, token


@spec(
    "interrupted/leaving-amid-the-header-disturbs-nobody",
    MUST,
    LOST_BEFORE,
    lasts=lambda target: target.interrupted.delay,
)
async def test_leaving_in_the_middle_of_a_header_disturbs_nobody(target, page, wire, clock):
    """
    Clients leave before they have said what they want: the server lives, and another client's answer is untouched.

    Sends:      a GET of the delayed page; on three more connections nothing, half a request line, and half a header; a
                moment later, a FIN on each of the three.
    Observes:   the whole answer to the GET, at its time, and that `ping` is answered after the others have left.
    Tolerance:  the profile's `early` and `slack`.
    Look at:    whatever is set up for a connection before its first request, and is missed at its end.
    """
    if target.parallel < 5:
        message = f"[server] parallel = {target.parallel}: it takes five connections at once to see this"
        raise NotOffered(message)
    request = wire.bytes_of("GET", page.path)
    staying, *leaving = await wire.open_many(4)
    staying.request("GET", page.path)
    for conversation, length in zip(leaving, (0, 7, len(request) - 10), strict=True):
        if length:
            conversation.send(request[:length])
    await clock.sleep(moment(page), "the server to read what there is")
    for conversation in leaving:
        conversation.close()
    await wire.ping()
    answer = await staying.answer()

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert page.body in answer.text
    assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "interrupted/leaving-amid-the-body-of-a-get-completes-nothing",
    MUST,
    STOPPED,
    needs=("stops_work", "notice=idle|rst"),
    witnesses=("done", "events"),
    lasts=long_enough,
)
async def test_a_get_whose_body_never_came_completes_nothing(target, page, wire, events, clock):
    """
    Work for a request that never came whole is not begun, or is stopped: it is never completed.

    Sends:      a GET of the delayed page that announces a thousand bytes and brings a hundred; a moment later, a FIN
                (a RST if `notice` is "rst"); meanwhile, a GET whose client stays.
    Observes:   that `done` is not said of the request that was broken off.
    Tolerance:  watched for `quiet` beyond the delay.
    Differs:    some servers begin the work when the header is there, others when the body is: both are fine.
    Look at:    a short body that is taken for a whole one when the connection ends.
    """

    async def leaves():
        conversation, token = await wire.open(), target.token()
        conversation.send(
            wire.bytes_of("GET", page.path, id=token, body=bytes(ANNOUNCED))[: BROUGHT - ANNOUNCED],
        )
        await clock.sleep(moment(page), "the server to read what there is of the body")
        leave(conversation, page)
        return token

    left, whole = await gather(leaves(), wire.get(page.path))
    await clock.sleep(target.timing.quiet + moment(page), "work that goes on to be completed")

    assert whole.complete, whole.problem
    assert not await was_completed(page, wire, events, left), "the work was completed, though its request never was"
    await wire.ping()


@spec(
    "interrupted/leaving-later-on-a-connection-stops-the-work",
    MUST,
    STOPPED,
    needs=("stops_work", "notice=idle|write|rst"),
    witnesses=("done", "events"),
    lasts=long_enough,
)
async def test_leaving_at_the_second_request_of_a_connection_stops_the_work(target, page, wire, events, clock):
    """
    Work for the second request of a connection stops, too, when its client leaves.

    Sends:      a GET of `ping`, and when it is answered, on the same connection, a GET of the delayed page (of `stream`
                if `notice` is "write"); after its `start`, a FIN (a RST if `notice` is "rst").
    Observes:   that `done` is not said of the second request.
    Tolerance:  watched for `quiet` beyond the delay.
    Differs:    a server that ends the connection after every answer does not offer this.
    Look at:    what is cancelled, if each connection has one place for it.
    """
    conversation, token = await at_its_second(target, page, wire, events, clock, work(page))
    began = conversation.sent_at
    leave(conversation, page)
    await clock.until(began + long_enough(target), "work that goes on to be completed")

    assert not await was_completed(page, wire, events, token), "the work was completed, although its client had left"
    await wire.ping()


@spec(
    "interrupted/leaving-at-a-second-delayed-request-cancels-only-it",
    MUST,
    TOLD,
    needs=("notice=idle|rst",),
    witnesses=("events",),
    lasts=lambda target: target.interrupted.delay + target.interrupted.within,
)
async def test_leaving_at_a_second_delayed_request_cancels_only_that_one(target, page, wire, events, clock):
    """
    Who waits for one delayed answer, asks for another on the same connection and leaves then, has interrupted the
    second, not the first.

    Sends:      a GET of the delayed page, and when it is answered, on the same connection, another one; after its
                `start`, a FIN (a RST if `notice` is "rst").
    Observes:   the `cancel` event of the second request, and `done` without `cancel` of the first.
    Tolerance:  the profile's `within`.
    Differs:    a server that ends the connection after every answer does not offer this.
    Look at:    a watch over the connection that still knows its first request only.
    """
    first, second = target.token(), target.token()
    conversation = await wire.open()
    conversation.request("GET", page.path, id=first)
    answer = await conversation.answer()
    must_go_on(conversation, answer)
    conversation.request("GET", page.path, id=second)
    await begun(target, page, events, clock, second)
    leave(conversation, page)
    await noticed(page, events, second)
    await events.settle()

    assert answer.complete, answer.problem
    assert [event.name for event in events.of(first) if event.name in ("done", "cancel")] == ["done"]


@spec(
    "interrupted/of-many-leaving-at-once-each-is-noticed",
    MUST,
    TOLD,
    needs=("notice=idle|rst",),
    witnesses=("events",),
    lasts=lambda target: target.interrupted.within + target.timing.quiet,
)
async def test_of_many_clients_that_leave_at_once_each_is_noticed(target, page, wire, events, clock):
    """
    Of many clients that leave at the same moment each is noticed, once.

    Sends:      GETs of the delayed page on forty connections (fewer if `parallel` is smaller); after their `start`s, a
                FIN (a RST if `notice` is "rst") on all of them at once.
    Observes:   the `cancel` events of all of them.
    Tolerance:  the profile's `within`; then watched for `quiet`.
    Look at:    a list of connections that is changed while it is walked through; a queue of notices that overflows.
    """
    conversations = await wire.open_many(min(LEAVING, target.parallel))
    tokens = [target.token() for _ in conversations]
    for conversation, token in zip(conversations, tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, *tokens)
    for conversation in conversations:
        leave(conversation, page)
    await gather(*(events.wait("cancel", token, within=page.within) for token in tokens))
    await clock.sleep(target.timing.quiet, "a second notice, which must not come")
    await events.settle()

    assert [len(events.of(token, "cancel")) for token in tokens] == [1] * len(tokens)
    await wire.ping()


@spec(
    "interrupted/half-closing-is-answered-or-cut-off",
    MUST,
    WAITED,
    lasts=lambda target: target.interrupted.delay,
)
async def test_who_half_closes_is_answered_or_cut_off(target, page, wire, events, clock):
    """
    A client that says it will send no more, and waits, is answered or sees the connection end: it is not forgotten.

    Sends:      a GET of the delayed page; after its `start`, the end of what we send, while we go on reading.
    Observes:   a whole answer at its time, or the end of the connection by then.
    Tolerance:  the profile's `early` and `slack`.
    Differs:    a server may take the end of what a client sends for its leaving, and cut it off; or answer; or both
                tell its own side of an interruption and answer.
    Look at:    a connection that nobody watches any more, and nobody closes.
    """
    conversation, _ = await visit(target, page, wire, events, clock, page.path)
    began = conversation.sent_at
    conversation.half_close()
    answer = await conversation.answer_if_any(within=page.delay + 2 * target.timing.slack + 1)

    if answer is not None:
        assert answer.complete, answer.problem
        assert page.body in answer.text
        assert answer.last_at - began in Window.around(page.delay, target.timing)
    else:
        assert clock.now() - began in Window.until(page.delay + target.timing.slack)
    await wire.ping()


@spec(
    "interrupted/leaving-amid-a-streamed-answer-is-noticed",
    MUST,
    TOLD,
    needs=("stream", "notice=idle|write|rst"),
    witnesses=("events",),
    lasts=lambda target: target.interrupted.within,
)
async def test_leaving_in_the_middle_of_a_streamed_answer_is_noticed(target, page, wire, events):
    """
    A client that leaves when the first part of its answer has come is noticed in time.

    Sends:      a GET of `stream`; when the first byte of its body is there, a FIN (a RST if `notice` is "rst").
    Observes:   the `cancel` event of that request, which was not there before.
    Tolerance:  the profile's `within`; the first byte within half the delay.
    Look at:    a watch that ends when the first byte has been written.
    """
    conversation, token = await flowing(target, page, wire)
    leave(conversation, page)

    await noticed(page, events, token)
    await wire.ping()


@spec(
    "interrupted/leaving-amid-a-streamed-answer-stops-the-work",
    MUST,
    STOPPED,
    needs=("stream", "stops_work", "notice=idle|write|rst"),
    witnesses=("done", "events"),
    lasts=long_enough,
)
async def test_leaving_in_the_middle_of_a_streamed_answer_stops_the_work(target, page, wire, events, clock):
    """
    Work that gives its answer piece by piece stops when its client leaves amid them.

    Sends:      a GET of `stream`; when the first byte of its body is there, a FIN (a RST if `notice` is "rst").
    Observes:   that `done` is not said of that request.
    Tolerance:  watched for `quiet` beyond the delay; the first byte within half the delay.
    Look at:    pieces that are written to nobody until they are all written.
    """
    conversation, token = await flowing(target, page, wire)
    began = conversation.sent_at
    leave(conversation, page)
    await clock.until(began + long_enough(target), "work that goes on to be completed")

    assert not await was_completed(page, wire, events, token), "the work was completed, although its client had left"
    await wire.ping()


@spec(
    "interrupted/a-streamed-answer-is-completed-for-who-stays",
    MUST,
    WAITED,
    needs=("stream",),
    lasts=lambda target: target.interrupted.delay,
)
async def test_a_streamed_answer_is_completed_for_who_stays(target, page, wire):
    """
    A client that stays sees a streamed answer to its end, also when another one leaves in the middle of its own.

    Sends:      two GETs of `stream`; when the first byte of each body is there, a FIN on the older one (a RST if
                `notice` is "rst").
    Observes:   that the other one is whole, and when its last byte comes.
    Tolerance:  the profile's `early` and `slack`; the first byte within half the delay.
    Look at:    one producer for all of them.
    """
    if target.parallel < 2:
        message = "[server] parallel = 1: there is no other request"
        raise NotOffered(message)
    (leaving, _), (staying, _) = await gather(flowing(target, page, wire), flowing(target, page, wire))
    with places_kept(target, page, 1):
        leave(leaving, page)
        answer = await staying.answer(within=2 * page.delay + target.timing.slack)

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "interrupted/after-many-have-left-it-answers-as-fast-as-before",
    SHOULD,
    ABANDONED,
    needs=("stops_work", "notice=idle"),
    lasts=lambda target: target.interrupted.delay + ROUNDS * 0.3,
)
async def test_after_many_have_left_the_server_answers_as_fast_as_before(target, page, wire, events, clock):
    """
    Requests that are interrupted leave nothing behind that slows the server down.

    Sends:      some GETs of `ping`; three times, forty GETs (fewer if `parallel` is smaller) of the delayed page, whose
                clients all leave after their `start`s; a GET of the delayed page, and some of `ping`.
    Observes:   the answer of the last one at its time; the median of what `ping` takes, before and after.
    Tolerance:  the profile's `early` and `slack`; `slack` for what `ping` may take longer.
    Look at:    places, threads or connections of who has left, which are not given back.
    """
    before = await pace(target, wire)
    for _ in range(ROUNDS):
        conversations = await wire.open_many(min(LEAVING, target.parallel))
        tokens = [target.token() for _ in conversations]
        for conversation, token in zip(conversations, tokens, strict=True):
            conversation.request("GET", page.path, id=token)
        await begun(target, page, events, clock, *tokens)
        for conversation in conversations:
            conversation.close()
        await gather(*(conversation.gone() for conversation in conversations))
    answer = await wire.get(page.path)
    after = await pace(target, wire)

    assert answer.status == 200
    assert page.body in answer.text
    assert answer.took in Window.around(page.delay, target.timing)
    assert after in Window.until(before + target.timing.slack)
