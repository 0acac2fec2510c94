"""
Asynchronous responses: the answer is late and whole, in whatever way the connection is used.
"""

from harness import MUST, SHOULD, NotObservable, NotOffered, Window, gather, rfc, spec
from specs.exchanges import older
from specs.paces import pace
from specs.test_asynchronous import FREE, IN_ORDER, OWN_TIME, delay

PART_OF_ONE_VERSION = rfc(9112, "6.1", "MUST NOT send a response containing Transfer-Encoding unless")
NOT_PERSISTENT = rfc(9112, "9.3", "The connection will close after the current response.")
READ = rfc(9112, "9.3", "A server MUST read the entire request message body or close the connection")
CLOSES = rfc(9112, "9.6", "MUST initiate closure of the connection")
SAYS_SO = rfc(9112, "9.6", 'SHOULD send a "close" connection option in its final response')
ALLOW = rfc(9110, "15.5.6", "MUST generate an Allow header field in a 405 response")
SAME_FIELDS = rfc(9110, "9.3.2", "SHOULD send the same header fields in response to a HEAD request")
SAME_LENGTH = rfc(9110, "8.6", "unless its field value equals the decimal number of octets")
RANGE = rfc(9110, "15.3.7.1", "MUST generate a Content-Range header field")

#: The part of the delay that goes by between two pieces of a request, or between two requests.
HALF = 0.5

#: Requests outstanding together, as far as `parallel` goes, and how often.
MANY, ROUNDS = 64, 2

#: Seconds in which a connection must be over that the server is to end at once.
ENDS_WITHIN = 2.0

#: Fields that may differ between a HEAD and a GET: what hangs on the content, on the moment, or on the connection.
OF_THE_CONTENT = {
    "connection", "content-encoding", "content-length", "date", "etag", "keep-alive", "last-modified", "trailer",
    "transfer-encoding", "vary",
}  # fmt: skip


def names(answer):
    """The names of an answer's fields that a HEAD and a GET have in common."""
    return sorted({name.decode("latin-1").lower() for name, _ in answer.fields.raw} - OF_THE_CONTENT)


async def head_and_get(page, wire):
    """A HEAD and a GET of the delayed page, at the same time."""
    head, got = await gather(wire.head(page.path), wire.get(page.path))
    if head.status != got.status:
        message = f"HEAD is answered with {head.status}, GET with {got.status}"
        raise NotOffered(message)
    return head, got


@spec(
    "asynchronous/the-delay-counts-from-the-whole-request",
    MUST,
    OWN_TIME,
    lasts=lambda target: (1 + HALF) * delay(target),
)
async def test_the_delay_counts_from_the_end_of_a_request_that_comes_in_two_pieces(target, page, wire, clock):
    """
    A request that takes its time to arrive has the whole delay before it: it begins when the request is there.

    Sends:      a GET of the delayed page but for its last two bytes, and half a delay later these.
    Observes:   seconds from the last byte sent to the first byte of the answer.
    Tolerance:  the profile's `early` and `slack`.
    Differs:    a server may give up on so slow a request; then there is nothing to see.
    Look at:    a timer that starts with the connection or the first byte.
    """
    request = wire.bytes_of("GET", page.path)
    conversation = await wire.open()
    conversation.send(request[:-2])
    await clock.sleep(HALF * page.delay, "the rest of the request")
    if conversation.is_gone or conversation.received:
        raise NotObservable("the server does not wait for the rest of the request")
    conversation.send(request[-2:])
    answer = await conversation.answer(method="GET")

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert answer.waited in Window.around(page.delay, target.timing)


@spec("asynchronous/a-request-sent-while-another-waits-is-answered-after-it", MUST, IN_ORDER, lasts=delay)
async def test_a_request_that_is_sent_while_another_waits_is_answered_after_it(target, page, wire, clock):
    """
    A request that comes on the same connection while the delayed one waits neither overtakes it nor disturbs it.

    Sends:      a GET of the delayed page; half a delay later, on the same connection, a GET of `ping`.
    Observes:   the answers in the order in which they come, and when the first one does.
    Tolerance:  the profile's `early` and `slack`, for the first one.
    Differs:    a server may close the connection after the first answer instead of giving the second.
    Look at:    data that arrives while a request is being worked on: whether it is kept, and read afterwards.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path)
    began = conversation.sent_at
    await clock.sleep(HALF * page.delay, "the second request's turn")
    conversation.send(wire.bytes_of("GET", target.alive.path))
    first = await conversation.answer()
    second = await conversation.answer_if_any(method="GET")

    assert first.status == 200
    assert first.complete, first.problem
    assert page.body in first.text
    if second is not None:
        assert second.status == target.alive.status
        assert second.complete, second.problem
    assert first.last_at - began in Window.around(page.delay, target.timing)


@spec(
    "asynchronous/delayed-requests-on-one-connection-are-each-answered-whole",
    MUST,
    IN_ORDER,
    lasts=lambda target: 2 * delay(target),
)
async def test_delayed_requests_on_one_connection_are_each_answered_whole(target, page, wire, facts):
    """
    Of two delayed requests that are sent in one piece each is answered whole: the second with the first, or in its own
    time after it.

    Sends:      in one piece, two GETs of the delayed page.
    Observes:   both answers, and when they come.
    Tolerance:  the profile's `early` and `slack`; for the second one, from one delay to two.
    Differs:    whether the delays run side by side or add up is recorded; a server may close the connection after the
                first answer instead of giving the second.
    Look at:    where a second request waits while the first is being worked on, and who wakes it.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path) + wire.bytes_of("GET", page.path))
    sent_at = conversation.sent_at
    first = await conversation.answer(method="GET", within=page.delay + 2 * target.timing.slack + 1)
    second = await conversation.answer_if_any(method="GET", within=page.delay + 2 * target.timing.slack + 1)
    if second is None:
        facts["the second answer"] = "does not come"
    else:
        facts["the second answer"] = (
            "comes a delay later" if second.last_at - first.last_at > page.delay / 2 else "comes with the first"
        )

    for answer in filter(None, (first, second)):
        assert answer.status == 200
        assert answer.complete, answer.problem
        assert page.body in answer.text
    assert first.last_at - sent_at in Window.around(page.delay, target.timing)
    if second is not None:
        latest = first.last_at - sent_at + page.delay + target.timing.slack
        assert second.last_at - sent_at in Window(page.delay - target.timing.early, latest)


