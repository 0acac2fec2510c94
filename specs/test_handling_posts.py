"""
Handling POSTs: a form, and a page that shows what was submitted.
"""

from urllib.parse import urljoin, urlsplit

from harness import MAY, MUST, SHOULD, NotOffered, gather, rfc, spec, tutorial
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
    Forms,
    chunked,
    encoded,
    in_parts,
    in_segments,
    numbered,
    shown,
    unescaped,
)

RENDERS_A_FORM = tutorial("handling-posts", "it will respond to GET requests with a static HTML form")
POSTED_BACK = tutorial("handling-posts", "generates a dynamic page when that form is posted back to it")
WATCH = tutorial("handling-posts", "watch it generate a page including the value you entered into the single field")
ESCAPES = tutorial("handling-posts", "for inclusion in the output")
ALLOWED = rfc(9110, "15.5.6", "The origin server MUST generate an Allow header field in a 405 response")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
FRAMING = rfc(9112, "6", "Request message framing is independent of method semantics")
CHARSET = tutorial("handling-posts", "<meta charset='utf-8'>")

#: What a server sends ahead of the rest may be anything; what a page begins with is a fact in this many characters.
BEGINNING = 500


@spec("handling-posts/the-form-has-the-field", MUST, RENDERS_A_FORM)
async def test_the_form_has_the_field(page, wire, facts):
    """
    The page is a form with the field in it.

    Sends:      one GET of the form.
    Observes:   a form, and in it a control whose name is the profile's.
    Look at:    the profile's `path` and `name`; a page that is not HTML.
    """
    answer = await wire.get(page.path)
    found = Forms(answer.text)
    form, controls = found.with_field(page.name)
    facts["attributes of the form"] = dict(sorted((form or {}).items()))
    facts["controls"] = [dict(sorted(control.items())) for control in controls if control.get("type") != "hidden"]

    assert answer.complete, answer.problem
    assert answer.status == 200
    assert form is not None, f"none of the {len(found.forms)} forms of the page has a field {page.name!r}"


@spec("handling-posts/the-form-is-sent-by-post", SHOULD, POSTED_BACK)
async def test_the_form_is_sent_by_post(page, wire):
    """
    The form says that it is to be posted: without that, a browser asks for the page again with the value in its query.

    Sends:      one GET of the form.
    Observes:   its `method`, in any case.
    Differs:    the first of the two versions in the tutorial has no method.
    Look at:    the attributes of the form.
    """
    form, _ = Forms((await wire.get(page.path)).text).with_field(page.name)

    assert (form or {}).get("method", "get").lower() == "post"


@spec("handling-posts/what-a-browser-submits-is-shown", MUST, WATCH)
async def test_what_a_browser_submits_is_shown(target, page, client):
    """
    The form, filled in and sent as a browser would, brings a page with the value.

    Sends:      a GET of the form; then, with the cookies that came, what the form says: to its `action`, in its
                encoding, with its hidden fields and a value in its field.
    Observes:   the value on the page that comes.
    Differs:    a form that is not posted, or is sent elsewhere than to this server, is not offered.
    Look at:    an action that misses the page; a hidden field that is not accepted when it comes back.
    """
    visitor = client.visitor()
    form, controls = Forms((await visitor.get(page.path)).text).with_field(page.name)
    form = form or {}
    here = target.path(page.path)
    action = urlsplit(urljoin(target.url.rstrip("/") + "/", here))
    action = urlsplit(urljoin(action.geturl(), form.get("action", "")))
    base = urlsplit(target.url)
    if form.get("method", "get").lower() != "post":
        raise NotOffered("the form is not posted")
    if action.netloc != base.netloc or not action.path.startswith(base.path):
        raise NotOffered(f"the form is sent to {form['action']}")
    hidden = [(one["name"], one.get("value", "")) for one in controls if one.get("type") == "hidden" and "name" in one]
    pairs = (*hidden, (page.name, "filled in by hand"))
    multipart = form.get("enctype", "").lower() == "multipart/form-data"
    path = action.path[len(base.path) - 1 :] + (f"?{action.query}" if action.query else "")
    body, type_ = (in_parts(*pairs), PARTS) if multipart else (encoded(*pairs), FORM)

    answer = await visitor.post(path.replace("{", "%7B").replace("}", "%7D"), body, fields=[type_])

    assert shown(page, "filled in by hand") in unescaped(answer)


