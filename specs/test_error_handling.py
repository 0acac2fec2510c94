"""
Error handling: what is no year is not found, and all around it goes on as before.  What is one has the same calendar.
"""

from harness import MAY, MUST, SHOULD, again, gather, rfc, spec, tutorial
from specs import test_dynamic_dispatch
from specs.calendars import NO_YEARS, at, harmless, has_the_calendar, is_missing, pipelined, side_by_side
from specs.facts import fields, steady
from specs.following import followed

SAME_VIEWS = tutorial("error-handling", "hands out the same calendar views as the one from the previous")
NOT_FOUND = tutorial("error-handling", "a URL which cannot be interpreted as a year")
NON_EXISTENT = tutorial("error-handling", "a 404 (not found) response when a client requests a non-existent URL")
ONE_CONNECTION = rfc(9112, "9.3", "allowing multiple requests and responses to be carried over a single connection")
IN_ORDER = rfc(9112, "9.3.2", "MUST send the corresponding responses in the same order that the requests were received")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
WHOLE_BODY = rfc(9112, "9.3", "MUST read the entire request message body or close the connection")
UNCONDITIONAL = rfc(
    9110, "13.2.1", "MUST ignore all received preconditions if its response to the same request without"
)

#: What the previous page promises of years, this one does too.
YEARS = again(test_dynamic_dispatch, page="error-handling", source=SAME_VIEWS)

#: Missing pages asked for on one connection: more than a cache or a table of errors of the smallest size has places.
MANY = 150

#: No element of HTML, and so in nobody's page of their own.
TAG = "<w60>"


@spec("error-handling/what-is-no-year-is-not-found", MUST, NOT_FOUND)
async def test_what_is_no_year_is_not_found(page, wire):
    """
    What cannot be read as a year is not found: the answer has the profile's `status`, which is 404 unless it says so.

    Sends:      GETs of ten segments of letters, fractions, dashes and mixtures, each on a connection of its own.
    Observes:   status and end of each answer.
    Look at:    an exception that is not caught; a number that is read up to the first letter; a page of status 200
                that says "not found".
    """
    for segment in NO_YEARS:
        is_missing(page, await wire.get(at(page, segment)))


