"""
CGI, the way out: headers of other forms, and what HTTP allows of them.
"""

from harness import MUST, SHOULD, rfc, spec
from specs.cgi_reports import saying

NOT_SENSITIVE = rfc(3875, "6.3", "The field-name is not case sensitive.")
STATUS = rfc(3875, "6.3.3", "The Status header field contains a 3-digit integer result code")
DOCUMENT = rfc(3875, "6.2.1", "status 200 'OK' is assumed if it is omitted")
SEPARATED = rfc(3875, "6.2", "separated by a blank line")
MAY_BE_NULL = rfc(3875, "6.2", "The body may be NULL")
END_OF_FILE = rfc(3875, "6.4", "until the script signals the end of the message-body by way of an end-of-file")
CONFLICTS = rfc(3875, "6.3.4", "SHOULD resolve any conflicts between header fields returned by the script")
COMPLIES = rfc(3875, "6.2.1", "to ensure that the response to the client complies with the response protocol version")
OLDER = rfc(9112, "6.1", "A server MUST NOT send a response containing Transfer-Encoding unless")
NO_CONTENT = rfc(9110, "15.3.5", "A 204 response is terminated by the end of the header section")
NO_TYPE = rfc(3875, "6.3.1", "the server SHOULD NOT attempt to determine the correct content type")

#: Seconds after which a script that neither sleeps nor waits is taken for hanging.
PATIENCE = 5.0

TEXT = b"Content-Type: text/plain\n"


@spec("cgi/names-of-fields-have-no-case", MUST, NOT_SENSITIVE, busy=True)
async def test_names_of_fields_have_no_case(page, wire):
    """
    A script may write the names of its fields in any letters: Status and Content-Type are what they are.

    Sends:      one GET of a script that prints STATUS and content-TYPE.
    Observes:   status, type and body.
    Look at:    a name that is compared as it was written.
    """
    answer = await wire.get(saying(page, b"STATUS: 402 Payment Required\ncontent-TYPE: text/x-web60\n\nbody\n"))

    assert answer.status == 402
    assert answer.fields.all("Content-Type") == ["text/x-web60"]
    assert answer.fields.all("Status") == []
    assert answer.body == b"body\n"


@spec("cgi/a-location-has-no-case-either", MUST, NOT_SENSITIVE, busy=True)
async def test_a_location_has_no_case_either(page, wire):
    """
    A script that prints `location` in small letters redirects like any other.

    Sends:      one GET of such a script.
    Observes:   status and Location.
    """
    answer = await wire.get(saying(page, b"location: http://www.example.org/elsewhere\n\n"))

    assert answer.status == 302
    assert answer.fields.all("Location") == ["http://www.example.org/elsewhere"]


@spec("cgi/a-status-needs-no-reason", SHOULD, STATUS, busy=True)
async def test_a_status_needs_no_reason(page, wire):
    """
    A Status of three digits, and nothing behind them, is one.

    Sends:      one GET of a script that prints such a Status.
    Observes:   status and body.
    Differs:    the RFC's grammar has a space and a reason behind it; scripts leave both out.
    """
    answer = await wire.get(saying(page, b"Status: 402\n" + TEXT + b"\nbody\n"))

    assert answer.status == 402
    assert answer.body == b"body\n"


@spec("cgi/no-status-is-success", MUST, DOCUMENT, busy=True)
async def test_no_status_is_success(page, wire):
    """
    A script that prints no Status has answered with 200, whatever it exits with.

    Sends:      one GET of a script that exits with 0, and of one that exits with 3.
    Observes:   status and body.
    Look at:    an exit status that is taken for a verdict: what has been said is said.
    """
    for exits in (0, 3):
        answer = await wire.get(saying(page, TEXT + b"\nbody\n", exit=exits))

        assert answer.status == 200
        assert answer.body == b"body\n"
        assert answer.complete, answer.problem


@spec("cgi/a-second-header-is-body", MUST, SEPARATED, busy=True)
async def test_a_second_header_is_body(page, wire):
    """
    The header ends at the first blank line; what looks like another one behind it is body.

    Sends:      one GET of a script that prints two header blocks.
    Observes:   status, fields and body.
    Look at:    a parser that goes on as long as lines look like fields.
    """
    second = b"Status: 404 Not Found\nX-Web60-Second: yes\n\nbody\n"
    answer = await wire.get(saying(page, TEXT + b"\n" + second))

    assert answer.status == 200
    assert "X-Web60-Second" not in answer.fields
    assert answer.body == second


