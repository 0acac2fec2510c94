"""
Request lines: methods, targets and versions that are none, taken for what they look like.
"""

from __future__ import annotations

import re
from typing import Any

from reference_impl.repairs import framing
from reference_impl.repairs import requests as repaired
from tests.mutants import Reference, mutant, of
from tests.mutants._framing import reads, requests

#: What is read as the right version.
RIGHT = b" HTTP/1.1"


@mutant(*of("http", "a-request-line-with-too-many-parts-is-refused"))
def takes_the_first_two_parts_and_the_last(reference: Reference) -> None:
    """Of a request line the method, the target and the last word are taken."""
    reads(reference, rb"^(\w+ \S+) .+( HTTP/1\.1)$", rb"\1\2")


@mutant(*of("http", "a-request-line-with-too-many-parts-is-refused"))
def encodes_blanks_in_the_target(reference: Reference) -> None:
    """Blanks in a target are encoded, and the request is answered."""
    reads(reference, rb"^(\w+ /\S*\?\S*) (\S+) (HTTP/1\.1)$", rb"\1%20\2 \3")


@mutant(*of("http", "a-request-line-with-too-few-parts-is-refused"))
def makes_up_a_version(reference: Reference) -> None:
    """A request line without a version has one, as in waitress 3.0."""
    reads(reference, rb"^(\w+ /\S*)$", rb"\1 HTTP/1.1")


@mutant(*of("http", "a-request-line-with-too-few-parts-is-refused"))
def makes_up_a_method(reference: Reference) -> None:
    """A request line without a method is a GET."""
    reads(reference, rb"^(/\S+ HTTP/1\.1)$", rb"GET \1")


@mutant(*of("http", "a-bare-cr-in-the-request-line-is-refused"))
def passes_over_crs(reference: Reference) -> None:
    """A CR in the request line is left out."""
    reads(reference, rb"^[^:]* HTTP/.*", lambda found: found[0].replace(b"\r", b""))


@mutant(*of("http", "a-nul-in-the-request-line-is-refused"))
def ends_a_target_at_a_nul(reference: Reference) -> None:
    """A target ends at its NUL."""
    reads(reference, rb"^(\w+ [^ \0]*)\0[^ ]* (HTTP/1\.1)$", rb"\1 \2")


@mutant(*of("http", "a-nul-in-the-request-line-is-refused"))
def ends_a_line_at_a_nul(reference: Reference) -> None:
    """A version ends at its NUL."""
    reads(reference, rb"( HTTP/1\.1)\0.*$", rb"\1")


@mutant(*of("http", "a-control-character-in-the-target-is-refused"))
def encodes_control_characters(reference: Reference) -> None:
    """Control characters in a target, which is no longer than others, are encoded."""
    expression = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]")
    reads(
        reference,
        rb"^\w+ /.* HTTP/1\.1$",
        lambda found: expression.sub(lambda one: b"%%%02x" % ord(one[0]), found[0]),
    )


@mutant(*of("http", "a-control-character-in-the-target-is-refused"))
def takes_a_delete_for_printable(reference: Reference) -> None:
    """DEL may stand in a target, as in Twisted up to 26.10."""
    reads(reference, rb"^(\w+ /.*)\x7f(.* HTTP/1\.1)$", rb"\1_\2")


@mutant(*of("http", "a-version-that-is-none-is-refused"))
def reads_versions_as_numbers(reference: Reference) -> None:
    """The parts of a version are read as numbers, whatever stands around them."""
    reads(reference, rb" (?-i:HTTP)/[+0]*1\.0*1$", RIGHT)


@mutant(*of("http", "a-version-that-is-none-is-refused"))
def looks_at_the_start_of_a_version(reference: Reference) -> None:
    """Of a version nothing is looked at but its start."""
    reads(reference, rb" HTTP/1(\.?|\.1\d)$", RIGHT)


