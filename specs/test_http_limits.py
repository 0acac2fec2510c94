"""
HTTP: what is too long is refused, and harms nobody.
"""

from harness import MAY, MUST, SHOULD, NotOffered, rfc, spec
from specs.exchanges import A_MOMENT, REFUSALS, chunked, exchange, outcome

LONG_TARGET = rfc(9112, "3", "longer than any URI it wishes to parse MUST respond with a 414")
LONG_METHOD = rfc(9112, "3", "a method longer than any that it implements SHOULD respond with a 501 (Not Implemented)")
AT_LEAST = rfc(9112, "3", "support, at a minimum, request-line lengths of 8000 octets")
LONG_FIELDS = rfc(9110, "5.4", "larger than it wishes to process MUST respond with an appropriate 4xx (Client Error)")
DEFENSIVELY = rfc(9110, "2.3", "SHOULD parse a received protocol element defensively")
LIMITED = rfc(
    9110, "17.5", "Recipients ought to carefully limit the extent to which they process other protocol elements"
)
EXTENSIONS = rfc(9112, "7.1.1", "ought to limit the total length of chunk extensions received in a request")
NO_LIMIT = rfc(9112, "3", "HTTP does not place a predefined limit on the length of a request-line")

#: Bytes of one line that no server should want, and of all lines together.
LONG, VERY_LONG = 128 * 1024, 1024 * 1024

#: Bytes of a line without an end after which every server has had enough, and how many of them go out at once.
ENDLESS, AT_ONCE = 8 * 1024 * 1024, 64 * 1024


def long_target(wire, target, size, fields=()):
    """The bytes of a GET of `ping` with a query of this size."""
    mark = "&" if "?" in target.alive.path else "?"
    return wire.bytes_of("GET", target.alive.path + mark + "x" * size, fields=fields)


def more_fields(wire, target, fields):
    """The bytes of a GET of `ping` with these fields."""
    return wire.bytes_of("GET", target.alive.path, fields=fields)


async def harmless(wire, target, **requests):
    """Each of these is served, or refused, or ends its connection; and the server lives on."""
    for name, request in requests.items():
        answer = await exchange(wire, request)
        assert outcome(answer) in {target.alive.status, *REFUSALS, "closed"}, f"{name}: answered {outcome(answer)}"
        await wire.ping()


async def refused(wire, target, name, *requests):
    """The answer to the first of these requests that is not served; None where its connection was just closed."""
    for request in requests:
        answer = await exchange(wire, request)
        if outcome(answer) != target.alive.status:
            return answer
    message = f"{name} of {len(requests[-1]):,} bytes is served"
    raise NotOffered(message)


@spec("http/request-lines-of-8000-bytes-are-served", SHOULD, AT_LEAST)
async def test_request_lines_of_8000_bytes_are_served(target, wire):
    """
    A request line of 8,000 bytes is a request line like any other.

    Sends:      a GET of `ping` with a query that makes the line 8,000 bytes long.
    Observes:   the status.
    Look at:    a buffer of 4 KB, or of 8,000 bytes for the whole header.
    """
    short = len(long_target(wire, target, 0).partition(b"\r\n")[0])
    answer = await exchange(wire, long_target(wire, target, 8000 - short))

    assert answer is not None, "the connection was closed without an answer"
    assert answer.status == target.alive.status


@spec("http/long-targets-do-no-harm", MUST, DEFENSIVELY)
async def test_long_targets_do_no_harm(target, wire):
    """
    A target of any length is served or refused, in time, and nobody else notices.

    Sends:      GETs with targets of 16 KiB, 128 KiB and 1 MiB, with a path that long and with a query.
    Observes:   that each is answered, not with 5xx, or its connection ended; that the server answers its ping.
    Look at:    a line that is searched from its beginning each time something comes; an exception nobody expected.
    """
    sizes = (16 * 1024, LONG, VERY_LONG)
    await harmless(wire, target, **{f"a query of {size} bytes": long_target(wire, target, size) for size in sizes})
    for size in sizes:
        answer = await exchange(wire, wire.bytes_of("GET", "/" + "x" * size))
        assert outcome(answer) in {404, *REFUSALS, "closed"}
    await wire.ping()


@spec("http/long-targets-are-answered-414", SHOULD, LONG_TARGET)
async def test_long_targets_are_answered_414(target, wire, facts):
    """
    A target that is too long is refused with the status that says so.

    Sends:      GETs of `ping` with queries of 16 KiB, 128 KiB and 1 MiB, until one is refused.
    Observes:   the status of the refusal.
    Differs:    400 and 431 are common, and so is closing the connection without a word.
    Look at:    a limit of the line reader that knows nothing of HTTP.
    """
    requests = [long_target(wire, target, size) for size in (16 * 1024, LONG, VERY_LONG)]
    answer = await refused(wire, target, "a target", *requests)
    facts["status"] = outcome(answer)

    assert outcome(answer) == 414


