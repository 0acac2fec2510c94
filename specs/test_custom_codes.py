"""
Custom codes: a status of the application's own choice arrives as it was set, with its own body, whatever is asked how.
"""

from harness import MAY, MUST, SHOULD, NotOffered, gather, rfc, spec, tutorial
from specs.facts import fields, steady
from specs.following import followed

SET = tutorial("custom-codes", "the server indeed sent back a 402 response code")
OWN_BODY = tutorial("custom-codes", "to define the body of")
NOTHING_ELSE = tutorial("custom-codes", "doesn't change anything else about its role")
FRAMED = rfc(9112, "6.3")
STATUS_LINE = rfc(9112, "4", "A server MUST send the space that separates the status-code from the reason-phrase")
ONE_CONNECTION = rfc(9112, "9.3", "allowing multiple requests and responses to be carried over a single connection")
IN_ORDER = rfc(9112, "9.3.2", "MUST send the corresponding responses in the same order that the requests were received")
WHOLE_BODY = rfc(9112, "9.3", "MUST read the entire request message body or close the connection")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
SAME_FIELDS = rfc(9110, "9.3.2", "SHOULD send the same header fields in response to a HEAD request")
TYPED = rfc(9110, "8.3", "SHOULD generate a Content-Type header field in that message")
ALLOW = rfc(9110, "15.5.6", "MUST generate an Allow header field in a 405 response")
UNCONDITIONAL = rfc(
    9110, "13.2.1", "MUST ignore all received preconditions if its response to the same request without"
)
ONLY_OF_200 = rfc(9110, "14.2", "only if the result in absence of the Range header field would be a 200")
NOT_HEURISTIC = rfc(9110, "15.1", "all other status codes are not heuristically cacheable")

#: Requests side by side in one spec.
SIDE_BY_SIDE = 12

#: Fields that change the status of other pages.
CONDITIONS = {
    "If-None-Match: *": ("If-None-Match", "*"),
    "If-None-Match": ("If-None-Match", '"x"'),
    "If-Match": ("If-Match", '"x"'),
    "If-Modified-Since": ("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT"),
    "If-Unmodified-Since": ("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:01 GMT"),
}
RANGES = {
    "the first bytes": "bytes=0-3",
    "the last bytes": "bytes=-4",
    "two parts": "bytes=0-1,3-4",
    "bytes beyond the end": "bytes=100000-",
}


def has_its_code(page, answer):
    """This is the page's whole answer, with the status that was set and the page's own body."""
    assert answer.status == page.status
    assert answer.complete, answer.problem
    assert page.body in answer.text


def needs_a_code_that_is_no_2xx(page):
    """Raises `NotOffered` for a status to which conditions and ranges apply."""
    if 200 <= page.status < 300:
        message = f"[custom-codes] status = {page.status}: conditions apply to what succeeds"
        raise NotOffered(message)


@spec("custom-codes/the-status-is-as-set", MUST, SET)
async def test_the_status_is_as_set(page, wire):
    """
    The status that the page sets is the one that is sent.

    Sends:      a GET of the page, three times on connections of its own.
    Observes:   the status of each answer.
    Look at:    a status that is put in place of what the server does not know; one that holds for the first time only.
    """
    for _ in range(3):
        answer = await wire.get(page.path)
        assert answer.status == page.status


@spec("custom-codes/the-body-is-the-page-s-own", MUST, OWN_BODY)
async def test_the_body_is_the_page_s_own(page, wire):
    """
    The body is what the page made, whole, not the server's usual words about that status.

    Sends:      a GET of the page.
    Observes:   the body, and whether its end came as announced.
    Look at:    an error page that is put in place of every 4xx.
    """
    has_its_code(page, await wire.get(page.path))


@spec("custom-codes/the-status-line-can-be-read", MUST, STATUS_LINE)
async def test_the_status_line_can_be_read(page, wire):
    """
    The status line has the version, three digits and a blank behind them, also where no reason is known for them.

    Sends:      a GET of the page.
    Observes:   the first line of the answer.
    Differs:    the reason phrase is the server's own, or empty.
    Look at:    a table of reasons in which not every status stands.
    """
    answer = await wire.get(page.path)
    line = answer.raw.partition(b"\r\n")[0]

    assert line.split(b" ", 2)[:2] == [b"HTTP/1.1", str(page.status).encode()]
    assert line.count(b" ") >= 2


