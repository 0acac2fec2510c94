"""
Mutants of the WSGI container: what it tells of the connection and of itself, and who may change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.web.server import Request

from reference_impl.wsgi import Environ
from tests.mutants import Reference, mutant
from tests.mutants._wsgi import Answer, put, telling

METHOD = "wsgi/an-unknown-method-arrives-as-it-is-or-is-refused"
ADDRESS = "wsgi/the-address-of-the-client-is-told"
CHANGED = "wsgi/the-environ-may-be-changed"


@mutant("wsgi/scheme-is-the-one-that-we-speak", "wsgi/the-url-can-be-put-together-again")
def takes_every_connection_for_a_safe_one(reference: Reference) -> None:
    """wsgi.url_scheme is https, for there is a proxy that speaks it, where one is."""
    telling(reference, lambda environ, _: environ.update({"wsgi.url_scheme": "https"}))


@mutant("wsgi/protocol-is-the-version-of-the-request")
def tells_the_version_that_it_speaks_itself(reference: Reference) -> None:
    """SERVER_PROTOCOL is HTTP/1.1, whatever the client speaks."""
    telling(reference, lambda environ, _: environ.update(SERVER_PROTOCOL="HTTP/1.1"))


@mutant("wsgi/the-url-can-be-put-together-again")
def cuts_the_port_off_the_host(reference: Reference) -> None:
    """HTTP_HOST is the name alone, for SERVER_PORT says the port."""
    telling(reference, lambda environ, _: environ.update(HTTP_HOST=environ.get("HTTP_HOST", "").partition(":")[0]))


@mutant(METHOD)
def puts_methods_in_capitals(reference: Reference) -> None:
    """REQUEST_METHOD is in capitals, however it was sent."""
    telling(reference, lambda environ, _: environ.update(REQUEST_METHOD=environ["REQUEST_METHOD"].upper()))


@mutant(METHOD)
def takes_unknown_methods_for_get(reference: Reference) -> None:
    """A method that the server does not know is told as GET."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

    def tell(environ: Environ, _: Request) -> None:
        if environ["REQUEST_METHOD"] not in known:
            environ["REQUEST_METHOD"] = "GET"

    telling(reference, tell)


@mutant(ADDRESS)
def tells_the_address_of_the_client_with_its_port(reference: Reference) -> None:
    """REMOTE_ADDR is address and port, as sockets print them."""
    telling(reference, lambda environ, _: environ.update(REMOTE_ADDR="{REMOTE_ADDR}:{REMOTE_PORT}".format(**environ)))


@mutant(ADDRESS)
def leaves_the_client_out(reference: Reference) -> None:
    """There is no REMOTE_ADDR."""
    telling(reference, lambda environ, _: environ.pop("REMOTE_ADDR"))


@mutant("wsgi/variables-of-cgi-are-text-with-a-body-too")
def has_none_for_a_type_that_was_not_sent(reference: Reference) -> None:
    """CONTENT_TYPE is None where a body came without one."""

    def tell(environ: Environ, _: Request) -> None:
        if environ["CONTENT_LENGTH"]:
            environ["CONTENT_TYPE"] = environ["CONTENT_TYPE"] or None

    telling(reference, tell)


@mutant("wsgi/content-fields-are-told-once")
def tells_the_type_of_the_body_twice(reference: Reference) -> None:
    """Content-Type becomes a variable like any other, besides its own."""

    def tell(environ: Environ, _: Request) -> None:
        if environ["CONTENT_TYPE"]:
            environ["HTTP_CONTENT_TYPE"] = environ["CONTENT_TYPE"]

    telling(reference, tell)


@mutant("wsgi/threads-and-processes-are-told-truly")
def says_that_it_has_one_thread(reference: Reference) -> None:
    """wsgi.multithread is false, though calls run side by side."""
    telling(reference, lambda environ, _: environ.update({"wsgi.multithread": False}))


@mutant("wsgi/run-once-is-false-where-a-process-goes-on")
def says_that_it_runs_once(reference: Reference) -> None:
    """wsgi.run_once is true, as a gateway to CGI has it."""
    telling(reference, lambda environ, _: environ.update({"wsgi.run_once": True}))


@mutant("wsgi/any-requests-in-a-row-are-told-as-they-are", CHANGED)
def has_one_dictionary_for_a_connection(reference: Reference) -> None:
    """The requests of a connection share one environ, which each brings up to date."""

    class Shared(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            kept = vars(self.request.channel).setdefault("environ", {})
            kept.update(self.environ)
            self.environ = kept

    put(reference, Shared)


@mutant(CHANGED)
def reads_its_own_variables_back(reference: Reference) -> None:
    """The method is looked up in the environ again, after the application has been called."""

    class Reading(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            self.bodiless = self.environ["REQUEST_METHOD"] == "HEAD"
            super().send(blocks, call)

    put(reference, Reading)


@mutant("wsgi/own-variables-have-names-of-their-own")
def adds_a_variable_without_a_prefix(reference: Reference) -> None:
    """The environ has the thread pool, under a name that another server may have too."""
    telling(reference, lambda environ, _: environ.update(threadPool=60))
