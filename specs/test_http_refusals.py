"""
HTTP, refusals: a header whose lines are no fields is refused, and what is a field is taken as it is.
"""

import json

from harness import MUST, SHOULD, gather, rfc, spec
from specs.raw_requests import HELLO, REFUSALS, bent, declined, hello, read, status_of

NO_SPACE = rfc(9112, "5.1", "A server MUST reject, with a response status code of 400 (Bad Request)")
UNKNOWN = rfc(9110, "5.1", "Other recipients SHOULD ignore unrecognized header and trailer fields")
CLOSES = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")
DANGEROUS = rfc(9110, "5.5", "MUST either reject the message or replace each of those characters with SP")
EXCLUDED = rfc(9110, "5.5", "a field parsing implementation MUST exclude such whitespace")
OPAQUE = rfc(9110, "5.5", "A recipient SHOULD treat other allowed octets in field content")
FOLD = rfc(9112, "5.2", "replace each received obs-fold with one or more SP octets")
FIRST_LINE = rfc(9112, "2.2", "MUST either reject the message as invalid or consume each whitespace-preceded line")

#: A name that is as strange as a token may be.
STRANGE = b"X!#$%&'*+-.^_`|~09Az"


async def told(wire, page, *lines, hosts=None):
    """The fields that the page which says how it was asked was told, as pairs; None if the request was refused."""
    conversation = await wire.open()
    conversation.send(bent(wire, page.asked, *lines, line=b"GET %s HTTP/1.1", hosts=hosts))
    answer = await conversation.answer_if_any()
    if status_of(answer) in REFUSALS:
        return None
    assert answer.status == 200
    return [(name.lower(), value) for name, value in json.loads(answer.body)["fields"]]


async def value_of(wire, page, *lines):
    """The one value that the page was told of X-Web60; None if the request was refused."""
    pairs = await told(wire, page, *lines)
    if pairs is None:
        return None
    values = [value for name, value in pairs if name == "x-web60"]
    assert len(values) == 1
    return values[0]


@spec("http/whitespace-before-a-colon-is-refused", MUST, NO_SPACE)
async def test_whitespace_before_a_colon_is_refused(wire, page):
    """
    A name that is followed by whitespace is refused, whichever field it is.

    Sends:      POSTs with a field that nobody knows, and whose name has a blank, a tab, or several behind it.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    names that are stripped.
    """
    await declined(
        wire,
        blank=hello(wire, page, b"X-Web60 : a"),
        tab=hello(wire, page, b"X-Web60\t: a"),
        several=hello(wire, page, b"X-Web60 \t : a"),
    )


@spec("http/a-line-without-a-colon-is-refused", SHOULD, CLOSES)
async def test_a_line_without_a_colon_is_refused(wire, page):
    """
    A line in the header that has no colon is no field.

    Sends:      POSTs with a word alone in a line, two words, and an equals sign in the place of the colon.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    lines that are passed over because they cannot be split.
    """
    await declined(
        wire,
        word=hello(wire, page, b"nonsense"),
        words=hello(wire, page, b"more nonsense"),
        equals=hello(wire, page, b"X-Web60=a"),
    )


@spec("http/a-field-without-a-name-is-refused", SHOULD, CLOSES)
async def test_a_field_without_a_name_is_refused(wire, page):
    """
    A name has one character at least.

    Sends:      POSTs with a field line that begins with its colon, and with a colon alone.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    an expression for names that an empty one fits.
    """
    await declined(wire, value=hello(wire, page, b": a"), colon=hello(wire, page, b":"))


@spec("http/a-name-with-other-characters-is-refused", SHOULD, CLOSES)
async def test_a_name_with_other_characters_is_refused(wire, page):
    """
    A name is a token.

    Sends:      POSTs with a field whose name has a blank, a bracket, an @, a slash, an equals sign, quotes, a NUL,
                another control character, a DEL, or a letter beyond ASCII in it.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    names that are whatever stands before the colon.
    """
    names = {
        "blank": b"X Web60",
        "bracket": b"X(Web60)",
        "brace": b"X{Web60}",
        "at": b"X@Web60",
        "slash": b"X/Web60",
        "equals": b"X=Web60",
        "quotes": b'"X-Web60"',
        "nul": b"X\0Web60",
        "control": b"X\x01Web60",
        "delete": b"X\x7fWeb60",
        "latin": b"X-W\xe9b60",
    }

    await declined(wire, **{name: hello(wire, page, strange + b": a") for name, strange in names.items()})


