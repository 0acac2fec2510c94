"""
Mutants of the WSGI container: what it tells the application of a request.
"""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from twisted.web.server import NOT_DONE_YET, Request

from reference_impl.repairs import requests
from reference_impl.wsgi import Environ
from tests.mutants import Reference, mutant, of
from tests.mutants._wsgi import Answer, Container, put, telling

PATH = of("wsgi", "script-name-and-path-info-make-the-decoded-path", "any-path-and-query-reach-the-application")
QUERY = of("wsgi", "query-string-is-raw", "any-path-and-query-reach-the-application")
TYPES = "wsgi/required-variables-are-there-with-their-types"
FIELDS = of("wsgi", "request-fields-reach-the-application", "any-request-fields-reach-the-application")


def _raw(request: Request) -> tuple[str, str]:
    """The path and the query as they were sent."""
    path, _, query = request.uri.decode("latin-1").partition("?")
    return path, query


def _whole(environ: Environ, path: str) -> None:
    """Make this the path of the request."""
    environ["PATH_INFO"] = path.removeprefix(environ["SCRIPT_NAME"])


# The path.


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/the-url-can-be-put-together-again", *PATH)
def tells_the_path_as_it_was_sent(reference: Reference) -> None:
    """PATH_INFO is not decoded."""
    telling(reference, lambda environ, request: _whole(environ, _raw(request)[0]))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *PATH)
def decodes_the_path_twice(reference: Reference) -> None:
    """PATH_INFO is decoded by the server, and by the container again."""
    telling(reference, lambda environ, _: _whole(environ, unquote(environ["PATH_INFO"], "latin-1")))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *PATH, "wsgi/strings-are-bytes-as-latin-one")
def decodes_the_path_as_utf_8(reference: Reference) -> None:
    """PATH_INFO is text, its bytes taken for UTF-8."""
    telling(reference, lambda environ, request: _whole(environ, unquote(_raw(request)[0])))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *PATH)
def takes_a_plus_for_a_space(reference: Reference) -> None:
    """PATH_INFO is decoded as a form is."""
    telling(reference, lambda environ, _: _whole(environ, environ["PATH_INFO"].replace("+", " ")))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *PATH)
def decodes_before_it_splits(reference: Reference) -> None:
    """The whole target is decoded before its path is split from its query."""

    def tell(environ: Environ, request: Request) -> None:
        _whole(environ, urlsplit(unquote(request.uri, "latin-1")).path)

    telling(reference, tell)


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *PATH)
def cuts_parameters_off(reference: Reference) -> None:
    """What follows a semicolon in the path is taken for a parameter, as of a session, and lost."""
    telling(reference, lambda environ, _: _whole(environ, environ["PATH_INFO"].partition(";")[0]))


@mutant(
    "wsgi/any-requests-in-a-row-are-told-as-they-are",
    *of("wsgi", "everything-below-the-mount-is-the-applications", "any-path-and-query-reach-the-application"),
)
def takes_the_last_slash_away(reference: Reference) -> None:
    """The path is normalised as that of a file is."""
    telling(reference, lambda environ, _: _whole(environ, posixpath.normpath(environ["PATH_INFO"])))


@mutant(
    "wsgi/any-requests-in-a-row-are-told-as-they-are",
    "wsgi/the-url-can-be-put-together-again",
    *PATH,
    "wsgi/absolute-form-is-the-same-page",
)
def leaves_the_script_name_empty(reference: Reference) -> None:
    """SCRIPT_NAME is empty though the application is mounted below the root."""
    telling(reference, lambda environ, _: environ.update(SCRIPT_NAME=""))


@mutant(
    "wsgi/any-requests-in-a-row-are-told-as-they-are",
    "wsgi/the-url-can-be-put-together-again",
    *PATH,
    "wsgi/absolute-form-is-the-same-page",
)
def ends_the_script_name_in_a_slash(reference: Reference) -> None:
    """SCRIPT_NAME and PATH_INFO both have the slash between them."""
    telling(reference, lambda environ, _: environ.update(SCRIPT_NAME=environ["SCRIPT_NAME"] + "/"))


class Files(Container):
    """A container behind a handler of files."""

    def render(self, request: Request) -> Any:
        """Not found, if it is called as such a file."""
        if request.postpath[-1:] in ([b"favicon.ico"], [b"robots.txt"]):
            request.setResponseCode(404)
            request.finish()
            return NOT_DONE_YET
        return super().render(request)


