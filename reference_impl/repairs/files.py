"""
Repairs to files: ranges, conditions, names that are no text, and files that change while they are sent.
"""

from __future__ import annotations

import re
import time
from typing import Any, Iterable, List, Optional, Tuple

from twisted.web import static
from twisted.web.http import PRECONDITION_FAILED, datetimeToString, stringToDatetime
from twisted.web.resource import IResource
from twisted.web.server import Request

# What stands before a piece of a file, where the piece begins, and how long it is.
Piece = Tuple[bytes, int, int]

RANGES = re.compile(rb"bytes=(.*)", re.IGNORECASE | re.DOTALL)
ONE_RANGE = re.compile(rb"([0-9]{0,4000})-([0-9]{0,4000})")


class File(static.File):
    """
    Twisted's file, which mends requests that Twisted does not understand before it sees them.
    """

    # The Date of the answer that is being made, in seconds of the epoch.
    _date: Optional[int] = None

    def getChild(self, path: bytes, request: Request) -> IResource:
        """
        Seen on 24.7 and 26.10: `GET /static/%00`, ValueError, 500.
        """
        child: IResource = self.childNotFound if b"\0" in path else super().getChild(path, request)
        return child

    def listNames(self) -> List[str]:
        r"""
        The names that a listing shows; one that is no UTF-8 cannot be asked for.

        Seen on 24.7 and 26.10: a directory with a file called `latin-\xe4.txt` was answered with 500.
        """
        return [name for name in super().listNames() if is_text(name)]

    def getModificationTime(self) -> float:
        """
        When the file was changed: a whole second, and none that has not begun.

        Seen on 24.7 and 26.10: `Last-Modified` a second later than `Date` for a file that was just written (RFC 9110
        section 8.8.2.1 forbids it); the time is rounded up.
        """
        now = time.time() if self._date is None else self._date
        return float(int(min(super().getModificationTime(), now)))

    def render_GET(self, request: Request) -> Any:
        """
        Seen on 24.7 and 26.10: `If-None-Match: "another"` beside `If-Modified-Since` was answered with 304 (section
        13.1.3: the date is not asked then), as was a date on the 99th of October; `If-Match: "another"`, and
        `If-Unmodified-Since` of long ago, with 200 (sections 13.1.1 and 13.1.4 want 412); a socket among the files,
        500; a named pipe, never, and nobody else meanwhile.
        """
        self._date = moment((request.responseHeaders.getRawHeaders(b"date") or [b""])[0])
        self.restat(False)
        if self.exists() and not self.isfile() and not self.isdir():
            answer: Any = self.childNotFound.render(request)
            return answer
        if self.isfile() and not self._may_answer(request):
            request.setResponseCode(PRECONDITION_FAILED)
            return b""
        return super().render_GET(request)

    render_HEAD = render_GET

    def _may_answer(self, request: Request) -> bool:
        """
        Whether If-Match and If-Unmodified-Since allow it; leaves of the others what Twisted understands.
        """
        headers = request.requestHeaders
        changed = self.getModificationTime()
        wanted = headers.getRawHeaders(b"if-match")
        if wanted is not None:
            if b"*" not in wanted:
                return False
        else:
            since = moment(request.getHeader(b"if-unmodified-since"))
            if since is not None and since < changed:
                return False
        known = headers.getRawHeaders(b"if-none-match")
        if known is not None and b"*" in known:
            headers.setRawHeaders(b"if-modified-since", [datetimeToString(changed)])
        elif known is not None or moment(request.getHeader(b"if-modified-since")) is None:
            headers.removeHeader(b"if-modified-since")
        return True

    def makeProducer(self, request: Request, fileForReading: Any) -> static.StaticProducer:
        r"""
        What sends the file, or a part of it, and never more than was announced.

        Seen on 24.7 and 26.10 with a file of 1,024 bytes: `Range: bytes=-5000`, `bytes=`, `bytes=2000-,3000-` and
        `bytes=\xff`, 500; `bytes=1_0-2_0`, 206; thirty times `0-`, thirty times the file; `If-Range` of another file,
        206 (section 13.1.5: the whole file).
        """
        size = self.getFileSize()
        found = self._ranges(request, size)
        if found is None:
            request.requestHeaders.removeHeader(b"range")
        else:
            # One beyond the end is answered with 416.
            told = found or [(size, size)]
            value = b"bytes=" + b",".join(b"%d-%d" % (first, last) for first, last in told)
            request.requestHeaders.setRawHeaders(b"range", [value])
        producer: Any = super().makeProducer(request, fileForReading)
        if isinstance(producer, static.MultipleRangeStaticProducer):
            return Producer(request, fileForReading, producer.rangeInfo)
        if isinstance(producer, static.SingleRangeStaticProducer):
            return Producer(request, fileForReading, [(b"", producer.offset, producer.size)])
        return Producer(request, fileForReading, [(b"", 0, size)])

    def _ranges(self, request: Request, size: int) -> Optional[List[Tuple[int, int]]]:
        """
        The parts that are wanted of those that there are; None for all of the file.
        """
        wanted, condition = request.getHeader(b"range"), request.getHeader(b"if-range")
        if wanted is None or not size:
            return None
        if condition is not None and condition != datetimeToString(self.getModificationTime()):
            return None
        found = ranges(wanted, size)
        if found is None or sum(last - first + 1 for first, last in found) > size:
            return None
        return found


