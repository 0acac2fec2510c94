"""
From a profile to a running target, on loopback; and down again, whatever went wrong.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from attrs import evolve
from twisted.internet.defer import ensureDeferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import Site

from harness import starting
from harness.clocks import Clock
from harness.errors import UsageError
from harness.probes import Probe
from harness.profiles import Profile, parse
from harness.starting import start
from harness.tables import Server
from harness.targets import Target
from harness.workspaces import Workspace

#: What happened to the context managers of this module.
HAPPENED: list[str] = []


class Page(Resource):
    """Answers every path alike."""

    isLeaf = True  # noqa: N815 - Twisted's name

    def render_GET(self, request: Any) -> bytes:
        """The path; `/missing` is not there, and `/ping` says where our files are."""
        if request.path.startswith(b"/missing"):
            request.setResponseCode(404)
        if request.path == b"/ping":
            return os.environ.get("WEB60_EVENTS", "").encode()
        return bytes(request.path)


def resource(reactor: Any) -> Any:
    """A resource."""
    Logger().info("made a resource")
    return Page()


@asynccontextmanager
async def managed(reactor: Any) -> AsyncIterator[Any]:
    """A context manager."""
    HAPPENED.append("in")
    yield Page()
    HAPPENED.append("out")


def url(reactor: Any) -> Any:
    """A URL of something that was started otherwise."""
    port = reactor.listenTCP(0, Site(Page()), interface="127.0.0.1")
    HAPPENED.append(port)
    return f"http://127.0.0.1:{port.getHost().port}/"


def nonsense(reactor: Any) -> Any:
    """Nothing that could be served."""
    return 5


@asynccontextmanager
async def managed_nonsense(reactor: Any) -> AsyncIterator[Any]:
    """The same, inside something."""
    HAPPENED.append("in")
    yield 5
    HAPPENED.append("out")


@pytest.fixture
def up(loop: Any, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Starts a target that a profile describes; it ends with the test."""
    HAPPENED.clear()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
    running: list[Target] = []

    async def begin(tables: dict[str, Any] | None = None, where: Path | None = None, **server: Any) -> Target:
        given = {"asynchronous": {}} if tables is None else tables
        profile = evolve(parse(given, where or Path()), server=Server(**server))
        running.append(await start(profile, loop, Clock(loop)))
        return running[-1]

    yield begin
    for target in running:
        pytest_twisted.blockon(ensureDeferred(target.stop()))


def workspaces() -> list[Path]:
    """The directories that were made for targets, in a place for temporary files that is this test's own."""
    return list(Path(tempfile.gettempdir()).glob("web60-*"))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("kind", ["resource", "managed"])
async def test_what_a_factory_gives_is_served(up: Any, kind: str) -> None:
    """On a loopback port of its own, until it is stopped; what it may give stands with the factories."""
    target = await up(factory=f"{__name__}:{kind}")

    answer = await Probe(target.clock, target.dialer).get("/hello")
    await target.stop()

    assert answer.body == b"/hello"
    assert target.name == target.url
    assert [one for one in HAPPENED if isinstance(one, str)] == (["in", "out"] if kind == "managed" else [])
    assert "WEB60_EVENTS" not in os.environ


@pytest_twisted.ensureDeferred
async def test_a_factory_may_give_a_url(up: Any) -> None:
    """Of something that it started itself."""
    target = await up(factory=f"{__name__}:url")

    assert (await Probe(target.clock, target.dialer).get("/hello")).body == b"/hello"
    await HAPPENED[0].stopListening()  # type: ignore[attr-defined]


@pytest_twisted.ensureDeferred
async def test_what_is_ours_has_every_witness(up: Any) -> None:
    """Its log, the events of our assets, and the assets themselves."""
    target = await up(factory=f"{__name__}:resource")

    events = (await Probe(target.clock, target.dialer).get("/ping")).text
    Path(events).write_text('{"ev": "start", "id": "a"}\n')  # noqa: ASYNC240 - one line, to a local file
    await target.feed.settle()

    assert target.witnesses == {"log", "asset-events", "files"}
    assert target.assets is not None
    assert (target.assets / "cgi-bin").is_dir()
    assert len(target.feed.of("a")) == 1
    assert any("made a resource" in line.text for line in target.journal.lines.since(0))  # type: ignore[union-attr]


