"""
CGI, the way out: what a script prints becomes an HTTP answer.
"""

from harness import MAY, MUST, SHOULD, rfc, spec

STATUS = rfc(3875, "6.3.3", "The Status header field contains a 3-digit integer result code")
REDIRECT = rfc(3875, "6.2.3", "the server MUST generate a 302 'Found' HTTP response message")
REDIRECT_WITH_STATUS = rfc(3875, "6.2.4", "another valid status code that means client redirection")
LOCAL_REDIRECT = rfc(3875, "6.2.2", "it should reprocess the request using the path specified")
NEWLINE = rfc(3875, "6.3.4", "may not be the same as that used by HTTP (US-ASCII CR followed by LF)")
WHITESPACE = rfc(3875, "6.3", 'Whitespace is permitted between the ":" and the field-value')
COOKIES = rfc(6265, "3", "SHOULD NOT fold multiple Set-Cookie header fields into a single header field")
NON_EMPTY = rfc(3875, "6.1", "A script MUST always provide a non-empty response")
RETAINS = rfc(3875, "3.1", "the server retains its responsibility to the client")
STANDARD_OUTPUT = rfc(3875, "6.1", "this will be via the 'standard output' file descriptor")
NO_BODY = rfc(3875, "4.3.3", "the server MUST discard the message-body when reading the response")

#: Where the scripts that redirect point to.
ELSEWHERE = "http://www.example.org/elsewhere"


@spec("cgi/status-sets-the-code", MUST, STATUS, busy=True)
async def test_status_sets_the_code(page, wire):
    """
    The Status that a script prints is the status of the answer.

    Sends:      one GET of status.sh, which says 402.
    Observes:   status and body.
    Differs:    the reason phrase.
    """
    answer = await wire.get(page.base + "status.sh")

    assert answer.status == 402
    assert answer.body == b"please pay\n"


@spec("cgi/location-alone-redirects", MUST, REDIRECT, busy=True)
async def test_location_alone_redirects(page, wire):
    """
    A script that prints nothing but an absolute Location redirects the client: 302.

    Sends:      one GET of location.sh.
    Observes:   status and Location.
    Differs:    the body, which servers add as they like.
    """
    answer = await wire.get(page.base + "location.sh")

    assert answer.status == 302
    assert answer.fields.get("location") == ELSEWHERE


@spec("cgi/status-decides-also-beside-location", MUST, REDIRECT_WITH_STATUS, busy=True)
async def test_status_decides_also_beside_location(page, wire):
    """
    With a Location and a Status the Status counts, in whichever order they are printed.

    Sends:      a GET of location-then-status.sh, and of status-then-location.sh; both say 303.
    Observes:   status, Location and body of each.
    Look at:    a Location that sets 302 when it comes, whatever has been said before it.
    """
    for name in ("location-then-status.sh", "status-then-location.sh"):
        answer = await wire.get(page.base + name)

        assert answer.status == 303, f"{name} is answered with {answer.status}, not 303"
        assert answer.fields.get("location") == ELSEWHERE
        assert answer.body == b"see there\n"


@spec("cgi/a-local-location-is-followed-or-redirects", MAY, LOCAL_REDIRECT, busy=True)
async def test_a_local_location_is_followed_or_redirects(page, wire, facts):
    """
    A Location that is only a path: the server answers what is there, or sends the client there.

    Sends:      one GET of local-location.sh, which points to status.sh.
    Observes:   the status: 402 is that of status.sh, 302 is the redirect.
    """
    answer = await wire.get(page.base + "local-location.sh")

    facts["status"] = answer.status
    assert answer.status in (302, 402)


@spec("cgi/header-lines-may-end-with-lf", MUST, NEWLINE, busy=True)
async def test_header_lines_may_end_with_lf(page, wire):
    """
    A header whose lines end with LF is understood; a later blank line with CRLF is part of the body.

    Sends:      one GET of lf.sh.
    Observes:   a field of its header, and its body.
    """
    answer = await wire.get(page.base + "lf.sh")

    assert answer.status == 200
    assert answer.fields.get("x-web60") == "lf"
    assert answer.body == b"above\r\n\r\nbelow\n"


