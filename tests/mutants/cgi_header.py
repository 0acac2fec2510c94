"""
Mutants of the CGI page, the way out: headers of other forms, and where an answer ends.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import re
from typing import Any

from twisted.web.server import Request

from reference_impl.repairs import cgi as repaired
from tests.mutants import Reference, mutant
from tests.mutants.cgi import reading
from tests.mutants.cgi_output import Fields, Gateway, deciding, heading

#: Bytes that some server thinks are enough for an answer.
LIMIT = 90_000


@mutant("cgi/names-of-fields-have-no-case")
def knows_a_status_by_its_usual_letters(reference: Reference) -> None:
    """STATUS is another field than Status."""

    class Exact(Gateway):
        def code(self, fields: Fields) -> int | None:
            known = [(name, value) for name, value in fields if name.lower() != b"status" or name == b"Status"]
            return super().code(known)

    reading(reference, Exact)


@mutant("cgi/a-location-has-no-case-either")
def knows_a_location_by_its_usual_letters(reference: Reference) -> None:
    """A location in small letters redirects nobody."""

    class Exact(Gateway):
        def code(self, fields: Fields) -> int | None:
            return super().code([(name, value) for name, value in fields if name != b"location"])

    reading(reference, Exact)


@mutant("cgi/a-status-needs-no-reason")
def wants_a_reason(reference: Reference) -> None:
    """A Status without a reason is none."""

    def code(fields: Fields) -> int | None:
        said = dict(fields)
        found = re.match(rb"(\d{3}) .", said.get(b"status", b""))
        return int(found[1]) if found else 302 if b"location" in said else None

    deciding(reference, code)


class _Judging(Gateway):
    def processEnded(self, reason: Any) -> None:
        if reason.value.exitCode and not self.handling_headers and not self._requestFinished:
            self.request.loseConnection()
        else:
            super().processEnded(reason)


@mutant("cgi/no-status-is-success")
def takes_a_bad_exit_for_a_failure(reference: Reference) -> None:
    """The answer of a script that exits badly is cut off before its end."""
    reading(reference, _Judging)


class _Greedy(Gateway):
    def _begin(self, header: bytes, body: bytes) -> None:
        while end := re.match(rb"(?:[\w-]+: [^\n]*\n)+\n", body):
            header, body = header + b"\n" + end[0].strip(), body[end.end() :]
        super()._begin(header, body)


@mutant("cgi/a-second-header-is-body")
def goes_on_while_there_are_fields(reference: Reference) -> None:
    """What looks like another header behind the blank line is one."""
    reading(reference, _Greedy)


class _Hasty(Gateway):
    def outReceived(self, output: bytes) -> None:
        if self.handling_headers and output.endswith(b"\r"):
            output = output[:-1] + b"\n"
        super().outReceived(output)


@mutant("cgi/a-header-in-pieces-is-one")
def takes_half_a_line_end_for_one(reference: Reference) -> None:
    """A CR at the end of what has come is a line end, and the LF that comes next another."""
    reading(reference, _Hasty)


class _Bodied(Gateway):
    _sent = False

    def body(self, data: bytes) -> None:
        if data:
            self._sent = True
            super().body(data)

    def processEnded(self, reason: Any) -> None:
        if not self._sent:
            self.request.setResponseCode(500)
        super().processEnded(reason)


@mutant("cgi/a-location-has-no-case-either", "cgi/location-alone-redirects", "cgi/a-header-alone-is-an-answer")
def takes_an_empty_body_for_a_failure(reference: Reference) -> None:
    """A script that prints a header and nothing else has failed."""
    reading(reference, _Bodied)


@mutant("cgi/no-type-is-made-up")
def takes_what_has_no_type_for_html(reference: Reference) -> None:
    """A body without a type is given one."""

    def changed(fields: Fields) -> Fields:
        typed = any(name.lower() in (b"content-type", b"location") for name, _ in fields)
        return fields if typed else [*fields, (b"Content-Type", b"text/html")]

    heading(reference, changed)


@mutant("cgi/bytes-beyond-the-announced-length-stay-behind", "cgi/an-announced-length-is-the-answers")
def leaves_the_announced_length_out(reference: Reference) -> None:
    """The length that a script announces is dropped, and its answer sent in chunks."""
    heading(reference, lambda fields: [one for one in fields if one[0].lower() != b"content-length"])


class _Generous(Gateway):
    def body(self, data: bytes) -> None:
        self._announced(data)
        self.request.write(data)


@mutant("cgi/bytes-beyond-the-announced-length-stay-behind")
def sends_more_than_was_announced(reference: Reference) -> None:
    """Whatever a script prints is sent, beyond the length that it announced too."""
    reading(reference, _Generous)


class _Patient(Gateway):
    def processEnded(self, reason: Any) -> None:
        self._left = None
        super().processEnded(reason)


@mutant("cgi/missing-bytes-of-an-announced-length-show")
def waits_for_the_rest(reference: Reference) -> None:
    """When a script ends before it printed the announced length, the connection is kept as after any answer."""
    reading(reference, _Patient)


class _Believing(Gateway):
    dropped = repaired.HOP_BY_HOP - {b"transfer-encoding"}


@mutant("cgi/a-transfer-coding-of-a-script-spoils-no-answer")
def believes_in_a_scripts_chunks(reference: Reference) -> None:
    """A Transfer-Encoding of the script is sent on, beside whatever the server does itself."""
    reading(reference, _Believing)


class _Unbending(Gateway):
    def body(self, data: bytes) -> None:
        super().body(data)
        if self.request.code in repaired.BODILESS:
            self.request.channel.write(data)


@mutant("cgi/no-content-has-no-body")
def sends_a_body_whatever_the_status(reference: Reference) -> None:
    """The body of a 204 is sent as that of any other answer."""
    reading(reference, _Unbending)


class _Modern(Gateway):
    def __init__(self, request: Request) -> None:
        request.clientproto = b"HTTP/1.1"
        super().__init__(request)


@mutant("cgi/no-chunks-for-an-older-client")
def sends_chunks_to_everybody(reference: Reference) -> None:
    """An answer without a length is sent in chunks, whatever the client speaks."""
    reading(reference, _Modern)


class _Short(Gateway):
    _room = LIMIT

    def body(self, data: bytes) -> None:
        super().body(data[: self._room])
        self._room -= min(self._room, len(data))


@mutant(
    "cgi/a-body-reaches-the-script-exactly",
    "cgi/a-large-output-arrives-whole",
    "cgi/what-follows-on-a-connection-is-its-own",
)
def cuts_an_answer_at_its_limit(reference: Reference) -> None:
    """An answer ends after 90 KB, whatever more the script prints."""
    reading(reference, _Short)


class _Trusting(Gateway):
    def processEnded(self, reason: Any) -> None:
        if self.handling_headers and reason.value.signal:
            self.handling_headers = 0
        super().processEnded(reason)


@mutant("cgi/a-script-that-fails-is-an-error")
def takes_a_killed_script_for_a_silent_one(reference: Reference) -> None:
    """A script that was killed before its header was whole is answered for with an empty 200."""
    reading(reference, _Trusting)
