"""
CGI: each request runs a script, beside all else that the server does.

The way in is in `test_cgi_request`, the way out in `test_cgi_output`, and what the system sees of it in
`test_cgi_processes`.
"""

import re

from harness import MUST, SHOULD, gather, rfc, spec, tutorial
from specs.cgi_reports import document

JUST_CGI = tutorial("cgi", "That is, just a regular CGI - nothing special about Twisted Web going on there.")
INTERPRETER = tutorial("cgi", "If you need to specify an interpreter for some reason")
ITS_PATH = tutorial("cgi", "/bin/sh will always be run and passed an argument of /path/to/date-example.sh")
FREE = tutorial("asynchronous", "leaving the server free to respond to other requests")
EXECUTES = rfc(3875, "3.1", "executes the script and converts the CGI response into a response")
PROGRAM = rfc(3875, "3.4", "the file containing the script will be invoked as an executable program")
UNMODIFIED = rfc(3875, "6.4", "The message-body SHOULD be sent unmodified to the client")
NOT_FOUND = rfc(9110, "15.5.5", "origin server did not find a current representation for the target resource")

#: What a clock shows, in every locale's order and alphabet.
TIME_OF_DAY = re.compile(r"\d\d?:\d\d:\d\d")


@spec("cgi/a-script-answers-with-the-output-of-its-command", MUST, JUST_CGI, busy=True)
async def test_a_script_answers_with_the_output_of_its_command(page, wire):
    """
    The tutorial's own script: what `date` prints is the answer, as the plain text that the script says it is.

    Sends:      one GET of date-example.sh.
    Observes:   the type, a time of day in the body, and that the answer has an end.
    Differs:    a server may add a charset (RFC 3875 section 6.3.1).
    Look at:    whether the script is executable where the server has it, and /bin/date exists there.
    """
    answer = await wire.get(page.base + "date-example.sh")

    assert answer.complete, answer.problem
    assert answer.status == 200
    assert (answer.fields.get("content-type") or "").partition(";")[0].strip().lower() == "text/plain"
    assert TIME_OF_DAY.search(answer.text), f"no time of day in {answer.text[:100]!r}"


@spec("cgi/every-request-runs-the-script-anew", MUST, EXECUTES, busy=True)
async def test_every_request_runs_the_script_anew(page, wire):
    """
    A script is run for each request: the answer to one is never given to another.

    Sends:      two GETs of identity.py, one after the other; then two at once.
    Observes:   the moment at which each of the four says that it began.
    Look at:    a cache before the server, or a server that takes a script's answer for a static one; requests that
                are joined while the first of them is under way.
    """
    path = page.base + "identity.py"
    one_after_the_other = [document(await wire.get(path)), document(await wire.get(path))]
    at_once = [document(answer) for answer in await gather(wire.get(path), wire.get(path))]

    runs = {run["born"] for run in one_after_the_other + at_once}
    assert len(runs) == 4, f"{len(runs)} runs of the script answered 4 requests"


@spec(
    "cgi/an-interpreter-runs-a-script-that-is-not-executable",
    MUST,
    INTERPRETER,
    needs=("filtered",),
    busy=True,
)
async def test_an_interpreter_runs_a_script_that_is_not_executable(page, wire):
    """
    A script that is not executable, and whose first line names no interpreter, is run all the same.

    Sends:      one GET of the filtered date-example.sh.
    Observes:   the type, and a time of day in the body.
    Look at:    which interpreter the server has for the ending .sh.
    """
    answer = await wire.get(page.filtered + "date-example.sh")

    assert answer.status == 200
    assert (answer.fields.get("content-type") or "").partition(";")[0].strip().lower() == "text/plain"
    assert TIME_OF_DAY.search(answer.text), f"no time of day in {answer.text[:100]!r}"


@spec("cgi/the-interpreter-is-given-the-path-of-the-script", MUST, ITS_PATH, needs=("filtered",), busy=True)
async def test_the_interpreter_is_given_the_path_of_the_script(page, wire):
    """
    An interpreter is told which file to run by an argument, so that the script knows where it stands.

    Sends:      a GET of the filtered path.sh, and of path.py.
    Observes:   the name under which each was started.
    Differs:    whether the path is absolute.
    Look at:    whether the script comes on standard input instead, where the request's body belongs.
    """
    for name in ("path.sh", "path.py"):
        answer = await wire.get(page.filtered + name)

        assert answer.status == 200
        assert answer.text.strip().rpartition("/")[2] == name


