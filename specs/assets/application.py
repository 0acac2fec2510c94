"""
The suite's WSGI application: one behaviour for each path, so that what a container does with it can be seen.

`application` may be mounted anywhere, PATH_INFO decides; `hello` is the tutorial's application, also at /hello.
It keeps PEP 3333, except below /raise and /misbehave.

============================  ======================================================================================
path below the mount          what it does
============================  ======================================================================================
/ping                         answers "pong"
/hello                        the tutorial's "Hello, world!"
/echo                         answers the body of the request
/environ and below            answers what the container said of the request, as JSON
/body/read?size=N             reads the body by read(N), and answers what it read, and in which pieces, as JSON
/body/readline                the same by readline(); the body must end with a line feed, as in the next two
/body/iteration               the same by iterating
/body/readlines               the same by readlines(hint); the last line must have at least two bytes
/body/past-the-end            the same by read(CONTENT_LENGTH), then read(1) once more
/body/readline-size?size=N    the same by readline(N)
/body/mixed                   the same by read(3), readline(), next(), and a read() of what is left
/body/all                     reads by read() without a size, and answers what it read, as JSON
/body/nothing                 reads in every way where there is nothing to read, and answers what it got, as JSON
/environ-spoiled              empties the environ, puts odd things into it, then answers
/together?seconds=S           sleeps, and answers its process, how many sleep there, and what it is told of it, as JSON
/errors?text=T                hands the text to wsgi.errors by each of its methods, then answers
/status/CODE                  answers with this status, which must be one that has a body
/answer?status=S&field=F&…    answers what the query says: see `answer`
/file?start=N&kind=K          a file (K: real or like) from this byte on, by wsgi.file_wrapper; 404 where there is none
/stream?blocks=N              a generator: N blocks of 65,536 bytes, each its own number and dots
/fields                       answers FIELDS, of which some names are repeated
/block?seconds=S              sleeps in the call, then answers
/drip?blocks=N&gap=S          a generator: N blocks, S seconds of sleep before each but the first
/write?gap=S                  hands two blocks to write(), each followed by a sleep, and returns a third
/late                         calls start_response in the first step of its iterable
/empty-blocks                 two empty blocks before the first that is not
/empty-blocks/change          two empty blocks, then another status through exc_info
/exc-info/unsent              another status through exc_info before anything was sent
/exc-info/sent                the same after the first block has left: start_response has to raise
/raise/call                   raises before start_response
/raise/started                raises after start_response
/raise/iterating              raises in the first step of its iterable
/raise/later                  announces a length, raises when less than that has left
/raise/close                  gives all of its answer, then raises in close()
/raise/exit                   raises SystemExit
/misbehave/no-start           never calls start_response
/misbehave/two-starts         calls start_response a second time, without exc_info
/misbehave/no-iterable        returns None
/misbehave/text               yields text instead of bytes
/misbehave/line-end           a header's value with a line end and a header of its own after it
/misbehave/too-many-bytes     sends more than the length it announced
/misbehave/too-few-bytes      sends less than the length it announced
/misbehave/no-content         a 204 with a body
============================  ======================================================================================

With `id=…` in the query and WEB60_EVENTS in the process's environment, a call appends its events to that file, one
JSON object a line: `start` when it is called, `done` when its iterable has given all, `close` for each close().

Standard library only, Python 3.7 on.
"""

import io
import json
import os
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qs

#: What /fields answers besides its Content-Type and Content-Length.
FIELDS = [
    ("X-Web60-Plain", "as the application gave it"),
    ("X-Web60-Punctuation", 'a="b, c"; d=(e) [f] /g?h=i'),
    ("X-Web60-Twice", "first"),
    ("Set-Cookie", "one=1; Path=/"),
    ("X-Web60-Twice", "second"),
    ("Set-Cookie", "two=2; Path=/"),
    ("Cache-Control", "no-store"),
    ("Set-Cookie", "one=3; Path=/elsewhere"),
]

