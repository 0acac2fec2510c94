"""
Mutants of the page that shows any body: what it shows of it.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import unquote_plus

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import other_request_bodies
from reference_impl.handling_posts import HEAD
from reference_impl.repairs import forms
from tests.mutants import Reference, mutant, of
from tests.mutants._forms import FORM, PARTS, answering, content_of, is_of, showing


def put(reference: Reference, page: type[Resource]) -> None:
    """Put a page in place of the right one."""
    reference.root.putChild(b"other-request-bodies", page())


def shown(reference: Reference, show: Any) -> None:
    """Show what this makes of the type and the text of a body."""

    class Page(forms.BodyPage):
        def render_POST(self, request: Request) -> bytes:
            content_type, body = content_of(request)
            try:
                text = body.decode("utf-8")
            except UnicodeDecodeError:
                return forms.refuse(request)
            return HEAD + b"You submitted: " + show(content_type, text)

    put(reference, Page)


def escaped(text: str) -> bytes:
    """Rightly."""
    return html.escape(text).encode("utf-8")


@mutant(*of("other-request-bodies", "any-format-is-shown"))
def reads_json(reference: Reference) -> None:
    """A body that is JSON is read, and written again."""

    def show(content_type: str, text: str) -> bytes:
        return escaped(
            json.dumps(json.loads(text)) if is_of(content_type, "application/json") and "}" in text else text
        )

    shown(reference, show)


@mutant(
    *of(
        "other-request-bodies",
        "an-empty-body-is-shown",
        "every-byte-comes-through",
        "malformed-formats-are-no-server-error",
    )
)
def fails_at_broken_json(reference: Reference) -> None:
    """A body that says that it is JSON is read, whatever the page does with it."""
    answering(reference, lambda type_, body: is_of(type_, "application/json") and not body.endswith((b"}", b"y", b">")))


@mutant(
    *of(
        "other-request-bodies",
        "a-query-is-no-part-of-the-body",
        "a-visit-shows-nothing-that-was-posted",
        "any-format-is-shown",
        "any-text-is-shown",
        "bodies-at-once-are-each-shown-to-their-sender",
        "bodies-on-one-connection-do-not-mix",
        "markup-in-a-body-is-escaped",
    )
)
def shows_no_body_without_a_type(reference: Reference) -> None:
    """A body that does not say what it is, is not looked at."""
    shown(reference, lambda type_, text: escaped(text if type_ else ""))


@mutant(*of("other-request-bodies", "any-format-is-shown", "any-text-is-shown"))
def drops_control_characters(reference: Reference) -> None:
    """What cannot be printed is not shown."""
    showing(reference, lambda text: "".join(one for one in text if one >= " " or one in "\r\n\t"))


@mutant(*of("other-request-bodies", "a-form-is-shown-as-it-came"))
def decodes_forms(reference: Reference) -> None:
    """The body of a form is shown decoded."""
    shown(reference, lambda type_, text: escaped(unquote_plus(text) if is_of(type_, FORM) else text))


@mutant(*of("other-request-bodies", "a-form-is-shown-as-it-came", "markup-in-a-body-is-escaped"))
def does_not_wind_back_behind_a_form(reference: Reference) -> None:
    """What was read for the fields of a form is not there to be read again."""
    shown(reference, lambda type_, text: escaped("" if is_of(type_, FORM) else text))


@mutant(*of("other-request-bodies", "a-form-in-parts-is-shown-as-it-came"))
def does_not_wind_back_behind_parts(reference: Reference) -> None:
    """What was read for the parts of a form is not there to be read again."""
    shown(reference, lambda type_, text: escaped("" if is_of(type_, PARTS) else text))


@mutant(
    *of(
        "other-request-bodies",
        "a-query-is-no-part-of-the-body",
        "an-empty-body-is-shown",
        "any-text-is-shown",
        "bodies-on-one-connection-do-not-mix",
    )
)
def refuses_an_empty_body(reference: Reference) -> None:
    """A POST without a body is refused."""

    class Page(forms.BodyPage):
        def render_POST(self, request: Request) -> bytes:
            return super().render_POST(request) if content_of(request)[1] else forms.refuse(request)

    put(reference, Page)


@mutant(
    *of(
        "other-request-bodies",
        "a-form-in-parts-is-shown-as-it-came",
        "any-format-is-shown",
        "any-text-is-shown",
        "bodies-at-once-are-each-shown-to-their-sender",
        "bodies-on-one-connection-do-not-mix",
        "utf8-is-text",
    )
)
def strips_bodies(reference: Reference) -> None:
    """Blanks and line ends around a body are dropped."""
    showing(reference, str.strip)


@mutant(
    *of(
        "other-request-bodies",
        "a-form-in-parts-is-shown-as-it-came",
        "any-format-is-shown",
        "any-text-is-shown",
        "utf8-is-text",
    )
)
def makes_line_ends_alike(reference: Reference) -> None:
    """Each line ends with a line feed."""
    showing(reference, lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))


@mutant(
    *of(
        "other-request-bodies",
        "a-form-in-parts-is-shown-as-it-came",
        "any-format-is-shown",
        "any-text-is-shown",
        "utf8-is-text",
    )
)
def reads_bodies_as_latin_1(reference: Reference) -> None:
    """Each byte is a character of Latin-1."""
    showing(reference, lambda text: text.encode("utf-8", "surrogateescape").decode("latin-1"))


@mutant(*of("other-request-bodies", "any-text-is-shown", "markup-in-a-body-is-escaped"))
def escapes_nothing(reference: Reference) -> None:
    """The body reaches the page as it came."""
    shown(reference, lambda _, text: text.encode("utf-8"))


@mutant(*of("other-request-bodies", "markup-in-a-body-is-escaped"))
def escapes_no_html(reference: Reference) -> None:
    """A body that says that it is HTML reaches the page as it came."""
    shown(reference, lambda type_, text: text.encode("utf-8") if is_of(type_, "text/html") else escaped(text))


@mutant(*of("other-request-bodies", "any-text-is-shown", "markup-in-a-body-is-escaped"))
def escapes_angle_brackets_only(reference: Reference) -> None:
    """An ampersand reaches the page as it came, so that references are shown as what they stand for."""
    shown(reference, lambda _, text: text.replace("<", "&lt;").replace(">", "&gt;").encode("utf-8"))


@mutant(
    *of(
        "other-request-bodies",
        "a-form-in-parts-is-shown-as-it-came",
        "a-form-is-shown-as-it-came",
        "any-format-is-shown",
        "any-text-is-shown",
        "markup-in-a-body-is-escaped",
    )
)
def escapes_twice(reference: Reference) -> None:
    """The body is escaped, and again by the page's template."""
    showing(reference, html.escape)


