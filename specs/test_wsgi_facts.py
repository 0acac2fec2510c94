"""
WSGI, what servers may do as they like: recorded, so that it can be compared.
"""

from harness import MAY, pep, spec
from specs.facts import fields as field_lines
from specs.facts import steady
from specs.wsgi_reports import PATIENCE, below, report, saying

OTHERS = pep(3333, "environ Variables", "should attempt to provide as many other CGI variables as are applicable")
PATH = pep(3333, "environ Variables", 'The remainder of the request URL\'s "path"')
FIELDS = pep(3333, "environ Variables", "Variables corresponding to the client-supplied HTTP request headers")
DUMB = pep(3333, "Other HTTP Features", 'should "play dumb" and allow the application complete control over its output')
STATUS = pep(3333, "Specification Details", 'The status parameter is a status string of the form "999 Message here"')
FRAMING = pep(3333, "Handling the Content-Length Header", "may choose one of several approaches to handling it")
ABORTS = pep(3333, "Error Handling", "trap and log any exception that aborts an application or the iteration")
SERVER = pep(3333, "environ Variables", "When HTTP_HOST is not set, these variables can be combined")
NO_DELAY = pep(3333, "Buffering and Streaming", "must not delay the transmission of any block")


@spec("wsgi/the-whole-environ-is-recorded", MAY, OTHERS)
async def test_the_whole_environ_is_recorded(target, page, wire, facts):
    """
    All variables of a plain request, their types, and the values of those that tell of the request, are recorded.

    Sends:      one GET.
    Observes:   names, types and values, as the application saw them; its flags, and the methods of its streams.
    """
    seen = report(await wire.get(below(page, "/environ/a?b=c"), fields=[("Accept", "text/plain")]))

    facts["types"] = dict(sorted(seen["types"].items()))
    shown = {name: steady(value, target) for name, value in sorted(seen["environ"].items())}
    if "REMOTE_PORT" in shown:
        shown["REMOTE_PORT"] = "(a port)"
    facts["values"] = shown
    facts["order"] = list(seen["types"])
    facts["flags"] = seen["flags"]
    facts["file wrapper"] = seen["types"].get("wsgi.file_wrapper")
    facts["methods"] = {"wsgi.input": seen["input"], "wsgi.errors": seen["errors"]}


