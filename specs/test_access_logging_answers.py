"""
Access logging: a line says what was answered, whatever was asked for and by which method.
"""

import re

from harness import MUST, SHOULD, NotOffered, spec, tutorial
from specs.access_lines import group, pattern

EACH = tutorial("access-logging", "what Twisted Web logs for each request it processes")
LINES = tutorial("access-logging", "the server will produce a log file containing lines like")
FORMAT = tutorial("access-logging", 'looks like a standard "combined log format" message')


@spec(
    "access-logging/the-status-is-the-one-answered",
    MUST,
    LINES,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_the_status_is_the_one_answered(target, page, wire, log):
    """
    The line has the status that the client got.

    Sends:      a GET of the page.
    Observes:   the group `status` of its line, beside the status of the answer.
    Differs:    only where `pattern` has the group.
    Look at:    a status that is written down before the answer is made, or after it was changed by another layer.
    """
    token = target.token()
    mark = log.mark()
    answer = await wire.get(page.path, id=token)
    line = await log.wait(pattern(page, token), since=mark, within=page.within)

    assert int(group(page, "status", token, line.text)) == answer.status


@spec(
    "access-logging/the-size-is-that-of-the-body",
    MUST,
    LINES,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_the_size_is_that_of_the_body(target, page, wire, log):
    """
    The line has the number of bytes that the body has.

    Sends:      a GET of the page.
    Observes:   the group `size` of its line, beside the length of the body; `-` stands for no bytes.
    Differs:    only where `pattern` has the group.
    Look at:    a size with the fields in it, or of the text before it was encoded; one that was taken before the end.
    """
    token = target.token()
    mark = log.mark()
    answer = await wire.get(page.path, id=token)
    line = await log.wait(pattern(page, token), since=mark, within=page.within)
    size = group(page, "size", token, line.text)

    assert (0 if size == "-" else int(size)) == len(answer.body)


@spec(
    "access-logging/a-missing-page-is-logged-as-missing",
    SHOULD,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_a_missing_page_is_logged_as_missing(target, page, wire, log):
    """
    A request for what is not there leaves a line, too, with the status and the size of its answer.

    Sends:      a GET of a page below this one that nobody has.
    Observes:   a line that matches `pattern` with its token; the groups `status` and `size`, where there are such.
    Tolerance:  the profile's `within`.
    Differs:    a server may log pages apart; then this is a line of nobody's.
    Look at:    an error page that is answered past the log; the log of what the application meant, not of what left.
    """
    token = target.token()
    path, mark_of_query, query = page.path.partition("?")
    mark = log.mark()
    answer = await wire.get(f"{path}/no-such-page{mark_of_query}{query}", id=token)
    line = await log.wait(pattern(page, token), since=mark, within=page.within)
    groups = re.compile(pattern(page, token)).search(line.text).groupdict()

    assert groups.get("status", str(answer.status)) == str(answer.status)
    assert groups.get("size", str(len(answer.body))).replace("-", "0") == str(len(answer.body))


@spec(
    "access-logging/other-methods-are-logged",
    SHOULD,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: 3 * target.access_logging.within,
)
async def test_other_methods_are_logged(target, page, wire, log, facts):
    """
    A request by another method leaves a line with that method and the status of its answer, whatever that is.

    Sends:      HEAD, POST with a body, and DELETE of the page, each on a connection of its own.
    Observes:   a line for each that matches `pattern` with its token, and with its method in place of GET.
    Tolerance:  the profile's `within` for each.
    Differs:    the status is the server's own affair; what stands for the size is recorded.
    Look at:    a log that is written where GET is rendered.
    """
    for method, body in (("HEAD", None), ("POST", b"a=b"), ("DELETE", None)):
        token = target.token()
        mark = log.mark()
        answer = await wire.request(method, page.path, id=token, body=body)
        expression = pattern(page, token, method=method)
        line = await log.wait(expression, since=mark, within=page.within)
        groups = re.compile(expression).search(line.text).groupdict()
        facts[method] = f"{answer.status}, size {groups.get('size', 'unknown')}"
        assert groups.get("status", str(answer.status)) == str(answer.status)


@spec(
    "access-logging/head-has-no-size",
    SHOULD,
    LINES,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_head_has_no_size(target, page, wire, log):
    """
    The line of a HEAD says that no body was sent.

    Sends:      a HEAD of the page.
    Observes:   the group `size` of its line: `-` or 0.
    Tolerance:  the profile's `within`.
    Differs:    only where `pattern` has the group.
    Look at:    a size that is the Content-Length, not what left.
    """
    token = target.token()
    mark = log.mark()
    await wire.head(page.path, id=token)
    expression = pattern(page, token, method="HEAD")
    line = await log.wait(expression, since=mark, within=page.within)
    groups = re.compile(expression).search(line.text).groupdict()
    if "size" not in groups:
        message = "[access-logging] pattern has no group size"
        raise NotOffered(message)

    assert groups["size"] in ("-", "0")


@spec(
    "access-logging/the-version-is-the-one-asked-with",
    SHOULD,
    FORMAT,
    needs=("pattern",),
    witnesses=("log",),
    lasts=lambda target: target.access_logging.within,
)
async def test_the_version_is_the_one_asked_with(target, page, wire, log):
    """
    A request with HTTP/1.0 is logged as one.

    Sends:      a GET of the page with HTTP/1.0.
    Observes:   a line that matches `pattern` with its token, and with 1.0 in place of 1.1.
    Tolerance:  the profile's `within`.
    Look at:    a version that is the server's own.
    """
    token = target.token()
    expression = pattern(page, token, version="1.0")
    mark = log.mark()
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", page.path, id=token).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", 1))
    answer = await conversation.answer(method="GET")
    await log.wait(expression, since=mark, within=page.within)

    assert answer.status == 200
