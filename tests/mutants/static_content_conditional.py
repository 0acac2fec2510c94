"""
Mutants of static files: dates, tags, and what is answered to who has a file already.
"""
# ruff: noqa: D102, N802, N803, N815 - Twisted's names

from __future__ import annotations

import re
import time
from typing import Any

from twisted.web.http import NOT_MODIFIED, HTTPChannel, datetimeToString, stringToDatetime
from twisted.web.server import NOT_DONE_YET, Request
from twisted.web.static import File as TwistedFile
from twisted.web.static import StaticProducer

from reference_impl.repairs import files
from tests.mutants import Reference, mutant, of
from tests.mutants._files import Dated, Sent, serving


def field(request: Request, name: bytes) -> bytes:
    """A field of a request, empty where there is none."""
    return b", ".join(request.requestHeaders.getRawHeaders(name) or [])


# What is said of a file.


@mutant(
    *of(
        "static-content",
        "a-file-has-a-date",
        "a-tag-decides-before-a-date",
        "an-edit-ends-what-somebody-has",
        "head-has-the-fields-of-get",
        "if-range-means-the-very-date",
        "not-modified-ends-with-its-fields",
        "not-modified-keeps-what-caches-need",
        "not-modified-tells-no-other-length",
        "old-forms-of-dates-are-understood",
        "the-date-is-the-files",
        "what-was-changed-since-is-refused",
        "who-has-a-file-is-told-so",
        "who-has-an-older-file-gets-the-new-one",
        "who-has-the-file-gets-no-part",
    )
)
def says_no_date(reference: Reference) -> None:
    """A file has no Last-Modified, although dates are compared."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            request.lastModified = None
            return producer

    serving(reference, File)


@mutant(
    *of(
        "static-content",
        "a-file-has-a-date",
        "a-part-of-the-same-file-is-sent",
        "head-has-the-fields-of-get",
        "no-file-is-from-the-future",
        "old-forms-of-dates-are-understood",
        "the-date-is-the-files",
    )
)
def writes_dates_as_rfc_850_did(reference: Reference) -> None:
    """Last-Modified has the form that was obsolete in 1994."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            moment = time.gmtime(self.getModificationTime())
            request.lastModified = None
            request.setHeader(b"last-modified", time.strftime("%A, %d-%b-%y %H:%M:%S GMT", moment).encode())
            return producer

    serving(reference, File)


@mutant(*of("static-content", "the-date-is-the-files"))
def writes_summer_time(reference: Reference) -> None:
    """In summer the date of a file is an hour late."""

    class File(files.File):
        def getModificationTime(self) -> float:
            changed = super().getModificationTime()
            return changed + 3600.0 * (4 <= time.gmtime(changed).tm_mon <= 9)

    serving(reference, File)


@mutant(*of("static-content", "if-range-means-the-very-date", "no-file-is-from-the-future"))
def rounds_dates_up(reference: Reference) -> None:
    """The date of a file is the next full second, as on Twisted itself."""

    class File(files.File):
        def getModificationTime(self) -> float:
            return TwistedFile.getModificationTime(self)

    serving(reference, File)


# Dates that are asked about.


@mutant(
    *of(
        "static-content",
        "an-edit-ends-what-somebody-has",
        "not-modified-ends-with-its-fields",
        "not-modified-keeps-what-caches-need",
        "not-modified-tells-no-other-length",
        "who-has-a-file-is-told-so",
        "who-has-the-file-gets-no-part",
    )
)
def wants_a_later_date(reference: Reference) -> None:
    """Who has the file of the very same date gets it again."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            if field(request, b"if-modified-since") == datetimeToString(self.getModificationTime()):
                request.requestHeaders.removeHeader(b"if-modified-since")

    serving(reference, File)


@mutant(*of("static-content", "who-has-an-older-file-gets-the-new-one"))
def compares_minutes(reference: Reference) -> None:
    """Dates are the same if they are less than a minute apart."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            since = files.moment(field(request, b"if-modified-since"))
            if since is not None and not field(request, b"if-none-match"):
                later = datetimeToString(since + 60)
                request.requestHeaders.setRawHeaders(b"if-modified-since", [later])

    serving(reference, File)


