"""
Dynamic dispatch: what is no year.  The tutorial punts on it; the server lives, and whoever asks for a year gets it.
"""

from harness import MAY, MUST, SHOULD, gather, rfc, spec, tutorial
from specs.calendars import NO_YEARS, at, has_the_calendar, pipelined, shown, side_by_side
from specs.facts import fields, steady

PUNTS = tutorial("dynamic-dispatch", "punts on error handling")
EXPLAINED = rfc(9110, "15.6", "SHOULD send a representation containing an explanation of the error situation")
IN_ORDER = rfc(9112, "9.3.2", "MUST send the corresponding responses in the same order that the requests were received")

#: What is no whole number, in other ways than `NO_YEARS`, as it is sent.
ODD = (
    "",
    "-",
    "+",
    "%20",
    "%00",
    "2009%00",
    "%0A2009x",
    "%FF%FE",
    "%C3%A4",
    "%25d",
    "%2e",
    "{year}",
    "nan",
    "inf",
    "2/0",
)

#: Digits: Python refuses to convert more than 4,300 of them, and many servers take no line of more than 8 or 16 KiB.
HUGE = (400, 4299, 4301, 7500)


@spec("dynamic-dispatch/lives-after-what-is-no-year", MUST, PUNTS)
async def test_the_server_lives_after_what_is_no_year(page, wire, facts):
    """
    What is no year is answered in some way, and a year is answered with its page afterwards.

    Sends:      GETs of letters, fractions, signs, blanks, NUL, bytes that are no text, nothing; behind each a
                GET of 2009.
    Observes:   that each is answered whole or its connection closed, that 2009 is; at the end `ping`.
    Differs:    400, 404, 500 and closing are all fine here: the statuses are recorded.
    Look at:    an exception that ends the process, or the thread or the worker that serves everybody.
    """
    for segment in NO_YEARS + ODD:
        conversation = await wire.open()
        conversation.request("GET", at(page, segment))
        answer = await conversation.answer_if_any()
        facts[segment or "(nothing)"] = "closed" if answer is None else answer.status
        if answer is not None:
            assert answer.complete, answer.problem
        has_the_calendar(page, 2009, await wire.get(page.path, year=2009))
    await wire.ping()


@spec("dynamic-dispatch/what-is-no-year-has-no-calendar", SHOULD, PUNTS)
async def test_what_is_no_year_has_no_calendar(page, wire):
    """
    What is no whole number is no year, and not answered as if it were one.

    Sends:      GETs of ten segments with letters, dots and dashes.
    Observes:   that none is answered 2xx.
    Look at:    a number that is read up to the first letter; a year put in place of what cannot be read.
    """
    for segment in NO_YEARS:
        answer = await wire.get(at(page, segment))
        assert answer.status >= 300, f"{segment}: answered {answer.status}"


@spec("dynamic-dispatch/what-is-no-year-gives-no-code-away", SHOULD, PUNTS)
async def test_what_is_no_year_gives_no_code_away(page, wire):
    """
    What goes wrong inside is told to the log, not to whoever sent it.

    Sends:      GETs of ten segments that are no year.
    Observes:   bodies: no traceback, no exception's name, no line of a file.
    Look at:    a debugging page that is on by default (Twisted up to 20.3).
    """
    for segment in NO_YEARS:
        answer = await wire.get(at(page, segment))
        assert "Traceback" not in answer.text
        assert "ValueError" not in answer.text
        assert ".py" not in answer.text


@spec("dynamic-dispatch/an-error-is-explained", SHOULD, EXPLAINED)
async def test_an_error_is_explained(page, wire):
    """
    Where what is no year is an error, the answer says so in a body of a known type.

    Sends:      a GET of `abc`.
    Observes:   if it is answered 4xx or 5xx: a body that is not empty, and its Content-Type.
    Look at:    an error that only closes the connection, or sends nothing but a status line.
    """
    answer = await wire.get(at(page, "abc"))

    if answer.status >= 400:
        assert answer.body != b""
        assert "content-type" in answer.fields


