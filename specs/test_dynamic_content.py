"""
Dynamic content: a page that is made anew for each request, and tells the time.
"""

import re
from calendar import timegm
from datetime import datetime
from email.utils import parsedate_to_datetime

from harness import MAY, MUST, SHOULD, Window, gather, rfc, spec, tutorial
from specs.exchanges import REFUSALS
from specs.facts import fields, steady
from specs.following import followed
from specs.forms import AT_ONCE, FORM

TIME = tutorial("dynamic-content", "a resource which generates a page giving the time")
CALLED = tutorial("dynamic-content", "called whenever the URI we hook this resource up to is requested")
HTML = tutorial("dynamic-content", "that byte string is an HTML 5 web page encoded as UTF-8")
LEAF = tutorial("dynamic-content", "indicates that ClockPage resources will never have any children")
FRAMED = rfc(9112, "6.3")
HEAD = rfc(9110, "9.3.2", "The HEAD method is identical to GET except that the server MUST NOT send content")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
UNMODIFIED = rfc(9110, "13.1.3")
FRESHNESS = rfc(9111, "4.2")
ALLOWED = rfc(9110, "15.5.6", "The origin server MUST generate an Allow header field in a 405 response")

#: Seconds until a clock that tells whole seconds must tell another one, and some more.
LATER = 1.3

#: What a clock in whole seconds leaves out.
SECOND = 1.0

#: When a day is looked in on, in seconds: on both sides of a minute, an hour, half a day, a day.
MOMENTS = (0.0, 59.0, 61.0, 3599.0, 3601.0, 43199.0, 43201.0, 86399.0, 86401.0)


def told(page, answer):
    """The time that a page tells, in seconds of its own; a failed assertion where there is none."""
    assert answer.complete, answer.problem
    assert answer.status == 200
    found = re.search(page.time_pattern, answer.text)
    assert found is not None, f"no time ({page.time_pattern}) in {answer.text[:200]!r}"
    try:
        read = datetime.strptime(found["time"], page.time_format)  # noqa: DTZ007 - whose time, need not be said
    except ValueError as wrong:
        message = f"the time is not as the profile's time_format says: {wrong}"
        raise AssertionError(message) from None
    return timegm(read.timetuple()) + read.microsecond / 1e6


def between(first, second):
    """The seconds that may have passed between two answers, as told by a clock that rounds to whole seconds."""
    return Window(second.sent_at - first.first_at - SECOND, second.first_at - first.sent_at + SECOND)


@spec("dynamic-content/the-time-is-told", MUST, TIME)
async def test_the_time_is_told(page, wire):
    """
    The page has a time in it that can be read.

    Sends:      one GET of the page.
    Observes:   the time that `time_pattern` finds, read as `time_format` says.
    Look at:    the profile's `time_pattern` and `time_format`; months and days in another language.
    """
    told(page, await wire.get(page.path))


@spec("dynamic-content/each-visit-is-told-its-own-time", MUST, CALLED, lasts=lambda _: 2 * LATER)
async def test_each_visit_is_told_its_own_time(page, wire, clock):
    """
    The time is that of the request: of two visits, the later one is told a later time, by as much as it was later.

    Sends:      three GETs of the page, on fresh connections, 1.3 seconds apart.
    Observes:   how far apart the times are that the pages tell.
    Tolerance:  a second, for a clock that tells whole seconds, and what requests and answers took on their way.
    Look at:    a page that was made when the server was started, or is kept for a while.
    """
    answers = [await wire.get(page.path)]
    for _ in range(2):
        await clock.sleep(LATER, "the next second")
        answers.append(await wire.get(page.path))
    times = [told(page, answer) for answer in answers]

    assert times[1] > times[0]
    assert times[2] > times[1]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert times[other] - times[one] in between(answers[one], answers[other])


@spec("dynamic-content/the-next-visit-on-a-connection-is-told-its-own-time", MUST, CALLED, lasts=lambda _: LATER)
async def test_the_next_visit_on_a_connection_is_told_its_own_time(page, wire, clock):
    """
    So is the second visit on one connection.

    Sends:      two GETs of the page on one connection, 1.3 seconds apart.
    Observes:   how far apart the times are that the pages tell.
    Tolerance:  a second, for a clock that tells whole seconds, and what requests and answers took on their way.
    Differs:    a server may close the connection after any answer.
    Look at:    a page that is made once for each connection.
    """
    conversation = await wire.open()
    conversation.request("GET", page.path)
    first = await conversation.answer()
    await clock.sleep(LATER, "the next second")
    if conversation.is_gone:
        conversation = await wire.open()
    conversation.request("GET", page.path)
    second = await conversation.answer_if_any() or await wire.get(page.path)
    earlier, later = told(page, first), told(page, second)

    assert later > earlier
    assert later - earlier in between(first, second)


