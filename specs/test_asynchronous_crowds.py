"""
Asynchronous responses, many thousands at once: each is answered at exactly its own time.
"""

from harness import MUST, Window, spec
from specs.test_asynchronous import OWN_TIME
from specs.test_asynchronous_deferred import SAME

#: Requests, and how many of them come over one connection, one after another: a connection costs as much as they do.
#: So many take 1.3 s of a processor, most of it the server's (Twisted 26.10, CPython 3.11, November 2026).
CROWD, ROUNDS = 10_000, 10

#: The same for the page that promises the same by other means.
LESS = 250

#: How many come at the same moment.
TOGETHER = 5

#: Delays from one request on a connection to the next: an answer that is a little late is not in its way.
ROUND = 1.25

FRACTIONS = "the answers are due fractions of a millisecond apart"


class Asked:
    """One request: its conversation, when it was sent, and how many pieces had come there before."""

    def __init__(self, conversation):
        self.conversation = conversation
        self.sent_at = conversation.sent_at
        self.before = len(conversation.chunks)
        self.chunks = ()

    def over(self):
        """Nothing more belongs to its answer."""
        self.chunks = tuple(self.conversation.chunks[self.before :])
        return self

    @property
    def received(self):
        """What came."""
        return b"".join(chunk.data for chunk in self.chunks)


def seconds(target):
    """Nominal seconds: the rounds, and a look at what is left."""
    page, bound = target.asynchronous or target.asynchronous_deferred, target.bound
    return (1 + (ROUNDS * ROUND if bound is None else CROWD / bound * ROUND)) * page.delay + target.timing.quiet


async def crowded(target, page, wire, clock, count):
    """Check that so many requests take one delay each from their own start."""
    lines = min(count // ROUNDS, target.bound or count)
    began = clock.now()
    token = target.token()
    request = wire.bytes_of("GET", page.path, id=token)
    conversations, last, crowd = [None] * lines, [None] * lines, []
    for number in range(count):
        turn, line = divmod(number, lines)
        if line % TOGETHER == 0:
            # Steps of one length would hide whoever mistakes some requests for their neighbours.
            part = turn + (line + TOGETHER / 2 * (line // TOGETHER % 2)) / lines
            await clock.until(began + part * ROUND * page.delay, "the next requests' turn")
        if last[line] is not None:
            crowd.append(last[line].over())
        if conversations[line] is None or conversations[line].is_gone:
            conversations[line] = await wire.open()
        conversations[line].send(request.replace(token.encode(), b"%s-%d" % (token.encode(), number)))
        last[line] = Asked(conversations[line])
    await clock.until(last[line].sent_at + page.delay + target.timing.quiet, "the last answer")
    crowd += [asked.over() for asked in last]

    silent = [number for number, asked in enumerate(crowd, 1) if not asked.chunks]
    assert not silent, (
        f"no answer to {len(silent)} of {count} requests, though the last one was due {target.timing.quiet:g} s ago; "
        f"the first is number {silent[0]}"
    )

    # Thousands of answers are a few different ones: each of those is judged once.
    for received, asked in {asked.received: asked for asked in crowd}.items():
        answer = await asked.conversation.answer()
        while answer.first_at < asked.chunks[0].at:
            answer = await asked.conversation.answer()
        assert answer.status == 200
        assert answer.complete, answer.problem
        assert page.body in answer.text
        assert answer.raw == received, (
            "what came between a request and the next one on its connection is not just its answer"
        )

    due = Window.around(page.delay, target.timing)
    times = [(asked.chunks[0].at - asked.sent_at, asked.chunks[-1].at - asked.sent_at) for asked in crowd]
    off = [number for number, (first, last) in enumerate(times) if first not in due or last not in due]
    assert not off, (
        f"{len(off)} of {count} answers did not come {page.delay:g} s after their requests; the first is number "
        "{}, which began after {:.6f} s and ended after {:.6f} s".format(off[0] + 1, *times[off[0]])
    )


@spec(
    "asynchronous/in-a-crowd-each-request-waits-from-its-own-start",
    MUST,
    OWN_TIME,
    lasts=seconds,
    busy=True,
    only_virtual=FRACTIONS,
)
async def test_in_a_crowd_each_request_takes_the_delay_from_its_own_start(target, page, wire, clock):
    """
    Of thousands of requests that wait together each is answered whole, one delay after its own start.

    Sends:      10,000 GETs of the delayed page, five at a time, in uneven steps; on 1,000 connections, on each the next
                one when the answer is there.
    Observes:   seconds from each one's last byte to the first and the last byte of its answer, and that it is whole.
    Tolerance:  the profile's `early` and `slack`; who is later than `quiet` is taken for not answered.
    Differs:    where the profile names `parallel`, no more than that are outstanding at once.
    Look at:    one timer shared by several requests; delays that are rounded; an answer written to whoever is there
                when a timer fires; a queue that drops what is too much.
    """
    await crowded(target, page, wire, clock, CROWD)


@spec(
    "asynchronous-deferred/in-a-crowd-each-request-waits-from-its-own-start",
    MUST,
    SAME,
    lasts=seconds,
    busy=True,
    only_virtual=FRACTIONS,
)
async def test_in_a_crowd_each_deferred_request_takes_the_delay_from_its_own_start(target, page, wire, clock):
    """
    Of many requests that wait together for a Deferred each is answered whole, one delay after its own start.

    Sends:      250 GETs of the delayed page in uneven steps, on 25 connections.
    Observes:   seconds from each one's last byte to the first and the last byte of its answer, and that it is whole.
    Tolerance:  as for the other delayed page.
    Look at:    as for the other delayed page.
    """
    await crowded(target, page, wire, clock, LESS)
