"""
Mutants of the access log: what a client can make of it.
"""

from __future__ import annotations

from typing import Any

from twisted.python import log
from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants._logs import Entry, entries, lines, raw, write


def channels(reference: Reference, change: Any) -> None:
    """Let `change` look at each connection that begins."""
    build = reference.site.buildProtocol

    def changed(address: Any) -> Any:
        protocol = build(address)
        change(getattr(protocol, "_channel", protocol))
        return protocol

    reference.site.buildProtocol = changed


@mutant(*of("access-logging", "a-folded-field-forges-no-line", "whatever-a-client-says-forges-no-line"))
def keeps_folds(reference: Reference) -> None:
    """A field that was folded is folded in the log, too."""

    def change(channel: Any) -> None:
        received = channel.lineReceived
        channel.folds = []

        def line(data: bytes) -> None:
            if data[:1] in (b" ", b"\t"):
                channel.folds.append(data.strip())
            received(data)

        channel.lineReceived = line

    def unfolded(request: Request, _: Entry) -> dict[str, str]:
        said = {"agent": request.getHeader(b"user-agent"), "referer": request.getHeader(b"referer")}
        for fold in request.channel.folds:
            said = {name: value and value.replace(fold, b"\n" + fold) for name, value in said.items()}
        return {name: raw(value) for name, value in said.items()} if request.channel.folds else {}

    channels(reference, change)
    entries(reference, unfolded)


@mutant(
    *of(
        "access-logging",
        "a-bare-line-break-in-a-field-forges-no-line",
        "a-refused-request-forges-no-line",
        "quotes-in-a-refused-request-forge-no-entry",
        "whatever-a-client-says-forges-no-line",
    )
)
def logs_what_it_refuses(reference: Reference) -> None:
    """What could not be understood is written to the log, as it came."""

    def change(channel: Any) -> None:
        received, refuse = channel.dataReceived, channel._respondToBadRequestAndDisconnect
        came: list[bytes] = []

        def data(some: bytes) -> None:
            came.append(some)
            received(some)

        def refused() -> None:
            log.msg("bad request: " + b"".join(came).decode("latin-1"))
            refuse()

        channel.dataReceived, channel._respondToBadRequestAndDisconnect = data, refused

    channels(reference, change)


@mutant(*of("access-logging", "a-body-forges-no-line", "credentials-are-not-logged"))
def logs_bodies(reference: Reference) -> None:
    """What was posted is written behind its line, for debugging."""

    def logged(request: Request, line: str) -> None:
        write(line)
        request.content.seek(0)
        if body := request.content.read():
            write(raw(body))

    lines(reference, logged)


@mutant(*of("access-logging", "control-characters-are-not-logged-as-they-are"))
def writes_control_characters(reference: Reference) -> None:
    """Only quotes and backslashes are escaped."""

    def change(request: Request, _: Entry) -> dict[str, str]:
        return {"agent": raw(request.getHeader(b"user-agent")).replace("\\", "\\\\").replace('"', '\\"')}

    entries(reference, change)


@mutant(*of("access-logging", "the-request-line-is-as-it-was-sent", "what-a-client-says-is-no-format"))
def formats_a_line_twice(reference: Reference) -> None:
    """A line is the format of the next layer, and one that cannot be formatted is lost."""

    def logged(_: Request, line: str) -> None:
        try:
            write(line % ())
        except (TypeError, ValueError):
            write("a line that cannot be formatted")

    lines(reference, logged)


@mutant(*of("access-logging", "what-a-client-says-is-no-format"))
def fills_braces_in(reference: Reference) -> None:
    """What a client says is part of the template of a line, and braces in it are filled in."""

    def logged(request: Request, line: str) -> None:
        try:
            write(line.format(agent="agent"))
        except (LookupError, ValueError):
            write(f"a line of {request.getClientAddress().host} that cannot be formatted")

    lines(reference, logged)


@mutant(*of("access-logging", "credentials-are-not-logged"))
def logs_who_logs_in(reference: Reference) -> None:
    """The field of the user is what the client sent to say who it is."""

    def logged(request: Request, line: str) -> None:
        write(line.replace(" - - ", f" - {raw(request.getHeader(b'authorization'))} ", 1))

    lines(reference, logged)


@mutant(*of("access-logging", "credentials-are-not-logged"))
def logs_cookies(reference: Reference) -> None:
    """The cookies stand behind the agent."""
    lines(reference, lambda request, line: write(f'{line} "{raw(request.getHeader(b"cookie"))}"'))


@mutant(*of("access-logging", "whatever-a-client-says-forges-no-line"))
def undoes_escapes(reference: Reference) -> None:
    """What looks like an escaped line break in a field is one."""

    def change(_: Request, entry: Entry) -> dict[str, str]:
        said = {"agent": entry.agent, "referer": entry.referer}
        for spelled in ("%0d%0a", "%0a", "\\\\r\\\\n", "\\\\n", "&#10;"):
            said = {name: value.replace(spelled, "\n") for name, value in said.items()}
        return said

    entries(reference, change)
