"""
Mutants of the page behind Basic: how whoever shows no credentials is asked for them, or wrong ones again.
"""

from __future__ import annotations

from typing import Any

from twisted.web.server import Request

from tests.mutants import Reference, mutant, of
from tests.mutants._basic import Guard, challenge, put

#: Who asks for a proof that 401 and a new challenge follow on each wrong login.
REFUSALS = (
    "basic-refuses-a-wrong-password",
    "basic-refuses-the-password-of-another-user",
    "basic-refuses-an-unknown-user",
    "basic-refuses-the-beginning-of-a-password",
    "basic-refuses-an-empty-password",
)


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-challenges-whoever-shows-no-credentials",
        "basic-challenge-names-the-realm",
        *REFUSALS,
    )
)
def challenges_without_a_realm(reference: Reference) -> None:
    """The challenge is the name of the scheme, and nothing more."""
    put(reference, Guard(offer=b"Basic"))


@mutant(*of("http-auth", "basic-challenge-names-the-realm"))
def names_its_host_as_the_realm(reference: Reference) -> None:
    """The realm is the host that was asked, whatever it was set to."""

    def asked(request: Request) -> bytes:
        return challenge(request, offer=b'Basic realm="%s"' % (request.getRequestHostname(),))

    put(reference, Guard(asked=asked))


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-challenges-whoever-shows-no-credentials",
        "basic-challenge-names-the-realm",
        *REFUSALS,
    )
)
def forgets_the_quotes(reference: Reference) -> None:
    """The realm has blanks in it and stands in no quotes."""
    put(reference, Guard(offer=b"Basic realm=The homes of web60"))


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-challenges-whoever-shows-no-credentials",
        "basic-challenge-names-the-realm",
        *REFUSALS,
    )
)
def hides_the_scheme_from_browsers(reference: Reference) -> None:
    """The scheme is called xBasic, so that no browser opens its window."""
    put(reference, Guard(offer=b'xBasic realm="web60"'))


@mutant(
    *of(
        "http-auth",
        "basic-refusal-of-head-has-no-body",
        "basic-preconditions-open-nothing",
        "basic-pipelined-logins-are-told-apart",
        "basic-other-fields-open-nothing",
        "basic-logins-at-once-are-told-apart",
        "basic-challenges-whoever-shows-no-credentials",
        "basic-credentials-count-for-one-request",
    )
)
def forbids_instead_of_asking(reference: Reference) -> None:
    """Without credentials the answer is 403, with a challenge that nobody will look at."""
    put(reference, Guard(asked=lambda request: challenge(request, 403)))


@mutant(
    *of(
        "http-auth",
        "basic-refusal-of-head-has-no-body",
        "basic-preconditions-open-nothing",
        "basic-pipelined-logins-are-told-apart",
        "basic-other-fields-open-nothing",
        "basic-no-spelling-of-the-path-opens-it",
        "basic-logins-at-once-are-told-apart",
        "basic-every-method-is-protected",
        "basic-challenges-whoever-shows-no-credentials",
        "basic-challenge-names-the-realm",
        "basic-credentials-count-for-one-request",
    )
)
def asks_with_a_form(reference: Reference) -> None:
    """Without credentials there is a form to log in, with status 200."""
    put(reference, Guard(asked=lambda _: b"<form method=post><input name=user><input name=password></form>"))


@mutant(*of("http-auth", "basic-refusal-of-head-has-no-body", "basic-challenges-whoever-shows-no-credentials"))
def guards_get_alone(reference: Reference) -> None:
    """The protection is one of GET, as by a careless <Limit GET>."""

    class Careless(Guard):
        def render(self, request: Request) -> Any:
            return super().render(request) if request.method == b"GET" else self.home(request, b"nobody")

    put(reference, Careless())


@mutant(
    *of(
        "http-auth",
        "basic-refuses-names-beyond-ascii",
        "basic-pipelined-logins-are-told-apart",
        "basic-logins-at-once-are-told-apart",
        "basic-connection-serves-on-after-a-refusal",
        *REFUSALS,
    )
)
def forbids_a_wrong_login(reference: Reference) -> None:
    """A wrong login is answered 403, so that no browser asks again."""
    put(reference, Guard(refused=lambda request: challenge(request, 403)))


@mutant(*of("http-auth", "basic-refuses-names-beyond-ascii", *REFUSALS))
def challenges_only_once(reference: Reference) -> None:
    """A wrong login is answered 401 without a new challenge."""

    def refused(request: Request) -> bytes:
        request.setResponseCode(401)
        return b"Wrong user or password\n"

    put(reference, Guard(refused=refused))


@mutant(*of("http-auth", "basic-refuses-an-empty-password"))
def calls_an_empty_password_a_bad_request(reference: Reference) -> None:
    """A login without a password fails the check of required parameters with 400."""

    class Requiring(Guard):
        def refused(self, request: Request) -> bytes:
            _, password = self.login(request.getHeader(b"authorization") or b"") or (b"", b"-")
            return challenge(request, 401 if password else 400)

    put(reference, Requiring())