#: What /environ shows besides the variables of the request's own fields.  Not all of environ: some containers put
#: the whole environment of their process into it, and its secrets would stand in every transcript.
SHOWN = (
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "PATH_INFO",
    "QUERY_STRING",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
    "GATEWAY_INTERFACE",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_PORT",
    "REMOTE_USER",
    "AUTH_TYPE",
    "REQUEST_URI",
    "RAW_URI",
    "wsgi.url_scheme",
)

#: What a container says of itself by yes and no.
FLAGS = ("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once", "wsgi.input_terminated")


class Deliberate(Exception):
    """Raised where a path says so: whoever finds it in a log may go on reading."""


def hello(environ, start_response):  # noqa: ARG001 - it has nothing to ask
    """The tutorial's application, with its block as the bytes that Python 3 wants."""
    start_response("200 OK", [("Content-type", "text/plain")])
    return [b"Hello, world!"]


def application(environ, start_response):
    """Do what the path says; watch the call if the query gives it an ID."""
    call = Call(environ, start_response)
    behaviour = BEHAVIOURS.get(call.name) or BEHAVIOURS.get(call.name.partition("/")[0], missing)
    token = call.asked("id", "")
    if not token:
        return behaviour(call)
    record("start", token)
    return Watched(behaviour(call), token)


class Call:
    """One call of the application, and the short ways to answer it."""

    def __init__(self, environ, start_response):
        self.environ = environ
        self.start_response = start_response
        self.name = environ.get("PATH_INFO", "").strip("/")
        self._query = parse_qs(environ.get("QUERY_STRING", ""))

    def asked(self, key, default):
        """The query's value of this key, of the default's type."""
        return type(default)(self._query[key][0]) if key in self._query else default

    def start(self, status="200 OK", *fields, exc_info=None, length=None, kind="text/plain"):
        """Call start_response; returns write()."""
        headers = [("Content-Type", kind)] if kind else []
        headers += fields
        if length is not None:
            headers.append(("Content-Length", str(length)))
        if exc_info is None:
            return self.start_response(status, headers)
        return self.start_response(status, headers, exc_info)

    def answer(self, body, status="200 OK", *fields, kind="text/plain"):
        """Start, and return the body as the one block that there is."""
        self.start(status, *fields, length=len(body), kind=kind)
        return [body]

    def report(self, seen):
        """Answer with a JSON document."""
        return self.answer(json.dumps(seen).encode("ascii"), kind="application/json")

    def body_length(self):
        """How many bytes the request's body has, according to the container."""
        return int(self.environ.get("CONTENT_LENGTH") or 0)


class Watched:
    """An iterable that records when it has given all, and each time it is closed."""

    def __init__(self, blocks, token):
        self._blocks = blocks
        self._step = iter(blocks).__next__
        self._token = token

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self._step()
        except StopIteration:
            record("done", self._token)
            raise

    def close(self):
        record("close", self._token)
        if hasattr(self._blocks, "close"):
            self._blocks.close()


def record(event, token):
    """Append an event; one write to a file opened for appending, so that threads and processes do not mix."""
    path = os.environ.get("WEB60_EVENTS")
    if not path:
        return
    line = json.dumps({"t": time.time(), "ev": event, "id": token}) + "\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line.encode("ascii"))
    finally:
        os.close(file)


# What the application is told.


def ping(call):
    method = call.environ["REQUEST_METHOD"]
    if method not in ("GET", "HEAD"):
        return call.answer(b"GET and HEAD only\n", "405 Method Not Allowed", ("Allow", "GET, HEAD"))
    # Not every container takes the body of an answer to HEAD away.
    pong = call.answer(b"pong\n")
    return [] if method == "HEAD" else pong


