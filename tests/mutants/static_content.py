"""
Mutants of static files: what is sent of them, what is said of them, and what else can be done with them.

What becomes of files that change is in `static_content_changes`.
"""
# ruff: noqa: N802, N815, RUF012 - Twisted's names

from __future__ import annotations

from typing import Any

from twisted.web.http import FORBIDDEN, NO_CONTENT, NOT_ALLOWED
from twisted.web.resource import Resource
from twisted.web.server import Request
from twisted.web.static import StaticProducer

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Rewritten, Sent, Whole, serving

# What is sent.


@mutant(
    *of(
        "static-content",
        "a-query-changes-nothing",
        "a-text-file-comes-as-it-is",
        "files-at-once-are-not-mixed-up",
        "letters-may-be-escaped",
        "no-method-changes-a-file",
        "pipelined-files-come-in-order",
    )
)
def ends_text_with_an_empty_line(reference: Reference) -> None:
    """A text file is given a line end more, as some templates are."""

    class File(Rewritten):
        def rewritten(self, data: bytes) -> bytes:
            return data + b"\n" if data.startswith(b"Hello") else data

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-part-of-another-file-is-not-sent",
        "a-range-is-exactly-its-bytes",
        "a-range-may-count-from-the-end",
        "a-range-without-an-end-is-the-rest",
        "a-tag-decides-before-a-date",
        "another-file-than-wanted-is-refused",
        "another-tag-gets-the-file",
        "another-unit-gets-no-part",
        "any-range-is-what-the-standard-says",
        "any-several-parts-say-which-they-are",
        "every-byte-value-comes-as-it-is",
        "files-at-once-are-not-mixed-up",
        "if-range-alone-means-nothing",
        "if-range-means-the-very-date",
        "more-than-all-from-the-end-is-all",
        "no-number-begins-again-at-nothing",
        "no-number-is-too-large-to-read",
        "pipelined-files-come-in-order",
        "several-parts-say-which-they-are",
        "the-length-of-a-part-is-the-parts",
        "the-redirect-of-a-directory-escapes-its-name",
        "what-is-no-date-is-no-condition",
        "what-is-no-range-gets-no-part",
        "what-was-changed-since-is-refused",
        "who-has-an-older-file-gets-the-new-one",
    )
)
def opens_files_as_text(reference: Reference) -> None:
    """Files are opened as text, in which every line end is a line feed."""

    class File(Rewritten):
        def rewritten(self, data: bytes) -> bytes:
            return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "an-edited-file-is-served-anew",
        "an-empty-file-has-no-part",
        "an-empty-file-is-an-empty-answer",
        "files-at-once-are-not-mixed-up",
        "pipelined-files-come-in-order",
        "the-length-is-that-of-the-file",
        "the-length-that-head-tells-is-right",
    )
)
def takes_an_empty_file_for_none(reference: Reference) -> None:
    """A file without a byte is as good as none: 404."""

    class File(files.File):
        def render_GET(self, request: Request) -> Any:
            self.restat(False)
            return super().render_GET(request) if self.isdir() or self.getsize() else self.childNotFound.render(request)

        render_HEAD = render_GET

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-file-longer-than-a-buffer-comes-whole",
        "a-range-of-a-long-file-is-exactly-its-bytes",
        "a-slow-reader-holds-up-nobody",
        "files-at-once-are-not-mixed-up",
        "leaving-in-the-middle-harms-nobody",
        "pipelined-files-come-in-order",
        "several-parts-say-which-they-are",
        "the-length-is-that-of-the-file",
        "the-length-of-a-file-is-announced",
        "the-length-that-head-tells-is-right",
    )
)
def sends_one_buffer_of_a_file(reference: Reference) -> None:
    """What a file has beyond the first 64 KiB is neither announced nor sent."""

    class File(Rewritten):
        def rewritten(self, data: bytes) -> bytes:
            return data[:65_536]

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-file-longer-than-a-buffer-comes-whole",
        "a-range-of-a-long-file-is-exactly-its-bytes",
        "a-slow-reader-holds-up-nobody",
        "files-at-once-are-not-mixed-up",
        "leaving-in-the-middle-harms-nobody",
        "pipelined-files-come-in-order",
        "several-parts-say-which-they-are",
    )
)
def loses_a_byte_between_two_buffers(reference: Reference) -> None:
    """Where the second buffer begins a byte is missing, and the length is right all the same."""

    class File(Rewritten):
        def rewritten(self, data: bytes) -> bytes:
            return data[:65_536] + data[65_537:] + b"\n" if len(data) > 65_536 else data

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "an-edited-file-is-served-anew",
        "an-empty-file-has-no-part",
        "an-empty-file-is-an-empty-answer",
        "files-at-once-are-not-mixed-up",
        "pipelined-files-come-in-order",
        "the-length-is-that-of-the-file",
    )
)
def announces_a_byte_too_many_of_nothing(reference: Reference) -> None:
    """The length of an empty file is that of its end."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            if not self.getFileSize():
                request.setHeader(b"content-length", b"1")
            return producer

    serving(reference, File)


@mutant(*of("static-content", "head-has-the-fields-of-get", "the-length-of-a-file-is-announced"))
def announces_no_length(reference: Reference) -> None:
    """Every file is sent in chunks."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            request.responseHeaders.removeHeader(b"content-length")
            return producer

    serving(reference, File)


