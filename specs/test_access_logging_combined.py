"""
Access logging: an entry in the combined log format, part by part.
"""

import re
from datetime import UTC, datetime

from harness import MUST, Window, spec, tutorial
from specs.access_lines import all_lines, asked, entry, pattern

FORMAT = tutorial("access-logging", 'looks like a standard "combined log format" message')
TOOLS = tutorial("access-logging", "Any tools expecting combined log format messages should be able to work with")

#: Seconds between two requests whose times are compared: more than the format's whole second, and one more for a
#: clock that is read once a second.
APART = 3.0

#: Seconds by which a time of whole seconds, read once a second, may be off.
COARSE = 2.0


def when(line):
    """The time of an entry, in seconds since 1970."""
    return datetime.strptime(entry(line)["time"], "%d/%b/%Y:%H:%M:%S %z").timestamp()


@spec(
    "access-logging/an-entry-is-in-the-combined-format",
    MUST,
    TOOLS,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_an_entry_is_in_the_combined_format(target, page, wire, log):
    """
    An entry has all nine parts of the combined log format, with the status and the size of its answer.

    Sends:      a GET with User-Agent and Referer.
    Observes:   its line, taken apart.
    Differs:    only for servers that claim `combined`; a prefix before the entry, and quotes about the address, are
                passed over.
    Look at:    the common log format, which ends with the size; referer and agent in each other's place.
    """
    agent, referer = f"web60/{target.token()}", f"http://web60.example/{target.token()}"
    answer, line, _ = await asked(page, wire, log, target, fields=[("User-Agent", agent), ("Referer", referer)])
    parts = entry(line.text)

    assert parts["status"] == str(answer.status)
    assert parts["size"] == str(len(answer.body) or "-")
    assert parts["agent"] == agent
    assert parts["referer"] == referer


@spec(
    "access-logging/the-request-line-is-as-it-was-sent",
    MUST,
    FORMAT,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_the_request_line_is_as_it_was_sent(target, page, wire, log):
    """
    The request line stands in the entry as it was sent, with its encodings and its query.

    Sends:      a GET whose token has `%20`, `%2F`, `%25` and `%C3%A4` behind it.
    Observes:   the request line in the entry.
    Look at:    a path that is logged when it has been decoded.
    """
    token = target.token()
    path = target.path(page.path, id=f"{token} /%ä+~")
    mark = log.mark()
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path, id=f"{token} /%ä+~"))
    await conversation.answer(method="GET")
    line = await log.wait(re.escape(token), since=mark, within=page.within)

    assert entry(line.text)["request"] == f"GET {path} HTTP/1.1"


