"""
Mutants of the CGI page, the way in: what a script is told about the request, and the body that it may read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from twisted.web.server import Request
from twisted.web.twcgi import CGIScript

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import spawning

Variables = Mapping[bytes, bytes]


def telling(reference: Reference, told: Callable[[Request, Variables], Mapping[bytes, bytes | None]]) -> None:
    """Have scripts told what `told(request, variables)` gives, beside all else; None takes a variable away."""

    def spawn(
        protocol: repaired.Output, executable: str, command: Any, variables: dict[bytes, bytes], directory: str
    ) -> None:
        changed = {**variables, **told(protocol.request, variables)}
        kept = {name: value for name, value in changed.items() if value is not None}
        reference.reactor.spawnProcess(protocol, executable, command, kept, directory)

    spawning(reference, spawn)


# Who the server is, and who the client.


@mutant(*of("cgi", "the-server-introduces-itself"))
def speaks_a_dialect_without_a_name(reference: Reference) -> None:
    """GATEWAY_INTERFACE is the version alone."""
    telling(reference, lambda *_: {b"GATEWAY_INTERFACE": b"1.1"})


@mutant("cgi/software-is-named-as-products-are", *of("cgi", "the-server-introduces-itself"))
def hides_its_software(reference: Reference) -> None:
    """SERVER_SOFTWARE is empty, so that nobody learns what could be attacked."""
    telling(reference, lambda *_: {b"SERVER_SOFTWARE": b""})


@mutant(*of("cgi", "the-server-introduces-itself"))
def leaves_its_port_out(reference: Reference) -> None:
    """There is no SERVER_PORT."""
    telling(reference, lambda *_: {b"SERVER_PORT": None})


@mutant(*of("cgi", "the-server-introduces-itself", "server-name-has-no-port"))
def has_no_name_until_it_is_given_one(reference: Reference) -> None:
    """SERVER_NAME is what somebody configured, and empty since nobody did."""
    telling(reference, lambda *_: {b"SERVER_NAME": b""})


@mutant(*of("cgi", "server-name-has-no-port"))
def names_itself_with_its_port(reference: Reference) -> None:
    """SERVER_NAME is the Host field as it was sent, with the port."""
    telling(reference, lambda request, _: {b"SERVER_NAME": request.getHeader(b"host")})


@mutant(*of("cgi", "the-address-of-the-client-reaches-the-script"))
def tells_the_name_of_the_client_for_its_address(reference: Reference) -> None:
    """REMOTE_ADDR is the client's name, where it has one."""
    telling(reference, lambda *_: {b"REMOTE_ADDR": b"localhost"})


@mutant("cgi/no-field-takes-the-place-of-a-variable", *of("cgi", "the-address-of-the-client-reaches-the-script"))
def tells_the_address_of_the_client_with_its_port(reference: Reference) -> None:
    """REMOTE_ADDR is address and port, as sockets print them."""

    def told(request: Request, variables: Variables) -> Variables:
        return {b"REMOTE_ADDR": b"%s:%d" % (variables[b"REMOTE_ADDR"], request.getClientAddress().port)}

    telling(reference, told)


# What is asked for.


@mutant(
    "cgi/an-unknown-method-arrives-as-it-is-or-is-refused",
    "cgi/head-reaches-the-script-as-head",
    *of("cgi", "the-method-reaches-the-script"),
)
def calls_every_method_get(reference: Reference) -> None:
    """REQUEST_METHOD is always GET."""
    telling(reference, lambda *_: {b"REQUEST_METHOD": b"GET"})


@mutant(
    "cgi/an-unknown-method-arrives-as-it-is-or-is-refused",
    "cgi/head-reaches-the-script-as-head",
    *of("cgi", "the-method-reaches-the-script"),
)
def writes_the_method_small(reference: Reference) -> None:
    """REQUEST_METHOD is in small letters."""
    telling(reference, lambda request, _: {b"REQUEST_METHOD": request.method.lower()})


@mutant("cgi/any-request-reaches-the-script", *of("cgi", "script-name-is-the-path-of-the-script"))
def takes_the_query_for_a_part_of_the_name(reference: Reference) -> None:
    """SCRIPT_NAME ends with the query, if there is one."""

    def told(_: Request, variables: Variables) -> Variables:
        _, mark, query = variables[b"REQUEST_URI"].partition(b"?")
        return {b"SCRIPT_NAME": variables[b"SCRIPT_NAME"] + mark + query}

    telling(reference, told)


@mutant(*of("cgi", "script-name-is-the-path-of-the-script"))
def tells_the_name_of_the_script_without_its_folder(reference: Reference) -> None:
    """SCRIPT_NAME is the name of the file, and no path."""
    telling(reference, lambda _, variables: {b"SCRIPT_NAME": variables[b"SCRIPT_NAME"].rpartition(b"/")[2]})


@mutant(*of("cgi", "script-name-is-the-path-of-the-script"))
def tells_the_name_of_the_script_still_encoded(reference: Reference) -> None:
    """SCRIPT_NAME is cut from the target as it was sent, escapes and all."""

    def told(request: Request, variables: Variables) -> Variables:
        segments = variables[b"REQUEST_URI"].partition(b"?")[0].split(b"/")
        return {b"SCRIPT_NAME": b"/".join(segments[: 1 + len(request.prepath)])}

    telling(reference, told)


