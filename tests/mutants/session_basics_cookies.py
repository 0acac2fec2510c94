"""
Mutants of the session page: how its cookie is made, sent, and found among others.
"""

from __future__ import annotations

import random
import re
import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from twisted.web.server import NOT_DONE_YET

from tests.mutants import Mutant, Reference, mutant, of
from tests.mutants._sessions import COOKIE, identify, put, show


def _read_by(reference: Reference, read: Callable[[str], object]) -> None:
    """Have `read` read the Cookie field first, which may raise; it gives the session's cookie, None for Twisted's."""

    def asked(request: Any) -> Any:
        found = read((request.getHeader(b"cookie") or b"").decode("latin-1"))
        if found is not None:
            request.received_cookies[COOKIE] = str(found).encode("latin-1")
        return show(request)

    put(reference, show=asked)


# Where it stands.


@mutant(*of("session-basics", "other-cookies-do-not-hide-the-session"))
def finds_only_the_first_cookie(reference: Reference) -> None:
    """The session's cookie is looked for at the beginning of the field only."""
    _read_by(reference, lambda text: (re.match(r"TWISTED_SESSION=(\w+)", text) or ["", ""])[1])


@mutant(*of("session-basics", "other-cookies-do-not-hide-the-session"))
def takes_all_that_follows_for_the_id(reference: Reference) -> None:
    """The ID is what stands between the cookie's name and the end of the field."""
    _read_by(reference, lambda text: text.partition("TWISTED_SESSION=")[2])


@mutant(*of("session-basics", "other-cookies-do-not-hide-the-session"))
def reads_twenty_cookies(reference: Reference) -> None:
    """Of the cookies only the first twenty are read."""

    def read(text: str) -> str:
        pairs = [pair.partition("=") for pair in text.split("; ")[:20]]
        return {name: value for name, _, value in pairs}.get("TWISTED_SESSION", "")

    _read_by(reference, read)


# What stands beside it.


def _breaking(reference: Reference, read: Callable[[str], object]) -> None:
    """Have `read` read the field as well, for nothing but that it may raise."""

    def only(text: str) -> None:
        read(text)

    _read_by(reference, only)


@mutant(*of("session-basics", "garbage-cookies-do-no-harm", "who-sends-garbage-is-alone"))
def wants_an_equals_sign_in_each_cookie(reference: Reference) -> None:
    """Each cookie is split into a name and a value, which breaks where there are not two parts."""
    _breaking(reference, lambda text: [pair.split("=", 1)[1] for pair in text.split(";") if pair.strip()])


@mutant(*of("session-basics", "garbage-cookies-do-no-harm"))
def wants_one_equals_sign_in_each_cookie(reference: Reference) -> None:
    """Each cookie is split at every equals sign, which breaks where there are more than one."""

    def read(text: str) -> None:
        for pair in text.split(";"):
            if "=" in pair:
                _name, _value = pair.split("=")

    _breaking(reference, read)


@mutant(*of("session-basics", "garbage-cookies-do-no-harm"))
def wants_cookies_in_ascii(reference: Reference) -> None:
    """Foreign bytes in the Cookie field are an error that nobody catches."""
    _breaking(reference, lambda text: text.encode("ascii"))


@mutant(*of("session-basics", "garbage-cookies-do-no-harm"))
def wants_cookies_in_utf_8(reference: Reference) -> None:
    """Cookies are percent-decoded, and what comes out must be UTF-8."""
    _breaking(reference, lambda text: unquote(text, errors="strict"))


@mutant(*of("session-basics", "garbage-cookies-do-no-harm"))
def wants_quotes_to_be_closed(reference: Reference) -> None:
    """The Cookie field is read as a shell reads its words, which breaks where a quote stays open."""
    _breaking(reference, lambda text: shlex.split(text.replace("\\", "")))


@mutant(*of("session-basics", "garbage-cookies-do-no-harm"))
def wants_something_to_be_escaped(reference: Reference) -> None:
    """Backslashes escape what follows, which breaks where nothing does."""
    _breaking(reference, lambda text: [text[found.end()] for found in re.finditer(r"\\(.?)", text) if not found[1]])


@mutant(
    *of("session-basics", "garbage-cookies-do-no-harm", "who-sends-garbage-is-alone", "an-empty-value-is-no-session")
)
def wants_values_not_to_be_empty(reference: Reference) -> None:
    """The first character of a value is looked at, which breaks where there is none."""
    _breaking(reference, lambda text: [pair.split("=", 1)[1][0] for pair in text.split(";") if "=" in pair])


@mutant(*of("session-basics", "many-and-long-cookies-do-no-harm"))
def has_room_for_fifty_cookies(reference: Reference) -> None:
    """More cookies than a browser must keep for a site are an error of the server's."""

    def read(text: str) -> None:
        table = [""] * 50
        for number, pair in enumerate(text.split(";")):
            table[number] = pair

    _breaking(reference, read)


