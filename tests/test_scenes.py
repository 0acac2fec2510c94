"""
Scenes: a world for each, with a server that nobody has used before.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import globalLogPublisher
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from harness.errors import UsageError
from harness.probes import Probe
from harness.profiles import Profile, parse
from harness.scenes import Scene, Scenes
from harness.tables import Server
from harness.timing import EXACT
from harness.worlds.reactor import BEGINS


class Counter(Resource):
    """Counts the requests that each server has had, and says where its files are."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def __init__(self, reactor: Any) -> None:
        super().__init__()
        self.reactor = reactor
        self.asked: list[str] = []
        self.environment = os.environ.get("WEB60_EVENTS", "")

    def render_GET(self, request: Any) -> bytes:
        """How many requests there were; what is no page of ours is not there."""
        self.asked.append(request.path.decode())
        if request.path not in (b"/", b"/ping", b"/counter", b"/session"):
            request.setResponseCode(404)
        return b"Visit #%d" % len(self.asked)


class Makes:
    """A factory that remembers what it has made, and may be used only so often."""

    def __init__(self, most: int = 1000) -> None:
        self.most = most
        self.made: list[Counter] = []

    def __call__(self, reactor: Any) -> Counter:
        """See the contract."""
        if len(self.made) == self.most:
            message = "the database is open already"
            raise RuntimeError(message)
        self.made.append(Counter(reactor))
        return self.made[-1]


def make(reactor: Any) -> Any:
    """A factory that can be named."""
    return Counter(reactor)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for temporary files that is this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def makes() -> Makes:
    """A factory of this test's own."""
    return Makes()


@pytest.fixture
def scenes(makes: Makes) -> Iterator[Scenes]:
    """Scenes with what that factory makes, for a profile with one page."""
    scenes = Scenes(parse({"session-store": {}}, Path()), makes)
    yield scenes
    scenes.close()


@pytest.fixture
def tidy() -> Iterator[Callable[[], bool]]:
    """Tells whether the environment and the observers of the log are as before; they are afterwards."""

    def state() -> tuple[dict[str, str], list[Any]]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return mine, list(globalLogPublisher._observers)

    environment, observers = state()

    yield lambda: state() == (environment, observers)

    for name in set(os.environ) - set(environment):
        if not name.startswith("PYTEST_"):
            del os.environ[name]
    os.environ.update(environment)
    globalLogPublisher._observers[:] = observers


async def get(scene: Scene, path: str) -> str:
    """What a page answers in a scene."""
    return (await Probe(scene.clock, scene.target.dialer).get(path)).text


def test_each_scene_has_a_server_of_its_own(scenes: Scenes, makes: Makes) -> None:
    """What one has seen the next has not."""
    found = []
    for _ in range(3):
        with scenes.opened() as scene:
            before = len(makes.made[-1].asked)
            found.append((before, scene.world.run(get(scene, "/counter"))))

    assert len({id(server) for server in makes.made}) == 3
    assert found == [(before, f"Visit #{before + 1}") for before in [found[0][0]] * 3]


def test_each_scene_has_a_world_of_its_own(scenes: Scenes, makes: Makes) -> None:
    """Its server is given that, its time begins anew, and it is over with the scene."""
    worlds = []
    for _ in range(2):
        with scenes.opened() as scene:
            assert scene.clock.now() == scene.world.seconds() == BEGINS
            assert makes.made[-1].reactor is scene.world
            scene.world.run(scene.clock.sleep(3600.0))
            worlds.append(scene.world)

    assert worlds[0] is not worlds[1]
    assert not any(world.running for world in worlds)


def test_a_scene_is_over_whatever_happens_in_it(scenes: Scenes) -> None:
    """And the next one opens as if nothing had been."""
    with pytest.raises(KeyError), scenes.opened() as scene:  # noqa: PT012 - it is raised inside
        world = scene.world
        raise KeyError

    assert not world.running
    assert "WEB60_EVENTS" not in os.environ
    with scenes.opened() as scene:
        assert scene.world.run(get(scene, "/counter")).startswith("Visit #")


def test_a_context_manager_is_left_with_its_scene() -> None:
    """In the time of its own world."""
    happened: list[str] = []

    @asynccontextmanager
    async def managed(reactor: Any) -> AsyncIterator[Any]:
        happened.append("in")
        yield Counter(reactor)
        happened.append("out")

    scenes = Scenes(parse({"session-store": {}}, Path()), managed)
    with scenes.opened():
        inside = list(happened)
    scenes.close()

    assert (inside, happened) == (["in"], ["in", "out"])


# What is known of the server.


def test_a_server_without_a_profile_is_looked_at_once(makes: Makes) -> None:
    """What was found holds for the scenes that follow."""
    scenes = Scenes(Profile(), makes)

    target = scenes.first()
    with scenes.opened() as scene:
        pages = scene.target.profile.pages
    scenes.close()

    assert set(target.profile.pages) == set(pages) == {"session-store", "session-basics"}
    assert len(makes.made) == 2
    assert len(makes.made[0].asked) > len(pages)
    assert set(makes.made[1].asked) <= {"/", "/ping"}