def echo(call):
    stream = call.environ["wsgi.input"]
    # A body in chunks has no length; who sets this lets it be read up to its end.
    endless = call.environ.get("wsgi.input_terminated") and not call.environ.get("CONTENT_LENGTH")
    body = stream.read() if endless else stream.read(call.body_length())
    if len(body) < call.body_length():
        return call.answer(b"the body stops short\n", "400 Bad Request")
    return call.answer(body, kind="application/octet-stream")


def environ_of(call):
    environ = call.environ
    version = environ.get("wsgi.version")
    return call.report(
        {
            "environ": {key: shown(environ[key]) for key in environ if key in SHOWN or key.startswith("HTTP_")},
            "type": type(environ).__name__,
            "types": {str(key): type(environ[key]).__name__ for key in environ},
            "flags": flags(environ),
            "version": list(version) if isinstance(version, tuple) else repr(version),
            "input": methods(environ.get("wsgi.input"), "read", "readline", "readlines", "__iter__"),
            "errors": methods(environ.get("wsgi.errors"), "flush", "write", "writelines"),
        }
    )


def flags(environ):
    """Those of FLAGS that are there, as yes and no."""
    return {key: bool(environ[key]) for key in FLAGS if key in environ}


def shown(value):
    """Text as it is, anything else (which is a mistake of the container's) as Python writes it."""
    return value if isinstance(value, str) else repr(value)


def methods(stream, *names):
    """Those of the names that the stream can be called by."""
    return [name for name in names if callable(getattr(stream, name, None))]


def body(call):
    """
    Read the body in the way that the path says, and never past its end unless the path says so.

    A container need not let its input end where the body does, so it is left to us to stop in time.
    """
    stream, rest = call.environ["wsgi.input"], call.body_length()
    pieces = []
    for piece in READERS[call.name](stream, rest, call.asked("size", 1024)) if rest else ():
        pieces.append(piece)
        rest -= len(piece)
        if rest <= 0:
            break
    seen = {"body": b"".join(pieces).decode("latin-1"), "pieces": [len(piece) for piece in pieces]}
    if call.name == "body/past-the-end":
        seen["after"] = stream.read(1).decode("latin-1")
    return call.report(seen)


def by_read(stream, rest, size):
    while rest > 0:
        piece = stream.read(min(size, rest))
        if not piece:
            break
        rest -= len(piece)
        yield piece


def by_ways(stream, rest, _size):
    piece = stream.read(min(3, rest))
    yield piece
    rest -= len(piece)
    for way in (stream.readline, lambda: next(iter(stream), b"")):
        if rest > 0:
            piece = way()
            yield piece
            rest -= len(piece)
    yield from by_read(stream, rest, rest)


READERS = {
    "body/mixed": by_ways,
    "body/read": by_read,
    "body/readline-size": lambda stream, _rest, size: iter(lambda: stream.readline(size), b""),
    "body/readline": lambda stream, _rest, _size: iter(stream.readline, b""),
    "body/iteration": lambda stream, _rest, _size: iter(stream),
    # An input that goes on after the body stops only at more than its hint: hence one byte less than there is.
    "body/readlines": lambda stream, rest, _size: iter(stream.readlines(rest - 1)),
    "body/past-the-end": lambda stream, rest, _size: iter((stream.read(rest),)),
}


def body_all(call):
    data = call.environ["wsgi.input"].read()
    length = call.environ.get("CONTENT_LENGTH")
    return call.report({"body": data.decode("latin-1"), "length": length, "flags": flags(call.environ)})


def body_nothing(call):
    stream = call.environ["wsgi.input"]
    got = {
        "read": [stream.read(), stream.read(1)],
        "readline": [stream.readline()],
        "readlines": stream.readlines(),
        "iteration": list(stream),
    }
    return call.report({way: [piece.decode("latin-1") for piece in pieces] for way, pieces in got.items()})


def environ_spoiled(call):
    call.environ.clear()
    call.environ.update({"HTTP_X_WEB60_LEFT": "behind", "wsgi.version": None, 60: []})
    call.start()
    return [b"spoiled\n"]