@mutant(*of("session-basics", "many-and-long-cookies-do-no-harm"))
def has_room_for_short_cookies(reference: Reference) -> None:
    """A cookie longer than a browser must keep is an error of the server's."""
    _breaking(reference, lambda text: bytearray(4096 + 256 - len(text)))


@mutant(*of("session-basics", "many-and-long-cookies-do-no-harm"))
def forgets_to_answer_long_cookies(reference: Reference) -> None:
    """Who sends a cookie longer than a browser must keep is left without an answer."""

    def unanswered(request: Any) -> Any:
        return NOT_DONE_YET if len(request.getHeader(b"cookie") or b"") > 4096 + 256 else show(request)

    put(reference, show=unanswered)


# How it is made.


@mutant(*of("session-basics", "ids-are-unguessable"))
def counts_its_sessions(reference: Reference) -> None:
    """The ID is the session's number."""
    numbers = iter(range(1000, 10**6))
    identify(reference, lambda: b"%d" % next(numbers))


@mutant(*of("session-basics", "ids-are-unguessable"))
def makes_the_id_of_time_and_number(reference: Reference) -> None:
    """The ID is made of the time, the process and a number, in 32 characters."""
    numbers = iter(range(10**6))
    identify(reference, lambda: b"%016x%08x%08x" % (int(reference.reactor.seconds() * 1e6), 4711, next(numbers)))


@mutant(*of("session-basics", "ids-are-unguessable"))
def draws_sixteen_digits(reference: Reference) -> None:
    """The ID is random, but a number of sixteen digits."""
    chance = random.Random("sixteen")
    identify(reference, lambda: b"%016d" % chance.randrange(10**16))


@mutant(
    *of("session-basics", "ids-are-unguessable"), *of("session-endings", "in-a-crowd-each-session-ends-at-its-own-time")
)
def draws_an_id_again(reference: Reference) -> None:
    """The random numbers come from a generator that was seeded with one of 32,768 process IDs."""
    chance = random.Random("seeds")
    identify(reference, lambda: b"%064x" % random.Random(chance.randrange(32_768)).getrandbits(256))


@mutant(
    *of(
        "session-basics",
        "without-the-cookie-the-id-is-another",
        "each-jar-has-an-id-of-its-own",
        "the-id-belongs-to-the-cookie-not-the-connection",
        "expiring-gives-a-new-id",
        "expiring-mine-leaves-yours",
        "expiring-twice-does-no-harm",
        "an-expired-cookie-stays-dead",
        "an-invented-id-is-not-adopted",
        "ids-are-unguessable",
        "garbage-of-others-leaves-the-session-alone",
        "who-sends-garbage-is-alone",
        "an-empty-value-is-no-session",
        "an-ended-session-comes-back-for-nobody",
    ),
    *of("session-store", "each-session-counts-for-itself", "first-visits-together-are-each-the-first"),
    *of(
        "session-endings",
        "every-schedule-of-visits-ends-each-session-at-its-time",
        "in-a-crowd-each-session-ends-at-its-own-time",
        "in-a-crowd-each-ending-is-told-at-its-own-time",
    ),
)
def seeds_its_chance_with_the_second(reference: Reference) -> None:
    """Each ID is drawn by a generator that is seeded with the time, in whole seconds."""
    identify(reference, lambda: b"%064x" % random.Random(int(reference.reactor.seconds())).getrandbits(256))


# How it is sent.


class _BehindProxy(Mutant):
    """A mutant that people reach by https, through a proxy that speaks TLS for it; memory has the inside of that."""

    def __call__(self, reactor: Any) -> Any:
        port = reactor.listenTCP(0, super().__call__(reactor), interface="127.0.0.1")
        return f"https://127.0.0.1:{port.getHost().port}/"


def _behind_proxy(one: Mutant) -> Mutant:
    return _BehindProxy(one.breaks, one.caught_by, one.claims, one.clock)


@_behind_proxy
@mutant(*of("session-basics", "over-https-the-cookie-is-secure"))
def takes_https_for_http(reference: Reference) -> None:
    """It is reached through a proxy that speaks TLS for it, and makes cookies as if people came by plain http."""


@mutant(*of("session-basics", "many-and-long-cookies-do-no-harm"))
def accepts_nobody_after_a_long_cookie(reference: Reference) -> None:
    """A cookie of more than 4 KB is answered; then the server has no memory left, and accepts nobody any more."""
    site: Any = reference.site

    def greedy(request: Any) -> bytes:
        if len(request.getHeader(b"cookie") or b"") > 4096:
            site.buildProtocol = lambda _: None
        return show(request)

    put(reference, show=greedy)
