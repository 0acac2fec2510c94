"""
Several requests on one connection, and requests that do not go out in one piece.
"""

#: How a server may refuse what is too large for it, or what it does not implement.
REFUSALS = frozenset({*range(400, 500), 501})

#: A path at which no server has a page.
NOWHERE = "/web60-there-is-no-such-page"

#: Seconds in which what was sent leaves, and who waits for it gets a turn; none at all would be no turn.
A_MOMENT = 1e-6


def chunked(*pieces, trailer=b""):
    """These pieces in the chunked coding, with a trailer section of whole lines."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailer + b"\r\n"


def in_chunks(wire, path, *pieces, fields=(), trailer=b""):
    """The bytes of a POST of these pieces, each in a chunk of its own."""
    fields = [("Transfer-Encoding", "chunked"), *fields]
    return wire.bytes_of("POST", path, fields=fields, body=chunked(*pieces, trailer=trailer))


def older(request):
    """The same request in HTTP/1.0."""
    return request.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1)


def without_host(request):
    """The same request without its Host field, which `bytes_of` has in the second line."""
    first, _, rest = request.split(b"\r\n", 2)
    return first + b"\r\n" + rest


def announces_its_end(answer):
    """Whether an answer says that the connection ends with it (RFC 9112 section 9.3)."""
    said = {option.strip() for option in (answer.fields.get("connection") or "").lower().split(",")}
    return "close" in said or answer.framing == "close" or (answer.version == b"1.0" and "keep-alive" not in said)


async def answers_to(conversation, *methods):
    """The answers to requests of these methods in their order; fewer where the connection ends before."""
    answers = []
    for method in methods:
        answer = await conversation.answer_if_any(method=method)
        if answer is None:
            break
        answers.append(answer)
    return answers


async def sent_in_pieces(conversation, clock, pieces):
    """Send these, each for itself; the target gets a turn in between."""
    for piece in pieces:
        conversation.send(piece)
        await clock.sleep(A_MOMENT, "the target's turn")


async def exchange(wire, request, method="GET"):
    """The answer to these bytes on a connection of their own, or None where it ends without one."""
    conversation = await wire.open()
    conversation.send(request)
    return await conversation.answer_if_any(method=method)


def outcome(answer):
    """A status, or "closed" where there was no answer."""
    return "closed" if answer is None else answer.status
