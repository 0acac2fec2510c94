"""
Mutants of the WSGI container: its greeting, its threads, and the end of each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from twisted.internet.threads import blockingCallFromThread
from twisted.python.failure import Failure
from twisted.web.wsgi import WSGIResource

from reference_impl.repairs.wsgi import Call, repaired
from reference_impl.wsgi import Application, Environ, StartResponse, hello
from tests.mutants import Reference, mutant, of
from tests.mutants._wsgi import Answer, put


@mutant("wsgi/hello-world-arrives-as-the-application-gave-it")
def greets_in_text(reference: Reference) -> None:
    """The tutorial's application stands as it is printed, and gives text where Python 3 wants bytes."""

    def printed(environ: Environ, start_response: StartResponse) -> Any:
        start_response("200 OK", [("Content-type", "text/plain")])
        return ["Hello, world!"]

    _put_hello(reference, printed)


@mutant("wsgi/hello-world-arrives-as-the-application-gave-it")
def takes_a_type_in_small_letters_for_none(reference: Reference) -> None:
    """A default type is added unless the application gave a Content-Type, in just these letters."""

    def typed(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            default = [] if "Content-Type" in dict(headers) else [("Content-Type", "text/html")]
            return start_response(status, default + headers, exc_info)

        return hello(environ, start)

    _put_hello(reference, typed)


def _put_hello(reference: Reference, application: Application) -> None:
    right = reference.page(b"hello")
    page = WSGIResource(right._reactor, right._threadpool, repaired(application))
    reference.root.putChild(b"hello", page)


# Threads.


class Here:
    """What stands for a reactor and for its threads where all is done at once."""

    def callInThread(self, call: Callable[..., object], *given: Any) -> None:  # noqa: N802 - Twisted's name
        """See Twisted's `IReactorThreads`."""
        call(*given)

    callFromThread = callInThread  # noqa: N815 - Twisted's name


@mutant(*of("wsgi", "blocking-calls-run-side-by-side", "other-pages-are-served-meanwhile"))
def has_one_thread(reference: Reference) -> None:
    """The pool has one thread, whatever the profile says."""
    reference.reactor.suggestThreadPoolSize(1)


@mutant("wsgi/blocking-calls-run-side-by-side", claims={"wsgi": {"threads": 11}})
def has_one_thread_too_few(reference: Reference) -> None:
    """The pool has one thread fewer than the profile says."""


@mutant(
    *of(
        "wsgi",
        "blocking-calls-run-side-by-side",
        "blocks-leave-as-they-are-made",
        "other-pages-are-served-meanwhile",
        "written-blocks-leave-as-they-are-made",
    )
)
def calls_in_the_reactors_thread(reference: Reference) -> None:
    """The application is called in the thread that serves everybody."""
    page = reference.page(b"wsgi")
    page._reactor = page._threadpool = Here()


@mutant(*of("wsgi", "blocks-leave-as-they-are-made", "other-pages-are-served-meanwhile"))
def iterates_in_the_reactors_thread(reference: Reference) -> None:
    """The application is called in a thread of its own, but the steps of its iterable are not."""

    class Iterating(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            reactor, self.reactor = self.reactor, Here()
            try:
                blockingCallFromThread(reactor, super().send, blocks, call)
            finally:
                self.reactor = reactor

    put(reference, Iterating)


# The end of a call.

CLOSE = of(
    "wsgi",
    "close-is-called-once-after-a-normal-end",
    "close-is-called-once-after-the-client-left",
    "close-is-called-once-after-an-exception",
)


@mutant("wsgi/close-is-called-once-after-head", *CLOSE)
def never_closes(reference: Reference) -> None:
    """A generator of the container's own stands before the iterable, and nobody passes close() on."""

    class Generating(Answer):
        def close(self, blocks: Any) -> None:
            super().close(block for block in blocks)

    put(reference, Generating)


@mutant("wsgi/close-is-called-once-after-head", *CLOSE)
def closes_with_the_next_request(reference: Reference) -> None:
    """An iterable is kept until the next call has replaced it, and closed only then."""
    kept: list[Any] = []

    class Keeping(Answer):
        def close(self, blocks: Any) -> None:
            kept.append(blocks)
            if len(kept) > 1:
                super().close(kept.pop(0))

    put(reference, Keeping)


@mutant(
    "wsgi/close-is-called-once-after-head",
    *of("wsgi", "close-is-called-once-after-a-normal-end", "close-is-called-once-after-an-exception"),
)
def closes_with_the_connection(reference: Reference) -> None:
    """An iterable is closed when its connection is, which may be many requests later."""

    class Connected(Answer):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.channel = self.request.channel

        def close(self, blocks: Any) -> None:
            self.reactor.callFromThread(self.close_at_the_end, super().close, blocks)

        def close_at_the_end(self, close: Any, blocks: Any) -> None:
            if self.request.channel is None:
                close(blocks)
                return
            lost = self.channel.connectionLost

            def lost_and_closed(reason: Failure) -> None:
                lost(reason)
                close(blocks)

            self.channel.connectionLost = lost_and_closed

    put(reference, Connected)


@mutant("wsgi/close-is-called-once-after-an-exception")
def skips_close_after_an_exception(reference: Reference) -> None:
    """close() comes after the loop over the blocks, in no `finally`."""

    class Skipping(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            self.whole = False
            super().send(blocks, call)
            self.whole = True

        def close(self, blocks: Any) -> None:
            if self.whole:
                super().close(blocks)

    put(reference, Skipping)


@mutant("wsgi/close-is-called-once-after-the-client-left")
def skips_close_when_the_client_left(reference: Reference) -> None:
    """An answer that nobody waits for is dropped with its iterable."""

    class Dropping(Answer):
        def close(self, blocks: Any) -> None:
            if not self._requestFinished:
                super().close(blocks)

    put(reference, Dropping)


@mutant("wsgi/close-is-called-once-after-head", *CLOSE)
def closes_twice(reference: Reference) -> None:
    """Whoever sends the blocks closes the iterable, and so does whoever called the application."""

    class Twice(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            try:
                super().send(blocks, call)
            finally:
                self.close(blocks)

    put(reference, Twice)


@mutant("wsgi/close-is-called-once-after-an-exception")
def closes_twice_after_an_exception(reference: Reference) -> None:
    """close() is called by the handler of exceptions, and once more by the `finally` around it."""

    class Handling(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            try:
                super().send(blocks, call)
            except Exception:
                self.close(blocks)
                raise

    put(reference, Handling)


@mutant("wsgi/close-is-called-once-after-the-client-left")
def closes_twice_when_the_client_left(reference: Reference) -> None:
    """The iterable is closed as soon as its client leaves, and again when the loop over it ends."""

    class Noticing(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            super().send(blocks, call)
            if self._requestFinished:
                self.close(blocks)

    put(reference, Noticing)


@mutant(
    "wsgi/a-large-answer-arrives-whole",
    "wsgi/an-announced-length-is-the-answers",
    "wsgi/an-answer-without-a-length-has-an-end",
    "wsgi/every-kind-of-iterable-is-an-answer",
    "wsgi/exceptions-are-logged",
    "wsgi/head-has-no-body",
    "wsgi/no-chunks-for-an-older-client",
    *of(
        "wsgi",
        "blocks-leave-as-they-are-made",
        "close-is-called-once-after-a-normal-end",
        "close-is-called-once-after-an-exception",
        "empty-blocks-hold-the-header-back",
        "empty-blocks-leave-no-trace",
        "other-pages-are-served-meanwhile",
    ),
)
def closes_before_the_end(reference: Reference) -> None:
    """The iterable is closed after its first block, by a `with` around that alone."""

    class Early(Answer):
        def send(self, blocks: Iterable[bytes], call: Any) -> None:
            steps = iter(blocks)

            def closing() -> Iterator[bytes]:
                try:
                    yield from islice(steps, 1)
                finally:
                    super(Early, self).close(blocks)
                yield from steps

            super().send(closing(), call)

        def close(self, blocks: Any) -> None:
            """Do nothing more."""

    put(reference, Early)


@mutant("wsgi/close-is-called-once-after-an-exception")
def retries_after_an_exception(reference: Reference) -> None:
    """An application that raised before it gave a byte is called once more."""

    class Retrying(Answer):
        tried = False

        def fail(self, failure: Failure, started: bool) -> None:  # noqa: FBT001 - as Twisted has it
            if started or self.tried:
                super().fail(failure, started)
            else:
                self.tried = True
                self.start()

    put(reference, Retrying)


class _Late(Call):
    """Knows whether the application has returned."""

    returned = False

    def start_response(self, status: str, headers: Any, exc_info: Any = None) -> Any:
        return super().start_response("200 OK" if self.returned else status, headers, exc_info)


class _Assuming(Answer):
    """Tells its call when the application has returned."""

    watch = _Late

    def send(self, blocks: Any, call: Any) -> None:
        call.returned = True
        super().send(blocks, call)


@mutant(*of("wsgi", "start-response-may-come-while-iterating", "empty-blocks-hold-the-header-back"))
def assumes_success_when_it_begins_to_iterate(reference: Reference) -> None:
    """An application that has returned without a status has meant 200, whatever it says later."""
    put(reference, _Assuming)
