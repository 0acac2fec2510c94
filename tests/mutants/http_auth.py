"""
Mutants of the page behind Basic: who gets in.
"""

from __future__ import annotations

from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse as InMemory
from twisted.cred.portal import Portal
from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.server import Request

from reference_impl import http_auth
from reference_impl.repairs.basic import BasicFactory
from tests.mutants import Reference, mutant, of
from tests.mutants._basic import USERS, Guard, challenge, put

# The password.


@mutant(*of("http-auth", "basic-refuses-the-beginning-of-a-password", "basic-refuses-an-empty-password"))
def takes_a_beginning_for_the_password(reference: Reference) -> None:
    """The kept password is asked whether it starts with the given one."""
    put(reference, Guard(same=lambda given, kept: kept.startswith(given)))


@mutant(
    *of(
        "http-auth",
        "basic-refuses-a-wrong-password",
        "basic-refuses-bytes-that-are-no-text",
        "basic-password-does-not-end-at-a-nul",
        "basic-refuses-very-long-credentials",
    )
)
def takes_more_than_the_password(reference: Reference) -> None:
    """As many bytes are compared as the kept password has."""
    put(reference, Guard(same=lambda given, kept: given[: len(kept)] == kept))


@mutant(
    *of(
        "http-auth",
        "basic-refuses-a-wrong-password",
        "basic-refuses-the-beginning-of-a-password",
        "basic-refuses-an-empty-password",
        "basic-refuses-bytes-that-are-no-text",
        "basic-password-does-not-end-at-a-nul",
        "basic-refuses-very-long-credentials",
    )
)
def compares_up_to_the_shorter(reference: Reference) -> None:
    """Passwords are compared byte by byte until one of them ends."""
    put(reference, Guard(same=lambda given, kept: all(one == other for one, other in zip(given, kept, strict=False))))


@mutant(*of("http-auth", "basic-refuses-the-beginning-of-a-password"))
def looks_at_eight_characters(reference: Reference) -> None:
    """Passwords count up to their eighth character, as in crypt."""
    put(reference, Guard(same=lambda given, kept: given[:8] == kept[:8]))


@mutant(*of("http-auth", "basic-refuses-a-wrong-password"))
def ignores_the_case_of_passwords(reference: Reference) -> None:
    """Passwords are compared in lower case."""
    put(reference, Guard(same=lambda given, kept: given.lower() == kept.lower()))


@mutant(*of("http-auth", "basic-refuses-an-empty-password"))
def binds_without_a_password(reference: Reference) -> None:
    """An empty password is not checked, as a directory lets anybody bind without one (RFC 4513 section 5.1.2)."""
    put(reference, Guard(same=lambda given, kept: given in (b"", kept)))


@mutant(*of("http-auth", "basic-refuses-the-password-of-another-user"))
def takes_anybodys_password(reference: Reference) -> None:
    """It is asked whether the user is known and whether the password is, and not whether they belong together."""
    put(reference, Guard(admits=lambda user, password: user in USERS and password in USERS.values()))


@mutant(
    *of(
        "http-auth",
        "basic-pipelined-logins-are-told-apart",
        "basic-right-password-opens-the-users-own-page",
        "basic-shows-nobody-elses-page",
        "basic-credentials-count-for-one-request",
        "basic-password-may-contain-a-colon",
    )
)
def splits_at_the_last_colon(reference: Reference) -> None:
    """The user is what stands before the last colon."""

    def split(decoded: bytes) -> tuple[bytes, bytes] | None:
        user, colon, password = decoded.rpartition(b":")
        return (user, password) if colon else None

    put(reference, Guard(split=split))


@mutant(
    *of(
        "http-auth",
        "basic-pipelined-logins-are-told-apart",
        "basic-right-password-opens-the-users-own-page",
        "basic-shows-nobody-elses-page",
        "basic-credentials-count-for-one-request",
        "basic-refuses-the-beginning-of-a-password",
        "basic-password-may-contain-a-colon",
    )
)
def reads_its_file_at_every_colon(reference: Reference) -> None:
    """The file of passwords has colons for delimiters, and bob's password ends at its own."""
    portal = Portal(http_auth.HomeRealm(reference.events), [InMemory(alice=b"secret", bob=b"pass")])
    put(reference, HTTPAuthSessionWrapper(portal, [BasicFactory(http_auth.REALM)]))


@mutant(*of("http-auth", "basic-refuses-the-beginning-of-a-password"))
def cuts_passwords_at_a_colon(reference: Reference) -> None:
    """Passwords end at their first colon, the kept ones and those that are sent."""
    put(reference, Guard(same=lambda given, kept: given.partition(b":")[0] == kept.partition(b":")[0]))


# The user.


@mutant(*of("http-auth", "basic-refuses-an-unknown-user"))
def completes_user_names(reference: Reference) -> None:
    """A user is looked up by the beginning of their name."""

    def admits(user: bytes, password: bytes) -> bool:
        return any(known.startswith(user) and password == kept for known, kept in USERS.items())

    put(reference, Guard(admits=admits))


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-logins-at-once-are-told-apart",
        "basic-refuses-an-unknown-user",
        "basic-refuses-bytes-that-are-no-text",
        "basic-refuses-empty-credentials",
        "basic-refuses-credentials-with-a-nul",
        "basic-refuses-very-long-credentials",
    )
)
def registers_whoever_comes(reference: Reference) -> None:
    """A user whom nobody knows is registered with the password that they come with."""

    class Registering(Guard):
        def __init__(self) -> None:
            super().__init__()
            self.users = {**USERS}

        def admits(self, user: bytes, password: bytes) -> bool:
            return password == self.users.setdefault(user, password)

        def home(self, request: Request, user: bytes) -> Any:
            return http_auth.Home(user.decode("utf-8", "replace")).render(request)

    put(reference, Registering())


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-logins-at-once-are-told-apart",
        "basic-refuses-an-unknown-user",
        "basic-refuses-bytes-that-are-no-text",
        "basic-refuses-empty-credentials",
        "basic-refuses-credentials-with-a-nul",
        "basic-refuses-very-long-credentials",
    )
)
def breaks_at_an_unknown_user(reference: Reference) -> None:
    """The password of a user whom nobody knows is looked up without care, and the request ends in 500."""
    put(reference, Guard(admits=lambda user, password: password == USERS[user]))


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-logins-at-once-are-told-apart",
        "basic-refuses-an-unknown-user",
    )
)
def tells_who_exists(reference: Reference) -> None:
    """A user whom nobody knows is answered 404, as their home is not found."""

    class Telling(Guard):
        def refused(self, request: Request) -> bytes:
            user, _ = self.login(request.getHeader(b"authorization") or b"") or (b"alice", b"")
            return challenge(request, 401 if user in self.users else 404)

    put(reference, Telling())


# The scheme.


@mutant(*of("http-auth", "basic-scheme-is-case-insensitive"))
def knows_one_spelling_of_the_scheme(reference: Reference) -> None:
    """The field must begin with "Basic", in this case."""
    put(reference, Guard(login=lambda field: Guard().login(field) if field.startswith(b"Basic ") else None))
