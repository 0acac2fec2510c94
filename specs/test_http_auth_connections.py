"""
HTTP authentication: who a request is from is said by itself alone, whatever goes on beside it and before it.
"""

from harness import MUST, NotObservable, digest, gather, rfc, spec, tutorial
from specs.authentication import WRONG, challenged, first, shown
from specs.following import followed

REQUEST = tutorial("http-auth", "The selection is based on the authentication headers in the request.")

IN_ORDER = rfc(9112, "9.3.2", "MUST send the corresponding responses in the same order that the requests were received")
PERSISTS = rfc(9112, "9.3", "the connection will persist after the current response")
NO_CONTENT = rfc(9110, "9.3.2", "the server MUST NOT send content in the response")
WHOLE_BODY = rfc(9112, "9.3", "A server MUST read the entire request message body or close the connection")

#: Right and wrong logins that are under way at once, of each.
AT_ONCE = 5


def basic(user, password, _):
    """The fields of a user with a password; the count is Digest's."""
    return [digest.basic(user, password)]


def cookies(jar):
    """The field of these cookies, if there are any: one library keeps its nonce in one."""
    return [("Cookie", "; ".join(f"{name}={value}" for name, value in jar.items()))] if jar else []


async def answering(target, client, page):
    """A function that gives the fields of a user who answers one challenge, under a count."""
    visitor, login = await challenged(target, client, page, page.digest)
    return lambda user, password, count: [
        login.evolve(user=user, password=password, count=count).field,
        *cookies(visitor.cookies),
    ]


async def lasting(target, client, page, wire):
    """The same, where a nonce serves for more than one request; raises `NotObservable` where it does not."""
    tried = await answering(target, client, page)
    answers = [await wire.get(page.digest, fields=tried(*first(page), count)) for count in (1, 2)]
    if [answer.status for answer in answers] == [200, 401]:
        raise NotObservable("a nonce serves for one request only")
    return await answering(target, client, page)


async def in_turn(conversation, path, *fields):
    """The answers to one GET after another on this connection, each with these fields."""
    answers = []
    for one in fields:
        if conversation.is_gone:
            raise NotObservable("the target closes the connection after an answer")
        conversation.request("GET", path, fields=one)
        answer = await conversation.answer_if_any()
        if answer is None:
            raise NotObservable("the target closes the connection after an answer")
        answers.append(answer)
    return answers


def belong(page, answers, asked):
    """Each answer is for who asked: their own page, or 401 and nobody's page."""
    for (who, opens), answer in zip(asked, answers, strict=True):
        assert answer.status == (200 if opens else 401), f"{who}: answered {answer.status}"
        for user in page.users:
            theirs = opens and shown(page, user) in shown(page, who)
            assert theirs or shown(page, user) not in answer.text, f"{who}: was shown the page of {user}"


@spec("http-auth/digest-credentials-count-for-one-request", MUST, REQUEST, needs=["digest"])
async def test_an_answer_counts_for_the_request_that_has_it(target, page, client, wire):
    """
    Who a request is from is said by its own answer to the challenge, not by one before it on the same connection.

    Sends:      on one connection, a GET with a right answer, one without any, one with a wrong password; where there is
                another user, one with their answer.
    Observes:   200, 401, 401 and 200, each with nobody's page but the own.
    Differs:    a server that closes the connection after each answer cannot make this mistake; where a nonce serves
                once only, nothing can be seen of it.
    Look at:    logins that are kept with the connection, as NTLM does it.
    """
    field = await lasting(target, client, page, wire)
    (user, password), *others = page.users.items()
    conversation = await wire.open()
    asked = [(user, True), ("nobody", False), ("who guesses", False), *((name, True) for name, _ in others[:1])]
    answers = await in_turn(
        conversation,
        page.digest,
        field(user, password, 1),
        (),
        field(user, WRONG, 2),
        *(field(name, theirs, 3) for name, theirs in others[:1]),
    )

    belong(page, answers, asked)


