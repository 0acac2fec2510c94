"""
Mutants of the page behind Basic: what is shown to whom, and what is remembered of them.
"""

from __future__ import annotations

from typing import Any

from twisted.web.server import NOT_DONE_YET, Request

from reference_impl import http_auth
from tests.mutants import Reference, mutant, of
from tests.mutants._basic import USERS, Guard, challenge, put

# What is shown.


@mutant(*of("http-auth", "basic-right-password-opens-the-users-own-page", "basic-shows-nobody-elses-page"))
def keeps_the_user_in_one_place(reference: Reference) -> None:
    """Who is logged in stands in an attribute of the page, and another request puts its user there meanwhile."""

    class Shared(Guard):
        def home(self, request: Request, user: bytes) -> int:
            self.logged_in = user
            reference.reactor.callLater(0.1, self.welcome, request)
            return NOT_DONE_YET

        def welcome(self, request: Request) -> None:
            request.write(http_auth.Home(self.logged_in.decode()).render(request))
            request.finish()

    put(reference, Shared())


@mutant(
    *of(
        "http-auth",
        "basic-pipelined-logins-are-told-apart",
        "basic-right-password-opens-the-users-own-page",
        "basic-shows-nobody-elses-page",
        "basic-credentials-count-for-one-request",
    )
)
def keeps_the_first_home(reference: Reference) -> None:
    """The home that was made for the first user is kept, and shown to all."""

    class Keeping(http_auth.HomeRealm):
        kept: Any = None

        def requestAvatar(self, *args: Any) -> Any:
            self.kept = self.kept or super().requestAvatar(*args)
            return self.kept

    page: Any = reference.page(b"auth", b"basic")
    page._portal.realm = Keeping(reference.events)


@mutant(
    *of(
        "http-auth",
        "basic-pipelined-logins-are-told-apart",
        "basic-logins-at-once-are-told-apart",
        "basic-shows-nobody-elses-page",
    )
)
def shows_who_else_there_is(reference: Reference) -> None:
    """Every home links to all the others."""

    def home(request: Request, user: bytes) -> bytes:
        return http_auth.Home(user.decode()).render(request) + b"See also: " + b", ".join(USERS) + b".\n"

    put(reference, Guard(home=home))


@mutant(
    *of(
        "http-auth",
        "basic-pipelined-logins-are-told-apart",
        "basic-logins-at-once-are-told-apart",
        "basic-body-of-a-refused-request-is-no-request",
        "basic-refuses-a-wrong-password",
    )
)
def goes_on_after_the_refusal(reference: Reference) -> None:
    """A wrong password sets the status and the challenge, and the page follows all the same."""

    class GoesOn(Guard):
        def refused(self, request: Request) -> Any:
            refusal = challenge(request)
            user, _ = self.login(request.getHeader(b"authorization") or b"") or (b"", b"")
            return self.home(request, user) if user in self.users else refusal

    put(reference, GoesOn())


# What is remembered.


@mutant(*of("http-auth", "basic-pipelined-logins-are-told-apart", "basic-credentials-count-for-one-request"))
def remembers_the_connection(reference: Reference) -> None:
    """Who got in is logged in for the rest of the connection, as with NTLM."""

    class Remembering(Guard):
        def home(self, request: Request, user: bytes) -> Any:
            request.channel.user = user
            return super().home(request, user)

        def asked(self, request: Request) -> Any:
            user = getattr(request.channel, "user", None)
            return super().asked(request) if user is None else self.home(request, user)

    put(reference, Remembering())


@mutant(*of("http-auth", "basic-pipelined-logins-are-told-apart", "basic-credentials-count-for-one-request"))
def shows_one_home_per_connection(reference: Reference) -> None:
    """Each request is checked, but whose home it opens was settled by the first on its connection."""

    class Settled(Guard):
        def home(self, request: Request, user: bytes) -> Any:
            request.channel.user = getattr(request.channel, "user", user)
            return super().home(request, request.channel.user)

    put(reference, Settled())


@mutant(
    *of(
        "http-auth",
        "basic-preconditions-open-nothing",
        "basic-pipelined-logins-are-told-apart",
        "basic-logins-at-once-are-told-apart",
        "basic-credentials-count-for-one-request",
    )
)
def remembers_the_address(reference: Reference) -> None:
    """Whoever comes from the address of a user who got in is taken for them."""

    class Remembering(Guard):
        def __init__(self) -> None:
            super().__init__()
            self.known: dict[str, bytes] = {}

        def home(self, request: Request, user: bytes) -> Any:
            self.known[request.getClientAddress().host] = user
            return super().home(request, user)

        def asked(self, request: Request) -> Any:
            user = self.known.get(request.getClientAddress().host)
            return super().asked(request) if user is None else self.home(request, user)

    put(reference, Remembering())


@mutant(
    *of(
        "http-auth",
        "basic-pipelined-logins-are-told-apart",
        "basic-logins-at-once-are-told-apart",
        "basic-refuses-a-wrong-password",
    )
)
def remembers_users_by_name(reference: Reference) -> None:
    """To spare slow hashes, a user whose password was right once is not asked for it again."""

    class Sparing(Guard):
        def __init__(self) -> None:
            super().__init__()
            self.proved: set[bytes] = set()

        def admits(self, user: bytes, password: bytes) -> bool:
            if user not in self.proved and super().admits(user, password):
                self.proved.add(user)
            return user in self.proved

    put(reference, Sparing())