LOCK = threading.Lock()
UNDER_WAY = []


def together(call):
    with LOCK:
        UNDER_WAY.append(call)
        most = len(UNDER_WAY)
    time.sleep(call.asked("seconds", 0.2))
    with LOCK:
        most = max(most, len(UNDER_WAY))
        UNDER_WAY.remove(call)
    return call.report({"process": os.getpid(), "most": most, "flags": flags(call.environ)})


def errors(call):
    stream, text = call.environ["wsgi.errors"], call.asked("text", "")
    stream.write("write " + text + "\n")
    stream.writelines(["writelines " + text + "\n", "and " + text + "\n"])
    stream.flush()
    return call.answer(b"told\n")


# What it answers.


def status(call):
    return call.answer(b"as asked\n", call.name.partition("/")[2] + " As Asked")


class Stepped:
    """An iterable by the old protocol: whoever iterates asks for one index after another."""

    def __init__(self, blocks):
        self._blocks = blocks

    def __getitem__(self, index):
        return self._blocks[index]


MAKERS = {
    "list": list,
    "tuple": tuple,
    "iterator": iter,
    "generator": lambda blocks: (block for block in blocks),
    "steps": Stepped,
}


def answer(call):
    """
    Answer with the query's `status`, every `field` ("Name: value"), and every `block` (in hexadecimal) of it.

    `length` announces one, `kind` is the Content-Type ("" for none); text is UTF-8 in the query.  `by` is what the
    blocks are returned as: one of MAKERS, or "write", which hands all but the last to write().  With `method` a field
    X-Web60-Method says that of the request.
    """
    asked = parse_qs(call.environ.get("QUERY_STRING", ""), keep_blank_values=True, encoding="utf-8")
    headers = [tuple(field.partition(": ")[::2]) for field in asked.get("field", [])]
    blocks = [bytes.fromhex(block) for block in asked.get("block", [])]
    kind, by = asked.get("kind", ["text/plain"])[0], asked.get("by", ["list"])[0]
    length = asked["length"][0] if "length" in asked else None
    if "method" in asked:
        headers.append(("X-Web60-Method", call.environ["REQUEST_METHOD"]))
    write_block = call.start(asked.get("status", ["200 OK"])[0], *headers, length=length, kind=kind)
    if by != "write":
        return MAKERS[by](blocks)
    for block in blocks[:-1]:
        write_block(block)
    return blocks[-1:]


def file(call):
    wrapper = call.environ.get("wsgi.file_wrapper")
    if wrapper is None:
        return call.answer(b"no wrapper\n", "404 Not Found")
    data = b"%06d\n" * 1000 % tuple(range(1000))
    # Whoever iterates over the wrapper closes it.
    stream = tempfile.TemporaryFile() if call.asked("kind", "real") == "real" else io.BytesIO()  # noqa: SIM115
    stream.write(data)
    stream.flush()
    stream.seek(call.asked("start", 0))
    call.start(kind="application/octet-stream")
    return wrapper(stream, 1000)


def stream(call):
    call.start(kind="application/octet-stream")
    return numbered(call.asked("blocks", 16))


def numbered(blocks):
    for number in range(blocks):
        yield b"%015d\n" % number + b"." * (65536 - 16)


def fields(call):
    return call.answer(b"fields\n", "200 OK", *FIELDS)


def missing(call):
    return call.answer(b"no such behaviour\n", "404 Not Found")


def block(call):
    time.sleep(call.asked("seconds", 1.0))
    return call.answer(b"waited\n")


def drip(call):
    call.start()
    return drops(call.asked("blocks", 3), call.asked("gap", 0.4))


def drops(blocks, gap):
    for number in range(blocks):
        if number:
            time.sleep(gap)
        yield b"block %d\n" % number