@spec("handling-posts/a-posted-value-is-shown", MUST, POSTED_BACK)
async def test_a_posted_value_is_shown(page, wire):
    """
    The page that answers a POST shows the value of the field.

    Sends:      one POST of the field, urlencoded.
    Observes:   the value on the page, where the profile's `shows` has it.
    Look at:    the profile's `shows`; a value that is shown as the language prints it (b'…', quotes, lists).
    """
    answer = await wire.post(page.path, encoded((page.name, "some words, posted")), fields=[FORM])

    assert shown(page, "some words, posted") in unescaped(answer)


@spec("handling-posts/an-empty-value-is-shown", MUST, POSTED_BACK)
async def test_an_empty_value_is_shown(page, wire):
    """
    A form that is sent without anything in its field is a form like any other.

    Sends:      one POST of the field with an empty value.
    Observes:   the page, with nothing where the value belongs.
    Look at:    empty values that are dropped, so that the field seems to be missing.
    """
    answer = await wire.post(page.path, encoded((page.name, "")), fields=[FORM])

    assert shown(page, "") in unescaped(answer)


@spec("handling-posts/text-in-any-script-is-shown", MUST, CHARSET)
async def test_text_in_any_script_is_shown(page, wire):
    """
    Text is shown as it was typed, whatever its letters: in UTF-8 both ways.

    Sends:      one POST of the field with accents, Greek, Chinese and a character beyond 16 bits.
    Observes:   the same text on the page, read as UTF-8.
    Look at:    a page in another charset; text that is decoded twice, or as Latin-1.
    """
    value = "naïve Ωμέγα 漢字 🙂 end"

    answer = await wire.post(page.path, encoded((page.name, value)), fields=[FORM])

    assert shown(page, value) in unescaped(answer)


@spec("handling-posts/other-fields-and-their-order-do-not-matter", MUST, POSTED_BACK)
async def test_other_fields_and_their_order_do_not_matter(page, wire):
    """
    The field is found by its name, wherever it stands among others.

    Sends:      three POSTs: the field first, between and last of three.
    Observes:   its value on each of the pages.
    Look at:    a form that is taken apart by position; names that only begin with the field's.
    """
    field, others = (page.name, "the right one"), [(page.name + "-not", "wrong"), ("not-" + page.name, "wrong")]
    orders = ([field, *others], [others[0], field, others[1]], [*others, field])

    answers = [await wire.post(page.path, encoded(*pairs), fields=[FORM]) for pairs in orders]

    for answer in answers:
        assert shown(page, "the right one") in unescaped(answer)


@spec("handling-posts/markup-in-a-value-is-escaped", MUST, ESCAPES)
async def test_markup_in_a_value_is_escaped(page, wire):
    """
    Markup that was submitted is text on the page: shown as it is, and never markup.

    Sends:      one POST of the field with a script, a tag with an attribute, references, and what they stand for.
    Observes:   that no tag of it stands raw in the answer; that the page shows just this text.
    Differs:    how a character is escaped, and whether quotes are: neither matters between tags.
    Look at:    a value that reaches the page as it came; `&` that is not escaped, or escaped twice.
    """
    answer = await wire.post(page.path, encoded((page.name, MARKUP)), fields=[FORM])

    assert b"<script>alert" not in answer.body
    assert b"<b class" not in answer.body
    assert shown(page, MARKUP) in unescaped(answer)


