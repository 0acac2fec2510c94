"""
Mutants of the WSGI container: status, fields and blocks of the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from twisted.internet.threads import blockingCallFromThread

from reference_impl.repairs.wsgi import Call
from tests.mutants import Reference, mutant, of
from tests.mutants._wsgi import Answer, Headers, answering, put, watching

HELLO = "wsgi/hello-world-arrives-as-the-application-gave-it"
FIELDS = "wsgi/fields-are-the-applications"
COOKIES = "wsgi/repeated-set-cookie-stays-repeated"
WRITTEN = of("wsgi", "written-blocks-come-before-the-iterables", "written-blocks-leave-as-they-are-made")
STREAMED = of("wsgi", "written-blocks-leave-as-they-are-made", "blocks-leave-as-they-are-made")


# Status and fields.


@mutant("wsgi/status-is-the-applications")
def knows_no_rare_status(reference: Reference) -> None:
    """A status that is not in the server's table becomes 500."""
    known = ("200", "201", "202", "204", "302", "404", "500", "503")
    answering(
        reference,
        lambda status, headers: (status if status.startswith(known) else "500 Internal Server Error", headers),
    )


@mutant("wsgi/status-is-the-applications")
def makes_a_redirect_without_a_location_a_success(reference: Reference) -> None:
    """A redirect that names no Location is sent as 200."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        located = any(name.lower() == "location" for name, _ in headers)
        return (status if located or not status.startswith("3") else "200 OK"), headers

    answering(reference, change)


@mutant("wsgi/status-is-the-applications")
def shows_a_page_of_its_own_for_not_found(reference: Reference) -> None:
    """The server replaces the body of a 404 by a friendlier one."""

    class Friendly(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            if not getattr(self, "status", "").startswith("404"):
                return super().send(blocks, call)
            self.headers = [("Content-Type", "text/html")]
            return self.write(b"<h1>Oops!</h1>")

    put(reference, Friendly)


@mutant(FIELDS, COOKIES)
def keeps_fields_in_a_dictionary(reference: Reference) -> None:
    """Of a repeated field the last is sent."""
    answering(reference, lambda status, headers: (status, list(dict(headers).items())))


@mutant(COOKIES)
def joins_repeated_fields(reference: Reference) -> None:
    """Repeated fields are joined by a comma, Set-Cookie too."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        joined: dict[str, str] = {}
        for name, value in headers:
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return status, list(joined.items())

    answering(reference, change)


@mutant(COOKIES)
def keeps_one_cookie_of_a_name(reference: Reference) -> None:
    """Cookies go through a jar of the server's own, in which there is one of each name."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        jar = {value.partition("=")[0]: (name, value) for name, value in headers if name == "Set-Cookie"}
        return status, [*(pair for pair in headers if pair[0] != "Set-Cookie"), *jar.values()]

    answering(reference, change)


@mutant("wsgi/names-of-one-field-in-any-case-are-its-names", COOKIES)
def sorts_the_fields(reference: Reference) -> None:
    """Fields are sorted by name and value before they are sent."""
    answering(reference, lambda status, headers: (status, sorted(headers)))


@mutant(FIELDS)
def has_a_caching_policy_of_its_own(reference: Reference) -> None:
    """The server's own Cache-Control takes the place of the application's."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        others = [(name, value) for name, value in headers if name != "Cache-Control"]
        return status, [*others, ("Cache-Control", "private, max-age=60")]

    answering(reference, change)


@mutant(FIELDS)
def adds_a_charset(reference: Reference) -> None:
    """A text's type is given a charset that the application did not name."""

    def change(status: str, headers: Headers) -> tuple[str, Headers]:
        return status, [(name, value + "; charset=utf-8" * (value == "text/plain")) for name, value in headers]

    answering(reference, change)


@mutant(FIELDS)
def quotes_values_anew(reference: Reference) -> None:
    """Values of fields are parsed, and written without the quotes that they need."""
    answering(reference, lambda status, headers: (status, [(name, value.replace('"', "")) for name, value in headers]))


# write().


class Held(Call):
    """Keeps what is written."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.held: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send nothing yet."""
        self.held.append(data)


