"""
The suite's CGI scripts do what they say, whoever runs them.

Each is run here as a server would run it: by its path, in its directory, with nothing but a CGI environment.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ASSETS = Path(__file__).parent.parent / "specs" / "assets"
SCRIPTS = ASSETS / "cgi-bin"
FILTERED = ASSETS / "cgi-filtered"

#: Seconds that a script may take: a Python begins in 0.1 s on an idle machine, in 2 s on one that swaps.
ENOUGH = 20.0


def environment(query="", **variables):
    """What a server would give, and no more of ours than a script needs to be started."""
    ours = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **ours,
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": query,
        **variables,
    }


def start(name, query="", **variables):
    """The running script."""
    return subprocess.Popen(
        [SCRIPTS / name],
        cwd=SCRIPTS,
        env=environment(query, **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(name, query="", body=b"", **variables):
    """The header lines, the body, and the standard error of a script that has ended well."""
    script = start(name, query, **variables)
    output, complaints = script.communicate(body, timeout=ENOUGH)
    assert script.returncode == 0, complaints
    header, _, body = output.partition(b"\n\n")
    return header.decode().split("\n"), body, complaints


def events(path):
    """The events that scripts have written so far, without their times."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [(line["ev"], line["id"]) for line in map(json.loads, lines)]


def wait_for(path, event):
    """Wait until the event is there."""
    until = time.monotonic() + ENOUGH
    while event not in events(path):
        assert time.monotonic() < until, f"{event} never came; there are {events(path)}"
        time.sleep(0.01)


@pytest.mark.parametrize(
    "script", sorted(set(SCRIPTS.iterdir()) - {SCRIPTS / "no-interpreter.sh"}), ids=lambda script: script.name
)
def test_every_script_can_be_executed(script):
    """It has the permission, and a first line that finds its interpreter on any system."""
    first = script.read_bytes().partition(b"\n")[0]

    assert os.access(script, os.X_OK)
    assert first == {".sh": b"#!/bin/sh", ".py": b"#!/usr/bin/env python3"}[script.suffix]


@pytest.mark.parametrize("script", sorted(FILTERED.iterdir()), ids=lambda script: script.name)
def test_no_filtered_script_can_be_executed(script):
    """It has neither the permission nor a first line that names an interpreter, so it takes a filter."""
    assert script.stat().st_mode & 0o111 == 0
    assert not script.read_bytes().startswith(b"#!")


@pytest.mark.parametrize("directory", [SCRIPTS, FILTERED])
def test_the_date_script_prints_what_date_prints(directory):
    """It is the tutorial's, down to the blank line."""
    script = directory / "date-example.sh"
    command = [script] if directory is SCRIPTS else ["/bin/sh", script]

    output = subprocess.run(command, env=environment(TZ="UTC", LC_ALL="C"), capture_output=True, check=True).stdout

    header, _, body = output.partition(b"\n\n")
    assert header == b"Content-Type: text/plain"
    assert time.strptime(body.decode().strip(), "%a %b %d %H:%M:%S UTC %Y")


@pytest.mark.parametrize(("interpreter", "name"), [("/bin/sh", "path.sh"), (sys.executable, "path.py")])
def test_a_filtered_script_tells_the_path_that_it_was_given(interpreter, name):
    """It prints the argument, neither shortened nor made absolute."""
    ran = subprocess.run([interpreter, name], cwd=FILTERED, env=environment(), capture_output=True, check=True)

    assert ran.stdout == b"Content-Type: text/plain\n\n" + name.encode() + b"\n"


def test_variables_tells_what_the_protocol_defines_and_nothing_else():
    """It keeps the rest of the environment to itself, and tells every byte of a value."""
    header, body, _ = run("variables.sh", "a=\u00e9\\ *", HTTP_X_OWN="", SECRET="2", PATH_INFO="/more words")

    assert header == ["Content-Type: text/plain"]
    first, *variables = body.decode().splitlines()
    assert first == "variables"
    assert sorted(variables) == [
        "GATEWAY_INTERFACE=CGI/1.1",
        "HTTP_X_OWN=",
        "PATH_INFO=/more words",
        "QUERY_STRING=a=\u00e9\\ *",
        "REQUEST_METHOD=GET",
    ]


def test_identity_tells_the_process_that_runs():
    """Its number is the one that the system gave it."""
    script = start("identity.py")
    output, _ = script.communicate(timeout=ENOUGH)

    told = json.loads(output.partition(b"\n\n")[2])
    assert told["pid"] == script.pid
    assert told["parent"] == os.getpid()
    assert told["born"] > 0
    assert (told["machine"] is None) == (not Path("/proc").exists())


