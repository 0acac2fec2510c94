#!/usr/bin/env python3
"""
Prints its query to its standard error, and answers.
"""

import os
import sys

sys.stderr.write("web60 complains: %s\n" % os.environ.get("QUERY_STRING", ""))
sys.stderr.flush()
print("Content-Type: text/plain\n\ncomplained")
