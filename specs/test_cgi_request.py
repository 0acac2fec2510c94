"""
CGI, the way in: what a script is told about the request, and the body that it may read.
"""

import ipaddress
import re

from harness import MAY, MUST, SHOULD, rfc, spec
from specs.cgi_reports import variables as told

VARIABLES = rfc(3875, "4.1", "Meta-variables contain data about the request passed from the server")
LENGTH = rfc(3875, "4.1.2", "The server MUST set this meta-variable if and only if")
PATH_INFO = rfc(3875, "4.1.5", "the portion of the URI path hierarchy following the part that identifies the script")
QUERY = rfc(3875, "4.1.7", "The QUERY_STRING variable contains a URL-encoded search or parameter string")
EMPTY_QUERY = rfc(3875, "4.1.7", "the QUERY_STRING MUST be defined as an empty string")
ADDRESS = rfc(3875, "4.1.8", "MUST be set to the network address of the client")
METHOD = rfc(3875, "4.1.12", "MUST be set to the method which should be used by the script")
SCRIPT_NAME = rfc(3875, "4.1.13", "a URI path (not URL-encoded) which could identify the CGI script")
NO_PATH_INFO = rfc(3875, "4.1.13", "No PATH_INFO segment (see section 4.1.5) is included")
SERVER_NAME = rfc(3875, "4.1.14", "It is a case-insensitive hostname or network address")
FIELDS = rfc(3875, "4.1.18", "HTTP header field name is converted to upper case")
ONE_VALUE = rfc(3875, "4.1.18", "the server MUST rewrite them as a single value having the same semantics")
WITHHELD = rfc(3875, "4.1.18", "it SHOULD remove any header fields carrying authentication information")
NOT_ALL = rfc(3875, "4.1.18", "not required to create meta-variables for all the header fields")
ENOUGH = rfc(3875, "4.2", "The server MUST make at least that many bytes available for the script to read")
NOT_OBLIGED = rfc(3875, "4.2", "it is not obliged to read any of the data")

#: Every byte there is, and more than a pipe holds (64 KiB on Linux): what is lost, translated or cut shows.
ALL_BYTES = bytes(range(256)) * 1200


@spec("cgi/the-server-introduces-itself", MUST, VARIABLES, busy=True)
async def test_the_server_introduces_itself(page, wire):
    """
    A script is told which server runs it: dialect, protocol, software, name and port.

    Sends:      one GET of variables.sh.
    Observes:   GATEWAY_INTERFACE, SERVER_PROTOCOL, SERVER_SOFTWARE, SERVER_NAME, SERVER_PORT.
    Differs:    the protocol's version need not be the one we speak (section 4.1.16); behind a proxy the port
                is not the one we connect to.
    """
    variables = told(await wire.get(page.base + "variables.sh"))

    for name, form in (
        ("GATEWAY_INTERFACE", r"CGI/1\.\d+"),
        ("SERVER_PROTOCOL", r"(?i:HTTP)/\d+\.\d+"),
        ("SERVER_SOFTWARE", r".+"),
        ("SERVER_NAME", r".+"),
        ("SERVER_PORT", r"[0-9]+"),
    ):
        value = variables.get(name)
        assert re.fullmatch(form, value or ""), f"{name} is {value!r}, not of the form {form}"


@spec("cgi/the-address-of-the-client-reaches-the-script", MUST, ADDRESS, busy=True)
async def test_the_address_of_the_client_reaches_the_script(page, wire):
    """
    REMOTE_ADDR is an IP address, and nothing else.

    Sends:      one GET of variables.sh.
    Observes:   REMOTE_ADDR.
    Differs:    which address it is: behind a proxy, the proxy's.
    Look at:    the port, which sockets print behind an address.
    """
    variables = told(await wire.get(page.base + "variables.sh"))

    address = variables.get("REMOTE_ADDR")
    try:
        ipaddress.ip_address(address or "")
    except ValueError:
        message = f"REMOTE_ADDR is {address!r}, not an IP address"
        raise AssertionError(message) from None


@spec("cgi/the-method-reaches-the-script", MUST, METHOD, busy=True)
async def test_the_method_reaches_the_script(page, wire):
    """
    REQUEST_METHOD is the method of the request.

    Sends:      a GET and a POST of variables.sh.
    Observes:   REQUEST_METHOD of each.
    Differs:    what else a server lets through to a script (section 4.3.4), so nothing else is asked.
    """
    got = told(await wire.get(page.base + "variables.sh"))
    posted = told(await wire.post(page.base + "variables.sh", b"a body"))

    assert got.get("REQUEST_METHOD") == "GET"
    assert posted.get("REQUEST_METHOD") == "POST"


@spec("cgi/script-name-is-the-path-of-the-script", MUST, SCRIPT_NAME, busy=True)
async def test_script_name_is_the_path_of_the_script(page, wire):
    """
    SCRIPT_NAME is a path on the server that ends with the script, decoded, and has nothing of the query.

    Sends:      one GET of v%61riables.sh, which is variables.sh, with a query.
    Observes:   SCRIPT_NAME.
    Differs:    what stands before the script's name: a server may map it to several places (section 3.3).
    """
    variables = told(await wire.get(page.base + "v%61riables.sh?a=1"))

    name = variables.get("SCRIPT_NAME")
    assert re.fullmatch(r"/([^?]*/)?variables\.sh", name or ""), f"SCRIPT_NAME is {name!r}"


