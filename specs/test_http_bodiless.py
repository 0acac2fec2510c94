"""
HTTP: answers that have no content, and what they say of the one that they do not have.
"""

from harness import MUST, SHOULD, rfc, spec
from specs.exchanges import NOWHERE, answers_to

NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
SAME_FIELDS = rfc(9110, "9.3.2", "SHOULD send the same header fields in response to a HEAD request")
BODILESS = rfc(9112, "6.3", "is always terminated by the first empty line after the header fields")
NO_LENGTH_OF_NOTHING = rfc(9110, "8.6", "MUST NOT send a Content-Length header field in any response")
LENGTH_OF_THE_OTHER = rfc(9110, "8.6", "the decimal number of octets that would have been sent in the content")
NOT_MODIFIED = rfc(9110, "15.4.5", "MUST generate any of the following header fields")


@spec("http/head-has-no-content", MUST, NO_CONTENT)
async def test_head_has_no_content(target, page, wire):
    """
    The answer to HEAD ends with its header, also when it is an error; the next answer follows right behind it.

    Sends:      HEADs of `ping`, of a path that does not exist and of `echo`, each with a POST to `echo` behind it on
                the same connection.
    Observes:   every byte that comes.
    Differs:    a server may close the connection after the first answer.
    Look at:    an error page that does not look at the method.
    """
    for path in (target.alive.path, NOWHERE, page.echo):
        conversation = await wire.open()
        conversation.send(wire.bytes_of("HEAD", path) + wire.bytes_of("POST", page.echo, body=b"the next answer"))
        answers = await answers_to(conversation, "HEAD", "POST")

        assert len(answers) >= 1
        assert conversation.received == b"".join(answer.raw for answer in answers)
        assert answers[0].body == b""
        if len(answers) == 2:
            assert answers[1].body == b"the next answer"


@spec("http/head-has-the-fields-of-get", SHOULD, SAME_FIELDS)
async def test_head_has_the_fields_of_get(target, wire, facts):
    """
    HEAD brings the status and the fields that GET would bring.

    Sends:      a GET and a HEAD of `ping`, and of a path that does not exist.
    Observes:   the statuses; the names of the fields, without those that only a content makes known.
    Differs:    Content-Length, Transfer-Encoding, Vary, ETag and Connection may differ.
    Look at:    HEAD as a handler of its own.
    """
    for path in (target.alive.path, NOWHERE):
        get, head = await wire.get(path), await wire.head(path)
        facts[f"only GET of {path} has"] = sorted(names(get) - names(head))
        facts[f"only HEAD of {path} has"] = sorted(names(head) - names(get))

        assert head.status == get.status
        assert names(head) - MADE_WITH_CONTENT == names(get) - MADE_WITH_CONTENT


MADE_WITH_CONTENT = frozenset({"content-length", "transfer-encoding", "vary", "etag", "connection", "keep-alive"})


def names(answer):
    """The names of the fields of an answer, in lower case."""
    return {name.decode("latin-1").lower() for name, _ in answer.fields.raw}


@spec("http/head-tells-the-length-of-get", MUST, LENGTH_OF_THE_OTHER)
async def test_head_tells_the_length_of_get(target, wire):
    """
    A length in the answer to HEAD is that of the content which GET brings.

    Sends:      a GET and a HEAD of `ping`, and of a path that does not exist.
    Observes:   the Content-Length of the HEAD, where there is one, and the body of the GET.
    Look at:    the length of a body that was dropped before it was counted.
    """
    for path in (target.alive.path, NOWHERE):
        get, head = await wire.get(path), await wire.head(path)
        told = head.fields.get("content-length")

        if told is not None:
            assert told == str(len(get.body))


