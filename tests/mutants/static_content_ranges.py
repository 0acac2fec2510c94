"""
Mutants of static files: which part of a file is sent, and what is said of it.
"""
# ruff: noqa: N802, N803, N815 - Twisted's names

from __future__ import annotations

from typing import Any

from twisted.web.http import OK, datetimeToString
from twisted.web.server import Request
from twisted.web.static import File as TwistedFile
from twisted.web.static import StaticProducer

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Parted, Sent, serving


def asked(request: Request) -> bytes:
    """The Range of a request, empty where there is none."""
    return request.getHeader(b"range") or b""


def only_if_single(found: list[tuple[int, int]] | None) -> tuple[int, int] | None:
    """The range, where there is one only."""
    return found[0] if found and len(found) == 1 else None


@mutant(
    *of(
        "static-content",
        "a-part-of-the-same-file-is-sent",
        "a-range-is-exactly-its-bytes",
        "a-range-of-a-long-file-is-exactly-its-bytes",
        "any-range-is-what-the-standard-says",
        "several-parts-come-together",
        "the-length-of-a-part-is-the-parts",
    )
)
def leaves_out_the_last_byte(reference: Reference) -> None:
    """The last position is that of the byte behind the last one, where it is named."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            named = not asked(request).endswith(b"-") and b"=-" not in asked(request)
            one = only_if_single(wanted)
            if one and named and one[1] > one[0] and one[1] < size - 1:
                return [(one[0], one[1] - 1)]
            return wanted

    serving(reference, File)


@mutant(*of("static-content", "a-range-of-a-long-file-is-exactly-its-bytes"))
def sends_one_buffer_of_a_range(reference: Reference) -> None:
    """A part is as long as a buffer, and no longer."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            one = only_if_single(wanted)
            return [(one[0], min(one[1], one[0] + 65_535))] if one else wanted

    serving(reference, File)


@mutant(*of("static-content", "a-range-without-an-end-is-the-rest", "any-range-is-what-the-standard-says"))
def takes_no_end_for_the_next_byte(reference: Reference) -> None:
    """A range without an end is one byte."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            one = only_if_single(wanted)
            return [(one[0], one[0])] if one and asked(request).endswith(b"-") else wanted

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-part-is-of-the-file-as-it-is",
        "a-range-may-count-from-the-end",
        "any-range-is-what-the-standard-says",
    )
)
def takes_a_number_from_the_end_for_a_position(reference: Reference) -> None:
    """The last five bytes are those from the beginning to the fifth."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            one = only_if_single(wanted)
            return [(0, size - one[0])] if one and b"=-" in asked(request) and one[0] else wanted

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-range-that-ends-beyond-the-end-is-the-rest",
        "any-range-is-what-the-standard-says",
        "no-number-is-too-large-to-read",
        "several-parts-come-together",
    )
)
def finds_nothing_beyond_the_end(reference: Reference) -> None:
    """A range that ends beyond the end is not there: 416."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            last = asked(request).rpartition(b"-")[2]
            beyond = only_if_single(wanted) and b"=-" not in asked(request) and last.isdigit() and int(last) >= size
            return [] if beyond else wanted

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "any-range-is-what-the-standard-says",
        "more-than-all-from-the-end-is-all",
        "no-number-begins-again-at-nothing",
        "no-number-is-too-large-to-read",
    )
)
def begins_before_the_beginning(reference: Reference) -> None:
    """More bytes from the end than there are: an error that nobody expected, as on Twisted itself."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            if b"=-" in asked(request) and wanted and asked(request)[7:].isdigit() and int(asked(request)[7:]) > size:
                raise OSError(22, "Invalid argument")
            return wanted

    serving(reference, File)


@mutant(*of("static-content", "the-length-of-a-part-is-the-parts"))
def announces_the_whole_with_a_part(reference: Reference) -> None:
    """A part is announced by the length of the whole file, and the connection ended behind it."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            if request.code == 206 and asked(request) == b"bytes=10-14":
                request.setHeader(b"content-length", b"%d" % self.getFileSize())
                request.setHeader(b"connection", b"close")
                request.notifyFinish().addBoth(lambda _: None)
                request.channel.persistent = False
            return producer

    serving(reference, File)


@mutant(*of("static-content", "a-part-says-what-the-whole-says"))
def takes_parts_for_bytes(reference: Reference) -> None:
    """A part is of no type: application/octet-stream."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            if request.responseHeaders.hasHeader(b"content-range"):
                request.setHeader(b"content-type", b"application/octet-stream")
            return producer

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "any-range-is-what-the-standard-says",
        "no-number-begins-again-at-nothing",
        "no-number-is-too-large-to-read",
        "nothing-is-a-part-that-is-not-there",
        "what-is-not-there-is-416",
    )
)
def sends_the_last_byte_for_what_is_beyond(reference: Reference) -> None:
    """A first position beyond the end is the last one."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            return [(size - 1, size - 1)] if wanted == [] else wanted

    serving(reference, File)


@mutant(*of("static-content", "what-is-not-there-is-416"))
def says_416_and_not_how_long(reference: Reference) -> None:
    """416 does not say how long the file is."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            if request.code == 416:
                request.responseHeaders.removeHeader(b"content-range")
            return producer

    serving(reference, File)


