"""
HTTP, hosts: a request says once, and properly, whom it is meant for.
"""

from harness import MAY, MUST, SHOULD, rfc, spec
from specs.raw_requests import HELLO, declined, hello, read
from specs.test_http_refusals_facts import outcomes

LACKS = rfc(9112, "3.2", "400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host")
MORE = rfc(9112, "3.2", "any request message that contains more than one Host header field line")
INVALID = rfc(9112, "3.2", "or a Host header field with an invalid field value")
CASE = rfc(9110, "5.1", "Field names are case-insensitive")
ABSOLUTE = rfc(9112, "3.2.2", "the origin server MUST ignore the received Host header field (if any)")
RECONSTRUCTED = rfc(9112, "3.3", "the target URI's authority component is empty")


def right(wire):
    """The Host line that is meant for this server."""
    return b"Host: " + wire.address.authority.encode()


@spec("http/host-has-no-case", MUST, CASE)
async def test_host_has_no_case(wire, clock, page):
    """
    Host is Host in any case, wherever it stands among the fields.

    Sends:      POSTs with the right host under "HOST" and "host", without a blank, and behind the other fields; behind
                each another POST.
    Observes:   that each is answered with its body; that what follows is a request of its own.
    Look at:    names that are compared as they came.
    """
    host = right(wire)

    await read(
        wire,
        clock,
        page,
        HELLO,
        capital=hello(wire, page, hosts=(host.replace(b"Host", b"HOST"),)),
        small=hello(wire, page, hosts=(host.replace(b"Host", b"host"),)),
        tight=hello(wire, page, hosts=(host.replace(b" ", b""),)),
        behind=hello(wire, page, b"X-Web60: a", host, hosts=()),
    )


@spec("http/a-request-without-host-is-refused", MUST, LACKS)
async def test_a_request_without_host_is_refused(wire, page):
    """
    HTTP/1.1 wants a Host.

    Sends:      a POST without Host; one with the host in X-Host only; one without, whose target is a whole URI.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    a default that is taken where none was named.
    """
    whole = b"POST http://" + wire.address.authority.encode() + b"%s HTTP/1.1"

    await declined(
        wire,
        none=hello(wire, page, hosts=()),
        other=hello(wire, page, hosts=(b"X-" + right(wire),)),
        whole=hello(wire, page, hosts=(), line=whole),
    )


@spec("http/a-request-with-two-hosts-is-refused", MUST, MORE)
async def test_a_request_with_two_hosts_is_refused(wire, page):
    """
    A request is meant for one host, even if it says so twice.

    Sends:      POSTs with the right Host twice, with another one before it, and behind it.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    fields kept in a mapping that holds the first or the last of a name.
    """
    host, other = right(wire), b"Host: other.example"

    await declined(
        wire,
        same=hello(wire, page, hosts=(host, host)),
        first=hello(wire, page, hosts=(other, host)),
        last=hello(wire, page, hosts=(host, other)),
    )


@spec("http/a-host-that-is-none-is-refused", SHOULD, INVALID)
async def test_a_host_that_is_none_is_refused(wire, page):
    """
    A Host is a name or an address, and perhaps a port.

    Sends:      POSTs with a Host that has a blank, a slash, a question mark, a user, a scheme, angle brackets or quotes
                in it; a list of two; ports that are no number; an address whose bracket is left open.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Differs:    RFC 9112 says MUST, and several servers leave it to the application.
    Look at:    what builds links and redirects from the Host as it came.
    """
    hosts = {
        "blank": b"a b",
        "slash": b"a.example/b",
        "question": b"a.example?b",
        "user": b"user@a.example",
        "scheme": b"http://a.example",
        "angles": b"<a.example>",
        "quotes": b'"a.example"',
        "listed": b"a.example, b.example",
        "port": b"a.example:http",
        "negative": b"a.example:-80",
        "ports": b"a.example:80:80",
        "bracket": b"[::1",
    }

    await declined(wire, **{name: hello(wire, page, hosts=(b"Host: " + host,)) for name, host in hosts.items()})


@spec("http/the-authority-of-an-absolute-target-counts", MUST, ABSOLUTE)
async def test_the_authority_of_an_absolute_target_counts(target, wire, clock, page):
    """
    Where the target is a whole URI, the Host beside it is ignored.

    Sends:      a POST whose target is the page's URI, and whose Host is another; behind it another POST.
    Observes:   that it is answered by that page; that what follows is a request of its own.
    Differs:    a server that answers to any host cannot be told from one that ignores it.
    Look at:    a Host that is compared with the target, or looked at first.
    """
    scheme = target.url.partition(":")[0].encode()
    line = b"POST " + scheme + b"://" + wire.address.authority.encode() + b"%s HTTP/1.1"

    await read(wire, clock, page, HELLO, other=hello(wire, page, hosts=(b"Host: other.example",), line=line))


@spec("http/odd-hosts-are-taken-its-own-way", MAY, RECONSTRUCTED, lasts=lambda target: 2 * target.timing.quiet)
async def test_how_odd_hosts_are_taken(target, wire, clock, page, facts):
    """
    Which other hosts a server answers to is a fact.

    Sends:      POSTs with an empty Host, one of another server, one with an empty and with too large a port, one with
                an underscore, an asterisk and bytes beyond ASCII; and without any in HTTP/1.0.
    Observes:   whether each is read, refused, or waited on for `quiet` seconds.
    """
    hosts = {
        "empty": b"",
        "of another server": b"other.example",
        "with an empty port": b"a.example:",
        "with too large a port": b"a.example:99999",
        "with an underscore": b"a_b.example",
        "an asterisk": b"*",
        "an address in brackets": b"[::1]",
        "bytes beyond ASCII": b"\xe4.example",
        "broken escapes": b"a%zz",
    }
    requests = {name: hello(wire, page, hosts=(b"Host: " + host,)) for name, host in hosts.items()}
    requests["none in HTTP/1.0"] = hello(wire, page, hosts=(), line=b"POST %s HTTP/1.0")
    facts.update(await outcomes(target, wire, clock, requests))
