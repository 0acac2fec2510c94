"""
Timeouts against a model: who asks when for how much work, and what they must be told when.
"""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from harness import Schedule, Window
from specs.test_timeouts import ANY_FAILURE, LONGEST

#: Parts of `after` that go by before somebody asks.  One leaves nobody waiting; it comes early, for schedules shrink to
#: what comes early, and are over sooner when all is seen.
PAUSES = st.sampled_from((0.0, 1.6, 0.7, 0.2))

#: Parts of `after` that work takes: close to it on both sides, and far from it.
WORKS = st.sampled_from((0.0, 0.3, LONGEST, 1.5, 0.9, 0.99, 1.01))

#: What becomes of work by itself.
ENDINGS = st.sampled_from(("ends", "fails"))


class Asked:
    """A request for work, on a connection of its own; `over` is when the work would be over, `due` its answer."""

    def __init__(self, name, conversation, token, ending, began, seconds, after):
        self.name, self.conversation, self.token = name, conversation, token
        self.ending, self.seconds = ending, seconds
        self.over, self.due = began + seconds, began + min(seconds, after)
        self.answer = None


class Works(Schedule):
    """
    Visitors ask for work of many durations, many at once.

    The model: work that is over before `after` gives its own result or failure when it is over, and no timeout is told
    of it; other work is given up at `after`, which is told once; nothing follows an answer.
    """

    def __init__(self, stage):
        super().__init__(stage)
        self.asked = []
        self.waiting = []
        #: A place is left for what we ask of the server meanwhile.
        self.places = max(1, self.target.parallel - 1)

    def until(self, moment):
        """Let time go by; whoever is due meanwhile is answered."""
        while self.waiting and (first := min(self.waiting, key=lambda one: one.due)).due <= moment:
            self.wait(first.due - self.now)
            self.do(self.is_answered(first), 2 * self.page.after)
        self.wait(moment - self.now)

    async def is_answered(self, one):
        """Somebody is answered now."""
        self.waiting.remove(one)
        self.tell(f"{one.name} is due")
        answer = one.answer = await one.conversation.answer(within=2 * self.page.after)
        self.found(f"{answer.status}, {answer.waited:.3f} s after they asked")
        assert answer.complete, answer.problem
        if self.is_quick(one):
            self.is_of_its_own(one, answer)
        elif self.is_slow(one) or answer.status in self.page.status:
            self.is_a_timeout(one, answer)
        else:
            self.is_of_its_own(one, answer)

    def is_quick(self, one):
        """Whether a timeout may have no part in the answer."""
        return one.seconds < self.page.after - self.target.timing.early

    def is_slow(self, one):
        """Whether the answer must be a timeout."""
        return one.seconds > self.page.after + self.page.slack

    def is_of_its_own(self, one, answer):
        """The answer is the result of the work, or its failure."""
        if one.ending == "ends":
            assert answer.status // 100 == 2, f"{one.name} did not get the result of work that was over in time"
        else:
            assert answer.status >= 400, f"{one.name} did not get the failure of their work"
            timeouts = set(self.page.status) - {ANY_FAILURE}
            assert answer.status not in timeouts, f"{one.name} was told of a timeout, and their work had failed before"
        assert answer.waited in Window.around(one.seconds, self.target.timing)

    def is_a_timeout(self, one, answer):
        """The answer says that the work was given up."""
        assert answer.status in self.page.status, f"the work for {one.name} was not given up"
        assert answer.status >= 500
        assert answer.waited in Window(self.page.after - self.target.timing.early, self.page.after + self.page.slack)

    def make_room(self):
        """Wait until the server may be given one more thing to do at once: abandoned work may go on."""
        slack = self.target.timing.slack
        while len(stay := [one.over for one in self.asked if self.now <= one.over + slack]) >= self.places:
            self.until(min(stay) + 2 * slack)

    @rule(pause=PAUSES, work=WORKS, ending=ENDINGS)
    def asks(self, pause, work, ending):
        """Somebody asks for work that ends or fails by itself."""
        self.until(self.now + pause * self.page.after)
        self.make_room()
        if self.page.fails is None:
            ending = "ends"
        name, conversation, token = f"visitor {len(self.asked) + 1}", self.do(self.wire.open()), self.target.token()
        seconds = work * self.page.after
        self.tell(f"{name} asks for work that {ending} after {seconds:.3f} s")
        path = self.page.path if ending == "ends" else self.page.fails
        conversation.request("GET", path, id=token, s=seconds)
        one = Asked(name, conversation, token, ending, self.now, seconds, self.page.after)
        self.asked.append(one)
        self.waiting.append(one)

    async def all_is_over(self):
        """In the end all have their answers, and nothing follows."""
        for one in sorted(self.waiting, key=lambda one: one.due):
            await self.clock.sleep(one.due - self.now, "the next answer")
            await self.is_answered(one)
        began = max((one.over - one.seconds for one in self.asked), default=0.0)
        over = max((began + self.page.after, *(one.over for one in self.asked)))
        await self.clock.sleep(over + self.page.slack - self.now, "what must not follow")
        self.tell("all is over")
        await self.events.settle()
        for one in self.asked:
            more = one.conversation.received[len(one.answer.raw) :]
            assert more == b"", f"{one.name} was sent more than one answer"
            if "events" in self.target.witnesses:
                self.is_told(one)

    def is_told(self, one):
        """A timeout is told once, and of no other; no work is told done twice."""
        timeouts, done = (len(self.events.of(one.token, name)) for name in ("timeout", "done"))
        if self.is_quick(one):
            assert timeouts == 0, f"a timeout is told of {one.name}, whose work was over in time"
        elif self.is_slow(one):
            assert timeouts == 1, f"{timeouts} timeouts are told of {one.name}"
        assert done <= 1, f"the work of {one.name} is told done {done} times"
