"""
People with browsers: treq, with a cookie jar each.

treq does what a browser does (cookies, Basic credentials, decoding); its connections are conversations like any other,
so its bytes stand in the transcript, are timed, and are judged by h11.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import Message
from http.cookiejar import Cookie, DefaultCookiePolicy
from types import SimpleNamespace
from typing import Any

from attrs import define, evolve, field
from treq import collect
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionClosed
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.web.client import (
    URI,
    Agent,
    HTTPConnectionPool,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory
from zope.interface import implementer

from harness.attempts import Attempt
from harness.clocks import started
from harness.codings import unpacked
from harness.conversations import Conversation, target_of
from harness.errors import NotHTTP
from harness.messages import Answer, Pairs, as_bytes
from harness.wire import Wire

#: Cookies of one answer that are taken: browsers keep 150 to 180 of one host, and RFC 6265 section 6.1 wants 50.
MOST_COOKIES = 200


@define(eq=False, repr=False)
class Client:
    """Opens browsers, for one attempt."""

    attempt: Attempt
    wire: Wire
    reactor: Any

    def visitor(self) -> Visitor:
        """A person with a cookie jar of their own."""
        return Visitor(self.attempt, self.wire, self.reactor)


class _Aging:
    """What http.cookiejar tells the time, and does not believe it: the wall clock is not ours."""

    seconds: Callable[[], float]

    @property
    def _now(self) -> float:
        return self.seconds()

    @_now.setter
    def _now(self, _: float) -> None:
        pass


class _Policy(_Aging, DefaultCookiePolicy):
    """The usual policy, by `seconds`."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        super().__init__()