@spec(
    "dynamic-content/the-clock-is-right-all-day",
    MUST,
    CALLED,
    lasts=lambda _: MOMENTS[-1],
    only_virtual="it takes a day",
)
async def test_the_clock_is_right_all_day(page, wire, clock):
    """
    The clock goes right for a day.

    Sends:      a GET of the page before and after a minute, an hour, half a day and a day.
    Observes:   how far each time is from the first.
    Tolerance:  a second, for a clock that tells whole seconds.
    Differs:    where clocks are put forward or back that day, an hour more or less.
    Look at:    a page that is kept for a minute, or until the hour.
    """
    began = clock.now()
    first = await wire.get(page.path)
    start = told(page, first)
    for moment in MOMENTS[1:]:
        await clock.until(began + moment, "a later moment of the day")
        answer = await wire.get(page.path)
        passed = told(page, answer) - start
        nominal = between(first, answer)
        shift = 3600 * round((passed - moment) / 3600) if abs(abs(passed - moment) - 3600) <= SECOND else 0

        assert passed - shift in nominal


@spec("dynamic-content/visits-at-once-are-told-the-same-time", MUST, CALLED)
async def test_visits_at_once_are_told_the_same_time(target, page, wire):
    """
    Visits at the same time are told the same time.

    Sends:      up to sixteen (`parallel`) GETs of the page at once, each on its own connection.
    Observes:   how far apart the times are that the pages tell.
    Tolerance:  a second, for a clock that tells whole seconds, and what requests and answers took on their way.
    Look at:    processes or threads with clocks of their own, or with pages of their own that they keep.
    """
    conversations = await wire.open_many(min(AT_ONCE, target.parallel))
    for conversation in conversations:
        conversation.request("GET", page.path)
    answers = await gather(*(conversation.answer() for conversation in conversations))
    times = [told(page, answer) for answer in answers]
    longest = max(answer.first_at for answer in answers) - min(answer.sent_at for answer in answers)

    assert max(times) - min(times) in Window.until(longest + SECOND)


@spec("dynamic-content/who-was-here-is-told-the-time-anew", MUST, UNMODIFIED, lasts=lambda _: LATER)
async def test_who_was_here_is_told_the_time_anew(page, wire, clock):
    """
    A visitor who has the page already, and asks only for what has changed since, is told the time.

    Sends:      a GET of the page; 1.3 seconds later GETs with If-Modified-Since as the first answer's Last-Modified, or
                else its Date, and with If-None-Match as its ETag if it has one.
    Observes:   that each of these is a page with a later time.
    Look at:    a validator that stays the same though the page does not, and a 304 for it.
    """
    first = await wire.get(page.path)
    since = first.fields.get("last-modified") or first.fields.get("date")
    tag = first.fields.get("etag")
    await clock.sleep(LATER, "the next second")
    conditions = [("If-Modified-Since", since)] if since else []
    conditions += [("If-None-Match", tag)] if tag else []
    answers = [await wire.get(page.path, fields=[condition]) for condition in conditions]

    for answer in answers:
        assert told(page, answer) > told(page, first)


@spec("dynamic-content/no-cache-may-keep-it", SHOULD, FRESHNESS)
async def test_no_cache_may_keep_it(page, wire):
    """
    Nothing in the answer allows a cache to show the page later without asking.

    Sends:      one GET of the page.
    Observes:   that Cache-Control promises no freshness, that Expires is not in the future, and that no
                Last-Modified in the past makes a cache guess one.
    Differs:    saying nothing at all is common and fine: without a date to guess from, caches do not keep such a page.
    Look at:    a default for all answers of a server, meant for its files.
    """
    answer = await wire.get(page.path)
    said = (answer.fields.get("cache-control") or "").lower()
    kept = [int(seconds) for seconds in re.findall(r'(?:max-age|s-maxage|stale-while-revalidate)="?(\d{1,9})', said)]
    never = "no-store" in said or "no-cache" in said
    now = moment(answer, "date")
    expires, modified = moment(answer, "expires"), moment(answer, "last-modified")

    assert not any(kept) or never, f"Cache-Control: {said}"
    if now is not None and expires is not None and not never and not kept:
        assert expires <= now
    if now is not None and modified is not None and not never and not kept and expires is None:
        assert now - modified <= SECOND