@spec("cgi/a-header-in-pieces-is-one", MUST, SEPARATED, busy=True)
async def test_a_header_in_pieces_is_one(page, wire):
    """
    A header that a script prints little by little is understood as one that comes at once.

    Sends:      one GET each of scripts that print in three pieces, cut within a name, before and within the blank line.
    Observes:   status, a field and the body.
    Look at:    a parser that looks at what the first read gave.
    """
    for pieces in (
        (b"Sta", b"tus: 402 No\n" + TEXT + b"X-Web60: pieces\n", b"\nbody\n"),
        (b"Status: 402 No\n" + TEXT + b"X-Web60: pie", b"ces\n\nbo", b"dy\n"),
        (b"Status: 402 No\r\nX-Web60: pieces\r", b"\n\r", b"\nbody\n"),
    ):
        answer = await wire.get(saying(page, *pieces))

        assert answer.status == 402
        assert answer.fields.get("X-Web60") == "pieces"
        assert answer.body == b"body\n"


@spec("cgi/a-header-alone-is-an-answer", MUST, MAY_BE_NULL, busy=True)
async def test_a_header_alone_is_an_answer(page, wire):
    """
    A script that prints a header and no body has answered: the answer is whole, and empty.

    Sends:      one GET each of a script with a type alone, and with a status as well.
    Observes:   status, body, and that the answer is whole.
    """
    for header, status in ((TEXT, 200), (b"Status: 402 No\n" + TEXT, 402)):
        answer = await wire.get(saying(page, header + b"\n"), within=PATIENCE)

        assert answer.status == status
        assert answer.complete, answer.problem
        assert answer.body == b""


@spec("cgi/no-type-is-made-up", SHOULD, NO_TYPE, busy=True)
async def test_no_type_is_made_up(page, wire):
    """
    A script that prints a body and no type has none: the server does not guess.

    Sends:      one GET of such a script.
    Observes:   the Content-Type fields.
    Differs:    a server may take it for a broken script.
    """
    answer = await wire.get(saying(page, b"Status: 200 OK\n\n<b>body</b>\n"))

    if answer.status == 200:
        assert answer.fields.all("Content-Type") == []


@spec("cgi/an-announced-length-is-the-answers", MUST, COMPLIES, busy=True)
async def test_an_announced_length_is_the_answers(page, wire):
    """
    Where a script says how long its body is, that is the answer's length, said once.

    Sends:      one GET each of scripts that print Content-Length, in capitals and in small letters.
    Observes:   Content-Length, framing and body.
    Look at:    chunks beside a length.
    """
    for name in (b"Content-Length", b"content-length"):
        answer = await wire.get(saying(page, TEXT + name + b": 5\n\nbody\n"))

        assert answer.fields.all("Content-Length") == ["5"]
        assert answer.framing == "length"
        assert answer.body == b"body\n"


@spec("cgi/bytes-beyond-the-announced-length-stay-behind", SHOULD, CONFLICTS, busy=True)
async def test_bytes_beyond_the_announced_length_stay_behind(page, wire):
    """
    What a script prints beyond the length that it announced is not sent.

    Sends:      one GET each of scripts that announce 5 bytes and print more, at once and later.
    Observes:   all bytes that come until the server closes the connection, as it was asked to.
    Look at:    a client on a kept-alive connection takes them for the next answer.
    """
    header = TEXT + b"Content-Length: 5\n\n"
    for pieces in ((header + b"righttoo many\n",), (header + b"rig", b"httoo", b" many\n")):
        conversation = await wire.open()
        conversation.request("GET", saying(page, *pieces), fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)

        assert b"too" not in conversation.received
    await wire.ping()


@spec("cgi/missing-bytes-of-an-announced-length-show", SHOULD, CONFLICTS, busy=True)
async def test_missing_bytes_of_an_announced_length_show(page, wire):
    """
    When a script ends before it printed the length that it announced, the client is not kept waiting for the rest.

    Sends:      one GET of such a script, on a connection that may be kept.
    Observes:   that the answer is over within 5 s, and not whole.
    Differs:    a server that collects the output first may correct the length, or answer with an error.
    """
    conversation = await wire.open()
    conversation.request("GET", saying(page, TEXT + b"Content-Length: 1000\n\ntoo few\n"))
    answer = await conversation.answer_if_any(within=PATIENCE)

    good = answer is not None and answer.complete and answer.status == 200
    assert not good or answer.body == b"too few\n", f"a client takes {answer} for whole"
    await wire.ping()


