"""
Handling POSTs, forms as they are sent by default: names and values, joined by `=` and `&`, escaped with `%` and `+`.
"""

from urllib.parse import quote, quote_plus

from harness import MAY, MUST, SHOULD, spec, tutorial
from specs.forms import FORM, encoded, fields_of

CONTENTS = tutorial("handling-posts", "provides access to the contents of the form")
LISTS = tutorial("handling-posts", "there can be multiple inputs with the same name")
TYPES = tutorial("handling-posts", "populated from form contents whenever a POST request is made with a content type")
QUERIES = tutorial("handling-posts", "it's also populated by query arguments for any type of request")

#: How a client may write a name or a value; all of them mean the same.
SPELLINGS = {
    "browser": quote_plus,
    "blanks as %20": lambda text: quote(text, safe=""),
    "everything escaped": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "in small letters": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
}


def forms():
    """Pairs of the name of a spelling and a list of names and values."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    # What means something in a form is seldom met by chance.
    pieces = st.sampled_from(("&", "=", "+", ";", "%", "%41", "%2B", "%%", " ", "\r\n", "\0", "é"))
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.lists(pieces, max_size=6).map("".join)
    names = st.sampled_from(("a", "b")) | text.filter(bool)
    return st.tuples(st.sampled_from(sorted(SPELLINGS)), st.lists(st.tuples(names, text), min_size=1, max_size=6))


def gathered(pairs):
    """Fields by name, the values of each in their order."""
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@spec("handling-posts/a-plus-is-a-space", MUST, CONTENTS, needs=("fields",))
async def test_a_plus_is_a_space(page, wire):
    """
    In a form `+` is a space, and so is %20; a plus is sent as %2B.

    Sends:      one POST with each of them in a name and in a value.
    Observes:   the fields.
    Look at:    a decoder for paths, where a plus is a plus; one that first decodes and then replaces.
    """
    answer = await wire.post(page.fields, b"a+name=a+b%20c%2Bd", fields=[FORM])

    assert fields_of(answer) == {"a name": ["a b c+d"]}


@spec("handling-posts/escapes-are-undone-once", MUST, CONTENTS, needs=("fields",))
async def test_escapes_are_undone_once(page, wire):
    """
    An escape stands for a byte, with digits of either case; what comes out is not looked at again.

    Sends:      one POST with %41, %2f, %2F, %25, %2541 and %252B.
    Observes:   the fields.
    Look at:    values that are decoded by the server and again by the page.
    """
    answer = await wire.post(page.fields, b"a=%41%2f%2F%25&b=%2541&c=%252B", fields=[FORM])

    assert fields_of(answer) == {"a": ["A//%"], "b": ["%41"], "c": ["%2B"]}


@spec("handling-posts/separators-may-be-escaped", MUST, CONTENTS, needs=("fields",))
async def test_separators_may_be_escaped(page, wire):
    """
    What separates fields belongs to a name or a value where it is escaped.

    Sends:      one POST with &, =, ;, # and ? escaped, in names and in values.
    Observes:   the fields.
    Look at:    a form that is decoded before it is taken apart.
    """
    body = b"a%26b=1%26c%3D2&d%3De=%3D%3B%23%3F"

    answer = await wire.post(page.fields, body, fields=[FORM])

    assert fields_of(answer) == {"a&b": ["1&c=2"], "d=e": ["=;#?"]}


@spec("handling-posts/a-value-begins-at-the-first-equals-sign", MUST, CONTENTS, needs=("fields",))
async def test_a_value_begins_at_the_first_equals_sign(page, wire):
    """
    A value may have equals signs in it, also at its end.

    Sends:      one POST of `a=b=c&d==&e=YQ==`.
    Observes:   the fields.
    Look at:    base64, which ends so, and a split at every sign or at the last.
    """
    answer = await wire.post(page.fields, b"a=b=c&d==&e=YQ==", fields=[FORM])

    assert fields_of(answer) == {"a": ["b=c"], "d": ["="], "e": ["YQ=="]}


@spec("handling-posts/an-empty-value-is-a-value", MUST, CONTENTS, needs=("fields",))
async def test_an_empty_value_is_a_value(page, wire):
    """
    A field with nothing in it is there all the same.

    Sends:      one POST of `a=&b=1&c=`.
    Observes:   the fields.
    Look at:    Python's parse_qs, which drops them unless it is told not to.
    """
    answer = await wire.post(page.fields, b"a=&b=1&c=", fields=[FORM])

    assert fields_of(answer) == {"a": [""], "b": ["1"], "c": [""]}


@spec("handling-posts/all-values-of-a-name-come-in-order", MUST, LISTS, needs=("fields",))
async def test_all_values_of_a_name_come_in_order(page, wire):
    """
    Several inputs of one name give all their values, in the order of the form, equal ones too.

    Sends:      one POST of one name five times, others in between.
    Observes:   the fields.
    Look at:    a table with one place for each name; a set.
    """
    pairs = (("a", "3"), ("b", "x"), ("a", "1"), ("a", "3"), ("b", ""), ("a", "2"), ("A", "other"))

    answer = await wire.post(page.fields, encoded(*pairs), fields=[FORM])

    assert fields_of(answer) == {"a": ["3", "1", "3", "2"], "b": ["x", ""], "A": ["other"]}


@spec("handling-posts/utf8-is-text", MUST, CONTENTS, needs=("fields",))
async def test_utf8_is_text(page, wire):
    """
    Names and values are UTF-8, escaped byte by byte.

    Sends:      one POST with accents, Chinese and a character beyond 16 bits in a name and a value.
    Observes:   the fields.
    Look at:    escapes that are taken for characters of Latin-1.
    """
    answer = await wire.post(page.fields, encoded(("größe 漢", "naïve 🙂")), fields=[FORM])

    assert fields_of(answer) == {"größe 漢": ["naïve 🙂"]}


@spec("handling-posts/line-ends-in-a-value-are-kept", MUST, CONTENTS, needs=("fields",))
async def test_line_ends_in_a_value_are_kept(page, wire):
    """
    A value of several lines keeps its line ends, and the blanks at its ends.

    Sends:      one POST with escaped CR LF, LF and CR within, before and behind, and blanks.
    Observes:   the fields.
    Look at:    values that are stripped, or whose line ends are made alike.
    """
    value = "\r\n one\r\ntwo\nthree\rfour \r\n"

    answer = await wire.post(page.fields, encoded(("a", value)), fields=[FORM])

    assert fields_of(answer) == {"a": [value]}


@spec("handling-posts/a-type-may-have-parameters", MUST, TYPES, needs=("fields",))
async def test_a_type_may_have_parameters(page, wire):
    """
    A form is a form also where its type has parameters.

    Sends:      POSTs with `; charset=UTF-8`, with it in quotes, with a blank before the semicolon, with a parameter
                that nobody knows.
    Observes:   the fields of each.
    Look at:    a type that is compared with its parameters.
    """
    for parameters in ("; charset=UTF-8", ';charset="utf-8"', " ; charset=utf-8", "; web60=1"):
        answer = await wire.post(page.fields, b"a=%C3%A9", fields=[(FORM[0], FORM[1] + parameters)])

        assert fields_of(answer) == {"a": ["é"]}


@spec("handling-posts/a-type-has-no-case", MUST, TYPES, needs=("fields",))
async def test_a_type_has_no_case(page, wire):
    """
    A form is a form in whatever case its type is written.

    Sends:      POSTs whose type is in capitals, and in mixed case.
    Observes:   the fields of each.
    Look at:    a type that is compared letter by letter (RFC 9110 section 8.3.1: it has no case).
    """
    for type_ in (FORM[1].upper(), "Application/X-WWW-Form-URLEncoded"):
        answer = await wire.post(page.fields, b"a=1", fields=[(FORM[0], type_)])

        assert fields_of(answer) == {"a": ["1"]}


@spec("handling-posts/another-type-is-no-form", SHOULD, TYPES, needs=("fields",))
async def test_another_type_is_no_form(page, wire):
    """
    What is of another type has no fields, though it looks like a form.

    Sends:      POSTs of `a=1` as text/plain, as JSON, and as a type that begins like a form's.
    Observes:   that there are no fields, or that the request is refused.
    Look at:    a page on another site can send text/plain without asking, so a server should not take it for a form
                that it protects otherwise.
    """
    for type_ in ("text/plain", "application/json", FORM[1] + "-not"):
        answer = await wire.post(page.fields, b"a=1", fields=[(FORM[0], type_)])

        if answer.status not in range(400, 500):
            assert fields_of(answer) == {}


@spec("handling-posts/a-thousand-fields-are-read", SHOULD, CONTENTS, needs=("fields",))
async def test_a_thousand_fields_are_read(page, wire):
    """
    A form may have a thousand fields.

    Sends:      one POST of a thousand fields.
    Observes:   the fields.
    Differs:    servers have limits to this (often a thousand), against tables that are made to be slow; then 4xx.
    Look at:    fields beyond a limit that are dropped without a word.
    """
    pairs = [(f"field-{number}", str(number)) for number in range(1000)]

    answer = await wire.post(page.fields, encoded(*pairs), fields=[FORM])

    if answer.status not in range(400, 500):
        assert fields_of(answer) == gathered(pairs)


@spec("handling-posts/any-form-comes-back-exactly", MUST, CONTENTS, needs=("fields",), examples=forms)
async def test_any_form_comes_back_exactly(page, wire, example):
    """
    Whatever the names and values, and however they are escaped, the page gets each of them as it was meant.

    Sends:      one POST, its fields and how they are written generated.
    Observes:   the fields.
    Look at:    the smallest form for which it is not so, which the reason shows.
    """
    spelling, pairs = example
    write = SPELLINGS[spelling]
    body = "&".join(f"{write(name)}={write(value)}" for name, value in pairs).encode()

    answer = await wire.post(page.fields, body, fields=[FORM])

    assert fields_of(answer) == gathered(pairs)


@spec("handling-posts/how-sloppy-forms-are-read", MAY, CONTENTS, needs=("fields",))
async def test_how_sloppy_forms_are_read(page, wire, facts):
    """
    What a browser would not send is read differently: separators, missing signs, broken escapes, raw bytes.

    Sends:      POSTs of forms that are not written as a browser would.
    Observes:   their fields, or the status.
    """
    bodies = {
        "a;b=1;c=2": b"a;b=1;c=2",
        "a name without a sign": b"a&b=1",
        "a sign without a name": b"=x&b=1",
        "nothing but separators": b"&&;&",
        "separators at both ends": b"&a=1&",
        "escapes without digits": b"a=%zz%4&b=%",
        "an escaped NUL": b"a=x%00y",
        "raw UTF-8": "é=ü".encode(),
        "escaped bytes that are no UTF-8": b"a=%ff%fe",
        "raw bytes that are no UTF-8": b"a=\xff\xfe",
        "a line end behind the form": b"a=1\r\n",
        "a question mark before the form": b"?a=1",
        "an empty form": b"",
    }
    for name, body in bodies.items():
        answer = await wire.post(page.fields, body, fields=[FORM])
        facts[name] = fields_of(answer) if answer.status == 200 else f"answered {answer.status}"


@spec("handling-posts/what-is-a-form", MAY, QUERIES, needs=("fields",))
async def test_what_is_a_form(page, wire, facts):
    """
    Which requests have fields, and from where, beyond a POST of a form is a fact.

    Sends:      a form without a type, with an empty one, with two, in Latin-1; with a query beside it; by PUT and
                PATCH; a GET with a query.
    Observes:   their fields, or the status.
    """
    joint = "&" if "?" in page.fields else "?"
    queried = f"{page.fields}{joint}a=queried&b=queried"
    asked = {
        "a form without a type": ("POST", page.fields, [], b"a=1"),
        "a form with an empty type": ("POST", page.fields, [("Content-Type", "")], b"a=1"),
        "a form with two types": ("POST", page.fields, [FORM, ("Content-Type", "text/plain")], b"a=1"),
        "a form with two types, the other way round": (
            "POST",
            page.fields,
            [("Content-Type", "text/plain"), FORM],
            b"a=1",
        ),
        "a form in Latin-1": ("POST", page.fields, [(FORM[0], FORM[1] + "; charset=iso-8859-1")], b"a=%E9"),
        "UTF-8 that is called Latin-1": (
            "POST",
            page.fields,
            [(FORM[0], FORM[1] + "; charset=iso-8859-1")],
            b"a=%C3%A9",
        ),
        "a form in a charset that nobody knows": (
            "POST",
            page.fields,
            [(FORM[0], FORM[1] + "; charset=web60")],
            b"a=1",
        ),
        "a query beside a form": ("POST", queried, [FORM], b"a=posted&c=posted"),
        "a query beside another type": ("POST", queried, [("Content-Type", "text/plain")], b"a=posted"),
        "a query of a GET": ("GET", queried, [], None),
        "a form by PUT": ("PUT", page.fields, [FORM], b"a=1"),
        "a form by PATCH": ("PATCH", page.fields, [FORM], b"a=1"),
    }
    for name, (method, path, lines, body) in asked.items():
        answer = await wire.request(method, path, fields=lines, body=body)
        facts[name] = fields_of(answer) if answer.status == 200 else f"answered {answer.status}"
