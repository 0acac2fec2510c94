#!/usr/bin/env python3
"""
Writes 150 KB to its standard error before its first word, and 150 KB between its first word and its last.

A pipe holds 64 KiB on Linux: a server that does not read the other pipe never sees the last word.
"""

import os

NOISE = (b"web60-stderr " + b"x" * 86 + b"\n") * 1500


def say(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


say(2, NOISE)
say(1, b"Content-Type: text/plain\n\nfirst word\n")
say(2, NOISE)
say(1, b"last word\n")
