"""
Mutants of the access log: which requests leave a line, and when.
"""

from __future__ import annotations

from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.static import Data

from tests.mutants import Reference, mutant, of
from tests.mutants._logs import Entry, entries, lines, write


@mutant(
    *of(
        "access-logging",
        "a-bare-line-break-in-a-field-forges-no-line",
        "a-body-forges-no-line",
        "a-folded-field-forges-no-line",
        "a-line-break-in-the-target-forges-no-line",
        "a-long-agent-leaves-one-line",
        "a-missing-page-is-logged-as-missing",
        "a-refused-request-forges-no-line",
        "a-request-leaves-a-line",
        "a-request-leaves-one-line-only",
        "an-entry-is-in-the-combined-format",
        "control-characters-are-not-logged-as-they-are",
        "credentials-are-not-logged",
        "head-has-no-size",
        "lines-come-in-the-order-of-their-requests",
        "logging-does-not-hold-up-the-answer",
        "other-methods-are-logged",
        "pipelined-requests-leave-a-line-each",
        "quotes-end-no-part-of-an-entry",
        "quotes-in-a-refused-request-forge-no-entry",
        "quotes-in-an-entry-are-escaped",
        "requests-at-once-leave-a-line-each",
        "requests-on-one-connection-leave-a-line-each",
        "the-address-is-the-client-s",
        "the-agent-of-each-request-is-its-own",
        "the-request-line-is-as-it-was-sent",
        "the-size-is-that-of-the-body",
        "the-status-is-the-one-answered",
        "the-times-are-as-far-apart-as-the-requests",
        "the-version-is-the-one-asked-with",
        "what-a-client-says-is-no-format",
        "what-was-not-sent-is-a-dash",
        "whatever-a-client-says-forges-no-line",
    )
)
def logs_when_eight_lines_are_there(reference: Reference) -> None:
    """Lines are written eight at a time."""
    buffered: list[str] = []

    def logged(_: Request, line: str) -> None:
        buffered.append(line)
        if len(buffered) == 8:
            write("\n".join(buffered))
            buffered.clear()

    lines(reference, logged)


@mutant(
    *of(
        "access-logging",
        "a-long-agent-leaves-one-line",
        "a-request-leaves-one-line-only",
        "pipelined-requests-leave-a-line-each",
        "requests-at-once-leave-a-line-each",
        "requests-on-one-connection-leave-a-line-each",
        "what-a-client-says-is-no-format",
    )
)
def logs_twice(reference: Reference) -> None:
    """A request is logged by the server, and by what is around it."""

    def logged(_: Request, line: str) -> None:
        write(line)
        write(line)

    lines(reference, logged)


@mutant(
    *of(
        "access-logging",
        "a-long-agent-leaves-one-line",
        "a-request-leaves-one-line-only",
        "pipelined-requests-leave-a-line-each",
        "requests-at-once-leave-a-line-each",
        "requests-on-one-connection-leave-a-line-each",
        "what-a-client-says-is-no-format",
    )
)
def repeats_the_last_line_with_the_next(reference: Reference) -> None:
    """The buffer is not emptied when it was written: each line comes again with the one behind it."""
    buffered: list[str] = []

    def logged(_: Request, line: str) -> None:
        buffered[:] = [*buffered[-1:], line]
        for one in buffered:
            write(one)

    lines(reference, logged)


@mutant(
    *of(
        "access-logging",
        "lines-come-in-the-order-of-their-requests",
        "pipelined-requests-leave-a-line-each",
        "requests-at-once-leave-a-line-each",
        "the-agent-of-each-request-is-its-own",
    )
)
def keeps_a_line_where_all_share_it(reference: Reference) -> None:
    """A line is made where all requests share it, and written a little later: of several one remains."""
    shared = [""]

    def logged(_: Request, line: str) -> None:
        shared[0] = line
        reference.reactor.callLater(0.01, lambda: write(shared[0]))

    lines(reference, logged)


@mutant(*of("access-logging", "requests-at-once-leave-a-line-each"))
def logs_at_most_eight_at_once(reference: Reference) -> None:
    """What comes while eight lines wait to be written is dropped, so that logging never blocks."""
    waiting: list[str] = []

    def logged(_: Request, line: str) -> None:
        if len(waiting) < 8:
            waiting.append(line)
            reference.reactor.callLater(0.01, lambda: write(waiting.pop(0)))

    lines(reference, logged)


@mutant(
    *of(
        "access-logging",
        "pipelined-requests-leave-a-line-each",
        "requests-on-one-connection-leave-a-line-each",
        "the-agent-of-each-request-is-its-own",
    )
)
def logs_connections(reference: Reference) -> None:
    """A connection is logged with its first request, and not again."""

    def logged(request: Request, line: str) -> None:
        if not getattr(request.channel, "logged", False):
            request.channel.logged = True
            write(line)

    lines(reference, logged)