def test_echo_reads_as_many_bytes_as_were_announced_and_no_more():
    """Standard input may go on beyond them, or stay open."""
    header, body, _ = run("echo.py", body=b"\x00\xff\r\nand more", CONTENT_LENGTH="4")

    assert header == ["Content-Type: application/octet-stream"]
    assert body == b"\x00\xff\r\n"


def test_ignores_body_does_not_wait_for_its_input():
    """It answers while its input is still open."""
    script = start("ignores-body.sh", CONTENT_LENGTH="5")

    assert script.wait(ENOUGH) == 0
    assert script.stdout.read() == b"Content-Type: text/plain\n\nignored\n"
    script.communicate()


@pytest.mark.parametrize(
    ("name", "header", "body"),
    [
        ("status.sh", ["Status: 402 Payment Required", "Content-Type: text/plain"], b"please pay\n"),
        ("location.sh", ["Location: http://www.example.org/elsewhere"], b""),
        (
            "location-then-status.sh",
            [
                "Location: http://www.example.org/elsewhere",
                "Status: 303 See Other",
                "Content-Type: text/plain",
            ],
            b"see there\n",
        ),
        (
            "status-then-location.sh",
            [
                "Status: 303 See Other",
                "Location: http://www.example.org/elsewhere",
                "Content-Type: text/plain",
            ],
            b"see there\n",
        ),
        ("lf.sh", ["Content-Type: text/plain", "X-Web60: lf"], b"above\r\n\r\nbelow\n"),
        (
            "no-space.sh",
            ["Status:402 Payment Required", "Content-Type:text/plain", "X-Web60:tight"],
            b"tight\n",
        ),
        (
            "cookies.sh",
            ["Content-Type: text/plain", "Set-Cookie: first=1; Path=/", "Set-Cookie: second=2; Path=/"],
            b"two cookies\n",
        ),
        ("headerless.sh", ["just words"], b"and no header\n"),
        ("nothing.sh", [""], b""),
    ],
)
def test_a_header_is_printed_as_said(name, header, body):
    """What these print is all that there is to them."""
    assert run(name) == (header, body, b"")


def test_crlf_ends_its_header_lines_with_crlf():
    """The blank line as well; the one in its body is LF alone."""
    output, _ = start("crlf.sh").communicate(timeout=ENOUGH)

    assert output == b"Content-Type: text/plain\r\nX-Web60: crlf\r\n\r\nabove\n\nbelow\n"


def test_local_location_points_to_the_script_beside_it():
    """Wherever the server has the scripts."""
    header, body, _ = run("local-location.sh", SCRIPT_NAME="/some/where/local-location.sh")

    assert header == ["Location: /some/where/status.sh"]
    assert body == b""


def test_large_prints_fifty_mebibytes_of_numbered_blocks():
    """Each block tells its place, so what is lost or doubled shows."""
    _, body, _ = run("large.py")

    assert len(body) == 50 * 2**20
    assert [int(body[at : at + 15]) for at in range(0, len(body), 65536)] == list(range(800))


def test_stderr_prints_more_than_a_pipe_holds_on_both_sides_of_its_first_word():
    """300 KB in all, none of it on standard output."""
    _, body, complaints = run("stderr.py")

    assert body == b"first word\nlast word\n"
    assert len(complaints) == 300_000
    assert complaints.startswith(b"web60-stderr ")


def test_waits_and_releases_meet():
    """Each waits for the other, in either order, and nothing stays behind."""
    token = f"test-{os.getpid()}"
    for first, second in (("waits.py", "releases.py"), ("releases.py", "waits.py")):
        running = start(first, f"id={token}"), start(second, f"id={token}")
        said = {script.communicate(timeout=ENOUGH)[0].partition(b"\n\n")[2] for script in running}

        assert said == {b"first\nsecond\n", b"released\n"}
        assert not (Path(os.environ.get("TMPDIR", "/tmp")) / f"web60-{token}").exists()


def test_waits_and_releases_give_up_alone():
    """A server that cannot run both gets an answer that says so."""
    tokens = {"waits.py": f"test-{os.getpid()}-alone", "releases.py": f"test-{os.getpid()}-as-well"}
    running = [start(name, f"id={token}") for name, token in tokens.items()]
    waited, released = (script.communicate(timeout=ENOUGH)[0].partition(b"\n\n")[2] for script in running)

    assert waited == b"first\nnobody came\n"
    assert released == b"nobody waits\n"
    for token in tokens.values():
        assert not (Path(os.environ.get("TMPDIR", "/tmp")) / f"web60-{token}").exists()


