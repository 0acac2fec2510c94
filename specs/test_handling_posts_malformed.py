"""
Handling POSTs, forms that are wrong: the client's error, and never the server's.
"""

from harness import MAY, MUST, SHOULD, gather, rfc, spec, tutorial
from specs.facts import fields, steady
from specs.forms import BOUNDARY, FORM, PARTS, answered, encoded, end, in_parts, part, shown, unescaped

CLIENT_ERROR = rfc(9110, "15.5.1", "due to something that is perceived to be a client error")
SERVER_ERROR = rfc(9110, "15.6", "it has erred or is incapable of performing the requested method")
CONTENTS = tutorial("handling-posts", "provides access to the contents of the form")
TYPES = tutorial("handling-posts", "populated from form contents whenever a POST request is made with a content type")

#: What a client's error may be answered with.
CLIENT_ERRORS = range(400, 500)

#: What a page shows of its own source when a mistake in it is not caught: in Python, in others.
INSIDES = (
    "Traceback (most recent call last)",
    "site-packages",
    "KeyError",
    ".py&quot;, line",
    'File "/',
    "at java.",
    "node_modules/",
)

#: How deep parts are put into parts: deeper than Python calls functions (1,000).
DEEP = 1500


def bodies():
    """Bodies of pieces that mean something in a form, in an order in which they do not."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    pieces = st.sampled_from(
        (
            b"the-field",
            b"=",
            b"&",
            b"%",
            b"%f",
            b"%ff",
            b";",
            b"\r\n",
            b"\n",
            b"--",
            f"--{BOUNDARY}\r\n".encode(),
            f"--{BOUNDARY}--".encode(),
            b"Content-Disposition: form-data",
            b"; name=",
            b'"',
            b"; name*=utf-8''",
            b"; filename*0*=",
            b"Content-Type: message/rfc822\r\n",
            b"Content-Type: multipart/mixed; boundary=x\r\n",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Length: 99999\r\n",
            b": ",
            b"\0",
            b"\xff",
        )
    )
    types = st.sampled_from((FORM, PARTS))
    return st.tuples(types, st.lists(pieces | st.binary(max_size=3), max_size=12).map(b"".join))


def types():
    """Content types of pieces that mean something in one."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    pieces = st.sampled_from(
        (
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "multipart/mixed",
            "message/rfc822",
            "; ",
            "boundary=",
            "charset=",
            "boundary*=",
            "boundary*0*=",
            "utf-8''%ff",
            "undefined",
            "idna",
            "a",
            '"',
            "\\",
            "=",
            "/",
            "(",
            ",",
            "%",
            "\xff",
            BOUNDARY,
        )
    )
    return st.lists(pieces, max_size=8).map(lambda found: "".join(found).strip())


@spec("handling-posts/a-missing-field-is-a-client-error", SHOULD, CLIENT_ERROR)
async def test_a_missing_field_is_a_client_error(page, wire):
    """
    A form without the page's field is answered with a client error.

    Sends:      POSTs of another field, of a name without a value, and of no fields at all.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Differs:    a page may show an empty value instead: so does a form whose field has nothing in it.
    Look at:    the field taken from a table in which it is not, which the tutorial's page answers 500.
    """
    for body in (encoded(("not-" + page.name, "1")), b"&", b""):
        answer = await wire.post(page.path, body, fields=[FORM])

        if answer.status == 200:
            assert shown(page, "") in unescaped(answer)
        else:
            assert answer.status in CLIENT_ERRORS
    await wire.ping()