@spec("cgi/a-transfer-coding-of-a-script-spoils-no-answer", SHOULD, CONFLICTS, busy=True)
async def test_a_transfer_coding_of_a_script_spoils_no_answer(page, wire):
    """
    A script that says it prints chunks, and does not, is refused, or its body arrives all the same.

    Sends:      one GET each of such scripts, one of which announces a length as well.
    Observes:   that an answer comes, and that no answer has two transfer codings, or a length beside one.
    Look at:    a response that two recipients would end at two places.
    """
    for more in (b"", b"Content-Length: 5\n"):
        conversation = await wire.open()
        path = saying(page, TEXT + more + b"Transfer-Encoding: chunked\n\nbody\n")
        conversation.request("GET", path, fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)

        head = conversation.received.partition(b"\r\n\r\n")[0].lower()
        if b" 200 " in head.partition(b"\r\n")[0]:
            ends = head.count(b"\r\ntransfer-encoding:") + head.count(b"\r\ncontent-length:")
            assert ends <= 1, f"the answer's end is told {ends} times: {head!r}"
            answer = await conversation.answer()
            assert answer.body == b"body\n"
    await wire.ping()


@spec("cgi/no-content-has-no-body", SHOULD, NO_CONTENT, busy=True)
async def test_no_content_has_no_body(page, wire):
    """
    A 204 is sent without the body that the script printed with it, and so is a 304.

    Sends:      one GET each of such scripts.
    Observes:   all bytes that come until the server closes the connection, as it was asked to.
    Differs:    a server that answers with another status may send what it likes.
    """
    for status in (b"204 No Content", b"304 Not Modified"):
        conversation = await wire.open()
        path = saying(page, b"Status: " + status + b"\nX-Web60: bare\n\nnothing to see\n")
        conversation.request("GET", path, fields=[("Connection", "close")])
        await conversation.gone(within=PATIENCE)

        if status[:4] in conversation.received.partition(b"\r\n")[0]:
            assert b"nothing to see" not in conversation.received


@spec("cgi/no-chunks-for-an-older-client", MUST, OLDER, busy=True)
async def test_no_chunks_for_an_older_client(page, wire):
    """
    A client that speaks HTTP/1.0 gets no chunks.

    Sends:      one GET of HTTP/1.0.
    Observes:   the fields, and all bytes until the end of the connection.
    """
    request = wire.bytes_of("GET", saying(page, TEXT + b"\nbo", b"dy\n"))
    conversation = await wire.open()
    conversation.send(request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1))
    answer = await conversation.answer(within=PATIENCE)

    assert "Transfer-Encoding" not in answer.fields
    assert answer.body == b"body\n"


@spec("cgi/what-follows-on-a-connection-is-its-own", MUST, END_OF_FILE, busy=True)
async def test_what_follows_on_a_connection_is_its_own(page, wire):
    """
    A script's answer has an end, and what is asked next on the connection is answered by itself.

    Sends:      two GETs of different scripts on one connection, unless the server closes it between them.
    Observes:   both bodies, and that both are whole.
    Look at:    an output that is still being read when the next request is.
    """
    conversation = await wire.open()
    conversation.request("GET", saying(page, TEXT + b"\nfirst\n", 100_000))
    first = await conversation.answer(within=PATIENCE)
    conversation.request("GET", saying(page, TEXT + b"\nsecond\n"))
    second = await conversation.answer_if_any(within=PATIENCE)

    assert first.complete, first.problem
    assert first.body == b"first\n" + b"." * 100_000
    if second is not None:
        assert second.body == b"second\n"


@spec(
    "cgi/a-script-that-fails-is-an-error", SHOULD, rfc(3875, "3.1", "the server retains its responsibility"), busy=True
)
async def test_a_script_that_fails_is_an_error(page, wire):
    """
    A script that cannot be run, or dies before it has said a thing, has failed, and the client is told: 5xx.

    Sends:      one GET each of a script whose interpreter does not exist, of one that exits with 3, of one that is
                killed, and of one that dies within its header.
    Observes:   the status, and that the server lives.
    """
    for path in (
        page.base + "no-interpreter.sh",
        saying(page, b"", exit=3),
        saying(page, b"", kill=9),
        saying(page, TEXT, kill=9),
    ):
        answer = await wire.get(path, within=PATIENCE)

        assert answer.status // 100 == 5, f"{path} is answered with {answer.status}"
    await wire.ping()