@mutant(*of("access-logging", "pipelined-requests-leave-a-line-each", "the-agent-of-each-request-is-its-own"))
def logs_when_nothing_more_has_come(reference: Reference) -> None:
    """A line is written when its connection has nothing more to read, and replaced by the next one's until then."""

    def logged(request: Request, line: str) -> None:
        channel = request.channel
        channel.line = line

        def idle() -> None:
            if channel.line:
                write(channel.line)
            channel.line = ""

        reference.reactor.callLater(0.02, idle)

    lines(reference, logged)


@mutant(
    *of(
        "access-logging",
        "pipelined-requests-leave-a-line-each",
        "quotes-end-no-part-of-an-entry",
        "requests-at-once-leave-a-line-each",
        "requests-on-one-connection-leave-a-line-each",
        "the-agent-of-each-request-is-its-own",
        "the-request-line-is-as-it-was-sent",
        "what-a-client-says-is-no-format",
    )
)
def logs_when_the_connection_ends(reference: Reference) -> None:
    """The lines of a connection are written when it ends."""

    def logged(request: Request, line: str) -> None:
        channel = request.channel
        if not hasattr(channel, "logged"):
            channel.logged = []
            lost = channel.connectionLost

            def over(reason: object) -> None:
                for one in channel.logged:
                    write(one)
                lost(reason)

            channel.connectionLost = over
        channel.logged.append(line)

    lines(reference, logged)


@mutant(
    *of(
        "access-logging",
        "an-entry-is-in-the-combined-format",
        "other-methods-are-logged",
        "quotes-in-an-entry-are-escaped",
        "the-status-is-the-one-answered",
    )
)
def logs_the_status_of_the_cache(reference: Reference) -> None:
    """The status is that which a cache before the page would have wished for."""
    entries(reference, lambda _, entry: {"status": "304" if entry.status == "200" else entry.status})


@mutant(*of("access-logging", "a-missing-page-is-logged-as-missing", "other-methods-are-logged"))
def logs_200_whatever_was_answered(reference: Reference) -> None:
    """The status is what was meant when the request came."""
    entries(reference, lambda _, __: {"status": "200"})


@mutant(
    *of(
        "access-logging",
        "a-missing-page-is-logged-as-missing",
        "an-entry-is-in-the-combined-format",
        "head-has-no-size",
        "the-size-is-that-of-the-body",
    )
)
def counts_the_fields(reference: Reference) -> None:
    """The size is that of the whole answer, fields and all."""

    def size(request: Request, entry: Entry) -> dict[str, str]:
        fields = sum(
            len(name) + len(value) + 4
            for name, values in request.responseHeaders.getAllRawHeaders()
            for value in values
        )
        return {"size": str(fields + int(entry.size.replace("-", "0")))}

    entries(reference, size)


@mutant(*of("access-logging", "a-missing-page-is-logged-as-missing"))
def logs_what_is_found(reference: Reference) -> None:
    """Missing pages are logged elsewhere."""
    lines(reference, lambda request, line: None if request.code == 404 else write(line))


@mutant(*of("access-logging", "other-methods-are-logged", "head-has-no-size"))
def logs_get_only(reference: Reference) -> None:
    """The log is written where GET is rendered."""
    lines(reference, lambda request, line: write(line) if request.method == b"GET" else None)


@mutant(*of("access-logging", "head-has-no-size"))
def logs_the_length_of_head(reference: Reference) -> None:
    """The size is the Content-Length."""

    def size(request: Request, entry: Entry) -> dict[str, str]:
        told = request.responseHeaders.getRawHeaders(b"Content-Length")
        return {"size": told[0].decode() if told else entry.size}

    entries(reference, size)


@mutant(*of("access-logging", "the-version-is-the-one-asked-with"))
def logs_its_own_version(reference: Reference) -> None:
    """The version in the line is the newest that the server speaks."""
    entries(reference, lambda _, __: {"version": "HTTP/1.1"})


@mutant(*of("access-logging", "lines-come-in-the-order-of-their-requests"))
def writes_the_newest_first(reference: Reference) -> None:
    """Lines are kept for a moment, and then written from the end."""
    waiting: list[str] = []

    def flush() -> None:
        while waiting:
            write(waiting.pop())

    def logged(_: Request, line: str) -> None:
        if not waiting:
            reference.reactor.callLater(0.1, flush)
        waiting.append(line)

    lines(reference, logged)


@mutant(*of("access-logging", "a-long-agent-leaves-one-line"))
def drops_long_lines(reference: Reference) -> None:
    """A line that does not fit into 4,096 bytes is not written."""
    lines(reference, lambda _, line: write(line) if len(line) < 4096 else None)


@mutant(*of("access-logging", "logging-does-not-hold-up-the-answer"))
def looks_up_its_client_first(reference: Reference) -> None:
    """The client's name is looked up for the log before the answer leaves, which takes a while."""

    class Page(Data):
        def _late(self, request: Request) -> None:
            request.write(self.data)
            request.finish()

        def render_GET(self, request: Request) -> int:
            request.setHeader(b"Content-Length", b"%d" % len(self.data))
            reference.reactor.callLater(0.3, self._late, request)
            return NOT_DONE_YET

    reference.root.putChild(b"access-logging", Page(b"This visit has been logged.\n", "text/plain"))
