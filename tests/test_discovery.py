"""
Which pages a server without a profile has.
"""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from harness import tables
from harness.discovery import discover
from harness.errors import UsageError
from harness.profiles import Profile
from harness.tables import PAGES


class Server:
    """Answers a status for each path, and another for all that it does not know."""

    def __init__(self, otherwise: int | None = 404, **pages: int | None) -> None:
        self.pages = pages
        self.otherwise = otherwise
        self.asked: list[str] = []

    async def status(self, path: str, within: float) -> int | None:
        """See `harness.discovery.Status`."""
        self.asked.append(path)
        return self.pages.get(path.partition("?")[0].strip("/").replace("/", "_").replace("-", "_"), self.otherwise)


async def found(server: Server, events: str | None = None) -> tuple[dict[str, Any], str | None]:
    """The tables and the feed that are found."""
    profile = await discover(Profile(tables.Server(name="mine", events=events)), server.status)
    assert profile.server.name == "mine"
    return profile.pages, profile.server.events


@pytest_twisted.ensureDeferred
async def test_a_page_that_answers_at_its_usual_path_is_there() -> None:
    """One that takes its time (None) as well; a refusal or an error of the server's is an answer."""
    pages, feed = await found(Server(asynchronous=None, counter=200, logme=500))

    assert set(pages) == {"asynchronous", "session-store", "session-endings"}
    assert feed is None


@pytest_twisted.ensureDeferred
async def test_of_a_page_only_what_answers_is_offered() -> None:
    """Optional paths are asked one by one."""
    pages, _ = await found(Server(interrupted=None, interrupted_stream=200))

    assert pages["interrupted"].stream == "/interrupted/stream?id={id}"
    assert pages["interrupted"].done is None


@pytest_twisted.ensureDeferred
async def test_either_way_to_log_in_is_a_page() -> None:
    """The other is then not offered."""
    pages, _ = await found(Server(auth_digest=401))

    assert (pages["http-auth"].basic, pages["http-auth"].digest) == (None, "/auth/digest/")


@pytest_twisted.ensureDeferred
async def test_a_directory_of_ours_shows_by_one_of_its_files() -> None:
    """What a directory itself answers is the server's own affair."""
    pages, _ = await found(Server(**{"cgi_bin_date_example.sh": 200, "rpy": 200}))

    assert set(pages) == {"cgi"}
    assert pages["cgi"].filtered is None


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("feed", "given", "wanted"), [(200, None, "/events?since={n}"), (500, None, None), (200, "/mine", "/mine")]
)
async def test_a_feed_of_events_is_found_too(feed: int, given: str | None, wanted: str | None) -> None:
    """Unless one was named."""
    _, events = await found(Server(asynchronous=200, events=feed), given)

    assert events == wanted


@pytest_twisted.ensureDeferred
async def test_what_the_server_says_to_nonsense_is_no_page() -> None:
    """Some say 403 to whatever they do not know."""
    pages, _ = await found(Server(403, counter=200))

    assert set(pages) == {"session-store"}


@pytest_twisted.ensureDeferred
async def test_a_server_that_answers_everything_cannot_be_told_apart() -> None:
    """It needs a profile."""
    with pytest.raises(UsageError, match="the server answers 200 whatever the path is"):
        await found(Server(200))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("otherwise", [404, 0])
async def test_no_page_at_all_is_an_error(otherwise: int) -> None:
    """Green is never vacuous; the message says where was looked. 0: it answers no HTTP."""
    with pytest.raises(UsageError, match="none of the usual pages answers here") as caught:
        await found(Server(otherwise))

    assert "/asynchronous?id={id}" in str(caught.value)
    assert str(caught.value).count(", ") == len(PAGES) - 1


@pytest_twisted.ensureDeferred
async def test_what_is_no_path_is_not_asked_for() -> None:
    """How long something lives cannot be seen at once: it is as the contract has it."""
    server = Server(session=200, auth_basic=401)

    pages, _ = await found(server)

    assert (pages["session-basics"].lifetime, pages["http-auth"].lifetime) == (900.0, 900.0)
    assert all(path.startswith("/") for path in server.asked)


@pytest_twisted.ensureDeferred
async def test_a_lifetime_alone_is_no_page() -> None:
    """Somebody must be able to log in."""
    pages, _ = await found(Server(counter=200))

    assert "http-auth" not in pages
