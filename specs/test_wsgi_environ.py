"""
WSGI, what the application is told: the request as PEP 3333 wants it.
"""

from urllib.parse import unquote_to_bytes

from harness import MAY, MUST, SHOULD, pep, rfc, spec, tutorial
from specs.wsgi_reports import below, report

ITS_OWN_URLS = tutorial("wsgi", "all further URL handling is the responsibility of the WSGI application")
PATH = pep(3333, "environ Variables", 'The remainder of the request URL\'s "path"')
QUERY = pep(3333, "environ Variables", 'The portion of the request URL that follows the "?", if any.')
METHOD = pep(3333, "environ Variables", "This cannot ever be an empty string, and so is always required.")
REQUIRED = pep(3333, "environ Variables", "must contain the following WSGI-defined variables")
NAME_AND_PORT = pep(3333, "environ Variables", "are required strings and must never be empty.")
FIELDS = pep(3333, "environ Variables", "Variables corresponding to the client-supplied HTTP request headers")
CONTENT = pep(3333, "environ Variables", "The contents of any Content-Type fields in the HTTP request.")
STRINGS = pep(3333, "Unicode Issues", "must contain only code points representable in ISO-8859-1 encoding")
ABSOLUTE = rfc(9112, "3.2.2", "A server MUST accept the absolute-form in requests")
REPEATED = rfc(9110, "5.3")