def test_a_profile_is_exact(makes: Makes) -> None:
    """Whether it was written or found out."""
    written = Scenes(parse({"session-endings": {}, "timing": {"slack": 2.0}}, Path()), makes)
    found = Scenes(Profile(), makes)

    both = (written.first().profile, found.first().profile)
    written.close()
    found.close()

    assert {profile.timing.slack for profile in both} == {EXACT}
    assert both[0].pages["session-endings"].slack == EXACT


def test_a_server_may_be_named_by_its_profile() -> None:
    """As for `--factory`."""
    scenes = Scenes(
        evolve(parse({"session-store": {}}, Path()), server=Server(factory=f"{__name__}:make", name="mine"))
    )

    target = scenes.first()
    scenes.close()

    assert target.name == "mine"
    assert target.software.startswith("TwistedWeb/")


# What the server is given.


def test_all_servers_share_a_workspace(scenes: Scenes, makes: Makes, place: Path) -> None:
    """Which is empty of events when a scene begins, and gone in the end; a second end does nothing."""
    left = []
    for _ in range(2):
        with scenes.opened():
            events = Path(makes.made[-1].environment)
            left.append(events.read_text() if events.exists() else "")
            events.write_text('{"ev": "start", "id": "a"}\n')
    during = list(place.iterdir())
    scenes.close()
    scenes.close()

    assert left == ["", ""]
    assert len(during) == 1
    assert {Path(server.environment).parent for server in makes.made} == set(during)
    assert list(place.iterdir()) == []


def test_the_same_again_has_a_workspace_of_its_own(scenes: Scenes, makes: Makes, place: Path) -> None:
    """For somebody who opens scenes at the same time; what was found out stays known."""
    scenes.first()

    other = scenes.again()
    with other.opened():
        pass
    during = len(list(place.iterdir()))
    other.close()

    assert other.profile is scenes.profile
    assert during == 2
    assert [path.name for path in place.iterdir()] == [scenes.workspace.directory.name]


# What cannot be.


@pytest.mark.parametrize(
    "server",
    [Server(url="http://127.0.0.1:8080/"), Server(command=("serve", "{port}")), Server()],
    ids=["url", "command", "nothing"],
)
def test_virtual_time_is_for_what_is_built_here(server: Server, place: Path) -> None:
    """It says what to give; nothing is left behind."""
    with pytest.raises(UsageError, match=r"virtual time is for a server that is built in this process: give --factory"):
        Scenes(evolve(Profile(), server=server))

    assert list(place.iterdir()) == []


@pytest.mark.parametrize("server", [Server(url="http://127.0.0.1:8080/"), Server(command=("serve", "{port}"))])
def test_what_runs_elsewhere_is_not_built_here(server: Server, makes: Makes) -> None:
    """Not even with something to build."""
    with pytest.raises(UsageError, match="what runs elsewhere keeps real time"):
        Scenes(evolve(Profile(), server=server), makes)


def test_a_server_that_can_be_built_only_once_is_said_so() -> None:
    """When it is to be built again."""
    makes = Makes(most=1)
    scenes = Scenes(parse({"session-store": {}}, Path()), makes)
    scenes.first()

    with pytest.raises(UsageError, match=r"the factory .* failed: RuntimeError: the database is open already"):
        scenes.first()

    scenes.close()
    assert "WEB60_EVENTS" not in os.environ


def test_a_server_that_never_answers_is_nothing_to_test() -> None:
    """That is known at once."""

    class Silent(Resource):
        isLeaf = True  # noqa: N815 - Twisted's name

        def render_GET(self, request: Any) -> int:
            return NOT_DONE_YET

    scenes = Scenes(parse({"session-store": {}}, Path()), lambda _: Silent())

    with pytest.raises(
        UsageError, match=r"nothing to test at http://127\.0\.0\.1:8080/: .*nothing can happen any more"
    ):
        scenes.first()
    scenes.close()


def test_a_factory_that_is_never_done_is_said_so(tidy: Callable[[], bool]) -> None:
    """Instead of waiting for it for ever."""
    scenes = Scenes(parse({"session-store": {}}, Path()), lambda _: Deferred())

    with pytest.raises(
        UsageError, match=r"^the factory gives no server: nothing can happen any more, and it still waits for something"
    ):
        scenes.first()
    scenes.close()

    assert tidy()


def test_what_was_entered_is_left_though_nothing_comes_of_it(tidy: Callable[[], bool]) -> None:
    """And to leave may take its time."""
    happened: list[str] = []

    @asynccontextmanager
    async def managed(reactor: Any) -> AsyncIterator[Any]:
        yield Deferred()
        await deferLater(reactor, 1.0)
        happened.append("out")

    scenes = Scenes(parse({"session-store": {}}, Path()), managed)

    with pytest.raises(UsageError, match="the factory gives no server: nothing can happen any more"):
        scenes.first()
    scenes.close()

    assert happened == ["out"]
    assert tidy()


def test_who_is_never_let_in_is_said_so(tidy: Callable[[], bool]) -> None:
    """A context manager that waits for what never comes; what it had taken it gives back."""
    happened: list[str] = []

    @asynccontextmanager
    async def managed(reactor: Any) -> AsyncIterator[Any]:
        try:
            await Deferred()
            yield Counter(reactor)
        finally:
            happened.append("out")

    scenes = Scenes(parse({"session-store": {}}, Path()), managed)

    with pytest.raises(UsageError, match="the factory gives no server: nothing can happen any more"):
        scenes.first()
    scenes.close()

    assert happened == ["out"]
    assert tidy()
