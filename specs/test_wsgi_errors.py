"""
WSGI, what an application reports: to wsgi.errors, and by the exceptions that it leaves to the server.
"""

from harness import MUST, SHOULD, pep, spec
from specs.wsgi_reports import below

ERRORS = pep(3333, "environ Variables", "An output stream (file-like object) to which error output can be written")
ANY_TEXT = pep(3333, "environ Variables", "accept and log arbitrary unicode without raising an error")
ABORTS = pep(3333, "Error Handling", "trap and log any exception that aborts an application or the iteration")


@spec("wsgi/errors-take-what-is-written", MUST, ERRORS)
async def test_errors_take_what_is_written(page, wire):
    """
    An application may write to wsgi.errors in each of its ways, and nothing of that is in the answer.

    Sends:      one GET of a page that writes lines there, then answers.
    Observes:   that it came so far, and the answer's bytes.
    Look at:    whether the stream is the connection, or wants bytes.
    """
    answer = await wire.get(below(page, "/errors?text=web60-complaint"))

    assert answer.status == 200
    assert answer.body == b"told\n"
    assert b"web60-complaint" not in answer.raw, "what was written to wsgi.errors is in the answer"


@spec("wsgi/errors-take-any-text", SHOULD, ANY_TEXT)
async def test_errors_take_any_text(page, wire):
    """
    Text that no log can show is no reason for an exception in the application that reports it.

    Sends:      one GET each of a page that writes to wsgi.errors what is beyond latin-1, or looks like a format.
    Observes:   that it came to its answer.
    Look at:    the coding of the log; a message that is taken for a format of its own arguments.
    """
    for text in ("%E2%82%AC%F0%9F%98%80", "%25s%20%7B0%7D%20%7Bx%7D%20%25(a)d", "%00%1B%5B31m"):
        answer = await wire.get(below(page, f"/errors?text={text}"))

        assert answer.status == 200
        assert answer.body == b"told\n"


@spec("wsgi/errors-end-in-the-log", SHOULD, ERRORS, witnesses=("log",))
async def test_errors_end_in_the_log(target, page, wire, log):
    """
    What an application writes to wsgi.errors can be read in the server's log.

    Sends:      one GET of a page that writes to it by write() and by writelines().
    Observes:   the lines of the log.
    Tolerance:  the profile's `slack`.
    Differs:    a server may have a file of its own for it; its profile has no log then.
    """
    token = target.token()
    mark = log.mark()
    await wire.get(below(page, "/errors?text={id}"), id=token)

    await log.wait("write " + token, since=mark, within=target.timing.slack)
    await log.wait("writelines " + token, since=mark, within=target.timing.slack)


@spec("wsgi/exceptions-are-logged", SHOULD, ABORTS, witnesses=("log",), alone="page")
async def test_exceptions_are_logged(target, page, wire, log):
    """
    An exception that ends an application can be read in the server's log, at least by its name.

    Sends:      a GET of a page that raises before it gave a byte, and of one that raises after its first block.
    Observes:   the lines of the log that came since each of them was sent.
    Tolerance:  the profile's `slack`.
    Differs:    how much of it: Twisted's JSON log has the name and the place, not the message.
    """
    for path in ("/raise/call", "/raise/later"):
        await log.settle()
        mark = log.mark()
        conversation = await wire.open()
        conversation.request("GET", below(page, path))

        await log.wait("Deliberate", since=mark, within=target.timing.slack)