def whole_path(seen):
    """What the container says that the request's path is, as bytes."""
    environ = seen["environ"]
    return (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1", "replace")


@spec("wsgi/everything-below-the-mount-is-the-applications", MUST, ITS_OWN_URLS)
async def test_everything_below_the_mount_is_the_applications(page, wire):
    """
    Whatever follows the mount in a path, the application is called: no path below it is the server's own.

    Sends:      one GET each of paths that look like a file, a directory, or a page of the server's own.
    Observes:   the PATH_INFO that the application answers.
    Look at:    whether a static handler, an index file or a redirect comes before the application.
    """
    tails = ("", "/", "/ping", "/index.html", "/a/b/c/", "/favicon.ico", "/a.b/robots.txt", "/wsgi/cgi-bin")
    answers = [await wire.get(below(page, "/environ" + tail)) for tail in tails]

    for tail, answer in zip(tails, answers, strict=True):
        assert report(answer)["environ"].get("PATH_INFO") == "/environ" + tail


@spec("wsgi/script-name-and-path-info-make-the-decoded-path", MUST, PATH)
async def test_script_name_and_path_info_make_the_decoded_path(target, page, wire):
    """
    SCRIPT_NAME and PATH_INFO together are the path of the request, decoded once, its bytes as latin-1 text.

    Sends:      one GET each of paths with an encoded space, UTF-8, reserved characters, and an encoded percent sign.
    Observes:   both variables, as the application saw them.
    Differs:    servers part over `%2F`, `//` and dot segments, which are left out.
    Look at:    unquoting to text instead of bytes, unquoting twice, `+` taken for a space.
    """
    tails = ("a%20b", "caf%C3%A9/%E2%82%AC", "a+b", "%2541", "q%3Fx%23y", "semi;colon=1,2", "%41%7Euser", "x@y:z")
    paths = [below(page, "/environ/" + tail) for tail in tails]
    answers = [await wire.get(path) for path in paths]

    for path, answer in zip(paths, answers, strict=True):
        assert whole_path(report(answer)) == unquote_to_bytes(target.path(path))


@spec("wsgi/query-string-is-raw", MUST, QUERY)
async def test_query_string_is_raw(page, wire):
    """
    QUERY_STRING is what follows the question mark, undecoded; without one it is empty or absent.

    Sends:      one GET each of a path with a query, with question marks in it, and with none.
    Observes:   QUERY_STRING, as the application saw it.
    Look at:    parsing and rebuilding the query instead of passing it on.
    """
    queries = ("a=1&b=%20+%C3%A9&&c&a=2", "x?y=/z?", "%3D=%26", "")
    paths = [f"/environ?{query}" if query else "/environ" for query in queries]
    answers = [await wire.get(below(page, path)) for path in paths]

    for query, answer in zip(queries, answers, strict=True):
        assert report(answer)["environ"].get("QUERY_STRING", "") == query


@spec("wsgi/request-method-reaches-the-application", MUST, METHOD)
async def test_request_method_reaches_the_application(page, wire):
    """
    REQUEST_METHOD is the method of the request.

    Sends:      one request each with GET, POST, PUT, PATCH, DELETE and OPTIONS.
    Observes:   REQUEST_METHOD, as the application saw it.
    """
    bodies = {"GET": None, "POST": b"x", "PUT": b"x", "PATCH": b"x", "DELETE": None, "OPTIONS": None}
    answers = [await wire.request(method, below(page, "/environ"), body=body) for method, body in bodies.items()]

    assert [report(answer)["environ"].get("REQUEST_METHOD") for answer in answers] == list(bodies)


@spec("wsgi/required-variables-are-there-with-their-types", MUST, REQUIRED)
async def test_required_variables_are_there_with_their_types(page, wire):
    """
    The environ is a plain dict, and has all that PEP 3333 requires, each of its type.

    Sends:      one GET.
    Observes:   types, and those values that have only one right one, as the application saw them.
    Differs:    what may be empty may be absent: SCRIPT_NAME, QUERY_STRING, CONTENT_TYPE, CONTENT_LENGTH.
    """
    seen = report(await wire.get(below(page, "/environ/types")))
    environ, types = seen["environ"], seen["types"]

    assert seen["type"] == "dict"
    assert seen["version"] == [1, 0]
    assert seen["input"] == ["read", "readline", "readlines", "__iter__"]
    assert seen["errors"] == ["flush", "write", "writelines"]
    assert environ.get("wsgi.url_scheme") in ("http", "https")
    assert str(environ.get("SERVER_PROTOCOL")).startswith("HTTP/"), "SERVER_PROTOCOL is no version of HTTP"
    missing = {"wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once", "HTTP_HOST"} - set(types)
    assert missing == set()
    # Variables of CGI are in capitals; what a server adds has lower-case letters and a dot.
    assert {name: kind for name, kind in types.items() if name.isupper() and kind != "str"} == {}


@spec("wsgi/strings-are-bytes-as-latin-one", MUST, STRINGS)
async def test_strings_are_bytes_as_latin_one(page, wire):
    """
    Every string of the environ consists of characters that stand for one byte each.

    Sends:      one GET with UTF-8 in its path, encoded, and in its query, encoded.
    Observes:   the largest code point of each variable, as the application saw it.
    Look at:    decoding as UTF-8, which PEP 3333 leaves to the application.
    """
    seen = report(await wire.get(below(page, "/environ/%E2%82%AC?%E2%82%AC")))

    for name, value in seen["environ"].items():
        assert max(map(ord, value), default=0) <= 0xFF, f"{name} has characters that are no bytes: {value!r}"


@spec("wsgi/server-name-and-port-are-never-empty", MUST, NAME_AND_PORT)
async def test_server_name_and_port_are_never_empty(target, page, wire):
    """
    SERVER_NAME and SERVER_PORT are there and not empty, also when the request names no host.

    Sends:      one GET as usual; one of HTTP/1.0 without Host; one with an empty Host (RFC 9112 section 3.2).
    Observes:   both variables, as the application saw them.
    Differs:    the last two may be refused.
    Look at:    whether the name is taken from the Host field alone.
    """
    path = target.path(below(page, "/environ")).encode("ascii")
    usual = wire.bytes_of("GET", below(page, "/environ"), fields=[("Connection", "close")])
    nameless = (b"GET %s HTTP/1.0\r\n\r\n" % path, b"GET %s HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n" % path)

    async def asked(request):
        conversation = await wire.open()
        conversation.send(request)
        return await conversation.answer()

    answers = [await asked(request) for request in (usual, *nameless)]

    assert answers[0].status == 200
    for how, answer in zip(("as usual", "without Host", "with an empty Host"), answers, strict=True):
        if answer.status == 200:
            environ = report(answer)["environ"]
            assert environ.get("SERVER_NAME", "") != "", f"asked {how}, SERVER_NAME was empty or not there"
            assert environ.get("SERVER_PORT", "") != "", f"asked {how}, SERVER_PORT was empty or not there"


@spec("wsgi/request-fields-reach-the-application", MUST, FIELDS)
async def test_request_fields_reach_the_application(page, wire):
    """
    Each field of the request is there as HTTP_ and its name in capitals, and none that was not sent.

    Sends:      one GET with some well-known fields, one of our own with odd punctuation, and a latin-1 byte; then one
                without them.
    Observes:   the HTTP_ variables, as the application saw them.
    Differs:    how names with an underscore and repeated fields come is left out.
    """
    fields = {
        "Accept-Language": "de, en;q=0.5",
        "User-Agent": "web60 (looks; closely)",
        "Cookie": "a=1; b=two",
        "Referer": "http://example.org/?a=b",
        "X-Web60-Odd": "a=\"b\", {c}; [d] <e@f> 'g' \\h|i",
        "x-web60-2nd": "caf\xe9",
    }
    environ = report(await wire.get(below(page, "/environ"), fields=tuple(fields.items())))["environ"]
    without = report(await wire.get(below(page, "/environ")))["environ"]

    for name, value in fields.items():
        assert environ.get("HTTP_" + name.upper().replace("-", "_")) == value
    assert [name for name in environ if name in ("HTTP_ACCEPT", "HTTP_IF_NONE_MATCH", "HTTP_X_WEB60")] == []
    assert [name for name in without if name in ("HTTP_COOKIE", "HTTP_REFERER", "HTTP_X_WEB60_ODD")] == []


@spec("wsgi/repeated-request-fields-are-joined-by-a-comma", SHOULD, REPEATED)
async def test_repeated_request_fields_are_joined_by_a_comma(page, wire):
    """
    A field that was sent twice is one variable, with both values in their order.

    Sends:      one GET with a field twice, another field between.
    Observes:   the variable, split at commas.
    """
    fields = (("X-Web60-Many", "one"), ("X-Web60-Other", "other"), ("X-Web60-Many", "two"))
    environ = report(await wire.get(below(page, "/environ"), fields=fields))["environ"]

    assert [value.strip() for value in environ.get("HTTP_X_WEB60_MANY", "").split(",")] == ["one", "two"]


@spec("wsgi/content-type-and-length-are-the-requests", MUST, CONTENT)
async def test_content_type_and_length_are_the_requests(page, wire):
    """
    CONTENT_TYPE and CONTENT_LENGTH are the request's own, if it has a body.

    Sends:      one POST with a body and a media type with a parameter.
    Observes:   both variables and their types, as the application saw them.
    Differs:    without a body, servers leave them out, empty, or with a default; that is not asked.
    """
    kind = 'application/x-web60; charset="utf-8"'
    answer = await wire.post(below(page, "/environ"), b"0123456789a", fields=[("Content-Type", kind)])
    seen = report(answer)
    environ, types = seen["environ"], seen["types"]

    assert environ.get("CONTENT_TYPE") == kind
    assert environ.get("CONTENT_LENGTH") == "11"
    assert (types["CONTENT_TYPE"], types["CONTENT_LENGTH"]) == ("str", "str")


@spec("wsgi/absolute-form-is-the-same-page", SHOULD, ABSOLUTE)
async def test_absolute_form_is_the_same_page(target, page, wire):
    """
    A request target in absolute form comes to the application as its path and query.

    Sends:      one GET whose request line has the whole URL.
    Observes:   the path and QUERY_STRING, as the application saw them.
    """
    path = below(page, "/environ/absolute")
    usual = wire.bytes_of("GET", path + "?a=b", fields=[("Connection", "close")])
    conversation = await wire.open()
    origin = "/".join(target.url.split("/")[:3])
    conversation.send(usual.replace(b"GET ", b"GET " + origin.encode("ascii"), 1))
    seen = report(await conversation.answer())

    assert whole_path(seen) == target.path(path).encode("ascii")
    assert seen["environ"].get("QUERY_STRING") == "a=b"


@spec("wsgi/what-is-left-to-servers-is-recorded", MAY, PATH)
async def test_what_is_left_to_servers_is_recorded(page, wire, facts):
    """
    What an application is told of odd requests, and of things beyond PEP 3333, is recorded.

    Sends:      one GET each of paths with an encoded slash, an empty segment and a dot segment; one of a field with an
                underscore; one without a body or anything else.
    Observes:   PATH_INFO or the status of a refusal; the field; CONTENT_TYPE, CONTENT_LENGTH; the server's variables.
    """
    for name, tail in (("encoded slash", "/a%2Fb"), ("empty segment", "//a"), ("dot segment", "/a/../b")):
        answer = await wire.get(below(page, "/environ" + tail))
        facts[name] = report(answer)["environ"].get("PATH_INFO") if answer.status == 200 else answer.status
    answer = await wire.get(below(page, "/environ"), fields=[("X_Web60_Under", "seen")])
    facts["underscore"] = report(answer)["environ"].get("HTTP_X_WEB60_UNDER") if answer.status == 200 else answer.status
    seen = report(await wire.get(below(page, "/environ")))
    facts["no body"] = {name: seen["environ"].get(name) for name in ("CONTENT_TYPE", "CONTENT_LENGTH")}
    facts["variables"] = sorted(name for name in seen["types"] if "." in name)


# Properties.  What correct servers treat differently is not generated: `%2F`, `//`, dot segments, encoded controls
# and backslashes in a path; underscores in a field's name, white space at the ends or in a row in its value.


def paths_and_queries():
    """Pairs of a path to be put after another, and a query; characters are encoded unless RFC 3986 lets them stand."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    plain = st.sampled_from("abcXYZ019-._~!$&'()*+,;=:@")
    letter = st.characters(exclude_categories=("C", "Z"), exclude_characters="/\\") | st.just(" ")
    encoded = letter.map(lambda letter: "".join(f"%{byte:02X}" for byte in letter.encode()))
    piece = plain | encoded | st.sampled_from(("%2541", "%3F", "%23", "+", ";"))
    segments = st.lists(piece, min_size=1, max_size=8).map("".join)
    without_dots = segments.filter(lambda segment: unquote_to_bytes(segment).strip(b"."))
    whole = st.lists(without_dots.map("/{}".format), max_size=4).map("".join)
    paths = st.builds(str.__add__, whole, st.sampled_from(("", "/")))
    queries = st.lists(piece | st.sampled_from("/?"), max_size=20).map("".join)
    return st.tuples(paths, queries)


def request_fields():
    """Fields of our own: names of words, values of printable ASCII and latin-1 with single spaces."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True).map("x-web60-{}".format)
    printable = st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_categories=("C", "Z"))
    values = st.lists(st.text(printable, min_size=1, max_size=12), min_size=1, max_size=4).map(" ".join)
    return st.dictionaries(names, values, min_size=1, max_size=6)


