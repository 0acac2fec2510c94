"""
HTTP: what a server does on a connection where it may do as it likes.  Nothing is judged here.
"""

from harness import MAY, gather, rfc, spec
from specs.exchanges import NOWHERE, answers_to, exchange, older, without_host
from specs.facts import steady
from specs.test_http_facts import head_of

ORDER = rfc(9110, "5.3", "The order in which field lines with differing field names are received in a section")
VERSIONS = rfc(9110, "6.2", "A server can send a 505 (HTTP Version Not Supported) response")
KEPT_ALIVE = rfc(9112, "9.3", 'wishes to honor the HTTP/1.0 "keep-alive" mechanism')
LINE_ENDS = rfc(9112, "2.2", "MAY recognize a single LF as a line terminator and ignore any preceding CR")
HALF_CLOSED = rfc(9112, "9.6", "connection that is half-closed by the client does not delimit a request message")
IDLE = rfc(9112, "9.5", "Servers will usually have some timeout value")
ROBUST = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")
UPGRADES = rfc(9110, "7.8", "A server MAY ignore a received Upgrade header field")
AT_ANY_TIME = rfc(9112, "9.5", "MAY close the transport connection at any time")


#: Seconds without a word after which a connection is looked at.
IDLE_FOR = (1, 2, 5, 10, 15, 20, 30, 45, 60, 61, 75, 76, 90, 120, 180, 300, 600, 900, 1800, 3600)


async def said(wire, clock, target, data, *, half_close=False):
    """What a connection brings on which just this was sent, and whether it has ended after a while of quiet."""
    conversation = await wire.open()
    conversation.send(data)
    if half_close:
        conversation.half_close()
    await clock.sleep(target.timing.quiet, "what there is to say")
    says = [line for line in steady(conversation.received, target).split("\r\n") if line.startswith("HTTP/")]
    return [*(says or ["nothing"]), await conversation.gone() if conversation.is_gone else "stays open"]


async def record(facts, wire, clock, target, samples, **how):
    """Record of each of these what is said to it, all at the same time."""
    heard = await gather(*(said(wire, clock, target, data, **how) for data in samples.values()))
    facts.update(zip(samples, heard, strict=True))


def quiet(target):
    """How long a while of quiet is."""
    return target.timing.quiet


@spec("http/older-versions-are-answered-its-own-way", MAY, VERSIONS, lasts=quiet)
async def test_how_other_versions_are_answered(target, wire, clock, facts):
    """
    What is said in which version to clients of other versions is a fact.

    Sends:      GETs of `ping` in HTTP/0.9 with one line, in 0.9 to 3.0 by their numbers, in lower case, without a
                version, in a version of other digits.
    Observes:   the status lines, and whether the connection stays open.
    """
    request = wire.bytes_of("GET", target.alive.path)
    line = request.partition(b" HTTP/1.1")[0]
    versions = (
        b"0.9",
        b"1.0",
        b"1.1",
        b"1.2",
        b"1.9",
        b"2.0",
        b"2",
        b"3.0",
        b"1.10",
        b"01.1",
        b"1.01",
        b"1",
        b"1.x",
        b"",
    )
    samples = {f"HTTP/{version.decode()}": request.replace(b"HTTP/1.1", b"HTTP/" + version, 1) for version in versions}
    samples |= {
        "a line of 0.9": line + b"\r\n",
        "without a version": request.replace(b" HTTP/1.1", b"", 1),
        "http/1.1": request.replace(b"HTTP/1.1", b"http/1.1", 1),
        "HTTPS/1.1": request.replace(b"HTTP/1.1", b"HTTPS/1.1", 1),
        "ICY/1.1": request.replace(b"HTTP/1.1", b"ICY/1.1", 1),
    }
    await record(facts, wire, clock, target, samples)
    await wire.ping()


