"""
Access logging: each request leaves one line, with the status and the size that were answered.
"""

import re
from itertools import pairwise

from harness import MAY, MUST, SHOULD, Window, gather, spec, tutorial
from specs.access_lines import SIDE_BY_SIDE, all_lines, asked, entries, pattern
from specs.facts import steady

EACH = tutorial("access-logging", "what Twisted Web logs for each request it processes")
LINES = tutorial("access-logging", "the server will produce a log file containing lines like")
FORMAT = tutorial("access-logging", 'looks like a standard "combined log format" message')


@spec(
    "access-logging/a-request-leaves-a-line",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_a_request_leaves_a_line(target, page, wire, log):
    """
    A request that was answered is in the log.

    Sends:      a GET of the page.
    Observes:   the log, for a line that matches `pattern` with the request's token.
    Tolerance:  the profile's `within`, from the answer's end.
    Look at:    a log that is written when its buffer is full; one whose level is off by default.
    """
    token = target.token()
    mark = log.mark()
    answer = await wire.get(page.path, id=token)
    line = await log.wait(pattern(page, token), since=mark, within=page.within)

    assert answer.status == 200
    assert token in line.text


@spec(
    "access-logging/a-request-leaves-one-line-only",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 2 * target.access_logging.within,
)
async def test_a_request_leaves_one_line_only(target, page, wire, log):
    """
    A request is in the log once.

    Sends:      a GET of the page; when it is logged, another.
    Observes:   the lines that match `pattern` with the first one's token, when the second one is logged, too.
    Look at:    two layers that both log; a line when the request comes and one when it is answered, in the same words.
    """
    token = target.token()
    mark = log.mark()
    await wire.get(page.path, id=token)
    first = await log.wait(pattern(page, token), since=mark, within=page.within)
    lines = await all_lines(page, wire, log, target, mark)

    assert entries(page, token, lines) == [first.text]


@spec(
    "access-logging/requests-at-once-leave-a-line-each",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 2 * target.access_logging.within,
)
async def test_requests_at_once_leave_a_line_each(target, page, wire, log):
    """
    Many who ask at the same moment leave a line each, and no line is broken by another.

    Sends:      up to twelve (`parallel`) GETs on connections of their own, all at once; when all are logged, another.
    Observes:   for each token the lines that match `pattern` with it.
    Tolerance:  the profile's `within` for each.
    Look at:    threads or processes that write to one file without a lock; what is logged of a request kept where all
                share it.
    """
    conversations = await wire.open_many(max(1, min(target.parallel, SIDE_BY_SIDE)))
    tokens = [target.token() for _ in conversations]
    mark = log.mark()
    for conversation, token in zip(conversations, tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await gather(*(conversation.answer() for conversation in conversations))
    await gather(*(log.wait(pattern(page, token), since=mark, within=page.within) for token in tokens))
    for conversation in conversations:
        conversation.close()
    lines = await all_lines(page, wire, log, target, mark)

    for token in tokens:
        assert len(entries(page, token, lines)) == 1


@spec(
    "access-logging/pipelined-requests-leave-a-line-each",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 2 * target.access_logging.within,
)
async def test_pipelined_requests_leave_a_line_each(target, page, wire, log):
    """
    Requests that came in one piece leave a line each.

    Sends:      three GETs in one piece on one connection; when those that were answered are logged, another.
    Observes:   for each answer the lines that match `pattern` with its token.
    Tolerance:  the profile's `within` for each.
    Differs:    a server may close the connection after any answer: then there need be no line for the others.
    Look at:    a line for each connection, or for each piece that came.
    """
    tokens = [target.token() for _ in range(3)]
    mark = log.mark()
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("GET", page.path, id=token) for token in tokens))
    answers = [await conversation.answer_if_any(method="GET") for _ in tokens]
    answered = [token for token, answer in zip(tokens, answers, strict=True) if answer is not None]
    for token in answered:
        await log.wait(pattern(page, token), since=mark, within=page.within)
    lines = await all_lines(page, wire, log, target, mark)

    for token in answered:
        assert len(entries(page, token, lines)) == 1


@spec(
    "access-logging/requests-on-one-connection-leave-a-line-each",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 3 * target.access_logging.within,
)
async def test_requests_on_one_connection_leave_a_line_each(target, page, wire, log):
    """
    Requests that follow each other on one connection are logged when each is answered, once each.

    Sends:      three GETs on one connection, each when the one before is logged (on another where that was closed).
    Observes:   a line for each before the next is sent; at the end, the lines of each token.
    Tolerance:  the profile's `within` for each.
    Look at:    a line that is written when the connection ends.
    """
    tokens = [target.token() for _ in range(3)]
    mark = log.mark()
    conversation = await wire.open()
    for token in tokens:
        if conversation.is_gone:
            conversation = await wire.open()
        conversation.request("GET", page.path, id=token)
        answer = await conversation.answer()
        await log.wait(pattern(page, token), since=mark, within=page.within)
        assert answer.status == 200
    lines = await all_lines(page, wire, log, target, mark)

    for token in tokens:
        assert len(entries(page, token, lines)) == 1


