"""
HTTP, request lines: a method, a target and a version, each as it should be, or a refusal.
"""

from harness import MAY, MUST, SHOULD, NotOffered, rfc, spec
from specs.raw_requests import REFUSALS, bent, declined, lines, status_of
from specs.test_http_refusals_facts import outcomes

CLOSES = rfc(9112, "2.2", "the server SHOULD respond with a 400 (Bad Request) response and close the connection")
BARE_CR = rfc(9112, "2.2", "A recipient of such a bare CR MUST consider that element to be invalid")
NO_WHITESPACE = rfc(9112, "3.2", "A recipient SHOULD NOT attempt to autocorrect and then process the request")
WHITESPACE = rfc(9112, "3", "recipients MAY instead parse on whitespace-delimited word boundaries")
CASE = rfc(9112, "3.1", "The request method is case-sensitive")
VERSION_CASE = rfc(9112, "2.3", "HTTP-version is case-sensitive")
MAJOR = rfc(9110, "15.6.6", "does not support, or refuses to support, the major version of HTTP")


@spec("http/a-request-line-with-too-many-parts-is-refused", SHOULD, NO_WHITESPACE)
async def test_a_request_line_with_too_many_parts_is_refused(wire, page):
    """
    A request line has three parts; of more, none is thrown away.

    Sends:      POSTs with a word more between the target and the version, with the version twice, and with a blank in
                the target.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Differs:    a redirect to the target with its blank encoded would be right too; nobody does it.
    Look at:    a line of which the first two words and the last are taken.
    """
    await declined(
        wire,
        **lines(
            wire,
            page,
            word=b"POST %s more HTTP/1.1",
            version_twice=b"POST %s HTTP/1.1 HTTP/1.1",
            blank=b"POST %s?a b HTTP/1.1",
        ),
    )


@spec("http/a-request-line-with-too-few-parts-is-refused", SHOULD, CLOSES)
async def test_a_request_line_with_too_few_parts_is_refused(wire, page):
    """
    A request line without a target, or a POST without a version, is refused.

    Sends:      POSTs whose request line is the method alone, the method and the version, the method and the target,
                the target and the version.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Differs:    GET and a target alone was a request in HTTP/0.9, a POST never was.
    Look at:    a version that is made up when it is missing.
    """
    await declined(
        wire,
        **lines(
            wire,
            page,
            method=b"POST",
            target=b"POST HTTP/1.1",
            version=b"POST %s",
            rest=b"%s HTTP/1.1",
        ),
    )


@spec("http/a-bare-cr-in-the-request-line-is-refused", MUST, BARE_CR)
async def test_a_bare_cr_in_the_request_line_is_refused(wire, page):
    """
    A CR within the method, the target or the version is refused.

    Sends:      POSTs with a CR in the method, in the target's path and query, and in the version.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Differs:    a blank in its place makes a line of too many parts, which is refused as well.
    Look at:    a target that is passed on, or logged, as it came.
    """
    await declined(
        wire,
        **lines(
            wire,
            page,
            method=b"PO\rST %s HTTP/1.1",
            path=b"POST %s\rmore HTTP/1.1",
            query=b"POST %s?a\rb HTTP/1.1",
            version=b"POST %s HTTP/\r1.1",
        ),
    )


@spec("http/a-nul-in-the-request-line-is-refused", SHOULD, CLOSES)
async def test_a_nul_in_the_request_line_is_refused(wire, page):
    """
    A NUL within the method, the target or the version is refused.

    Sends:      POSTs with a NUL in the method, at the end of the target's path, in its query, and behind the version.
    Observes:   a status of 4xx or the end of the connection; that the server answers its ping afterwards.
    Look at:    text that ends at a NUL for one, and goes on for another.
    """
    await declined(
        wire,
        **lines(
            wire,
            page,
            method=b"PO\0ST %s HTTP/1.1",
            path=b"POST %s\0 HTTP/1.1",
            query=b"POST %s?a\0b HTTP/1.1",
            version=b"POST %s HTTP/1.1\0",
        ),
    )


@spec("http/a-version-that-is-none-is-refused", SHOULD, CLOSES)
async def test_a_version_that_is_none_is_refused(wire, page):
    """
    A version is "HTTP/", a digit, a point and a digit.

    Sends:      POSTs with the versions HTTP/1, HTTP/1., HTTP/1.11, HTTP/01.1, HTTP/+1.1, HTTP/1,1, HTTP/x.y, HTTP/,
                XTTP/1.1, HTTPS/1.1 and HTTP/1.1 with a full-width 1.
    Observes:   a status of 4xx, 505 or the end of the connection; that the server answers its ping afterwards.
    Look at:    a version that is only looked at from its start, or read as a number.
    """
    versions = {
        "no_minor": b"HTTP/1",
        "point": b"HTTP/1.",
        "long_minor": b"HTTP/1.11",
        "long_major": b"HTTP/01.1",
        "plus": b"HTTP/+1.1",
        "comma": b"HTTP/1,1",
        "letters": b"HTTP/x.y",
        "nothing": b"HTTP/",
        "other": b"XTTP/1.1",
        "secure": b"HTTPS/1.1",
        "wide": "HTTP/\uff11.1".encode(),
    }

    await declined(wire, **lines(wire, page, **{name: b"POST %s " + version for name, version in versions.items()}))


