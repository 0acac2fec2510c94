"""
Static content: a part of a file, exactly, and told from the whole.
"""

import re

from harness import MAY, MUST, SHOULD, NotOffered, rfc, spec
from specs.facts import fields, steady
from specs.static_files import (
    AGE,
    DIGITS,
    check_parts,
    content,
    directory_of_our_own,
    is_whole,
    later,
    parts,
    put,
    served_from_here,
)

PART = rfc(9110, "14.2", "one or more partial representations that correspond")
FIRST = rfc(9110, "14.1.2", "the byte positions specified are inclusive")
REST = rfc(9110, "14.1.2", "the byte range is interpreted as the remainder of the representation")
LAST = rfc(9110, "14.1.2", "can refer to the last N bytes (N > 0) of the selected representation")
SHORTER = rfc(9110, "14.1.2", "shorter than the specified suffix-length, the entire representation is used")
LARGE = rfc(9110, "14.1.2", "prevent parsing errors due to integer conversion overflows")
TOLD = rfc(9110, "15.3.7.1", "MUST generate a Content-Range header field, describing what range")
LENGTH = rfc(9110, "15.3.7", "indicates the number of octets in the content of this message")
FIELDS = rfc(9110, "15.3.7", "representation header fields that would have been sent in a 200 (OK) response")
BEYOND = rfc(9110, "14.2", "SHOULD send a 416 (Range Not Satisfiable) response")
UNSATISFIED = rfc(9110, "15.5.17", "SHOULD generate a Content-Range header field specifying the current length")
INVALID = rfc(9110, "14.2", "MAY ignore or reject a Range header field that contains an invalid ranges-specifier")
UNIT = rfc(9110, "14.2", "MUST ignore a Range header field that contains a range unit it does not understand")
ONLY_GET = rfc(9110, "14.2", "GET is the only method for which range handling is defined")
ONLY_200 = rfc(9110, "14.2", "only if the result in absence of the Range header field would be a 200")
NOT_FOR_304 = rfc(9110, "14.2", "Range is ignored when a conditional GET would result in a 304")
MANY = rfc(9110, "17.15", "Servers ought to ignore, coalesce, or reject egregious range requests")
MULTIPART = rfc(9110, "15.3.7.2", "the server MUST generate a Content-Range header field corresponding to the range")
NO_CONFUSION = rfc(9110, "15.3.7.2", "MUST NOT generate a Content-Range header field in the HTTP header section")
EMPTY = rfc(9110, "14.2", "when the selected representation has no content")
IF_RANGE = rfc(9110, "13.1.5", "MUST ignore the Range header field if the If-Range condition evaluates to false")
IF_EXACTLY = rfc(9110, "13.1.5", "Note that the If-Range comparison is by exact match")
IF_TRUE = rfc(9110, "13.1.5", "Otherwise, the recipient SHOULD process the Range header field as requested")
NO_IF_RANGE = rfc(9110, "13.1.5", "received in a request that does not contain a Range header field")
NEEDS = ("ranges",)

NAME = DIGITS
SIZE = 1024

#: How many times the whole file somebody may get who asks for it so many times over.
TIMES, TWICE = 30, 2


async def part(page, wire, ranges, *more, name=NAME, method="GET"):
    """The answer to a request for these ranges of a file."""
    return await wire.request(method, page.path + name, fields=[("Range", ranges), *more])


def is_part(answer, first, last, name=NAME):
    """Exactly these bytes of a file came, the last one included, and said which they are."""
    whole = content(name)
    assert answer.status == 206
    assert answer.complete, answer.problem
    assert answer.fields.get("content-range") == f"bytes {first}-{last}/{len(whole)}"
    assert answer.body == whole[first : last + 1]