@spec(
    "access-logging/the-address-is-the-client-s",
    MUST,
    FORMAT,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_the_address_is_the_client_s(target, page, wire, log):
    """
    The address in an entry is that from which the client came, whatever the client says of it.

    Sends:      a GET from 127.0.0.1 with X-Forwarded-For, Forwarded, X-Real-IP and Client-IP naming 192.0.2.1.
    Observes:   the address in the entry.
    Differs:    a server behind a proxy believes X-Forwarded-For; it should not claim `combined`.
    Look at:    a field that anybody can send.
    """
    names = ("X-Forwarded-For", "X-Real-IP", "Client-IP")
    fields = [*((name, "192.0.2.1") for name in names), ("Forwarded", "for=192.0.2.1")]
    _, line, _ = await asked(page, wire, log, target, fields=fields)

    assert entry(line.text)["host"].strip('"') in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost")


@spec(
    "access-logging/what-was-not-sent-is-a-dash",
    MUST,
    FORMAT,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_what_was_not_sent_is_a_dash(target, page, wire, log):
    """
    For a User-Agent and a Referer that were not sent there is a dash.

    Sends:      a GET without either.
    Observes:   both parts of the entry.
    Look at:    the name of a programming language's nothing; the agent of the request before.
    """
    _, line, _ = await asked(page, wire, log, target)
    parts = entry(line.text)

    assert parts["referer"] == "-"
    assert parts["agent"] == "-"


@spec(
    "access-logging/quotes-in-an-entry-are-escaped",
    MUST,
    TOOLS,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_quotes_in_an_entry_are_escaped(target, page, wire, log):
    r"""
    Quotes and backslashes that a client sends stay within the part that they belong to.

    Sends:      GETs whose User-Agent and Referer have quotes, apostrophes and backslashes in them and at their ends.
    Observes:   the entry, taken apart: status, and the two parts, with their escapes undone, as they were sent.
    Differs:    a quote or backslash is escaped by a backslash or as `\x22`; an apostrophe need not be.
    Look at:    text that is put between quotes as it is; a backslash at the end, which escapes the closing quote.
    """
    for sent in ('a "b" c', "it's", 'it\'s "so"', "a\\b", "a\\", '"', '\\"', "\\\\", "'"):
        answer, line, _ = await asked(page, wire, log, target, fields=[("User-Agent", sent), ("Referer", sent)])
        parts = entry(line.text)
        assert parts["status"] == str(answer.status)
        assert plain(parts["agent"]) == sent
        assert plain(parts["referer"]) == sent


@spec(
    "access-logging/the-times-are-as-far-apart-as-the-requests",
    MUST,
    FORMAT,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: APART + 2 * target.access_logging.within,
)
async def test_the_times_are_as_far_apart_as_the_requests(target, page, wire, log, clock):
    """
    Two entries have times that are as far apart as their requests.

    Sends:      a GET, and three seconds later another.
    Observes:   the difference between the times of their entries, and between the requests.
    Tolerance:  two seconds: times have whole seconds, and may be read once a second.
    Look at:    a time that is formatted once; one of twelve hours.
    """
    first, line, _ = await asked(page, wire, log, target)
    await clock.sleep(APART, "another second of the log")
    second, other, _ = await asked(page, wire, log, target)
    between = second.sent_at - first.sent_at

    assert when(other.text) - when(line.text) in Window.around(between, early=COARSE, late=COARSE)


@spec(
    "access-logging/the-time-is-that-of-the-request",
    MUST,
    FORMAT,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
    only_real="the time of day is the machine's",
)
async def test_the_time_is_that_of_the_request(target, page, wire, log):
    """
    An entry has the time of day of its request, with the offset from UTC that belongs to it.

    Sends:      a GET.
    Observes:   the time of its entry, beside our own clock when the answer is there.
    Tolerance:  two seconds, and `within` before, which the line may take.
    Differs:    local time and UTC are both fine, as long as the offset says which.
    Look at:    local time with the offset of UTC; months counted from 0.
    """
    _, line, _ = await asked(page, wire, log, target)
    ago = datetime.now(UTC).timestamp() - when(line.text)

    assert ago in Window(-COARSE, page.within + COARSE)


@spec(
    "access-logging/the-agent-of-each-request-is-its-own",
    MUST,
    TOOLS,
    needs=("pattern", "combined"),
    witnesses=("log",),
    lasts=lambda target: 2 * target.access_logging.within,
)
async def test_the_agent_of_each_client_is_its_own(target, page, wire, log):
    """
    Each entry has the agent of its own request, also of those that came at once.

    Sends:      GETs on one connection, with three different User-Agents, in one piece.
    Observes:   the agent in the entry of each that was answered.
    Tolerance:  the profile's `within` for each.
    Look at:    fields that are kept for the connection.
    """
    tokens = [target.token() for _ in range(3)]
    mark = log.mark()
    conversation = await wire.open()
    requests = [wire.bytes_of("GET", page.path, id=one, fields=[("User-Agent", f"agent/{one}")]) for one in tokens]
    conversation.send(b"".join(requests))
    answers = [await conversation.answer_if_any(method="GET") for _ in tokens]
    for token, answer in zip(tokens, answers, strict=True):
        if answer is not None:
            line = await log.wait(pattern(page, token), since=mark, within=page.within)
            assert entry(line.text)["agent"] == f"agent/{token}"
    await all_lines(page, wire, log, target, mark)


def plain(escaped):
    """What was escaped, in any of the usual ways, as it was."""
    return re.sub(
        r"\\(?:x([0-9a-fA-F]{2})|(.))", lambda found: chr(int(found[1], 16)) if found[1] else found[2], escaped
    )
