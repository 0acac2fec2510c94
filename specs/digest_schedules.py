"""
Digest against a model: which nonce lives until when, who must get in with it, and that nobody else ever does.
"""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from harness import Schedule, digest
from specs.authentication import CLIENT_ERRORS, shown
from specs.test_http_auth_attackers import ATTACKS, ELSEWHERE, SUCCESS, is_replay
from specs.test_http_auth_nonces import lifetime

#: Parts of a nonce's lifetime that go by before something happens; from 1 on, of the time after which it is dead for
#: certain.  That one comes early, for schedules shrink to what comes early.
PAUSES = st.sampled_from((0.0, 1.1, 0.9, 0.4, 0.1, 0.0))

#: A user by their place in the profile, and which of their nonces it is about: 0 is the newest.
NONCES = st.sampled_from(((0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 0), (0, 0)))

#: What happens besides attacks: a user answers a challenge that they have, asks for one and answers it or does not, or
#: what they sent is sent again, or both.
STEPS = ANSWERS, ASKS, ASKS_AND_ANSWERS, AGAIN, AGAIN_AS_NEW, OVERTAKEN = (
    "answers",
    "asks",
    "asks and answers",
    "again",
    "again, with a new opaque",
    "asks, and answers after strangers",
)

#: The steps in which a user gets in at the end.
ENTRIES = (ANSWERS, ASKS_AND_ANSWERS, OVERTAKEN)

#: Attacks are many; each step is to happen oftener than each of them.
WHATS = st.sampled_from((*STEPS, *ATTACKS, *(5 * STEPS)))


class Nonce:
    """A nonce that a user was given, and the answer to it that comes next."""

    def __init__(self, name, login, born):
        self.name, self.login, self.born = name, login, born
        self.is_fresh = True


class User:
    """Somebody who knows their password; `seen` is the last answer that got them in, as the eavesdropper saw it."""

    def __init__(self, page, name, password):
        self.page, self.name, self.password = page, name, password
        self.cookies = {}
        self.nonces = []
        self.seen = self.seen_nonce = None

    @property
    def login(self):
        """What the user would send next."""
        return self.nonces[0].login


