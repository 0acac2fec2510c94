"""
Mutants of the CGI page, the way out: what becomes of the header that a script prints.

Its body is in `cgi_output_body`.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import re
from collections.abc import Callable

from twisted.web.server import Request

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant, of
from tests.mutants.cgi import reading

#: The fields of a script's header, in their order.
Fields = list[tuple[bytes, bytes]]

#: The names of fields that decide on the status.
DECIDING = (b"status", b"location")


class Gateway(repaired.Output):
    """Makes an answer of a script's output as the reference does, in steps that can be taken otherwise."""

    blank_line = re.compile(rb"\r?\n\r?\n")
    dropped = repaired.HOP_BY_HOP

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._header = b""
        self._refused = False

    def outReceived(self, output: bytes) -> None:
        """See Twisted's `ProcessProtocol`."""
        if not self.handling_headers:
            self.body(output)
        elif not self._refused:
            self._header += output
            if end := self.blank_line.search(self._header):
                self._begin(self._header[: end.start()], self._header[end.end() :])

    def _begin(self, header: bytes, body: bytes) -> None:
        fields = self.fields(header.splitlines())
        # Where one is refused, Twisted answers 500 at the end of the script.
        self._refused = fields is None
        if fields is not None:
            self.handling_headers = 0
            self.head(fields)
            self.body(body)

    def fields(self, lines: list[bytes]) -> Fields | None:
        """The fields of a header; None where it is none."""
        found = [repaired.FIELD.fullmatch(line) for line in lines]
        return None if None in found else [(field[1], field[2]) for field in found if field]

    def head(self, fields: Fields) -> None:
        """Begin the answer with these."""
        self.request.defaultContentType = None
        for name, value in fields:
            if name.lower() == b"content-length" and self.request.method != b"HEAD":
                self._left = int(value)
            if name.lower() != b"status" and name.lower() not in self.dropped:
                self.request.responseHeaders.addRawHeader(name, value)
        if code := self.code(fields):
            self.request.setResponseCode(code)

    def code(self, fields: Fields) -> int | None:
        """The status that is said, or meant."""
        first = {name.lower(): value for name, value in reversed(fields)}
        return int(first[b"status"][:3]) if b"status" in first else 302 if b"location" in first else None

    def body(self, data: bytes) -> None:
        """Send a piece of the body."""
        self.request.write(self._announced(data))


# The status.


def deciding(reference: Reference, code: Callable[[Fields], int | None]) -> None:
    """Have the status of an answer decided by `code(fields)`; None is 200."""

    class Deciding(Gateway):
        def code(self, fields: Fields) -> int | None:
            return code([(name.lower(), value) for name, value in fields])

    reading(reference, Deciding)


@mutant(
    "cgi/a-header-alone-is-an-answer",
    "cgi/a-header-in-pieces-is-one",
    "cgi/a-status-needs-no-reason",
    "cgi/names-of-fields-have-no-case",
    *of(
        "cgi",
        "status-sets-the-code",
        "status-decides-also-beside-location",
        "no-space-is-needed-behind-a-colon",
        "head-has-no-body",
    ),
)
def takes_status_for_any_other_field(reference: Reference) -> None:
    """A Status is swallowed, and the answer's own stays 200."""
    deciding(reference, lambda fields: 302 if b"location" in dict(fields) else None)


@mutant(
    "cgi/a-header-alone-is-an-answer",
    "cgi/a-header-in-pieces-is-one",
    "cgi/a-status-needs-no-reason",
    "cgi/names-of-fields-have-no-case",
    *of("cgi", "status-sets-the-code", "no-space-is-needed-behind-a-colon", "head-has-no-body"),
)
def knows_few_codes(reference: Reference) -> None:
    """A Status that the server itself never says is taken for a mistake, and becomes 500."""

    def code(fields: Fields) -> int | None:
        said = dict(fields)
        if b"status" not in said:
            return 302 if b"location" in said else None
        return found if (found := int(said[b"status"][:3])) in (200, 302, 303, 404, 500) else 500

    deciding(reference, code)


@mutant(*of("cgi", "status-decides-also-beside-location"))
def redirects_by_302_alone(reference: Reference) -> None:
    """A Location makes a redirect with 302, whatever Status says."""

    def code(fields: Fields) -> int | None:
        said = dict(fields)
        return 302 if b"location" in said else int(said[b"status"][:3]) if b"status" in said else None

    deciding(reference, code)


@mutant(*of("cgi", "status-decides-also-beside-location"))
def believes_the_later_line(reference: Reference) -> None:
    """Status and Location both set the code when they come, and the later one wins."""

    def code(fields: Fields) -> int | None:
        found = [302 if name == b"location" else int(value[:3]) for name, value in fields if name in DECIDING]
        return found[-1] if found else None

    deciding(reference, code)


@mutant("cgi/a-location-has-no-case-either", *of("cgi", "location-alone-redirects"))
def redirects_only_with_a_status(reference: Reference) -> None:
    """A Location without a Status is a field like any other, and the status 200."""
    deciding(reference, lambda fields: next((int(value[:3]) for name, value in fields if name == b"status"), None))


