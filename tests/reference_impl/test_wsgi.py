"""
WSGI: the greeting, an application loaded from a file, and what the middleware makes of mistakes.
"""

import pytest

from reference_impl import wsgi
from reference_impl.repairs.wsgi import ApplicationError, repaired


class Blocks:
    """Blocks that count how often they are closed, and raise an exception among them."""

    def __init__(self, *blocks):
        self._blocks = blocks
        self.closed = 0

    def __iter__(self):
        for block in self._blocks:
            if isinstance(block, Exception):
                raise block
            yield block

    def close(self):
        """Counts."""
        self.closed += 1


def serve(application, method="GET"):
    """
    Calls the repaired application as a container that stops at the first error: what was sent, and the error.
    """
    sent = []

    def start_response(status, headers, exc_info=None):
        sent.append(status)
        return sent.append

    try:
        blocks = repaired(application)({"REQUEST_METHOD": method}, start_response)
        sent.extend(blocks)
        blocks.close()
    except Exception as error:  # noqa: BLE001 -- as a container would
        return sent, type(error)
    return sent, None


def answering(blocks, status="200 OK", headers=()):
    """An application that says just this."""

    def application(environ, start_response):
        start_response(status, list(headers))
        return blocks

    return application


def test_the_tutorials_application_greets(connect):
    """`Hello, world!`, with the type that it gave."""
    asked = connect().request("/hello/anything")
    assert asked.status == 200
    assert asked.body == b"Hello, world!"
    assert "text/plain" in asked.head


def test_an_application_is_loaded_by_its_path(tmp_path):
    """The file needs no package, and its object must be named `application`."""
    path = tmp_path / "application.py"
    path.write_text("def application(environ, start_response):\n    return [b'loaded']\n")
    assert wsgi.load(str(path))({}, lambda *_: None) == [b"loaded"]


@pytest.mark.parametrize("end", [(), (RuntimeError("while iterating"),)], ids=["normal", "error"])
def test_close_is_called_once_however_it_ends(end):
    """After the last block, and after an exception."""
    blocks = Blocks(b"one", *end)
    serve(answering(blocks))
    assert blocks.closed == 1


def test_right_applications_pass_unchanged():
    """Empty blocks, a length that is kept, and write() before the blocks."""

    def application(environ, start_response):
        start_response("200 OK", [("Content-Length", "6")])(b"one")
        return [b"", b"two"]

    assert serve(application) == (["200 OK", b"one", b"", b"two"], None)


def test_start_response_may_come_with_the_first_block():
    """A generator calls it when it is asked for the block."""

    def application(environ, start_response):
        start_response("200 OK", [])
        yield b"late"

    assert serve(application) == (["200 OK", b"late"], None)


def test_exc_info_may_replace_the_status():
    """A second start_response is an error handler's if it has exc_info."""

    def application(environ, start_response):
        start_response("200 OK", [])
        start_response("500 Oops", [], (ValueError, ValueError(), None))
        return [b"oops"]

    assert serve(application) == (["200 OK", "500 Oops", b"oops"], None)


@pytest.mark.parametrize(
    "application",
    [
        lambda environ, start_response: [],
        lambda environ, start_response: [b"unasked"],
        lambda environ, start_response: (start_response("200 OK", []), start_response("200 OK", []), [])[2],
        answering(["text"]),
        answering([b"x"], headers=[("X", "a\r\nY: b")]),
        answering([b"x"], status="200 OK\r\nY: b"),
        answering([b"x"], status="fine"),
        answering([b"too many"], headers=[("Content-Length", "3")]),
        answering([b"x"], headers=[("Content-Length", "3")]),
        answering([b"x"], headers=[("connection", "close")]),
    ],
)
def test_mistakes_end_in_an_error(application):
    """What PEP 3333 forbids reaches no client as an answer."""
    assert serve(application)[1] is ApplicationError


def test_a_head_request_may_announce_what_it_does_not_send():
    """Content-Length is GET's."""
    assert serve(answering([], headers=[("Content-Length", "3")]), method="HEAD")[1] is None


def test_a_status_without_a_reason_gets_one():
    """Twisted cannot do without, and hangs."""
    assert serve(answering([], status="404"))[0] == ["404 Not Found"]


def test_type_and_length_are_told_once():
    """As wsgiref.validate insists."""
    told = {}

    def application(environ, start_response):
        told.update(environ)
        start_response("200 OK", [])
        return []

    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "a/b", "HTTP_CONTENT_TYPE": "a/b", "HTTP_X": "y"}
    list(repaired(application)(environ, lambda *_: print))

    assert told == {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "a/b", "HTTP_X": "y"}