@spec("static-content/a-range-is-exactly-its-bytes", MUST, FIRST, needs=NEEDS)
async def test_a_range_is_exactly_its_bytes(page, wire):
    """
    Who asks for bytes of a file gets these, the last one included, and is told which they are.

    Sends:      GETs of digits.bin for bytes 0 to 4, 250 to 260, the first one alone, and the last one alone.
    Observes:   206, Content-Range, and the bytes.
    Look at:    `ranges` of [static-content], if there are none here; a last position taken for a length, or left out.
    """
    for first, last in ((0, 4), (250, 260), (0, 0), (SIZE - 1, SIZE - 1), (0, SIZE - 1)):
        is_part(await part(page, wire, f"bytes={first}-{last}"), first, last)


@spec("static-content/a-range-of-a-long-file-is-exactly-its-bytes", MUST, FIRST, needs=NEEDS)
async def test_a_range_of_a_long_file_is_exactly_its_bytes(page, wire):
    """
    A part that is longer than a buffer, from the middle of a file, is whole and exact.

    Sends:      a GET of large.txt for bytes 1,000 to 300,000.
    Observes:   206, Content-Range, and the bytes.
    Look at:    the last piece, which ends before the file does; the first, which does not begin with it.
    """
    is_part(await part(page, wire, "bytes=1000-300000", name="large.txt"), 1000, 300_000, "large.txt")


@spec("static-content/a-range-without-an-end-is-the-rest", MUST, REST, needs=NEEDS)
async def test_a_range_without_an_end_is_the_rest(page, wire):
    """
    Who names the first byte only gets all from there.

    Sends:      GETs of digits.bin for bytes 1,000 and on, the last one and on, and all.
    Observes:   206, Content-Range, and the bytes.
    Look at:    how a download that was cut short goes on.
    """
    for first in (1000, SIZE - 1, 0):
        is_part(await part(page, wire, f"bytes={first}-"), first, SIZE - 1)


@spec("static-content/a-range-may-count-from-the-end", MUST, LAST, needs=NEEDS)
async def test_a_range_may_count_from_the_end(page, wire):
    """
    Who names a number of bytes only gets so many from the end.

    Sends:      GETs of digits.bin for its last 5 bytes, its last one, and for as many as it has.
    Observes:   206, Content-Range, and the bytes.
    Look at:    the number, taken for a position.
    """
    for count in (5, 1, SIZE):
        is_part(await part(page, wire, f"bytes=-{count}"), SIZE - count, SIZE - 1)


@spec("static-content/a-range-that-ends-beyond-the-end-is-the-rest", MUST, REST, needs=NEEDS)
async def test_a_range_that_ends_beyond_the_end_is_the_rest(page, wire):
    """
    A last position beyond the file's end means its end.

    Sends:      GETs of digits.bin for bytes 1,000 to 1,024, to 5,000 and to 999,999,999.
    Observes:   206, Content-Range with the last position there is, and the bytes.
    Look at:    the first position that is beyond: it is the file's length.
    """
    for last in (SIZE, 5000, 999_999_999):
        is_part(await part(page, wire, f"bytes=1000-{last}"), 1000, SIZE - 1)


@spec("static-content/more-than-all-from-the-end-is-all", MUST, SHORTER, needs=NEEDS)
async def test_more_than_all_from_the_end_is_all(page, wire):
    """
    Who wants more bytes from the end than there are gets all.

    Sends:      GETs of digits.bin for its last 1,025 and 5,000 bytes.
    Observes:   all of it, as 206 that says so or as 200.
    Look at:    a first position that is less than nothing.
    """
    for count in (SIZE + 1, 5000):
        answer = await part(page, wire, f"bytes=-{count}")
        if answer.status == 200:
            is_whole(answer)
        else:
            is_part(answer, 0, SIZE - 1)


