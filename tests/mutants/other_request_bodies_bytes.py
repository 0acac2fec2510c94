"""
Mutants of the page that answers with a body's bytes: what is lost of them on their way.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from typing import Any

from tests.mutants import Reference, mutant, of
from tests.mutants._forms import FORM, PARTS, content_of, echoing, is_of


@mutant(
    *of(
        "other-request-bodies",
        "a-body-in-chunks-is-exact",
        "a-body-in-segments-is-exact",
        "a-body-may-wait-to-be-asked-for",
        "a-body-that-was-put-is-exact",
        "a-slow-body-is-waited-for",
        "any-bytes-come-through-in-any-framing",
        "bytes-on-one-connection-do-not-mix",
        "every-byte-comes-through",
    )
)
def takes_bodies_for_text(reference: Reference) -> None:
    """What is no UTF-8 is replaced."""
    echoing(reference, lambda _, body: body.decode("utf-8", "replace").encode("utf-8"))


@mutant(
    *of(
        "other-request-bodies",
        "a-body-in-chunks-is-exact",
        "a-body-in-segments-is-exact",
        "a-body-may-wait-to-be-asked-for",
        "a-body-that-was-put-is-exact",
        "a-slow-body-is-waited-for",
        "bytes-on-one-connection-do-not-mix",
        "every-byte-comes-through",
    )
)
def ends_a_body_at_control_z(reference: Reference) -> None:
    """A body is read as a text file was under DOS."""
    echoing(reference, lambda _, body: body.partition(b"\x1a")[0])


@mutant(*of("other-request-bodies", "every-byte-comes-through"))
def makes_line_ends_alike_in_text(reference: Reference) -> None:
    """Text has its line ends made alike."""

    def change(request: Any, body: bytes) -> bytes:
        return body.replace(b"\r\n", b"\n") if content_of(request)[0].startswith("text/") else body

    echoing(reference, change)


@mutant(*of("other-request-bodies", "a-body-that-was-put-is-exact", "a-form-s-bytes-are-left-to-be-read"))
def does_not_wind_back_behind_a_form(reference: Reference) -> None:
    """What was read for the fields of a form is not there to be read again."""
    echoing(reference, lambda request, body: b"" if is_of(content_of(request)[0], FORM) else body)


@mutant(*of("other-request-bodies", "a-form-s-bytes-are-left-to-be-read"))
def does_not_wind_back_behind_parts(reference: Reference) -> None:
    """What was read for the parts of a form is not there to be read again."""
    echoing(reference, lambda request, body: b"" if is_of(content_of(request)[0], PARTS) else body)


@mutant(
    *of(
        "other-request-bodies",
        "an-empty-body-is-empty",
        "any-bytes-come-through-in-any-framing",
        "bytes-on-one-connection-do-not-mix",
    )
)
def says_that_there_is_no_body(reference: Reference) -> None:
    """An empty body is answered with words instead of nothing."""
    echoing(reference, lambda _, body: body or b"(empty)")


@mutant(
    *of(
        "other-request-bodies",
        "a-huge-body-is-exact",
        "a-large-body-in-chunks-is-exact",
        "a-large-body-is-exact",
        "bytes-on-one-connection-do-not-mix",
    )
)
def reads_a_file_from_its_end(reference: Reference) -> None:
    """A body of 100,000 bytes and more is in a file, which is not wound back."""
    echoing(reference, lambda _, body: body if len(body) < 100_000 else b"")


@mutant(*of("other-request-bodies", "a-huge-body-is-exact"))
def cuts_bodies_at_half_a_megabyte(reference: Reference) -> None:
    """A body has room in 500,000 bytes."""
    echoing(reference, lambda _, body: body[:500_000])


@mutant(
    *of(
        "other-request-bodies",
        "a-body-in-chunks-is-exact",
        "a-body-in-segments-is-exact",
        "a-large-body-in-chunks-is-exact",
        "any-bytes-come-through-in-any-framing",
        "bytes-on-one-connection-do-not-mix",
    )
)
def loses_what_no_length_announced(reference: Reference) -> None:
    """A body is read as far as its Content-Length says: one in chunks is empty."""

    def change(request: Any, body: bytes) -> bytes:
        return body[: int(request.getHeader("content-length") or 0)]

    echoing(reference, change)


@mutant(
    *of(
        "other-request-bodies",
        "a-body-in-chunks-is-exact",
        "a-body-in-segments-is-exact",
        "a-large-body-in-chunks-is-exact",
        "any-bytes-come-through-in-any-framing",
        "bytes-on-one-connection-do-not-mix",
    )
)
def ends_chunks_with_a_line(reference: Reference) -> None:
    """The line end behind the last chunk belongs to the body."""

    def change(request: Any, body: bytes) -> bytes:
        return body + b"\r\n" if body and request.getHeader("transfer-encoding") else body

    echoing(reference, change)


@mutant(*of("other-request-bodies", "a-large-body-in-chunks-is-exact"))
def cuts_bodies_in_chunks_at_64_kib(reference: Reference) -> None:
    """A body whose length was not told has room in 64 KiB."""
    echoing(reference, lambda request, body: body[: 1 << 16] if request.getHeader("transfer-encoding") else body)


@mutant(*of("other-request-bodies", "a-body-in-segments-is-exact", "a-slow-body-is-waited-for"))
def reads_the_first_segment(reference: Reference) -> None:
    """Of the body that much is read as is there at first."""
    base: Any = reference.site.requestFactory

    class Hasty(base):  # type: ignore[misc] - the reference's own class, whichever it is
        came = 0

        def handleContentChunk(self, data: bytes) -> None:
            # What came in the same read is still there.
            if not self.came or self.came == reference.reactor.seconds():
                super().handleContentChunk(data)
            self.came = self.came or reference.reactor.seconds()

    reference.site.requestFactory = Hasty


@mutant(
    *of(
        "other-request-bodies",
        "a-huge-body-is-exact",
        "a-large-body-is-exact",
        "a-large-body-is-shown-whole",
        "a-slow-body-is-waited-for",
        "bytes-on-one-connection-do-not-mix",
    )
)
def answers_before_the_body_has_come(reference: Reference) -> None:
    """What the request's head says is enough to answer it."""
    base: Any = reference.site.requestFactory

    class Hasty(base):  # type: ignore[misc] - the reference's own class, whichever it is
        def gotLength(self, length: int | None) -> None:
            super().gotLength(length)
            if length and length > 600:
                self.channel.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    reference.site.requestFactory = Hasty