@spec("custom-codes/next-answer-follows-on-the-same-connection", MUST, ONE_CONNECTION)
async def test_the_connection_can_be_used_again(target, page, wire):
    """
    Behind the page the same connection carries the next answer, with a status of its own, and nothing else.

    Sends:      a GET of the page; once it is answered, a GET of `ping` on the same connection.
    Observes:   every byte that comes.
    Differs:    a server may close the connection after any answer: then nothing may follow.
    Look at:    a status that stays with the connection; an error without the length of its body.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path)
    answer = await conversation.answer()
    following = await followed(target, conversation)

    has_its_code(page, answer)
    if following is None:
        assert conversation.received == answer.raw
    else:
        assert following.status == target.alive.status
        assert conversation.received == answer.raw + following.raw


@spec("custom-codes/head-has-the-same-status-and-no-body", MUST, NO_CONTENT)
async def test_head_has_the_same_status_and_no_body(target, page, wire):
    """
    HEAD of the page has the status that GET has, and no body.

    Sends:      a HEAD of the page; then a GET of `ping` on the same connection.
    Observes:   the status; every byte that comes: behind the fields, nothing until the next answer begins.
    Differs:    closing the connection is fine.
    Look at:    a status that is set where the body is made, which HEAD has not.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path)
    head = await conversation.answer()
    following = await followed(target, conversation)

    assert head.status == page.status
    if following is None:
        assert conversation.received == head.raw
    else:
        assert following.status == target.alive.status
        assert conversation.received == head.raw + following.raw


@spec("custom-codes/head-says-what-get-says", SHOULD, SAME_FIELDS)
async def test_head_says_what_get_says(page, wire):
    """
    HEAD of the page has the type of its GET, and its length where it tells one.

    Sends:      a HEAD and a GET of the page.
    Observes:   Content-Type, and Content-Length if the HEAD has it.
    Look at:    a length of 0, because nothing was rendered.
    """
    head = await wire.head(page.path)
    get = await wire.get(page.path)

    assert head.fields.get("content-type") == get.fields.get("content-type")
    if "content-length" in head.fields:
        assert head.fields.get("content-length") == str(len(get.body))


@spec("custom-codes/pipelined-neighbours-keep-their-own-status", MUST, IN_ORDER)
async def test_pipelined_neighbours_keep_their_own_status(target, page, wire, facts):
    """
    Among other pages that are asked for in one piece, the page has its status and they have theirs.

    Sends:      GETs of `ping`, the page, `ping`, the page in one piece, on one connection.
    Observes:   status and body of each answer, in order.
    Differs:    a server may close the connection after any answer instead of giving the next.
    Look at:    a status that is set on the connection.
    """
    paths = (target.alive.path, page.path) * 2
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("GET", path) for path in paths))
    answers = [await conversation.answer_if_any(method="GET") for _ in paths]
    facts["pipelined requests answered"] = sum(answer is not None for answer in answers)

    assert answers[0] is not None, "the connection was closed without an answer"
    for path, answer in zip(paths, answers, strict=True):
        if answer is not None and path == page.path:
            has_its_code(page, answer)
        elif answer is not None:
            assert answer.status == target.alive.status


@spec("custom-codes/neighbours-at-once-keep-their-own-status", MUST, NOTHING_ELSE)
async def test_neighbours_at_once_keep_their_own_status(target, page, wire):
    """
    While others are served, the page has its status and they have theirs.

    Sends:      at once, alternately on up to twelve (`parallel`) connections, GETs of the page and of `ping`.
    Observes:   the status of each answer, and that each is whole.
    Look at:    a status kept where all requests share it.
    """
    count = min(target.parallel, SIDE_BY_SIDE) // 2 * 2
    if not count:
        message = "[server] parallel = 1: it takes two requests at once to see this"
        raise NotOffered(message)
    conversations = await wire.open_many(count)
    paid, others = conversations[::2], conversations[1::2]
    for one, other in zip(paid, others, strict=True):
        one.request("GET", page.path)
        other.request("GET", target.alive.path)
    answers = await gather(*(conversation.answer() for conversation in paid))
    pings = await gather(*(conversation.answer() for conversation in others))

    for answer in answers:
        has_its_code(page, answer)
    for ping in pings:
        assert ping.status == target.alive.status