async def followed(wire, page, path, status, fields=()):
    """An answer with this status, and what follows it on its connection: the answer to a POST, or nothing."""
    conversation = await wire.open()
    conversation.send(
        wire.bytes_of("GET", path, fields=fields) + wire.bytes_of("POST", page.echo, body=b"the next answer")
    )
    answers = await answers_to(conversation, "GET", "POST")
    assert [answer.status for answer in answers[:1]] == [status]
    return answers, conversation.received


@spec("http/no-content-has-no-content", MUST, BODILESS, needs=["no_content"])
async def test_no_content_has_no_content(page, wire):
    """
    204 ends with its header: the next answer follows right behind it.

    Sends:      in one piece, a GET of `no_content` and a POST to `echo`.
    Observes:   every byte that comes.
    Differs:    a server may close the connection after the first answer.
    Look at:    a last chunk without any chunk before it; an application whose content is written nevertheless.
    """
    answers, received = await followed(wire, page, page.no_content, 204)

    assert received == b"".join(answer.raw for answer in answers)
    if len(answers) == 2:
        assert answers[1].body == b"the next answer"


@spec("http/no-content-has-no-length", MUST, NO_LENGTH_OF_NOTHING, needs=["no_content"])
async def test_no_content_has_no_length(page, wire):
    """
    204 announces neither a length nor chunks.

    Sends:      a GET of `no_content`.
    Observes:   Content-Length and Transfer-Encoding.
    Look at:    a length that is added to every answer.
    """
    answer = await wire.get(page.no_content)

    assert answer.status == 204
    assert "content-length" not in answer.fields
    assert "transfer-encoding" not in answer.fields


@spec("http/not-modified-has-no-content", MUST, BODILESS, needs=["tagged"])
async def test_not_modified_has_no_content(page, wire):
    """
    304 ends with its header: the next answer follows right behind it.

    Sends:      a GET of `tagged`; then, in one piece, the same with its ETag in If-None-Match, and a POST to `echo`.
    Observes:   every byte that comes.
    Differs:    a server may close the connection after the first answer.
    Look at:    a length that is that of the content, with the content behind it.
    """
    etag = (await wire.get(page.tagged)).fields.get("etag") or ""
    answers, received = await followed(wire, page, page.tagged, 304, [("If-None-Match", etag)])

    assert received == b"".join(answer.raw for answer in answers)
    if len(answers) == 2:
        assert answers[1].body == b"the next answer"


@spec("http/not-modified-tells-no-other-length", MUST, LENGTH_OF_THE_OTHER, needs=["tagged"])
async def test_not_modified_tells_no_other_length(page, wire):
    """
    A length in a 304 is that of the content which is not sent, and never that of what is.

    Sends:      a GET of `tagged`; the same with its ETag in If-None-Match.
    Observes:   the Content-Length of the 304, where there is one.
    Look at:    the length of the empty body that the page has returned.
    """
    whole = await wire.get(page.tagged)
    answer = await wire.get(page.tagged, fields=[("If-None-Match", whole.fields.get("etag") or "")])
    told = answer.fields.get("content-length")

    assert answer.status == 304
    if told is not None:
        assert told == str(len(whole.body))


@spec("http/not-modified-has-the-fields-for-caches", MUST, NOT_MODIFIED, needs=["tagged"])
async def test_not_modified_has_the_fields_for_caches(page, wire):
    """
    304 has the Date, ETag, Vary, Cache-Control, Expires and Content-Location that 200 has.

    Sends:      a GET of `tagged`; the same with its ETag in If-None-Match.
    Observes:   which of those fields the first has and the second does not.
    Look at:    a 304 that is made before the page has set its fields.
    """
    whole = await wire.get(page.tagged)
    answer = await wire.get(page.tagged, fields=[("If-None-Match", whole.fields.get("etag") or "")])

    assert answer.status == 304
    assert (names(whole) & FOR_CACHES) - names(answer) == set()
    assert answer.fields.get("etag") == whole.fields.get("etag")


FOR_CACHES = frozenset({"date", "etag", "vary", "cache-control", "expires", "content-location"})