@mutant(*of("static-content", "a-query-changes-nothing"))
def looks_for_files_in_the_query(reference: Reference) -> None:
    """A query with a slash is taken for the rest of the path."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            return self.childNotFound if b"?/" in request.uri else super().getChild(path, request)

    serving(reference, File)


@mutant(*of("static-content", "well-known-endings-have-their-types"))
def knows_no_pictures(reference: Reference) -> None:
    """Pictures are missing in the table of types."""

    class File(files.File):
        contentTypes = {**files.File.contentTypes, ".png": "application/octet-stream"}

    serving(reference, File)


@mutant(*of("static-content", "endings-of-the-web-have-their-types"))
def has_a_table_of_types_from_before_svg(reference: Reference) -> None:
    """The table of types is so old that pictures in XML are XML."""

    class File(files.File):
        contentTypes = {**files.File.contentTypes, ".svg": "text/xml"}

    serving(reference, File)


@mutant(*of("static-content", "head-has-no-body", "head-has-no-part"))
def answers_head_like_get(reference: Reference) -> None:
    """Whatever the method is, the file is sent."""

    class File(files.File):
        def render_HEAD(self, request: Request) -> Any:
            request.method = b"GET"
            return self.render_GET(request)

    serving(reference, File)


@mutant(*of("static-content", "head-has-no-part", "head-has-the-fields-of-get", "the-length-that-head-tells-is-right"))
def counts_the_body_of_head(reference: Reference) -> None:
    """HEAD says the length of the body that it has: none."""

    class File(files.File):
        def render_HEAD(self, request: Request) -> Any:
            answer = self.render_GET(request)
            request.setHeader(b"content-length", b"0")
            return answer

    serving(reference, File)


@mutant(*of("static-content", "head-has-the-fields-of-get"))
def answers_head_without_looking(reference: Reference) -> None:
    """HEAD of a file says its length, and nothing else of it."""

    class File(files.File):
        def render_HEAD(self, request: Request) -> Any:
            answer = self.render_GET(request)
            request.responseHeaders.removeHeader(b"content-type")
            request.responseHeaders.removeHeader(b"accept-ranges")
            return answer

    serving(reference, File)


@mutant(*of("static-content", "pipelined-files-come-in-order"))
def keeps_the_file_of_the_connection(reference: Reference) -> None:
    """A connection remembers its file, and later requests on it are given the same."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            child = super().getChild(path, request)
            channel: Any = request.channel
            if request.postpath or child is self.childNotFound:
                return child
            if not hasattr(channel, "kept"):
                channel.kept = child
            return channel.kept

    serving(reference, File)


@mutant(*of("static-content", "files-at-once-are-not-mixed-up", "leaving-in-the-middle-harms-nobody"))
def shares_open_files(reference: Reference) -> None:
    """Requests for one file at the same time read it by one handle."""
    opened: dict[str, Any] = {}

    class File(files.File):
        def openForReading(self) -> Any:
            if self.path not in opened or opened[self.path].closed:
                opened[self.path] = super().openForReading()
            return opened[self.path]

    serving(reference, File)


# What is not there, and what else can be done.


