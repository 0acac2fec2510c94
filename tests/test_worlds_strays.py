"""
Uses of the global reactor in a world: told with the server's own line, and without consequences.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import LoopingCall, deferLater
from twisted.internet.threads import deferToThread, deferToThreadPool
from twisted.web.resource import Resource
from twisted.web.server import Session, Site

from harness.clocks import gather
from harness.errors import Stuck
from harness.worlds import World
from harness.worlds.strays import _WAYS


def told(world: World) -> list[str]:
    """The uses that were found."""
    return [str(stray) for stray in world.strays.found]


def line(function: Callable[..., Any], number: int = 2) -> str:
    """How a line of a function is told: the first below its docstring unless given."""
    return f"test_worlds_strays.py:{function.__code__.co_firstlineno + number} ({function.__name__})"


async def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives while a world runs."""
    return function(*arguments)


async def waited(function: Callable[..., Any], *arguments: Any) -> Any:
    """What comes of it in the end."""
    return await function(*arguments)


# What servers do.


def later(reactor: Any) -> Any:
    """It comes later."""
    return reactor.callLater(5.0, list)


def looping(reactor: Any) -> Any:
    """It comes again and again, on the clock that Twisted takes by itself."""
    return LoopingCall(list).start(5.0)


def delaying(reactor: Any) -> Any:
    """A page that answers later."""
    return deferLater(reactor, 5.0)


def listening(reactor: Any) -> Any:
    """A second port."""
    return reactor.listenTCP(0, Factory.forProtocol(Protocol), interface="127.0.0.1")


def pooling(reactor: Any) -> Any:
    """The usual threads."""
    return reactor.getThreadPool()


def threading_out(reactor: Any) -> Any:
    """Work in the usual threads."""
    return deferToThread(list)


def session(reactor: Any) -> Any:
    """A session of Twisted's that ends by itself, in a site that was not given a reactor."""
    return Session(Site(Resource()), b"uid").startCheckingExpiration()


@pytest.mark.parametrize(
    ("server", "way"),
    [
        (later, "callLater"),
        (looping, "callLater"),
        (delaying, "callLater"),
        (session, "callLater"),
        (pooling, "getThreadPool"),
        (threading_out, "getThreadPool"),
    ],
)
def test_a_use_is_told_with_the_servers_own_line(world: World, loop: Any, server: Any, way: str) -> None:
    """Not with Twisted's, through which it went."""
    world.run(called(server, loop))

    assert f"reactor.{way} at {line(server)}" in told(world)
    assert world.strays.told().startswith("; the server used the global reactor, whose time stands still here, ")
    assert world.strays.told().endswith(", ".join(told(world)))


def test_where_no_line_is_the_servers_own_twisteds_is_told(world: World, loop: Any) -> None:
    """A site that was given no reactor takes the one that everybody takes; the server's own lines come first."""

    async def serves() -> None:
        world.listenTCP(0, Site(Resource()))
        later(loop)

    world.run(serves())

    assert told(world) == [
        "reactor.callLater by Twisted's HTTPFactory, which was given no reactor",
        f"reactor.callLater at {line(later)}",
    ]
    assert world.strays.told().endswith(", ".join(reversed(told(world))))


def test_a_listening_server_is_told(world: World, loop: Any) -> None:
    """It would be on a real port."""
    port = world.run(called(listening, loop))
    port.stopListening()

    assert told(world) == [f"reactor.listenTCP at {line(listening)}"]


def test_each_line_is_told_once(world: World, loop: Any) -> None:
    """However often it is used."""

    async def twice() -> None:
        for _ in range(10):
            later(loop)
        looping(loop)

    world.run(twice())

    assert told(world) == [f"reactor.callLater at {line(later)}", f"reactor.callLater at {line(looping)}"]


def test_who_uses_the_given_reactor_is_not_told(world: World) -> None:
    """That is what it is there for."""
    world.run(called(later, world))

    assert told(world) == []
    assert world.strays.told() == ""


def test_who_waits_for_the_global_reactor_is_told_why_in_vain(world: World, loop: Any) -> None:
    """Its time stands still."""
    with pytest.raises(Stuck) as caught:
        world.run(waited(delaying, loop))

    assert str(caught.value).startswith("nothing can happen any more; the server used the global reactor")
    assert str(caught.value).endswith(f"reactor.callLater at {line(delaying)}")


def test_a_function_in_a_thread_of_the_global_reactor_is_told(world: World, loop: Any) -> None:
    """It is run, but its result never comes."""
    with pytest.raises(Stuck, match=r"reactor\.getThreadPool at test_worlds_strays\.py"):
        world.run(waited(threading_out, loop))


def test_a_thread_that_calls_the_global_reactor_gets_an_error(world: World, loop: Any) -> None:
    """It would wait for its answer for ever otherwise: so WSGI does with a reactor that was not given."""

    def from_thread() -> None:
        """Ask the wrong one."""
        loop.callFromThread(list)

    async def runs() -> None:
        await deferToThreadPool(world, world.getThreadPool(), from_thread)

    with pytest.raises(RuntimeError, match="the global reactor does not run; the server used the global reactor"):
        world.run(runs())
    assert told(world) == [f"reactor.callFromThread at {line(from_thread)}"]


def test_what_others_do_is_not_told(world: World, loop: Any) -> None:
    """A thread that is none of the world's may use the reactor that is its own."""
    done: list[Any] = []

    async def meanwhile() -> None:
        thread = threading.Thread(target=lambda: done.append(loop.callFromThread(list)))
        thread.start()
        thread.join()

    world.run(meanwhile())

    assert (told(world), done) == ([], [None])


def test_what_was_to_come_there_is_called_off_with_the_world(loop: Any) -> None:
    """Nothing of it happens in the run of another."""
    before = set(loop.getDelayedCalls())
    with World() as world:
        kept: list[Any] = world.run(gather(called(later, loop), called(later, loop)))
        kept[0].cancel()
        during = set(loop.getDelayedCalls()) - before

    assert kept[1] in during
    assert set(loop.getDelayedCalls()) <= before


def test_the_reactor_is_as_before_when_a_run_is_over(world: World, loop: Any) -> None:
    """Also when it ends with an exception."""
    before = {way: getattr(loop, way) for way in _WAYS}
    during: list[bool] = []

    async def looks() -> None:
        during.append(any(getattr(loop, way) == before[way] for way in _WAYS))
        raise KeyError

    with pytest.raises(KeyError):
        world.run(looks())
    with pytest.raises(Stuck):
        world.run(Deferred())

    assert during == [False]
    assert {way: getattr(loop, way) for way in _WAYS} == before
    assert not set(_WAYS) & set(vars(loop))


def test_what_somebody_has_put_into_the_reactor_stays_there(
    world: World, loop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a test that wants to see its calls."""

    def mine(*arguments: Any) -> None:
        """Do nothing."""

    monkeypatch.setattr(loop, "listenSSL", mine)
    try:
        world.run(called(list))
        assert loop.listenSSL is mine
    finally:
        # Without this the patch could not be undone.
        loop.listenSSL = mine


def test_a_world_may_run_within_another(world: World, loop: Any) -> None:
    """The outer one looks out still, when the inner one has run."""

    async def outer() -> None:
        with World() as inner:
            inner.run(called(list))
        later(loop).cancel()

    world.run(outer())

    assert len(told(world)) == 1