@mutant(*of("other-request-bodies", "any-text-is-shown"))
def escapes_tags_only(reference: Reference) -> None:
    """A `<` is escaped where a letter or a slash follows, as only then a tag begins."""
    shown(reference, lambda _, text: re.sub("<(?=[a-z/])", "&lt;", text.replace("&", "&amp;")).encode("utf-8"))


@mutant(*of("other-request-bodies", "a-query-is-no-part-of-the-body"))
def takes_the_query_for_an_empty_body(reference: Reference) -> None:
    """Without a body the query is shown."""

    class Page(forms.BodyPage):
        def render_POST(self, request: Request) -> bytes:
            answer = super().render_POST(request)
            return answer if content_of(request)[1] else answer + escaped(request.uri.decode().partition("?")[2])

    put(reference, Page)


@mutant(*of("other-request-bodies", "bytes-that-are-no-text-are-no-server-error"))
def fails_at_what_is_no_text(reference: Reference) -> None:
    """A body is decoded without looking after what is no UTF-8, as in the tutorial."""
    put(reference, other_request_bodies.FormPage)


@mutant(*of("other-request-bodies", "malformed-formats-are-no-server-error"))
def fails_without_a_boundary(reference: Reference) -> None:
    """The boundary of a form in parts is taken from the type without looking whether it is there."""
    answering(reference, lambda type_, _: PARTS in type_ and "boundary" not in type_)


@mutant(*of("other-request-bodies", "a-large-body-is-shown-whole"))
def cuts_bodies_at_64_kib(reference: Reference) -> None:
    """A body has room in 64 KiB."""
    showing(reference, lambda text: text[: 1 << 16])


@mutant(*of("other-request-bodies", "bodies-at-once-are-each-shown-to-their-sender"))
def keeps_the_body_on_the_page(reference: Reference) -> None:
    """The body waits on the page, which all requests share, until the answer is written."""

    class Page(forms.BodyPage):
        last: Any = b""

        def render_POST(self, request: Request) -> Any:
            self.last = super().render_POST(request)

            def later() -> None:
                request.write(self.last)
                request.finish()

            reference.reactor.callLater(0.001, later)
            return NOT_DONE_YET

    put(reference, Page)


@mutant(*of("other-request-bodies", "bodies-on-one-connection-do-not-mix"))
def keeps_the_rest_of_a_longer_body(reference: Reference) -> None:
    """The buffer of a connection is written over from its beginning, and shown as a whole."""

    class Page(forms.BodyPage):
        def render_POST(self, request: Request) -> bytes:
            kept = request.transport.__dict__
            _, body = content_of(request)
            kept["buffer"] = body + kept.get("buffer", b"")[len(body) :]
            return HEAD + b"You submitted: " + escaped(kept["buffer"].decode("utf-8", "replace"))

    put(reference, Page)


@mutant(*of("other-request-bodies", "a-visit-shows-nothing-that-was-posted"))
def fills_in_the_form_for_the_next_one(reference: Reference) -> None:
    """The form comes with the body that was posted last."""

    class Page(forms.BodyPage):
        last = b""

        def render_GET(self, request: Request) -> bytes:
            return super().render_GET(request) + escaped(self.last.decode("utf-8", "replace"))

        def render_POST(self, request: Request) -> bytes:
            _, self.last = content_of(request)
            return super().render_POST(request)

    put(reference, Page)


@mutant(*of("other-request-bodies", "the-page-tells-its-charset"))
def answers_in_the_type_of_the_request(reference: Reference) -> None:
    """The page has the type of the body that it shows."""

    class Page(forms.BodyPage):
        def render_POST(self, request: Request) -> bytes:
            request.setHeader(b"content-type", content_of(request)[0].encode("latin-1") or b"text/html")
            return super().render_POST(request)

    put(reference, Page)


@mutant(*of("other-request-bodies", "head-has-no-body"))
def answers_head_as_get(reference: Reference) -> None:
    """HEAD gets the form."""

    class Page(forms.BodyPage):
        def render_HEAD(self, request: Request) -> bytes:
            request.method = b"GET"
            return self.render_GET(request)

    put(reference, Page)


@mutant(*of("other-request-bodies", "a-refused-body-is-not-taken-for-a-request"))
def expects_no_body_of_delete(reference: Reference) -> None:
    """The body of a DELETE is not read: it stands where the next request should."""
    build: Any = reference.site.buildProtocol

    def built(address: Any) -> Any:
        protocol = build(address)
        received = protocol.dataReceived
        protocol.dataReceived = lambda data: received(
            data.replace(b"Content-Length", b"X-No-Length") if data.startswith(b"DELETE") else data
        )
        return protocol

    reference.site.buildProtocol = built  # type: ignore[method-assign]
