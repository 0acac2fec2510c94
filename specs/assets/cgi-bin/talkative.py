#!/usr/bin/env python3
"""
Writes a line of 1,000 bytes every 20 ms for `s` seconds, then `finished`; X-Web60-Process is its process number,
its parent's, and the machine.

Events: start; then done when the time is over, or cancel when nobody takes its lines any more, or a SIGTERM came.
"""

import json
import os
import signal
import sys
import time

LINE = b"." * 999 + b"\n"

query = dict(pair.split("=", 1) for pair in os.environ.get("QUERY_STRING", "").split("&") if "=" in pair)
try:
    with open("/proc/sys/kernel/random/boot_id") as boot:
        machine = boot.read().strip() + " " + os.readlink("/proc/self/ns/pid")
except OSError:
    machine = "?"


def tell(event):
    if os.environ.get("WEB60_EVENTS"):
        line = json.dumps({"ev": event, "id": query.get("id", ""), "t": time.time()})
        with open(os.environ["WEB60_EVENTS"], "ab", 0) as events:
            events.write(line.encode() + b"\n")


def end(*_):
    tell("cancel")
    sys.exit(1)


signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
tell("start")
until = time.monotonic() + float(query.get("s", "1"))
try:
    process = "X-Web60-Process: %d %d %s\n" % (os.getpid(), os.getppid(), machine)
    os.write(1, ("Content-Type: text/plain\n" + process + "\n").encode())
    while time.monotonic() < until:
        os.write(1, LINE)
        time.sleep(0.02)
except OSError:
    end()
tell("done")
os.write(1, b"finished\n")
