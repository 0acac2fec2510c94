#!/usr/bin/env python3
"""
Answers, as JSON, how it was started: its arguments, its directory, and what it has of the server's.

`arguments` are those behind its own name; `directory` is whether it is the one where the script stands; `files` are the
numbers of the open files, null where there is no /proc; `variables` are the names of those that only some servers set.
"""

import json
import os
import sys

#: Beyond RFC 3875, and not simply the server's own environment.
KNOWN = (
    "CONTEXT_DOCUMENT_ROOT",
    "CONTEXT_PREFIX",
    "DOCUMENT_ROOT",
    "HTTPS",
    "REDIRECT_STATUS",
    "REMOTE_PORT",
    "REQUEST_SCHEME",
    "REQUEST_URI",
    "SCRIPT_FILENAME",
    "SERVER_ADDR",
    "SERVER_ADMIN",
    "SERVER_SIGNATURE",
    "UNIQUE_ID",
)

here = os.path.dirname(os.path.abspath(os.path.join(os.getcwd(), __file__)))
try:
    # One of them is that of the listing itself.
    numbers = [int(number) for number in os.listdir("/proc/self/fd")]
    files = [number for number in sorted(numbers) if os.path.exists("/proc/self/fd/%d" % number) or number < 3]
except OSError:
    files = None
told = {
    "arguments": sys.argv[1:],
    "directory": os.path.realpath(os.getcwd()) == os.path.realpath(here),
    "files": files,
    "variables": sorted(set(KNOWN) & set(os.environ)),
    "environment": {name: name in os.environ for name in ("PATH", "HOME", "USER", "WEB60_EVENTS")},
}
print("Content-Type: application/json\n\n" + json.dumps(told))