class Producer(static.StaticProducer):
    """
    Sends pieces of a file, as long as they were announced; where the file ends before they do, so does the connection.

    Seen on 24.7 and 26.10: of a file that grew while it was sent, all was sent, behind a Content-Length of what it had
    been; of one that was cut short, what was left, and the client waited for ever.
    """

    def __init__(self, request: Request, fileObject: Any, pieces: Iterable[Piece]) -> None:
        super().__init__(request, fileObject)
        self._pieces = iter(pieces)
        self._before = b""
        self._left = 0

    def start(self) -> None:
        """
        Begin; see Twisted's `StaticProducer`.
        """
        self._next()
        self.request.registerProducer(self, False)

    def _next(self) -> bool:
        """
        Go to the next piece, if there is one.
        """
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._before, offset, self._left = piece
        self.fileObject.seek(offset)
        return True

    def resumeProducing(self) -> None:
        """
        Send more; see Twisted's `IPullProducer`.
        """
        request = self.request
        if not request:
            return
        data = self.fileObject.read(min(self.bufferSize, self._left))
        short = bool(self._left and not data)
        before, self._before = self._before, b""
        self._left -= len(data)
        if before or data:
            request.write(before + data)
        if short or (not self._left and not self._next()):
            self.stopProducing()
            request.unregisterProducer()
            if short:
                request.loseConnection()
            else:
                request.finish()


def ranges(value: bytes, size: int) -> Optional[List[Tuple[int, int]]]:
    """
    First and last positions of those ranges that a file of this size has; None for what is no range (RFC 9110 section
    14.1).
    """
    given = RANGES.fullmatch(value)
    named = [one.strip(b" \t") for one in given.group(1).split(b",")] if given else []
    found = [ONE_RANGE.fullmatch(one) for one in named if one]
    there = []
    for one in found:
        first, last = one.groups() if one else (b"", b"")
        if not first and not last:
            return None
        if not first:
            there.append((max(0, size - int(last)), size - 1))
        elif last and int(last) < int(first):
            return None
        else:
            there.append((int(first), min(int(last), size - 1) if last else size - 1))
    return [(first, last) for first, last in there if first <= last] if there else None


def moment(date: Optional[bytes]) -> Optional[int]:
    """
    What an HTTP-date means, in seconds of the epoch; None for what is none, or no calendar has.
    """
    text = (date or b"").split(b";")[0]
    numbers = re.findall(rb"[0-9]+", text)
    try:
        seconds = stringToDatetime(text)
        then = time.gmtime(seconds)
    except (ValueError, IndexError, OverflowError, OSError):
        return None
    # A 99th of October has been taken for the 7th of January.
    for year in (then.tm_year, then.tm_year % 100):
        if sorted(map(int, numbers)) == sorted((then.tm_mday, year, then.tm_hour, then.tm_min, then.tm_sec)):
            return int(seconds) if year < 10_000 else None
    return None


def is_text(name: str) -> bool:
    """
    Whether the name of a file is UTF-8.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
