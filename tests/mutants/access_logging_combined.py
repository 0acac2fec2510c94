"""
Mutants of the access log: the parts of an entry.
"""

from __future__ import annotations

from urllib.parse import unquote

from twisted.web.http import _escape, proxiedLogFormatter
from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants._logs import Entry, entries, raw


@mutant(*of("access-logging", "an-entry-is-in-the-combined-format", "the-agent-of-each-request-is-its-own"))
def swaps_agent_and_referer(reference: Reference) -> None:
    """The agent stands where the referer should, and the other way round."""
    entries(reference, lambda _, entry: {"agent": entry.referer, "referer": entry.agent})


@mutant(
    *of(
        "access-logging",
        "an-entry-is-in-the-combined-format",
        "quotes-in-an-entry-are-escaped",
        "the-address-is-the-client-s",
        "the-agent-of-each-request-is-its-own",
        "the-request-line-is-as-it-was-sent",
        "the-times-are-as-far-apart-as-the-requests",
        "what-was-not-sent-is-a-dash",
    )
)
def writes_the_common_format(reference: Reference) -> None:
    """A line ends with the size: it is in the common log format."""

    def line(time: str, request: Request) -> str:
        return Entry.of(request, time).line.rsplit(' "', 2)[0]

    reference.site._logFormatter = line


@mutant(*of("access-logging", "the-request-line-is-as-it-was-sent"))
def spells_a_target_its_own_way(reference: Reference) -> None:
    """Escapes in the target are written in small letters."""
    entries(reference, lambda _, entry: {"target": entry.target.replace("%2F", "%2f").replace("%C3", "%c3")})


@mutant(*of("access-logging", "the-address-is-the-client-s"))
def believes_what_a_client_says_of_its_address(reference: Reference) -> None:
    """The address is that of X-Forwarded-For, though there is no proxy."""
    reference.site._logFormatter = proxiedLogFormatter


@mutant(*of("access-logging", "what-was-not-sent-is-a-dash"))
def writes_none(reference: Reference) -> None:
    """What was not sent is Python's None."""
    entries(reference, lambda request, entry: {} if request.getHeader(b"user-agent") else {"agent": "None"})


@mutant(*of("access-logging", "what-was-not-sent-is-a-dash"))
def writes_nothing_for_what_was_not_sent(reference: Reference) -> None:
    """What was not sent leaves its quotes empty."""
    entries(reference, lambda request, entry: {} if request.getHeader(b"referer") else {"referer": ""})


@mutant(*of("access-logging", "quotes-in-an-entry-are-escaped", "quotes-end-no-part-of-an-entry"))
def escapes_no_quotes(reference: Reference) -> None:
    """Quotes are written as they came."""
    entries(reference, lambda _, entry: {"agent": entry.agent.replace('\\"', '"')})


@mutant(*of("access-logging", "control-characters-are-not-logged-as-they-are", "quotes-in-an-entry-are-escaped"))
def escapes_no_backslashes(reference: Reference) -> None:
    """A quote gets a backslash before it, and a backslash gets none."""
    entries(reference, lambda request, _: {"agent": raw(request.getHeader(b"user-agent")).replace('"', '\\"')})


@mutant(*of("access-logging", "quotes-in-an-entry-are-escaped"))
def takes_quotes_out(reference: Reference) -> None:
    """What would have to be escaped is left out."""

    def change(_: Request, entry: Entry) -> dict[str, str]:
        return {"agent": entry.agent.replace('\\"', "").replace("\\", "")}

    entries(reference, change)


@mutant(*of("access-logging", "the-times-are-as-far-apart-as-the-requests"))
def formats_the_time_once(reference: Reference) -> None:
    """The time of the first line is that of all."""
    first: list[str] = []

    def change(_: Request, entry: Entry) -> dict[str, str]:
        first.append(entry.time)
        return {"time": first[0]}

    entries(reference, change)


@mutant(*of("access-logging", "the-time-is-that-of-the-request"), clock="real")
def counts_months_from_nought(reference: Reference) -> None:
    """The month before stands in the log."""
    names = ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    def change(_: Request, entry: Entry) -> dict[str, str]:
        day, month, rest = entry.time.split("/", 2)
        return {"time": f"[01/{names[names.index(month, 1) - 1]}/{rest}" if day else entry.time}

    entries(reference, change)


@mutant(*of("access-logging", "the-agent-of-each-request-is-its-own"))
def remembers_the_agent_of_a_connection(reference: Reference) -> None:
    """The first request of a connection says which agent all others there have."""

    def change(request: Request, entry: Entry) -> dict[str, str]:
        request.channel.agent = getattr(request.channel, "agent", entry.agent)
        return {"agent": request.channel.agent}

    entries(reference, change)


@mutant(
    *of(
        "access-logging",
        "a-line-break-in-the-target-forges-no-line",
        "control-characters-are-not-logged-as-they-are",
        "the-request-line-is-as-it-was-sent",
        "whatever-a-client-says-forges-no-line",
    )
)
def decodes_the_target(reference: Reference) -> None:
    """The target is logged when it has been decoded."""
    entries(reference, lambda request, _: {"target": unquote(raw(request.uri))})


@mutant(*of("access-logging", "the-request-line-is-as-it-was-sent"))
def decodes_the_target_with_care(reference: Reference) -> None:
    """The target is logged when it has been decoded, and escaped as Python would."""
    entries(reference, lambda request, _: {"target": _escape(unquote(raw(request.uri)).encode())})
