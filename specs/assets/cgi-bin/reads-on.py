#!/usr/bin/env python3
"""
Reads its standard input to the end, whatever CONTENT_LENGTH says, and answers how many bytes that were.
"""

import sys

sys.stdout.write("Content-Type: text/plain\n\n%d bytes\n" % len(sys.stdin.buffer.read()))