async def told_apart_in_a_pipeline(page, wire, path, field):
    """Right, wrong, missing and right again, in one segment, are answered each by its own."""
    (user, password), *others = page.users.items()
    other, theirs = (others or [(user, password)])[0]
    sent = [
        (user, field(user, password, 1), True),
        ("who guesses", field(user, WRONG, 2), False),
        ("nobody", (), False),
        (other, field(other, theirs, 3), True),
        ("nobody at last", (), False),
    ]
    conversation = await wire.open()
    conversation.send(b"".join(wire.bytes_of("GET", path, fields=one) for _, one, _ in sent))
    answers = []
    while len(answers) < len(sent) and (answer := await conversation.answer_if_any(method="GET")) is not None:
        answers.append(answer)
    asked = [(who, opens) for who, _, opens in sent]

    assert answers, "no answer came"
    belong(page, answers, asked[: len(answers)])


@spec("http-auth/basic-pipelined-logins-are-told-apart", MUST, IN_ORDER, needs=["basic"])
async def test_pipelined_logins_are_told_apart(page, wire):
    """
    Of requests sent together on one connection, each is answered by its own credentials, in their order.

    Sends:      in one segment, five GETs: with right credentials, with a wrong password, without any, with those of
                another user, without any.
    Observes:   the statuses 200, 401, 401, 200, 401, and that nobody is shown the page of another.
    Differs:    closing after any answer: those that came are judged.
    Look at:    credentials that are read ahead, or kept where the next request finds them.
    """
    await told_apart_in_a_pipeline(page, wire, page.basic, basic)


@spec("http-auth/digest-pipelined-logins-are-told-apart", MUST, IN_ORDER, needs=["digest"])
async def test_pipelined_answers_are_told_apart(target, page, client, wire):
    """
    The same with answers to one challenge, whose counts go on.

    Sends:      a GET without credentials; in one segment, five GETs: with a right answer, with a wrong password,
                without any, with another user's answer, without any.
    Observes:   the statuses 200, 401, 401, 200, 401, and that nobody is shown the page of another.
    Differs:    closing after any answer; where a nonce serves once only, nothing can be seen of it.
    Look at:    as for `http-auth/basic-pipelined-logins-are-told-apart`.
    """
    field = await lasting(target, client, page, wire)

    await told_apart_in_a_pipeline(page, wire, page.digest, field)


@spec("http-auth/basic-logins-at-once-are-told-apart", MUST, REQUEST, needs=["basic"])
async def test_logins_at_once_are_told_apart(page, wire):
    """
    Right and wrong logins that are under way at the same time do not help each other.

    Sends:      on connections of their own, all at once and mixed: five GETs each with right credentials, with a wrong
                password, with the name of a user nobody knows, and without any.
    Observes:   200 for the right ones, 401 for all others, and that nobody is shown the page of another.
    Look at:    where the result of a password's check is kept while others are checked.
    """
    user, password = first(page)
    kinds = [
        (user, [digest.basic(user, password)], True),
        ("who guesses", [digest.basic(user, WRONG)], False),
        ("a stranger", [digest.basic("nobody-by-this-name", password)], False),
        ("nobody", (), False),
    ]
    sent = kinds * AT_ONCE
    answers = await gather(*(wire.get(page.basic, fields=one) for _, one, _ in sent))

    belong(page, answers, [(who, opens) for who, _, opens in sent])


async def usable_after_a_refusal(wire, path, wrong, right):
    """After 401 the connection carries the next answer, and nothing between; or it is closed."""
    conversation = await wire.open()
    conversation.request("GET", path, fields=wrong)
    refused = await conversation.answer()
    assert refused.status == 401
    assert refused.complete, refused.problem
    opened = None
    if not conversation.is_gone:
        conversation.request("GET", path, fields=right(refused))
        opened = await conversation.answer_if_any(method="GET")

    if opened is not None:
        assert opened.status == 200
        assert conversation.received == refused.raw + opened.raw
    elif (said := (refused.fields.get("connection") or "").lower()) != "close":
        assert refused.framing == "close", f"the connection ended after the refusal, which said {said!r} about it"


@spec("http-auth/basic-connection-serves-on-after-a-refusal", MUST, PERSISTS, needs=["basic"])
async def test_a_connection_serves_on_after_a_refusal(page, wire):
    """
    Who is refused may try again on the same connection, and gets in with the right password.

    Sends:      on one connection, a GET with a wrong password, then one with the right one.
    Observes:   401, whole; then 200, and nothing between the two.
    Differs:    a server may close the connection, but must have said so.
    Look at:    the length that is announced for the refusal's body; errors that end a connection by accident.
    """
    user, password = first(page)

    await usable_after_a_refusal(wire, page.basic, basic(user, WRONG, 1), lambda _: basic(user, password, 2))