@mutant(
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/any-blocks-make-the-body",
    "wsgi/empty-writes-leave-no-trace",
    "wsgi/head-has-no-body",
    "wsgi/no-chunks-for-an-older-client",
    *WRITTEN,
)
def drops_what_is_written(reference: Reference) -> None:
    """write() does nothing."""

    class Dropping(Call):
        def write(self, data: bytes) -> None:
            self.checked(data)

    watching(reference, Dropping)


@mutant(
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/any-blocks-make-the-body",
    "wsgi/empty-writes-leave-no-trace",
    "wsgi/head-has-no-body",
    "wsgi/no-chunks-for-an-older-client",
    *WRITTEN,
)
def sends_written_blocks_last(reference: Reference) -> None:
    """What was handed to write() is sent after what the iterable gave."""

    class Last(Answer):
        watch = Held

        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            super().send(chain(blocks, call.held), call)

    put(reference, Last)


@mutant("wsgi/written-blocks-leave-as-they-are-made")
def holds_written_blocks_until_the_call_is_over(reference: Reference) -> None:
    """What was handed to write() is sent before what the iterable gives, but not before there is an iterable."""

    class Holding(Answer):
        watch = Held

        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            super().send(chain(call.held, blocks), call)

    put(reference, Holding)


@mutant(
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/any-blocks-make-the-body",
    "wsgi/empty-writes-leave-no-trace",
    "wsgi/head-has-no-body",
    "wsgi/no-chunks-for-an-older-client",
    *WRITTEN,
)
def sends_written_blocks_twice(reference: Reference) -> None:
    """What was handed to write() is sent at once, and again with what the iterable gives."""

    class Doubling(Held):
        def write(self, data: bytes) -> None:
            super().write(data)
            Call.write(self, data)

    class Twice(Answer):
        watch = Doubling

        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            super().send(chain(call.held, blocks), call)

    put(reference, Twice)


# Blocks.


@mutant(
    *of(
        "wsgi",
        "blocks-leave-as-they-are-made",
        "exc-info-cannot-replace-headers-that-left",
        "other-pages-are-served-meanwhile",
        "written-blocks-leave-as-they-are-made",
    )
)
def gathers_all_blocks(reference: Reference) -> None:
    """Nothing is sent before the application has ended."""

    class Gathering(Answer):
        def write(self, data: bytes) -> None:
            self.gathered = [*getattr(self, "gathered", []), data]

        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            super().send(blocks, call)
            super().write(b"".join(getattr(self, "gathered", [])))

    put(reference, Gathering)