@spec(
    "access-logging/lines-come-in-the-order-of-their-requests",
    SHOULD,
    LINES,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 4 * target.access_logging.within,
)
async def test_lines_come_in_the_order_of_their_requests(target, page, wire, log):
    """
    Requests that were answered one after the other stand in the log in this order.

    Sends:      four GETs, each when the one before is answered; when all are logged, another.
    Observes:   the places of their lines.
    Tolerance:  the profile's `within` for each.
    Look at:    lines that are collected and then written newest first.
    """
    tokens = [target.token() for _ in range(4)]
    mark = log.mark()
    for token in tokens:
        await wire.get(page.path, id=token)
    for token in tokens:
        await log.wait(pattern(page, token), since=mark, within=page.within)
    texts = [line.text for line in await all_lines(page, wire, log, target, mark)]
    places = [texts.index(entries(page, token, log.since(mark))[0]) for token in tokens]

    for earlier, later in pairwise(places):
        assert earlier < later


@spec(
    "access-logging/a-long-agent-leaves-one-line",
    SHOULD,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 2 * target.access_logging.within,
)
async def test_a_long_agent_leaves_one_line(target, page, wire, log, facts):
    """
    A client with a very long name leaves one line like any other.

    Sends:      a GET with a User-Agent of 5,000 bytes; when it is logged, another GET.
    Observes:   the lines that match `pattern` with its token.
    Tolerance:  the profile's `within`.
    Differs:    the name may be cut: whether it is is recorded.  431 is allowed: then there need be no line.
    Look at:    a buffer for a line; a line that goes on in the next.
    """
    token, end = target.token(), target.token()
    mark = log.mark()
    answer = await wire.get(page.path, id=token, fields=[("User-Agent", "x" * 5000 + end)])
    facts["status"] = answer.status
    if answer.status == 200:
        await log.wait(pattern(page, token), since=mark, within=page.within)
        lines = await all_lines(page, wire, log, target, mark)
        facts["the name's end is logged"] = any(end in line.text for line in lines)
        assert len(entries(page, token, lines)) == 1
    await wire.ping()


@spec(
    "access-logging/logging-does-not-hold-up-the-answer",
    SHOULD,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_logging_does_not_hold_up_the_answer(target, page, wire, log):
    """
    The line and the answer belong to one request: its answer is not late because it is logged.

    Sends:      a GET of the page.
    Observes:   seconds from the request's last byte to the answer's; then its line.
    Tolerance:  the profile's `slack` for the answer, its `within` for the line.
    Look at:    a log that is written, or looks up its client's name, before the answer leaves.
    """
    answer, line, _ = await asked(page, wire, log, target)

    assert line.text != ""
    assert answer.took in Window.until(target.timing.slack)


@spec(
    "access-logging/a-client-that-leaves-is-logged-its-own-way",
    MAY,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 2 * target.access_logging.within,
)
async def test_a_client_that_leaves_is_logged_its_own_way(target, page, wire, log, facts):
    """
    Whether a request is logged whose client leaves before its end is a fact.

    Sends:      half a GET, and a close; a whole GET afterwards.
    Observes:   whether there is a line with the first one's token when the last one is logged.
    """
    token = target.token()
    mark = log.mark()
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path, id=token)[:-2])
    conversation.close()
    lines = await all_lines(page, wire, log, target, mark)
    facts["half a request is logged"] = any(token in line.text for line in lines)

    await wire.ping()


@spec(
    "access-logging/how-a-line-reads",
    MAY,
    FORMAT,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_how_a_line_reads(target, page, wire, log, facts):
    """
    What a line says, word for word, is a fact.

    Sends:      a GET with User-Agent and Referer, one without; with both twice; with bytes beyond ASCII; with a tab;
                with both empty.
    Observes:   the lines, with tokens, dates and ports put into words, from where the address of the client stands.
    """
    for name, fields in {
        "a line": [("User-Agent", "web60"), ("Referer", "http://web60.example/a?b=c")],
        "a line without agent and referer": [],
        "a line with both twice": [
            ("User-Agent", "one"),
            ("User-Agent", "two"),
            ("Referer", "http://web60.example/1"),
            ("Referer", "http://web60.example/2"),
        ],
        "a line with bytes": [("User-Agent", b"a\xe4\xff\x85b")],
        "a line with a tab": [("User-Agent", b"a\tb")],
        "a line with empty fields": [("User-Agent", ""), ("Referer", "")],
    }.items():
        token = target.token()
        mark = log.mark()
        conversation = await wire.open()
        conversation.request("GET", page.path, id=token, fields=fields)
        answer = await conversation.answer_if_any()
        if answer is None or answer.status != 200:
            facts[name] = "refused"
            continue
        line = await log.wait(pattern(page, token), since=mark, within=page.within)
        facts[name] = _without_prefix(steady(line.text, target))

    await wire.ping()


def _without_prefix(line):
    """The line from where an entry usually begins: what a logging system puts before it is not about the request."""
    found = re.search(r'"?127\.0\.0\.1"? ', line)
    return re.sub(r"\[\d\d/\w{3}/\d{4}[^\]]*\]", "[(date)]", line[found.start() :] if found else line)