@spec("http-auth/digest-connection-serves-on-after-a-refusal", MUST, PERSISTS, needs=["digest"])
async def test_a_connection_serves_on_after_a_refused_answer(target, page, client, wire):
    """
    Who answers the challenge wrongly may answer it rightly on the same connection.

    Sends:      a GET without credentials; on one connection, a GET with a wrong answer, then one with the right
                one to the challenge that came with the refusal.
    Observes:   401, whole; then 200, and nothing between the two.
    Differs:    a server may close the connection, but must have said so.
    Look at:    as for `http-auth/basic-connection-serves-on-after-a-refusal`.
    """
    visitor, login = await challenged(target, client, page, page.digest)

    def right(refused):
        pairs = (line.partition(";")[0].partition("=") for line in refused.fields.all("set-cookie"))
        jar = {**visitor.cookies, **{name.strip(): value.strip() for name, _, value in pairs}}
        return [login.answering(digest.challenge(refused)).field, *cookies(jar)]

    wrong = [login.evolve(password=WRONG).field, *cookies(visitor.cookies)]
    await usable_after_a_refusal(wire, page.digest, wrong, right)


async def refused_without_a_body(target, wire, path):
    """The refusal of a HEAD has no body, and what follows on the connection is the next answer."""
    conversation = await wire.open()
    conversation.request("HEAD", path)
    refused = await conversation.answer()
    following = None
    following = await followed(target, conversation)

    assert refused.status == 401
    # Bytes of a body would be taken for the beginning of the next answer, or stand alone before the end.
    assert conversation.received == refused.raw + (following.raw if following else b"")
    if following is not None:
        assert following.status == target.alive.status


@spec("http-auth/basic-refusal-of-head-has-no-body", MUST, NO_CONTENT, needs=["basic"])
async def test_the_refusal_of_a_head_has_no_body(target, page, wire):
    """
    The refusal of a HEAD is a header alone.

    Sends:      on one connection, a HEAD of the page behind Basic without credentials, then a GET of `ping`.
    Observes:   401, no byte of a body, and the answer to the second.
    Differs:    a server may close the connection after the refusal.
    Look at:    error pages that are written whatever the method.
    """
    await refused_without_a_body(target, wire, page.basic)


@spec("http-auth/digest-refusal-of-head-has-no-body", MUST, NO_CONTENT, needs=["digest"])
async def test_the_refusal_of_a_head_behind_digest_has_no_body(target, page, wire):
    """
    The refusal of a HEAD is a header alone, behind Digest too.

    Sends:      on one connection, a HEAD of the page behind Digest without credentials, then a GET of `ping`.
    Observes:   401, no byte of a body, and the answer to the second.
    Differs:    a server may close the connection after the refusal.
    Look at:    error pages that are written whatever the method.
    """
    await refused_without_a_body(target, wire, page.digest)


@spec("http-auth/basic-body-of-a-refused-request-is-no-request", MUST, WHOLE_BODY, needs=["basic"])
async def test_the_body_of_a_refused_request_is_no_request(target, page, wire):
    """
    The body of a request that is refused is read to its end, or the connection is closed: it is never taken for another
    request.

    Sends:      a POST with a wrong password, whose body looks like a GET with the right one; behind it a GET of `ping`.
    Observes:   that the refusal is followed by the answer to `ping` alone, or by the end.
    Look at:    refusals that are sent before the body is there.
    """
    user, password = first(page)
    hidden = wire.bytes_of("GET", page.basic, fields=[digest.basic(user, password)])
    conversation = await wire.open()
    conversation.request("POST", page.basic, fields=[digest.basic(user, WRONG)], body=hidden)
    refused = await conversation.answer()
    following = None
    following = await followed(target, conversation)

    assert refused.status // 100 == 4, f"a POST with a wrong password was answered {refused.status}"
    assert shown(page, user) not in conversation.received.decode("latin-1"), "the body was answered as a request"
    assert conversation.received == refused.raw + (following.raw if following else b"")
    await wire.ping()
