"""
Mutants of the CGI page, the way in: what surrounds a script, and what it is told beyond the request's own words.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.web.server import Request

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant
from tests.mutants.cgi import spawning
from tests.mutants.cgi_request import Variables, telling

METHOD = "cgi/an-unknown-method-arrives-as-it-is-or-is-refused"


@mutant("cgi/head-reaches-the-script-as-head")
def tells_head_as_get(reference: Reference) -> None:
    """A HEAD is a GET to the script, and its body is dropped."""
    telling(reference, lambda _, variables: {b"REQUEST_METHOD": variables[b"REQUEST_METHOD"].replace(b"HEAD", b"GET")})


@mutant(METHOD)
def takes_unknown_methods_for_get(reference: Reference) -> None:
    """A method that no script need know is told as GET."""

    def told(_: Request, variables: Variables) -> Variables:
        method = variables[b"REQUEST_METHOD"]
        return {b"REQUEST_METHOD": method if method in (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE") else b"GET"}

    telling(reference, told)


@mutant("cgi/software-is-named-as-products-are")
def names_its_software_in_a_sentence(reference: Reference) -> None:
    """SERVER_SOFTWARE is name and version with a colon between them."""
    telling(reference, lambda *_: {b"SERVER_SOFTWARE": b"TwistedWeb: 26.10.0"})


@mutant("cgi/protocol-is-the-version-of-the-request")
def tells_the_version_that_it_speaks_itself(reference: Reference) -> None:
    """SERVER_PROTOCOL is HTTP/1.1, whatever the client speaks."""
    telling(reference, lambda *_: {b"SERVER_PROTOCOL": b"HTTP/1.1"})


@mutant("cgi/nothing-is-translated-without-path-info")
def translates_what_is_not_there(reference: Reference) -> None:
    """PATH_TRANSLATED is the root of all documents where there is no PATH_INFO."""
    telling(reference, lambda _, variables: {b"PATH_TRANSLATED": b"/srv/www" + variables.get(b"PATH_INFO", b"")})


@mutant("cgi/nobody-is-a-user-by-claiming-it")
def believes_in_a_user_that_nobody_checked(reference: Reference) -> None:
    """REMOTE_USER is the user of the Authorization field, whatever the password."""
    telling(reference, lambda request, _: {b"REMOTE_USER": request.getUser() or None})


@mutant("cgi/no-field-takes-the-place-of-a-variable")
def writes_fields_over_variables(reference: Reference) -> None:
    """A field with the name of a variable is taken for it."""

    def told(request: Request, variables: Variables) -> dict[bytes, bytes]:
        fields = request.requestHeaders.getAllRawHeaders()
        named = {name.upper().replace(b"-", b"_"): values[-1] for name, values in fields}
        return {name: value for name, value in named.items() if name in variables and name.startswith(b"S")}

    telling(reference, told)


@mutant("cgi/content-fields-are-told-once")
def tells_the_type_of_the_body_twice(reference: Reference) -> None:
    """Content-Type becomes a variable like any other, besides its own."""
    telling(reference, lambda _, variables: {b"HTTP_CONTENT_TYPE": variables.get(b"CONTENT_TYPE")})


@mutant("cgi/a-script-runs-where-it-stands")
def runs_scripts_where_it_runs_itself(reference: Reference) -> None:
    """A script's working directory is the server's own."""

    def spawn(protocol: repaired.Output, executable: str, command: Any, variables: Any, _directory: str) -> None:
        reference.reactor.spawnProcess(protocol, executable, command, variables, "/")

    spawning(reference, spawn)


@mutant("cgi/a-query-of-names-and-values-is-no-argument")
def takes_every_query_for_words(reference: Reference) -> None:
    """The words of a query are arguments, whether there is an = in it or not."""

    def spawn(protocol: repaired.Output, executable: str, command: Any, variables: Any, directory: str) -> None:
        query = variables[b"QUERY_STRING"]
        words = [unquote_to_bytes(word) for word in query.split(b"+")] if b"=" in query else []
        if not any(b"\0" in word for word in words):
            command = [*command, *words]
        reference.reactor.spawnProcess(protocol, executable, command, variables, directory)

    spawning(reference, spawn)


@mutant("cgi/a-script-holds-no-files-of-the-servers")
def leaves_a_pipe_of_its_own_open(reference: Reference) -> None:
    """A script holds the end of one more pipe to the server, beside its three streams."""
    pipes = {0: "w", 1: "r", 2: "r", 3: "r"}

    def spawn(protocol: repaired.Output, executable: str, command: Any, variables: Any, directory: str) -> None:
        reference.reactor.spawnProcess(protocol, executable, command, variables, directory, childFDs=pipes)

    spawning(reference, spawn)


@mutant("cgi/a-body-in-chunks-arrives-without-them-or-is-refused")
def knows_the_length_from_its_field_only(reference: Reference) -> None:
    """CONTENT_LENGTH is what the field says, and not there where the body comes in chunks."""

    def told(request: Request, _: Variables) -> dict[bytes, bytes | None]:
        return {b"CONTENT_LENGTH": None} if request.getHeader(b"transfer-encoding") else {}

    telling(reference, told)