@spec("dynamic-dispatch/what-is-no-year-disturbs-no-other", MUST, PUNTS)
async def test_what_is_no_year_disturbs_no_other(target, page, wire):
    """
    Who asks for a year while others ask for what is none gets that year.

    Sends:      at once, alternately on up to twelve (`parallel`) connections, GETs of years and of `abc`.
    Observes:   that each year is answered with its own page, and no `abc` with one of theirs.
    Look at:    an exception that takes other requests along; an answer given to the wrong connection.
    """
    conversations = await wire.open_many(side_by_side(target) // 2 * 2)
    right, wrong = conversations[::2], conversations[1::2]
    years = range(1990, 1990 + len(right))
    for year, one, other in zip(years, right, wrong, strict=True):
        other.request("GET", at(page, "abc"))
        one.request("GET", page.path, year=year)
    answers = await gather(*(conversation.answer() for conversation in right))
    errors = await gather(*(conversation.answer_if_any() for conversation in wrong))

    for year, answer in zip(years, answers, strict=True):
        has_the_calendar(page, year, answer)
    for year, error in zip(years, errors, strict=True):
        if error is not None:
            assert shown(page, year) not in error.text
    await wire.ping()


@spec("dynamic-dispatch/a-year-behind-what-is-none-is-not-swapped", MUST, IN_ORDER)
async def test_a_year_behind_what_is_none_is_not_swapped(page, wire, facts):
    """
    A year that is pipelined behind what is no year is answered in its place, or the connection closed before it.

    Sends:      GETs of 2009, `abc` and 1984 in one piece, on one connection.
    Observes:   the answers in the order in which they come.
    Differs:    a server may close the connection after any answer instead of giving the next.
    Look at:    an error that is written beside the answers before it, or leaves the connection in the middle of itself.
    """
    first, error, last = await pipelined(wire, *(at(page, segment) for segment in ("2009", "abc", "1984")))
    facts["behind an error"] = "closed" if last is None else "answered"

    has_the_calendar(page, 2009, first)
    if error is not None:
        assert error.complete, error.problem
        assert shown(page, 1984) not in error.text
    if last is not None:
        has_the_calendar(page, 1984, last)
    await wire.ping()


@spec("dynamic-dispatch/a-huge-number-exhausts-nothing", MUST, PUNTS)
async def test_a_huge_number_exhausts_nothing(page, wire, facts):
    """
    A number of thousands of digits is answered or refused soon, and the server goes on.

    Sends:      GETs of numbers of 400, 4,299, 4,301 and 7,500 digits at once, and of 2009 beside them; then of 2009.
    Observes:   that each is answered or its connection closed, and that 2009 is answered with its page both times.
    Differs:    a calendar, 400, 404, 414, 500: the statuses are recorded.  Python converts at most 4,300 digits.
    Look at:    arithmetic that takes the square of the digits; a calendar counted up from the year 1.
    """

    async def asked(digits):
        conversation = await wire.open()
        conversation.request("GET", at(page, "9" * digits))
        return await conversation.answer_if_any()

    beside, *answers = await gather(wire.get(page.path, year=2009), *(asked(digits) for digits in HUGE))
    for digits, answer in zip(HUGE, answers, strict=True):
        facts[f"{digits} digits"] = "closed" if answer is None else answer.status

    has_the_calendar(page, 2009, beside)
    has_the_calendar(page, 2009, await wire.get(page.path, year=2009))
    await wire.ping()


def segments():
    """Path segments that are likely to be nobody's year: text of any script, with digits in it now and then."""
    from hypothesis import strategies as st  # noqa: PLC0415 - slow to import

    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\"), min_size=1, max_size=30)
    return text.filter(lambda segment: segment.strip(".") != "")


@spec("dynamic-dispatch/any-segment-leaves-the-server-alive", MUST, PUNTS, examples=segments)
async def test_any_segment_leaves_the_server_alive(page, wire, example):
    """
    Whatever stands where a year should, it is answered or its connection closed, and the next year has its page.

    Sends:      a GET with a generated segment, percent-encoded as UTF-8, in the place of the year; then a GET of 2009.
    Observes:   that what comes first is a whole answer or none, and that 2009 is answered with its page.
    Look at:    text that is decoded where nobody expects an error; a worker that does not survive one.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path, year=example)
    answer = await conversation.answer_if_any()

    if answer is not None:
        assert answer.complete, answer.problem
    has_the_calendar(page, 2009, await wire.get(page.path, year=2009))


@spec("dynamic-dispatch/how-what-is-no-year-is-answered", MAY, PUNTS)
async def test_how_what_is_no_year_is_answered(target, page, wire, facts):
    """
    What whoever asks for no year is told is a fact.

    Sends:      a GET and a HEAD of `abc`.
    Observes:   status line, fields in their order, body, and whether the connection stays.
    """
    conversation = await wire.open()
    conversation.request("GET", at(page, "abc"))
    answer = await conversation.answer()
    conversation.request("GET", target.alive.path)
    following = await conversation.answer_if_any()
    head = await wire.head(at(page, "abc"))
    facts["status"] = f"{answer.status} {steady(answer.reason, target)}"
    facts["fields"] = fields(answer, target)
    facts["body"] = steady(answer.body[:500], target)
    facts["framing"] = answer.framing
    facts["connection"] = "closed" if following is None else "stays"
    facts["status of HEAD"] = head.status

    await wire.ping()