def moment(answer, name):
    """The date in a field, in seconds; None where there is none that can be read."""
    try:
        return parsedate_to_datetime(answer.fields.get(name) or "").timestamp()
    except (TypeError, ValueError):
        return None


@spec("dynamic-content/the-page-is-whole-and-framed", MUST, FRAMED)
async def test_the_page_is_whole_and_framed(target, page, wire, facts):
    """
    The page ends where its framing says, and nothing follows that was not asked for.

    Sends:      a GET of the page and one of `ping`, in one piece.
    Observes:   whether the end that was announced (a length, a last chunk, the close) came; all bytes that came.
    Differs:    a length, chunks and ending by the close are all fine: which it was is recorded.
    Look at:    a length that was computed from another page than the one that was sent.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path) + wire.bytes_of("GET", target.alive.path))
    answer = await conversation.answer(method="GET")
    following = await conversation.answer_if_any(method="GET")
    facts["framing"] = answer.framing

    told(page, answer)
    assert conversation.received == answer.raw + (b"" if following is None else following.raw)
    if following is not None:
        assert following.status == target.alive.status


@spec("dynamic-content/the-page-is-html-and-tells-its-charset", SHOULD, HTML)
async def test_the_page_is_html_and_tells_its_charset(page, wire):
    """
    The page is HTML in UTF-8, and says so.

    Sends:      one GET of the page.
    Observes:   its type; `utf-8` in the type, or in the first 1024 bytes of the page.
    Look at:    a Content-Type without charset on a page without `<meta charset>`.
    """
    answer = await wire.get(page.path)
    said = (answer.fields.get("content-type") or "").lower()

    assert said.startswith("text/html")
    assert "utf-8" in said + answer.text[:1024].lower(), f"no charset, neither in {said!r} nor on the page"


@spec("dynamic-content/a-query-changes-nothing", MUST, CALLED)
async def test_a_query_changes_nothing(page, wire):
    """
    A query that the page knows nothing of does not keep it from telling the time.

    Sends:      GETs with a query, with an empty one, with one that is no list of names and values.
    Observes:   the time on each page.
    Look at:    a route, or a cache, that is looked up with the query.
    """
    joint = "&" if "?" in page.path else "?"
    plain = await wire.get(page.path)
    answers = [await wire.get(f"{page.path}{joint}{query}") for query in ("a=1&b=2", "", "%zz&&=", "time=0")]

    for answer in answers:
        assert told(page, answer) - told(page, plain) in between(plain, answer)


@spec("dynamic-content/head-has-no-body", MUST, NO_CONTENT)
async def test_head_has_no_body(target, page, wire):
    """
    HEAD of the page has no body.

    Sends:      on one connection, a HEAD of the page, then a GET of `ping`.
    Observes:   every byte on the connection: after the fields, nothing until the next answer begins.
    Differs:    a server may refuse HEAD, and close the connection.
    Look at:    a body that is sent all the same, and then is taken for the next answer.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path)
    head = await conversation.answer()
    following = await followed(target, conversation)

    assert head.body == b""
    assert conversation.received == head.raw + (b"" if following is None else following.raw)


@spec("dynamic-content/head-tells-what-get-would", SHOULD, HEAD)
async def test_head_tells_what_get_would(page, wire):
    """
    HEAD has the status and the type of a GET, and its length if it gives one.

    Sends:      a GET and a HEAD of the page.
    Observes:   the status, Content-Type and Content-Length of both.
    Differs:    HEAD may leave out what would have to be computed (RFC 9110 section 9.3.2), and so any of its fields.
    Look at:    HEAD that is answered by something else than the page, such as a 405 or 501.
    """
    get = await wire.get(page.path)
    head = await wire.head(page.path)
    length = head.fields.get("content-length")

    assert head.status == get.status
    assert head.fields.get("content-type") in (get.fields.get("content-type"), None)
    if length not in (None, "0") and get.framing == "length":
        assert length == get.fields.get("content-length")


@spec("dynamic-content/other-methods-are-refused", SHOULD, ALLOWED)
async def test_other_methods_are_refused(target, page, wire, facts):
    """
    A page that can only be read is not to be posted to: a 405 that says which methods it has, or a 501.

    Sends:      a POST of a form, a PUT, a DELETE, and a method that nobody knows.
    Observes:   the statuses; that no time is told.
    Differs:    501 where the server has this method for no page at all.
    Look at:    a page that takes every method for a GET.
    """
    body = b"a=1"
    answers = {
        "POST": await wire.post(page.path, body, fields=[FORM]),
        "PUT": await wire.request("PUT", page.path, body=body),
        "DELETE": await wire.request("DELETE", page.path),
        "BREW": await wire.request("BREW", page.path),
    }
    for method, answer in answers.items():
        facts[f"{method} is answered"] = f"{answer.status} {answer.reason.decode('latin-1')}"
        facts[f"fields of the answer to {method}"] = fields(answer, target)
        facts[f"body of the answer to {method}"] = steady(answer.body[:500], target)

    for method, answer in answers.items():
        assert answer.status in REFUSALS, f"{method} was answered {answer.status}"