@spec("http/long-methods-are-refused", MUST, LONG_METHOD)
async def test_long_methods_are_refused(target, wire):
    """
    A method of any length is one that nobody implements.

    Sends:      requests of `ping` with methods of 1 KiB, 16 KiB and 128 KiB.
    Observes:   4xx, 501, or the end of the connection; that the server answers its ping.
    Look at:    the method in a page, or a log line, as long as it is.
    """
    for size in (1024, 16 * 1024, LONG):
        answer = await exchange(wire, wire.bytes_of("X" * size, target.alive.path))
        assert outcome(answer) in {*REFUSALS, "closed"}
    await wire.ping()


@spec("http/long-fields-do-no-harm", MUST, DEFENSIVELY)
async def test_long_fields_do_no_harm(target, wire):
    """
    Fields of any length and number are served or refused, in time, and nobody else notices.

    Sends:      GETs of `ping` with a value of 128 KiB and of 1 MiB, with a name of 128 KiB, with 10,000 fields of their
                own names, of one name, with a hundred of 8 KiB, with a cookie of 10,000 pairs.
    Observes:   that each is answered, not with 5xx, or its connection ended; that the server answers its ping.
    Look at:    values that are joined one by one; names that are remembered for ever.
    """
    await harmless(
        wire,
        target,
        value=more_fields(wire, target, [("X-Web60", "x" * LONG)]),
        larger=more_fields(wire, target, [("X-Web60", "x" * VERY_LONG)]),
        name=more_fields(wire, target, [("X" * LONG, "x")]),
        names=more_fields(wire, target, [(f"X-Web60-{number}", "x") for number in range(10_000)]),
        one_name=more_fields(wire, target, [("X-Web60", str(number)) for number in range(10_000)]),
        sum=more_fields(wire, target, [(f"X-Web60-{number}", "x" * 8192) for number in range(100)]),
        cookie=more_fields(wire, target, [("Cookie", "; ".join(f"c{number}=x" for number in range(10_000)))]),
    )


@spec("http/long-fields-are-answered-4xx", SHOULD, LONG_FIELDS)
async def test_long_fields_are_answered_4xx(target, wire, facts):
    """
    Fields that are too large are refused with a status that says so.

    Sends:      GETs of `ping` with a value of 16 KiB, 128 KiB and 1 MiB until one is refused; the same with 1,000 and
                10,000 fields.
    Observes:   the status of the refusals: 4xx, of which 431 says most.
    Differs:    closing the connection without a word is common.
    Look at:    a limit of the line reader that knows nothing of HTTP.
    """
    sizes, counts = (16 * 1024, LONG, VERY_LONG), (1_000, 10_000)
    for name, requests in {
        "a field": [more_fields(wire, target, [("X-Web60", "x" * size)]) for size in sizes],
        "fields": [more_fields(wire, target, [(f"X-{number}", "x") for number in range(count)]) for count in counts],
    }.items():
        answer = await refused(wire, target, name, *requests)
        facts[name] = outcome(answer)

        assert answer is not None, f"{name} too large: the connection was closed without an answer"
        assert answer.status in range(400, 500)