@mutant(
    *of(
        "static-content",
        "a-file-that-vanishes-is-not-found",
        "a-link-to-nothing-is-not-found",
        "a-missing-file-is-not-found",
        "a-plus-is-no-blank",
        "a-very-long-name-is-the-clients-error",
        "an-escape-that-is-none-breaks-nothing",
        "no-condition-hides-that-nothing-is-there",
        "no-method-changes-a-file",
        "nothing-has-a-part-that-is-not-200",
        "odd-paths-are-the-clients-error",
        "what-is-no-file-is-refused",
    )
)
def answers_what_is_missing_with_a_page(reference: Reference) -> None:
    """A missing file is answered with a page that says so, and 200."""

    class File(files.File):
        childNotFound = Whole(b"Not here.\n", "text/plain")

    serving(reference, File)


@mutant(*of("static-content", "a-missing-file-is-not-found"))
def finds_names_without_their_ending(reference: Reference) -> None:
    """A name without its ending finds the file whose ending is missing."""

    class File(files.File):
        def __init__(self, path: str, *args: Any) -> None:
            super().__init__(path, *args)
            self.ignoredExts = ["*"]

    serving(reference, File)


@mutant(*of("static-content", "other-methods-are-refused"))
def answers_post_like_get(reference: Reference) -> None:
    """POST of a file is answered with the file."""

    class File(files.File):
        def render_POST(self, request: Request) -> Any:
            return self.render_GET(request)

    serving(reference, File)


@mutant(*of("static-content", "no-method-changes-a-file", "other-methods-are-refused"))
def deletes_files(reference: Reference) -> None:
    """DELETE of a file is obeyed."""
    deleted: set[str] = set()

    class File(files.File):
        def exists(self) -> bool:
            return self.path not in deleted and super().exists()

        def isfile(self) -> bool:
            return self.path not in deleted and super().isfile()

        def render_DELETE(self, request: Request) -> bytes:
            deleted.add(self.path)
            request.setResponseCode(NO_CONTENT)
            return b""

    serving(reference, File)


@mutant(*of("static-content", "no-method-changes-a-file"))
def keeps_what_is_put(reference: Reference) -> None:
    """PUT makes a file where there was none."""
    made: dict[bytes, bytes] = {}

    class Missing(Resource):
        def __init__(self, name: bytes) -> None:
            super().__init__()
            self.name = name

        def render_GET(self, request: Request) -> Any:
            return made[self.name] if self.name in made else files.File.childNotFound.render(request)

        def render_PUT(self, request: Request) -> bytes:
            made[self.name] = b"put"
            request.setResponseCode(NO_CONTENT)
            return b""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            child = super().getChild(path, request)
            return Missing(path) if child is self.childNotFound else child

    serving(reference, File)


@mutant(*of("static-content", "what-is-allowed-is-said"))
def says_405_and_nothing_else(reference: Reference) -> None:
    """What is not allowed is refused by a page that knows nothing of the file."""

    class File(files.File):
        def render_POST(self, request: Request) -> bytes:
            request.setResponseCode(NOT_ALLOWED)
            return b"Not allowed.\n"

    serving(reference, File)


@mutant(*of("static-content", "a-very-long-name-is-the-clients-error"))
def does_not_expect_long_names(reference: Reference) -> None:
    """A name that the disk cannot hold is an error that nobody expected."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            if len(path) > 255:
                raise OSError(36, "File name too long")
            return super().getChild(path, request)

    serving(reference, File)


@mutant(*of("static-content", "what-is-no-file-is-refused"))
def opens_whatever_stands_there(reference: Reference) -> None:
    """Whatever has a name is opened, and what cannot be is an error that nobody expected."""

    class File(files.File):
        def isfile(self) -> bool:
            return super().exists() and not super().isdir()

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-file-that-vanishes-is-not-found",
        "a-missing-file-is-not-found",
        "a-plus-is-no-blank",
        "no-condition-hides-that-nothing-is-there",
        "no-method-changes-a-file",
        "nothing-has-a-part-that-is-not-200",
    )
)
def forbids_what_is_missing(reference: Reference) -> None:
    """Who asks for a file that is not there is told that it is not for them: 403."""

    class Forbidden(Resource):
        isLeaf = True

        def render_GET(self, request: Request) -> bytes:
            request.setResponseCode(FORBIDDEN)
            return b"Forbidden.\n"

    class File(files.File):
        childNotFound = Forbidden()

    serving(reference, File)
