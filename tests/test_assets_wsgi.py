"""
The suite's WSGI application: it keeps PEP 3333 where it should, and breaks it where its table says so.
"""

import io
import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

FILE = Path(__file__).parent.parent / "specs" / "assets" / "application.py"


@pytest.fixture(scope="module")
def asset():
    """The application's module, loaded from its file as a container does."""
    specification = spec_from_file_location("web60_suite_application", FILE)
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class Container:
    """The least that PEP 3333 lets a server be; it keeps what it was given."""

    def __init__(self, application, path, query="", body=b"", **variables):
        self.status, self.headers, self.blocks, self.error = None, None, [], None
        environ = {"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO(body)}
        environ.update(variables)
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        setup_testing_defaults(environ)
        iterable = None
        try:
            iterable = application(environ, self._start)
            self.blocks += iterable
        except Exception as error:  # noqa: BLE001 - whatever the application raises is what is looked at
            self.error = error
        finally:
            if hasattr(iterable, "close"):
                iterable.close()

    def _start(self, status, headers, exc_info=None):
        if exc_info and any(self.blocks):
            raise exc_info[1]
        assert exc_info or self.status is None, "start_response was called twice"
        self.status, self.headers = status, headers
        return self.blocks.append

    @property
    def body(self):
        """All blocks."""
        return b"".join(self.blocks)


@pytest.fixture
def ask(asset):
    """Calls the application under the validator of the standard library."""

    def asked(path, *arguments, **variables):
        answer = Container(validator(asset.application), path, *arguments, **variables)
        if answer.error is not None:
            raise answer.error
        return answer

    return asked


PLAIN = {
    "/ping": ("200 OK", b"pong\n"),
    "/hello": ("200 OK", b"Hello, world!"),
    "/status/418": ("418 As Asked", b"as asked\n"),
    "/fields": ("200 OK", b"fields\n"),
    "/late": ("202 Late", b"late\n"),
    "/empty-blocks": ("200 OK", b"not empty\n"),
    "/empty-blocks/change": ("503 Changed", b"not empty\n"),
    "/exc-info/unsent": ("503 Second", b"second\n"),
    "/block": ("200 OK", b"waited\n"),
    "/drip": ("200 OK", b"block 0\nblock 1\nblock 2\n"),
    "/write": ("200 OK", b"block 0\nblock 1\nblock 2\n"),
    "/environ-spoiled": ("200 OK", b"spoiled\n"),
    "/errors": ("200 OK", b"told\n"),
    "/file": ("404 Not Found", b"no wrapper\n"),
    "/no/such/thing": ("404 Not Found", b"no such behaviour\n"),
}


@pytest.mark.parametrize("path", PLAIN)
def test_a_path_answers_what_the_table_says(ask, path):
    """Each well-behaved path gives its status and body, and the validator has nothing to say against it."""
    answer = ask(path, "seconds=0&gap=0")

    assert (answer.status, answer.body) == PLAIN[path]


def test_hello_is_the_tutorials_application(asset):
    """`hello` answers every URL, with nothing but the tutorial's status, header and body."""
    answer = Container(validator(asset.hello), "/any/where")

    assert answer.error is None
    assert answer.status == "200 OK"
    assert answer.headers == [("Content-type", "text/plain")]
    assert answer.blocks == [b"Hello, world!"]


@pytest.mark.parametrize("mount", ["", "/wsgi"])
def test_it_is_the_same_wherever_it_is_mounted(ask, mount):
    """SCRIPT_NAME is reported and otherwise ignored."""
    seen = json.loads(ask("/environ/below", "a=b", SCRIPT_NAME=mount).body)

    assert seen["environ"]["SCRIPT_NAME"] == mount
    assert seen["environ"]["PATH_INFO"] == "/environ/below"
    assert seen["environ"]["QUERY_STRING"] == "a=b"


def test_the_environment_of_the_process_stays_private(ask):
    """Of what a container put into environ, /environ shows the values of the request's own variables only."""
    answer = ask("/environ", "", SECRET_TOKEN="hidden", HTTP_X_SEEN="shown")

    assert json.loads(answer.body)["environ"]["HTTP_X_SEEN"] == "shown"
    assert json.loads(answer.body)["types"]["SECRET_TOKEN"] == "str"
    assert b"hidden" not in answer.body


def test_fields_are_answered_in_their_order(ask, asset):
    """/fields gives its fields as they stand, with those that are repeated."""
    headers = ask("/fields").headers

    assert [header for header in headers if header in asset.FIELDS] == asset.FIELDS


BODY = b"one\n\nthree\r\nfour\n"
IN_LINES = [4, 1, 7, 5]


@pytest.mark.parametrize(
    ("way", "pieces"),
    [
        ("read", [3, 3, 3, 3, 3, 2]),
        ("readline", IN_LINES),
        ("iteration", IN_LINES),
        ("readlines", IN_LINES),
        ("past-the-end", [17]),
        ("readline-size", [3, 1, 1, 3, 3, 1, 3, 2]),
        ("mixed", [3, 1, 1, 12]),
    ],
)
def test_a_body_is_read_in_the_way_the_path_says(ask, way, pieces):
    """Each way reports the whole body, and the sizes of the pieces in which it came."""
    seen = json.loads(ask(f"/body/{way}", "size=3", BODY).body)

    assert seen["body"].encode("latin-1") == BODY
    assert seen["pieces"] == pieces
    assert seen.get("after", "") == ""


@pytest.mark.parametrize("way", ["read", "readline", "iteration", "readlines"])
def test_nothing_is_read_past_the_end_of_the_body(asset, way):
    """Where the input goes on after the body, as a connection does, what follows is left alone."""
    stream = io.BufferedReader(io.BytesIO(BODY + b"GET / HTTP/1.1\r\n"))
    variables = {"wsgi.input": stream, "CONTENT_LENGTH": str(len(BODY))}
    answer = Container(asset.application, f"/body/{way}", "size=3", **variables)

    assert json.loads(answer.body)["body"].encode("latin-1") == BODY
    assert stream.read() == b"GET / HTTP/1.1\r\n"


def test_all_that_is_left_is_read_at_once(asset):
    """/body/all reads without a size, which the validator does not know, and says what it was told of the length."""
    seen = json.loads(Container(asset.application, "/body/all", "", BODY).body)

    assert seen["body"].encode("latin-1") == BODY
    assert seen["length"] == str(len(BODY))


def test_where_nothing_is_nothing_is_read(asset):
    """/body/nothing reads in every way."""
    seen = json.loads(Container(asset.application, "/body/nothing").body)

    assert seen == {"read": ["", ""], "readline": [""], "readlines": [], "iteration": []}


def test_calls_that_are_under_way_are_counted(ask):
    """/together says its process, and that there is one call."""
    seen = json.loads(ask("/together", "seconds=0").body)

    assert seen["most"] == 1
    assert seen["flags"]["wsgi.run_once"] is False


def test_errors_are_told_to_the_container(asset):
    """/errors hands its text over by write() and by writelines()."""
    stream = io.StringIO()

    Container(asset.application, "/errors", "text=so", **{"wsgi.errors": stream})

    assert stream.getvalue() == "write so\nwritelines so\nand so\n"


@pytest.mark.parametrize("by", ["list", "tuple", "iterator", "generator", "steps", "write"])
def test_an_answer_is_what_the_query_says(asset, by):
    """/answer gives status, fields and blocks as they are asked for, in each of the ways."""
    query = (
        f"status=299%20Own&field=X-A:%20%C3%A9&field=X-B:%20&block=6f6e65&block=&block=0d0a&length=5&by={by}&method="
    )
    answer = Container(asset.application, "/answer", query)

    assert answer.error is None
    assert answer.status == "299 Own"
    assert answer.headers == [
        ("Content-Type", "text/plain"),
        ("X-A", "\xe9"),
        ("X-B", ""),
        ("X-Web60-Method", "GET"),
        ("Content-Length", "5"),
    ]
    assert answer.body == b"one\r\n"


@pytest.mark.parametrize("kind", ["real", "like"])
def test_a_file_is_wrapped_where_it_stands(asset, kind):
    """/file gives the container a file to send the rest of."""
    answer = Container(asset.application, "/file", f"kind={kind}&start=6993", **{"wsgi.file_wrapper": FileWrapper})

    assert answer.body == b"000999\n"


def test_a_stream_is_in_numbered_blocks(asset):
    """/stream gives blocks of 64 KiB, each with its number."""
    blocks = Container(asset.application, "/stream", "blocks=3").blocks

    assert [(len(block), int(block[:15])) for block in blocks] == [(65536, 0), (65536, 1), (65536, 2)]


def test_closing_can_raise(asset):
    """/raise/close gives all it has, and raises then."""
    with pytest.raises(asset.Deliberate):
        Container(asset.application, "/raise/close")


def test_an_application_can_want_to_leave(asset):
    """/raise/exit raises what no handler of exceptions catches."""
    with pytest.raises(SystemExit):
        Container(asset.application, "/raise/exit")


def test_echo_gives_back_the_body(ask):
    """/echo answers any bytes with themselves."""
    assert ask("/echo", "", bytes(range(256))).body == bytes(range(256))


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/raise/call", None, b""),
        ("/raise/started", "200 OK", b""),
        ("/raise/iterating", "200 OK", b""),
        ("/raise/later", "200 OK", b"as far as this\n"),
        ("/exc-info/sent", "200 First", b"first\n"),
    ],
)
def test_an_exception_comes_where_the_path_says(asset, path, status, body):
    """Each path below /raise raises, before or after start_response and the first block; exc_info too late as well."""
    answer = Container(asset.application, path)

    assert isinstance(answer.error, asset.Deliberate)
    assert answer.status == status
    assert answer.body == body


