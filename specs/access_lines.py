"""
What the specs of the access log have in common: which line is whose, and when all lines that are due are there.
"""

import re

from harness import NotOffered

#: Requests side by side in one spec.
SIDE_BY_SIDE = 12

#: An entry in the combined log format, behind whatever prefix; in a quoted part a backslash escapes what follows it.
COMBINED = re.compile(
    r'(?P<host>"[^" ]+"|[^" ]+) \S+ (?:\S+|"[^"]*") \[(?P<time>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<size>\d+|-) '
    r'"(?P<referer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)"'
)


def pattern(page, token, *, method="GET", version="1.1"):
    """
    The profile's pattern for the line of one request.

    Raises `NotOffered` where another method or version is asked for, and the pattern does not name the usual one.
    """
    expression = page.pattern.replace("{id}", re.escape(token))
    for usual, other in (("GET", method), (r"1\.1", version.replace(".", r"\."))):
        if other != usual and usual not in page.pattern:
            message = f"[access-logging] pattern does not name {usual}, so that nothing is known of other lines"
            raise NotOffered(message)
        expression = expression.replace(usual, other)
    return expression


async def asked(page, wire, log, target, **options):
    """A GET of the page that has been answered and logged: its answer, its line, and where the log ended before it."""
    token = target.token()
    mark = log.mark()
    answer = await wire.get(page.path, id=token, **options)
    line = await log.wait(pattern(page, token), since=mark, within=page.within)
    return answer, line, mark


async def all_lines(page, wire, log, target, mark):
    """
    The lines since the mark, when those of all requests before are there.

    A barrier: one more request, which is answered and logged behind them.
    """
    await asked(page, wire, log, target)
    await log.settle()
    return log.since(mark)


def entries(page, token, lines):
    """The lines that are entries of this request."""
    expression = re.compile(pattern(page, token))
    return [line.text for line in lines if expression.search(line.text)]


def group(page, name, token, line):
    """What the group of the pattern found; raises `NotOffered` where the pattern has no such group."""
    expression = re.compile(pattern(page, token))
    if name not in expression.groupindex:
        message = f"[access-logging] pattern has no group {name}"
        raise NotOffered(message)
    return expression.search(line)[name]


def entry(line):
    """An entry in the combined log format, taken apart."""
    found = COMBINED.search(line)
    assert found is not None, f"not in the combined log format: {line!r}"
    return found.groupdict()


def forges_no_line(lines, token, forgery, where):
    """
    No line has the forgery in it without the token of the request that brought it.

    A carriage return begins a line as well: on a terminal, over the line that was there.
    """
    for part in (part for line in lines for part in line.text.split("\r")):
        assert forgery not in part or token in part, f"{where}: a line of its own: {part!r}"


def forges_no_entry(page, lines, forgery, where):
    """No line is an entry of the forgery."""
    found = entries(page, forgery, lines)
    assert found == [], f"{where}: an entry of a request that nobody made: {found}"


def false_entry(target, page, forgery):
    """An entry in the combined log format, of a request that nobody made."""
    path = target.path(page.path, id=forgery)
    return f'127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET {path} HTTP/1.1" 200 1 "-" "-"'
