"""
Asynchronous responses: the answer waits, then comes whole, and meanwhile the server serves others.
"""

from statistics import median

from harness import MUST, SHOULD, NotOffered, Window, gather, rfc, spec, tutorial
from specs.following import followed
from specs.paces import coarse

WAITS = tutorial("asynchronous", "loading the page takes 5 seconds")
OWN_TIME = tutorial("asynchronous", "it will also take 5 seconds from the time you request it")
NOT_DELAYED = tutorial("asynchronous", "it won't be delayed by any other outstanding requests")
FREE = tutorial("asynchronous", "leaving the server free to respond to other requests")
FRAMED = rfc(9112, "6.3")
ONE_CONNECTION = rfc(
    9112,
    "9.3",
    "allowing multiple requests and responses to be carried over a single connection",
)
PERSISTS = rfc(9112, "9.3", "the connection will persist after the current response")
IN_ORDER = rfc(
    9112,
    "9.3.2",
    "MUST send the corresponding responses in the same order that the requests were received",
)
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")

#: Requests outstanding together: more than the ten threads that Twisted's pool has, so that waiting in one shows.
AT_ONCE = 16

#: When the staggered requests start, as parts of the delay: each would be seen early if it ended with the one before.
STARTS = (0.0, 0.25, 0.5)

#: When the other page is asked for meanwhile, as parts of the delay.
MEANWHILE = (0.1, 0.45, 0.8)


def delay(target):
    """How many seconds a spec lasts, of this page or of `asynchronous-deferred`, which promises the same."""
    return max(table.delay for table in (target.asynchronous, target.asynchronous_deferred) if table is not None)


def at_once(target, least):
    """How many requests may be outstanding together; raises `NotOffered` if that is not enough to tell anything."""
    most = min(target.parallel, AT_ONCE)
    if most < least:
        message = f"[server] parallel = {target.parallel}: it takes {least} requests at once to see this"
        raise NotOffered(message)
    return most


@spec("asynchronous/silent-until-the-delay-is-over", MUST, WAITS, lasts=delay)
async def test_no_byte_arrives_before_the_delay_is_over(target, page, wire):
    """
    A delayed page keeps the line silent for its whole delay, then answers.

    Sends:      one GET of the delayed page, on a fresh connection.
    Observes:   seconds from our last byte sent to the first byte received.
    Tolerance:  the profile's `early` and `slack`.
    Look at:    a status line or header that is flushed before the work is done; a delay measured from something else
                than this request.
    """
    answer = await wire.get(page.path)

    assert answer.status == 200
    assert answer.waited in Window.around(page.delay, target.timing)


@spec("asynchronous/whole-when-the-delay-is-over", MUST, WAITS, lasts=delay)
async def test_the_whole_answer_is_there_when_the_delay_is_over(target, page, wire):
    """
    The last byte of a delayed answer comes when the delay is over, not only its first.

    Sends:      one GET of the delayed page, on a fresh connection.
    Observes:   seconds from our last byte sent to the last byte of the answer, as its own framing ends it.
    Tolerance:  the profile's `early` and `slack`.
    Look at:    a body, or the end of a body, that waits for a buffer to fill or for the connection to close.
    """
    answer = await wire.get(page.path)

    assert answer.complete, answer.problem
    assert answer.took in Window.around(page.delay, target.timing)


@spec("asynchronous/body-is-whole-and-framed", MUST, FRAMED, lasts=delay)
async def test_the_body_is_whole_and_its_end_can_be_told(page, wire, facts):
    """
    The body of a delayed answer is the page's own, and ends where its framing says.

    Sends:      one GET of the delayed page, on a fresh connection.
    Observes:   the body, and whether the end that was announced (a length, a last chunk, the close) came.
    Differs:    a length, chunks and ending by the close are all fine: which it was is recorded.
    Look at:    a length that counts characters instead of bytes; a last chunk that is never sent.
    """
    answer = await wire.get(page.path)
    facts["framing"] = answer.framing
    facts["fields"] = sorted({name.decode("latin-1").lower() for name, _ in answer.fields.raw})

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert page.body in answer.text


