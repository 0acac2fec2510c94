"""
CGI, the way in: what surrounds a script, and what it is told beyond the request's own words.
"""

import re
from urllib.parse import quote, unquote_to_bytes

from harness import MUST, SHOULD, NotObservable, rfc, spec
from specs.cgi_reports import document, variables

METHOD = rfc(3875, "4.1.12", "MUST be set to the method which should be used by the script")
HEAD = rfc(3875, "4.3.3", "requests the script to do sufficient processing to return the response header fields")
SOFTWARE = rfc(3875, "4.1.17", "MUST be set to the name and version of the information server software")
TRANSLATED = rfc(
    3875, "4.1.6", "If PATH_INFO is NULL, then the PATH_TRANSLATED variable MUST be set to NULL (or unset)"
)
USER = rfc(3875, "4.1.11", "supplied by client as part of user authentication")
TWICE = rfc(3875, "4.1.18", "available to the script in other variables, such as 'Content-Length' and 'Content-Type'")
DIRECTORY = rfc(3875, "7.2", "SHOULD be set to the directory containing the script")
ARGUMENTS = rfc(3875, "4.4", "MUST NOT generate any command line information")
CODINGS = rfc(3875, "4.2", "MUST remove any such codings from the message-body, and recalculate the CONTENT_LENGTH")
FIELDS = rfc(3875, "4.1.18", "HTTP header field name is converted to upper case")
META = rfc(3875, "4.1", "Meta-variables contain data about the request passed from the server")
PROTOCOL = rfc(3875, "4.1.16", "MUST be set to the name and version of the application protocol used")
SYSTEM = rfc(3875, "3.1", "executes the script and converts the CGI response into a response")

#: Seconds after which a script that neither sleeps nor waits is taken for hanging.
PATIENCE = 5.0

#: A product with its version, a comment, and so on (RFC 3875 section 4.1.17).
PRODUCTS = re.compile(
    r"[!#-'*+.^-z|~\w-]+(/[!#-'*+.^-z|~\w-]+)?( ([!#-'*+.^-z|~\w-]+(/[!#-'*+.^-z|~\w-]+)?|\([^()]*\)))*"
)


@spec("cgi/head-reaches-the-script-as-head", SHOULD, HEAD, busy=True)
async def test_head_reaches_the_script_as_head(page, wire):
    """
    A HEAD is the script's to answer: it is run, told HEAD, and its fields are those of the answer.

    Sends:      one HEAD of method.sh.
    Observes:   status, and the field in which it says its method.
    Differs:    a server may tell the script GET, and drop the body itself.
    """
    answer = await wire.head(page.base + "method.sh")

    assert answer.status == 200
    assert answer.fields.get("X-Web60-Method") == "HEAD"


@spec("cgi/an-unknown-method-arrives-as-it-is-or-is-refused", SHOULD, METHOD, busy=True)
async def test_an_unknown_method_arrives_as_it_is_or_is_refused(page, wire):
    """
    A method that is not GET, HEAD or POST reaches the script letter by letter, or is refused.

    Sends:      one request each of method.sh with PUT, DELETE, PROPFIND and WEB60-TEST.
    Observes:   what the script says of its method, or a status of 4xx or 501.
    Differs:    which methods a server lets through to a script (section 4.3.4).
    """
    for method in ("PUT", "DELETE", "PROPFIND", "WEB60-TEST"):
        answer = await wire.request(method, page.base + "method.sh", body=b"x" if method == "PUT" else None)
        if answer.status == 200:
            assert answer.fields.get("X-Web60-Method") == method
        else:
            assert answer.status in (*range(400, 500), 501), f"{method} was answered with {answer.status}"
    await wire.ping()


@spec("cgi/software-is-named-as-products-are", SHOULD, SOFTWARE, busy=True)
async def test_software_is_named_as_products_are(page, wire):
    """
    SERVER_SOFTWARE is the server's name, with its version behind a slash, and what it consists of besides.

    Sends:      one GET of variables.sh.
    Observes:   SERVER_SOFTWARE.
    Differs:    a server may be told to hide its version.
    """
    told = variables(await wire.get(page.base + "variables.sh"))

    software = told.get("SERVER_SOFTWARE")
    assert PRODUCTS.fullmatch(software or ""), f"SERVER_SOFTWARE is {software!r}"