@mutant(
    "cgi/any-request-reaches-the-script",
    "cgi/nothing-is-translated-without-path-info",
    *of("cgi", "script-name-is-the-path-of-the-script", "path-info-is-the-decoded-rest-of-the-path"),
)
def puts_the_whole_path_into_path_info(reference: Reference) -> None:
    """SCRIPT_NAME is empty, and PATH_INFO the whole path, as if the script stood at the root."""

    def told(_: Request, variables: Variables) -> Variables:
        return {
            b"SCRIPT_NAME": b"",
            b"PATH_INFO": variables[b"SCRIPT_NAME"] + variables.get(b"PATH_INFO", b""),
        }

    telling(reference, told)


@mutant("cgi/any-request-reaches-the-script", *of("cgi", "script-name-stops-where-path-info-begins"))
def takes_the_rest_of_the_path_for_a_part_of_the_name(reference: Reference) -> None:
    """SCRIPT_NAME goes on to the end of the path; PATH_INFO is the end of it once more."""

    def told(_: Request, variables: Variables) -> Variables:
        return {b"SCRIPT_NAME": variables[b"SCRIPT_NAME"] + variables.get(b"PATH_INFO", b"")}

    telling(reference, told)


PATH_INFO = of("cgi", "path-info-is-the-decoded-rest-of-the-path")


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO)
def leaves_path_info_out(reference: Reference) -> None:
    """The script is found however the path goes on, but is not told how it does."""
    telling(reference, lambda *_: {b"PATH_INFO": None})


def _rest(request: Request, variables: Variables) -> bytes:
    """What follows the script's name in the target as it was sent, with the slash."""
    segments = variables[b"REQUEST_URI"].partition(b"?")[0].split(b"/")
    return b"".join(b"/" + segment for segment in segments[1 + len(request.prepath) :])


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO)
def leaves_path_info_encoded(reference: Reference) -> None:
    """PATH_INFO is cut from the target as it was sent, escapes and all."""
    telling(reference, lambda request, variables: {b"PATH_INFO": _rest(request, variables)})


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO)
def decodes_path_info_twice(reference: Reference) -> None:
    """PATH_INFO is decoded, though its segments had been decoded before."""
    telling(reference, lambda _, variables: {b"PATH_INFO": unquote_to_bytes(variables.get(b"PATH_INFO", b""))})


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO)
def takes_a_plus_in_the_path_for_a_space(reference: Reference) -> None:
    """PATH_INFO is decoded as a form's fields are, in which a plus is a space."""

    def told(request: Request, variables: Variables) -> Variables:
        return {b"PATH_INFO": unquote_to_bytes(_rest(request, variables).replace(b"+", b" "))}

    telling(reference, told)


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO)
def begins_path_info_without_a_slash(reference: Reference) -> None:
    """PATH_INFO is the segments that follow with slashes between them, and none before the first."""
    telling(reference, lambda _, variables: {b"PATH_INFO": variables.get(b"PATH_INFO", b"").removeprefix(b"/")})


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO)
def ends_path_info_with_the_query(reference: Reference) -> None:
    """PATH_INFO goes on to the end of the target, over the question mark."""

    def told(_: Request, variables: Variables) -> Variables:
        _, mark, query = variables[b"REQUEST_URI"].partition(b"?")
        return {b"PATH_INFO": variables.get(b"PATH_INFO", b"") + mark + query}

    telling(reference, told)


class _Unmixed(repaired.Script):
    """Leaves the rest of the path to Twisted, and the environment that comes of it to the reference."""

    def render(self, request: Request) -> object:
        self._rest, self._uri = [], request.uri
        return CGIScript.render(self, request)


@mutant("cgi/any-request-reaches-the-script", *PATH_INFO, *of("cgi", "script-name-stops-where-path-info-begins"))
def mixes_bytes_and_text_in_path_info(reference: Reference) -> None:
    """The rest of the path is bytes, and joined by a slash that is text: whoever goes on is answered with 500."""
    reference.page(b"cgi-bin")._make = _Unmixed


QUERY = of("cgi", "the-query-reaches-the-script-still-encoded")


@mutant("cgi/a-query-of-names-and-values-is-no-argument", "cgi/any-request-reaches-the-script", *QUERY)
def decodes_the_query(reference: Reference) -> None:
    """QUERY_STRING is decoded, so that nobody can take it apart any more."""
    telling(reference, lambda _, variables: {b"QUERY_STRING": unquote_to_bytes(variables[b"QUERY_STRING"])})


@mutant(
    "cgi/a-header-in-pieces-is-one", "cgi/any-request-reaches-the-script", "cgi/no-chunks-for-an-older-client", *QUERY
)
def puts_the_query_together_again(reference: Reference) -> None:
    """QUERY_STRING is put together again from the fields that were found in it, one for each name."""

    def told(_: Request, variables: Variables) -> Variables:
        fields = dict(parse_qsl(variables[b"QUERY_STRING"].decode("latin-1")))
        return {b"QUERY_STRING": urlencode(fields).encode()}

    telling(reference, told)


@mutant("cgi/any-request-reaches-the-script", *QUERY)
def cuts_the_query_at_a_question_mark(reference: Reference) -> None:
    """QUERY_STRING is what stands between the first question mark and the next."""
    telling(reference, lambda _, variables: {b"QUERY_STRING": variables[b"QUERY_STRING"].partition(b"?")[0]})


@mutant("cgi/any-request-reaches-the-script", *of("cgi", "the-query-is-defined-though-empty"))
def leaves_an_empty_query_out(reference: Reference) -> None:
    """There is no QUERY_STRING where there is no query."""
    telling(reference, lambda _, variables: {b"QUERY_STRING": variables[b"QUERY_STRING"] or None})
