"""
Setting timeouts: each request has a timeout of its own, wherever it stands and whoever leaves.
"""

from harness import MUST, SHOULD, NotOffered, Window, gather, rfc, spec, tutorial
from specs.paces import pace
from specs.test_timeouts import CANCEL, FAILED, SOON, TELL, endless, in_time, on_its_own

AT_LIMIT = tutorial("timeouts", "tell the reactor to call our timeout function after TIMEOUT seconds have")
FREE = tutorial("asynchronous", "leaving the server free to respond to other requests")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
IN_ORDER = rfc(
    9112,
    "9.3.2",
    "MUST send the corresponding responses in the same order that the requests were received",
)

#: Parts of `after` at which another page is asked for meanwhile.
MEANWHILE = (0.1, 0.5, 0.8)

#: Requests whose work ends at the limit, and requests that time out together, as far as `parallel` goes.
SEVERAL, MANY = 8, 40

#: Times that many time out together.
ROUNDS = 2


@spec("timeouts/other-pages-answer-at-once-meanwhile", MUST, FREE, lasts=lambda target: target.timeouts.after)
async def test_other_pages_are_answered_at_once_while_work_is_waited_for(target, page, wire, clock):
    """
    While slow work is on its way to its timeout, another page is answered at once.

    Sends:      a GET whose work takes more than twice `after`; meanwhile, early, half way and late, a GET of `ping`,
                each on its own connection.
    Observes:   seconds from its moment to the last byte of each `ping`.
    Tolerance:  `slack` of [timing].
    Look at:    work, or the waiting for it, that blocks the event loop or the only worker.
    """
    if target.parallel < 2:
        message = "[server] parallel = 1: there is no other request"
        raise NotOffered(message)
    slow = await wire.open()
    slow.request("GET", page.path, s=endless(page))
    began = slow.sent_at
    quick = []
    for part in MEANWHILE:
        await clock.until(began + part * page.after, "a moment of the work")
        quick.append(await wire.get(target.alive.path))
    answer = await slow.answer()

    assert answer.status in page.status
    for one in quick:
        assert one.status == target.alive.status
    for part, one in zip(MEANWHILE, quick, strict=True):
        assert one.last_at - began in Window.around(part * page.after, target.timing)


