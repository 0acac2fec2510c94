"""
Error handling: what stands in the page that says "not found", and what must never.
"""

from harness import MUST, SHOULD, rfc, spec, tutorial
from specs.calendars import NO_YEARS, at, harmless

NICE = tutorial("error-handling", "it will also hand out a nice error page with a 404 response")
NOT_FOUND = tutorial("error-handling", "a URL which cannot be interpreted as a year")
NON_EXISTENT = tutorial("error-handling", "a 404 (not found) response when a client requests a non-existent URL")
EXPLAINED = rfc(9110, "15.5", "SHOULD send a representation containing an explanation of the error situation")
TYPED = rfc(9110, "8.3", "SHOULD generate a Content-Type header field in that message")
SPLITTING = rfc(9110, "5.5", "Field values containing CR, LF, or NUL characters are invalid and dangerous")

#: Refusals of a path that goes too far, or that is not understood.
CLIENT_ERRORS = range(400, 500)


def markup(token):
    """Segments that are markup where they are not escaped, by name: as they are, and percent-encoded."""
    return {
        "a tag": f"<b id={token}>",
        "a tag, encoded": f"%3Cb%20id={token}%3E",
        "a script": f"<script>{token}</script>".replace("/", "%2F"),
        "a script, encoded": f"%3Cscript%3E{token}%3C%2Fscript%3E",
        "a comment's end": f"--%3E%3Ci%20{token}%3E",
        "a title's end": f"%3C%2Ftitle%3E%3Cb%20{token}%3E",
        "a quote": f"%22%3E%3Cb%20{token}%3E",
        "an apostrophe": f"%27%3E%3Cb%20{token}%3E",
        "in capitals": f"%3CIMG%20SRC=x%20{token}%3E",
        "in an entity": f"&lt;%3Cb%20{token}%3E",
    }


def tags(token):
    """What of that no answer has as it was sent."""
    return [
        text.encode()
        for text in (
            f"<b id={token}>",
            f"<script>{token}",
            f"<b {token}>",
            f"<i {token}>",
            f"<IMG SRC=x {token}>",
            f"<B-{token}>",
        )
    ]


@spec("error-handling/what-is-echoed-is-escaped", MUST, NICE)
async def test_what_is_echoed_is_escaped(target, page, wire):
    """
    Markup in the path is no markup in the page that says so.

    Sends:      GETs of ten segments with tags, as they are and percent-encoded, in the path and in the query.
    Observes:   the bodies: no tag stands there as it was sent, where the type is not plain text.
    Differs:    an answer that echoes nothing is fine, and so is 400 for a `<` that is not encoded.
    Look at:    a message that is put together of text and the path.
    """
    token = target.token()
    for name, segment in markup(token).items():
        for path in (segment, f"abc?{segment}"):
            conversation = await wire.open()
            conversation.request("GET", at(page, path))
            answer = await conversation.answer_if_any()
            if answer is not None:
                assert answer.status in CLIENT_ERRORS, f"{name}: answered {answer.status}"
                harmless(name, answer, *tags(token))


@spec("error-handling/what-the-server-itself-echoes-is-escaped", MUST, NON_EXISTENT)
async def test_what_the_server_itself_echoes_is_escaped(target, wire):
    """
    The server's own page about a missing page, beside all that it has, escapes what it echoes.

    Sends:      GETs of ten segments with tags at the top of the site, as they are and percent-encoded; one with a tag
                as its method; one with a tag as its Host.
    Observes:   the bodies: no tag stands there as it was sent, where the type is not plain text.
    Differs:    400 for a `<` that is not encoded, for the method or for the Host; 404, 405, 501; closing.
    Look at:    the error page of the layer below the application.
    """
    token = target.token()
    requests = {name: wire.bytes_of("GET", f"/no-such-page-{segment}") for name, segment in markup(token).items()}
    requests["the method"] = wire.bytes_of(f"<B-{token}>", "/no-such-page")
    requests["the host"] = wire.bytes_of("GET", "/no-such-page", fields=[("Host", f"<b {token}>")])
    for name, request in requests.items():
        conversation = await wire.open()
        conversation.send(request)
        answer = await conversation.answer_if_any(method="GET")
        if answer is not None:
            harmless(name, answer, *tags(token))
    await wire.ping()


@spec("error-handling/a-line-break-in-a-path-adds-no-field", MUST, SPLITTING)
async def test_a_line_break_in_a_path_adds_no_field(target, page, wire):
    """
    Encoded line breaks in a path stay what they are: no field and no body of the client's begins behind them.

    Sends:      GETs of segments with `%0d%0a`, `%0a` and `%0d`, each followed by a field line.
    Observes:   that no answer has that field, and that each is a client error.
    Differs:    `status`, 400.
    Look at:    a redirect, or a field that names the missing page.
    """
    token = target.token()
    for end in ("%0d%0a", "%0a", "%0d", "%0d%0a%0d%0a", "%E5%98%8A%E5%98%8D"):
        answer = await wire.get(at(page, f"abc{end}X-Injected:%20{token}{end}"))
        assert answer.status in CLIENT_ERRORS, f"{end}: answered {answer.status}"
        assert "x-injected" not in answer.fields, f"{end}: the answer has the field"