@mutant("wsgi/everything-below-the-mount-is-the-applications")
def keeps_well_known_files_to_itself(reference: Reference) -> None:
    """The server answers for favicon.ico and robots.txt itself, wherever they are asked for."""
    reference.root.putChild(b"wsgi", Files(reference, Answer))


@mutant("wsgi/everything-below-the-mount-is-the-applications")
def takes_an_index_for_its_directory(reference: Reference) -> None:
    """index.html is cut off the path, for that is what a directory's page is called."""
    telling(reference, lambda environ, _: _whole(environ, environ["PATH_INFO"].removesuffix("index.html")))


# The query.


@mutant(
    "wsgi/any-requests-in-a-row-are-told-as-they-are",
    "wsgi/latin-one-in-a-field-arrives-as-bytes",
    "wsgi/text-beyond-latin-one-is-refused",
    "wsgi/the-url-can-be-put-together-again",
    *QUERY,
)
def decodes_the_query(reference: Reference) -> None:
    """QUERY_STRING is decoded as the path is."""
    telling(reference, lambda environ, request: environ.update(QUERY_STRING=unquote(_raw(request)[1], "latin-1")))


@mutant(
    "wsgi/a-status-that-is-none-is-refused",
    "wsgi/any-requests-in-a-row-are-told-as-they-are",
    "wsgi/content-type-counts-in-any-case",
    "wsgi/head-reaches-the-application-as-head",
    "wsgi/no-type-is-made-up",
    "wsgi/the-url-can-be-put-together-again",
    *QUERY,
)
def builds_the_query_anew(reference: Reference) -> None:
    """QUERY_STRING is put together again from what was parsed of it."""

    def tell(environ: Environ, request: Request) -> None:
        environ["QUERY_STRING"] = urlencode(parse_qsl(_raw(request)[1]))

    telling(reference, tell)


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *QUERY)
def cuts_the_query_at_its_second_question_mark(reference: Reference) -> None:
    """The target is split at all its question marks, and the second part taken."""

    def tell(environ: Environ, request: Request) -> None:
        environ["QUERY_STRING"] = "".join(request.uri.decode("latin-1").split("?")[1:2])

    telling(reference, tell)


@mutant(
    "wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/variables-of-cgi-are-text-with-a-body-too", *QUERY, TYPES
)
def has_none_for_no_query(reference: Reference) -> None:
    """QUERY_STRING is None where the target has no query."""
    telling(reference, lambda environ, _: environ.update(QUERY_STRING=environ["QUERY_STRING"] or None))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/query-string-is-raw")
def keeps_the_query_of_the_request_before(reference: Reference) -> None:
    """One environ is used again and again, and QUERY_STRING only set where there is a query."""
    kept = [""]

    def tell(environ: Environ, _: Request) -> None:
        kept[0] = environ["QUERY_STRING"] = environ["QUERY_STRING"] or kept[0]

    telling(reference, tell)


# The target in absolute form.


class Origin(requests.Request):
    """A request whose target is taken as it stands."""

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """Pass the reference's own over."""
        super(requests.Request, self).requestReceived(command, path, version)


@mutant("wsgi/absolute-form-is-the-same-page")
def takes_every_target_for_a_path(reference: Reference) -> None:
    """A target in absolute form is looked up as a path is, and not found."""
    reference.site.requestFactory = Origin


@mutant("wsgi/absolute-form-is-the-same-page")
def loses_the_query_of_an_absolute_form(reference: Reference) -> None:
    """Of a target in absolute form only the path is kept."""

    class PathOnly(Origin):
        def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
            if not path.startswith(b"/"):
                path = urlsplit(path).path
            super().requestReceived(command, path, version)

    reference.site.requestFactory = PathOnly


# The method.


@mutant(
    "wsgi/a-body-that-nobody-reads-is-no-request",
    "wsgi/an-application-cannot-end-the-server",
    "wsgi/an-unknown-method-arrives-as-it-is-or-is-refused",
    "wsgi/any-blocks-make-the-body",
    "wsgi/any-requests-in-a-row-are-told-as-they-are",
    "wsgi/head-reaches-the-application-as-head",
    "wsgi/not-modified-has-no-body",
    "wsgi/server-survives-a-misbehaving-application",
    "wsgi/request-method-reaches-the-application",
)
def tells_the_method_in_small_letters(reference: Reference) -> None:
    """REQUEST_METHOD is in small letters, as some frameworks have it."""
    telling(reference, lambda environ, _: environ.update(REQUEST_METHOD=environ["REQUEST_METHOD"].lower()))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/request-method-reaches-the-application")
