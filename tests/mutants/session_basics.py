"""
Mutants of the session page: who is taken for whom.
"""

from __future__ import annotations

from typing import Any

from reference_impl.session_basics import shown
from tests.mutants import Reference, mutant, of
from tests.mutants._sessions import COOKIE, expire, put, show, taken_back


@mutant(
    *of(
        "session-basics",
        "first-visit-sets-a-cookie",
        "without-the-cookie-the-id-is-another",
        "each-jar-has-an-id-of-its-own",
        "the-id-belongs-to-the-cookie-not-the-connection",
        "expiring-mine-leaves-yours",
        "an-invented-id-is-not-adopted",
        "ids-are-unguessable",
        "garbage-of-others-leaves-the-session-alone",
        "who-sends-garbage-is-alone",
        "an-empty-value-is-no-session",
        "the-cookie-keeps-to-its-grammar",
    ),
    *of("session-store", "counting-restarts-after-an-expiry", "an-old-count-does-not-come-back"),
    *of("session-endings", "an-explicit-ending-is-told-once", "every-schedule-of-visits-ends-each-session-at-its-time"),
)
def takes_the_address_for_the_visitor(reference: Reference) -> None:
    """A session belongs to the client's address; there is no cookie."""
    sessions: dict[str, Any] = {}

    def session(request: Any) -> Any:
        host = request.getClientAddress().host
        if host not in sessions or sessions[host].uid not in reference.site.sessions:
            sessions[host] = reference.site.makeSession()
        return sessions[host]

    def end(request: Any) -> bytes:
        session(request).expire()
        return b"over"

    put(reference, show=lambda request: shown(session(request).uid), expire=end)


@mutant(
    *of(
        "session-basics",
        "first-visit-sets-a-cookie",
        "the-id-belongs-to-the-cookie-not-the-connection",
        "other-cookies-do-not-hide-the-session",
        "ids-are-unguessable",
        "the-name-of-the-field-may-be-written-in-any-case",
        "the-cookie-keeps-to-its-grammar",
    )
)
def gives_cookies_to_browsers_only(reference: Reference) -> None:
    """Who does not say what languages or encodings it reads is taken for a robot, which needs no cookie."""

    def no_robots(request: Any) -> bytes:
        answer = show(request)
        if not request.getHeader(b"accept-encoding"):
            request.cookies.clear()
        return answer

    put(reference, show=no_robots)


@mutant(
    *of(
        "session-basics",
        "following-the-cookie-keeps-the-id",
        "each-jar-has-an-id-of-its-own",
        "the-id-after-an-expiry-stays",
        "expiring-mine-leaves-yours",
        "an-expired-cookie-stays-dead",
        "visits-elsewhere-change-no-session",
        "garbage-of-others-leaves-the-session-alone",
        "a-session-begun-by-head-is-there",
        "an-unvisited-session-lives-its-lifetime",
    )
)
def marks_the_cookie_secure_over_http(reference: Reference) -> None:
    """The cookie is Secure although the page is served over plain http, so that browsers keep it to themselves."""

    def secured(request: Any) -> bytes:
        answer = show(request)
        request.cookies[:] = [cookie + b"; Secure" for cookie in request.cookies]
        return answer

    put(reference, show=secured)


@mutant(
    *of(
        "session-basics",
        "following-the-cookie-keeps-the-id",
        "each-jar-has-an-id-of-its-own",
        "the-id-after-an-expiry-stays",
        "expiring-mine-leaves-yours",
        "visits-elsewhere-change-no-session",
        "garbage-of-others-leaves-the-session-alone",
        "a-session-begun-by-head-is-there",
        "an-unvisited-session-lives-its-lifetime",
    )
)
def gives_the_cookie_a_path_with_a_slash(reference: Reference) -> None:
    """The cookie is for what is below the page, and not for the page itself."""

    def below(request: Any) -> bytes:
        answer = show(request)
        request.cookies[:] = [cookie.replace(b"Path=/", b"Path=/session/") for cookie in request.cookies]
        return answer

    put(reference, show=below)


@mutant(
    *of(
        "session-basics",
        "following-the-cookie-keeps-the-id",
        "the-id-after-an-expiry-stays",
        "visits-elsewhere-change-no-session",
        "a-session-begun-by-head-is-there",
    ),
    *of("session-endings", "an-explicit-ending-is-told-once"),
)
def knows_only_the_first_of_its_cookies(reference: Reference) -> None:
    """Each visit sets a new cookie, but the session is found by its first one only."""

    def renewed(request: Any) -> bytes:
        answer = show(request)
        if not request.cookies:
            request.addCookie(COOKIE, b"%032x" % len(reference.site.sessions), path=b"/")
        return answer

    put(reference, show=renewed)