@pytest_twisted.ensureDeferred
async def test_a_server_that_runs_already_has_what_its_profile_says(up: Any, tmp_path: Path) -> None:
    """A log file, an event file and a directory of assets beside the profile."""
    (tmp_path / "server.log").write_text("old\n")
    other = await up(factory=f"{__name__}:resource")

    target = await up(
        {"interrupted": {"done": "/done"}}, tmp_path, url=other.url, log="server.log", events="file:e.jsonl",
        assets=str(tmp_path), name="mine",
    )  # fmt: skip
    (tmp_path / "e.jsonl").write_text('{"ev": "start", "id": "b"}\n')
    await target.feed.settle()

    assert target.witnesses == {"events", "asset-events", "log", "done", "files"}
    assert (target.name, target.assets) == ("mine", tmp_path)
    assert len(target.feed.of("b")) == 1
    assert target.software.startswith("TwistedWeb/")


@pytest_twisted.ensureDeferred
async def test_a_feed_over_http_is_asked_at_the_target(up: Any) -> None:
    """A feed that cannot be had is told to whoever waits."""
    other = await up(factory=f"{__name__}:resource")

    target = await up(url=other.url, events="/missing?since={n}", ping="/missing")
    await target.feed.settle()

    assert target.feed.problem == "the event feed cannot be read: it answers 404"
    assert (target.alive.path, target.alive.status) == ("/", 200)


@pytest_twisted.ensureDeferred
async def test_a_server_without_a_profile_is_looked_at(up: Any) -> None:
    """One that answers everything alike cannot be told apart; then nothing is left running."""
    other = await up(factory=f"{__name__}:resource")

    with pytest.raises(UsageError, match="the server answers 200 whatever the path is"):
        await up({}, url=other.url)


@pytest_twisted.ensureDeferred
async def test_a_probe_tells_what_a_page_answers(up: Any, loop: Any) -> None:
    """Its status; 0 for what is no HTTP."""
    target = await up(factory=f"{__name__}:resource")
    probe = Probe(target.clock, target.dialer)

    there, missing = await probe.status("/x", 5.0), await probe.status("/missing", 5.0)
    await target.stop()

    assert (there, missing) == (200, 404)
    assert await probe.status("/x", 5.0) == 0


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("factory", "said"),
    [
        ("no_such_module_anywhere:make", "cannot import the factory"),
        (f"{__name__}:nonsense", "which is not a resource, a Site, a WSGI application"),
        (f"{__name__}:managed_nonsense", "which is not a resource, a Site, a WSGI application"),
    ],
)
async def test_a_factory_that_cannot_be_used_is_said_so(up: Any, factory: str, said: str) -> None:
    """And nothing is left behind, or inside."""
    with pytest.raises(UsageError, match=said):
        await up(factory=factory)

    assert workspaces() == []
    assert "WEB60_EVENTS" not in os.environ
    assert list(HAPPENED) == (["in", "out"] if "managed" in factory else [])


