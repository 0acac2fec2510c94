"""
CGI, what servers may do as they like: recorded, so that it can be compared.
"""

import re

from harness import MAY, rfc, spec
from specs.cgi_reports import document, saying, variables
from specs.facts import fields, software, steady

META = rfc(3875, "4.1", "Meta-variables contain data about the request passed from the server")
PATH_INFO = rfc(3875, "4.1.5", "MAY reject the request with an error if it encounters any values considered")
COMMAND_LINE = rfc(3875, "4.4")
FIELDS = rfc(3875, "4.1.18", "The server is not required to create meta-variables for all the header fields")
RETAINS = rfc(3875, "3.1", "the server retains its responsibility to the client")
HEADER = rfc(3875, "6.3")
CODINGS = rfc(3875, "4.2", "As transfer-codings are not supported on the request-body")
END_OF_FILE = rfc(3875, "6.4", "until the script signals the end of the message-body by way of an end-of-file")
NPH = rfc(3875, "5.1", "The server MAY support NPH (Non-Parsed Header) scripts")
ENDS = rfc(3875, "4.2", "MAY signal an end-of-file condition after CONTENT_LENGTH bytes have been read")
ERRORS = rfc(3875, "6.1", "this will be via the 'standard output' file descriptor")
REASONS = rfc(3875, "6.3.3", "The Status header field contains a 3-digit integer result code")
ANY_TIME = rfc(3875, "3.4", "the server can interrupt or terminate script execution at any time")

#: Seconds that silent.py takes where nobody says how many.
SILENT = 1.0

#: Seconds until what a server says before its script does has come: left unread, it would make a reset of our FIN.
AT_ONCE = 0.3

#: Codes that a server may have no reason for: they came late, or were meant as a joke.
RARE = (103, 208, 308, 402, 418, 421, 422, 425, 428, 429, 431, 451, 507, 511)

#: Seconds after which a script that neither sleeps nor waits is taken for hanging.
PATIENCE = 5.0

TEXT = b"Content-Type: text/plain\n"


async def everything(wire, target, path, method="GET"):
    """All that comes for a request until the connection is over, as it was asked for; no more than 1,000 bytes."""
    conversation = await wire.open()
    conversation.request(method, path, fields=[("Connection", "close")])
    how = await conversation.gone(within=PATIENCE)
    return [steady(conversation.received[:1000], target), how]


def shown(told, target):
    """Variables with what names this run put into words; the port of the client's is another each time."""
    steadied = {name: steady(value, target) for name, value in sorted(told.items())}
    if "REMOTE_PORT" in steadied:
        steadied["REMOTE_PORT"] = "(a port)"
    if "SERVER_SOFTWARE" in steadied:
        steadied["SERVER_SOFTWARE"] = software(steadied["SERVER_SOFTWARE"])
    return steadied


@spec("cgi/all-variables-are-recorded", MAY, META, busy=True)
async def test_all_variables_are_recorded(target, page, wire, facts):
    """
    The variables of RFC 3875, and the usual ones besides, of several requests, with their values, are recorded.

    Sends:      a GET of variables.sh, one with a query and a path behind it, and a POST.
    Observes:   the variables of the first, and those that the others change.
    """
    script = page.base + "variables.sh"
    usual = shown(variables(await wire.get(script)), target)
    facts["a GET"] = usual
    for name, answer in (
        ("a query", await wire.get(script + "?a=b")),
        ("a path behind it", await wire.get(script + "/more/than%20that")),
        ("a POST", await wire.post(script, b"a body", fields=[("Content-Type", "text/plain")])),
    ):
        if answer.status != 200:
            facts[name] = answer.status
            continue
        told = shown(variables(answer), target)
        facts[name] = {key: value for key, value in told.items() if usual.get(key) != value}


