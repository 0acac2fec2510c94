"""
Access logging: whatever a client says, it writes no line of its own, and nothing of what it says is a secret.
"""

import re
from base64 import b64encode

from harness import MUST, SHOULD, rfc, spec, tutorial
from specs.access_lines import all_lines, entries, false_entry, forges_no_entry, forges_no_line, pattern

EACH = tutorial("access-logging", "what Twisted Web logs for each request it processes")
TOOLS = tutorial("access-logging", "Any tools expecting combined log format messages should be able to work with")
DANGEROUS = rfc(9110, "5.5", "Field values containing CR, LF, or NUL characters are invalid and dangerous")
FOLDED = rfc(9112, "5.2", "replace each received obs-fold with one or more SP octets")
CONFIDENTIAL = rfc(9110, "17.8", "HTTP log information is confidential in nature")

#: What begins a line somewhere.
BREAKS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r", "two LF": "\n\n"}


def due(target):
    """How many seconds such a spec lasts: a line of its own, and that of the request behind it."""
    return 2 * target.access_logging.within


async def sent(wire, data):
    """
    The status of the answer to these bytes on a connection of their own, "none" where there is no status line.

    What refuses a request need not be HTTP: http.server answers a version that it does not know as HTTP/0.9.
    """
    conversation = await wire.open()
    conversation.send(data)
    await conversation.seen(rb"\r\n\r\n|</html>")
    found = re.match(rb"HTTP/1\.\d (\d{3})", conversation.received)
    return int(found[1]) if found else "none"