@spec("static-content/the-length-of-a-part-is-the-parts", MUST, LENGTH, needs=NEEDS)
async def test_the_length_of_a_part_is_the_parts(target, page, wire):
    """
    The length that is announced with a part is the part's, and the next answer follows it.

    Sends:      in one piece, a GET of digits.bin for five bytes, and a GET of `ping`.
    Observes:   Content-Length, where there is one, and what follows.
    Differs:    a server may close the connection after the first answer.
    Look at:    the file's own length, which stays from the answer with all of it.
    """
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("GET", page.path + NAME, fields=[("Range", "bytes=10-14")])
        + wire.bytes_of("GET", target.alive.path)
    )
    first = await conversation.answer(method="GET")
    second = await conversation.answer_if_any(method="GET")

    is_part(first, 10, 14)
    assert first.fields.get("content-length") in (None, "5")
    if second is not None:
        assert second.status == target.alive.status


@spec("static-content/a-part-says-what-the-whole-says", MUST, FIELDS, needs=NEEDS)
async def test_a_part_says_what_the_whole_says(page, wire):
    """
    A part comes with the fields about the file that come with the whole.

    Sends:      a GET of page.html, and one for a part of it.
    Observes:   Content-Type, ETag, Last-Modified, Vary, Cache-Control.
    Look at:    fields that are set where the whole file is sent only.
    """
    whole = await wire.get(page.path + "page.html")
    answer = await part(page, wire, "bytes=0-4", name="page.html")

    assert answer.status == 206
    for name in ("content-type", "etag", "last-modified", "vary", "cache-control", "content-encoding"):
        assert answer.fields.get(name) == whole.fields.get(name), f"{name} of a part"


@spec("static-content/nothing-is-a-part-that-is-not-there", MUST, BEYOND, needs=NEEDS)
async def test_nothing_is_a_part_that_is_not_there(page, wire):
    """
    Where a file has none of the bytes that are wanted, no answer calls others these.

    Sends:      GETs of digits.bin for bytes 1,024 and on, 2,000 to 3,000, and two such ranges together.
    Observes:   416, or 200 and the file; that the server answers its ping afterwards.
    Look at:    the first position beyond the end, which is the length; an error of the server's own (5xx).
    """
    for ranges in (f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE}", "bytes=2000-3000", "bytes=2000-3000,4000-"):
        answer = await part(page, wire, ranges)
        assert answer.status in (200, 416), f"{ranges} was answered with {answer.status}"
        if answer.status == 200:
            is_whole(answer)
    await wire.ping()


@spec("static-content/what-is-not-there-is-416", SHOULD, UNSATISFIED, needs=NEEDS)
async def test_what_is_not_there_is_416(page, wire):
    """
    Who asks for bytes beyond the end is told so, and how long the file is.

    Sends:      GETs of digits.bin for bytes 1,024 and on, and for 2,000 to 3,000.
    Observes:   416, and Content-Range with the length and a star.
    Differs:    lighttpd does not say how long the file is.
    Look at:    an error page that is made where nobody knows the file.
    """
    for ranges in (f"bytes={SIZE}-", "bytes=2000-3000"):
        answer = await part(page, wire, ranges)
        assert answer.status == 416
        assert answer.fields.get("content-range") == f"bytes */{SIZE}"


@spec("static-content/no-number-is-too-large-to-read", SHOULD, LARGE, needs=NEEDS)
async def test_no_number_is_too_large_to_read(page, wire):
    """
    Positions may have more digits than any number of the server's.

    Sends:      GETs of digits.bin for bytes 1,000 to 10 to the 30th, from there on, and so many from the end.
    Observes:   the rest, 416, and all; or, for each, 200 and the file.
    Differs:    nginx and lighttpd refuse all such numbers (416).
    Look at:    numbers that begin again at nothing: 2 to the 64th and 5 is not 5.
    """
    huge = 10**30
    for ranges, first in ((f"bytes=1000-{huge}", 1000), (f"bytes=-{huge}", 0)):
        answer = await part(page, wire, ranges)
        if answer.status == 200:
            is_whole(answer)
        else:
            is_part(answer, first, SIZE - 1)
    answer = await part(page, wire, f"bytes={huge}-")
    assert answer.status in (200, 416)


