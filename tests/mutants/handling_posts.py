"""
Mutants of the form: how it is shown, and what is shown of what comes back.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import html
from typing import Any

from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import handling_posts
from reference_impl.handling_posts import HEAD
from reference_impl.repairs import forms
from tests.mutants import Reference, mutant, of
from tests.mutants._forms import content_of, of_values, put


def form(reference: Reference, text: bytes) -> None:
    """Put another form in place of the right one."""

    class Page(forms.FormPage):
        def render_GET(self, request: Request) -> bytes:
            return HEAD + text

    put(reference, Page)


def shown(reference: Reference, show: Any) -> None:
    """Show values otherwise."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            try:
                value = request.args[b"the-field"][0].decode("utf-8")
            except (KeyError, UnicodeDecodeError):
                return forms.refuse(request)
            return HEAD + b"You submitted: " + show(value)

    put(reference, Page)


@mutant(*of("handling-posts", "the-form-has-the-field", "the-form-is-sent-by-post"))
def names_the_field_otherwise(reference: Reference) -> None:
    """The field of the form has an underline where the page looks for a hyphen."""
    form(reference, b"<form method='POST'><input name='the_field'></form>")


@mutant(*of("handling-posts", "the-form-has-the-field", "the-form-is-sent-by-post"))
def has_its_field_outside_the_form(reference: Reference) -> None:
    """The field stands before the form, and so is not sent with it."""
    form(reference, b"<input name='the-field'><form method='POST'><input type='submit'></form>")


@mutant(*of("handling-posts", "the-form-is-sent-by-post"))
def asks_for_the_form_by_get(reference: Reference) -> None:
    """The form has no method."""
    form(reference, b"<form><input name='the-field'></form>")


@mutant(*of("handling-posts", "what-a-browser-submits-is-shown"))
def sends_the_form_below_itself(reference: Reference) -> None:
    """The action of the form is relative to a directory, which the page is not."""
    form(reference, b"<form method='POST' action='form/submit'><input name='the-field'></form>")


@mutant(*of("handling-posts", "what-a-browser-submits-is-shown"))
def sends_the_form_as_plain_text(reference: Reference) -> None:
    """The form says that it is to be sent to a page that reads bodies, not fields."""
    form(reference, b"<form method='POST' action='/other-request-bodies'><input name='the-field'></form>")


@mutant(
    *of(
        "handling-posts",
        "a-file-is-its-bytes",
        "a-posted-value-is-shown",
        "posts-on-one-connection-do-not-mix",
    )
)
def splits_values_at_commas(reference: Reference) -> None:
    """A comma separates values."""
    of_values(reference, lambda value: value.partition(b",")[0])


@mutant(
    *of(
        "handling-posts",
        "a-chunked-form-is-read-alike",
        "a-form-in-segments-is-read-alike",
        "a-huge-value-is-shown-whole",
        "a-large-value-is-shown-whole",
        "a-posted-value-is-shown",
        "a-value-in-parts-is-shown",
        "a-visit-shows-nothing-that-was-posted",
        "markup-in-a-value-is-escaped",
        "other-fields-and-their-order-do-not-matter",
        "posts-at-once-each-show-their-own-value",
        "posts-on-one-connection-do-not-mix",
        "text-in-any-script-is-shown",
        "what-a-browser-submits-is-shown",
    )
)
def shows_the_value_as_python_prints_it(reference: Reference) -> None:
    """The value is shown in quotes, with escapes."""
    shown(reference, lambda value: html.escape(repr(value), quote=False).encode("utf-8"))