@mutant(
    *of(
        "wsgi",
        "blocks-leave-as-they-are-made",
        "exc-info-cannot-replace-headers-that-left",
        "other-pages-are-served-meanwhile",
    )
)
def is_one_block_behind(reference: Reference) -> None:
    """A block is sent when the next one has been made, to know whether it is the last."""

    class Behind(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            def behind() -> Iterator[bytes]:
                held = b""
                for block in blocks:
                    yield held
                    held = block
                yield held

            super().send(behind(), call)

    put(reference, Behind)


@mutant("wsgi/blocks-leave-as-they-are-made")
def gathers_all_blocks_but_the_first(reference: Reference) -> None:
    """The first block leaves as soon as it is made, the others leave together."""

    class Gathering(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            def together() -> Iterator[bytes]:
                steps = iter(blocks)
                yield next(steps, b"")
                yield b"".join(steps)

            super().send(together(), call)

    put(reference, Gathering)


@mutant(
    "wsgi/a-large-answer-arrives-whole",
    "wsgi/an-answer-without-a-length-has-an-end",
    "wsgi/any-blocks-make-the-body",
    "wsgi/empty-writes-leave-no-trace",
    "wsgi/every-kind-of-iterable-is-an-answer",
    "wsgi/head-has-no-body",
    "wsgi/no-chunks-for-an-older-client",
    *of(
        "wsgi",
        "blocks-leave-as-they-are-made",
        "close-is-called-once-after-a-normal-end",
        "other-pages-are-served-meanwhile",
        "written-blocks-come-before-the-iterables",
        "written-blocks-leave-as-they-are-made",
    ),
)
def announces_the_length_of_the_first_block(reference: Reference) -> None:
    """Where the application announced no length, that of its first block is announced, and all others stay behind."""

    class Announcing(Answer):
        whole = False

        def write(self, data: bytes) -> None:
            if not self.started and "content-length" not in {name.lower() for name, _ in self.headers}:
                self.headers = [*self.headers, ("Content-Length", str(len(data)))]
                super().write(data)
                self.whole = True
            elif not self.whole:
                super().write(data)

    put(reference, Announcing)


@mutant(
    "wsgi/a-large-answer-arrives-whole",
    "wsgi/an-answer-without-a-length-has-an-end",
    "wsgi/any-blocks-make-the-body",
    "wsgi/empty-writes-leave-no-trace",
    "wsgi/every-kind-of-iterable-is-an-answer",
    "wsgi/head-has-no-body",
    "wsgi/no-chunks-for-an-older-client",
    "wsgi/the-environ-may-be-changed",
    *of(
        "wsgi",
        "blocks-leave-as-they-are-made",
        "close-is-called-once-after-a-normal-end",
        "exc-info-replaces-the-unsent-status",
        "other-pages-are-served-meanwhile",
        "start-response-may-come-while-iterating",
        "written-blocks-come-before-the-iterables",
        "written-blocks-leave-as-they-are-made",
    ),
)
def sends_the_first_block_twice(reference: Reference) -> None:
    """Where no length was announced the first block is looked at to find one, and then it stands there twice."""

    class Peeking(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            if "content-length" not in {name.lower() for name, _ in getattr(self, "headers", ())}:
                steps = iter(blocks)
                first = next(steps, b"")
                blocks = chain((first, first), steps)
            super().send(blocks, call)

    put(reference, Peeking)


@mutant("wsgi/start-response-may-come-while-iterating")
def wants_the_status_with_the_iterable(reference: Reference) -> None:
    """An application that has not called start_response when it returns has failed."""

    class Wanting(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            call.end_of_call()
            super().send(blocks, call)

    class Started(Call):
        def end_of_call(self) -> None:
            self.checked(b"" if self._write else b"a block")
            self._sent = 0

    Wanting.watch = Started
    put(reference, Wanting)


@mutant(
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/any-blocks-make-the-body",
    *of("wsgi", "empty-blocks-leave-no-trace", "empty-blocks-hold-the-header-back"),
)
def takes_an_empty_block_for_the_end(reference: Reference) -> None:
    """Blocks are sent until there is one without bytes."""

    class Ending(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            steps = iter(blocks)
            super().send(iter(lambda: next(steps, b""), b""), call)

    put(reference, Ending)


@mutant(
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/any-blocks-make-the-body",
    *of("wsgi", "empty-blocks-leave-no-trace", "empty-blocks-hold-the-header-back"),
)
def sends_empty_chunks(reference: Reference) -> None:
    """A block without bytes becomes a chunk without bytes, which ends the answer."""

    class Empty(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            def chunked() -> Iterator[bytes]:
                for block in blocks:
                    if not block:
                        self.write(b"")
                        blockingCallFromThread(self.reactor, self.request.channel.write, b"0\r\n\r\n")
                    yield block

            super().send(chunked(), call)

    put(reference, Empty)


@mutant("wsgi/empty-blocks-hold-the-header-back")
def sends_the_header_with_an_empty_block(reference: Reference) -> None:
    """The header is sent with the first block, whether it has any bytes or not."""

    class Hasty(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            def headed() -> Iterator[bytes]:
                for block in blocks:
                    if not self.started:
                        self.write(b"")
                    yield block

            super().send(headed(), call)

    put(reference, Hasty)


@mutant(
    "wsgi/an-empty-value-arrives",
    "wsgi/head-reaches-the-application-as-head",
    "wsgi/latin-one-in-a-field-arrives-as-bytes",
    "wsgi/names-of-one-field-in-any-case-are-its-names",
    "wsgi/text-beyond-latin-one-is-refused",
    *of("wsgi", "fields-are-the-applications", "exc-info-replaces-the-unsent-status"),
)
def passes_on_the_fields_that_it_knows(reference: Reference) -> None:
    """Fields of an application's own, X-…, are left out."""
    answering(
        reference, lambda status, headers: (status, [one for one in headers if not one[0].lower().startswith("x-")])
    )
