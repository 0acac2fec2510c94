"""
Mutants of the form in parts: where a part begins and ends, and what its name is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reference_impl.repairs import parts
from tests.mutants import Reference, mutant, of
from tests.mutants._forms import PARTS, Fields, boundary_of, gathered, of_parts, of_values, reading

#: Whether a part is that of a file.
FILE = re.compile(rb"filename=", re.IGNORECASE)


def rightly(boundary: bytes, body: bytes) -> Fields:
    """The fields of a form with this boundary."""
    return parts.fields(f'{PARTS}; boundary="{boundary.decode("latin-1")}"', body)


def bounding(reference: Reference, boundary: Callable[[str], bytes]) -> None:
    """Take another boundary from the type."""
    of_parts(reference, lambda type_, body: rightly(boundary(type_), body))


def mending(reference: Reference, mend: Callable[[bytes, bytes], bytes]) -> None:
    """Read rightly what this makes of the boundary and the body."""

    def decode(content_type: str, body: bytes) -> Fields:
        boundary = boundary_of(content_type)
        return rightly(boundary, mend(boundary, body))

    of_parts(reference, decode)


@mutant(
    *of(
        "handling-posts",
        "a-boundary-may-have-seventy-characters",
        "a-boundary-may-stand-anywhere-in-the-type",
        "a-boundary-may-stand-in-quotes",
        "a-file-is-its-bytes",
        "a-large-part-is-exact",
        "a-part-keeps-its-line-ends",
        "a-value-in-parts-is-shown",
        "all-parts-of-a-name-come-in-order",
        "an-empty-part-is-an-empty-value",
        "an-uploaded-message-is-its-bytes",
        "any-form-in-parts-comes-back-exactly",
        "blanks-behind-a-boundary-are-padding",
        "many-parts-are-read",
        "names-in-parts-may-be-of-any-script",
        "names-in-parts-may-have-semicolons",
        "parts-in-chunks-are-read-alike",
        "parts-in-segments-are-read-alike",
        "preamble-and-epilogue-are-no-fields",
        "text-in-parts-may-be-of-any-script",
        "the-fields-of-a-part-have-no-order",
        "what-resembles-a-boundary-is-data",
    )
)
def knows_no_parts(reference: Reference) -> None:
    """A form in parts has no fields."""
    reading(reference, lambda found, type_, _: {} if PARTS in type_.lower() else found)


@mutant(*of("handling-posts", "a-file-is-its-bytes", "a-value-in-parts-is-shown"))
def escapes_values_when_they_are_read(reference: Reference) -> None:
    """The values of parts are escaped when they are read, and again when they are shown."""
    of_values(reference, lambda value: value.replace(b"&", b"&amp;"), only=PARTS)


@mutant(
    *of(
        "handling-posts",
        "a-part-keeps-its-line-ends",
        "an-uploaded-message-is-its-bytes",
        "any-form-in-parts-comes-back-exactly",
        "what-resembles-a-boundary-is-data",
    )
)
def strips_the_values_of_parts(reference: Reference) -> None:
    """Blanks and line ends around the value of a part are dropped."""
    of_values(reference, bytes.strip, only=PARTS)


@mutant(
    *of(
        "handling-posts",
        "a-boundary-may-have-seventy-characters",
        "a-boundary-may-stand-anywhere-in-the-type",
        "a-boundary-may-stand-in-quotes",
        "a-file-is-its-bytes",
        "a-large-part-is-exact",
        "a-part-keeps-its-line-ends",
        "all-parts-of-a-name-come-in-order",
        "an-empty-part-is-an-empty-value",
        "an-uploaded-message-is-its-bytes",
        "any-form-in-parts-comes-back-exactly",
        "blanks-behind-a-boundary-are-padding",
        "many-parts-are-read",
        "names-in-parts-may-be-of-any-script",
        "names-in-parts-may-have-semicolons",
        "parts-in-chunks-are-read-alike",
        "parts-in-segments-are-read-alike",
        "preamble-and-epilogue-are-no-fields",
        "text-in-parts-may-be-of-any-script",
        "the-fields-of-a-part-have-no-order",
        "what-resembles-a-boundary-is-data",
    )
)
def leaves_the_line_end_to_the_value(reference: Reference) -> None:
    """The line end before a boundary belongs to the value."""
    of_values(reference, lambda value: value + b"\r\n", only=PARTS)


@mutant(
    *of("handling-posts", "a-file-is-its-bytes", "a-part-keeps-its-line-ends", "any-form-in-parts-comes-back-exactly")
)
def takes_each_line_end_for_crlf(reference: Reference) -> None:
    """A part is read line by line, and joined with CR LF."""
    of_values(reference, lambda value: re.sub(rb"\r\n|\r|\n", b"\r\n", value), only=PARTS)


@mutant(*of("handling-posts", "a-part-keeps-its-line-ends", "any-form-in-parts-comes-back-exactly"))
def drops_an_empty_line_at_the_beginning(reference: Reference) -> None:
    """What follows the head is taken to be one empty line at least, and all of them."""
    of_values(reference, lambda value: value.lstrip(b"\r\n"), only=PARTS)


@mutant(
    *of(
        "handling-posts",
        "all-parts-of-a-name-come-in-order",
        "an-empty-part-is-an-empty-value",
        "any-form-in-parts-comes-back-exactly",
    )
)
def drops_empty_parts(reference: Reference) -> None:
    """A part with nothing in it is no field."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        if PARTS not in content_type.lower():
            return found
        return {name: [one for one in values if one] for name, values in found.items() if any(values)}

    reading(reference, read)