@spec("cgi/surroundings-are-recorded", MAY, COMMAND_LINE, busy=True)
async def test_surroundings_are_recorded(page, wire, facts):
    """
    A script's arguments by its query, its directory and files, and what it has of the server's, are recorded.

    Sends:      GETs of started.py with queries of words.
    Observes:   what it says of itself.
    """
    told = document(await wire.get(page.base + "started.py"))
    facts["directory is its own"] = told["directory"]
    facts["files"] = told["files"]
    facts["variables of servers"] = told["variables"]
    facts["environment of the server's"] = told["environment"]
    for query in ("a+b", "a", "%2B+%26+%22", "+", "a+b=c", "-x", "a%3Db", "a&b"):
        answer = await wire.get(f"{page.base}started.py?{query}")
        facts[f"arguments of ?{query}"] = document(answer)["arguments"] if answer.status == 200 else answer.status


@spec("cgi/odd-paths-and-queries-are-recorded", MAY, PATH_INFO, busy=True)
async def test_odd_paths_and_queries_are_recorded(page, wire, facts):
    """
    What a script is told of paths and queries over which servers part is recorded.

    Sends:      one GET of variables.sh each with such a path behind it, or such a query.
    Observes:   SCRIPT_NAME, PATH_INFO and QUERY_STRING, or the status of a refusal.
    """
    tails = (
        *("/", "//", "/a//b", "/a%2Fb", "/a/../b", "/a/./b", "/caf%C3%A9", "/%ff", "/a;b=c", "/a%00b", "/%", "?"),
        *("?a=%00", "?%7e", "?%c3%a9", "?a=\xe9", "?a|b", '?"a"', "?<a>", "?a#b", "??", "?a=1&a=2;c"),
    )
    for tail in tails:
        conversation = await wire.open()
        conversation.request("GET", page.base + "variables.sh" + tail)
        answer = await conversation.answer_if_any(within=PATIENCE)
        if answer is None or answer.status != 200:
            facts[tail] = answer.status if answer else "(closed)"
        elif answer.body.startswith(b"variables\n"):
            told = variables(answer)
            facts[tail] = [told.get(name) for name in ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")]
        else:
            facts[tail] = "(not the script's)"
    await wire.ping()


@spec("cgi/odd-request-fields-are-recorded", MAY, FIELDS, busy=True)
async def test_odd_request_fields_are_recorded(page, wire, facts):
    """
    What a script is told of fields over which servers part is recorded.

    Sends:      one GET of variables.sh each with such fields.
    Observes:   the variables that the fields make, or the status of a refusal.
    """
    cases = {
        "an underscore": [("X_Web60_Odd", "under")],
        "an underscore after a hyphen": [("X-Web60-Odd", "hyphen"), ("X_Web60_Odd", "under")],
        "an underscore before a hyphen": [("X_Web60_Odd", "under"), ("X-Web60-Odd", "hyphen")],
        "an empty value": [("X-Web60-Odd", "")],
        "white space around a value": [("X-Web60-Odd", " \t a  b\t ")],
        "latin-1": [("X-Web60-Odd", "caf\xe9")],
        "two of a name": [("X-Web60-Odd", "one"), ("x-web60-odd", "two")],
        "two cookies": [("Cookie", "a=1"), ("Cookie", "b=2")],
        "a type without a body": [("Content-Type", "a/b")],
        "two types": [("Content-Type", "a/a"), ("Content-Type", "b/b")],
        "a length of nothing": [("Content-Length", "0")],
        "a proxy's credentials": [("Proxy-Authorization", "Basic d2ViNjA6")],
        "fields of the connection": [("TE", "trailers"), ("Keep-Alive", "5"), ("Upgrade", "web60")],
        "an address of a proxy's": [("X-Forwarded-For", "192.0.2.1")],
        "another host": [("Host", "web60.example:8000")],
    }
    script = page.base + "variables.sh"
    usual = variables(await wire.get(script))
    for name, given in cases.items():
        conversation = await wire.open()
        conversation.request("GET", script, fields=given)
        answer = await conversation.answer_if_any(within=PATIENCE)
        if answer is None or answer.status != 200:
            facts[name] = answer.status if answer else "(closed)"
            continue
        told = sorted(variables(answer).items())
        facts[name] = {key: value for key, value in told if usual.get(key) != value and key != "REMOTE_PORT"}
    await wire.ping()


@spec("cgi/what-is-said-of-missing-scripts-is-recorded", MAY, RETAINS, busy=True)
async def test_what_is_said_of_missing_scripts_is_recorded(target, page, wire, facts):
    """
    What a client is told where no script is, of the directory itself, and by methods that a script need not know.

    Sends:      GETs of a script that is not there, with more behind its name too, and of the directory; an OPTIONS.
    Observes:   all bytes until the end of the connection, as it was asked for.
    """
    for name in ("there-is-no-such-script.sh", "", "there-is-no-such-script.sh/more"):
        facts[name or "the directory"] = await everything(wire, target, page.base + name)
    facts["OPTIONS"] = await everything(wire, target, page.base + "method.sh", "OPTIONS")


@spec("cgi/what-is-said-of-broken-scripts-is-recorded", MAY, RETAINS, busy=True)
async def test_what_is_said_of_broken_scripts_is_recorded(target, page, wire, facts):
    """
    What a client is told of scripts that go wrong is recorded.

    Sends:      one GET each of scripts that print nothing, half a header, words, or lines that are no fields; that
                cannot be run; that exit badly, or are killed, before and after their output.
    Observes:   all bytes until the end of the connection, as it was asked for.
    """
    for name, path in {
        "nothing": page.base + "nothing.sh",
        "words": page.base + "headerless.sh",
        "half a header": saying(page, TEXT),
        "a blank line and a body": saying(page, b"\nbody\n"),
        "a line that is no field": saying(page, TEXT + b"no colon here\nX-Web60: yes\n\nbody\n"),
        "a line that goes on": saying(page, TEXT + b"X-Web60: a\n b\n\nbody\n"),
        "a blank before the colon": saying(page, TEXT + b"X-Web60 : yes\n\nbody\n"),
        "CR alone": saying(page, b"Content-Type: text/plain\rX-Web60: cr\r\rbody\n"),
        "CR within a value": saying(page, TEXT + b"X-Web60: a\rX-Web60-Inner: b\n\nbody\n"),
        "NUL within a value": saying(page, TEXT + b"X-Web60: a\0b\n\nbody\n"),
        "a bad exit": saying(page, TEXT + b"\nbody\n", exit=3),
        "a bad exit and nothing": saying(page, b"", exit=3),
        "killed behind its body": saying(page, TEXT + b"\nbody\n", kill=9),
        "no interpreter": page.base + "no-interpreter.sh",
    }.items():
        facts[name] = await everything(wire, target, path)
    await wire.ping()


@spec("cgi/odd-headers-are-recorded", MAY, HEADER, busy=True)
async def test_odd_headers_are_recorded(target, page, wire, facts):
    """
    What becomes of statuses and fields over which servers part, and in which order fields come, is recorded.

    Sends:      one GET each of scripts that print such a header.
    Observes:   all bytes until the end of the connection, as it was asked for.
    """
    for name, header in {
        "a reason of its own": b"Status: 200 Fine\n" + TEXT,
        "a code of its own": b"Status: 299 Own\n" + TEXT,
        "a code too large": b"Status: 1000 Own\n" + TEXT,
        "a code too small": b"Status: 99 Own\n" + TEXT,
        "a code that is none": b"Status: fine\n" + TEXT,
        "an empty status": b"Status:\n" + TEXT,
        "two statuses": b"Status: 402 No\nStatus: 404 No\n" + TEXT,
        "an empty location": b"Location:\n" + TEXT,
        "a relative location": b"Location: elsewhere\n" + TEXT,
        "two types": TEXT + b"Content-Type: text/html\n",
        "no type": b"X-Web60: bare\n",
        "an empty value": TEXT + b"X-Web60:\n",
        "latin-1": TEXT + b"X-Web60: caf\xe9\n",
        "fields in an order": b"X-Web60-B: 1\nSet-Cookie: a=b\n" + TEXT + b"X-Web60-A: 2\nX-Web60-B: 3\n",
        "fields of the connection": TEXT + b"Connection: close\nKeep-Alive: 5\nUpgrade: web60\n",
        "a field of CGI's": TEXT + b"X-CGI-Web60: yes\nScript-Control: no-abort\n",
    }.items():
        facts[name] = await everything(wire, target, saying(page, header + b"\nbody\n"))
    answer = await wire.get(saying(page, TEXT + b"Date: Thu, 01 Jan 1998 00:00:00 GMT\nServer: web60/1\n\nbody\n"))
    date, server = answer.fields.get("Date"), answer.fields.get("Server")
    facts["Date and Server are the script's"] = ["1998" in (date or ""), "web60" in (server or "")]
    long = await wire.get(saying(page, TEXT + b"X-Web60: ", 6000, b"\n\nbody\n"))
    facts["a value of 6,000 bytes"] = [long.status, len(long.fields.get("X-Web60") or "")]
    await wire.ping()


@spec("cgi/reasons-of-statuses-are-recorded", MAY, REASONS, busy=True)
async def test_reasons_of_statuses_are_recorded(target, page, wire, facts):
    """
    What a server calls a status of which the script has said the code alone is recorded.

    Sends:      one GET each of a script that prints such a code.
    Observes:   the first line of the answer.
    """
    for code in RARE:
        conversation = await wire.open()
        path = saying(page, b"Status: %d\n" % code + TEXT + b"\nbody\n")
        conversation.request("GET", path, fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)
        facts[str(code)] = steady(conversation.received.partition(b"\r\n")[0], target)
    await wire.ping()


@spec("cgi/the-framing-of-answers-is-recorded", MAY, END_OF_FILE, busy=True)
async def test_the_framing_of_answers_is_recorded(target, page, wire, facts):
    """
    How the end of a script's answer is told, and which fields the server adds, is recorded.

    Sends:      a GET, a HEAD and a GET of HTTP/1.0 of method.sh.
    Observes:   framing, and the field lines.
    """
    got, head = await wire.get(page.base + "method.sh"), await wire.head(page.base + "method.sh")
    request = wire.bytes_of("GET", page.base + "method.sh")
    conversation = await wire.open()
    conversation.send(request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1))
    older = await conversation.answer()

    for name, answer in (("GET", got), ("HEAD", head), ("HTTP/1.0", older)):
        facts[name] = [answer.version.decode("latin-1"), answer.framing, *fields(answer, target)]