@spec("handling-posts/nothing-else-of-a-request-is-markup", MUST, ESCAPES)
async def test_nothing_else_of_a_request_is_markup(page, wire):
    """
    Whatever else of a request is echoed, with its answer or with an error, is escaped as well.

    Sends:      POSTs with a script in the name of a field, in the query, in the User-Agent and Referer, in the
                Content-Type, and one without the field.
    Observes:   that the script does not stand raw in any of the answers.
    Differs:    none of this need be echoed at all; each may be refused.
    Look at:    error pages that say what was wrong with the request.
    """
    script = "<script>alert(60)</script>"
    right = encoded((page.name, "a value"))
    joint = "&" if "?" in page.path else "?"
    answers = await gather(
        wire.post(page.path, encoded((page.name, "a value"), (script, script)), fields=[FORM]),
        wire.post(page.path, encoded((script, script)), fields=[FORM]),
        wire.post(f"{page.path}{joint}q={script}", right, fields=[FORM]),
        wire.post(page.path, right, fields=[FORM, ("User-Agent", script), ("Referer", script)]),
        wire.post(page.path, right, fields=[("Content-Type", script)]),
        wire.post(page.path, right, fields=[("Content-Type", f'{PARTS[1]}; charset="{script}"')]),
    )

    for answer in answers:
        assert script.encode() not in answer.body
    await wire.ping()


@spec("handling-posts/the-page-tells-its-charset", SHOULD, CHARSET)
async def test_the_page_tells_its_charset(page, wire):
    """
    The page is HTML in UTF-8, and says so: a browser that has to guess may read markup where none is.

    Sends:      a GET of the form, and a POST of the field.
    Observes:   the type of both; `utf-8` in the type, or in the first 1024 bytes of the page.
    Look at:    a Content-Type without charset on a page without `<meta charset>`.
    """
    form = await wire.get(page.path)
    posted = await wire.post(page.path, encoded((page.name, "a value")), fields=[FORM])

    for answer in (form, posted):
        said = (answer.fields.get("content-type") or "").lower()
        assert said.startswith("text/html")
        assert "utf-8" in said + answer.text[:1024].lower(), f"no charset, neither in {said!r} nor on the page"


@spec("handling-posts/a-visit-shows-nothing-that-was-posted", MUST, RENDERS_A_FORM)
async def test_a_visit_shows_nothing_that_was_posted(page, wire, clock):
    """
    What somebody posted is on the answer to the POST, and not on the form that is asked for next.

    Sends:      on one connection, a POST of the field and a GET of the form; then a GET on another.
    Observes:   that the value does not stand in the answers to the GETs.
    Look at:    a page that is kept between requests.
    """
    value = clock.token()
    conversation = await wire.open()
    conversation.request("POST", page.path, fields=[FORM], body=encoded((page.name, value)))
    posted = await conversation.answer()
    if not conversation.is_gone:
        conversation.request("GET", page.path)
    after = [await conversation.answer_if_any(method="GET"), await wire.get(page.path)]

    assert shown(page, value) in unescaped(posted)
    for answer in after:
        if answer is not None:
            assert value not in answer.text


@spec("handling-posts/posts-at-once-each-show-their-own-value", MUST, POSTED_BACK)
async def test_posts_at_once_each_show_their_own_value(target, page, wire, clock):
    """
    Of posts at the same time each is answered with its own value.

    Sends:      up to sixteen (`parallel`) POSTs of the field, first the heads of all of them, then their bodies in the
                opposite order.
    Observes:   the value on each of the pages.
    Look at:    the fields of a request in a place that several requests share.
    """
    values = [clock.token() for _ in range(min(AT_ONCE, target.parallel))]
    conversations = await wire.open_many(len(values))
    bodies = [encoded((page.name, value)) for value in values]
    for conversation, body in zip(conversations, bodies, strict=True):
        whole = wire.bytes_of("POST", page.path, fields=[FORM], body=body)
        conversation.send(whole[: -len(body)])
    for conversation, body in zip(conversations[::-1], bodies[::-1], strict=True):
        conversation.send(body)
    answers = await gather(*(conversation.answer(method="POST") for conversation in conversations))

    for value, answer in zip(values, answers, strict=True):
        assert shown(page, value) in unescaped(answer)


