"""
Static content: who has a file already is told so, and who has an old one is given the new one.
"""

import time

from harness import MAY, MUST, SHOULD, NotOffered, rfc, spec
from specs.facts import fields, steady
from specs.static_files import (
    AGE,
    DIGITS,
    content,
    directory_of_our_own,
    http_date,
    is_whole,
    later,
    put,
    served_from_here,
    when,
)

MODIFIED = rfc(9110, "8.8.2.1", "An origin server SHOULD send Last-Modified for any selected representation")
NOT_LATER = rfc(9110, "8.8.2.1", "MUST NOT generate a Last-Modified date that is later than the server's time")
FORM = rfc(9110, "5.6.7", "the sender MUST generate those timestamps in the IMF-fixdate format")
FORMS = rfc(9110, "5.6.7", "MUST accept all three HTTP-date formats")
SINCE = rfc(9110, "13.1.3", "Transfer of the selected representation's data is avoided if that data has not changed")
NEWER = rfc(9110, "13.1.3", "Otherwise, the condition is true")
NO_DATE = rfc(9110, "13.1.3", "if the received field value is not a valid HTTP-date")
TAGS_FIRST = rfc(9110, "13.1.3", "MUST ignore If-Modified-Since if the request contains an If-None-Match header field")
NONE_MATCH = rfc(9110, "13.1.2", "the condition is false if one of the listed tags matches the entity tag")
WEAKLY = rfc(9110, "13.1.2", "MUST use the weak comparison function when comparing entity tags for If-None-Match")
ANY = rfc(9110, "13.1.2", 'If the field value is "*", the condition is false')
UNMODIFIED = rfc(9110, "13.1.4", "MUST NOT perform the requested method if the condition evaluates to false")
MATCH = rfc(9110, "13.1.1", "MUST NOT perform the requested method if the condition evaluates to false")
EMPTY = rfc(9110, "15.4.5", "it cannot contain content or trailers")
METADATA = rfc(9110, "15.4.5", "any of the following header fields that would have been sent in a 200")
LENGTH = rfc(9110, "8.6", "would have been sent in the content of a 200 (OK) response to the same")
REQUESTS = rfc(
    9110, "13.2.1", "redirects and failures that can be detected before significant processing occurs take precedence"
)
NEEDS = ("conditional",)

#: A date before there was any web, and so before any file of it was changed.
LONG_AGO = "Sat, 29 Oct 1988 19:43:31 GMT"

NAME = DIGITS


async def validators(page, wire, name=NAME):
    """The answer to a plain GET of a file, and its date."""
    answer = await wire.get(page.path + name)
    assert answer.status == 200
    date = answer.fields.get("last-modified")
    assert date is not None, "no Last-Modified to ask with"
    return answer, date


async def tagged(page, wire):
    """The entity tag of a file.  Raises `NotOffered` where it has none."""
    answer = await wire.get(page.path + NAME)
    tag = answer.fields.get("etag")
    if tag is None:
        message = "files have no entity tag here"
        raise NotOffered(message)
    return tag


async def asked(page, wire, *conditions, name=NAME, method="GET"):
    """The answer to a request with these fields."""
    return await wire.request(method, page.path + name, fields=conditions)


@spec("static-content/a-file-has-a-date", MUST, MODIFIED, needs=NEEDS)
async def test_a_file_has_a_date(page, wire):
    """
    An answer says when the file was changed, in the one form that is for saying dates.

    Sends:      one GET of digits.bin.
    Observes:   Last-Modified.
    Look at:    `conditional` of [static-content], if files have no dates here.
    """
    _, date = await validators(page, wire)

    assert when(date) > 0


@spec("static-content/the-date-is-the-files", SHOULD, MODIFIED, needs=NEEDS, witnesses=("files",))
async def test_the_date_is_the_files(target, page, wire):
    """
    Last-Modified is when the file was changed, in UTC, to the second.

    Sends:      a GET of a file that we made, and dated to a day in July and to one in January.
    Observes:   Last-Modified.
    Look at:    the time zone, with and without daylight saving time; the time at which the server found the file.
    """
    with directory_of_our_own(target) as directory:
        path = f"{page.path}{directory.name}/there.txt"
        for moment in (1_089_000_000, 1_231_000_000):
            put(directory / "there.txt", b"there", age=int(time.time()) - moment)
            await served_from_here(wire, path)
            answer = await wire.get(path)
            # One second less or more is the tick between our looking at the clock twice.
            assert abs(when(answer.fields.get("last-modified")) - moment) <= 1


