"""
Interrupted responses: a client that leaves stops the work that was done for it, and nothing else.
"""

import re
from contextlib import contextmanager

from harness import MUST, NotObservable, NotOffered, Window, gather, spec, tutorial
from specs.interruptions import assert_at_work, at_its_second, begun

TOLD = tutorial("interrupted", "be notified that the connection has been lost")
STOPPED = tutorial("interrupted", "the delayed event is cancelled and the response is never generated")
LOST_BEFORE = tutorial(
    "interrupted",
    "connection to the client may be lost before the response is generated",
)
SUCCESS = tutorial(
    "interrupted",
    "if the request is successfully responded to or with an error otherwise",
)
WAITED = tutorial("interrupted", "If you wait five seconds, you'll get the page content")
SILENCE = tutorial("interrupted", "no page content, and nothing in the server logs")

#: Clients that leave at once, where `parallel` allows so many, and clients that stay meanwhile.
LEAVING = 40
STAYING = 3

#: Requests outstanding where two clients leave amid a body: theirs, that of a third client, and `ping`.
BESIDE_BODIES = 4

#: What an access log says of a request: its line quoted and then the status (Apache, nginx, Twisted, gunicorn, aiohttp,
#: uvicorn), or the method, the path and then the status (the small loggers of Node).
ACCESS = re.compile(r'"[A-Z]+ [^"]+ HTTP/[\d.]+" (\d{3}|-)(?!\S)|\b(GET|HEAD|POST) /\S* (\d{3}|-)(?!\S)')

#: How often a page may be taken for one that logs: another page's late line comes by chance, its own comes each time.
TRIES = 3


def long_enough(target):
    """How many seconds it takes until work that was not stopped has shown itself."""
    return target.interrupted.delay + target.timing.quiet


def log_watched(target):
    """How many seconds the log is watched after leaving: until the answer was due, where work for it goes on."""
    page = target.interrupted
    soon = min(page.within, 1.0)
    return soon if page.stops_work else max(soon, page.delay + target.timing.slack)


def work(page):
    """At which page the server can notice that its client has left."""
    if page.notice != "write":
        return page.path
    if page.stream is None:
        message = 'notice = "write", and there is no `stream` that would write before the work is done'
        raise NotOffered(message)
    return page.stream


def leave(conversation, page):
    """Leave in the gentlest way that the server claims to notice."""
    if page.notice == "rst":
        conversation.abort()
    else:
        conversation.close()


@contextmanager
def places_kept(target, page, count):
    """
    Meanwhile `count` clients that left still count among the requests outstanding at the target.

    Where leaving does not stop the work, it holds a thread or a worker to its end: more requests than `parallel` allows
    would wait for one, and be late for no fault of the server's.
    """
    kept = 0 if page.stops_work and page.notice == "idle" else count
    target.limit.squeeze(kept)
    try:
        yield
    finally:
        target.limit.leave(kept)


async def visit(target, page, wire, events, clock, path):
    """Begin a conversation that is in the middle of a request for `path`; also the token of that request."""
    conversation, token = await wire.open(), target.token()
    conversation.request("GET", path, id=token)
    await begun(target, page, events, clock, token)
    assert_at_work(conversation, page, clock)
    return conversation, token


async def noticed(page, events, token):
    """Wait for the `cancel` of a client who leaves right now; while the client was there, none may have come."""
    before = events.of(token, "cancel")
    await events.wait("cancel", token, within=page.within)

    assert before == ()


async def was_completed(page, wire, events, token):
    """Whether any witness says that the work for this request was completed."""
    if page.done is not None:
        answer = await wire.get(page.done, id=token)
        if answer.text.strip().lower() == "true":
            return True
    await events.settle()
    return bool(events.of(token, "done"))