@spec("cgi/a-missing-script-is-not-found", SHOULD, NOT_FOUND, busy=True)
async def test_a_missing_script_is_not_found(page, wire):
    """
    A script that is not there is a resource that is not there.

    Sends:      one GET of a name that no script has.
    Observes:   the status.
    """
    answer = await wire.get(page.base + "there-is-no-such-script.sh")

    assert answer.status == 404


@spec("cgi/a-script-is-never-shown-as-text", MUST, PROGRAM, busy=True)
async def test_a_script_is_never_shown_as_text(page, wire):
    """
    However a script is asked for, nobody gets to read it: it is run, or refused.

    Sends:      a dozen spellings of the path of date-example.sh, a POST of it, and a GET of a range.
    Observes:   that no answer contains a line of the script.
    Differs:    which spellings are the script, and which are refused or unknown.
    Look at:    a static file server behind the same path; comparisons made before the path is decoded.
    """
    scripts = [base + "date-example.sh" for base in (page.base, page.filtered) if base]
    for script in scripts:
        folder, name = script.rsplit("/", 1)
        conversations = []
        for method, path, fields in (
            ("GET", script, ()),
            ("POST", script, ()),
            ("GET", script, [("Range", "bytes=0-40")]),
            ("GET", script + "?-s", ()),
            ("GET", script + "/", ()),
            ("GET", script + ".", ()),
            ("GET", script + "%20", ()),
            ("GET", script + "%00", ()),
            ("GET", script + "%00.txt", ()),
            ("GET", script + ";.txt", ()),
            ("GET", script + "::$DATA", ()),
            ("GET", f"{folder}//{name}", ()),
            ("GET", f"{folder}/./{name}", ()),
            ("GET", f"{folder}/%2e/{name}", ()),
            ("GET", f"{folder}/{name.replace('.', '%2e')}", ()),
            ("GET", f"/%{ord(script[1]):02x}{script[2:]}", ()),
        ):
            conversation = await wire.open()
            conversation.request(method, path, fields=fields)
            asked = f"{method} {path}" + (" of a range" if fields else "")
            conversations.append((asked, conversation))

        for asked, conversation in conversations:
            await conversation.answer_if_any()
            for line in (b"#!/bin/sh", b'echo "Content-Type', b"\n/bin/date"):
                assert line not in conversation.received, f"{asked} shows the script's {line!r}"
    await wire.ping()


@spec("cgi/a-slow-script-blocks-nobody", MUST, FREE, busy=True)
async def test_a_slow_script_blocks_nobody(target, page, wire):
    """
    While one script takes its time, the server answers other requests, and runs other scripts, and the same again.

    Sends:      two GETs of waits.py, a ping, and a GET of releases.py for the second, then one for the first.  Each
                script waits for its other to run.
    Observes:   that they met: a server that runs one after the other lets both wait in vain, for 4 s each.
    Look at:    a process that is waited for where all requests pass; a lock for each script.  All of them need the
                same writable directory for temporary files ($TMPDIR, or /tmp).
    """
    tokens = [target.token(), target.token()]
    waiting = [await wire.open() for _ in tokens]
    for conversation, token in zip(waiting, tokens, strict=True):
        conversation.request("GET", page.base + "waits.py?id={id}", id=token)

    async def waited(conversation):
        answer = await conversation.answer()
        assert answer.body == b"first\nsecond\n"

    async def released():
        await wire.ping()
        for token in reversed(tokens):
            answer = await wire.get(page.base + "releases.py?id={id}", id=token)
            assert answer.body == b"released\n"

    await gather(*map(waited, waiting), released())


@spec("cgi/output-leaves-as-it-is-made", MUST, UNMODIFIED, needs=("streams",), busy=True)
async def test_output_leaves_as_it_is_made(target, page, wire):
    """
    What a script has written is on its way while the script goes on.

    Sends:      a GET of waits.py, which writes a line and waits; after that line a GET of releases.py.
    Observes:   that the line is here while the script waits (it gives up after 4 s); in the end, all of it.
    Differs:    many servers collect a script's output: their profile says `streams = false`.
    Look at:    buffers in the server and before it; compression.
    """
    token = target.token()
    waiting = await wire.open()
    waiting.request("GET", page.base + "waits.py?id={id}", id=token)

    await waiting.seen(rb"first\n")
    assert b"nobody came\n" not in waiting.received, "the script's first line came with its last"
    released = await wire.get(page.base + "releases.py?id={id}", id=token)
    answer = await waiting.answer()

    assert released.body == b"released\n"
    assert answer.complete, answer.problem
    assert answer.body == b"first\nsecond\n"