@spec("wsgi/any-path-and-query-reach-the-application", MUST, PATH, examples=paths_and_queries)
async def test_any_path_and_query_reach_the_application(target, page, wire, example):
    """
    Whatever the path and the query, the application is told the path's bytes and the query as it was sent.

    Sends:      one GET, its path and query generated.
    Observes:   SCRIPT_NAME, PATH_INFO and QUERY_STRING, as the application saw them.
    Differs:    servers part over `%2F`, `//`, dot segments and controls, which are not generated.
    Look at:    the path that the failure shows: unquoting to text, twice, or before the query is split off.
    """
    tail, query = example
    path = below(page, "/environ" + tail)
    seen = report(await wire.get(f"{path}?{query}" if query else path))

    assert whole_path(seen) == unquote_to_bytes(target.path(path))
    assert seen["environ"].get("QUERY_STRING", "") == query


@spec("wsgi/any-request-fields-reach-the-application", MUST, FIELDS, examples=request_fields)
async def test_any_request_fields_reach_the_application(page, wire, example):
    """
    Whatever the fields of the request, the application is told each of them, byte for byte.

    Sends:      one GET, its fields generated.
    Observes:   the HTTP_ variables, as the application saw them.
    Differs:    servers part over underscores, repeated names and white space at the ends, which are not generated.
    """
    environ = report(await wire.get(below(page, "/environ"), fields=tuple(example.items())))["environ"]

    for name, value in example.items():
        assert environ.get("HTTP_" + name.upper().replace("-", "_")) == value
