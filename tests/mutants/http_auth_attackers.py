"""
Mutants of the pages behind Digest that are wrong only after something else has happened.
"""

from __future__ import annotations

from binascii import hexlify
from collections import Counter
from typing import Any

from twisted.python.randbytes import secureRandom
from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants._digest import Answer, Digest, put

ATTACKER = "digest-attacker-without-the-password-never-gets-in"
SCHEDULE = "digest-every-schedule-of-logins-opens-to-the-password-alone"


class Replayable(Digest):
    """Takes the same answer again, as the profile allows."""

    def is_unused(self, answer: Answer) -> bool:
        """Whatever its count."""
        return True


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        ATTACKER,
        SCHEDULE,
        "digest-works-with-md5",
    )
)
def trusts_a_nonce_that_got_in(reference: Reference) -> None:
    """A user who got in with a nonce is taken for logged in by it, and later responses are not compared."""

    class Trusting(Digest):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.logged_in: set[tuple[bytes, bytes]] = set()

        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            login = answer[b"username"], answer[b"nonce"]
            if super().is_right(answer, request, password):
                self.logged_in.add(login)
            return login in self.logged_in

    put(reference, Trusting)


@mutant(*of("http-auth", ATTACKER, SCHEDULE))
def trusts_a_response_that_was_right(reference: Reference) -> None:
    """To spare work, a response that was right once is right, whatever it comes with."""

    class Sparing(Replayable):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.proved: set[tuple[bytes, bytes]] = set()

        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            proof = answer[b"username"], answer[b"response"]
            if super().is_right(answer, request, password):
                self.proved.add(proof)
            return proof in self.proved

    put(reference, Sparing)


@mutant(*of("http-auth", ATTACKER, SCHEDULE))
def remembers_answers_beyond_their_nonce(reference: Reference) -> None:
    """An answer that got in is kept by its bytes and gets in again, without a look at the age of its nonce."""

    class Remembering(Replayable):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.kept: set[tuple[bytes, ...]] = set()

        def admits(self, answer: Answer, request: Request, password: bytes) -> Any:
            whole = request.method, *sum(sorted(answer.items()), ())
            if super().admits(answer, request, password):
                self.kept.add(whole)
            return whole in self.kept

    put(reference, Remembering)


@mutant(
    *of("http-auth", "digest-pipelined-logins-are-told-apart", "digest-credentials-count-for-one-request", ATTACKER)
)
def asks_the_nonce_who_it_is(reference: Reference) -> None:
    """The first right answer settles the user of its nonce, whose password later ones need whatever name they bear."""

    class Settling(Replayable):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.owners: dict[bytes, tuple[bytes, bytes]] = {}

        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            nonce, user = answer[b"nonce"], answer[b"username"]
            owner, theirs = self.owners.get(nonce, (user, password))
            is_right = super().is_right({**answer, b"username": owner}, request, theirs)
            if is_right:
                self.owners[nonce] = owner, theirs
            return is_right

    put(reference, Settling)


@mutant(*of("http-auth", ATTACKER, SCHEDULE))
def locks_out_whoever_is_attacked(reference: Reference) -> None:
    """After three wrong answers in a user's name they are locked out, also with the right password."""

    class Locking(Digest):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.wrong: Counter[bytes] = Counter()

        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            is_right = super().is_right(answer, request, password)
            self.wrong[answer[b"username"]] += not is_right
            return is_right and self.wrong[answer[b"username"]] < 3

    put(reference, Locking)


# The life of a nonce.


@mutant(*of("http-auth", SCHEDULE))
def renews_a_nonce_that_is_refused(reference: Reference) -> None:
    """The refusal of an old nonce begins a new life, of the new nonce and by mistake of the old one."""

    class Renewing(Replayable):
        def is_old(self, answer: Answer, request: Request) -> bool:
            is_old = super().is_old(answer, request)
            if is_old:
                self.born[answer[b"nonce"]] = self.now()
            return is_old

    put(reference, Renewing)


