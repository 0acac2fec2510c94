"""
Mutants of Digest: what of an answer is compared, and with what.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import hexlify
from collections import defaultdict
from hashlib import md5
from typing import Any

from twisted.web.server import Request

from reference_impl.repairs import digest
from reference_impl.repairs.digest import DigestFactory
from tests.mutants import Reference, mutant, of
from tests.mutants._digest import Answer, Digest, but, put


@mutant(*of("http-auth", "digest-refuses-an-altered-response"))
def compares_eight_digits(reference: Reference) -> None:
    """Only the first eight digits of the response are compared."""

    class Short(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return self.expected(answer, request.method, password)[:8] == answer[b"response"][:8]

    put(reference, Short)


@mutant(*of("http-auth", "digest-refuses-an-altered-response"))
def compares_as_many_digits_as_came(reference: Reference) -> None:
    """The beginning of the response is enough."""

    class Beginning(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return self.expected(answer, request.method, password).startswith(answer[b"response"])

    put(reference, Beginning)


@mutant(*of("http-auth", "digest-refuses-an-altered-response"))
def cuts_the_response_to_length(reference: Reference) -> None:
    """What follows the digits of the response is cut off."""

    class Cut(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return answer[b"response"].startswith(self.expected(answer, request.method, password))

    put(reference, Cut)


@mutant(
    *of(
        "http-auth",
        "digest-refuses-an-altered-response",
        "digest-refuses-an-answer-with-a-parameter-missing",
        "digest-refuses-an-answer-with-an-empty-parameter",
    )
)
def compares_digit_by_digit_to_the_shorter_end(reference: Reference) -> None:
    """The comparison, made to take the same time always, is over when either of the two responses is."""

    class Zipped(Digest):
        forms = but(response=rb"[0-9a-f]*")

        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            pairs = zip(self.expected(answer, request.method, password), answer.get(b"response", b""), strict=False)
            return not sum(one != other for one, other in pairs)

    put(reference, Zipped)


@mutant(*of("http-auth", "digest-refuses-a-made-up-nonce", "digest-refuses-an-altered-nonce"))
def hashes_whatever_nonce_comes(reference: Reference) -> None:
    """The nonce is hashed, and never looked up."""

    class Whatever(Digest):
        def __init__(self, reactor: Any, lifetime: float) -> None:
            super().__init__(reactor, lifetime)
            self.born = defaultdict(self.now)

        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            self.born[answer[b"nonce"]]
            super().refuse_foreign(answer, request)

    put(reference, Whatever)


def knows_nonces_by(part: slice) -> type[Digest]:
    """A factory that knows nonces by this part of them."""

    class Partly(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            known = {nonce[part]: born for nonce, born in self.born.items()}
            if born := known.get(answer[b"nonce"][part]):
                self.born.setdefault(answer[b"nonce"], born)
            super().refuse_foreign(answer, request)

    return Partly


@mutant(*of("http-auth", "digest-refuses-an-altered-nonce"))
def knows_nonces_by_their_beginning(reference: Reference) -> None:
    """Of a nonce the first half is looked up, and the rest never looked at."""
    put(reference, knows_nonces_by(slice(16)))


@mutant(*of("http-auth", "digest-refuses-an-altered-nonce"))
def knows_nonces_by_their_end(reference: Reference) -> None:
    """Of a nonce the second half is looked up, and the rest never looked at."""
    put(reference, knows_nonces_by(slice(16, None)))


@mutant(*of("http-auth", "digest-refuses-a-missing-opaque", "digest-refuses-an-altered-opaque"))
def does_not_look_at_the_opaque(reference: Reference) -> None:
    """The opaque is sent, and forgotten."""

    class Blind(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            super().refuse_foreign({**answer, b"opaque": self.opaque}, request)

    put(reference, Blind)


@mutant(*of("http-auth", "digest-refuses-an-altered-opaque"))
def looks_only_whether_there_is_an_opaque(reference: Reference) -> None:
    """Any opaque will do, if only there is one."""

    class Whatever(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            opaque = {b"opaque": self.opaque} if b"opaque" in answer else {}
            super().refuse_foreign({**answer, **opaque}, request)

    put(reference, Whatever)


@mutant(*of("http-auth", "digest-refuses-a-missing-opaque"))
def compares_the_opaque_only_if_there_is_one(reference: Reference) -> None:
    """An answer may leave out the opaque."""

    class Optional(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            super().refuse_foreign({b"opaque": self.opaque, **answer}, request)

    put(reference, Optional)


@mutant(*of("http-auth", "digest-refuses-an-altered-opaque", "digest-refuses-the-challenge-of-another-instance"))
def does_not_check_the_opaques_signature(reference: Reference) -> None:
    """What stands in the opaque is believed, whether or not the signature before it is right."""

    class Believing(DigestFactory):
        def decode(self, response: bytes, request: Request) -> Any:
            fields = digest.parse(response)
            self._refuse_malformed(fields)
            key = fields[b"opaque"].split(b"-")[1]
            signature = hexlify(md5(b64decode(key) + self.digest.privateKey).digest())
            return super().decode(response.replace(fields[b"opaque"], signature + b"-" + key), request)

    put(reference, Believing)


@mutant(*of("http-auth", "digest-refuses-a-foreign-realm"))
def hashes_whatever_realm_comes(reference: Reference) -> None:
    """The realm of the answer is hashed, and not compared with that of the challenge."""

    class Foreign(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            super().refuse_foreign({**answer, b"realm": self.realm}, request)

        def secret(self, answer: Answer, password: bytes) -> bytes:
            return self.hash(answer[b"username"], answer[b"realm"], password)

    put(reference, Foreign)


@mutant(*of("http-auth", "digest-refuses-a-foreign-realm"))
def does_not_look_at_the_realm(reference: Reference) -> None:
    """The server hashes the only realm that it has, whichever the answer says it is for."""

    class Blind(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            super().refuse_foreign({**answer, b"realm": self.realm}, request)

    put(reference, Blind)


@mutant(*of("http-auth", "digest-refuses-an-altered-response"))
def loses_the_last_digit(reference: Reference) -> None:
    """The response is copied to where there is room for one digit fewer, and its last is not compared."""

    class Cut(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            expected = self.expected(answer, request.method, password)
            return len(expected) == len(answer[b"response"]) and expected[:-1] == answer[b"response"][:-1]

    put(reference, Cut)