@mutant(*of("http", "a-version-that-is-none-is-refused"))
def looks_at_the_end_of_a_version(reference: Reference) -> None:
    """Of a version nothing is looked at but its number."""
    reads(reference, rb" (XTTP|HTTPS)/1\.1$", RIGHT)


@mutant(*of("http", "the-name-of-http-has-capital-letters"))
def compares_versions_in_any_case(reference: Reference) -> None:
    """A version in small letters is a version."""
    reads(reference, rb" http/1\.1$", RIGHT)


@mutant(*of("http", "another-major-version-is-refused"))
def takes_any_version(reference: Reference) -> None:
    """A version that is higher is at least 1.1."""
    reads(reference, rb" HTTP/[2-9]\.\d$", RIGHT)


@mutant(*of("http", "a-method-that-is-no-token-is-refused"))
def takes_any_method(reference: Reference) -> None:
    """A method is whatever stands before the blank."""
    reads(reference, rb"^\S*[()<>:\"\xd6]\S*( /\S* HTTP/1\.1)$", rb"POST\1")


@mutant(*of("http", "a-method-that-is-no-token-is-refused"))
def takes_a_missing_method_for_get(reference: Reference) -> None:
    """A request line that begins with its blank is a GET."""
    reads(reference, rb"^ (/\S* HTTP/1\.1)$", rb"GET \1")


@mutant(*of("http", "a-method-in-small-letters-is-another-method"))
def compares_methods_in_capital_letters(reference: Reference) -> None:
    """A method in small letters is that in capital letters."""
    reads(reference, rb"^[a-z]+ (?=\S+ HTTP/1\.1$)", lambda found: found[0].upper())


@mutant(*of("http", "a-target-in-absolute-form-is-accepted", "the-authority-of-an-absolute-target-counts"))
def knows_origin_form_only(reference: Reference) -> None:
    """A target that is a whole URI is a path, as Twisted has it up to 26.10."""

    def request_received(self: Any, command: bytes, path: bytes, version: bytes) -> None:
        hosts = self.requestHeaders.getRawHeaders(b"host") or []
        codings = self.requestHeaders.getRawHeaders(b"transfer-encoding") or []
        self.problem = framing.why_not(path, version, hosts, codings)
        super(repaired.Request, self).requestReceived(command, path, version)

    requests(reference, requestReceived=request_received)


@mutant(*of("http", "a-target-in-absolute-form-is-accepted"))
def knows_schemes_in_small_letters(reference: Reference) -> None:
    """A scheme in capital letters is not known."""
    reads(reference, rb"^(\w+) (?-i:HTTP):/\S+( HTTP/1\.1)$", rb"\1 /no-such-page\2")


@mutant(*of("http", "a-target-begins-with-a-slash"))
def drops_the_first_character_of_a_path(reference: Reference) -> None:
    """The first character of a path is dropped, whatever it is, as in Twisted up to 26.10."""
    reads(reference, rb"^(\w+) [a-z.\\](echo HTTP/1\.1)$", rb"\1 /\2")


@mutant(*of("http", "a-target-begins-with-a-slash"))
def puts_a_slash_before_a_path(reference: Reference) -> None:
    """A path without a slash gets one, as in waitress 3.0."""
    reads(reference, rb"^(\w+) ([a-z]+ HTTP/1\.1)$", rb"\1 /\2")


@mutant(*of("http", "an-authority-is-no-target"))
def has_a_start_page_for_what_is_no_path(reference: Reference) -> None:
    """A target without a path is the start page, which answers whoever asks."""
    reads(reference, rb"^POST (\*|[\w.]+:\d+)( HTTP/1\.1)$", rb"POST /echo\2")


@mutant(*of("http", "no-tunnel-is-opened"))
def opens_a_tunnel(reference: Reference) -> None:
    """CONNECT is answered as if there was a tunnel then."""
    reads(reference, rb"^CONNECT \S+:\d+( HTTP/1\.1)$", rb"GET /ping\1")
