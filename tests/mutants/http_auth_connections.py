"""
Mutants of HTTP authentication: logins that outlive their request, and refusals that spoil their connection.
"""
# ruff: noqa: N802 - Twisted's names

from __future__ import annotations

from typing import Any

from twisted.web.guard import HTTPAuthSessionWrapper
from twisted.web.http import HTTPChannel
from twisted.web.server import NOT_DONE_YET, Request

from tests.mutants import Reference, mutant, of
from tests.mutants._basic import USERS, Guard, challenge, put
from tests.mutants._digest import Digest
from tests.mutants._digest import put as put_digest

# Logins.


@mutant(*of("http-auth", "digest-credentials-count-for-one-request", "digest-pipelined-logins-are-told-apart"))
def keeps_an_answer_with_its_connection(reference: Reference) -> None:
    """Who answered the challenge once is known for the rest of the connection, as with NTLM."""

    class Keeping(HTTPAuthSessionWrapper):
        def _authorizedResource(self, request: Request) -> Any:
            kept = vars(request.channel).setdefault("kept", {})
            login = request.getHeader(b"authorization") or kept.get(self)
            if login:
                request.requestHeaders.setRawHeaders(b"authorization", [login])
            found = super()._authorizedResource(request)
            kept.setdefault(self, login)
            return found

    class Counting(Digest):
        def is_unused(self, answer: Any) -> bool:
            return True

    put_digest(reference, Counting, wrapper=Keeping)


@mutant(
    *of(
        "http-auth",
        "digest-connection-serves-on-after-a-refusal",
        "digest-credentials-count-for-one-request",
        "digest-pipelined-logins-are-told-apart",
    )
)
def keeps_the_user_of_a_connection(reference: Reference) -> None:
    """The first user of a connection is the user of all that comes on it, whatever their answers say."""

    class Keeping(HTTPAuthSessionWrapper):
        def _authorizedResource(self, request: Request) -> Any:
            kept = vars(request.channel).setdefault("kept", {})
            if login := kept.setdefault(self, request.getHeader(b"authorization")):
                request.requestHeaders.setRawHeaders(b"authorization", [login])
            return super()._authorizedResource(request)

    class Counting(Digest):
        def is_unused(self, answer: Any) -> bool:
            return True

    put_digest(reference, Counting, wrapper=Keeping)


class Waiting(Guard):
    """A guard whose passwords are looked up elsewhere, so that the answer takes a moment."""

    def __init__(self, reactor: Any) -> None:
        super().__init__()
        self._reactor = reactor

    def render(self, request: Request) -> Any:
        """Look the user up, and answer then."""
        self.begun(request)
        self._reactor.callLater(0.0, self.found, request)
        return NOT_DONE_YET

    def begun(self, request: Request) -> None:
        """The user is looked up."""

    def found(self, request: Request) -> None:
        """The user has been looked up."""
        body = super().render(request)
        request.write(body)
        request.finish()


@mutant(
    *of(
        "http-auth",
        "basic-logins-at-once-are-told-apart",
        "basic-right-password-opens-the-users-own-page",
        "basic-shows-nobody-elses-page",
    )
)
def remembers_who_is_looked_up_in_one_place(reference: Reference) -> None:
    """Whose password is looked up is kept with the page, where the next who asks puts themselves."""

    class Shared(Waiting):
        latest: bytes | None = None

        def begun(self, request: Request) -> None:
            self.latest = request.getHeader(b"authorization")

        def answer(self, request: Request, field: bytes | None) -> Any:
            return super().answer(request, self.latest)

    put(reference, Shared(reference.reactor))


@mutant(
    *of(
        "http-auth",
        "basic-logins-at-once-are-told-apart",
        "basic-pipelined-logins-are-told-apart",
        "basic-refuses-a-wrong-password",
    )
)
def lets_all_in_while_one_is_let_in(reference: Reference) -> None:
    """While a user's password is looked up, whoever comes with the same name is taken for the same."""

    class Joining(Waiting):
        def __init__(self, reactor: Any) -> None:
            super().__init__(reactor)
            self.looked_up: dict[bytes, list[bool]] = {}

        def begun(self, request: Request) -> None:
            user, password = self.login(request.getHeader(b"authorization") or b"") or (b"", b"")
            self.looked_up.setdefault(user, []).append(self.admits(user, password))

        def answer(self, request: Request, field: bytes | None) -> Any:
            user, _ = self.login(field or b"") or (b"", b"")
            if not any(self.looked_up.get(user, ())):
                return super().answer(request, field)
            self._reactor.callLater(0.1, self.looked_up.pop, user, None)
            return self.home(request, user)

    put(reference, Joining(reference.reactor))