async def stops(target, page, wire, events, clock, end):
    """Ask for work twice, `end` one of the conversations, and see which work was completed."""
    path, control = work(page), target.token()

    async def leaves():
        conversation, token = await visit(target, page, wire, events, clock, path)
        end(conversation)
        return token

    left, whole = await gather(leaves(), wire.get(path, id=control))
    await clock.sleep(target.timing.quiet, "work that goes on to be completed")
    if not await was_completed(page, wire, events, control):
        message = "work whose answer came whole is not told as done either: no witness for work that was stopped"
        raise NotObservable(message)
    completed = await was_completed(page, wire, events, left)

    assert whole.complete, whole.problem
    assert not completed, "the work was completed, although its client had left"


@spec(
    "interrupted/leaving-is-noticed",
    MUST,
    TOLD,
    needs=("notice=idle|write",),
    witnesses=("events",),
    lasts=lambda target: target.interrupted.within,
)
async def test_a_client_that_closes_its_connection_is_noticed(target, page, wire, events, clock):
    """
    A client that closes its connection while it waits is noticed in time.

    Sends:      a GET of the delayed page (of `stream` if `notice` is "write"); after its `start`, a FIN.
    Observes:   the `cancel` event of that request, which was not there before.
    Tolerance:  the profile's `within`.
    Differs:    a server sees a FIN when it reads, when it writes, or never: `notice` says which is claimed.
    Look at:    whether anything reads from the connection while the answer is being worked on.
    """
    conversation, token = await visit(target, page, wire, events, clock, work(page))
    conversation.close()

    await noticed(page, events, token)
    await wire.ping()


@spec(
    "interrupted/resetting-is-noticed",
    MUST,
    TOLD,
    needs=("notice=idle|write|rst",),
    witnesses=("events",),
    lasts=lambda target: target.interrupted.within,
    only_real="memory has no reset of its own: it would show what we make of one",
)
async def test_a_client_that_resets_its_connection_is_noticed(target, page, wire, events, clock):
    """
    A client that resets its connection while it waits is noticed in time.

    Sends:      a GET of the delayed page (of `stream` if `notice` is "write"); after its `start`, a RST.
    Observes:   the `cancel` event of that request, which was not there before.
    Tolerance:  the profile's `within`.
    Differs:    a server that only writes sees the reset at its next write: `notice` says what is claimed.
    Look at:    errors of the connection that are taken for something else than its end.
    """
    conversation, token = await visit(target, page, wire, events, clock, work(page))
    conversation.abort()

    await noticed(page, events, token)
    await wire.ping()


@spec(
    "interrupted/leaving-later-on-a-connection-is-noticed",
    MUST,
    TOLD,
    needs=("notice=idle|write|rst",),
    witnesses=("events",),
    lasts=lambda target: target.interrupted.within,
)
async def test_leaving_at_the_second_request_of_a_connection_is_noticed(target, page, wire, events, clock):
    """
    Leaving is noticed at the second request of a connection as well.

    Sends:      a GET of `ping`, and when it is answered, on the same connection, a GET of the delayed page (of `stream`
                if `notice` is "write"); after its `start`, a FIN (a RST if `notice` is "rst").
    Observes:   the `cancel` event of the second request.
    Tolerance:  the profile's `within`.
    Differs:    a server that ends the connection after every answer does not offer this.
    Look at:    a watch over the connection that is set up once per connection and ends with its first request.
    """
    conversation, token = await at_its_second(target, page, wire, events, clock, work(page))
    leave(conversation, page)

    await noticed(page, events, token)
    await wire.ping()


@spec(
    "interrupted/leaving-stops-the-work",
    MUST,
    STOPPED,
    needs=("stops_work", "notice=idle|write"),
    witnesses=("done", "events"),
    lasts=long_enough,
)
async def test_work_stops_when_its_client_closes_the_connection(target, page, wire, events, clock):
    """
    Work for a client that has closed its connection is not merely told off: it is never completed.

    Sends:      two GETs of the delayed page (of `stream` if `notice` is "write"); after `start`, a FIN on one of them.
    Observes:   that `done` is said of the request that stayed and not of the one that left, by the page `done` or by
                the event.
    Tolerance:  watched for `quiet` beyond the delay.
    Differs:    many servers let a handler finish for nobody: their profile says `stops_work = false`.
    Look at:    a notification that nobody acts on; a timer or thread that is not cancelled.
    """
    await stops(target, page, wire, events, clock, lambda conversation: conversation.close())
    await wire.ping()


