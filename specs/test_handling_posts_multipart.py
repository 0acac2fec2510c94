"""
Handling POSTs, forms in parts: multipart/form-data, as forms with files are sent.
"""

from harness import MAY, MUST, SHOULD, NotOffered, rfc, spec, tutorial
from specs.forms import (
    BOUNDARY,
    FORM,
    LARGE,
    PARTS,
    chunked,
    end,
    fields_of,
    in_parts,
    in_segments,
    numbered,
    part,
    shown,
    unescaped,
)
from specs.test_handling_posts_urlencoded import gathered

TYPES = tutorial("handling-posts", "populated from form contents whenever a POST request is made with a content type")
LISTS = tutorial("handling-posts", "there can be multiple inputs with the same name")
DELIMITERS = rfc(7578, "4.1")
DISPOSITION = rfc(7578, "4.2")
PART_TYPES = rfc(7578, "4.4")
NAMES = rfc(7578, "5.1")
MULTIPART = rfc(2046, "5.1.1")

#: Both of them, for the fields of all parts.
NEEDS = ("multipart", "fields")


def forms():
    """Lists of names and values, the values of what parsers of parts stumble over."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    pieces = st.sampled_from(
        ("\r\n", "\n", "\r", "--", "\r\n\r\n", f"--{BOUNDARY}"[:-1], "\0", "a", ": ", "\x0b\x0c\x1c\x85\u2028")
    )
    names = st.text("abcXYZ09-_.[]: =&+", min_size=1, max_size=10).filter(str.strip).map(str.strip)
    values = text | st.lists(pieces, max_size=6).map("".join)
    return st.lists(st.tuples(names, values), min_size=1, max_size=6)


async def posted(wire, page, body, type_=PARTS):
    """All fields of this body."""
    return fields_of(await wire.post(page.fields, body, fields=[type_]))


def bounded(parameter, head="multipart/form-data"):
    """A type with this boundary, as a field line."""
    return "Content-Type", f"{head}; boundary={parameter}"


@spec("handling-posts/a-value-in-parts-is-shown", MUST, TYPES, needs=("multipart",))
async def test_a_value_in_parts_is_shown(page, wire):
    """
    A form in parts is a form like any other: the page shows the value of its field.

    Sends:      one POST of the field among others, as multipart/form-data.
    Observes:   the value on the page.
    Look at:    the profile's `multipart`.
    """
    body = in_parts(("another", "1"), (page.name, "in parts: é & <b>"), ("more", "2"))

    answer = await wire.post(page.path, body, fields=[PARTS])

    assert shown(page, "in parts: é & <b>") in unescaped(answer)
    assert b"<b>" not in answer.body


@spec("handling-posts/a-part-keeps-its-line-ends", MUST, DELIMITERS, needs=NEEDS)
async def test_a_part_keeps_its_line_ends(page, wire):
    """
    A value is all that stands between the empty line and the line end before the next boundary.

    Sends:      one POST of values with line ends of all kinds, within, before and behind, and with blanks around them.
    Observes:   the fields.
    Look at:    values that are stripped; a parser of mail, which takes each kind of line end for the same.
    """
    pairs = (("a", "one\r\ntwo\nthree\rfour"), ("b", "\r\n\r\nbefore"), ("c", "behind\r\n"), ("d", " \t"), ("e", "\n"))

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/an-empty-part-is-an-empty-value", MUST, DELIMITERS, needs=NEEDS)
async def test_an_empty_part_is_an_empty_value(page, wire):
    """
    A part with nothing in it is a field with an empty value.

    Sends:      one POST of an empty part before, between and behind others.
    Observes:   the fields.
    Look at:    empty values that are dropped; the line end of an empty part taken for its value.
    """
    pairs = (("a", ""), ("b", "1"), ("c", ""), ("d", "2"), ("e", ""))

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/what-resembles-a-boundary-is-data", MUST, DELIMITERS, needs=NEEDS)
async def test_what_resembles_a_boundary_is_data(page, wire):
    """
    Only the whole boundary, at the beginning of a line and behind two hyphens, ends a part.

    Sends:      one POST of values with the boundary in the middle of a line, without hyphens, with one, without its
                last letter, in capitals; with lines of hyphens.
    Observes:   the fields.
    Look at:    a search for the boundary that forgets the line end before it, or has no case.
    """
    lines = (
        f"x--{BOUNDARY}",
        BOUNDARY,
        f"-{BOUNDARY}",
        f"--{BOUNDARY[:-1]}",
        f"--{BOUNDARY.upper()}",
        "--",
        "----",
        "",
    )
    pairs = (("a", "\r\n".join(lines)), ("b", "--"))

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/text-in-parts-may-be-of-any-script", MUST, NAMES, needs=NEEDS)
async def test_text_in_parts_may_be_of_any_script(page, wire):
    """
    Values in parts are UTF-8, whether their part says so or not.

    Sends:      one POST of parts with accents, Chinese and a character beyond 16 bits, one of them with a type that
                names UTF-8.
    Observes:   the fields.
    Look at:    parts that are read as ASCII or Latin-1 because they name no charset.
    """
    value = "naïve 漢字 🙂"
    body = part("a", value) + part("b", value, "Content-Type: text/plain; charset=utf-8") + end()

    found = await posted(wire, page, body)

    assert found == {"a": [value], "b": [value]}


@spec("handling-posts/names-in-parts-may-be-of-any-script", SHOULD, NAMES, needs=NEEDS)
async def test_names_in_parts_may_be_of_any_script(page, wire):
    """
    The names of parts are UTF-8 as well, without any escaping: so all browsers send them.

    Sends:      one POST of parts whose names have accents, Chinese and a character beyond 16 bits.
    Observes:   the fields.
    Look at:    a parser of mail, in which a line has only ASCII, and what is not comes out as U+FFFD.
    """
    pairs = (("größe", "1"), ("漢字 🙂", "2"))

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/names-in-parts-may-have-semicolons", SHOULD, DISPOSITION, needs=NEEDS)
async def test_names_in_parts_may_have_semicolons(page, wire):
    """
    A semicolon within the quotes of a name is part of it.

    Sends:      one POST of parts with semicolons in their names, one, several, and before what looks like a parameter.
    Observes:   the fields.
    Look at:    parameters that are split at each semicolon (aiohttp refuses `;;`).
    """
    pairs = (("a;b", "1"), (";;", "2"), ("c; name=d", "3"))

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/all-parts-of-a-name-come-in-order", MUST, LISTS, needs=NEEDS)
async def test_all_parts_of_a_name_come_in_order(page, wire):
    """
    Several parts of one name give all their values, in the order of the form.

    Sends:      one POST of one name four times, others in between.
    Observes:   the fields.
    Look at:    a table with one place for each name (Twisted 24.7 keeps the last part only).
    """
    pairs = (("a", "3"), ("b", "x"), ("a", "1"), ("a", "3"), ("A", "other"), ("a", ""))

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/a-boundary-may-stand-in-quotes", MUST, MULTIPART, needs=NEEDS)
async def test_a_boundary_may_stand_in_quotes(page, wire):
    """
    A boundary may stand in quotes, and must where it has characters that mean something.

    Sends:      POSTs with a plain boundary in quotes, and with blanks, colons, commas, equals and question marks in it.
    Observes:   the fields.
    Look at:    quotes that become part of the boundary; a type that is cut at each `=` or blank; a boundary that is put
                into a regular expression as it is.
    """
    for boundary in ("plain", "a b:c,d=e?f/g(h)i'j+k_l.m-n", "x.*"):
        body = part("a", "1", boundary=boundary) + part("b", "2", boundary=boundary) + end(boundary)
        found = await posted(wire, page, body, bounded(f'"{boundary}"'))

        assert found == {"a": ["1"], "b": ["2"]}


@spec("handling-posts/a-boundary-may-have-seventy-characters", MUST, MULTIPART, needs=NEEDS)
async def test_a_boundary_may_have_seventy_characters(page, wire):
    """
    A boundary has one to seventy characters.

    Sends:      POSTs with a boundary of one, and of seventy.
    Observes:   the fields.
    Look at:    a boundary that is cut off at some length.
    """
    for boundary in ("b", "0123456789" * 7):
        body = part("a", "1", boundary=boundary) + end(boundary)
        found = await posted(wire, page, body, bounded(boundary))

        assert found == {"a": ["1"]}


@spec("handling-posts/a-boundary-may-stand-anywhere-in-the-type", MUST, MULTIPART, needs=NEEDS)
async def test_a_boundary_may_stand_anywhere_in_the_type(page, wire):
    """
    The boundary is a parameter among others, wherever it stands; its name and the type have no case.

    Sends:      POSTs with another parameter before the boundary, and behind it; with the type and the name in capitals.
    Observes:   the fields of each.
    Look at:    the rest of the line taken for the boundary.
    """
    for type_ in (
        f"multipart/form-data; charset=utf-8; boundary={BOUNDARY}",
        f"multipart/form-data; boundary={BOUNDARY}; charset=utf-8",
        f"Multipart/Form-Data; BOUNDARY={BOUNDARY}",
        f"multipart/form-data;boundary={BOUNDARY}",
    ):
        found = await posted(wire, page, in_parts(("a", "1")), ("Content-Type", type_))

        assert found == {"a": ["1"]}


@spec("handling-posts/preamble-and-epilogue-are-no-fields", MUST, MULTIPART, needs=NEEDS)
async def test_preamble_and_epilogue_are_no_fields(page, wire):
    """
    What stands before the first boundary and behind the last belongs to no field.

    Sends:      one POST with lines before the first boundary, and with lines and a part behind the last one.
    Observes:   the fields.
    Look at:    a parser that takes the first line for the boundary; one that goes on behind the end.
    """
    body = b"This is nobody's.\r\n" + in_parts(("a", "1")) + b"Nor is this.\r\n" + in_parts(("b", "2"))

    found = await posted(wire, page, body)

    assert found == {"a": ["1"]}


@spec("handling-posts/the-fields-of-a-part-have-no-order", MUST, DISPOSITION, needs=NEEDS)
async def test_the_fields_of_a_part_have_no_order(page, wire):
    """
    A part has its name wherever Content-Disposition stands among its fields, in whatever case.

    Sends:      one POST of parts with other fields before and behind it, in small letters and capitals, without the
                blank, with further parameters before and behind the name.
    Observes:   the fields.
    Look at:    a name that is looked for in the first line only; `filename`, which ends with `name`.
    """
    heads = (
        'Content-Type: text/plain\r\nX-Web60: "a"; name="wrong"\r\nContent-Disposition: form-data; name="a"',
        'content-disposition: form-data; name="b"\r\nX-Web60: 1',
        'CONTENT-DISPOSITION:form-data;name="c"',
        'Content-Disposition: Form-Data; NAME="d"',
        'Content-Disposition: form-data; filename="wrong"; name="e"',
    )
    body = b"".join(f"--{BOUNDARY}\r\n{head}\r\n\r\n{number}\r\n".encode() for number, head in enumerate(heads)) + end()

    found = await posted(wire, page, body)

    assert found == {"a": ["0"], "b": ["1"], "c": ["2"], "d": ["3"], "e": ["4"]}


@spec("handling-posts/blanks-behind-a-boundary-are-padding", SHOULD, MULTIPART, needs=NEEDS)
async def test_blanks_behind_a_boundary_are_padding(page, wire):
    """
    Blanks between a boundary and the end of its line are none of the form's.

    Sends:      one POST with blanks and a tab behind the boundaries.
    Observes:   the fields.
    Differs:    RFC 2046 calls it padding that a gateway may have added; no browser sends it, so not all servers know.
    Look at:    a line that is compared with the boundary to its end.
    """
    body = in_parts(("a", "1"), ("b", "2")).replace(BOUNDARY.encode() + b"\r\n", BOUNDARY.encode() + b" \t\r\n")

    found = await posted(wire, page, body)

    assert found == {"a": ["1"], "b": ["2"]}


@spec("handling-posts/a-file-is-its-bytes", MUST, PART_TYPES, needs=NEEDS)
async def test_a_file_is_its_bytes(page, wire):
    """
    A part with the name of a file has the bytes of the file, whatever type it says.

    Sends:      one POST of files as text, as binary data and without a type, with every byte that is ASCII.
    Observes:   the fields.
    Look at:    text that is read line by line; bytes that end at a NUL.
    """
    content = bytes(range(128)).decode() + "\r\n\0"
    body = (
        part("a", content, "Content-Type: text/plain", more='; filename="a.txt"')
        + part("b", content, "Content-Type: application/octet-stream", more='; filename="b; name=x.bin"')
        + part("c", content, more='; filename="c"')
        + end()
    )

    found = await posted(wire, page, body)

    assert found == {"a": [content], "b": [content], "c": [content]}


@spec("handling-posts/an-uploaded-message-is-its-bytes", SHOULD, PART_TYPES, needs=NEEDS)
async def test_an_uploaded_message_is_its_bytes(page, wire):
    """
    A file that is a mail is a file: nobody asked for it to be opened.

    Sends:      one POST of a file of the type message/rfc822, which is what a browser says of a `.eml`.
    Observes:   the fields.
    Look at:    a parser of mail, for which this part is a message with parts of its own, and no bytes.
    """
    content = "Subject: web60\r\nMIME-Version: 1.0\r\n\r\nHello.\r\n"
    body = part("a", content, "Content-Type: message/rfc822", more='; filename="a.eml"') + end()

    found = await posted(wire, page, body)

    assert found == {"a": [content]}


@spec("handling-posts/many-parts-are-read", MUST, DELIMITERS, needs=NEEDS)
async def test_many_parts_are_read(page, wire):
    """
    A form may have two hundred parts.

    Sends:      one POST of two hundred parts.
    Observes:   the fields.
    Look at:    a limit to parts, beyond which they are dropped without a word.
    """
    pairs = [(f"field-{number}", str(number)) for number in range(200)]

    found = await posted(wire, page, in_parts(*pairs))

    assert found == gathered(pairs)


@spec("handling-posts/a-large-part-is-exact", MUST, DELIMITERS, needs=NEEDS, reads=4 * LARGE)
async def test_a_large_part_is_exact(page, wire):
    """
    A part of 300 KB is the value that it was, to the last character, and so is the one behind it.

    Sends:      one POST of 300,000 numbered characters in one part, and of a small part.
    Observes:   the fields.
    Look at:    a boundary that lies across two pieces of what was read.
    """
    pairs = (("large", numbered(LARGE)), ("small", "1"))

    found = await posted(wire, page, in_parts(*pairs))

    assert sorted(found) == ["large", "small"]
    assert found["large"] == [pairs[0][1]]
    assert found["small"] == ["1"]


@spec("handling-posts/parts-in-chunks-are-read-alike", MUST, DELIMITERS, needs=NEEDS)
async def test_parts_in_chunks_are_read_alike(page, wire):
    """
    A form in parts may come in chunks, which need not begin where its parts do.

    Sends:      one POST of two parts in chunks, cut within the boundaries and the line ends.
    Observes:   the fields.
    Differs:    a server may ask for a length (411): not offered.
    Look at:    a form that is read as far as a Content-Length says, which is missing here.
    """
    pairs = (("a", "one\r\ntwo"), ("b", "2"))
    pieces = chunked(in_parts(*pairs), 5, len(BOUNDARY) - 4, 1, 1, 30, 50)
    conversation = await wire.open()
    conversation.send(wire.bytes_of("POST", page.fields, fields=[PARTS, ("Transfer-Encoding", "chunked")]) + pieces)
    answer = await conversation.answer(method="POST")
    if answer.status == 411:
        raise NotOffered("a body in chunks is answered 411 Length Required")

    assert fields_of(answer) == gathered(pairs)


@spec("handling-posts/parts-in-segments-are-read-alike", MUST, DELIMITERS, needs=NEEDS)
async def test_parts_in_segments_are_read_alike(page, wire, clock):
    """
    However the bytes of a form in parts are cut on the way, it is the same form.

    Sends:      one POST of two parts in twenty pieces, a moment between them.
    Observes:   the fields.
    Look at:    a boundary that is found only where it arrives whole.
    """
    pairs = (("a", "one\r\ntwo"), ("b", "2"))
    data = wire.bytes_of("POST", page.fields, fields=[PARTS], body=in_parts(*pairs))

    assert fields_of(await in_segments(wire, clock, data, count=20)) == gathered(pairs)


@spec("handling-posts/any-form-in-parts-comes-back-exactly", MUST, DELIMITERS, needs=NEEDS, examples=forms)
async def test_any_form_in_parts_comes_back_exactly(page, wire, example):
    """
    Whatever stands in the parts, the page gets each of them as it was.

    Sends:      one POST, its names and values generated: names of letters and punctuation without quotes or semicolons,
                values of any text.
    Observes:   the fields.
    Look at:    the smallest form for which it is not so, which the reason shows.
    """
    found = await posted(wire, page, in_parts(*example))

    assert found == gathered(example)


@spec("handling-posts/how-odd-parts-are-read", MAY, DISPOSITION, needs=NEEDS)
async def test_how_odd_parts_are_read(page, wire, facts):
    """
    What browsers do not agree on, or do not send, is read differently.

    Sends:      POSTs of parts with escapes in their names, without a name, in transfer codings, with other line ends.
    Observes:   their fields, or the status; "closed" where there is no answer.
    """
    plain = in_parts(("a", "1"))

    def headed(*lines):
        head = "".join(f"{line}\r\n" for line in lines)
        return f"--{BOUNDARY}\r\n{head}\r\n1\r\n".encode() + end()

    bodies = {
        "a name without quotes": headed("Content-Disposition: form-data; name=a"),
        "a name in single quotes": headed("Content-Disposition: form-data; name='a'"),
        "%22 in a name": in_parts(("a%22b", "1")),
        "an escaped quote in a name": in_parts(('a\\"b', "1")),
        "backslashes in a name": in_parts(("a\\b\\\\c", "1")),
        "a name after RFC 2231": headed("Content-Disposition: form-data; name*=utf-8''%C3%A9"),
        "a name as an encoded word": in_parts(("=?utf-8?q?a?=", "1")),
        "an empty name": in_parts(("", "1"), ("b", "2")),
        "two names": headed('Content-Disposition: form-data; name="a"; name="b"'),
        "no name": headed("Content-Disposition: form-data"),
        "no disposition": headed("Content-Type: text/plain"),
        "no fields at all": headed(),
        "another disposition": headed('Content-Disposition: attachment; name="a"'),
        "a folded line": headed("Content-Disposition: form-data;", ' name="a"'),
        "no empty line": f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n1\r\n'.encode() + end(),
        "base64": part("a", "d2ViNjA=", "Content-Transfer-Encoding: base64") + end(),
        "quoted-printable": part("a", "=41=", "Content-Transfer-Encoding: quoted-printable") + end(),
        "a text in Latin-1": part("a", b"\xe9", "Content-Type: text/plain; charset=iso-8859-1") + end(),
        "a text in a charset that nobody knows": part("a", "x", "Content-Type: text/plain; charset=web60") + end(),
        "bytes that are no UTF-8": part("a", b"\xff\xfe", more='; filename="a"') + end(),
        "a file of no name": part("a", "", "Content-Type: application/octet-stream", more='; filename=""') + end(),
        "a _charset_ field": in_parts(("_charset_", "iso-8859-1"), ("a", "é")),
        "line feeds only": plain.replace(b"\r\n", b"\n"),
        "a boundary behind a line feed": in_parts(("a", f"1\n--{BOUNDARY}\n2")),
        "a boundary behind a carriage return": in_parts(("a", f"1\r--{BOUNDARY}\r2")),
        "a line that begins with the boundary": in_parts(("a", f"1\r\n--{BOUNDARY}x\r\n2")),
        "a line end before the first boundary": b"\r\n" + plain,
        "no line end behind the last boundary": plain[:-2],
        "parts within a part": part("a", in_parts(("b", "1")), f"Content-Type: multipart/mixed; boundary=x{BOUNDARY}")
        + end(),
        "no parts": end(),
        "nothing": b"",
    }
    for name, body in bodies.items():
        facts[name] = await _outcome(wire, page, body, PARTS)
    types = {
        "two boundaries": bounded(f"{BOUNDARY}; boundary=another"),
        "blanks around the sign": ("Content-Type", f"multipart/form-data; boundary = {BOUNDARY}"),
        "a boundary in other case": bounded(BOUNDARY.upper()),
        "a boundary in single quotes": bounded(f"'{BOUNDARY}'"),
        "multipart/mixed": bounded(BOUNDARY, "multipart/mixed"),
        "a form's type with a boundary": bounded(BOUNDARY, FORM[1]),
    }
    for name, type_ in types.items():
        facts[name] = await _outcome(wire, page, plain, type_)
    await wire.ping()


async def _outcome(wire, page, body, type_):
    conversation = await wire.open()
    conversation.request("POST", page.fields, fields=[type_], body=body)
    answer = await conversation.answer_if_any()
    if answer is None:
        return "closed"
    return fields_of(answer) if answer.status == 200 else f"answered {answer.status}"
