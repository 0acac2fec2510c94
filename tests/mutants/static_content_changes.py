"""
Mutants of static files that change, are read slowly, or are left in the middle.
"""
# ruff: noqa: D102, N802 - Twisted's names

from __future__ import annotations

import os
from typing import Any

from twisted.internet.defer import DeferredLock
from twisted.web.http import SERVICE_UNAVAILABLE
from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.static import NoRangeStaticProducer, StaticProducer

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Rewritten, Sent, serving


@mutant(
    *of(
        "static-content",
        "a-part-is-of-the-file-as-it-is",
        "an-edit-ends-what-somebody-has",
        "an-edit-is-seen-before-long",
        "an-edited-file-is-served-anew",
    )
)
def keeps_files_once_they_were_read(reference: Reference) -> None:
    """A file is read when it is asked for first, and kept for ever."""
    kept: dict[str, bytes] = {}

    class File(Rewritten):
        def rewritten(self, data: bytes) -> bytes:
            return kept.setdefault(self.path, data)

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-part-is-of-the-file-as-it-is",
        "an-edit-ends-what-somebody-has",
        "an-edited-file-is-served-anew",
    )
)
def keeps_files_for_two_seconds(reference: Reference) -> None:
    """A file that was read is not read again for two seconds."""
    kept: dict[str, tuple[float, bytes]] = {}

    class File(Rewritten):
        def rewritten(self, data: bytes) -> bytes:
            now = reference.reactor.seconds()
            if self.path not in kept or kept[self.path][0] < now - 2.0:
                kept[self.path] = now, data
            return kept[self.path][1]

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-part-is-of-the-file-as-it-is",
        "an-edit-is-seen-before-long",
        "an-edited-file-is-served-anew",
    )
)
def remembers_how_long_files_are(reference: Reference) -> None:
    """The size of a file is looked up once."""
    sizes: dict[str, int] = {}

    class File(files.File):
        def getFileSize(self) -> int:
            return sizes.setdefault(self.path, super().getFileSize())

    serving(reference, File)


@mutant(*of("static-content", "a-file-that-vanishes-is-not-found"))
def remembers_what_is_not_there(reference: Reference) -> None:
    """A name that was not found is not looked for again."""
    missing: set[tuple[str, bytes]] = set()

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            key = (self.path, path)
            child = self.childNotFound if key in missing else super().getChild(path, request)
            if child is self.childNotFound:
                missing.add(key)
            return child

    serving(reference, File)


@mutant(*of("static-content", "a-slow-reader-holds-up-nobody"))
def serves_one_file_at_a_time(reference: Reference) -> None:
    """Whoever wants a file waits until the one before has got theirs."""
    lock = DeferredLock()

    class File(files.File):
        def render_GET(self, request: Request) -> Any:
            def go_on(_: Any) -> None:
                request.notifyFinish().addBoth(lambda _: lock.release())
                answer = super(File, self).render_GET(request)
                if answer is not NOT_DONE_YET:
                    request.write(answer)
                    request.finish()

            lock.acquire().addCallback(go_on)
            return NOT_DONE_YET

    serving(reference, File)


class ToTheEnd(Sent):
    """Files that are read to their end, wherever that is by then."""

    def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
        if request.getHeader(b"range") is None:
            return NoRangeStaticProducer(request, producer.fileObject)
        return producer


@mutant(*of("static-content", "a-file-that-grows-keeps-to-its-length", "a-file-that-shrinks-is-cut-short"))
def reads_to_the_end_wherever_it_is(reference: Reference) -> None:
    """A file is read until it has no more, whatever was announced."""
    serving(reference, ToTheEnd)


@mutant(*of("static-content", "a-file-that-shrinks-is-cut-short"))
def is_done_when_the_file_is(reference: Reference) -> None:
    """Where a file ends early, so does the answer, and the connection stays."""

    class Producer(files.Producer):
        def resumeProducing(self) -> None:
            request = self.request
            if request and self._left and not self.fileObject.read(1):
                self.stopProducing()
                request.unregisterProducer()
                request.finish()
            elif request:
                if self._left:
                    self.fileObject.seek(-1, os.SEEK_CUR)
                super().resumeProducing()

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            producer.__class__ = Producer
            return producer

    serving(reference, File)


@mutant(*of("static-content", "leaving-in-the-middle-harms-nobody"))
def keeps_the_places_of_those_who_left(reference: Reference) -> None:
    """Eight files may be sent at once, and a place is given back at the end of a file only."""
    taken: list[None] = []

    class File(files.File):
        def render_GET(self, request: Request) -> Any:
            if len(taken) >= 8:
                request.setResponseCode(SERVICE_UNAVAILABLE)
                return b"Busy.\n"
            answer = super().render_GET(request)
            if answer is NOT_DONE_YET:
                taken.append(None)
                request.notifyFinish().addCallbacks(lambda _: taken.pop(), lambda _: None)
            return answer

    serving(reference, File)