@spec("static-content/no-number-begins-again-at-nothing", MUST, LARGE, needs=NEEDS)
async def test_no_number_begins_again_at_nothing(page, wire):
    """
    A position that a machine's word does not hold is never taken for a smaller one.

    Sends:      GETs of digits.bin for bytes from 2 to the 32nd, to the 63rd and to the 64th, and 5 more; and so many
                from the end.
    Observes:   no part of which somebody could think that it is that one; that the server answers its ping afterwards.
    Differs:    200 and 416 are right for the first, all of the file, or 416, for the last.
    Look at:    conversions to a fixed number of bits.
    """
    for power in (2**32, 2**63, 2**64):
        beyond = await part(page, wire, f"bytes={power + 5}-{power + 9}")
        assert beyond.status in (200, 400, 416), f"{power + 5} was answered with {beyond.status}"
        enough = await part(page, wire, f"bytes=-{power + 5}")
        if enough.status == 206:
            is_part(enough, 0, SIZE - 1)
        else:
            assert enough.status in (200, 400, 416)
    await wire.ping()


#: What is no range: no number, none that is in order, none at all, numbers that only a programming language knows.
MALFORMED = (
    "bytes=a-b", "bytes=5-2", "bytes=", "bytes=-", "bytes=,", "bytes=--5", "bytes=1-2-3", "bytes", "=0-4", "0-4",
    "bytes=0x0-0x4", "bytes=1_0-2_0", "bytes=1.0-4", "bytes=4", "bytes=0-4;5-9", "bytes=\xb2-9", "bytes=-1-4",
)  # fmt: skip


@spec("static-content/what-is-no-range-gets-no-part", MUST, INVALID, needs=NEEDS)
async def test_what_is_no_range_gets_no_part(page, wire):
    """
    A Range that cannot be read is ignored, or refused: nothing is guessed.

    Sends:      GETs of digits.bin with Range fields that have no numbers, numbers in the wrong order, signs, digits of
                programming languages, bytes beyond ASCII, nothing.
    Observes:   200 and the file, 416, or 400; that the server answers its ping afterwards.
    Differs:    most ignore it, nginx and aiohttp say 416.
    Look at:    an error while the field is read (5xx); a function that reads numbers as the programmer writes them.
    """
    for ranges in MALFORMED:
        answer = await part(page, wire, ranges)
        assert answer.status in (200, 400, 416), f"Range: {ranges} was answered with {answer.status}"
        if answer.status == 200:
            is_whole(answer)
    await wire.ping()


@spec("static-content/another-unit-gets-no-part", MUST, UNIT, needs=NEEDS)
async def test_another_unit_gets_no_part(page, wire):
    """
    A range in units that are not bytes is not taken for one in bytes.

    Sends:      GETs of digits.bin for items, lines, bits and "byte" 0 to 4.
    Observes:   200 and the file, or 416.
    Differs:    section 14.2 says both; most servers ignore it.
    Look at:    what stands before the equals sign, never looked at.
    """
    for unit in ("items", "lines", "bits", "byte", "xbytes", "bytesx"):
        answer = await part(page, wire, f"{unit}=0-4")
        assert answer.status in (200, 416), f"{unit} were answered with {answer.status}"
        if answer.status == 200:
            is_whole(answer)


@spec("static-content/head-has-no-part", MUST, ONLY_GET, needs=NEEDS)
async def test_head_has_no_part(target, page, wire):
    """
    HEAD for a part of a file has no body, and says no length that neither the file nor the part has.

    Sends:      in one piece, a HEAD of digits.bin for five bytes, and a GET of `ping`.
    Observes:   the status, Content-Length, and what follows.
    Differs:    200 is right; nginx answers 206, and the part's length.
    Look at:    a part that is sent whatever the method is.
    """
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("HEAD", page.path + NAME, fields=[("Range", "bytes=0-4")])
        + wire.bytes_of("GET", target.alive.path)
    )
    first = await conversation.answer(method="HEAD")
    second = await conversation.answer_if_any(method="GET")

    assert first.status in (200, 206)
    assert first.fields.get("content-length") in (None, str(SIZE) if first.status == 200 else "5")
    if second is None:
        assert conversation.received == first.raw
    else:
        assert second.status == target.alive.status


