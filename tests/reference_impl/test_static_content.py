"""
Static content: files as they are, and the repairs to what Twisted makes of odd requests for them.
"""

import os

import pytest
from twisted.internet import task
from twisted.web.static import StaticProducer

from reference_impl.repairs import files
from reference_impl.repairs.files import moment, ranges


@pytest.fixture(autouse=True)
def at_once(monkeypatch, world):
    """Files are sent by the cooperator that all share, which is the global reactor's: here, the world's."""
    monkeypatch.setattr(task, "_theCooperator", task.Cooperator(scheduler=lambda call: world.callLater(0, call)))


@pytest.fixture
def served(assets):
    """A directory with one file of ten bytes, changed at a known moment."""
    directory = assets / "static"
    directory.mkdir()
    (directory / "file.txt").write_bytes(b"0123456789")
    os.utime(directory / "file.txt", (1_000_000_000, 1_000_000_000))
    return directory


@pytest.fixture
def ask(served, connect, world):
    """Asks for something, and waits until it has been sent."""

    def ask(target, *fields, **kwargs):
        asked = connect().request(target, *fields, **kwargs)
        for _ in range(20):
            world.advance(0)
        return asked

    return ask


def test_a_file_comes_as_it_is(ask):
    """Its bytes, its type, its date."""
    asked = ask("/static/file.txt")
    assert asked.body == b"0123456789"
    assert "Content-Type: text/plain" in asked.head
    assert "Last-Modified: Sun, 09 Sep 2001 01:46:40 GMT" in asked.head


def test_a_part_comes_as_it_is(ask):
    """Three bytes, and which."""
    asked = ask("/static/file.txt", "Range: bytes=2-4")
    assert asked.status == 206
    assert asked.body == b"234"
    assert "Content-Range: bytes 2-4/10" in asked.head


@pytest.mark.parametrize("wanted", ["bytes=", "bytes=9-2", "bytes=1_0-2", "bytes=\xff", "items=0-4"])
def test_what_is_no_range_is_ignored(ask, wanted):
    """All of the file comes."""
    asked = ask("/static/file.txt", f"Range: {wanted}")
    assert asked.status == 200
    assert asked.body == b"0123456789"


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ('If-Match: "another"', 412),
        ("If-Match: *", 200),
        ("If-None-Match: *", 304),
        ("If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT", 304),
        ("If-Modified-Since: Sat, 99 Oct 2094 19:43:31 GMT", 200),
        ("If-Unmodified-Since: Sun, 09 Sep 2001 01:46:39 GMT", 412),
        ("If-Unmodified-Since: Sun, 09 Sep 2001 01:46:40 GMT", 200),
    ],
)
def test_conditions_are_looked_at(ask, field, status):
    """Each of them, by the file's date."""
    assert ask("/static/file.txt", field).status == status


def test_a_part_of_another_file_is_not_sent(ask):
    """If-Range with another date: all of the file."""
    asked = ask("/static/file.txt", "Range: bytes=2-4", "If-Range: Sun, 09 Sep 2001 01:46:41 GMT")
    assert asked.status == 200


def test_names_that_are_none_are_not_found(ask, served):
    """A NUL, and what is neither file nor directory."""
    os.mkfifo(served / "pipe")
    assert ask("/static/%00").status == 404
    assert ask("/static/pipe").status == 404


def test_a_listing_leaves_out_what_is_no_text(ask, served):
    """A name that is no UTF-8 is not listed, and harms no other."""
    (served / "latin-\udce4.txt").touch()
    asked = ask("/static/")
    assert asked.status == 200
    assert b"file.txt" in asked.body
    assert b"latin" not in asked.body


@pytest.mark.parametrize(("size", "ended"), [(20, False), (3, True)])
def test_a_file_that_changes_keeps_to_its_length(ask, served, monkeypatch, size, ended):
    """One that grows is cut at its length; one that shrinks ends the connection."""
    monkeypatch.setattr(StaticProducer, "bufferSize", 2)
    path = served / "file.txt"
    usual = files.File.makeProducer

    def changing(self, request, file):
        producer = usual(self, request, file)
        with path.open("r+b") as stream:
            stream.truncate(size)
        return producer

    monkeypatch.setattr(files.File, "makeProducer", changing)
    asked = ask("/static/file.txt")

    assert len(asked.body) == min(size, 10)
    assert asked.transport.disconnecting == ended


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"bytes=0-4", [(0, 4)]),
        (b"BYTES=5-", [(5, 9)]),
        (b"bytes=-3", [(7, 9)]),
        (b"bytes=-30", [(0, 9)]),
        (b"bytes=8-99, 10-", [(8, 9)]),
        (b"bytes=10-", []),
        (b"bytes=-0", []),
        (b"bytes=", None),
        (b"bytes=-", None),
        (b"bytes=4-2", None),
        (b"bits=0-4", None),
    ],
)
def test_ranges_are_what_the_standard_says(value, found):
    """RFC 9110 section 14.1, for ten bytes."""
    assert ranges(value, 10) == found


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        (b"Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        (b"Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        (b"Sun Nov  6 08:49:37 1994", 784_111_777),
        (b"Sat, 99 Oct 2094 19:43:31 GMT", None),
        (b"Sat, 29 Oct 20994 19:43:31 GMT", None),
        (b"nonsense", None),
        (b"", None),
        (None, None),
    ],
)
def test_dates_are_those_of_a_calendar(date, seconds):
    """RFC 9110 section 5.6.7, in its three forms."""
    assert moment(date) == seconds