@spec(
    "access-logging/a-line-break-in-the-target-forges-no-line",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_a_line_break_in_the_target_forges_no_line(target, page, wire, log):
    """
    An encoded line break in the target begins no line of the log.

    Sends:      GETs whose target has a token, an encoded LF, CRLF, CR or two LF, and a whole entry of another token;
                then an honest GET, whose line is waited for.
    Observes:   the lines with the second token: each has the first as well.
    Differs:    400 is fine, and so is no line at all.
    Look at:    a target that is logged when it has been decoded.
    """
    for name, line_break in BREAKS.items():
        token, forgery = target.token(), target.token()
        mark = log.mark()
        await sent(wire, wire.bytes_of("GET", page.path, id=token + line_break + false_entry(target, page, forgery)))
        lines = await all_lines(page, wire, log, target, mark)
        forges_no_line(lines, token, forgery, name)
    await wire.ping()


@spec(
    "access-logging/a-folded-field-forges-no-line",
    MUST,
    FOLDED,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_a_folded_field_forges_no_line(target, page, wire, log):
    """
    A field that goes on in the next line does not go on in the next line of the log.

    Sends:      GETs whose User-Agent, whose Referer is folded: a token, CRLF and a blank, an entry of another token;
                the same with a tab; then an honest GET, whose line is waited for.
    Observes:   the lines with the second token: each has the first as well.
    Differs:    400 is fine: obs-fold is refused or replaced by blanks.
    Look at:    a field that is logged as it came.
    """
    for name in ("User-Agent", "Referer"):
        for blank in (" ", "\t"):
            token, forgery = target.token(), target.token()
            mark = log.mark()
            value = f"{token}\r\n{blank}{false_entry(target, page, forgery)}"
            await sent(wire, wire.bytes_of("GET", page.path, id=token, fields=[(name, value)]))
            lines = await all_lines(page, wire, log, target, mark)
            forges_no_line(lines, token, forgery, name)
    await wire.ping()


@spec(
    "access-logging/a-bare-line-break-in-a-field-forges-no-line",
    MUST,
    DANGEROUS,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_a_bare_line_break_in_a_field_forges_no_line(target, page, wire, log):
    """
    A bare CR, a bare LF, or a NUL in a field begins no line of the log.

    Sends:      GETs whose User-Agent, whose Referer has a token, a bare CR, a bare LF or a NUL, and an entry of
                another token; then an honest GET, whose line is waited for.
    Observes:   the lines with the second token: each has the first as well.
    Differs:    400 is fine, and so is taking a bare LF for the end of the field.
    Look at:    a field that is logged as it came.
    """
    for name in ("User-Agent", "Referer"):
        for line_break in ("\r", "\n", "\0", "\0\n"):
            token, forgery = target.token(), target.token()
            mark = log.mark()
            value = f"{token}{line_break}{false_entry(target, page, forgery)}"
            await sent(wire, wire.bytes_of("GET", page.path, id=token, fields=[(name, value)]))
            lines = await all_lines(page, wire, log, target, mark)
            forges_no_line(lines, token, forgery, f"{line_break!r} in {name}")
    await wire.ping()


@spec(
    "access-logging/a-body-forges-no-line",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_a_body_forges_no_line(target, page, wire, log):
    """
    What a client sends in a body is in no line of the log.

    Sends:      a POST whose body has an entry of a token in a line of its own, and a GET whose body is one; then an
                honest GET, whose line is waited for.
    Observes:   the lines with the body's token: none is an entry.
    Look at:    a body that is taken for the next request; a log of all that comes.
    """
    for method in ("POST", "GET"):
        token, forgery = target.token(), target.token()
        mark = log.mark()
        body = f"a=b\n{false_entry(target, page, forgery)}\n".encode()
        await sent(wire, wire.bytes_of(method, page.path, id=token, body=body))
        lines = await all_lines(page, wire, log, target, mark)
        forges_no_entry(page, lines, forgery, f"the body of {method}")
        forges_no_line(lines, token, forgery, f"the body of {method}")
    await wire.ping()


@spec(
    "access-logging/a-refused-request-forges-no-line",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_a_refused_request_forges_no_line(target, page, wire, log, facts):
    """
    A malformed request leaves no entry of what it was made to look like.

    Sends:      with a token of its own each: a GET with two lengths, whose rest is a GET of another token; a request
                line with a version that there is none of; one with an entry behind its version; one with a method that
                is an entry's beginning; then an honest GET, whose line is waited for.
    Observes:   the lines with the other token: none is without the first.
    Differs:    whether a refused request is logged at all is recorded.
    Look at:    a rest that is read on after a refusal; an error that is logged as it came.
    """
    for name in ("two lengths", "no version", "more behind the version", "a quote in the method"):
        token, forgery = target.token(), target.token()
        whole = wire.bytes_of("GET", page.path, id=token)
        entry = false_entry(target, page, forgery).encode()
        line, rest = whole.split(b"\r\n", 1)
        data = {
            "two lengths": whole[:-2]
            + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"
            + wire.bytes_of("GET", page.path, id=forgery),
            "no version": line.replace(b"HTTP/1.1", b"HTTP/9.9.9") + b"\r\n" + rest,
            "more behind the version": line + b' 200 1 "-" "-"\r' + entry + b"\r\n" + rest,
            "a quote in the method": token.encode() + b'"' + entry.replace(b" ", b"_") + whole,
        }[name]
        mark = log.mark()
        status = await sent(wire, data)
        lines = await all_lines(page, wire, log, target, mark)
        facts[name] = f"{status}, {'' if entries(page, token, lines) else 'not '}logged"
        forges_no_line(lines, token, forgery, name)
    await wire.ping()


@spec(
    "access-logging/quotes-in-a-refused-request-forge-no-entry",
    SHOULD,
    TOOLS,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_quotes_in_a_refused_request_forge_no_entry(target, page, wire, log):
    """
    A request line with quotes in it, which is none, forges no request, status or size where it is logged.

    Sends:      a request line that ends a quoted part behind its version, and goes on as an entry of another token;
                then an honest GET, whose line is waited for.
    Observes:   whether `pattern` finds an entry of the other token.
    Differs:    a refused request need not be logged.
    Look at:    a request line that is put between quotes as it came, before it is understood.
    """
    token, forgery = target.token(), target.token()
    line, rest = wire.bytes_of("GET", page.path, id=token).split(b"\r\n", 1)
    mark = log.mark()
    await sent(wire, line + b'" 400 1 "-" "-" ' + false_entry(target, page, forgery).encode() + b"\r\n" + rest)
    lines = await all_lines(page, wire, log, target, mark)

    forges_no_entry(page, lines, forgery, "the request line")
    await wire.ping()


@spec(
    "access-logging/quotes-end-no-part-of-an-entry",
    SHOULD,
    TOOLS,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_quotes_end_no_part_of_an_entry(target, page, wire, log):
    """
    A client that puts quotes into what it says of itself forges no request, status or size within its own line.

    Sends:      GETs whose User-Agent, whose Referer ends a quoted part and goes on as an entry of another token; the
                same with a backslash before each quote; then an honest GET, whose line is waited for.
    Observes:   whether `pattern` finds an entry of the other token.
    Differs:    400 is fine.
    Look at:    text that is put between quotes as it is; a quote that is escaped, and a backslash that is not.
    """
    for name in ("User-Agent", "Referer"):
        for quote in ('"', '\\"', "\\\\" + '"'):
            token, forgery = target.token(), target.token()
            mark = log.mark()
            value = f'web60" {false_entry(target, page, forgery)}'.replace('"', quote)
            status = await sent(wire, wire.bytes_of("GET", page.path, id=token, fields=[(name, value)]))
            if status == 200:
                await log.wait(pattern(page, token), since=mark, within=page.within)
            lines = await all_lines(page, wire, log, target, mark)
            forges_no_entry(page, lines, forgery, f"{quote} in {name}")
    await wire.ping()


@spec(
    "access-logging/control-characters-are-not-logged-as-they-are",
    SHOULD,
    DANGEROUS,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_control_characters_are_not_logged_as_they_are(target, page, wire, log):
    """
    What moves the cursor of a terminal is not in the log as it was sent.

    Sends:      GETs with ESC, BEL, BS, VT, FF and DEL in User-Agent, and percent-encoded in the target; then an honest
                GET, whose line is waited for.
    Observes:   the lines with their tokens: none of these characters.
    Differs:    400 is fine.
    Look at:    an escape sequence that clears the screen of whoever reads the log.
    """
    for character in "\x1b\a\b\v\f\x7f":
        token = target.token()
        mark = log.mark()
        value = f"{token}{character}[2J{token}"
        await sent(wire, wire.bytes_of("GET", page.path, id=token, fields=[("User-Agent", value)]))
        await sent(wire, wire.bytes_of("GET", page.path, id=value))
        lines = await all_lines(page, wire, log, target, mark)
        raw = [line.text for line in lines if token in line.text and character in line.text]
        assert raw == []
    await wire.ping()


@spec(
    "access-logging/what-a-client-says-is-no-format",
    MUST,
    EACH,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_what_a_client_says_is_no_format(target, page, wire, log):
    """
    Percent signs, braces and dollars are text: the request is logged like any other.

    Sends:      GETs with directives of printf, of Python's three kinds of formats and of lookups in User-Agent, in
                Referer and percent-encoded in the target; then an honest GET, whose line is waited for.
    Observes:   the lines that match `pattern` with the token of each: one.
    Tolerance:  the profile's `within`.
    Look at:    a line that is the format of the next layer of logging.
    """
    for said in (
        "%s %d %n",
        "%(agent)s %(nothing)s %",
        "{0} {agent} {nothing!r:>9} {",
        "$agent ${jndi:x}",
        "\\1 \\g<0>",
    ):
        token = target.token()
        mark = log.mark()
        status = await sent(
            wire, wire.bytes_of("GET", page.path, id=token, fields=[("User-Agent", said), ("Referer", said)])
        )
        await log.wait(pattern(page, token), since=mark, within=page.within)
        lines = await all_lines(page, wire, log, target, mark)
        assert status == 200
        count = len(entries(page, token, lines))
        assert count == 1, f"{count} lines of the client {said!r}"
        other = target.token()
        await sent(wire, wire.bytes_of("GET", page.path, id=other + said))
        await log.wait(re.escape(other), since=mark, within=page.within)
    await wire.ping()


@spec(
    "access-logging/credentials-are-not-logged",
    SHOULD,
    CONFIDENTIAL,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
)
async def test_credentials_are_not_logged(target, page, wire, log):
    """
    What a client proves itself with is in no line of the log.

    Sends:      GETs with Basic and Bearer in Authorization, Basic in Proxy-Authorization, and a Cookie; a POST with a
                password in its body; each with a token as its secret; then an honest GET, whose line is waited for.
    Observes:   all lines since: none has a secret, as it is or in base64.
    Look at:    a log of all fields, for debugging.
    """
    secrets = [target.token() for _ in range(5)]
    encoded = [b64encode(f"alice:{secret}".encode()).decode() for secret in secrets]
    mark = log.mark()
    for fields in (
        [("Authorization", f"Basic {encoded[0]}")],
        [("Authorization", f"Bearer {secrets[1]}")],
        [("Proxy-Authorization", f"Basic {encoded[2]}")],
        [("Cookie", f"session={secrets[3]}")],
    ):
        await sent(wire, wire.bytes_of("GET", page.path, fields=fields))
    await sent(wire, wire.bytes_of("POST", page.path, body=f"password={secrets[4]}".encode()))
    lines = await all_lines(page, wire, log, target, mark)

    for secret in (*secrets, *encoded):
        assert [line.text for line in lines if secret in line.text] == []


def sayings():
    """What a client may say of itself, in pieces: `F` stands for the token of a forged entry."""
    from hypothesis import strategies as st  # noqa: PLC0415 - slow to import

    breaks = ["\r", "\n", "\r\n", "\r\n ", "\r\n\t", "\n ", "\0", "\0\n"]
    spelled = ["%0a", "%0d%0a", "\\n", "\\r\\n", "&#10;", '"', '\\"', "\\", "'", "%s", "{}"]
    pieces = st.lists(st.one_of(st.sampled_from(spelled), st.text("abc: ", max_size=3), st.just("F")), max_size=4)
    line_break = st.sampled_from(breaks + spelled)
    said = st.tuples(pieces, line_break, pieces).map(lambda parts: "".join(("a", *parts[0], parts[1], "F", *parts[2])))
    # Two line breaks would end the request, and what follows would be another one's.
    return st.tuples(
        st.sampled_from(["User-Agent", "Referer", "the target"]),
        said.filter(lambda text: not re.search(r"[\r\n][ \t]*[\r\n]", text.replace("\r\n", "\n"))),
    )


@spec(
    "access-logging/whatever-a-client-says-forges-no-line",
    MUST,
    DANGEROUS,
    needs=("pattern",),
    witnesses=("log",),
    lasts=due,
    examples=sayings,
)
async def test_whatever_a_client_says_forges_no_line(target, page, wire, log, example):
    """
    Whatever stands in a field or, percent-encoded, in the target: the log has no line that is not its request's own.

    Sends:      a GET with generated text, with line breaks of all kinds and a second token in it; then an honest GET,
                whose line is waited for.
    Observes:   the lines with the second token: each has the first as well.
    Differs:    400 is fine, and so is no line at all.
    Look at:    text that is decoded, unfolded or unescaped on its way into the log.
    """
    where, said = example
    token, forgery = target.token(), target.token()
    text = token + said.replace("F", forgery)
    mark = log.mark()
    if where == "the target":
        await sent(wire, wire.bytes_of("GET", page.path, id=text))
    else:
        await sent(wire, wire.bytes_of("GET", page.path, id=token, fields=[(where, text)]))
    lines = await all_lines(page, wire, log, target, mark)

    forges_no_line(lines, token, forgery, f"what was said in {where}")