@mutant(*of("handling-posts", "what-resembles-a-boundary-is-data"))
def finds_the_boundary_within_a_line(reference: Reference) -> None:
    """The boundary ends a part wherever it stands."""
    mending(reference, lambda boundary, body: re.sub(rb"(?<!\n)--" + re.escape(boundary), b"\r\n--" + boundary, body))


@mutant(
    *of(
        "handling-posts",
        "a-boundary-may-have-seventy-characters",
        "any-form-in-parts-comes-back-exactly",
        "what-resembles-a-boundary-is-data",
    )
)
def takes_a_shorter_boundary_for_it(reference: Reference) -> None:
    """The last character of the boundary is not compared."""

    def mend(boundary: bytes, body: bytes) -> bytes:
        return re.sub(rb"--" + re.escape(boundary[:-1]) + rb"(?=\r\n)", b"--" + boundary, body)

    mending(reference, mend)


@mutant(*of("handling-posts", "what-resembles-a-boundary-is-data"))
def compares_boundaries_without_case(reference: Reference) -> None:
    """A boundary in capitals is the same boundary."""
    mending(reference, lambda boundary, body: re.sub(re.escape(boundary), boundary, body, flags=re.IGNORECASE))


@mutant(
    *of(
        "handling-posts",
        "a-value-in-parts-is-shown",
        "any-form-in-parts-comes-back-exactly",
        "text-in-parts-may-be-of-any-script",
    )
)
def reads_parts_as_latin_1(reference: Reference) -> None:
    """The text in a part is Latin-1."""
    of_values(reference, lambda value: value.decode("latin-1").encode("utf-8"), only=PARTS)


@mutant(*of("handling-posts", "names-in-parts-may-be-of-any-script"))
def reads_names_as_ascii(reference: Reference) -> None:
    """What is not ASCII in the name of a part is replaced, byte by byte."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        if PARTS not in content_type.lower():
            return found
        return {re.sub(rb"[\x80-\xff]", b"?", name): values for name, values in found.items()}

    reading(reference, read)


@mutant(*of("handling-posts", "all-parts-of-a-name-come-in-order", "any-form-in-parts-comes-back-exactly"))
def keeps_the_last_part_of_a_name(reference: Reference) -> None:
    """Of several parts of one name the last is left, as on Twisted 24.7."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        return {name: values[-1:] for name, values in found.items()} if PARTS in content_type.lower() else found

    reading(reference, read)


