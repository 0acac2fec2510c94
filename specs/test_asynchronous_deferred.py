"""
Asynchronous responses (via Deferred): from outside, nothing is different.
"""

from harness import again, tutorial
from specs import test_asynchronous, test_asynchronous_connections, test_asynchronous_facts

SAME = tutorial("asynchronous-deferred", "Only the implementation is different.")

PROMISES = again(test_asynchronous, page="asynchronous-deferred", source=SAME)
CONNECTIONS = again(test_asynchronous_connections, page="asynchronous-deferred", source=SAME)
FACTS = again(test_asynchronous_facts, page="asynchronous-deferred", source=SAME)