@spec(
    "timeouts/each-request-of-a-connection-has-a-timeout-of-its-own",
    MUST,
    AT_LIMIT,
    lasts=lambda target: 2.5 * target.timeouts.after,
)
async def test_each_request_of_a_connection_has_a_timeout_of_its_own(target, page, wire, clock):
    """
    A second slow request on the same connection is given up `after` seconds from its own start.

    Sends:      a GET whose work takes more than twice `after`; when it has timed out, and half of `after` has gone by,
                the same once more on the same connection.
    Observes:   the statuses, and the seconds until the first byte of each.
    Tolerance:  `early` of [timing], `slack` of [timeouts].
    Differs:    a server may close the connection after a timeout: then the second one comes on another.
    Look at:    a timer that belongs to the connection, and is not started again.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path, s=endless(page))
    first = await conversation.answer()
    await clock.sleep(page.after / 2, "the second request's turn")
    if conversation.is_gone:
        conversation = await wire.open()
    conversation.request("GET", page.path, s=endless(page))
    second = await conversation.answer_if_any()
    if second is None:
        second = await wire.get(page.path, s=endless(page))

    for answer in (first, second):
        assert answer.status in page.status
    for answer in (first, second):
        assert answer.waited in in_time(target, page)


@spec("timeouts/work-ending-at-its-limit-is-answered-once", MUST, CANCEL, lasts=lambda target: target.timeouts.after)
async def test_work_that_ends_at_its_limit_is_answered_once(target, page, wire, clock):
    """
    Work that takes exactly as long as it may is answered with its result or given up: one of both, and once.

    Sends:      on eight connections (fewer if `parallel` is smaller) a GET whose work takes exactly `after`; when all
                are answered, a GET of `ping` on each.
    Observes:   the statuses, that each answer is whole, and that nothing stands between it and the next one.
    Differs:    a server may close the connection after an answer; then nothing may follow.
    Look at:    work and timer that fire in the same turn, and both believe to be first.
    """
    conversations = await wire.open_many(min(target.parallel, SEVERAL))
    for conversation in conversations:
        conversation.request("GET", page.path, s=page.after)
    answers = await gather(*(conversation.answer() for conversation in conversations))
    await clock.sleep(target.timing.quiet, "a second answer, which must not come")
    between = [conversation.received for conversation in conversations]
    for conversation in conversations:
        if not conversation.is_gone:
            conversation.request("GET", target.alive.path)
    following = await gather(*(conversation.answer_if_any(method="GET") for conversation in conversations))

    for answer in answers:
        assert answer.status in page.status or answer.status // 100 == 2, f"{answer.status} is neither"
        assert answer.complete, answer.problem
    for received, answer in zip(between, answers, strict=True):
        assert received == answer.raw
    for answer in following:
        if answer is not None:
            assert answer.status == target.alive.status


@spec(
    "timeouts/leaving-before-the-timeout-disturbs-nobody",
    MUST,
    FAILED,
    lasts=lambda target: target.timeouts.after + target.timing.quiet,
)
async def test_leaving_before_the_timeout_disturbs_nobody(target, page, wire, clock):
    """
    Clients leave while their work is waited for: the timeout of who stays comes at its time, and the server lives.

    Sends:      three GETs whose work takes more than twice `after`; half way to the timeout, a FIN on one connection
                and a RST on another; when all would have timed out, a GET of `ping`.
    Observes:   the status of the one that stays, and the seconds until its first byte.
    Tolerance:  `early` of [timing], `slack` of [timeouts].
    Look at:    a timeout that finds nobody to answer, and whose error reaches others.
    """
    if target.parallel < 4:
        message = f"[server] parallel = {target.parallel}: it takes four requests at once to see this"
        raise NotOffered(message)
    staying, closing, resetting = await wire.open_many(3)
    for conversation in (staying, closing, resetting):
        conversation.request("GET", page.path, s=endless(page))
    await clock.sleep(page.after / 2, "half of the time that the work has")
    closing.close()
    resetting.abort()
    answer = await staying.answer()
    await clock.sleep(target.timing.quiet, "the others' timeouts, which nobody waits for")

    assert answer.status in page.status
    assert answer.complete, answer.problem
    await wire.ping()
    assert answer.waited in in_time(target, page)


@spec("timeouts/a-timeout-in-front-keeps-its-place", MUST, IN_ORDER, lasts=lambda target: target.timeouts.after)
async def test_a_quick_request_behind_one_that_times_out_is_answered_second(target, page, wire):
    """
    A quick request behind a slow one on the same connection is answered after the timeout of that one.

    Sends:      in one piece, a GET whose work takes more than twice `after`, and a GET of `ping`.
    Observes:   the answers in the order in which they come.
    Differs:    a server may close the connection after the first answer instead of giving the second.
    Look at:    answers written as they get ready rather than in the order of their requests.
    """
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("GET", page.path, s=endless(page)) + wire.bytes_of("GET", target.alive.path),
    )
    first = await conversation.answer(method="GET")
    second = await conversation.answer_if_any(method="GET")

    assert first.status in page.status
    assert first.complete, first.problem
    if second is not None:
        assert second.status == target.alive.status


@spec(
    "timeouts/head-of-slow-work-has-no-body",
    MUST,
    NO_CONTENT,
    lasts=lambda target: target.timeouts.after + target.timing.quiet,
)
async def test_head_of_slow_work_has_no_body(target, page, wire, clock):
    """
    HEAD of work that times out brings fields and never a body: what would explain the timeout stays away.

    Sends:      a HEAD whose work takes more than twice `after`; after the timeout, on the same connection, a GET of
                `ping`.
    Observes:   every byte on the connection: after the fields, nothing until the next answer begins.
    Tolerance:  watched for `quiet` beyond the timeout.
    Differs:    waiting, answering at once and refusing HEAD are all fine; so is closing the connection.
    Look at:    error pages that are written whatever the method was.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path, s=endless(page))
    head = await conversation.answer()
    await clock.until(head.sent_at + page.after + page.slack + target.timing.quiet, "a body, which must not come")
    surplus = conversation.received.removeprefix(head.raw)

    assert surplus == b""
    if not conversation.is_gone:
        conversation.request("GET", target.alive.path)
        following = await conversation.answer_if_any()
        if following is not None:
            assert conversation.received == head.raw + following.raw


@spec(
    "timeouts/after-many-timeouts-it-answers-as-fast-as-before",
    SHOULD,
    TELL,
    lasts=lambda target: ROUNDS * (1.25 * target.timeouts.after + target.timeouts.slack) + target.timeouts.after,
)
async def test_after_many_timeouts_the_server_answers_as_fast_as_before(target, page, wire, clock):
    """
    Work that is given up does not fill the server up: the next is begun at once, and ends in its time.

    Sends:      some GETs of `ping`; twice, up to 40 (`parallel`) GETs at once whose work is over a little after its
                timeout, each on its own connection; a GET with quick work, and some of `ping`.
    Observes:   when the quick work is answered; the median of what `ping` takes, before and after.
    Tolerance:  `early` and `slack` of [timing]; `slack` for what `ping` may take longer.
    Look at:    threads or places that abandoned work keeps for good.
    """
    before = await pace(target, wire)
    for _ in range(ROUNDS):
        conversations = await wire.open_many(min(target.parallel, MANY))
        for conversation in conversations:
            conversation.request("GET", page.path, s=1.25 * page.after)
        answers = await gather(*(conversation.answer() for conversation in conversations))
        for conversation in conversations:
            conversation.close()
        await clock.sleep(page.after / 4 + page.slack, "abandoned work that may go on")
    quick = await wire.get(page.path, s=SOON * page.after)
    after = await pace(target, wire)

    for answer in answers:
        assert answer.status in page.status
    assert quick.status // 100 == 2
    assert quick.waited in on_its_own(target, page)
    assert after in Window.until(before + target.timing.slack)
