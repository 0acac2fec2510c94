"""
Session endings: of many sessions that live together, each has an end of its own.
"""

from operator import itemgetter

from harness import MUST, NotObservable, NotOffered, spec
from specs.test_session_basics import pairs
from specs.test_session_endings import ENDS, WHENEVER, carried, identity, told_as

#: Visitors whose sessions live together; and those whose endings are watched, at a look at the events for each.
CROWD, WATCHED = 1000, 100

MILLISECONDS = "the sessions end milliseconds apart"


class Door:
    """
    Where visitors ask for the page: one connection, which proxies share between people as well.

    Each with a connection of their own would take half as long again, and browsers three times as long.
    """

    def __init__(self, wire, path):
        self._wire = wire
        self._path = path
        self._asked = 0
        self._conversation = None

    async def ask(self, fields):
        """The answer to one more GET; where the target has ended the connection, on another."""
        for _ in range(2):
            if self._asked % 100 == 0 or self._conversation.is_gone:
                self._conversation = await self._wire.open()
            self._asked += 1
            self._conversation.request("GET", self._path, fields=fields)
            answer = await self._conversation.answer_if_any()
            if answer is not None:
                return answer
        return await self._wire.get(self._path, fields=fields)


class Visitor:
    """
    Somebody who has cookies.

    The session was visited last between `since` and `until`, on the clock's scale; `name` is what tells it from others.
    """

    def __init__(self):
        self.cookies = {}
        self.since = self.until = 0.0
        self.name = ""

    async def visit(self, door):
        """The answer to one more visit."""
        answer = await door.ask([("Cookie", carried(self))] if self.cookies else [])
        for name, _, value in (pair.partition("=") for pair in pairs(answer)):
            self.cookies[name] = value
        self.since, self.until = answer.sent_at, answer.last_at
        return answer


async def crowd(target, door, clock, count, name):
    """
    So many visitors who have come once, one after another; the last before the first one's session may end.

    `name` says what tells a session from the others, from the target, the visitor and the answer.
    """
    page = target.session_endings
    began = clock.now()
    came = []
    for number in range(count):
        # Steps of one length would hide whoever mistakes a session for its neighbour.
        part = (number + 0.5 * (number % 2)) / count
        await clock.until(began + part * page.idle, "the next visitor's turn")
        visitor = Visitor()
        answer = await visitor.visit(door)
        if answer.took > target.timing.slack:
            raise NotObservable("the page takes its time to answer: meanwhile the sessions of others end")
        visitor.name = name(target, visitor, answer)
        came.append(visitor)
    return came


def looks(target, visitors, late):
    """
    When to look at each session, in order, and whether it is to be over: every other one just before its end.

    `late` is how many seconds after it the others may end; at least what sums of floats round is granted.
    """
    idle, early, late = target.session_endings.idle, target.timing.early, max(late, target.timing.slack)
    moments = [
        (one.since + idle - early, False, one) if number % 2 else (one.until + idle + late, True, one)
        for number, one in enumerate(visitors)
    ]
    return sorted(moments, key=itemgetter(0))


def some(wrong, count, said):
    """How many visitors it went wrong for, and who was the first: their numbers, and the seconds since their visits."""
    number, seconds = wrong[0] if wrong else (0, 0.0)
    return f"{said} for {len(wrong)} of {count} visitors: the first is number {number}, {seconds:.6f} s after the visit"


@spec(
    "session-endings/in-a-crowd-each-session-ends-at-its-own-time",
    MUST,
    ENDS,
    lasts=lambda target: 2 * target.session_endings.idle + target.session_endings.slack,
    busy=True,
    only_virtual=MILLISECONDS,
)
async def test_in_a_crowd_each_session_ends_at_its_own_time(target, page, wire, clock):
    """
    Of many sessions that live together each is there just before its own end, and gone at it.

    Sends:      GETs of 1,000 visitors, spread over one idle time in uneven steps; one more GET of each: of every other
                visitor an idle time after the first, less `early`; of the others an idle time and `slack` after it.
    Observes:   the IDs shown, or the cookies where the page shows none: the same for the ones, another for the others.
    Tolerance:  the profile's `early`, and the `slack` of [session-endings] where the profile names one.
    Look at:    one timer or one sweep for all sessions; a store that forgets the oldest when it is full; times that are
                rounded.
    """
    door = Door(wire, page.path)
    visitors = await crowd(target, door, clock, CROWD, identity)
    gone, alive = [], []
    for moment, is_over, visitor in looks(target, visitors, page.slack):
        await clock.until(moment, "a session's end")
        visited = visitor.until
        is_same = identity(target, visitor, await visitor.visit(door)) == visitor.name
        if is_same == is_over:
            (alive if is_same else gone).append((visitors.index(visitor) + 1, visitor.since - visited))

    assert not gone, some(gone, CROWD, f"the session was gone before its {page.idle:g} s were over")
    assert not alive, some(alive, CROWD, f"the session was still there when its {page.idle:g} s were over")


@spec(
    "session-endings/in-a-crowd-each-ending-is-told-at-its-own-time",
    MUST,
    WHENEVER,
    needs=("callback",),
    witnesses=("events",),
    lasts=lambda target: 2 * target.session_endings.idle + target.session_endings.callback_slack + target.timing.quiet,
    busy=True,
    only_virtual=MILLISECONDS,
)
async def test_in_a_crowd_each_ending_is_told_at_its_own_time(target, page, wire, events, clock):
    """
    Of many sessions that live together each one's end is told once, neither before it nor later.

    Sends:      GETs of 100 visitors, spread over one idle time in uneven steps.
    Observes:   the `expire` events of each ID that was shown (of the cookie's value where none is): none just before
                its end for every other one, one at it for the others, and one for each when the last has ended.
    Tolerance:  the profile's `early`, and `callback_slack` where the profile names one; then watched for `quiet`.
    Differs:    stores that sweep lazily (`poke_after = true`) have no time of their own: not offered.
    Look at:    one callback for all sessions; callbacks of a session that ends in the same moment as others.
    """
    if page.poke_after:
        raise NotOffered("poke_after is true: endings are told when the old cookie comes back, not on time")
    visitors = await crowd(target, Door(wire, page.path), clock, WATCHED, told_as)
    untold = []
    for moment, is_over, visitor in looks(target, visitors, page.callback_slack):
        await clock.until(moment, "a session's end")
        await events.settle()
        if is_over and not events.of(visitor.name, "expire"):
            untold.append((visitors.index(visitor) + 1, clock.now() - visitor.until))
    await clock.sleep(target.timing.quiet, "no second event may come")
    await events.settle()

    told = [events.of(visitor.name, "expire") for visitor in visitors]
    early = [
        (number, endings[0].at - visitor.until)
        for number, (visitor, endings) in enumerate(zip(visitors, told, strict=True), 1)
        if endings and endings[0].at < visitor.since + page.idle
    ]
    often, never = sum(len(endings) > 1 for endings in told), told.count(())
    assert not early, some(early, WATCHED, f"the end was told before the {page.idle:g} s were over")
    assert not untold, some(untold, WATCHED, f"the end was not told when the {page.idle:g} s were over")
    assert not often, f"the end was told more than once for {often} of {WATCHED} visitors"
    assert not never, f"the end was never told for {never} of {WATCHED} visitors"