@spec("cgi/protocol-is-the-version-of-the-request", SHOULD, PROTOCOL, busy=True)
async def test_protocol_is_the_version_of_the_request(page, wire):
    """
    SERVER_PROTOCOL is the version that the client speaks, by which a script may choose its answer.

    Sends:      a GET of variables.sh of HTTP/1.1, and one of HTTP/1.0.
    Observes:   SERVER_PROTOCOL of each.
    Differs:    a server that itself speaks HTTP/1.0 only says so; behind a proxy it is the proxy's.
    """
    request = wire.bytes_of("GET", page.base + "variables.sh", fields=[("Connection", "close")])

    async def asked(version):
        conversation = await wire.open()
        conversation.send(request.replace(b" HTTP/1.1\r\n", b" %s\r\n" % version, 1))
        answer = await conversation.answer()
        return answer.version, variables(answer).get("SERVER_PROTOCOL")

    spoken, newer = await asked(b"HTTP/1.1")
    _, older = await asked(b"HTTP/1.0")
    assert newer == ("HTTP/1.1" if spoken == b"1.1" else "HTTP/1.0")
    assert older == "HTTP/1.0"


@spec("cgi/nothing-is-translated-without-path-info", SHOULD, TRANSLATED, busy=True)
async def test_nothing_is_translated_without_path_info(page, wire):
    """
    Where the path ends with the script there is no PATH_INFO, and so no PATH_TRANSLATED.

    Sends:      one GET of variables.sh.
    Observes:   both variables.
    """
    told = variables(await wire.get(page.base + "variables.sh"))

    assert (told.get("PATH_INFO") or "", told.get("PATH_TRANSLATED") or "") == ("", "")


@spec("cgi/nobody-is-a-user-by-claiming-it", SHOULD, USER, busy=True)
async def test_nobody_is_a_user_by_claiming_it(page, wire):
    """
    Where the server has not asked for a password, no user is told to the script, whatever the client says.

    Sends:      one GET of variables.sh with Basic credentials that nobody checks, and fields named after the variables.
    Observes:   REMOTE_USER and AUTH_TYPE.
    Look at:    a script that trusts REMOTE_USER lets everybody in then.
    """
    fields = [("Authorization", "Basic d2ViNjA6c2VjcmV0"), ("Remote-User", "web60"), ("REMOTE_USER", "web60")]
    told = variables(await wire.get(page.base + "variables.sh", fields=fields))

    assert (told.get("REMOTE_USER") or "", told.get("AUTH_TYPE") or "") == ("", "")


