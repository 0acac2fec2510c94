"""
HTTP: answers where a server may answer as it likes, to the byte.  Nothing is judged; an upgrade is read by it.
"""

from harness import MAY, rfc, spec
from specs.exchanges import NOWHERE, answers_to, exchange, in_chunks, older, outcome
from specs.facts import fields, steady

ERRORS = rfc(9110, "15.5", "the server SHOULD send a representation containing an explanation of the error situation")
ORDER = rfc(9110, "5.3", "The order in which field lines with differing field names are received in a section")
REASONS = rfc(9112, "4", "A client SHOULD ignore the reason-phrase content")
OPTIONS = rfc(9110, "9.3.7", "applies to the server in general rather than to a specific resource")
OMITTED = rfc(9110, "9.3.2", "a server MAY omit header fields for which a value is determined only while")
IN_A_GET = rfc(9110, "9.3.1", "content received in a GET request has no generally defined semantics")
CODINGS = rfc(9110, "12.5.3", "any content coding is considered acceptable by the user agent")


def head_of(answer, target):
    """The status line and the fields of an answer, and its framing."""
    if answer is None:
        return "closed"
    line = f"HTTP/{answer.version.decode()} {answer.status} {answer.reason.decode('latin-1')}"
    return [line, *fields(answer, target)]


def all_of(answer, target):
    """The same, with the body."""
    if answer is None:
        return "closed"
    return {"head": head_of(answer, target), "body": steady(answer.body, target)[:2000]}


@spec("http/not-found-is-said-its-own-way", MAY, ERRORS)
async def test_how_not_found_is_said(target, wire, facts):
    """
    The whole answer for a page that does not exist is a fact.

    Sends:      a GET and a HEAD of a path that does not exist, and a GET in HTTP/1.0.
    Observes:   the status lines, the fields in their order, the body.
    """
    request = wire.bytes_of("GET", NOWHERE)
    facts["GET"] = all_of(await exchange(wire, request), target)
    facts["HEAD"] = head_of(await exchange(wire, wire.bytes_of("HEAD", NOWHERE), "HEAD"), target)
    facts["GET in HTTP/1.0"] = head_of(await exchange(wire, older(request)), target)
    await wire.ping()


