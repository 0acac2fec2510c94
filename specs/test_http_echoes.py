"""
HTTP: what somebody wrote into a request does nothing in an answer: no markup in its page, no line end in its header.
"""

from harness import MAY, MUST, SHOULD, rfc, spec
from specs.exchanges import NOWHERE, REFUSALS, exchange, outcome

SCRIPTS = rfc(
    9110, "17.4", "Received data that isn't based on fixed parameters ought to be carefully filtered or encoded"
)
SPLIT = rfc(9112, "11.1", "prevent anything other than the server's core protocol libraries from sending a CR or LF")
CONTROLS = rfc(9110, "5.5", "Field values containing CR, LF, or NUL characters are invalid and dangerous")
TRACE = rfc(9110, "9.3.8", "SHOULD exclude any request fields that are likely to contain sensitive data")


#: Types of which a browser makes no markup.
PLAIN = ("text/plain", "application/json", "application/octet-stream")


def markup(clock):
    """An element that nobody else has, as it would stand in a page, and with its quotes."""
    return f"<{clock.token()}>"


def shows(answer, element):
    """Whether a browser finds this element in the page."""
    kind = (answer.fields.get("content-type") or "").partition(";")[0].strip().lower()
    return kind not in PLAIN and element.encode() in answer.body


async def inert(wire, element, **requests):
    """In none of the answers to these requests the element can be found; the server answers its ping afterwards."""
    for name, request in requests.items():
        answer = await exchange(wire, request)
        assert answer is None or not shows(answer, element), f"{name}: the page has {element}"
    await wire.ping()


@spec("http/error-pages-escape-the-target", MUST, SCRIPTS)
async def test_error_pages_escape_the_target(wire, clock):
    """
    What a target has of markup is no markup in the page that says that it was not found.

    Sends:      GETs of a path that does not exist with an element in it, in its query and in its fragment: as it is,
                percent-encoded, twice percent-encoded.
    Observes:   that the element stands in no page whose type a browser shows.
    Look at:    "no such page: …" put together from what was asked for.
    """
    element = markup(clock)
    encoded = element.replace("<", "%3C").replace(">", "%3E")
    places = {
        "path": f"{NOWHERE}/{element}",
        "encoded path": f"{NOWHERE}/{encoded}",
        "twice encoded path": f"{NOWHERE}/{encoded.replace('%', '%25')}",
        "query": f"{NOWHERE}?{element}",
        "encoded query": f"{NOWHERE}?name={encoded}",
        "first part": f"/{encoded}/",
    }
    await inert(wire, element, **{name: wire.bytes_of("GET", path) for name, path in places.items()})


@spec("http/refusals-escape-what-they-refuse", MUST, SCRIPTS)
async def test_refusals_escape_what_they_refuse(target, page, wire, clock):
    """
    What is refused is not repeated as markup in the refusal.

    Sends:      an element as the method, in the target of a method that is not allowed, in the version, as the name of
                a field, as a length, as a coding, as the host, and with a Referer.
    Observes:   that the element stands in no page whose type a browser shows.
    Look at:    "I do not know the method …".
    """
    element = markup(clock)
    get, post = wire.bytes_of("GET", target.alive.path), wire.bytes_of("POST", page.echo)
    mark = "&" if "?" in target.alive.path else "?"
    await inert(
        wire,
        element,
        method=wire.bytes_of(element, target.alive.path),
        not_allowed=wire.bytes_of("DELETE", f"{target.alive.path}{mark}{element}"),
        unknown=wire.bytes_of("WEBSIXTY", f"{target.alive.path}{mark}{element}"),
        version=get.replace(b"HTTP/1.1", f"HTTP/1.1{element}".encode(), 1),
        name=get.removesuffix(b"\r\n") + f"{element}: x\r\n\r\n".encode(),
        length=post.removesuffix(b"\r\n") + f"Content-Length: {element}\r\n\r\n".encode(),
        coding=post.removesuffix(b"\r\n") + f"Transfer-Encoding: {element}\r\n\r\n".encode(),
        host=wire.bytes_of("GET", NOWHERE, fields=[("Host", element)]),
        referer=wire.bytes_of("GET", NOWHERE, fields=[("Referer", element), ("User-Agent", element)]),
    )


@spec("http/redirects-escape-the-target", MUST, SCRIPTS, needs=["static-content.path"])
async def test_redirects_escape_the_target(target, wire, clock):
    """
    The page of a redirect, for browsers that do not follow it, has no markup of who asked.

    Sends:      GETs of a directory without its slash, with an element in the query and in the host, as it is and
                after a quote that would end an attribute.
    Observes:   that the element stands in no page whose type a browser shows.
    Look at:    a link to the new place that is put together from the target.  Twisted had it up to 24.3
                (CVE-2024-41810).
    """
    element = markup(clock)
    directory = f"{target.static_content.path}sub"
    await inert(
        wire,
        element,
        query=wire.bytes_of("GET", f"{directory}?{element}"),
        quote=wire.bytes_of("GET", f'{directory}?">{element}'),
        host=wire.bytes_of("GET", directory, fields=[("Host", f"x{element}")]),
    )


