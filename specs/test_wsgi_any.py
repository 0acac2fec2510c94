"""
WSGI, whatever comes: requests that follow each other, and answers in pieces of all kinds.
"""

from urllib.parse import unquote_to_bytes

from harness import MUST, pep, spec
from specs.test_wsgi_environ import paths_and_queries, request_fields
from specs.wsgi_reports import below, report, saying

VARIABLES = pep(
    3333, "environ Variables", "The environ dictionary is required to contain these CGI environment variables"
)
BLOCKS = pep(
    3333, "Specification Details", "must transmit the yielded bytestrings to the client in an unbuffered fashion"
)

#: Seconds after which a page that neither sleeps nor waits is taken for hanging.
PATIENCE = 5.0

#: The variables of which PEP 3333 says what their values are; one that is empty may be left out.
TOLD = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH")


def meant(method, path, query, kind, body):
    """What PEP 3333 says that an application is told; SCRIPT_NAME and PATH_INFO are one, for the mount is not ours."""
    expected = {"REQUEST_METHOD": method, "path": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
    return {**expected, "CONTENT_TYPE": kind if body else None, "CONTENT_LENGTH": str(len(body)) if body else None}


def said(environ, body):
    """What an application was told, in the same form."""
    told = {name: environ.get(name, "") for name in TOLD}
    told["path"] = told.pop("SCRIPT_NAME") + told.pop("PATH_INFO")
    if not body:
        # Without a body they may be empty, a default or nothing at all.
        told["CONTENT_TYPE"] = told["CONTENT_LENGTH"] = None
    return told


def requests():
    """Lists of requests: method, path and query, fields, and a body for those that have one."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    bodied = st.tuples(st.sampled_from(("POST", "PUT", "PATCH")), st.binary(min_size=1, max_size=300))
    others = st.tuples(st.sampled_from(("GET", "DELETE", "OPTIONS")), st.just(b""))
    return st.lists(st.tuples(bodied | others, paths_and_queries(), request_fields()), min_size=1, max_size=3)


def answers():
    """Triples of blocks, what they are returned as, and whether their length is announced."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    # What looks like the end of a chunk, of all chunks, of a header, or like an answer.
    tricky = st.sampled_from((b"", b"\r\n", b"0\r\n\r\n", b"\r\n\r\n", b"5\r\nab", b"HTTP/1.1 200 OK\r\n\r\n", b"\0"))
    blocks = st.lists(st.binary(max_size=60) | tricky, max_size=6)
    return st.tuples(
        blocks, st.sampled_from(("list", "tuple", "iterator", "generator", "steps", "write")), st.booleans()
    )


@spec("wsgi/any-requests-in-a-row-are-told-as-they-are", MUST, VARIABLES, examples=requests)
async def test_any_requests_in_a_row_are_told_as_they_are(target, page, wire, example):
    """
    Whatever the requests that follow each other on a connection, the application is told of each what it is.

    Sends:      up to three requests on one connection, unless the server closes it: methods, paths, queries, fields and
                bodies generated; the application leaves the bodies unread.
    Observes:   the variables that PEP 3333 defines, as the application saw them, beside what they should be.
    Differs:    what servers part over is not generated: see `any-path-and-query-reach-the-application`.
    Look at:    what is left of the request before: its body, its fields, its dictionary.
    """
    conversation = await wire.open()
    for (method, body), (tail, query), given in example:
        path = below(page, "/environ" + tail)
        kind = "application/x-web60"
        fields = [*given.items(), *([("Content-Type", kind)] if body else [])]
        asked = f"{path}?{query}" if query else path
        if conversation.is_gone:
            conversation = await wire.open()
        conversation.request(method, asked, fields=fields, body=body or None)
        answer = await conversation.answer_if_any(within=PATIENCE)
        if answer is None:
            conversation = await wire.open()
            conversation.request(method, asked, fields=fields, body=body or None)
            answer = await conversation.answer(within=PATIENCE)
        environ = report(answer)["environ"]

        assert said(environ, body) == meant(method, target.path(path), query, kind, body)
        ours = {name: value for name, value in environ.items() if name.startswith("HTTP_X_WEB60_")}
        assert ours == {"HTTP_" + name.upper().replace("-", "_"): value for name, value in given.items()}


@spec("wsgi/any-blocks-make-the-body", MUST, BLOCKS, examples=answers)
async def test_any_blocks_make_the_body(page, wire, example):
    """
    Whatever blocks an application gives, and in which way, the body is these bytes, and its end is where they end.

    Sends:      a GET of a page that answers the blocks generated; on the same connection, unless the server closes it,
                a GET of another.
    Observes:   both bodies, and that the first is whole.
    Look at:    bytes that look like the end of a chunk; empty blocks; a length beside chunks.
    """
    blocks, by, announced = example
    whole = b"".join(blocks)
    length = {"length": len(whole)} if announced else {}
    conversation = await wire.open()
    conversation.request("GET", saying(page, blocks=blocks, by=by, **length))
    answer = await conversation.answer(within=PATIENCE)
    conversation.request("GET", below(page, "/ping"))
    after = await conversation.answer_if_any(within=PATIENCE)

    assert answer.status == 200
    assert answer.complete, answer.problem
    assert answer.body == whole
    if after is not None:
        assert after.body == b"pong\n"
