"""
HTTP authentication: a user and an eavesdropper at the same Digest page, whatever they do in whatever order.
"""

from copy import copy
from itertools import permutations
from weakref import WeakKeyDictionary

from harness import MUST, digest, spec, tutorial
from specs.authentication import CLIENT_ERRORS, WRONG, altered, challenged, shown
from specs.test_http_auth_nonces import lifetime

SUCCESS = range(200, 300)

PASSWORD = tutorial("http-auth", "any successful authentication attempt (ie, Alice supplied the right password)")


class Story:
    """
    A user who got in once, and an eavesdropper who saw all of it.

    `login` is what the user will send next, `seen` what they sent last; `since` is when the user was
    challenged. The eavesdropper has the user's cookies too.
    """

    def __init__(self, page, path, visitor, login, since):
        self.page, self.path, self.visitor, self.login, self.since = page, path, visitor, login, since
        self.seen = login
        self.nonce_is_dead = self.seen_is_dead = False

    def once_more(self):
        """The same story to be told again, under a nonce count that has not been used."""
        self.login = self.login.evolve(count=self.login.count + 1)
        return copy(self)

    async def send(self, login, method="GET", path=""):
        """Send this answer, under the eavesdropper's or the user's hand."""
        return await self.visitor.request(method, path or self.path, fields=[login.field])

    async def is_challenged(self):
        """The user asks for a new challenge."""
        answer = await self.visitor.get(self.path)
        assert answer.status == 401
        self.login = self.login.answering(digest.challenge(answer))
        self.nonce_is_dead = False

    async def enters(self):
        """The user gets in, after one new challenge at most; with a dead nonce, after exactly one."""
        answer = await self.send(self.login)
        if self.nonce_is_dead:
            assert answer.status == 401, f"a right answer to a dead nonce was answered {answer.status}"
        if answer.status == 401:
            self.login = self.login.answering(digest.challenge(answer))
            answer = await self.send(self.login)
        assert answer.status == 200, f"a right answer to a new challenge was answered {answer.status}"
        assert shown(self.page, self.login.user) in answer.text
        self.seen, self.login = self.login, self.login.evolve(count=self.login.count + 1)
        self.nonce_is_dead = self.seen_is_dead = False

    async def is_replayed(self):
        """The eavesdropper sends once more what the user sent; whether that may work, the profile says."""
        answer = await self.send(self.seen)
        if self.seen_is_dead or self.page.replay == "refuse":
            which = "a replay to a dead nonce" if self.seen_is_dead else "a replay"
            assert answer.status in CLIENT_ERRORS, f"{which} was answered {answer.status}"
        else:
            assert answer.status in (200, *CLIENT_ERRORS)

    async def is_attacked(self, attack):
        """The eavesdropper sends something that only the password would make right."""
        method, query = ELSEWHERE.get(attack, ("GET", ""))
        if is_replay(self, attack):
            return
        answer = await self.send(ATTACKS[attack](self), method, self.path + query)
        assert answer.status not in SUCCESS, f"{attack}: answered {answer.status}"


def another(story):
    """A user who is not the story's, and has another password."""
    users = story.page.users.items()
    return next((user for user, password in users if password != story.login.password), "somebody")


def by(user, story):
    """The right answer of another user to the story's challenge."""
    return story.login.evolve(user=user, password=story.page.users.get(user, "anything"))


#: What the eavesdropper sends instead of an answer that the password makes right.
ATTACKS = {
    "a guess": lambda story: story.login.evolve(password=WRONG),
    "no password": lambda story: story.login.evolve(password=""),
    "a password of their own": lambda story: by(another(story), story).bent(username=story.login.user),
    "the password of another": lambda story: story.login.evolve(password=by(another(story), story).password),
    "another user": lambda story: story.seen.bent(username=another(story)),
    "a flipped response": lambda story: story.seen.bent(response=altered(story.seen.response)),
    "no response": lambda story: story.seen.bent(response=None),
    "another nonce": lambda story: story.seen.bent(nonce=altered(story.seen.challenge.nonce)),
    "the newest nonce": lambda story: story.seen.bent(nonce=story.login.challenge.nonce, nc="000000ff"),
    "the next count": lambda story: story.seen.bent(nc=f"{story.seen.count + 1:08x}"),
    "another client nonce": lambda story: story.seen.bent(cnonce="another"),
    "no qop": lambda story: story.seen.bent(qop=None, nc=None, cnonce=None),
    "another method": lambda story: story.seen,
    "another target": lambda story: story.seen.bent(uri=story.seen.uri + "?b"),
}

#: Method and query of the attacks that ask for something else.
ELSEWHERE = {"another method": ("HEAD", ""), "another target": ("GET", "?b")}