@spec("handling-posts/an-error-shows-nothing-of-the-inside", MUST, SERVER_ERROR)
async def test_an_error_shows_nothing_of_the_inside(page, wire):
    """
    Whatever is wrong with a form, its sender is not shown the program's inside.

    Sends:      POSTs without the field, with bytes that are no text in it, of parts that make no sense, of a type
                that is none.
    Observes:   that no answer has a traceback or the path of a source in it; that the server answers its ping.
    Look at:    pages that are meant for developers, left on (Twisted's `displayTracebacks`, until 20.3 the default).
    """
    cases = (
        (FORM, encoded(("another", "1"))),
        (FORM, f"{page.name}=%ff%fe".encode()),
        (PARTS, part(page.name, b"\xff\xfe") + end()),
        (PARTS, b"no parts at all"),
        (("Content-Type", "multipart/form-data"), in_parts((page.name, "1"))),
        (("Content-Type", ";;;"), b"no type at all"),
    )
    conversations = await wire.open_many(len(cases))
    for conversation, (type_, body) in zip(conversations, cases, strict=True):
        conversation.request("POST", page.path, fields=[type_], body=body)
    answers = await gather(*(conversation.answer_if_any() for conversation in conversations))

    for answer in answers:
        for inside in INSIDES:
            assert inside not in (answer.text if answer is not None else "")
    await wire.ping()


@spec("handling-posts/broken-escapes-are-no-server-error", SHOULD, SERVER_ERROR)
async def test_broken_escapes_are_no_server_error(page, wire):
    """
    Escapes without their digits are shown as they are, or refused.

    Sends:      POSTs of the field with `%`, `%4` and `%zz` in its value, and in its name.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    the standard of browsers leaves them as they are; refusing is fine as well.
    Look at:    a decoder that wants two digits behind each `%`.
    """
    name = page.name.encode()

    await answered(
        wire,
        page.path,
        FORM,
        a_sign_alone=name + b"=%",
        one_digit=name + b"=%4",
        no_digits=name + b"=%zz",
        in_a_name=name + b"=1&%zz%=1",
    )


@spec("handling-posts/bytes-that-are-no-text-are-no-server-error", SHOULD, CLIENT_ERROR)
async def test_bytes_that_are_no_text_are_no_server_error(page, wire):
    """
    A value that is no text in UTF-8 is the client's error, or shown with what stands for such bytes.

    Sends:      POSTs of the field with escaped bytes that are no UTF-8, raw ones, half a character, and a surrogate.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    400, or U+FFFD in their place.
    Look at:    a value that is decoded without looking after what is no text.
    """
    name = page.name.encode()

    await answered(
        wire,
        page.path,
        FORM,
        escaped=name + b"=%ff%fe",
        raw=name + b"=\xff\xfe",
        half_a_character=name + b"=%E6%BC",
        a_surrogate=name + b"=%ED%A0%80",
    )


@spec("handling-posts/bytes-in-a-part-that-are-no-text-are-no-server-error", SHOULD, CLIENT_ERROR, needs=("multipart",))
async def test_bytes_in_a_part_that_are_no_text_are_no_server_error(page, wire):
    """
    The same of a value in a part.

    Sends:      POSTs of the field in parts, with bytes that are no UTF-8 in its value, and beside it in a name.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    400, or U+FFFD in their place.
    Look at:    a name or a value that is decoded without looking after what is no text.
    """
    name = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'.encode() + b'\xff\xfe"\r\n\r\n1\r\n'

    await answered(
        wire,
        page.path,
        PARTS,
        in_the_value=part(page.name, b"\xff\xfe") + end(),
        in_another_name=name + in_parts((page.name, "1")),
    )