@spec(
    "interrupted/resetting-stops-the-work",
    MUST,
    STOPPED,
    needs=("stops_work", "notice=idle|write|rst"),
    witnesses=("done", "events"),
    lasts=long_enough,
    only_real="memory has no reset of its own: it would show what we make of one",
)
async def test_work_stops_when_its_client_resets_the_connection(target, page, wire, events, clock):
    """
    Work for a client that has reset its connection is never completed.

    Sends:      two GETs of the delayed page (of `stream` if `notice` is "write"); after `start`, a RST on one of them.
    Observes:   that `done` is said of the request that stayed and not of the one that left, by the page `done` or by
                the event.
    Tolerance:  watched for `quiet` beyond the delay.
    Differs:    many servers let a handler finish for nobody: their profile says `stops_work = false`.
    Look at:    a notification that nobody acts on; a timer or thread that is not cancelled.
    """
    await stops(target, page, wire, events, clock, lambda conversation: conversation.abort())
    await wire.ping()


@spec(
    "interrupted/waiting-brings-the-answer",
    MUST,
    WAITED,
    lasts=lambda target: target.interrupted.delay,
)
async def test_a_client_that_stays_gets_the_answer_at_its_time(target, page, wire):
    """
    A client that stays gets the whole answer when the delay is over.

    Sends:      one GET of the delayed page, on a fresh connection.
    Observes:   the body, that its announced end came, and seconds from our last byte sent to the first and to the last
                byte of the answer.
    Tolerance:  the profile's `early` and `slack`.
    Look at:    a watch over the connection that swallows or delays the answer.
    """
    answer = await wire.get(page.path)

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert page.body in answer.text
    assert answer.waited in Window.around(page.delay, target.timing)
    assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "interrupted/answered-request-is-a-success",
    MUST,
    SUCCESS,
    witnesses=("events",),
    lasts=long_enough,
)
async def test_a_request_that_was_answered_is_told_as_done_once_and_never_as_cancelled(
    target, page, wire, events, clock
):
    """
    Of a request whose answer came whole the server is told that it was done, once, and not that it was interrupted.

    Sends:      one GET of the delayed page; the connection stays open.
    Observes:   the `done` and `cancel` events of that request.
    Tolerance:  watched for `quiet` beyond the answer.
    Look at:    a notification that does not tell success from failure; an answer that is generated twice.
    """
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", page.path, id=token)
    answer = await conversation.answer()
    await clock.sleep(target.timing.quiet, "events that must not come")
    await events.settle()

    assert page.body in answer.text
    assert events.of(token, "cancel") == ()
    assert [event.name for event in events.of(token, "done")] == ["done"]