@spec("asynchronous/an-older-client-is-answered-without-chunks", MUST, PART_OF_ONE_VERSION, lasts=delay)
async def test_a_client_of_an_older_version_is_answered_without_chunks(page, wire):
    """
    A client that speaks HTTP/1.0 gets the delayed answer whole, and in a form that it can read.

    Sends:      a GET of the delayed page as HTTP/1.0.
    Observes:   the Transfer-Encoding field and the body.
    Look at:    chunks that are used whenever the length is not known.
    """
    conversation = await wire.open()
    conversation.send(older(wire.bytes_of("GET", page.path)))
    answer = await conversation.answer(method="GET")

    assert answer.status == 200
    assert answer.fields.get("transfer-encoding") is None
    assert answer.complete, answer.problem
    assert page.body in answer.text


@spec("asynchronous/an-older-client-is-left-after-the-answer", MUST, NOT_PERSISTENT, lasts=delay)
async def test_the_connection_of_an_older_client_ends_after_the_delayed_answer(page, wire):
    """
    A client that speaks HTTP/1.0, and asks for nothing else, sees the connection end with its answer.

    Sends:      a GET of the delayed page as HTTP/1.0, without a Connection field.
    Observes:   that the connection ends within two seconds of the answer.
    Look at:    the version of the request, if it is forgotten by the time the answer is written.
    """
    conversation = await wire.open()
    conversation.send(older(wire.bytes_of("GET", page.path)))
    answer = await conversation.answer(method="GET")
    await conversation.gone(within=ENDS_WITHIN)

    assert answer.complete, answer.problem
    assert conversation.received == answer.raw


