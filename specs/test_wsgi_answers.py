"""
WSGI, what the application answers: status, fields and blocks, as and when it gives them.
"""

from itertools import accumulate

from harness import MUST, SHOULD, NotObservable, Window, pep, spec
from specs.wsgi_reports import below

STATUS = pep(3333, "The start_response() Callable", "a string consisting of a Status-Code and a Reason-Phrase")
FIELDS = pep(
    3333, "Other HTTP Features", 'should "play dumb" and allow the application complete control over its output'
)
WRITTEN_FIRST = pep(
    3333, "The write() Callable", "are transmitted after all bytestrings passed to write() have been sent"
)
WRITTEN = pep(3333, "The write() Callable", "treated exactly as though it had been yielded by the output iterable")
NO_DELAY = pep(3333, "Buffering and Streaming", "must not delay the transmission of any block")
LATE = pep(3333, "Specification Details", "this invocation may be performed by the iterable's first iteration")
EMPTY = pep(
    3333,
    "The start_response() Callable",
    "only after the first iteration of the application return value that yields a non-empty bytestring",
)
HEADERS_WAIT = pep(3333, "The start_response() Callable", "must not actually transmit the response headers")

BLOCKS = (b"block 0\n", b"block 1\n", b"block 2\n")


def gap(target):
    """Seconds between two blocks: more than one may be late, so that a block held back for the next one shows."""
    return target.timing.slack + 0.1


def arrivals(answer, blocks):
    """Seconds from our last byte sent until each of the blocks was there."""
    if any(block not in answer.raw for block in blocks):
        raise NotObservable("the blocks are cut up on the wire, so when each was whole cannot be told")
    sizes = accumulate(len(chunk.data) for chunk in answer.chunks)
    ends = [answer.raw.index(block) + len(block) for block in blocks]
    times = [(size, chunk.at - answer.sent_at) for size, chunk in zip(sizes, answer.chunks, strict=True)]
    return [next(at for size, at in times if size >= end) for end in ends]


@spec("wsgi/status-is-the-applications", MUST, STATUS)
async def test_status_is_the_applications(page, wire, facts):
    """
    The answer has the status that the application gave, with its body.

    Sends:      one GET each for statuses of every class, one of them rare.
    Observes:   status and body.
    Differs:    the reason phrase is the server's affair; it is recorded.
    """
    codes = (200, 201, 302, 404, 418, 503)
    answers = [await wire.get(below(page, f"/status/{code}")) for code in codes]

    facts["reasons"] = {answer.status: answer.reason.decode("latin-1") for answer in answers}
    assert [answer.status for answer in answers] == list(codes)
    for answer in answers:
        assert answer.body == b"as asked\n"


@spec("wsgi/fields-are-the-applications", MUST, FIELDS)
async def test_fields_are_the_applications(page, wire):
    """
    The answer has the fields that the application gave, their values untouched.

    Sends:      one GET.
    Observes:   each field, repeated ones joined by a comma.
    Differs:    the order of different names, and what the server adds, are its own affair.
    """
    fields = (await wire.get(below(page, "/fields"))).fields

    assert fields.get("Content-Type") == "text/plain"
    assert fields.get("Cache-Control") == "no-store"
    assert fields.get("X-Web60-Plain") == "as the application gave it"
    assert fields.get("X-Web60-Punctuation") == 'a="b, c"; d=(e) [f] /g?h=i'
    assert fields.get("X-Web60-Twice") == "first, second"


@spec("wsgi/repeated-set-cookie-stays-repeated", MUST, FIELDS)
async def test_repeated_set_cookie_stays_repeated(page, wire):
    """
    Cookies that the application sets come one a line, in their order, also when two have one name.

    Sends:      one GET.
    Observes:   the Set-Cookie fields.
    Look at:    whether the fields go through a dictionary, or are joined by a comma.
    """
    answer = await wire.get(below(page, "/fields"))

    assert answer.fields.all("Set-Cookie") == ["one=1; Path=/", "two=2; Path=/", "one=3; Path=/elsewhere"]