@spec("static-content/nothing-has-a-part-that-is-not-200", MUST, ONLY_200, needs=NEEDS)
async def test_nothing_has_a_part_that_is_not_200(page, wire):
    """
    What is not there, and what stands elsewhere, has no parts.

    Sends:      GETs of a missing file, and of a directory without its slash, for five bytes.
    Observes:   404, and no 206.
    Look at:    error pages that are cut like files.
    """
    missing = await part(page, wire, "bytes=0-4", name="missing.txt")
    elsewhere = await part(page, wire, "bytes=0-4", name="sub")

    assert missing.status == 404
    assert elsewhere.status not in (206, 416)


@spec("static-content/an-empty-file-has-no-part", MUST, EMPTY, needs=NEEDS)
async def test_an_empty_file_has_no_part(page, wire):
    """
    A file without a byte has no first one, and asking for it breaks nothing.

    Sends:      GETs of empty.txt for bytes 0 and on, 0 to 4, and the last five.
    Observes:   200 and nothing, or 416; that the server answers its ping afterwards.
    Look at:    a last position that is less than the first.
    """
    for ranges in ("bytes=0-", "bytes=0-4", "bytes=-5", "bytes=-1"):
        answer = await part(page, wire, ranges, name="empty.txt")
        assert answer.status in (200, 416), f"{ranges} was answered with {answer.status}"
        if answer.status == 200:
            assert answer.body == b""
    await wire.ping()


# Several ranges at once.


@spec("static-content/several-parts-say-which-they-are", MUST, MULTIPART, needs=NEEDS)
async def test_several_parts_say_which_they_are(page, wire):
    """
    Of several parts that come together each says which bytes it has, and has these.

    Sends:      GETs of digits.bin for its first and last byte, for three parts in order and in disorder, for parts that
                overlap, for one that is there and one that is not; of large.txt for two long parts.
    Observes:   where it is 206: each part's Content-Range and bytes.
    Differs:    a server may send one part for several, some of them only, all of the file, or refuse (416, aiohttp).
    Look at:    where one part ends and the next begins; the length of it all.
    """
    for name, ranges in (
        (NAME, "0-0,-1"),
        (NAME, "0-9,100-109,1000-"),
        (NAME, "1000-,0-9,100-109"),
        (NAME, "0-99,50-149"),
        (NAME, "0-9,2000-3000"),
        (NAME, " 0-9 , 20-29 "),
        ("large.txt", "1000-101000,200000-300000"),
    ):
        answer = await part(page, wire, f"bytes={ranges}", name=name)
        assert answer.complete, answer.problem
        assert answer.status in (200, 206, 416), f"{ranges} was answered with {answer.status}"
        if answer.status == 200:
            is_whole(answer, name)
        elif answer.status == 206:
            assert check_parts(answer, content(name)), f"{ranges} was answered with no part"


@spec("static-content/several-parts-come-together", SHOULD, PART, needs=NEEDS)
async def test_several_parts_come_together(page, wire):
    """
    Who asks for several parts of a file gets all of them.

    Sends:      GETs of digits.bin for its first and last ten bytes, and for one part that is there and one that is not.
    Observes:   that the bytes which are there came, as parts or with all of the file.
    Differs:    aiohttp refuses several ranges (416).
    Look at:    a Range that is read as one.
    """
    for ranges, wanted in (("0-9,-10", {*range(10), *range(SIZE - 10, SIZE)}), ("0-9,2000-3000", {*range(10)})):
        answer = await part(page, wire, f"bytes={ranges}")
        assert answer.status in (200, 206)
        if answer.status == 206:
            came = {at for first, last, _, _ in parts(answer) for at in range(first, last + 1)}
            assert wanted - came == set(), f"{ranges} did not come whole"


