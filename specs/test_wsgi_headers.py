"""
WSGI, the fields that an application gives: what HTTP allows arrives, what it forbids harms nobody.
"""

from harness import MUST, SHOULD, pep, rfc, spec
from specs.wsgi_reports import PATIENCE, answered, below, saying, succeeded

START_RESPONSE = "The start_response() Callable"

WHOLE = pep(
    3333, "Other HTTP Features", 'should "play dumb" and allow the application complete control over its output'
)
CASE = pep(3333, START_RESPONSE, "HTTP header names are case-insensitive, so be sure to take that into consideration")
LATIN = pep(3333, "Unicode Issues", "they must either be ISO-8859-1 characters, or use RFC 2047 MIME encoding")
BEYOND = pep(3333, "Unicode Issues", "It is a fatal error for an application to supply strings containing any other")
HOP_BY_HOP = pep(3333, START_RESPONSE, "should consider it a fatal error for an application to attempt sending them")
CODINGS = pep(
    3333, "Handling the Content-Length Header", "must not apply any kind of Transfer-Encoding to their output"
)
CONTROLS = pep(3333, START_RESPONSE, "must not include any control characters")
STATUS_CONTROLS = pep(3333, START_RESPONSE, "must not contain control characters")
STATUS = pep(3333, "Specification Details", 'The status parameter is a status string of the form "999 Message here"')
ADDED = pep(3333, START_RESPONSE, "the server or gateway must add it")
CACHING = rfc(9110, "6.6.1", "An origin server with a clock")


@spec("wsgi/names-of-one-field-in-any-case-are-its-names", MUST, CASE)
async def test_names_of_one_field_in_any_case_are_its_names(page, wire):
    """
    A field that the application gives twice, once in small letters, is sent twice, in the order of giving.

    Sends:      one GET.
    Observes:   the field's values.
    Look at:    a dictionary by the name as it was written.
    """
    fields = ("X-Web60-Case: first", "x-web60-case: second", "X-WEB60-CASE: third")
    answer = await wire.get(saying(page, *fields, blocks=[b"body\n"]))

    assert answer.status == 200
    assert answer.fields.get("X-Web60-Case") == "first, second, third"


@spec("wsgi/content-length-counts-in-any-case", MUST, CASE)
async def test_content_length_counts_in_any_case(page, wire):
    """
    A length that the application announces in other letters is the length: there is no second one, and no chunks.

    Sends:      one GET each of a page that says content-length, and CONTENT-LENGTH.
    Observes:   the Content-Length fields, the framing and the body.
    Look at:    a name that is compared as it was written.
    """
    for name in ("content-length", "CONTENT-LENGTH"):
        answer = await wire.get(saying(page, f"{name}: 5", blocks=[b"bo", b"dy\n"]))

        assert answer.fields.all("Content-Length") == ["5"]
        assert answer.framing == "length"
        assert answer.body == b"body\n"


@spec("wsgi/content-type-counts-in-any-case", MUST, CASE)
async def test_content_type_counts_in_any_case(page, wire):
    """
    A type that the application gives in small letters is the only one.

    Sends:      one GET.
    Observes:   the Content-Type fields.
    Look at:    a default type that is added where none is found by its usual spelling.
    """
    answer = await wire.get(saying(page, "content-type: text/x-web60", kind="", blocks=[b"body\n"]))

    assert answer.fields.all("Content-Type") == ["text/x-web60"]


@spec("wsgi/no-type-is-made-up", SHOULD, WHOLE)
async def test_no_type_is_made_up(page, wire):
    """
    An answer to which the application gave no type has none.

    Sends:      one GET of a page with a body and no Content-Type.
    Observes:   the Content-Type fields.
    Differs:    a server may be told a default.
    Look at:    the server's own default type, which turns text into HTML.
    """
    answer = await wire.get(saying(page, kind="", blocks=[b"<b>body</b>\n"]))

    assert answer.status == 200
    assert answer.fields.all("Content-Type") == []


