"""
Mutants of Digest: how is read what is no answer, and an opaque that is none of ours.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import re
from typing import Any

from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.server import Request

from reference_impl import http_auth
from reference_impl.repairs.basic import BasicFactory
from reference_impl.repairs.digest import DigestFactory
from tests.mutants import Reference, mutant, of
from tests.mutants._digest import Answer, Digest, put, refuse

#: An opaque as Twisted's look.
OPAQUE = b"0" * 32 + b"-AAAA"


@mutant(*of("http-auth", "digest-survives-a-broken-opaque"))
def takes_any_opaque_apart(reference: Reference) -> None:
    """Twisted decodes the opaque before it checks it."""

    class Twisteds(DigestFactory):
        def _refuse_malformed(self, fields: Answer) -> None:
            super()._refuse_malformed({**fields, b"opaque": OPAQUE} if b"opaque" in fields else fields)

    put(reference, Twisteds)


@mutant(*of("http-auth", "digest-survives-a-broken-opaque"))
def takes_the_opaque_for_text(reference: Reference) -> None:
    """The opaque is decoded as ASCII, and bytes that are none are a server error."""

    class Text(Digest):
        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            answer.get(b"opaque", b"").decode("ascii")
            super().refuse_foreign(answer, request)

    put(reference, Text)


@mutant(*of("http-auth", "digest-survives-a-broken-opaque"))
def splits_an_opaque_that_has_no_parts(reference: Reference) -> None:
    """The opaque is a signature, a hyphen and the rest, and one that is not so is a server error."""

    class Parts(Digest):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.opaque += b"-0"

        def refuse_foreign(self, answer: Answer, request: Request) -> None:
            refuse(b"opaque" not in answer)
            _signature, _rest = answer[b"opaque"].split(b"-")
            super().refuse_foreign(answer, request)

    put(reference, Parts)


@mutant(*of("http-auth", "digest-withstands-any-credentials", "digest-refuses-garbage"))
def unpacks_a_parameter_without_a_value(reference: Reference) -> None:
    """Each parameter is split at its equals sign, and one that has none is a server error."""

    class Pairs(Digest):
        def read(self, response: bytes) -> Answer:
            parts = re.findall(rb'(?:[^",]|"[^"]*")+', response)
            pairs = (part.strip().split(b"=", 1) for part in parts)
            return {name.lower(): value.strip(b'"') for name, value in pairs}

    put(reference, Pairs)


@mutant(*of("http-auth", "digest-refuses-garbage"))
def reads_parameters_recursively(reference: Reference) -> None:
    """The parser calls itself for the rest after each parameter, until the stack is full."""

    class Recursive(Digest):
        def read(self, response: bytes) -> Answer:
            first, _, rest = response.partition(b",")
            while rest and first.count(b'"') % 2:
                more, _, rest = rest.partition(b",")
                first += b"," + more
            return {**super().read(first), **self.read(rest)} if rest else super().read(first)

    put(reference, Recursive)


@mutant(
    *of(
        "http-auth",
        "digest-withstands-any-credentials",
        "digest-bent-answers-do-no-harm",
        "digest-refuses-garbage",
        "digest-survives-a-broken-opaque",
    )
)
def takes_the_answer_for_text(reference: Reference) -> None:
    """The answer is decoded as UTF-8, and bytes that are none are a server error."""

    class Text(Digest):
        def read(self, response: bytes) -> Answer:
            return super().read(response.decode("utf-8").encode("utf-8"))

    put(reference, Text)


@mutant(*of("http-auth", "digest-refuses-garbage"))
def reads_a_quote_that_is_never_closed(reference: Reference) -> None:
    """Quotes are taken off where there are any, and need not come in pairs."""

    class Loose(Digest):
        def read(self, response: bytes) -> Answer:
            return dict(re.findall(rb'(\w+)="?((?:[^",]|,(?! ))*)"?', response))

    put(reference, Loose)


@mutant(*of("http-auth", "digest-withstands-any-credentials", "digest-refuses-garbage"))
def unpacks_a_scheme_without_an_answer(reference: Reference) -> None:
    """Authorization is split into scheme and answer, and a scheme alone is a server error."""

    class Unpacking(HTTPAuthSessionWrapper):
        def _selectParseHeader(self, header: bytes) -> Any:
            _scheme, _answer = header.split(b" ", 1)
            return super()._selectParseHeader(header)

    put(reference, Digest, wrapper=Unpacking)


@mutant(*of("http-auth", "digest-refuses-garbage"))
def takes_basic_without_offering_it(reference: Reference) -> None:
    """Only Digest is offered, but passwords that come unasked are taken too."""

    class Both(HTTPAuthSessionWrapper):
        def _selectParseHeader(self, header: bytes) -> Any:
            scheme, _, answer = header.partition(b" ")
            if scheme.lower() == b"basic":
                return BasicFactory(http_auth.REALM), answer
            return super()._selectParseHeader(header)

    put(reference, Digest, wrapper=Both)
