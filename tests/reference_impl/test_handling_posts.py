"""
Handling POSTs: the form, what it shows, and what is read of parts where Twisted loses something.
"""

import json

import pytest

from reference_impl.repairs.parts import fields

FORM = "Content-Type: application/x-www-form-urlencoded"
PARTS = "Content-Type: multipart/form-data; boundary=B"


def part(head, value):
    """One part of a form in parts, in UTF-8."""
    return f"--B\r\n{head}\r\n\r\n{value}\r\n".encode()


def named(name, value, *lines):
    """A part with this name."""
    return part("\r\n".join((f'Content-Disposition: form-data; name="{name}"', *lines)), value)


@pytest.fixture
def posted(connect):
    """What the page of all fields answers to a body."""

    def posted(body, *, of=PARTS, to="/form/fields"):
        return json.loads(connect().request(to, of, method="POST", body=body).body)

    return posted


def test_the_form_shows_what_is_posted(connect):
    """Escaped, and in UTF-8."""
    assert b"<form method='POST'><input name='the-field'></form>" in connect().request("/form").body
    asked = connect().request("/form", FORM, method="POST", body=b"the-field=%3Cb%3E+%C3%A9")
    assert asked.body.endswith("You submitted: &lt;b&gt; é".encode())


@pytest.mark.parametrize("body", [b"another=1", b"the-field=%ff", b""])
def test_what_cannot_be_shown_is_refused(connect, body):
    """A field that is missing, and one that is no text."""
    asked = connect().request("/form", FORM, method="POST", body=body)
    assert asked.status == 400


@pytest.mark.parametrize("body", [b"another=1", b"the-field=%ff"])
def test_the_printed_page_fails_at_what_cannot_be_shown(connect, literal, body):
    """`forms.FormPage` is needed."""
    assert connect(literal).request("/form", FORM, method="POST", body=body).status == 500


def test_all_fields_are_told(posted):
    """In lists, in their order."""
    assert posted(b"a=1&b=&a=2", of=FORM) == {"a": ["1", "2"], "b": [""]}
    assert posted(named("a", "1") + named("b", "") + named("a", "2") + b"--B--\r\n") == {"a": ["1", "2"], "b": [""]}


def test_nothing_of_a_part_is_lost(posted):
    """Names in any script, and files that are mails."""
    message = "Subject: x\r\n\r\nHello"
    body = named("größe", "1") + named("b", message, "Content-Type: message/rfc822") + b"--B--\r\n"
    assert posted(body) == {"größe": ["1"], "b": [message]}


def test_twisted_loses_something_of_parts(connect, literal):
    """`parts.Request` is needed."""

    def asked(body):
        return connect(literal).request("/form/fields", PARTS, method="POST", body=body)

    assert "größe" not in json.loads(asked(named("größe", "1") + b"--B--\r\n").body)
    assert asked(named("b", "Subject: x\r\n\r\nHello", "Content-Type: message/rfc822") + b"--B--\r\n").status == 500
    with pytest.raises(AttributeError):
        asked(part("Content-Disposition: form-data; name*=utf-8''a", "1") + b"--B--\r\n")


def test_parts_that_twisted_cannot_read_are_passed_over(posted):
    """They take no others with them."""
    odd = part("Content-Disposition: form-data; name*=utf-8''a", "1")
    assert posted(odd + named("b", "2") + b"--B--\r\n") == {"b": ["2"]}


def test_what_fails_in_a_page_is_not_read_again(connect, site):
    """An error of the page's own is Twisted's affair, once."""
    rendered = []

    class Fails(type(site.resource)):
        isLeaf = True  # noqa: N815 - Twisted's name

        def render(self, request):
            rendered.append(request)
            raise ZeroDivisionError

    site.resource.putChild(b"fails", Fails())
    assert connect().request("/fails", PARTS, method="POST", body=named("a", "1") + b"--B--\r\n").status == 500
    assert len(rendered) == 1


@pytest.mark.parametrize(
    ("content_type", "body", "found"),
    [
        ("multipart/form-data; boundary=B", named("a", "1\r\n2") + b"--B--", {b"a": [b"1\r\n2"]}),
        (
            'multipart/form-data; boundary="a b"',
            b"--a b\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
            {b"a": [b"1"]},
        ),
        (
            "multipart/form-data; boundary=B",
            b"before\r\n" + named("a", "1") + b"--B--\r\n" + named("b", "2"),
            {b"a": [b"1"]},
        ),
        (
            "multipart/form-data; boundary=B",
            part('Content-Disposition: form-data; filename="; name=x"; name="a"', "") + b"--B--",
            {b"a": [b""]},
        ),
        ("multipart/form-data; boundary=B", named('a\\"b', "1") + b"--B--", {b'a"b': [b"1"]}),
        ("multipart/form-data; boundary=B", part("Content-Type: text/plain", "1"), {}),
        ("multipart/form-data; boundary=B", b"no parts", {}),
        ("multipart/form-data", named("a", "1"), {}),
    ],
)
def test_parts_are_read_as_they_are(content_type, body, found):
    """Names and values are bytes; the last boundary may be missing."""
    assert fields(content_type, body) == found