@spec(
    "asynchronous/next-answer-follows-on-the-same-connection",
    MUST,
    ONE_CONNECTION,
    lasts=delay,
)
async def test_the_connection_of_a_delayed_answer_can_be_used_again(target, page, wire, facts):
    """
    After a delayed answer the same connection carries the next answer, and nothing else.

    Sends:      a GET of the delayed page; once it is answered, a GET of `ping` on the same connection.
    Observes:   what comes after the delayed answer.
    Differs:    a server may close the connection after any answer: then nothing may follow.
    Look at:    bytes beyond the announced end; a connection that stays marked as busy and never answers again.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path)
    delayed = await conversation.answer()
    following = await followed(target, conversation)
    facts["reused"] = following is not None

    assert delayed.status == 200
    if following is None:
        assert conversation.received == delayed.raw
    else:
        assert following.status == target.alive.status
        assert following.complete, following.problem
        assert conversation.received == delayed.raw + following.raw


@spec(
    "asynchronous/connection-persists-unless-its-end-is-announced",
    SHOULD,
    PERSISTS,
    lasts=delay,
)
async def test_the_connection_of_a_delayed_answer_stays_unless_its_end_is_announced(target, page, wire):
    """
    A server that ends the connection with a delayed answer says so in that answer.

    Sends:      a GET of the delayed page; once it is answered, a GET of `ping` on the same connection.
    Observes:   `Connection: close`, an HTTP/1.0 answer or a body that ends with the connection; else a second answer.
    Look at:    an idle timer that runs while the answer is being worked on, and so ends the connection with it.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path)
    delayed = await conversation.answer()
    said = (delayed.fields.get("connection") or "").lower()
    announced = (
        "close" in said or delayed.framing == "close" or (delayed.version == b"1.0" and "keep-alive" not in said)
    )
    following = await followed(target, conversation)

    assert announced or following is not None, "the connection ended after the answer, which had not said that it would"


@spec("asynchronous/requests-at-once-do-not-queue", MUST, NOT_DELAYED, lasts=delay)
async def test_requests_at_once_take_one_delay_together(target, page, wire, facts):
    """
    As many delayed requests at once as the profile allows take one delay, not one after the other.

    Sends:      up to sixteen (`parallel`) GETs of the delayed page, each on its own connection, all at once.
    Observes:   that each is answered whole, and when.
    Tolerance:  the profile's `early` and `slack`, for each of them.
    Look at:    work that blocks the event loop or its thread; fewer threads or processes than `parallel` says.
    """
    conversations = await wire.open_many(at_once(target, least=2))
    for conversation in conversations:
        conversation.request("GET", page.path)
    answers = await gather(*(conversation.answer() for conversation in conversations))
    beyond = sorted(answer.took - page.delay for answer in answers)
    facts["beyond the delay"] = {"median": coarse(median(beyond)), "worst": coarse(beyond[-1])}

    for answer in answers:
        assert answer.status == 200
        assert answer.complete, answer.problem
    for answer in answers:
        assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "asynchronous/each-request-waits-from-its-own-start",
    MUST,
    OWN_TIME,
    lasts=lambda target: delay(target) * (1 + STARTS[-1]),
)
async def test_staggered_requests_each_take_the_delay_from_their_own_start(target, page, wire, clock):
    """
    A request that comes while another waits takes the whole delay itself, from its own start.

    Sends:      three GETs of the delayed page on their own connections, a quarter of the delay apart.  (A connection
                that the server has closed because it was idle so long is opened again.)
    Observes:   seconds from the last byte of each to the last byte of its answer.
    Tolerance:  the profile's `early` and `slack`, for each of them.
    Look at:    one timer shared by all requests; an answer written to whoever is there when it fires.
    """
    at_once(target, least=len(STARTS))

    async def visit(conversation, start):
        await clock.sleep(start * page.delay, "the next visitor's turn")
        if conversation.is_gone:
            conversation = await wire.open()
        conversation.request("GET", page.path)
        return await conversation.answer()

    conversations = await wire.open_many(len(STARTS))
    answers = await gather(*map(visit, conversations, STARTS))

    for answer in answers:
        assert answer.status == 200
    for answer in answers:
        assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "asynchronous/other-pages-answer-at-once-meanwhile",
    MUST,
    FREE,
    lasts=delay,
)
async def test_other_pages_are_answered_at_once_while_requests_wait(target, page, wire, clock):
    """
    While delayed requests are outstanding, another page is answered at once.

    Sends:      GETs of the delayed page on up to fifteen connections (one less than `parallel`); meanwhile, early, half
                way and late in the delay, a GET of `ping` on one more connection, or on fresh ones if that is closed.
    Observes:   seconds from its moment to the last byte of each `ping`, and that the first was answered before any
                delayed page.
    Tolerance:  the profile's `slack`.
    Look at:    work that blocks the event loop; a pool of threads that delayed requests fill.
    """
    *slow, other = await wire.open_many(at_once(target, least=2))
    for conversation in slow:
        conversation.request("GET", page.path)
    began = clock.now()

    async def elsewhere(conversation, moment):
        await clock.until(began + moment * page.delay, "a moment of the delay")
        if conversation.is_gone:
            conversation = await wire.open()
        conversation.request("GET", target.alive.path)
        answer = await conversation.answer_if_any()
        return answer or await wire.get(target.alive.path)

    quick = [await elsewhere(other, moment) for moment in MEANWHILE]
    delayed = await gather(*(conversation.answer() for conversation in slow))

    for answer in quick:
        assert answer.status == target.alive.status
    for answer in delayed:
        assert answer.status == 200
    for moment, answer in zip(MEANWHILE, quick, strict=True):
        assert answer.last_at - began in Window.around(moment * page.delay, target.timing)
    assert quick[0].last_at - began in Window.until(min(answer.last_at for answer in delayed) - began)


