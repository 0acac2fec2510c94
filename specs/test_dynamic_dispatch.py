"""
Dynamic dispatch: each year has its own page, however, whenever and beside whatever it is asked for.
"""

from harness import MAY, MUST, SHOULD, gather, rfc, spec, tutorial
from specs.calendars import at, has_the_calendar, pipelined, shown, side_by_side
from specs.facts import fields, steady
from specs.following import followed

YEAR = tutorial("dynamic-dispatch", "The year it will render the calendar for will be the year in")
WHOLE = tutorial("dynamic-dispatch", "a resource which renders a whole-year calendar")
ALL = tutorial("dynamic-dispatch", "This implementation defines all integers as the children of")
EXAMPLE = tutorial("dynamic-dispatch", "will render a calendar for 2009")
SAME_NODE = rfc(9110, "4.2.3", "are equivalent to their percent-encoded octets")
FRAMED = rfc(9112, "6.3")
ONE_CONNECTION = rfc(9112, "9.3", "allowing multiple requests and responses to be carried over a single connection")
IN_ORDER = rfc(9112, "9.3.2", "MUST send the corresponding responses in the same order that the requests were received")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
SAME_FIELDS = rfc(9110, "9.3.2", "SHOULD send the same header fields in response to a HEAD request")
TYPED = rfc(9110, "8.3", "SHOULD generate a Content-Type header field in that message")
ALLOW = rfc(9110, "15.5.6", "MUST generate an Allow header field in a 405 response")

#: Leap and not, by all three rules of the Gregorian calendar, before and after the years that computers like.
TELLING = (1, 1600, 1899, 1900, 1970, 1999, 2000, 2009, 2024, 2038, 2100, 9999)


@spec("dynamic-dispatch/the-year-of-the-path-is-shown", MUST, EXAMPLE)
async def test_the_year_of_the_path_is_shown(page, wire):
    """
    The page of a year is that year's calendar.

    Sends:      GETs of 2009 and of 1984, on connections of their own.
    Observes:   status and body: 200, whole, `shows`, and Python's calendar of that year where `text` says so.
    Look at:    a page that shows the current year, or the one before it in the path.
    """
    for year in (2009, 1984):
        has_the_calendar(page, year, await wire.get(page.path, year=year))


@spec("dynamic-dispatch/different-years-have-different-calendars", MUST, WHOLE)
async def test_different_years_have_different_calendars(page, wire):
    """
    Two years that begin on different days have different calendars, not the same one under another number.

    Sends:      GETs of 2009, which begins on a Thursday, and of 2010, which begins on a Friday.
    Observes:   both bodies, with what `shows` says of the year taken out of each.
    Look at:    a page whose calendar is made once, or for another year than its heading.
    """
    answers = [await wire.get(page.path, year=year) for year in (2009, 2010)]
    for year, answer in zip((2009, 2010), answers, strict=True):
        has_the_calendar(page, year, answer)
    first, second = (
        answer.text.replace(shown(page, year), "").replace(str(year), "")
        for year, answer in zip((2009, 2010), answers, strict=True)
    )

    assert first != second


@spec("dynamic-dispatch/a-leap-day-makes-a-difference", MUST, WHOLE)
async def test_a_leap_day_makes_a_difference(page, wire):
    """
    A leap year's calendar is not that of a common year which begins on the same day.

    Sends:      GETs of 2024 and of 2018, both of which begin on a Monday, and of 2000 and 2022, on a Saturday.
    Observes:   the bodies of each pair, with what `shows` says of the year taken out of each.
    Look at:    a calendar without the 29th of February; a rule that takes a century for no leap year, whichever.
    """
    for leap, common in ((2024, 2018), (2000, 2022)):
        pages = []
        for year in (leap, common):
            answer = await wire.get(page.path, year=year)
            has_the_calendar(page, year, answer)
            pages.append(answer.text.replace(shown(page, year), "").replace(str(year), ""))
        assert pages[0] != pages[1]


@spec("dynamic-dispatch/the-calendar-is-right", MUST, WHOLE, needs=("text",))
async def test_the_calendar_is_right(page, wire):
    """
    Weekdays and the lengths of months are those of the Gregorian calendar, in leap, common and century years.

    Sends:      GETs of twelve years, leap and common by each of the three rules, the first and the last among them.
    Observes:   the text of the page, in which Python's own calendar of that year stands as it is.
    Differs:    only for servers that claim `text`: other calendars look otherwise.
    Look at:    1900, which is no leap year, and 2000, which is one; the week's first day.
    """
    for year in TELLING:
        has_the_calendar(page, year, await wire.get(page.path, year=year))