@spec("cgi/header-lines-may-end-with-crlf", MUST, NEWLINE, busy=True)
async def test_header_lines_may_end_with_crlf(page, wire):
    """
    A header whose lines end with CRLF is understood; a later blank line with LF is part of the body.

    Sends:      one GET of crlf.sh.
    Observes:   a field of its header, and its body.
    """
    answer = await wire.get(page.base + "crlf.sh")

    assert answer.status == 200
    assert answer.fields.get("x-web60") == "crlf"
    assert answer.body == b"above\n\nbelow\n"


@spec("cgi/no-space-is-needed-behind-a-colon", MUST, WHITESPACE, busy=True)
async def test_no_space_is_needed_behind_a_colon(page, wire):
    """
    Whitespace behind the colon of a header line is permitted, not demanded.

    Sends:      one GET of no-space.sh, whose header has none.
    Observes:   that its Status, its type and its own field are all understood.
    """
    answer = await wire.get(page.base + "no-space.sh")

    assert answer.status == 402
    assert answer.fields.get("x-web60") == "tight"
    assert (answer.fields.get("content-type") or "").startswith("text/plain")
    assert answer.body == b"tight\n"


@spec("cgi/two-cookies-stay-two", MUST, COOKIES, busy=True)
async def test_two_cookies_stay_two(page, wire):
    """
    Two Set-Cookie lines of a script are two fields of the answer; joined by a comma they break.

    Sends:      one GET of cookies.sh.
    Observes:   the Set-Cookie fields.
    Differs:    a server may set cookies of its own besides.
    """
    answer = await wire.get(page.base + "cookies.sh")

    assert answer.status == 200
    ours = [value for value in answer.fields.all("set-cookie") if value.startswith(("first=", "second="))]
    assert ours == ["first=1; Path=/", "second=2; Path=/"]


@spec("cgi/output-without-a-header-is-an-error", SHOULD, RETAINS, busy=True)
async def test_output_without_a_header_is_an_error(page, wire):
    """
    A script that prints words where its header belongs has failed, and the client is told: 5xx.

    Sends:      one GET of headerless.sh.
    Observes:   the status, and that the server lives.
    Differs:    some servers send the words on as a body of 200.
    """
    answer = await wire.get(page.base + "headerless.sh")

    await wire.ping()
    assert answer.status // 100 == 5


@spec("cgi/no-output-is-an-error", SHOULD, NON_EMPTY, busy=True)
async def test_no_output_is_an_error(page, wire):
    """
    A script that prints nothing at all has failed, and the client is told: 5xx.

    Sends:      one GET of nothing.sh.
    Observes:   the status, and that the server lives.
    """
    answer = await wire.get(page.base + "nothing.sh")

    await wire.ping()
    assert answer.status // 100 == 5


@spec("cgi/standard-error-does-not-block", MUST, STANDARD_OUTPUT, busy=True)
async def test_standard_error_does_not_block(page, wire):
    """
    A script may print more to its standard error than a pipe holds, before and between its output.

    Sends:      one GET of stderr.py, which prints 300 KB there.
    Observes:   that its last word arrives.
    Look at:    a server that reads standard error only when standard output is done, or never.
    """
    answer = await wire.get(page.base + "stderr.py")

    assert answer.status == 200
    assert b"last word\n" in answer.body, f"the answer ends with {answer.body[-40:]!r}"


@spec("cgi/standard-error-stays-out-of-the-answer", MUST, STANDARD_OUTPUT, busy=True)
async def test_standard_error_stays_out_of_the_answer(page, wire):
    """
    What a script prints to its standard error is for the server's log, not for the client.

    Sends:      one GET of stderr.py.
    Observes:   that the answer is the script's output alone.
    """
    answer = await wire.get(page.base + "stderr.py")

    assert b"web60-stderr" not in answer.raw, "the answer has what the script printed to its standard error"
    assert answer.body == b"first word\nlast word\n"


@spec("cgi/head-has-no-body", MUST, NO_BODY, busy=True)
async def test_head_has_no_body(page, wire):
    """
    The answer to HEAD has no body, though the script prints one.

    Sends:      a HEAD of status.sh, and on the same connection a GET of it.
    Observes:   that nothing stands between the answers; if the server closes, that nothing follows the first.
    Differs:    whether the connection is kept; whether HEAD has a Content-Length.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.base + "status.sh")
    head = await conversation.answer()
    conversation.request("GET", page.base + "status.sh")
    after = await conversation.answer_if_any()

    assert head.status == 402
    assert head.body == b""
    if after is None:
        assert conversation.received == head.raw
    else:
        assert after.status == 402
        assert after.body == b"please pay\n"