@spec(
    "interrupted/leaving-after-the-answer-cancels-nothing",
    MUST,
    SUCCESS,
    witnesses=("events",),
    lasts=lambda target: target.interrupted.delay + max(target.interrupted.within, target.timing.quiet),
)
async def test_leaving_after_the_answer_cancels_nothing(target, page, wire, events, clock):
    """
    A client that leaves once it has its answer interrupts nothing.

    Sends:      two GETs of the delayed page on their own connections; when they are answered, a FIN on one connection
                and a RST on the other.
    Observes:   that no `cancel` event of either request comes.
    Tolerance:  watched for the profile's `within` or `quiet`, whichever is longer.
    Look at:    a watch over the connection that outlives the request.
    """
    tokens = [target.token(), target.token()]
    closing, resetting = await wire.open_many(len(tokens))
    for conversation, token in zip((closing, resetting), tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    answers = await gather(closing.answer(), resetting.answer())
    closing.close()
    resetting.abort()
    await clock.sleep(max(page.within, target.timing.quiet), "events that must not come")
    await events.settle()

    for answer in answers:
        assert page.body in answer.text
    for token in tokens:
        assert events.of(token, "cancel") == ()
    await wire.ping()


@spec(
    "interrupted/many-leaving-at-once-disturb-nobody",
    MUST,
    LOST_BEFORE,
    lasts=lambda target: target.interrupted.delay,
)
async def test_many_clients_that_leave_at_once_disturb_nobody(target, page, wire, events, clock):
    """
    Many clients leave at the same moment: the server lives, and those who stay get their answers at their time.

    Sends:      GETs of the delayed page on forty connections (fewer if `parallel` is smaller) and on three more; after
                their `start`s, FIN and RST by turns on all of the forty, at once.
    Observes:   the whole answers of the three that stay, when they come, and that `ping` is answered afterwards.
    Tolerance:  the profile's `early` and `slack`.
    Look at:    an error of one connection that ends a loop or a worker which serves others.
    """
    if target.parallel <= STAYING:
        message = f"[server] parallel = {target.parallel}: nobody could leave while {STAYING} others stay"
        raise NotOffered(message)
    conversations = await wire.open_many(min(STAYING + LEAVING, target.parallel))
    tokens = [target.token() for _ in conversations]
    for conversation, token in zip(conversations, tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, *tokens)
    staying, leaving = conversations[:STAYING], conversations[STAYING:]
    with places_kept(target, page, len(leaving)):
        for conversation in leaving[::2]:
            conversation.close()
        for conversation in leaving[1::2]:
            conversation.abort()
        answers = await gather(*(conversation.answer() for conversation in staying))

    for answer in answers:
        assert answer.status == 200
        assert answer.complete, answer.problem
        assert page.body in answer.text
    await wire.ping()
    for answer in answers:
        assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "interrupted/leaving-amid-a-request-body-disturbs-nobody",
    MUST,
    LOST_BEFORE,
    lasts=lambda target: target.interrupted.delay,
)
async def test_leaving_in_the_middle_of_a_request_body_disturbs_nobody(target, page, wire, clock):
    """
    Clients leave in the middle of a request's body: the server lives, and another client's answer is untouched.

    Sends:      a GET of the delayed page, and on two more connections a POST to it that announces a thousand bytes and
                brings a hundred; a moment later, a FIN on one of the two and a RST on the other.
    Observes:   the whole answer to the GET, at its time, and that `ping` is answered after the others have left.
    Tolerance:  the profile's `early` and `slack`.
    Differs:    answering the POST early, with 405 say, is fine, and so is never answering it.
    Look at:    a loop that reads on after the end of the connection; a short body that is taken for a whole one.
    """
    if target.parallel < BESIDE_BODIES:
        message = f"[server] parallel = {target.parallel}: it takes {BESIDE_BODIES} requests at once to see this"
        raise NotOffered(message)
    closing, resetting, staying = await wire.open_many(3)
    staying.request("GET", page.path)
    for conversation in (closing, resetting):
        conversation.send(wire.bytes_of("POST", page.path, body=bytes(1000))[:-900])
    await clock.sleep(min(0.3, page.delay / 10), "the server to read what there is of the bodies")
    with places_kept(target, page, 2):
        closing.close()
        resetting.abort()
        await wire.ping()
        answer = await staying.answer()

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert page.body in answer.text
    assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "interrupted/leaving-logs-nothing",
    MUST,
    SILENCE,
    needs=("notice=idle|write|rst",),
    witnesses=("log",),
    lasts=lambda target: log_watched(target) + 0.5,
    alone="target",
)
async def test_nothing_is_logged_when_a_client_leaves(target, page, wire, events, log, clock):
    """
    A client that leaves the plain interrupted page leaves nothing in the server's log.

    Sends:      a GET of the delayed page (of `stream` if `notice` is "write"); after its `start`, a FIN (a RST if
                `notice` is "rst").  Again, twice at most, if something was logged.
    Observes:   the lines of the log from just before the request until a while after leaving.
    Tolerance:  watched for the profile's `within`, one second at most; until the answer would have been due, where
                `stops_work` is false.
    Differs:    the lines of an access log do not count, whosever they are.  Lines that an earlier request left behind
                come only once: only a page that logs each of three times is taken for one that logs.
    Look at:    the error of the lost connection, raised where nobody handles it; writing to a client that is gone.
    """
    for _ in range(TRIES):
        await log.settle()
        mark = log.mark()
        conversation, _ = await visit(target, page, wire, events, clock, work(page))
        leave(conversation, page)
        await clock.sleep(log_watched(target), "lines that must not come")
        await log.settle()
        logged = [line.text for line in log.since(mark) if line.text.strip() and not ACCESS.search(line.text)]
        if not logged:
            break

    assert logged == []


