"""
Items handed out to workers that the test plays.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.scheduling import Together

#: Two specs of two targets, and two tests that are none.
COLLECTED = [
    "specs/test_cgi.py::cgi/a[one]",
    "specs/test_cgi.py::cgi/a[two]",
    "specs/test_cgi.py::cgi/b[one]",
    "specs/test_cgi.py::cgi/b[two]",
    "test_other.py::test_one",
    "test_other.py::test_two",
]


def target(nodeid: str) -> int | None:
    """Whom an item is for."""
    return {"one]": 1, "two]": 2}.get(nodeid.partition("[")[2])


class Node:
    """A worker that takes what it is given."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name)
        self.given: list[list[str]] = []
        self.shutting_down = False

    def send_runtest_some(self, indices: list[int]) -> None:
        """Have this to do."""
        self.given.append([COLLECTED[index] for index in indices])

    def shutdown(self) -> None:
        """Have no more to do."""
        self.shutting_down = True


def handed_out(*nodes: Node) -> Together:
    """Everything, handed out to these."""
    config: Any = SimpleNamespace(
        getvalue=lambda _: ["popen"] * len(nodes), option=SimpleNamespace(loadscopereorder=True)
    )
    scheduling = Together(config, None, target)
    for node in nodes:
        scheduling.add_node(node)
    for node in nodes:
        scheduling.add_node_collection(node, COLLECTED)
    scheduling.schedule()
    return scheduling


def items(number: int) -> list[str]:
    """All that is for one target."""
    return [item for item in COLLECTED if target(item) == number]


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_all_specs_of_a_target_go_to_one_worker_at_once(workers: int) -> None:
    """Others go where there is room, one by one."""
    nodes = [Node(f"gw{number}") for number in range(workers)]

    handed_out(*nodes)

    given = [some for node in nodes for some in node.given]
    assert [some for some in given if some == items(1)] == [items(1)]
    assert [some for some in given if some == items(2)] == [items(2)]
    assert all(len(some) == 1 for some in given if some not in (items(1), items(2)))


def replaced(scheduling: Together, lost: Node) -> tuple[str | None, Node]:
    """The item that a lost worker was at, and the worker that came in its place."""
    at = scheduling.remove_node(lost)
    new = Node("gw2")
    scheduling.add_node(new)
    scheduling.add_node_collection(new, COLLECTED)
    scheduling.schedule()
    return at, new


def done(scheduling: Together, node: Node, *some: str) -> None:
    """A worker is through with these."""
    for item in some:
        scheduling.mark_test_complete(node, COLLECTED.index(item))


def test_a_target_that_a_lost_worker_had_begun_is_nobody_else_s() -> None:
    """The item that it was at is named, and what waited behind it finds another worker."""
    lost, left = Node("gw0"), Node("gw1")
    scheduling = handed_out(lost, left)
    assert lost.given == [items(1), ["test_other.py::test_one"]]
    done(scheduling, lost, "specs/test_cgi.py::cgi/a[one]")

    at, new = replaced(scheduling, lost)

    assert at == "specs/test_cgi.py::cgi/b[one]"
    assert new.given == [["test_other.py::test_one"]]


def test_a_target_that_a_lost_worker_was_through_with_leaves_nothing_behind() -> None:
    """Whoever is given what is done already would wait for it to be done."""
    lost, left = Node("gw0"), Node("gw1")
    scheduling = handed_out(lost, left)
    done(scheduling, lost, *items(1))

    at, new = replaced(scheduling, lost)

    assert at == "test_other.py::test_one"
    assert new.given == [["test_other.py::test_one"]]


def test_an_idle_worker_was_at_nothing() -> None:
    """Its leaving is no crash."""
    lost, left = Node("gw0"), Node("gw1")
    scheduling = handed_out(lost, left)
    done(scheduling, lost, *items(1), "test_other.py::test_one")

    at, new = replaced(scheduling, lost)

    assert at is None
    assert new.given == []