def answers_options_itself(reference: Reference) -> None:
    """OPTIONS never reaches the application, for the server answers it itself."""

    class Options(Container):
        def render(self, request: Request) -> Any:
            if request.method != b"OPTIONS":
                return super().render(request)
            request.setHeader(b"allow", b"GET, HEAD, POST, OPTIONS")
            request.finish()
            return NOT_DONE_YET

    reference.root.putChild(b"wsgi", Options(reference, Answer))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/request-method-reaches-the-application")
def overrides_the_method(reference: Reference) -> None:
    """Every request with a body is a POST to the application."""

    def tell(environ: Environ, _: Request) -> None:
        if environ["CONTENT_LENGTH"]:
            environ["REQUEST_METHOD"] = "POST"

    telling(reference, tell)


# Types, and what must be there.


@mutant("wsgi/variables-of-cgi-are-text-with-a-body-too", TYPES)
def tells_the_port_as_a_number(reference: Reference) -> None:
    """SERVER_PORT is an int."""
    telling(reference, lambda environ, _: environ.update(SERVER_PORT=int(environ["SERVER_PORT"])))


@mutant("wsgi/variables-of-cgi-are-text-with-a-body-too", "wsgi/content-type-and-length-are-the-requests")
def tells_the_length_as_a_number(reference: Reference) -> None:
    """CONTENT_LENGTH is an int where there is a body."""

    def tell(environ: Environ, _: Request) -> None:
        if environ["CONTENT_LENGTH"]:
            environ["CONTENT_LENGTH"] = int(environ["CONTENT_LENGTH"])

    telling(reference, tell)


@mutant(TYPES)
def has_a_dict_of_its_own(reference: Reference) -> None:
    """The environ is a subclass of dict, in which names of fields can be looked up as well."""

    class Variables(dict[str, Any]):
        """What a framework may think helpful."""

    class Own(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.environ = Variables(self.environ)

    put(reference, Own)


@mutant("wsgi/the-environ-may-be-changed", TYPES)
def tells_its_version_as_text(reference: Reference) -> None:
    """wsgi.version is "1.0"."""
    telling(reference, lambda environ, _: environ.update({"wsgi.version": "1.0"}))


@mutant("wsgi/run-once-is-false-where-a-process-goes-on", TYPES)
def leaves_run_once_out(reference: Reference) -> None:
    """wsgi.run_once is not there, for it would be false."""
    telling(reference, lambda environ, _: environ.pop("wsgi.run_once"))


@mutant("wsgi/scheme-is-the-one-that-we-speak", "wsgi/the-url-can-be-put-together-again", TYPES)
def takes_the_scheme_from_the_protocol(reference: Reference) -> None:
    """wsgi.url_scheme is the protocol in small letters, with its version."""
    telling(reference, lambda environ, _: environ.update({"wsgi.url_scheme": environ["SERVER_PROTOCOL"].lower()}))


@mutant("wsgi/protocol-is-the-version-of-the-request", TYPES)
def tells_the_protocols_number_only(reference: Reference) -> None:
    """SERVER_PROTOCOL is "1.1"."""
    telling(reference, lambda environ, _: environ.update(SERVER_PROTOCOL=environ["SERVER_PROTOCOL"].partition("/")[2]))


@mutant(TYPES)
def leaves_the_host_field_out(reference: Reference) -> None:
    """HTTP_HOST is not there, for SERVER_NAME says it."""
    telling(reference, lambda environ, _: environ.pop("HTTP_HOST", None))


@mutant("wsgi/errors-end-in-the-log", "wsgi/errors-take-any-text", "wsgi/errors-take-what-is-written", TYPES)
def has_errors_without_writelines(reference: Reference) -> None:
    """wsgi.errors is a logger that has write() and flush() only."""

    class Logged:
        def write(self, text: str) -> None:
            """Drop it."""

        def flush(self) -> None:
            """Nothing is kept."""

    telling(reference, lambda environ, _: environ.update({"wsgi.errors": Logged()}))


# The server's name and port.


@mutant("wsgi/server-name-and-port-are-never-empty")
def has_no_name_without_a_host(reference: Reference) -> None:
    """SERVER_NAME is what the Host field says, and empty where it says nothing."""

    class Named(requests.Request):
        def getRequestHostname(self) -> Any:  # noqa: N802 - Twisted's name
            return (self.getHeader(b"host") or b"").partition(b":")[0]

    reference.site.requestFactory = Named


@mutant("wsgi/server-name-and-port-are-never-empty")
def takes_the_port_from_the_host_field(reference: Reference) -> None:
    """SERVER_PORT is what follows the colon in the Host field, and empty where none does."""
    telling(reference, lambda environ, _: environ.update(SERVER_PORT=environ.get("HTTP_HOST", "").partition(":")[2]))


@mutant("wsgi/server-name-and-port-are-never-empty")
def leaves_the_port_out(reference: Reference) -> None:
    """SERVER_PORT is not there."""
    telling(reference, lambda environ, _: environ.pop("SERVER_PORT"))


# The request's fields.


def _change_fields(environ: Environ, change: Any) -> None:
    """Change each HTTP_ variable; `change` gives the new name and the new value, or None to leave it out."""
    for name in [name for name in environ if name.startswith("HTTP_")]:
        if (changed := change(name, environ.pop(name))) is not None:
            environ[changed[0]] = changed[1]


@mutant(
    "wsgi/any-requests-in-a-row-are-told-as-they-are", *FIELDS, "wsgi/repeated-request-fields-are-joined-by-a-comma"
)
def keeps_the_hyphens(reference: Reference) -> None:
    """Names of fields are put in capitals, but keep their hyphens."""
    telling(
        reference,
        lambda environ, _: _change_fields(
            environ, lambda name, value: ("HTTP_" + name.removeprefix("HTTP_").replace("_", "-"), value)
        ),
    )


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *FIELDS)
def takes_fields_for_utf_8(reference: Reference) -> None:
    """Values of fields are decoded as UTF-8, and what is none is replaced."""
    telling(
        reference,
        lambda environ, _: _change_fields(
            environ, lambda name, value: (name, value.encode("latin-1").decode("utf-8", "replace"))
        ),
    )


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", *FIELDS)
def cuts_values_at_a_semicolon(reference: Reference) -> None:
    """Values of fields are parsed for parameters, and only what comes before them is passed on."""
    telling(
        reference,
        lambda environ, _: _change_fields(environ, lambda name, value: (name, value.partition(";")[0])),
    )