#: What the response depends on only where there is a qop.
WITH_QOP = ("nc", "cnonce", "qop")


def is_replay(story, attack):
    """Whether this attack is no more than a replay: without a qop (RFC 2069), for what it changes is not hashed."""
    sent, seen = (
        [one for one in login.parameters if one[0] not in WITH_QOP] for login in (ATTACKS[attack](story), story.seen)
    )
    return story.seen.qop is None and attack not in ELSEWHERE and sent == seen


STEPS = {
    "challenge": Story.is_challenged,
    "answer": Story.enters,
    "replay": Story.is_replayed,
}

#: The story that began long ago, for the step "wait": it began before the first history of an attempt, so
#: that all of them together wait once.
_LONG_AGO = WeakKeyDictionary()


def histories():
    """Steps in any order, with one wait at most, which goes on with two of the user's own or a replay."""
    from hypothesis import strategies as st  # noqa: PLC0415 - the catalogue is read without it

    steps = st.lists(st.sampled_from([*STEPS, *ATTACKS]), max_size=6)
    wait = st.sampled_from([[], *(["wait", *some] for some in permutations(STEPS, 2))])
    return st.builds(lambda before, wait, after: [*before, *wait, *after], steps, wait, steps)


async def grown_old(story, target, clock):
    """The same story when its nonce is dead, although it was used in the middle of its life."""
    middle = story.since + target.http_auth.nonce_lifetime / 2
    if clock.now() < middle:
        await clock.until(middle, "the middle of the nonce's life")
        nonce = story.login.challenge.nonce
        await story.enters()
        if story.login.challenge.nonce != nonce:
            story.since = clock.now()
    await clock.until(story.since + lifetime(target), "the nonce to expire")
    old = story.once_more()
    old.nonce_is_dead = old.seen_is_dead = True
    return old


@spec(
    "http-auth/digest-attacker-without-the-password-never-gets-in",
    MUST,
    PASSWORD,
    needs=["digest"],
    lasts=lambda target: 1.5 * lifetime(target) + 5.0,
    examples=histories,
)
async def test_an_attacker_without_the_password_never_gets_in(target, page, client, clock, example):
    """
    Whatever happens in whatever order: who knows the password gets in, and who does not never sees a 2xx.

    Sends:      histories of up to fourteen steps: the user asks for a challenge, answers, waits until a nonce that
                was in use is dead (where the profile has `digest_short`); an eavesdropper replays the last answer,
                changes it in one place, guesses.
    Observes:   that the user gets in with one new challenge at most, and not with a dead nonce; that no
                attack is answered 2xx; that without credentials the page is closed at the end.
    Differs:    a replay may work (`replay`), a nonce may serve once only.
    Look at:    the shortest history that fails: it is the one reported.
    """
    path = page.digest_short or page.digest

    async def began():
        visitor, login = await challenged(target, client, page, path)
        story = Story(page, path, visitor, login, clock.now())
        await story.enters()
        return story

    if client not in _LONG_AGO:
        _LONG_AGO[client] = await began()
    story = await began()
    for step in example:
        if step in ATTACKS:
            await story.is_attacked(step)
        elif step in STEPS:
            await STEPS[step](story)
        elif page.digest_short is not None:
            story = await grown_old(_LONG_AGO[client], target, clock)
    closed = await client.visitor().get(path)
    assert closed.status == 401


def schedules():
    """Challenges, answers, waits and attacks in any order."""
    from specs.digest_schedules import Logins  # noqa: PLC0415 - the catalogue is read without Hypothesis

    return Logins


@spec(
    "http-auth/digest-every-schedule-of-logins-opens-to-the-password-alone",
    MUST,
    PASSWORD,
    needs=["digest_short"],
    schedules=schedules,
    only_virtual="it tries schedules of minutes by the dozen",
)
async def test_every_schedule_of_logins_opens_to_the_password_alone(schedule):
    """
    Whoever answers which challenge when: the password opens the page while the nonce lives, and nothing else does.

    Sends:      schedules of up to ten events: one of two users asks for a challenge, or answers the newest or an
                older one; an eavesdropper asks for a challenge, sends again what got in, with the opaque of a new
                challenge too, changes it in one place, guesses; before each, nothing or up to a whole lifetime of a
                nonce goes by.
    Observes:   that the first answer to a user's newest nonce gets in while the nonce lives, any other with one new
                challenge at most, none with a dead nonce; that no attack is answered 2xx; that a replay gets in only
                where the profile lets it and the nonce lives.
    Tolerance:  a second beyond the lifetime, in which either is right: servers may count whole seconds.
    Differs:    a replay may work (`replay`); a nonce may serve once only, and an older one not at all.
    Look at:    the schedule that is shown: it is the shortest that fails.
    """
    await schedule.stays_closed()