@spec("dynamic-dispatch/a-year-is-the-same-page-each-time", MUST, YEAR)
async def test_a_year_is_the_same_page_each_time(page, wire):
    """
    A year's page is the same whenever it is asked for, and whatever was asked for in between.

    Sends:      GETs of 2009, then 1999, then 2009 again, each on a connection of its own.
    Observes:   the bodies of the first and the last.
    Look at:    a page that keeps something of the request before it.
    """
    first, between, last = [await wire.get(page.path, year=year) for year in (2009, 1999, 2009)]

    has_the_calendar(page, 2009, first)
    has_the_calendar(page, 1999, between)
    assert last.status == 200
    assert last.body == first.body


@spec("dynamic-dispatch/years-asked-for-at-once-are-not-swapped", MUST, YEAR)
async def test_years_asked_for_at_once_are_not_swapped(target, page, wire):
    """
    Many who ask for different years at the same moment each get their own.

    Sends:      up to twelve (`parallel`) GETs, each of another year on its own connection, all at once.
    Observes:   which year each answer shows.
    Look at:    the year kept in a place that all requests share.
    """
    conversations = await wire.open_many(side_by_side(target))
    years = range(1990, 1990 + len(conversations))
    for conversation, year in zip(conversations, years, strict=True):
        conversation.request("GET", page.path, year=year)
    answers = await gather(*(conversation.answer() for conversation in conversations))

    for year, answer in zip(years, answers, strict=True):
        has_the_calendar(page, year, answer)


@spec("dynamic-dispatch/a-year-that-comes-in-pieces-is-not-swapped", MUST, YEAR)
async def test_a_year_that_comes_in_pieces_is_not_swapped(target, page, wire):
    """
    A request whose end comes after another request was answered is answered with its own year.

    Sends:      the first half of a GET of 1999, cut behind its request line; on another connection a whole GET of 2042;
                when that is answered, the second half of the first.
    Observes:   which year each answer shows.
    Look at:    a request line taken apart before the request is whole, into a place that connections share.
    """
    side_by_side(target)
    slow, quick = await wire.open_many(2)
    line, rest = wire.bytes_of("GET", page.path, year=1999).split(b"\r\n", 1)
    slow.send(line + b"\r\n")
    quick.request("GET", page.path, year=2042)
    whole = await quick.answer()
    slow.send(rest)
    cut = await slow.answer(method="GET")

    has_the_calendar(page, 2042, whole)
    has_the_calendar(page, 1999, cut)


@spec("dynamic-dispatch/pipelined-years-keep-their-order", MUST, IN_ORDER)
async def test_pipelined_years_keep_their_order(page, wire, facts):
    """
    Several years asked for in one piece are answered in the order in which they were asked for.

    Sends:      GETs of 2009, 1984 and 2042 in one piece, on one connection.
    Observes:   which year each answer shows.
    Differs:    a server may close the connection after any answer instead of giving the next.
    Look at:    answers that leave as they are made; a resource that two requests of one connection share.
    """
    years = (2009, 1984, 2042)
    answers = await pipelined(wire, *(at(page, str(year)) for year in years))
    facts["pipelined requests answered"] = sum(answer is not None for answer in answers)

    has_the_calendar(page, years[0], answers[0])
    for year, answer in zip(years[1:], answers[1:], strict=True):
        if answer is not None:
            has_the_calendar(page, year, answer)