@mutant(*of("handling-posts", "an-empty-value-is-shown"))
def takes_an_empty_value_for_a_missing_field(reference: Reference) -> None:
    """A value is asked for by whether it is true."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            return super().render_POST(request) if request.args.get(b"the-field", [b""])[0] else forms.refuse(request)

    put(reference, Page)


@mutant(*of("handling-posts", "a-value-in-parts-is-shown", "text-in-any-script-is-shown"))
def answers_in_latin_1(reference: Reference) -> None:
    """The page is written in Latin-1, with references for what that has not."""
    shown(reference, lambda value: html.escape(value).encode("latin-1", "xmlcharrefreplace"))


@mutant(
    *of(
        "handling-posts",
        "a-value-in-parts-is-shown",
        "other-fields-and-their-order-do-not-matter",
        "posts-on-one-connection-do-not-mix",
    )
)
def shows_the_first_field(reference: Reference) -> None:
    """The first field is shown, whatever its name."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            for values in request.args.values():
                request.args = {b"the-field": values}
                break
            return super().render_POST(request)

    put(reference, Page)


@mutant(*of("handling-posts", "other-fields-and-their-order-do-not-matter"))
def takes_a_name_that_begins_alike(reference: Reference) -> None:
    """The first field is shown whose name begins with that of the field."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            for name, values in request.args.items():
                if name.startswith(b"the-field"):
                    request.args = {b"the-field": values}
                    break
            return super().render_POST(request)

    put(reference, Page)


@mutant(*of("handling-posts", "a-value-in-parts-is-shown", "markup-in-a-value-is-escaped"))
def escapes_nothing(reference: Reference) -> None:
    """The value reaches the page as it came."""
    shown(reference, lambda value: value.encode("utf-8"))


@mutant(*of("handling-posts", "markup-in-a-value-is-escaped"))
def escapes_angle_brackets_only(reference: Reference) -> None:
    """An ampersand reaches the page as it came, so that references are shown as what they stand for."""
    shown(reference, lambda value: value.replace("<", "&lt;").replace(">", "&gt;").encode("utf-8"))


@mutant(*of("handling-posts", "a-value-in-parts-is-shown", "markup-in-a-value-is-escaped"))
def escapes_scripts_only(reference: Reference) -> None:
    """The word script is made harmless, and nothing else is."""
    shown(reference, lambda value: value.replace("<script", "&lt;script").replace("&lt;i", "&amp;lt;i").encode("utf-8"))


@mutant(*of("handling-posts", "a-value-in-parts-is-shown", "markup-in-a-value-is-escaped"))
def escapes_twice(reference: Reference) -> None:
    """The value is escaped, and again by the page's template."""
    shown(reference, lambda value: html.escape(html.escape(value)).encode("utf-8"))


@mutant(*of("handling-posts", "nothing-else-of-a-request-is-markup"))
def names_the_fields_that_it_has(reference: Reference) -> None:
    """An error page says which fields there were instead of the missing one, as they came."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            if b"the-field" in request.args:
                return super().render_POST(request)
            request.setResponseCode(400)
            return b"no the-field among " + b", ".join(request.args)

    put(reference, Page)


@mutant(*of("handling-posts", "nothing-else-of-a-request-is-markup"))
def names_the_type_that_it_cannot_read(reference: Reference) -> None:
    """An error page says what type the body had, as it came."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            if request.args:
                return super().render_POST(request)
            request.setResponseCode(415)
            return b"cannot read " + content_of(request)[0].encode("latin-1")

    put(reference, Page)


