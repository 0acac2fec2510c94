"""
Logging errors: each interrupted answer leaves its one line, however it was interrupted and whoever else was there.
"""

from harness import MUST, NotOffered, Window, gather, spec
from specs.interruptions import at_its_second, begun
from specs.test_logging_errors import LOGGED, SEEN, first_lines, leave, lines

#: Clients that leave at once, where `parallel` allows so many, and those that stay beside one who leaves.
LEAVING, STAYING = 10, 3


async def logged(target, page, log, clock, mark, *tokens):
    """The lines of these requests, once each has one, and no more has come for `quiet`."""
    await first_lines(page, log, clock, mark, *tokens)
    await clock.sleep(target.timing.quiet, "more lines, which must not come")
    await log.settle()
    return lines(page, log, mark, *tokens)


@spec(
    "logging-errors/a-reset-answer-logs-a-line",
    MUST,
    SEEN,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within + target.timing.quiet,
    alone="page",
    only_real="memory has no reset of its own: it would show what we make of one",
)
async def test_a_reset_answer_logs_exactly_one_line(target, page, wire, events, log, clock):
    """
    A client that resets its connection before its answer leaves one line in the log, as one that closes it does.

    Sends:      a GET of the delayed page; after its `start`, a RST.
    Observes:   the lines of the log that match `pattern` and came after the leaving.
    Tolerance:  the profile's `within`; for more lines, watched for `quiet` longer.
    Look at:    an error of the connection that is reported by another way than its end.
    """
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, token)
    await log.settle()
    mark = log.mark()
    conversation.abort()
    found = await logged(target, page, log, clock, mark, token)

    assert len(found) == 1
    await wire.ping()


@spec(
    "logging-errors/leaving-later-on-a-connection-logs-a-line",
    MUST,
    LOGGED,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within + target.timing.quiet,
    alone="page",
)
async def test_leaving_at_the_second_request_of_a_connection_logs_one_line(target, page, wire, events, log, clock):
    """
    Leaving at the second request of a connection leaves one line in the log, too.

    Sends:      a GET of `ping`, and when it is answered, on the same connection, a GET of the delayed page; after its
                `start`, a FIN (a RST if `notice` of `interrupted` is "rst").
    Observes:   the lines of the log that match `pattern` and came after the leaving.
    Tolerance:  the profile's `within`; for more lines, watched for `quiet` longer.
    Differs:    a server that ends the connection after every answer does not offer this.
    Look at:    an error handler that is set up once per connection, or once more with each request of it.
    """
    conversation, token = await at_its_second(target, page, wire, events, clock, page.path)
    await log.settle()
    mark = log.mark()
    leave(target, conversation)
    found = await logged(target, page, log, clock, mark, token)

    assert len(found) == 1
    await wire.ping()


@spec(
    "logging-errors/among-others-only-the-interrupted-answer-logs",
    MUST,
    LOGGED,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.delay + target.timing.quiet,
    alone="page",
)
async def test_among_others_only_the_interrupted_answer_logs_a_line(target, page, wire, events, log, clock):
    """
    Where one of several clients leaves, there is one line in the log, and the others get their answers.

    Sends:      four GETs of the delayed page on their own connections; after their `start`s, a FIN on the first one (a
                RST if `notice` of `interrupted` is "rst").
    Observes:   the lines of the log that match `pattern`, until all others have been answered; their answers, whole and
                at their time.
    Tolerance:  the profile's `early` and `slack`; the log is watched for `quiet` longer.
    Look at:    an error that is reported to all who wait.
    """
    if target.parallel <= STAYING:
        message = f"[server] parallel = {target.parallel}: nobody could leave while {STAYING} others stay"
        raise NotOffered(message)
    conversations = await wire.open_many(1 + STAYING)
    tokens = [target.token() for _ in conversations]
    for conversation, token in zip(conversations, tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, *tokens)
    await log.settle()
    mark = log.mark()
    leaving, *staying = conversations
    leave(target, leaving)
    (first,) = await first_lines(page, log, clock, mark, tokens[0])
    answers = await gather(*(conversation.answer() for conversation in staying))
    await clock.sleep(target.timing.quiet, "a line that must not come")
    await log.settle()

    assert lines(page, log, mark, *tokens) == [first.text]
    for answer in answers:
        assert answer.status == 200
        assert answer.complete, answer.problem
    for answer in answers:
        assert answer.took in Window.around(page.delay, target.timing)


@spec(
    "logging-errors/many-leaving-at-once-log-a-line-each",
    MUST,
    LOGGED,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within + target.timing.quiet,
    alone="page",
)
async def test_many_clients_that_leave_at_once_log_a_line_each(target, page, wire, events, log, clock):
    """
    Ten clients that leave at the same moment leave ten lines in the log.

    Sends:      ten GETs of the delayed page (fewer if `parallel` is smaller) on their own connections; after their
                `start`s, a FIN on all of them (a RST if `notice` of `interrupted` is "rst").
    Observes:   the lines of the log that match `pattern` and came after the leaving.
    Tolerance:  the profile's `within`; for more lines, watched for `quiet` longer.
    Look at:    a log that says only now and then what is said often.
    """
    conversations = await wire.open_many(min(LEAVING, target.parallel))
    tokens = [target.token() for _ in conversations]
    for conversation, token in zip(conversations, tokens, strict=True):
        conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, *tokens)
    await log.settle()
    mark = log.mark()
    for conversation in conversations:
        leave(target, conversation)
    found = await logged(target, page, log, clock, mark, *tokens)

    assert len(found) == len(tokens)
    await wire.ping()