@mutant(*of("http-auth", "basic-pipelined-logins-are-told-apart"))
def reads_one_login_for_a_pipeline(reference: Reference) -> None:
    """Requests that came in one segment are from whom the first of them is."""

    class Segments(HTTPChannel):
        segment = 0

        def dataReceived(self, data: bytes) -> None:
            self.segment += 1
            super().dataReceived(data)

    class First(Guard):
        def answer(self, request: Request, field: bytes | None) -> Any:
            channel = request.channel
            seen, login = vars(channel).get("login", (0, None))
            if seen != channel.segment:
                login = field
                channel.login = (channel.segment, field)
            return super().answer(request, login)

    build = reference.site.buildProtocol

    def protocol(address: Any) -> Any:
        built = build(address)
        channel = getattr(built, "_channel", built)
        channel.__class__ = type("Segments", (Segments, type(channel)), {})
        return built

    reference.site.buildProtocol = protocol
    put(reference, First())


# Refusals.


def saying(request: Request, body: bytes) -> Any:
    """An answer whose length is not that of its body."""
    challenge(request)
    request.setHeader(b"content-length", b"%d" % len(body))
    request.write(body)
    request.write(b"\r\n")
    request.finish()
    return NOT_DONE_YET


@mutant(
    *of(
        "http-auth",
        "basic-body-of-a-refused-request-is-no-request",
        "basic-connection-serves-on-after-a-refusal",
        "basic-pipelined-logins-are-told-apart",
    )
)
def ends_a_refusal_with_one_line_more(reference: Reference) -> None:
    """The refusal of a wrong password ends with a line end that its length does not count."""
    put(reference, Guard(refused=lambda request: saying(request, b"Unauthorized")))


@mutant(*of("http-auth", "digest-connection-serves-on-after-a-refusal"))
def hangs_up_after_a_wrong_answer(reference: Reference) -> None:
    """Who answers wrongly is disconnected after the refusal, which does not say so."""

    class HangingUp(HTTPAuthSessionWrapper):
        def _loginFailed(self, result: Any) -> Any:
            refusal = super()._loginFailed(result)
            render = refusal.render

            def rendered(request: Request) -> Any:
                channel = request.channel
                request.notifyFinish().addBoth(lambda _: channel.loseConnection())
                return render(request)

            refusal.render = rendered
            return refusal

    put_digest(reference, Digest, wrapper=HangingUp)


def always_with_a_body(request: Request) -> Any:
    """A refusal that is written past whatever knows of HEAD."""
    if request.method != b"HEAD":
        return challenge(request)
    body = b"Unauthorized\n"
    head = b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="web60"\r\nContent-Length: %d\r\n\r\n' % len(
        body
    )
    request.channel.transport.write(head + body)
    request.startedWriting = 1
    request.finish()
    return NOT_DONE_YET


@mutant(*of("http-auth", "basic-refusal-of-head-has-no-body"))
def writes_a_body_to_head(reference: Reference) -> None:
    """The page for who is refused is written whatever the method."""
    put(reference, Guard(asked=always_with_a_body))


@mutant(*of("http-auth", "digest-refusal-of-head-has-no-body"))
def writes_a_body_to_head_behind_digest(reference: Reference) -> None:
    """The page for who is refused is written whatever the method, and has the challenge in it."""

    class Loud(HTTPAuthSessionWrapper):
        def _authorizedResource(self, request: Request) -> Any:
            found = super()._authorizedResource(request)
            if request.method == b"HEAD" and not request.getHeader(b"authorization"):
                request.notifyFinish().addBoth(lambda _, channel=request.channel: channel.write(b"Unauthorized\n"))
            return found

    put_digest(reference, Digest, wrapper=Loud)


@mutant(*of("http-auth", "basic-body-of-a-refused-request-is-no-request"))
def leaves_the_body_of_a_refused_request(reference: Reference) -> None:
    """A request that is refused is answered before its body is read, and what comes then is taken for the next."""

    class Unread(Guard):
        def refused(self, request: Request) -> Any:
            left = request.content.read()
            if left.startswith(b"GET "):
                channel = request.channel
                request.notifyFinish().addBoth(lambda _: channel.dataReceived(left))
            return challenge(request)

    put(reference, Unread())


@mutant(*of("http-auth", "basic-every-method-is-protected"))
def protects_two_methods(reference: Reference) -> None:
    """The password is asked for GET, HEAD and POST, and other methods are for whoever knows them."""

    class Limited(Guard):
        def asked(self, request: Request) -> Any:
            if request.method in (b"GET", b"HEAD", b"POST"):
                return challenge(request)
            return b"Done.\n"

    put(reference, Limited())


@mutant(*of("http-auth", "basic-every-method-is-protected"))
def knows_methods_by_their_capitals(reference: Reference) -> None:
    """The method is compared with GET as it is, and answered in capitals."""

    class Capitals(Guard):
        def render(self, request: Request) -> Any:
            method, request.method = request.method, request.method.upper()
            if method != request.method:
                return self.home(request, next(iter(USERS)))
            return super().render(request)

    put(reference, Capitals())
