"""
WSGI, where the application goes wrong: nobody takes a failure for an answer, and the server lives.
"""

from itertools import cycle, islice

from harness import MUST, SHOULD, gather, pep, rfc, spec
from specs.wsgi_reports import PATIENCE, answered, below, succeeded

START_RESPONSE = "The start_response() Callable"
LENGTH = "Handling the Content-Length Header"

ABORTS = pep(3333, "Error Handling", "trap and log any exception that aborts an application or the iteration")
REPLACED = pep(3333, START_RESPONSE, "replace the currently-stored HTTP response headers with the newly-supplied ones")
TOO_LATE = pep(3333, START_RESPONSE, "the HTTP headers have already been sent, start_response must raise an error")
NO_START = pep(3333, "Specification Details", "before the iterable yields its first body bytestring")
TWO_STARTS = pep(3333, START_RESPONSE, "it is a fatal error to call start_response without the exc_info argument")
BYTES = pep(3333, "Unicode Issues", "the value must be of type bytes under Python 3")
CONTROLS = pep(3333, START_RESPONSE, "must not include any control characters")
TOO_MANY = pep(3333, LENGTH, "should not transmit more bytes to the client than the header allows")
TOO_FEW = pep(3333, LENGTH, "close the connection and log or otherwise report the error")
NO_CONTENT = rfc(9110, "15.3.5", "A 204 response is terminated by the end of the header section")

MISTAKES = (
    "/raise/call",
    "/raise/started",
    "/raise/iterating",
    "/raise/later",
    "/misbehave/no-start",
    "/misbehave/two-starts",
    "/misbehave/no-iterable",
    "/misbehave/text",
    "/misbehave/line-end",
    "/misbehave/too-many-bytes",
    "/misbehave/too-few-bytes",
    "/misbehave/no-content",
)


async def received(page, wire, path):
    """All bytes that come for a GET until the server closes the connection, as it was asked to."""
    conversation = await wire.open()
    conversation.request("GET", below(page, path), fields=[("Connection", "close")])
    await conversation.gone(within=PATIENCE)
    return conversation.received


@spec("wsgi/exception-before-the-first-byte-is-never-a-success", MUST, ABORTS)
async def test_exception_before_the_first_byte_is_never_a_success(page, wire):
    """
    An application that raises before it gave a byte is never answered with a whole 2xx, whatever status it had set.

    Sends:      one GET each of pages that raise when called, after start_response, and in the first step.
    Observes:   status, and whether the answer is whole.
    Differs:    an error page, or a connection closed with less than an answer.
    """
    paths = ("/raise/call", "/raise/started", "/raise/iterating")
    answers = await gather(*(answered(wire, below(page, path)) for path in paths))

    for path, answer in zip(paths, answers, strict=True):
        assert not succeeded(answer), f"{path} was answered by {answer}, as if nothing had happened"
    await wire.ping()


@spec("wsgi/exception-before-the-first-byte-is-a-server-error", SHOULD, ABORTS)
async def test_exception_before_the_first_byte_is_a_server_error(page, wire):
    """
    An application that raises before it gave a byte is answered with 500.

    Sends:      one GET each of pages that raise when called, after start_response, and in the first step.
    Observes:   the status.
    """
    paths = ("/raise/call", "/raise/started", "/raise/iterating")
    answers = await gather(*(answered(wire, below(page, path)) for path in paths))

    assert [answer and answer.status for answer in answers] == [500, 500, 500]


@spec("wsgi/exception-after-the-first-bytes-shows-in-an-announced-length", MUST, ABORTS)
async def test_exception_after_the_first_bytes_shows_in_an_announced_length(page, wire):
    """
    When an application raises amid an answer whose length it announced, the client learns that it is not whole.

    Sends:      one GET of a page that announces more than it gives before it raises.
    Observes:   that the server ends the connection, which it might keep, and that the answer is not whole.
    Differs:    a server that has not sent anything yet may still answer with an error.
    Look at:    padding, or an error message in the body that makes up the length.
    """
    answer = await answered(wire, below(page, "/raise/later"))

    assert not succeeded(answer), f"a client takes {answer} for whole"
    await wire.ping()


@spec("wsgi/exc-info-replaces-the-unsent-status", MUST, REPLACED)
async def test_exc_info_replaces_the_unsent_status(page, wire):
    """
    Before the first byte, start_response with exc_info replaces the status and brings its own fields.

    Sends:      one GET of a page that starts with one status and a field, then with another of each and exc_info.
    Observes:   status, the second field, and the body.
    """
    answer = await wire.get(below(page, "/exc-info/unsent"))

    assert answer.status == 503
    assert answer.fields.get("X-Web60-Second") == "yes"
    assert answer.body == b"second\n"


@spec("wsgi/exc-info-replaces-all-unsent-fields", SHOULD, REPLACED)
async def test_exc_info_replaces_all_unsent_fields(page, wire):
    """
    Before the first byte, start_response with exc_info leaves nothing of the fields that were given before.

    Sends:      one GET of a page that starts with one status and a field, then with another of each and exc_info.
    Observes:   the first field, and that Content-Type, given both times, comes once.
    Differs:    some servers add the new fields to the old.
    """
    answer = await wire.get(below(page, "/exc-info/unsent"))

    assert answer.fields.get("X-Web60-First") is None
    assert len(answer.fields.all("Content-Type")) == 1