@spec("static-content/several-parts-have-no-range-in-common", MUST, NO_CONFUSION, needs=NEEDS)
async def test_several_parts_have_no_range_in_common(page, wire):
    """
    An answer with several parts has no Content-Range of its own, by which it would look like one part.

    Sends:      a GET of digits.bin for its first and last ten bytes.
    Observes:   Content-Range of the answer, if it is multipart/byteranges.
    Look at:    a field that stays from the last of the parts.
    """
    answer = await part(page, wire, "bytes=0-9,-10")
    if (answer.fields.get("content-type") or "").lower().startswith("multipart/byteranges"):
        assert answer.fields.get("content-range") is None


@spec("static-content/many-parts-are-not-more-than-the-file", SHOULD, MANY, needs=NEEDS)
async def test_many_parts_are_not_more_than_the_file(page, wire):
    """
    Who asks for the same bytes many times over in one request does not get them so often.

    Sends:      a GET of digits.bin for all of it, thirty times in one Range.
    Observes:   how many bytes of the file come: twice the file at most.
    Differs:    one part for all, all of the file, or 416.
    Look at:    a request of 4 KB that costs the server a gigabyte (CVE-2011-3192 of Apache's httpd).
    """
    answer = await part(page, wire, "bytes=" + ",".join(["0-"] * TIMES))
    assert answer.status in (200, 206, 416)
    sent = sum(len(data) for *_, data in parts(answer)) if answer.status == 206 else 0

    assert sent <= TWICE * SIZE


# Parts of the file that somebody has.


@spec("static-content/a-part-of-another-file-is-not-sent", MUST, IF_RANGE, needs=NEEDS)
async def test_a_part_of_another_file_is_not_sent(page, wire):
    """
    Who has a part of an older file gets all of the new one, and not the rest of another file.

    Sends:      GETs of digits.bin for a part, with If-Range: a date that is not the file's, and a tag that is not.
    Observes:   200 and the file.
    Look at:    If-Range, never looked at: what is put together of two files is none.
    """
    for condition in ("Sat, 29 Oct 1988 19:43:31 GMT", '"another"'):
        is_whole(await part(page, wire, "bytes=10-14", ("If-Range", condition)))


@spec("static-content/if-range-means-the-very-date", SHOULD, IF_EXACTLY, needs=("ranges", "conditional"))
async def test_if_range_means_the_very_date(page, wire):
    """
    Another date is another file, also if it is a later one; and what is neither date nor tag is none.

    Sends:      GETs of digits.bin for a part, with If-Range a minute after its date, a second before it, and words.
    Observes:   200 and the file.
    Differs:    aiohttp takes a later date for the file's.
    Look at:    dates that are compared as for If-Unmodified-Since.
    """
    date = (await wire.get(page.path + NAME)).fields.get("last-modified")
    assert date is not None, "no Last-Modified to ask with"
    for condition in (later(date, 60), later(date, -1), "nonsense"):
        is_whole(await part(page, wire, "bytes=10-14", ("If-Range", condition)))


@spec(
    "static-content/a-part-of-the-same-file-is-sent",
    SHOULD,
    IF_TRUE,
    needs=("ranges", "conditional"),
    witnesses=("files",),
)
async def test_a_part_of_the_same_file_is_sent(target, page, wire):
    """
    Who has a part of this very file gets the part that is missing.

    Sends:      a GET of a file that we made and dated to a while ago; then one for a part, with what that said of the
                file in If-Range: its ETag if there is a strong one, else its Last-Modified.
    Observes:   206 and the part.
    Look at:    an If-Range that is always false.
    """
    with directory_of_our_own(target) as directory:
        put(directory / "there.txt", b"0123456789", age=100 * AGE)
        path = f"{page.path}{directory.name}/there.txt"
        await served_from_here(wire, path)
        given = await wire.get(path)
        tag = given.fields.get("etag")
        condition = tag if tag and not tag.startswith("W/") else given.fields.get("last-modified")
        if condition is None:
            message = "files have neither tag nor date here"
            raise NotOffered(message)
        answer = await wire.get(path, fields=[("Range", "bytes=3-5"), ("If-Range", condition)])

    assert answer.status == 206
    assert answer.body == b"345"