@mutant("wsgi/request-fields-reach-the-application")
def adds_what_was_not_sent(reference: Reference) -> None:
    """A request without Accept has one that the container made up."""
    telling(reference, lambda environ, _: environ.setdefault("HTTP_ACCEPT", "*/*"))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/request-fields-reach-the-application")
def keeps_the_fields_of_the_request_before(reference: Reference) -> None:
    """One environ is used again and again, and nobody takes the last request's fields out."""
    kept: Environ = {}

    def tell(environ: Environ, _: Request) -> None:
        fields = {name: value for name, value in environ.items() if name.startswith("HTTP_")}
        environ.update({**kept, **fields})
        kept.update(fields)

    telling(reference, tell)


def _repeated(reference: Reference, join: Any) -> None:
    """Tell the application of repeated fields by `join`."""

    def tell(environ: Environ, request: Request) -> None:
        for name, values in request.requestHeaders.getAllRawHeaders():
            joined = join([value.decode("latin-1") for value in values])
            environ["HTTP_" + name.decode("latin-1").upper().replace("-", "_")] = joined

    telling(reference, tell)


@mutant("wsgi/content-fields-are-told-once", "wsgi/repeated-request-fields-are-joined-by-a-comma")
def keeps_only_the_last_of_a_repeated_field(reference: Reference) -> None:
    """Of a field that was sent twice the second value replaces the first."""
    _repeated(reference, lambda values: values[-1])


@mutant("wsgi/content-fields-are-told-once", "wsgi/repeated-request-fields-are-joined-by-a-comma")
def joins_every_field_as_cookies_are(reference: Reference) -> None:
    """The values of a field that was sent twice are joined by a semicolon."""
    _repeated(reference, "; ".join)


# The type and the length of the body.


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", "wsgi/content-type-and-length-are-the-requests")
def tells_the_type_as_a_field_only(reference: Reference) -> None:
    """The media type is in HTTP_CONTENT_TYPE, not in CONTENT_TYPE."""
    telling(reference, lambda environ, _: environ.update(CONTENT_TYPE=""))


@mutant("wsgi/content-type-and-length-are-the-requests")
def tells_the_type_without_its_parameters(reference: Reference) -> None:
    """CONTENT_TYPE has the media type, but not its charset."""
    telling(reference, lambda environ, _: environ.update(CONTENT_TYPE=environ["CONTENT_TYPE"].partition(";")[0]))