@spec("cgi/path-info-is-the-decoded-rest-of-the-path", MUST, PATH_INFO, needs=("path_info",), busy=True)
async def test_path_info_is_the_decoded_rest_of_the_path(page, wire):
    """
    Where the path goes on behind the script, PATH_INFO is what follows, decoded; the query is no part of it.

    Sends:      one GET of variables.sh/more/two%20words/1+1/100%2541?a=1.
    Observes:   PATH_INFO.
    Differs:    %2F, empty segments and bytes beyond ASCII: section 4.1.5 leaves them to the server.
    Look at:    how the rest of the path is joined: bytes and text do not mix in Python 3; a plus, which is a space
                in forms only; an escaped %, which tells whether the path was decoded twice.
    """
    variables = told(await wire.get(page.base + "variables.sh/more/two%20words/1+1/100%2541?a=1"))

    assert variables.get("PATH_INFO") == "/more/two words/1+1/100%41"


@spec("cgi/script-name-stops-where-path-info-begins", MUST, NO_PATH_INFO, needs=("path_info",), busy=True)
async def test_script_name_stops_where_path_info_begins(page, wire):
    """
    However the path goes on, SCRIPT_NAME is the same.

    Sends:      a GET of variables.sh, and of variables.sh/more.
    Observes:   SCRIPT_NAME of each.
    """
    alone = told(await wire.get(page.base + "variables.sh"))
    further = told(await wire.get(page.base + "variables.sh/more"))

    assert further.get("SCRIPT_NAME") == alone.get("SCRIPT_NAME")


@spec("cgi/the-query-reaches-the-script-still-encoded", MUST, QUERY, busy=True)
async def test_the_query_reaches_the_script_still_encoded(page, wire):
    """
    QUERY_STRING is the query in its order and still encoded, so that the script can take it apart.

    Sends:      one GET of variables.sh with escapes, a plus, a name twice and a question mark in the query.
    Observes:   QUERY_STRING.
    Differs:    a server may write %2b as %2B, and %41 as A (lighttpd does both): RFC 3986 section 6.2.2 calls
                that the same.  So nothing is escaped here that need not be.
    """
    query = "a=1&b=%20%2B%26+c&a=2&d=?/"

    variables = told(await wire.get(page.base + "variables.sh?" + query))

    assert variables.get("QUERY_STRING") == query


@spec("cgi/the-query-is-defined-though-empty", MUST, EMPTY_QUERY, busy=True)
async def test_the_query_is_defined_though_empty(page, wire):
    """
    Without a query QUERY_STRING is there all the same, and empty.

    Sends:      one GET of variables.sh.
    Observes:   QUERY_STRING.
    """
    variables = told(await wire.get(page.base + "variables.sh"))

    assert variables.get("QUERY_STRING") == ""


@spec("cgi/a-body-is-announced-with-length-and-type", MUST, LENGTH, busy=True)
async def test_a_body_is_announced_with_length_and_type(page, wire):
    """
    A script learns how long the request's body is, and of which type.

    Sends:      one POST of variables.sh with 11 bytes of a type of their own.
    Observes:   CONTENT_LENGTH, CONTENT_TYPE.
    """
    variables = told(
        await wire.post(
            page.base + "variables.sh", b"eleven byte", fields=[("Content-Type", "application/x-web60; a=b")]
        )
    )

    assert variables.get("CONTENT_LENGTH") == "11"
    assert variables.get("CONTENT_TYPE") == "application/x-web60; a=b"


@spec("cgi/a-body-reaches-the-script-exactly", MUST, ENOUGH, busy=True)
async def test_a_body_reaches_the_script_exactly(page, wire):
    """
    What is posted arrives on the script's standard input, whole and unchanged.

    Sends:      one POST of echo.py with 300 KB, every byte value among them.
    Observes:   the body of the answer, which is what the script read.
    Look at:    a script that begins to answer before it has read all (a pipe holds 64 KiB), and text modes.
    """
    answer = await wire.post(page.base + "echo.py", ALL_BYTES)

    assert answer.complete, answer.problem
    assert answer.status == 200
    assert len(answer.body) == len(ALL_BYTES)
    assert answer.body == ALL_BYTES


@spec("cgi/a-script-that-ignores-its-body-is-answered", MUST, NOT_OBLIGED, busy=True)
async def test_a_script_that_ignores_its_body_is_answered(page, wire):
    """
    A script may leave the request's body unread; its answer arrives all the same, and the server lives.

    Sends:      one POST of ignores-body.sh with 300 KB, which no pipe holds.
    Observes:   the answer, to its end.
    Differs:    whether the connection is kept afterwards.
    Look at:    the broken pipe on the way to the script: neither the request nor the server may die of it.
    """
    answer = await wire.post(page.base + "ignores-body.sh", ALL_BYTES)

    assert answer.complete, answer.problem
    assert answer.status == 200
    assert answer.body == b"ignored\n"
    await wire.ping()