# Alone, so that these two are the only requests of the page: whatever takes a wrong one has only the other to take.
@spec(
    "interrupted/leaving-cancels-no-other-request",
    MUST,
    STOPPED,
    lasts=lambda target: target.interrupted.delay,
    alone="page",
)
async def test_leaving_one_of_two_requests_leaves_the_other_alone(target, page, wire, events, clock):
    """
    Leaving one of two requests for the same page, on different connections, leaves the other one as it was.

    Sends:      two GETs of the delayed page; after both `start`s, a FIN on the connection of the older one (a RST if
                `notice` is "rst").
    Observes:   the whole answer of the other one, at its time, and no `cancel` event of it where there are events.
    Tolerance:  the profile's `early` and `slack`.
    Look at:    the work kept in a place that several requests share: cancelling takes the last one.
    """
    if target.parallel < 2:
        message = "[server] parallel = 1: there is no other request"
        raise NotOffered(message)
    left, stayed = target.token(), target.token()
    leaving, staying = await wire.open_many(2)
    leaving.request("GET", page.path, id=left)
    staying.request("GET", page.path, id=stayed)
    await begun(target, page, events, clock, left, stayed)
    with places_kept(target, page, 1):
        leave(leaving, page)
        answer = await staying.answer()
    await events.settle()

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert page.body in answer.text
    assert events.of(stayed, "cancel") == ()
    assert answer.took in Window.around(page.delay, target.timing)


def schedules():
    """Visitors who come, stay and leave in any order."""
    from specs.interrupted_schedules import Visits  # noqa: PLC0415 - the catalogue is read without Hypothesis

    return Visits


@spec(
    "interrupted/every-schedule-of-visits-answers-who-stays-and-only-them",
    MUST,
    LOST_BEFORE,
    lasts=lambda target: 2 * target.interrupted.delay + target.timing.quiet,
    schedules=schedules,
    only_virtual="it tries schedules of minutes by the dozen",
)
async def test_every_schedule_of_visits_answers_who_stays_and_only_them(schedule):
    """
    Whoever comes and leaves when: who stays is answered at their time, and the work for who leaves is stopped.

    Sends:      schedules of up to ten events: a GET of the delayed page (of `stream` if `notice` is "write") on a
                connection of its own, a FIN on one of those that wait; before each, nothing or up to one and a half
                delays go by.
    Observes:   that each answer that is waited for comes whole when it is due, and not before, whoever has left; where
                there are events, `done` once and no `cancel` of who stayed; of who left, one `cancel` within
                `within` and not before, where leaving is noticed, and no `done`, where it stops the work.
    Tolerance:  none.
    Differs:    a server that notices only a reset, or nothing, is judged by the answers alone.
    Look at:    the schedule that is shown: it is the shortest that fails.
    """
    await schedule.all_is_over()