@spec("static-content/no-file-is-from-the-future", SHOULD, NOT_LATER, needs=NEEDS, witnesses=("files",))
async def test_no_file_is_from_the_future(target, page, wire):
    """
    No file was changed after the answer that brings it: one that is changed within this second, either.

    Sends:      five times a GET of a file that we write this moment, each time anew.
    Observes:   Last-Modified and Date of each.
    Look at:    a date that is rounded up.
    """
    with directory_of_our_own(target) as directory:
        file = directory / "there.txt"
        put(file, b"there")
        path = f"{page.path}{directory.name}/there.txt"
        await served_from_here(wire, path)
        for _ in range(5):
            # Dated by the disk, with what belongs behind the second.
            file.write_bytes(b"there")
            answer = await wire.get(path)
            date, modified = answer.fields.get("date"), answer.fields.get("last-modified")
            if date is not None and modified is not None:
                assert when(modified) <= when(date)


@spec("static-content/who-has-a-file-is-told-so", MUST, SINCE, needs=NEEDS)
async def test_who_has_a_file_is_told_so(page, wire):
    """
    Who has the file of this date is answered 304.

    Sends:      a GET of digits.bin, then a GET and a HEAD with its Last-Modified in If-Modified-Since.
    Observes:   304 and no body.
    Look at:    dates that are compared with parts of seconds, which the field has not.
    """
    _, date = await validators(page, wire)
    got = await asked(page, wire, ("If-Modified-Since", date))
    headed = await asked(page, wire, ("If-Modified-Since", date), method="HEAD")

    assert got.status == 304
    assert got.body == b""
    assert headed.status == 304


@spec("static-content/who-has-an-older-file-gets-the-new-one", MUST, NEWER, needs=NEEDS)
async def test_who_has_an_older_file_gets_the_new_one(page, wire):
    """
    Who has the file of an older date gets it.

    Sends:      GETs of digits.bin with If-Modified-Since one second before its date, a day, and long ago.
    Observes:   200 and the file.
    Look at:    dates that are compared as text, or by the day.
    """
    _, date = await validators(page, wire)
    for since in (later(date, -1), later(date, -86_400), LONG_AGO):
        is_whole(await asked(page, wire, ("If-Modified-Since", since)))


@spec("static-content/an-edit-ends-what-somebody-has", MUST, NEWER, needs=NEEDS, witnesses=("files",))
async def test_an_edit_ends_what_somebody_has(target, page, wire):
    """
    Who asks again with the date, or the tag, that they were given gets what was edited since.

    Sends:      GETs of a file that we made, with what the answer before said in If-Modified-Since, or If-None-Match:
                before the file is replaced by one of the same length and a later date, and afterwards.
    Observes:   304, then 200 and the new file.
    Look at:    a tag made of the length alone; dates and tags that are remembered.
    """
    with directory_of_our_own(target) as directory:
        file, path = directory / "edited.txt", f"{page.path}{directory.name}/edited.txt"
        put(file, b"first", age=10 * AGE)
        await served_from_here(wire, path)
        given = await wire.get(path)
        date, tag = given.fields.get("last-modified"), given.fields.get("etag")
        assert date is not None, "no Last-Modified to ask with"
        conditions = [("If-Modified-Since", date), *([("If-None-Match", tag)] if tag else [])]
        before = [await wire.get(path, fields=[condition]) for condition in conditions]
        put(file, b"later", age=AGE)
        after = [await wire.get(path, fields=[condition]) for condition in conditions]

    for answer in before:
        assert answer.status == 304
    for answer in after:
        assert answer.status == 200
        assert answer.body == b"later"


@spec("static-content/not-modified-ends-with-its-fields", MUST, EMPTY, needs=NEEDS)
async def test_not_modified_ends_with_its_fields(target, page, wire):
    """
    304 has no body, and the next answer follows it at once.

    Sends:      in one piece, a GET of digits.bin with the date that it has, and a GET of `ping`.
    Observes:   304, then the answer to `ping`, if there is one.
    Differs:    a server may close the connection after the first answer.
    Look at:    chunks, or an error page, behind the fields.
    """
    _, date = await validators(page, wire)
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("GET", page.path + NAME, fields=[("If-Modified-Since", date)])
        + wire.bytes_of("GET", target.alive.path)
    )
    first = await conversation.answer(method="GET")
    second = await conversation.answer_if_any(method="GET")

    assert first.status == 304
    if second is None:
        assert conversation.received == first.raw
    else:
        assert second.status == target.alive.status