@spec("cgi/no-field-takes-the-place-of-a-variable", MUST, META, busy=True)
async def test_no_field_takes_the_place_of_a_variable(page, wire):
    """
    What a client writes into its fields is in HTTP_… and nowhere else: no field changes what the server says.

    Sends:      a GET of variables.sh, and one with fields that are named as the server's own variables.
    Observes:   those variables, which are the same both times.
    Look at:    fields that are written over the variables, without HTTP_ before their names.
    """
    names = ("SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "REQUEST_METHOD", "QUERY_STRING", "HTTPS")
    fields = [(name.replace("_", "-"), "web60") for name in names]
    before = variables(await wire.get(page.base + "variables.sh"))
    after = variables(await wire.get(page.base + "variables.sh", fields=fields))

    for name in (*names, "PATH_INFO", "GATEWAY_INTERFACE"):
        assert after.get(name) == before.get(name), f"{name} was {before.get(name)!r}, and is {after.get(name)!r}"


@spec("cgi/content-fields-are-told-once", SHOULD, TWICE, busy=True)
async def test_content_fields_are_told_once(page, wire):
    """
    Type and length of the body are in CONTENT_TYPE and CONTENT_LENGTH, and not in HTTP_CONTENT_… besides.

    Sends:      one POST of variables.sh with a type.
    Observes:   the names of the variables.
    """
    told = variables(await wire.post(page.base + "variables.sh", b"a body", fields=[("Content-Type", "text/plain")]))

    assert [name for name in told if name in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH")] == []


@spec("cgi/a-script-runs-where-it-stands", SHOULD, DIRECTORY, busy=True)
async def test_a_script_runs_where_it_stands(page, wire):
    """
    A script's working directory is the one in which it stands, so that it finds its files.

    Sends:      one GET of started.py.
    Observes:   what it says of its directory.
    """
    told = document(await wire.get(page.base + "started.py"))

    assert told["directory"], "the script's directory is another than the one in which it stands"


@spec("cgi/a-query-of-names-and-values-is-no-argument", SHOULD, ARGUMENTS, busy=True)
async def test_a_query_of_names_and_values_is_no_argument(page, wire):
    """
    A query with an = in it is no list of search words, and a NUL no part of one: the script gets no arguments.

    Sends:      a GET of started.py each with a=b, with a+b=c, and with a NUL.
    Observes:   its arguments, or the status of a refusal.
    Look at:    a shell or an interpreter takes what begins with - for its own option.
    """
    for query in ("a=b", "-x+b=c", "-s+%00"):
        answer = await wire.get(f"{page.base}started.py?{query}")

        if answer.status == 200:
            assert document(answer)["arguments"] == []
        else:
            assert answer.status // 100 == 4


@spec("cgi/a-script-holds-no-files-of-the-servers", SHOULD, SYSTEM, busy=True)
async def test_a_script_holds_no_files_of_the_servers(page, wire):
    """
    A script is given its three streams, and none of the server's sockets and files.

    Sends:      one GET of started.py while another connection is open.
    Observes:   the numbers of its open files, where there is a /proc.
    Look at:    a script that holds a listening socket keeps the port when the server has gone; one that holds another
                client's connection can read and write it.
    """
    other = await wire.open()
    files = document(await wire.get(page.base + "started.py"))["files"]
    other.close()
    if files is None:
        message = "there is no /proc where the script runs"
        raise NotObservable(message)

    assert [number for number in files if number > 2] == []


@spec("cgi/a-body-in-chunks-arrives-without-them-or-is-refused", SHOULD, CODINGS, busy=True)
async def test_a_body_in_chunks_arrives_without_them_or_is_refused(page, wire):
    """
    A body that comes in chunks reaches the script with a length of its own and without the chunks, or is refused.

    Sends:      one POST of echo.py in three chunks.
    Observes:   what the script read by its CONTENT_LENGTH, or a status of 4xx or 501.
    Look at:    a length that is taken from the field that is not there.
    """
    head = wire.bytes_of("POST", page.base + "echo.py", fields=[("Transfer-Encoding", "chunked")])
    conversation = await wire.open()
    conversation.send(head + b"4\r\none\n\r\n4;a=b\r\ntwo\n\r\n6\r\nthree\n\r\n0\r\n\r\n")
    answer = await conversation.answer(method="POST", within=PATIENCE)

    if answer.status == 200:
        assert answer.body == b"one\ntwo\nthree\n"
    else:
        assert answer.status in (*range(400, 500), 501), f"it was answered with {answer.status}"
    await wire.ping()


# A property.  What correct servers treat differently is not generated: `%2F`, empty and dot segments and bytes beyond
# ASCII in a path; escapes that need not be in a query; white space at the ends of a value.


def requests():
    """Triples of a path behind the script, a query, and values of fields that every server passes on."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    plain = st.sampled_from("abcXYZ019-._~!$&'()*,:@")
    letter = st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="/\\;").map(
        lambda letter: quote(letter, safe="")
    )
    segments = st.lists(plain | letter | st.sampled_from(("%2541", "%3F", "%23", "+")), min_size=1, max_size=6)
    named = segments.map("".join).filter(lambda segment: unquote_to_bytes(segment).strip(b"."))
    paths = st.lists(named.map("/{}".format), max_size=3).map("".join)
    pieces = st.sampled_from(("a", "Z", "0", "=", "&", "+", "%20", "%26", "%2B", "%25", "%3D", "/", "?", "-", ".", "~"))
    queries = st.lists(pieces, max_size=12).map("".join)
    printable = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
    words = st.lists(st.text(printable, min_size=1, max_size=8), min_size=1, max_size=3).map(" ".join)
    return st.tuples(paths, queries, words, words)


@spec("cgi/any-request-reaches-the-script", MUST, META, needs=("path_info",), examples=requests)
async def test_any_request_reaches_the_script(page, wire, example):
    """
    Whatever the path behind the script, the query and the values of its fields, the script is told them.

    Sends:      one GET of variables.sh, its path, query and two fields generated.
    Observes:   PATH_INFO, QUERY_STRING, SCRIPT_NAME, HTTP_USER_AGENT and HTTP_ACCEPT.
    Differs:    servers part over what section 4.1.5 leaves to them, and over escapes that need not be: none of it is
                generated.
    """
    path, query, agent, accepted = example
    script = page.base + "variables.sh"
    target = (script + path + (f"?{query}" if query else "")).replace("{", "%7B").replace("}", "%7D")
    told = variables(await wire.get(target, fields=[("User-Agent", agent), ("Accept", accepted)]))

    assert (told.get("PATH_INFO") or "").encode("latin-1") == unquote_to_bytes(path)
    assert told.get("QUERY_STRING") == query
    assert (told.get("SCRIPT_NAME") or "").rpartition("/")[2] == "variables.sh"
    assert told.get("HTTP_USER_AGENT") == agent
    assert told.get("HTTP_ACCEPT") == accepted