@spec("dynamic-content/a-refusal-names-the-methods-that-are-allowed", MUST, ALLOWED)
async def test_a_refusal_names_the_methods_that_are_allowed(page, wire):
    """
    A 405 says which methods the page has: GET among them, and not the one that was refused.

    Sends:      a POST of a form, and a PUT.
    Observes:   Allow, where the status is 405; nothing where it is another.
    Look at:    a 405 that a framework makes without knowing the page.
    """
    answers = {
        "POST": await wire.post(page.path, b"a=1", fields=[FORM]),
        "PUT": await wire.request("PUT", page.path, body=b"a=1"),
    }
    for method, answer in answers.items():
        if answer.status == 405:
            allowed = {one.strip() for one in (answer.fields.get("allow") or "").split(",")}
            assert "GET" in allowed
            assert method not in allowed


@spec("dynamic-content/a-refused-post-does-no-harm", MUST, FRAMED)
async def test_a_refused_post_does_no_harm(target, page, wire):
    """
    The body of a POST that is refused is not taken for the next request.

    Sends:      in one piece, a POST whose body is a whole request for the page; then a GET of `ping`.
    Observes:   that the second answer, if one comes, is that of `ping`.
    Differs:    a server may close the connection after any answer.
    Look at:    an answer that is given before the body has come, after which the body stands where a request should.
    """
    plain = await wire.get(target.alive.path)
    hidden = wire.bytes_of("GET", page.path)
    conversation = await wire.open()
    conversation.send(wire.bytes_of("POST", page.path, body=hidden) + wire.bytes_of("GET", target.alive.path))
    refused = await conversation.answer(method="POST")
    second = await conversation.answer_if_any(method="GET")

    if second is not None and second.status not in REFUSALS:
        assert second.status == plain.status
        assert second.body == plain.body
        assert conversation.received == refused.raw + second.raw
    await wire.ping()


@spec("dynamic-content/how-its-answers-look", MAY, TIME)
async def test_how_its_answers_look(target, page, wire, facts):
    """
    Framing and fields of the answers are facts, and what stands below the page, which is a leaf in the tutorial.

    Sends:      a GET and a HEAD of the page, one with Range, one that accepts gzip; GETs of the page with a slash and
                with more segments behind it.
    Observes:   status lines, fields in their order, framing, bodies; whether the time is told.
    """
    below = page.path.partition("?")[0].rstrip("/")
    answers = {
        "GET": await wire.get(page.path),
        "HEAD": await wire.head(page.path),
        "a GET of ten bytes": await wire.get(page.path, fields=[("Range", "bytes=0-9")]),
        "a GET that accepts gzip": await wire.get(page.path, fields=[("Accept-Encoding", "gzip")]),
        "a GET with a slash": await wire.get(f"{below}/"),
        "a GET with more segments": await wire.get(f"{below}/more/and%20more"),
    }
    for name, answer in answers.items():
        facts[f"{name} is answered"] = f"{answer.status} {answer.reason.decode('latin-1')}"
        facts[f"fields of the answer to {name}"] = fields(answer, target)
        facts[f"framing of the answer to {name}"] = answer.framing
        facts[f"time in the answer to {name}"] = re.search(page.time_pattern, answer.text) is not None
    facts["body"] = re.sub(page.time_pattern, "(time)", answers["GET"].text)[:500]
    facts["leaf"] = answers["a GET with more segments"].status == 200
    await wire.ping()


@spec("dynamic-content/whose-time-it-is", MAY, TIME)
async def test_whose_time_it_is(page, wire, facts):
    """
    Whether the time is that of the place where the server stands is a fact.

    Sends:      one GET of the page.
    Observes:   how far the time is from the answer's Date, which is UTC, in hours.
    """
    answer = await wire.get(page.path)
    time, date = told(page, answer), moment(answer, "date")
    apart = time - (time if date is None else date)
    hours = round(apart / 900) / 4
    near = abs(apart - hours * 3600) <= 2 * SECOND and abs(hours) <= 14
    facts["hours from UTC"] = "no Date to compare with" if date is None else hours if near else "not told by its Date"