@mutant(*of("other-request-bodies", "a-body-may-wait-to-be-asked-for"))
def never_asks_for_a_body(reference: Reference) -> None:
    """A client that waits for 100 waits for ever."""
    build: Any = reference.site.buildProtocol

    def built(address: Any) -> Any:
        protocol = build(address)
        received = protocol.dataReceived
        protocol.dataReceived = lambda data: received(data.replace(b"Expect: 100", b"X-Not-Expected: 100"))
        return protocol

    reference.site.buildProtocol = built  # type: ignore[method-assign]


@mutant(*of("other-request-bodies", "a-body-may-wait-to-be-asked-for"))
def loses_a_body_that_was_asked_for(reference: Reference) -> None:
    """What comes behind a 100 is read, and forgotten."""
    echoing(reference, lambda request, body: b"" if request.getHeader("expect") else body)


@mutant(*of("other-request-bodies", "bytes-on-one-connection-do-not-mix"))
def keeps_the_rest_of_a_longer_body(reference: Reference) -> None:
    """The buffer of a connection is written over from its beginning, and answered as a whole."""

    def change(request: Any, body: bytes) -> bytes:
        kept = request.transport.__dict__
        kept["buffer"] = body + kept.get("buffer", b"")[len(body) :]
        return kept["buffer"]

    echoing(reference, change)


@mutant(*of("other-request-bodies", "a-body-that-was-put-is-exact"))
def reads_no_body_of_a_put(reference: Reference) -> None:
    """A body is read for POST only."""
    echoing(reference, lambda request, body: b"" if request.method == b"PUT" else body)


@mutant(*of("other-request-bodies", "a-body-that-was-put-is-exact"))
def takes_a_put_for_a_form(reference: Reference) -> None:
    """A PUT that looks like a form is answered with its fields."""

    def change(request: Any, body: bytes) -> bytes:
        return body.replace(b"&", b"\n") if request.method == b"PUT" and content_of(request)[0] == FORM else body

    echoing(reference, change)


@mutant(*of("other-request-bodies", "any-bytes-come-through-in-any-framing"))
def ends_a_body_where_a_request_begins(reference: Reference) -> None:
    """What looks like the next request is taken for it, within a body too."""
    echoing(reference, lambda _, body: body.partition(b"GET / HTTP/1.1")[0])


@mutant(*of("other-request-bodies", "a-slow-body-is-waited-for"))
def makes_others_wait_for_a_slow_body(reference: Reference) -> None:
    """One body is read at a time: other requests wait until it has come."""
    base: Any = reference.site.requestFactory
    reading: set[Any] = set()

    class Slow(base):  # type: ignore[misc] - the reference's own class, whichever it is
        def gotLength(self, length: int | None) -> None:
            super().gotLength(length)
            if length and length > 600:
                reading.add(self)

        def process(self) -> None:
            reading.discard(self)
            self.later()

        def later(self) -> None:
            if reading and self.path == b"/ping":
                reference.reactor.callLater(0.1, self.later)
            else:
                super().process()

    reference.site.requestFactory = Slow
