#!/usr/bin/env python3
"""
Lets the waits.py with the same id go on, and answers `released`; after 4 s without one it answers `nobody waits`.
"""

import os
import time

query = dict(pair.split("=", 1) for pair in os.environ.get("QUERY_STRING", "").split("&") if "=" in pair)
token = "".join(letter for letter in query.get("id", "") if letter.isalnum() or letter in "-_")
meeting = os.path.join(os.environ.get("TMPDIR", "/tmp"), "web60-" + token)  # noqa: S108 - POSIX promises it
until = time.monotonic() + 4.0

while not os.path.exists(meeting) and time.monotonic() < until:
    time.sleep(0.01)
try:
    os.rmdir(meeting)
    said = b"released"
except OSError:
    said = b"nobody waits"
os.write(1, b"Content-Type: text/plain\n\n" + said + b"\n")