@spec("http/http-1-0-is-kept-alive-its-own-way", MAY, KEPT_ALIVE, lasts=quiet)
async def test_how_http_1_0_is_kept_alive(target, page, wire, clock, facts):
    """
    Whether a connection of HTTP/1.0 goes on when its client would like it to is a fact.

    Sends:      in HTTP/1.0 and 1.1, GETs of `ping` and POSTs to `echo` with `Connection: keep-alive`, with `close`,
                with both, without any, with Keep-Alive and with Proxy-Connection.
    Observes:   whether the connection stays open, and the Connection and Keep-Alive fields of the answer.
    """
    wishes = {
        "none": [],
        "keep-alive": [("Connection", "keep-alive")],
        "Keep-Alive": [("Connection", "Keep-Alive")],
        "close": [("Connection", "close")],
        "both": [("Connection", "keep-alive, close")],
        "with numbers": [("Connection", "keep-alive"), ("Keep-Alive", "timeout=5, max=100")],
        "for a proxy": [("Proxy-Connection", "keep-alive")],
        "closed for a proxy": [("Proxy-Connection", "close")],
    }
    samples = {}
    for name, wish in wishes.items():
        get = wire.bytes_of("GET", target.alive.path, fields=wish)
        post = wire.bytes_of("POST", page.echo, fields=wish, body=b"content")
        samples |= {
            f"1.0, {name}, GET": older(get),
            f"1.0, {name}, POST": older(post),
            f"1.1, {name}, GET": get,
            f"1.1, {name}, POST": post,
        }
    await record(facts, wire, clock, target, samples)
    for name in ("none", "keep-alive", "close"):
        answer = await exchange(wire, older(wire.bytes_of("GET", target.alive.path, fields=wishes[name])))
        facts[f"fields of 1.0, {name}"] = head_of(answer, target)
    await wire.ping()


@spec("http/line-ends-are-read-its-own-way", MAY, LINE_ENDS, lasts=quiet)
async def test_how_line_ends_are_read(target, page, wire, clock, facts):
    """
    What ends a line, beside CR LF, is a fact.

    Sends:      GETs of `ping` and POSTs to `echo` whose lines end with LF, with CR, with LF CR, with CR CR LF; where
                only some lines do; and where only the empty line does.
    Observes:   the status lines, and whether the connection stays open.
    """
    get = wire.bytes_of("GET", target.alive.path, fields=[("X-Web60", "x")])
    post = wire.bytes_of("POST", page.echo, body=b"content")
    ends = {"LF": b"\n", "CR": b"\r", "LF CR": b"\n\r", "CR CR LF": b"\r\r\n"}
    samples = {}
    for name, end in ends.items():
        samples |= {
            f"{name} everywhere": get.replace(b"\r\n", end),
            f"{name} in a POST": post.replace(b"\r\n", end),
            f"{name} behind the request line": get.replace(b"\r\n", end, 1),
            f"{name} behind a field": get.replace(b"X-Web60: x\r\n", b"X-Web60: x" + end),
            f"{name} for the empty line": get.removesuffix(b"\r\n") + end,
        }
    await record(facts, wire, clock, target, samples)
    await wire.ping()


@spec("http/half-closed-clients-are-answered-its-own-way", MAY, HALF_CLOSED, lasts=quiet)
async def test_how_half_closed_clients_are_answered(target, page, wire, clock, facts):
    """
    What a client gets that ends its own direction of the connection in the middle of a request is a fact.

    Sends:      with the end of our direction behind it: half of a content, half of a header, one byte.
    Observes:   the status lines, and whether the connection stays open.
    """
    get = wire.bytes_of("GET", target.alive.path)
    post = wire.bytes_of("POST", page.echo, body=b"content")
    samples = {
        # Behind a whole request the end may come together with it or not, and servers that see both at once answer
        # otherwise: no two runs would be the same.
        "half a content": post[:-3],
        "half a header": get[:-4],
        "one byte": b"G",
    }
    await record(facts, wire, clock, target, samples, half_close=True)
    await wire.ping()


@spec(
    "http/half-closed-clients-get-slow-answers-its-own-way",
    MAY,
    HALF_CLOSED,
    needs=["asynchronous.path"],
    lasts=lambda target: target.asynchronous.delay + target.timing.quiet,
)
async def test_whether_half_closed_clients_get_slow_answers(target, wire, clock, facts):
    """
    Whether a client that has ended its own direction still gets an answer that takes its time is a fact.

    Sends:      a GET of the delayed page, and the end of our direction.
    Observes:   the status line, and whether the connection stays open, once the delay is over.
    """
    conversation = await wire.open()
    conversation.send(wire.bytes_of("GET", target.asynchronous.path))
    conversation.half_close()
    await clock.sleep(target.asynchronous.delay + target.timing.quiet, "the answer, if there is one")
    first = steady(conversation.received, target).partition("\r\n")[0]
    facts["answer"] = first or "none"
    facts["connection"] = await conversation.gone() if conversation.is_gone else "stays open"
    await wire.ping()


