"""
The events: numbered, remembered within bounds, folded with what scripts append, and told over HTTP.
"""

import json
import os
from pathlib import Path

import pytest

from reference_impl import events as module
from reference_impl.events import Recorder, forget_file, shared_file


def test_events_are_numbered_from_one_and_dated_by_the_reactor(world, events):
    """`seq` starts at 1; `t` is the given reactor's time."""
    events.record("start", "a")
    world.advance(2)
    events.record("done", "a")
    assert list(events.since(0)) == [
        {"seq": 1, "t": 0.0, "ev": "start", "id": "a"},
        {"seq": 2, "t": 2.0, "ev": "done", "id": "a"},
    ]


@pytest.mark.parametrize(("since", "seen"), [(0, [3, 4, 5]), (3, [4, 5]), (5, []), (9, [])])
def test_old_events_are_forgotten_and_numbers_go_on(world, monkeypatch, since, seen):
    """Memory is bounded, and a reader that comes late gets what there is."""
    monkeypatch.setattr(module, "REMEMBERED", 3)
    recorder = Recorder(world)
    for _ in range(5):
        recorder.record("start", "a")
    assert [event["seq"] for event in recorder.since(since)] == seen


def test_lines_of_scripts_are_folded_in_with_numbers_of_their_own(world, tmp_path):
    """Whole JSON lines appended from now on count; older, broken and unfinished ones do not, or not yet."""
    path = tmp_path / "events.jsonl"
    path.write_text('{"ev": "start", "id": "before"}\n')
    recorder = Recorder(world, os.fspath(path))
    recorder.record("start", "ours")
    with path.open("a") as script:
        script.write('{"ev": "start", "id": "theirs", "seq": 77, "t": 5.0}\nnot json\n[1]\n{"ev": "done", ')
    assert [(event["seq"], event["id"]) for event in recorder.since(0)] == [(1, "ours"), (2, "theirs")]
    with path.open("a") as script:
        script.write('"id": "theirs"}\n')
    assert [event["ev"] for event in recorder.since(2)] == ["done"]


def test_the_feed_answers_the_lines_after_since(connect, events):
    """One JSON object a line, as application/x-ndjson."""
    events.record("start", "a")
    events.record("done", "a")
    asked = connect().request("/events?since=1")
    assert "application/x-ndjson" in asked.head
    assert [json.loads(line)["ev"] for line in asked.body.splitlines()] == ["done"]


def test_the_feed_refuses_what_is_no_number(connect):
    """A mistyped `since` is the client's mistake, and said to be."""
    assert connect().request("/events?since=-1").status == 400


def test_a_shared_file_is_made_once_and_forgotten(monkeypatch):
    """An unset $WEB60_EVENTS is set to a new file; forgetting removes both."""
    monkeypatch.delenv("WEB60_EVENTS", raising=False)
    path = shared_file()
    assert shared_file() == path == os.environ["WEB60_EVENTS"]
    forget_file(path)
    assert not Path(path).exists()
    assert "WEB60_EVENTS" not in os.environ
    forget_file(path)
