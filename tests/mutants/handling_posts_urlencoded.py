"""
Mutants of the form: how names and values are read from where they are joined and escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from tests.mutants import Reference, mutant, of
from tests.mutants._forms import FORM, PARTS, Fields, gathered, of_forms, of_values, reading


def decoded(text: bytes) -> bytes:
    """What an escaped name or value means."""
    return unquote_to_bytes(text.replace(b"+", b" "))


def taken_apart(body: bytes, decode: Callable[[bytes], bytes] = decoded) -> Fields:
    """Fields of an urlencoded form, rightly unless `decode` is wrong."""
    pairs = (pair.partition(b"=") for pair in body.split(b"&") if pair)
    return gathered((decode(name), decode(value)) for name, _, value in pairs)


def decoding(reference: Reference, decode: Callable[[bytes], bytes]) -> None:
    """Decode names and values otherwise."""
    of_forms(reference, lambda body: taken_apart(body, decode))


@mutant(
    *of(
        "handling-posts",
        "a-chunked-form-is-read-alike",
        "a-form-in-segments-is-read-alike",
        "a-plus-is-a-space",
        "a-posted-value-is-shown",
        "any-form-comes-back-exactly",
        "line-ends-in-a-value-are-kept",
        "markup-in-a-value-is-escaped",
        "other-fields-and-their-order-do-not-matter",
        "posts-on-one-connection-do-not-mix",
        "text-in-any-script-is-shown",
        "utf8-is-text",
        "what-a-browser-submits-is-shown",
    )
)
def leaves_a_plus_alone(reference: Reference) -> None:
    """Names and values are decoded as paths are, in which a plus is a plus."""
    decoding(reference, unquote_to_bytes)


@mutant(*of("handling-posts", "a-plus-is-a-space", "any-form-comes-back-exactly"))
def takes_an_escaped_plus_for_a_space(reference: Reference) -> None:
    """Plus is replaced only after the escapes are undone."""
    decoding(reference, lambda text: unquote_to_bytes(text).replace(b"+", b" "))


@mutant(*of("handling-posts", "any-form-comes-back-exactly", "escapes-are-undone-once"))
def decodes_values_twice(reference: Reference) -> None:
    """The page decodes what was decoded before."""
    of_values(reference, unquote_to_bytes, only=FORM)


@mutant(*of("handling-posts", "any-form-comes-back-exactly", "escapes-are-undone-once"))
def knows_escapes_in_capitals_only(reference: Reference) -> None:
    """The digits of an escape are 0 to 9 and A to F, and no others."""

    def decode(text: bytes) -> bytes:
        text = text.replace(b"+", b" ")
        return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found.group(1), 16)]), text)

    decoding(reference, decode)


@mutant(
    *of(
        "handling-posts",
        "a-chunked-form-is-read-alike",
        "any-form-comes-back-exactly",
        "markup-in-a-value-is-escaped",
        "separators-may-be-escaped",
    )
)
def decodes_before_it_takes_apart(reference: Reference) -> None:
    """The whole body is decoded, and then split."""
    of_forms(reference, lambda body: taken_apart(decoded(body), bytes))


@mutant(
    *of(
        "handling-posts",
        "a-plus-is-a-space",
        "any-form-comes-back-exactly",
        "separators-may-be-escaped",
        "utf8-is-text",
    )
)
def decodes_values_but_no_names(reference: Reference) -> None:
    """Names are taken as they stand in the body."""

    def decode(body: bytes) -> Fields:
        pairs = (pair.partition(b"=") for pair in body.split(b"&") if pair)
        return gathered((name, decoded(value)) for name, _, value in pairs)

    of_forms(reference, decode)


@mutant(*of("handling-posts", "a-value-begins-at-the-first-equals-sign"))
def begins_a_value_at_the_last_equals_sign(reference: Reference) -> None:
    """Name and value are split at the last equals sign."""

    def decode(body: bytes) -> Fields:
        pairs = (pair.rpartition(b"=") for pair in body.split(b"&") if pair)
        return gathered((decoded(name), decoded(value)) for name, _, value in pairs)

    of_forms(reference, decode)


@mutant(*of("handling-posts", "a-value-begins-at-the-first-equals-sign"))
def ends_a_value_at_the_second_equals_sign(reference: Reference) -> None:
    """A pair is split at every equals sign, and the first two pieces are taken."""

    def decode(body: bytes) -> Fields:
        pairs = ([*pair.split(b"="), b""][:2] for pair in body.split(b"&") if pair)
        return gathered((decoded(name), decoded(value)) for name, value in pairs)

    of_forms(reference, decode)


@mutant(
    *of(
        "handling-posts",
        "all-values-of-a-name-come-in-order",
        "an-empty-value-is-a-value",
        "an-empty-value-is-shown",
        "any-form-comes-back-exactly",
    )
)
def drops_empty_values(reference: Reference) -> None:
    """A value with nothing in it is none, as for Python's parse_qsl unless it is told otherwise."""
    of_forms(
        reference,
        lambda body: {name: kept for name, all_ in taken_apart(body).items() if (kept := [*filter(None, all_)])},
    )