@spec("static-content/if-range-alone-means-nothing", MUST, NO_IF_RANGE, needs=NEEDS)
async def test_if_range_alone_means_nothing(page, wire):
    """
    If-Range without a Range is as though it were not there.

    Sends:      GETs of digits.bin with If-Range alone: a date, a tag.
    Observes:   200 and the file.
    Look at:    a condition that is looked at although nothing depends on it.
    """
    for condition in ("Sat, 29 Oct 1988 19:43:31 GMT", '"another"'):
        is_whole(await wire.get(page.path + NAME, fields=[("If-Range", condition)]))


@spec("static-content/who-has-the-file-gets-no-part", MUST, NOT_FOR_304, needs=("ranges", "conditional"))
async def test_who_has_the_file_gets_no_part(page, wire):
    """
    Conditions are looked at first: who has the file is told so, whatever part is wanted.

    Sends:      a GET of digits.bin for a part, and one for bytes beyond its end, with its date in If-Modified-Since.
    Observes:   304.
    Look at:    416 for somebody who has the file already.
    """
    date = (await wire.get(page.path + NAME)).fields.get("last-modified")
    assert date is not None, "no Last-Modified to ask with"
    for ranges in ("bytes=0-4", "bytes=2000-"):
        answer = await part(page, wire, ranges, ("If-Modified-Since", date))
        assert answer.status == 304, f"{ranges} was answered with {answer.status}"


@spec("static-content/a-part-is-of-the-file-as-it-is", SHOULD, FIRST, needs=NEEDS, witnesses=("files",))
async def test_a_part_is_of_the_file_as_it_is(target, page, wire):
    """
    After an edit, parts are those of the new file, and so is the length that they tell.

    Sends:      GETs for the last three bytes of a file that we made: of ten bytes, then of fifteen, then of four.
    Observes:   the bytes, and Content-Range.
    Differs:    lighttpd remembers for a second how long a file was.
    Look at:    a length that is remembered.
    """
    with directory_of_our_own(target) as directory:
        file, path = directory / "edited.txt", f"{page.path}{directory.name}/edited.txt"
        for number, data in enumerate((b"0123456789", b"0123456789abcde", b"wxyz")):
            put(file, data, age=100 - 10 * number)
            if number == 0:
                await served_from_here(wire, path)
            answer = await wire.get(path, fields=[("Range", "bytes=-3")])
            assert answer.status == 206
            assert answer.body == data[-3:]
            assert answer.fields.get("content-range") == f"bytes {len(data) - 3}-{len(data) - 1}/{len(data)}"


def ranges():
    """One range: two positions, one, or a number from the end; near the edges of the file, and far beyond them."""
    from hypothesis import strategies as some  # noqa: PLC0415 - slow to import

    number = some.one_of(some.integers(0, 3), some.integers(SIZE - 3, SIZE + 3), some.integers(0, 5000))
    pairs = some.tuples(number, number).map(sorted)
    return some.one_of(
        pairs.map(tuple), some.tuples(number, some.none()), some.tuples(some.none(), some.integers(1, 5000))
    )


def meant(first, last):
    """The first and the last byte of digits.bin that a range means, as section 14.1.2 has it; None beyond its end."""
    if first is None:
        return max(0, SIZE - last), SIZE - 1
    if first >= SIZE:
        return None
    return first, SIZE - 1 if last is None else min(last, SIZE - 1)


@spec("static-content/any-range-is-what-the-standard-says", MUST, PART, needs=NEEDS, examples=ranges)
async def test_any_range_is_what_the_standard_says(page, wire, example):
    """
    Whatever range is asked for, what comes are these bytes, or all, or 416 if there are none.

    Sends:      a GET of digits.bin for a range made at random, near the edges of the file, and beyond.
    Observes:   status, Content-Range, and the bytes.
    Look at:    the smallest range that is wrong.
    """
    first, last = example
    wanted = meant(first, last)
    answer = await part(page, wire, f"bytes={'' if first is None else first}-{'' if last is None else last}")
    if answer.status == 200:
        is_whole(answer)
    elif wanted is None:
        assert answer.status == 416
    else:
        is_part(answer, *wanted)