@pytest_twisted.ensureDeferred
async def test_who_gives_a_workspace_keeps_it(loop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what the server is told of, and not removed with it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    workspace = Workspace.make()
    profile = evolve(parse({"asynchronous": {}}, Path()), server=Server(factory=f"{__name__}:resource"))

    target = await start(profile, loop, Clock(loop), workspace=workspace)
    told = (await Probe(target.clock, target.dialer).get("/ping")).text
    await target.stop()

    assert told == str(workspace.events)
    assert target.assets == workspace.assets
    assert workspaces() == [workspace.directory]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("factory", [None, "no_such_module_anywhere:make"])
async def test_what_makes_a_server_may_be_given_as_it_is(loop: Any, factory: str | None) -> None:
    """It takes the place of the profile's factory."""
    profile = evolve(parse({"asynchronous": {}}, Path()), server=Server(factory=factory))

    target = await start(profile, loop, Clock(loop), make=lambda _: Page())
    answer = await Probe(target.clock, target.dialer).get("/hello")
    await target.stop()

    assert answer.body == b"/hello"


@pytest_twisted.ensureDeferred
async def test_what_makes_nothing_of_use_is_told_by_its_name(loop: Any) -> None:
    """By the function's, where no profile gives another."""
    profile = parse({"asynchronous": {}}, Path())

    with pytest.raises(UsageError, match="the factory nonsense gave 5"):
        await start(profile, loop, Clock(loop), make=nonsense)


@pytest_twisted.ensureDeferred
async def test_a_feed_that_is_found_is_a_witness(loop: Any) -> None:
    """Of a server without a profile; it stands in the profile then."""

    class Site(Resource):
        isLeaf = True  # noqa: N815 - Twisted's name

        def render_GET(self, request: Any) -> bytes:
            if request.path not in (b"/", b"/counter", b"/events"):
                request.setResponseCode(404)
            return b""

    target = await start(Profile(), loop, Clock(loop), make=lambda _: Site())
    await target.stop()

    assert target.profile.server.events == "/events?since={n}"
    assert set(target.profile.pages) == {"session-store"}
    assert "events" in target.witnesses


SERVER = """
import http.server, json, sys
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler)
print("hello from it")
if sys.argv[2:]:
    print("{not json"); print("[]"); print('{"url": "/ping", "status": 200}'); print('{"a":' + "[" * 8000)
    print(json.dumps({"url": "http://127.0.0.1:%d/" % server.server_port}))
server.serve_forever()
"""


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("arguments", [["{port}"], ["0", "ready"]])
async def test_a_command_is_ready_when_it_answers_or_says_so(up: Any, tmp_path: Path, arguments: list[str]) -> None:
    """On the port that we chose, or at the URL of its ready line; in the directory of its profile."""
    (tmp_path / "ping").write_text("pong")

    target = await up(where=tmp_path, command=(sys.executable, "-u", "-c", SERVER, *arguments))
    answer = await Probe(target.clock, target.dialer).get("/ping")
    await target.stop()

    assert answer.body == b"pong"
    assert "log" in target.witnesses
    assert target.journal.lines.since(0)[0].text == "hello from it"  # type: ignore[union-attr]
    assert "SimpleHTTP" in target.software


SHOWS = """
import http.server, os, sys
print(sys.argv[2], os.environ["COLOUR"], "WEB60_EVENTS" in os.environ)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest_twisted.ensureDeferred
async def test_a_command_gets_the_python_and_the_variables_of_its_profile(up: Any, tmp_path: Path) -> None:
    """Beside ours; `{python}` is the Python that the profile names."""
    words = (sys.executable, "-u", "-c", SHOWS, "{port}", "{python}")
    target = await up(where=tmp_path, command=words, python="/opt/python", environment={"COLOUR": "blue"})
    await target.stop()

    assert target.journal.lines.since(0)[0].text == "/opt/python blue True"  # type: ignore[union-attr]
    assert target.python == "/opt/python"


LATE = """
import http.server, json, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        print(json.dumps({"url": "http://127.0.0.1:%s/deeper/" % sys.argv[1]}))
        super().do_GET()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest_twisted.ensureDeferred
async def test_what_a_command_says_counts_although_its_port_answers_first(up: Any, tmp_path: Path) -> None:
    """It says where it is when it is asked: its port answers before we have read the line."""
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "ping").write_text("pong")

    target = await up(where=tmp_path, command=(sys.executable, "-u", "-c", LATE, "{port}"))
    answer = await Probe(target.clock, target.dialer).get("/ping")
    await target.stop()

    assert answer.body == b"pong"


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "import sys; print('no config'); sys.exit(3)",
            r"ended at once with exit code 3: (.|\n)*its last lines:\n  \| no config",
        ),
        (
            "import time; time.sleep(60)",
            r"was not ready within 0\.2 s \(the command has no \{port\}(.|\n)*it printed nothing",
        ),
        ("import time; time.sleep(60) # {port}", r"was not ready within 0\.2 s \(port \d+ does not answer"),
    ],
)
async def test_a_command_that_never_gets_ready_is_said_so(up: Any, tmp_path: Path, code: str, said: str) -> None:
    """With the last lines that it printed; and it is ended."""
    with pytest.raises(UsageError, match=said):
        await up(where=tmp_path, command=(sys.executable, "-c", code), ready_timeout=0.2 if "sleep" in code else 25.0)

    assert workspaces() == []


@pytest_twisted.ensureDeferred
async def test_the_last_lines_of_a_command_are_safe_to_print(up: Any, tmp_path: Path) -> None:
    """Whoever shows the mistake shows them on a terminal."""
    with pytest.raises(UsageError, match=r"\| \\x1b\]0;OWNED\\x07$"):
        await up(where=tmp_path, command=(sys.executable, "-c", "print('\x1b]0;OWNED\x07')"))


@pytest_twisted.ensureDeferred
async def test_nobody_at_a_url_is_said_so(loop: Any) -> None:
    """With the reason."""
    profile = Profile(Server(url=f"http://127.0.0.1:{starting.free_port()}/"))

    with pytest.raises(UsageError, match=r"nothing to test at http://127.0.0.1:\d+/: no connection"):
        await start(profile, loop, Clock(loop))


@pytest_twisted.ensureDeferred
async def test_no_target_at_all_is_said_so(loop: Any) -> None:
    """With what to give."""
    with pytest.raises(UsageError, match="no target: give --url, --command, --factory"):
        await start(Profile(), loop, Clock(loop))