@mutant(*of("static-content", "old-forms-of-dates-are-understood"))
def compares_dates_as_text(reference: Reference) -> None:
    """Who names the date in another form gets the file again."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            if not re.match(rb"\w{3}, \d\d \w{3} \d{4} ", field(request, b"if-modified-since")):
                request.requestHeaders.removeHeader(b"if-modified-since")

    serving(reference, File)


@mutant(*of("static-content", "no-calendar-has-a-ninety-ninth"))
def believes_every_date(reference: Reference) -> None:
    """A date is reckoned from its numbers, whatever they are, as on Twisted itself."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            try:
                since = stringToDatetime(field(request, b"if-modified-since"))
            except (ValueError, IndexError):
                return
            if not field(request, b"if-none-match"):
                known = datetimeToString(min(since, time.time() + 60))
                request.requestHeaders.setRawHeaders(b"if-modified-since", [known])

    serving(reference, File)


@mutant(*of("static-content", "what-is-no-date-is-no-condition"))
def does_not_expect_what_is_no_date(reference: Reference) -> None:
    """A date that cannot be read is an error that nobody expected."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            if request.requestHeaders.hasHeader(b"if-modified-since"):
                stringToDatetime(field(request, b"if-modified-since"))

    serving(reference, File)


@mutant(*of("static-content", "a-tag-decides-before-a-date"))
def looks_at_dates_only(reference: Reference) -> None:
    """If-None-Match is not looked at, nor does it keep a date from being looked at."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            request.requestHeaders.removeHeader(b"if-none-match")

    serving(reference, File)


@mutant(*of("static-content", "what-was-changed-since-is-refused"))
def never_refuses_by_date(reference: Reference) -> None:
    """If-Unmodified-Since is not looked at."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            request.requestHeaders.removeHeader(b"if-unmodified-since")

    serving(reference, File)


@mutant(*of("static-content", "what-was-changed-since-is-refused"))
def refuses_the_very_date(reference: Reference) -> None:
    """Who wants the file unless it was changed since the date that it has is refused it."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            if field(request, b"if-unmodified-since") == datetimeToString(self.getModificationTime()):
                request.setResponseCode(412)
                return b""
            return None

    serving(reference, File)


