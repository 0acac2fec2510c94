"""
Other request bodies: a page that shows whatever was posted to it, as text.
"""

import gzip

from harness import MAY, MUST, SHOULD, gather, rfc, spec, tutorial
from specs.exchanges import REFUSALS
from specs.facts import fields, steady
from specs.following import followed
from specs.forms import (
    AT_ONCE,
    FORM,
    HUGE,
    LARGE,
    MARKUP,
    PARTS,
    answered,
    encoded,
    in_parts,
    numbered,
    shown,
    unescaped,
)

ANY = tutorial("other-request-bodies", "get any request body, regardless of its format")
DIRECTLY = tutorial("other-request-bodies", "uses request.content to get the request's body directly")
ESCAPES = tutorial("handling-posts", "for inclusion in the output")
SERVER_ERROR = rfc(9110, "15.6", "it has erred or is incapable of performing the requested method")
ALLOWED = rfc(9110, "15.5.6", "The origin server MUST generate an Allow header field in a 405 response")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
CHARSET = tutorial("other-request-bodies", "<meta charset='utf-8'>")


def texts():
    """Texts, among them what means something in HTML."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    pieces = st.sampled_from(
        ("&", "<", ">", '"', "'", "&amp;", "&lt;", "&#", "60;", "%3C", "+", "\n", "\r\n", "\t", " ", "é", "漢", "🙂")
    )
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    return text | st.lists(pieces, max_size=15).map("".join)


@spec("other-request-bodies/any-format-is-shown", MUST, ANY)
async def test_any_format_is_shown(page, wire):
    """
    Whatever a body is said to be, the page shows it as it came.

    Sends:      POSTs of JSON, XML, CSV and binary data that is text, each under its type; of text in a type that nobody
                knows, and without any type.
    Observes:   the body on each page.
    Look at:    a framework that takes JSON, or a form, apart before the page can read it.
    """
    bodies = (
        ("application/json", '{"a": [1, null, "é"], "b": "</body>"}'),
        ("application/xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("text/csv", 'a,"b;c"\r\n1,2\r\n'),
        ("application/octet-stream", "\x01\x02\x7f"),
        ("application/x-web60", "of no type that anybody knows"),
        (None, "of no type at all"),
    )
    for type_, body in bodies:
        lines = [("Content-Type", type_)] if type_ else []
        answer = await wire.post(page.path, body.encode(), fields=lines)

        assert shown(page, body) in unescaped(answer)


@spec("other-request-bodies/a-form-is-shown-as-it-came", MUST, DIRECTLY)
async def test_a_form_is_shown_as_it_came(page, wire):
    """
    The body of a form is a body like any other here: it is shown still encoded.

    Sends:      one POST of two fields, urlencoded, with the type of a form.
    Observes:   the encoded form on the page.
    Look at:    a body that is empty once the framework has read the form from it.
    """
    body = encoded(("the-field", "a b&c"), ("another", "é"))

    answer = await wire.post(page.path, body, fields=[FORM])

    assert shown(page, body.decode()) in unescaped(answer)


@spec("other-request-bodies/a-form-in-parts-is-shown-as-it-came", MUST, DIRECTLY)
async def test_a_form_in_parts_is_shown_as_it_came(page, wire):
    """
    So is a form in parts, with its boundaries.

    Sends:      one POST of two parts.
    Observes:   the whole of it on the page.
    Look at:    a body that is empty once the framework has read the form from it.
    """
    body = in_parts(("the-field", "one\r\ntwo"), ("another", "é"))

    answer = await wire.post(page.path, body, fields=[PARTS])

    assert shown(page, body.decode()) in unescaped(answer)


@spec("other-request-bodies/an-empty-body-is-shown", MUST, ANY)
async def test_an_empty_body_is_shown(page, wire):
    """
    A POST without a body is answered as any other, with nothing where the body belongs.

    Sends:      POSTs with a length of zero, without a length, and with a type but no body.
    Observes:   the page.
    Differs:    a server may ask for the length that is missing (411).
    Look at:    a read that waits for bytes that nobody announced.
    """
    zero = await wire.post(page.path, b"")
    none = await wire.request("POST", page.path)
    typed = await wire.post(page.path, b"", fields=[("Content-Type", "application/json")])

    for answer in (zero, typed, *([none] if none.status != 411 else [])):
        assert shown(page, "") in unescaped(answer)


@spec("other-request-bodies/utf8-is-text", MUST, CHARSET)
async def test_utf8_is_text(page, wire):
    """
    A body is shown as the text that it is in UTF-8, with all its line ends and blanks.

    Sends:      one POST of text with accents, Chinese, a character beyond 16 bits, line ends of all kinds, blanks at
                both ends.
    Observes:   the text on the page, read as UTF-8.
    Look at:    bodies that are stripped; text that is taken for Latin-1.
    """
    text = " \r\n naïve Ωμέγα 漢字 🙂\n\ttwo\rthree \r\n "

    answer = await wire.post(page.path, text.encode(), fields=[("Content-Type", "text/plain; charset=utf-8")])

    assert shown(page, text) in unescaped(answer)


@spec("other-request-bodies/markup-in-a-body-is-escaped", MUST, ESCAPES)
async def test_markup_in_a_body_is_escaped(page, wire):
    """
    Markup that was posted is text on the page: shown as it is, and never markup.

    Sends:      POSTs of a script, a tag with an attribute, references, and what they stand for: as HTML, as text, as a
                form, without a type.
    Observes:   that no tag of it stands raw in the answers; that the page shows just this text.
    Look at:    a body that is escaped for some types only; `&` that is not escaped, or escaped twice.
    """
    for type_ in ("text/html", "text/plain", FORM[1], None):
        answer = await wire.post(page.path, MARKUP.encode(), fields=[("Content-Type", type_)] if type_ else [])

        assert b"<script>alert" not in answer.body
        assert b"<b class" not in answer.body
        assert shown(page, MARKUP) in unescaped(answer)


@spec("other-request-bodies/a-query-is-no-part-of-the-body", MUST, DIRECTLY)
async def test_a_query_is_no_part_of_the_body(page, wire):
    """
    What stands in the query is not shown as the body, and does not take its place.

    Sends:      a POST of text, and one of nothing, both with a query.
    Observes:   the body on the first page, and nothing on the second.
    Look at:    a table of arguments, in which a query and a form are one, instead of the body.
    """
    asked = f"{page.path}{'&' if '?' in page.path else '?'}the-field=queried"

    text = await wire.post(asked, b"posted, and no more")
    nothing = await wire.post(asked, b"")

    assert shown(page, "posted, and no more") in unescaped(text)
    assert shown(page, "queried") not in text.text
    assert "queried" not in unescaped(nothing)


@spec("other-request-bodies/bytes-that-are-no-text-are-no-server-error", SHOULD, SERVER_ERROR)
async def test_bytes_that_are_no_text_are_no_server_error(page, wire):
    """
    A body that is no text in UTF-8 is the client's error, or shown with what stands for such bytes.

    Sends:      POSTs of single bytes, of half a character, of a surrogate, of text in UTF-16, of all bytes.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    400, 415, or U+FFFD in their place.
    Look at:    a body that is decoded without looking after what is no text, as the tutorial's page does.
    """
    await answered(
        wire,
        page.path,
        ("Content-Type", "text/plain"),
        one_byte=b"\xff",
        half_a_character=b"\xe6\xbc",
        a_surrogate=b"\xed\xa0\x80",
        utf_16="text".encode("utf-16"),
        all_bytes=bytes(range(256)),
    )


@spec("other-request-bodies/malformed-formats-are-no-server-error", SHOULD, ANY)
async def test_malformed_formats_are_no_server_error(page, wire):
    """
    The page does not look into the body, so that what is wrong in it does no harm.

    Sends:      POSTs of half a JSON document, of an XML document with a bomb of entities, of a form in parts without a
                boundary, each under its type.
    Observes:   that none is answered 5xx; that the server answers its ping afterwards.
    Differs:    Twisted reads forms whatever the page: it answers 400 to the last.
    Look at:    parsers that a framework runs on its own.
    """
    bomb = '<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
    await answered(wire, page.path, ("Content-Type", "application/json"), half_a_document=b'{"a": [')
    await answered(wire, page.path, ("Content-Type", "application/xml"), a_bomb=bomb.encode())
    await answered(wire, page.path, PARTS, no_parts=b"no boundary anywhere")
    await answered(wire, page.path, ("Content-Type", "multipart/form-data"), no_boundary=in_parts(("a", "1")))
    await answered(wire, page.path, FORM, broken_escapes=b"%&%zz=%f&&=")


@spec("other-request-bodies/any-text-is-shown", MUST, ANY, examples=texts)
async def test_any_text_is_shown(page, wire, example):
    """
    Whatever the text, the page shows it as it is, and between tags there is no `<` of it.

    Sends:      one POST of text, generated.
    Observes:   the text on the page, once that is unescaped; that the text adds no `<` to the page.
    Look at:    the smallest text for which it is not so, which the reason shows.
    """
    plain = await wire.post(page.path, b"plain")
    answer = await wire.post(page.path, example.encode())

    assert shown(page, example) in unescaped(answer)
    assert answer.body.count(b"<") == plain.body.count(b"<")


@spec("other-request-bodies/a-large-body-is-shown-whole", MUST, ANY, reads=4 * HUGE)
async def test_a_large_body_is_shown_whole(page, wire):
    """
    A body of 300 KB is shown from its beginning to its end.

    Sends:      one POST of 300,000 characters, numbered.
    Observes:   the body on the page.
    Look at:    bodies above some size that are kept elsewhere (Twisted: above 100,000 bytes in a file).
    """
    text = numbered(LARGE)

    answer = await wire.post(page.path, text.encode(), fields=[("Content-Type", "text/plain")])

    assert shown(page, text) in unescaped(answer)


@spec("other-request-bodies/bodies-at-once-are-each-shown-to-their-sender", MUST, DIRECTLY)
async def test_bodies_at_once_are_each_shown_to_their_sender(target, page, wire, clock):
    """
    Of bodies that come at the same time each is shown to the one who sent it.

    Sends:      up to sixteen (`parallel`) POSTs: first the heads and half of each body, then, in the opposite order,
                the other halves.
    Observes:   the body on each of the pages.
    Look at:    a place for bodies that several requests share.
    """
    bodies = [(clock.token() + " ") * 20 for _ in range(min(AT_ONCE, target.parallel))]
    conversations = await wire.open_many(len(bodies))
    halves = []
    for conversation, body in zip(conversations, bodies, strict=True):
        whole = wire.bytes_of("POST", page.path, body=body.encode())
        half = len(whole) - len(body) // 2
        conversation.send(whole[:half])
        halves.append(whole[half:])
    for conversation, half in zip(conversations[::-1], halves[::-1], strict=True):
        conversation.send(half)
    answers = await gather(*(conversation.answer(method="POST") for conversation in conversations))

    for body, answer in zip(bodies, answers, strict=True):
        assert shown(page, body) in unescaped(answer)


@spec("other-request-bodies/bodies-on-one-connection-do-not-mix", MUST, DIRECTLY)
async def test_bodies_on_one_connection_do_not_mix(page, wire):
    """
    Bodies that follow one another on a connection are each shown alone, whatever the one before was.

    Sends:      on one connection, in one piece: a POST of a long body, one of a short one, one of none.
    Observes:   the answers in their order.
    Differs:    a server may close the connection after any answer.
    Look at:    a buffer that is not emptied, or is cut off in the wrong place.
    """
    bodies = ("a long body, " * 40, "a short one", "")
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("POST", page.path, body=body.encode()) for body in bodies))
    first = await conversation.answer(method="POST")
    following = [await conversation.answer_if_any(method="POST") for _ in bodies[1:]]

    assert shown(page, bodies[0]) in unescaped(first)
    for body, answer in zip(bodies[1:], following, strict=True):
        if answer is not None:
            assert shown(page, body) in unescaped(answer)
            assert "a long body" not in answer.text


@spec("other-request-bodies/a-visit-shows-nothing-that-was-posted", MUST, DIRECTLY)
async def test_a_visit_shows_nothing_that_was_posted(page, wire, clock):
    """
    What somebody posted is on the answer to the POST, and not on the page that is asked for next.

    Sends:      on one connection, a POST of a body and a GET; then a GET on another.
    Observes:   that the body does not stand in the answers to the GETs.
    Look at:    a page that is kept between requests.
    """
    body = clock.token()
    conversation = await wire.open()
    conversation.request("POST", page.path, body=body.encode())
    posted = await conversation.answer()
    if not conversation.is_gone:
        conversation.request("GET", page.path)
    after = [await conversation.answer_if_any(method="GET"), await wire.get(page.path)]

    assert shown(page, body) in unescaped(posted)
    for answer in after:
        if answer is not None:
            assert body not in answer.text


@spec("other-request-bodies/the-page-tells-its-charset", SHOULD, CHARSET)
async def test_the_page_tells_its_charset(page, wire):
    """
    The page is HTML in UTF-8, and says so, whatever the type of the body that it shows.

    Sends:      POSTs of text, as text/plain in Latin-1 and as JSON.
    Observes:   the type of the answers; `utf-8` in the type, or in the first 1024 bytes of the page.
    Look at:    an answer that takes its type from the request.
    """
    for type_ in ("text/plain; charset=iso-8859-1", "application/json"):
        answer = await wire.post(page.path, b"a body", fields=[("Content-Type", type_)])
        said = (answer.fields.get("content-type") or "").lower()

        assert said.startswith("text/html")
        assert "utf-8" in said + answer.text[:1024].lower(), f"no charset, neither in {said!r} nor on the page"


@spec("other-request-bodies/head-has-no-body", MUST, NO_CONTENT)
async def test_head_has_no_body(target, page, wire):
    """
    HEAD of the page has no body, also where it brings one.

    Sends:      on one connection, a HEAD with a body of its own, then a GET of `ping`.
    Observes:   every byte on the connection: after the fields, nothing until the next answer begins.
    Differs:    a server may refuse either, and close the connection.
    Look at:    a body that is sent all the same, and then is taken for the next answer.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path, body=b"a body that HEAD has no use for")
    head = await conversation.answer()
    following = await followed(target, conversation)

    assert head.body == b""
    assert conversation.received == head.raw + (b"" if following is None else following.raw)


