"""
HTTP, targets: a request names a page in one of the ways there are, or is refused.
"""

import json

from harness import MAY, MUST, SHOULD, rfc, spec
from specs.raw_requests import HELLO, bent, declined, hello, lines, read, status_of

INVALID = rfc(9112, "3.2", "Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error")
ABSOLUTE = rfc(9112, "3.2.2", "A server MUST accept the absolute-form in requests")
FORMS = rfc(9110, "7.1", "These forms MUST NOT be used with other methods")
TUNNEL = rfc(9110, "9.3.6", "most origin servers do not implement CONNECT")
FRAGMENT = rfc(9110, "7.1", "The target URI excludes the reference's fragment component")


@spec("http/a-control-character-in-the-target-is-refused", SHOULD, INVALID)
async def test_a_control_character_in_the_target_is_refused(wire, page):
    """
    A target is printable.

    Sends:      POSTs with U+0001, a vertical tab, an escape and a DEL in the target's query.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    a range of characters that ends too late: DEL is a control character too.
    """
    odd = {"one": b"\x01", "vertical_tab": b"\x0b", "escape": b"\x1b", "delete": b"\x7f"}
    samples = {name: b"POST %s?a" + byte + b"b HTTP/1.1" for name, byte in odd.items()}

    await declined(wire, **lines(wire, page, **samples))


@spec("http/a-target-in-absolute-form-is-accepted", MUST, ABSOLUTE)
async def test_a_target_in_absolute_form_is_accepted(target, wire, clock, page):
    """
    A target that is a whole URI means its path.

    Sends:      POSTs whose target is the page's URI, its scheme also in capital letters; behind each another POST.
    Observes:   that each is answered by that page; that what follows is a request of its own.
    Look at:    a path that is split off by counting slashes.
    """
    scheme, rest = target.url.rstrip("/").split("://", 1)
    authority = rest.partition("/")[0].encode()
    capital = scheme.upper().encode()

    await read(
        wire,
        clock,
        page,
        HELLO,
        **lines(
            wire,
            page,
            small=b"POST " + scheme.encode() + b"://" + authority + b"%s HTTP/1.1",
            capital=b"POST " + capital + b"://" + authority + b"%s HTTP/1.1",
        ),
    )


@spec("http/a-target-begins-with-a-slash", SHOULD, INVALID)
async def test_a_target_begins_with_a_slash(wire, page):
    """
    A target whose path does not begin with a slash is no other way to name a page.

    Sends:      POSTs to the page's path without its slash, and with a letter, a backslash and a point in its place.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    a path whose first character is dropped unseen: whoever filters paths before sees another one.
    """
    path = wire.bytes_of("POST", page.echo).split(b" ")[1][1:]
    samples = {"nothing": path, "letter": b"x" + path, "backslash": b"\\" + path, "point": b"." + path}

    await declined(wire, **{name: hello(wire, page, line=b"POST %b HTTP/1.1" % one) for name, one in samples.items()})


@spec("http/an-authority-is-no-target", SHOULD, FORMS)
async def test_an_authority_is_no_target(wire, page):
    """
    A host and a port are a target for CONNECT only, and an asterisk for OPTIONS only.

    Sends:      POSTs whose target is our authority, and an asterisk.
    Observes:   a status of 4xx, 501 or the end of the connection; that the server answers its ping afterwards.
    Look at:    a path that is made of what has none.
    """
    authority = wire.address.authority.encode()

    await declined(
        wire,
        authority=hello(wire, page, line=b"POST " + authority + b" HTTP/1.1"),
        asterisk=hello(wire, page, line=b"POST * HTTP/1.1"),
    )


@spec("http/no-tunnel-is-opened", SHOULD, TUNNEL)
async def test_no_tunnel_is_opened(wire):
    """
    A server that is no proxy connects nobody to somewhere else.

    Sends:      CONNECT to the server itself, and to a name that stands for nothing.
    Observes:   a status of 4xx, 501 or the end of the connection; that the server answers its ping afterwards.
    Look at:    a page that takes whatever method there is: 2xx means that a tunnel is open.
    """
    authority = wire.address.authority.encode()

    await declined(
        wire,
        itself=bent(wire, "/", line=b"CONNECT " + authority + b" HTTP/1.1"),
        nowhere=bent(wire, "/", line=b"CONNECT nowhere.invalid:443 HTTP/1.1"),
    )


@spec("http/the-target-is-told-as-it-came", MAY, FRAGMENT, needs=["asked"])
async def test_how_a_target_is_told(wire, page, facts):
    """
    What a page is told of a target's escapes, slashes, points and fragments is a fact.

    Sends:      GETs of the page that says how it was asked, with queries that may be put straight.
    Observes:   the target that it was told.
    """
    for name, query in (
        ("escapes", b"?%41%2f%2F"),
        ("an empty query", b"?"),
        ("two question marks", b"?a?b"),
        ("points", b"?a/../b"),
        ("a fragment", b"?a#b"),
        ("a plus", b"?a+b"),
    ):
        conversation = await wire.open()
        conversation.send(bent(wire, page.asked, line=b"GET %s" + query + b" HTTP/1.1"))
        answer = await conversation.answer_if_any()
        if answer is None or answer.status != 200:
            facts[name] = status_of(answer)
        else:
            facts[name] = (
                json.loads(answer.body)["target"].rpartition("/")[2]
                if name != "points"
                else "as it came"
                if json.loads(answer.body)["target"].endswith("?a/../b")
                else "put straight"
            )