async def is_cut_off(wire, clock, beginning, more):
    """
    Of a request without an end the server has enough at some point, with an answer or without a word.

    Which of the two is chance: an answer is lost where more comes behind it that nobody reads.
    """
    conversation = await wire.open()
    conversation.send(beginning)
    piece = more * (AT_ONCE // len(more))
    for _ in range(ENDLESS // AT_ONCE):
        if conversation.chunks or conversation.is_gone:
            break
        conversation.send(piece)
        await clock.sleep(A_MOMENT, "the target's turn")
    answer = await conversation.answer_if_any(method="POST", within=5.0)
    await conversation.gone(within=5.0)

    assert outcome(answer) in {*REFUSALS, "closed"}
    await wire.ping()


@spec("http/endless-request-lines-are-cut-off", SHOULD, LIMITED, lasts=lambda _: 10.0)
async def test_endless_request_lines_are_cut_off(wire, clock):
    """
    A request line that does not end is not kept for ever.

    Sends:      "GET /xxx…", 64 KiB at a time, until the server says something or 8 MiB have gone.
    Observes:   4xx, or the end of the connection.
    Tolerance:  5 s for what is on its way.
    Look at:    a buffer that grows as long as no line end comes: a client can fill the memory.
    """
    await is_cut_off(wire, clock, b"GET /", b"x")


@spec("http/endless-fields-are-cut-off", SHOULD, LIMITED, lasts=lambda _: 10.0)
async def test_endless_fields_are_cut_off(target, wire, clock):
    """
    Fields that do not end are not kept for ever.

    Sends:      a GET of `ping` and "X-Web60: x" over and over, 64 KiB at a time, until the server says something or
                8 MiB have gone.
    Observes:   4xx, or the end of the connection.
    Tolerance:  5 s for what is on its way.
    Look at:    a limit for each line and none for all of them.
    """
    await is_cut_off(wire, clock, wire.bytes_of("GET", target.alive.path).removesuffix(b"\r\n"), b"X-Web60: x\r\n")


@spec("http/endless-chunk-extensions-are-cut-off", SHOULD, EXTENSIONS, lasts=lambda _: 10.0)
async def test_endless_chunk_extensions_are_cut_off(page, wire, clock):
    """
    A chunk's line that does not end is not kept for ever.

    Sends:      a POST to `echo` in chunks, and behind the size of the first one ";x=xxx…", 64 KiB at a time, until the
                server says something or 8 MiB have gone.
    Observes:   4xx, or the end of the connection.
    Tolerance:  5 s for what is on its way.
    Look at:    a decoder that skips extensions as long as there are some.
    """
    head = wire.bytes_of("POST", page.echo, fields=[("Transfer-Encoding", "chunked")])
    await is_cut_off(wire, clock, head + b"1;x=", b"x")


@spec("http/endless-trailers-are-cut-off", SHOULD, LIMITED, lasts=lambda _: 10.0)
async def test_endless_trailers_are_cut_off(page, wire, clock):
    """
    Trailer fields that do not end are not kept for ever.

    Sends:      a POST to `echo` in chunks, and behind the last one "X-Web60: x" over and over, 64 KiB at a time, until
                the server says something or 8 MiB have gone.
    Observes:   4xx, or the end of the connection.
    Tolerance:  5 s for what is on its way.
    Look at:    a limit for the header that knows nothing of the trailer.
    """
    head = wire.bytes_of("POST", page.echo, fields=[("Transfer-Encoding", "chunked")])
    await is_cut_off(wire, clock, head + chunked(b"content").removesuffix(b"\r\n"), b"X-Web60: x\r\n")


@spec("http/limits-are-its-own", MAY, NO_LIMIT)
async def test_what_the_limits_are(target, wire, facts):
    """
    How long a target, a value, a name, a method and how large their number and sum may be are facts.

    Sends:      GETs of `ping`, larger by the power of two, up to 1 MiB or 4,096 fields, until one is not served.
    Observes:   the largest size that is served, and what becomes of the next.
    """
    kinds = {
        "bytes of a target": (lambda size: long_target(wire, target, size), 20),
        "bytes of a value": (lambda size: more_fields(wire, target, [("X-Web60", "x" * size)]), 20),
        "bytes of a name": (lambda size: more_fields(wire, target, [("X" * size, "x")]), 20),
        "fields": (lambda size: more_fields(wire, target, [(f"X-{number}", "x") for number in range(size)]), 12),
        "fields of one name": (lambda size: more_fields(wire, target, [("X-Web60", "x")] * size), 12),
        "fields of 1,000 bytes": (lambda size: more_fields(wire, target, [("X-Web60", "x" * 989)] * size), 10),
    }
    for name, (request, most) in kinds.items():
        served, refused_with = 0, "nothing was refused"
        for power in range(8 if most == 20 else 4, most + 1):
            answer = await exchange(wire, request(2**power))
            if outcome(answer) != target.alive.status:
                refused_with = outcome(answer)
                break
            served = 2**power
        facts[f"{name} that are served"] = served
        facts[f"more {name}"] = refused_with
    await wire.ping()


@spec("http/limits-of-lines-are-exact-in-its-own-way", MAY, NO_LIMIT)
async def test_where_exactly_the_limits_of_lines_are(target, wire, facts):
    """
    The length of the longest request line that is served, and of the longest header, are facts to the byte.

    Sends:      GETs of `ping` with lines of up to 64 KiB; twenty halvings each.
    Observes:   the largest number of bytes that is served.
    """
    # The same Host for every port: a port of another length would make every header longer.
    host = [("Host", "localhost")]
    if outcome(await exchange(wire, more_fields(wire, target, host))) != target.alive.status:
        message = "the server does not answer to localhost"
        raise NotOffered(message)
    short = len(long_target(wire, target, 0, host).partition(b"\r\n")[0])
    bare = len(more_fields(wire, target, [*host, ("X-Web60", "")]))
    lines = {
        "bytes of a request line": lambda size: long_target(wire, target, max(0, size - short), host),
        "bytes of a header": lambda size: more_fields(wire, target, [*host, ("X-Web60", "x" * max(0, size - bare))]),
    }
    for name, request in lines.items():
        low, high = 1024, 65536
        if outcome(await exchange(wire, request(high))) == target.alive.status:
            facts[name] = f"{high} or more"
            continue
        while high - low > 1:
            middle = (low + high) // 2
            served = outcome(await exchange(wire, request(middle))) == target.alive.status
            low, high = (middle, high) if served else (low, middle)
        facts[name] = low