@mutant(*of("handling-posts", "all-parts-of-a-name-come-in-order", "any-form-in-parts-comes-back-exactly"))
def keeps_equal_parts_once(reference: Reference) -> None:
    """A value that a name has already is not added again."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        if PARTS not in content_type.lower():
            return found
        return {name: list(dict.fromkeys(values)) for name, values in found.items()}

    reading(reference, read)


@mutant(*of("handling-posts", "a-boundary-may-stand-in-quotes"))
def takes_the_quotes_for_the_boundary(reference: Reference) -> None:
    """Quotes around the boundary become part of it."""
    bounding(reference, lambda type_: re.sub(r".*boundary=|;.*", "", type_, flags=re.IGNORECASE).encode())


@mutant(*of("handling-posts", "a-boundary-may-stand-in-quotes"))
def ends_a_boundary_at_a_blank(reference: Reference) -> None:
    """A quoted boundary ends at a blank, a colon or an equals sign."""
    bounding(reference, lambda type_: re.split(rb"[ :=]", boundary_of(type_))[0])


@mutant(*of("handling-posts", "a-boundary-may-stand-in-quotes", "what-resembles-a-boundary-is-data"))
def takes_the_boundary_for_an_expression(reference: Reference) -> None:
    """The boundary is put into a regular expression as it is."""

    def decode(content_type: str, body: bytes) -> Fields:
        boundary = boundary_of(content_type)
        return rightly(b"boundary", re.sub(b"--" + boundary, b"--boundary", body))

    of_parts(reference, decode)


@mutant(*of("handling-posts", "a-boundary-may-have-seventy-characters"))
def cuts_boundaries_at_64_characters(reference: Reference) -> None:
    """The boundary has room in 64 bytes."""
    bounding(reference, lambda type_: boundary_of(type_)[:64])


@mutant(*of("handling-posts", "a-boundary-may-have-seventy-characters"))
def wants_a_boundary_of_two_characters(reference: Reference) -> None:
    """A boundary of one character is none."""
    bounding(reference, lambda type_: boundary_of(type_) if len(boundary_of(type_)) > 1 else b"")


@mutant(*of("handling-posts", "a-boundary-may-stand-anywhere-in-the-type"))
def takes_the_rest_of_the_type_for_the_boundary(reference: Reference) -> None:
    """All that follows `boundary=` is the boundary."""
    bounding(reference, lambda type_: re.sub(r".*boundary=", "", type_, flags=re.IGNORECASE).strip('"').encode())


@mutant(*of("handling-posts", "a-boundary-may-stand-anywhere-in-the-type"))
def wants_the_boundary_first(reference: Reference) -> None:
    """The first parameter of the type is the boundary."""

    def boundary(content_type: str) -> bytes:
        return boundary_of(content_type) if re.match(r"[^;]*; ?boundary=", content_type, re.IGNORECASE) else b""

    bounding(reference, boundary)


@mutant(*of("handling-posts", "a-boundary-may-stand-anywhere-in-the-type"))
def wants_the_boundary_in_small_letters(reference: Reference) -> None:
    """A parameter BOUNDARY is another one."""
    bounding(reference, lambda type_: boundary_of(type_) if "boundary=" in type_ else b"")


@mutant(*of("handling-posts", "blanks-behind-a-boundary-are-padding", "preamble-and-epilogue-are-no-fields"))
def takes_the_first_line_for_the_boundary(reference: Reference) -> None:
    """The type is not looked at: the first line of the body is the boundary."""
    of_parts(reference, lambda _, body: rightly(body.partition(b"\r\n")[0][2:], body))


@mutant(*of("handling-posts", "preamble-and-epilogue-are-no-fields"))
def reads_on_behind_the_end(reference: Reference) -> None:
    """The last boundary is a boundary like the others."""
    mending(reference, lambda boundary, body: body.replace(boundary + b"--\r\n", boundary + b"\r\n"))


@mutant(*of("handling-posts", "the-fields-of-a-part-have-no-order", "what-resembles-a-boundary-is-data"))
def reads_the_name_in_the_first_line(reference: Reference) -> None:
    """The first line of a part is its Content-Disposition."""

    def mend(boundary: bytes, body: bytes) -> bytes:
        return re.sub(
            b"(--" + re.escape(boundary) + rb"\r\n)(?!content-disposition)[^\r]+\r\n[^\0]*?(?=\r\n\r\n)",
            rb"\1X-No: name",
            body,
            flags=re.IGNORECASE,
        )

    mending(reference, mend)


@mutant(*of("handling-posts", "the-fields-of-a-part-have-no-order"))
def takes_the_name_of_the_file_for_the_name(reference: Reference) -> None:
    """The name is what stands behind the first `name=`, which `filename=` ends with."""
    mending(reference, lambda _, body: re.sub(rb"; filename=", b"; name=", body))


@mutant(*of("handling-posts", "the-fields-of-a-part-have-no-order"))
def compares_the_fields_of_parts_letter_by_letter(reference: Reference) -> None:
    """A content-disposition in small letters is another field."""
    mending(reference, lambda _, body: re.sub(rb"\ncontent-disposition", b"\nx-unknown", body))


@mutant(*of("handling-posts", "the-fields-of-a-part-have-no-order"))
def wants_a_blank_behind_a_colon(reference: Reference) -> None:
    """The fields of a part are split at a colon and a blank."""
    mending(reference, lambda _, body: re.sub(rb"\n([A-Za-z-]+):(?=f)", rb"\n\1", body))


@mutant(*of("handling-posts", "blanks-behind-a-boundary-are-padding"))
def allows_no_blank_behind_a_boundary(reference: Reference) -> None:
    """A line with a blank behind the boundary is no boundary."""
    mending(reference, lambda boundary, body: re.sub(b"--" + re.escape(boundary) + rb"[ \t]+\r", b"--\r", body))


@mutant(*of("handling-posts", "a-file-is-its-bytes", "an-uploaded-message-is-its-bytes"))
def drops_files(reference: Reference) -> None:
    """A part with the name of a file is no field."""
    mending(reference, lambda _, body: re.sub(rb'; name="[^"]*"; filename', b"; filename", body))


@mutant(*of("handling-posts", "a-file-is-its-bytes", "any-form-in-parts-comes-back-exactly"))
def ends_a_file_at_a_nul(reference: Reference) -> None:
    """The value of a part is text as C has it."""
    of_values(reference, lambda value: value.partition(b"\0")[0], only=PARTS)


@mutant(*of("handling-posts", "a-file-is-its-bytes"))
def reads_the_name_in_the_name_of_a_file(reference: Reference) -> None:
    """The parameters of a part are split at semicolons, also within quotes, and the last name counts."""
    mending(reference, lambda _, body: re.sub(rb'name="[^"]*"; filename="b; name=([^"]*)"', rb'name="\1"', body))


@mutant(*of("handling-posts", "an-uploaded-message-is-its-bytes"))
def opens_messages(reference: Reference) -> None:
    """Of a part that is a message only the message's own body is left."""

    def mend(_: bytes, body: bytes) -> bytes:
        return re.sub(rb"(message/rfc822\r\n\r\n).*?\r\n\r\n", rb"\1", body, flags=re.DOTALL)

    mending(reference, mend)


