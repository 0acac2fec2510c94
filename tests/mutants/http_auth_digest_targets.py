"""
Mutants of Digest: the method and the target that an answer is for.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants._digest import Answer, Digest, put


@mutant(*of("http-auth", "digest-answer-holds-for-a-query"))
def hashes_the_path_alone(reference: Reference) -> None:
    """The hash is computed over the path that the framework gives, which has no query."""

    class Path(Digest):
        def expected(self, answer: Answer, method: bytes, password: bytes) -> bytes:
            return super().expected({**answer, b"uri": answer[b"uri"].split(b"?")[0]}, method, password)

    put(reference, Path)


@mutant(*of("http-auth", "digest-answer-holds-for-a-query"))
def hashes_the_query_decoded(reference: Reference) -> None:
    """The hash is computed over the target without its percent-encoding."""

    class Decoded(Digest):
        def expected(self, answer: Answer, method: bytes, password: bytes) -> bytes:
            return super().expected({**answer, b"uri": unquote_to_bytes(answer[b"uri"])}, method, password)

    put(reference, Decoded)


@mutant(*of("http-auth", "digest-answer-holds-for-a-query"))
def compares_the_uri_with_a_decoded_target(reference: Reference) -> None:
    """The answer's uri is compared as it came with a target whose percent-encoding is gone."""

    class Decoded(Digest):
        def is_target(self, uri: bytes, target: bytes) -> bool:
            return uri == unquote_to_bytes(target)

    put(reference, Decoded)


@mutant(*of("http-auth", "digest-answer-holds-for-a-query", "digest-refuses-garbage"))
def splits_parameters_at_every_comma(reference: Reference) -> None:
    """Parameters are split at commas, whether or not they stand in quotes."""

    class Split(Digest):
        def read(self, response: bytes) -> Answer:
            pairs = (part.partition(b"=") for part in response.split(b","))
            return {name.strip().lower(): value.strip().strip(b'"') for name, _, value in pairs}

    put(reference, Split)


@mutant(*of("http-auth", "digest-refuses-a-uri-that-is-not-the-target"))
def does_not_compare_the_uri(reference: Reference) -> None:
    """The answer's uri is hashed, but not compared with the target."""

    class Hashed(Digest):
        def is_target(self, uri: bytes, target: bytes) -> bool:
            return True

    put(reference, Hashed)


@mutant(*of("http-auth", "digest-refuses-a-uri-that-is-not-the-target"))
def compares_the_uri_without_its_query(reference: Reference) -> None:
    """The answer's uri is compared without its query, for the sake of browsers of old that leave it out."""

    class Path(Digest):
        def is_target(self, uri: bytes, target: bytes) -> bool:
            return uri.split(b"?")[0] == target.split(b"?")[0]

    put(reference, Path)


@mutant(*of("http-auth", "digest-refuses-a-uri-that-is-not-the-target"))
def takes_an_answer_for_all_that_is_below_its_uri(reference: Reference) -> None:
    """The answer's uri needs only be what the target begins with."""

    class Below(Digest):
        def is_target(self, uri: bytes, target: bytes) -> bool:
            return target.startswith(uri)

    put(reference, Below)


@mutant(*of("http-auth", "digest-answer-holds-for-head", "digest-refuses-an-answer-for-another-method"))
def hashes_get_for_head(reference: Reference) -> None:
    """HEAD is turned into GET before the hash is computed."""

    class Get(Digest):
        def expected(self, answer: Answer, method: bytes, password: bytes) -> bytes:
            return super().expected(answer, b"GET" if method == b"HEAD" else method, password)

    put(reference, Get)


@mutant(*of("http-auth", "digest-refuses-an-answer-for-another-method"))
def lets_head_in_with_an_answer_for_get(reference: Reference) -> None:
    """A HEAD may come with an answer for GET too."""

    class Either(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            methods = {request.method, b"GET"} if request.method == b"HEAD" else {request.method}
            return any(self.expected(answer, method, password) == answer[b"response"] for method in methods)

    put(reference, Either)


@mutant(*of("http-auth", "digest-refuses-an-answer-for-another-method"))
def lets_get_in_with_an_answer_for_post(reference: Reference) -> None:
    """After a POST that was redirected, GET may come with its answer: POST is tried for any method."""

    class Redirected(Digest):
        def is_right(self, answer: Answer, request: Request, password: bytes) -> bool:
            return any(self.expected(answer, one, password) == answer[b"response"] for one in (request.method, b"POST"))

    put(reference, Redirected)