@spec("wsgi/exc-info-cannot-replace-headers-that-left", MUST, TOO_LATE)
async def test_exc_info_cannot_replace_headers_that_left(page, wire):
    """
    Once the header has left, start_response with exc_info raises: what it was to replace and what was to replace it
    never make up one answer.

    Sends:      one GET of a page that gives a block, calls start_response with exc_info, and would then go on.
    Observes:   the body, and whether it is whole: both blocks make up the announced length.
    """
    answer = await answered(wire, below(page, "/exc-info/sent"))
    body = answer.body if answer else b""

    assert not (b"first" in body and b"second" in body), f"{answer} has both the first and the second body"
    assert not succeeded(answer), f"a client takes {answer} for whole"
    await wire.ping()


@spec("wsgi/server-survives-a-misbehaving-application", MUST, ABORTS, lasts=lambda target: target.timing.slack)
async def test_server_survives_a_misbehaving_application(target, page, wire, clock):
    """
    Whatever an application does wrong, the server goes on, and so does the application.

    Sends:      GETs of pages that each break a rule, more of them than there are threads; then two that do not.
    Observes:   that the last two are answered; the others may be, and are left after the profile's `slack`.
    Look at:    threads that die of an exception, and locks that it leaves taken.
    """
    for path in islice(cycle(MISTAKES), max(len(MISTAKES), page.threads + 1)):
        conversation = await wire.open()
        conversation.request("GET", below(page, path))
        patience = clock.now() + target.timing.slack
        while not (conversation.received or conversation.is_gone or clock.now() > patience):
            await clock.sleep(0.01, "a byte, or the end of the connection")
        conversation.close()

    assert (await wire.get(below(page, "/ping"))).body == b"pong\n"
    await wire.ping()


@spec("wsgi/answer-without-start-response-is-refused", SHOULD, NO_START)
async def test_answer_without_start_response_is_refused(page, wire):
    """
    An application that gives a block without ever having called start_response is not answered with success.

    Sends:      one GET of such a page.
    Observes:   status, and whether the answer is whole.
    """
    answer = await answered(wire, below(page, "/misbehave/no-start"))

    assert not succeeded(answer), f"a client takes {answer} for good"


@spec("wsgi/second-start-response-is-refused", SHOULD, TWO_STARTS)
async def test_second_start_response_is_refused(page, wire):
    """
    An application that calls start_response twice without exc_info is not answered with success.

    Sends:      one GET of such a page.
    Observes:   status, and whether the answer is whole.
    """
    answer = await answered(wire, below(page, "/misbehave/two-starts"))

    assert not succeeded(answer), f"a client takes {answer} for good"


@spec("wsgi/text-for-bytes-is-refused", SHOULD, BYTES)
async def test_text_for_bytes_is_refused(page, wire):
    """
    An application that gives text where bytes belong is not answered with success.

    Sends:      one GET of such a page.
    Observes:   status, and whether the answer is whole.
    """
    answer = await answered(wire, below(page, "/misbehave/text"))

    assert not succeeded(answer), f"a client takes {answer} for good"


@spec("wsgi/line-end-in-a-field-makes-no-new-field", SHOULD, CONTROLS)
async def test_line_end_in_a_field_makes_no_new_field(page, wire):
    """
    A line end within a field's value does not let the rest of the value become a field of the answer.

    Sends:      one GET of a page whose field has a line end and another field's name in its value.
    Observes:   the fields of the answer.
    Differs:    servers answer with an error, or make the line end harmless.
    """
    answer = await answered(wire, below(page, "/misbehave/line-end"))

    assert answer is None or "X-Web60-Inner" not in answer.fields, "the application's text became a field"


@spec("wsgi/bytes-beyond-the-announced-length-stay-behind", SHOULD, TOO_MANY)
async def test_bytes_beyond_the_announced_length_stay_behind(page, wire):
    """
    What an application gives beyond the length that it announced is not sent.

    Sends:      one GET of such a page.
    Observes:   all bytes that come until the server closes the connection.
    Look at:    a client on a kept-alive connection takes them for the next answer.
    """
    everything = await received(page, wire, "/misbehave/too-many-bytes")

    assert b"too many" not in everything


@spec("wsgi/missing-bytes-of-an-announced-length-show", SHOULD, TOO_FEW)
async def test_missing_bytes_of_an_announced_length_show(page, wire):
    """
    When an application ends before it gave the length that it announced, the client is not kept waiting for the rest.

    Sends:      one GET of such a page.
    Observes:   that the server ends the connection, which it might keep, and that the answer is not whole.
    """
    answer = await answered(wire, below(page, "/misbehave/too-few-bytes"))

    assert not succeeded(answer), f"a client takes {answer} for whole"


@spec("wsgi/no-content-has-no-body", SHOULD, NO_CONTENT)
async def test_no_content_has_no_body(page, wire):
    """
    A 204 is sent without the body that the application gave with it.

    Sends:      one GET of such a page.
    Observes:   all bytes that come until the server closes the connection.
    """
    everything = await received(page, wire, "/misbehave/no-content")

    assert b"nothing to see" not in everything
