"""
Mutants of the session page: what gets into the way of a cookie, or between a visitor and their session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import Request

from tests.mutants import Reference, _delayed, mutant, of
from tests.mutants._sessions import COOKIE, Page, expire, put, show


def _nowhere(reference: Reference, answer: Callable[[Any], bytes]) -> None:
    """Have this answered, with 404, wherever below the session page there is nothing."""

    def missing(request: Any) -> bytes:
        request.setResponseCode(404)
        return answer(request)

    class Root(Page):
        def getChild(self, path: bytes, request: Request) -> Resource:
            return Page(missing)

    page = Root(show)
    page.putChild(b"expire", Page(expire))
    reference.root.putChild(b"session", page)


def _adopt(reference: Reference, uid: bytes) -> Any:
    """The session of this ID, which is begun if there is none."""
    site = reference.site
    if uid not in site.sessions:
        session = site.sessions[uid] = site.sessionFactory(site, uid)
        session.startCheckingExpiration()
    return site.sessions[uid]


@mutant(*of("session-basics", "the-name-of-the-field-may-be-written-in-any-case"))
def knows_one_way_to_write_the_field(reference: Reference) -> None:
    """The field is looked up as `Cookie`, and not found where a client writes `cookie`."""

    def change(request: Any) -> None:
        channel = request.channel
        received = type(channel).headerReceived

        def header(line: bytes) -> Any:
            name = line.partition(b":")[0]
            return (name != b"Cookie" and name.lower() == b"cookie") or received(channel, line)

        channel.headerReceived = header

    _delayed.requests(reference, change)


@mutant(*of("session-basics", "visits-elsewhere-change-no-session"))
def ends_the_session_where_there_is_nothing(reference: Reference) -> None:
    """A page that there is not takes the cookie back, with all else that it cleans up."""

    def gone(request: Any) -> bytes:
        request.addCookie(COOKIE, b"", path=b"/", max_age=b"0")
        return b"No such page."

    _nowhere(reference, gone)


@mutant(*of("session-basics", "garbage-of-others-leaves-the-session-alone"))
def clears_its_store_when_it_cannot_read(reference: Reference) -> None:
    """A field in which no cookie can be read is taken for a broken store, and all sessions end."""

    def shown(request: Any) -> bytes:
        field = request.getHeader(b"cookie") or b""
        if field and b"=" not in field:
            for session in list(reference.site.sessions.values()):
                session.expire()
        return show(request)

    put(reference, show=shown)


@mutant(*of("session-basics", "who-sends-garbage-is-alone"))
def keeps_a_session_for_no_name(reference: Reference) -> None:
    """A cookie without a name opens the session that is kept under its value."""

    def shown(request: Any) -> bytes:
        if b"" in request.received_cookies:
            uid = b"anonymous-" + request.received_cookies[b""].strip().hex().encode()
            request.received_cookies[COOKIE] = _adopt(reference, uid).uid
        return show(request)

    put(reference, show=shown)


@mutant(*of("session-basics", "an-empty-value-is-no-session"))
def keeps_a_session_for_no_value(reference: Reference) -> None:
    """The cookie with an empty value opens a session, which is begun by whoever comes first."""

    def shown(request: Any) -> bytes:
        if request.received_cookies.get(COOKIE) == b"":
            request.received_cookies[COOKIE] = _adopt(reference, b"0" * 64).uid
        return show(request)

    put(reference, show=shown)


@mutant(*of("session-basics", "an-error-page-shows-no-session"))
def shows_the_request_where_there_is_nothing(reference: Reference) -> None:
    """A page that there is not shows the fields of the request, to help developers."""

    def debug(request: Any) -> bytes:
        lines = [
            name + b": " + b", ".join(values) for name, values in sorted(request.requestHeaders.getAllRawHeaders())
        ]
        request.setHeader(b"content-type", b"text/plain")
        return b"No such page.\n" + b"\n".join(lines)

    _nowhere(reference, debug)


@mutant(*of("session-basics", "the-cookie-keeps-to-its-grammar"))
def sets_a_cookie_with_blanks(reference: Reference) -> None:
    """A second cookie says in words when the session was begun: a value with blanks and a comma."""

    def shown(request: Any) -> bytes:
        answer = show(request)
        if request.cookies:
            request.cookies.append(b"began=Sat, 21 Nov; Path=/")
        return answer

    put(reference, show=shown)


@mutant(*of("session-basics", "each-cookie-is-set-once"))
def sets_its_cookie_twice(reference: Reference) -> None:
    """Whatever cookie came is taken back before a new one is set, in the same answer."""

    def shown(request: Any) -> bytes:
        answer = show(request)
        if request.cookies:
            request.cookies.insert(0, COOKIE + b"=; Path=/; Max-Age=0")
        return answer

    put(reference, show=shown)


@mutant(*of("session-basics", "head-of-the-page-has-no-body"))
def shows_the_session_to_head(reference: Reference) -> None:
    """HEAD is answered by the code for GET, with the body."""

    def head(request: Any) -> bytes:
        request.method = b"GET"
        return show(request)

    put(reference)
    reference.page(b"session").render_HEAD = head


@mutant(*of("session-basics", "a-session-begun-by-head-is-there"))
def drops_the_session_of_head(reference: Reference) -> None:
    """HEAD has no page to keep anything for: the session that it begins ends with it."""

    def head(request: Any) -> bytes:
        is_new = COOKIE not in request.received_cookies
        answer = show(request)
        if is_new:
            request.getSession().expire()
        return answer

    put(reference)
    reference.page(b"session").render_HEAD = head


@mutant(*of("session-basics", "an-ended-session-comes-back-for-nobody"))
def brings_an_ended_session_back(reference: Reference) -> None:
    """The first who comes with the cookie of an ended session is given a new one; for the next it is there again."""
    asked: set[bytes] = set()

    def ended(request: Any) -> bytes:
        uid = request.received_cookies.get(COOKIE, b"")
        answer = expire(request)
        if uid:
            asked.add(uid)
        return answer

    def shown(request: Any) -> bytes:
        uid = request.received_cookies.get(COOKIE, b"")
        if uid in asked:
            asked.discard(uid)
            answer = show(request)
            _adopt(reference, uid)
            return answer
        return show(request)

    put(reference, show=shown, expire=ended)
