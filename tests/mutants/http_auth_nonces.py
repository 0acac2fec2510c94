"""
Mutants of Digest's nonces: whose they are, and for how many answers.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.web.server import Request

from reference_impl.repairs.digest import DigestFactory
from tests.mutants import Claims, Reference, mutant, of
from tests.mutants._digest import Answer, Digest, Login, put, refuse

REFUSES_REPLAYS: Claims = {"http-auth": {"replay": "refuse"}}


@mutant(*of("http-auth", "digest-nonce-is-never-repeated"))
def makes_nonces_of_the_time(reference: Reference) -> None:
    """A nonce is the time, and nothing but the time."""

    class Timed(Digest):
        def new_nonce(self, request: Request) -> bytes:
            nonce = b"%020d" % (self.now() * 1e6,)
            self.born[nonce] = self.now()
            return nonce

        def is_unused(self, answer: Answer) -> bool:
            return True

    put(reference, Timed)


@mutant(
    *of(
        "http-auth",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-nonce-is-never-repeated",
    )
)
def gives_all_the_same_nonce_while_it_lives(reference: Reference) -> None:
    """There is one nonce for all, and a new one when its life is over."""

    class Shared(Digest):
        nonce = b""

        def new_nonce(self, request: Request) -> bytes:
            if not self.nonce or self.now() - self.born[self.nonce] >= self.lifetime:
                self.nonce = super().new_nonce(request)
            return self.nonce

        def is_unused(self, answer: Answer) -> bool:
            return True

    put(reference, Shared)


@mutant(*of("http-auth", "digest-nonce-serves-a-second-request"))
def uses_a_nonce_up_and_does_not_say_so(reference: Reference) -> None:
    """A nonce serves only once, and who uses it again is told that the password was wrong."""

    class Once(Digest):
        def is_unused(self, answer: Answer) -> bool:
            return bool(self.born.pop(answer[b"nonce"], None) is not None)

    put(reference, Once)


@mutant(*of("http-auth", "digest-nonce-serves-a-second-request"))
def takes_no_count_but_the_first(reference: Reference) -> None:
    """The only nonce count that is taken is 1, as if each request came with a new challenge."""

    class First(Digest):
        def refuse_malformed(self, answer: Answer) -> None:
            super().refuse_malformed(answer)
            refuse(answer[b"nc"] != b"00000001")

        def is_unused(self, answer: Answer) -> bool:
            return True

    put(reference, First)


@mutant(*of("http-auth", "digest-attacker-without-the-password-never-gets-in"))
def takes_a_count_that_is_one_ahead(reference: Reference) -> None:
    """For the sake of clients that count from 0 when they hash, the count before the one that came will do."""

    class Before(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            counts = (answer[b"nc"], b"%08x" % (int(answer[b"nc"], 16) - 1,))
            return any(super(Before, self).is_right({**answer, b"nc": nc}, request, password) for nc in counts)

    put(reference, Before)


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-refuses-a-repeated-nonce-count",
    ),
    claims=REFUSES_REPLAYS,
)
def remembers_no_counts(reference: Reference) -> None:
    """Replays are said to be refused, but the nonce count is only hashed."""


@mutant(*of("http-auth", "digest-refuses-a-repeated-nonce-count"), claims=REFUSES_REPLAYS)
def remembers_answers_and_not_counts(reference: Reference) -> None:
    """What is refused is the same response again, not the same nonce count."""

    class Responses(Digest):
        def is_unused(self, answer: Answer) -> bool:
            return super().is_unused({**answer, b"nc": answer[b"response"]})

    put(reference, Responses)


@mutant(*of("http-auth", "digest-refuses-a-repeated-nonce-count"), claims=REFUSES_REPLAYS)
def remembers_the_last_count_alone(reference: Reference) -> None:
    """A nonce count is compared with the last one, and not with those before it."""

    class Last(Digest):
        def is_unused(self, answer: Answer) -> bool:
            is_unused = answer[b"nc"] not in self.counts[answer[b"nonce"]]
            self.counts[answer[b"nonce"]] = {answer[b"nc"]}
            return is_unused

    put(reference, Last)


@mutant(*of("http-auth", "digest-refuses-a-repeated-nonce-count"), claims=REFUSES_REPLAYS)
def remembers_a_count_after_the_password(reference: Reference) -> None:
    """The nonce count is looked up at first, and remembered only when the password has been fetched."""

    class Fetching(Digest):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.reactor = reactor

        def decode(self, response: bytes, request: Request) -> Login:
            login = super().decode(response, request)
            refuse(login.answer[b"nc"] in self.counts[login.answer[b"nonce"]])
            return login

        def admits(self, answer: Answer, request: Request, password: bytes) -> Deferred[bool]:
            return deferLater(self.reactor, 0, super().admits, answer, request, password)

        def is_unused(self, answer: Answer) -> bool:
            self.counts[answer[b"nonce"]].add(answer[b"nc"])
            return True

    put(reference, Fetching)


@mutant(
    *of(
        "http-auth",
        "digest-pipelined-logins-are-told-apart",
        "digest-credentials-count-for-one-request",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
    ),
    claims=REFUSES_REPLAYS,
)
def counts_by_user(reference: Reference) -> None:
    """Nonce counts are remembered by user, and must go on where a new nonce begins."""

    class ByUser(Digest):
        def is_unused(self, answer: Answer) -> bool:
            return super().is_unused({**answer, b"nonce": answer[b"username"]})

    put(reference, ByUser)


@mutant(*of("http-auth", "digest-refuses-the-challenge-of-another-instance"))
def has_one_key_for_all_instances(reference: Reference) -> None:
    """The factories of both pages have the same private key."""
    made = []

    def make(reactor: Any, lifetime: float) -> DigestFactory:
        made.append(DigestFactory(reactor, lifetime))
        made[-1].digest.privateKey = made[-1]._timeless.privateKey = made[0].digest.privateKey
        return made[-1]

    put(reference, make)
