"""
What the specs of files in a directory have in common: what they contain, and files of a spec's own.
"""

import os
import re
import shutil
import time
from contextlib import contextmanager
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parsedate_to_datetime
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import urljoin, urlsplit

from harness import NotObservable

#: What a server may answer instead of a file that it does not want to give.
CLIENT_ERRORS = range(400, 500)

#: Ways to say that something stands elsewhere, and is to be asked for in the same way (RFC 9110 section 15.4).
REDIRECTS = (301, 302, 307, 308)

#: Age in seconds of a file that a spec makes: older than the second by which HTTP tells dates.
AGE = 10

#: A file with every byte there is, of which parts are asked for.
DIGITS = "digits.bin"

#: The first line of the file of users, which each Unix has, as far as it is alike everywhere.
USERS = re.compile(rb"^root:[^:\n]*:0:0:", re.MULTILINE)


def content(name, page="static"):
    """The bytes of one of the suite's own files."""
    return (files("specs") / "assets" / page / name).read_bytes()


def is_whole(answer, name=DIGITS):
    """The whole file came, as though neither a part of it nor a condition had been asked for."""
    assert answer.status == 200
    assert answer.body == content(name)


@contextmanager
def directory_of_our_own(target, page="static"):
    """A directory among the files that are served, which is removed at the end; its name is part of the path."""
    directory = target.assets / page / f"made-{target.token()}"
    try:
        directory.mkdir()
    except OSError as wrong:
        message = f"nothing can be put beside the files that are served: {wrong.strerror}"
        raise NotObservable(message) from None
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def put(file, data, *, age=AGE):
    """Write a file, whole seconds `age` ago.  Raises `NotObservable` where the disk takes no such name."""
    then = int(time.time()) - age
    try:
        file.write_bytes(data)
        os.utime(file, (then, then))
    except OSError as wrong:
        message = f"no file can be called {file.name!r} here: {wrong.strerror}"
        raise NotObservable(message) from None


def resize(file, size):
    """Make a file so long, in place; zeros stand where there was nothing."""
    with file.open("r+b") as stream:
        stream.truncate(size)


async def served_from_here(wire, path):
    """A server that does not find what we put there serves other files than those that we may edit."""
    if (await wire.get(path)).status == 404:
        message = "the server does not serve the directory that $WEB60_ASSETS names: nothing can be put there"
        raise NotObservable(message)


def later(date, seconds):
    """An HTTP-date that is so many seconds later than another one."""
    moment = parsedate_to_datetime(date).timestamp() + seconds
    return http_date(moment)


def http_date(moment):
    """A moment, in seconds of the epoch, as an HTTP-date."""
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(moment))


def when(date):
    """An HTTP-date as seconds of the epoch; a failed assertion where it is not of the form for generating."""
    form = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    assert re.fullmatch(form, date or ""), f"{date!r} is no HTTP-date in the form of section 5.6.7"
    moment = parsedate_to_datetime(date)
    assert format_datetime(moment, usegmt=True) == date
    return moment.timestamp()


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links = []
        self.words = []
        self.made = set()

    def handle_starttag(self, tag, attrs):
        self.made |= {tag, *(name for name, _ in attrs)}
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data):
        self.words.append(data)


def read(answer):
    """The links of a page, and its words, the way a browser reads them."""
    page = _parsed(answer)
    return page.links, "".join(page.words)


def markup(answer):
    """The names of a page's elements and of their attributes, the way a browser reads them."""
    return _parsed(answer).made


def _parsed(answer):
    page = _Links()
    page.feed(answer.text)
    page.close()
    return page


def place(target, base, link):
    """Where a link of the page at `base` leads: host and port, and what to ask them for."""
    whole = urljoin(target.url.rstrip("/") + "/", base)
    parts = urlsplit(urljoin(whole, link))
    return parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")


async def follow(wire, asked):
    """The answer to a GET of this target, exactly as it stands there."""
    conversation = await wire.open()
    host = wire.address.authority
    conversation.send(f"GET {asked} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1"))
    answer = await conversation.answer()
    conversation.close()
    return answer


def parts(answer):
    """The parts of a 206: for each its first and last position, the length of the whole, and its bytes."""
    told = answer.fields.get("content-type") or ""
    if not told.lower().startswith("multipart/byteranges"):
        return [(*_positions(answer.fields.get("content-range")), answer.body)]
    found = re.search(r'(?i);\s*boundary=(?:"([^"]+)"|([^\s;"]+))', told)
    assert found is not None, f"no boundary in {told!r}"
    boundary = b"\r\n--" + (found[1] or found[2]).encode("latin-1")
    _, *between = (b"\r\n" + answer.body).split(boundary)
    assert between, f"the boundary {boundary!r} does not occur"
    *between, last = between
    assert last.startswith(b"--"), "the last part is not ended by its boundary and two dashes"
    return [_part(one) for one in between]


def _part(data):
    head, _, body = data.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
    fields = BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
    return *_positions(fields["Content-Range"]), body


def _positions(told):
    found = re.fullmatch(r"(?i:bytes) (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", told or "")
    assert found is not None, f"Content-Range is {told!r}, which tells of no part"
    return int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3])


def check_parts(answer, whole):
    """The parts of a 206, each of which is exactly where it says that it is."""
    found = parts(answer)
    for first, last, length, data in found:
        assert data == whole[first : last + 1], f"not the bytes {first} to {last}"
        assert length in (None, len(whole))
    return found