@spec("cgi/a-header-that-nobody-parses-is-recorded", MAY, NPH, busy=True)
async def test_a_header_that_nobody_parses_is_recorded(target, page, wire, facts):
    """
    Whether a script whose name begins with nph- speaks to the client itself is recorded.

    Sends:      one GET of nph-raw.sh, which prints a whole HTTP answer with a status of 299.
    Observes:   all bytes until the end of the connection, as it was asked for.
    """
    facts["nph-raw.sh"] = await everything(wire, target, page.base + "nph-raw.sh")


@spec("cgi/the-end-of-standard-input-is-recorded", MAY, ENDS, busy=True)
async def test_the_end_of_standard_input_is_recorded(page, wire, clock, facts):
    """
    Whether a script that reads more than its CONTENT_LENGTH comes to an end is recorded.

    Sends:      a GET and a POST of reads-on.py, on connections that stay open.
    Observes:   its answers, within 5 s.
    """
    for method, body in (("GET", None), ("POST", b"0123456789a")):
        conversation = await wire.open()
        conversation.request(method, page.base + "reads-on.py", body=body)
        patience = clock.now() + PATIENCE
        while b" bytes\n" not in conversation.received and not conversation.is_gone and clock.now() < patience:
            await clock.sleep(0.02, "the script to have read all")
        found = [line for line in conversation.received.split(b"\n") if line.endswith(b" bytes")]
        facts[method] = found[0].decode() if found else "(none)"
        conversation.close()
    await wire.ping()


