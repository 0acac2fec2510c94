"""
Logging errors: what the line says, and what stands around it.
"""

import re

from harness import MAY, spec
from specs.facts import steady
from specs.interruptions import begun
from specs.test_interrupted import ACCESS
from specs.test_logging_errors import SEEN, leave, pattern

#: Lines that are recorded.
MOST = 12


def plain(text, target):
    """A line without what is different each time: beside the usual, the number of a connection, and where code is."""
    text = re.sub(r"(?<=[,#])\d+(?=[,\]\s])", "(number)", steady(text, target))
    return re.sub(r'File "[^"]*?([^"/]*)", line \d+', r'File "\1", line (number)', text)


async def said(target, page, wire, events, log, clock, end):
    """The line that one interrupted answer logs, and those that follow; None where there is no line."""
    token = target.token()
    conversation = await wire.open()
    conversation.request("GET", page.path, id=token)
    await begun(target, page, events, clock, token)
    await log.settle()
    mark = log.mark()
    end(conversation)
    await clock.sleep(page.within, "all that is logged")
    await log.settle()
    texts = [line.text for line in log.since(mark) if line.text.strip() and not ACCESS.search(line.text)]
    places = [place for place, text in enumerate(texts) if re.search(pattern(page, token), text)]
    if not places:
        return None
    shown = [plain(text, target) for text in texts[places[0] : places[0] + MOST]]
    return {
        "line": shown[0],
        "what follows": shown[1:],
        "a traceback": any("Traceback" in text for text in shown),
        "lines before it": places[0],
    }


@spec(
    "logging-errors/what-the-line-says",
    MAY,
    SEEN,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within,
    alone="target",
)
async def test_what_the_line_of_a_closed_connection_says(target, page, wire, events, log, clock, facts):
    """
    The line of an interrupted answer, word for word: its level, its reason, and whether a traceback follows.

    Sends:      a GET of the delayed page; after its `start`, a FIN (a RST if `notice` of `interrupted` is "rst").
    Observes:   the log from then on; the lines of an access log do not count.
    """
    facts["closed"] = await said(target, page, wire, events, log, clock, lambda one: leave(target, one))

    await wire.ping()


@spec(
    "logging-errors/what-the-line-says-of-a-reset",
    MAY,
    SEEN,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.logging_errors.within,
    alone="target",
    only_real="memory has no reset of its own: it would show what we make of one",
)
async def test_what_the_line_of_a_reset_connection_says(target, page, wire, events, log, clock, facts):
    """
    The same of an answer whose connection is reset: whether the reason is told apart.

    Sends:      a GET of the delayed page; after its `start`, a RST.
    Observes:   the log from then on; the lines of an access log do not count.
    """
    facts["reset"] = await said(target, page, wire, events, log, clock, lambda one: one.abort())

    await wire.ping()
