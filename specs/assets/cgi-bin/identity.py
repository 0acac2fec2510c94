#!/usr/bin/env python3
"""
Answers, as JSON, who it is: its `pid`, that of its `parent`, the `machine` on which these numbers mean something, and
when it was `born`.

`machine` is null where there is no /proc; `born` is in nanoseconds.
"""

import json
import os
import time

born = time.time_ns()
try:
    with open("/proc/sys/kernel/random/boot_id") as boot:
        machine = boot.read().strip() + " " + os.readlink("/proc/self/ns/pid")
except OSError:
    machine = None
told = {"pid": os.getpid(), "parent": os.getppid(), "machine": machine, "born": born}
print("Content-Type: application/json\n\n" + json.dumps(told))
