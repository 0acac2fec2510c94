"""
Mutants of the form: what a form that is wrong does to the server.
"""

from __future__ import annotations

import re

from twisted.web.server import Request

from reference_impl import handling_posts
from reference_impl.repairs import forms
from tests.mutants import Reference, mutant, of
from tests.mutants._forms import FORM, PARTS, answering, boundary_of, put

NO_UTF8 = re.compile(rb"%ff|\xff", re.IGNORECASE)


@mutant(
    *of(
        "handling-posts",
        "a-missing-field-is-a-client-error",
        "any-content-type-is-answered",
        "any-form-is-answered",
        "parts-that-are-cut-off-are-no-server-error",
    )
)
def misses_the_field(reference: Reference) -> None:
    """The field is taken from a table in which it is not, as in the tutorial."""

    class Page(handling_posts.FormPage):
        def render_POST(self, request: Request) -> bytes:
            try:
                return super().render_POST(request)
            except UnicodeDecodeError:
                return forms.refuse(request)

    put(reference, Page)


@mutant(*of("handling-posts", "a-missing-field-is-a-client-error"))
def shows_nonsense_for_a_missing_field(reference: Reference) -> None:
    """A form without the field is answered 200, with an excuse."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            if b"the-field" not in request.args:
                return b"Nothing was submitted."
            return super().render_POST(request)

    put(reference, Page)


@mutant(
    *of(
        "handling-posts",
        "a-missing-field-is-a-client-error",
        "an-error-shows-nothing-of-the-inside",
        "any-content-type-is-answered",
        "any-form-is-answered",
        "bytes-in-a-part-that-are-no-text-are-no-server-error",
        "bytes-that-are-no-text-are-no-server-error",
        "parts-that-are-cut-off-are-no-server-error",
    )
)
def shows_its_tracebacks(reference: Reference) -> None:
    """The page for developers was left on."""
    reference.site.displayTracebacks = True
    put(reference, handling_posts.FormPage)


@mutant(*of("handling-posts", "an-error-shows-nothing-of-the-inside"))
def tells_what_was_missing_in_python(reference: Reference) -> None:
    """A refusal says which exception there was, and where."""

    class Page(handling_posts.FormPage):
        def render_POST(self, request: Request) -> bytes:
            try:
                return super().render_POST(request)
            except (KeyError, UnicodeDecodeError) as wrong:
                request.setResponseCode(400)
                return f"{type(wrong).__name__}: {wrong}".encode()

    put(reference, Page)


@mutant(*of("handling-posts", "any-form-is-answered", "broken-escapes-are-no-server-error"))
def fails_at_broken_escapes(reference: Reference) -> None:
    """An escape is two digits, and what is not is not expected."""
    answering(reference, lambda type_, body: FORM in type_ and re.search(rb"%(?![0-9A-Fa-f]{2})", body) is not None)


@mutant(*of("handling-posts", "bytes-that-are-no-text-are-no-server-error"))
def fails_at_escaped_bytes_that_are_no_text(reference: Reference) -> None:
    """Escaped bytes are decoded without looking after what is no UTF-8."""
    answering(reference, lambda type_, body: FORM in type_ and re.search(rb"%ff|%ED%A0", body) is not None)


@mutant(*of("handling-posts", "any-form-is-answered", "bytes-that-are-no-text-are-no-server-error"))
def fails_at_raw_bytes_that_are_no_text(reference: Reference) -> None:
    """The body of a form is taken for ASCII."""
    answering(reference, lambda type_, body: FORM in type_ and not body.isascii())


@mutant(
    *of(
        "handling-posts",
        "bytes-in-a-part-that-are-no-text-are-no-server-error",
        "parts-that-make-no-sense-are-no-server-error",
    )
)
def fails_at_parts_that_are_no_text(reference: Reference) -> None:
    """A form in parts is decoded as a whole before it is read."""
    answering(reference, lambda type_, body: PARTS in type_ and NO_UTF8.search(body) is not None)


@mutant(*of("handling-posts", "a-form-in-parts-without-a-boundary-is-refused", "any-content-type-is-answered"))
def fails_without_a_boundary(reference: Reference) -> None:
    """The boundary is taken from the type without looking whether it is there."""
    answering(reference, lambda type_, _: PARTS in type_ and "boundary" not in type_)


@mutant(*of("handling-posts", "a-form-in-parts-without-a-boundary-is-refused"))
def takes_an_empty_boundary(reference: Reference) -> None:
    """With an empty boundary every line of hyphens begins a part, and so a page is made of it."""
    answering(reference, lambda type_, _: type_.endswith(("boundary=", 'boundary="')), 200, b"You submitted: 1")


@mutant(
    *of("handling-posts", "a-boundary-that-never-occurs-is-refused", "a-form-in-parts-without-a-boundary-is-refused")
)
def makes_a_page_of_no_parts(reference: Reference) -> None:
    """A form in which its boundary never occurs is answered 200, as one without fields."""

    def concerned(content_type: str, body: bytes) -> bool:
        return PARTS in content_type and b"--" + boundary_of(content_type) not in body

    answering(reference, concerned, 200, b"You submitted: ")


@mutant(
    *of(
        "handling-posts",
        "any-form-is-answered",
        "parts-that-are-cut-off-are-no-server-error",
        "parts-within-parts-do-no-harm",
    )
)
def fails_where_the_end_is_missing(reference: Reference) -> None:
    """A form in parts is read up to a last boundary that is not there."""

    def concerned(content_type: str, body: bytes) -> bool:
        boundary = b"--" + boundary_of(content_type)
        return PARTS in content_type and boundary in body and boundary + b"--" not in body

    answering(reference, concerned)


@mutant(*of("handling-posts", "parts-that-make-no-sense-are-no-server-error"))
def fails_at_a_part_without_a_name(reference: Reference) -> None:
    """The name of a part is taken from its disposition without looking whether it is there."""
    answering(reference, lambda type_, body: PARTS in type_ and b"form-data\r\n" in body)


@mutant(*of("handling-posts", "parts-that-make-no-sense-are-no-server-error"))
def fails_at_names_after_rfc_2231(reference: Reference) -> None:
    """The library gives three values for such a name, and the server expects one."""
    answering(reference, lambda type_, body: PARTS in type_ and b"name*" in body)


@mutant(*of("handling-posts", "parts-that-make-no-sense-are-no-server-error"))
def fails_at_lines_that_are_no_fields(reference: Reference) -> None:
    """A line in the head of a part is split at its colon without looking whether it has one."""
    answering(reference, lambda type_, body: PARTS in type_ and b"this is no field" in body)


@mutant(*of("handling-posts", "a-message-in-the-field-is-no-server-error", "an-uploaded-message-is-its-bytes"))
def fails_at_messages_in_parts(reference: Reference) -> None:
    """The library gives no bytes for a part that is a message, and the page decodes them."""
    answering(reference, lambda type_, body: PARTS in type_ and b"message/rfc822" in body)


@mutant(*of("handling-posts", "parts-within-parts-do-no-harm"))
def calls_itself_for_each_part_within_a_part(reference: Reference) -> None:
    """A thousand parts within parts are more calls than Python allows."""
    answering(reference, lambda type_, body: PARTS in type_ and body.count(b"multipart/mixed") > 1000)


@mutant(*of("handling-posts", "a-form-in-parts-without-a-boundary-is-refused", "any-content-type-is-answered"))
def fails_at_half_a_quoted_parameter(reference: Reference) -> None:
    """A quote in the type is expected to be closed."""
    answering(reference, lambda type_, _: type_.count('"') % 2 == 1)


@mutant(*of("handling-posts", "any-content-type-is-answered"))
def fails_at_types_that_are_no_text(reference: Reference) -> None:
    """The type is taken for ASCII."""
    answering(reference, lambda type_, _: not type_.isascii())


@mutant(*of("handling-posts", "a-type-may-have-parameters", "any-content-type-is-answered"))
def fails_at_a_charset_that_nobody_knows(reference: Reference) -> None:
    """The charset in the type is looked up without looking whether there is one of this name."""
    answering(reference, lambda type_, _: "charset=" in type_ and "charset=utf-8" not in type_.lower())