@spec("asynchronous/asked-to-close-it-closes-after-the-answer", MUST, CLOSES, lasts=delay)
async def test_a_server_that_is_asked_to_close_closes_after_the_delayed_answer(page, wire):
    """
    A client that says it will send no more gets its delayed answer, and then the end of the connection.

    Sends:      a GET of the delayed page with `Connection: close`.
    Observes:   the whole answer, and that the connection ends within two seconds of it, with nothing more.
    Look at:    the wish of the request, if it is forgotten by the time the answer is written; a close that comes before
                the last bytes.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path, fields=[("Connection", "close")])
    answer = await conversation.answer()
    await conversation.gone(within=ENDS_WITHIN)

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert page.body in answer.text
    assert conversation.received == answer.raw


@spec("asynchronous/asked-to-close-it-says-that-it-will", SHOULD, SAYS_SO, lasts=delay)
async def test_a_server_that_is_asked_to_close_says_so_in_the_delayed_answer(page, wire):
    """
    The answer to a client that says it will send no more says that it is the last.

    Sends:      a GET of the delayed page with `Connection: close`.
    Observes:   the Connection field of the answer.
    Look at:    fields that are written before it is known that the connection will end.
    """
    answer = await wire.get(page.path, fields=[("Connection", "close")])
    said = [option.strip().lower() for option in (answer.fields.get("connection") or "").split(",")]

    assert "close" in said


@spec("asynchronous/the-body-of-a-post-is-not-taken-for-a-request", MUST, READ, lasts=delay)
async def test_the_body_of_a_post_to_the_delayed_page_is_not_taken_for_a_request(target, page, wire):
    """
    Whatever the delayed page makes of a POST, its body is read or dropped, and never answered.

    Sends:      in one piece, a POST to the delayed page whose body is a GET of `ping`, and a GET of `ping` that asks
                for the connection to be closed after it.
    Observes:   everything that comes until the connection ends: one answer to the POST, and at most one to the GET.
    Differs:    405, 501, or an answer like a GET's are all fine; so is closing the connection after it.
    Look at:    an error that is answered before the body was read, on a connection that stays open.
    """
    inner = wire.bytes_of("GET", target.alive.path)
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("POST", page.path, body=inner)
        + wire.bytes_of("GET", target.alive.path, fields=[("Connection", "close")])
    )
    posted = await conversation.answer(method="POST")
    following = await conversation.answer_if_any(method="GET")
    await conversation.gone(within=ENDS_WITHIN)

    assert posted.complete, posted.problem
    assert conversation.received == posted.raw + (b"" if following is None else following.raw)
    if following is not None:
        assert following.status == target.alive.status
    await wire.ping()


@spec("asynchronous/a-method-that-is-refused-names-those-that-are-not", MUST, ALLOW, lasts=delay)
async def test_a_method_that_the_delayed_page_refuses_names_those_that_it_allows(page, wire):
    """
    A delayed page that does not take a POST says what it takes.

    Sends:      a POST to the delayed page.
    Observes:   the Allow field, if the status is 405.
    Differs:    a page that takes a POST, or does not know the method at all (501), has nothing to say.
    """
    answer = await wire.post(page.path, b"x")
    if answer.status != 405:
        message = f"a POST is answered with {answer.status}"
        raise NotOffered(message)
    allowed = [method.strip() for method in (answer.fields.get("allow") or "").split(",")]

    assert "GET" in allowed


@spec("asynchronous/a-length-said-to-head-is-that-of-the-body", MUST, SAME_LENGTH, lasts=delay)
async def test_a_length_that_is_said_to_head_is_that_of_the_body(page, wire):
    """
    If HEAD of a delayed page says how long the body would be, it says so rightly.

    Sends:      a HEAD and a GET of the delayed page, at once, on their own connections.
    Observes:   the Content-Length of the one and the body of the other.
    Differs:    saying no length is fine; a page that refuses HEAD does not offer this.
    Look at:    a length of zero: it is that of what was written so far, or of the HEAD's own body.
    """
    head, got = await head_and_get(page, wire)

    assert head.fields.get("content-length") in (None, str(len(got.body)))


@spec("asynchronous/head-has-the-fields-of-get", SHOULD, SAME_FIELDS, lasts=delay)
async def test_head_of_the_delayed_page_has_the_fields_of_its_get(page, wire):
    """
    HEAD of a delayed page tells what a GET would tell, but for what hangs on the content.

    Sends:      a HEAD and a GET of the delayed page, at once, on their own connections.
    Observes:   the names of the fields of both, and the Content-Type.
    Differs:    the length, the framing and validators may be missing; a page that refuses HEAD does not offer this.
    Look at:    fields that are set by the code which writes the body.
    """
    head, got = await head_and_get(page, wire)

    assert names(head) == names(got)
    assert head.fields.get("content-type") == got.fields.get("content-type")


@spec("asynchronous/asked-for-a-part-it-sends-the-whole-or-marks-the-part", MUST, RANGE, lasts=delay)
async def test_who_asks_for_a_part_of_a_delayed_page_gets_the_whole_or_a_marked_part(page, wire):
    """
    A delayed page that is asked for a part of its body sends the whole of it, or says which part it sends.

    Sends:      a GET of the delayed page with `Range: bytes=0-3`.
    Observes:   the status, the body of a 200, and the Content-Range field of a 206.
    Differs:    200, 206 and 416 are all fine.
    Look at:    a part that is sent with the status of the whole.
    """
    answer = await wire.get(page.path, fields=[("Range", "bytes=0-3")])

    assert answer.status in (200, 206, 416)
    assert answer.complete, answer.problem
    if answer.status == 200:
        assert page.body in answer.text
    elif answer.status == 206:
        assert "content-range" in answer.fields


@spec(
    "asynchronous/after-many-requests-it-answers-as-fast-as-before",
    SHOULD,
    FREE,
    lasts=lambda target: ROUNDS * delay(target),
)
async def test_after_many_delayed_requests_the_server_answers_as_fast_as_before(target, page, wire):
    """
    Delayed requests that are answered leave nothing behind that slows the server down.

    Sends:      some GETs of `ping`; twice, up to 64 (`parallel`) GETs of the delayed page at once, each on its own
                connection; some GETs of `ping`.
    Observes:   that all are answered in their time the second time as well; the median of what `ping` takes, before and
                after.
    Tolerance:  the profile's `early` and `slack`; `slack` for what `ping` may take longer.
    Look at:    places, threads or connections that are not given back; lists that are searched and only grow.
    """
    before = await pace(target, wire)
    for _ in range(ROUNDS):
        conversations = await wire.open_many(min(target.parallel, MANY))
        for conversation in conversations:
            conversation.request("GET", page.path)
        answers = await gather(*(conversation.answer() for conversation in conversations))
        for conversation in conversations:
            conversation.close()
    after = await pace(target, wire)

    for answer in answers:
        assert answer.status == 200
        assert answer.complete, answer.problem
    for answer in answers:
        assert answer.waited in Window.around(page.delay, target.timing)
    assert after in Window.until(before + target.timing.slack)