@spec("http/what-is-no-http-is-met-its-own-way", MAY, ROBUST, lasts=quiet)
async def test_how_what_is_no_http_is_met(target, wire, clock, facts):
    """
    What somebody gets who speaks something else is a fact.

    Sends:      the beginning of a TLS connection, of HTTP/2, of a line of mail, of SSH, of SOCKS, of a database's, an
                answer instead of a request, NULs, bytes beyond ASCII, nothing but line ends.
    Observes:   the status lines, and whether the connection stays open.
    """
    hello = bytes.fromhex("16030100fc010000f80303") + bytes(range(32)) + b"\x00\x00\x02\x13\x01\x01\x00" + b"\x00" * 200
    samples = {
        "TLS": hello,
        "TLS with a line end in it": hello + b"\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"),
        "mail": b"EHLO web60.example\r\n",
        "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
        "SOCKS": b"\x05\x01\x00",
        "a proxy's preface": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + wire.bytes_of("GET", target.alive.path),
        "an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "NULs": b"\0" * 64,
        "NULs and a line end": b"\0" * 64 + b"\r\n\r\n",
        "bytes beyond ASCII": b"\xff" * 64 + b"\r\n\r\n",
        "line ends": b"\r\n" * 32,
        "words": b"one two three four\r\n\r\n",
        "one word": b"hello\r\n\r\n",
    }
    await record(facts, wire, clock, target, samples)
    await wire.ping()


@spec("http/upgrades-are-met-its-own-way", MAY, UPGRADES)
async def test_how_upgrades_are_met(target, wire, facts):
    """
    What becomes of the wish to speak something else from here on is a fact.

    Sends:      GETs of `ping` that would like HTTP/2, WebSocket, TLS, and something of our own.
    Observes:   the status lines and the fields.
    """
    upgrade = [("Connection", "Upgrade")]
    key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
    wishes = {
        "HTTP/2": [
            ("Connection", "Upgrade, HTTP2-Settings"),
            ("Upgrade", "h2c"),
            ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
        ],
        "WebSocket": [*upgrade, ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), key],
        "TLS": [*upgrade, ("Upgrade", "TLS/1.2")],
        "something else": [*upgrade, ("Upgrade", "web60/1.0")],
    }
    for name, wish in wishes.items():
        request = wire.bytes_of("GET", target.alive.path, fields=wish)
        conversation = await wire.open()
        conversation.send(request)
        await conversation.seen(rb"\r?\n\r?\n")
        facts[name] = steady(conversation.received, target).partition("\r\n\r\n")[0].split("\r\n")
    await wire.ping()


@spec("http/many-at-once-are-taken-its-own-way", MAY, AT_ANY_TIME)
async def test_how_many_at_once_are_taken(target, wire, facts):
    """
    How many requests in one piece are answered before the connection is closed is a fact.

    Sends:      in one piece, a thousand GETs of `ping`; ten with a path that does not exist in the middle; ten with a
                method that does not exist in the middle.
    Observes:   how many are answered.
    """
    get = wire.bytes_of("GET", target.alive.path)
    samples = {
        "a thousand": get * 1000,
        "one of a path that does not exist": get * 5 + wire.bytes_of("GET", NOWHERE) + get * 4,
        "one of a method that does not exist": get * 5 + wire.bytes_of("WEBSIXTY", target.alive.path) + get * 4,
    }
    for name, sent in samples.items():
        conversation = await wire.open()
        conversation.send(sent)
        answers = await answers_to(conversation, *["GET"] * sent.count(b" HTTP/1.1\r\n"))
        facts[name] = len(answers)
    await wire.ping()