@spec("http/any-token-is-a-name", SHOULD, UNKNOWN)
async def test_any_token_is_a_name(wire, clock, page):
    """
    A field whose name is a token, however strange, harms nobody.

    Sends:      POSTs with a field whose name has all the characters of a token that are no letters, one of a single
                character, and one of digits; behind each another POST.
    Observes:   that each is answered with its body; that what follows is a request of its own.
    Look at:    names that are held to be letters and hyphens.
    """
    await read(
        wire,
        clock,
        page,
        HELLO,
        strange=hello(wire, page, STRANGE + b": a"),
        single=hello(wire, page, b"X: a"),
        digits=hello(wire, page, b"60: a"),
    )


@spec("http/any-value-of-printable-characters-is-taken", SHOULD, OPAQUE)
async def test_any_value_of_printable_characters_is_taken(wire, clock, page):
    """
    A value may be empty, have colons and tabs in it, and bytes beyond ASCII.

    Sends:      POSTs with a field that nobody knows: empty, blanks only, with colons, with a tab inside, with UTF-8,
                with bytes that are no UTF-8; behind each another POST.
    Observes:   that each is answered with its body; that what follows is a request of its own.
    Look at:    a line that is split at every colon; values that are decoded as ASCII or UTF-8.
    """
    values = {
        "empty": b"",
        "blanks": b"   ",
        "colons": b" a:b: c",
        "tab": b" a\tb",
        "text": " \u00e4\u20ac".encode(),
        "bytes": b" \xff\xfe\x80",
    }

    await read(
        wire,
        clock,
        page,
        HELLO,
        **{name: hello(wire, page, b"X-Web60:" + value) for name, value in values.items()},
    )


@spec("http/whitespace-around-a-value-is-no-part-of-it", MUST, EXCLUDED, needs=["asked"])
async def test_whitespace_around_a_value_is_no_part_of_it(wire, page):
    """
    Blanks and tabs around a value are taken away, and those within it are not.

    Sends:      GETs of the page that says how it was asked, with a field: without a blank, with blanks and tabs
                before and behind its value, and within.
    Observes:   the value that the page was told.
    Look at:    one blank that is taken away, and no more; tabs that are none.
    """
    spellings = (b"X-Web60:a", b"X-Web60:   a", b"X-Web60:\ta\t", b"X-Web60: \t a \t ")
    values = await gather(*(value_of(wire, page, line) for line in (*spellings, b"X-Web60:  a  b ")))

    for value in values[:-1]:
        assert value == "a"
    assert values[-1] == "a  b"


@spec("http/a-nul-in-a-value-is-refused-or-becomes-a-space", MUST, DANGEROUS, needs=["asked"])
async def test_a_nul_in_a_value_is_refused_or_becomes_a_space(wire, page):
    """
    No page is told a NUL.

    Sends:      GETs of the page that says how it was asked, with a NUL within, before and behind a field's value.
    Observes:   a refusal, or the value with blanks in the place of the NUL.
    Look at:    values that are passed on as they came, to whom a NUL is the end.
    """
    within, before, behind = await gather(
        value_of(wire, page, b"X-Web60: a\0b"),
        value_of(wire, page, b"X-Web60: \0a"),
        value_of(wire, page, b"X-Web60: a\0"),
    )

    assert within in (None, "a b")
    assert before in (None, "a", " a")
    assert behind in (None, "a", "a ")
    await wire.ping()


@spec("http/a-cr-in-a-value-is-refused-or-becomes-a-space", MUST, DANGEROUS, needs=["asked"])
async def test_a_cr_in_a_value_is_refused_or_becomes_a_space(wire, page):
    """
    No page is told a CR, nor a field that stands behind one.

    Sends:      GETs of the page that says how it was asked, with a CR within a field's value, and with what looks like
                another field behind it.
    Observes:   a refusal, or the value with a blank in the place of the CR.
    Look at:    values that are passed on as they came; `splitlines()`.
    """
    within, field = await gather(
        value_of(wire, page, b"X-Web60: a\rb"),
        value_of(wire, page, b"X-Web60: a\rX-Other: b"),
    )

    assert within in (None, "a b")
    assert field in (None, "a X-Other: b")
    await wire.ping()