@spec("http/a-redirect-page-escapes-its-target", MUST, SCRIPTS, needs=["redirect"])
async def test_a_redirect_page_escapes_its_target(page, wire, clock):
    """
    A page that redirects to what it was told has no markup of who told it.

    Sends:      GETs of `redirect` with an element in the place to go to, as it is and after a quote.
    Observes:   that the element stands in no page whose type a browser shows.
    Look at:    a link to the new place, for browsers that do not follow by themselves.
    """
    element = markup(clock)
    encoded = element.replace("<", "%3C").replace(">", "%3E")
    await inert(
        wire,
        element,
        plain=wire.bytes_of("GET", f"{page.redirect}/{encoded}"),
        quote=wire.bytes_of("GET", f"{page.redirect}/%22%3E{encoded}"),
    )


#: Line ends as they can stand in a target, and what some decoders make line ends of.
LINE_ENDS = {
    "CRLF": "%0d%0a",
    "LF": "%0a",
    "CR": "%0d",
    "an encoded CRLF": "%250d%250a",
    "line separators": "%E5%98%8A%E5%98%8D",
    "a NEL": "%C2%85",
}


async def whole(wire, word, paths):
    """Each of these paths is answered once, without a field of our own, and nothing is behind the answer."""
    for name, path in paths.items():
        conversation = await wire.open()
        conversation.request("GET", path, fields=[("Connection", "close")])
        answer = await conversation.answer_if_any()
        await conversation.gone()
        if answer is None:
            continue
        assert answer.status < 500, f"{name}: answered {answer.status}"
        assert "x-injected" not in answer.fields, f"{name}: the answer has a field of ours"
        assert word not in answer.fields.all("set-cookie"), f"{name}: the answer sets a cookie of ours"
        assert conversation.received == answer.raw, f"{name}: there is more than one answer"
    await wire.ping()


def injections(path, word):
    """This path with fields, and with a whole answer, behind a line end of each kind."""
    return {
        f"{name}, {what}": f"{path}{end}{end.join(lines)}"
        for name, end in LINE_ENDS.items()
        for what, lines in {
            "a field": ("X-Injected:%20yes", f"Set-Cookie:%20{word}", "X-End:%20here"),
            "an answer": ("Content-Length:%200", "", "HTTP/1.1%20200%20OK", "X-Injected:%20yes", "", "hello"),
        }.items()
    }


@spec("http/line-ends-in-a-path-do-not-split-the-answer", MUST, SPLIT)
async def test_line_ends_in_a_path_do_not_split_the_answer(target, wire, clock):
    """
    Encoded line ends in a target are bytes of a name like any others: no field of the answer begins behind them.

    Sends:      GETs of paths that do not exist, and of `ping` with a query, with encoded line ends of six kinds and
                fields, or a whole answer, behind them.
    Observes:   the fields, and every byte until the connection ends.
    Look at:    a decoded path in Location, Content-Location or a cookie.
    """
    word = f"web60={clock.token()}"
    mark = "&" if "?" in target.alive.path else "?"
    await whole(wire, word, injections(NOWHERE, word))
    await whole(wire, word, injections(f"{target.alive.path}{mark}x=", word))


@spec("http/line-ends-do-not-split-a-redirect", MUST, SPLIT, needs=["static-content.path"])
async def test_line_ends_do_not_split_a_redirect(target, wire, clock):
    """
    Encoded line ends in a target that is redirected stay encoded in Location.

    Sends:      GETs of a directory without its slash, with encoded line ends of six kinds in the query, and fields, or
                a whole answer, behind them.
    Observes:   the fields, and every byte until the connection ends.
    Look at:    a Location that is put together from a decoded query.
    """
    word = f"web60={clock.token()}"
    await whole(wire, word, injections(f"{target.static_content.path}sub?", word))


@spec("http/line-ends-do-not-split-a-page-s-own-fields", MUST, CONTROLS, needs=["redirect"])
async def test_line_ends_do_not_split_a_page_s_own_fields(page, wire, clock):
    """
    A page may put into a field what it was told: no line end gets through to the wire.

    Sends:      GETs of `redirect` with encoded line ends of six kinds in the place to go to, and fields, or a whole
                answer, behind them.
    Observes:   the fields, and every byte until the connection ends.
    Differs:    the line ends may become blanks, or the request be refused; it may not be answered with 5xx.
    Look at:    fields that are written as they are given.
    """
    word = f"web60={clock.token()}"
    await whole(wire, word, injections(f"{page.redirect}/", word))