@spec("error-handling/bytes-that-are-no-text-are-not-found", MUST, NOT_FOUND)
async def test_bytes_that_are_no_text_are_not_found(page, wire):
    """
    Bytes and characters that are no text, or none that can be seen, are not found either.

    Sends:      GETs of bytes that no UTF-8 has, overlong ones, half a surrogate, NUL, escape and delete, all
                percent-encoded.
    Observes:   that each is a client error, never 5xx.
    Differs:    `status`, 400.
    Look at:    a path that is decoded to text without thought of an error.
    """
    for segment in (
        "%FF%FE",
        "%C0%AF",
        "%ED%A0%80",
        "%F4%90%80%80",
        "%80",
        "abc%00",
        "%00",
        "2009%00",
        "%1B%5B2J",
        "%7F",
        "%08x",
    ):
        answer = await wire.get(at(page, segment))
        assert answer.status in CLIENT_ERRORS, f"{segment}: answered {answer.status}"
    await wire.ping()


@spec("error-handling/a-long-path-is-not-found", MUST, NOT_FOUND)
async def test_a_long_path_is_not_found(page, wire, facts):
    """
    A path of some kilobytes that is no year is a client error like any other.

    Sends:      GETs of 4,000 letters, of 1,000 percent-encoded letters beyond ASCII, and of 1,500 segments.
    Observes:   that each is a client error, never 5xx.
    Differs:    `status`, 400, 414, 431.
    Look at:    a recursion that goes down with every segment.
    """
    for name, segment in {
        "letters": "x" * 4000,
        "encoded": "%C3%A4" * 1000,
        "segments": "x" + "/x" * 1500,
    }.items():
        answer = await wire.get(at(page, segment))
        facts[f"status of many {name}"] = answer.status
        assert answer.status in CLIENT_ERRORS, f"{name}: answered {answer.status}"
    await wire.ping()


@spec("error-handling/a-missing-page-says-so", SHOULD, EXPLAINED)
async def test_a_missing_page_says_so(page, wire):
    """
    Whoever asks for a missing page gets a page that says so, not only a number.

    Sends:      a GET of `abc`.
    Observes:   the body: not empty.
    Look at:    an error that is answered with its status line alone.
    """
    answer = await wire.get(at(page, "abc"))

    assert answer.body != b""


@spec("error-handling/the-type-of-an-error-page-is-told", SHOULD, TYPED)
async def test_the_type_of_an_error_page_is_told(page, wire):
    """
    The page that says "not found" has a type, and where it is HTML a charset: nobody need guess either.

    Sends:      a GET of `abc`.
    Observes:   Content-Type: there, once; with a charset if it is text/html.
    Look at:    a page that is sent past what sets the type of others; a guess of a browser, by which text becomes
                markup.
    """
    answer = await wire.get(at(page, "abc"))
    told = answer.fields.all("content-type")

    assert len(told) == 1
    if told[0].lower().startswith("text/html"):
        assert "charset=" in told[0].lower().replace(" ", "")


@spec("error-handling/an-error-page-repeats-no-fields", SHOULD, NICE)
async def test_an_error_page_repeats_no_fields(target, page, wire):
    """
    What a client says in its fields does not stand in the page that says "not found".

    Sends:      a GET of `abc` with a token each in User-Agent, Referer, Cookie, Authorization, X-Forwarded-For, Accept
                and a field of our own.
    Observes:   the body and the fields of the answer: none of the tokens.
    Look at:    a debugging page; a link "back" to the referrer; a cache that keeps it for others.
    """
    names = ("User-Agent", "Referer", "Cookie", "Authorization", "X-Forwarded-For", "Accept", "X-Web60")
    tokens = {name: target.token() for name in names}
    values = {**tokens, "Referer": f"http://web60.example/{tokens['Referer']}", "Cookie": f"a={tokens['Cookie']}"}
    answer = await wire.get(at(page, "abc"), fields=tuple(values.items()))

    for name, token in tokens.items():
        assert token.encode() not in answer.raw, f"the answer repeats {name}"


@spec("error-handling/an-error-page-gives-no-code-away", SHOULD, NICE)
async def test_an_error_page_gives_no_code_away(page, wire):
    """
    The page that says "not found" is not about what the server is made of.

    Sends:      GETs of ten segments that are no year.
    Observes:   bodies: no traceback, no exception's name, no line of a file.
    Look at:    an error that is shown as it was caught.
    """
    for segment in NO_YEARS:
        answer = await wire.get(at(page, segment))
        assert "Traceback" not in answer.text
        assert "ValueError" not in answer.text
        assert ".py" not in answer.text


@spec("error-handling/what-the-server-does-not-have-is-not-found", SHOULD, NON_EXISTENT)
async def test_what_the_server_does_not_have_is_not_found(target, wire):
    """
    Beside all pages that it has, the server says "not found" as well.

    Sends:      a GET of a path at the top of the site that nobody has, and of one below it.
    Observes:   404.
    Differs:    a server that has a page for everything.
    Look at:    a page for everything else that is answered 200.
    """
    token = target.token()
    for path in (f"/{token}", f"/{token}/x"):
        answer = await wire.get(path)
        assert answer.status == 404
