"""
Mutants of the CGI page, the way out: what is answered whatever the script prints.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.server import Request
from twisted.web.static import Data

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import reading

#: What asks scripts that print no Status, and wants an ordinary answer.
STATUS_FREE = of(
    "cgi", "a-body-is-announced-with-length-and-type", "a-body-reaches-the-script-exactly",
    "a-field-of-any-name-reaches-the-script", "a-large-output-arrives-whole", "a-repeated-field-becomes-one-value",
    "a-script-answers-with-the-output-of-its-command", "a-script-that-ignores-its-body-is-answered",
    "an-interpreter-runs-a-script-that-is-not-executable", "credentials-are-withheld",
    "every-request-runs-the-script-anew", "header-fields-reach-the-script", "header-lines-may-end-with-crlf",
    "header-lines-may-end-with-lf", "path-info-is-the-decoded-rest-of-the-path",
    "script-name-is-the-path-of-the-script", "script-name-stops-where-path-info-begins", "server-name-has-no-port",
    "standard-error-does-not-block", "the-address-of-the-client-reaches-the-script",
    "the-interpreter-is-given-the-path-of-the-script", "the-method-reaches-the-script", "the-proxy-field-is-withheld",
    "the-query-is-defined-though-empty", "the-query-reaches-the-script-still-encoded", "the-server-introduces-itself",
    "two-cookies-stay-two",
)  # fmt: skip


@mutant(
    "cgi/a-body-in-chunks-arrives-without-them-or-is-refused",
    "cgi/a-header-alone-is-an-answer",
    "cgi/a-query-of-names-and-values-is-no-argument",
    "cgi/a-script-holds-no-files-of-the-servers",
    "cgi/a-script-runs-where-it-stands",
    "cgi/a-second-header-is-body",
    "cgi/an-unknown-method-arrives-as-it-is-or-is-refused",
    "cgi/any-request-reaches-the-script",
    "cgi/content-fields-are-told-once",
    "cgi/head-reaches-the-script-as-head",
    "cgi/no-field-takes-the-place-of-a-variable",
    "cgi/no-status-is-success",
    "cgi/nobody-is-a-user-by-claiming-it",
    "cgi/nothing-is-translated-without-path-info",
    "cgi/protocol-is-the-version-of-the-request",
    "cgi/software-is-named-as-products-are",
    *STATUS_FREE,
)
def takes_no_status_for_accepted(reference: Reference) -> None:
    """A script that prints no Status is answered for with 202 Accepted."""

    class Accepting(repaired.Output):
        def __init__(self, request: Request) -> None:
            request.setResponseCode(202)
            super().__init__(request)

    reading(reference, Accepting)


def _but_for_head(get: Callable[[bytes, Request], Any]) -> Callable[[bytes, Request], Any]:
    return lambda path, request: Data(b"", "text/plain") if request.method == b"HEAD" else get(path, request)


@mutant("cgi/head-reaches-the-script-as-head", *of("cgi", "head-has-no-body"))
def answers_head_itself(reference: Reference) -> None:
    """HEAD of a script is answered with 200 and no length, and the script is not run."""
    for name in (b"cgi-bin", b"cgi-filtered"):
        page = reference.page(name)
        page.getChild = _but_for_head(page.getChild)