@spec("custom-codes/preconditions-change-nothing", MUST, UNCONDITIONAL)
async def test_preconditions_change_nothing(page, wire):
    """
    A page that does not succeed is answered as it is, whatever conditions are put.

    Sends:      GETs with If-None-Match, If-Match, If-Modified-Since and If-Unmodified-Since, each alone, that would
                not hold for a page that succeeds.
    Observes:   status and body, as without conditions: no 304, no 412.
    Look at:    conditions that are evaluated whatever the status is.
    """
    needs_a_code_that_is_no_2xx(page)
    for name, field in CONDITIONS.items():
        answer = await wire.get(page.path, fields=[field])
        assert answer.status == page.status, f"{name}: answered {answer.status}"
        assert page.body in answer.text


@spec("custom-codes/ranges-change-nothing", MUST, ONLY_OF_200)
async def test_ranges_change_nothing(page, wire):
    """
    Of a page that is not answered 200, no part is answered, but the whole.

    Sends:      GETs with a Range for the first bytes, the last, two parts, and for bytes beyond the end.
    Observes:   status and body, as without Range: no 206, no 416.
    Look at:    ranges that are cut from every body.
    """
    if page.status == 200:
        message = "[custom-codes] status = 200: ranges apply to it"
        raise NotOffered(message)
    for name, asked in RANGES.items():
        answer = await wire.get(page.path, fields=[("Range", asked)])
        assert answer.status == page.status, f"{name}: answered {answer.status}"
        assert page.body in answer.text
        assert "content-range" not in answer.fields, f"{name}: the answer has a Content-Range"


@spec("custom-codes/accept-changes-no-status", SHOULD, NOTHING_ELSE)
async def test_accept_changes_no_status(page, wire):
    """
    What a client would like to be answered with does not hide what it is told.

    Sends:      GETs with Accept, Accept-Language, Accept-Charset and Accept-Encoding that fit no page.
    Observes:   the status.
    Differs:    406 is allowed to servers that negotiate; a person learns less from it.
    Look at:    negotiation that comes before the page.
    """
    for name, value in {
        "Accept": "image/png",
        "Accept-Language": "tlh",
        "Accept-Charset": "ebcdic-us",
        "Accept-Encoding": "identity;q=0, web60",
    }.items():
        answer = await wire.get(page.path, fields=[(name, value)])
        assert answer.status == page.status, f"{name}: answered {answer.status}"


@spec("custom-codes/the-type-is-told", SHOULD, TYPED)
async def test_the_type_is_told(page, wire):
    """
    The page says what kind of text it is, as a page of status 200 does.

    Sends:      a GET of the page.
    Observes:   Content-Type: there, once.
    Look at:    defaults that hold for what succeeds only.
    """
    answer = await wire.get(page.path)

    assert len(answer.fields.all("content-type")) == 1


@spec("custom-codes/a-browser-is-told-the-same", MUST, SET)
async def test_a_browser_is_told_the_same(client, page):
    """
    A browser gets the page, too: its status, and the body that says why.

    Sends:      a GET of the page by an ordinary HTTP client (treq), which knows no more of the status than its class.
    Observes:   status and body.
    Look at:    an answer that only lenient readers take.
    """
    has_its_code(page, await client.visitor().get(page.path))


@spec("custom-codes/is-not-said-to-be-fresh", SHOULD, NOT_HEURISTIC)
async def test_is_not_said_to_be_fresh(page, wire):
    """
    A page that is no success is not handed out again by caches: whoever pays will be let in at once.

    Sends:      a GET of the page.
    Observes:   no Cache-Control with `public`, and no `max-age` or `s-maxage` above 0; no Expires that is a date in
                years to come.
    Look at:    fields for static files that are put on every answer.
    """
    needs_a_code_that_is_no_2xx(page)
    answer = await wire.get(page.path)
    said = [part.strip().lower() for part in (answer.fields.get("cache-control") or "").split(",")]
    fresh = [
        part
        for part in said
        if part == "public" or (part.partition("=")[0] in ("max-age", "s-maxage") and part.partition("=")[2] != "0")
    ]

    assert fresh == []
    if not said[0]:
        assert answer.fields.get("expires") in (None, "0", "-1", answer.fields.get("date"))