@mutant(*of("handling-posts", "the-page-tells-its-charset"))
def tells_no_charset(reference: Reference) -> None:
    """The page that shows the value has no head, and its type no charset."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            return super().render_POST(request).replace(b"<meta charset='utf-8'>", b"")

    put(reference, Page)


@mutant(*of("handling-posts", "a-visit-shows-nothing-that-was-posted"))
def fills_in_the_form_for_the_next_one(reference: Reference) -> None:
    """The form comes with the value that was posted last."""

    class Page(forms.FormPage):
        last = b""

        def render_GET(self, request: Request) -> bytes:
            value = html.escape(self.last.decode("utf-8", "replace")).encode("utf-8")
            return HEAD + b"<form method='POST'><input name='the-field' value='" + value + b"'></form>"

        def render_POST(self, request: Request) -> bytes:
            self.last = request.args.get(b"the-field", [b""])[0]
            return super().render_POST(request)

    put(reference, Page)


@mutant(*of("handling-posts", "posts-at-once-each-show-their-own-value"))
def keeps_the_value_on_the_page(reference: Reference) -> None:
    """The value waits on the page, which all requests share, until the answer is written."""

    class Page(forms.FormPage):
        last: Any = b""

        def render_POST(self, request: Request) -> Any:
            self.last = super().render_POST(request)

            def later() -> None:
                if not request._disconnected:
                    request.write(self.last)
                    request.finish()

            reference.reactor.callLater(0.001, later)
            return NOT_DONE_YET

    put(reference, Page)


@mutant(*of("handling-posts", "posts-on-one-connection-do-not-mix"))
def keeps_the_fields_of_a_connection(reference: Reference) -> None:
    """Fields are gathered on the connection, behind those that came before."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            kept = request.transport.__dict__.setdefault("fields", {})
            for name, values in request.args.items():
                kept.setdefault(name, []).extend(values)
            request.args = kept
            return super().render_POST(request)

    put(reference, Page)


@mutant(*of("handling-posts", "a-chunked-form-is-read-alike", "parts-in-chunks-are-read-alike"))
def reads_as_far_as_the_length_says(reference: Reference) -> None:
    """A form without a length is an empty form."""

    class Page(forms.FormPage):
        def render_POST(self, request: Request) -> bytes:
            if not request.requestHeaders.hasHeader(b"content-length"):
                request.args = {}
            return super().render_POST(request)

    class All(handling_posts.FieldsPage):
        def render_POST(self, request: Request) -> bytes:
            if not request.requestHeaders.hasHeader(b"content-length"):
                request.args = {}
            return super().render_POST(request)

    put(reference, Page, All)


@mutant(
    *of(
        "handling-posts",
        "a-chunked-form-is-read-alike",
        "a-form-in-segments-is-read-alike",
        "a-huge-value-is-shown-whole",
        "a-large-part-is-exact",
        "a-large-value-is-shown-whole",
        "parts-in-chunks-are-read-alike",
        "parts-in-segments-are-read-alike",
    )
)
def reads_the_first_segment(reference: Reference) -> None:
    """Of the body that much is read as is there at first."""
    base: Any = reference.site.requestFactory

    class Hasty(base):  # type: ignore[misc] - the reference's own class, whichever it is
        came = False

        def handleContentChunk(self, data: bytes) -> None:
            if not self.came:
                super().handleContentChunk(data)
            self.came = True

    reference.site.requestFactory = Hasty


@mutant(*of("handling-posts", "a-huge-value-is-shown-whole", "a-large-part-is-exact", "a-large-value-is-shown-whole"))
def cuts_values_at_64_kib(reference: Reference) -> None:
    """A value has room in 64 KiB."""
    of_values(reference, lambda value: value[: 1 << 16])


@mutant(*of("handling-posts", "a-huge-value-is-shown-whole"))
def cuts_values_at_half_a_megabyte(reference: Reference) -> None:
    """A value has room in 500,000 bytes."""
    of_values(reference, lambda value: value[:500_000])


@mutant(*of("handling-posts", "head-of-the-form-has-no-body"))
def answers_head_as_get(reference: Reference) -> None:
    """HEAD gets the form."""

    class Page(forms.FormPage):
        def render_HEAD(self, request: Request) -> bytes:
            request.method = b"GET"
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("handling-posts", "other-methods-are-refused"))
def takes_any_method_for_get(reference: Reference) -> None:
    """What is no POST gets the form."""

    class Page(forms.FormPage):
        def render(self, request: Request) -> Any:
            if request.method in (b"GET", b"HEAD", b"POST"):
                return super().render(request)
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("handling-posts", "other-methods-are-refused"))
def refuses_methods_without_naming_others(reference: Reference) -> None:
    """A 405 has no Allow."""

    class Page(forms.FormPage):
        def render(self, request: Request) -> Any:
            if request.method in (b"GET", b"HEAD", b"POST"):
                return super().render(request)
            request.setResponseCode(405)
            return b""

    put(reference, Page)