@mutant("cgi/a-location-has-no-case-either", *of("cgi", "location-alone-redirects"))
def redirects_for_good(reference: Reference) -> None:
    """A Location alone moves the script permanently: 301."""
    deciding(
        reference,
        lambda fields: next(
            (int(value[:3]) for name, value in fields if name == b"status"),
            301 if b"location" in dict(fields) else None,
        ),
    )


# The header.


def heading(reference: Reference, changed: Callable[[Fields], Fields | None]) -> None:
    """Have the fields of a script changed before they are understood; None is no header at all."""

    class Heading(Gateway):
        def fields(self, lines: list[bytes]) -> Fields | None:
            found = super().fields(lines)
            return None if found is None else changed(found)

    reading(reference, Heading)


@mutant("cgi/a-header-in-pieces-is-one", "cgi/a-location-has-no-case-either", *of("cgi", "location-alone-redirects"))
def insists_on_a_type(reference: Reference) -> None:
    """A header without a Content-Type is taken for a broken script's."""
    heading(reference, lambda fields: fields if any(name.lower() == b"content-type" for name, _ in fields) else None)


@mutant(
    "cgi/a-location-has-no-case-either", *of("cgi", "location-alone-redirects", "status-decides-also-beside-location")
)
def redirects_to_itself(reference: Reference) -> None:
    """A Location keeps its path, but is led to the server's own name."""

    def changed(fields: Fields) -> Fields:
        return [
            (name, re.sub(rb"^http://[^/]+", b"http://localhost", value) if name.lower() == b"location" else value)
            for name, value in fields
        ]

    heading(reference, changed)


@mutant(
    *of(
        "cgi",
        "a-script-answers-with-the-output-of-its-command",
        "an-interpreter-runs-a-script-that-is-not-executable",
        "no-space-is-needed-behind-a-colon",
    )
)
def knows_the_type_better(reference: Reference) -> None:
    """Whatever a script says of its type, the answer is text/html."""
    heading(
        reference,
        lambda fields: [(name, b"text/html" if name == b"Content-Type" else value) for name, value in fields],
    )


@mutant(
    "cgi/a-header-in-pieces-is-one",
    "cgi/an-announced-length-is-the-answers",
    "cgi/an-unknown-method-arrives-as-it-is-or-is-refused",
    "cgi/bytes-beyond-the-announced-length-stay-behind",
    "cgi/head-reaches-the-script-as-head",
    *of("cgi", "header-lines-may-end-with-lf", "header-lines-may-end-with-crlf", "no-space-is-needed-behind-a-colon"),
)
def passes_on_the_fields_that_it_knows(reference: Reference) -> None:
    """Only fields that the standard names are taken from a script."""
    known = (b"content-type", b"location", b"status", b"set-cookie", b"x-web60-process", b"x-web60-server")
    heading(reference, lambda fields: [(name, value) for name, value in fields if name.lower() in known])


@mutant(*of("cgi", "two-cookies-stay-two"))
def folds_fields_of_one_name(reference: Reference) -> None:
    """Fields of one name are joined by a comma, Set-Cookie too."""

    def changed(fields: Fields) -> Fields:
        names = dict.fromkeys(name for name, _ in fields)
        return [(name, b", ".join(value for other, value in fields if other == name)) for name in names]

    heading(reference, changed)


@mutant(*of("cgi", "two-cookies-stay-two"))
def keeps_the_last_of_a_field(reference: Reference) -> None:
    """The fields of a script are kept by their names, of each the last."""
    heading(reference, lambda fields: list(dict(fields).items()))


class _Spaced(Gateway):
    def fields(self, lines: list[bytes]) -> Fields | None:
        if super().fields(lines) is None:
            return None
        return [(name, value) for name, colon, value in (line.partition(b": ") for line in lines) if colon]


@mutant(*of("cgi", "no-space-is-needed-behind-a-colon"))
def looks_for_a_colon_and_a_space(reference: Reference) -> None:
    """A header line is taken apart at a colon with a space behind it; one without is dropped."""
    reading(reference, _Spaced)


# Where the header ends.


class _CarriageReturnFirst(Gateway):
    def outReceived(self, output: bytes) -> None:
        if self.handling_headers and b"\r\n\r\n" in output:
            self.blank_line = re.compile(rb"\r\n\r\n")
        super().outReceived(output)


@mutant(*of("cgi", "header-lines-may-end-with-lf"))
def looks_for_crlf_first(reference: Reference) -> None:
    """A blank line is looked for with CRLF, then with LF, and not for the first one."""
    reading(reference, _CarriageReturnFirst)


class _LineFeedFirst(Gateway):
    def outReceived(self, output: bytes) -> None:
        if self.handling_headers and b"\n\n" in output:
            self.blank_line = re.compile(rb"\n\n")
        super().outReceived(output)


@mutant(*of("cgi", "header-lines-may-end-with-crlf"))
def looks_for_lf_first(reference: Reference) -> None:
    """A blank line is looked for with LF, then with CRLF, and not for the first one."""
    reading(reference, _LineFeedFirst)