class Logins(Schedule):
    """
    Users ask for challenges and answer them, sooner or later; an eavesdropper sees it all, replays, alters, guesses.

    The model: the first answer to a user's newest nonce gets in while the nonce lives, any other with one new challenge
    at most; no answer to a dead nonce gets in; who does not know the password never does.
    """

    def __init__(self, stage):
        super().__init__(stage)
        self.users = {}
        self.nonces = 0

    def after(self, part):
        """Let a part of a nonce's lifetime go by."""
        self.wait(part * (self.page.nonce_lifetime if part < 1 else lifetime(self.target)))

    def lives(self, nonce):
        """Whether this nonce is to be taken."""
        return self.now < nonce.born + self.page.nonce_lifetime - self.target.timing.early

    def is_dead(self, nonce):
        """Whether this nonce is to be refused."""
        return self.now >= nonce.born + lifetime(self.target)

    def user(self, number):
        """A user who has been challenged."""
        if number not in self.users:
            users = list(self.page.users.items())
            user = self.users[number] = User(self.page, *users[number % len(users)])
            self.is_challenged(user)
        return self.users[number]

    def known(self, number):
        """A user who has been seen to get in."""
        user = self.user(number)
        if user.seen is None:
            self.enters(user, user.nonces[0])
        return user

    def sent(self, user, *fields, method="GET", query=""):
        """The answer to a request under the user's hand, or with what was seen of it: their cookies."""
        cookies = [("Cookie", "; ".join(f"{name}={value}" for name, value in user.cookies.items()))]
        path = self.page.digest_short + query
        answer = self.do(self.wire.request(method, path, fields=[*fields, *(cookies if user.cookies else ())]))
        for line in answer.fields.all("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            user.cookies[name.strip()] = value.strip()
        return answer

    def is_given(self, user, challenge):
        """The user has a new nonce."""
        self.nonces += 1
        login = digest.Login(challenge, user.name, user.password, self.target.path(self.page.digest_short))
        user.nonces.insert(0, Nonce(f"nonce {self.nonces}", login, self.now))
        self.found(f"401, {user.nonces[0].name}")

    def is_challenged(self, user):
        """A user asks for a challenge."""
        self.tell(f"{user.name} sends nothing")
        answer = self.sent(user)
        assert answer.status == 401
        self.is_given(user, digest.challenge(answer))

    def enters(self, user, nonce):
        """A user answers a challenge, and where that is not enough, the new one at once."""
        must, must_not = nonce.is_fresh and nonce is user.nonces[0] and self.lives(nonce), self.is_dead(nonce)
        if self.answers(user, nonce):
            assert not must_not, f"{nonce.name} was dead at {nonce.born + lifetime(self.target):.3f} s"
            return
        assert not must, f"{nonce.name} was to live until {nonce.born + self.page.nonce_lifetime:.3f} s"
        again = self.answers(user, user.nonces[0])
        assert again, "a new challenge was answered rightly, in vain"

    def answers(self, user, nonce):
        """Whether a user gets in with a right answer; if not, they have a new nonce."""
        login = nonce.login
        self.tell(f"{user.name} answers {nonce.name}")
        answer = self.sent(user, login.field)
        nonce.login, nonce.is_fresh = login.evolve(count=login.count + 1), False
        if answer.status == 401:
            self.is_given(user, digest.challenge(answer))
            return False
        self.found(str(answer.status))
        assert answer.status == 200
        assert shown(self.page, user.name) in answer.text
        user.seen, user.seen_nonce = login, nonce
        return True

    # One rule with three arguments: a step that takes more than five of Hypothesis's choices (6.170), two of them its
    # own, and one more where there are several rules, is never taken out of a schedule by its shrinker.
    @rule(what=WHATS, whose=NONCES, pause=PAUSES)
    def happens(self, what, whose, pause):
        """Something happens with a user."""
        number, place = whose
        if what == ASKS:
            self.after(pause)
        if what in (ASKS, ASKS_AND_ANSWERS, OVERTAKEN) and number in self.users:
            self.is_challenged(self.users[number])
        user = self.user(number) if what in (ASKS, *ENTRIES) else self.known(number)
        if what == ASKS:
            return
        self.after(pause)
        if what == OVERTAKEN:
            self.is_overtaken(user)
        if what in ENTRIES:
            self.enters(user, user.nonces[place % len(user.nonces) if what == ANSWERS else 0])
        elif what in ATTACKS:
            self.is_attacked(user, what)
        else:
            self.is_replayed(user, what)

    def is_overtaken(self, user):
        """While a user has a challenge, somebody else is given one, and sends what got the user in before."""
        self.tell("a stranger sends nothing")
        answer = self.do(self.wire.get(self.page.digest_short))
        self.found(str(answer.status))
        assert answer.status == 401
        if user.seen is not None:
            self.is_replayed(user, AGAIN)

    def is_replayed(self, user, how):
        """The eavesdropper sends once more what got a user in, as it was or as if it belonged to a new challenge."""
        nonce, login, dead = user.seen_nonce, user.seen, self.is_dead(user.seen_nonce)
        if how == AGAIN_AS_NEW:
            given = digest.challenge(self.do(self.wire.get(self.page.digest_short)))
            login = login.bent(opaque=given.opaque)
        self.tell(f"a stranger sends {user.name}'s answer to {nonce.name} {how}")
        answer = self.sent(user, login.field)
        self.found(str(answer.status))
        assert answer.status in (200, *CLIENT_ERRORS)
        if answer.status == 200:
            assert self.page.replay == "any", "a replay opened the page"
            assert not dead, f"{nonce.name} was dead at {nonce.born + lifetime(self.target):.3f} s"

    def is_attacked(self, user, attack):
        """The eavesdropper sends something that only the password would make right."""
        if is_replay(user, attack):
            return
        method, query = ELSEWHERE.get(attack, ("GET", ""))
        self.tell(f"a stranger attacks {user.name}: {attack}")
        answer = self.sent(user, ATTACKS[attack](user).field, method=method, query=query)
        self.found(str(answer.status))
        assert answer.status not in SUCCESS, f"{attack} opened the page"
        user.nonces[0].is_fresh = False

    async def stays_closed(self):
        """In the end the page is as closed as it was to who sends nothing."""
        self.tell("a stranger sends nothing")
        answer = await self.wire.get(self.page.digest_short)
        self.found(str(answer.status))
        assert answer.status == 401
