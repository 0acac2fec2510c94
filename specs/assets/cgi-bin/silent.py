#!/usr/bin/env python3
"""
Says nothing for `s` seconds, then `finished`.

Events: start; then done when the time is over, or cancel when a SIGTERM came first.
"""

import json
import os
import signal
import sys
import time

query = dict(pair.split("=", 1) for pair in os.environ.get("QUERY_STRING", "").split("&") if "=" in pair)


def tell(event):
    if os.environ.get("WEB60_EVENTS"):
        line = json.dumps({"ev": event, "id": query.get("id", ""), "t": time.time()})
        with open(os.environ["WEB60_EVENTS"], "ab", 0) as events:
            events.write(line.encode() + b"\n")


def end(*_):
    tell("cancel")
    sys.exit(1)


signal.signal(signal.SIGTERM, end)
tell("start")
time.sleep(float(query.get("s", "1")))
tell("done")
os.write(1, b"Content-Type: text/plain\n\nfinished\n")