@spec("dynamic-dispatch/next-answer-follows-on-the-same-connection", MUST, ONE_CONNECTION)
async def test_the_connection_can_be_used_again(target, page, wire):
    """
    Behind a year's page the same connection carries the next answer, and nothing else.

    Sends:      a GET of 2009; once it is answered, a GET of `ping` on the same connection.
    Observes:   every byte that comes.
    Differs:    a server may close the connection after any answer: then nothing may follow.
    Look at:    a length that counts characters instead of bytes; a body cut off at the year that was tried out.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path, year=2009)
    answer = await conversation.answer()
    following = await followed(target, conversation)

    has_the_calendar(page, 2009, answer)
    if following is None:
        assert conversation.received == answer.raw
    else:
        assert following.status == target.alive.status
        assert conversation.received == answer.raw + following.raw


@spec("dynamic-dispatch/an-encoded-digit-is-the-same-year", MUST, SAME_NODE)
async def test_an_encoded_digit_is_the_same_year(page, wire):
    """
    A digit that is percent-encoded without need is the same digit.

    Sends:      GETs of 2009 with its first, its last, and all of its digits percent-encoded.
    Observes:   that each is answered with the page of 2009.
    Look at:    a path that is matched before it is decoded.
    """
    plain = await wire.get(page.path, year=2009)
    encoded = [await wire.get(at(page, segment)) for segment in ("%32009", "200%39", "%32%30%30%39")]

    has_the_calendar(page, 2009, plain)
    for answer in encoded:
        assert answer.status == 200
        assert answer.body == plain.body


@spec("dynamic-dispatch/a-query-changes-no-year", SHOULD, YEAR)
async def test_a_query_changes_no_year(page, wire):
    """
    Which year it is follows from the path, whatever the query says.

    Sends:      a GET of 2009 with the query `year=1999`, and one with the empty query.
    Observes:   which year is shown.
    Look at:    a year that is cut from the whole target; parameters of path and query in one dictionary.
    """
    path = page.path + ("&" if "?" in page.path else "?")
    for query in ("year=1999&name=1999", ""):
        has_the_calendar(page, 2009, await wire.get(path + query, year=2009))


@spec("dynamic-dispatch/head-has-no-body", MUST, NO_CONTENT)
async def test_head_has_no_body(target, page, wire):
    """
    HEAD of a year has no body, and the next answer follows its fields at once.

    Sends:      a HEAD of 2009; then a GET of `ping` on the same connection.
    Observes:   every byte that comes: behind the fields, nothing until the next answer begins.
    Differs:    a server that knows no HEAD may refuse it; closing the connection is fine.
    Look at:    a body that is written whatever the method is.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path, year=2009)
    head = await conversation.answer()
    following = await followed(target, conversation)

    if following is None:
        assert conversation.received == head.raw
    else:
        assert following.status == target.alive.status
        assert conversation.received == head.raw + following.raw


@spec("dynamic-dispatch/head-says-what-get-says", SHOULD, SAME_FIELDS)
async def test_head_says_what_get_says(page, wire):
    """
    HEAD of a year has the status and the type of its GET, and its length where it tells one.

    Sends:      a HEAD and a GET of 2009.
    Observes:   status, Content-Type, and Content-Length if the HEAD has it.
    Look at:    a length of 0, or of the whole answer, because nothing was rendered.
    """
    head = await wire.head(page.path, year=2009)
    get = await wire.get(page.path, year=2009)

    assert head.status == get.status
    assert head.fields.get("content-type") == get.fields.get("content-type")
    if "content-length" in head.fields:
        assert head.fields.get("content-length") == str(len(get.body))


@spec("dynamic-dispatch/the-type-of-a-calendar-is-told", SHOULD, TYPED)
async def test_the_type_of_a_calendar_is_told(page, wire):
    """
    A calendar says what kind of text it is.

    Sends:      a GET of 2009.
    Observes:   Content-Type: there, once, and some kind of text.
    Differs:    HTML or plain text, with or without a charset.
    Look at:    a page that relies on the client's guess.
    """
    answer = await wire.get(page.path, year=2009)
    told = answer.fields.all("content-type")

    assert len(told) == 1
    assert told[0].partition("/")[0].lower() in ("text", "application")


@spec("dynamic-dispatch/a-refused-method-names-those-allowed", MUST, ALLOW)
async def test_a_refused_method_names_those_allowed(page, wire, facts):
    """
    Where a method is answered 405, the methods that a year allows are named.

    Sends:      POST, PUT, DELETE, OPTIONS and PATCH of 2009, each on a connection of its own.
    Observes:   status; where that is 405, Allow, which has GET in it.
    Differs:    a server may take any of them, or answer 501: what it does is recorded.
    Look at:    a 405 made by hand.
    """
    answers = {}
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answers[method] = await wire.request(method, page.path, year=2009, body=b"")
    facts["other methods"] = {method: answer.status for method, answer in answers.items()}
    await wire.ping()

    for answer in answers.values():
        if answer.status == 405:
            assert "GET" in (answer.fields.get("allow") or "")