@spec("cgi/a-body-in-chunks-is-recorded", MAY, CODINGS, busy=True)
async def test_a_body_in_chunks_is_recorded(page, wire, facts):
    """
    What a script is told of a body that comes in chunks is recorded.

    Sends:      one POST of variables.sh in a chunk.
    Observes:   CONTENT_LENGTH and HTTP_TRANSFER_ENCODING, or the status of a refusal.
    """
    head = wire.bytes_of("POST", page.base + "variables.sh", fields=[("Transfer-Encoding", "chunked")])
    conversation = await wire.open()
    conversation.send(head + b"4\r\none\n\r\n0\r\n\r\n")
    answer = await conversation.answer_if_any(method="POST", within=PATIENCE)
    facts["status"] = answer.status if answer else "(closed)"
    if answer is not None and answer.status == 200:
        told = variables(answer)
        facts["variables"] = {name: told.get(name) for name in ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")}
    await wire.ping()


@spec(
    "cgi/the-end-of-an-output-is-recorded",
    MAY,
    END_OF_FILE,
    lasts=lambda _: 1.0,
    only_real="a script that takes its time takes real time",
)
async def test_the_end_of_an_output_is_recorded(page, wire, facts):
    """
    Whether an answer is over when the script has closed its output, or only when the script is, is recorded.

    Sends:      one GET of a script that closes its output and goes on for a second.
    Observes:   when the answer is whole.
    """
    answer = await wire.get(saying(page, TEXT + b"\nbody\n", close="", wait=1))

    facts["status"] = answer.status
    facts["an answer ends with"] = "its output" if answer.took < 0.9 else "its script"


@spec("cgi/complaints-in-the-log-are-recorded", MAY, ERRORS, witnesses=("log",), busy=True, alone="page")
async def test_complaints_in_the_log_are_recorded(target, page, wire, log, facts):
    """
    Whether what a script prints to its standard error can be read in the server's log is recorded.

    Sends:      one GET of complains.py.
    Observes:   the lines of the log.
    """
    token = target.token()
    mark = log.mark()
    answer = await wire.get(page.base + "complains.py?{id}", id=token)
    await log.settle()

    facts["status"] = answer.status
    found = [line.text for line in log.since(mark) if f"web60 complains: {token}" in line.text]
    facts["in the log"] = bool(found)


@spec(
    "cgi/what-is-logged-of-an-abandoned-script-is-recorded",
    MAY,
    ANY_TIME,
    witnesses=("log",),
    lasts=lambda target: AT_ONCE + SILENT + target.timing.slack,
    alone="target",
    only_real="a script that takes its time takes real time",
)
async def test_what_is_logged_of_an_abandoned_script_is_recorded(target, page, wire, log, clock, facts):
    """
    Whether a script's end is an error of the server's when its client left long before is recorded.

    Sends:      a GET of silent.py, and a FIN a third of a second later.
    Observes:   the log until the script has ended: tracebacks, and the names of what was raised.
    """
    mark = log.mark()
    conversation = await wire.open()
    conversation.request("GET", page.base + "silent.py")
    await clock.sleep(AT_ONCE, "what the server says before its script does")
    conversation.close()
    await clock.sleep(SILENT + target.timing.slack, "the script to end")
    await log.settle()

    texts = [line.text for line in log.since(mark)]
    raised = (re.match(r"\s*([\w.]+(?:Error|Exception|Failure))(?::|$)", text) for text in texts)
    facts["a traceback"] = any("Traceback" in text for text in texts)
    facts["raised"] = sorted({found[1] for found in raised if found})
    await wire.ping()