@mutant(
    *of(
        "session-basics",
        "following-the-cookie-keeps-the-id",
        "other-cookies-do-not-hide-the-session",
        "the-id-after-an-expiry-stays",
        "the-name-of-the-field-may-be-written-in-any-case",
        "visits-elsewhere-change-no-session",
        "a-session-begun-by-head-is-there",
    )
)
def renews_the_id_at_every_third_visit(reference: Reference) -> None:
    """So that nobody can use a stolen ID for long, every third visit is given, and shown, another."""
    visits: dict[bytes, int] = {}

    def counted(request: Any) -> bytes:
        session = request.getSession()
        visits[session.uid] = visits.get(session.uid, 0) + 1
        if visits[session.uid] == 3:
            session.expire()
            session = reference.site.makeSession()
            request.addCookie(COOKIE, session.uid, path=b"/")
        return shown(session.uid)

    put(reference, show=counted)


@mutant(*of("session-basics", "the-id-belongs-to-the-cookie-not-the-connection", "ids-are-unguessable"))
def keeps_the_session_on_the_connection(reference: Reference) -> None:
    """A connection has the session of its first request, whatever cookies the others bring."""

    def of_connection(request: Any) -> bytes:
        known = getattr(request.channel, "session", None)
        if known is None or known.uid not in reference.site.sessions:
            known = request.channel.session = request.getSession()
        return shown(known.uid)

    put(reference, show=of_connection)


@mutant(
    *of(
        "session-basics",
        "without-the-cookie-the-id-is-another",
        "each-jar-has-an-id-of-its-own",
        "the-id-belongs-to-the-cookie-not-the-connection",
        "expiring-mine-leaves-yours",
        "ids-are-unguessable",
        "garbage-of-others-leaves-the-session-alone",
        "who-sends-garbage-is-alone",
    )
)
def answers_strangers_from_a_cache(reference: Reference) -> None:
    """The answer to who brings no cookie is kept for a second, Set-Cookie and all."""
    cached: list[tuple[bytes, list[bytes]]] = []

    def from_cache(request: Any) -> bytes:
        if request.getHeader(b"cookie"):
            return show(request)
        if not cached:
            cached.append((show(request), request.cookies))
            reference.reactor.callLater(1.0, cached.clear)
        answer, request.cookies = cached[0]
        return answer

    put(reference, show=from_cache)


@mutant(
    *of(
        "session-basics",
        "each-jar-has-an-id-of-its-own",
        "the-id-belongs-to-the-cookie-not-the-connection",
        "expiring-mine-leaves-yours",
        "garbage-of-others-leaves-the-session-alone",
    )
)
def shows_the_id_of_whoever_began_last(reference: Reference) -> None:
    """The ID is kept in an attribute of the page, which each new session sets."""
    latest: list[bytes] = [b""]

    def of_page(request: Any) -> bytes:
        uid = request.getSession().uid
        if request.cookies:
            latest[0] = uid
        return shown(latest[0])

    put(reference, show=of_page)


@mutant(
    *of(
        "session-basics",
        "an-expired-cookie-stays-dead",
        "an-invented-id-is-not-adopted",
        "an-unvisited-session-ends-with-its-lifetime",
    )
)
def adopts_an_invented_id(reference: Reference) -> None:
    """Any cookie that looks like an ID makes a session of that ID."""

    def adopted(request: Any) -> bytes:
        uid = request.getCookie(COOKIE)
        if uid and len(uid) == 64 and uid not in reference.site.sessions:
            session = reference.site.sessions[uid] = reference.site.sessionFactory(reference.site, uid)
            session.startCheckingExpiration()
        return show(request)

    put(reference, show=adopted, expire=taken_back(expire))


@mutant(
    *of(
        "session-basics",
        "first-visit-sets-a-cookie",
        "following-the-cookie-keeps-the-id",
        "without-the-cookie-the-id-is-another",
        "each-jar-has-an-id-of-its-own",
        "the-id-belongs-to-the-cookie-not-the-connection",
        "other-cookies-do-not-hide-the-session",
        "expiring-gives-a-new-id",
        "the-id-after-an-expiry-stays",
        "expiring-mine-leaves-yours",
        "expiring-twice-does-no-harm",
        "an-expired-cookie-stays-dead",
        "an-invented-id-is-not-adopted",
        "the-name-of-the-field-may-be-written-in-any-case",
        "visits-elsewhere-change-no-session",
        "garbage-of-others-leaves-the-session-alone",
        "who-sends-garbage-is-alone",
        "an-empty-value-is-no-session",
        "an-ended-session-comes-back-for-nobody",
        "an-unvisited-session-lives-its-lifetime",
        "an-unvisited-session-ends-with-its-lifetime",
    )
)
def says_that_a_session_was_created(reference: Reference) -> None:
    """The visit that begins a session is answered with 201 Created, as the post to a collection is."""

    def created(request: Any) -> bytes:
        answer = show(request)
        if request.cookies:
            request.setResponseCode(201)
        return answer

    put(reference, show=created)
