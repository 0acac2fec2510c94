"""
Mutants of the CGI page, the way in: the request's body, and its fields.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from twisted.internet.process import ProcessWriter
from twisted.web.server import Request

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import reading
from tests.mutants.cgi_request import telling

#: What a pipe holds, on Linux.
PIPE = 65_536

# The body.


@mutant(
    "cgi/a-body-in-chunks-arrives-without-them-or-is-refused",
    *of("cgi", "a-body-is-announced-with-length-and-type", "a-body-reaches-the-script-exactly"),
)
def leaves_the_length_out(reference: Reference) -> None:
    """There is no CONTENT_LENGTH, since a script can read to the end."""
    telling(reference, lambda *_: {b"CONTENT_LENGTH": None})


@mutant("cgi/content-fields-are-told-once", *of("cgi", "a-body-is-announced-with-length-and-type"))
def takes_the_type_for_any_other_field(reference: Reference) -> None:
    """The type of the body is in HTTP_CONTENT_TYPE, and nowhere else."""

    def told(_: Request, variables: Any) -> Any:
        return {b"CONTENT_TYPE": None, b"HTTP_CONTENT_TYPE": variables.get(b"CONTENT_TYPE")}

    telling(reference, told)


@mutant(*of("cgi", "a-body-is-announced-with-length-and-type"))
def leaves_the_parameters_of_the_type_out(reference: Reference) -> None:
    """CONTENT_TYPE ends where the type's parameters begin."""
    telling(reference, lambda _, told: {b"CONTENT_TYPE": told.get(b"CONTENT_TYPE", b"").partition(b";")[0]})


def feeding(reference: Reference, fed: Callable[[bytes], bytes]) -> None:
    """Have scripts given `fed(body)` for the request's body."""

    class Output(repaired.Output):
        def connectionMade(self) -> None:
            self.request.content = io.BytesIO(fed(self.request.content.read()))
            super().connectionMade()

    reading(reference, Output)


@mutant(*of("cgi", "a-body-reaches-the-script-exactly"))
def hands_on_what_a_pipe_holds(reference: Reference) -> None:
    """The body is written in one go; what the pipe does not take at once is lost."""
    feeding(reference, lambda body: body[:PIPE])


@mutant(*of("cgi", "a-body-reaches-the-script-exactly"))
def translates_line_ends_on_the_way_in(reference: Reference) -> None:
    """The body goes to the script in text mode, and CRLF becomes LF on the way."""
    feeding(reference, lambda body: body.replace(b"\r", b"\n"))


@mutant(*of("cgi", "a-body-reaches-the-script-exactly"))
def takes_the_body_for_text(reference: Reference) -> None:
    """The body is decoded as UTF-8 and encoded again; what is not UTF-8 is replaced."""
    feeding(reference, lambda body: body.decode("utf-8", "replace").encode())


class _Feeding(repaired.Output):
    """Knows what the script has not taken of its body."""

    def connectionMade(self) -> None:
        self._writer: ProcessWriter = self.transport.pipes[0]
        super().connectionMade()

    @property
    def left(self) -> bool:
        """Whether anything is left of it."""
        return bool(len(self._writer.dataBuffer) > self._writer.offset or self._writer._tempDataBuffer)


class _Waiting(_Feeding):
    def processEnded(self, reason: Any) -> None:
        if not self.left:
            super().processEnded(reason)


@mutant(*of("cgi", "a-script-that-ignores-its-body-is-answered"))
def waits_for_the_body_to_be_read(reference: Reference) -> None:
    """An answer is over when the script has read its body, however long the script has been gone."""
    reading(reference, _Waiting)


class _Complaining(_Feeding):
    def processEnded(self, reason: Any) -> None:
        if self.left:
            self.request.transport.loseConnection()
        else:
            super().processEnded(reason)


@mutant(*of("cgi", "a-script-that-ignores-its-body-is-answered"))
def takes_a_broken_pipe_for_a_failure(reference: Reference) -> None:
    """A script that leaves some of its body unread has failed, and the connection is closed before the answer's end."""
    reading(reference, _Complaining)


# The fields.


def fields(reference: Reference, value: Callable[[bytes, list[bytes]], bytes | None]) -> None:
    """Have HTTP_* made of the values of each field by `value(name, values)`."""

    def told(request: Request, variables: Any) -> Any:
        return {
            variable: value(name.lower(), values)
            for name, values in request.requestHeaders.getAllRawHeaders()
            if (variable := b"HTTP_" + name.upper().replace(b"-", b"_")) in variables
        }

    telling(reference, told)


@mutant(*of("cgi", "header-fields-reach-the-script"))
def keeps_cookies_for_itself(reference: Reference) -> None:
    """The cookies of the request are taken for the server's own affair."""
    fields(reference, lambda name, values: None if name == b"cookie" else b", ".join(values))


@mutant(
    "cgi/any-request-reaches-the-script",
    *of("cgi", "header-fields-reach-the-script", "a-field-of-any-name-reaches-the-script"),
)
def leaves_the_dashes_in(reference: Reference) -> None:
    """The name of a variable is that of the field in capitals, dashes and all."""

    def told(request: Request, _: Any) -> Any:
        changed: dict[bytes, bytes | None] = {}
        for name, values in request.requestHeaders.getAllRawHeaders():
            if b"-" in name and not name.lower().startswith(b"content-"):
                changed[b"HTTP_" + name.upper().replace(b"-", b"_")] = None
                changed[b"HTTP_" + name.upper()] = b", ".join(values)
        return changed

    telling(reference, told)


@mutant(*of("cgi", "a-field-of-any-name-reaches-the-script"))
def passes_on_the_fields_that_it_knows(reference: Reference) -> None:
    """Only fields that every script asks for are passed on."""
    known = (b"accept", b"cookie", b"host", b"referer", b"user-agent")
    fields(reference, lambda name, values: b", ".join(values) if name in known else None)


@mutant(*of("cgi", "a-repeated-field-becomes-one-value"))
def keeps_the_last_of_a_field(reference: Reference) -> None:
    """Of a field that was sent twice only the last value is passed on."""
    fields(reference, lambda _, values: values[-1])


@mutant(*of("cgi", "a-repeated-field-becomes-one-value"))
def joins_fields_by_a_semicolon(reference: Reference) -> None:
    """The values of every field are joined as those of cookies are."""
    fields(reference, lambda _, values: b"; ".join(values))


def handing_on(reference: Reference, name: bytes) -> None:
    """Have this field made a variable like any other."""

    def told(request: Request, _: Any) -> Any:
        return {b"HTTP_" + name.upper(): request.getHeader(name)}

    telling(reference, told)


@mutant(*of("cgi", "credentials-are-withheld"))
def passes_on_the_password(reference: Reference) -> None:
    """The field Authorization becomes a variable like any other."""
    handing_on(reference, b"authorization")


@mutant(*of("cgi", "the-proxy-field-is-withheld"))
def passes_on_a_proxy(reference: Reference) -> None:
    """The field Proxy becomes a variable like any other."""
    handing_on(reference, b"proxy")