@spec("error-handling/a-year-is-found-beside-missing-pages", MUST, SAME_VIEWS)
async def test_a_year_is_found_beside_missing_pages(target, page, wire):
    """
    Years are found while others ask for what is none: each gets the answer to their own request.

    Sends:      at once, alternately on up to twelve (`parallel`) connections, GETs of years and of `abc`.
    Observes:   that years are answered with their calendars, and `abc` with `status`.
    Look at:    a status that is set where all requests share it.
    """
    conversations = await wire.open_many(side_by_side(target) // 2 * 2)
    right, wrong = conversations[::2], conversations[1::2]
    years = range(1990, 1990 + len(right))
    for year, one, other in zip(years, right, wrong, strict=True):
        other.request("GET", at(page, "abc"))
        one.request("GET", page.path, year=year)
    found = await gather(*(conversation.answer() for conversation in right))
    missing = await gather(*(conversation.answer() for conversation in wrong))

    for year, answer in zip(years, found, strict=True):
        has_the_calendar(page, year, answer)
    for answer in missing:
        is_missing(page, answer)


@spec("error-handling/a-missing-page-leaves-the-connection-usable", MUST, ONE_CONNECTION)
async def test_a_missing_page_leaves_the_connection_usable(target, page, wire):
    """
    Behind "not found" the same connection carries the next answer, and nothing else.

    Sends:      a GET of `abc`; once it is answered, a GET of `ping` on the same connection.
    Observes:   every byte that comes.
    Differs:    a server may close the connection after any answer: then nothing may follow.
    Look at:    an error page that is sent beside the usual way out, without its length.
    """
    conversation = await wire.open()
    conversation.request("GET", at(page, "abc"))
    answer = await conversation.answer()
    following = await followed(target, conversation)

    is_missing(page, answer)
    if following is None:
        assert conversation.received == answer.raw
    else:
        assert following.status == target.alive.status
        assert conversation.received == answer.raw + following.raw


@spec("error-handling/pipelined-missing-pages-keep-their-place", MUST, IN_ORDER)
async def test_pipelined_missing_pages_keep_their_place(page, wire, facts):
    """
    Missing pages among years that are asked for in one piece are answered in their places.

    Sends:      GETs of 2009, `abc`, 1984 and `xyz` in one piece, on one connection.
    Observes:   the answers in the order in which they come.
    Differs:    a server may close the connection after any answer instead of giving the next.
    Look at:    errors that are answered at once, past the answers that still wait.
    """
    answers = await pipelined(wire, *(at(page, segment) for segment in ("2009", "abc", "1984", "xyz")))
    facts["pipelined requests answered"] = sum(answer is not None for answer in answers)
    first, *others = answers

    has_the_calendar(page, 2009, first)
    for year, answer in zip((None, 1984, None), others, strict=True):
        if answer is not None and year is None:
            is_missing(page, answer)
        elif answer is not None:
            has_the_calendar(page, year, answer)


@spec("error-handling/head-of-a-missing-page-is-not-found", MUST, NO_CONTENT)
async def test_head_of_a_missing_page_is_not_found(target, page, wire):
    """
    HEAD of a missing page is not found either, and has no body.

    Sends:      a HEAD of `abc`; then a GET of `ping` on the same connection.
    Observes:   `status`; every byte that comes: behind the fields, nothing until the next answer begins.
    Differs:    closing the connection is fine.
    Look at:    an error page that is written whatever the method is.
    """
    conversation = await wire.open()
    conversation.request("HEAD", at(page, "abc"))
    head = await conversation.answer()
    following = await followed(target, conversation)

    is_missing(page, head)
    if following is None:
        assert conversation.received == head.raw
    else:
        assert following.status == target.alive.status
        assert conversation.received == head.raw + following.raw


@spec("error-handling/below-a-missing-page-nothing-is-found", MUST, NON_EXISTENT)
async def test_below_a_missing_page_nothing_is_found(page, wire):
    """
    What stands below a missing page is missing too, whatever it looks like.

    Sends:      GETs of `abc/2009`, `abc/def/ghi`, `abc/` and a path of twenty segments below `abc`.
    Observes:   `status` each time.
    Look at:    a page of an error that has children of its own; only the last segment of a path being looked at.
    """
    for segment in ("abc/2009", "abc/def/ghi", "abc/", "abc" + "/x" * 20):
        is_missing(page, await wire.get(at(page, segment)))


@spec("error-handling/below-a-year-nothing-is-found", SHOULD, NON_EXISTENT)
async def test_below_a_year_nothing_is_found(page, wire):
    """
    A year has nothing below it.

    Sends:      GETs of `2009/x`, `2009/2010` and `2009/x/y`.
    Observes:   `status` each time.
    Look at:    a path of which only the first segment is looked at.
    """
    for segment in ("2009/x", "2009/2010", "2009/x/y"):
        is_missing(page, await wire.get(at(page, segment)))


@spec("error-handling/preconditions-and-ranges-change-no-not-found", MUST, UNCONDITIONAL)
async def test_preconditions_and_ranges_change_no_not_found(page, wire):
    """
    A missing page is missing under every condition, and as a whole.

    Sends:      GETs of `abc` with If-None-Match, If-Modified-Since, If-Match, If-Unmodified-Since, and Range.
    Observes:   `status` each time: no 304, 206, 412 or 416.
    Look at:    conditions that are evaluated before it is known whether there is a page.
    """
    for name, value in {
        "If-None-Match": "*",
        "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT",
        "If-Match": '"x"',
        "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:01 GMT",
        "Range": "bytes=0-3",
    }.items():
        is_missing(page, await wire.get(at(page, "abc"), fields=[(name, value)]))


@spec("error-handling/the-body-of-a-post-is-no-request", MUST, WHOLE_BODY)
async def test_the_body_of_a_post_to_a_missing_page_is_no_request(page, wire):
    """
    A body that is sent to a missing page is read or the connection closed, and never taken for the next request.

    Sends:      a POST to `abc` whose body is a GET of 1984; once it is answered, a GET of 2009 on the same connection.
    Observes:   the answers: one to the POST, 4xx; then that of 2009, or the close.
    Differs:    404, or 405 and 501 because of the method.
    Look at:    an error that is answered before the body is read, on a connection that stays open.
    """
    smuggled = wire.bytes_of("GET", page.path, year=1984)
    conversation = await wire.open()
    conversation.request("POST", at(page, "abc"), body=smuggled)
    answer = await conversation.answer()
    if not conversation.is_gone:
        conversation.request("GET", page.path, year=2009)
    following = await conversation.answer_if_any(method="GET")

    assert answer.status in (page.status, 405, 501)
    if following is not None:
        has_the_calendar(page, 2009, following)
        assert conversation.received == answer.raw + following.raw
    await wire.ping()


@spec("error-handling/many-missing-pages-are-all-answered", MUST, NOT_FOUND)
async def test_many_missing_pages_are_all_answered(page, wire):
    """
    However many different pages are missing, each is answered, and a year is found afterwards.

    Sends:      150 GETs of different segments that are no year, one after the other, on one connection as long as the
                server leaves it open; then a GET of 2009.
    Observes:   `status` each time; then the page of 2009.
    Look at:    a record of missing pages that fills up; a lock on clients that makes no difference between errors.
    """
    conversation = await wire.open()
    for number in range(MANY):
        if conversation.is_gone:
            conversation = await wire.open()
        conversation.request("GET", at(page, f"no-year-{number}"))
        answer = await conversation.answer_if_any()
        if answer is None:
            answer = await wire.get(at(page, f"no-year-{number}"))
        is_missing(page, answer)

    has_the_calendar(page, 2009, await wire.get(page.path, year=2009))


@spec("error-handling/a-number-without-a-calendar-is-no-server-error", SHOULD, NOT_FOUND)
async def test_a_number_without_a_calendar_is_no_server_error(page, wire):
    """
    A whole number that no calendar has is answered with one all the same, or as the client's error.

    Sends:      GETs of 0, -1, 10000, a number of twenty digits, one of 4,299 and one of 5,000.
    Observes:   that none is answered 5xx.
    Differs:    a calendar that goes on by the same rules, 404, 400, 414.
    Look at:    a page that is found by its number, and fails when it is rendered.
    """
    for number in ("0", "-1", "10000", "12345678901234567890", "9" * 4299, "9" * 5000):
        answer = await wire.get(at(page, number))
        assert answer.status < 500, f"{number[:20]}: answered {answer.status}"
    await wire.ping()


def no_years():
    """Text of any script that nobody's parser takes for a whole number: no digits, or digits with letters."""
    from hypothesis import strategies as st  # noqa: PLC0415 - slow to import

    anything = st.characters(exclude_categories=["C", "N", "Z"], exclude_characters="./\\")
    words = st.text(anything, min_size=1, max_size=30).filter(lambda text: any(map(str.isalpha, text)))
    letters = st.text("abcdfghijkmnpqrstvwyzäß", min_size=1, max_size=5)
    digits = st.integers(0, 9999).map(str)
    return st.one_of(
        words,
        words.map(lambda text: text + TAG),
        st.tuples(digits, letters).map("".join),
        st.tuples(letters, digits).map("".join),
    )


@spec("error-handling/any-segment-that-is-no-number-is-not-found", MUST, NOT_FOUND, examples=no_years)
async def test_any_segment_that_is_no_number_is_not_found(page, wire, example):
    """
    Whatever text stands where a year should, it is not found, unless it is a whole number.

    Sends:      a GET with a generated segment, percent-encoded as UTF-8, which has a letter in it.
    Observes:   `status`; where the segment has a tag, that it is no tag in the body, unless that is plain text.
    Look at:    text that is no ASCII; markup in what is echoed.
    """
    answer = await wire.get(page.path, year=example)

    is_missing(page, answer)
    harmless("the segment", answer, TAG.encode())


@spec("error-handling/how-a-missing-page-is-answered", MAY, NOT_FOUND)
async def test_how_a_missing_page_is_answered(target, page, wire, facts):
    """
    What stands in the answer about a missing page is a fact.

    Sends:      a GET and a HEAD of `abc`, other methods of it, a GET of it with HTTP/1.0, and a GET of the same
                segment beside the page.
    Observes:   status lines, fields in their order, bodies, framing.
    """
    conversation = await wire.open()
    conversation.request("GET", at(page, "abc"))
    answer = await conversation.answer()
    conversation.request("GET", target.alive.path)
    following = await conversation.answer_if_any()
    head = await wire.head(at(page, "abc"))
    old = await wire.open()
    old.send(wire.bytes_of("GET", at(page, "abc")).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", 1))
    plain = await old.answer_if_any(method="GET")
    facts["reason phrase"] = steady(answer.reason, target)
    facts["fields"] = fields(answer, target)
    facts["body"] = steady(answer.body[:500], target)
    facts["framing"] = answer.framing
    facts["connection"] = "closed" if following is None else "stays"
    facts["fields of HEAD"] = fields(head, target)
    facts["HTTP/1.0"] = None if plain is None else f"{plain.status}, framing: {plain.framing}"
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "FOO"):
        facts[method] = (await wire.request(method, at(page, "abc"), body=b"")).status
    beside = await wire.get("/no-such-page")
    facts["beside the page"] = f"{beside.status}, the same body: {beside.body == answer.body}"
    facts["fields beside the page"] = fields(beside, target)
    facts["body beside the page"] = steady(beside.body[:500], target)

    await wire.ping()


@spec("error-handling/where-no-year-is-given", MAY, NOT_FOUND)
async def test_where_no_year_is_given(page, wire, facts):
    """
    What is at the place of the years themselves is a fact.

    Sends:      GETs with an empty segment, with two, with a dot, two dots, and encoded ones; of 2009 with a slash.
    Observes:   the statuses.
    """
    for name, segment in {
        "empty": "",
        "two empty ones": "/",
        "a dot": ".",
        "an encoded dot": "%2e",
        "two dots": "..",
        "encoded dots": "%2e%2e",
        "an encoded slash": "2009%2F",
        "2009/": "2009/",
        "an encoded percent sign": "%25",
        "half an escape": "%",
        "no escape": "%zz",
        "a fragment": "2009#abc",
    }.items():
        conversation = await wire.open()
        conversation.request("GET", at(page, segment))
        answer = await conversation.answer_if_any()
        facts[name] = "closed" if answer is None else answer.status

    await wire.ping()