@spec("static-content/not-modified-tells-no-other-length", MUST, LENGTH, needs=NEEDS)
async def test_not_modified_tells_no_other_length(page, wire):
    """
    Where 304 says how long the file is, it is the file's length, and not that of the body which 304 has not.

    Sends:      a GET of digits.bin with the date that it has.
    Observes:   Content-Length.
    Differs:    most servers leave it out.
    Look at:    `Content-Length: 0`: a cache takes it for the file's.
    """
    _, date = await validators(page, wire)
    answer = await asked(page, wire, ("If-Modified-Since", date))

    assert answer.status == 304
    assert answer.fields.get("content-length") in (None, str(len(content(NAME))))


@spec("static-content/not-modified-keeps-what-caches-need", SHOULD, METADATA, needs=NEEDS)
async def test_not_modified_keeps_what_caches_need(page, wire):
    """
    304 has those fields of 200 by which caches go: Date, ETag, Cache-Control, Expires, Vary and Content-Location.

    Sends:      a GET of digits.bin, and one with the date that it has.
    Observes:   that each of those fields that 200 has is there, and says the same but for the moment.
    Look at:    an answer that is made from nothing.
    """
    given, date = await validators(page, wire)
    answer = await asked(page, wire, ("If-Modified-Since", date))

    assert answer.status == 304
    for name in ("etag", "cache-control", "vary", "content-location"):
        assert answer.fields.get(name) == given.fields.get(name), f"{name} of 304"
    for name in ("date", "expires"):
        assert (name in answer.fields) == (name in given.fields), f"{name} of 304"


@spec("static-content/what-is-no-date-is-no-condition", MUST, NO_DATE, needs=NEEDS)
async def test_what_is_no_date_is_no_condition(page, wire):
    """
    If-Modified-Since with what is no date is as though it were not there.

    Sends:      GETs of digits.bin with words, numbers, nothing, bytes beyond ASCII, and dates with an unknown month,
                without a day, with letters in the time.
    Observes:   200 and the file for each.
    Look at:    an error while the date is read.
    """
    for since in (
        "nonsense",
        "",
        "0",
        "2094",
        "4000000000",
        "Sat, 29 Xyz 2094 19:43:31 GMT",
        "29 Oct",
        "Sat, Oct 2094 19:43:31 GMT",
        "Sat, 29 Oct 2094 aa:bb:cc GMT",
        b"Sat, 29 Oct \xff\xfe 19:43:31 GMT",
        "x" * 1000,
    ):
        answer = await asked(page, wire, ("If-Modified-Since", since))
        assert answer.status == 200, f"{since!r:.40} was answered with {answer.status}"
        is_whole(answer)


@spec("static-content/no-calendar-has-a-ninety-ninth", SHOULD, NO_DATE, needs=NEEDS)
async def test_no_calendar_has_a_ninety_ninth(page, wire):
    """
    A date of the right form that no calendar and no clock has is no date.

    Sends:      GETs of digits.bin with If-Modified-Since on the 99th of October, on the 31st of February, at 25 o'clock
                and in the year 20994.
    Observes:   200 and the file for each.
    Look at:    a date that is reckoned from its numbers whatever they are.
    """
    for since in (
        "Sat, 99 Oct 2094 19:43:31 GMT",
        "Sun, 31 Feb 2094 19:43:31 GMT",
        "Fri, 29 Oct 2094 25:61:31 GMT",
        "Sat, 29 Oct 20994 19:43:31 GMT",
    ):
        answer = await asked(page, wire, ("If-Modified-Since", since))
        assert answer.status == 200, f"{since} was answered with {answer.status}"