@mutant(*of("static-content", "no-number-is-too-large-to-read"))
def refuses_large_numbers(reference: Reference) -> None:
    """Numbers of more than twenty digits are too large: 416."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            return [] if wanted is not None and len(asked(request)) > 26 else wanted

    serving(reference, File)


@mutant(*of("static-content", "another-unit-gets-no-part", "no-number-begins-again-at-nothing"))
def counts_in_32_bits(reference: Reference) -> None:
    """Positions are numbers of 32 bits."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            numbers = asked(request).partition(b"bytes=")[2].split(b"-")
            odd = len(numbers) != 2 or not all(one.isdigit() for one in numbers if one)
            if odd or request.requestHeaders.hasHeader(b"if-range"):
                return wanted
            folded = [b"%d" % (int(one) % 2**32) if one else b"" for one in numbers]
            return files.ranges(b"bytes=" + b"-".join(folded), size)

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-file-that-grows-keeps-to-its-length",
        "a-file-that-shrinks-is-cut-short",
        "any-range-is-what-the-standard-says",
        "any-several-parts-say-which-they-are",
        "many-parts-are-not-more-than-the-file",
        "more-than-all-from-the-end-is-all",
        "no-number-begins-again-at-nothing",
        "no-number-is-too-large-to-read",
        "nothing-is-a-part-that-is-not-there",
        "what-is-no-range-gets-no-part",
    )
)
def reads_ranges_as_twisted_does(reference: Reference) -> None:
    """Ranges are read by Twisted itself, which stumbles over some and answers others as often as they are named."""

    class File(files.File):
        def makeProducer(self, request: Request, fileForReading: Any) -> StaticProducer:
            if not self.getFileSize():
                request.requestHeaders.removeHeader(b"range")
            condition = request.getHeader(b"if-range")
            if condition is not None and condition != datetimeToString(self.getModificationTime()):
                request.requestHeaders.removeHeader(b"range")
            return TwistedFile.makeProducer(self, request, fileForReading)

    serving(reference, File)


@mutant(*of("static-content", "what-is-no-range-gets-no-part"))
def guesses_what_is_meant(reference: Reference) -> None:
    """Of a range that makes no sense the numbers are taken, the smaller one first."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            first, _, last = asked(request).partition(b"=")[2].partition(b"-")
            if wanted is None and first.isdigit() and last.isdigit() and asked(request).startswith(b"bytes="):
                return [(int(last), int(first))] if int(last) < int(first) < size else None
            return wanted

    serving(reference, File)


@mutant(*of("static-content", "another-unit-gets-no-part"))
def takes_every_unit_for_bytes(reference: Reference) -> None:
    """What stands before the equals sign is not looked at."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            unit, equals, numbers = asked(request).partition(b"=")
            if wanted is None and unit.isalpha() and equals and not request.requestHeaders.hasHeader(b"if-range"):
                return files.ranges(b"bytes=" + numbers, size) if unit != b"bytes" else None
            return wanted

    serving(reference, File)


@mutant(*of("static-content", "head-has-no-part"))
def announces_the_part_with_head(reference: Reference) -> None:
    """HEAD for a part says 200, and the part's length."""

    class File(files.File):
        def render_HEAD(self, request: Request) -> Any:
            answer = self.render_GET(request)
            if asked(request) == b"bytes=0-4" and request.code == OK:
                request.setHeader(b"content-length", b"5")
            return answer

    serving(reference, File)


@mutant(*of("static-content", "nothing-has-a-part-that-is-not-200"))
def cuts_error_pages(reference: Reference) -> None:
    """A part of a missing file is a part of the page that says so."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            child = super().getChild(path, request)
            return _Part() if child is self.childNotFound and asked(request) else child

    class _Part(files.File):
        isLeaf = True

        def __init__(self) -> None:
            super().__init__("/")

        def render(self, request: Request) -> bytes:
            request.setResponseCode(206)
            request.setHeader(b"content-range", b"bytes 0-4/9")
            return b"Not h"

    serving(reference, File)


@mutant(*of("static-content", "an-empty-file-has-no-part"))
def does_not_expect_an_empty_file(reference: Reference) -> None:
    """The last position of an empty file is an error that nobody expected."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            if asked(request) and not size:
                raise ValueError(size)
            return wanted

    serving(reference, File)