def write(call):
    write_block = call.start()
    for number in range(2):
        write_block(b"block %d\n" % number)
        time.sleep(call.asked("gap", 0.0))
    return [b"block 2\n"]


def late(call):
    call.start("202 Late")
    yield b"late\n"


def empty_blocks(call):
    call.start()
    return empties(call)


def empties(call):
    yield b""
    yield b""
    if call.name == "empty-blocks/change":
        call.start("503 Changed", exc_info=deliberate())
    yield b"not empty\n"


def deliberate():
    """What an error handler has at hand."""
    try:
        raise Deliberate  # noqa: TRY301 - to be caught is all that it is for
    except Deliberate:
        return sys.exc_info()


def exc_info_unsent(call):
    call.start("200 First", ("X-Web60-First", "yes"))
    call.start("503 Second", ("X-Web60-Second", "yes"), exc_info=deliberate())
    return [b"second\n"]


def exc_info_sent(call):
    # As long as first and second together: a container that lets the second through answers something whole.
    call.start("200 First", length=len(b"first\nsecond\n"))
    yield b"first\n"
    call.start("503 Second", exc_info=deliberate())
    yield b"second\n"


# Where it goes wrong.


def raise_call(_call):
    raise Deliberate("before start_response")


def raise_started(call):
    call.start()
    raise Deliberate("after start_response")


def raise_iterating(call):
    call.start()
    return failing()


def raise_later(call):
    call.start(length=1000)
    return failing(b"as far as this\n")


class Closed:
    """One block, and an exception in close()."""

    def __init__(self, block):
        self._blocks = iter([block])

    def __iter__(self):
        return self._blocks

    def close(self):
        raise Deliberate("in close()")


def raise_close(call):
    call.start(length=4)
    return Closed(b"all\n")


def raise_exit(_call):
    raise SystemExit("deliberately")


def failing(*blocks):
    yield from blocks
    raise Deliberate("while iterating")


def no_start(_call):
    return [b"nobody asked for a status\n"]


def two_starts(call):
    call.start("200 First")
    call.start("200 Second")
    return [b"twice\n"]


def no_iterable(call):
    call.start()


def text(call):
    call.start()
    return ["text\n"]


def line_end(call):
    return call.answer(b"split\n", "200 OK", ("X-Web60-Outer", "a\r\nX-Web60-Inner: b"))


def too_many_bytes(call):
    call.start(length=5)
    return [b"right", b"too many\n"]


def too_few_bytes(call):
    call.start(length=1000)
    return [b"too few\n"]


def no_content(call):
    call.start("204 No Content", kind=None)
    return [b"nothing to see\n"]


BEHAVIOURS = {
    "ping": ping,
    "hello": lambda call: hello(call.environ, call.start_response),
    "echo": echo,
    "environ": environ_of,
    **dict.fromkeys(READERS, body),
    "body/all": body_all,
    "body/nothing": body_nothing,
    "environ-spoiled": environ_spoiled,
    "together": together,
    "errors": errors,
    "answer": answer,
    "file": file,
    "stream": stream,
    "status": status,
    "fields": fields,
    "block": block,
    "drip": drip,
    "write": write,
    "late": late,
    "empty-blocks": empty_blocks,
    "empty-blocks/change": empty_blocks,
    "exc-info/unsent": exc_info_unsent,
    "exc-info/sent": exc_info_sent,
    "raise/call": raise_call,
    "raise/started": raise_started,
    "raise/iterating": raise_iterating,
    "raise/later": raise_later,
    "raise/close": raise_close,
    "raise/exit": raise_exit,
    "misbehave/no-start": no_start,
    "misbehave/two-starts": two_starts,
    "misbehave/no-iterable": no_iterable,
    "misbehave/text": text,
    "misbehave/line-end": line_end,
    "misbehave/too-many-bytes": too_many_bytes,
    "misbehave/too-few-bytes": too_few_bytes,
    "misbehave/no-content": no_content,
}