@spec("handling-posts/posts-on-one-connection-do-not-mix", MUST, FRAMING)
async def test_posts_on_one_connection_do_not_mix(page, wire):
    """
    Posts that follow one another on a connection each have their own fields, whatever the one before had.

    Sends:      in one piece, a POST with two fields and one with the page's field only.
    Observes:   the answers in their order.
    Differs:    a server may close the connection after the first.
    Look at:    fields, or the body, that are left over from the request before.
    """
    first = encoded(("another", "field"), (page.name, "the first, which is the longer one"))
    second = encoded((page.name, "the second"))
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("POST", page.path, fields=[FORM], body=first)
        + wire.bytes_of("POST", page.path, fields=[FORM], body=second)
    )
    one = await conversation.answer(method="POST")
    two = await conversation.answer_if_any(method="POST")

    assert shown(page, "the first, which is the longer one") in unescaped(one)
    if two is not None:
        assert shown(page, "the second") in unescaped(two)
        assert "the longer one" not in two.text


@spec("handling-posts/a-chunked-form-is-read-alike", MUST, FRAMING)
async def test_a_chunked_form_is_read_alike(page, wire):
    """
    A form whose length was not told, because it comes in chunks, is the same form.

    Sends:      one POST of the field in chunks, cut within the name and within an escape.
    Observes:   the value on the page.
    Differs:    a server may ask for a length (411): not offered.
    Look at:    forms that are read as far as a Content-Length says, which is missing here.
    """
    body = encoded((page.name, "in chunks: &"))
    pieces = chunked(body, 3, len(page.name), 11)
    head = wire.bytes_of("POST", page.path, fields=[FORM, ("Transfer-Encoding", "chunked")])
    conversation = await wire.open()
    conversation.send(head + pieces)
    answer = await conversation.answer(method="POST")
    if answer.status == 411:
        raise NotOffered("a body in chunks is answered 411 Length Required")

    assert shown(page, "in chunks: &") in unescaped(answer)


@spec("handling-posts/a-form-in-segments-is-read-alike", MUST, FRAMING)
async def test_a_form_in_segments_is_read_alike(page, wire, clock):
    """
    However the bytes of a form are cut on the way, it is the same form.

    Sends:      one POST of the field in a dozen pieces, a moment between them.
    Observes:   the value on the page.
    Look at:    a body that is read once, and taken to be whole.
    """
    body = encoded((page.name, "in segments " * 10 + "to the end"))
    data = wire.bytes_of("POST", page.path, fields=[FORM], body=body)

    answer = await in_segments(wire, clock, data)

    assert shown(page, "in segments " * 10 + "to the end") in unescaped(answer)


@spec("handling-posts/a-large-value-is-shown-whole", MUST, POSTED_BACK, reads=4 * HUGE)
async def test_a_large_value_is_shown_whole(page, wire):
    """
    A value of 300 KB is shown from its beginning to its end.

    Sends:      one POST of the field with 300,000 characters, numbered.
    Observes:   the value on the page.
    Look at:    bodies above some size that are kept elsewhere, and read from the wrong place.
    """
    value = numbered(LARGE)

    answer = await wire.post(page.path, encoded((page.name, value)), fields=[FORM])

    assert shown(page, value) in unescaped(answer)


@spec("handling-posts/a-huge-value-is-shown-whole", SHOULD, POSTED_BACK, reads=8 * HUGE)
async def test_a_huge_value_is_shown_whole(page, wire):
    """
    So is a value of a megabyte.

    Sends:      one POST of the field with a million characters, numbered.
    Observes:   the value on the page.
    Differs:    a server may say that this is too much for it: 413.
    Look at:    limits that answer with anything else, or cut the value off.
    """
    value = numbered(HUGE - 1000)

    answer = await wire.post(page.path, encoded((page.name, value)), fields=[FORM])

    if answer.status != 413:
        assert shown(page, value) in unescaped(answer)


@spec("handling-posts/head-of-the-form-has-no-body", MUST, NO_CONTENT)
async def test_head_of_the_form_has_no_body(target, page, wire):
    """
    HEAD of the form brings its fields, and no form.

    Sends:      on one connection, a HEAD of the form, then a GET of `ping`.
    Observes:   every byte on the connection: after the fields, nothing until the next answer begins.
    Differs:    a server may refuse HEAD, and close the connection.
    Look at:    a body that is sent all the same, and then is taken for the next answer.
    """
    conversation = await wire.open()
    conversation.request("HEAD", page.path)
    head = await conversation.answer()
    following = await followed(target, conversation)

    assert head.body == b""
    assert conversation.received == head.raw + (b"" if following is None else following.raw)


