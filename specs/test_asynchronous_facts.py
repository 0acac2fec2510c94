"""
Asynchronous responses: what the delayed page says, to whom and in which form, word for word.
"""

from harness import MAY, gather, rfc, spec, tutorial
from specs.exchanges import older
from specs.facts import fields, steady
from specs.paces import coarse, reason_line
from specs.test_asynchronous import delay

WRITTEN = tutorial("asynchronous", "Each call appends another string to the response")
HEAD = rfc(9110, "9.3.2")
METHODS = rfc(9110, "9.1")
CONDITIONS = rfc(9110, "13.1")
KEPT = rfc(9112, "9.3")

#: Bytes of a body that are recorded.
MOST = 1000

#: Fields that may change what a GET is answered with, by what they stand for.
ASKING = {
    "If-None-Match: any": ("If-None-Match", "*"),
    "If-None-Match: another": ("If-None-Match", '"web60"'),
    "If-Match: any": ("If-Match", "*"),
    "If-Match: another": ("If-Match", '"web60"'),
    "If-Modified-Since: long ago": ("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"),
    "If-Modified-Since: in the future": ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),
    "If-Unmodified-Since: long ago": ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"),
    "Range: a part": ("Range", "bytes=0-3"),
    "Range: beyond the end": ("Range", "bytes=100000-"),
    "Accept: something else": ("Accept", "image/png"),
    "Accept-Encoding: gzip": ("Accept-Encoding", "gzip"),
    "Expect: 100-continue": ("Expect", "100-continue"),
}

OTHER_METHODS = ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "NONSENSE", "get")


def rounds(target, asked):
    """Nominal seconds of so many delayed requests, where `parallel` of them are worked on at once."""
    return -(-len(asked) // target.parallel) * delay(target)


def looks(answer, target):
    """All of an answer that two runs have in common."""
    return {
        "line": reason_line(answer),
        "fields": fields(answer, target),
        "framing": answer.framing,
        "body": steady(answer.body[:MOST], target),
    }


@spec("asynchronous/its-answer-in-full", MAY, WRITTEN, lasts=delay)
async def test_the_delayed_answer_in_full(target, page, wire, facts):
    """
    The delayed answer, word for word: its first line, its fields in their order, its framing and its body.

    Sends:      one GET of the delayed page.
    Observes:   the answer, and how long after its first byte the last one comes.
    """
    answer = await wire.get(page.path)
    facts.update(looks(answer, target))
    facts["the last byte comes after the first"] = coarse(answer.took - answer.waited)

    assert answer.complete, answer.problem


@spec("asynchronous/its-answer-to-head-in-full", MAY, HEAD, lasts=delay)
async def test_the_answer_to_head_in_full(target, page, wire, facts):
    """
    What HEAD of the delayed page is told, word for word, and whether it waits.

    Sends:      one HEAD of the delayed page.
    Observes:   the answer; "waits" is whether it comes no sooner than that to a GET would.
    """
    answer = await wire.head(page.path)
    facts.update(looks(answer, target))
    facts["waits"] = answer.waited > page.delay - target.timing.early
    facts["length"] = answer.fields.get("content-length")

    assert answer.complete, answer.problem


@spec("asynchronous/its-answer-to-an-older-client-in-full", MAY, KEPT, lasts=delay)
async def test_the_answer_to_an_older_client_in_full(target, page, wire, facts):
    """
    What a client that speaks HTTP/1.0 is told, word for word; also if it asks for the connection to be kept.

    Sends:      on two connections a GET of the delayed page as HTTP/1.0, on one with `Connection: keep-alive`.
    Observes:   both answers, and what then becomes of the connection that was to be kept.
    """
    plain, kept = await wire.open_many(2)
    plain.send(older(wire.bytes_of("GET", page.path)))
    kept.send(older(wire.bytes_of("GET", page.path, fields=[("Connection", "keep-alive")])))
    answers = await gather(plain.answer(method="GET"), kept.answer(method="GET"))
    if not kept.is_gone:
        kept.send(older(wire.bytes_of("GET", target.alive.path)))
    following = await kept.answer_if_any(method="GET")
    facts["plain"], facts["to be kept"] = (looks(answer, target) for answer in answers)
    facts["kept"] = following is not None

    for answer in answers:
        assert answer.complete, answer.problem


@spec("asynchronous/its-answers-to-other-methods", MAY, METHODS, lasts=lambda target: rounds(target, OTHER_METHODS))
async def test_what_the_delayed_page_makes_of_other_methods(target, page, wire, facts):
    """
    What the delayed page makes of methods that the tutorial gives it no answer to.

    Sends:      at once, each on its own connection, POST and PUT with a body, DELETE, OPTIONS, TRACE,
                PROPFIND, a method that nobody knows, and `get` in small letters.
    Observes:   the first line, the Allow field and the body of each answer, and whether it waited for the delay.
    """

    async def asked(method):
        conversation = await wire.open()
        conversation.request(method, page.path, body=b"web60" if method in ("POST", "PUT") else None)
        answer = await conversation.answer_if_any()
        if answer is None:
            return "no answer"
        conversation.close()
        return {
            "line": reason_line(answer),
            "allow": answer.fields.get("allow"),
            "waits": answer.took > page.delay - target.timing.early,
            "body": "" if method == "TRACE" else steady(answer.body[:MOST], target),
        }

    facts.update(zip(OTHER_METHODS, await gather(*map(asked, OTHER_METHODS)), strict=True))

    await wire.ping()


@spec("asynchronous/its-answers-to-conditions", MAY, CONDITIONS, lasts=lambda target: rounds(target, ASKING))
async def test_what_the_delayed_page_makes_of_conditions(target, page, wire, facts):
    """
    What the delayed page makes of a client that has it already, wants a part, or another form of it.

    Sends:      at once, each on its own connection, GETs of the delayed page: with conditions that hold and that do
                not, for a part, for another media type, for a coded body, and one that expects to go on.
    Observes:   the status, the framing and the coding of each answer, and whether it waited for the delay.
    """
    answers = await gather(*(wire.get(page.path, fields=[field]) for field in ASKING.values()))
    for name, answer in zip(ASKING, answers, strict=True):
        facts[name] = {
            "status": answer.status,
            "framing": answer.framing,
            "coding": answer.fields.get("content-encoding"),
            "waits": answer.took > page.delay - target.timing.early,
            "before": list(answer.informational),
        }

    for answer in answers:
        assert answer.complete, answer.problem