@spec("static-content/old-forms-of-dates-are-understood", SHOULD, FORMS, needs=NEEDS)
async def test_old_forms_of_dates_are_understood(page, wire):
    """
    The date may come in each of the three forms that HTTP has had.

    Sends:      GETs of digits.bin with its date as RFC 850 and as C's asctime write it.
    Observes:   304 for each.
    Look at:    a date that is compared as text.
    """
    _, date = await validators(page, wire)
    moment = time.gmtime(when(date))
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    for form in (
        days[moment.tm_wday] + time.strftime(", %d-%b-%y %H:%M:%S GMT", moment),
        time.strftime("%a %b ", moment) + f"{moment.tm_mday:2d}" + time.strftime(" %H:%M:%S %Y", moment),
    ):
        answer = await asked(page, wire, ("If-Modified-Since", form))
        assert answer.status == 304, f"{form} was answered with {answer.status}"


@spec("static-content/a-tag-that-is-the-files-is-told-so", MUST, NONE_MATCH, needs=NEEDS)
async def test_a_tag_that_is_the_files_is_told_so(page, wire):
    """
    Who has the file of this entity tag is answered 304.

    Sends:      a GET of digits.bin, then a GET and a HEAD with its ETag in If-None-Match, alone and among others.
    Observes:   304 and no body.
    Differs:    who gives no ETag is not asked.
    Look at:    a field that is compared whole, although it is a list.
    """
    tag = await tagged(page, wire)
    for value in (tag, f'"another", {tag}', f'{tag}, "another"'):
        answer = await asked(page, wire, ("If-None-Match", value))
        assert answer.status == 304, f"{value} was answered with {answer.status}"
        assert answer.body == b""
    headed = await asked(page, wire, ("If-None-Match", tag), method="HEAD")

    assert headed.status == 304


@spec("static-content/tags-are-compared-weakly", SHOULD, WEAKLY, needs=NEEDS)
async def test_tags_are_compared_weakly(page, wire):
    """
    For If-None-Match a tag is the same with W/ in front and without.

    Sends:      a GET of digits.bin, then one with the other form of its ETag in If-None-Match.
    Observes:   304.
    Differs:    who gives no ETag is not asked.
    Look at:    tags that are compared as text.
    """
    tag = await tagged(page, wire)
    answer = await asked(page, wire, ("If-None-Match", tag[2:] if tag.startswith("W/") else f"W/{tag}"))

    assert answer.status == 304


@spec("static-content/another-tag-gets-the-file", MUST, NONE_MATCH, needs=NEEDS)
async def test_another_tag_gets_the_file(page, wire):
    """
    Who has a file of another tag, or of none, gets this one.

    Sends:      GETs of digits.bin with tags in If-None-Match that are nobody's, and with what is no tag.
    Observes:   200 and the file.
    Look at:    parts of tags that are compared; any If-None-Match taken for a right one.
    """
    for value in ('"another"', 'W/"another"', '"another", "and-another"', '""', "nonsense", '"'):
        is_whole(await asked(page, wire, ("If-None-Match", value)))


@spec("static-content/a-tag-decides-before-a-date", MUST, TAGS_FIRST, needs=NEEDS)
async def test_a_tag_decides_before_a_date(page, wire):
    """
    Where If-None-Match says that somebody has another file, its date is not asked.

    Sends:      a GET of digits.bin with its date in If-Modified-Since, and another tag in If-None-Match.
    Observes:   200 and the file.
    Look at:    a file that was replaced by one with an older date, as unpacking does: the date alone says nothing.
    """
    _, date = await validators(page, wire)
    is_whole(await asked(page, wire, ("If-None-Match", '"another"'), ("If-Modified-Since", date)))


@spec("static-content/a-star-is-any-tag", SHOULD, ANY, needs=NEEDS)
async def test_a_star_is_any_tag(page, wire):
    """
    Who wants a file only if there is none is told that there is one.

    Sends:      a GET of digits.bin with `If-None-Match: *`.
    Observes:   304.
    Differs:    a server whose files have no tags may not look at the field.
    Look at:    the star, taken for a tag.
    """
    answer = await asked(page, wire, ("If-None-Match", "*"))
    if "etag" not in (await wire.get(page.path + NAME)).fields:
        message = "files have no entity tag here"
        raise NotOffered(message)

    assert answer.status == 304


