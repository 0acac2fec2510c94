"""
Logging errors: an interrupted answer leaves its line in the log, and no other answer does.
"""

import re

from harness import MUST, NotSeen, gather, spec, tutorial
from specs.interruptions import begun

LOGGED = tutorial("logging-errors", "so that it logs each failed response")
SEEN = tutorial("logging-errors", "you'll see a message in the log output with this version")


def pattern(page, token):
    """The profile's pattern for one request; without `{id}` it fits all requests, and each spec here runs alone."""
    return page.pattern.replace("{id}", re.escape(token))


def lines(page, log, mark, *tokens):
    """What was logged since the mark of any of these requests."""
    sought = re.compile("|".join(f"(?:{pattern(page, token)})" for token in tokens))
    return [line.text for line in log.since(mark) if sought.search(line.text)]


async def first_lines(page, log, clock, mark, *tokens):
    """
    The first line of each of these requests since the mark.

    A line that comes too late would be taken for its own by whoever runs next: it is waited for before this fails.
    """
    try:
        return await gather(*(log.wait(pattern(page, token), since=mark, within=page.within) for token in tokens))
    except NotSeen:
        if "{id}" not in page.pattern:
            await clock.sleep(page.within, "lines that come too late")
        raise


def leave(target, conversation):
    """Leave in the gentlest way that the server claims to notice on the page before this one."""
    if target.interrupted is not None and target.interrupted.notice == "rst":
        conversation.abort()
    else:
        conversation.close()


@spec(
    "logging-errors/interrupted-answer-logs-a-line",
    MUST,
    SEEN,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within + target.timing.quiet,
    alone="page",
)
async def test_an_interrupted_answer_logs_exactly_one_line(target, page, wire, events, log, clock):
    """
    A client that leaves before its answer leaves one line in the log that matches `pattern`.

    Sends:      a GET of the delayed page; after its `start`, a FIN (a RST if `notice` of `interrupted` is "rst").
    Observes:   the lines of the log that match `pattern` and came after the leaving.
    Tolerance:  the first within the profile's `within`; for a second one, watched for `quiet` longer.
    Differs:    the words, the level and whether a traceback follows are the server's own: `pattern` fits one line.
    Look at:    an error handler that is never called, or called once by each of two layers.
    """
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, token)
    await log.settle()
    mark = log.mark()
    leave(target, conversation)
    (first,) = await first_lines(page, log, clock, mark, token)
    await clock.sleep(target.timing.quiet, "a second line, which must not come")
    await log.settle()

    assert lines(page, log, mark, token) == [first.text]
    await wire.ping()


@spec(
    "logging-errors/each-interrupted-answer-logs-its-own-line",
    MUST,
    LOGGED,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within,
    alone="page",
)
async def test_two_interrupted_answers_log_two_lines(target, page, wire, events, log, clock):
    """
    Two clients that leave at once leave two lines in the log.

    Sends:      two GETs of the delayed page on their own connections; after both `start`s, a FIN on both (a RST if
                `notice` of `interrupted` is "rst").
    Observes:   the lines of the log that match `pattern` and came after the leaving.
    Tolerance:  watched for the profile's `within`.
    Look at:    a log that drops or merges equal lines; a server that tells its application only of one of them.
    """
    tokens = [target.token(), target.token()]
    conversations = await wire.open_many(len(tokens))
    for conversation, token in zip(conversations, tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, *tokens)
    await log.settle()
    mark = log.mark()
    for conversation in conversations:
        leave(target, conversation)
    await gather(
        clock.sleep(page.within, "the lines of both"),
        first_lines(page, log, clock, mark, *tokens),
    )
    await log.settle()

    assert len(lines(page, log, mark, *tokens)) == len(tokens)
    await wire.ping()


@spec(
    "logging-errors/completed-answer-logs-no-line",
    MUST,
    LOGGED,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.delay + target.timing.quiet,
    alone="page",
)
async def test_an_answer_that_was_completed_logs_no_line(target, page, wire, log, clock):
    """
    A client that stays until it has its answer, and leaves then, leaves no line in the log.

    Sends:      a GET of the delayed page; when it is answered, a FIN.
    Observes:   the lines of the log that match `pattern` and came after the request.
    Tolerance:  watched for `quiet` after the answer.
    Look at:    a notification that does not tell success from failure.
    """
    token = target.token()
    await log.settle()
    mark = log.mark()
    answer = await wire.get(page.path, id=token)
    await clock.sleep(target.timing.quiet, "a line that must not come")
    await log.settle()

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert lines(page, log, mark, token) == []


@spec(
    "logging-errors/server-lives-after-logging",
    MUST,
    LOGGED,
    lasts=lambda target: target.logging_errors.within,
    alone="page",
)
async def test_the_server_lives_after_it_has_logged_an_error(target, page, wire, events, clock):
    """
    Writing down that clients have left does the server no harm.

    Sends:      two GETs of the delayed page on their own connections; after both `start`s, a FIN on one and a RST on
                the other; then a GET of `ping`, at once and again when the lines should have been written.
    Observes:   that `ping` is answered both times.
    Tolerance:  the profile's `within` lies between them.
    Look at:    an error handler that fails itself; a log that blocks when nobody reads it.
    """
    tokens = [target.token(), target.token()]
    closing, resetting = await wire.open_many(len(tokens))
    for conversation, token in zip((closing, resetting), tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, *tokens)
    closing.close()
    resetting.abort()

    await wire.ping()
    await clock.sleep(page.within, "the lines to be written")
    await wire.ping()
