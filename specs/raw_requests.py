"""
Requests that are bent on purpose, with a whole one hidden behind them, and what a server may make of the two.

The whole one posts a word that occurs nowhere else to the page that answers with what it is sent: where that word
comes back, what followed a refused request was taken for a request.
"""

from harness import gather

#: How a server refuses: with an error that is the client's, by saying what it does not implement (501) or which
#: version it does not speak (505), or without a word.
REFUSALS = frozenset({*range(400, 500), 501, 505, "closed"})

#: The content of most bent requests, with the two fields that can say so.
HELLO = b"hello"
LENGTH = b"Content-Length: 5"
CHUNKED = b"Transfer-Encoding: chunked"

#: The same content in chunks.
CHUNKS = b"5\r\nhello\r\n0\r\n\r\n"


def bent(wire, path, *lines, line=b"POST %s HTTP/1.1", hosts=None, body=b""):
    """
    The bytes of a request as they are given, none of them checked.

    `lines` are field lines without their CRLF, `line` is the request line with a `%s` where the target of `path`
    belongs, `hosts` are the lines in place of the right Host field.
    """
    request_line, right_host, _ = wire.bytes_of("POST", path).split(b"\r\n", 2)
    target = request_line.split(b" ")[1]
    hosts = (right_host,) if hosts is None else hosts
    return b"\r\n".join((line.replace(b"%s", target), *hosts, *lines, b"", body))


def hello(wire, page, *lines, **bends):
    """A POST of `HELLO` to the page that answers with it, with its length, and with what is bent about it."""
    return bent(wire, page.echo, *lines, LENGTH, body=HELLO, **bends)


def chunked(wire, page, body, *lines):
    """A POST to the page that answers with what it is sent, whose body is said to be in chunks."""
    return bent(wire, page.echo, *lines, CHUNKED, body=body)


def codings(wire, page, **values):
    """A POST in chunks for each of these values of Transfer-Encoding."""
    return {name: bent(wire, page.echo, b"Transfer-Encoding:" + value, body=CHUNKS) for name, value in values.items()}


def sized(wire, page, **sizes):
    """For each of these a POST of `HELLO` in one chunk that is said to be of this size."""
    return {name: chunked(wire, page, size + b"\r\nhello\r\n0\r\n\r\n") for name, size in sizes.items()}


def lines(wire, page, **request_lines):
    """A POST of `HELLO` with each of these request lines; `%s` is the target."""
    return {name: hello(wire, page, line=line) for name, line in request_lines.items()}


def hidden(wire, page, word):
    """A whole request whose answer is this word, to be hidden behind another."""
    return wire.bytes_of("POST", page.echo, body=word.encode())


def status_of(answer):
    """The status of an answer; "closed" where the connection ended without one."""
    return "closed" if answer is None else answer.status


async def refused(wire, clock, page, **requests):
    """
    Each of these requests is refused, its connection ends, and what follows it there is never answered.

    The requests are bytes, one connection for each.  The server answers its ping afterwards.
    """
    word = clock.token()

    async def ask(request):
        conversation = await wire.open()
        conversation.send(request + hidden(wire, page, word))
        status = status_of(await conversation.answer_if_any(method="POST"))
        if status in REFUSALS:
            await _end(conversation, word)
        return status, conversation.received

    outcomes = await gather(*map(ask, requests.values()))
    for name, (status, _) in zip(requests, outcomes, strict=True):
        assert status in REFUSALS, f"{name}: answered {status}, not refused"
    for name, (_, received) in zip(requests, outcomes, strict=True):
        assert word.encode() not in received, f"{name}: refused, but what followed was answered as a request"
    await wire.ping()


async def declined(wire, **requests):
    """
    Each of these requests is refused; whether its connection ends is not looked at.

    The requests are bytes, one connection for each.  The server answers its ping afterwards.
    """

    async def ask(request):
        conversation = await wire.open()
        conversation.send(request)
        return status_of(await conversation.answer_if_any(method="POST"))

    statuses = await gather(*map(ask, requests.values()))
    for name, status in zip(requests, statuses, strict=True):
        assert status in REFUSALS, f"{name}: answered {status}, not refused"
    await wire.ping()


async def read(wire, clock, page, body, **requests):
    """
    Each of these requests is read as a POST of `body`, and what follows it is a request of its own.

    That one may be dropped with the connection.  The requests are bytes, one connection for each.
    """
    await _read(wire, clock, page, body, requests, may_refuse=False)


async def refused_or_read(wire, clock, page, body, *, last=False, **requests):
    """
    Each of these requests is refused as `refused` has it, or read as `read` has it, but in no third way.

    With `last`, its connection ends in both cases without another answer.
    """
    await _read(wire, clock, page, body, requests, may_refuse=True, last=last)
    await wire.ping()


async def _read(wire, clock, page, body, requests, *, may_refuse, last=False):
    word = clock.token()

    async def ask(request):
        conversation = await wire.open()
        conversation.send(request + hidden(wire, page, word))
        first = await conversation.answer_if_any(method="POST")
        if last or (may_refuse and status_of(first) in REFUSALS):
            await _end(conversation, word)
            return first, None, conversation.received
        second = None if first is None else await conversation.answer_if_any(method="POST")
        return first, second, conversation.received

    outcomes = await gather(*map(ask, requests.values()))
    for name, (first, second, received) in zip(requests, outcomes, strict=True):
        status = status_of(first)
        if may_refuse and status in REFUSALS:
            assert word.encode() not in received, f"{name}: refused, but what followed was answered as a request"
            continue
        assert status == 200, f"{name}: answered {status}"
        assert first.body == body, f"{name}: read as {first.body!r}, not as {body!r}"
        if last:
            assert received == first.raw, f"{name}: the connection went on after the answer: {received!r}"
        if second is not None:
            assert second.body == word.encode(), f"{name}: what followed was read as {second.body!r}"


async def _end(conversation, word):
    """The end of a connection, which is due; of answers that come nevertheless a few are read, up to the hidden one."""
    for _ in range(3):
        if await conversation.answer_if_any(method="POST") is None or word.encode() in conversation.received:
            return


async def never_answered(wire, **requests):
    """
    None of these requests, which end before they are whole, is taken for a whole one: no 2xx, and the connection ends.

    That no more will come is told by closing our side only.  The requests are bytes, one connection for each.  The
    server answers its ping afterwards.
    """

    async def ask(request):
        conversation = await wire.open()
        conversation.send(request)
        conversation.half_close()
        await conversation.gone()
        return status_of(await conversation.answer_if_any(method="POST"))

    statuses = await gather(*map(ask, requests.values()))
    for name, status in zip(requests, statuses, strict=True):
        assert status in REFUSALS, f"{name}: answered {status}"
    await wire.ping()