@spec("http/an-lf-in-a-value-is-no-part-of-it", MUST, DANGEROUS, needs=["asked"])
async def test_an_lf_in_a_value_is_no_part_of_it(wire, page, facts):
    """
    No page is told an LF.

    Sends:      a GET of the page that says how it was asked, with an LF in a field's value, and what looks like another
                field behind it.
    Observes:   a refusal; or the value with a blank in the place of the LF; or two fields.
    Differs:    an LF may end a line (RFC 9112 section 2.2): which it was is recorded.
    Look at:    values that are passed on as they came.
    """
    pairs = await told(wire, page, b"X-Web60: a\nX-Other: b")
    seen = None if pairs is None else sorted(pair for pair in pairs if pair[0] in ("x-web60", "x-other"))
    readings = {
        "refused": None,
        "a blank": [("x-web60", "a X-Other: b")],
        "the end of a line": [("x-other", "b"), ("x-web60", "a")],
    }
    taken = [name for name, pairs in readings.items() if pairs == seen]
    facts["an LF in a value is"] = taken[0] if taken else "something else"

    assert seen in tuple(readings.values())
    await wire.ping()


@spec("http/a-folded-value-is-refused-or-unfolded", MUST, FOLD, needs=["asked"])
async def test_a_folded_value_is_refused_or_unfolded(wire, page, facts):
    """
    A value that goes on in the next line is refused, or has blanks in the place of the line's end.

    Sends:      GETs of the page that says how it was asked, with a field folded by a blank, by a tab, and twice.
    Observes:   a refusal, or the value without line ends; how many blanks it has then is a fact.
    Differs:    both are right, and both are met.
    Look at:    the second line taken for a field, dropped, or passed on with its line end.
    """
    blank, tab, twice = await gather(
        value_of(wire, page, b"X-Web60: a\r\n b"),
        value_of(wire, page, b"X-Web60: a\r\n\tb"),
        value_of(wire, page, b"X-Web60: a\r\n b\r\n  c"),
    )

    for name, value in (("by a blank", blank), ("by a tab", tab), ("twice", twice)):
        facts[f"folded {name}"] = "refused" if value is None else value
    for value, words in ((blank, ["a", "b"]), (tab, ["a", "b"]), (twice, ["a", "b", "c"])):
        if value is not None:
            assert value.split() == words
            assert set(value) <= {*words, " ", "\t"}
    await wire.ping()


@spec("http/a-blank-before-the-first-field-is-refused-or-passed-over", MUST, FIRST_LINE, needs=["asked"])
async def test_a_blank_before_the_first_field_is_refused_or_passed_over(wire, page):
    """
    A line that begins with whitespace, and has nothing before it to continue, is no field.

    Sends:      GETs of the page that says how it was asked, whose first field line begins with a blank, or a tab.
    Observes:   a refusal, or that the page was told no such field.
    Look at:    lines that are stripped; a line that continues nothing.
    """
    (host,) = (line for line in wire.bytes_of("GET", page.asked).split(b"\r\n") if line.lower().startswith(b"host:"))
    seen = await gather(
        told(wire, page, hosts=(b" X-Web60: a", host)),
        told(wire, page, hosts=(b"\tX-Web60: a", host)),
    )

    for pairs in seen:
        names = [name for name, _ in pairs or ()]
        assert "x-web60" not in [name.strip() for name in names]
    await wire.ping()


def _names_that_are_none():
    """Names with one character in them that no token has."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    never = sorted(
        set(range(256)) - set(STRANGE) - set(range(0x30, 0x3A)) - set(range(0x41, 0x5B)) - set(range(0x61, 0x7B))
    )
    odd = st.sampled_from([byte for byte in never if bytes([byte]) not in b"\n:"])
    return st.tuples(
        st.sampled_from([b"X", b"Content", b"Transfer"]), odd, st.sampled_from([b"", b"-Web60", b"-Length"])
    )


@spec("http/no-name-has-a-character-that-no-token-has", SHOULD, CLOSES, examples=_names_that_are_none)
async def test_no_name_has_a_character_that_no_token_has(wire, page, example):
    """
    A name with any character that no token has is refused.

    Sends:      POSTs with a field whose name has such a character in it, or at its end.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    the character that the reason shows.
    """
    before, odd, behind = example
    name = before + bytes([odd]) + behind

    await declined(wire, **{f"{name!r}": hello(wire, page, name + b": a")})
