"""
Asynchronous responses, many thousands at once: each is answered at exactly its own time.
"""

from harness import MUST, Window, spec
from specs.test_asynchronous import OWN_TIME, delay
from specs.test_asynchronous_deferred import SAME

#: Requests outstanding together; so many take 1.5 s of a processor, most of it the server's (Twisted 26.10, CPython
#: 3.11, November 2026).
CROWD = 10_000

#: The same for the page that promises the same by other means.
LESS = 1_000

FRACTIONS = "the answers are due fractions of a millisecond apart"


def until_all_have_come(target):
    """Nominal seconds: one delay in which they come, one in which they wait, and a look at what is left."""
    return 2 * delay(target) + target.timing.quiet


async def crowded(target, page, wire, clock, count):
    """Check that so many requests, on connections of their own, take one delay each from their own start."""
    began = clock.now()
    crowd = []
    for number in range(count):
        # Steps of one length would hide whoever mistakes a request for its neighbour.
        part = (number + 0.5 * (number % 2)) / count
        await clock.until(began + part * page.delay, "the next request's turn")
        conversation = await wire.open()
        conversation.request("GET", page.path)
        crowd.append(conversation)
    await clock.until(crowd[-1].sent_at + page.delay + target.timing.quiet, "the last answer")

    silent = [number for number, one in enumerate(crowd, 1) if not one.chunks]
    assert not silent, (
        f"no answer to {len(silent)} of {count} requests, {target.timing.quiet:g} s after the last one was due; "
        f"the first is number {silent[0]}"
    )

    # Thousands of answers are a few different ones: each of those is judged once.
    for received, one in {one.received: one for one in crowd}.items():
        answer = await one.answer()
        assert answer.status == 200
        assert answer.complete, answer.problem
        assert page.body in answer.text
        assert answer.raw == received, "more came on a connection than the answer to its only request"

    due = Window.around(page.delay, target.timing)
    times = [(one.chunks[0].at - one.sent_at, one.chunks[-1].at - one.sent_at) for one in crowd]
    off = [number for number, (first, last) in enumerate(times) if first not in due or last not in due]
    assert not off, (
        f"{len(off)} of {count} answers did not come {page.delay:g} s after their requests; the first is number "
        "{}, which began after {:.6f} s and ended after {:.6f} s".format(off[0] + 1, *times[off[0]])
    )


@spec(
    "asynchronous/in-a-crowd-each-request-waits-from-its-own-start",
    MUST,
    OWN_TIME,
    lasts=until_all_have_come,
    busy=True,
    only_virtual=FRACTIONS,
)
async def test_in_a_crowd_each_request_takes_the_delay_from_its_own_start(target, page, wire, clock):
    """
    Of thousands of requests that wait together each is answered whole, one delay after its own start.

    Sends:      10,000 GETs of the delayed page on their own connections, spread over one delay in uneven steps: the
                last comes before the first is answered.
    Observes:   seconds from each one's last byte to the first and the last byte of its answer, and that it is whole.
    Tolerance:  the profile's `early` and `slack`; who is later than `quiet` is taken for not answered.
    Differs:    `parallel` of [server] is about what a machine bears, and does not matter here.
    Look at:    one timer shared by several requests; delays that are rounded; an answer written to whoever is there
                when a timer fires; a queue that drops what is too much.
    """
    await crowded(target, page, wire, clock, CROWD)


@spec(
    "asynchronous-deferred/in-a-crowd-each-request-waits-from-its-own-start",
    MUST,
    SAME,
    lasts=until_all_have_come,
    busy=True,
    only_virtual=FRACTIONS,
)
async def test_in_a_crowd_each_deferred_request_takes_the_delay_from_its_own_start(target, page, wire, clock):
    """
    Of many requests that wait together for a Deferred each is answered whole, one delay after its own start.

    Sends:      1,000 GETs of the delayed page on their own connections, spread over one delay in uneven steps.
    Observes:   seconds from each one's last byte to the first and the last byte of its answer, and that it is whole.
    Tolerance:  as for the other delayed page.
    Look at:    as for the other delayed page.
    """
    await crowded(target, page, wire, clock, LESS)
