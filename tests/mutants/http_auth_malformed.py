"""
Mutants of the page behind Basic: what they make of credentials that are not well-formed.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Any

from twisted.web.server import NOT_DONE_YET, Request

from tests.mutants import Reference, mutant, of
from tests.mutants._basic import USERS, Guard, put

# The scheme.


@mutant(*of("http-auth", "basic-refuses-other-schemes"))
def ignores_the_scheme(reference: Reference) -> None:
    """What stands behind the first blank is read as Basic, whatever stands before it."""
    put(reference, Guard(login=lambda field: Guard().read(field.partition(b" ")[2])))


@mutant(*of("http-auth", "basic-refuses-other-schemes"))
def knows_the_scheme_by_its_beginning(reference: Reference) -> None:
    """The scheme is any that begins like Basic."""

    def login(field: bytes) -> tuple[bytes, bytes] | None:
        return Guard().read(field.partition(b" ")[2]) if field.lower().startswith(b"basic") else None

    put(reference, Guard(login=login))


@mutant(*of("http-auth", "basic-refuses-other-schemes"))
def needs_no_scheme(reference: Reference) -> None:
    """A leading "Basic" is taken away where there is one, and what is left is read."""
    put(reference, Guard(login=lambda field: Guard().read(re.sub(rb"(?i)^basic ", b"", field))))


@mutant(
    *of(
        "http-auth",
        "basic-withstands-any-credentials",
        "basic-refuses-empty-credentials",
        "basic-refuses-other-schemes",
    )
)
def breaks_at_an_unknown_scheme(reference: Reference) -> None:
    """Readers of credentials stand in a table by their schemes, and one that is not there ends in 500."""

    def login(field: bytes) -> tuple[bytes, bytes] | None:
        scheme, _, encoded = field.partition(b" ")
        return {b"basic": Guard().read}[scheme.lower()](encoded)

    put(reference, Guard(login=login))


@mutant(
    *of(
        "http-auth",
        "basic-withstands-any-credentials",
        "basic-refuses-empty-credentials",
        "basic-refuses-other-schemes",
    )
)
def expects_two_words(reference: Reference) -> None:
    """A field without a blank cannot be unpacked into scheme and credentials, and ends in 500."""

    def login(field: bytes) -> tuple[bytes, bytes] | None:
        scheme, encoded = field.split(b" ", 1)
        return Guard().read(encoded) if scheme.lower() == b"basic" else None

    put(reference, Guard(login=login))


# Base64.


@mutant(*of("http-auth", "basic-withstands-any-credentials", "basic-refuses-what-is-not-base64"))
def expects_base64(reference: Reference) -> None:
    """Nobody catches the error of the decoder, and what is not base64 ends in 500."""
    put(reference, Guard(read=lambda encoded: Guard().split(b64decode(encoded))))


@mutant(*of("http-auth", "basic-refuses-what-is-not-base64"))
def takes_plain_text(reference: Reference) -> None:
    """What is not base64 is taken for user and password as they are."""

    def read(encoded: bytes) -> tuple[bytes, bytes] | None:
        try:
            return Guard().split(b64decode(encoded, validate=True))
        except binascii.Error:
            return Guard().split(encoded)

    put(reference, Guard(read=read))


@mutant(*of("http-auth", "basic-withstands-any-credentials", "basic-refuses-what-is-not-base64"))
def expects_ascii_in_fields(reference: Reference) -> None:
    """Field values are made text as ASCII, and another byte ends in 500."""
    put(reference, Guard(login=lambda field: Guard().login(field.decode("ascii").encode())))


# Text.


@mutant(*of("http-auth", "basic-withstands-any-credentials", "basic-refuses-bytes-that-are-no-text"))
def expects_utf_8(reference: Reference) -> None:
    """Credentials are made text as UTF-8, and other bytes end in 500."""
    put(reference, Guard(split=lambda decoded: Guard().split(decoded.decode().encode())))


@mutant(*of("http-auth", "basic-refuses-bytes-that-are-no-text"))
def drops_bytes_that_are_no_text(reference: Reference) -> None:
    """Credentials are made text as UTF-8, and other bytes are left out."""
    put(reference, Guard(split=lambda decoded: Guard().split(decoded.decode("utf-8", "ignore").encode())))


@mutant(
    *of(
        "http-auth",
        "basic-withstands-any-credentials",
        "basic-refuses-credentials-without-a-colon",
        "basic-refuses-empty-credentials",
        "basic-refuses-credentials-with-a-nul",
    )
)
def expects_a_colon(reference: Reference) -> None:
    """Credentials without a colon cannot be unpacked into user and password, and end in 500."""

    def split(decoded: bytes) -> tuple[bytes, bytes]:
        user, password = decoded.split(b":", 1)
        return user, password

    put(reference, Guard(split=split))


@mutant(*of("http-auth", "basic-refuses-credentials-without-a-colon"))
def takes_a_name_for_a_proof(reference: Reference) -> None:
    """Credentials without a colon are a user whom a proxy in front has let in already."""

    class Trusting(Guard):
        def split(self, decoded: bytes) -> tuple[bytes, bytes] | None:
            return (decoded, USERS[decoded]) if decoded in USERS else super().split(decoded)

    put(reference, Trusting())


@mutant(*of("http-auth", "basic-refuses-empty-credentials"))
def lets_nobody_in(reference: Reference) -> None:
    """An empty user with an empty password is a guest, who has a home too."""
    page = Guard()
    page.users = {**USERS, b"": b""}
    put(reference, page)


# The byte NUL.


@mutant(*of("http-auth", "basic-refuses-credentials-with-a-nul"))
def drops_control_characters(reference: Reference) -> None:
    """Characters that nobody can type are left out of user and password."""
    put(reference, Guard(split=lambda decoded: Guard().split(re.sub(rb"[\x00-\x1f\x7f]", b"", decoded))))


@mutant(*of("http-auth", "basic-refuses-credentials-with-a-nul"))
def parts_at_a_nul_too(reference: Reference) -> None:
    """A NUL stands between user and password as well as a colon, as in SASL PLAIN (RFC 4616 section 2)."""
    put(reference, Guard(split=lambda decoded: Guard().split(decoded.replace(b"\0", b":", 1))))


@mutant(*of("http-auth", "basic-refuses-credentials-with-a-nul", "basic-password-does-not-end-at-a-nul"))
def breaks_at_a_nul(reference: Reference) -> None:
    """The password goes to a function of C, which takes no NUL, and the request ends in 500."""

    def same(given: bytes, kept: bytes) -> bool:
        if b"\0" in given:
            raise ValueError("embedded null byte")
        return given == kept

    put(reference, Guard(same=same))


@mutant(*of("http-auth", "basic-password-does-not-end-at-a-nul"))
def ends_passwords_at_a_nul(reference: Reference) -> None:
    """Passwords are text of C, which ends at a NUL."""
    put(reference, Guard(same=lambda given, kept: given.partition(b"\0")[0] == kept))


# Length.


@mutant(*of("http-auth", "basic-refuses-very-long-credentials"))
def breaks_beyond_72_bytes(reference: Reference) -> None:
    """The hash takes no password of more than 72 bytes, as bcrypt since 5.0, and the request ends in 500."""

    def same(given: bytes, kept: bytes) -> bool:
        if len(given) > 72:
            raise ValueError("password cannot be longer than 72 bytes, truncate manually if necessary")
        return given == kept

    put(reference, Guard(same=same))


@mutant(*of("http-auth", "basic-refuses-very-long-credentials"))
def breaks_beyond_a_column(reference: Reference) -> None:
    """Who tries to log in is written to a column of 255 characters, and a longer name ends in 500."""

    class Keeping(Guard):
        def admits(self, user: bytes, password: bytes) -> bool:
            if len(user) > 255:
                raise ValueError("value too long for type character varying(255)")
            return super().admits(user, password)

    put(reference, Keeping())


@mutant(*of("http-auth", "basic-refuses-very-long-credentials"))
def hangs_up_at_a_long_field(reference: Reference) -> None:
    """An Authorization of more than 2,048 bytes ends the connection without an answer."""

    class HangsUp(Guard):
        def answer(self, request: Request, field: bytes | None) -> Any:
            if len(field or b"") > 2048:
                request.channel.loseConnection()
                return NOT_DONE_YET
            return super().answer(request, field)

    put(reference, HangsUp())