@spec("wsgi/odd-paths-are-recorded", MAY, PATH)
async def test_odd_paths_are_recorded(page, wire, facts):
    """
    What an application is told of paths over which servers part is recorded.

    Sends:      one GET each of such a path below the application.
    Observes:   SCRIPT_NAME, PATH_INFO and QUERY_STRING, or the status of a refusal.
    """
    tails = (
        *("%2F", "a%2fb", "//a", "/a//b", "/a/../b", "/a/./b", "/..", "/a/%2e%2e/b", "/a;b=c/d", "/a%5Cb", "/a\\b"),
        *("/%00", "/a%0d%0ab", "/%ff", "/%", "/%zz", "/a?", "/a??b", "/a?b#c", "/a?%00", "/a|b", "/~a"),
    )
    for tail in dict.fromkeys(tails):
        conversation = await wire.open()
        conversation.request("GET", below(page, "/environ") + tail)
        answer = await conversation.answer_if_any()
        if answer is None or answer.status != 200:
            facts[tail] = answer.status if answer else "(closed)"
            continue
        environ = report(answer)["environ"]
        facts[tail] = [environ.get(name) for name in ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")]
    await wire.ping()


@spec("wsgi/odd-request-fields-are-recorded", MAY, FIELDS)
async def test_odd_request_fields_are_recorded(page, wire, facts):
    """
    What an application is told of fields over which servers part is recorded.

    Sends:      one GET each with such fields.
    Observes:   the variables that the fields make, or the status of a refusal.
    """
    cases = {
        "an underscore": [("X_Web60_Odd", "under")],
        "an underscore after a hyphen": [("X-Web60-Odd", "hyphen"), ("X_Web60_Odd", "under")],
        "an underscore before a hyphen": [("X_Web60_Odd", "under"), ("X-Web60-Odd", "hyphen")],
        "an empty value": [("X-Web60-Odd", "")],
        "white space around a value": [("X-Web60-Odd", " \t a  b\t ")],
        "a tab in a value": [("X-Web60-Odd", "a\tb")],
        "a dot in a name": [("X.Web60.Odd", "dot")],
        "two of a name": [("X-Web60-Odd", "one"), ("x-web60-odd", "two")],
        "two cookies": [("Cookie", "a=1"), ("Cookie", "b=2")],
        "two types": [("Content-Type", "a/a"), ("Content-Type", "b/b")],
        "an empty type": [("Content-Type", "")],
        "a type without a body": [("Content-Type", "a/b")],
        "a length without a body": [("Content-Length", "0")],
        "an empty length": [("Content-Length", "")],
        "a length with zeros before it": [("Content-Length", "000")],
        "credentials": [("Authorization", "Basic d2ViNjA6c2VjcmV0"), ("Proxy-Authorization", "Basic d2ViNjA6")],
        "a proxy": [("Proxy", "http://web60.invalid/")],
        "fields of the connection": [("Connection", "close, X-Web60-Odd"), ("X-Web60-Odd", "hop"), ("TE", "trailers")],
        "an address of a proxy's": [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https")],
        "another host": [("Host", "web60.example:8000")],
    }
    usual = report(await wire.get(below(page, "/environ")))
    unchanged = {(name, value) for name, value in usual["environ"].items() if name != "REMOTE_PORT"}
    for name, fields in cases.items():
        conversation = await wire.open()
        conversation.request("GET", below(page, "/environ"), fields=fields)
        answer = await conversation.answer_if_any()
        if answer is None or answer.status != 200:
            facts[name] = answer.status if answer else "(closed)"
            continue
        environ = dict(sorted(report(answer)["environ"].items()))
        environ.pop("REMOTE_PORT", None)
        facts[name] = {key: value for key, value in environ.items() if (key, value) not in unchanged}
    await wire.ping()


@spec("wsgi/names-of-the-server-are-recorded", MAY, SERVER)
async def test_names_of_the_server_are_recorded(target, page, wire, facts):
    """
    What an application is told that its server is called, by hosts of many kinds, is recorded.

    Sends:      one GET each with such a Host.
    Observes:   SERVER_NAME and SERVER_PORT, or the status of a refusal.
    """
    hosts = (
        *("web60.example", "web60.example:8000", "web60.example:", "WEB60.example", "192.0.2.1:8000"),
        *("[2001:db8::60]", "[2001:db8::60]:8000", "[::1]:", "2001:db8::60", ":8000", "a:b"),
    )
    for host in hosts:
        conversation = await wire.open()
        conversation.request("GET", below(page, "/environ"), fields=[("Host", host)])
        answer = await conversation.answer_if_any()
        if answer is None or answer.status != 200:
            facts[host] = answer.status if answer else "(closed)"
            continue
        environ = report(answer)["environ"]
        facts[host] = [steady(environ.get(name), target) for name in ("SERVER_NAME", "SERVER_PORT")]
    await wire.ping()


@spec("wsgi/the-fields-of-answers-are-recorded", MAY, DUMB)
async def test_the_fields_of_answers_are_recorded(target, page, wire, facts):
    """
    Which fields an answer has besides the application's, in which order, and who says Date and Server, is recorded.

    Sends:      one GET each of pages with fields of many kinds, with a Date and a Server, and with odd values.
    Observes:   the field lines of the answers.
    """
    facts["many fields"] = field_lines(await wire.get(below(page, "/fields")), target)
    facts["none but a type"] = field_lines(await wire.get(saying(page, blocks=[b"x"])), target)
    answer = await wire.get(saying(page, "Date: Thu, 01 Jan 1998 00:00:00 GMT", "Server: web60/1", blocks=[b"x"]))
    date, server = answer.fields.get("Date"), answer.fields.get("Server")
    facts["Date and Server are the application's"] = ["1998" in (date or ""), server == "web60/1"]
    odd = await wire.get(saying(page, "X-Web60-Odd:  a  b\tc ", "x-WEB60-case: d", blocks=[b"x"]))
    facts["odd values"] = [line for line in field_lines(odd, target) if line.lower().startswith("x-")]


@spec("wsgi/odd-statuses-are-recorded", MAY, STATUS)
async def test_odd_statuses_are_recorded(target, page, wire, facts):
    """
    What becomes of reasons that are unusual, and of statuses that are none, is recorded.

    Sends:      one GET each of pages with such a status.
    Observes:   the first line of the answer.
    """
    statuses = ("200 OK", "200 Fine", "200", "200 ", "200  two blanks", "299 Own", "404 caf\xe9", "599 Own", "600 Own")
    for status in (
        *statuses,
        "999 Own",
        "204 No Content",
        "304 Not Modified",
        "fine",
        "",
        "20 OK",
        "2000 OK",
        "-200 OK",
    ):
        conversation = await wire.open()
        conversation.request("GET", saying(page, status=status, kind=""), fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)
        facts[status or "(empty)"] = steady(conversation.received.partition(b"\r\n")[0], target)


@spec("wsgi/the-framing-of-answers-is-recorded", MAY, FRAMING)
async def test_the_framing_of_answers_is_recorded(page, wire, facts):
    """
    How the end of an answer is told, by what the application returns and which length it announces, is recorded.

    Sends:      a GET and a HEAD each of such pages, and a GET of HTTP/1.0.
    Observes:   the framing, and whether the connection is kept.
    """
    cases = {
        "a list of one block": {"blocks": [b"one"]},
        "a list of two": {"blocks": [b"one", b"two"]},
        "a list of none": {"blocks": []},
        "a generator of one": {"blocks": [b"one"], "by": "generator"},
        "one written, one returned": {"blocks": [b"one", b"two"], "by": "write"},
        "a length announced": {"blocks": [b"one"], "by": "generator", "length": 3},
    }
    for name, said in cases.items():
        path = saying(page, **said)
        got, head = await wire.get(path), await wire.head(path)
        request = wire.bytes_of("GET", path)
        conversation = await wire.open()
        conversation.send(request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1))
        older = await conversation.answer()
        facts[name] = {
            "GET": [got.framing, got.fields.get("Content-Length"), got.fields.get("Connection")],
            "HEAD": [head.fields.get("Transfer-Encoding"), head.fields.get("Content-Length")],
            "HTTP/1.0": [older.version.decode("latin-1"), older.framing, older.fields.get("Connection")],
        }


@spec("wsgi/what-is-said-of-mistakes-is-recorded", MAY, ABORTS)
async def test_what_is_said_of_mistakes_is_recorded(target, page, wire, facts):
    """
    What a client is told of an application that goes wrong is recorded.

    Sends:      one GET each of pages that raise, or break a rule.
    Observes:   all bytes until the end of the connection, as it was asked for.
    """
    mistakes = (
        *("raise/call", "raise/started", "raise/iterating", "raise/later", "raise/close", "exc-info/sent"),
        *("misbehave/no-start", "misbehave/two-starts", "misbehave/no-iterable", "misbehave/text"),
        *("misbehave/line-end", "misbehave/too-many-bytes", "misbehave/too-few-bytes", "misbehave/no-content"),
    )
    for mistake in mistakes:
        conversation = await wire.open()
        conversation.request("GET", below(page, "/" + mistake), fields=[("Connection", "close")])
        how = await conversation.gone(within=PATIENCE)
        facts[mistake] = [steady(conversation.received[:1000], target), how]
    await wire.ping()


@spec("wsgi/small-blocks-are-timed", MAY, NO_DELAY, alone="page")
async def test_small_blocks_are_timed(page, wire, facts):
    """
    Whether many small blocks cost more than one, in coarse words, is recorded.

    Sends:      three GETs of a page that gives twenty small blocks without a pause.
    Observes:   seconds until the whole answer is there, of the quickest.
    """
    answers = [await wire.get(below(page, "/drip?blocks=20&gap=0")) for _ in range(3)]

    took = min(answer.took for answer in answers)
    facts["twenty small blocks"] = "within 0.2 s" if took < 0.2 else "within 1 s" if took < 1.0 else "later"
