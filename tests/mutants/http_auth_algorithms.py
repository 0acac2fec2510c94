"""
Mutants of Digest's algorithms: pages that offer two, of which MD5 is right.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import hashlib
from binascii import hexlify
from typing import Any

from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.server import Request

from tests.mutants import Claims, Reference, mutant, of
from tests.mutants._digest import Answer, Digest, but, put


def offers(*algorithms: str) -> Claims:
    """The claim to offer these algorithms and no others."""
    return {"http-auth": {"algorithms": list(algorithms)}}


class ByAlgorithm(HTTPAuthSessionWrapper):
    """Gives each answer to the factory of its algorithm, where Twisted's own asks the first factory always."""

    def _selectParseHeader(self, header: bytes) -> Any:
        for factory in self._credentialFactories:
            if b"algorithm=%s," % (factory.algorithm,) in header:
                return factory, header.partition(b" ")[2]
        return super()._selectParseHeader(header)


class Md5Sess(Digest):
    """MD5-sess."""

    algorithm = b"MD5-sess"


class Sha(Digest):
    """SHA-1."""

    algorithm = b"SHA"


class Sha256(Digest):
    """SHA-256."""

    algorithm = b"SHA-256"


class Sha256Sess(Digest):
    """SHA-256-sess."""

    algorithm = b"SHA-256-sess"


@mutant(*of("http-auth", "digest-works-with-md5"), claims=offers("SHA-256", "MD5"))
def asks_the_first_of_two_factories_always(reference: Reference) -> None:
    """There is a factory for each algorithm, but Twisted looks only at the scheme and asks the first one."""
    put(reference, Sha256, Digest)


@mutant(*of("http-auth", "digest-works-with-md5", "digest-works-with-sha-256"), claims=offers("MD5", "SHA-256"))
def does_not_name_the_algorithm(reference: Reference) -> None:
    """The challenge for SHA-256 does not say so, and without a name MD5 is meant."""

    class Nameless(Sha256):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            challenge = super().getChallenge(request)
            del challenge["algorithm"]
            return challenge

    put(reference, Digest, Nameless, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-md5-sess"), claims=offers("MD5", "MD5-sess"))
def hashes_the_bytes_of_the_secret(reference: Reference) -> None:
    """The secret goes into the session's secret as the bytes of its hash, not as the digits of them."""

    class Bytes(Md5Sess):
        def secret(self, answer: Answer, password: bytes) -> bytes:
            secret = hashlib.md5(b":".join((answer[b"username"], self.realm, password))).digest()
            return self.hash(secret, answer[b"nonce"], answer[b"cnonce"])

    put(reference, Digest, Bytes, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-md5-sess"), claims=offers("MD5", "MD5-sess"))
def hashes_the_count_into_the_session(reference: Reference) -> None:
    """The session's secret is made of the nonce count too, so that it is another with every request."""

    class Counted(Md5Sess):
        def secret(self, answer: Answer, password: bytes) -> bytes:
            secret = self.hash(answer[b"username"], self.realm, password)
            return self.hash(secret, answer[b"nonce"], answer[b"nc"], answer[b"cnonce"])

    put(reference, Digest, Counted, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-md5-sess"), claims=offers("MD5", "MD5-sess"))
def begins_a_session_with_whatever_comes(reference: Reference) -> None:
    """The session's secret is kept once it is made, and an answer that differs from it begins a session of its own."""

    class Sessions(Md5Sess):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            known = self.counts[answer[b"nonce"]]
            return bool(known) or super().is_right(answer, request, password)

    put(reference, Digest, Sessions, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha"), claims=offers("MD5", "SHA"))
def takes_sha_for_sha_256(reference: Reference) -> None:
    """SHA is computed as SHA-256, by those who know of no other."""

    class Longer(Sha):
        def hash(self, *parts: bytes) -> bytes:
            return hexlify(hashlib.sha256(b":".join(parts)).digest())

    put(reference, Digest, Longer, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha-256"), claims=offers("MD5", "SHA-256"))
def wants_32_digits_of_sha_256(reference: Reference) -> None:
    """A response has the 32 digits of MD5, or it is malformed."""

    class Short(Sha256):
        forms = but(response=rb"[0-9a-f]{32}")

    put(reference, Digest, Short, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha-256"), claims=offers("MD5", "SHA-256"))
def spells_sha_256_otherwise(reference: Reference) -> None:
    """The algorithm is called SHA256, as the library that computes it calls it."""

    class Spelled(Sha256):
        def getChallenge(self, request: Request) -> dict[str, bytes]:
            return {**super().getChallenge(request), "algorithm": b"SHA256"}

    put(reference, Digest, Spelled, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha-256"), claims=offers("MD5", "SHA-256"))
def hashes_the_secret_of_sha_256_by_md5(reference: Reference) -> None:
    """What is stored of the passwords are hashes by MD5, and SHA-256 is computed from those."""

    class Stored(Sha256):
        def secret(self, answer: Answer, password: bytes) -> bytes:
            return hexlify(hashlib.md5(b":".join((answer[b"username"], self.realm, password))).digest())

    put(reference, Digest, Stored, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha-256"), claims=offers("MD5", "SHA-256"))
def compares_only_what_md5_says(reference: Reference) -> None:
    """Only an answer in MD5 is compared, and one in SHA-256 is never wrong."""

    class Unchecked(Sha256):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return True

    put(reference, Digest, Unchecked, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha-256-sess"), claims=offers("MD5", "SHA-256-sess"))
def forgets_the_session_in_sha_256_sess(reference: Reference) -> None:
    """All algorithms whose names begin with SHA-256 are computed alike, without a session."""

    class Plain(Sha256Sess):
        def secret(self, answer: Answer, password: bytes) -> bytes:
            return self.hash(answer[b"username"], self.realm, password)

    put(reference, Digest, Plain, wrapper=ByAlgorithm)


@mutant(*of("http-auth", "digest-works-with-sha-256-sess"), claims=offers("MD5", "SHA-256-sess"))
def reads_the_name_up_to_its_first_hyphen(reference: Reference) -> None:
    """The hash's name is what stands before the first hyphen, so that SHA-256-sess becomes SHA."""

    class First(Sha256Sess):
        def hash(self, *parts: bytes) -> bytes:
            return hexlify(hashlib.sha1(b":".join(parts)).digest())

    put(reference, Digest, First, wrapper=ByAlgorithm)