@mutant(*of("http-auth", ATTACKER, SCHEDULE))
def counts_from_the_clients_last_challenge(reference: Reference) -> None:
    """When a client was challenged is kept by its address, so that a new challenge revives the old ones."""

    class ByAddress(Replayable):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.challenged: dict[str, float] = {}

        def new_nonce(self, request: Request) -> bytes:
            self.challenged[request.getClientAddress().host] = self.now()
            return super().new_nonce(request)

        def is_old(self, answer: Answer, request: Request) -> bool:
            host = request.getClientAddress().host
            return self.now() - self.challenged.get(host, self.now()) >= self.lifetime

    put(reference, ByAddress)


@mutant(*of("http-auth", ATTACKER))
def counts_from_the_users_last_visit(reference: Reference) -> None:
    """An old nonce will do for a user who got in with another one not long ago."""

    class ByUser(Replayable):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.seen: dict[bytes, float] = {}

        def is_old(self, answer: Answer, request: Request) -> bool:
            seen = self.seen.get(answer[b"username"], 0.0 - self.lifetime)
            is_old = super().is_old(answer, request) and self.now() - seen >= self.lifetime
            if not is_old:
                self.seen[answer[b"username"]] = self.now()
            return is_old

    put(reference, ByUser)


@mutant(*of("http-auth", ATTACKER))
def lengthens_life_with_each_use(reference: Reference) -> None:
    """A nonce lives for its lifetime from its last use on, and so for ever."""

    class Lengthening(Digest):
        def is_old(self, answer: Answer, request: Request) -> bool:
            is_old = super().is_old(answer, request)
            if not is_old:
                self.born[answer[b"nonce"]] = self.now()
            return is_old

    put(reference, Lengthening)


@mutant(*of("http-auth", SCHEDULE))
def reads_the_age_off_any_opaque(reference: Reference) -> None:
    """The time of a challenge stands in its opaque, and nobody compares whether that belongs to the nonce."""

    class Stamped(Replayable):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.given: dict[bytes, float] = {}

        def getChallenge(self, request: Request) -> dict[str, bytes]:  # noqa: N802 - Twisted's name
            challenge = super().getChallenge(request)
            opaque = b"%d-%s" % (len(self.given), hexlify(secureRandom(16)))
            self.given[opaque] = self.now()
            return {**challenge, "opaque": opaque}

        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            known = answer.get(b"opaque") in self.given
            super().refuse_foreign({**answer, b"opaque": self.opaque if known else b""}, request)

        def is_old(self, answer: Answer, request: Request) -> bool:
            return self.now() - self.given[answer[b"opaque"]] >= self.lifetime

    put(reference, Stamped)


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        SCHEDULE,
        "digest-nonce-lives-its-lifetime",
    )
)
def knows_one_nonce_at_a_time(reference: Reference) -> None:
    """There is room for one nonce, and a new challenge takes the place of the one that another user has."""

    class Forgetful(Digest):
        def new_nonce(self, request: Request) -> bytes:
            self.born.clear()
            return super().new_nonce(request)

    put(reference, Forgetful)


@mutant(*of("http-auth", SCHEDULE))
def clears_the_table_at_an_old_nonce(reference: Reference) -> None:
    """When an old nonce is found all nonces are thrown away, and not only the old ones."""

    class Clearing(Digest):
        def is_old(self, answer: Answer, request: Request) -> bool:
            is_old = super().is_old(answer, request)
            if is_old:
                self.born.clear()
            return is_old

    put(reference, Clearing)


# Replays, where they are to be refused.


@mutant(*of("http-auth", SCHEDULE), claims={"http-auth": {"replay": "refuse"}})
def forgets_counts_after_a_second(reference: Reference) -> None:
    """A count that was used is remembered for a second, and the nonce lives on."""

    class Forgetful(Digest):
        def is_unused(self, answer: Answer) -> bool:
            is_unused = super().is_unused(answer)
            reference.reactor.callLater(1.0, self.counts[answer[b"nonce"]].discard, answer[b"nc"])
            return is_unused

    put(reference, Forgetful)


@mutant(*of("http-auth", SCHEDULE), claims={"http-auth": {"replay": "refuse"}})
def keeps_the_counts_of_one_nonce(reference: Reference) -> None:
    """Counts are kept for the nonce that was answered last, and forgotten when another one is."""

    class OneAtATime(Digest):
        def is_unused(self, answer: Answer) -> bool:
            for nonce in [nonce for nonce in self.counts if nonce != answer[b"nonce"]]:
                del self.counts[nonce]
            return super().is_unused(answer)

    put(reference, OneAtATime)