@spec("custom-codes/http-1-0-has-the-same-status", MUST, SET)
async def test_http_1_0_has_the_same_status(page, wire):
    """
    Who asks with HTTP/1.0 gets the same status and body.

    Sends:      a GET of the page with HTTP/1.0.
    Observes:   status and body, whole by a length or the end of the connection.
    Look at:    a status that is left out for clients of before its time.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", 1))

    has_its_code(page, await conversation.answer(method="GET"))


@spec("custom-codes/a-refused-method-names-those-allowed", MUST, ALLOW)
async def test_a_refused_method_names_those_allowed(page, wire, facts):
    """
    Where a method is answered 405, the methods that the page allows are named.

    Sends:      POST, PUT, DELETE, OPTIONS and PATCH of the page, each on a connection of its own.
    Observes:   status; where that is 405, Allow, which has GET in it.
    Differs:    a server may take any of them, with the page's own status, or answer 501: what it does is recorded.
    Look at:    a 405 made by hand.
    """
    answers = {}
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answers[method] = await wire.request(method, page.path, body=b"")
    facts["other methods"] = {method: answer.status for method, answer in answers.items()}
    await wire.ping()

    for answer in answers.values():
        if answer.status == 405:
            assert "GET" in (answer.fields.get("allow") or "")


@spec("custom-codes/the-body-of-a-post-is-no-request", MUST, WHOLE_BODY)
async def test_the_body_of_a_post_is_no_request(target, page, wire):
    """
    A body that is sent to the page is read or the connection closed, and never taken for the next request.

    Sends:      a POST whose body is a GET of the page; once it is answered, a GET of `ping` on the same connection.
    Observes:   the answers: one to the POST, no success; then that of `ping`, or the close.
    Look at:    an error that is answered before the body is read, on a connection that stays open.
    """
    needs_a_code_that_is_no_2xx(page)
    conversation = await wire.open()
    conversation.request("POST", page.path, body=wire.bytes_of("GET", page.path))
    answer = await conversation.answer()
    following = await followed(target, conversation)

    assert answer.status >= 300
    if following is not None:
        assert following.status == target.alive.status
        assert conversation.received == answer.raw + following.raw
    await wire.ping()


def requests():
    """A method, a query, and fields of which some change what other pages answer."""
    from hypothesis import strategies as st  # noqa: PLC0415 - slow to import

    ranges = [("Range", value) for value in RANGES.values()]
    known = [*CONDITIONS.values(), *ranges, ("Accept", "image/png"), ("Authorization", "Basic YTpi"), ("Cookie", "a=b")]
    named = st.tuples(st.sampled_from(known))
    names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8).map(lambda name: f"X-{name}")
    made = st.tuples(names, st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20))
    fields = st.lists(st.one_of(named.map(lambda one: one[0]), made), max_size=4, unique_by=lambda field: field[0])
    query = st.text("abcdefghijklmnopqrstuvwxyz0123456789=&-._~", max_size=20)
    return st.tuples(st.sampled_from(["GET", "HEAD"]), query, fields)


@spec("custom-codes/whatever-is-asked-the-status-is-as-set", MUST, SET, examples=requests)
async def test_whatever_is_asked_the_status_is_as_set(page, wire, example):
    """
    However the page is asked for, its status is the one that was set.

    Sends:      a GET or a HEAD with a generated query and generated fields, among them conditions and ranges.
    Observes:   status; of a GET the body, too.
    Look at:    a layer before the page that answers by itself; a page that takes any sign for a payment.
    """
    needs_a_code_that_is_no_2xx(page)
    method, query, named = example
    path = page.path + ("&" if "?" in page.path else "?") + query
    answer = await wire.request(method, path, fields=named)

    assert answer.status == page.status
    assert answer.complete, answer.problem
    if method == "GET":
        assert page.body in answer.text


@spec("custom-codes/how-the-page-is-sent", MAY, FRAMED)
async def test_how_the_page_is_sent(target, page, wire, facts):
    """
    The reason phrase, the fields and the framing are facts.

    Sends:      a GET and a HEAD of the page with HTTP/1.1; a GET with HTTP/1.0; a GET of what stands below the page.
    Observes:   status lines, fields in their order, body, framing, and whether the connection stays.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path)
    answer = await conversation.answer()
    conversation.request("GET", target.alive.path)
    following = await conversation.answer_if_any()
    head = await wire.head(page.path)
    old = await wire.open()
    old.send(wire.bytes_of("GET", page.path).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", 1))
    plain = await old.answer_if_any(method="GET")
    facts["reason phrase"] = steady(answer.reason, target)
    facts["fields"] = fields(answer, target)
    facts["body"] = steady(answer.body[:500], target)
    facts["framing"] = answer.framing
    facts["connection"] = "closed" if following is None else "stays"
    facts["fields of HEAD"] = fields(head, target)
    facts["HTTP/1.0"] = None if plain is None else f"{plain.status}, framing: {plain.framing}"
    facts["below the page"] = (await wire.get(page.path.partition("?")[0].rstrip("/") + "/x")).status

    await wire.ping()