@spec("handling-posts/a-form-in-parts-without-a-boundary-is-refused", SHOULD, CLIENT_ERROR, needs=("multipart",))
async def test_a_form_in_parts_without_a_boundary_is_refused(page, wire):
    """
    A form in parts whose type names no boundary cannot be read, and is refused.

    Sends:      POSTs of the field in parts: without a boundary in the type, with an empty one, with half a quoted one.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Look at:    a parameter that is asked for without looking whether it is there.
    """
    for type_ in ("multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary="'):
        answer = await wire.post(page.path, in_parts((page.name, "1")), fields=[("Content-Type", type_)])

        assert answer.status in CLIENT_ERRORS
    await wire.ping()


@spec("handling-posts/a-boundary-that-never-occurs-is-refused", SHOULD, CLIENT_ERROR, needs=("multipart",))
async def test_a_boundary_that_never_occurs_is_refused(page, wire):
    """
    A form in which its boundary never occurs has no fields, and no page is made of it.

    Sends:      POSTs of text without a boundary, of parts with another, and of parts without hyphens before theirs.
    Observes:   that each is answered 4xx; that the server answers its ping afterwards.
    Look at:    a parser that goes on looking for the beginning behind the end.
    """
    whole = in_parts((page.name, "1"))
    for body in (b"the-field=1", whole.replace(BOUNDARY.encode(), b"another"), whole.replace(b"--web60", b"web60")):
        answer = await wire.post(page.path, body, fields=[PARTS])

        assert answer.status in CLIENT_ERRORS
    await wire.ping()


@spec("handling-posts/parts-that-are-cut-off-are-no-server-error", SHOULD, SERVER_ERROR, needs=("multipart",))
async def test_parts_that_are_cut_off_are_no_server_error(page, wire):
    """
    A form in parts that ends too soon is read as far as it goes, or refused.

    Sends:      POSTs of the field in parts that end before the last boundary, in a value, in the head of a part, behind
                the first boundary.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    some take the value as far as it came.
    Look at:    a search for the last boundary that does not expect to fail.
    """
    whole = in_parts((page.name, "a value"))
    value = whole.index(b"a value")

    await answered(
        wire,
        page.path,
        PARTS,
        before_the_last_boundary=whole[: -len(end())],
        in_the_value=whole[: value + 3],
        before_the_value=whole[:value],
        in_the_head=whole[: value - 10],
        behind_the_boundary=whole[: len(BOUNDARY) + 4],
        in_the_boundary=whole[:5],
    )


@spec("handling-posts/parts-that-make-no-sense-are-no-server-error", SHOULD, SERVER_ERROR, needs=("multipart",))
async def test_parts_that_make_no_sense_are_no_server_error(page, wire):
    """
    Parts without what a part must have are passed over, or the form is refused.

    Sends:      POSTs of the field beside parts without a name, without a disposition, with a name after RFC 2231, with
                lines that are no fields, with a coding that is none, with lines of 20 KB.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Look at:    what a library gives instead of a name where there is none, or where it is written otherwise.
    """
    right = in_parts((page.name, "1"))

    def beside(*lines):
        head = "".join(f"{line}\r\n" for line in lines)
        return f"--{BOUNDARY}\r\n{head}\r\n1\r\n".encode() + right

    await answered(
        wire,
        page.path,
        PARTS,
        no_name=beside("Content-Disposition: form-data"),
        no_disposition=beside("Content-Type: text/plain"),
        no_fields=beside(),
        no_value_of_the_name=beside("Content-Disposition: form-data; name"),
        half_a_quoted_name=beside('Content-Disposition: form-data; name="a'),
        a_name_in_rfc_2231=beside("Content-Disposition: form-data; name*=utf-8''a"),
        a_broken_name_in_rfc_2231=beside("Content-Disposition: form-data; name*0*=%ff; name*9=x"),
        lines_that_are_no_fields=beside("this is no field", ": nor is this", "\0: \0"),
        two_dispositions=beside('Content-Disposition: form-data; name="a"', "Content-Disposition: form-data"),
        a_coding_that_is_none=beside('Content-Disposition: form-data; name="a"', "Content-Transfer-Encoding: web60"),
        no_base64=beside('Content-Disposition: form-data; name="a"', "Content-Transfer-Encoding: base64"),
        a_length_that_is_none=beside('Content-Disposition: form-data; name="a"', "Content-Length: web60"),
        a_type_that_is_none=beside('Content-Disposition: form-data; name="a"', "Content-Type: ;;=/"),
        a_long_line=beside(f'Content-Disposition: form-data; name="{"a" * 20000}"'),
    )


@spec("handling-posts/a-message-in-the-field-is-no-server-error", SHOULD, SERVER_ERROR, needs=("multipart",))
async def test_a_message_in_the_field_is_no_server_error(page, wire):
    """
    A file in the place of the field's text is shown as text, or refused.

    Sends:      POSTs of the field as a file of the types message/rfc822 and multipart/mixed.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Look at:    a value that is not bytes where the part is of a type that has parts of its own.
    """
    message = "Subject: web60\r\n\r\nHello.\r\n"

    await answered(
        wire,
        page.path,
        PARTS,
        a_message=part(page.name, message, "Content-Type: message/rfc822", more='; filename="a.eml"') + end(),
        a_multipart=part(page.name, message, "Content-Type: multipart/mixed; boundary=x", more='; filename="a"')
        + end(),
        an_empty_multipart=part(page.name, "--x--\r\n", "Content-Type: multipart/mixed; boundary=x") + end(),
    )


@spec("handling-posts/parts-within-parts-do-no-harm", SHOULD, SERVER_ERROR, needs=("multipart",))
async def test_parts_within_parts_do_no_harm(page, wire):
    """
    However deep a client puts parts into parts, it gets an answer.

    Sends:      one POST of the field and of 1,500 parts, each within the one before, with many short lines in the last.
    Observes:   that it is answered, and not 5xx; that the server answers its ping afterwards.
    Look at:    a parser that calls itself for each level, or looks for every boundary at every line.
    """
    levels, boundary = [], BOUNDARY
    for level in range(DEEP):
        inner = f"level-{level}"
        levels.append(part("a", b"", f"Content-Type: multipart/mixed; boundary={inner}", boundary=boundary)[:-2])
        boundary = inner
    body = part(page.name, "1") + b"".join(levels) + b"\n" * 1000

    await answered(wire, page.path, PARTS, levels_upon_levels=body)


@spec("handling-posts/any-form-is-answered", SHOULD, SERVER_ERROR, examples=bodies)
async def test_any_form_is_answered(page, wire, example):
    """
    Whatever comes as a form is answered, and not with an error of the server's own.

    Sends:      one POST, its body of pieces that mean something in a form, in any order.
    Observes:   that it is answered, and not 5xx; that the server answers its ping afterwards.
    Look at:    the smallest body for which it is not so, which the reason shows.
    """
    type_, body = example

    await answered(wire, page.path, type_, this=body)


@spec("handling-posts/any-content-type-is-answered", SHOULD, SERVER_ERROR, examples=types)
async def test_any_content_type_is_answered(page, wire, example):
    """
    Whatever a request calls its body, it is answered, and not with an error of the server's own.

    Sends:      one POST of the field in parts, its Content-Type generated.
    Observes:   that it is answered, and not 5xx; that the server answers its ping afterwards.
    Look at:    the smallest type for which it is not so, which the reason shows.
    """
    await answered(wire, page.path, ("Content-Type", example), this=in_parts((page.name, "1")))


@spec("handling-posts/how-wrong-forms-are-answered", MAY, CONTENTS)
async def test_how_wrong_forms_are_answered(target, page, wire, facts):
    """
    What exactly a wrong form gets is a fact: status, fields and body, and whether the connection goes on.

    Sends:      POSTs without the field, with bytes that are no text, and forms in parts that are none.
    Observes:   the answers.
    """
    cases = {
        "no field": (FORM, encoded(("another", "1"))),
        "no text": (FORM, f"{page.name}=%ff".encode()),
        "an empty form": (FORM, b""),
        "no form": (("Content-Type", "text/plain"), b"the-field=1"),
        "no boundary in the type": (("Content-Type", "multipart/form-data"), in_parts((page.name, "1"))),
        "no boundary in the form": (PARTS, b"no parts"),
        "no parts": (PARTS, end()),
        "parts that are cut off": (PARTS, in_parts((page.name, "1"))[:-20]),
    }
    for name, (type_, body) in cases.items():
        conversation = await wire.open()
        conversation.request("POST", page.path, fields=[type_], body=body)
        answer = await conversation.answer_if_any()
        if answer is None:
            facts[name] = "closed"
            continue
        facts[name] = f"{answer.status} {answer.reason.decode('latin-1')}"
        if answer.status != 200:
            facts[f"fields of the answer to {name}"] = fields(answer, target)
            facts[f"body of the answer to {name}"] = steady(answer.body[:500], target)
        if not conversation.is_gone:
            conversation.request("GET", target.alive.path)
        facts[f"connection after {name}"] = (
            "closed" if await conversation.answer_if_any(method="GET") is None else "kept"
        )
    await wire.ping()