@spec("wsgi/latin-one-in-a-field-arrives-as-bytes", MUST, LATIN)
async def test_latin_one_in_a_field_arrives_as_bytes(page, wire):
    """
    Each character of a value, up to U+00FF, is the byte of that number.

    Sends:      one GET of a page with such a value.
    Observes:   the field.
    Look at:    values that are encoded as UTF-8.
    """
    answer = await wire.get(saying(page, "X-Web60-Latin: caf\xe9 \xa0\xff", blocks=[b"body\n"]))

    assert answer.fields.get("X-Web60-Latin") == "caf\xe9 \xa0\xff"


@spec("wsgi/an-empty-value-arrives", SHOULD, WHOLE)
async def test_an_empty_value_arrives(page, wire):
    """
    A field whose value is empty is a field all the same.

    Sends:      one GET of a page with such a field between two others.
    Observes:   the three fields.
    Look at:    a value that is asked whether it is true.
    """
    fields = ("X-Web60-Before: 1", "X-Web60-Empty: ", "X-Web60-After: 2")
    answer = await wire.get(saying(page, *fields, blocks=[b"body\n"]))

    assert answer.fields.get("X-Web60-Before") == "1"
    assert answer.fields.all("X-Web60-Empty") == [""]
    assert answer.fields.get("X-Web60-After") == "2"


@spec("wsgi/a-date-is-added", SHOULD, ADDED)
async def test_a_date_is_added(page, wire):
    """
    An answer for which the application gave no Date has one, the server's, and only one.

    Sends:      one GET.
    Observes:   the Date fields.
    Differs:    a server without a clock has none (RFC 9110 section 6.6.1).
    """
    answer = await wire.get(saying(page, blocks=[b"body\n"]))

    assert len(answer.fields.all("Date")) == 1


@spec("wsgi/one-date-is-enough", SHOULD, CACHING)
async def test_one_date_is_enough(page, wire):
    """
    Where the application gives Date and Server, there is still only one of each.

    Sends:      one GET.
    Observes:   the Date and Server fields.
    Differs:    whose they are; that is recorded.
    """
    fields = ("Date: Thu, 01 Jan 1998 00:00:00 GMT", "Server: web60/1")
    answer = await wire.get(saying(page, *fields, blocks=[b"body\n"]))

    assert answer.status == 200
    assert len(answer.fields.all("Date")) == 1
    assert len(answer.fields.all("Server")) == 1


@spec("wsgi/text-beyond-latin-one-is-refused", SHOULD, BEYOND)
async def test_text_beyond_latin_one_is_refused(page, wire):
    """
    An application that gives a field or a reason that no byte can stand for is not answered with success.

    Sends:      one GET each of such pages.
    Observes:   status, and whether the answer is whole.
    """
    for path in (saying(page, "X-Web60-Euro: \u20ac", blocks=[b"body\n"]), saying(page, status="200 \u20ac")):
        answer = await answered(wire, path)

        assert not succeeded(answer), f"a client takes {answer} for good"
    await wire.ping()


@spec("wsgi/hop-by-hop-fields-stay-behind", SHOULD, HOP_BY_HOP)
async def test_hop_by_hop_fields_stay_behind(page, wire):
    """
    What the connection is like is the server's to say: such fields of an application are refused, or left out.

    Sends:      one GET each of pages with Keep-Alive, Upgrade, TE, and a Connection of an application's own.
    Observes:   the status, or the fields of the answer.
    Differs:    PEP 3333 wants an error; leaving the field out does no harm either.
    Look at:    whether an application can keep open, or turn into something else, what is the server's.
    """
    for name, value in (
        ("Keep-Alive", "timeout=997"),
        ("Upgrade", "web60/1"),
        ("TE", "web60"),
        ("Connection", "x-web60-hop"),
        ("connection", "x-web60-hop"),
    ):
        answer = await answered(wire, saying(page, f"{name}: {value}", blocks=[b"body\n"]))

        if succeeded(answer):
            assert value not in answer.fields.all(name), f"{name} of an application was sent on"
    await wire.ping()