@spec("http/the-name-of-http-has-capital-letters", SHOULD, VERSION_CASE)
async def test_the_name_of_http_has_capital_letters(wire, page):
    """
    A version in small letters is none.

    Sends:      POSTs with the versions http/1.1 and Http/1.1.
    Observes:   a status of 4xx, 505 or the end of the connection; that the server answers its ping afterwards.
    Look at:    a version that is compared in any case.
    """
    await declined(wire, **lines(wire, page, small=b"POST %s http/1.1", mixed=b"POST %s Http/1.1"))


@spec("http/another-major-version-is-refused", SHOULD, MAJOR)
async def test_another_major_version_is_refused(wire, page):
    """
    HTTP/2.0 and above do not look like this, so a request that does is none of theirs.

    Sends:      POSTs with the versions HTTP/2.0, HTTP/3.0 and HTTP/9.9.
    Observes:   a status of 4xx, 505 or the end of the connection; that the server answers its ping afterwards.
    Look at:    a version that is not looked at, or only compared with 1.1.
    """
    await declined(
        wire, **lines(wire, page, two=b"POST %s HTTP/2.0", three=b"POST %s HTTP/3.0", nine=b"POST %s HTTP/9.9")
    )


@spec("http/a-method-that-is-no-token-is-refused", SHOULD, CLOSES)
async def test_a_method_that_is_no_token_is_refused(wire, page):
    """
    A method is a token.

    Sends:      POSTs whose method has a bracket, a colon, angle brackets, quotes, a control character or a letter
                beyond ASCII in it, or is empty.
    Observes:   a status of 4xx, 501 or the end of the connection; that the server answers its ping afterwards.
    Look at:    a method that is whatever stands before the blank, and comes back in an error page.
    """
    methods = {
        "bracket": b"PO(ST)",
        "colon": b"POST:",
        "angles": b"<POST>",
        "quotes": b'"POST"',
        "control": b"PO\x01ST",
        "latin": b"P\xd6ST",
        "empty": b"",
    }

    await declined(wire, **lines(wire, page, **{name: method + b" %s HTTP/1.1" for name, method in methods.items()}))


@spec("http/a-method-in-small-letters-is-another-method", SHOULD, CASE)
async def test_a_method_in_small_letters_is_another_method(target, wire):
    """
    A page that knows GET need not know "get".

    Sends:      a GET of `ping` with a made-up method, and with "get".
    Observes:   a status of 4xx, 501 or the end of the connection for "get", where the made-up one got that too.
    Look at:    methods that are turned into capital letters: whoever filters them before may not do so.
    """

    async def ask(method):
        conversation = await wire.open()
        conversation.send(bent(wire, target.alive.path, line=method + b" %s HTTP/1.1"))
        return status_of(await conversation.answer_if_any())

    if await ask(b"BREW") not in REFUSALS:
        message = "the page takes whatever method there is"
        raise NotOffered(message)

    assert await ask(b"get") in REFUSALS
    await wire.ping()


@spec("http/odd-request-lines-are-taken-its-own-way", MAY, WHITESPACE, lasts=lambda target: 4 * target.timing.quiet)
async def test_how_odd_request_lines_are_taken(target, wire, clock, page, facts):
    """
    How much whitespace, which versions and which characters of a target a server takes is a fact.

    Sends:      POSTs with more blanks, with tabs, with blanks around the line; with a minor version that nobody has
                written yet; with characters in the target that no URI has.
    Observes:   whether each is read, refused, or waited on for `quiet` seconds.
    """
    given = {
        "two blanks before the target": b"POST  %s HTTP/1.1",
        "two blanks behind the target": b"POST %s  HTTP/1.1",
        "tabs": b"POST\t%s\tHTTP/1.1",
        "a blank before the method": b" POST %s HTTP/1.1",
        "a blank behind the version": b"POST %s HTTP/1.1 ",
        "HTTP/1.2": b"POST %s HTTP/1.2",
        "HTTP/1.9": b"POST %s HTTP/1.9",
        "HTTP/0.9": b"POST %s HTTP/0.9",
        "UTF-8 in the query": "POST %s?\u00e4 HTTP/1.1".encode(),
        "bytes in the query": b"POST %s?\x80\xff HTTP/1.1",
        "angle brackets in the query": b"POST %s?<a> HTTP/1.1",
        "quotes in the query": b'POST %s?"a" HTTP/1.1',
        "a backslash in the query": b"POST %s?a\\b HTTP/1.1",
        "a broken percent sign in the query": b"POST %s?%%zz HTTP/1.1",
        "a fragment": b"POST %s#a HTTP/1.1",
        "a fragment behind a query": b"POST %s?a#b HTTP/1.1",
        "two slashes": b"POST /%s HTTP/1.1",
        "the scheme ftp": b"POST ftp://" + wire.address.authority.encode() + b"%s HTTP/1.1",
        "a URI without a host": b"POST http://%s HTTP/1.1",
        "a URI with a user": b"POST http://user@" + wire.address.authority.encode() + b"%s HTTP/1.1",
        "a made-up method": b"BREW %s HTTP/1.1",
        "a method of 300 letters": b"B" * 300 + b" %s HTTP/1.1",
    }
    facts.update(await outcomes(target, wire, clock, lines(wire, page, **given)))
