"""
The command: one ready line, the log on stderr, and a clean end whatever is still going on.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "reference_impl"]


@pytest.fixture
def serve(tmp_path):
    """Starts the command; gives the process and its base URL."""
    started = []

    def serve(*options):
        log = (tmp_path / "log").open("wb")
        server = subprocess.Popen([*COMMAND, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
        log.close()
        started.append(server)
        return server, json.loads(server.stdout.readline())["url"]

    yield serve
    for server in started:
        server.kill()
        server.wait()
        server.stdout.close()


def ask(url, target):
    """Sends a request and does not wait for its answer."""
    connection = socket.create_connection((urlsplit(url).hostname, urlsplit(url).port))
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: web60\r\n\r\n".encode("ascii"))
    return connection


def is_gone(pid, within):
    """Whether there is no such process by then; a killed one lasts until its parent, or init, has looked."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_whatever_is_still_going_on(serve, tmp_path, number):
    """Delayed requests, a blocked thread and a sleeping script: exit code 0, soon, and no second line on stdout."""
    (tmp_path / "cgi-bin").mkdir()
    script = tmp_path / "cgi-bin" / "sleep"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    script.chmod(0o755)
    (tmp_path / "application.py").write_text("import time\n\ndef application(environ, start):\n    time.sleep(600)\n")
    server, url = serve("--assets", str(tmp_path))
    waiting = [ask(url, target) for target in ("/asynchronous", "/wsgi", "/cgi-bin/sleep")]
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    server.send_signal(number)
    assert server.wait(10) == 0
    assert server.stdout.read() == b""
    for connection in waiting:
        connection.close()
    assert is_gone(int((tmp_path / "pid").read_text()), within=5)


def test_it_serves_and_logs_what_it_served(serve, tmp_path):
    """The page at the ready line's URL, and its line in the log."""
    server, url = serve("--delay", "0.01")
    with urlopen(url + "asynchronous") as answer:
        assert b"Sorry to keep you waiting." in answer.read()
    server.terminate()
    assert server.wait(10) == 0
    assert b'"GET /asynchronous HTTP/1.1" 200' in (tmp_path / "log").read_bytes()


def test_a_busy_port_is_told_in_one_line():
    """Exit code 1, the address and the reason; no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        ended = subprocess.run([*COMMAND, "--port", str(port)], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == b""
    (line,) = ended.stderr.splitlines()
    assert str(port).encode() in line


def test_wrong_usage_is_exit_code_2():
    """As argparse has it."""
    ended = subprocess.run([*COMMAND, "--delay", "soon"], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 2
