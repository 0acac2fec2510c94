"""
Asynchronous responses (via Deferred): from outside, nothing is different.
"""

from harness import again, tutorial
from specs import test_asynchronous

SAME = tutorial("asynchronous-deferred", "Only the implementation is different.")

PROMISES = again(test_asynchronous, page="asynchronous-deferred", source=SAME)
