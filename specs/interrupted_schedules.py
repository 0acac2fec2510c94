"""
Delayed answers against a model: who comes and who leaves when, who must be answered, and whose work must stop.
"""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from harness import Schedule, Window
from specs.interruptions import STILL_AT_WORK
from specs.test_interrupted import was_completed, work

#: Parts of the delay that go by before something happens.  One leaves nobody waiting; it comes early, for schedules
#: shrink to what comes early, and are over sooner when all is seen.
PAUSES = st.sampled_from((0.0, 1.5, 0.7, 0.3, 0.1))

#: The same before somebody leaves: soon after coming, and shortly before the answer.
STAYS = st.sampled_from((0.0, 1.5, 0.85, 0.7, 0.3, 0.1))

#: Which of those who wait leaves: 0 is who has waited longest.
PLACES = st.integers(0, 4)

#: The part of the delay after which the work has begun: who leaves before may interrupt nothing.
BEGUN = 0.1


class Visitor:
    """Somebody who asks once, on a connection of their own, and then waits or leaves."""

    def __init__(self, name, conversation, token, comes, due):
        self.name, self.conversation, self.token = name, conversation, token
        self.comes, self.due = comes, due
        self.is_there = True


class Visits(Schedule):
    """
    Visitors come, and some leave before their answer is due.

    The model: who stays is answered whole when the delay is over since they came, and told done, once, and never
    cancelled; who leaves is told cancelled in time, once, and never done, as far as `notice` and `stops_work` promise
    it.
    """

    def __init__(self, stage):
        super().__init__(stage)
        self.visitors = []
        self.waiting = []
        self.has_events = "events" in self.target.witnesses
        self.notices = self.page.notice == "idle" or (self.page.notice == "write" and self.page.stream is not None)
        self.stops = self.notices and self.page.stops_work
        self.path = work(self.page) if self.notices else self.page.path
        #: Then it is another page, with a text of its own, that begins at once.
        self.drips = self.path != self.page.path
        #: A place is left for what we ask of the server meanwhile.
        self.places = max(1, self.target.parallel - 1)

    def after(self, part):
        """Let a part of the delay go by."""
        self.until(self.now + part * self.page.delay)

    def until(self, moment):
        """Let time go by; whoever is due meanwhile is answered."""
        while self.waiting and self.waiting[0].due <= moment:
            self.wait(self.waiting[0].due - self.now)
            self.do(self.is_answered(), 2 * self.page.delay)
        self.wait(moment - self.now)

    async def is_answered(self):
        """Whoever has waited longest is answered now."""
        visitor = self.waiting.pop(0)
        self.tell(f"{visitor.name} is due")
        answer = await visitor.conversation.answer(within=2 * self.page.delay)
        self.found(f"{answer.status}, {answer.took:.3f} s after they came")
        assert answer.status == 200
        assert answer.complete, answer.problem
        assert answer.took in Window.around(self.page.delay, self.target.timing)
        if not self.drips:
            assert self.page.body in answer.text
            assert answer.waited in Window.around(self.page.delay, self.target.timing)

    def make_room(self):
        """Wait until the server may be given one more thing to do at once."""
        slack = self.target.timing.slack
        while True:
            stay = [
                one.due for one in self.visitors if (one.is_there or not self.stops) and self.now <= one.due + slack
            ]
            if len(stay) < self.places:
                return
            self.until(min(stay) + 2 * slack)

    def newcomer(self):
        """Somebody new, who comes now."""
        self.make_room()
        name, conversation, token = f"visitor {len(self.visitors) + 1}", self.do(self.wire.open()), self.target.token()
        visitor = Visitor(name, conversation, token, self.now, self.now + self.page.delay)
        self.tell(f"{name} comes")
        conversation.request("GET", self.path, id=token)
        self.visitors.append(visitor)
        self.waiting.append(visitor)
        return visitor

    @rule(pause=PAUSES)
    def comes(self, pause):
        """Somebody comes."""
        self.after(pause)
        self.newcomer()

    @rule(place=PLACES, pause=STAYS)
    def leaves(self, place, pause):
        """Somebody who waits leaves amid the work; where there is nobody, somebody who has only just come."""
        self.after(pause)
        at_work = [one for one in self.waiting if BEGUN <= (self.now - one.comes) / self.page.delay <= STILL_AT_WORK]
        if not at_work:
            at_work = [self.newcomer()]
            self.after(BEGUN)
        visitor = at_work[place % len(at_work)]
        self.tell(f"{visitor.name} leaves")
        self.waiting.remove(visitor)
        visitor.is_there = False
        visitor.conversation.close()
        if self.has_events and self.notices:
            assert self.events.of(visitor.token, "cancel") == (), f"{visitor.name} was told cancelled before"
            self.do(self.is_noticed(visitor), self.page.within)

    async def is_noticed(self, visitor):
        """That a visitor has left is told in time."""
        await self.events.settle()
        await self.events.wait("cancel", visitor.token, within=self.page.within)

    async def all_is_over(self):
        """In the end who stayed has their answer, and what the witnesses say of each is so."""
        while self.waiting:
            await self.clock.sleep(self.waiting[0].due - self.now, "the next answer")
            await self.is_answered()
        ends = max((visitor.due for visitor in self.visitors), default=0.0) + self.target.timing.quiet
        await self.clock.sleep(ends - self.now, "work that goes on to be completed")
        self.tell("all is over")
        await self.events.settle()
        for visitor in self.visitors:
            if visitor.is_there and self.has_events:
                told = [event.name for event in self.events.of(visitor.token) if event.name in ("done", "cancel")]
                assert told == ["done"] or (self.drips and not told), f"{visitor.name} stayed, and is told {told}"
            if not visitor.is_there and self.has_events and self.notices:
                cancels = len(self.events.of(visitor.token, "cancel"))
                assert cancels == 1, f"{visitor.name} left once, and is told cancelled {cancels} times"
            if not visitor.is_there and self.stops:
                completed = await self.was_completed(visitor)
                assert not completed, f"the work for {visitor.name}, who left, was completed"

    async def was_completed(self, visitor):
        """Whether the quickest witness there is says that the work for a visitor was completed."""
        if self.has_events:
            return bool(self.events.of(visitor.token, "done"))
        return await was_completed(self.page, self.wire, self.events, visitor.token)