@spec("http/methods-are-refused-its-own-way", MAY, ERRORS)
async def test_how_methods_are_refused(target, wire, facts):
    """
    The whole answer to a method that a page does not have is a fact.

    Sends:      POST, PUT, DELETE, PATCH, OPTIONS, TRACE, CONNECT, "get", and one of our own, of `ping`.
    Observes:   the status lines, the fields in their order, the bodies.
    """
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "WEBSIXTY", "M-SEARCH"):
        answer = await exchange(wire, wire.bytes_of(method, target.alive.path))
        facts[method] = all_of(answer, target)
    tunnel = wire.bytes_of("GET", target.alive.path).replace(b"GET ", b"CONNECT ", 1)
    facts["CONNECT of a path"] = outcome(await exchange(wire, tunnel))
    facts["CONNECT of a host"] = outcome(await exchange(wire, b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n"))
    await wire.ping()


@spec("http/methods-of-not-found-are-refused-its-own-way", MAY, ERRORS)
async def test_how_methods_of_nowhere_are_refused(wire, facts):
    """
    Whether a page that does not exist, or a method that does not, counts for more is a fact.

    Sends:      all methods that there are, and one of our own, of a path that does not exist.
    Observes:   the statuses.
    """
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "WEBSIXTY"):
        facts[method] = outcome(await exchange(wire, wire.bytes_of(method, NOWHERE), method))
    await wire.ping()


@spec("http/options-are-told-its-own-way", MAY, OPTIONS)
async def test_how_options_are_told(target, page, wire, facts):
    """
    What OPTIONS brings is a fact.

    Sends:      OPTIONS of the server ("*"), of `ping`, `echo`, `/`, a path that does not exist; a preflight of a script
                from elsewhere; a GET of "*".
    Observes:   the status lines and the fields.
    """
    star = wire.bytes_of("OPTIONS", "/STAR").replace(b" " + target.path("/STAR").encode() + b" ", b" * ", 1)
    cors = [("Origin", "http://elsewhere.example"), ("Access-Control-Request-Method", "PUT")]
    samples = {
        "the server": star,
        "ping": wire.bytes_of("OPTIONS", target.alive.path),
        "echo": wire.bytes_of("OPTIONS", page.echo),
        "the root": wire.bytes_of("OPTIONS", "/"),
        "nowhere": wire.bytes_of("OPTIONS", NOWHERE),
        "from elsewhere": wire.bytes_of("OPTIONS", target.alive.path, fields=cors),
        "GET of the server": star.replace(b"OPTIONS ", b"GET ", 1),
    }
    for name, request in samples.items():
        facts[name] = head_of(await exchange(wire, request), target)
    await wire.ping()


@spec("http/answers-are-written-its-own-way", MAY, ORDER)
async def test_how_answers_are_written(target, page, wire, facts):
    """
    The status lines and the fields of ordinary answers, in their order and spelling, are facts.

    Sends:      a GET of `ping`, POSTs to `echo` with a content and without, the root, and `ping` with `close`.
    Observes:   the status lines, the fields, the framing.
    """
    close = [("Connection", "close")]
    samples = {
        "ping": ("GET", wire.bytes_of("GET", target.alive.path)),
        "ping with close": ("GET", wire.bytes_of("GET", target.alive.path, fields=close)),
        "echo": ("POST", wire.bytes_of("POST", page.echo, body=b"content")),
        "echo in chunks": ("POST", in_chunks(wire, page.echo, b"content")),
        "empty echo": ("POST", wire.bytes_of("POST", page.echo, body=b"")),
        "the root": ("GET", wire.bytes_of("GET", "/")),
    }
    for name, (method, request) in samples.items():
        answer = await exchange(wire, request, method)
        facts[name] = head_of(answer, target)
        facts[f"framing of {name}"] = answer.framing if answer else None
    await wire.ping()


@spec("http/bodiless-answers-are-written-its-own-way", MAY, REASONS, needs=["no_content", "tagged", "redirect"])
async def test_how_bodiless_answers_are_written(target, page, wire, facts):
    """
    The status lines and the fields of 204, 304 and 302 are facts.

    Sends:      a GET of `no_content`; of `tagged` without and with its ETag, with a weak form of it, with several, with
                "*"; of `redirect`; HEADs of the same.
    Observes:   the status lines and the fields.
    """
    etag = (await wire.get(page.tagged)).fields.get("etag") or ""
    for name, path, tag in (
        ("204", page.no_content, None),
        ("200", page.tagged, None),
        ("304", page.tagged, etag),
        ("a weak tag", page.tagged, f"W/{etag}"),
        ("several tags", page.tagged, f'"other", {etag}'),
        ("several tags, close together", page.tagged, f'"other",{etag}'),
        ("any tag", page.tagged, "*"),
        ("another tag", page.tagged, '"other"'),
        ("302", f"{page.redirect}/elsewhere", None),
    ):
        for method in ("GET", "HEAD"):
            request = wire.bytes_of(method, path, fields=[("If-None-Match", tag)] if tag else [])
            facts[f"{method}, {name}"] = head_of(await exchange(wire, request, method), target)
    await wire.ping()


@spec("http/head-differs-from-get-its-own-way", MAY, OMITTED)
async def test_how_head_differs_from_get(target, page, wire, facts):
    """
    Which fields HEAD does not have that GET has, and what it has instead, are facts.

    Sends:      a GET and a HEAD of `ping`, `echo`, the root and a path that does not exist.
    Observes:   the fields that only one of both has, with their values.
    """
    for path in (target.alive.path, page.echo, "/", NOWHERE):
        lines = {}
        for method in ("GET", "HEAD"):
            answer = await exchange(wire, wire.bytes_of(method, path), method)
            lines[method] = set() if answer is None else set(fields(answer, target))
        facts[path] = {
            "only GET": sorted(lines["GET"] - lines["HEAD"]),
            "only HEAD": sorted(lines["HEAD"] - lines["GET"]),
        }
    await wire.ping()


@spec("http/content-of-a-get-is-met-its-own-way", MAY, IN_A_GET)
async def test_how_the_content_of_a_get_is_met(target, page, wire, facts):
    """
    What becomes of a GET, a HEAD, a DELETE and an OPTIONS with a content is a fact.

    Sends:      such requests of `ping` and `echo`, with a length and in chunks, and a GET of `ping` behind each.
    Observes:   the statuses, and what `echo` says to a content in a GET.
    """
    for path, name in ((target.alive.path, "ping"), (page.echo, "echo")):
        for method in ("GET", "HEAD", "DELETE", "OPTIONS"):
            for framing, fields_of, body in (
                ("a length", [], b"content"),
                ("chunks", [("Transfer-Encoding", "chunked")], b"7\r\ncontent\r\n0\r\n\r\n"),
            ):
                conversation = await wire.open()
                conversation.send(wire.bytes_of(method, path, fields=fields_of, body=body))
                conversation.send(wire.bytes_of("GET", target.alive.path))
                answers = await answers_to(conversation, method, "GET")
                facts[f"{method} of {name}, {framing}"] = [outcome(answer) for answer in answers]
    facts["echo of a GET"] = steady((await wire.request("GET", page.echo, body=b"content")).body, target)[:200]
    await wire.ping()


@spec("http/contents-are-coded-its-own-way", MAY, CODINGS)
async def test_how_contents_are_coded(target, page, wire, facts):
    """
    Whether a content is compressed for who can undo it, and refused to who can undo nothing, is a fact.

    Sends:      GETs of `ping` and of a path that does not exist, and a POST of 10 KB to `echo`, with several
                Accept-Encoding; one with an Accept that nothing meets.
    Observes:   the statuses, Content-Encoding, Vary, and Transfer-Encoding.
    """
    wishes = {
        "gzip": ("Accept-Encoding", "gzip"),
        "all": ("Accept-Encoding", "gzip, deflate, br, zstd"),
        "none": ("Accept-Encoding", "identity;q=0, *;q=0"),
        "another type": ("Accept", "application/web60"),
        "trailers": ("TE", "trailers, gzip"),
        "another language": ("Accept-Language", "tlh"),
    }
    for name, wish in wishes.items():
        requests = {
            "ping": ("GET", wire.bytes_of("GET", target.alive.path, fields=[wish])),
            "nowhere": ("GET", wire.bytes_of("GET", NOWHERE, fields=[wish])),
            "echo": ("POST", wire.bytes_of("POST", page.echo, fields=[wish], body=b"0123456789" * 1000)),
        }
        for what, (method, request) in requests.items():
            answer = await exchange(wire, request, method)
            named = ("content-encoding", "vary", "transfer-encoding")
            shown = {one: answer.fields.get(one) for one in named if one in answer.fields} if answer else {}
            facts[f"{name}, {what}"] = [outcome(answer), shown]
    await wire.ping()


@spec("http/refusals-for-length-are-written-its-own-way", MAY, ERRORS)
async def test_how_refusals_for_length_are_written(target, page, wire, facts):
    """
    The whole answers to what is too long are facts.

    Sends:      a GET of `ping` with a target, a method, a field and a name of 20 KiB, with 1,500 fields; the header of
                a POST to `echo` with a length of 10^15.
    Observes:   the status lines, the fields, the bodies.
    """
    # Not more: the answer is lost where much comes behind it that nobody reads.
    long = "x" * 20480
    line = wire.bytes_of("GET", target.alive.path)
    huge = wire.bytes_of("POST", page.echo, fields=[("Content-Length", "1000000000000000"), ("Expect", "100-continue")])
    samples = {
        "a target": line.replace(b" HTTP/1.1", long.encode() + b" HTTP/1.1", 1),
        "a method": line.replace(b"GET ", long.upper().encode() + b" ", 1),
        "a field": wire.bytes_of("GET", target.alive.path, fields=[("X-Web60", long)]),
        "a name": wire.bytes_of("GET", target.alive.path, fields=[(long, "x")]),
        "fields": wire.bytes_of("GET", target.alive.path, fields=[("X-Web60", "x")] * 1500),
    }
    for name, request in samples.items():
        facts[name] = all_of(await exchange(wire, request), target)
    conversation = await wire.open()
    conversation.send(huge)
    await conversation.seen(rb"\r?\n\r?\n")
    facts["a length"] = steady(conversation.received, target).partition("\r\n")[0] or "closed"
    await wire.ping()
