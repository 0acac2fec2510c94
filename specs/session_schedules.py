"""
Sessions against a model: who visits when, and which session they must find.
"""

from collections import defaultdict

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from harness import Schedule
from specs.test_session_endings import carried, shown

#: Parts of the idle time that go by before something happens: most end a session only together, one alone.  The first
#: makes the simplest schedule one in which somebody keeps visiting.
PAUSES = st.sampled_from((0.55, 0.4, 0.7, 0.25, 0.85, 1.1, 0.0))

#: The visitors: few, and one of them comes more often than sessions end.
VISITORS = st.sampled_from((1, 1, 2))

#: What a visitor does: mostly visit; who has no session to end visits, too.
DEEDS = st.sampled_from(("visits", "visits", "ends"))


class Visitor:
    """Somebody with a cookie jar, and what the model knows of the session in it."""

    def __init__(self, browser):
        self.browser = browser
        self.session = ""
        self.ends = -1.0


class Sessions(Schedule):
    """
    Visitors come, come again, let time go by, and end what they have.

    The model: a session ends when nobody has visited it for the idle time (where `sliding` is false: that long after
    its first visit), or when its visitor ends it; a visit without a living session begins one that nobody had before.
    """

    def __init__(self, stage):
        super().__init__(stage)
        self.visitors = defaultdict(lambda: Visitor(self.client.visitor()))
        self.names = {}

    @initialize()
    def one_session_for_both_pages(self):
        """Whether the page that expires sessions means these: it may have some of its own."""
        basics, visitor = self.target.session_basics, self.client.visitor()
        self.can_end = False
        if basics is not None:
            self.do(visitor.get(self.page.path))
            before = carried(visitor)
            self.do(visitor.get(basics.show))
            self.can_end = carried(visitor) == before

    @rule(number=VISITORS, deed=DEEDS, pause=PAUSES)
    def happens(self, number, deed, pause):
        """After a while somebody does something."""
        self.wait(pause * self.page.idle)
        visitor = self.visitors[number]
        if deed == "ends" and self.can_end and self.now < visitor.ends:
            self.ends(number, visitor)
        else:
            self.visits(number, visitor)

    def visits(self, number, visitor):
        """Somebody visits, for the first time or again."""
        before, lives, gone = visitor.session, self.now < visitor.ends, self.now >= visitor.ends + self.page.slack
        self.tell(f"visitor {number} visits")
        answer = self.do(visitor.browser.get(self.page.path))
        session = shown(self.target, answer) or carried(visitor.browser)
        known = session in self.names
        visitor.session = self.names.setdefault(session, f"session {len(self.names) + 1}")
        self.found(visitor.session)
        until = f"{visitor.ends:.3f} s"
        if lives:
            assert visitor.session == before, f"visitor {number} was to find {before}, which lives until {until}"
        elif gone:
            over = f", for {before} was over at {until}" if before else ""
            assert not known, f"visitor {number} was to begin a session that nobody had before{over}"
        if self.page.sliding or visitor.session != before:
            visitor.ends = self.now + self.page.idle

    def ends(self, number, visitor):
        """Somebody ends their session."""
        self.tell(f"visitor {number} ends {visitor.session}")
        answer = self.do(visitor.browser.get(self.target.session_basics.expire))
        assert answer.status < 400
        visitor.session, visitor.ends = "", -1.0

    async def all_have_ended(self):
        """In the end each session that was ever shown is told ended, once, where that is promised."""
        await self.clock.sleep(self.page.idle + self.page.slack + self.page.callback_slack, "the last session to end")
        self.tell("all sessions are over")
        await self.events.settle()
        for session, name in self.names.items():
            told = len(self.events.of(session, "expire"))
            assert told == 1, f"the end of {name} was told {told} times" if told else f"the end of {name} was not told"
