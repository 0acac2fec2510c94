#!/usr/bin/env python3
"""
Answers the CONTENT_LENGTH bytes of its body, and not one byte more is read (RFC 3875 section 4.2).
"""

import os
import sys

body = sys.stdin.buffer.read(int(os.environ.get("CONTENT_LENGTH") or 0))
sys.stdout.buffer.write(b"Content-Type: application/octet-stream\n\n" + body)