@spec("other-request-bodies/a-refused-body-is-not-taken-for-a-request", MUST, ALLOWED)
async def test_a_refused_body_is_not_taken_for_a_request(target, page, wire, facts):
    """
    Where a method is refused, its body is read all the same, or the connection is closed.

    Sends:      in one piece, a DELETE of `ping` whose body is a whole request for the page; then a GET of `ping`.
    Observes:   that the second answer, if one comes, is that of `ping`.
    Differs:    a server may do as it is asked, refuse, and close the connection.
    Look at:    an answer that is given before the body has come, after which the body stands where a request should.
    """
    plain = await wire.get(target.alive.path)
    hidden = wire.bytes_of("GET", page.path)
    conversation = await wire.open()
    conversation.send(wire.bytes_of("DELETE", target.alive.path, body=hidden) + wire.bytes_of("GET", target.alive.path))
    refused = await conversation.answer(method="DELETE")
    second = await conversation.answer_if_any(method="GET")
    facts["connection after a refused method"] = "closed" if second is None else "kept"
    facts["status of the refused method"] = refused.status

    if second is not None and second.status not in REFUSALS:
        assert second.status == plain.status
        assert second.body == plain.body
        assert conversation.received == refused.raw + second.raw
    await wire.ping()


@spec("other-request-bodies/how-its-answers-look", MAY, ANY)
async def test_how_its_answers_look(target, page, wire, facts):
    """
    Framing and fields of the answers are facts, and what other methods and odd bodies get.

    Sends:      a GET, a HEAD, a POST; PUT, PATCH and DELETE with a body; a body that is compressed, one in Latin-1, one
                that is no text, a form in parts that is none.
    Observes:   status lines, fields in their order, framing, bodies.
    """
    answers = {
        "GET": await wire.get(page.path),
        "HEAD": await wire.head(page.path),
        "POST": await wire.post(page.path, b"a body"),
        "PUT": await wire.request("PUT", page.path, body=b"a body"),
        "PATCH": await wire.request("PATCH", page.path, body=b"a body"),
        "DELETE": await wire.request("DELETE", page.path, body=b"a body"),
        "no text": await wire.post(page.path, b"\xff"),
        "no parts": await wire.post(page.path, b"no parts", fields=[PARTS]),
        "Latin-1": await wire.post(page.path, b"\xe9", fields=[("Content-Type", "text/plain; charset=iso-8859-1")]),
        "a BOM": await wire.post(page.path, "\ufeffa body".encode()),
        "a NUL": await wire.post(page.path, b"a\0body"),
        "gzip": await wire.post(page.path, gzip.compress(b"a body", mtime=0), fields=[("Content-Encoding", "gzip")]),
    }
    for name, answer in answers.items():
        facts[f"{name} is answered"] = f"{answer.status} {answer.reason.decode('latin-1')}"
        facts[f"fields of the answer to {name}"] = fields(answer, target)
        facts[f"framing of the answer to {name}"] = answer.framing
        facts[f"body of the answer to {name}"] = steady(answer.body[:500], target)
    await wire.ping()