@spec("wsgi/written-blocks-come-before-the-iterables", MUST, WRITTEN_FIRST)
async def test_written_blocks_come_before_the_iterables(page, wire):
    """
    What the application hands to write() comes first, then what its iterable gives, nothing twice.

    Sends:      one GET.
    Observes:   the body.
    """
    answer = await wire.get(below(page, "/write?gap=0"))

    assert answer.status == 200
    assert answer.body == b"".join(BLOCKS)
    assert answer.complete, answer.problem


@spec("wsgi/written-blocks-leave-as-they-are-made", MUST, WRITTEN, lasts=lambda target: 2 * gap(target))
async def test_written_blocks_leave_as_they_are_made(target, page, wire):
    """
    A block that was handed to write() is on its way before the application goes on.

    Sends:      one GET of a page that writes a block, sleeps, writes another, sleeps, and returns a third.
    Observes:   when each block arrives.
    Tolerance:  the profile's `early` and `slack`; the sleeps are a little longer than `slack`.
    Look at:    buffers, in the server and in proxies before it.
    """
    answer = await wire.get(below(page, f"/write?gap={gap(target)}"))

    assert answer.body == b"".join(BLOCKS)
    for number, seconds in enumerate(arrivals(answer, BLOCKS)):
        assert seconds in Window.around(number * gap(target), target.timing)


@spec("wsgi/blocks-leave-as-they-are-made", MUST, NO_DELAY, lasts=lambda target: 2 * gap(target))
async def test_blocks_leave_as_they_are_made(target, page, wire):
    """
    Each block of a generator is sent when it is made, not when the next one is, or all are.

    Sends:      one GET of a page that sleeps between its blocks.
    Observes:   when each block arrives.
    Tolerance:  the profile's `early` and `slack`; the sleeps are a little longer than `slack`.
    Look at:    buffers, in the server and in proxies before it.
    """
    answer = await wire.get(below(page, f"/drip?blocks={len(BLOCKS)}&gap={gap(target)}"))

    assert answer.status == 200
    assert answer.body == b"".join(BLOCKS)
    for number, seconds in enumerate(arrivals(answer, BLOCKS)):
        assert seconds in Window.around(number * gap(target), target.timing)


@spec("wsgi/start-response-may-come-while-iterating", MUST, LATE)
async def test_start_response_may_come_while_iterating(page, wire):
    """
    An application may call start_response as late as in the first step of its iterable.

    Sends:      one GET of an application that is a generator.
    Observes:   status and body.
    """
    answer = await wire.get(below(page, "/late"))

    assert answer.status == 202
    assert answer.body == b"late\n"


@spec("wsgi/empty-blocks-leave-no-trace", MUST, EMPTY)
async def test_empty_blocks_leave_no_trace(page, wire):
    """
    Empty blocks before the first that is not change nothing of the answer.

    Sends:      one GET.
    Observes:   status and body.
    Look at:    in chunked coding a chunk without bytes would end the answer.
    """
    answer = await wire.get(below(page, "/empty-blocks"))

    assert answer.status == 200
    assert answer.body == b"not empty\n"
    assert answer.complete, answer.problem


@spec("wsgi/empty-blocks-hold-the-header-back", SHOULD, HEADERS_WAIT)
async def test_empty_blocks_hold_the_header_back(page, wire):
    """
    The header is not sent before the first block that is not empty, so an application can change its mind until then.

    Sends:      one GET of a page that gives two empty blocks, then another status with exc_info, then its body.
    Observes:   the status.
    Differs:    some servers send the header with the first block, empty or not.
    """
    answer = await wire.get(below(page, "/empty-blocks/change"))

    assert answer.status == 503
    assert answer.body == b"not empty\n"