@mutant(*of("handling-posts", "all-values-of-a-name-come-in-order", "any-form-comes-back-exactly"))
def keeps_the_last_value_of_a_name(reference: Reference) -> None:
    """The table has one place for each name."""
    of_forms(reference, lambda body: {name: values[-1:] for name, values in taken_apart(body).items()})


@mutant(*of("handling-posts", "all-values-of-a-name-come-in-order", "any-form-comes-back-exactly"))
def keeps_equal_values_once(reference: Reference) -> None:
    """A value that is there already is not added again."""
    of_forms(reference, lambda body: {name: list(dict.fromkeys(values)) for name, values in taken_apart(body).items()})


@mutant(*of("handling-posts", "all-values-of-a-name-come-in-order", "any-form-comes-back-exactly"))
def sorts_the_values_of_a_name(reference: Reference) -> None:
    """The values of a name come in the order of the alphabet."""
    of_forms(reference, lambda body: {name: sorted(values) for name, values in taken_apart(body).items()})


@mutant(*of("handling-posts", "all-values-of-a-name-come-in-order", "any-form-comes-back-exactly"))
def knows_no_capitals_in_names(reference: Reference) -> None:
    """Names are written small, so that those that differ in case only are one."""

    def decode(body: bytes) -> Fields:
        return gathered((name.lower(), value) for name, values in taken_apart(body).items() for value in values)

    of_forms(reference, decode)


@mutant(
    *of(
        "handling-posts",
        "a-type-may-have-parameters",
        "any-form-comes-back-exactly",
        "text-in-any-script-is-shown",
        "utf8-is-text",
    )
)
def reads_escapes_as_latin_1(reference: Reference) -> None:
    """Each escape is a character of Latin-1."""
    decoding(reference, lambda text: decoded(text).decode("latin-1").encode("utf-8"))


@mutant(*of("handling-posts", "any-form-comes-back-exactly", "text-in-any-script-is-shown", "utf8-is-text"))
def knows_no_character_beyond_16_bits(reference: Reference) -> None:
    """What UTF-8 has in four bytes is replaced."""
    of_values(reference, lambda value: re.sub(rb"[\xf0-\xf4][\x80-\xbf]{3}", b"?", value), only=FORM)


@mutant(*of("handling-posts", "any-form-comes-back-exactly", "line-ends-in-a-value-are-kept"))
def strips_values(reference: Reference) -> None:
    """Blanks and line ends around a value are dropped."""
    of_values(reference, bytes.strip, only=FORM)


@mutant(*of("handling-posts", "any-form-comes-back-exactly", "line-ends-in-a-value-are-kept"))
def makes_line_ends_alike(reference: Reference) -> None:
    """Each line ends with a line feed."""
    of_values(reference, lambda value: value.replace(b"\r\n", b"\n").replace(b"\r", b"\n"), only=FORM)


@mutant(*of("handling-posts", "any-form-comes-back-exactly"))
def ends_a_value_at_a_nul(reference: Reference) -> None:
    """A value is text as C has it."""
    of_values(reference, lambda value: value.partition(b"\0")[0], only=FORM)


@mutant(*of("handling-posts", "a-type-may-have-parameters"))
def compares_the_type_with_its_parameters(reference: Reference) -> None:
    """Only the bare type is that of a form."""
    reading(reference, lambda found, type_, _: found if type_.lower() == FORM or PARTS in type_.lower() else {})


@mutant(*of("handling-posts", "a-type-may-have-parameters"))
def knows_a_charset_without_quotes_only(reference: Reference) -> None:
    """A form in a charset that is not `utf-8`, letter by letter, is not read."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        return {} if 'charset="' in content_type else found

    reading(reference, read)


@mutant(*of("handling-posts", "a-type-has-no-case"))
def compares_types_letter_by_letter(reference: Reference) -> None:
    """A type in capitals is another type."""
    reading(reference, lambda found, type_, _: found if type_.startswith((FORM, "multipart/", "Multipart/")) else {})


@mutant(*of("handling-posts", "another-type-is-no-form"))
def takes_any_text_for_a_form(reference: Reference) -> None:
    """Whatever is no form in parts is read as an urlencoded one."""
    reading(reference, lambda found, type_, body: found if PARTS in type_.lower() else taken_apart(body))


@mutant(*of("handling-posts", "another-type-is-no-form"))
def compares_the_beginning_of_the_type(reference: Reference) -> None:
    """A type that begins like that of a form is one."""
    reading(reference, lambda found, type_, body: taken_apart(body) if type_.startswith(FORM) else found)


@mutant(*of("handling-posts", "a-thousand-fields-are-read"))
def stops_at_five_hundred_fields(reference: Reference) -> None:
    """What is beyond five hundred fields is dropped without a word."""
    of_forms(reference, lambda body: dict(list(taken_apart(body).items())[:500]))


@mutant(
    *of("handling-posts", "any-form-comes-back-exactly", "markup-in-a-value-is-escaped", "separators-may-be-escaped")
)
def separates_fields_by_semicolons_too(reference: Reference) -> None:
    """An escaped semicolon separates fields as well as an ampersand does."""
    of_forms(reference, lambda body: taken_apart(body.replace(b"%3B", b"&").replace(b"%3b", b"&")))