@spec("handling-posts/other-methods-are-refused", MUST, ALLOWED)
async def test_other_methods_are_refused(page, wire, facts, target):
    """
    What the page has no use for is refused: a 405 that says which methods it has, or a 501.

    Sends:      a PUT of the field, a DELETE, and a method that nobody knows.
    Observes:   the statuses; with a 405, GET and POST in its Allow; that the value is not shown.
    Differs:    501 where the server has this method for no page at all, as Twisted has PUT.
    Look at:    a page that takes every method for a POST, or for a GET.
    """
    body = encoded((page.name, "put here"))
    answers = {
        "PUT": await wire.request("PUT", page.path, fields=[FORM], body=body),
        "DELETE": await wire.request("DELETE", page.path),
        "BREW": await wire.request("BREW", page.path),
    }
    for method, answer in answers.items():
        facts[f"{method} is answered"] = f"{answer.status} {answer.reason.decode('latin-1')}"
        facts[f"fields of the answer to {method}"] = fields(answer, target)
        facts[f"body of the answer to {method}"] = steady(answer.body[:BEGINNING], target)

    for method, answer in answers.items():
        assert answer.status in REFUSALS, f"{method} was answered {answer.status}"
        assert shown(page, "put here") not in answer.text
        if answer.status == 405:
            allowed = {one.strip() for one in (answer.fields.get("allow") or "").split(",")}
            assert {"GET", "POST"} <= allowed


@spec("handling-posts/how-its-answers-look", MAY, POSTED_BACK)
async def test_how_its_answers_look(target, page, wire, facts):
    """
    Framing and fields of the answers, and how values are escaped, are facts.

    Sends:      a GET and a HEAD of the form, a POST of the field, and one with markup in it.
    Observes:   status lines, fields in their order, framing, bodies.
    """
    answers = {
        "GET": await wire.get(page.path),
        "HEAD": await wire.head(page.path),
        "POST": await wire.post(page.path, encoded((page.name, "a value")), fields=[FORM]),
    }
    for method, answer in answers.items():
        facts[f"{method} is answered"] = f"{answer.status} {answer.reason.decode('latin-1')}"
        facts[f"fields of the answer to {method}"] = fields(answer, target)
        facts[f"framing of the answer to {method}"] = answer.framing
        facts[f"body of the answer to {method}"] = steady(answer.body[:BEGINNING], target)
    marked = await wire.post(page.path, encoded((page.name, "< > & \" '")), fields=[FORM])
    facts["< > & and quotes are shown as"] = steady(marked.text[-BEGINNING:], target)
    await wire.ping()


@spec("handling-posts/which-value-of-a-repeated-name-is-shown", MAY, POSTED_BACK)
async def test_which_value_of_a_repeated_name_is_shown(page, wire, facts):
    """
    Of several values of the field the tutorial shows the first; others the last, or all.

    Sends:      POSTs with the field twice, with another value in the query, and with its value in the query only; a GET
                with a value in the query.
    Observes:   which of the values stand on the page.
    """
    joint = "&" if "?" in page.path else "?"
    queried = f"{page.path}{joint}{page.name}=queried"
    twice = await wire.post(page.path, encoded((page.name, "one"), (page.name, "two")), fields=[FORM])
    beside = await wire.post(queried, encoded((page.name, "posted")), fields=[FORM])
    alone = await wire.post(queried, encoded(("another", "field")), fields=[FORM])
    asked = await wire.get(queried)

    def which(answer, *values):
        seen = [value for value in values if shown(page, value) in answer.text]
        return seen if answer.status == 200 else f"answered {answer.status}"

    facts["of two values in the form"] = which(twice, "one", "two")
    facts["of a value in the form and one in the query"] = which(beside, "posted", "queried")
    facts["of a value in the query of a form without it"] = which(alone, "queried")
    facts["of a value in the query of a GET"] = which(asked, "queried")
    await wire.ping()
