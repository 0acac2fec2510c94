"""
Mutants of HTTP authentication: other ways in, and what leaves by them.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.http import HTTPChannel
from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants._basic import USERS, Guard, challenge, put
from tests.mutants._digest import Answer, Digest
from tests.mutants._digest import put as put_digest


def first_home(request: Request) -> Any:
    """The page of the first user."""
    return Guard().home(request, next(iter(USERS)))


@mutant(*of("http-auth", "basic-preconditions-open-nothing"))
def answers_conditions_first(reference: Reference) -> None:
    """Whether anything has changed is answered before it is asked who wants to know."""

    class Conditional(Guard):
        def asked(self, request: Request) -> Any:
            if request.getHeader(b"if-none-match") == b"*":
                request.setResponseCode(304)
                return b""
            return challenge(request)

    put(reference, Conditional())


@mutant(*of("http-auth", "basic-preconditions-open-nothing"))
def gives_parts_away(reference: Reference) -> None:
    """Ranges are cut out by what stands before the guard, from what it keeps."""

    class Cutting(Guard):
        def asked(self, request: Request) -> Any:
            if not request.getHeader(b"range"):
                return challenge(request)
            request.setResponseCode(206)
            return first_home(request)[:4]

    put(reference, Cutting())


@mutant(*of("http-auth", "basic-no-spelling-of-the-path-opens-it"))
def protects_a_path_as_it_is_spelled(reference: Reference) -> None:
    """What is protected is looked up by the target as it was sent, and what is served by what it means."""

    class Spelled(Guard):
        def asked(self, request: Request) -> Any:
            return challenge(request) if request.uri.startswith(b"/auth/basic/") else first_home(request)

    put(reference, Spelled())


@mutant(*of("http-auth", "basic-no-spelling-of-the-path-opens-it"))
def takes_parameters_for_another_page(reference: Reference) -> None:
    """A path with parameters behind it is not found among those that are protected."""

    class Parameters(Guard):
        def asked(self, request: Request) -> Any:
            return first_home(request) if b";" in request.uri else challenge(request)

    put(reference, Parameters())


@mutant(*of("http-auth", "basic-no-spelling-of-the-path-opens-it"))
def breaks_at_a_nul_in_the_path(reference: Reference) -> None:
    """A path with a NUL goes to the file system, which takes none, and the request ends in 500."""

    class Filed(Guard):
        def asked(self, request: Request) -> Any:
            if b"\0" in b"/".join(request.postpath):
                raise ValueError("embedded null byte")
            return challenge(request)

    put(reference, Filed())


@mutant(*of("http-auth", "basic-field-name-is-in-any-case"))
def knows_the_field_by_its_capitals(reference: Reference) -> None:
    """The field is Authorization, or it is none."""

    class Capitals(HTTPChannel):
        def headerReceived(self, line: bytes) -> Any:
            name = line.partition(b":")[0]
            if name.lower() == b"authorization" != name and name not in (b"Authorization", b"authorization"):
                return True
            return super().headerReceived(line)

    build = reference.site.buildProtocol

    def protocol(address: Any) -> Any:
        built = build(address)
        channel = getattr(built, "_channel", built)
        channel.__class__ = type("Channel", (Capitals, type(channel)), {})
        return built

    reference.site.buildProtocol = protocol


@mutant(*of("http-auth", "basic-refuses-names-beyond-ascii"))
def looks_names_up_as_ascii(reference: Reference) -> None:
    """Names are text that was UTF-8 and is written to the log as ASCII, and another ends in 500."""

    class Logging(Guard):
        def admits(self, user: bytes, password: bytes) -> bool:
            user.decode("utf-8", "ignore").encode("ascii")
            return super().admits(user, password)

    put(reference, Logging())


@mutant(*of("http-auth", "basic-refuses-bytes-that-are-no-text", "basic-refuses-names-beyond-ascii"))
def compares_passwords_as_text(reference: Reference) -> None:
    """Passwords are compared in constant time, by a function that takes text in ASCII alone."""
    from hmac import compare_digest  # noqa: PLC0415 - beside the mistake

    def same(given: bytes, kept: bytes) -> bool:
        return compare_digest(given.decode("utf-8", "ignore"), kept.decode())

    put(reference, Guard(same=same))


@mutant(*of("http-auth", "digest-refuses-names-beyond-ascii"))
def hashes_names_as_ascii(reference: Reference) -> None:
    """What is hashed is text in UTF-8 that is encoded as ASCII, and another name ends in 500."""

    class Ascii(Digest):
        def decode(self, response: bytes, request: Request) -> Any:
            login = super().decode(response, request)
            login.username.decode("utf-8", "ignore").encode("ascii")
            return login

    put_digest(reference, Ascii)


@mutant(*of("http-auth", "basic-page-is-not-for-shared-caches"))
def tells_caches_to_keep_a_home(reference: Reference) -> None:
    """Every page may be kept for a minute, by whom it may."""

    class Kept(Guard):
        def home(self, request: Request, user: bytes) -> Any:
            request.setHeader(b"cache-control", b"max-age=60, public")
            return super().home(request, user)

    put(reference, Kept())


@mutant(*of("http-auth", "digest-page-is-not-for-shared-caches"))
def tells_caches_to_keep_for_others(reference: Reference) -> None:
    """Whoever is let in is told that caches may keep the page for a minute, s-maxage too."""

    class Kept(HTTPAuthSessionWrapper):
        def _authorizedResource(self, request: Request) -> Any:
            if request.getHeader(b"authorization"):
                request.setHeader(b"cache-control", b"max-age=60, s-maxage=60")
            return super()._authorizedResource(request)

    put_digest(reference, Digest, wrapper=Kept)


@mutant(*of("http-auth", "digest-refuses-another-address", "digest-forwarded-addresses-are-not-believed"))
def forgets_whom_it_gave_a_challenge(reference: Reference) -> None:
    """A challenge is for whoever answers it rightly."""

    class Forgetting(Digest):
        def address(self, request: Request) -> str:
            return ""

    put_digest(reference, Forgetting)


@mutant(*of("http-auth", "digest-forwarded-addresses-are-not-believed"))
def believes_what_was_forwarded(reference: Reference) -> None:
    """Clients come from where X-Forwarded-For says, whoever says it."""

    class Believing(Digest):
        def address(self, request: Request) -> str:
            said = request.getHeader("x-forwarded-for")
            return said.split(",")[0].strip() if said else super().address(request)

    put_digest(reference, Believing)


@mutant(*of("http-auth", "digest-forwarded-addresses-are-not-believed"))
def believes_the_standard_field(reference: Reference) -> None:
    """Clients come from where Forwarded says (RFC 7239), whoever says it."""

    class Believing(Digest):
        def address(self, request: Request) -> str:
            found = re.search(r'(?i)for="?([^",;]+)', request.getHeader("forwarded") or "")
            return found[1] if found else super().address(request)

    put_digest(reference, Believing)


@mutant(*of("http-auth", "basic-other-fields-open-nothing"))
def believes_an_introduction(reference: Reference) -> None:
    """The proxy in front says in X-Remote-User who was let in there, and so does everybody else."""

    class Introduced(Guard):
        def asked(self, request: Request) -> Any:
            user = request.getHeader(b"x-remote-user")
            return self.home(request, user) if user in USERS else challenge(request)

    put(reference, Introduced())


@mutant(*of("http-auth", "basic-other-fields-open-nothing"))
def takes_credentials_for_a_proxy(reference: Reference) -> None:
    """Credentials for a proxy are as good."""

    class Proxied(Guard):
        def answer(self, request: Request, field: bytes | None) -> Any:
            return super().answer(request, field or request.getHeader(b"proxy-authorization"))

    put(reference, Proxied())


@mutant(*of("http-auth", "basic-other-fields-open-nothing"))
def takes_credentials_of_the_query(reference: Reference) -> None:
    """Who cannot set fields may put user and password into the query."""

    class Queried(Guard):
        def asked(self, request: Request) -> Any:
            user, password = (request.args.get(name, [b""])[0] for name in (b"user", b"password"))
            return self.home(request, user) if self.admits(user, password) else challenge(request)

    put(reference, Queried())


# Whatever stands in the field.


@mutant(*of("http-auth", "basic-withstands-any-credentials"))
def formats_an_unknown_scheme(reference: Reference) -> None:
    """A scheme that nobody knows is logged, as a format of its own."""

    class Formatting(Guard):
        def login(self, field: bytes) -> Any:
            scheme = field.partition(b" ")[0]
            if scheme.lower() not in (b"basic", b"digest", b"bearer", b"negotiate"):
                _ = (b"unknown scheme " + scheme) % ()
            return super().login(field)

    put(reference, Formatting())


@mutant(*of("http-auth", "basic-withstands-any-credentials"))
def reads_parameters_of_basic(reference: Reference) -> None:
    """Parameters may stand behind the credentials, and one without a value cannot be unpacked: 500."""

    class Parameters(Guard):
        def read(self, encoded: bytes) -> Any:
            encoded, *parameters = encoded.split(b",")
            for parameter in parameters:
                _name, _value = parameter.split(b"=")
            return super().read(encoded)

    put(reference, Parameters())


@mutant(*of("http-auth", "digest-refuses-garbage", "digest-withstands-any-credentials"))
def reads_other_schemes_as_parameters(reference: Reference) -> None:
    """Any field with an equals sign in it is taken for parameters, and those of a token are none: 500."""

    class Reading(HTTPAuthSessionWrapper):
        def _selectParseHeader(self, header: bytes) -> Any:
            scheme, _, rest = header.partition(b" ")
            if scheme.lower() not in (b"digest", b"basic") and b"=" in rest:
                return self._credentialFactories[0], rest
            return super()._selectParseHeader(header)

    class Strict(Digest):
        def read(self, response: bytes) -> Answer:
            if re.fullmatch(rb"[A-Za-z0-9+/]+=*", response):
                b64decode(response, validate=True)
                raise ValueError("not enough values to unpack")
            return super().read(response)

    put_digest(reference, Strict, wrapper=Reading)


@mutant(*of("http-auth", "digest-bent-answers-do-no-harm", "digest-withstands-any-credentials"))
def unpacks_an_equals_sign_too_many(reference: Reference) -> None:
    """Name and value stand on both sides of the one equals sign, and a second ends in 500."""

    class Unpacking(Digest):
        def read(self, response: bytes) -> Answer:
            if b"==" in response:
                raise ValueError("too many values to unpack (expected 2)")
            return super().read(response)

    put_digest(reference, Unpacking)


@mutant(*of("http-auth", "digest-bent-answers-do-no-harm"))
def ignores_the_client_nonce(reference: Reference) -> None:
    """The client nonce that is hashed is the first that came with a nonce; others are as good."""

    class First(Digest):
        def expected(self, answer: Answer, method: bytes, password: bytes) -> bytes:
            from harness.digest import CNONCE  # noqa: PLC0415 - what our own client sends

            return super().expected({**answer, b"cnonce": CNONCE.encode()}, method, password)

    put_digest(reference, First)
