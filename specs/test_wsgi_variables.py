"""
WSGI, what the application is told of the connection, of the container and of itself; and what it may do with that.
"""

import ipaddress
from urllib.parse import quote

from harness import MUST, SHOULD, NotOffered, gather, pep, rfc, spec
from specs.wsgi_reports import below, report

SCHEME = pep(3333, "environ Variables", 'A string representing the "scheme" portion of the URL')
PROTOCOL = pep(3333, "environ Variables", "The version of the protocol the client used to send the request.")
RECONSTRUCTED = pep(3333, "URL Reconstruction", "it may do so using the following algorithm")
METHOD = rfc(9110, "9.1", "The method token is case-sensitive")
OTHERS = pep(3333, "environ Variables", "should attempt to provide as many other CGI variables as are applicable")
STRINGS = pep(3333, "environ Variables", "CGI-defined variables must be native strings, if they are present at all")
OTHER_VARIABLES = rfc(3875, "4.1.18", "available to the script in other variables, such as 'Content-Length'")
THREADS = pep(3333, "environ Variables", "may be simultaneously invoked by another thread in the same process")
ONCE = pep(3333, "environ Variables", "invoked this one time during the life of its containing process")
DICTIONARY = pep(
    3333, "Specification Details", "the application is allowed to modify the dictionary in any way it desires"
)
NAMES = pep(3333, "environ Variables", "only lower-case letters, numbers, dots, and underscores")

#: Of what the names of CGI's variables are.
CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")


def reconstructed(environ):
    """The URL of a request as PEP 3333 puts it together."""
    url = environ.get("wsgi.url_scheme", "") + "://"
    if environ.get("HTTP_HOST"):
        url += environ["HTTP_HOST"]
    else:
        port = environ.get("SERVER_PORT", "")
        usual = {"https": "443", "http": "80"}.get(environ.get("wsgi.url_scheme"))
        url += environ.get("SERVER_NAME", "") + ("" if port == usual else ":" + port)
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING")
    return url + quote(path.encode("latin-1", "replace")) + (f"?{query}" if query else "")


@spec("wsgi/scheme-is-the-one-that-we-speak", SHOULD, SCHEME)
async def test_scheme_is_the_one_that_we_speak(target, page, wire):
    """
    wsgi.url_scheme is the scheme of the URL under which we ask.

    Sends:      one GET.
    Observes:   wsgi.url_scheme, as the application saw it.
    Differs:    behind a proxy that ends TLS, the container has to be told.
    Look at:    a scheme that is taken from the port, or from the version of the protocol.
    """
    environ = report(await wire.get(below(page, "/environ")))["environ"]

    assert environ.get("wsgi.url_scheme") == target.url.partition(":")[0]


@spec("wsgi/protocol-is-the-version-of-the-request", SHOULD, PROTOCOL)
async def test_protocol_is_the_version_of_the_request(page, wire):
    """
    SERVER_PROTOCOL is the version that the client speaks, not the newest that the server knows.

    Sends:      one GET of HTTP/1.1, and one of HTTP/1.0.
    Observes:   SERVER_PROTOCOL of each, as the application saw it.
    Differs:    behind a proxy it is the proxy's.
    Look at:    a constant.
    """
    request = wire.bytes_of("GET", below(page, "/environ"), fields=[("Connection", "close")])

    async def asked(version):
        conversation = await wire.open()
        conversation.send(request.replace(b" HTTP/1.1\r\n", b" %s\r\n" % version, 1))
        return report(await conversation.answer())["environ"].get("SERVER_PROTOCOL")

    assert [await asked(b"HTTP/1.1"), await asked(b"HTTP/1.0")] == ["HTTP/1.1", "HTTP/1.0"]


@spec("wsgi/the-url-can-be-put-together-again", SHOULD, RECONSTRUCTED)
async def test_the_url_can_be_put_together_again(target, page, wire):
    """
    What the variables make by PEP 3333's own algorithm is the URL that was asked for.

    Sends:      one GET with a query and an encoded space in its path.
    Observes:   the URL that scheme, host, path and query make, as the application saw them.
    Differs:    a server that rewrites URLs, or stands behind a proxy, may name another.
    Look at:    HTTP_HOST without its port; a mount that is in both SCRIPT_NAME and PATH_INFO.
    """
    path = below(page, "/environ/a%20b?c=%20d&e")
    environ = report(await wire.get(path))["environ"]

    assert reconstructed(environ) == "/".join(target.url.split("/")[:3]) + target.path(path)


@spec("wsgi/an-unknown-method-arrives-as-it-is-or-is-refused", SHOULD, METHOD)
async def test_an_unknown_method_arrives_as_it_is_or_is_refused(page, wire):
    """
    A method that the server has never heard of reaches the application letter by letter, or is refused.

    Sends:      one request each with PROPFIND, WEB60-TEST, and "Get".
    Observes:   REQUEST_METHOD, as the application saw it, or a status of 4xx or 501.
    Differs:    which methods a server lets through.
    Look at:    methods that are put in capitals, or taken for GET.
    """
    for method in ("PROPFIND", "WEB60-TEST", "Get"):
        answer = await wire.request(method, below(page, "/environ"))
        if answer.status == 200:
            assert report(answer)["environ"].get("REQUEST_METHOD") == method
        else:
            assert answer.status in (*range(400, 500), 501), f"{method} was answered with {answer.status}"
    await wire.ping()