@spec("asynchronous/quick-and-slow-answers-are-not-swapped", MUST, FREE, lasts=delay)
async def test_quick_and_slow_requests_each_get_their_own_answer(target, page, wire):
    """
    Quick and delayed requests that alternate over many connections each get the answer to their own request.

    Sends:      alternately on up to sixteen (`parallel`) connections a GET of the delayed page and a GET of `ping`; on
                the quick connections, where they stay open, a second `ping` while the delayed ones still wait.
    Observes:   which connection gets which answer, and that each is whole.
    Look at:    the request or its connection kept in a place that several requests share.
    """
    conversations = await wire.open_many(at_once(target, least=2) // 2 * 2)
    slow, quick = conversations[::2], conversations[1::2]
    for delayed, hurried in zip(slow, quick, strict=True):
        delayed.request("GET", page.path)
        hurried.request("GET", target.alive.path)
    quick_answers = await gather(*(conversation.answer() for conversation in quick))
    still_open = [conversation for conversation in quick if not conversation.is_gone]
    for conversation in still_open:
        conversation.request("GET", target.alive.path)
    second_answers = await gather(*(conversation.answer_if_any() for conversation in still_open))
    slow_answers = await gather(*(conversation.answer() for conversation in slow))

    for answer in [
        *quick_answers,
        *(answer for answer in second_answers if answer is not None),
    ]:
        assert answer.status == target.alive.status
        assert answer.complete, answer.problem
        assert page.body not in answer.text
    for answer in slow_answers:
        assert answer.status == 200
        assert answer.complete, answer.problem
        assert page.body in answer.text


@spec("asynchronous/pipelined-answers-keep-their-order", MUST, IN_ORDER, lasts=delay)
async def test_a_quick_request_pipelined_behind_a_delayed_one_is_answered_second(target, page, wire, facts):
    """
    A quick request behind a delayed one on the same connection is answered after it, not instead or in between.

    Sends:      in one piece, a GET of the delayed page and a GET of `ping`.
    Observes:   the answers in the order in which they come.
    Differs:    a server may close the connection after the first answer instead of giving the second.
    Look at:    answers written as they get ready rather than in the order of their requests.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path) + wire.bytes_of("GET", target.alive.path))
    first = await conversation.answer(method="GET")
    second = await conversation.answer_if_any(method="GET")
    facts["pipelined request"] = "closed" if second is None else "answered"

    assert first.status == 200
    assert first.complete, first.problem
    assert page.body in first.text
    if second is not None:
        assert second.status == target.alive.status
        assert second.complete, second.problem
        assert page.body not in second.text


@spec(
    "asynchronous/head-has-no-body",
    MUST,
    NO_CONTENT,
    lasts=lambda target: delay(target) + target.timing.quiet,
)
async def test_head_of_a_delayed_page_has_no_body(target, page, wire, clock, facts):
    """
    HEAD of a delayed page brings fields and never a body, not even once the delay is over.

    Sends:      a HEAD of the delayed page; after the delay, on the same connection, a GET of `ping`.
    Observes:   every byte on the connection: after the fields, nothing until the next answer begins.
    Tolerance:  watched for `quiet` beyond the delay.
    Differs:    waiting for the delay, answering at once and refusing HEAD are all fine; so are fields about the body
                that a GET would have; so is closing the connection.
    Look at:    work that was started for the HEAD and writes its result when it is done.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path)
    head = await conversation.answer()
    facts["waits"] = head.waited > page.delay - target.timing.early
    facts["status"] = head.status
    facts["fields"] = sorted({name.decode("latin-1").lower() for name, _ in head.fields.raw})
    await clock.until(head.sent_at + page.delay + target.timing.quiet, "a body, which must not come")
    surplus = conversation.received.removeprefix(head.raw)

    assert surplus == b""
    if not conversation.is_gone:
        conversation.request("GET", target.alive.path)
        following = await conversation.answer_if_any()
        if following is not None:
            assert conversation.received == head.raw + following.raw
