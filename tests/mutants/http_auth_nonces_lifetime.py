"""
Mutants of Digest's nonces: how long they live, and what is said of those that are dead.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.server import Request

from reference_impl.repairs.digest import DigestFactory
from tests.mutants import Reference, mutant, of
from tests.mutants._digest import Answer, Digest, put


def with_lifetimes(reference: Reference, lives: Callable[[float], float]) -> None:
    """The reference, whose nonces live as long as this makes of their lifetimes."""
    put(reference, lambda reactor, lifetime: DigestFactory(reactor, lives(lifetime)))


@mutant(
    *of(
        "http-auth",
        "digest-default-nonce-lives-its-lifetime",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-nonce-lives-its-lifetime",
    )
)
def lets_nonces_die_before_half_their_lives(reference: Reference) -> None:
    """Nonces live for two fifths of their lifetime."""
    with_lifetimes(reference, lambda lifetime: 0.4 * lifetime)


@mutant(
    *of(
        "http-auth",
        "digest-default-nonce-lives-its-lifetime",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
    )
)
def lets_nonces_die_after_four_fifths_of_their_lives(reference: Reference) -> None:
    """Nonces live for four fifths of their lifetime."""
    with_lifetimes(reference, lambda lifetime: 0.8 * lifetime)


@mutant(*of("http-auth", "digest-default-nonce-lives-its-lifetime"))
def lets_nonces_die_a_second_early(reference: Reference) -> None:
    """Nonces of 900 seconds live for 899."""
    with_lifetimes(reference, lambda lifetime: lifetime - (lifetime == 900.0))


@mutant(*of("http-auth", "digest-refuses-an-expired-default-nonce", "digest-says-stale-of-an-expired-default-nonce"))
def lets_nonces_live_two_seconds_more(reference: Reference) -> None:
    """Nonces of 900 seconds live for 902."""
    with_lifetimes(reference, lambda lifetime: lifetime + 2 * (lifetime == 900.0))


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-an-expired-nonce",
        "digest-says-stale-to-who-knows-the-password",
    )
)
def sets_a_lifetime_that_nobody_reads(reference: Reference) -> None:
    """A subclass has a shorter CHALLENGE_LIFETIME_SECS, but Twisted reads that of its own class."""
    with_lifetimes(reference, lambda _: 900.0)


@mutant(
    *of(
        "http-auth",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-an-expired-default-nonce",
        "digest-refuses-an-expired-nonce",
        "digest-says-stale-of-an-expired-default-nonce",
        "digest-says-stale-to-who-knows-the-password",
    )
)
def ages_nonces_from_their_first_use(reference: Reference) -> None:
    """A nonce begins to age when it is answered first."""

    class FirstUse(Digest):
        def is_old(self, answer: Answer, request: Request) -> bool:
            if not self.counts[answer[b"nonce"]]:
                self.born[answer[b"nonce"]] = self.now()
            return super().is_old(answer, request)

    put(reference, FirstUse)


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-an-expired-default-nonce",
        "digest-refuses-an-expired-nonce",
        "digest-says-stale-of-an-expired-default-nonce",
        "digest-says-stale-to-who-knows-the-password",
    )
)
def looks_for_old_nonces_when_it_makes_new_ones(reference: Reference) -> None:
    """Old nonces are thrown away only when the next challenge is made."""

    class Sweeping(Digest):
        def new_nonce(self, request: Request) -> bytes:
            self.born = {nonce: born for nonce, born in self.born.items() if self.now() - born < self.lifetime}
            return super().new_nonce(request)

        def is_old(self, answer: Answer, request: Request) -> bool:
            return False

    put(reference, Sweeping)


@mutant(*of("http-auth", "digest-nonce-lives-its-lifetime"))
def has_room_for_eight_nonces(reference: Reference) -> None:
    """The table of nonces has room for eight, and whoever asks for more of them locks the others out."""

    class Small(Digest):
        def new_nonce(self, request: Request) -> bytes:
            while len(self.born) >= 8:
                del self.born[next(iter(self.born))]
            return super().new_nonce(request)

    put(reference, Small)


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-an-expired-default-nonce",
        "digest-refuses-an-expired-nonce",
    )
)
def gives_the_expired_nonce_once_more(reference: Reference) -> None:
    """The challenge that calls a nonce stale offers that same nonce."""

    class Again(Digest):
        def is_old(self, answer: Answer, request: Request) -> bool:
            request.nonce = answer[b"nonce"]
            return super().is_old(answer, request)

        def getChallenge(self, request: Request) -> dict[str, bytes]:
            challenge = super().getChallenge(request)
            return {**challenge, "nonce": request.nonce} if "stale" in challenge else challenge

    put(reference, Again)


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-an-expired-default-nonce",
    )
)
def forgets_the_opaque_of_a_stale_challenge(reference: Reference) -> None:
    """The challenge that calls a nonce stale has no opaque, but the answer to it must have one."""

    class Opaqueless(Digest):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            challenge = super().getChallenge(request)
            if "stale" in challenge:
                del challenge["opaque"]
            return challenge

    put(reference, Opaqueless)


@mutant(
    *of(
        "http-auth",
        "digest-attacker-without-the-password-never-gets-in",
        "digest-every-schedule-of-logins-opens-to-the-password-alone",
        "digest-lets-in-with-a-new-nonce",
        "digest-refuses-an-expired-default-nonce",
    )
)
def wants_the_count_to_go_on_after_a_stale_nonce(reference: Reference) -> None:
    """On the nonce that follows an expired one, the first count has been used."""

    class GoingOn(Digest):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            challenge = super().getChallenge(request)
            if "stale" in challenge:
                self.counts[challenge["nonce"]].add(b"00000001")
            return challenge

    put(reference, GoingOn)


@mutant(
    *of("http-auth", "digest-says-stale-of-an-expired-default-nonce", "digest-says-stale-to-who-knows-the-password")
)
def never_says_stale(reference: Reference) -> None:
    """The refusal of an expired nonce is like that of a wrong password."""

    class Silent(DigestFactory):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            challenge = super().getChallenge(request)
            challenge.pop("stale", None)
            return challenge

    put(reference, Silent)


@mutant(
    *of("http-auth", "digest-says-stale-of-an-expired-default-nonce", "digest-says-stale-to-who-knows-the-password")
)
def says_stale_in_another_word(reference: Reference) -> None:
    """The challenge says stale=yes, which is not the word for it."""

    class Yes(Digest):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            return {name: b"yes" if name == "stale" else value for name, value in super().getChallenge(request).items()}

    put(reference, Yes)


@mutant(*of("http-auth", "digest-does-not-say-stale-to-who-guesses"))
def says_stale_before_it_knows_the_password(reference: Reference) -> None:
    """An expired nonce is called stale before the response is looked at."""

    class Early(Digest):
        def admits(self, answer: Answer, request: Request, password: bytes) -> Any:
            if self.is_old(answer, request):
                self.stale.add(request)
                return False
            return super().admits(answer, request, password)

    put(reference, Early)


@mutant(*of("http-auth", "digest-does-not-say-stale-to-who-guesses"))
def says_stale_to_whoever_sends_an_answer(reference: Reference) -> None:
    """Every refusal of an answer says stale=true, and no user is ever asked for the password again."""

    class Always(Digest):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            if request.getHeader(b"authorization"):
                self.stale.add(request)
            return super().getChallenge(request)

    put(reference, Always)


@mutant(*of("http-auth", "digest-does-not-say-stale-to-who-guesses"))
def says_stale_ever_after(reference: Reference) -> None:
    """Once a nonce was stale, the factory says so with each refusal of an answer."""

    class Sticky(Digest):
        was_stale = False

        def getChallenge(self, request: Request) -> dict[str, bytes]:
            self.was_stale = self.was_stale or request in self.stale
            if self.was_stale:
                self.stale.add(request)
            return super().getChallenge(request)

    put(reference, Sticky)