@spec("cgi/header-fields-reach-the-script", MUST, FIELDS, busy=True)
async def test_header_fields_reach_the_script(page, wire):
    """
    The fields that every script asks for become variables: HTTP_ before the name, in capitals, _ for -.

    Sends:      one GET of variables.sh with User-Agent, Accept and Cookie.
    Observes:   HTTP_USER_AGENT, HTTP_ACCEPT, HTTP_COOKIE.
    """
    fields = [("User-Agent", "web60 (a test)"), ("Accept", "text/x-web60"), ("Cookie", "a=1; b=2")]

    variables = told(await wire.get(page.base + "variables.sh", fields=fields))

    assert variables.get("HTTP_USER_AGENT") == "web60 (a test)"
    assert variables.get("HTTP_ACCEPT") == "text/x-web60"
    assert variables.get("HTTP_COOKIE") == "a=1; b=2"


@spec("cgi/a-field-of-any-name-reaches-the-script", SHOULD, FIELDS, busy=True)
async def test_a_field_of_any_name_reaches_the_script(page, wire):
    """
    A field that no standard knows becomes a variable like any other.

    Sends:      one GET of variables.sh with a field X-Web60-Own.
    Observes:   HTTP_X_WEB60_OWN.
    Differs:    a server need not pass every field on; those that pick a few are rare.
    """
    variables = told(await wire.get(page.base + "variables.sh", fields=[("X-Web60-Own", "a value")]))

    assert variables.get("HTTP_X_WEB60_OWN") == "a value"


@spec("cgi/a-repeated-field-becomes-one-value", SHOULD, ONE_VALUE, busy=True)
async def test_a_repeated_field_becomes_one_value(page, wire):
    """
    A field that was sent twice becomes one variable with both values, in their order.

    Sends:      one GET of variables.sh with two Accept fields.
    Observes:   HTTP_ACCEPT, its values taken apart at the comma.
    Look at:    a table of fields that keeps only the last one.
    """
    # Accept, because a server need not pass on every field (http.server does not), and passes this one on if any.
    fields = [("Accept", "text/x-one"), ("Accept", "text/x-two")]

    variables = told(await wire.get(page.base + "variables.sh", fields=fields))

    assert [value.strip() for value in variables.get("HTTP_ACCEPT", "").split(",")] == ["text/x-one", "text/x-two"]


@spec("cgi/server-name-has-no-port", SHOULD, SERVER_NAME, busy=True)
async def test_server_name_has_no_port(page, wire):
    """
    SERVER_NAME is a name or an address; the port has a variable of its own.

    Sends:      one GET of variables.sh.
    Observes:   SERVER_NAME.
    Differs:    an IPv6 address stands in brackets.
    """
    variables = told(await wire.get(page.base + "variables.sh"))

    name = variables.get("SERVER_NAME")
    assert re.fullmatch(r"\[[^\]]+\]|[^:]+", name or ""), f"SERVER_NAME is {name!r}"


@spec("cgi/credentials-are-withheld", SHOULD, WITHHELD, busy=True)
async def test_credentials_are_withheld(page, wire):
    """
    The user's password is the server's affair: a script is not given the Authorization field.

    Sends:      one GET of variables.sh with Basic credentials.
    Observes:   that there is no HTTP_AUTHORIZATION.
    """
    variables = told(await wire.get(page.base + "variables.sh", fields=[("Authorization", "Basic d2ViNjA6c2VjcmV0")]))

    assert "HTTP_AUTHORIZATION" not in variables


@spec("cgi/the-proxy-field-is-withheld", SHOULD, NOT_ALL, busy=True)
async def test_the_proxy_field_is_withheld(page, wire):
    """
    A client cannot choose the proxy through which a script fetches: a Proxy field makes no HTTP_PROXY.

    Sends:      one GET of variables.sh with a field Proxy.
    Observes:   that the field's value is not in HTTP_PROXY.
    Look at:    "httpoxy", 2016: many HTTP libraries take that variable for the user's own choice.
    """
    variables = told(await wire.get(page.base + "variables.sh", fields=[("Proxy", "http://web60.invalid/")]))

    assert variables.get("HTTP_PROXY") != "http://web60.invalid/"


@spec("cgi/what-else-a-script-is-told", MAY, VARIABLES, busy=True)
async def test_what_else_a_script_is_told(page, wire, facts):
    """
    The variables of a plain request that servers fill as they like.

    Sends:      one GET of variables.sh.
    Observes:   which variables there are, and those whose value standards leave open.
    """
    variables = told(await wire.get(page.base + "variables.sh"))

    facts["variables"] = sorted(variables)
    for name in ("CONTENT_LENGTH", "CONTENT_TYPE", "PATH_INFO", "REMOTE_HOST", "SERVER_PROTOCOL"):
        facts[name] = variables.get(name)
    assert variables.get("GATEWAY_INTERFACE") == "CGI/1.1"