@mutant(*of("handling-posts", "many-parts-are-read"))
def stops_at_a_hundred_parts(reference: Reference) -> None:
    """What is beyond a hundred parts is dropped without a word."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        return dict(list(found.items())[:100]) if PARTS in content_type.lower() else found

    reading(reference, read)


@mutant(*of("handling-posts", "a-large-part-is-exact"))
def cuts_parts_at_64_kib(reference: Reference) -> None:
    """The value of a part has room in 64 KiB."""
    of_values(reference, lambda value: value[: 1 << 16], only=PARTS)


@mutant(*of("handling-posts", "a-large-part-is-exact"))
def loses_a_byte_between_two_blocks(reference: Reference) -> None:
    """A large part is read in blocks of 64 KiB, and one byte between the first two is lost."""
    of_values(reference, lambda value: value[:65535] + value[65536:], only=PARTS)


@mutant(*of("handling-posts", "names-in-parts-may-have-semicolons"))
def ends_a_name_at_a_semicolon(reference: Reference) -> None:
    """The parameters of a part are split at semicolons, also within quotes."""

    def read(found: Fields, content_type: str, _: bytes) -> Fields:
        if PARTS not in content_type.lower():
            return found
        return gathered((name.partition(b";")[0], value) for name, values in found.items() for value in values)

    reading(reference, read)


@mutant(*of("handling-posts", "a-file-is-its-bytes", "any-form-in-parts-comes-back-exactly"))
def ends_lines_at_form_feeds(reference: Reference) -> None:
    """A form feed ends a line of text, and so does a next line."""
    of_values(reference, lambda value: value.replace(b"\x0c", b"\n").replace("\x85".encode(), b"\n"), only=PARTS)