def sets():
    """Several ranges, in any order, with blanks."""
    from hypothesis import strategies as some  # noqa: PLC0415 - slow to import

    one = ranges().map(lambda pair: "-".join("" if number is None else str(number) for number in pair))
    return some.tuples(some.lists(one, min_size=2, max_size=5), some.sampled_from([",", ", ", " ,", ",,"]))


@spec("static-content/any-several-parts-say-which-they-are", MUST, MULTIPART, needs=NEEDS, examples=sets)
async def test_any_several_parts_say_which_they_are(page, wire, example):
    """
    Whatever ranges are asked for together, each part that comes is what it says that it is.

    Sends:      a GET of digits.bin for two to five ranges made at random.
    Observes:   200 and the file, 416, or 206 and each part's Content-Range and bytes.
    Look at:    the smallest set of ranges that is wrong.
    """
    found, comma = example
    answer = await part(page, wire, "bytes=" + comma.join(found))
    assert answer.complete, answer.problem
    assert answer.status in (200, 206, 416)
    if answer.status == 200:
        is_whole(answer)
    elif answer.status == 206:
        check_parts(answer, content(NAME))


@spec("static-content/how-ranges-are-answered", MAY, PART)
async def test_how_ranges_are_answered(target, page, wire, facts):
    """
    What becomes of ranges of every kind, and what the answers look like.

    Sends:      GETs of digits.bin with Range fields of every kind, a HEAD, and ones of an empty file and a listing.
    Observes:   status and Content-Range of each; the fields and the body's form of a part, of several, and of 416.
    """
    named = {
        "a part": "bytes=0-4",
        "two": "bytes=0-0,-1",
        "two that overlap": "bytes=0-99,50-149",
        "two that touch": "bytes=0-9,10-19",
        "the same twice": "bytes=0-4,0-4",
        "one there, one not": "bytes=0-4,2000-",
        "none there": "bytes=2000-,3000-",
        "none from the end": "bytes=-0",
        "in capitals": "BYTES=0-4",
        "with blanks": "bytes = 0 - 4",
        "with a comma behind": "bytes=0-4,",
        "with a plus": "bytes=+0-4",
        "with noughts": "bytes=000-004",
        "beyond the end": "bytes=2000-",
        **{f"malformed {ranges.encode('unicode_escape').decode()}": ranges for ranges in MALFORMED},
        "another unit": "items=0-4",
    }
    for name, value in named.items():
        answer = await part(page, wire, value)
        told = (answer.fields.get("content-type") or "").lower()
        form = "several parts" if told.startswith("multipart") else answer.fields.get("content-range")
        facts[name] = [answer.status, form]
    for method, file in (("HEAD", NAME), ("GET", "empty.txt"), ("GET", "names/")):
        answer = await part(page, wire, "bytes=0-4", name=file, method=method)
        facts[f"{method} {file}"] = [answer.status, answer.fields.get("content-range")]
    twice = [("Range", "bytes=0-4"), ("Range", "bytes=5-9")]
    facts["two fields"] = (await wire.get(page.path + NAME, fields=twice)).status
    facts["fields of a part"] = fields(await part(page, wire, "bytes=0-4"), target)
    beyond = await part(page, wire, "bytes=2000-")
    facts["fields beyond the end"] = fields(beyond, target)
    facts["body beyond the end"] = steady(beyond.body, target) if beyond.status == 416 else ""
    several = await part(page, wire, "bytes=48-48,65-69")
    boundary = re.search(r'boundary="?([^";]+)', several.fields.get("content-type") or "")
    if several.status == 206 and boundary is not None:
        body = several.body.replace(boundary[1].encode("latin-1"), b"(boundary)")
        facts["body of several parts"] = steady(body, target)