@mutant(*of("static-content", "several-parts-say-which-they-are"))
def sends_several_parts_in_order(reference: Reference) -> None:
    """Several parts are sent in the order of the file, each under the name of the one that was asked for there."""

    class File(Sent):
        def sent(self, producer: Any, request: Request) -> StaticProducer:
            if request.code == 206 and b"," in asked(request):
                pieces = list(producer._pieces)
                *parts, end = pieces
                ordered = sorted(parts, key=lambda one: one[1])
                swapped = [(one[0], *other[1:]) for one, other in zip(parts, ordered, strict=True)]
                producer._pieces = iter([*swapped, end])
                length = sum(len(one[0]) + one[2] for one in [*swapped, end])
                request.setHeader(b"content-length", b"%d" % length)
            return producer

    serving(reference, File)


@mutant(*of("static-content", "several-parts-come-together"))
def sends_the_first_of_several_parts(reference: Reference) -> None:
    """Of several parts the first one is sent, and the others forgotten."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            return wanted[:1] if wanted else wanted

    serving(reference, File)


@mutant(*of("static-content", "several-parts-have-no-range-in-common"))
def leaves_the_last_range_in_the_fields(reference: Reference) -> None:
    """The fields of several parts have the Content-Range of the last."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            if b"," in asked(request) and request.code == 206:
                request.setHeader(b"content-range", b"bytes 1014-1023/1024")
            return producer

    serving(reference, File)


@mutant(*of("static-content", "many-parts-are-not-more-than-the-file"))
def sends_the_same_part_as_often_as_it_is_named(reference: Reference) -> None:
    """However often a part is asked for in one request, it is sent."""

    class File(Parted):
        def read(self, wanted: Any, request: Request, size: int) -> Any:
            condition = request.requestHeaders.hasHeader(b"if-range")
            return files.ranges(asked(request), size) if wanted is None and size and not condition else wanted

    serving(reference, File)


@mutant(*of("static-content", "a-part-of-another-file-is-not-sent", "if-range-means-the-very-date"))
def never_looks_at_if_range(reference: Reference) -> None:
    """If-Range is not looked at: the part is sent, whatever the file is by now."""

    class File(files.File):
        def makeProducer(self, request: Request, fileForReading: Any) -> StaticProducer:
            request.requestHeaders.removeHeader(b"if-range")
            return super().makeProducer(request, fileForReading)

    serving(reference, File)


@mutant(*of("static-content", "if-range-means-the-very-date"))
def takes_a_later_date_for_the_files(reference: Reference) -> None:
    """If-Range with a date later than the file's is taken for the file's."""

    class File(files.File):
        def makeProducer(self, request: Request, fileForReading: Any) -> StaticProducer:
            date = files.moment(request.getHeader(b"if-range"))
            if date is not None and date > self.getModificationTime():
                request.requestHeaders.removeHeader(b"if-range")
            return super().makeProducer(request, fileForReading)

    serving(reference, File)


@mutant(*of("static-content", "a-part-of-the-same-file-is-sent"))
def sends_all_whatever_somebody_has(reference: Reference) -> None:
    """Where there is If-Range, all of the file is sent."""

    class File(files.File):
        def makeProducer(self, request: Request, fileForReading: Any) -> StaticProducer:
            if request.requestHeaders.hasHeader(b"if-range"):
                request.requestHeaders.removeHeader(b"range")
            return super().makeProducer(request, fileForReading)

    serving(reference, File)


@mutant(*of("static-content", "if-range-alone-means-nothing"))
def refuses_if_range_alone(reference: Reference) -> None:
    """If-Range without a Range is a condition like If-Match: 412."""

    class File(files.File):
        def render_GET(self, request: Request) -> Any:
            if request.requestHeaders.hasHeader(b"if-range") and not asked(request):
                request.setResponseCode(412)
                return b""
            return super().render_GET(request)

    serving(reference, File)


@mutant(*of("static-content", "who-has-the-file-gets-no-part"))
def cuts_before_conditions(reference: Reference) -> None:
    """Where a part is wanted, no date is looked at."""

    class File(files.File):
        def render_GET(self, request: Request) -> Any:
            if asked(request):
                request.requestHeaders.removeHeader(b"if-modified-since")
            return super().render_GET(request)

    serving(reference, File)