def years():
    """Any year that Python's calendar has, the odd ones more often than chance would have it."""
    from hypothesis import strategies as st  # noqa: PLC0415 - slow to import

    return st.one_of(st.integers(1, 9999), st.sampled_from([1, 99, 100, 999, 1000, 1582, 1752, 4000, 9999]))


@spec("dynamic-dispatch/every-year-has-its-page", MUST, ALL, examples=years)
async def test_every_year_has_its_page(page, wire, example):
    """
    Every year has a page, not only a few: whichever is asked for.

    Sends:      one GET, its year generated between 1 and 9999.
    Observes:   that it is 200, and that year's calendar.
    Look at:    a list of years; a year of two digits taken for one of this century; a clock that ends in 2038.
    """
    has_the_calendar(page, example, await wire.get(page.path, year=example))


@spec("dynamic-dispatch/how-a-calendar-is-sent", MAY, FRAMED)
async def test_how_a_calendar_is_sent(target, page, wire, facts):
    """
    How a year's page is framed, typed and laid out is a fact.

    Sends:      GETs of 2009 and of 2015, which has the same days, with HTTP/1.1; of 2009 with HTTP/1.0.
    Observes:   status line, fields in their order, framing, length; whether the two pages differ in more than the year.
    """
    answer = await wire.get(page.path, year=2009)
    alike = await wire.get(page.path, year=2015)
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path, year=2009).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", 1))
    old = await conversation.answer_if_any(method="GET")
    facts["reason phrase"] = steady(answer.reason, target)
    facts["fields"] = fields(answer, target)
    facts["framing"] = answer.framing
    facts["bytes of 2009"] = len(answer.body)
    facts["begins with"] = steady(answer.body[:60], target)
    facts["years of the same days have the same page"] = answer.text.replace("2009", "2015") == alike.text
    facts["HTTP/1.0"] = None if old is None else f"{old.status}, framing: {old.framing}"

    assert answer.status == 200


@spec("dynamic-dispatch/how-else-a-year-may-be-written", MAY, ALL)
async def test_how_else_a_year_may_be_written(page, wire, facts):
    """
    Which other spellings of a whole number are taken for a year is a fact.

    Sends:      GETs of 2009 with a sign, zeros, blanks, an underscore, a fraction, an exponent, in digits of other
                scripts, and with a slash behind it.
    Observes:   the statuses, and whether the page is that of 2009.
    """
    plain = await wire.get(page.path, year=2009)
    spellings = {
        "+2009": "+2009",
        "%2B2009": "%2B2009",
        "02009": "02009",
        "a blank before": "%202009",
        "a blank behind": "2009%20",
        "a line break behind": "2009%0A",
        "a tab before": "%092009",
        "2_009": "2_009",
        "2__009": "2__009",
        "2,009": "2,009",
        "2009.0": "2009.0",
        "2009e0": "2009e0",
        "Arabic digits": "%D9%A2%D9%A0%D9%A0%D9%A9",
        "fullwidth digits": "%EF%BC%92%EF%BC%90%EF%BC%90%EF%BC%99",
        "2009;v=1": "2009;v=1",
        "2009/": "2009/",
        "2009/2010": "2009/2010",
        "/2009": "/2009",
    }
    for name, segment in spellings.items():
        answer = await wire.get(at(page, segment))
        facts[name] = "the same page" if answer.body == plain.body and answer.status == 200 else answer.status

    await wire.ping()


@spec("dynamic-dispatch/numbers-that-are-no-usual-years", MAY, ALL)
async def test_numbers_that_are_no_usual_years(page, wire, facts):
    """
    What a whole number gets that no calendar on a wall has is a fact.

    Sends:      GETs of 0, -1, 10000, of twenty digits and of a thousand.
    Observes:   the statuses, and whether the number is shown.
    """
    for name, number in {
        "0": "0",
        "-1": "-1",
        "10000": "10000",
        "twenty digits": "12345678901234567890",
        "a thousand digits": "1" + "0" * 999,
    }.items():
        answer = await wire.get(at(page, number))
        facts[name] = f"{answer.status}, {'shown' if number in answer.text else 'not shown'}"

    await wire.ping()