@pytest.mark.parametrize("name", ["silent.py", "talkative.py"])
def test_a_script_that_is_left_alone_tells_its_start_and_its_end(name, tmp_path):
    """Its time goes by, then it is done."""
    header, body, _ = run(name, "id=T&s=0.05", WEB60_EVENTS=str(tmp_path / "events"))

    assert header[0] == "Content-Type: text/plain"
    assert body.endswith(b"finished\n")
    assert events(tmp_path / "events") == [("start", "T"), ("done", "T")]


def test_talkative_names_its_process():
    """The header tells it before the script is over."""
    script = start("talkative.py", "s=5")

    header = script.stdout.readline() + script.stdout.readline()
    script.terminate()
    script.communicate(timeout=ENOUGH)

    assert f"X-Web60-Process: {script.pid} {os.getpid()} ".encode() in header


@pytest.mark.parametrize("name", ["silent.py", "talkative.py"])
def test_a_script_that_is_asked_to_end_tells_so(name, tmp_path):
    """SIGTERM is the only signal that a script can tell of."""
    script = start(name, "id=T&s=15", WEB60_EVENTS=str(tmp_path / "events"))
    wait_for(tmp_path / "events", ("start", "T"))

    script.send_signal(signal.SIGTERM)
    script.communicate(timeout=ENOUGH)

    assert events(tmp_path / "events") == [("start", "T"), ("cancel", "T")]


def test_talkative_ends_when_nobody_takes_its_lines(tmp_path):
    """A closed pipe ends it, whatever was done to its signals."""
    script = start("talkative.py", "id=T&s=15", WEB60_EVENTS=str(tmp_path / "events"))
    wait_for(tmp_path / "events", ("start", "T"))

    script.stdout.close()
    script.wait(ENOUGH)
    script.stdin.close()
    script.stderr.close()

    assert events(tmp_path / "events") == [("start", "T"), ("cancel", "T")]


def test_silent_does_not_notice_a_closed_pipe(tmp_path):
    """It only sleeps: what ends it must be a signal."""
    script = start("silent.py", "id=T&s=0.3", WEB60_EVENTS=str(tmp_path / "events"))
    script.stdout.close()
    script.wait(ENOUGH)
    script.stdin.close()
    script.stderr.close()

    assert events(tmp_path / "events") == [("start", "T"), ("done", "T")]


def test_without_a_place_for_events_the_scripts_do_the_same():
    """A container need not know of them."""
    assert run("silent.py", "s=0")[1] == b"finished\n"


def octal(data):
    """Bytes as says.sh wants them."""
    return "".join(f"{byte:03o}" for byte in data)


def test_says_prints_every_byte_and_dots():
    """One thing after the other, and nothing besides."""
    every = bytes(range(256))

    output, _ = start("says.sh", f"say={octal(every)}&dots=3&say={octal(b'end')}").communicate(timeout=ENOUGH)

    assert output == every + b"...end"


def test_says_ends_as_it_is_told():
    """By an exit status, or by a signal."""
    scripts = [start("says.sh", "exit=3"), start("says.sh", "kill=9"), start("says.sh", "close=&wait=0.01")]
    for script in scripts:
        script.communicate(timeout=ENOUGH)

    assert [script.returncode for script in scripts] == [3, -9, 0]


def test_started_tells_how():
    """Without arguments, in its own directory, with three files."""
    told = json.loads(run("started.py")[1])

    assert told["arguments"] == []
    assert told["directory"]
    assert told["files"] in ([0, 1, 2], None)
    assert told["environment"]["PATH"]


def test_method_says_the_method_twice():
    """In a field, and in the body."""
    header, body, _ = run("method.sh", REQUEST_METHOD="PUT")

    assert "X-Web60-Method: PUT" in header
    assert body == b"PUT\n"


def test_reads_on_reads_to_the_end():
    """Whatever CONTENT_LENGTH says."""
    assert run("reads-on.py", body=b"0123456789", CONTENT_LENGTH="3")[1] == b"10 bytes\n"


def test_complains_prints_its_query_on_standard_error():
    """And answers."""
    _, body, complaints = run("complains.py", "this")

    assert body == b"complained\n"
    assert complaints == b"web60 complains: this\n"


def test_nph_raw_prints_a_whole_answer():
    """Status line and all."""
    output, _ = start("nph-raw.sh").communicate(timeout=ENOUGH)

    assert output.startswith(b"HTTP/1.0 299 Raw\r\n")
    assert output.endswith(b"\r\n\r\nraw\n")


def test_no_interpreter_cannot_be_run():
    """Its first line names nothing."""
    with pytest.raises(FileNotFoundError):
        start("no-interpreter.sh")