@pytest.mark.parametrize("mistake", ["no-start", "two-starts", "no-iterable", "text", "line-end"])
def test_a_mistake_in_the_protocol_is_one(asset, mistake):
    """The container or the validator objects to each of these paths."""
    answer = Container(validator(asset.application), f"/misbehave/{mistake}")

    assert isinstance(answer.error, AssertionError | TypeError)


@pytest.mark.parametrize("mistake", ["too-many-bytes", "too-few-bytes"])
def test_an_announced_length_is_missed(asset, mistake):
    """The body is not as long as the Content-Length says."""
    answer = Container(asset.application, f"/misbehave/{mistake}")

    assert int(dict(answer.headers)["Content-Length"]) != len(answer.body)


def test_no_content_has_some(asset):
    """The 204 comes with a body."""
    answer = Container(asset.application, "/misbehave/no-content")

    assert answer.status == "204 No Content"
    assert answer.body == b"nothing to see\n"


@pytest.mark.parametrize(
    ("path", "told"),
    [("/drip", ["start", "done", "close"]), ("/raise/later", ["start", "close"]), ("/raise/call", ["start"])],
)
def test_a_call_with_an_id_is_recorded(asset, tmp_path, monkeypatch, path, told):
    """Events are appended to $WEB60_EVENTS, one JSON object a line with time, event and ID; none without an ID."""
    events = tmp_path / "events.jsonl"
    events.write_text('{"ev": "there before", "id": ""}\n')
    monkeypatch.setenv("WEB60_EVENTS", str(events))

    Container(asset.application, path, "gap=0")
    Container(asset.application, path, "gap=0&id=me")

    lines = [json.loads(line) for line in events.read_text().splitlines()][1:]
    assert [line["ev"] for line in lines] == told
    assert {line["id"] for line in lines} == {"me"}
    assert all(line["t"] > 0 for line in lines)


def test_the_table_names_every_path(asset):
    """The docstring's table and the behaviours are the same list."""
    named = set(re.findall(r"^/([a-z/-]+)", asset.__doc__, re.MULTILINE))

    assert {name.removesuffix("/") for name in named} == set(asset.BEHAVIOURS)