@spec("wsgi/the-address-of-the-client-is-told", SHOULD, OTHERS)
async def test_the_address_of_the_client_is_told(page, wire):
    """
    REMOTE_ADDR is the client's IP address, and nothing else.

    Sends:      one GET.
    Observes:   REMOTE_ADDR, as the application saw it.
    Differs:    which address it is: behind a proxy, the proxy's.  On a UNIX socket there is none.
    Look at:    the port, which sockets print behind an address.
    """
    environ = report(await wire.get(below(page, "/environ")))["environ"]

    address = environ.get("REMOTE_ADDR")
    try:
        ipaddress.ip_address(address or "")
    except ValueError:
        message = f"REMOTE_ADDR is {address!r}, not an IP address"
        raise AssertionError(message) from None


@spec("wsgi/variables-of-cgi-are-text-with-a-body-too", MUST, STRINGS)
async def test_variables_of_cgi_are_text_with_a_body_too(page, wire):
    """
    Whatever the request, every variable whose name CGI could have is a str, and every name is one.

    Sends:      a POST with a body and a type, one of an empty body, and a GET with credentials and an empty field.
    Observes:   the types of the variables and of their names, as the application saw them.
    Look at:    lengths and ports, which are numbers to a server; what is not there, which is None to Python.
    """
    kind = ("Content-Type", "text/plain")
    answers = [
        await wire.post(below(page, "/environ"), b"a body", fields=[kind]),
        await wire.post(below(page, "/environ"), b""),
        await wire.get(
            below(page, "/environ"), fields=[("Authorization", "Basic d2ViNjA6c2VjcmV0"), ("X-Web60-Empty", "")]
        ),
    ]

    for answer in answers:
        types = report(answer)["types"]
        assert {name: kind for name, kind in types.items() if CAPITALS.issuperset(name) and kind != "str"} == {}


@spec("wsgi/content-fields-are-told-once", SHOULD, OTHER_VARIABLES)
async def test_content_fields_are_told_once(page, wire):
    """
    Type and length of the body are in CONTENT_TYPE and CONTENT_LENGTH, and not in HTTP_CONTENT_… besides.

    Sends:      one POST with a type.
    Observes:   the names of the variables, as the application saw them.
    Differs:    PEP 3333 does not say so; the validator of Python's standard library (wsgiref.validate) insists on it.
    Look at:    which fields are left out when the others become HTTP_….
    """
    answer = await wire.post(below(page, "/environ"), b"a body", fields=[("Content-Type", "text/plain")])

    names = report(answer)["types"]
    assert [name for name in names if name in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH")] == []


@spec("wsgi/threads-and-processes-are-told-truly", SHOULD, THREADS, lasts=lambda _: 0.3, alone="page")
async def test_threads_and_processes_are_told_truly(page, wire):
    """
    wsgi.multithread is true where two calls are under way in one process, wsgi.multiprocess where two processes answer.

    Sends:      as many GETs at once as the profile's `threads`, of a page that blocks for a while.
    Observes:   the processes that answered, how many calls each had at a time, and what the application was told.
    Differs:    where only one call is under way at a time, or only one process is, either value may be told.
    Look at:    constants.
    """
    if page.threads == 1:
        raise NotOffered("the profile's threads = 1: nothing is ever side by side")
    path = below(page, "/together?seconds=0.3")
    seen = [report(answer) for answer in await gather(*(wire.get(path) for _ in range(page.threads)))]

    if max(call["most"] for call in seen) > 1:
        assert {call["flags"].get("wsgi.multithread") for call in seen} == {True}
    if len({call["process"] for call in seen}) > 1:
        assert {call["flags"].get("wsgi.multiprocess") for call in seen} == {True}


@spec("wsgi/run-once-is-false-where-a-process-goes-on", SHOULD, ONCE)
async def test_run_once_is_false_where_a_process_goes_on(page, wire):
    """
    wsgi.run_once is false in a process that answers more than one request.

    Sends:      GETs one after the other, until a process has answered two of them, five at most.
    Observes:   which processes answered, and what the application was told.
    Differs:    a container that starts a process for each request says true.
    """
    path = below(page, "/together?seconds=0")
    seen = [report(await wire.get(path)) for _ in range(5)]

    processes = [call["process"] for call in seen]
    for call in seen:
        if processes.count(call["process"]) > 1:
            assert call["flags"].get("wsgi.run_once") is False


@spec("wsgi/the-environ-may-be-changed", MUST, DICTIONARY)
async def test_the_environ_may_be_changed(page, wire):
    """
    An application may do with its environ what it likes: its answer is whole, and the next call sees nothing of it.

    Sends:      a GET of a page that empties the environ and fills in other things; on the same connection, unless the
                server closes it, one that shows the environ.
    Observes:   the first answer, whose end is not announced, and the variables of the second.
    Look at:    one dictionary for all requests of a connection; a container that reads its own variables back.
    """
    conversation = await wire.open()
    conversation.request("GET", below(page, "/environ-spoiled"))
    spoiled = await conversation.answer()
    conversation.request("GET", below(page, "/environ"))
    after = await conversation.answer_if_any() or await wire.get(below(page, "/environ"))

    assert spoiled.status == 200
    assert spoiled.body == b"spoiled\n"
    assert spoiled.complete, spoiled.problem
    seen = report(after)
    assert seen["version"] == [1, 0]
    assert [name for name in seen["types"] if name in ("HTTP_X_WEB60_LEFT", "60")] == []


@spec("wsgi/own-variables-have-names-of-their-own", SHOULD, NAMES)
async def test_own_variables_have_names_of_their_own(page, wire):
    """
    What a server adds of its own has a name in small letters, with the server's name before a dot.

    Sends:      one GET.
    Observes:   the names of the variables that are not in capitals, as the application saw them.
    Differs:    a name in capitals may be one of the process's environment.
    """
    names = report(await wire.get(below(page, "/environ")))["types"]

    small = [name for name in names if not name.isupper()]
    allowed = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._")
    assert [name for name in small if "." not in name or not allowed.issuperset(name)] == []