@spec("wsgi/a-transfer-coding-of-an-application-spoils-no-answer", SHOULD, CODINGS)
async def test_a_transfer_coding_of_an_application_spoils_no_answer(page, wire):
    """
    An application that says it sends chunks, and does not, is refused, or its body arrives all the same.

    Sends:      one GET of such a page, and one of a page that announces a length as well.
    Observes:   that no answer has two transfer codings, or a length beside one; status and body.
    Look at:    a response that two recipients would end at two places.
    """
    for announced in ({}, {"length": 5}):
        answer = await answered(wire, saying(page, "Transfer-Encoding: chunked", blocks=[b"bo", b"dy\n"], **announced))

        if succeeded(answer):
            codings, lengths = answer.fields.all("Transfer-Encoding"), answer.fields.all("Content-Length")
            assert len(codings + lengths) <= 1, f"the answer's end is told by {codings} and {lengths}"
            assert answer.body == b"body\n"
    await wire.ping()


@spec("wsgi/no-line-end-makes-a-new-field", SHOULD, CONTROLS)
async def test_no_line_end_makes_a_new_field(page, wire):
    """
    Neither a bare LF nor a bare CR in a value, nor a line end in a name, lets an application's text become a field.

    Sends:      one GET each of pages with such a field.
    Observes:   all bytes that come: no line begins with the hidden field's name.
    Differs:    servers answer with an error, or make the line end harmless.
    """
    for field in (
        "X-Web60-Outer: a\nX-Web60-Inner: b",
        "X-Web60-Outer: a\rX-Web60-Inner: b",
        "X-Web60-Outer: a\n\nX-Web60-Inner: b",
        "X-Web60-Outer\r\nX-Web60-Inner: b",
        "X-Web60-Outer\nX-Web60-Inner: b",
    ):
        conversation = await wire.open()
        conversation.request("GET", saying(page, field, blocks=[b"body\n"]), fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)

        lines = conversation.received.replace(b"\r", b"\n").split(b"\n")
        inner = [line for line in lines if line.startswith(b"X-Web60-Inner")]
        assert inner == [], f"{field!r} put {inner} on a line of its own"
    await wire.ping()


@spec("wsgi/no-line-end-in-a-status-makes-a-field", SHOULD, STATUS_CONTROLS)
async def test_no_line_end_in_a_status_makes_a_field(page, wire):
    """
    A line end in the reason phrase does not let the rest of it become a field.

    Sends:      one GET each of pages whose status has a CR LF, a LF and a CR in it.
    Observes:   all bytes that come: no line begins with the hidden field's name.
    Differs:    servers answer with an error, or make the line end harmless.
    """
    for end in ("\r\n", "\n", "\r"):
        conversation = await wire.open()
        path = saying(page, status=f"200 OK{end}X-Web60-Inner: b", blocks=[b"body\n"])
        conversation.request("GET", path, fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)

        lines = conversation.received.replace(b"\r", b"\n").split(b"\n")
        inner = [line for line in lines if line.startswith(b"X-Web60-Inner")]
        assert inner == [], f"{end!r} in a status put {inner} on a line of its own"
    await wire.ping()


@spec("wsgi/a-status-that-is-none-is-refused", SHOULD, STATUS)
async def test_a_status_that_is_none_is_refused(page, wire):
    """
    An application whose status has no number of three digits is not answered with success.

    Sends:      one GET each of pages whose status is words, empty, or a number of two or four digits.
    Observes:   that an answer comes, or the end of the connection; its status, and whether it is whole.
    Look at:    int() of the first word, which takes what is no status.
    """
    for status in ("fine", "", "OK 200", "20 OK", "2000 OK"):
        answer = await answered(wire, saying(page, status=status, blocks=[b"body\n"]))

        assert not succeeded(answer), f"a client takes {answer} for good, though its status is {status!r}"
    await wire.ping()


@spec("wsgi/an-exceptions-words-stay-inside", SHOULD, rfc(9110, "15.6.1", "encountered an unexpected condition"))
async def test_an_exceptions_words_stay_inside(page, wire):
    """
    Whoever asks for a page that raises learns that it failed, and nothing of the program behind it.

    Sends:      one GET each of pages that raise in the call, and in the first step.
    Observes:   that the answer has no traceback, neither the exception's name nor its message.
    Differs:    a server may be told to show them, for those who write the application.
    """
    for path in ("/raise/call", "/raise/iterating"):
        conversation = await wire.open()
        conversation.request("GET", below(page, path), fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)

        for word in (b"Traceback", b"Deliberate", b"before start_response", b"while iterating", b"application.py"):
            assert word not in conversation.received, f"the answer to {path} shows {word!r}"