@spec("http/encoded-nuls-do-no-harm", SHOULD, CONTROLS)
async def test_encoded_nuls_do_no_harm(target, wire):
    """
    An encoded NUL in a target is a byte of a name: not found, or refused.

    Sends:      GETs with an encoded NUL in a path that does not exist, behind that of `ping`, and in a query.
    Observes:   that none is answered with 5xx, and that `ping` does not answer to another name.
    Look at:    names that end at the NUL for one part of the server and not for another.
    """
    mark = "&" if "?" in target.alive.path else "?"
    nowhere = await wire.get(f"{NOWHERE}%00.html")
    behind = await wire.get(f"{target.alive.path.partition('?')[0]}%00.html")
    query = await wire.get(f"{target.alive.path}{mark}x=%00")

    assert nowhere.status in REFUSALS
    assert behind.status in REFUSALS
    assert query.status in {target.alive.status, *REFUSALS}


@spec("http/bytes-beyond-ascii-do-no-harm", SHOULD, SCRIPTS)
async def test_bytes_beyond_ascii_do_no_harm(target, wire):
    """
    Bytes beyond ASCII, encoded or not, are never the server's own error.

    Sends:      such bytes, some of them UTF-8 and some not, encoded and as they are: in a path that does not exist, in
                a query of `ping`, in the target of a method that is not allowed, in the value of a field.
    Observes:   that none is answered with 5xx, other than 501 for the method.
    Look at:    a target that is decoded for a page, or for the log.
    """
    mark = "&" if "?" in target.alive.path else "?"
    samples = {
        "UTF-8": "\xc3\xa4",
        "Latin-1": "\xe4",
        "no text": "\xff\xfe",
        "encoded": "%C3%A4",
        "half": "%C3",
        "bad": "%zz",
    }
    for name, sample in samples.items():
        for request in (
            wire.bytes_of("GET", f"{NOWHERE}/{sample}"),
            wire.bytes_of("GET", f"{target.alive.path}{mark}x={sample}"),
            wire.bytes_of("POST", f"{target.alive.path}{mark}x={sample}", body=b""),
            wire.bytes_of("GET", target.alive.path, fields=[("X-Web60", sample)]),
            wire.bytes_of("GET", target.alive.path, fields=[("Cookie", f"a={sample}"), ("Accept-Language", sample)]),
        ):
            answer = await exchange(wire, request)
            assert outcome(answer) in {target.alive.status, *REFUSALS, "closed"}, f"{name}: {outcome(answer)}"
    await wire.ping()


@spec("http/trace-keeps-credentials-to-itself", SHOULD, TRACE)
async def test_trace_keeps_credentials_to_itself(target, page, wire, clock):
    """
    TRACE, where it is answered, does not repeat credentials and cookies.

    Sends:      TRACEs of `ping`, `echo` and a path that does not exist, with Authorization, Cookie and
                Proxy-Authorization.
    Observes:   that their values stand nowhere in the answers.
    Differs:    most servers refuse TRACE.
    Look at:    a script that reads its own answer, and with it a cookie that it may not read.
    """
    secrets = {name: clock.token() for name in ("Authorization", "Cookie", "Proxy-Authorization")}
    fields = [
        ("Authorization", f"Bearer {secrets['Authorization']}"),
        ("Cookie", f"session={secrets['Cookie']}"),
        ("Proxy-Authorization", f"Bearer {secrets['Proxy-Authorization']}"),
    ]
    for path in (target.alive.path, page.echo, NOWHERE):
        answer = await exchange(wire, wire.bytes_of("TRACE", path, fields=fields), "TRACE")
        if answer is not None:
            for name, secret in secrets.items():
                assert secret.encode() not in answer.raw, f"TRACE of {path} repeats {name}"


@spec("http/redirects-are-written-its-own-way", MAY, SPLIT, needs=["redirect"])
async def test_how_redirects_are_written(page, wire, facts):
    """
    What becomes of odd characters in Location is a fact.

    Sends:      GETs of `redirect` to places with a blank, quotes, an angle bracket, a byte beyond ASCII, a tab, a NUL,
                and line ends.
    Observes:   the status, and Location.
    """
    odd = {"blank": "%20", "quote": "%22", "bracket": "%3C", "UTF-8": "%C3%A4", "Latin-1": "%E4", "tab": "%09"}
    odd |= {"NUL": "%00", "CRLF": "%0d%0a", "LF": "%0a", "CR": "%0d", "two LFs": "%0a%0a"}
    for name, sample in odd.items():
        answer = await exchange(wire, wire.bytes_of("GET", f"{page.redirect}/a{sample}b"))
        facts[name] = [outcome(answer), answer.fields.get("location") if answer else None]
    await wire.ping()