@mutant(*of("static-content", "another-file-than-wanted-is-refused"))
def never_refuses_by_tag(reference: Reference) -> None:
    """If-Match is not looked at."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            request.requestHeaders.removeHeader(b"if-match")

    serving(reference, File)


@mutant(*of("static-content", "a-tag-decides-before-a-date", "another-tag-gets-the-file"))
def takes_any_tag_for_the_files(reference: Reference) -> None:
    """Whoever has some tag has the file."""

    class File(Dated):
        def before(self, request: Request) -> Any:
            if request.requestHeaders.hasHeader(b"if-none-match"):
                request.setResponseCode(NOT_MODIFIED)
                return b""
            return None

    serving(reference, File)


@mutant(*of("static-content", "no-condition-hides-that-nothing-is-there"))
def asks_conditions_before_looking(reference: Reference) -> None:
    """A date in the future is answered with 304, whether there is a file or not."""

    class File(files.File):
        def getChild(self, path: bytes, request: Request) -> Any:
            child = super().getChild(path, request)
            since = files.moment(field(request, b"if-modified-since"))
            return _NotModified() if since is not None and since > time.time() else child

    class _NotModified(files.File):
        isLeaf = True

        def __init__(self) -> None:
            super().__init__("/")

        def render(self, request: Request) -> bytes:
            request.setResponseCode(NOT_MODIFIED)
            return b""

    serving(reference, File)


# What 304 says.


@mutant(*of("static-content", "not-modified-ends-with-its-fields"))
def sends_a_page_with_304(reference: Reference) -> None:
    """304 comes with a few words for people."""
    usual = reference.site.requestFactory

    class Wordy(usual):  # type: ignore[misc, valid-type]
        def finish(self) -> None:
            if self.code == NOT_MODIFIED:
                self.channel.write(b"Not modified.\n")
            super().finish()

    reference.site.requestFactory = Wordy


@mutant(*of("static-content", "not-modified-tells-no-other-length"))
def says_that_304_is_empty(reference: Reference) -> None:
    """304 says that its length is none, as on Twisted itself."""
    reference.site.protocol = HTTPChannel


@mutant(*of("static-content", "not-modified-keeps-what-caches-need"))
def says_how_long_to_keep_a_file_once(reference: Reference) -> None:
    """Cache-Control comes with the file, and not with 304."""

    class File(Sent):
        def sent(self, producer: StaticProducer, request: Request) -> StaticProducer:
            request.setHeader(b"cache-control", b"max-age=60")
            return producer

    serving(reference, File)


# Tags, which the reference has not.


class Tagged(files.File):
    """Files that have tags."""

    def tag(self) -> bytes:
        """The tag of the file as it is."""
        return b'"%x-%x"' % (self.getsize(), int(self.getModificationTime()))

    def is_known(self, tag: bytes, given: bytes) -> bool:
        """Whether If-None-Match has this tag."""
        tags = [one.strip() for one in given.split(b",")]
        return given == b"*" or tag in [one[2:] if one.startswith(b"W/") else one for one in tags]

    def render_GET(self, request: Request) -> Any:
        self.restat(False)
        if self.isfile():
            tag, given = self.tag(), field(request, b"if-none-match")
            request.setHeader(b"etag", tag)
            if given and self.is_known(tag, given):
                request.setResponseCode(NOT_MODIFIED)
                return b""
            if given == b"*":
                request.requestHeaders.setRawHeaders(b"if-none-match", [b'"another"'])
        return super().render_GET(request)

    render_HEAD = render_GET

    def makeProducer(self, request: Request, fileForReading: Any) -> StaticProducer:
        if request.getHeader(b"if-range") == self.tag():
            request.requestHeaders.removeHeader(b"if-range")
        return super().makeProducer(request, fileForReading)


@mutant(*of("static-content", "a-tag-that-is-the-files-is-told-so"))
def compares_tags_whole(reference: Reference) -> None:
    """If-None-Match is compared with the tag as it is, although it may be a list."""

    class File(Tagged):
        def is_known(self, tag: bytes, given: bytes) -> bool:
            return given in (b"*", tag, b"W/" + tag)

    serving(reference, File)


@mutant(*of("static-content", "a-tag-that-is-the-files-is-told-so"))
def takes_lists_apart_at_blanks(reference: Reference) -> None:
    """A list of tags is taken apart at its blanks, as by Twisted's own setETag: the commas stay."""

    class File(Tagged):
        def is_known(self, tag: bytes, given: bytes) -> bool:
            tags = given.split()
            return bool({b"*", tag, b"W/" + tag} & set(tags))

    serving(reference, File)


@mutant(*of("static-content", "tags-are-compared-weakly"))
def compares_tags_strongly(reference: Reference) -> None:
    """A tag with W/ in front is another one."""

    class File(Tagged):
        def is_known(self, tag: bytes, given: bytes) -> bool:
            return given == b"*" or tag in [one.strip() for one in given.split(b",")]

    serving(reference, File)


@mutant(*of("static-content", "a-star-is-any-tag"))
def takes_a_star_for_a_tag(reference: Reference) -> None:
    """If-None-Match with a star is a tag that no file has."""

    class File(Tagged):
        def is_known(self, tag: bytes, given: bytes) -> bool:
            return given != b"*" and super().is_known(tag, given)

    serving(reference, File)


@mutant(*of("static-content", "an-edit-ends-what-somebody-has"))
def makes_tags_of_lengths(reference: Reference) -> None:
    """The tag of a file is its length."""

    class File(Tagged):
        def tag(self) -> bytes:
            return b'"%x"' % self.getsize()

    serving(reference, File)


@mutant(*of("static-content", "head-has-the-fields-of-get"))
def forgets_the_tag_of_head(reference: Reference) -> None:
    """HEAD does not say the tag."""

    class File(Tagged):
        def render_HEAD(self, request: Request) -> Any:
            answer = self.render_GET(request)
            if answer is not NOT_DONE_YET:
                request.responseHeaders.removeHeader(b"etag")
            return answer

    serving(reference, File)
