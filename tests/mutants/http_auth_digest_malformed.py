"""
Mutants of Digest: how answers are read that lack a parameter, or have one that means nothing.
"""

from __future__ import annotations

import re
from typing import Any

from twisted.web.server import Request

from reference_impl.repairs.digest import DigestFactory
from tests.mutants import Reference, mutant, of
from tests.mutants._digest import HASHES, Answer, Digest, but, put, refuse


@mutant(*of("http-auth", "digest-refuses-an-answer-with-a-parameter-missing"))
def asks_for_a_uri_that_may_be_missing(reference: Reference) -> None:
    """The uri is taken for granted, and a server error comes of an answer without one."""

    class Trusting(Digest):
        forms = but(uri=rb"[^\r\n]*")

    put(reference, Trusting)


@mutant(*of("http-auth", "digest-refuses-an-answer-with-a-parameter-missing"))
def hashes_a_client_nonce_that_may_be_missing(reference: Reference) -> None:
    """The client nonce is hashed before anybody asks whether there is one."""

    class Trusting(Digest):
        forms = but(cnonce=rb"[^\r\n]*")

    put(reference, Trusting)


@mutant(
    *of(
        "http-auth",
        "digest-refuses-an-answer-with-a-parameter-missing",
        "digest-refuses-an-answer-with-an-empty-parameter",
    )
)
def compares_the_response_only_if_there_is_one(reference: Reference) -> None:
    """An answer without a response has nothing wrong in it."""

    class Optional(Digest):
        forms = but(response=rb"[0-9a-f]*")

        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return not answer.get(b"response") or super().is_right(answer, request, password)

    put(reference, Optional)


@mutant(*of("http-auth", "digest-refuses-an-answer-with-an-empty-parameter"))
def looks_at_the_first_character_of_no_user(reference: Reference) -> None:
    """Users whose names begin with a dot are refused, and a user without any character breaks that."""

    class Dots(Digest):
        forms = but(username=rb"[^\r\n]*")

        def refuse_malformed(self, answer: Answer) -> None:
            refuse(b"username" not in answer or answer[b"username"][0] == ord("."))
            super().refuse_malformed(answer)

    put(reference, Dots)


@mutant(*of("http-auth", "digest-bent-answers-do-no-harm", "digest-refuses-an-answer-with-an-empty-parameter"))
def reads_a_time_from_an_empty_nonce(reference: Reference) -> None:
    """A nonce is taken apart before it is checked, and an empty one has no parts."""

    class Apart(Digest):
        forms = but(nonce=rb"[^\r\n]*")

        def refuse_malformed(self, answer: Answer) -> None:
            refuse(b"nonce" not in answer)
            int(answer[b"nonce"][:8], 16)
            super().refuse_malformed(answer)

    put(reference, Apart)


@mutant(*of("http-auth", "digest-refuses-an-answer-without-the-realm"))
def needs_no_realm(reference: Reference) -> None:
    """The realm is compared only if the answer has one."""

    class Default(Digest):
        def decode(self, response: bytes, request: Request) -> Any:
            return super().decode(response if b"realm=" in response else b'realm="web60", ' + response, request)

    put(reference, Default)


@mutant(*of("http-auth", "digest-refuses-an-unknown-algorithm"))
def looks_an_unknown_algorithm_up(reference: Reference) -> None:
    """The hash is looked up by the algorithm that the answer names, and an unknown one is a server error."""

    class Named(Digest):
        def refuse_malformed(self, answer: Answer) -> None:
            HASHES[answer.get(b"algorithm", b"MD5").upper()]
            super().refuse_malformed(answer)

    put(reference, Named)


@mutant(*of("http-auth", "digest-refuses-an-unknown-algorithm"))
def does_not_look_at_the_algorithm(reference: Reference) -> None:
    """The algorithm that the answer names is not looked at, for there is only MD5."""

    class Blind(Digest):
        def refuse_malformed(self, answer: Answer) -> None:
            super().refuse_malformed({**answer, b"algorithm": self.algorithm})

    put(reference, Blind)


@mutant(*of("http-auth", "digest-refuses-an-unknown-qop"))
def hashes_whatever_qop_comes(reference: Reference) -> None:
    """The quality is hashed, and not compared with what is on offer."""

    class Hashed(Digest):
        forms = but(qop=rb"[a-z-]+")

    put(reference, Hashed)


@mutant(*of("http-auth", "digest-refuses-an-unknown-qop"))
def does_not_look_at_the_qop(reference: Reference) -> None:
    """The server hashes the only quality that it has, whichever the answer names."""

    class Blind(Digest):
        def read(self, response: bytes) -> Answer:
            answer = super().read(response)
            return {**answer, b"qop": b"auth"} if b"qop" in answer else answer

    put(reference, Blind)


@mutant(*of("http-auth", "digest-refuses-an-unknown-qop"))
def takes_auth_int_for_auth(reference: Reference) -> None:
    """An answer of quality auth-int is taken, and its body not hashed."""

    class Both(Digest):
        forms = but(qop=rb"auth(-int)?")

    put(reference, Both)


@mutant(*of("http-auth", "digest-refuses-an-unknown-qop"))
def hashes_no_body_for_auth_int(reference: Reference) -> None:
    """Twisted, asked for auth-int, hashes a body of None."""

    class Twisteds(DigestFactory):
        def _refuse_malformed(self, fields: Answer) -> None:
            super()._refuse_malformed({**fields, b"qop": b"auth"} if fields.get(b"qop") == b"auth-int" else fields)

    put(reference, Twisteds)


@mutant(*of("http-auth", "digest-refuses-a-broken-nonce-count"))
def reads_a_count_that_is_none(reference: Reference) -> None:
    """The nonce count is read as a number, and a word breaks that."""

    class Number(Digest):
        forms = but(nc=rb".+")

        def refuse_malformed(self, answer: Answer) -> None:
            super().refuse_malformed(answer)
            int(answer[b"nc"], 16)

    put(reference, Number)


@mutant(*of("http-auth", "digest-refuses-a-broken-nonce-count"))
def packs_a_count_that_does_not_fit(reference: Reference) -> None:
    """The nonce count is packed into 32 bits, into which not every number fits."""

    class Packed(Digest):
        forms = but(nc=rb"[0-9a-f]+")

        def refuse_malformed(self, answer: Answer) -> None:
            super().refuse_malformed(answer)
            int(answer[b"nc"], 16).to_bytes(4, "big")

    put(reference, Packed)


@mutant(*of("http-auth", "digest-refuses-a-broken-nonce-count"))
def keeps_counts_as_bits(reference: Reference) -> None:
    """The nonce counts that were used are bits of a number, and a count may be too high for that."""

    class Bits(Digest):
        forms = but(nc=rb"-?[0-9a-f]+")

        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            super().refuse_foreign(answer, request)
            refuse(self.used & 1 << int(answer[b"nc"], 16))

        used = 0

    put(reference, Bits)


@mutant(*of("http-auth", "digest-refuses-a-broken-nonce-count"))
def takes_a_broken_count_for_the_first(reference: Reference) -> None:
    """A nonce count that is no count is taken for 1."""

    class First(Digest):
        forms = but(nc=rb".+")

        def read(self, response: bytes) -> Answer:
            answer = super().read(response)
            is_broken = b"nc" in answer and not re.fullmatch(rb"[0-9a-f]{8}", answer[b"nc"])
            return {**answer, b"nc": b"00000001"} if is_broken else answer

    put(reference, First)