class _Jar(_Aging, IndexableCookieJar):
    """A jar whose cookies age by `seconds`, and none in less than its Max-Age."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        super().__init__(_Policy(seconds))

    def extract_cookies(self, response: Any, request: Any) -> None:
        # One field after another, as a browser reads them: of all fields at once, http.cookiejar would first take back
        # what is over, and only then take what is new.
        for field_value in response.info().get_all("Set-Cookie", []):
            alone = Message()
            alone["Set-Cookie"] = field_value
            super().extract_cookies(SimpleNamespace(info=lambda alone=alone: alone), request)  # type: ignore[arg-type]

    def set_cookie(self, cookie: Cookie) -> None:
        # A server that says Expires says whole seconds, rounded down: a cookie for 3 s would be gone after 2.4.  A
        # second too long is what `slack` of [session-endings] is for.
        if cookie.expires is not None:
            cookie.expires += 1
        super().set_cookie(cookie)

    def clear_expired_cookies(self) -> None:
        for cookie in list(self):
            if cookie.is_expired(int(self._now)):
                self.clear(cookie.domain, cookie.path, cookie.name)


@define(eq=False, repr=False)
class Visitor:
    """
    One person.  Each request has a connection of its own; redirects are never followed.

    The newest cookie of a name wins, as in a browser.
    """

    attempt: Attempt
    wire: Wire
    reactor: Any
    _jar: IndexableCookieJar = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._jar = _Jar(self.reactor.seconds)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies in the jar, by name."""
        return {_plain(cookie.name): _plain(cookie.value or "") for cookie in self._jar}

    async def get(self, path: str, **options: Any) -> Answer:
        """A GET; the options are those of `request`."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: bytes, **options: Any) -> Answer:
        """A POST of `body`; the options are those of `request`."""
        return await self.request("POST", path, body=body, **options)

    async def request(  # noqa: PLR0913 - each is one thing about a request, given by name
        self,
        method: str,
        path: str,
        *,
        fields: Pairs = (),
        body: bytes | None = None,
        auth: tuple[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        within: float | None = None,
        **values: object,
    ) -> Answer:
        """
        One request and its answer.

        `auth` are user and password for Basic, `cookies` go out beside those of the jar.  The answer's body is
        decoded where the server compressed it; its `raw` is as it came.
        """
        opener = _Opener(self.wire, method)
        pool = HTTPConnectionPool(self.reactor, persistent=False)
        treq = HTTPClient(_Between(Agent.usingEndpointFactory(self.reactor, opener, pool)), self._jar)
        address = self.wire.address
        headers = Headers()
        for name, value in fields:
            headers.addRawHeader(as_bytes(name), as_bytes(value))
        asked = treq.request(
            method,
            f"{address.scheme}://{address.authority}{target_of(self.attempt, address, path, values)}",
            headers=headers,
            data=body,
            auth=auth,
            cookies=cookies,
            allow_redirects=False,
            unbuffered=True,
            reactor=self.reactor,
        )
        what = f"answer to {method} {path}"
        return await self.attempt.wait(self._answered(asked, opener, method), what, within)

    async def _answered(self, asked: Deferred[Any], opener: _Opener, method: str) -> Answer:
        try:
            response = await asked
            await collect(response, lambda _: None)  # the conversation keeps it
        except (ResponseFailed, ResponseNeverReceived, ConnectionClosed) as wrong:
            if opener.conversation is None:
                raise
            if any(reason.check(CancelledError) for reason in getattr(wrong, "reasons", ())):
                # Not the target's doing: somebody gave up waiting, and treq wraps that like any other end.
                raise CancelledError from None
            # h11 says it better, unless it has no complaint at all.
            answer = await opener.conversation.answer(method=method)
            if not answer.complete:
                return answer
            message = f"treq cannot read the answer: {wrong}"
            raise NotHTTP(message) from None
        assert opener.conversation is not None
        answer = await opener.conversation.answer(method=method)
        opener.conversation.hang_up()
        return evolve(answer, body=unpacked(answer, self.attempt.most_bytes))


@implementer(IAgent)
@define(eq=False)
class _Between:
    """
    Stands between treq and Twisted's agent, for what a hostile answer would do to treq.

    The coding of a body is hidden, which treq would undo however much comes out; of the cookies only as many are let
    through as a browser keeps, and bytes beyond ASCII, which treq knows nothing of, are spelled out on the way in and
    put back on the way out.
    """

    agent: Agent

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: Any = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[Any]:
        headers = headers or Headers()
        if cookies := headers.getRawHeaders(b"cookie"):
            headers.setRawHeaders(b"cookie", [_SPELLED.sub(_meant, cookie) for cookie in cookies])
        asked: Deferred[Any] = self.agent.request(method, uri, headers, bodyProducer)
        return asked.addCallback(_tamed)


def _tamed(response: Any) -> Any:
    response.headers.removeHeader(b"content-encoding")
    cookies = response.headers.getRawHeaders(b"set-cookie", [])
    if cookies:
        spelled = [_BEYOND.sub(lambda found: b"\x7f%02x" % found[0][0], cookie) for cookie in cookies[:MOST_COOKIES]]
        response.headers.setRawHeaders(b"set-cookie", spelled)
    return response


#: Bytes that no text of treq's can hold, and how they are spelled out: the DEL never stands in a cookie of anybody's.
_BEYOND = re.compile(rb"[\x7f-\xff]")
_SPELLED = re.compile(rb"\x7f([0-9a-f]{2})")


def _meant(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())


def _plain(text: str) -> str:
    """Of a cookie in the jar, the text that was sent, as latin-1."""
    return _SPELLED.sub(_meant, text.encode()).decode("latin-1")


@implementer(IAgentEndpointFactory)
@define(eq=False)
class _Opener:
    """Gives treq's agent a conversation where it wants an endpoint."""

    wire: Wire
    method: str
    conversation: Conversation | None = field(init=False, default=None)

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: ARG002 - the interface has it
        return _Endpoint(self)


@implementer(IStreamClientEndpoint)
@define(eq=False)
class _Endpoint:
    """One conversation, as treq's agent sees it."""

    opener: _Opener

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        return started(self._connect(protocolFactory))

    async def _connect(self, factory: Any) -> Any:
        conversation = await self.opener.wire.open()
        self.opener.conversation = conversation
        protocol = factory.buildProtocol(None)
        conversation.tap(protocol, self.opener.method)
        return protocol