@spec(
    "http/small-pieces-come-its-own-way",
    MAY,
    ORDER,
    only_real="memory knows no Nagle",
    lasts=lambda _: 2.0,
    alone="target",
)
async def test_how_small_pieces_come(page, wire, facts):
    """
    How long small requests take that go out in two pieces is a fact, in coarse words.

    Sends:      twelve POSTs to `echo` on one connection, the content in a piece of its own.
    Observes:   the seconds of each; of which the least counts.
    Look at:    40 ms are those of a delayed acknowledgement (Nagle's algorithm at one end).
    """
    conversation = await wire.open()
    took = []
    for _ in range(12):
        request = wire.bytes_of("POST", page.echo, body=b"content")
        conversation.send(request[:-7])
        conversation.send(request[-7:])
        answer = await conversation.answer_if_any(method="POST")
        if answer is None:
            break
        took.append(answer.last_at - conversation.sent_at)
    # The quickest: what waits for an acknowledgement that is held back waits each time.
    least = min(took, default=0.0)
    facts["an answer takes"] = "less than 30 ms" if least < 0.03 else "less than 300 ms" if least < 0.3 else "longer"
    await wire.ping()


@spec(
    "http/idle-connections-are-kept-its-own-time", MAY, IDLE, only_virtual="it may take an hour", lasts=lambda _: 3600.0
)
async def test_how_long_idle_connections_are_kept(target, page, wire, clock, facts):
    """
    How long a connection is kept on which nothing happens is a fact.

    Sends:      on connections of their own: nothing; one byte; half a header; half a content; a GET of `ping`, which is
                answered; then nothing more for an hour.
    Observes:   between which of a row of moments each of them ends.
    """
    get = wire.bytes_of("GET", target.alive.path)
    beginnings = {
        "nothing": b"",
        "one byte": b"G",
        "half a header": get[:-4],
        "half a content": wire.bytes_of("POST", page.echo, body=b"content")[:-3],
        "an answered request": get,
    }
    conversations = {}
    for name, beginning in beginnings.items():
        conversations[name] = await wire.open()
        if beginning:
            conversations[name].send(beginning)
    began = clock.now()
    kept = dict.fromkeys(beginnings, 0)
    for moment in IDLE_FOR:
        await clock.until(began + moment, "a moment of an hour")
        kept.update((name, moment) for name, conversation in conversations.items() if not conversation.is_gone)
    for name, conversation in conversations.items():
        facts[f"{name}: kept for"] = f"{kept[name]} s or more"
        if beginnings[name] != get and conversation.received:
            facts[f"{name}: last words"] = steady(conversation.received, target).partition("\r\n")[0]
    await wire.ping()


@spec("http/slow-requests-are-kept-its-own-time", MAY, IDLE, only_virtual="it may take an hour", lasts=lambda _: 3600.0)
async def test_how_long_slow_requests_are_kept(target, page, wire, clock, facts):
    """
    How long a request may take that comes a byte every ten seconds is a fact.

    Sends:      a byte every ten seconds for an hour: of a target, of a value, of a content.
    Observes:   how many bytes go out before the connection ends.
    """
    get = wire.bytes_of("GET", target.alive.path)
    conversations = {
        "target": (await wire.open(), b"GET /"),
        "value": (await wire.open(), get.removesuffix(b"\r\n") + b"X-Web60: "),
        "content": (await wire.open(), wire.bytes_of("POST", page.echo, fields=[("Content-Length", "1000")])),
    }
    sent = dict.fromkeys(conversations, 0)
    for conversation, beginning in conversations.values():
        conversation.send(beginning)
    for _ in range(360):
        await clock.sleep(10.0, "the next byte's turn")
        for name, (conversation, _) in conversations.items():
            if not conversation.is_gone:
                conversation.send(b"x")
                sent[name] += 1
    facts.update({f"bytes of a {name}": f"{count} or more" if count == 360 else count for name, count in sent.items()})
    await wire.ping()


@spec("http/a-missing-host-is-met-its-own-way", MAY, VERSIONS)
async def test_how_a_missing_host_is_met_in_older_versions(target, wire, facts):
    """
    What a client of HTTP/1.0 gets that names no host, an empty one, or another one, is a fact.

    Sends:      GETs of `ping` in HTTP/1.0 without Host, with an empty one, with one of somebody else.
    Observes:   the status lines and the fields.
    """
    get = older(wire.bytes_of("GET", target.alive.path))
    facts["none"] = head_of(await exchange(wire, without_host(get)), target)
    for name, host in (("empty", ""), ("another", "elsewhere.example")):
        request = older(wire.bytes_of("GET", target.alive.path, fields=[("Host", host)]))
        facts[name] = head_of(await exchange(wire, request), target)
    await wire.ping()
