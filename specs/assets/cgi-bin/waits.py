#!/usr/bin/env python3
"""
Says `first`, waits until releases.py runs with the same id, says `second`; after 4 s it says `nobody came`.

The two meet in a directory among the temporary files.
"""

import os
import time

query = dict(pair.split("=", 1) for pair in os.environ.get("QUERY_STRING", "").split("&") if "=" in pair)
token = "".join(letter for letter in query.get("id", "") if letter.isalnum() or letter in "-_")
meeting = os.path.join(os.environ.get("TMPDIR", "/tmp"), "web60-" + token)  # noqa: S108 - POSIX promises it
until = time.monotonic() + 4.0

os.write(1, b"Content-Type: text/plain\n\nfirst\n")
os.mkdir(meeting)
while os.path.exists(meeting) and time.monotonic() < until:
    time.sleep(0.01)
if os.path.exists(meeting):
    os.rmdir(meeting)
    os.write(1, b"nobody came\n")
else:
    os.write(1, b"second\n")