@spec("static-content/what-was-changed-since-is-refused", SHOULD, UNMODIFIED, needs=NEEDS)
async def test_what_was_changed_since_is_refused(page, wire):
    """
    Who wants a file only as it was before it was changed does not get it.

    Sends:      GETs of digits.bin with If-Unmodified-Since one second before its date, and with its date.
    Observes:   412, then 200 and the file.
    Differs:    lighttpd and Python's http.server do not look at the field.
    Look at:    which of the conditions are looked at.
    """
    _, date = await validators(page, wire)
    before = await asked(page, wire, ("If-Unmodified-Since", later(date, -1)))
    same = await asked(page, wire, ("If-Unmodified-Since", date))

    assert before.status == 412
    is_whole(same)


@spec("static-content/another-file-than-wanted-is-refused", SHOULD, MATCH, needs=NEEDS)
async def test_another_file_than_wanted_is_refused(page, wire):
    """
    Who wants the file of a certain tag does not get another one.

    Sends:      a GET of digits.bin with a tag in If-Match that is nobody's, and one with `*`.
    Observes:   412, then 200 and the file.
    Differs:    lighttpd and Python's http.server do not look at the field.
    Look at:    which of the conditions are looked at.
    """
    other = await asked(page, wire, ("If-Match", '"another"'))
    star = await asked(page, wire, ("If-Match", "*"))

    assert other.status == 412
    is_whole(star)


@spec("static-content/no-condition-hides-that-nothing-is-there", MUST, REQUESTS, needs=NEEDS)
async def test_no_condition_hides_that_nothing_is_there(page, wire):
    """
    What is missing, and what stands elsewhere, is so under any condition.

    Sends:      GETs of a missing file and of a directory without its slash, with If-Modified-Since in the future and
                with a tag.
    Observes:   404, and a redirect.
    Look at:    conditions that are looked at before the file is.
    """
    since = http_date(time.time() + 86_400)
    for condition in (("If-Modified-Since", since), ("If-None-Match", '"another"')):
        missing = await asked(page, wire, condition, name="missing.txt")
        elsewhere = await asked(page, wire, condition, name="sub")
        assert missing.status == 404
        assert elsewhere.status not in (304, 412)


@spec("static-content/which-conditions-are-looked-at", MAY, rfc(9110, "13.1"))
async def test_which_conditions_are_looked_at(target, page, wire, facts):
    """
    What becomes of each condition, alone and together, and which fields 304 has.

    Sends:      GETs of digits.bin with conditions of every kind; one of a directory and of its index.
    Observes:   the statuses, and the fields of 304.
    Differs:    nginx takes only the very date for the same file, most others any that is not older.
    """
    given = await wire.get(page.path + NAME)
    date, tag = given.fields.get("last-modified"), given.fields.get("etag")
    facts["validators"] = [date and steady(date, target), tag and ("weak" if tag.startswith("W/") else "strong")]
    date = date or LONG_AGO
    conditions = {
        "a later date": [("If-Modified-Since", later(date, 60))],
        "a date in the future": [("If-Modified-Since", "Fri, 29 Oct 2094 19:43:31 GMT")],
        "the date twice": [("If-Modified-Since", date), ("If-Modified-Since", date)],
        "the date with a length": [("If-Modified-Since", f"{date}; length=1024")],
        "the date without its zone": [("If-Modified-Since", date.removesuffix(" GMT"))],
        "the date of another zone": [("If-Modified-Since", date.replace("GMT", "+0200"))],
        "the date with another weekday": [("If-Modified-Since", f"Xyz{date[3:]}")],
        "the date in small letters": [("If-Modified-Since", date.lower())],
        "any tag": [("If-None-Match", "*")],
        "the date and a range": [("If-Modified-Since", date), ("Range", "bytes=0-4")],
        "another tag and a range": [("If-None-Match", '"another"'), ("Range", "bytes=0-4")],
        "not changed since long ago": [("If-Unmodified-Since", LONG_AGO)],
        "not changed since what is no date": [("If-Unmodified-Since", "nonsense")],
        "another tag wanted": [("If-Match", '"another"')],
    }
    for name, condition in conditions.items():
        facts[name] = (await asked(page, wire, *condition)).status
    facts["fields of 304"] = fields(await asked(page, wire, ("If-Modified-Since", date)), target)
    for name in ("names/", "sub/"):
        answer = await wire.get(page.path + name)
        known = [field for field in ("last-modified", "etag") if field in answer.fields]
        facts[f"validators of {name}"] = known
